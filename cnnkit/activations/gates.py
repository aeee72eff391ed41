"""x times a gate between 0 and 1 that x itself opens: gelu, silu, mish, hardswish; in glu another number does."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import choice, floats, given, is_int, like_torch_no_warnings, rounded_once, same_shape
from cnnkit.activations._checks import check_dy_and_x
from cnnkit.activations.curves import hardsigmoid, sigmoid, sigmoid_backward

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@like_torch_no_warnings
@rounded_once
def gelu(x: ArrayLike, *, approximate: str = "none") -> np.ndarray:
    r"""Weigh x by the probability that a standard normal number lies below it: y = x · Φ(x).

    .. math:: \Phi(x) = \tfrac12 \operatorname{erfc}(-x / \sqrt2)
              \approx \tfrac12 (1 + \tanh(\sqrt{2 / \pi} \, (x + 0.044715 \, x^3)))

    `approximate="tanh"` takes the second form. The first keeps its digits for negative x, where the more common
    (1 + erf) / 2 loses them: gelu(-10) is -7.6e-23 here and -0 in torch.

    >>> gelu([-10.0, 0.0, 1.0])
    array([-7.61985302e-23,  0.00000000e+00,  8.41344746e-01])

    Reference: Hendrycks and Gimpel (2016), Gaussian error linear units, section 2.
    """
    x = floats("x", x)
    return (x * _normal_cdf(x.astype(np.float64), approximate)).astype(x.dtype)


@like_torch_no_warnings
@rounded_once
def gelu_backward(dy: ArrayLike, x: ArrayLike, *, approximate: str = "none") -> np.ndarray:
    """dx = dy · (Φ(x) + x · Φ'(x)), by the product rule."""
    dy, x = check_dy_and_x(dy, x)
    z = x.astype(np.float64)
    cdf = _normal_cdf(z, approximate)
    if approximate == "tanh":
        d_cdf = 2 * cdf * (1 - cdf) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z**2)
    else:
        d_cdf = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return (dy * (cdf + z * d_cdf)).astype(np.result_type(dy, x))


@like_torch_no_warnings
@rounded_once
def silu(x: ArrayLike) -> np.ndarray:
    r"""Weigh x by its own sigmoid: y = x · σ(x). Also called swish.

    >>> silu([0.0, 100.0])
    array([  0., 100.])

    Reference: Elfwing, Uchibe and Doya (2018), Sigmoid-weighted linear units.
    """
    x = floats("x", x)
    return x * sigmoid(x)


@like_torch_no_warnings
@rounded_once
def silu_backward(dy: ArrayLike, x: ArrayLike) -> np.ndarray:
    """dx = dy · (σ + x · σ · (1 - σ)), by the product rule."""
    dy, x = check_dy_and_x(dy, x)
    s = sigmoid(x)
    return dy * (s + x * s * (1 - s))


@like_torch_no_warnings
@rounded_once
def mish(x: ArrayLike) -> np.ndarray:
    r"""Weigh x by a gate that opens a little faster than silu's: y = x · tanh(softplus(x)).

    .. math:: \tanh(\log(1 + e^x)) = \frac{(1 + e^x)^2 - 1}{(1 + e^x)^2 + 1}

    >>> mish([-1000.0, 0.0, 1000.0])
    array([  -0.,    0., 1000.])

    Reference: Misra (2020), Mish: A self regularized non-monotonic activation function, equation 1.
    """
    x = floats("x", x)
    z = x.astype(np.float64)
    gate, _ = _mish_gate(z)
    return (z * gate).astype(x.dtype)


@like_torch_no_warnings
@rounded_once
def mish_backward(dy: ArrayLike, x: ArrayLike) -> np.ndarray:
    """dx = dy · (gate + x · gate'), by the product rule."""
    dy, x = check_dy_and_x(dy, x)
    z = x.astype(np.float64)
    gate, dgate = _mish_gate(z)
    return (dy * (gate + z * dgate)).astype(np.result_type(dy, x))


@like_torch_no_warnings
@rounded_once
def hardswish(x: ArrayLike) -> np.ndarray:
    r"""A silu of pieces: y = x · hardsigmoid(x), which is 0 up to -3 and x from 3 on.

    >>> hardswish([-4.0, -1.5, 1.5, 9.0])
    array([-0.   , -0.375,  1.125,  9.   ])

    Reference: Howard et al. (2019), Searching for MobileNetV3, section 5.2.
    """
    x = floats("x", x)
    z = x.astype(np.float64)
    return (z * hardsigmoid(z)).astype(x.dtype)


@like_torch_no_warnings
@rounded_once
def hardswish_backward(dy: ArrayLike, x: ArrayLike) -> np.ndarray:
    """dx = dy · (2x + 3) / 6 between -3 and 3; 0 up to -3, and dy from 3 on."""
    dy, x = check_dy_and_x(dy, x)
    between = dy * ((2 * x.astype(np.float64) + 3) / 6)
    return np.where(x <= -3, 0, np.where(x < 3, between, dy)).astype(np.result_type(dy, x))


@like_torch_no_warnings
@rounded_once
def glu(x: ArrayLike, dim: int = -1) -> np.ndarray:
    r"""Cut x in two along `dim`; the second half says how much of the first passes: y = a · σ(b), [a, b] = x.

    Shapes: x with an even number of entries along `dim`, y with half of them. Errors: ValueError if x has no dimension
    `dim`, or an odd number of entries there.

    >>> glu([2.0, 4.0, 0.0, 1000.0])  # 2 · σ(0), 4 · σ(1000)
    array([1., 4.])

    Reference: Dauphin, Fan, Auli and Grangier (2017), Language modeling with gated convolutional networks, equation 1.
    """
    a, b, dtype = _check_halves(x, dim)
    return (a * sigmoid(b)).astype(dtype)


@like_torch_no_warnings
@rounded_once
def glu_backward(dy: ArrayLike, x: ArrayLike, dim: int = -1) -> np.ndarray:
    """Return dx = [da, db], joined along `dim`: da = dy · σ(b), db = dy · a · σ'(b).

    Shapes: dy as the result of glu, dx as x.
    """
    dy, a, b, dtype = _check_gradient(dy, x, dim)
    da, db = dy * sigmoid(b), sigmoid_backward(dy * a, b)
    return np.concatenate([da, db], axis=dim).astype(dtype)


def _normal_cdf(z: np.ndarray, approximate: str) -> np.ndarray:
    if choice("approximate", approximate, ("none", "tanh")) == "tanh":
        return sigmoid(2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))  # (1 + tanh(a)) / 2 = σ(2a)
    return 0.5 * _erfc(-z / math.sqrt(2))


# numpy has no error function; Python's own, applied entry by entry, is accurate to the last digit.
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def _mish_gate(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """tanh(softplus(z)) and its slope: both are fractions of sums, and e = exp(-abs(z)) never overflows."""
    e = np.exp(-np.abs(z))
    over = np.where(z >= 0, 1 + 2 * e, e * (e + 2))
    under = over + 2 * np.where(z >= 0, e**2, 1)
    return over / under, 4 * (1 + e) * np.where(z >= 0, e**2, e) / under**2


def _check_halves(x: Any, dim: Any) -> tuple[np.ndarray, np.ndarray, np.dtype]:
    """Return both halves in float64, and the type of x."""
    x = floats("x", x)
    if not is_int(dim) or not -x.ndim <= dim < x.ndim:
        raise ValueError(f"dim must be one of the {x.ndim} dimensions of x, got {given(dim)}: x has shape {x.shape}")
    if x.shape[dim] % 2:
        raise ValueError(f"x must have an even number of entries along dim={dim}, got {x.shape[dim]}: shape {x.shape}")
    a, b = np.split(x.astype(np.float64), 2, axis=dim)
    return a, b, x.dtype


def _check_gradient(dy: Any, x: Any, dim: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.dtype]:
    a, b, dtype = _check_halves(x, dim)
    dy = floats("dy", dy)
    same_shape("dy", dy, a.shape, "that of half of x")
    return dy.astype(np.float64), a, b, np.result_type(dy, dtype)
