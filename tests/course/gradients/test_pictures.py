"""The pictures of notebook 02: their sentences hold the numbers of the package and of torch, whatever the setting."""

import math
import re
import sys
from io import BytesIO

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from cnnkit.course.gradients.depth import (
    ACTIVATIONS,
    DEEPEST,
    _depth_chart,
    _far_from_exit,
    _fate,
    _in_float32,
    draw_depth,
)
from cnnkit.course.gradients.depth_numbers import measure_flow, predict_flow
from cnnkit.course.gradients.learning import (
    EXAMPLES,
    INITS,
    STEPS,
    UNITS,
    _digits,
    _missing,
    _training_chart,
    draw_training,
    train_digits,
)
from cnnkit.course.gradients.unit import _unit_chart, draw_unit
from cnnkit.course.kit.activations import STEEPEST, slope
from cnnkit.course.kit.curves import Chart, decades
from cnnkit.course.kit.palette import BLUE
from cnnkit.course.kit.words import raised, short
from cnnkit.network import Activation, mlp

TORCH = {name: getattr(F, name, None) or getattr(torch, name, None) for name in ACTIVATIONS}
TORCH["identity"] = torch.clone
every = pytest.mark.parametrize("name", ACTIVATIONS)


def depth_settings():
    return [
        (10, "sigmoid", "xavier", 1.0, 64, 0), (50, "sigmoid", "he", 1.0, 16, 1), (50, "relu", "he", 1.0, 64, 0),
        (50, "relu", "normal", 0.05, 64, 0), (50, "identity", "normal", 3.0, 128, 0), (1, "tanh", "he", 1.0, 8, 3),
        (30, "elu", "xavier", 3.0, 24, 5), (2, "hardtanh", "normal", 0.5, 40, 20),
    ]  # fmt: skip


def test_the_sentence_on_depth_holds_the_measured_and_the_predicted_factor():
    for depth, name, init, gain, width, seed in depth_settings():
        options = {"width": width, "init": init, "gain": gain}
        flow = measure_flow(depth, name, rng=np.random.default_rng(seed), examples=32, **options)
        rule = predict_flow(depth, name, **options)
        sentence = draw_depth(depth, name, seed=seed, **options).sentence
        assert (
            f"multiplies the gradient by {short(flow.factor, 4)} (variance rule: {short(rule.factor, 4)})" in sentence
        )
        assert f"in all by {short(flow.gradient[0])}: it" in sentence
        assert f"from {short(flow.spread[0])} to {short(flow.spread[-1])}." in sentence


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"activation": "sigmoid", "init": "xavier", "gain": 1.0}, "it vanishes"),
        ({"activation": "identity", "init": "xavier", "gain": 1.0}, "it keeps its size"),
        ({"activation": "relu", "init": "he", "gain": 1.6}, "it explodes"),
        ({"activation": "relu", "init": "he", "gain": 1.1}, "it grows"),
        ({"activation": "relu", "init": "he", "gain": 0.85}, "it shrinks"),
        (
            {"activation": "identity", "init": "normal", "gain": 3.0, "depth": 50},
            "In float32 that gradient becomes inf, and soon nan",
        ),
        ({"activation": "sigmoid", "init": "normal", "gain": 0.05, "depth": 50}, "In float32 that gradient is 0."),
    ],
)
def test_the_sentence_on_depth_says_what_becomes_of_the_gradient(setting, words):
    assert words in draw_depth(**({"depth": 30, "width": 64} | setting)).sentence


@pytest.mark.parametrize("left", [0.28, 0.3, 0.45, 2.3])
def test_a_gradient_that_is_halved_or_doubled_does_not_keep_its_size(left):
    assert _fate(left) in ("shrinks", "grows")


def test_pytorchs_spread_in_the_explorer_is_that_of_its_linear_layer():
    torch.manual_seed(0)
    std = torch.nn.Linear(64, 5000).weight.std().item()
    assert f"N(0, {short(1 / np.sqrt(3 * 64))}²)" in draw_depth(5, "relu", init="pytorch", gain=1.0, width=64).sentence
    assert std == pytest.approx(1 / np.sqrt(3 * 64), rel=0.01)


def test_a_network_that_died_is_said_to_be_dead():
    seed = next(
        s for s in range(21)
        if measure_flow(50, "relu", rng=np.random.default_rng(s), width=8, init="xavier", examples=32).gradient[0] == 0
    )  # fmt: skip
    sentence = draw_depth(50, "relu", width=8, init="xavier", gain=1.0, seed=seed).sentence
    layer = int(re.search(r"Nothing comes back to layer (\d+)", sentence)[1])
    assert 0 <= layer < 50
    assert "on the units give the same for every input. The gradient is exactly 0 there" in sentence


def test_what_a_float32_cannot_hold_is_named():
    assert _in_float32(1e-46, 1e-46) == " In float32 that gradient is 0."
    assert _in_float32(1.0, 1e39) == " In float32 that spread becomes inf, and soon nan."
    assert _in_float32(1e-44, 3e38) == ""


def depth_chart(**setting):
    draw_depth(**({"activation": "sigmoid", "init": "xavier", "gain": 1.0, "width": 64, "seed": 0} | setting))
    return _depth_chart()


@pytest.mark.parametrize("depth", [1, 10, 31, 50])
def test_the_axes_of_the_depth_are_the_same_for_every_network(depth):
    chart = depth_chart(depth=depth)
    for axes in (chart.left, chart.right):
        assert axes.get_xlim() == (-1, 51)
        assert np.log10(axes.get_ylim()) == pytest.approx([-40, 20])
        assert list(chart.lines[axes][0].get_xdata()) == list(range(depth + 1))


@pytest.mark.parametrize(
    ("setting", "left", "right"),
    [
        ({"depth": 50}, "0.121", "2.9·10⁻³²"),
        ({"depth": 50, "init": "pytorch"}, "0.0729", "layer 0: 2.1·10⁻⁴³,\noff the scale"),
        ({"depth": 50, "activation": "identity", "gain": 4.0}, "layer 50: ", "layer 0: "),
    ],
)
def test_a_curve_that_leaves_the_axes_says_where_it_ends(setting, left, right):
    chart = depth_chart(**setting)
    for axes, words in ((chart.left, left), (chart.right, right)):
        end = chart.ends[axes]
        assert end.get_text().startswith(words)
        assert axes.get_ylim()[0] < end.get_position()[1] < axes.get_ylim()[1]


@pytest.mark.parametrize("gain", [round(0.1 * tenth, 1) for tenth in (*range(1, 12), *range(13, 161, 7))])
@pytest.mark.parametrize("name", ["sigmoid", "identity"])
def test_words_off_the_scale_cover_no_curve(name, gain):
    chart = depth_chart(depth=50, activation=name, gain=gain)
    for axes, line in ((axes, pair[0]) for axes, pair in chart.lines.items()):
        words = chart.ends[axes]
        if "off the scale" in words.get_text():
            box = words.get_window_extent(chart.chart.canvas.get_renderer())
            across = np.linspace(0, 50, 2001)
            curve = np.interp(across, line.get_xdata(), np.log10(line.get_ydata()))
            places = axes.transData.transform(np.stack([across, 10.0**curve], axis=1))
            assert not any(box.contains(x, y) for x, y in places)


def test_words_do_not_stand_where_a_curve_leaves_the_axes():
    falls = 0.1 ** np.arange(50, -1, -1.0)  # leaves near layer 10
    assert _far_from_exit(falls, 0) == (DEEPEST, "right")
    assert _far_from_exit(falls**3, 0) == (0, "left")
    assert _far_from_exit(10.0 ** np.arange(51), 50) == (DEEPEST, "right")


def rgb(picture) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(picture.png)).convert("RGB"))


def test_the_same_setting_is_the_same_picture_whatever_came_before():
    first = draw_depth(10, "sigmoid", init="xavier", gain=1.0, width=64)
    for depth, name, init, gain, width, seed in depth_settings() * 2:
        draw_depth(depth, name, init=init, gain=gain, width=width, seed=seed)
    assert draw_depth(10, "sigmoid", init="xavier", gain=1.0, width=64) == first


# One unit


@every
def test_the_largest_slope_is_what_is_found_by_looking(name):
    unit, z = Activation(name), np.linspace(-30, 30, 600_001)
    unit.forward(z)
    slopes = unit.backward(np.ones_like(z))
    assert np.abs(slopes).max() == pytest.approx(STEEPEST[name], rel=1e-4)


def slope_of(name: str, z: torch.Tensor) -> float:
    """torch's slope; that of tanh as sech², because 1 − tanh² has no digits left far out."""
    return 1 / math.cosh(z.item()) ** 2 if name == "tanh" else z.grad.item()


@every
@pytest.mark.parametrize(("x", "w", "b"), [(1.0, 1.0, 0.0), (4.2, -2.5, 1.3), (-5.0, 3.0, -3.0), (0.3, 0.1, 0.2)])
def test_the_sentence_on_one_unit_holds_torchs_factor(name, x, w, b):
    z = torch.tensor(w * x + b, dtype=torch.float64, requires_grad=True)
    y = TORCH[name](z)
    y.backward()
    slope = slope_of(name, z)
    sentence = draw_unit(name, x, w, b).sentence
    assert f" = {short(w * x + b)}. There {name} is {short(y.item(), 4)} and its slope {short(slope)}." in sentence
    assert f"= {short(w * slope + 0.0)}." in sentence
    assert f"at most {short(STEEPEST[name])}·|w| = {short(STEEPEST[name] * abs(w))}" in sentence


def test_saturated_flat_and_kinked_units_are_called_so():
    assert "The unit is saturated" in draw_unit("sigmoid", 4.0, 2.0).sentence
    assert "The curve is flat here: nothing passes." in draw_unit("relu", -1.0, 2.0).sentence
    assert "This is a kink" in draw_unit("relu", 0.0, 2.0).sentence
    assert "This is a kink" in draw_unit("hardtanh", 1.0, 1.0).sentence
    assert "saturated" not in draw_unit("sigmoid", 1.0, 1.0).sentence


@pytest.mark.parametrize("w", [4.0, -4.0, 5.0, 8.0, -8.0])
def test_a_sigmoid_passes_everything_from_a_weight_of_four_on(w):
    """The sentence names the sums at which |w|·f′(z) is 1; below 4 there are none."""
    assert "only with |w| ≥ 4" in draw_unit("sigmoid", 1.0, 3.9).sentence
    z = float(re.search(r"its size is 1 at z = ±?([\d.]+)\.", draw_unit("sigmoid", 1.0, w).sentence)[1])
    assert abs(w) * slope("sigmoid", z) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_unit_is_drawn_at_the_ends_of_its_sliders(name):
    for x, w, b in ((5.0, 8.0, 8.0), (-5.0, 8.0, -8.0), (5.0, -8.0, -8.0), (0.0, 0.0, 0.0)):
        assert "multiplied by w·f′(z)" in draw_unit(name, x, w, b).sentence


@every
@pytest.mark.parametrize(("x", "w", "b"), [(1.0, 1.0, 0.0), (-5.0, 8.0, -8.0), (2.0, -3.0, 0.0), (-0.3, -8.0, 4.0)])
def test_the_bars_are_the_weight_the_slope_and_their_product(name, x, w, b):
    draw_unit(name, x, w, b)
    chart, z = _unit_chart(), torch.tensor(w * x + b, dtype=torch.float64, requires_grad=True)
    TORCH[name](z).backward()
    slope = slope_of(name, z)
    expected = [w, slope, w * slope]
    assert [bar.get_width() for bar in chart.bars] == pytest.approx(expected)
    assert [words.get_text() for words in chart.lengths] == [short(value + 0.0) for value in expected]
    assert chart.product.get_xlim() == (-9, 9)
    assert max(map(abs, expected)) <= 9


def test_nothing_is_minus_zero():
    for setting in (("relu", -1.0, -2.0, -4.0), ("relu", -0.0, -3.0, -0.0), ("sigmoid", -1.0, -0.0, 0.0)):
        assert not re.search(r"−0(?![.\d])", draw_unit(*setting).sentence)
        assert not any(words.get_text() == "−0" for words in _unit_chart().lengths)
    assert "= 0. There leaky_relu is 0" in draw_unit("leaky_relu", -3.0, -1.4, -4.2).sentence  # −9·10⁻¹⁶ without care


@every
def test_the_scale_of_the_factor_follows_only_large_weights_and_signs(name):
    scales = set()
    for w in (0.1, 0.5, 1.0, 2.0, 4.0, 8.0):
        draw_unit(name, 1.0, w)
        low, high = _unit_chart().right.get_ylim()
        assert high > STEEPEST[name] * w
        scales.add((low, high))
        draw_unit(name, 1.0, -w)
        assert _unit_chart().right.get_ylim() == (-high, -low)
    assert len(scales) == (1 if name == "sigmoid" else 2)


def test_what_is_no_number_or_no_activation_is_refused():
    with pytest.raises(ValueError, match="activation must be one of 'sigmoid'"):
        draw_unit("rectifier", 1.0, 1.0)
    with pytest.raises(ValueError, match="weight must be a real number"):
        draw_unit("relu", 1.0, "1")


# Training


@pytest.mark.parametrize(("name", "init"), [("sigmoid", "xavier"), ("tanh", "xavier"), ("relu", "he")])
def test_the_learning_curve_is_torchs_step_by_step(name, init):
    run = train_digits(3, name, lr=0.05, init=init, seed=4)
    net = mlp([64, UNITS, UNITS, UNITS, 10], name, rng=np.random.default_rng(4), init=init)
    twin = [{k: torch.tensor(v, requires_grad=True) for k, v in layer.parameters.items()} for layer in net.layers[::2]]
    optimizer = torch.optim.SGD([p for layer in twin for p in layer.values()], lr=0.05)
    (x, labels), (x_test, labels_test) = (map(torch.tensor, _digits(split)) for split in ("train", "test"))
    assert x.shape == (EXAMPLES, 64)

    def forward(x):
        for layer in twin[:-1]:
            x = TORCH[name](F.linear(x, **layer))
        return F.linear(x, **twin[-1])

    for step in range(STEPS + 1):
        optimizer.zero_grad()
        loss = F.cross_entropy(forward(x), labels)
        loss.backward()
        assert run.loss[step] == pytest.approx(loss.item(), rel=1e-6)
        assert run.first[step] == pytest.approx(twin[0]["weight"].grad.norm().item(), rel=1e-5)
        assert run.last[step] == pytest.approx(twin[-1]["weight"].grad.norm().item(), rel=1e-5)
        optimizer.step()
    assert run.right == pytest.approx((forward(x_test).argmax(1) == labels_test).double().mean().item(), abs=0.01)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ((3, "relu", 0.1, "he"), "it learns."),
        ((5, "sigmoid", 0.1, "xavier"), "nothing has been learnt"),
        ((20, "relu", 0.1, "he"), "it has begun to learn."),
        ((20, "relu", 0.3, "normal, σ = 1"), "the loss is no longer a number: the steps were too large"),
        ((2, "relu", 10.0, "xavier"), "the gradient is exactly 0 now, and stays so"),
        ((10, "tanh", 3.0, "xavier"), "worse than guessing"),
    ],
)
def test_the_sentence_on_training_says_how_it_ended(setting, words):
    depth, name, lr, init = setting
    run, picture = train_digits(depth, name, lr=lr, init=init, seed=0), draw_training(depth, name, lr=lr, init=init)
    assert words in picture.sentence
    assert f"{depth} hidden layers of 16 units, {name}, {init}, learning rate {lr:g}: 100 steps" in picture.sentence
    if np.isfinite(run.loss).all() and run.loss[-1] < 1000:
        assert f"goes from {run.loss[0]:.2f} to {run.loss[-1]:.2f}" in picture.sentence
    assert f"Of the 355 test digits {100 * run.right:.0f} % are right." in picture.sentence


def training_chart(**setting):
    start = {"depth": 5, "activation": "sigmoid", "lr": 0.1, "init": "xavier", "seed": 0}
    picture = draw_training(**(start | setting))
    return start, picture, _training_chart()


def test_the_axes_of_a_training_are_the_same_for_every_run():
    for setting in ({}, {"depth": 20, "init": "normal, σ = 0.01"}, {"activation": "identity", "lr": 10.0}):
        _, _, chart = training_chart(**setting)
        assert chart.left.get_ylim() == (0, 3)
        assert np.log10(chart.right.get_ylim()) == pytest.approx([-17, 7])


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"depth": 10, "init": "normal, σ = 0.01"}, "↓ first layer: 101 of 101 steps are off the scale"),
        ({"depth": 2, "activation": "relu", "lr": 10.0}, "first layer, from step 5 on: exactly 0"),
        ({"depth": 20, "activation": "relu", "lr": 0.3, "init": "normal, σ = 1"}, "no numbers any more"),
    ],
)
def test_a_gradient_that_leaves_the_axes_is_told_in_words(setting, words):
    _, _, chart = training_chart(**setting)
    assert chart.gone.get_visible()
    assert words in chart.gone.get_text()


def test_a_gradient_that_is_too_large_for_the_axes_is_told_in_words():
    norms = np.ones(STEPS + 1)
    norms[4:7] = 1e8
    assert _missing(norms)[0] == "↑ first layer: 3 of 101 steps are off the scale"
    assert _missing(np.ones(STEPS + 1))[0] == ""


def test_a_gradient_within_the_axes_needs_no_words():
    _, _, chart = training_chart(activation="tanh")
    assert not chart.gone.get_visible()


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"lr": 1.0}, "before: rate 1"), ({"depth": 1}, "before: 1 layer"), ({"seed": 4}, "before: seed 4"),
        ({"activation": "tanh"}, "before: tanh"), ({"init": "he"}, "before: he"), ({"lr": 1.0, "seed": 4}, "before"),
    ],
)  # fmt: skip
def test_the_run_before_is_drawn_thin_and_named(other, words):
    start, alone, _ = training_chart()
    _, picture, chart = training_chart(before=start | other)
    old = train_digits(**(start | other))
    assert (chart.keys[0].get_text(), chart.keys[0].get_visible()) == (words, True)
    assert np.array_equal(chart.loss_before.get_ydata(), old.loss)
    assert np.array_equal(chart.first_before.get_ydata(), old.first)
    assert np.array_equal(chart.loss.get_ydata(), train_digits(**start).loss)
    assert picture.png != alone.png
    assert f"It was {old.loss[-1]:.2f} before." in picture.sentence
    _, again, chart = training_chart()
    assert again == alone
    assert not chart.loss_before.get_visible()


def test_a_training_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="init must be one of 'he', 'xavier', 'normal, σ"):
        draw_training(3, "relu", lr=0.1, init="normal")
    with pytest.raises(ValueError, match="depth must be at least 1"):
        draw_training(0, "relu", lr=0.1, init="he")
    assert tuple(INITS)[:2] == ("he", "xavier")


# The charts themselves


def chart_of_a_line(height):
    chart = Chart(200, 100)
    axes = chart.axes(0.1, 0.2, 0.8, 0.7)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    return chart, chart.moving(axes.plot([0, 1], [height, height], color=BLUE, linewidth=3)[0])


def test_a_chart_draws_what_moves_on_what_stands_still():
    chart, line = chart_of_a_line(0.5)
    first = chart.picture("A line.", still=0)
    assert (first.width, first.height, first.sentence) == (200, 100, "A line.")
    image = rgb(first)
    assert image.shape == (200, 400, 3)
    assert (image[0, 0] == 255).all()
    assert (np.abs(image.astype(int) - (0, 0x72, 0xB2)).max(axis=2) <= 8).sum() > 1000
    line.set_data([0, 1], [0.8, 0.8])
    second = chart.picture("A line.", still=0)
    assert second.png != first.png
    assert second == chart_of_a_line(0.8)[0].picture("A line.", still=0)  # nothing of the first is left
    line.set_data([0, 1], [0.5, 0.5])
    for still in range(20):
        assert chart.picture("A line.", still=still) == first
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_a_scale_holds_its_curves_and_mostly_stays_as_it_is():
    rng = np.random.default_rng(0)
    for _ in range(200):
        values = 10.0 ** rng.uniform(*sorted(rng.uniform(-300, 300, 2)), size=5)
        low, high = decades([values, np.array([0.0, np.nan, np.inf])])
        assert 10.0 ** max(low, -307) <= values.min() * 1.05
        assert values.max() / 1.05 <= 10.0 ** min(high, 308)
    assert decades([np.zeros(3)]) == (-2, 1)
    assert len({decades([np.array([0.25**depth])]) for depth in range(1, 51)}) < 10


def test_numbers_are_short():
    assert [short(v) for v in (0, 1.0, -2.5, 0.0012345, 1234.5, -0.0001, 1e-45, np.inf)] == [
        "0", "1", "−2.5", "0.00123", "1234", "−1.0·10⁻⁴", "1.0·10⁻⁴⁵", "inf",
    ]  # fmt: skip
    assert (raised(1), raised(-12)) == ("¹", "⁻¹²")
