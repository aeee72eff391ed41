"""A convolution as a matrix, a locally connected layer as a matrix, and images moved: by hand, in loops, as torch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

import cnnkit
from cnnkit import conv2d, conv2d_backward, locally_connected2d, locally_connected2d_backward
from cnnkit.matrices import conv_matrix, local_matrix, pixels_read, shift
from tests.operations import rngs
from tests.operations_convolution import local_connections


def by_loops(weight, size, stride, padding) -> np.ndarray:
    """The definition: entry by entry, from the formula's indices."""
    filters, channels, kh, kw = weight.shape
    (height, width), (sh, sw), (ph, pw) = size, stride, padding
    rows, columns = (height + 2 * ph - kh) // sh + 1, (width + 2 * pw - kw) // sw + 1
    matrix = np.zeros((filters, rows, columns, channels, height, width))
    for o, i, j, c, u, v in np.ndindex(filters, rows, columns, channels, kh, kw):
        y, x = i * sh + u - ph, j * sw + v - pw
        if 0 <= y < height and 0 <= x < width:
            matrix[o, i, j, c, y, x] = weight[o, c, u, v]
    return matrix.reshape(filters * rows * columns, -1)


# By hand


def test_a_row_of_three_pixels_by_hand():
    assert conv_matrix([[[[1, 2]]]], (1, 3)).tolist() == [[1, 2, 0], [0, 1, 2]]
    assert conv_matrix([[[[1, 2]]]], (1, 3), padding=(0, 1)).tolist() == [[2, 0, 0], [1, 2, 0], [0, 1, 2], [0, 0, 1]]
    assert conv_matrix([[[[1, 2]]]], (1, 4), stride=(1, 2)).tolist() == [[1, 2, 0, 0], [0, 0, 1, 2]]
    assert conv_matrix([[[[1, 2]]]], (1, 3), dilation=2).tolist() == [[1, 0, 2]]


def test_three_by_three_pixels_by_hand():
    """The second row of the kernel stands one row of pixels, so 3 columns, further right."""
    assert conv_matrix([[[[1, 2], [3, 4]]]], 3).tolist() == [
        [1, 2, 0, 3, 4, 0, 0, 0, 0],
        [0, 1, 2, 0, 3, 4, 0, 0, 0],
        [0, 0, 0, 1, 2, 0, 3, 4, 0],
        [0, 0, 0, 0, 1, 2, 0, 3, 4],
    ]


def test_two_filters_on_two_channels_by_hand():
    weight = np.arange(1, 5).reshape(2, 2, 1, 1)
    assert conv_matrix(weight, (1, 2)).tolist() == [[1, 0, 2, 0], [0, 1, 0, 2], [3, 0, 4, 0], [0, 3, 0, 4]]


# Against conv2d, torch and the loops


def assert_is_matrix_of(matrix, x, y):
    """That y is the matrix times each image of x."""
    rows = x.reshape(-1, matrix.shape[1]) @ matrix.T
    np.testing.assert_allclose(rows, y.reshape(-1, len(matrix)), rtol=1e-12, atol=1e-12)


@given(case=local_connections())
def test_the_matrices_are_the_layers(case):
    arrays, options = case
    x, own, shared = arrays["x"], arrays["weight"], arrays["weight"][:, 0, 0]
    assert_is_matrix_of(local_matrix(own, x.shape[-2:], **options), x, locally_connected2d(x, own, **options))
    assert_is_matrix_of(conv_matrix(shared, x.shape[-2:], **options), x, conv2d(x, shared, **options))


@given(rng=rngs, size=st.tuples(st.integers(3, 6), st.integers(3, 6)), stride=st.integers(1, 3), p=st.integers(0, 2))
def test_the_matrix_is_that_of_the_loops_and_torch(rng, size, stride, p):
    weight, x = rng.normal(size=(2, 3, 2, 3)), rng.normal(size=(3, *size))
    matrix = conv_matrix(weight, size, stride=stride, padding=(p, 1))
    np.testing.assert_array_equal(matrix, by_loops(weight, size, (stride, stride), (p, 1)))
    y = F.conv2d(torch.tensor(x), torch.tensor(weight), stride=stride, padding=(p, 1))
    np.testing.assert_allclose(matrix @ x.ravel(), y.numpy().ravel(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("padding", ["same", "valid", ((0, 1), (2, 0))])
def test_the_matrices_know_every_kind_of_padding(padding):
    rng = np.random.default_rng(2)
    weight, x = rng.normal(size=(2, 3, 2, 3)), rng.normal(size=(3, 5, 4))
    y = conv2d(x, weight, padding=padding)
    own = rng.normal(size=(2, *y.shape[1:], 3, 2, 3))
    assert_is_matrix_of(conv_matrix(weight, (5, 4), padding=padding), x, y)
    assert_is_matrix_of(local_matrix(own, (5, 4), padding=padding), x, locally_connected2d(x, own, padding=padding))


def test_the_matrix_is_what_torch_differentiates():
    """The Jacobian of torch's conv2d, a function that knows nothing of our windows."""
    rng = np.random.default_rng(0)
    weight, x = torch.tensor(rng.normal(size=(2, 2, 3, 3))), torch.tensor(rng.normal(size=(2, 5, 6)))
    slopes = torch.autograd.functional.jacobian(lambda x: F.conv2d(x, weight, stride=2, padding=1, dilation=1), x)
    matrix = conv_matrix(weight.numpy(), (5, 6), stride=2, padding=1)
    np.testing.assert_allclose(matrix, slopes.numpy().reshape(matrix.shape), rtol=1e-12, atol=1e-15)


def test_the_transposed_matrix_is_the_backward_pass():
    rng = np.random.default_rng(1)
    x, weight = rng.normal(size=(2, 6, 5)), rng.normal(size=(3, 2, 3, 2))
    matrix, dy = conv_matrix(weight, (6, 5), padding=1), rng.normal(size=conv2d(x, weight, padding=1).shape)
    dx, dweight, _ = conv2d_backward(dy, x, weight, padding=1)
    np.testing.assert_allclose(matrix.T @ dy.ravel(), dx.ravel(), rtol=1e-12, atol=1e-12)
    transposed = F.conv_transpose2d(torch.tensor(dy), torch.tensor(weight), padding=1)
    np.testing.assert_allclose((matrix.T @ dy.ravel()).reshape(x.shape), transposed.numpy(), rtol=1e-12, atol=1e-12)
    # the gradient of a shared weight is the sum over all places at which it stands
    own = np.broadcast_to(weight[:, None, None], (3, *dy.shape[1:], *weight.shape[1:]))
    _, untied, _ = locally_connected2d_backward(dy, x, own, padding=1)
    np.testing.assert_allclose(untied.sum(axis=(1, 2)), dweight, rtol=1e-12, atol=1e-12)


def test_a_convolution_is_a_locally_connected_layer_whose_filters_are_alike():
    weight = np.arange(1, 10).reshape(1, 1, 3, 3)
    own = np.broadcast_to(weight[:, None, None], (1, 4, 4, 1, 3, 3))
    assert np.array_equal(conv_matrix(weight, 6), local_matrix(own, 6))
    numbered = np.arange(1, 1 + own.size).reshape(own.shape)
    assert len(np.unique(conv_matrix(weight, 6))) == 1 + 9  # and zero
    assert len(np.unique(local_matrix(numbered, 6))) == 1 + 16 * 9
    assert np.array_equal(conv_matrix(weight, 6) > 0, local_matrix(numbered, 6) > 0)


def test_types_are_kept_and_inputs_are_not_changed():
    for dtype in (np.float16, np.float32, np.float64, np.int64):
        weight = np.ones((1, 1, 2, 2), dtype)
        weight.flags.writeable = False
        assert conv_matrix(weight, 3).dtype == dtype
        x = np.ones((2, 3, 3), dtype)
        x.flags.writeable = False
        assert shift(x, 1, 0).dtype == dtype


def test_which_pixel_each_weight_reads():
    reads = pixels_read((2, 2, 2), 3, stride=1)
    assert reads.shape == (2, 2, 2, 2, 2)
    assert reads[1, 1].tolist() == [[[4, 5], [7, 8]], [[13, 14], [16, 17]]]
    assert (pixels_read((1, 3, 3), 4, padding=1)[0, 0, 0] == [[-1, -1, -1], [-1, 0, 1], [-1, 4, 5]]).all()


# Moving images


@given(rng=rngs, down=st.integers(-6, 6), right=st.integers(-6, 6))
def test_a_shift_moves_each_pixel(rng, down, right):
    x = rng.normal(size=(2, 3, 4, 5))
    y = shift(x, down, right)
    for i, j in np.ndindex(4, 5):
        there = 0 <= i - down < 4 and 0 <= j - right < 5
        np.testing.assert_array_equal(y[..., i, j], x[..., i - down, j - right] if there else 0)


@given(rng=rngs, k=st.integers(1, 4), down=st.integers(-3, 3), right=st.integers(-3, 3))
def test_the_output_of_a_convolution_moves_with_its_input(rng, k, down, right):
    """Away from the border: what was within reach of it has seen other pixels."""
    x, weight = rng.normal(size=(2, 12, 11)), rng.normal(size=(3, 2, k, k))
    first, second = shift(conv2d(x, weight), down, right), conv2d(shift(x, down, right), weight)
    inside = np.s_[:, max(down, 0) : first.shape[1] + min(down, 0), max(right, 0) : first.shape[2] + min(right, 0)]
    np.testing.assert_allclose(first[inside], second[inside], rtol=1e-12, atol=1e-12)


# What cannot be


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: conv_matrix(np.ones((3, 3)), 5), r"weight must have 4 dimensions \(out_channels, C, height, width\)"),
        (lambda: conv_matrix("w", 5), "weight must hold real numbers, got 'w'"),
        (lambda: conv_matrix(np.ones((0, 1, 3, 3)), 5), r"at least one filter of at least one pixel, got shape \(0,"),
        (lambda: conv_matrix(np.ones((1, 1, 3, 3)), 2), r"kernel does not fit.*: it spans 3 pixels"),
        (lambda: conv_matrix(np.ones((1, 1, 3, 3)), 5.0), r"size must be an int or a pair \(height, width\) of ints"),
        (lambda: conv_matrix(np.ones((1, 1, 3, 3)), 5, stride=0), "stride must be at least 1, got 0"),
        (
            lambda: conv_matrix(np.ones((1, 1, 3, 3)), 5, padding="full"),
            "padding must be one of 'valid', 'same', got 'full'",
        ),
        (
            lambda: local_matrix(np.ones((1, 1, 3, 3)), 5),
            r"weight must have 6 dimensions \(out_channels, H_out, W_out,",
        ),
        (
            lambda: local_matrix(np.ones((1, 2, 2, 1, 3, 3)), 5),
            r"weight must have shape \(1, 3, 3, 1, 3, 3\) \(one filter per output pixel\), got \(1, 2, 2, 1, 3, 3\)",
        ),
        (lambda: pixels_read((1, 0, 3), 5), "every side of the kernel must be at least 1, got 0"),
        (lambda: shift([1, 2], 0, 1), r"x must have at least two dimensions \(\.\.\., H, W\), got 1: shape \(2,\)"),
        (lambda: shift([[1]], 0.5, 1), r"down must be an int, got 0\.5"),
        (lambda: shift([[1]], 0, True), "right must be an int, got True"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input(call, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        call()
    assert "\n" not in str(error.value)


def test_the_functions_are_at_the_top_level():
    assert cnnkit.conv_matrix is conv_matrix
    assert cnnkit.local_matrix is local_matrix
    assert cnnkit.shift is shift
