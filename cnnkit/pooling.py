"""Pooling: the largest value, or the mean, of what each window sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import IntOrPair, floats, like_torch_no_warnings, pair, same_shape, switch
from cnnkit._windows import Windows, images, windows_over, working_type

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@like_torch_no_warnings
def max_pool2d(
    x: ArrayLike,
    kernel_size: IntOrPair,
    *,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
    ceil_mode: bool = False,
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
    return windows.combine(np.maximum, x_pad)


@like_torch_no_warnings
def max_pool2d_backward(
    dy: ArrayLike,
    x: ArrayLike,
    kernel_size: IntOrPair,
    *,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
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
    dy, x, windows, dtype = _check_backward(dy, x, kernel_size, stride, padding, dilation, ceil_mode)
    x_pad = windows.pad(x, -np.inf)
    dx_pad, winner = np.zeros(x_pad.shape, dy.dtype), _winner(x_pad, windows)
    for n, (_, tap) in enumerate(windows.taps()):
        dx_pad[tap] += _where(winner == n, dy)
    return windows.unpad(dx_pad, x.shape[-2:]).astype(dtype, copy=False)


@like_torch_no_warnings
def avg_pool2d(
    x: ArrayLike,
    kernel_size: IntOrPair,
    *,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
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
    x, windows, dtype = _check_average(x, kernel_size, stride, padding, ceil_mode, count_include_pad)
    x_pad, m = windows.pad(x), windows.counts(x.shape[-2:], count_include_pad)
    y = windows.combine(np.add, x_pad) / m
    return y.astype(dtype, copy=False)


@like_torch_no_warnings
def avg_pool2d_backward(
    dy: ArrayLike,
    x: ArrayLike,
    kernel_size: IntOrPair,
    *,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
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
    dy, x, windows, dtype = _check_backward(dy, x, kernel_size, stride, padding, 1, ceil_mode, count_include_pad)
    m = windows.counts(x.shape[-2:], count_include_pad)
    dx_pad = windows.spread(dy / m, x.shape[-2:])
    return windows.unpad(dx_pad, x.shape[-2:]).astype(dtype, copy=False)


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


def _first_inside(windows: Windows, axis: int) -> np.ndarray:
    """Return for each window along an axis the first tap that is not in the padding before the input."""
    start = np.arange(windows.output_size[axis]) * windows.stride[axis] - windows.before[axis]
    return np.maximum(0, -(start // windows.dilation[axis]))


def _where(wins: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """dy where `wins`, else 0. The product is faster, but inf · 0 is NaN."""
    return dy * wins if np.isfinite(dy).all() else np.where(wins, dy, 0)


def _check_arguments(
    x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: Any
) -> tuple[np.ndarray, Windows]:
    """Check what all poolings have in common."""
    x, padding = images(x), pair("padding", padding, at_least=0)
    windows = windows_over(x, kernel_size, kernel_size if stride is None else stride, padding, dilation, ceil_mode)
    for k, p in zip(windows.kernel_size, windows.before, strict=True):
        if p > k // 2:
            raise ValueError(f"padding must be at most half of the kernel, got padding={p} for kernel_size={k}")
    return x, windows


def _check_average(
    x: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: Any, count_include_pad: Any
) -> tuple[np.ndarray, Windows, np.dtype]:
    """Return x in the type to sum in, where the windows lie, and the type of the result."""
    x, windows = _check_arguments(floats("x", x), kernel_size, stride, padding, 1, ceil_mode)
    switch("count_include_pad", count_include_pad)
    dtype, sum_dtype = working_type(x)
    return x.astype(sum_dtype, copy=False), windows, dtype


def _check_backward(
    dy: Any, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: Any,
    count_include_pad: Any = True,
) -> tuple[np.ndarray, np.ndarray, Windows, np.dtype]:  # fmt: skip
    """Return dy in the type to sum in, x, where the windows lie, and the type of dx."""
    switch("count_include_pad", count_include_pad)
    x, windows = _check_arguments(floats("x", x), kernel_size, stride, padding, dilation, ceil_mode)
    dy = floats("dy", dy)
    same_shape("dy", dy, (*x.shape[:-2], *windows.output_size), "that of the output")
    dtype, sum_dtype = working_type(dy, x)
    return dy.astype(sum_dtype, copy=False), x, windows, dtype


def _lowest(dtype: np.dtype) -> float:
    """The value that no pixel loses against: -inf, or the lowest integer."""
    return np.iinfo(dtype).min if dtype.kind == "i" else -np.inf
