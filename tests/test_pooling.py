"""What the table of operations does not say about pooling: NaN, infinities, whole numbers, windows without pixels."""

import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from cnnkit import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from tests.operations import assert_close, rngs
from tests.operations_convolution import max_poolings, poolings

NAN, INF = float("nan"), float("inf")
TYPES = [np.float16, np.float32, np.float64]
STRANGE = st.sampled_from([NAN, INF, -INF, 0.0, -1.0, 1.0])


def torch_gradient(function, x, dy, **options):
    tensor = torch.tensor(x, requires_grad=True)
    y = function(tensor, **options)
    y.backward(torch.tensor(dy))
    return y.detach().numpy(), tensor.grad.numpy()


@given(data=st.data(), rng=rngs)
def test_max_of_nan_and_infinities_as_torch(data, rng):
    """A NaN wins, the last one gets the gradient; a window of nothing but -inf gives it to its first pixel."""
    arrays, options = data.draw(max_poolings())
    x = rng.choice([NAN, INF, -INF, 0.0, 1.0], size=arrays["x"].shape, p=rng.dirichlet(np.ones(5)))
    dy = rng.normal(size=max_pool2d(x, **options).shape)
    y, dx = torch_gradient(F.max_pool2d, x, dy, **options)
    np.testing.assert_array_equal(max_pool2d(x, **options), y)
    assert_close(max_pool2d_backward(dy, x, **options), dx)


@given(data=st.data(), rng=rngs)
def test_mean_of_nan_and_infinities_as_torch(data, rng):
    arrays, options = data.draw(poolings(largest=False))
    x = rng.choice([NAN, INF, -INF, 0.0, 1.0], size=arrays["x"].shape)
    theirs = F.avg_pool2d(torch.tensor(x), **options).numpy()
    np.testing.assert_array_equal(avg_pool2d(x, **options), theirs)


@given(data=st.data(), rng=rngs)
def test_infinite_gradients_reach_the_winner_only(data, rng):
    arrays, options = data.draw(max_poolings())
    dy = rng.choice([NAN, INF, -INF, 0.0, 1.0], size=max_pool2d(**arrays, **options).shape)
    _, dx = torch_gradient(F.max_pool2d, arrays["x"], dy, **options)
    np.testing.assert_array_equal(max_pool2d_backward(dy, **arrays, **options), dx)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("value", [1e4, -1e4, 6e4, INF, -INF])
def test_large_inputs_give_torchs_numbers_without_a_warning(dtype, value):
    """In float16 nine times 10,000 is more than the largest number; their mean is not."""
    x = np.full((1, 1, 5, 5), value).astype(dtype)
    options = {"kernel_size": 3, "stride": 2, "padding": 1}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        largest, mean = max_pool2d(x, **options), avg_pool2d(x, **options)
        max_pool2d_backward(largest, x, **options)
        avg_pool2d_backward(mean, x, **options)
    tensor = torch.from_numpy(x)
    np.testing.assert_array_equal(largest, F.max_pool2d(tensor, **options))
    np.testing.assert_allclose(mean, F.avg_pool2d(tensor, **options), rtol=1e-3 if dtype == np.float16 else 1e-6)


def test_whole_numbers():
    x = np.arange(-16, 0).reshape(1, 1, 4, 4)
    largest = max_pool2d(x, 3, stride=2, padding=1)
    assert largest.dtype == np.int64
    np.testing.assert_array_equal(largest, F.max_pool2d(torch.from_numpy(x), 3, stride=2, padding=1))
    assert avg_pool2d(x, 2).dtype == np.float64  # means of whole numbers are not whole numbers; torch truncates them
    assert max_pool2d_backward(np.ones((1, 1, 2, 2), int), x, 2).dtype == np.float64


def test_a_window_that_sees_no_pixel_gives_minus_infinity_and_takes_no_gradient():
    """Dilation can jump over a small image: taps at -1 and 1, pixels at 0 only."""
    x, options = np.array([[[3.0]]]), {"kernel_size": 2, "stride": 1, "padding": 1, "dilation": 2}
    assert max_pool2d(x, **options) == -INF
    assert F.max_pool2d(torch.tensor(x), **options) == -INF
    assert max_pool2d_backward(np.ones((1, 1, 1)), x, **options) == 0


def test_more_taps_than_a_byte_can_count():
    x = np.arange(400.0).reshape(1, 20, 20)
    dx = max_pool2d_backward(np.ones((1, 1, 1)), x, 20)
    assert dx.sum() == dx[0, -1, -1] == 1


@pytest.mark.parametrize("pool", [max_pool2d, avg_pool2d])
@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({"kernel_size": 3, "stride": 2, "ceil_mode": True}, (1, 1)),  # a window larger than its input
        ({"kernel_size": 2, "padding": 1, "ceil_mode": True}, (2, 2)),
        ({"kernel_size": 2, "stride": 3, "ceil_mode": True}, (1, 1)),  # a second window would start outside
        ({"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True}, (1, 1)),
        ({"kernel_size": 2, "stride": 1}, (1, 1)),
    ],
)
def test_ceil_mode_on_two_pixels(pool, options, shape):
    x = np.arange(4.0).reshape(1, 2, 2)
    y = pool(x, **options)
    assert y.shape == (1, *shape)
    np.testing.assert_array_equal(y, getattr(F, pool.__name__)(torch.from_numpy(x), **options))


@pytest.mark.parametrize("pool", [max_pool2d, avg_pool2d])
def test_empty_batch(pool):
    theirs = getattr(F, pool.__name__)(torch.zeros(0, 3, 5, 5), 2)
    assert pool(np.zeros((0, 3, 5, 5)), 2).shape == tuple(theirs.shape) == (0, 3, 2, 2)
