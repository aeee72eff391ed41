"""Batch normalization: give every channel mean 0 and variance 1, then a learnt scale and shift."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import floats, given, quiet, real, same_shape, switch


@quiet
def batch_norm2d(
    x: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
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

    Shapes: x, y (N, C, H, W); all others (C,). weight None means 1, bias None means 0; in training the running
    statistics may be None. They come back as new arrays: nothing is changed in place.
    Errors: ValueError if shapes do not fit, if training with one value per channel (its variance says nothing),
    if running statistics are missing outside training, if eps is negative, or 0 in training.

    >>> x = [[[[1.0, 3.0]], [[0.0, 80.0]]]]
    >>> y, running_mean, running_var = batch_norm2d(x, [0, 0], [1, 1], training=True, momentum=0.5)
    >>> y.round(4).tolist()
    [[[[-1.0, 1.0]], [[-1.0, 1.0]]]]
    >>> running_mean.tolist(), running_var.tolist()
    ([1.0, 20.0], [1.5, 1600.5])

    Reference: Ioffe and Szegedy (2015), Batch normalization, algorithms 1 and 2.
    """
    centred, mean, var = _centred(x, running_mean, running_var, training, eps)
    momentum, m = real("momentum", momentum), _entries_per_channel(centred)
    if training and m > 0:
        running_mean = _moved(running_mean, mean, momentum)
        running_var = _moved(running_var, var * (m / (m - 1)), momentum)

    std = np.sqrt(var + eps)
    # out=...: the result takes the place of an array no longer needed; a new one costs more than the arithmetic
    x_hat = np.divide(centred, std, out=centred)
    y = np.multiply(_column("weight", weight, x_hat, 1), x_hat, out=x_hat)
    y += _column("bias", bias, x_hat, 0)
    return y.astype(floats("x", x).dtype, copy=False), running_mean, running_var


@quiet
def batch_norm2d_backward(
    dy: Any,
    x: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    *,
    training: bool = False,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Return dx, dweight, dbias.

    x reaches y along three roads: directly, and, in training, through the mean and the variance that it helped to
    make. The mean road takes the mean out of dy, the variance road takes out what of it lies along x_hat:

    .. math:: dx = \frac{weight}{std} \left(dy - \frac{dbias}{M} - \hat x \frac{dweight}{M}\right), \qquad
              dbias = \sum dy, \quad dweight = \sum dy \cdot \hat x

    Shapes: dy, x, dx (N, C, H, W); all others (C,). Pass the running statistics as they were before the forward.

    Reference: Ioffe and Szegedy (2015), Batch normalization, section 3, with its equations for the gradients.
    """
    centred, _, var = _centred(x, running_mean, running_var, training, eps)
    weight, m = _column("weight", weight, centred, 1), _entries_per_channel(centred)
    dy, dtype = floats("dy", dy), np.result_type(floats("dy", dy), floats("x", x))
    same_shape("dy", dy, centred.shape, "that of x")
    dy = dy.astype(np.result_type(dy, centred), copy=False)

    std = np.sqrt(var + eps)
    x_hat = np.divide(centred, std, out=centred)

    dbias = channel_sum(dy)
    dweight = channel_sum(dy, x_hat)

    scale = weight / std
    dx = direct = scale * dy
    if training and m > 0:
        through_mean = scale * (dbias / m)
        through_var = np.multiply(scale * (dweight / m), x_hat, out=x_hat)
        dx = np.subtract(direct, through_mean, out=direct)
        dx -= through_var
    return dx.astype(dtype, copy=False), dweight.ravel().astype(dtype), dbias.ravel().astype(dtype)


def channel_sum(a: np.ndarray, b: np.ndarray | None = None) -> np.ndarray:
    """Sum a, or a · b, over all images and pixels of each channel: (N, C, H, W) -> (C, 1, 1)."""
    total = np.einsum("nchw->c", a) if b is None else np.einsum("nchw,nchw->c", a, b)
    return total[:, None, None]


def _centred(
    x: Any, running_mean: Any, running_var: Any, training: bool, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Check the input; return x - mean in float32 or float64, with the mean and the variance to use, (C, 1, 1)."""
    x = floats("x", x, ndim=4, shape="(N, C, H, W)")
    x = x.astype(np.result_type(x, np.float32), copy=False)
    if not real("eps", eps) >= 0 or (switch("training", training) and eps == 0):
        raise ValueError(f"eps must be {'greater than 0 in training' if training else 'at least 0'}, got {given(eps)}")
    if not training and (running_mean is None or running_var is None):
        raise ValueError("running_mean and running_var must be given unless training=True, got None")
    given_mean, given_var = _column("running_mean", running_mean, x, 0), _column("running_var", running_var, x, 1)
    m = _entries_per_channel(x)
    if training and m == 1:
        raise ValueError(f"training needs more than 1 value per channel, got 1: x has shape {x.shape}")
    if not training or m == 0:
        return x - given_mean, given_mean, given_var
    mean = channel_sum(x) / m
    centred = x - mean
    var = channel_sum(centred, centred) / m  # two passes: E[x²] - E[x]² loses all digits when the mean is large
    return centred, mean, var


def _entries_per_channel(x: np.ndarray) -> int:
    return x.shape[0] * x.shape[2] * x.shape[3]


def _moved(running: Any, towards: np.ndarray, momentum: float) -> np.ndarray | None:
    """Move the running statistic towards this batch's by the share `momentum`, keeping its dtype."""
    if running is None:
        return None
    running = floats("running", running)
    return ((1 - momentum) * running + momentum * towards.ravel()).astype(running.dtype)


def _column(name: str, value: Any, x: np.ndarray, default: float) -> np.ndarray:
    """One number per channel, shaped (C, 1, 1) so that it lines up with the images."""
    channels = x.shape[1]
    column = np.full(channels, default) if value is None else floats(name, value)
    same_shape(name, column, (channels,), "one entry per channel of x")
    return column.astype(x.dtype, copy=False)[:, None, None]
