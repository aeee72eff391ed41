"""Pooling to a size that is given: as many windows as wanted, whatever the size of the image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import floats, given, is_int, like_torch_no_warnings, rounded_once, same_shape, switch
from cnnkit._sums import added_up
from cnnkit._windows import images

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Size = int | None | tuple[int | None, int | None]
Bands = list[slice]  # the rows, or the columns, that each window sees


@like_torch_no_warnings
@rounded_once
def adaptive_avg_pool2d(x: ArrayLike, output_size: Size) -> np.ndarray:
    r"""Take the mean of what each of H_out · W_out windows sees, channel by channel.

    .. math:: y_{n,c,i,j} = \frac{1}{m_{i,j}} \sum_{r,q} x_{n,c,r,q} \quad \text{for} \quad
              \left\lfloor \frac{i \, H}{H_{out}} \right\rfloor \le r <
              \left\lceil \frac{(i + 1) \, H}{H_{out}} \right\rceil

    and for the columns q likewise; m counts the pixels. Where H_out does not divide H, windows overlap by a row and may
    differ in height by one. An output of size 1 is global pooling: the mean over all pixels of each channel.

    Shapes: x (N, C, H, W) or (C, H, W), y (N, C, H_out, W_out). output_size is an int or a pair (H_out, W_out), of
    which None keeps H or W. Integers are taken as float64.
    Errors: ValueError if x holds no images, or for a negative size.

    >>> adaptive_avg_pool2d([[[1.0, 5.0, 3.0]]], (1, 2))  # the middle one is seen twice
    array([[[3., 4.]]])
    >>> adaptive_avg_pool2d([[[1.0, 5.0], [2.0, 4.0]]], 1)  # global pooling
    array([[[3.]]])

    Reference: Lin, Chen and Yan (2014), Network in Network, section 3.2; He et al. (2015), Spatial Pyramid Pooling.
    """
    x, rows, columns, m = _check_arguments(floats("x", x), output_size)
    down = np.empty((*x.shape[:-2], len(rows), x.shape[-1]))  # in float64
    sums = np.empty((*x.shape[:-2], len(rows), len(columns)))
    for i, band in enumerate(rows):
        down[..., i, :] = x[..., band, :].sum(axis=-2, dtype=np.float64)
    for j, band in enumerate(columns):
        sums[..., j] = down[..., band].sum(axis=-1)
    return (sums / m).astype(x.dtype, copy=False)


@like_torch_no_warnings
@rounded_once
def adaptive_avg_pool2d_backward(dy: ArrayLike, x: ArrayLike, output_size: Size) -> np.ndarray:
    """Return dx: each window hands an equal share of its gradient to every pixel that it saw.

    Only the shape and the type of x matter.

    Shapes: dy as y, dx as x.
    Errors: ValueError as `adaptive_avg_pool2d`, and if dy does not have the shape of y.

    >>> adaptive_avg_pool2d_backward([[[4.0, 8.0]]], [[[1.0, 5.0, 3.0]]], (1, 2))
    array([[[2., 6., 4.]]])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    dy, x, rows, columns, m = _check_backward(dy, x, output_size)
    ddown = np.zeros((*x.shape[:-2], len(rows), x.shape[-1]))  # in float64
    dx = np.zeros(x.shape)
    for j, band in enumerate(columns):
        ddown[..., band] += (dy / m)[..., j, None]
    for i, band in enumerate(rows):
        dx[..., band, :] += ddown[..., i, None, :]
    return dx.astype(np.result_type(dy, x), copy=False)


@like_torch_no_warnings
def adaptive_max_pool2d(x: ArrayLike, output_size: Size, *, return_indices: bool = False) -> Any:
    r"""Keep the largest value that each of H_out · W_out windows sees, channel by channel.

    .. math:: y_{n,c,i,j} = \max_{r,q} x_{n,c,r,q}

    over the rows r and columns q that the window of `adaptive_avg_pool2d` sees. A NaN is larger than everything. An
    output of size 1 is global pooling: the largest of all pixels of each channel.

    Shapes: x, y and output_size as in `adaptive_avg_pool2d`. With `return_indices` y and where each of its values
    stood: row · W + column, in an array of y's shape.
    Errors: ValueError as `adaptive_avg_pool2d`.

    >>> adaptive_max_pool2d([[[1, 5, 3, 4]]], (1, 3))
    array([[[5, 5, 4]]])

    Reference: He et al. (2015), Spatial Pyramid Pooling in Deep Convolutional Networks, section 2.2.
    """
    x, rows, columns, _ = _check_arguments(x, output_size, return_indices)
    places = _winners(x, rows, columns)
    y = x.ravel()[in_planes(places, x.shape)]
    return (y, places) if return_indices else y


@like_torch_no_warnings
@rounded_once
def adaptive_max_pool2d_backward(dy: ArrayLike, x: ArrayLike, output_size: Size) -> np.ndarray:
    """Return dx: each window hands its gradient to the pixel that won, and nothing to the others.

    Among equals the first wins, row by row (but the last among NaNs), as in torch.

    Shapes: dy as y, dx as x. Integers are taken as float64.
    Errors: ValueError as `adaptive_max_pool2d`, and if dy does not have the shape of y.

    >>> adaptive_max_pool2d_backward([[[1.0, 2.0, 4.0]]], [[[1, 5, 3, 4]]], (1, 3))
    array([[[0., 3., 0., 4.]]])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    dy, x, rows, columns, _ = _check_backward(dy, x, output_size)
    places = in_planes(_winners(x, rows, columns), x.shape)
    return added_up(places, dy, x.shape).astype(np.result_type(dy, x), copy=False)


def in_planes(places: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return places counted in each channel plane of images of this shape, counted from the first entry of them all."""
    *planes, height, width = shape
    return places + height * width * np.arange(np.prod(planes, dtype=int)).reshape(*planes, 1, 1)


def _winners(x: np.ndarray, rows: Bands, columns: Bands) -> np.ndarray:
    """Return where the largest value that each window sees stands, as row · W + column."""
    across = _largest(x, columns)  # in each row, among the columns of each window
    down = _largest(np.take_along_axis(x, across, -1).swapaxes(-1, -2), rows).swapaxes(-1, -2)
    return down * x.shape[-1] + np.take_along_axis(across, down, -2)


def _largest(x: np.ndarray, bands: Bands) -> np.ndarray:
    """Return where along the last axis each band's largest value stands: the first of equals, but the last NaN."""
    places = np.empty((*x.shape[:-1], len(bands)), np.int64)
    for j, band in enumerate(bands):
        seen, nan = x[..., band], np.isnan(x[..., band])
        last = seen.shape[-1] - 1 - nan[..., ::-1].argmax(axis=-1)
        places[..., j] = band.start + np.where(nan.any(axis=-1), last, seen.argmax(axis=-1))
    return places


def _check_arguments(
    x: Any, output_size: Any, return_indices: Any = False
) -> tuple[np.ndarray, Bands, Bands, np.ndarray]:
    """Return x, the rows and the columns that the windows see, and how many pixels that are."""
    x = images(x)
    switch("return_indices", return_indices)
    sizes = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size, output_size)
    if len(sizes) != 2 or output_size is None or not all(size is None or is_int(size) for size in sizes):
        raise ValueError(
            f"output_size must be an int or a pair (height, width) of ints or None, got {given(output_size)}"
        )
    if any(size is not None and not 0 <= size < 2**31 for size in sizes):
        raise ValueError(f"output_size must be at least 0 and below 2**31, got {given(output_size)}")
    rows, columns = (
        _bands(side, side if size is None else int(size)) for side, size in zip(x.shape[-2:], sizes, strict=True)
    )
    high, wide = (np.array([band.stop - band.start for band in bands], float) for bands in (rows, columns))
    return x, rows, columns, high[:, None] * wide


def _bands(side: int, windows: int) -> Bands:
    return [slice(i * side // windows, -((i + 1) * side // -windows)) for i in range(windows)]


def _check_backward(dy: Any, x: Any, output_size: Any) -> tuple[np.ndarray, np.ndarray, Bands, Bands, np.ndarray]:
    """Return dy, and what `_check_arguments` returns."""
    x, rows, columns, m = _check_arguments(floats("x", x), output_size)
    dy = floats("dy", dy)
    same_shape("dy", dy, (*x.shape[:-2], len(rows), len(columns)), "that of the output")
    return dy, x, rows, columns, m
