"""The transposed convolution: what a convolution does to gradients, done to images."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import (
    IntOrPair,
    Padding,
    integer,
    like_torch_no_warnings,
    numbers,
    pair,
    rounded_once,
    same_shape,
)
from cnnkit._sums import wide_sum
from cnnkit._windows import Windows, images
from cnnkit.convolution import Gradients, check_bias, conv2d, correlate, in_groups, of_rows, spread_back
from cnnkit.sizes import paddings

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@like_torch_no_warnings
@rounded_once
def conv_transpose2d(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    output_padding: IntOrPair = 0,
    groups: int = 1,
    dilation: IntOrPair = 1,
) -> np.ndarray:
    r"""Spread each pixel out with the weights of its channel: `conv2d_backward` toward x, taken for a layer of its own.

    .. math:: y_{n,\,o,\; i s + u d - p,\; j s + v d - p} \mathrel{+}= w_{c,o,u,v} \; x_{n,c,i,j}

    starting from y = b_o. What falls on the padding is lost: padding makes y smaller. With a stride y is larger than x:
    pixels are s apart. A convolution by s makes the same of s sizes; `output_padding` says which of them y shall have.
    It adds rows at the bottom and columns at the right. (The name deconvolution is wrong: it undoes the size only.)

    Shapes: x (N, C, H, W) or (C, H, W), weight (C, out_channels / groups, height, width), bias (out_channels,),
    y (N, out_channels, H_out, W_out) with H_out = (H - 1) s - 2p + d (height - 1) + 1 + output_padding. stride,
    padding, output_padding, dilation: an int or a pair (height, width); padding also all else that `conv2d` takes.
    Errors: ValueError if shapes and options do not go together.

    >>> conv_transpose2d([[[1, 10]]], [[[[1, 2, 3]]]])  # 1 2 3, and one place on 10 20 30
    array([[[ 1, 12, 23, 30]]])
    >>> conv_transpose2d([[[1, 10]]], [[[[1, 2, 3]]]], stride=(1, 2))
    array([[[ 1,  2, 13, 20, 30]]])

    Reference: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, chapter 4.
    """
    x, weight, bias, windows, shape, as_given = _check_arguments(
        x, weight, bias, stride, padding, output_padding, groups, dilation
    )
    y = spread_back(x, weight, windows, shape)  # for conv2d_backward, x is dy and y is dx
    return as_given(y + bias)


@like_torch_no_warnings
@rounded_once
def conv_transpose2d_backward(
    dy: ArrayLike,
    x: ArrayLike,
    weight: ArrayLike,
    *,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    output_padding: IntOrPair = 0,
    groups: int = 1,
    dilation: IntOrPair = 1,
) -> Gradients:
    r"""Return dx, dweight, dbias: dx is `conv2d` of dy, and in dweight x and dy change places.

    .. math:: dx_{n,c,i,j} = \sum_{o,u,v} w_{c,o,u,v} \; dy_{n,\,o,\; i s + u d - p,\; j s + v d - p} \qquad
              dw_{c,o,u,v} = \sum_{n,i,j} x_{n,c,i,j} \; dy_{n,\,o,\; i s + u d - p,\; j s + v d - p} \qquad
              db_o = \sum_{n,i,j} dy_{n,o,i,j}

    Shapes: dy as y, dx as x, dweight as weight, dbias (out_channels,).
    Errors: ValueError as `conv_transpose2d`, and if dy does not have the shape of y.

    >>> dx, dweight, dbias = conv_transpose2d_backward([[[1, 0, 0, 2]]], [[[1, 10]]], [[[[1, 2, 3]]]])
    >>> dx, dweight, dbias
    (array([[[1, 6]]]), array([[[[ 1,  0, 20]]]]), array([3]))

    Reference: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, chapter 4.
    """
    dy, x, weight, windows, options, as_given = _check_backward(
        dy, x, weight, stride, padding, output_padding, groups, dilation
    )
    height, width = windows.output_size
    dx = conv2d(dy, weight, **options)[..., :height, :width]  # a window more may fit where output_padding > 0
    dy = in_groups(dy, options["groups"], dy.dtype)
    dfilters = correlate(x, dy, windows)  # for conv2d_backward, x is dy and dy is x
    return as_given(dx, dfilters, wide_sum(dy, axis=(0, 3, 4)))


def _check_arguments(
    x: Any, weight: Any, bias: Any, stride: Any, padding: Any, output_padding: Any, groups: Any, dilation: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Windows, tuple[int, ...], Callable[[np.ndarray], np.ndarray]]:
    """Return x as the dy of a convolution, weight, the bias beside y, the windows, y's shape in groups, and what gives
    y its shape and type.
    """
    x, weight, groups, windows, size = _check_weight(x, weight, stride, padding, output_padding, groups, dilation)
    outputs = weight.shape[1] * groups
    bias = check_bias(bias, (outputs,)).reshape(groups, weight.shape[1], 1, 1)
    dtype, y_shape = np.result_type(x, weight, bias), (*x.shape[:-3], outputs, *size)
    x = _as_dy(x, groups, dtype)

    def as_given(y: np.ndarray) -> np.ndarray:
        return y.reshape(y_shape)

    return x, weight, bias, windows, (len(x), groups, weight.shape[1], *size), as_given


def _check_backward(
    dy: Any, x: Any, weight: Any, stride: Any, padding: Any, output_padding: Any, groups: Any, dilation: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Windows, dict[str, Any], Callable[..., Gradients]]:
    """Return dy, x as the dy of a convolution, weight, the windows, the options of `conv2d`, and what gives the
    gradients their shapes.
    """
    x, weight, groups, windows, size = _check_weight(x, weight, stride, padding, output_padding, groups, dilation)
    dy = numbers("dy", dy)
    same_shape("dy", dy, (*x.shape[:-3], weight.shape[1] * groups, *size), "that of the output")
    dtype, w_shape = np.result_type(dy, x, weight), weight.shape
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}

    def as_given(dx: np.ndarray, dfilters: np.ndarray, dbias: np.ndarray) -> Gradients:
        return np.ascontiguousarray(dx), of_rows(dfilters, w_shape, dtype), dbias.ravel()

    return dy.astype(dtype), _as_dy(x, groups, dtype), weight, windows, options, as_given


def _check_weight(
    x: Any, weight: Any, stride: Any, padding: Any, output_padding: Any, groups: Any, dilation: Any
) -> tuple[np.ndarray, np.ndarray, int, Windows, tuple[int, int]]:
    """Return x, weight, groups, the windows of the convolution that makes x of y, and the size of y."""
    x, groups = images(x), integer("groups", groups, at_least=1)
    weight = numbers("weight", weight, ndim=4, shape="(C, out_channels / groups, height, width)")
    if 0 in weight.shape:
        raise ValueError(f"weight must have at least one filter of at least one pixel, got shape {weight.shape}")
    channels, k, size = x.shape[-3], weight.shape[2:], x.shape[-2:]
    if len(weight) != channels:
        raise ValueError(f"channels do not match: x has {channels}, but weight is made for {len(weight)}")
    if channels % groups:
        raise ValueError(f"groups={groups} must divide the {channels} channels of x")
    stride, dilation = pair("stride", stride, at_least=1), pair("dilation", dilation, at_least=1)
    (top, bottom), (left, right) = paddings(padding, k, stride=stride, dilation=dilation)
    windows = Windows((k[0], k[1]), stride, (top, left), (bottom, right), dilation, (size[0], size[1]))
    high, wide = pair("output_padding", output_padding, at_least=0)
    return x, weight, groups, windows, (_length(windows, 0, high, "height"), _length(windows, 1, wide, "width"))


def _length(windows: Windows, axis: int, more: int, name: str) -> int:
    """The height or width of y."""
    s, d, lost = windows.stride[axis], windows.dilation[axis], windows.before[axis] + windows.after[axis]
    if more >= max(s, d):
        raise ValueError(
            f"output_padding must be smaller than stride or dilation, got {more} for stride={s}, dilation={d}"
        )
    length = windows.reach()[axis] + more
    if length <= lost:
        raise ValueError(
            f"padding must leave something of the {length} pixels of the output's {name}, but takes {lost}"
        )
    return length - lost


def _as_dy(x: np.ndarray, groups: int, dtype: np.dtype) -> np.ndarray:
    """Images as `spread_back` and `correlate` take their dy: (N, groups, C / groups, H · W)."""
    grouped = in_groups(x, groups, dtype)
    return grouped.reshape(*grouped.shape[:3], grouped.shape[3] * grouped.shape[4])
