"""What the table of operations does not say about pooling: NaN, infinities, whole numbers, windows without pixels."""

import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

import cnnkit
from cnnkit import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from tests.operations import assert_close, rngs
from tests.operations_convolution import max_poolings, poolings
from tests.operations_pooling import lines

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


# --- sums, indices, sizes -----------------------------------------------------------------------------------------


def test_large_windows_are_added_up_wide():
    """4096 · 4200 ones are more than 2**24, where float32 cannot add one more."""
    ones = np.broadcast_to(np.float32(1), (1, 4096, 4200))
    assert avg_pool2d(ones, (4096, 4200)) == cnnkit.adaptive_avg_pool2d(ones, 1) == 1
    assert cnnkit.adaptive_avg_pool1d(ones.reshape(1, -1), 1) == 1


@given(rng=rngs, k=st.integers(10, 60), s=st.integers(1, 60))
def test_means_of_large_windows_are_right_to_the_last_digit(rng, k, s):
    x = rng.random((1, 1, 60, 70), np.float32)
    right = avg_pool2d(x.astype(np.float64), k, stride=s)
    np.testing.assert_array_equal(avg_pool2d(x, k, stride=s), right.astype(np.float32))
    dy = rng.random(right.shape, np.float32)
    dx = avg_pool2d_backward(dy.astype(np.float64), x.astype(np.float64), k, stride=s)
    np.testing.assert_allclose(avg_pool2d_backward(dy, x, k, stride=s), dx, rtol=1e-6)


@given(data=st.data(), rng=rngs)
def test_indices_of_nan_and_ties_as_torch(data, rng):
    arrays, options = data.draw(max_poolings())
    x = rng.choice([NAN, INF, -INF, 0.0, 1.0], size=arrays["x"].shape, p=rng.dirichlet(np.ones(5)))
    y, indices = max_pool2d(x, **options, return_indices=True)
    theirs = F.max_pool2d(torch.tensor(x), **options, return_indices=True)
    np.testing.assert_array_equal(y, theirs[0])
    np.testing.assert_array_equal(indices, theirs[1])
    assert indices.dtype == np.int64


@given(rng=rngs, h=st.integers(1, 6), w=st.integers(1, 6), size=st.tuples(st.integers(1, 6), st.integers(1, 6)))
def test_adaptive_pooling_of_nan_and_infinities_as_torch(rng, h, w, size):
    x = rng.choice([NAN, INF, -INF, 0.0, 1.0], size=(2, 3, h, w), p=rng.dirichlet(np.ones(5)))
    tensor = torch.tensor(x, requires_grad=True)
    y, indices = cnnkit.adaptive_max_pool2d(x, size, return_indices=True)
    theirs = F.adaptive_max_pool2d(tensor, size, return_indices=True)
    np.testing.assert_array_equal(y, theirs[0].detach())
    np.testing.assert_array_equal(indices, theirs[1])
    dy = rng.normal(size=y.shape)
    theirs[0].backward(torch.tensor(dy))
    assert_close(cnnkit.adaptive_max_pool2d_backward(dy, x, size), tensor.grad.numpy())
    means = F.adaptive_avg_pool2d(torch.tensor(x), size).numpy()
    np.testing.assert_allclose(cnnkit.adaptive_avg_pool2d(x, size), means, rtol=1e-12)


@given(data=st.data())
def test_indices_along_one_axis_as_torch(data):
    arrays, options = data.draw(lines(largest=True))
    y, indices = cnnkit.max_pool1d(**arrays, **options, return_indices=True)
    theirs = F.max_pool1d(torch.tensor(arrays["x"]), **options, return_indices=True)
    np.testing.assert_array_equal(y, theirs[0])
    np.testing.assert_array_equal(indices, theirs[1])
    y, indices = cnnkit.adaptive_max_pool1d(**arrays, output_size=3, return_indices=True)
    theirs = F.adaptive_max_pool1d(torch.tensor(arrays["x"]), 3, return_indices=True)
    np.testing.assert_array_equal(indices, theirs[1])


@pytest.mark.parametrize("size", [0, (0, 2), (None, 0)])
@pytest.mark.parametrize("name", ["adaptive_avg_pool2d", "adaptive_max_pool2d"])
def test_no_windows_at_all(name, size):
    x = np.ones((2, 3, 4, 5))
    y = getattr(cnnkit, name)(x, size)
    assert y.shape == tuple(getattr(F, name)(torch.tensor(x), size).shape)
    np.testing.assert_array_equal(getattr(cnnkit, f"{name}_backward")(y, x, size), np.zeros_like(x))


def test_whole_numbers_stay_whole_where_nothing_is_divided():
    x = np.arange(-12, 0).reshape(1, 3, 4)
    for y in (cnnkit.adaptive_max_pool2d(x, 2), cnnkit.max_pool1d(x, 2), max_pool2d(x, 2, return_indices=True)[0]):
        assert y.dtype == np.int64
    assert cnnkit.adaptive_avg_pool2d(x, 2).dtype == np.float64
    assert cnnkit.max_unpool2d(x, np.arange(12).reshape(1, 3, 4), 1).tolist() == x.tolist()


def test_a_sequence_is_pooled_by_a_tuple_of_one_number_as_torchs():
    x = np.arange(8.0).reshape(1, 8)
    np.testing.assert_array_equal(cnnkit.max_pool1d(x, (2,), stride=(3,), padding=(1,)), [[0, 3, 6]])
    np.testing.assert_array_equal(F.max_pool1d(torch.tensor(x), (2,), stride=(3,), padding=(1,)), [[0, 3, 6]])


def test_one_of_several_values_for_the_same_pixel_stays():
    y = cnnkit.max_unpool2d([[[1.0, 2.0]]], [[[1, 1]]], (1, 2))
    np.testing.assert_array_equal(y, [[[0, 2, 0, 0]]])
    np.testing.assert_array_equal(cnnkit.max_unpool2d_backward(y, [[[1.0, 2.0]]], [[[1, 1]]], (1, 2)), [[[2, 2]]])
