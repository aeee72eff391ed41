"""Numbers of every type: sums wide and rounded once, float16 against float64, counts in small integers, no warning."""

import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnkit as ck
from cnnkit import network
from cnnkit.layers import AvgPool2d, Conv2d, Linear, LocallyConnected2d, MaxPool2d
from tests.operations import collect, rngs

OPERATIONS = {operation.name: operation for operation in collect()}
SMALL = (np.uint8, np.int8, np.int16, np.uint16, np.int32, np.uint32, np.uint64)


# --- sums ---------------------------------------------------------------------------------------------------------


def test_a_sum_of_ones_does_not_stop_where_float32_has_no_next_number():
    n = 2**24 + 1000
    ones = np.broadcast_to(np.float32(1), (n, 2))
    for gradient in (
        ck.linear_backward(ones, ones, np.eye(2, dtype=np.float32))[2],
        ck.prelu_backward(ones, -ones, np.ones(2, np.float32))[1],
        ck.batch_norm2d_backward(ones[..., None, None], ones[..., None, None], [0, 0], [1, 1])[2],
    ):
        assert gradient.dtype == np.float32
        np.testing.assert_array_equal(np.abs(gradient), n)


@given(rng=rngs, n=st.integers(1000, 300_000))
@settings(max_examples=10)
def test_sums_of_float32_are_right_to_the_last_digits(rng, n):
    """Numbers between 0 and 1: added up one by one in float32, thousands of them lose 2 to 4 of their 7 digits."""
    x = rng.random((n, 2), np.float32)
    right = x.astype(np.float64).sum(axis=0)
    np.testing.assert_allclose(ck.linear_backward(x, x, np.ones((2, 2)))[2], right, rtol=1.2e-7)
    np.testing.assert_allclose(ck.prelu_backward(x, -np.ones_like(x), np.ones(2, np.float32))[1], -right, rtol=1.2e-7)
    pixel = x.reshape(n, 2, 1, 1)
    _, _, dbias = ck.conv2d_backward(pixel, pixel, np.ones((2, 2, 1, 1), np.float32))
    np.testing.assert_allclose(dbias, right, rtol=1.2e-7)
    np.testing.assert_allclose(ck.log_softmax_backward(x, 0 * x, 0), x - right / n, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1, 1, 2**22), (2**21, 1, 1, 1), (1, 1, 2048, 2048), (8, 2, 2**18, 1)])
def test_the_gradient_of_a_weight_that_met_millions_of_pixels_is_rounded_once(shape):
    rng = np.random.default_rng(0)
    x, dy, weight = (rng.random(s, np.float32) for s in (shape, (shape[0], 1, *shape[2:]), (1, shape[1], 1, 1)))
    _, dweight, _ = ck.conv2d_backward(dy, x, weight)
    right = np.einsum("nohw,nchw->oc", dy, x, dtype=np.float64).reshape(weight.shape)
    assert dweight.dtype == np.float32
    np.testing.assert_allclose(dweight, right, rtol=2.0**-23)


def test_a_gradient_of_ones_counts_past_the_last_whole_number_of_float32():
    n = 20_000_000
    dy = np.ones((n, 1, 1, 1), np.float32)
    one = np.ones((1, 1, 1, 1), np.float32)
    assert ck.conv2d_backward(dy, dy, one)[1] == n
    dy = dy.reshape(1, 1, 4, n // 4)
    assert ck.conv2d_backward(dy, dy, one)[1] == n
    images = np.broadcast_to(np.float32(1), (2**24 + 1000, 1, 1, 1))
    assert ck.locally_connected2d_backward(images, images, one[..., None, None])[1] == len(images)


def test_the_sums_of_float16_go_past_2048_and_65504():
    ones, column = np.ones((4096, 1), np.float16), np.ones((1, 1), np.float16)
    assert ck.linear_backward(ones, ones, column)[2] == 4096
    assert ck.prelu_backward(ones, -ones, column[0])[1] == -4096
    assert not ck.log_softmax_backward(np.ones(4096, np.float16), np.zeros(4096, np.float16), 0).any()
    row = np.array([[300, 300]], np.float16)
    assert ck.linear(row, np.array([[300, -299.5]], np.float16)) == 150
    assert ck.cross_entropy(np.zeros((4096, 1000), np.float16), np.zeros(4096, int), reduction="sum") == 28288
    image = np.ones((1, 1, 64, 64), np.float16)
    assert ck.conv2d_loops(image, image) == ck.conv2d(image, image) == 4096


# --- float16 ------------------------------------------------------------------------------------------------------

HALF = [name for name in OPERATIONS if "pool" not in name and "dropout" not in name and name != "rrelu"]


@pytest.mark.parametrize("name", HALF)
@given(data=st.data(), rng=rngs)
@settings(max_examples=30)
def test_float16_is_at_most_twice_as_wrong_as_torch_and_a_last_digit(name, data, rng):
    """The truth is the same operation in float64, on the numbers that float16 holds."""
    operation = OPERATIONS[name]
    arrays, options = data.draw(operation.cases)
    half = {key: value.astype(np.float16) for key, value in arrays.items()}
    wide = {key: value.astype(np.float64) for key, value in half.items()}
    y = operation.forward(**half, **options)
    dy = rng.normal(size=y.shape).astype(np.float16)
    ours = {"": y, **operation.backward(dy, **half, **options)}
    right = {"": operation.forward(**wide, **options), **operation.backward(dy.astype(np.float64), **wide, **options)}
    try:
        theirs = torch_in_half(operation, half, options, dy)
    except RuntimeError:  # torch has no such operation for float16
        theirs = {}
    for key, value in ours.items():
        own = np.abs(value.astype(np.float64) - right[key])
        torchs = np.abs(theirs[key] - right[key]) if key in theirs else 0
        last_digit = np.spacing(np.abs(right[key]).astype(np.float16)).astype(np.float64)
        assert value.dtype == np.float16
        assert np.all(own <= 2 * torchs + last_digit), f"d{key}" if key else "y"


def torch_in_half(operation, half, options, dy):
    tensors = {name: torch.tensor(array, requires_grad=True) for name, array in half.items()}
    y = operation.torch(**tensors, **options)
    y.backward(torch.tensor(dy))
    gradients = {name: t.grad.numpy().astype(np.float64) for name, t in tensors.items() if t.grad is not None}
    return {"": y.detach().numpy().astype(np.float64), **gradients}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_slopes_keep_their_digits_far_out(name, dtype):
    """σ' = σ(x) σ(-x), and tanh' is 4 σ'(2x): no difference of two numbers near 1."""
    x = np.linspace(-40, 40, 641).astype(dtype)
    z = x.astype(np.float64) * (1 if name == "sigmoid" else 2)
    right = ck.sigmoid(z) * ck.sigmoid(-z) * (1 if name == "sigmoid" else 4)
    slopes = getattr(ck, f"{name}_backward")(np.ones_like(x), x)
    precision = np.finfo(dtype)
    assert slopes.dtype == dtype
    np.testing.assert_allclose(
        slopes.astype(np.float64), right, rtol=8 * float(precision.eps), atol=float(precision.smallest_subnormal)
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("slope", [np.inf, -np.inf, np.nan, 1e10])
def test_a_slope_that_is_no_number_stays_on_its_own_side(slope, dtype):
    x = np.array([-2, -0.5, 0, 3, np.inf], dtype)
    tensor = torch.tensor(x)
    np.testing.assert_array_equal(ck.leaky_relu(x, negative_slope=slope), F.leaky_relu(tensor, slope).numpy())
    np.testing.assert_array_equal(ck.elu(x, alpha=slope)[[0, 1, 3, 4]], F.elu(tensor, slope).numpy()[[0, 1, 3, 4]])
    weight = np.array(slope).astype(dtype) if np.isfinite(np.array(slope, np.float32)) and dtype != np.float16 else None
    if weight is not None:
        np.testing.assert_array_equal(ck.prelu(x, weight), F.prelu(tensor, torch.tensor(weight)).numpy())


# --- other types --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i2", "i4", "i8", "u2", "u4"])
def test_bytes_in_either_order_hold_the_same_numbers(dtype):
    for order in "<>":
        x = np.array([[1, 2], [3, 4]], order + dtype)
        usual = x.astype(dtype)
        for ours, right in (
            (ck.sigmoid(x), ck.sigmoid(usual)),
            (ck.softmax(x, 1), ck.softmax(usual, 1)),
            (ck.linear(x, x), ck.linear(usual, usual)),
            (ck.conv2d(x[None], x[None, None]), ck.conv2d(usual[None], usual[None, None])),
        ):
            np.testing.assert_array_equal(ours, right)
            assert ours.dtype == right.dtype
            assert ours.dtype.isnative


def test_long_doubles_are_rounded_to_float64():
    y = ck.relu(np.array([-1, 1 / 3], np.longdouble))
    np.testing.assert_array_equal(y, [0, 1 / 3])
    assert y.dtype == np.float64


def test_running_statistics_keep_their_own_type():
    x = np.random.default_rng(0).normal(size=(8, 3, 2, 2)).astype(np.float16)
    mean, var = np.zeros(3, np.float32), np.ones(3, np.float64)
    y, mean, var = ck.batch_norm2d(x, mean, var, training=True)
    assert (y.dtype, mean.dtype, var.dtype) == (np.float16, np.float32, np.float64)


@pytest.mark.parametrize("dtype", SMALL)
def test_layers_count_in_whole_numbers_that_do_not_overflow(dtype):
    number = np.dtype(dtype).type
    for small, plain, shape in (
        (Conv2d(number(100), number(120), number(3)), Conv2d(100, 120, 3), (100, 9, 9)),
        (Conv2d(4, 8, (number(9), number(30)), padding=number(20)), Conv2d(4, 8, (9, 30), padding=20), (4, 9, 9)),
        (Linear(number(127), number(127)), Linear(127, 127), (127,)),
        (LocallyConnected2d(2, number(3), number(20), input_size=(number(40), number(40))),
         LocallyConnected2d(2, 3, 20, input_size=(40, 40)), (2, 40, 40)),
        (MaxPool2d(number(2), number(2)), MaxPool2d(2, 2), (1, 8, 8)),
        (AvgPool2d((number(2), number(3))), AvgPool2d((2, 3)), (1, 8, 9)),
    ):  # fmt: skip
        assert ck.count_parameters(small, shape) == ck.count_parameters(plain, shape)
        assert ck.count_macs(small, shape) == ck.count_macs(plain, shape)
        assert repr(small) == repr(plain)
    assert ck.count_macs(Linear(np.int32(60000), np.int32(60000)), (60000,)) == 3_600_000_000


@pytest.mark.parametrize("dtype", SMALL)
def test_options_in_small_integers_mean_the_same(dtype):
    number = np.dtype(dtype).type
    x, weight = np.ones((1, 4, 6, 6)), np.ones((300, 2, 3, 3))
    for function in (
        ck.conv2d,
        lambda x, w, **options: ck.conv2d_backward(np.ones((1, 300, 3, 3)), x, w, **options)[0],
    ):
        small = function(x, weight, stride=number(2), padding=number(1), groups=number(2))
        np.testing.assert_array_equal(small, function(x, weight, stride=2, padding=1, groups=2))
    np.testing.assert_array_equal(ck.softmax(x, number(1)), ck.softmax(x, 1))
    np.testing.assert_array_equal(ck.shift(x, number(3), number(2)), ck.shift(x, 3, 2))


# --- warnings -----------------------------------------------------------------------------------------------------

BIG = np.array([[-1000.0, 0.0, 1000.0, np.inf], [-1e-300, 1e-300, 1e300, -1e300]])


@pytest.mark.parametrize("name", list(OPERATIONS))
@given(data=st.data(), rng=rngs)
@settings(max_examples=5)
def test_no_warning_and_no_error_of_numpys_whatever_np_seterr_says(name, data, rng):
    operation = OPERATIONS[name]
    arrays, options = data.draw(operation.cases)
    for scale in (1e-300, 1000.0, 1e300):
        scaled = {key: value * scale for key, value in arrays.items()}
        for dtype in (np.float16, np.float32, np.float64):
            with np.errstate(all="ignore"):
                typed = {key: value.astype(dtype) for key, value in scaled.items()}
            with np.errstate(all="raise"):
                y = operation.forward(**typed, **options)
                operation.backward(np.ones_like(y), **typed, **options)


def test_no_warning_of_options_at_their_ends():
    calls = (
        lambda: ck.hardtanh(np.ones(3, np.float16), max_val=1e10),
        lambda: ck.hardtanh_backward(np.ones(3, np.float32), np.ones(3, np.float32), max_val=1e300),
        lambda: ck.batch_norm2d(np.ones((1, 1, 2, 2)), [0], [0], eps=0),
        lambda: ck.softmax([0.0, -1000.0], 0),
        lambda: ck.sigmoid(BIG),
        lambda: ck.gelu_backward(BIG, BIG),
        lambda: ck.numerical_gradient(lambda x: x, [np.inf], [1.0]),
        lambda: ck.max_pool2d(BIG[None], 1),
        lambda: ck.relu(np.array([np.finfo(np.longdouble).max])),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for call in calls:
            for mode in ("warn", "raise"):
                with np.errstate(all=mode):
                    call()


def test_the_users_own_function_keeps_the_users_settings():
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        ck.numerical_gradient(lambda x: np.log(0 * x), [1.0], [1.0])


@pytest.mark.parametrize("answer", [None, 1j, "1", torch.tensor([1.0])])
def test_what_f_returns_must_be_real_numbers(answer):
    with pytest.raises(ValueError, match=r"f (must return|returns must hold) real numbers"):
        ck.numerical_gradient(lambda x: answer, [1.0], [1.0])


def test_steps_past_the_largest_number_are_taken_without_a_warning_or_an_error():
    for step in (network.sgd, network.adam):
        net = network.mlp([2, 2], "relu", rng=np.random.default_rng(0), dtype=np.float32)
        net.backward(np.full_like(net.forward(np.ones((1, 2), np.float32)), 1e30))
        with np.errstate(all="raise"):
            step(net, 1e30)


def test_the_size_of_a_batch_may_be_a_small_integer_of_numpys():
    net = network.digits_cnn(np.random.default_rng(0))
    x, labels = np.zeros((300, 1, 8, 8), np.float32), np.zeros(300, int)
    assert len(list(network.fit(net, x, labels, epochs=1, rng=np.random.default_rng(0), batch=np.uint8(100)))) == 1
