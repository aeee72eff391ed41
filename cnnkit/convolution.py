"""Convolution, its definition in loops, and its cousin that does not share weights."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import (
    IntOrPair,
    Padding,
    integer,
    like_torch_no_warnings,
    numbers,
    rounded_once,
    same_shape,
)
from cnnkit._sums import wide_sum, wide_type
from cnnkit._windows import Windows, images, windows_over, working_type

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# So many products at a time are added up in float32, which is fast, and their sums in float64. At worst each product is
# rounded FEW times, by half of the last of 24 bits, and dweight is wrong by 2**-12 · Σ |dy x|. But matrix products add
# in many lanes, and what is rounded up makes up for what is rounded down: of millions of random numbers it is 2**-23.
FEW = 2**12

Gradients = tuple[np.ndarray, np.ndarray, np.ndarray]  # of x, weight and bias


@like_torch_no_warnings
def conv2d(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> np.ndarray:
    r"""Slide each filter over the images, and write down the sum of products at every place.

    .. math:: y_{n,o,i,j} = b_o + \sum_{c,u,v} w_{o,c,u,v} \; x_{n,\,c,\; i s + u d - p,\; j s + v d - p}

    with x = 0 in the padding. (Strictly this is a cross-correlation: the kernel is not flipped.)
    With `groups` > 1 the channels and the filters are cut into as many parts, and each part sees only its own.

    Shapes: x (N, C, H, W) or (C, H, W), weight (out_channels, C / groups, height, width), bias (out_channels,),
    y (N, out_channels, H_out, W_out) by `conv_output_size`. stride, padding, dilation: an int or a pair (height,
    width); padding also 'valid' (none), 'same' (keeps the size at stride 1; an odd pixel goes right or below), or what
    torch does not take, ((top, bottom), (left, right)) with a number for each side.
    Whole numbers stay whole numbers. The memory needed, y included, is at most three times that of x, weight and y.
    Errors: ValueError if shapes and options do not go together.

    The sum over c and v is a product of two matrices, one for each row u of the kernel: what `filters` has there, and
    `columns`, what that row sees from every place.

    >>> x = np.arange(9).reshape(1, 1, 3, 3)
    >>> conv2d(x, [[[[1, 0], [0, -1]]]], [10])  # 10 + upper left - lower right
    array([[[[6, 6],
             [6, 6]]]])

    Reference: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, chapter 2.
    """
    x, filters, bias, windows, as_given = _check_arguments(x, weight, bias, stride, padding, dilation, groups)
    x_pad = windows.pad(x)
    y = np.empty((len(x), *filters.shape[1:3], prod(windows.output_size)), x.dtype)
    for part, g, x_part, y_part in windows.parts([x_pad], y):  # some images at a time, or groups or rows of one
        columns = part.gather(x_part)
        y_part[:] = bias[g]
        for w_u, x_u in zip(filters[:, g], part.kernel_rows(columns), strict=True):  # weights of row u, what it sees
            y_part += w_u @ x_u
    return as_given(y)


@like_torch_no_warnings
def conv2d_backward(
    dy: ArrayLike,
    x: ArrayLike,
    weight: ArrayLike,
    *,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> Gradients:
    r"""Return dx, dweight, dbias: dweight correlates dy with x, and dx spreads dy back through the weights.

    .. math:: dx_{n,\,c,\; i s + u d - p,\; j s + v d - p} \mathrel{+}= w_{o,c,u,v} \; dy_{n,o,i,j} \qquad
              dw_{o,c,u,v} = \sum_{n,i,j} dy_{n,o,i,j} \; x_{n,\,c,\; i s + u d - p,\; j s + v d - p} \qquad
              db_o = \sum_{n,i,j} dy_{n,o,i,j}

    Shapes: dy as y, dx as x, dweight as weight, dbias (out_channels,).
    Errors: ValueError as `conv2d`, and if dy does not have the shape of y.

    >>> x = np.arange(9).reshape(1, 1, 3, 3)
    >>> dy = np.array([[[[1, 0], [0, 0]]]])  # only the first window counts: what it saw is what the filter gets
    >>> dx, dweight, dbias = conv2d_backward(dy, x, [[[[1, 0], [0, -1]]]])
    >>> dweight
    array([[[[0, 1],
             [3, 4]]]])

    Reference: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, chapter 4.
    """
    dy, x, weight, windows, as_given = _check_backward(dy, x, weight, stride, padding, dilation, groups)
    dfilters = correlate(dy, x, windows)
    dx = spread_back(dy, weight, windows, x.shape)
    return as_given(dx, dfilters, wide_sum(dy, axis=(0, 3)))


def spread_back(dy: np.ndarray, weight: np.ndarray, windows: Windows, shape: tuple[int, ...]) -> np.ndarray:
    """Return dx, of this shape: each output pixel adds its gradient, times the weights, to the pixels that it saw.

    It is also what `conv_transpose2d` does. dy is (N, groups, out_channels / groups, H_out · W_out).
    """
    filters, (*batch, height, width) = _in_rows(weight, dy.shape[1], dy.dtype), shape
    dx_pad = np.zeros((*batch, *windows.padded((height, width))), dy.dtype)
    for part, g, dx_part, dy_part in windows.parts([dx_pad], dy):
        dcolumns = np.zeros(part.gathered(dx_part), dy.dtype)
        for w_u, dx_u in zip(filters[:, g], part.kernel_rows(dcolumns), strict=True):
            dx_u += _matmul(w_u.mT, dy_part)
        part.scatter(dcolumns, dx_part)
    return windows.unpad(dx_pad, (height, width))


def correlate(dy: np.ndarray, x: np.ndarray, windows: Windows) -> np.ndarray:
    """Return dfilters: for each weight the sum, over all places, of dy times the pixel that the weight met there."""
    x_pad, (height, width) = windows.pad(x), windows.kernel_size
    dfilters = np.zeros((height, *dy.shape[1:3], width * x.shape[2]), wide_type(dy.dtype))
    for part, g, x_part, dy_part in windows.parts([x_pad], dy):
        columns = part.gather(x_part)
        for dw_u, x_u in zip(dfilters[:, g], part.kernel_rows(columns), strict=True):
            _add_products(dw_u, dy_part, x_u)
    return dfilters


@like_torch_no_warnings
@rounded_once
def conv2d_loops(
    x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None, *,
    stride: int = 1, padding: Padding = 0, dilation: int = 1,
) -> np.ndarray:  # fmt: skip
    """Convolve one output pixel at a time: the definition of `conv2d` to read, some hundred times slower.

    Shapes and errors are those of `conv2d`, for batches (N, C, H, W); stride and dilation are ints, and there are no
    groups. Each output pixel is the sum of C · height · width products: as many as `count_macs` says.

    >>> conv2d_loops([[[[1, 2, 3, 4]]]], [[[[1, -1]]]], stride=2)
    array([[[[-1, -1]]]])
    """
    x, weight, bias, y, (k_h, k_w), around = _check_loops(x, weight, bias, stride, padding, dilation)
    x_pad = np.pad(x, [(0, 0), (0, 0), *around])
    for n, o, i, j in np.ndindex(y.shape):
        window = x_pad[n, :, i * stride :: dilation, j * stride :: dilation][:, :k_h, :k_w]
        y[n, o, i, j] = bias[o] + (weight[o] * window).sum()
    return y


@like_torch_no_warnings
def locally_connected2d(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
) -> np.ndarray:
    r"""Convolve with a filter of its own at every place: a convolution without weight sharing.

    .. math:: y_{n,o,i,j} = b_{o,i,j} + \sum_{c,u,v} w_{o,i,j,c,u,v} \; x_{n,\,c,\; i s + u d - p,\; j s + v d - p}

    Shapes: x (N, C, H, W) or (C, H, W), weight (out_channels, H_out, W_out, C, height, width), so that
    `weight[o, i, j]` is what `weight[o]` is in `conv2d`; bias (out_channels, H_out, W_out), y (N, out_channels,
    H_out, W_out). The kernel's size is read off the weight.
    Errors: ValueError if shapes and options do not go together.

    >>> weight = np.array([1, 10, 100]).reshape(1, 1, 3, 1, 1, 1)  # three places, three filters of one pixel
    >>> locally_connected2d([[[1, 2, 3]]], weight)
    array([[[  1,  20, 300]]])

    Reference: Taigman et al. (2014), DeepFace: Closing the Gap to Human-Level Performance, section 3.
    """
    x, weight, bias, windows, as_given = _check_local(x, weight, bias, stride, padding, dilation)
    columns = windows.columns(windows.pad(x))
    y = np.einsum("oijcuv,ncuvij->noij", weight, columns) + bias
    return as_given(y)


@like_torch_no_warnings
def locally_connected2d_backward(
    dy: ArrayLike,
    x: ArrayLike,
    weight: ArrayLike,
    *,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
) -> Gradients:
    """Return dx, dweight, dbias: as in `conv2d_backward`, dy meets x in dweight and the weights in dx.

    Without sharing, dweight[o, i, j] is a sum over the images only, no longer over all places; and dbias likewise.

    Shapes: dy as y, dx as x, dweight as weight, dbias (out_channels, H_out, W_out).
    Errors: ValueError as `locally_connected2d`, and if dy does not have the shape of y.

    >>> weight = np.array([1, 10, 100]).reshape(1, 1, 3, 1, 1, 1)
    >>> dx, dweight, dbias = locally_connected2d_backward([[[1, 1, 0]]], [[[1, 2, 3]]], weight)
    >>> dx, dweight.ravel()
    (array([[[ 1, 10,  0]]]), array([1, 2, 0]))

    Reference: Taigman et al. (2014), DeepFace: Closing the Gap to Human-Level Performance, section 3.
    """
    dy, x, weight, windows, as_given = _check_local_backward(dy, x, weight, stride, padding, dilation)
    columns = windows.columns(windows.pad(x))
    dweight = np.zeros(weight.shape, wide_type(x.dtype))
    for n in range(0, len(x), FEW):
        dweight += np.einsum("noij,ncuvij->oijcuv", dy[n : n + FEW], columns[n : n + FEW])
    dcolumns = np.einsum("oijcuv,noij->ncuvij", weight, dy)
    return as_given(windows.fold(dcolumns, x.shape[-2:]), dweight, wide_sum(dy, axis=0))


def _check_arguments(
    x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Windows, Callable[[np.ndarray], np.ndarray]]:
    """Check what `conv2d` is given. Return it in groups and in the type to sum in, and what gives y its shape and type.

    x (N, groups, C / groups, H, W), weight (height, groups, out_channels / groups, width · C / groups),
    bias (groups, out_channels / groups, 1)
    """
    x, weight, windows = _check_weight(x, weight, stride, padding, dilation, groups)
    bias, groups = _check_bias(bias, (len(weight),)), int(groups)
    dtype, sum_dtype = working_type(x, weight, bias)
    shape = (*x.shape[:-3], len(weight), *windows.output_size)

    def as_given(y: np.ndarray) -> np.ndarray:
        return y.reshape(shape).astype(dtype, copy=False)

    bias = bias.reshape(groups, len(weight) // groups, 1)
    return _in_groups(x, groups, sum_dtype), _in_rows(weight, groups, sum_dtype), bias, windows, as_given


def _check_backward(
    dy: Any, x: Any, weight: Any, stride: Any, padding: Any, dilation: Any, groups: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Windows, Callable[..., Gradients]]:
    """`_check_arguments` for `conv2d_backward`. dy is (N, groups, out_channels / groups, H_out · W_out)."""
    x, weight, windows = _check_weight(x, weight, stride, padding, dilation, groups)
    dy, groups = _check_dy(dy, x, len(weight), windows), int(groups)
    dtype, sum_dtype = working_type(dy, x, weight)
    (out_channels, channels, height, width), x_shape = weight.shape, x.shape

    def as_given(dx: np.ndarray, dfilters: np.ndarray, dbias: np.ndarray) -> Gradients:
        dweight = dfilters.reshape(height, out_channels, width, channels).transpose(1, 3, 0, 2)
        dx, dbias = (a.astype(dtype, copy=False) for a in (dx.reshape(x_shape), dbias.ravel()))
        return dx, np.ascontiguousarray(dweight, dtype), dbias

    x = _in_groups(x, groups, sum_dtype)
    dy = dy.reshape(len(x), groups, out_channels // groups, prod(windows.output_size)).astype(sum_dtype, copy=False)
    return dy, x, weight, windows, as_given


def _in_groups(x: np.ndarray, groups: int, dtype: np.dtype) -> np.ndarray:
    """Images as (N, groups, C / groups, H, W); one image is a batch of one."""
    *batch, channels, height, width = x.shape
    return x.reshape(*batch or [1], groups, channels // groups, height, width).astype(dtype, copy=False)


def _in_rows(weight: np.ndarray, groups: int, dtype: np.dtype) -> np.ndarray:
    """Weights as a matrix for each row of the kernel and each group: (height, groups, filters, width · C / groups)."""
    out_channels, channels, height, width = weight.shape
    matrices = weight.transpose(2, 0, 3, 1).reshape(height, groups, out_channels // groups, width * channels)
    return matrices.astype(dtype, copy=False)


def _matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a @ b; where each sum has one term only, as with one filter for each group, a plain product is faster."""
    return a * b if a.shape[-1] == 1 else a @ b


def _add_products(dfilters: np.ndarray, dy: np.ndarray, x: np.ndarray) -> None:
    """Add Σ dy xᵀ, over all images and places of dy (N, groups, filters, places) and x (N, groups, pixels, places)."""
    images = max(1, FEW // dy.shape[-1])
    for n, i in product(range(0, len(dy), images), range(0, dy.shape[-1], FEW)):
        few = slice(n, n + images), ..., slice(i, i + FEW)
        dfilters += (dy[few] @ x[few].mT).sum(axis=0)


def _check_loops(
    x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, tuple[int, int], list[tuple[int, int]]]:
    """Return x, weight and bias as arrays, an output of zeros, the kernel's size, and what to pad at each side."""
    stride, dilation = integer("stride", stride, at_least=1), integer("dilation", dilation, at_least=1)
    x = numbers("x", x, ndim=4, shape="(N, C, H, W)")
    x, weight, windows = _check_weight(x, weight, stride, padding, dilation, 1)
    bias = _check_bias(bias, (len(weight),))
    y = np.zeros((len(x), len(weight), *windows.output_size), np.result_type(x, weight, bias))
    return x, weight, bias, y, windows.kernel_size, list(zip(windows.before, windows.after, strict=True))


def _check_weight(
    x: Any, weight: Any, stride: Any, padding: Any, dilation: Any, groups: Any
) -> tuple[np.ndarray, np.ndarray, Windows]:
    """Check what all convolutions have in common."""
    x, groups = images(x), integer("groups", groups, at_least=1)
    weight = numbers("weight", weight, ndim=4, shape="(out_channels, C / groups, height, width)")
    if 0 in weight.shape:
        raise ValueError(f"weight must have at least one filter of at least one pixel, got shape {weight.shape}")
    channels = x.shape[-3]
    if channels % groups or len(weight) % groups:
        raise ValueError(f"groups={groups} must divide the {channels} channels of x and the {len(weight)} filters")
    if weight.shape[1] * groups != channels:
        raise ValueError(
            f"channels do not match: x has {channels}, but weight is made for {weight.shape[1] * groups} "
            f"(weight.shape[1]={weight.shape[1]}, groups={groups})"
        )
    return x, weight, windows_over(x, weight.shape[2:], stride, padding, dilation)


def _check_local(
    x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Windows, Callable[[np.ndarray], np.ndarray]]:
    """Check what `locally_connected2d` is given. Return a batch, and what gives y its shape and type."""
    x, weight, windows = _check_local_weight(x, weight, stride, padding, dilation)
    bias = _check_bias(bias, weight.shape[:3])
    dtype, sum_dtype = working_type(x, weight, bias)
    shape = (*x.shape[:-3], len(weight), *windows.output_size)

    def as_given(y: np.ndarray) -> np.ndarray:
        return y.reshape(shape).astype(dtype, copy=False)

    return _batch(x).astype(sum_dtype, copy=False), weight, bias, windows, as_given


def _check_local_backward(
    dy: Any, x: Any, weight: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Windows, Callable[..., Gradients]]:
    """`_check_local` for `locally_connected2d_backward`."""
    x, weight, windows = _check_local_weight(x, weight, stride, padding, dilation)
    dy = _check_dy(dy, x, len(weight), windows)
    dtype, sum_dtype = working_type(dy, x, weight)
    shape = x.shape

    def as_given(dx: np.ndarray, dweight: np.ndarray, dbias: np.ndarray) -> Gradients:
        dx, dweight, dbias = (a.astype(dtype, copy=False) for a in (dx.reshape(shape), dweight, dbias))
        return dx, dweight, dbias

    dy, x = (_batch(a).astype(sum_dtype, copy=False) for a in (dy, x))
    return dy, x, weight, windows, as_given


def _check_local_weight(
    x: Any, weight: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[np.ndarray, np.ndarray, Windows]:
    x = images(x)
    weight = numbers("weight", weight, ndim=6, shape="(out_channels, H_out, W_out, C, height, width)")
    if 0 in weight.shape:
        raise ValueError(f"weight must have at least one filter of at least one pixel, got shape {weight.shape}")
    if weight.shape[3] != x.shape[-3]:
        raise ValueError(f"channels do not match: x has {x.shape[-3]}, but weight is made for {weight.shape[3]}")
    windows = windows_over(x, weight.shape[4:], stride, padding, dilation)
    same_shape("weight", weight, (len(weight), *windows.output_size, *weight.shape[3:]), "one filter per output pixel")
    return x, weight, windows


def _check_bias(bias: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return the bias, or zeros that change no type."""
    bias = np.zeros(shape, np.bool_) if bias is None else numbers("bias", bias)
    same_shape("bias", bias, shape, "one per filter")
    return bias


def _check_dy(dy: Any, x: np.ndarray, out_channels: int, windows: Windows) -> np.ndarray:
    dy = numbers("dy", dy)
    same_shape("dy", dy, (*x.shape[:-3], out_channels, *windows.output_size), "that of the output")
    return dy


def _batch(images: np.ndarray) -> np.ndarray:
    """One image (C, H, W) as a batch of one."""
    return images if images.ndim == 4 else images[None]
