"""From scores to probabilities to a loss: softmax and cross entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import (
    as_array,
    choice,
    floats,
    given,
    is_int,
    like_torch_no_warnings,
    native,
    probability,
    rounded_once,
    same_shape,
)
from cnnkit._sums import wide_sum

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@like_torch_no_warnings
@rounded_once
def softmax(x: ArrayLike, dim: int) -> np.ndarray:
    r"""Turn scores into probabilities that add up to 1 along `dim`.

    .. math:: y_i = \frac{\exp x_i}{\sum_j \exp x_j}

    The largest score is subtracted first. That changes nothing, because it cancels in the fraction, and exp no
    longer overflows.

    Shapes: x any with at least one dimension, y alike. Errors: ValueError if x has no dimension `dim`.

    >>> softmax([1e4, 1e4, -1e4], dim=0)
    array([0.5, 0.5, 0. ])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 4.1 and equation 4.1.
    """
    x = _check_scores(x, dim)
    e = np.exp(x - _largest(x, dim))
    return e / wide_sum(e, dim, keepdims=True)


@like_torch_no_warnings
@rounded_once
def softmax_backward(dy: ArrayLike, x: ArrayLike, dim: int) -> np.ndarray:
    r"""Each probability pulls its own score up and all scores down: dx_i = y_i (dy_i - Σ_j dy_j y_j)."""
    y = softmax(x, dim)
    dy = _check_dy(dy, y.shape)
    return y * (dy - wide_sum(dy * y, dim, keepdims=True))


@like_torch_no_warnings
@rounded_once
def log_softmax(x: ArrayLike, dim: int) -> np.ndarray:
    r"""The logarithm of softmax, without computing a probability that may be too small to exist.

    .. math:: y_i = x_i - \log \sum_j \exp x_j

    Shapes and errors as softmax.

    >>> log_softmax([0.0, -1e4], dim=0)
    array([     0., -10000.])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.2.3.
    """
    x = _check_scores(x, dim)
    x = x - _largest(x, dim)
    sums = wide_sum(np.exp(x), dim, keepdims=True)
    return x - np.log(sums, where=sums > 0, out=sums)  # a sum of nothing is 0 and stays 0


@like_torch_no_warnings
@rounded_once
def log_softmax_backward(dy: ArrayLike, x: ArrayLike, dim: int) -> np.ndarray:
    r"""dx_i = dy_i - softmax(x)_i · Σ_j dy_j."""
    probabilities = softmax(x, dim)
    dy = _check_dy(dy, probabilities.shape)
    return dy - probabilities * wide_sum(dy, dim, keepdims=True)


@like_torch_no_warnings
@rounded_once
def cross_entropy(
    logits: ArrayLike, target: ArrayLike, *, label_smoothing: float = 0.0, reduction: str = "mean"
) -> np.ndarray:
    r"""How surprised softmax(logits) is by the right classes.

    .. math:: loss_n = - \sum_c q_{nc} \log p_{nc}, \qquad p_n = softmax(logits_n), \qquad
              q_{nc} = (1 - \varepsilon) [c = target_n] + \varepsilon / C

    ε is `label_smoothing`. Without it the loss is -log of the probability given to the right class.

    Shapes: logits (N, C), target (N,) of class numbers from 0 to C - 1. The loss is one number, the "mean" (NaN for
    an empty batch, as in torch) or "sum" over the batch, or has shape (N,) with reduction="none".
    Errors: ValueError if shapes do not fit, or target holds anything but class numbers in range.

    >>> float(cross_entropy([[0.0, 0.0], [0.0, np.log(3)]], target=[0, 1], reduction="sum").round(6))
    0.980829

    which is log 2 + log (4/3): the right class got 1/2, then 3/4.

    Reference: Szegedy et al. (2016), Rethinking the inception architecture, section 7 (with label smoothing).
    """
    logits, target, epsilon = _check_arguments(logits, target, label_smoothing, reduction)
    log_p = log_softmax(logits, 1)
    loss = -log_p[np.arange(len(target)), target]
    if epsilon > 0:
        loss = (1 - epsilon) * loss - epsilon * wide_sum(log_p, 1) / log_p.shape[1]
    if reduction == "none":
        return loss
    return wide_sum(loss)[()] if reduction == "sum" else _mean(loss)


@like_torch_no_warnings
@rounded_once
def cross_entropy_backward(
    dy: ArrayLike, logits: ArrayLike, target: ArrayLike, *, label_smoothing: float = 0.0, reduction: str = "mean"
) -> np.ndarray:
    r"""What was said minus what was right: dlogits = dy · (p - q), divided by N for the mean.

    Shapes: dy is one number for "mean" and "sum" (1.0 if nothing follows), (N,) for "none"; the gradient (N, C).
    """
    dy, logits, target, epsilon = _check_backward(dy, logits, target, label_smoothing, reduction)
    n, classes = logits.shape
    p = softmax(logits, 1)
    q = np.full_like(p, epsilon / classes)
    q[np.arange(n), target] += 1 - epsilon
    dlogits = (dy[..., None] * (p - q)).astype(logits.dtype, copy=False)
    return dlogits / n if reduction == "mean" and n else dlogits


def _largest(x: np.ndarray, dim: int) -> np.ndarray:
    """The largest score along dim; inf - inf is NaN then, as in torch."""
    return x.max(axis=dim, keepdims=True, initial=-np.inf)


def _mean(loss: np.ndarray) -> np.ndarray:
    """The mean, NaN for an empty batch."""
    return wide_sum(loss)[()] / len(loss) if len(loss) else np.full_like(loss, np.nan, shape=())


def _check_scores(x: Any, dim: Any) -> np.ndarray:
    x = floats("x", x)
    if x.ndim == 0:
        raise ValueError(f"x must have at least 1 dimension, got a single number: {x}")
    if not is_int(dim) or not -x.ndim <= dim < x.ndim:
        raise ValueError(
            f"dim must be one of the {x.ndim} dimensions of x, from {-x.ndim} to {x.ndim - 1}, got {given(dim)}"
        )
    return x


def _check_dy(dy: Any, shape: tuple[int, ...]) -> np.ndarray:
    dy = floats("dy", dy)
    same_shape("dy", dy, shape, "that of the result")
    return dy


def _check_arguments(
    logits: Any, target: Any, label_smoothing: Any, reduction: Any
) -> tuple[np.ndarray, np.ndarray, float]:  # fmt: skip
    """Return logits, target and how much smoothing there is."""
    logits = floats("logits", logits, ndim=2, shape="(N, C)")
    target = native(as_array("target", target))
    n, classes = logits.shape
    if classes == 0:
        raise ValueError(f"logits must have at least 1 class, got shape {logits.shape}")
    if target.dtype.kind not in "iu" and target.size:
        raise ValueError(f"target must hold class numbers (ints), got an array of {target.dtype}")
    same_shape("target", target, (n,), "one class per row of logits")
    if n and not (target.min() >= 0 and target.max() < classes):
        wrong = target[(target < 0) | (target >= classes)][0]
        raise ValueError(f"target must lie between 0 and {classes - 1} (logits has {classes} classes), got {wrong}")
    choice("reduction", reduction, ("mean", "sum", "none"))
    return logits, target.astype(np.int64), probability("label_smoothing", label_smoothing)


def _check_backward(
    dy: Any, logits: Any, target: Any, label_smoothing: Any, reduction: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """`_check_arguments` for `cross_entropy_backward`."""
    logits, target, epsilon = _check_arguments(logits, target, label_smoothing, reduction)
    return _check_dy(dy, target.shape if reduction == "none" else ()), logits, target, epsilon
