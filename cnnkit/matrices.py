"""What weight sharing is: a convolution as a matrix, its cousin without sharing as a matrix, and images moved."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import given, integer, is_int, like_torch_no_warnings, numbers, pair, same_shape
from cnnkit._windows import windows_over


def conv_matrix(weight: Any, size: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1) -> np.ndarray:
    r"""Write a convolution as a matrix: `conv2d(x, weight)` is `conv_matrix(weight, size) @ x.ravel()`, laid out anew.

    One row for each output pixel, one column for each input pixel. Row (o, i, j) holds the weights of filter o in the
    columns of the pixels that the window at (i, j) reads, and 0 elsewhere. Every row of one filter holds the same
    weights: that is what sharing means. What falls on the padding has no column and is left out.

    .. math:: M_{(o,i,j),\,(c,\; i s + u d - p,\; j s + v d - p)} = w_{o,c,u,v}

    Shapes: weight (out_channels, C, height, width); size, the input's: an int or a pair (height, width); the matrix
    (out_channels · H_out · W_out, C · H · W). It is almost empty and large: a tool for looking, not for computing.
    The options are those of `conv2d`: padding also 'same', 'valid' or ((top, bottom), (left, right)).
    Errors: ValueError if weight is not such an array or no window fits.

    >>> conv_matrix([[[[1, 2]]]], (1, 4))  # a filter of two weights on four pixels: three windows
    array([[1, 2, 0, 0],
           [0, 1, 2, 0],
           [0, 0, 1, 2]])

    Reference: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, section 4.1.
    """
    weight = _filters(weight, 4, "(out_channels, C, height, width)")
    reads = pixels_read(weight.shape[1:], size, stride=stride, padding=padding, dilation=dilation)
    alike = np.broadcast_to(weight[:, None, None], (len(weight), *reads.shape[:2], *weight.shape[1:]))
    return local_matrix(alike, size, stride=stride, padding=padding, dilation=dilation)


def local_matrix(weight: Any, size: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1) -> np.ndarray:
    r"""Write a locally connected layer as a matrix: `conv_matrix` with weights of their own in every row.

    .. math:: M_{(o,i,j),\,(c,\; i s + u d - p,\; j s + v d - p)} = w_{o,i,j,c,u,v}

    Shapes: weight (out_channels, H_out, W_out, C, height, width) as for `locally_connected2d`; size, the input's: an
    int or a pair (height, width); the matrix (out_channels · H_out · W_out, C · H · W).
    Errors: ValueError if weight is not such an array, or does not have one filter per output pixel.

    >>> local_matrix(np.reshape([1, 2, 3, 4, 5, 6], (1, 1, 3, 1, 1, 2)), (1, 4))  # three windows, three filters
    array([[1, 2, 0, 0],
           [0, 3, 4, 0],
           [0, 0, 5, 6]])

    Reference: Taigman et al. (2014), DeepFace: Closing the Gap to Human-Level Performance, section 3.
    """
    weight = _filters(weight, 6, "(out_channels, H_out, W_out, C, height, width)")
    reads = pixels_read(weight.shape[3:], size, stride=stride, padding=padding, dilation=dilation)
    same_shape("weight", weight, (len(weight), *reads.shape), "one filter per output pixel")
    matrix = np.zeros((*weight.shape[:3], weight.shape[3] * np.prod(pair("size", size, at_least=1))), weight.dtype)
    for i, j in np.ndindex(reads.shape[:2]):
        inside = reads[i, j] >= 0
        matrix[:, i, j, reads[i, j][inside]] = weight[:, i, j, inside]
    return matrix.reshape(-1, matrix.shape[-1])


def pixels_read(
    kernel: tuple[int, ...], size: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> np.ndarray:
    """Return the number of the input pixel that each weight of each window reads, −1 for one of the padding.

    Pixels are numbered channel by channel and row by row, as `x.ravel()` has them.

    Shapes: kernel (C, height, width), size an int or a pair (height, width), the numbers (H_out, W_out, *kernel).
    Errors: ValueError if no window fits.

    >>> pixels_read((1, 1, 3), (1, 4), padding=(0, 1)).reshape(4, 3)  # four windows of three pixels
    array([[-1,  0,  1],
           [ 0,  1,  2],
           [ 1,  2,  3],
           [ 2,  3, -1]])
    """
    channels, *kernel_size = (integer("every side of the kernel", side, at_least=1) for side in kernel)
    height, width = pair("size", size, at_least=1)
    pixels = np.arange(channels * height * width).reshape(1, channels, height, width)
    windows = windows_over(pixels, tuple(kernel_size), stride, padding, dilation)
    return np.moveaxis(windows.columns(windows.pad(pixels, -1))[0], (3, 4), (0, 1))


@like_torch_no_warnings
def shift(x: Any, down: int, right: int) -> np.ndarray:
    """Move images by whole pixels, a negative number up or to the left; zeros come in where nothing was.

    Shapes: x (..., H, W) -> the same.
    Errors: ValueError if x has fewer than two axes, or if the steps are not whole numbers.

    >>> shift([[1, 2, 3], [4, 5, 6]], 1, -1)
    array([[0, 0, 0],
           [2, 3, 0]])
    """
    x = numbers("x", x)
    if x.ndim < 2:
        raise ValueError(f"x must have at least two dimensions (..., H, W), got {x.ndim}: shape {x.shape}")
    for name, step in (("down", down), ("right", right)):
        if not is_int(step):
            raise ValueError(f"{name} must be an int, got {given(step)}")
    down, right = int(down), int(right)  # -down of an unsigned integer is not what it looks like
    y, (height, width) = np.zeros_like(x), x.shape[-2:]
    to = _part(down, height), _part(right, width)
    y[..., *to] = x[..., _part(-down, height), _part(-right, width)]
    return y


def _filters(weight: Any, ndim: int, shape: str) -> np.ndarray:
    weight = numbers("weight", weight, ndim=ndim, shape=shape)
    if 0 in weight.shape:
        raise ValueError(f"weight must have at least one filter of at least one pixel, got shape {weight.shape}")
    return weight


def _part(step: int, count: int) -> slice:
    """What is there after a move by `step` of `count` pixels."""
    return slice(min(max(step, 0), count), max(count + min(step, 0), 0))
