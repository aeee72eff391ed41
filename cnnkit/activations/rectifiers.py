"""Straight lines with a bend at 0, and those whose negative part levels off: relu and its kin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import floats, generator, like_torch_no_warnings, real, rounded_once, same_shape, switch
from cnnkit._sums import wide_sum
from cnnkit.activations._checks import check_dy_and_x

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848, 1.0507009873554804934


def relu(x: ArrayLike) -> np.ndarray:
    r"""Keep what is positive: y = max(0, x).

    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])

    Reference: Nair and Hinton (2010), Rectified linear units improve restricted Boltzmann machines.
    """
    return np.maximum(floats("x", x), 0)


def relu_backward(dy: ArrayLike, x: ArrayLike) -> np.ndarray:
    """dx = dy where x > 0, else 0. The kink at 0 counts as flat."""
    dy, x = check_dy_and_x(dy, x)
    return np.where(x <= 0, 0, dy)


@like_torch_no_warnings
@rounded_once
def leaky_relu(x: ArrayLike, *, negative_slope: float = 0.01) -> np.ndarray:
    r"""Let a little of the negative part through: y = max(0, x) + negative_slope · min(0, x).

    >>> leaky_relu([-2.0, 3.0], negative_slope=0.5)
    array([-1.,  3.])

    Reference: Maas, Hannun and Ng (2013), Rectifier nonlinearities improve neural network acoustic models.
    """
    x, negative_slope = floats("x", x), real("negative_slope", negative_slope)
    return _bent(x, negative_slope)


@like_torch_no_warnings
@rounded_once
def leaky_relu_backward(dy: ArrayLike, x: ArrayLike, *, negative_slope: float = 0.01) -> np.ndarray:
    """dx = dy where x > 0, else negative_slope · dy."""
    dy, x = check_dy_and_x(dy, x)
    return np.where(x > 0, dy, real("negative_slope", negative_slope) * dy)


@like_torch_no_warnings
@rounded_once
def prelu(x: ArrayLike, weight: ArrayLike) -> np.ndarray:
    r"""A leaky ReLU whose slope is learnt: y = max(0, x) + w · min(0, x), with one w per channel or one for all.

    Shapes: x (N, C, ...), weight (C,) or (1,).

    >>> prelu([[-2.0, -2.0]], weight=[0.5, 0.25])
    array([[-1. , -0.5]])

    Reference: He, Zhang, Ren and Sun (2015), Delving deep into rectifiers, equation 1.
    """
    x = floats("x", x)
    w = _per_channel(weight, x)
    return _bent(x, w)


@like_torch_no_warnings
@rounded_once
def prelu_backward(dy: ArrayLike, x: ArrayLike, weight: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return dx, dweight: dx = dy · (1 or w); dw = Σ dy · min(0, x), summed over all entries that share this w."""
    dy, x = check_dy_and_x(dy, x)
    w = _per_channel(weight, x)
    dx = np.where(x > 0, dy, w * dy)
    dw = dy * np.minimum(x, 0)
    if w.size == 1:
        return dx, wide_sum(dw).reshape(np.shape(weight))
    return dx, wide_sum(dw, axis=tuple(i for i in range(x.ndim) if i != 1))


@like_torch_no_warnings
@rounded_once
def rrelu(
    x: ArrayLike,
    *,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    rng: np.random.Generator | None = None,
    training: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    r"""A leaky ReLU with a random slope: return y = slopes · x and the slopes.

    A slope is 1 where x > 0. Elsewhere it is drawn from [lower, upper) for each entry when `training`, and is
    their middle (lower + upper) / 2 otherwise; `rng` is needed for training only.

    >>> y, slopes = rrelu([-8.0, 8.0], lower=0.25, upper=0.75)
    >>> y, slopes
    (array([-4.,  8.]), array([0.5, 1. ]))

    Reference: Xu, Wang, Chen and Li (2015), Empirical evaluation of rectified activations, section 2.4.
    """
    x, lower, upper = floats("x", x), real("lower", lower), real("upper", upper)
    if not lower <= upper:
        raise ValueError(f"lower must not be greater than upper, got lower={lower}, upper={upper}")
    share = generator("rng", rng).random(x.shape) if switch("training", training) else 0.5
    slopes = np.where(x > 0, 1, lower + (upper - lower) * share).astype(x.dtype)
    return slopes * x, slopes


@like_torch_no_warnings
@rounded_once
def rrelu_backward(dy: ArrayLike, slopes: ArrayLike) -> np.ndarray:
    """dx = slopes · dy, with the slopes that the forward used."""
    dy, slopes = floats("dy", dy), floats("slopes", slopes)
    same_shape("slopes", slopes, dy.shape, "that of dy")
    return slopes * dy


@like_torch_no_warnings
@rounded_once
def elu(x: ArrayLike, *, alpha: float = 1.0) -> np.ndarray:
    r"""Bend the negative part so that it levels off at -alpha: y = x where x > 0, else alpha · (exp(x) - 1).

    >>> elu([-np.inf, 0.0, 3.0], alpha=2.0)
    array([-2.,  0.,  3.])

    Reference: Clevert, Unterthiner and Hochreiter (2016), Fast and accurate deep network learning by ELUs.
    """
    x, alpha = floats("x", x), real("alpha", alpha)
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


@like_torch_no_warnings
@rounded_once
def elu_backward(dy: ArrayLike, x: ArrayLike, *, alpha: float = 1.0) -> np.ndarray:
    """dx = dy where x > 0, else dy · alpha · exp(x)."""
    dy, x = check_dy_and_x(dy, x)
    return np.where(x > 0, dy, dy * (real("alpha", alpha) * np.exp(np.minimum(x, 0))))


@like_torch_no_warnings
@rounded_once
def selu(x: ArrayLike) -> np.ndarray:
    r"""An ELU that keeps what passes through many layers near mean 0 and variance 1: y = 1.0507 · elu(x, alpha=1.6733).

    The two numbers are those for which a normal distribution with mean 0 and variance 1 has both again after
    the activation.

    >>> selu([-np.inf, 0.0, 1.0]).round(4)
    array([-1.7581,  0.    ,  1.0507])

    Reference: Klambauer, Unterthiner, Mayr and Hochreiter (2017), Self-normalizing neural networks, equation 2.
    """
    x = floats("x", x)
    return (SELU_SCALE * elu(x.astype(np.float64), alpha=SELU_ALPHA)).astype(x.dtype)


@like_torch_no_warnings
@rounded_once
def selu_backward(dy: ArrayLike, x: ArrayLike) -> np.ndarray:
    """dx = 1.0507 · dy where x > 0, else 1.7581 · dy · exp(x)."""
    dy, x = check_dy_and_x(dy, x)
    dx = SELU_SCALE * elu_backward(dy.astype(np.float64), x.astype(np.float64), alpha=SELU_ALPHA)
    return dx.astype(np.result_type(dy, x))


def _bent(x: np.ndarray, slope: Any) -> np.ndarray:
    """x where x > 0, else slope · x. The sum is faster, but where the slope is infinite, 0 · slope is NaN."""
    slope = np.asarray(slope, np.result_type(x, slope))
    if np.isfinite(slope).all():
        return np.maximum(x, 0) + slope * np.minimum(x, 0)
    return np.where(x > 0, x, slope * x)


def _per_channel(weight: Any, x: np.ndarray) -> np.ndarray:
    """The slopes of prelu, shaped so that they line up with axis 1 of x."""
    w = floats("weight", weight, ndim=(0, 1))
    channels = x.shape[1] if x.ndim > 1 else 1
    if w.size not in (1, channels):
        raise ValueError(
            f"weight must hold 1 slope or one per channel ({channels}), got {w.size}: x has shape {x.shape}"
        )
    return w.reshape(()) if w.size == 1 else w.reshape((-1,) + (1,) * (x.ndim - 2))
