"""Pooling: the largest value, or the mean, of what each window sees.

The largest value of a window is the largest of its rows' largest values, and its sum is the sum of its rows' sums.
So both poolings go along the rows first and then down the columns: k + k steps for each window instead of k · k.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import floats, quiet, same_shape, switch
from cnnkit._windows import Windows, images, windows_over, working_type


def max_pool2d(
    x: Any, kernel_size: Any, *, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> np.ndarray:
    r"""Keep the largest value that each window sees, channel by channel.

    .. math:: y_{n,c,i,j} = \max_{u,v} \; x_{n,\,c,\; i s + u d - p,\; j s + v d - p}

    with x = -inf in the padding. A NaN is larger than everything.

    Shapes: x (N, C, H, W) or (C, H, W), y (N, C, H_out, W_out) by `conv_output_size`. kernel_size, stride, padding
    and dilation are an int or a pair (height, width); stride is kernel_size unless given.
    Errors: ValueError if no window fits, or for a padding of more than half the kernel.

    >>> max_pool2d([[[1, 5, 2, 0], [3, 4, 9, 6]]], 2)
    array([[[5, 9]]])

    Reference: Scherer, Müller and Behnke (2010), Evaluation of Pooling Operations in Convolutional Architectures.
    """
    x, windows = _check_arguments(x, kernel_size, stride, padding, dilation, ceil_mode)
    x_pad = windows.pad(x, _lowest(x.dtype))
    row_max = _combine(np.maximum, x_pad, windows, axis=1)  # the largest value of each row of a window
    return _combine(np.maximum, row_max, windows, axis=0)


@quiet
def max_pool2d_backward(
    dy: Any,
    x: Any,
    kernel_size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> np.ndarray:
    """Return dx: each window hands its gradient to the pixel that won, and nothing to the others.

    Among equals the first wins, row by row (but the last among NaNs), as in torch.

    Shapes: dy as y, dx as x. Integers are taken as float64.
    Errors: ValueError as `max_pool2d`, and if dy does not have the shape of y.

    >>> max_pool2d_backward([[[1.0, 2.0]]], [[[1, 5, 2, 9], [3, 4, 9, 6]]], 2)
    array([[[0., 1., 0., 2.],
            [0., 0., 0., 0.]]])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    dy, x, windows, dtype, sum_dtype = _check_backward(dy, x, kernel_size, stride, padding, dilation, ceil_mode)
    x_pad = windows.pad(x, -np.inf)
    winner = _winner(x_pad, windows)
    dx_pad = np.zeros(x_pad.shape, sum_dtype)
    where = np.multiply if np.isfinite(dy).all() else _where  # the product is faster, but inf · 0 is NaN
    for n, (_, tap) in enumerate(windows.taps()):
        dx_pad[tap] += where(dy, winner == n)
    return windows.unpad(dx_pad, x.shape[-2:]).astype(dtype, copy=False)


def _combine(combine: np.ufunc, x: np.ndarray, windows: Windows, axis: int) -> np.ndarray:
    """Combine what each window sees along one axis: its first pixel with the second, that with the third, and so on."""
    first, *others = _seen(x, windows, axis)
    y = first.copy()
    for seen in others:
        combine(y, seen, out=y)
    return y


def _where(dy: np.ndarray, wins: np.ndarray) -> np.ndarray:
    return np.where(wins, dy, 0)


def _winner(x_pad: np.ndarray, windows: Windows) -> np.ndarray:
    """Return for each window the number of the tap that holds its largest value; 0 is the upper left one."""
    kh, kw = windows.kernel_size
    down, across = (_first_inside(windows, axis) for axis in (0, 1))
    number = np.min_scalar_type(kh * kw).type  # the smallest type that can count the taps: less to move
    first, *others = (x_pad[tap] for _, tap in windows.taps())
    best, winner = first.copy(), np.empty(first.shape, number)
    winner[:] = down[:, None] * kw + across  # wins where a window sees nothing but -inf
    for n, seen in enumerate(map(np.ascontiguousarray, others), start=1):
        better = (seen > best) | np.isnan(seen)
        np.maximum(winner, better * number(n), out=winner)  # winner[better] = n, faster: n only grows
        np.maximum(best, seen, out=best)
    return winner


def _seen(x: np.ndarray, windows: Windows, axis: int) -> list[np.ndarray]:
    """Return, for each offset along one axis, a view of what all windows see there."""
    return [x[..., pixels, :] if axis == 0 else x[..., pixels] for pixels in windows.along(axis)]


def _first_inside(windows: Windows, axis: int) -> np.ndarray:
    """Return for each window along an axis the first tap that is not in the padding before the input."""
    start = np.arange(windows.output_size[axis]) * windows.stride[axis] - windows.before[axis]
    return np.maximum(0, -(start // windows.dilation[axis]))


@quiet
def avg_pool2d(
    x: Any,
    kernel_size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> np.ndarray:
    r"""Take the mean of what each window sees, channel by channel.

    .. math:: y_{n,c,i,j} = \frac{1}{m_{i,j}} \sum_{u,v} x_{n,\,c,\; i s + u - p,\; j s + v - p}

    with x = 0 in the padding. m counts the pixels of the window, those in the padding too, unless `count_include_pad`
    is False; where a window of `ceil_mode` runs past the padding, the pixels beyond are never counted.

    Shapes: x (N, C, H, W) or (C, H, W), y (N, C, H_out, W_out) by `conv_output_size`. kernel_size, stride and padding
    are an int or a pair (height, width); stride is kernel_size unless given. Integers are taken as float64.
    Errors: ValueError if no window fits, or for a padding of more than half the kernel.

    >>> avg_pool2d([[[1, 5, 2, 0], [3, 3, 4, 6]]], 2)
    array([[[3., 3.]]])

    Reference: LeCun et al. (1998), Gradient-Based Learning Applied to Document Recognition, section II.B.
    """
    x, windows, dtype, sum_dtype = _check_average(x, kernel_size, stride, padding, ceil_mode)
    m = _counts(x, windows, count_include_pad).astype(sum_dtype)
    x_pad = windows.pad(x).astype(sum_dtype, copy=False)
    row_sum = _combine(np.add, x_pad, windows, axis=1)  # the sum of each row of a window
    y = _combine(np.add, row_sum, windows, axis=0)
    y /= m
    return y.astype(dtype, copy=False)


@quiet
def avg_pool2d_backward(
    dy: Any,
    x: Any,
    kernel_size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> np.ndarray:
    """Return dx: each window hands an equal share of its gradient to every pixel that it saw.

    Only the shape and the type of x matter.

    Shapes: dy as y, dx as x.
    Errors: ValueError as `avg_pool2d`, and if dy does not have the shape of y.

    >>> avg_pool2d_backward([[[4.0, 8.0]]], [[[1, 5, 2, 0], [3, 3, 4, 6]]], 2)
    array([[[1., 1., 2., 2.],
            [1., 1., 2., 2.]]])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    dy, x, windows, dtype, sum_dtype = _check_backward(dy, x, kernel_size, stride, padding, 1, ceil_mode)
    m = _counts(x, windows, count_include_pad).astype(sum_dtype)
    *_, height, width = windows.pad(x).shape
    drow_sum = _hand_back(dy / m, height, windows, axis=0)
    dx_pad = _hand_back(drow_sum, width, windows, axis=1)
    return windows.unpad(dx_pad, x.shape[-2:]).astype(dtype, copy=False)


def _hand_back(dy: np.ndarray, size: int, windows: Windows, axis: int) -> np.ndarray:
    """Return dx, of so many pixels along one axis: all that a window sees get its whole gradient."""
    *batch, height, width = dy.shape
    dx = np.zeros((*batch, size, width) if axis == 0 else (*batch, height, size), dy.dtype)
    for dseen in _seen(dx, windows, axis):  # views: adding to them adds to dx
        dseen += dy
    return dx


def _counts(x: np.ndarray, windows: Windows, count_include_pad: bool) -> np.ndarray:
    """Return by how many pixels each window divides: rows times columns, (H_out, W_out)."""
    switch("count_include_pad", count_include_pad)
    sides = []
    for axis, size in enumerate(x.shape[-2:]):
        start = np.arange(windows.output_size[axis]) * windows.stride[axis] - windows.before[axis]
        stop = np.minimum(start + windows.kernel_size[axis], size + windows.after[axis])
        sides.append(stop - start if count_include_pad else np.minimum(stop, size) - np.maximum(start, 0))
    rows, columns = sides
    return rows[:, None] * columns


def _check_arguments(
    x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: Any
) -> tuple[np.ndarray, Windows]:
    """Check what all poolings have in common; return x and where the windows lie."""
    x = images(x)
    windows = windows_over(x, kernel_size, kernel_size if stride is None else stride, padding, dilation, ceil_mode)
    for k, p in zip(windows.kernel_size, windows.before, strict=True):
        if p > k // 2:
            raise ValueError(f"padding must be at most half of the kernel, got padding={p} for kernel_size={k}")
    return x, windows


def _check_average(
    x: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: Any
) -> tuple[np.ndarray, Windows, np.dtype, np.dtype]:
    """The same for a mean: x as floats, the dtype of y, and the dtype to sum in."""
    x, windows = _check_arguments(floats("x", x), kernel_size, stride, padding, 1, ceil_mode)
    return x, windows, *working_type(x)


def _check_backward(
    dy: Any, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: Any
) -> tuple[np.ndarray, np.ndarray, Windows, np.dtype, np.dtype]:
    """The same for the way back: dy and x as floats, the dtype of dx, and the dtype to sum in."""
    x, windows = _check_arguments(floats("x", x), kernel_size, stride, padding, dilation, ceil_mode)
    dy = floats("dy", dy)
    same_shape("dy", dy, (*x.shape[:-2], *windows.output_size), "that of the output")
    return dy, x, windows, *working_type(dy, x)


def _lowest(dtype: np.dtype) -> float:
    """The value that no pixel loses against: -inf, or the lowest integer."""
    return np.iinfo(dtype).min if dtype.kind == "i" else -np.inf
