"""Convolution, its definition in loops, and its cousin that does not share weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnkit._arguments import choice, given, integer, numbers, quiet, same_shape
from cnnkit._windows import Windows, images, windows_over, working_type

CACHE = 640 * 1024  # bytes to work on at a time: what was gathered is still in the cache when the product reads it


@quiet
def conv2d(
    x: Any, weight: Any, bias: Any = None, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> np.ndarray:
    r"""Slide each filter over the images, and write down the sum of products at every place.

    .. math:: y_{n,o,i,j} = b_o + \sum_{c,u,v} w_{o,c,u,v} \; x_{n,\,c,\; i s + u d - p,\; j s + v d - p}

    with x = 0 in the padding. (Strictly this is a cross-correlation: the kernel is not flipped.)
    With `groups` > 1 the channels and the filters are cut into as many parts, and each part sees only its own.

    Shapes: x (N, C, H, W) or (C, H, W), weight (out_channels, C / groups, height, width), bias (out_channels,),
    y (N, out_channels, H_out, W_out) by `conv_output_size`. stride, padding, dilation: an int or a pair (height,
    width); padding also 'valid' (none) or 'same' (keeps the size at stride 1; an odd pixel goes right or below).
    Whole numbers stay whole numbers. Besides y, the memory needed is that of the padded input and `CACHE`.
    Errors: ValueError if shapes and options do not go together.

    >>> x = np.arange(9).reshape(1, 1, 3, 3)
    >>> conv2d(x, [[[[1, 0], [0, -1]]]], [10])  # 10 + upper left - lower right
    array([[[[6, 6],
             [6, 6]]]])

    Reference: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, chapter 2.
    """
    x, weight, windows = _door(x, weight, stride, padding, dilation, groups)
    bias = _bias(bias, (len(weight),), "one per filter")
    dtype, wide = working_type(x, weight, bias)

    x_pad = windows.pad(_batch(x))
    filters = weight.reshape(groups, len(weight) // groups, -1).astype(wide, copy=False)
    y = np.empty((len(x_pad), len(weight), *windows.output_size), dtype)
    for here, seen, block in _blocks(x_pad, len(weight), windows, wide):
        columns = gather(x_pad[seen], block, wide)
        sums = (filters @ flat(columns, groups)).reshape(y[here].shape)
        sums += bias[:, None, None]
        y[here] = sums
    return y.reshape(x.shape[:-3] + y.shape[1:])


@quiet
def conv2d_backward(
    dy: Any, x: Any, weight: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Return dx, dweight, dbias: in every product of `conv2d`, the output and one factor change places.

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
    x, weight, windows = _door(x, weight, stride, padding, dilation, groups)
    dy = _upstream(dy, x, len(weight), windows)
    dtype, wide = working_type(dy, x, weight)

    x_pad, dy = windows.pad(_batch(x)), _batch(dy)
    filters = weight.reshape(groups, len(weight) // groups, -1).astype(wide, copy=False)
    dx_pad, dfilters = np.zeros(x_pad.shape, wide), np.zeros(filters.shape, wide)
    for here, seen, block in _blocks(x_pad, len(weight), windows, wide):
        columns = gather(x_pad[seen], block, wide)
        dproducts = flat(dy[here].astype(wide, copy=False), groups)
        dfilters += (dproducts @ flat(columns, groups).swapaxes(2, 3)).sum(axis=0)
        np.matmul(filters.swapaxes(1, 2), dproducts, out=flat(columns, groups))  # over what is no longer needed
        scatter(columns, block, dx_pad[seen])
    dx = windows.unpad(dx_pad, x.shape[-2:]).reshape(x.shape)
    dweight, dbias = dfilters.reshape(weight.shape), dy.sum(axis=(0, 2, 3), dtype=wide)
    return dx.astype(dtype, copy=False), dweight.astype(dtype, copy=False), dbias.astype(dtype, copy=False)


def gather(x_pad: np.ndarray, windows: Windows, dtype: np.dtype) -> np.ndarray:
    """Return what each window sees, as columns (N, C, height, width, H_out, W_out)."""
    columns = np.empty((*x_pad.shape[:2], *windows.kernel_size, *windows.output_size), dtype)
    for (u, v), tap in windows.taps():
        columns[:, :, u, v] = x_pad[tap]
    return columns


def scatter(dcolumns: np.ndarray, windows: Windows, dx_pad: np.ndarray) -> None:
    """Add the gradient of each column to the pixels it was gathered from: `gather` backwards."""
    for (u, v), tap in windows.taps():
        dx_pad[tap] += dcolumns[:, :, u, v]


def flat(columns: np.ndarray, groups: int) -> np.ndarray:
    """Return `columns` as one matrix per image and group: (N, groups, what a window sees, windows)."""
    return columns.reshape(len(columns), groups, -1, columns.shape[-2] * columns.shape[-1])


def _blocks(
    x_pad: np.ndarray, out_channels: int, windows: Windows, wide: np.dtype
) -> Iterator[tuple[Any, Any, Windows]]:
    """Cut the output into blocks small enough for the cache: as many images as fit, or else rows of one image.

    Yield the block's place in the output, the place in the padded input that it sees, and its windows.
    """
    (images, channels, *_), (rows, width), (kh, kw) = x_pad.shape, windows.output_size, windows.kernel_size
    row_bytes = (channels * kh * kw + out_channels) * width * wide.itemsize  # columns and their products
    parts = -(-rows * row_bytes // CACHE)  # of an image, rounded up
    some_rows = -(-rows // parts)
    some_images = max(1, CACHE // (row_bytes * some_rows))
    for n in range(0, images, some_images):
        for i in range(0, rows, some_rows):
            block = windows._replace(output_size=(min(some_rows, rows - i), width))
            top = i * windows.stride[0]
            some, down = slice(n, n + some_images), slice(top, top + block.reach()[0])
            yield (some, slice(None), slice(i, i + some_rows)), (some, slice(None), down), block


@quiet
def conv2d_loops(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> np.ndarray:
    """Convolve one product at a time: the definition that `conv2d` is held to, and about a thousand times slower.

    Arguments, shapes and errors are those of `conv2d`. For each output pixel (n, o, i, j) the inner loop makes
    C / groups · height · width products: as many as `count_macs` says.

    >>> conv2d_loops([[[1, 2, 3, 4]]], [[[[1, -1]]]], stride=2)
    array([[[-1, -1]]])
    """
    x, weight, windows = _door(x, weight, stride, padding, dilation, groups)
    bias = _bias(bias, (len(weight),), "one per filter")
    (sh, sw), (dh, dw) = windows.stride, windows.dilation
    x_pad = windows.pad(_batch(x))
    y = np.zeros((len(x_pad), len(weight), *windows.output_size), np.result_type(x, weight, bias))
    for n, o, i, j in np.ndindex(y.shape):
        first = o * groups // len(weight) * weight.shape[1]  # the filter's group begins here
        total = bias[o]
        for c, u, v in np.ndindex(weight.shape[1:]):
            total += weight[o, c, u, v] * x_pad[n, first + c, i * sh + u * dh, j * sw + v * dw]
        y[n, o, i, j] = total
    return y.reshape(x.shape[:-3] + y.shape[1:])


@quiet
def locally_connected2d(
    x: Any, weight: Any, bias: Any = None, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1
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

    Reference: Taigman et al. (2014), DeepFace: Closing the Gap to Human-Level Performance, section 2.2.
    """
    x, weight, windows = _local_door(x, weight, stride, padding, dilation)
    bias = _bias(bias, weight.shape[:3], "one per filter")
    dtype, wide = working_type(x, weight, bias)

    columns = gather(windows.pad(_batch(x)), windows, wide)
    y = np.einsum("oijcuv,ncuvij->noij", weight, columns) + bias
    return y.reshape(x.shape[:-3] + y.shape[1:]).astype(dtype, copy=False)


@quiet
def locally_connected2d_backward(
    dy: Any, x: Any, weight: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dx, dweight, dbias: in the sum of `locally_connected2d`, the output and one factor change places.

    Without sharing, dweight[o, i, j] gathers from the images only, no longer from all places; and dbias likewise.

    Shapes: dy as y, dx as x, dweight as weight, dbias (out_channels, H_out, W_out).
    Errors: ValueError as `locally_connected2d`, and if dy does not have the shape of y.

    >>> weight = np.array([1, 10, 100]).reshape(1, 1, 3, 1, 1, 1)
    >>> dx, dweight, dbias = locally_connected2d_backward([[[1, 1, 0]]], [[[1, 2, 3]]], weight)
    >>> dx, dweight.ravel()
    (array([[[ 1, 10,  0]]]), array([1, 2, 0]))

    Reference: Taigman et al. (2014), DeepFace: Closing the Gap to Human-Level Performance, section 2.2.
    """
    x, weight, windows = _local_door(x, weight, stride, padding, dilation)
    dy = _upstream(dy, x, len(weight), windows)
    dtype, wide = working_type(dy, x, weight)

    x_pad, dy = windows.pad(_batch(x)), _batch(dy).astype(wide, copy=False)
    columns = gather(x_pad, windows, wide)
    dweight = np.einsum("noij,ncuvij->oijcuv", dy, columns)
    dcolumns = np.einsum("oijcuv,noij->ncuvij", weight, dy)
    dx_pad = np.zeros(x_pad.shape, wide)
    scatter(dcolumns, windows, dx_pad)
    dx = windows.unpad(dx_pad, x.shape[-2:]).reshape(x.shape)
    return dx.astype(dtype, copy=False), dweight.astype(dtype, copy=False), dy.sum(axis=0).astype(dtype, copy=False)


def _door(
    x: Any, weight: Any, stride: Any, padding: Any, dilation: Any, groups: Any
) -> tuple[np.ndarray, np.ndarray, Windows]:
    """Check what `conv2d` and its backward have in common."""
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
    return x, weight, _windows(x, weight.shape[2:], stride, padding, dilation)


def _windows(x: np.ndarray, kernel_size: tuple[int, ...], stride: Any, padding: Any, dilation: Any) -> Windows:
    """Where the windows lie, with torch's two words for padding translated into numbers."""
    if not isinstance(padding, str):
        return windows_over(x, kernel_size, stride, padding, dilation)
    choice("padding", padding, ("valid", "same"))
    if padding == "valid":
        return windows_over(x, kernel_size, stride, 0, dilation)
    windows = windows_over(x, 1, stride, 0, dilation)
    if windows.stride != (1, 1):
        raise ValueError(f"padding='same' needs stride 1, got stride={given(stride)}")
    (kh, kw), (dh, dw) = kernel_size, windows.dilation
    high, wide = dh * (kh - 1), dw * (kw - 1)  # what the output would lack
    before, after = (high // 2, wide // 2), (high - high // 2, wide - wide // 2)
    return windows._replace(kernel_size=(kh, kw), before=before, after=after)


def _local_door(
    x: Any, weight: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[np.ndarray, np.ndarray, Windows]:
    """Check what `locally_connected2d` and its backward have in common."""
    x = images(x)
    weight = numbers("weight", weight, ndim=6, shape="(out_channels, H_out, W_out, C, height, width)")
    if 0 in weight.shape:
        raise ValueError(f"weight must have at least one filter of at least one pixel, got shape {weight.shape}")
    if weight.shape[3] != x.shape[-3]:
        raise ValueError(f"channels do not match: x has {x.shape[-3]}, but weight is made for {weight.shape[3]}")
    windows = _windows(x, weight.shape[4:], stride, padding, dilation)
    same_shape("weight", weight, (len(weight), *windows.output_size, *weight.shape[3:]), "one filter per output pixel")
    return x, weight, windows


def _bias(bias: Any, shape: tuple[int, ...], because: str) -> np.ndarray:
    """Return the bias, or zeros that change no type."""
    bias = np.zeros(shape, np.bool_) if bias is None else numbers("bias", bias)
    same_shape("bias", bias, shape, because)
    return bias


def _upstream(dy: Any, x: np.ndarray, out_channels: int, windows: Windows) -> np.ndarray:
    dy = numbers("dy", dy)
    same_shape("dy", dy, (*x.shape[:-3], out_channels, *windows.output_size), "that of the output")
    return dy


def _batch(x: np.ndarray) -> np.ndarray:
    """One image (C, H, W) as a batch of one."""
    return x if x.ndim == 4 else x[None]
