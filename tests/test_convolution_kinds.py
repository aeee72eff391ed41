"""What the table of operations does not say of conv1d, conv_transpose2d, unfold, fold: types, sums, refusals."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cnnkit as ck
from tests.bad_calls_convolution_kinds import REFUSED_BY_TORCH


@pytest.mark.parametrize(("sentence", "call"), REFUSED_BY_TORCH, ids=lambda v: v if isinstance(v, str) else "")
def test_torch_refuses_the_same_calls(sentence, call):
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        call()


def test_whole_numbers_stay_whole_numbers():
    x = np.arange(12, dtype=np.uint8).reshape(1, 3, 4)
    assert ck.conv1d(x, np.ones((2, 3, 2), np.int16)).dtype == np.int64
    for y in (
        ck.conv_transpose2d(x, np.full((1, 1, 2, 2), 2**40)),
        ck.unfold(x, 2),
        ck.fold(x[0].T, (2, 6), 2, stride=2),
    ):
        assert y.dtype == np.int64


@pytest.mark.parametrize("function", ["conv1d", "conv_transpose2d", "unfold", "fold"])
def test_an_empty_batch_gives_an_empty_batch_and_no_gradient(function):
    arrays, options = {
        "conv1d": ([np.ones((0, 3, 5)), np.ones((4, 3, 3))], {"padding": 1}),
        "conv_transpose2d": ([np.ones((0, 3, 5, 5)), np.ones((3, 4, 3, 3))], {"stride": 2}),
        "unfold": ([np.ones((0, 3, 5, 5))], {"kernel_size": 2}),
        "fold": ([np.ones((0, 12, 16))], {"kernel_size": 2, "output_size": 5}),
    }[function]
    y = getattr(ck, function)(*arrays, **options)
    gradients = getattr(ck, f"{function}_backward")(y, *arrays, **options)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    assert len(y) == 0
    assert [g.shape for g in gradients[: len(arrays)]] == [a.shape for a in arrays]
    assert not any(g.any() for g in gradients)


def test_a_long_signal_keeps_its_digits():
    """Two million places: the gradient of a weight is a sum over all of them."""
    rng = np.random.default_rng(0)
    x, dy, weight = rng.random((1, 2**21 + 2), np.float32), rng.random((1, 2**21), np.float32), np.ones((1, 1, 3))
    _, dweight, dbias = ck.conv1d_backward(dy, x, weight.astype(np.float32))
    right = [np.dot(dy[0].astype(np.float64), x[0, u : u + 2**21].astype(np.float64)) for u in range(3)]
    np.testing.assert_allclose(dweight.ravel(), right, rtol=2.0**-23)
    np.testing.assert_allclose(dbias, dy.sum(dtype=np.float64), rtol=2.0**-23)


def test_a_transposed_convolution_counts_past_the_last_whole_number_of_float32():
    n = 2**24 + 4096
    x = np.ones((n // 4096, 1, 64, 64), np.float32)
    dy = np.broadcast_to(np.float32(1), x.shape)
    _, dweight, dbias = ck.conv_transpose2d_backward(dy, x, np.ones((1, 1, 1, 1), np.float32))
    assert dweight == dbias == n


def test_same_turns_a_convolution_round_at_its_own_size():
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 3, 6, 7)), rng.normal(size=(3, 4, 2, 3))
    y = ck.conv_transpose2d(x, weight, padding="same")
    assert y.shape == (2, 4, 6, 7)
    expected = F.conv_transpose2d(torch.tensor(x), torch.tensor(weight))[..., :6, 1:8]
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)


def test_the_sizes_of_a_convolution_that_are_one_to_its_transpose():
    """With a stride of 3, images of 7, 8 and 9 pixels have outputs of 3: output_padding says which is meant."""
    weight = np.ones((1, 1, 1, 1))
    for more, size in enumerate((7, 8, 9)):
        assert ck.conv_output_size(size, 1, stride=3) == 3
        assert ck.conv_transpose2d(np.ones((1, 3, 3)), weight, stride=3, output_padding=more).shape == (1, size, size)


def test_memory_order_and_views_do_not_matter():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 8, 8))[:, :, ::2, ::-1]
    weight = np.asfortranarray(rng.normal(size=(3, 2, 2, 2)))
    y = ck.conv_transpose2d(x, weight, stride=2)
    expected = F.conv_transpose2d(torch.tensor(x.copy()), torch.tensor(weight), stride=2)
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-12)
    assert ck.fold(ck.unfold(x, 2, stride=2), (4, 8), 2, stride=2).tolist() == x.tolist()


def test_bytes_in_the_other_order_and_lists():
    x = np.arange(8, dtype=">f4").reshape(1, 2, 4)
    assert ck.unfold(x, 2).dtype == np.float32
    assert ck.fold(ck.unfold(x.tolist(), (2, 1)), (2, 4), (2, 1)).tolist() == x.tolist()
    assert ck.conv1d(x[0].tolist(), [[[1], [0]]]).tolist() == [[0, 1, 2, 3]]


def test_infinities_as_torch():
    x, weight = np.array([[[np.inf, 1], [2, 3]]], np.float32), np.ones((1, 1, 2, 2), np.float32)
    expected = F.conv_transpose2d(torch.tensor(x), torch.tensor(weight))
    np.testing.assert_array_equal(ck.conv_transpose2d(x, weight), expected)
    x[0, 1, 1] = np.nan
    np.testing.assert_array_equal(ck.unfold(x, 2), F.unfold(torch.tensor(x), 2))
    np.testing.assert_array_equal(
        ck.fold([[np.inf], [1], [-np.inf], [np.nan]], 2, 2)[0], [[np.inf, 1], [-np.inf, np.nan]]
    )
