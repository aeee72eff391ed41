"""Unpooling: put what max pooling kept back where it stood."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import (
    IntOrPair,
    as_array,
    floats,
    given,
    is_int,
    like_torch_no_warnings,
    native,
    pair,
    same_shape,
)
from cnnkit._windows import images
from cnnkit.adaptive_pooling import in_planes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@like_torch_no_warnings
def max_unpool2d(
    x: ArrayLike,
    indices: ArrayLike,
    kernel_size: IntOrPair,
    *,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    output_size: tuple[int, ...] | None = None,
) -> np.ndarray:
    r"""Put each value back where `max_pool2d` found it; all other pixels are 0.

    .. math:: y_{n,c,r,q} = \begin{cases} x_{n,c,i,j} & r \, W_{out} + q = indices_{n,c,i,j} \\ 0 & \text{else}
              \end{cases}

    It undoes max pooling as far as that is possible: what did not win is lost. Of several values for the same pixel
    (windows that overlap) the last one stays.

    Shapes: x and indices (N, C, H, W) or (C, H, W), as `max_pool2d` with `return_indices` gives them; y (N, C, H_out,
    W_out) with H_out = (H - 1) s - 2p + k, the smallest image that is pooled to H rows. Others are, too, up to s - 1
    rows more: then output_size, a pair or the whole shape of y, says which. kernel_size, stride and padding as in
    `max_pool2d`.
    Errors: ValueError if shapes do not fit, or an index lies outside y.

    >>> from cnnkit import max_pool2d
    >>> y, indices = max_pool2d([[[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 9.0, 6.0]]], 2, return_indices=True)
    >>> max_unpool2d(y, indices, 2)
    array([[[0., 5., 0., 0.],
            [0., 0., 9., 0.]]])

    Reference: Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, section 2.1.
    """
    x, places, shape = _check_arguments(x, indices, kernel_size, stride, padding, output_size)
    y = np.zeros(prod(shape), x.dtype)
    y[places] = x
    return y.reshape(shape)


@like_torch_no_warnings
def max_unpool2d_backward(
    dy: ArrayLike,
    x: ArrayLike,
    indices: ArrayLike,
    kernel_size: IntOrPair,
    *,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    output_size: tuple[int, ...] | None = None,
) -> np.ndarray:
    """Return dx: each value gets the gradient of the pixel where it was put.

    Of several values for the same pixel each gets its gradient, as in torch, although all but one are overwritten.

    Shapes: dy as y, dx as x. Only the shape and the type of x matter.
    Errors: ValueError as `max_unpool2d`, and if dy does not have the shape of y.

    >>> max_unpool2d_backward([[[1.0, 2.0, 3.0, 4.0]]], [[[5.0, 9.0]]], [[[1, 2]]], (1, 2))
    array([[[2., 3.]]])

    Reference: Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, section 2.1.
    """
    dy, x, places = _check_backward(dy, x, indices, kernel_size, stride, padding, output_size)
    return dy.ravel()[places].astype(np.result_type(dy, x), copy=False)


def _check_arguments(
    x: Any, indices: Any, kernel_size: Any, stride: Any, padding: Any, output_size: Any
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Return x, the places of its values in the whole of y, and y's shape."""
    x, indices = images(x), native(as_array("indices", indices))
    if indices.dtype.kind not in "iu":
        raise ValueError(f"indices must hold whole numbers (ints), got an array of {indices.dtype}")
    same_shape("indices", indices, x.shape, "that of x")
    shape = (*x.shape[:-2], *_size(x, kernel_size, kernel_size if stride is None else stride, padding, output_size))
    outside = indices[(indices < 0) | (indices >= shape[-2] * shape[-1])]
    if outside.size:
        raise ValueError(
            f"indices must lie between 0 and {shape[-2] * shape[-1] - 1} (y has {shape[-2]} × {shape[-1]} pixels), "
            f"got {outside[0]}"
        )
    return x, in_planes(indices.astype(np.int64), shape), shape


def _size(x: np.ndarray, kernel_size: Any, stride: Any, padding: Any, output_size: Any) -> tuple[int, ...]:
    """Height and width of y."""
    kernels, strides = pair("kernel_size", kernel_size, at_least=1), pair("stride", stride, at_least=1)
    paddings = pair("padding", padding, at_least=0)
    sides = zip(x.shape[-2:], kernels, strides, paddings, strict=True)
    least = [(side - 1) * s - 2 * p + k for side, k, s, p in sides]
    if output_size is None:
        wanted = tuple(least)
        if min(wanted) < 1:
            raise ValueError(f"padding must leave at least one pixel of y, got padding={given(padding)}")
        return wanted
    given_size = output_size if isinstance(output_size, (tuple, list)) else ()
    wanted = tuple(given_size[-2:])
    if len(given_size) not in (2, x.ndim) or not all(map(is_int, wanted)):
        raise ValueError(f"output_size must be (height, width) or the shape of y, got {given(output_size)}")
    if any(abs(side - low) >= s for side, low, s in zip(wanted, least, strides, strict=True)) or min(wanted) < 1:
        allowed = " and ".join(f"{max(1, low - s + 1)} to {low + s - 1}" for low, s in zip(least, strides, strict=True))
        raise ValueError(f"output_size must be {allowed} for height and width, got {given(output_size)}")
    return tuple(map(int, wanted))


def _check_backward(
    dy: Any, x: Any, indices: Any, kernel_size: Any, stride: Any, padding: Any, output_size: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dy, x, and the places of its values in the whole of y."""
    x, places, shape = _check_arguments(floats("x", x), indices, kernel_size, stride, padding, output_size)
    dy = floats("dy", dy)
    same_shape("dy", dy, shape, "that of the output")
    return dy, x, places
