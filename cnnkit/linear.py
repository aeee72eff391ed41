"""The fully connected layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import floats, quiet, same_shape


@quiet
def linear(x: Any, weight: Any, bias: Any = None) -> np.ndarray:
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


@quiet
def linear_backward(dy: Any, x: Any, weight: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Return dx, dweight, dbias: dx spreads dy back through the weights, dweight correlates dy with x.

    .. math:: dx = dy \, weight \qquad dweight = dy^T x \qquad dbias = \sum_n dy_n

    Shapes: dy (..., O), x (..., C), weight (O, C). The gradients have the shapes of what they are gradients of.
    """
    dy, x, weight = _check_backward(dy, x, weight)
    rows_x, rows_dy = x.reshape(-1, weight.shape[1]), dy.reshape(-1, weight.shape[0])
    return dy @ weight, rows_dy.T @ rows_x, rows_dy.sum(axis=0)


def _check_arguments(x: Any, weight: Any, bias: Any = None) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    x, weight = floats("x", x), floats("weight", weight, ndim=2, shape="(outputs, inputs)")
    if x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        raise ValueError(f"x must have {weight.shape[1]} entries on its last axis, as weight has, got shape {x.shape}")
    if bias is None:
        return x, weight, None
    bias = floats("bias", bias)
    same_shape("bias", bias, weight.shape[:1], "one entry per row of weight")
    return x, weight, bias


def _check_backward(dy: Any, x: Any, weight: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, weight, _ = _check_arguments(x, weight)
    dy = floats("dy", dy)
    same_shape("dy", dy, (*x.shape[:-1], weight.shape[0]), "that of linear(x, weight)")
    return dy, x, weight
