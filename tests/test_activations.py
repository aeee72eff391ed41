"""Activations at the edges: infinities, ±1e4 and kinks in every float type, shapes, and rrelu's chance."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cnnkit
from tests.operations_activations import torch_hardsigmoid

EDGES = [-np.inf, -1e4, -89.0, -20.0, -1.0, -0.0, 0.0, 1.0, 20.0, 89.0, 1e4, np.inf]
CASES = [
    ("relu", F.relu, {}),
    ("leaky_relu", F.leaky_relu, {}),
    ("leaky_relu", F.leaky_relu, {"negative_slope": 0.0}),
    ("elu", F.elu, {}),
    ("gelu", F.gelu, {}),
    ("gelu", F.gelu, {"approximate": "tanh"}),
    ("silu", F.silu, {}),
    ("sigmoid", torch.sigmoid, {}),
    ("tanh", torch.tanh, {}),
    ("softplus", F.softplus, {}),
    ("softplus", F.softplus, {"beta": 10.0, "threshold": 5.0}),
    ("hardtanh", F.hardtanh, {}),
    ("hardsigmoid", torch_hardsigmoid, {}),
    ("hardswish", F.hardswish, {}),
    ("mish", F.mish, {}),
    ("selu", F.selu, {}),
    ("softsign", F.softsign, {}),
]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(("name", "theirs", "options"), CASES, ids=lambda v: v if isinstance(v, str) else "")
def test_edges_where_torch_gives_a_number(name, theirs, options, dtype):
    """Neither NaN nor a warning (pytest makes an error of one) wherever torch's answer is a number."""
    tensor = torch.tensor(EDGES, dtype=getattr(torch, np.dtype(dtype).name), requires_grad=True)
    y = theirs(tensor, **options)
    y.backward(torch.ones_like(y))

    for i, edge in enumerate(EDGES):
        x, dy = np.array([edge], dtype), np.ones(1, dtype)
        if not y[i].isnan():
            close_to_torch(getattr(cnnkit, name)(x, **options), y[i], dtype)
        if not tensor.grad[i].isnan():
            close_to_torch(getattr(cnnkit, f"{name}_backward")(dy, x, **options), tensor.grad[i], dtype)


def close_to_torch(ours, theirs, dtype):
    """Equal to a few units in the last place; below the smallest normal number, torch itself flushes to 0."""
    assert ours.dtype == dtype
    precision = np.finfo(dtype)
    np.testing.assert_allclose(ours[0], theirs.item(), rtol=8 * float(precision.eps), atol=8 * float(precision.eps))


@pytest.mark.parametrize("x", [-5.0, -10.0, -20.0, -37.0])
def test_gelu_keeps_its_digits_where_torch_has_none_left(x):
    """x · Φ(x) against Φ from its asymptotic bounds: φ(x)/|x| · (1 - 1/x²) < Φ(x) < φ(x)/|x|."""
    density = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    assert -density < cnnkit.gelu(x) < -density * (1 - 1 / x**2)
    assert x == -5.0 or F.gelu(torch.tensor(x, dtype=torch.float64)) == 0


def test_integers_become_float64_and_scalars_are_welcome():
    assert cnnkit.relu([1, -2]).dtype == np.float64
    assert cnnkit.sigmoid(0) == 0.5
    assert cnnkit.gelu_backward(1.0, 0.0) == 0.5
    assert cnnkit.softplus(np.float32(0)).dtype == np.float32


@pytest.mark.parametrize(
    "name",
    [
        "relu",
        "leaky_relu",
        "elu",
        "gelu",
        "silu",
        "sigmoid",
        "tanh",
        "softplus",
        "hardtanh",
        "hardsigmoid",
        "hardswish",
        "mish",
        "selu",
        "softsign",
    ],
)
def test_nan_goes_in_and_comes_out(name):
    assert np.isnan(getattr(cnnkit, name)([np.nan])).all()


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "gelu", "silu", "sigmoid", "tanh", "softplus"])
def test_the_slope_at_nan_is_torchs(name):
    """Not elu's and hardtanh's: torch's own is another in blocks of eight than in what is left over."""
    x = np.full(9, np.nan)
    tensor, dy = torch.tensor(x, requires_grad=True), np.arange(1.0, 10.0)
    getattr(F, name)(tensor).backward(torch.tensor(dy))
    np.testing.assert_allclose(getattr(cnnkit, f"{name}_backward")(dy, x), tensor.grad, rtol=1e-15)


@pytest.mark.parametrize("name", ["leaky_relu", "elu", "gelu", "softplus", "hardtanh"])
def test_defaults_are_those_of_torch(name):
    x = np.linspace(-4, 25, 59)
    tensor = torch.tensor(x, requires_grad=True)
    theirs = getattr(F, name)(tensor)
    theirs.sum().backward()
    np.testing.assert_allclose(getattr(cnnkit, name)(x), theirs.detach(), rtol=1e-9)
    np.testing.assert_allclose(getattr(cnnkit, f"{name}_backward")(np.ones_like(x), x), tensor.grad, rtol=1e-9)


def test_prelu_takes_one_slope_for_all_or_one_per_channel():
    x = -np.ones((2, 3, 4, 4))
    one, each = np.array([0.5]), np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(cnnkit.prelu(x, one), -0.5 * np.ones_like(x))
    np.testing.assert_array_equal(cnnkit.prelu(x, each)[:, :, 0, 0], [[-1, -2, -3]] * 2)
    assert cnnkit.prelu_backward(x, x, one)[1].shape == (1,)
    np.testing.assert_array_equal(cnnkit.prelu_backward(x, x, each)[1], [32, 32, 32])
    assert cnnkit.prelu_backward(x, x, 0.5)[1].shape == ()


def test_rrelu_draws_its_slopes_evenly():
    """The mean of m uniform slopes from [l, u) scatters by (u - l) / sqrt(12 m); five times that is never seen."""
    m = 100_000
    x = -np.ones(m)
    y, slopes = cnnkit.rrelu(x, lower=0.2, upper=0.6, rng=np.random.default_rng(0), training=True)
    np.testing.assert_array_equal(y, -slopes)
    assert abs(slopes.mean() - 0.4) < 5 * 0.4 / np.sqrt(12 * m)
    assert slopes.min() < 0.2001
    assert slopes.max() > 0.5999
    again, _ = cnnkit.rrelu(x, lower=0.2, upper=0.6, rng=np.random.default_rng(0), training=True)
    np.testing.assert_array_equal(y, again)


def test_rrelu_outside_training_takes_the_middle_and_needs_no_rng():
    x = np.linspace(-3, 3, 13)
    y, slopes = cnnkit.rrelu(x)
    np.testing.assert_allclose(y, F.rrelu(torch.tensor(x)), rtol=1e-15)
    assert slopes[0] == (1 / 8 + 1 / 3) / 2
    assert cnnkit.rrelu(x.astype(np.float16))[1].dtype == np.float16


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", ["silu", "gelu"])
def test_where_no_number_is_right_there_is_nan_without_a_warning(name, dtype):
    """0 · inf, as in silu(-inf) = -inf · σ(-inf); pytest would make an error of a warning."""
    x = np.array([-np.inf, 0.0, np.nan], dtype)
    np.testing.assert_array_equal(getattr(cnnkit, name)(x), getattr(F, name)(torch.tensor(x)).numpy())
    assert np.isnan(getattr(cnnkit, f"{name}_backward")(np.full(3, np.inf, dtype), x)[[0, 2]]).all()


def test_infinity_and_the_largest_numbers_pass_every_layer_without_a_warning():
    """What comes out is torch's: inf past the largest number, NaN for inf - inf and 0 · inf."""
    big = np.array([[np.inf, 1.0], [np.finfo(np.float64).max, -np.finfo(np.float64).max]])
    tensor, rng = torch.tensor(big), np.random.default_rng(0)
    np.testing.assert_array_equal(cnnkit.linear(big, big), F.linear(tensor, tensor).numpy())
    np.testing.assert_array_equal(cnnkit.log_softmax(big, 1), F.log_softmax(tensor, 1).numpy())
    np.testing.assert_array_equal(cnnkit.cross_entropy(big, [0, 1]), F.cross_entropy(tensor, torch.tensor([0, 1])))
    y, mask = cnnkit.dropout(big, 1.0, rng=rng)
    np.testing.assert_array_equal(y, F.dropout(tensor, 1.0).numpy())
    assert np.isnan(cnnkit.dropout_backward(big, mask)[0, 0])
    y, *_ = cnnkit.batch_norm2d(big[None, None], None, None, training=True)
    np.testing.assert_array_equal(y, F.batch_norm(tensor[None, None], None, None, training=True).numpy())


# --- numbers of 16 and of 32 bits, far out too ---------------------------------------------------------------------


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


SCALE, ALPHA = np.longdouble("1.0507009873554804934193349852946"), np.longdouble("1.6732632423543772848170429916717")
RIGHT = {  # value and slope, in long doubles
    "hardsigmoid": (lambda x: np.clip(x + 3, 0, 6) / 6, lambda x: np.where(np.abs(x) < 3, np.longdouble(1) / 6, 0)),
    "hardswish": (
        lambda x: x * (np.clip(x + 3, 0, 6) / 6),
        lambda x: np.where(x <= -3, 0, np.where(x < 3, (2 * x + 3) / 6, 1)),
    ),
    "mish": (
        lambda x: x * np.tanh(softplus(x)),
        lambda x: np.tanh(softplus(x)) + x * sigmoid(x) / np.cosh(softplus(x)) ** 2,
    ),
    "selu": (
        lambda x: SCALE * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0))),
        lambda x: SCALE * np.where(x > 0, 1, ALPHA * np.exp(np.minimum(x, 0))),
    ),
    "softsign": (lambda x: x / (1 + np.abs(x)), lambda x: 1 / (1 + np.abs(x)) ** 2),
}


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("name", [*RIGHT, "glu"])
@np.errstate(all="ignore")
def test_far_out_the_error_is_at_most_a_unit_in_the_last_place(name, dtype):
    """So it is less than twice torch's and a unit, which is asked for: torch's own is not needed."""
    near, far = np.linspace(-30, 30, 4001), np.geomspace(30, 6e4, 200)
    x = np.concatenate([near, far, -far]).astype(dtype)
    z = x.astype(np.longdouble)
    dy = np.full_like(x, 1.5)
    if name == "glu":
        x, right = np.stack([x[::-1], x]), (z[::-1] * sigmoid(z), 1.5 * np.stack([sigmoid(z), z[::-1] * slope(z)]))
        ours = cnnkit.glu(x, 0)[0], cnnkit.glu_backward(dy[None], x, 0)
    else:
        right = RIGHT[name][0](z), 1.5 * RIGHT[name][1](z)
        ours = getattr(cnnkit, name)(x), getattr(cnnkit, f"{name}_backward")(dy, x)
    for mine, truth in zip(ours, right, strict=True):
        assert mine.dtype == dtype
        rounded = np.abs(truth).astype(dtype)
        assert np.all(np.abs(mine - truth) <= np.spacing(rounded))


def slope(x):
    """Of the sigmoid."""
    e = np.exp(-np.abs(x))
    return e / (1 + e) ** 2


@pytest.mark.parametrize("x", [1e-300, 1e200, 1e308, -1e308])
def test_squares_that_no_float_holds_are_not_needed(x):
    assert cnnkit.softsign_backward(1e300, x) == pytest.approx(1e300 / (1 + abs(x)) / (1 + abs(x)))
    assert cnnkit.hardswish(x) == (max(x, 0) if abs(x) > 3 else x / 2)
    assert cnnkit.mish(x) == pytest.approx(max(x, 0) if abs(x) > 3 else 0.6 * x)
    assert cnnkit.mish_backward(1.0, x) == pytest.approx((x > 3) + 0.6 * (abs(x) < 1))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_glu_at_the_edges_is_torchs(dim, dtype):
    x = np.array([[np.inf, -1e4, 3.0, -0.0], [-np.inf, 89.0, -20.0, 1.0]], dtype)
    tensor = torch.tensor(x, requires_grad=True)
    theirs = F.glu(tensor, dim)
    theirs.backward(torch.ones_like(theirs))
    eps = float(np.finfo(dtype).eps)
    ours = cnnkit.glu(x, dim)
    np.testing.assert_allclose(ours, theirs.detach(), rtol=4 * eps, atol=eps)
    slopes, expected = cnnkit.glu_backward(np.ones_like(ours), x, dim), tensor.grad.numpy()
    number = np.isfinite(expected)
    np.testing.assert_allclose(slopes[number], expected[number], rtol=8 * eps, atol=8 * eps)


def test_glu_of_nothing_and_of_the_last_axis():
    assert cnnkit.glu(np.ones((0, 2))).shape == (0, 1)
    assert cnnkit.glu(np.ones((2, 0))).shape == (2, 0)
    assert cnnkit.glu_backward(np.ones((0, 1)), np.ones((0, 2))).shape == (0, 2)
    np.testing.assert_array_equal(cnnkit.glu([[2.0, 0.0]]), [[1.0]])
