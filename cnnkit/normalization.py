"""Batch normalization: give every channel mean 0 and variance 1, then a learnt scale and shift."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import floats, given, like_torch_no_warnings, real, same_shape, switch
from cnnkit._sums import RUN

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@like_torch_no_warnings
def batch_norm(
    x: ArrayLike,
    running_mean: ArrayLike | None,
    running_var: ArrayLike | None,
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    *,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[np.ndarray, Any, Any]:
    r"""Normalize each channel; return y, running_mean, running_var.

    .. math:: \hat x = \frac{x - mean}{\sqrt{var + eps}}, \qquad y = weight \cdot \hat x + bias

    In training, mean and var are those of this batch: each channel over all its M entries, var divided by M. The
    running ones move towards them by the share `momentum`, the variance towards var · M / (M - 1), the unbiased
    estimate. Outside training the running ones are used, and come back as they are.

    Shapes: x, y (N, C), (N, C, L), (N, C, H, W) or longer; all others (C,). weight None means 1, bias None means 0; in
    training the running statistics may be None. They come back as new arrays: nothing is changed in place.
    Errors: ValueError if shapes do not fit, if training with one value per channel (its variance says nothing),
    if running statistics are missing outside training, if eps is negative, or 0 in training.

    >>> x = [[1.0, 0.0], [3.0, 80.0]]
    >>> y, running_mean, running_var = batch_norm(x, [0, 0], [1, 1], training=True, momentum=0.5)
    >>> y.round(4).tolist()
    [[-1.0, -1.0], [1.0, 1.0]]
    >>> running_mean.tolist(), running_var.tolist()
    ([1.0, 20.0], [1.5, 1600.5])

    Reference: Ioffe and Szegedy (2015), Batch normalization, algorithms 1 and 2.
    """
    x, mean, var, weight, bias, m, dtype = _check_arguments(
        x, running_mean, running_var, weight, bias, training, eps, momentum
    )
    if training and m:
        mean = channel_sum(x) / m
    y = x - mean
    if training and m:
        var = channel_sum(y, y) / m  # two passes: E[x²] - E[x]² loses all digits when the mean is large
        running_mean = _moved(running_mean, mean, momentum)
        running_var = _moved(running_var, var * (m / (m - 1)), momentum)
    y /= np.sqrt(var + eps)  # now it is x_hat
    y *= weight
    y += bias
    return y.astype(dtype, copy=False), running_mean, running_var


@like_torch_no_warnings
def batch_norm_backward(
    dy: ArrayLike,
    x: ArrayLike,
    running_mean: ArrayLike | None,
    running_var: ArrayLike | None,
    weight: ArrayLike | None = None,
    *,
    training: bool = False,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Return dx, dweight, dbias.

    x reaches y along three roads: directly, and, in training, through the mean and the variance that it helped to
    make. The mean road takes the mean out of dy, the variance road takes out what of it lies along x_hat:

    .. math:: dx = \frac{weight}{std} \left(dy - \frac{dbias}{M} - \hat x \frac{dweight}{M}\right), \qquad
              dbias = \sum dy, \quad dweight = \sum dy \cdot \hat x

    Shapes: dy and dx as x, all others (C,). Pass the running statistics as they were before the forward.

    Reference: Ioffe and Szegedy (2015), Batch normalization, section 3, with its equations for the gradients.
    """
    dy, x, mean, var, weight, m, dtype = _check_backward(dy, x, running_mean, running_var, weight, training, eps)
    if training and m:
        mean = channel_sum(x) / m
    x_hat = x - mean
    if training and m:
        var = channel_sum(x_hat, x_hat) / m
    std = np.sqrt(var + eps)
    x_hat /= std
    dbias, dweight = channel_sum(dy), channel_sum(dy, x_hat)
    dx = weight / std * dy
    if training and m:
        dx -= weight / std * (dbias / m)  # through the mean
        dx -= weight / std * (dweight / m) * x_hat  # through the variance
    return dx.astype(dtype, copy=False), dweight.ravel().astype(dtype), dbias.ravel().astype(dtype)


@like_torch_no_warnings
def batch_norm2d(
    x: ArrayLike,
    running_mean: ArrayLike | None,
    running_var: ArrayLike | None,
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    *,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[np.ndarray, Any, Any]:
    """`batch_norm` of images, and of nothing else.

    Shapes: x, y (N, C, H, W); all others (C,).
    Errors: ValueError as `batch_norm`.

    >>> x = [[[[1.0, 3.0]], [[0.0, 80.0]]]]
    >>> batch_norm2d(x, None, None, training=True)[0].round(4).tolist()
    [[[[-1.0, 1.0]], [[-1.0, 1.0]]]]

    Reference: Ioffe and Szegedy (2015), Batch normalization, section 3.2.
    """
    x = _check_images(x)
    return batch_norm(x, running_mean, running_var, weight, bias, training=training, momentum=momentum, eps=eps)


@like_torch_no_warnings
def batch_norm2d_backward(
    dy: ArrayLike,
    x: ArrayLike,
    running_mean: ArrayLike | None,
    running_var: ArrayLike | None,
    weight: ArrayLike | None = None,
    *,
    training: bool = False,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dx, dweight, dbias: `batch_norm_backward` of images."""
    x = _check_images(x)
    return batch_norm_backward(dy, x, running_mean, running_var, weight, training=training, eps=eps)


def channel_sum(a: np.ndarray, b: np.ndarray | None = None) -> np.ndarray:
    """Sum a, or a · b, over all images and pixels of each channel: (N, C, H, W) -> (C, 1, 1).

    Of many, a run at a time is added up in its own type, and the runs' sums in float64: `wide_sum` would take longer.
    """
    names, factors = ("ncp->c", [a]) if b is None else ("ncp,ncp->c", [a, b])
    n, channels, pixels = *a.shape[:2], prod(a.shape[2:])
    factors = [factor.reshape(n, channels, pixels) for factor in factors]
    if n * pixels <= RUN:
        return per_channel(np.einsum(names, *factors), a)
    images, total = max(1, RUN // pixels), np.zeros(channels)
    for i, j in product(range(0, n, images), range(0, pixels, RUN)):
        total += np.einsum(names, *(factor[i : i + images, :, j : j + RUN] for factor in factors))
    return per_channel(total.astype(np.result_type(*factors)), a)


def per_channel(column: np.ndarray, x: np.ndarray) -> np.ndarray:
    """One number per channel, shaped (C, 1, 1) for images, so that it lines up with x."""
    return column.reshape(-1, *[1] * (x.ndim - 2))


def _check_arguments(
    x: Any, running_mean: Any, running_var: Any, weight: Any, bias: Any, training: Any, eps: Any, momentum: Any = 0.1
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, int, np.dtype]:
    """Return x in float32 or float64, the others as (C, 1, 1) in the same type, how many values a channel has, and
    the type in which x came.
    """
    x = with_channels(x)
    real("momentum", momentum)
    dtype, x = x.dtype, x.astype(np.result_type(x, np.float32), copy=False)
    if not real("eps", eps) >= 0 or (switch("training", training) and eps == 0):
        raise ValueError(f"eps must be {'greater than 0 in training' if training else 'at least 0'}, got {given(eps)}")
    if not training and (running_mean is None or running_var is None):
        raise ValueError("running_mean and running_var must be given unless training=True, got None")
    mean, var = _column("running_mean", running_mean, x, 0), _column("running_var", running_var, x, 1)
    weight, bias = _column("weight", weight, x, 1), _column("bias", bias, x, 0)
    m = prod(x.shape[:1] + x.shape[2:])
    if training and m == 1:
        raise ValueError(f"training needs more than 1 value per channel, got 1: x has shape {x.shape}")
    return x, mean, var, weight, bias, m, dtype


def _check_backward(
    dy: Any, x: Any, running_mean: Any, running_var: Any, weight: Any, training: Any, eps: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, int, np.dtype]:
    """Return dy, at least as wide a type as that of x, and what `_check_arguments` returns."""
    x, mean, var, weight, _, m, dtype = _check_arguments(x, running_mean, running_var, weight, None, training, eps)
    dy = floats("dy", dy)
    same_shape("dy", dy, x.shape, "that of x")
    return dy.astype(np.result_type(dy, x), copy=False), x, mean, var, weight, m, np.result_type(dy, dtype)


def _moved(running: Any, towards: np.ndarray, momentum: float) -> np.ndarray | None:
    """Move the running statistic towards this batch's by the share `momentum`, keeping its dtype."""
    if running is None:
        return None
    running = floats("running", running)
    towards = towards.astype(np.float64)
    return ((1 - momentum) * running + momentum * towards.ravel()).astype(running.dtype)


def _check_images(x: Any) -> np.ndarray:
    return floats("x", x, ndim=4, shape="(N, C, H, W)")


def with_channels(x: Any) -> np.ndarray:
    """Return x as floats, (N, C, ...)."""
    x = floats("x", x)
    if x.ndim < 2:
        raise ValueError(f"x must have at least 2 dimensions (N, C, ...), got {x.ndim}: shape {x.shape}")
    return x


def _column(name: str, value: Any, x: np.ndarray, default: float) -> np.ndarray:
    """One number per channel, lined up with x and in its type."""
    column = np.full(x.shape[1], default) if value is None else floats(name, value)
    same_shape(name, column, x.shape[1:2], "one entry per channel of x")
    return per_channel(column.astype(x.dtype, copy=False), x)
