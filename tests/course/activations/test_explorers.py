"""The explorers of notebook 01. What every explorer promises is tested in test_explorers.py."""

import re
from itertools import chain, islice, product

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cnnkit.course.activations.explorers as module
from cnnkit.course.activations import shape as activations
from cnnkit.course.activations import sparsity, zigzag
from cnnkit.course.activations.dead_units import in_order
from cnnkit.course.activations.dead_units_numbers import AWAKE, SILENT, train_and_watch
from cnnkit.course.activations.explorers import DeadUnits, Shape, Sparsity, ZigZag
from cnnkit.course.activations.kinds import DEFAULTS, KINDS, number
from cnnkit.course.activations.zigzag_numbers import walk
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.statements import lines
from cnnkit.data import digits


def short_lines(picture):
    """Three at most, each of which fits below the picture, with one result or two in bold."""
    said = lines(picture.marked)
    return len(said) <= 3 and max(text_width(line, 14) for line in said) <= 800 and picture.marked.count("**") in (2, 4)


OPTIONS = {
    "ReLU": None, "leaky ReLU": "negative_slope", "PReLU": "weight", "RReLU": "upper", "ELU": "alpha",
    "GELU": None, "SiLU": None, "sigmoid": None, "tanh": None, "softplus": "beta", "hardtanh": "max_val",
}  # fmt: skip


def test_shape_has_one_place_for_the_option_of_its_activation():
    explorer = Shape()
    assert set(OPTIONS) == set(KINDS)
    for name, option in OPTIONS.items():
        explorer.set(activation=name)
        activation, x, last = explorer.shown(explorer.values)
        assert (activation, x, last in DEFAULTS) == ("activation", "x", True)
        assert last == option or option is None
        assert (last in explorer.disabled) == (option is None)
        assert not {"activation", "x"} & explorer.disabled
        assert len(explorer.view.panel.children) == 3


def test_every_option_changes_what_its_activation_shows():
    for name, option in OPTIONS.items():
        explorer = Shape(activation=name, x=-3.0)
        seen = {(picture.png, picture.sentence) for values, picture in explorer.frames() if values["x"] == -3.0}
        settings = len(Shape.controls[option].values()) if option else 1
        assert len(seen) >= min(settings, 11) + len(KINDS) - 1


def test_a_touched_place_of_the_axes_is_the_point_x():
    explorer = Shape()
    for area in (0, 1):
        for column, x in ((0, -6.0), (60, 0.0), (75, 1.5), (120, 6.0)):
            explorer.touch(area, 0, column)
            assert explorer.values["x"] == x
            assert explorer.picture.areas[area].here == (0, column)
            left, _, width, _ = explorer.picture.areas[area].box
            middle = left + width * (column + 0.5) / explorer.picture.areas[area].columns
            assert middle == pytest.approx(60 + 540 * (x + 6) / 12)  # as matplotlib places it
    for x in Shape.controls["x"].values():
        assert explorer.picture.areas[0].sets(0, round(10 * x) + 60) == {"x": x}


def test_the_last_activation_stays_as_a_ghost():
    explorer, chart = Shape(x=-2.0), activations._shape_chart()
    assert not any(ghost.get_visible() for ghost in chart.ghosts)
    explorer.move(activation="tanh")
    explorer.move(x=1.0)
    x, y = chart.ghosts[0].get_data()
    np.testing.assert_array_equal(y, np.maximum(x, 0))
    assert chart.text["before"].get_text() == "before: ReLU"
    assert "; ReLU had 1." in explorer.sentence
    explorer.move(activation="tanh")
    assert "; ReLU had 1." in explorer.sentence  # no change of the activation
    explorer.touch(2, 0, 0)  # the words "before: ReLU" bring it back
    assert explorer.values["activation"] == "ReLU"
    assert chart.text["before"].get_text() == "before: tanh"
    np.testing.assert_allclose(chart.ghosts[0].get_ydata(), np.tanh(x))


def test_the_ghost_keeps_its_option():
    explorer, chart = Shape(activation="ELU", alpha=0.5), activations._shape_chart()
    explorer.move(activation="softplus")
    explorer.move(beta=3.0)
    x, y = chart.ghosts[0].get_data()
    np.testing.assert_allclose(y, np.where(x > 0, x, 0.5 * (np.exp(np.minimum(x, 0)) - 1)), atol=1e-12)


def test_set_frames_and_a_new_explorer_have_no_ghost():
    explorer = Shape(activation="tanh")
    plain = explorer.picture
    explorer.move(activation="ReLU")
    explorer.move(activation="tanh")
    assert explorer.picture != plain
    with pytest.raises(ValueError, match="x must be"):
        explorer.set(x=7.0)
    ghost = explorer.picture
    assert ghost != plain
    assert {"tanh": plain}.items() <= {v["activation"]: p for v, p in islice(explorer.frames(), len(KINDS))}.items()
    explorer.move(x=0.0)
    explorer.move(x=1.0)
    assert explorer.picture == ghost
    explorer.set(activation="tanh")
    assert explorer.picture == plain == Shape(activation="tanh").picture


def test_what_shape_says_fits_into_three_lines():
    for name, option in OPTIONS.items():
        control = Shape.controls[option].values() if option else [0]
        for v in (control[0], control[len(control) // 3], control[-1]):
            for x in (-6.0, -5.9, -3.7, -1.0, -0.5, -0.1, 0.0, 0.1, 1.0, 5.9):
                before = "softplus" if name == "leaky ReLU" else "leaky ReLU"
                assert short_lines(activations.draw_shape(name, x, before=before, **({option: v} if option else {})))


def test_shape_says_the_numbers_of_torch_as_the_sliders_move():
    explorer = Shape(activation="ELU", alpha=0.5, x=-1.0)
    for alpha in (0.1, 0.5, 1.5):
        for at in (-6.0, -0.3, 0.0, 2.0):
            explorer.set(alpha=alpha, x=at)
            x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
            y = F.elu(x, alpha)
            y.backward()
            assert f"= {number(y.item())}. The slope is f′(x) = " in explorer.sentence
            assert f"= {number(x.grad.item())}." in explorer.sentence


def test_at_the_kink_of_relu_the_choice_of_torch_is_told():
    x = torch.zeros(1, requires_grad=True)
    F.relu(x).backward()
    assert x.grad.item() == 0
    assert "the slope is 0 on the left and 1 on the right; torch takes 0." in Shape(x=0.0).sentence


def test_a_move_makes_no_new_figure():
    charts = activations._shape_chart(), sparsity._chart()
    Shape(activation="tanh", x=3.0)
    Sparsity(activation="tanh", mean=1.0)
    assert (activations._shape_chart(), sparsity._chart()) == charts


def test_sparsity_counts_zeros_beside_the_prediction():
    explorer = Sparsity()
    z = np.random.default_rng(1).standard_normal(10_000)
    for mean, spread in ((0.0, 1.0), (-1.0, 1.0), (1.0, 2.0)):
        explorer.set(mean=mean, spread=spread)
        zeros = 100 * (F.relu(torch.tensor(mean + spread * z)) == 0).double().mean().item()
        assert f"{zeros:.1f} % of the outputs are exactly 0" in explorer.sentence
        assert f"Φ({number(-mean)}/{number(spread)})" in explorer.sentence
    explorer.set(activation="sigmoid", mean=-3.0, spread=0.5)
    assert "not one output is exactly 0" in explorer.sentence


def test_both_histograms_have_one_scale_that_stays():
    chart, tallest = sparsity._chart(), 0
    for _, picture in chain(Sparsity().frames(), Sparsity(activation="sigmoid", spread=0.5).frames()):
        assert [panel.get_ylim() for panel in chart.panels] == [(0, 100), (0, 100)]
        tallest = max(tallest, *(bar.get_data().values.max() for bars in chart.bars for bar in bars))
        assert short_lines(picture)
    assert 95 < tallest <= 100


def test_a_touched_place_of_the_histogram_is_the_mean_and_one_above_it_ends_the_spread():
    explorer = Sparsity(spread=2.0)
    for column, mean in ((0, -3.0), (60, 3.0), (23, -0.7)):
        explorer.touch(1, 0, column)
        assert explorer.values == {"activation": "ReLU", "mean": mean, "spread": 2.0}
        assert explorer.picture.areas[1].here == (0, column)
        assert middle(explorer.picture.areas[1], column) == pytest.approx(58 + 330 * (mean + 9) / 18)
    for column, spread in ((50, 2.5), (0, 2.5), (25, 0.5), (28, 0.5), (14, 1.1), (36, 1.1)):
        explorer.touch(0, 0, column)
        assert explorer.values["spread"] == spread
        assert explorer.picture.areas[0].here == (0, 25 + round(10 * spread))
        place = middle(explorer.picture.areas[0], explorer.picture.areas[0].here[1])
        assert place == pytest.approx(58 + 330 * (-0.7 + spread + 9) / 18)


def middle(area, column):
    """Where the middle of a cell is."""
    left, _, width, _ = area.box
    return left + width * (column + 0.5) / area.columns


def test_zigzag_is_touched_at_the_curve_and_at_the_path():
    explorer = ZigZag(batch=10, steps=7)
    for step in (0, 33, 120):
        explorer.touch(0, 0, step)
        assert explorer.values == {"batch": 10, "steps": step, "centred": False, "seed": 0}
        assert explorer.picture.areas[0].here == (0, step)
        assert middle(explorer.picture.areas[0], step) == pytest.approx(510 + 290 * step / 120)
    area, path = explorer.picture.areas[1], walk(10).path
    left, top, width, height = area.box
    assert (left, top, width, height) == pytest.approx((66, 38, 1.2 * 316, 316))
    for step in (0, 3, 8):  # points that no other is close to
        x, y = (path[step] * [1, -1] / [2.64, 2.2] + 1) / 2
        found = area.sets(int(y * area.rows), int(x * area.columns))["steps"]
        assert np.hypot(*(path[found] - path[step])) < 0.09  # the size of a cell
    assert area.sets(area.rows - 1, 0)["steps"] == np.hypot(*(path - np.array([-2.64, -2.2])).T).argmin()
    for batch, centred, steps in product((1, 64), (False, True), (0, 1, 120)):
        explorer.set(batch=batch, centred=centred, steps=steps)
        assert short_lines(explorer.picture)


def test_zigzag_shows_what_is_left_of_the_way():
    explorer, chart = ZigZag(batch=10, steps=50, seed=3), zigzag._chart()
    left = np.hypot(*(walk(10, seed=3).path - [1, -1]).T) / np.sqrt(8)
    np.testing.assert_allclose(chart.left.get_ydata(), left[:51])
    np.testing.assert_allclose(chart.left_ahead.get_data(), [range(50, 121), left[50:]])
    assert f": {100 * left[50]:.0f} % of the way is left." in explorer.sentence
    assert f"left after step {np.flatnonzero(left < 0.1)[0]}." in explorer.sentence


def test_dead_units_trains_once_for_each_setting(monkeypatch):
    trained = []
    original = module.watch_training
    monkeypatch.setattr(module, "watch_training", lambda *a, **k: trained.append(k) or original(*a, **k))
    module._watched.cache_clear()
    explorer = DeadUnits(lr=0.4)
    for digit in (2, 75, 150):
        explorer.set(digit=digit)
    assert len(trained) == 1
    explorer.set(lr=0.5)
    explorer.set(lr=0.4)
    assert trained == [{"lr": lr, "bias": 0.0, "seed": 0} for lr in (0.4, 0.5)]
    module._watched.cache_clear()


def test_dead_units_trains_in_steps_and_to_the_same_end():
    module._watched.cache_clear()
    data = module._data()
    steps = module._watched.steps("tanh", lr=0.2, bias=-0.5, seed=4)
    count, result = 0, None
    while result is None:
        try:
            next(steps)
        except StopIteration as end:
            result = end.value
        else:
            count += 1
    assert count == 1 + result.steps == 81
    x = data.normalized().reshape(150, -1).astype(float)
    whole = train_and_watch(x, data.labels, "tanh", lr=0.2, bias=-0.5, seed=4)
    assert result.right == whole.right
    for found, expected in zip((*result.before, *result.after), (*whole.before, *whole.after), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_dead_units_stand_together_at_both_moments():
    died = revived = 0
    for lr, bias in ((0.2, 0.0), (0.6, 0.0), (0.2, -1.0), (0.7, -0.5)):
        watched = module._watched("ReLU", lr=lr, bias=bias, seed=1)
        for before, after in zip(watched.before, watched.after, strict=True):
            order = in_order(before, after)
            assert sorted(order) == list(range(32))
            for states in (before, after):
                places = np.flatnonzero((states == SILENT).all(axis=0)[order])
                assert len(places) == 0 or places[-1] - places[0] + 1 == len(places)
            lost = (after == SILENT).all(axis=0)[order]
            assert not lost[lost.sum() :].any()  # at the end of the training on the left
            awake = (after == AWAKE).sum(axis=0)[order]
            was = (before == SILENT).all(axis=0)[order]
            assert (np.diff(awake[~lost & ~was]) >= 0).all()
            died, revived = died + (lost & ~was).sum(), revived + (was & ~lost).sum()
    assert min(died, revived) > 5


def test_a_touched_row_is_the_digit_and_a_touched_kind_gives_its_next_example():
    explorer, labels = DeadUnits(), digits("train", n=150).labels
    rows, kinds = explorer.picture.areas[:6], explorer.picture.areas[6]
    assert {(area.rows, area.columns, area.box[3]) for area in rows} == {(150, 1, 150)}
    for area, row in zip(range(6), (149, 0, 76, 149, 11, 3), strict=True):
        explorer.touch(area, row, 0)
        assert explorer.values["digit"] == row + 1
        assert [each.here for each in explorer.picture.areas[:6]] == [(row, 0)] * 6
        assert explorer.picture.areas[6].here == (0, labels[row])
    for kind in (*range(10), 3, 3, 3):
        last = explorer.values["digit"]
        explorer.touch(6, 0, kind)
        here = explorer.values["digit"]
        assert labels[here - 1] == kind
        between = range(last, here - 1) if here > last else (*range(last, 150), *range(here - 1))
        assert here != last
        assert kind not in labels[list(between)]
    assert kinds.box[0] + kinds.box[2] <= 820


def counts(sentence: str, moment: str) -> list[int]:
    """The dead units per layer that the sentence tells."""
    pattern = r"Before training it was ([\d, and]+\d)" if moment == "before" else r"are dead, ([\d, and]+\d) in layers"
    return [int(word) for word in re.search(pattern, sentence)[1].replace(" and", ",").split(", ")][:3]


def test_more_units_die_at_a_larger_learning_rate_and_with_a_lower_bias():
    explorer, dead = DeadUnits(), {}
    for lr in (0.0, 0.2, 0.6):
        found = []
        for seed in range(5):
            explorer.set(lr=lr, seed=seed)
            found.append(sum(counts(explorer.sentence, "after")))
        dead[lr] = np.mean(found)
    assert dead[0.6] > 2 * dead[0.2]
    explorer.set(lr=0.0)
    assert counts(explorer.sentence, "before") == counts(explorer.sentence, "after")
    at_start = []
    for bias in (1.0, 0.0, -1.0, -2.0):
        explorer.set(bias=bias)
        at_start.append(sum(counts(explorer.sentence, "before")))
    assert at_start[1] < at_start[2] < at_start[3]


def test_silent_on_a_digit_is_told_apart_from_dead():
    explorer = DeadUnits(lr=0.4)
    before = counts(explorer.sentence, "after")
    said = set()
    for digit in (1, 20, 60, 150):
        explorer.set(digit=digit)
        assert counts(explorer.sentence, "after") == before
        said.add(explorer.sentence.split("On this digit, ")[1])
        assert explorer.sentence.endswith("fire on other digits.")
    assert len(said) > 2


@pytest.mark.parametrize("name", [name for name in module.LEARNERS if name != "ReLU"])
def test_the_relatives_of_relu_have_no_dead_units(name):
    for lr in (0.2, 1.0):
        explorer = DeadUnits(activation=name, lr=lr, bias=-1.0)
        assert counts(explorer.sentence, "before") == counts(explorer.sentence, "after") == [0, 0, 0]


def test_no_setting_overflows():
    """Hidden numbers can run away although the outputs are finite: an ELU or a tanh bends inf back."""
    explorer = DeadUnits()
    for name in module.LEARNERS:
        for lr, bias, seed in ((0.5, -2.0, 0), (0.8, 2.0, 9), (1.0, 0.0, 9), (1.0, 2.0, 0)):
            explorer.set(activation=name, lr=lr, bias=bias, seed=seed)  # pytest makes an error of a warning
            assert "of 96 units are dead" in explorer.sentence
            assert short_lines(explorer.picture)
