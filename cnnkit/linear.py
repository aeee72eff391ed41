"""The fully connected layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import floats, like_torch_no_warnings, rounded_once, same_shape
from cnnkit._sums import wide_sum

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@like_torch_no_warnings
@rounded_once
def linear(x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None) -> np.ndarray:
    r"""Multiply by a matrix and add a vector.

    .. math:: y_{no} = \sum_c weight_{oc} \, x_{nc} + bias_o

    Shapes: x (..., C), weight (O, C), bias (O,) -> y (..., O). (torch also takes a weight (C,), for y (...): here it
    is weight[None], and y[..., 0].)
    Errors: ValueError if the last axis of x does not have C entries, or bias does not have O.

    >>> linear([[1.0, 2.0]], weight=[[3.0, 4.0], [5.0, 6.0]], bias=[0.0, 100.0])
    array([[ 11., 117.]])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.1.
    """
    x, weight, bias = _check_arguments(x, weight, bias)
    y = x @ weight.T
    return y if bias is None else y + bias


@like_torch_no_warnings
@rounded_once
def linear_backward(dy: ArrayLike, x: ArrayLike, weight: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Return dx, dweight, dbias: the gradient of each factor is dy times the other factor.

    .. math:: dx = dy \, weight \qquad dweight = dy^T x \qquad dbias = \sum_n dy_n

    Shapes: dy (..., O), x (..., C), weight (O, C). The gradients have the shapes of what they are gradients of.
    """
    dy, x, weight = _check_backward(dy, x, weight)
    rows_x, rows_dy = x.reshape(-1, weight.shape[1]), dy.reshape(-1, weight.shape[0])
    return dy @ weight, rows_dy.T @ rows_x, wide_sum(rows_dy, axis=0)


def _check_arguments(x: Any, weight: Any, bias: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    x, weight = floats("x", x), floats("weight", weight, ndim=2, shape="(outputs, inputs)")
    if x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        raise ValueError(f"x must have {weight.shape[1]} entries on its last axis, as weight has, got shape {x.shape}")
    if bias is not None:
        bias = floats("bias", bias)
        same_shape("bias", bias, weight.shape[:1], "one entry per row of weight")
    return x, weight, bias


def _check_backward(dy: Any, x: Any, weight: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, weight, _ = _check_arguments(x, weight, None)
    dy = floats("dy", dy)
    same_shape("dy", dy, (*x.shape[:-1], weight.shape[0]), "that of linear(x, weight)")
    return dy, x, weight
