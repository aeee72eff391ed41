"""What the table of operations does not say about convolution: memory, number types, infinities, torch's refusals."""

import tracemalloc
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

import cnnkit
from benchmarks.bench import CONVOLUTIONS
from cnnkit.convolution import conv2d, conv2d_backward, conv2d_loops, locally_connected2d
from tests.bad_calls_convolution import REFUSED_BY_TORCH
from tests.operations import assert_close, rngs
from tests.operations_convolution import conv2d_by_hand

SHAPES = [  # x, weight, options: four ordinary layers, and one image that is cut into parts
    ((32, 3, 32, 32), (10, 3, 5, 5), {}),
    ((32, 16, 32, 32), (32, 16, 3, 3), {"padding": 1}),
    ((8, 3, 64, 64), (16, 3, 7, 7), {"stride": 2, "padding": 3}),
    ((64, 1, 28, 28), (32, 1, 3, 3), {"padding": 1}),
    ((1, 16, 256, 256), (16, 16, 3, 3), {"padding": 1}),
]
TYPES = [np.float16, np.float32, np.float64]


@pytest.mark.parametrize(("sentence", "call"), REFUSED_BY_TORCH, ids=lambda v: v if isinstance(v, str) else "")
def test_torch_refuses_the_same_calls(sentence, call):
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        call()


def peak(f) -> int:
    """How many bytes more than before are in use at the worst moment of f(), its result included."""
    f()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        f()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("x_shape", "weight_shape", "options"), SHAPES)
def test_memory_is_at_most_twice_input_and_output(x_shape, weight_shape, options):
    x, weight = np.ones(x_shape, np.float32), np.ones(weight_shape, np.float32)
    dy = conv2d(x, weight, **options)
    assert peak(lambda: conv2d(x, weight, **options)) <= 2 * (x.nbytes + dy.nbytes)
    assert peak(lambda: conv2d_backward(dy, x, weight, **options)) <= 2 * (x.nbytes + dy.nbytes)


@pytest.mark.parametrize("layer", CONVOLUTIONS, ids=lambda layer: layer.layer)
def test_memory_of_known_layers_is_at_most_three_times_what_goes_in_and_out(layer):
    x = np.ones(layer.shape, np.float32)
    weight = np.ones((layer.filters, x.shape[1] // layer.groups, *[layer.kernel_size] * 2), np.float32)
    options = {"stride": layer.stride, "padding": layer.padding, "groups": layer.groups}
    dy = conv2d(x, weight, **options)
    most = 3 * (x.nbytes + weight.nbytes + dy.nbytes)
    assert peak(lambda: conv2d(x, weight, **options)) <= most
    assert peak(lambda: conv2d_backward(dy, x, weight, **options)) <= most


@pytest.mark.parametrize(("x_shape", "weight_shape", "options"), SHAPES)
def test_large_inputs_cut_into_parts(x_shape, weight_shape, options):
    """The table's cases are small enough for one part; these are not."""
    rng = np.random.default_rng(0)
    x, weight, bias = rng.normal(size=x_shape), rng.normal(size=weight_shape), rng.normal(size=weight_shape[0])
    tensors = [torch.from_numpy(a).requires_grad_() for a in (x, weight, bias)]
    y = F.conv2d(*tensors, **options)
    np.testing.assert_allclose(conv2d(x, weight, bias, **options), y.detach(), rtol=1e-9, atol=1e-10)
    dy = rng.normal(size=y.shape)
    y.backward(torch.from_numpy(dy))
    for ours, theirs in zip(conv2d_backward(dy, x, weight, **options), tensors, strict=True):
        np.testing.assert_allclose(ours, theirs.grad, rtol=1e-9, atol=1e-8)


@given(
    rng=rngs,
    shape=st.tuples(*[st.integers(1, 4)] * 4),
    part=st.integers(1, 4000),
    options=st.fixed_dictionaries({
        "stride": st.integers(1, 3), "padding": st.integers(0, 2), "dilation": st.integers(1, 2),
    }),
)  # fmt: skip
def test_the_size_of_the_parts_changes_nothing(rng, shape, part, options):
    n, c, k, more = shape
    x = rng.integers(-9, 9, (n, c, 2 * k + more, 2 * k + 1))
    weight = rng.integers(-9, 9, (2, c, k, k))
    y = conv2d(x, weight, **options)
    dy = rng.integers(-9, 9, y.shape)
    expected = y, *conv2d_backward(dy, x, weight, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cnnkit._windows.PART", part)
        got = conv2d(x, weight, **options), *conv2d_backward(dy, x, weight, **options)
    for ours, whole in zip(got, expected, strict=True):
        np.testing.assert_array_equal(ours, whole)


@given(
    rng=rngs,
    shape=st.tuples(st.integers(0, 2), *[st.integers(1, 3)] * 4),
    options=st.fixed_dictionaries({
        "stride": st.integers(1, 3), "padding": st.integers(0, 2), "dilation": st.integers(1, 3),
    }),
)  # fmt: skip
def test_the_loops_that_are_shown_are_the_definition(rng, shape, options):
    n, c, filters, kh, kw = shape
    x = rng.normal(size=(n, c, 3 * kh + 1, 3 * kw))
    weight, bias = rng.normal(size=(filters, c, kh, kw)), rng.normal(size=filters)
    assert_close(conv2d_loops(x, weight, bias, **options), conv2d_by_hand(x, weight, bias, **options))


def test_whole_numbers_stay_whole_numbers():
    x, weight = np.arange(32, dtype=np.int32).reshape(2, 1, 4, 4), [[[[2**40, 0], [0, -1]]]]
    y = conv2d(x, weight)
    assert y.dtype == np.int64
    assert y[0, 0, 0, 0] == -5
    assert y[0, 0, 0, 1] == 2**40 - 6
    assert all(a.dtype == np.int64 for a in conv2d_backward(np.ones_like(y), x, weight))
    assert conv2d_loops(x, weight).dtype == np.int64
    assert locally_connected2d([[[1, 2]]], np.ones((1, 1, 2, 1, 1, 1), int)).dtype == np.int64
    assert conv2d(x > 3, weight).dtype == np.int64


def test_mixed_types_give_the_wider_one():
    x, weight = np.ones((1, 1, 2, 2), np.float32), np.ones((1, 1, 1, 1))
    assert conv2d(x, weight).dtype == np.float64
    assert conv2d(x, weight.astype(np.float16)).dtype == np.float32
    assert conv2d(x.astype(int), weight).dtype == np.float64


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("value", [1e4, -1e4, np.inf, -np.inf])
def test_large_and_infinite_inputs_as_torch(dtype, value):
    rng = np.random.default_rng(0)
    x = (value * np.ones((2, 2, 5, 5))).astype(dtype)
    x[1] = rng.normal(size=(2, 5, 5))
    weight, bias = rng.uniform(0.1, 1, (3, 2, 3, 3)).astype(dtype), rng.normal(size=3).astype(dtype)
    tensors = [torch.from_numpy(a.copy()).requires_grad_() for a in (x, weight, bias)]
    theirs = F.conv2d(*tensors, padding=1)
    theirs.backward(torch.ones_like(theirs))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = conv2d(x, weight, bias, padding=1)
        gradients = conv2d_backward(np.ones_like(y), x, weight, padding=1)
    assert not np.isnan(y).any()
    close = {np.float16: 5e-3, np.float32: 1e-5, np.float64: 1e-12}[dtype]
    np.testing.assert_allclose(y, theirs.detach(), rtol=close, atol=close)
    for ours, tensor in zip(gradients, tensors, strict=True):
        np.testing.assert_allclose(ours, tensor.grad, rtol=close, atol=close)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, (2, 5)])
@pytest.mark.parametrize("dilation", [1, 2, (1, 3)])
def test_same_keeps_the_size(kernel, dilation):
    kernel = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    x, weight = np.random.default_rng(0).normal(size=(1, 2, 6, 7)), np.ones((3, 2, *kernel))
    assert conv2d(x, weight, padding="same", dilation=dilation).shape == (1, 3, 6, 7)


def test_an_empty_batch_gives_an_empty_batch_and_no_gradient():
    x, weight = np.ones((0, 3, 5, 5)), np.ones((4, 3, 3, 3))
    y = conv2d(x, weight)
    dx, dweight, dbias = conv2d_backward(y, x, weight)
    assert y.shape == F.conv2d(torch.ones(0, 3, 5, 5), torch.ones(4, 3, 3, 3)).shape
    assert dx.shape == x.shape
    assert not dweight.any()
    assert not dbias.any()


def test_flipping_the_kernel_makes_it_the_convolution_of_the_textbooks():
    x, kernel = np.arange(5), np.array([1, 2, 4])
    y = conv2d(x.reshape(1, 1, 5), kernel[::-1].reshape(1, 1, 1, 3), padding=(0, 2))
    np.testing.assert_array_equal(y.ravel(), np.convolve(x, kernel))


def test_the_functions_are_at_the_top_level():
    assert cnnkit.conv2d is conv2d
    assert cnnkit.locally_connected2d is locally_connected2d
