"""Activations at the edges: infinities, ±1e4 and kinks in every float type, shapes, and rrelu's chance."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cnnkit

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
    "name", ["relu", "leaky_relu", "elu", "gelu", "silu", "sigmoid", "tanh", "softplus", "hardtanh"]
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
