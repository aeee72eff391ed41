"""The figures of notebook 01: every number that they say is the one that torch computes."""

from functools import partial
from io import BytesIO

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageColor

from cnnkit.course.activations import shape as activations
from cnnkit.course.activations import sparsity
from cnnkit.course.activations.dead_units import draw_dead_units
from cnnkit.course.activations.dead_units_numbers import AWAKE, BATCH, SILENT, WEAK, dead, look, stuck, train_and_watch
from cnnkit.course.activations.kinds import DEFAULTS, KINDS, LOWER, factor, in_percent, number
from cnnkit.course.activations.shape import draw_shape
from cnnkit.course.activations.sparsity import draw_sparsity, shares, standard
from cnnkit.course.kit.palette import INPUT_READ, WINDOW
from cnnkit.data import digits
from cnnkit.network import Activation, Linear, Network

THEIRS = {
    "ReLU": lambda x, v: F.relu(x),
    "leaky ReLU": lambda x, v: F.leaky_relu(x, v),
    "PReLU": lambda x, v: F.prelu(x, torch.tensor([v], dtype=x.dtype)),
    "RReLU": lambda x, v: F.rrelu(x, LOWER, v, training=False),
    "ELU": lambda x, v: F.elu(x, v),
    "GELU": lambda x, v: F.gelu(x),
    "SiLU": lambda x, v: F.silu(x),
    "sigmoid": lambda x, v: torch.sigmoid(x),
    "tanh": lambda x, v: torch.tanh(x),
    "softplus": lambda x, v: F.softplus(x, v),
    "hardtanh": lambda x, v: F.hardtanh(x, -v, v),
}
OPTIONS = {
    "": (0.0,), "negative_slope": (0.0, 0.01, 0.5, 1.0), "weight": (0.0, 0.25, 1.0), "upper": (0.13, 0.33, 1.0),
    "alpha": (0.1, 1.0, 1.5), "beta": (0.5, 1.0, 5.0), "max_val": (0.5, 1.0, 2.0),
}  # fmt: skip
SETTINGS = [(name, v) for name, kind in KINDS.items() for v in OPTIONS[kind.option]]
settings = pytest.mark.parametrize(("name", "v"), SETTINGS)


def by_torch(name, x, v):
    """f(x) and f′(x) in float64."""
    x = torch.tensor(np.atleast_1d(x), dtype=torch.float64, requires_grad=True)
    y = THEIRS[name](x, v)
    y.backward(torch.ones_like(y))
    return y.detach().numpy(), x.grad.numpy()


# One activation at one point


@settings
def test_value_and_slope_are_those_of_torch_also_at_the_kinks(name, v):
    x = np.round(np.linspace(-6, 6, 121), 10)
    y, slope = by_torch(name, x, v)
    np.testing.assert_allclose(KINDS[name].value(x, v), y, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(KINDS[name].slope(x, v), slope, rtol=1e-9, atol=1e-12)


@settings
def test_the_sentence_says_what_torch_computes(name, v):
    for x in (-6.0, -3.3, -1.0, -0.8, 0.0, 0.5, 1.0, 2.0, 5.9):
        sentence = draw_shape(name, x, **{KINDS[name].option: v} if KINDS[name].option else {}).sentence
        (y,), (slope,) = by_torch(name, x, v)
        about_y, about_slope = sentence.split(". The slope is ")
        assert about_y.startswith(name)
        assert f" at x = {number(x)}: f(x) = " in about_y
        assert about_y.endswith(f"= {number(y)}")
        assert f"= {number(slope)}. " in about_slope


@settings
def test_kinks_are_where_the_slope_of_torch_jumps(name, v):
    kind, eps = KINDS[name], 1e-6
    kinks = kind.kinks(v)
    for at, left, right in kinks:
        np.testing.assert_allclose(by_torch(name, [at - eps, at + eps], v)[1], [left, right], atol=1e-5)
        said = draw_shape(name, at, **{kind.option: v} if kind.option else {}).sentence
        assert f"{number(left)} on the left and {number(right)} on the right; torch takes " in said
    x = np.linspace(-6, 6, 60001)
    jumps = x[1:][np.abs(np.diff(by_torch(name, x, v)[1])) > 0.01]
    assert len({round(float(x), 2) for x in jumps}) == len(kinks)


@settings
def test_no_slope_is_larger_than_the_largest(name, v):
    steepest, _ = KINDS[name].steepest(v)
    found = np.abs(by_torch(name, np.linspace(-60, 60, 60001), v)[1]).max()
    assert found == pytest.approx(steepest, abs=5e-4)


def test_saturated_is_said_below_one_percent_of_the_largest_slope():
    for name in ("sigmoid", "tanh", "softplus", "ELU"):
        for x in (-6.0, -5.9, -4.7, -4.6, -3.0, -2.9, 0.0, 2.9, 3.0, 5.9, 6.0):
            slope = by_torch(name, x, 1.0)[1][0]
            sentence = draw_shape(name, float(x)).sentence
            assert ("Saturated:" in sentence) == (slope / KINDS[name].steepest(1.0)[0] < 0.01)
    assert "Flat: no gradient passes." in draw_shape("ReLU", -1.0).sentence
    assert "that is 2.66 % of the largest slope (0.25, at x = 0)." in draw_shape("sigmoid", -5.0).sentence


def test_the_learnt_slope_and_the_random_slope_are_told():
    assert "The gradient of w is min(0, x) = −6." in draw_shape("PReLU", -6.0).sentence
    w = torch.tensor([0.25], requires_grad=True)
    F.prelu(torch.tensor([-6.0]), w).backward()
    assert w.grad.item() == -6
    torch.manual_seed(0)
    drawn = F.rrelu(torch.full((1000,), -4.0), LOWER, 0.33, training=True)
    low, high = -4 * 0.33, -4 * LOWER
    assert drawn.min() >= low
    assert drawn.max() <= high
    assert f"between {number(low)} and {number(high)}" in draw_shape("RReLU", -4.0).sentence


def test_the_curve_has_a_gap_where_the_slope_jumps_and_a_ring_where_torch_is_not():
    chart = activations._shape_chart()
    for name, rings in (("ReLU", [(0, 1)]), ("hardtanh", [(-1, 1), (1, 1)]), ("tanh", [])):
        draw_shape(name, 1.0)
        x, y = chart.slope.get_data()
        assert np.isnan(y).sum() == len(KINDS[name].kinks(1.0))
        assert (np.diff(x) >= 0).all()
        assert list(zip(*chart.rings.get_data(), strict=True)) == rings


def test_the_tangent_goes_through_the_point_with_the_slope():
    chart = activations._shape_chart()
    for name, x in (("sigmoid", -2.0), ("SiLU", 1.5), ("ELU", -0.3)):
        draw_shape(name, x)
        (x0, x1), (y0, y1) = chart.tangent.get_data()
        (y,), (slope,) = by_torch(name, x, 1.0)
        assert (y1 - y0) / (x1 - x0) == pytest.approx(slope)
        assert (y0 + y1) / 2 == pytest.approx(y)


@settings
def test_the_point_and_its_slope_are_never_outside_of_their_axes(name, v):
    chart = activations._shape_chart()
    for x in (-6.0, 0.0, 6.0):
        draw_shape(name, x, **{KINDS[name].option: v} if KINDS[name].option else {})
        for axes, dot in zip((chart.above, chart.below), chart.dots, strict=True):
            low, high = axes.get_ylim()
            assert low < dot.get_ydata()[0] < high


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match=r"activation must be one of 'ReLU', .* got 'RELU'"):
        draw_shape("RELU", 1.0)
    with pytest.raises(ValueError, match=r"the option must be one of 'negative_slope', .* got 'slope'"):
        draw_shape("ReLU", 1.0, slope=1.0)
    with pytest.raises(ValueError, match="x must be a real number, got '1'"):
        draw_shape("ReLU", "1")
    with pytest.raises(ValueError, match=r"spread must be positive, got 0\.0"):
        draw_sparsity("ReLU", 0.0, 0.0)
    with pytest.raises(ValueError, match="activation must be one of"):
        draw_sparsity("relu", 0.0, 1.0)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0"), (-0.0, "0"), (0.25, "0.25"), (-2.0, "−2"), (0.0123456, "0.0123"), (2.5e-5, "2.50·10⁻⁵"),
     (-7.6e-23, "−7.60·10⁻²³"), (999.4, "999"), (12345.6, "12,346"), (float("inf"), "inf")],
)  # fmt: skip
def test_numbers_are_written_as_people_write_them(value, said):
    assert number(value) == said
    assert factor(value) == (f"({said})" if value < 0 else said)


def test_shares_have_one_digit_or_more_when_tiny():
    assert [in_percent(v) for v in (0, 0.02, 0.13, 50.04, 99.94, 99.99, 100)] == [
        "0 %", "0.02 %", "0.1 %", "50.0 %", "99.9 %", "100 %", "100 %",
    ]  # fmt: skip


# Many numbers


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(("mean", "spread"), [(0.0, 1.0), (-1.5, 0.5), (3.0, 2.5)])
def test_the_shares_are_those_of_torch(name, mean, spread):
    z = torch.tensor(mean + spread * standard())
    y = THEIRS[name](z, DEFAULTS.get(KINDS[name].option, 0.0))
    zeros, near = 100 * (y == 0).double().mean().item(), 100 * (y.abs() < 0.05).double().mean().item()
    sentence = draw_sparsity(name, mean, spread).sentence
    assert f"have mean {number(y.mean().item())} and spread {number(y.std(correction=0).item())}." in sentence
    if name == "ReLU":
        p = torch.distributions.Normal(0, 1).cdf(torch.tensor(-mean / spread, dtype=torch.float64)).item()
        assert f": {in_percent(zeros)} of the outputs are exactly 0. Of a normal" in sentence
        chance = 100 * np.sqrt(p * (1 - p) / 10_000)
        assert f"= {in_percent(100 * p)} lies below 0, give or take {chance:.1g}." in sentence
    else:
        assert zeros == 0
        assert f"not one output is exactly 0. Of the outputs, {in_percent(near)} are closer to 0 than 0.05." in sentence
    if name == "hardtanh":
        assert f"{in_percent(100 * (y.abs() == 1).double().mean().item())} are saturated: exactly −1 or 1." in sentence


def test_bars_and_strips_hold_every_number_once():
    chart = sparsity._chart()
    for name, mean in (("ReLU", -1.0), ("hardtanh", 0.5), ("sigmoid", 3.0), ("leaky ReLU", 0.0)):
        draw_sparsity(name, mean, 2.0)
        for side in (0, 1):
            assert sum(bar.get_data().values.sum() for bar in chart.bars[side]) == pytest.approx(100)
            ends = [part.get_data().edges for part in chart.strips[side]]
            assert (ends[0][0], ends[-1][-1]) == (0, pytest.approx(100))
            assert [e[0] for e in ends[1:]] == [e[-1] for e in ends[:-1]]
    assert shares(np.array([-1.0, 0.0, 0.0, 2.0])) == (25, 50, 25)


def test_only_relu_makes_exact_zeros():
    with_zeros = {name for name in KINDS if "not one output is exactly 0" not in draw_sparsity(name, 0.0, 1.0).sentence}
    assert with_zeros == {"ReLU"}


# Units that fall silent


@pytest.fixture(scope="module")
def task():
    data = digits("train", n=150)
    return data.normalized().reshape(150, -1).astype(float), data.labels, data.images[:, 0]


def test_silent_weak_and_awake_by_hand():
    x = np.array([[-1.0, 2.0, -20.0], [-3.0, -4.0, 0.0]])
    (states,) = look(Network([Activation("relu")]), x)
    assert states.tolist() == [[SILENT, AWAKE, SILENT], [SILENT, SILENT, SILENT]]
    assert dead(states).tolist() == [True, False, True]
    assert not stuck(states).any()
    (states,) = look(Network([Activation("leaky_relu")]), x)
    assert states.tolist() == [[WEAK, AWAKE, WEAK], [WEAK, WEAK, WEAK]]
    assert stuck(states).tolist() == [True, False, True]
    assert not dead(states).any()
    (states,) = look(Network([Activation("sigmoid")]), x)
    assert states.tolist() == [[AWAKE, AWAKE, WEAK], [AWAKE, AWAKE, AWAKE]]


def in_torch(x, labels, lr, bias, seed, steps):
    """The same network from the same start, trained by torch; who is silent on every input, before and after."""
    rng = np.random.default_rng(seed)
    layers = [Linear(a, b).draw(rng) for a, b in ((64, 32), (32, 32), (32, 32), (32, 10))]
    order = rng.permutation(len(x))
    x, labels = torch.tensor(x), torch.tensor(labels)
    weights = [torch.tensor(layer.parameters["weight"], requires_grad=True) for layer in layers]
    biases = [torch.full((n,), b, dtype=torch.float64, requires_grad=True) for n, b in ((32, bias),) * 3 + ((10, 0.0),)]

    def forward(y):
        hidden = []
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            y = F.relu(F.linear(y, w, b))
            hidden.append(y)
        return F.linear(y, weights[-1], biases[-1]), hidden

    def silent():
        return [(h == 0).all(dim=0).tolist() for h in forward(x)[1]]

    found = [silent()]
    step = torch.optim.SGD([*weights, *biases], lr=lr)
    for i in range(steps):
        batch = order[np.arange(i * BATCH, (i + 1) * BATCH) % len(x)]
        step.zero_grad()
        F.cross_entropy(forward(x[batch])[0], labels[batch]).backward()
        step.step()
    right = (forward(x)[0].argmax(dim=1) == labels).double().mean().item()
    return [*found, silent()], right


@pytest.mark.parametrize(("lr", "bias", "seed"), [(0.2, 0.0, 0), (0.5, 0.0, 1), (0.2, -1.0, 2)])
def test_the_same_units_die_in_torch(task, lr, bias, seed):
    x, labels, _ = task
    theirs, right = in_torch(x, labels, lr, bias, seed, 80)
    ours = train_and_watch(x, labels, "relu", lr=lr, bias=bias, seed=seed)
    for layers, expected in zip((ours.before, ours.after), theirs, strict=True):
        assert [dead(states).tolist() for states in layers] == expected
    assert ours.right[1] == right
    assert (ours.steps, ours.ran_away) == (80, False)


def test_a_first_layer_unit_that_is_dead_stays_dead(task):
    """No input sends it a gradient, and its input does not change: unlike that of the layers behind it."""
    x, labels, _ = task
    watched = train_and_watch(x, labels, "relu", lr=0.3, bias=-1.5)
    assert dead(watched.before[0]).any()
    assert dead(watched.after[0])[dead(watched.before[0])].all()
    some = [train_and_watch(x, labels, "relu", lr=0.2, bias=-1.0, seed=seed) for seed in range(5)]
    assert any((dead(w.before[2]) & ~dead(w.after[2])).any() for w in some)


@pytest.mark.parametrize("name", ["leaky_relu", "prelu", "rrelu", "elu", "silu", "sigmoid", "tanh"])
def test_only_relu_has_dead_units(task, name):
    x, labels, _ = task
    watched = train_and_watch(x, labels, name, lr=0.6, bias=-2.0)
    assert not any(dead(states).any() for states in (*watched.before, *watched.after))


def test_training_stops_before_numbers_run_away(task):
    x, labels, images = task
    watched = train_and_watch(x, labels, "prelu", lr=0.8)
    assert watched.ran_away
    assert watched.steps < 80
    same = train_and_watch(x, labels, "prelu", lr=0.8, steps=watched.steps)
    assert not same.ran_away
    assert all(np.array_equal(a, b) for a, b in zip(watched.after, same.after, strict=True))
    assert (
        f"Step {watched.steps + 1} would make numbers infinite"
        in draw_dead_units("PReLU", watched, images, labels).sentence
    )


def test_a_rounding_error_in_the_start_changes_no_count(task, monkeypatch):
    """The sentence is compared on other machines: below a learning rate of 0.6 it may not hang on the last digit."""
    import cnnkit.course.activations.dead_units_numbers as module

    x, labels, _ = task
    network = module._network

    def shaken(*arguments):
        net, rng = network(*arguments), np.random.default_rng(99)
        for layer in net.layers:
            for name, values in layer.parameters.items():
                layer.parameters[name] = values * (1 + 1e-13 * rng.standard_normal(values.shape))
        return net

    for lr in (0.1, 0.2, 0.4, 0.6):
        plain = train_and_watch(x, labels, "relu", lr=lr)
        with monkeypatch.context() as patch:
            patch.setattr(module, "_network", shaken)
            other = train_and_watch(x, labels, "relu", lr=lr)
        assert plain.right == other.right
        assert all(np.array_equal(a, b) for a, b in zip(plain.after, other.after, strict=True))


def test_the_picture_has_a_vermilion_column_for_each_dead_unit(task):
    x, labels, images = task
    watched = train_and_watch(x, labels, "relu", lr=0.6)
    picture = draw_dead_units("ReLU", watched, images, labels, digit=40)
    pixels = np.asarray(Image.open(BytesIO(picture.png)).convert("RGB"))

    def columns(top, colour):
        """How many columns of 7 CSS pixels have this colour in all of the first 30 rows."""
        rows = (pixels[2 * top : 2 * top + 60] == ImageColor.getrgb(colour)).all(axis=2).all(axis=0)
        return rows.sum() / 13  # the 14th device pixel is a white line

    counts = [sum(int(dead(states).sum()) for states in layers) for layers in (watched.before, watched.after)]
    assert [columns(top, WINDOW) for top in (56, 272)] == counts
    assert counts[1] > counts[0]
    assert (pixels == ImageColor.getrgb(INPUT_READ)).all(axis=2).sum() > 10_000


def test_the_sentence_counts_what_was_watched(task):
    x, labels, images = task
    watched = train_and_watch(x, labels, "relu", lr=0.5, seed=1)
    sentence = draw_dead_units("ReLU", watched, images, labels, digit=7).sentence
    theirs, right = in_torch(x, labels, 0.5, 0.0, 1, 80)
    before, after = ("{}, {} and {}".format(*map(sum, layers)) for layers in theirs)
    assert f"After 80 steps {sum(map(sum, theirs[1]))} of 96 units are dead, {after} in layers 1, 2 and 3." in sentence
    assert f"Before training it was {before}" in sentence
    assert f"On this digit, a {labels[6]}, " in sentence
    assert f"gets {100 * right:.0f} % of the digits right" in sentence


def test_bad_numbers_for_the_network_are_refused(task):
    x, labels, images = task
    watch = partial(train_and_watch, x, labels)
    with pytest.raises(ValueError, match=r"name must be one of .* got 'ReLU'"):
        watch("ReLU", lr=0.1)
    with pytest.raises(ValueError, match="lr must be 0 or more and finite, got -1"):
        watch("relu", lr=-1)
    with pytest.raises(ValueError, match="steps must be at least 0, got -1"):
        watch("relu", lr=0.1, steps=-1)
    watched = watch("relu", lr=0.1, steps=0)
    assert all(np.array_equal(a, b) for a, b in zip(watched.before, watched.after, strict=True))
    for digit, reason in ((0, "at least 1"), (151, "at most 150")):
        with pytest.raises(ValueError, match=f"digit must be {reason}"):
            draw_dead_units("ReLU", watched, images, labels, digit=digit)
