"""Curves that level off on one side or both, and those made of straight lines that imitate them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnkit._arguments import floats, like_torch_no_warnings, real, rounded_once
from cnnkit.activations._checks import check_dy_and_x

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@like_torch_no_warnings
@rounded_once
def sigmoid(x: ArrayLike) -> np.ndarray:
    r"""Squash x into (0, 1): y = 1 / (1 + exp(-x)), written so that exp never overflows.

    >>> sigmoid([-np.inf, 0.0, np.inf])
    array([0. , 0.5, 1. ])

    Reference: LeCun, Bottou, Orr and Müller (1998), Efficient BackProp, section 4.4.
    """
    x = floats("x", x)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


@like_torch_no_warnings
@rounded_once
def sigmoid_backward(dy: ArrayLike, x: ArrayLike) -> np.ndarray:
    r"""dx = dy · y · (1 - y): never more than dy / 4.

    Far out y is so close to 1 that 1 - y has no digits left. So both factors are written with e, the smaller of exp(x)
    and exp(-x): one is 1 / (1 + e), the other e / (1 + e).

    .. math:: \sigma'(x) = \frac{e}{(1 + e)^2}, \qquad e = \exp(-|x|)

    >>> sigmoid_backward(1.0, 40.0)  # exp(-40); 1 - sigmoid(40.0) is 0
    np.float64(4.248354255291589e-18)
    """
    dy, x = check_dy_and_x(dy, x)
    e = np.exp(-np.abs(x))
    return dy * (e / (1 + e) ** 2)


@like_torch_no_warnings
@rounded_once
def tanh(x: ArrayLike) -> np.ndarray:
    r"""Squash x into (-1, 1): y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)) = 2 σ(2x) - 1.

    >>> tanh([-np.inf, 0.0, np.inf])
    array([-1.,  0.,  1.])

    Reference: LeCun, Bottou, Orr and Müller (1998), Efficient BackProp, section 4.4.
    """
    return np.tanh(floats("x", x))


@like_torch_no_warnings
@rounded_once
def tanh_backward(dy: ArrayLike, x: ArrayLike) -> np.ndarray:
    r"""dx = dy · (1 - y²): never more than dy.

    Far out 1 - y² has no digits left, as in sigmoid_backward. Over one denominator it is a square without a difference:

    .. math:: \tanh'(x) = \frac{1}{\cosh^2 x} = \left(\frac{2}{\exp(x) + \exp(-x)}\right)^2
    """
    dy, x = check_dy_and_x(dy, x)
    e = np.exp(x)
    return dy * (2 / (e + 1 / e)) ** 2


@like_torch_no_warnings
@rounded_once
def softsign(x: ArrayLike) -> np.ndarray:
    r"""Squash x into (-1, 1), more slowly than tanh: y = x / (1 + abs(x)).

    >>> softsign([-3.0, 0.0, 1.0])
    array([-0.75,  0.  ,  0.5 ])

    Reference: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks,
    section 3.3.
    """
    x = floats("x", x)
    z = x.astype(np.float64)
    return (z / (1 + np.abs(z))).astype(x.dtype)


@like_torch_no_warnings
@rounded_once
def softsign_backward(dy: ArrayLike, x: ArrayLike) -> np.ndarray:
    r"""dx = dy / (1 + abs(x))²: far out it falls like 1/x², where the slope of tanh falls like exp(-2x)."""
    dy, x = check_dy_and_x(dy, x)
    d = 1 + np.abs(x.astype(np.float64))
    return (dy / d / d).astype(np.result_type(dy, x))


@like_torch_no_warnings
@rounded_once
def softplus(x: ArrayLike, *, beta: float = 1.0, threshold: float = 20.0) -> np.ndarray:
    r"""A ReLU with a rounded corner: y = log(1 + exp(beta · x)) / beta, and y = x where beta · x > threshold.

    >>> softplus([-np.inf, 0.0, 100.0]).round(4)
    array([  0.    ,   0.6931, 100.    ])

    Reference: Glorot, Bordes and Bengio (2011), Deep sparse rectifier neural networks, section 3.
    """
    x, threshold = floats("x", x), real("threshold", threshold)
    bx, beta = _times_beta(x, beta)
    log_1_plus_exp = np.maximum(bx, 0) + np.log1p(np.exp(-np.abs(bx)))  # the same, without overflow
    return np.where(bx > threshold, x, log_1_plus_exp / beta)


@like_torch_no_warnings
@rounded_once
def softplus_backward(dy: ArrayLike, x: ArrayLike, *, beta: float = 1.0, threshold: float = 20.0) -> np.ndarray:
    """dx = dy · σ(beta · x), and dx = dy where beta · x > threshold."""
    dy, x = check_dy_and_x(dy, x)
    bx, beta = _times_beta(x, beta)
    return np.where(bx > real("threshold", threshold), dy, dy * sigmoid(bx))


@like_torch_no_warnings
@rounded_once
def hardtanh(x: ArrayLike, *, min_val: float = -1.0, max_val: float = 1.0) -> np.ndarray:
    r"""Cut off what is below min_val or above max_val: y = min(max(x, min_val), max_val).

    >>> hardtanh([-3.0, 0.5, 9.0], max_val=6.0)
    array([-1. ,  0.5,  6. ])

    Reference: Collobert (2004), Large scale machine learning (thesis).
    """
    low, high = _check_bounds(min_val, max_val)
    return np.minimum(np.maximum(floats("x", x), low), high)


@like_torch_no_warnings
@rounded_once
def hardtanh_backward(dy: ArrayLike, x: ArrayLike, *, min_val: float = -1.0, max_val: float = 1.0) -> np.ndarray:
    """dx = dy strictly between the bounds, else 0: both kinks count as flat."""
    dy, x = check_dy_and_x(dy, x)
    low, high = _check_bounds(min_val, max_val)
    return np.where((x <= low) | (x >= high), 0, dy)


@like_torch_no_warnings
@rounded_once
def hardsigmoid(x: ArrayLike) -> np.ndarray:
    r"""A sigmoid of three straight lines: y = min(max(x + 3, 0), 6) / 6.

    >>> hardsigmoid([-3.0, 0.0, 1.5, 9.0])
    array([0.  , 0.5 , 0.75, 1.  ])

    Reference: Howard et al. (2019), Searching for MobileNetV3, section 5.2.
    """
    return np.minimum(np.maximum(floats("x", x) + 3, 0), 6) / 6


@like_torch_no_warnings
@rounded_once
def hardsigmoid_backward(dy: ArrayLike, x: ArrayLike) -> np.ndarray:
    """dx = dy / 6 strictly between -3 and 3, else 0: both kinks count as flat."""
    dy, x = check_dy_and_x(dy, x)
    return np.where(np.abs(x) < 3, dy / 6, 0)


def _times_beta(x: np.ndarray, beta: float) -> tuple[np.ndarray, float]:
    beta = real("beta", beta)
    if beta == 0:
        raise ValueError("beta must not be 0, got 0: softplus divides by it")
    return beta * x, beta


def _check_bounds(min_val: float, max_val: float) -> tuple[float, float]:
    low, high = real("min_val", min_val), real("max_val", max_val)
    if not low <= high:
        raise ValueError(f"min_val must not be greater than max_val, got min_val={low}, max_val={high}")
    return low, high
