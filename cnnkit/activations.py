r"""Activation functions: each is applied to every entry on its own, so y, dy and dx have the shape of x.

Every forward has its backward right below it: `dx = dy · f'(x)`. Names, options and defaults are those of
torch.nn.functional, and so are the slopes at the kinks (relu'(0) = 0). Integers are taken as float64; float16 is
computed in float32 and rounded once, at the end.

Errors: ValueError for anything that is not a real array, for a dy that does not have the shape of x, and for
options that make no sense (min_val above max_val, beta = 0 ...).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import choice, floats, generator, like_torch_no_warnings, real, rounded_once, same_shape, switch
from cnnkit._sums import wide_sum

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def relu(x: ArrayLike) -> np.ndarray:
    r"""Keep what is positive: y = max(0, x).

    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])

    Reference: Nair and Hinton (2010), Rectified linear units improve restricted Boltzmann machines.
    """
    return np.maximum(floats("x", x), 0)


def relu_backward(dy: ArrayLike, x: ArrayLike) -> np.ndarray:
    """dx = dy where x > 0, else 0. The kink at 0 counts as flat."""
    dy, x = _check_dy_and_x(dy, x)
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
    dy, x = _check_dy_and_x(dy, x)
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
    dy, x = _check_dy_and_x(dy, x)
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
    dy, x = _check_dy_and_x(dy, x)
    return np.where(x > 0, dy, dy * (real("alpha", alpha) * np.exp(np.minimum(x, 0))))


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
    dy, x = _check_dy_and_x(dy, x)
    z = x.astype(np.float64)
    cdf = _normal_cdf(z, approximate)
    if approximate == "tanh":
        d_cdf = 2 * cdf * (1 - cdf) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z**2)
    else:
        d_cdf = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return (dy * (cdf + z * d_cdf)).astype(np.result_type(dy, x))


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
    dy, x = _check_dy_and_x(dy, x)
    e = np.exp(-np.abs(x))
    return dy * (e / (1 + e) ** 2)


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
    dy, x = _check_dy_and_x(dy, x)
    s = sigmoid(x)
    return dy * (s + x * s * (1 - s))


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
    dy, x = _check_dy_and_x(dy, x)
    e = np.exp(x)
    return dy * (2 / (e + 1 / e)) ** 2


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
    dy, x = _check_dy_and_x(dy, x)
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
    dy, x = _check_dy_and_x(dy, x)
    low, high = _check_bounds(min_val, max_val)
    return np.where((x <= low) | (x >= high), 0, dy)


def _check_dy_and_x(dy: Any, x: Any) -> tuple[np.ndarray, np.ndarray]:
    dy, x = floats("dy", dy), floats("x", x)
    same_shape("dy", dy, x.shape, "that of x")
    return dy, x


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


def _normal_cdf(z: np.ndarray, approximate: str) -> np.ndarray:
    if choice("approximate", approximate, ("none", "tanh")) == "tanh":
        return sigmoid(2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))  # (1 + tanh(a)) / 2 = σ(2a)
    return 0.5 * _erfc(-z / math.sqrt(2))


# numpy has no error function; Python's own, applied entry by entry, is accurate to the last digit.
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


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
