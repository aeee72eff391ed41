"""Normalization within one example, so that the batch does not matter: group norm (and instance norm), layer norm."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import floats, given, integer, like_torch_no_warnings, real, rounded_once, same_shape
from cnnkit._sums import wide_sum
from cnnkit.normalization import per_channel, with_channels

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@like_torch_no_warnings
@rounded_once
def group_norm(
    x: ArrayLike,
    num_groups: int,
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    *,
    eps: float = 1e-5,
) -> np.ndarray:
    r"""Normalize each group of channels of each example; then scale and shift each channel.

    .. math:: \hat x = \frac{x - mean_{n,g}}{\sqrt{var_{n,g} + eps}}, \qquad y = weight_c \cdot \hat x + bias_c

    mean and var are those of one example and one group of neighbouring channels, over all their M entries, var divided
    by M. There are no running statistics, and the other examples of the batch do not matter. With as many groups as
    channels it is instance norm.

    Shapes: x, y (N, C), (N, C, L), (N, C, H, W) or longer; weight (None means 1) and bias (None means 0) (C,).
    Errors: ValueError if num_groups does not divide C, if shapes do not fit, or if x holds one value for each group.

    >>> group_norm([[1.0, 3.0, 0.0, 80.0]], 2).round(4).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]

    Reference: Wu and He (2018), Group normalization, equations 1 to 5.
    """
    x, weight, bias, rows, _ = _check_groups(x, num_groups, weight, bias, eps)
    x_hat, _ = _standardized(x.reshape(rows), eps)
    return x_hat.reshape(x.shape) * weight + bias


@like_torch_no_warnings
@rounded_once
def group_norm_backward(
    dy: ArrayLike, x: ArrayLike, num_groups: int, weight: ArrayLike | None = None, *, eps: float = 1e-5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Return dx, dweight, dbias: three roads as in `batch_norm_backward`, within each example and group.

    .. math:: dx = \frac{1}{std} \left(d\hat x - \frac{1}{M} \sum d\hat x - \hat x \frac{1}{M} \sum d\hat x
              \cdot \hat x\right), \qquad d\hat x = weight \cdot dy

    Shapes: dy and dx as x, dweight and dbias (C,).
    Errors: ValueError as `group_norm`, and if dy does not have the shape of x.

    Reference: Wu and He (2018), Group normalization, equations 1 to 5, differentiated.
    """
    dy, x, weight, rows, others = _check_groups_backward(dy, x, num_groups, weight, eps)
    x_hat, std = _standardized(x.reshape(rows), eps)
    dx = _standardized_backward((weight * dy).reshape(rows), x_hat, std)
    return dx.reshape(x.shape), wide_sum(dy * x_hat.reshape(x.shape), others), wide_sum(dy, others)


@like_torch_no_warnings
@rounded_once
def layer_norm(
    x: ArrayLike,
    normalized_shape: int | tuple[int, ...],
    weight: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    *,
    eps: float = 1e-5,
) -> np.ndarray:
    r"""Normalize each example over its last axes; then scale and shift each place.

    .. math:: \hat x = \frac{x - mean_n}{\sqrt{var_n + eps}}, \qquad y = weight \cdot \hat x + bias

    mean and var are those of one example, over all its M entries, var divided by M.

    Shapes: x, y (..., *normalized_shape), weight (None means 1) and bias (None means 0) normalized_shape. An int is a
    shape of one axis (as in torch.nn.LayerNorm).
    Errors: ValueError if x does not end in normalized_shape, or weight and bias do not have it.

    >>> layer_norm([[1.0, 3.0], [0.0, 80.0]], 2, weight=[1.0, 10.0]).round(4).tolist()
    [[-1.0, 10.0], [-1.0, 10.0]]

    Reference: Ba, Kiros and Hinton (2016), Layer normalization, equations 3 and 4.
    """
    x, weight, bias, rows, _ = _check_layer(x, normalized_shape, weight, bias, eps)
    x_hat, _ = _standardized(x.reshape(rows), eps)
    return x_hat.reshape(x.shape) * weight + bias


@like_torch_no_warnings
@rounded_once
def layer_norm_backward(
    dy: ArrayLike,
    x: ArrayLike,
    normalized_shape: int | tuple[int, ...],
    weight: ArrayLike | None = None,
    *,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dx, dweight, dbias: three roads as in `group_norm_backward`, within each example.

    Shapes: dy and dx as x, dweight and dbias normalized_shape.
    Errors: ValueError as `layer_norm`, and if dy does not have the shape of x.

    Reference: Ba, Kiros and Hinton (2016), Layer normalization, equations 3 and 4, differentiated.
    """
    dy, x, weight, rows, others = _check_layer_backward(dy, x, normalized_shape, weight, eps)
    x_hat, std = _standardized(x.reshape(rows), eps)
    dx = _standardized_backward((weight * dy).reshape(rows), x_hat, std)
    return dx.reshape(x.shape), wide_sum(dy * x_hat.reshape(x.shape), others), wide_sum(dy, others)


def _standardized(rows: np.ndarray, eps: float) -> tuple[np.ndarray, np.ndarray]:
    """Return each row, along the last axis, with mean 0 and variance 1, and the rows' std."""
    m = rows.shape[-1]
    x_hat = rows - wide_sum(rows, -1, keepdims=True) / m
    var = wide_sum(x_hat * x_hat, -1, keepdims=True) / m  # two passes, as in `batch_norm`
    std = np.sqrt(var + eps)
    return x_hat / std, std


def _standardized_backward(dx_hat: np.ndarray, x_hat: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return the gradient of the rows, from that of the standardized ones."""
    m = x_hat.shape[-1]
    through_mean = wide_sum(dx_hat, -1, keepdims=True) / m
    through_var = x_hat * (wide_sum(dx_hat * x_hat, -1, keepdims=True) / m)
    return (dx_hat - through_mean - through_var) / std


def _check_groups(
    x: Any, num_groups: Any, weight: Any, bias: Any, eps: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, ...], tuple[int, ...]]:
    """Return x, weight and bias lined up with it, x's shape with a row for each group, and all axes but channels."""
    x, groups = with_channels(x), integer("num_groups", num_groups, at_least=1)
    n, channels, *pixels = x.shape
    if channels % groups:
        raise ValueError(f"num_groups must divide the {channels} channels of x, got {groups}")
    if x.size == groups:  # torch's rule: of two examples, each with one value in a group, all become 0
        raise ValueError(f"x must hold more than 1 value for each group, got 1: x has shape {x.shape}")
    _check_eps(eps)
    rows, others = (n, groups, channels // groups * prod(pixels)), (0, *range(2, x.ndim))
    weight, bias = (
        per_channel(_as_shaped(name, value, (channels,), x, "one entry per channel of x"), x)
        for name, value in (("weight", weight), ("bias", bias))
    )
    return x, weight, bias, rows, others


def _check_groups_backward(
    dy: Any, x: Any, num_groups: Any, weight: Any, eps: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, ...], tuple[int, ...]]:
    x, weight, _, rows, others = _check_groups(x, num_groups, weight, None, eps)
    return _check_dy(dy, x), x, weight, rows, others


def _check_layer(
    x: Any, normalized_shape: Any, weight: Any, bias: Any, eps: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, ...], tuple[int, ...]]:
    """Return x, weight and bias, x's shape with a row for each example, and the axes of the examples."""
    x, shape = floats("x", x), normalized_shape if isinstance(normalized_shape, (tuple, list)) else [normalized_shape]
    shape = tuple(integer("every side of normalized_shape", side, at_least=0) for side in shape)
    if not shape:
        raise ValueError(f"normalized_shape must have at least 1 side, got {given(normalized_shape)}")
    if x.shape[-len(shape) :] != shape:
        raise ValueError(f"x must end in normalized_shape={shape}, got shape {x.shape}")
    _check_eps(eps)
    weight, bias = (
        _as_shaped(name, value, shape, x, "normalized_shape") for name, value in (("weight", weight), ("bias", bias))
    )
    examples = x.shape[: x.ndim - len(shape)]
    return x, weight, bias, (*examples, prod(shape)), tuple(range(len(examples)))


def _check_layer_backward(
    dy: Any, x: Any, normalized_shape: Any, weight: Any, eps: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, ...], tuple[int, ...]]:
    x, weight, _, rows, others = _check_layer(x, normalized_shape, weight, None, eps)
    return _check_dy(dy, x), x, weight, rows, others


def _check_dy(dy: Any, x: np.ndarray) -> np.ndarray:
    dy = floats("dy", dy)
    same_shape("dy", dy, x.shape, "that of x")
    return dy


def _check_eps(eps: Any) -> None:
    if not real("eps", eps) >= 0:
        raise ValueError(f"eps must be at least 0, got {given(eps)}")


def _as_shaped(name: str, value: Any, shape: tuple[int, ...], x: np.ndarray, because: str) -> np.ndarray:
    """Return weight, 1 everywhere unless given, or bias, 0 unless given, if it has this shape."""
    array = np.full(shape, name == "weight", x.dtype) if value is None else floats(name, value)
    same_shape(name, array, shape, because)
    return array
