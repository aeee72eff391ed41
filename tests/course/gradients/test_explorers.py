"""The explorers of notebook 02: what their sliders do, and that live training waits for the slider to rest."""

import numpy as np
import pytest

from cnnkit.course.gradients.depth import DEEPEST, _depth_chart
from cnnkit.course.gradients.depth_numbers import measure_flow
from cnnkit.course.gradients.explorers import Depth, OneUnit, TrainIt
from cnnkit.course.gradients.learning import RATES, STEPS, draw_training, train_digits
from cnnkit.course.gradients.unit import _unit_chart
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.statements import lines
from cnnkit.course.kit.words import short

MOVES = [
    (Depth, {"depth": 50}, "50 layers"),
    (Depth, {"depth": 1}, "1 layer of"),
    (Depth, {"activation": "relu"}, "relu"),
    (Depth, {"init": "normal"}, "normal"),
    (Depth, {"gain": 16.0}, "gain 16"),
    (Depth, {"width": 128}, "128 units"),
    (Depth, {"seed": 5}, "multiplies the gradient by"),
    (OneUnit, {"activation": "tanh"}, "tanh"),
    (OneUnit, {"x": -3.0}, "(−3)"),
    (OneUnit, {"weight": 8.0}, "8·"),
    (OneUnit, {"bias": -1.0}, "− 1 ="),
    (TrainIt, {"depth": 8}, "8 hidden layers"),
    (TrainIt, {"activation": "relu"}, "relu"),
    (TrainIt, {"init": "he"}, ", he,"),
    (TrainIt, {"lr": "1"}, "learning rate 1:"),
    (TrainIt, {"seed": 3}, "goes from"),
]


@pytest.mark.parametrize(("kind", "move", "words"), MOVES, ids=[f"{k.__name__} {next(iter(m))}" for k, m, _ in MOVES])
def test_every_control_changes_picture_and_sentence(kind, move, words):
    explorer = kind()
    before = explorer.picture
    explorer.set(**move)
    assert explorer.picture.png != before.png
    assert explorer.sentence != before.sentence
    assert words in explorer.sentence


def test_every_control_is_among_those_moves():
    for kind in (Depth, OneUnit, TrainIt):
        assert {name for k, move, _ in MOVES if k is kind for name in move} == set(kind.controls)


def test_depth_shows_what_the_package_measures():
    explorer = Depth(depth=20, activation="tanh", init="xavier", gain=1.5, width=32, seed=2)
    rng = np.random.default_rng(2)
    flow = measure_flow(20, "tanh", rng=rng, init="xavier", gain=1.5, width=32, examples=32)
    assert f"multiplies the gradient by {short(flow.factor, 4)} (" in explorer.sentence


def test_a_slider_that_trains_waits_until_it_is_let_go():
    widgets = TrainIt().view.widgets
    assert [widgets[name].continuous_update for name in ("depth", "seed")] == [False, False]
    assert all(w.continuous_update for name, w in Depth().view.widgets.items() if name in ("depth", "gain", "width"))


def test_learning_rates_are_a_logarithmic_choice():
    rates = np.array([float(rate) for rate in RATES])
    assert np.all((rates[1:] / rates[:-1] > 2.9) & (rates[1:] / rates[:-1] < 3.4))


# What can be touched


def width_of(area) -> float:
    return area.box[2] / area.columns


def middle(area, column: int) -> float:
    """How far right the middle of a cell is, in CSS pixels."""
    return area.box[0] + (column + 0.5) * width_of(area)


@pytest.mark.parametrize("area", [0, 1])
@pytest.mark.parametrize("depth", [1, 10, 50])
def test_touching_a_layer_makes_the_network_as_deep(area, depth):
    explorer = Depth(depth=17 if depth != 17 else 18)
    explorer.touch(area, 0, depth - 1)
    assert explorer.values["depth"] == depth
    assert explorer.picture.areas[area].here == (0, depth - 1)


def test_a_layer_is_touched_where_it_is_drawn():
    for area, axes in zip(Depth(depth=7).picture.areas, (_depth_chart().left, _depth_chart().right), strict=True):
        x, _ = axes.transAxes.inverted().transform(axes.transData.transform((7, 1)))
        left, _, width, _ = _depth_chart().chart.box(axes)
        assert middle(area, 6) == pytest.approx(left + x * width)


def test_a_layer_beyond_the_last_is_the_last():
    explorer = Depth()
    explorer.touch(0, 0, 1000)
    assert explorer.values["depth"] == DEEPEST


@pytest.mark.parametrize(("column", "x"), [(0, -5.0), (50, 0.0), (63, 1.3), (100, 5.0)])
def test_touching_an_input_sets_it(column, x):
    explorer = OneUnit(x=2.0)
    explorer.touch(0, 0, column)
    assert explorer.values["x"] == x
    assert explorer.picture.areas[0].here == (0, column)


@pytest.mark.parametrize(("weight", "bias"), [(1.0, 0.0), (8.0, 0.0), (-3.0, 2.5), (0.1, -8.0), (-8.0, 8.0)])
def test_touching_a_sum_sets_the_input_that_gives_it(weight, bias):
    explorer = OneUnit(weight=weight, bias=bias, x=1.0)
    area, axes = explorer.picture.areas[1], _unit_chart().left
    left, _, width, _ = _unit_chart().box(axes)
    low, high = axes.get_xlim()
    for column in (0, area.columns // 2, area.columns - 1):
        x = area.sets(0, column)["x"]
        assert left + (weight * x + bias - low) / (high - low) * width == pytest.approx(middle(area, column))
        assert -5 <= x <= 5
    column = area.here[1]
    assert area.sets(0, column) == {"x": 1.0}


def test_the_arrow_keys_lead_out_of_the_sums_on_the_screen():
    explorer = OneUnit(weight=8.0, x=1.0)
    for step in range(60):
        area = explorer.picture.areas[1]
        explorer.touch(1, 0, area.here[1] + 1)
        assert explorer.values["x"] == min(round(1.1 + 0.1 * step, 1), 5.0)


def test_without_a_weight_no_sum_can_be_touched():
    assert len(OneUnit(weight=0.0).picture.areas) == 2


@pytest.mark.parametrize(("column", "weight"), [(0, -8.0), (80, 0.0), (93, 1.3), (160, 8.0)])
def test_touching_the_row_of_the_weight_sets_it(column, weight):
    explorer = OneUnit(weight=2.0)
    explorer.touch(2, 0, column)
    assert explorer.values["weight"] == weight
    area = explorer.picture.areas[-1]
    assert area.here == (0, column)
    left, _, width, _ = _unit_chart().box(_unit_chart().product)
    assert middle(area, column) == pytest.approx(left + (weight + 9) / 18 * width)


@pytest.mark.parametrize("rate", RATES)
def test_touching_a_rate_trains_with_it(rate):
    explorer = TrainIt(depth=1, lr="0.3" if rate == "1" else "1")
    explorer.touch(0, 0, RATES.index(rate))
    assert explorer.values["lr"] == rate
    assert f"learning rate {rate}: " in explorer.sentence
    assert explorer.picture.areas[0].here == (0, RATES.index(rate))


# What a run is compared with


def test_a_new_explorer_compares_with_nothing():
    assert "before" not in TrainIt(depth=2).sentence
    assert TrainIt(depth=2).picture == draw_training(2, "sigmoid", lr=0.1, init="xavier")


def test_a_run_is_compared_with_that_from_before_its_control_was_moved():
    explorer = TrainIt(depth=1)
    start = explorer.values
    for lr in ("1", "3"):
        explorer.set(lr=lr)
        assert explorer.picture == compared(explorer.values, start)
    before = explorer.values
    explorer.set(activation="tanh")
    assert explorer.picture == compared(explorer.values, before)
    explorer.set(activation="tanh")  # nothing moves
    explorer.set(depth=1)
    assert explorer.picture == compared(explorer.values, before)


def compared(now: dict, before: dict):
    return draw_training(**with_rate(now), before=with_rate(before))


def with_rate(values: dict) -> dict:
    return values | {"lr": float(values["lr"])}


def test_back_where_it_was_there_is_nothing_to_compare_with():
    explorer = TrainIt(depth=1)
    first = explorer.picture
    explorer.set(lr="1")
    explorer.set(lr="0.1")
    assert explorer.picture == first
    explorer.set(seed=3)
    explorer.set(lr="1")
    explorer.set(lr="0.1")
    assert explorer.picture == draw_training(1, "sigmoid", lr=0.1, init="xavier", seed=3)


def test_frames_compare_with_nothing():
    explorer = TrainIt(depth=1)
    explorer.set(lr="1")
    assert "before" in explorer.sentence
    assert all("before" not in picture.sentence for _, picture in explorer.frames())
    assert "before" in explorer.sentence


def test_a_setting_that_is_refused_is_no_move():
    explorer = TrainIt(depth=1)
    explorer.set(lr="1")
    now = explorer.picture
    with pytest.raises(ValueError, match="seed must be"):
        explorer.set(seed=21)
    explorer.set(lr="3")
    assert explorer.picture == compared(explorer.values, explorer.values | {"lr": "0.1"})
    explorer.set(lr="1")
    assert explorer.picture == now


def test_step_by_step_a_training_is_the_same_as_at_once():
    train_digits.cache_clear()
    before = TrainIt().values | {"depth": 2, "seed": 1}
    steps = TrainIt().draw(**(before | {"depth": 3}), before=before)
    seen, picture = consume(steps)
    assert seen > 2 * STEPS  # both runs are piece by piece
    train_digits.cache_clear()
    assert picture == compared(before | {"depth": 3}, before)


def consume(steps):
    """How often a generator yields, and what it returns."""
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return count, end.value
        count += 1


# Words


def settings_of(kind, count: int):
    rng = np.random.default_rng(0)
    for _ in range(count):
        yield {name: control.values()[rng.integers(len(control.values()))] for name, control in kind.controls.items()}


@pytest.mark.parametrize(("kind", "count"), [(Depth, 60), (OneUnit, 60), (TrainIt, 25)])
def test_at_most_three_lines_each_as_wide_as_the_page(kind, count):
    explorer = kind()
    for values in settings_of(kind, count):
        explorer.set(**values)
        said = lines(explorer.picture.marked)
        assert len(said) <= 3
        assert max(text_width(line, 14) for line in said) <= 800
        assert explorer.picture.marked.count("**") == 2


def test_the_longest_lines_fit():
    long = [
        Depth(depth=10, activation="sigmoid", init="pytorch", gain=0.5, seed=18),
        Depth(depth=50, activation="identity", init="normal", gain=16.0, width=128),
        OneUnit(activation="leaky_relu", x=-3.0, weight=-1.4, bias=-4.2),
        OneUnit(activation="sigmoid", x=3.1, weight=-3.7, bias=-3.6),
        TrainIt(depth=20, activation="hardtanh", init="normal, σ = 1", lr="0.001", seed=2),
        TrainIt(depth=13, activation="leaky_relu", init="normal, σ = 0.01", lr="0.003"),
    ]
    for explorer in long:
        assert max(text_width(line, 14) for line in lines(explorer.picture.marked)) <= 800
