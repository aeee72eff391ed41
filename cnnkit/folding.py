"""Windows laid out as columns, and put back: what makes a convolution a product of matrices."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import IntOrPair, Padding, like_torch_no_warnings, numbers, pair, rounded_once, same_shape
from cnnkit._windows import Windows, images, windows_over

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@like_torch_no_warnings
def unfold(
    x: ArrayLike, kernel_size: IntOrPair, *, dilation: IntOrPair = 1, padding: Padding = 0, stride: IntOrPair = 1
) -> np.ndarray:
    r"""Write what each window sees into a column of its own, window after window: "im2col".

    .. math:: y_{n,\; (c,u,v),\; (i,j)} = x_{n,\,c,\; i s + u d - p,\; j s + v d - p}

    with x = 0 in the padding; (c, u, v) and (i, j) are counted row by row. A convolution is a product of matrices then:
    `weight.reshape(len(weight), -1) @ unfold(x, …)`, laid out anew.

    Shapes: x (N, C, H, W) or (C, H, W), y (N, C · height · width, H_out · W_out) or one such matrix. kernel_size,
    dilation, padding, stride: an int or a pair (height, width); padding also all else that `conv2d` takes.
    Errors: ValueError if no window fits.

    >>> unfold([[[1, 2, 3], [4, 5, 6]]], 2)  # two windows of four pixels
    array([[1, 2],
           [2, 3],
           [4, 5],
           [5, 6]])

    Reference: Chellapilla, Puri and Simard (2006), High Performance Convolutional Neural Networks for Document
    Processing, section 3.
    """
    x, windows, as_given = _check_images(x, kernel_size, stride, padding, dilation)
    x_pad = windows.pad(x)
    return as_given(windows.columns(x_pad))


@like_torch_no_warnings
@rounded_once
def unfold_backward(
    dy: ArrayLike, x: ArrayLike, kernel_size: IntOrPair, *,
    dilation: IntOrPair = 1, padding: Padding = 0, stride: IntOrPair = 1,
) -> np.ndarray:  # fmt: skip
    """Return dx, which is `fold` of dy: a pixel gets the gradients of all columns that it stands in.

    Shapes: dy as y, dx as x, of which only the shape and the type matter.
    Errors: ValueError as `unfold`, and if dy does not have the shape of y.

    >>> unfold_backward([[1, 1], [1, 1], [1, 1], [1, 1]], [[[1, 2, 3], [4, 5, 6]]], 2)  # in how many windows it is
    array([[[1, 2, 1],
            [1, 2, 1]]])

    Reference: Chellapilla, Puri and Simard (2006), High Performance Convolutional Neural Networks for Document
    Processing, section 3.
    """
    dy, windows, size, as_given = _check_images_backward(dy, x, kernel_size, stride, padding, dilation)
    dx = windows.fold(dy, size)
    return as_given(dx)


@like_torch_no_warnings
@rounded_once
def fold(
    x: ArrayLike, output_size: IntOrPair, kernel_size: IntOrPair, *,
    dilation: IntOrPair = 1, padding: Padding = 0, stride: IntOrPair = 1,
) -> np.ndarray:  # fmt: skip
    r"""Put windows back where `unfold` took them from; where they overlap, their pixels are added up: "col2im".

    .. math:: y_{n,\,c,\; i s + u d - p,\; j s + v d - p} \mathrel{+}= x_{n,\; (c,u,v),\; (i,j)}

    So `fold(unfold(x))` is x times the number of windows that see each pixel: they undo each other where windows lie
    side by side. What falls on the padding is lost.

    Shapes: x (N, C · height · width, windows) or one such matrix, y (N, C, H, W) with H, W = output_size. The options
    are those of `unfold`.
    Errors: ValueError if an image of that size does not have so many windows of such a size.

    >>> fold([[1, 2], [2, 3], [4, 5], [5, 6]], (2, 3), 2)
    array([[[ 1,  4,  3],
            [ 4, 10,  6]]])

    Reference: Chellapilla, Puri and Simard (2006), High Performance Convolutional Neural Networks for Document
    Processing, section 3.
    """
    x, windows, size, as_given = _check_columns(x, output_size, kernel_size, stride, padding, dilation)
    y = windows.fold(x, size)
    return as_given(y)


@like_torch_no_warnings
def fold_backward(
    dy: ArrayLike, x: ArrayLike, output_size: IntOrPair, kernel_size: IntOrPair, *,
    dilation: IntOrPair = 1, padding: Padding = 0, stride: IntOrPair = 1,
) -> np.ndarray:  # fmt: skip
    """Return dx, which is `unfold` of dy: each column gets what became of the pixels that it was added to.

    Shapes: dy as y, dx as x, of which only the shape and the type matter.
    Errors: ValueError as `fold`, and if dy does not have the shape of y.

    >>> fold_backward([[[1, 2, 3], [4, 5, 6]]], [[0, 0], [0, 0], [0, 0], [0, 0]], (2, 3), 2)
    array([[1, 2],
           [2, 3],
           [4, 5],
           [5, 6]])

    Reference: Chellapilla, Puri and Simard (2006), High Performance Convolutional Neural Networks for Document
    Processing, section 3.
    """
    dy, windows, as_given = _check_columns_backward(dy, x, output_size, kernel_size, stride, padding, dilation)
    dy_pad = windows.pad(dy)
    return as_given(windows.columns(dy_pad))


AsGiven = Callable[[np.ndarray], np.ndarray]  # gives a result its shape


def _check_images(
    x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[np.ndarray, Windows, AsGiven]:
    """Return a batch of images, and where the windows lie on it."""
    x = images(x)
    windows, shape = windows_over(x, kernel_size, stride, padding, dilation), x.shape
    return _batch(x, 3), windows, lambda columns: columns.reshape(*shape[:-3], *_matrix(shape[-3], windows))


def _check_images_backward(
    dy: Any, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[np.ndarray, Windows, tuple[int, int], AsGiven]:
    """Return dy as columns, (N, C, height, width, H_out, W_out), the windows, and the size of dx."""
    x = images(x)
    windows, (*batch, channels, height, width) = windows_over(x, kernel_size, stride, padding, dilation), x.shape
    dy = numbers("dy", dy)
    same_shape("dy", dy, (*batch, *_matrix(channels, windows)), "that of the output")
    dtype, shape = np.result_type(dy, x), x.shape
    return _columns(dy, windows, channels, dtype), windows, (height, width), lambda dx: dx.reshape(shape)


def _check_columns(
    x: Any, output_size: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[np.ndarray, Windows, tuple[int, int], AsGiven]:
    """Return x as columns, (N, C, height, width, H_out, W_out), the windows, and the size of y."""
    x = numbers("x", x, ndim=(2, 3), shape="(N, C · height · width, windows) or one such matrix")
    size = pair("output_size", output_size, at_least=1)
    windows = windows_over(np.broadcast_to(False, size), kernel_size, stride, padding, dilation)
    pixels, count = prod(windows.kernel_size), prod(windows.output_size)
    if x.shape[-2] % pixels or x.shape[-2] == 0:
        raise ValueError(f"x must have {pixels} rows a channel, one for each pixel of a window, got shape {x.shape}")
    if x.shape[-1] != count:
        raise ValueError(f"x must have a column for each of the {count} windows of the image, got shape {x.shape}")
    channels, batch = x.shape[-2] // pixels, x.shape[:-2]
    return _columns(x, windows, channels, x.dtype), windows, size, lambda y: y.reshape(*batch, channels, *size)


def _check_columns_backward(
    dy: Any, x: Any, output_size: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[np.ndarray, Windows, AsGiven]:
    """Return dy as a batch of images, and the windows on it."""
    columns, windows, size, _ = _check_columns(x, output_size, kernel_size, stride, padding, dilation)
    dy, shape = numbers("dy", dy), np.shape(x)
    same_shape("dy", dy, (*shape[:-2], columns.shape[1], *size), "that of the output")
    return _batch(dy, 3).astype(np.result_type(dy, columns), copy=False), windows, lambda dx: dx.reshape(shape)


def _matrix(channels: int, windows: Windows) -> tuple[int, int]:
    """The shape of all columns of one image."""
    return channels * prod(windows.kernel_size), prod(windows.output_size)


def _columns(matrices: np.ndarray, windows: Windows, channels: int, dtype: np.dtype) -> np.ndarray:
    columns = _batch(matrices, 2).astype(dtype, copy=False)
    return columns.reshape(len(columns), channels, *windows.kernel_size, *windows.output_size)


def _batch(one_or_more: np.ndarray, ndim: int) -> np.ndarray:
    """What has so many axes as a batch of one."""
    return one_or_more[None] if one_or_more.ndim == ndim else one_or_more
