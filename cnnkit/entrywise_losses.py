"""Losses that compare entry by entry: how far x is from its target, or how surprised a yes-or-no answer is.

The result has the type of x or logits; it is computed in float64 and rounded once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import choice, floats, like_torch_no_warnings, rounded_once, same_shape
from cnnkit._reductions import REDUCTIONS, reduced
from cnnkit.activations import sigmoid, softplus

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@like_torch_no_warnings
@rounded_once
def mse_loss(x: ArrayLike, target: ArrayLike, *, reduction: str = "mean") -> np.ndarray:
    r"""The squared distance to the target, entry by entry; the mean squared error, unless asked otherwise.

    .. math:: loss = (x - target)^2

    Shapes: x and target alike, any. The loss is one number, the "mean" over all entries (NaN if there are none) or
    their "sum", or has the shape of x with reduction="none". Errors: ValueError if the shapes differ.

    >>> float(mse_loss([1.0, 5.0], target=[2.0, 2.0]))  # (1 + 9) / 2
    5.0

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, equation 5.4.
    """
    x, target, dtype, count = _check_pair("x", x, target, reduction)
    return reduced((x - target) ** 2, reduction, count).astype(dtype)


@like_torch_no_warnings
@rounded_once
def mse_loss_backward(
    dy: ArrayLike, x: ArrayLike, target: ArrayLike, *, reduction: str = "mean"
) -> np.ndarray:  # fmt: skip
    """dx = dy · 2 (x - target), for the mean divided by the number of entries.

    Shapes: dy is one number for "mean" and "sum" (1.0 if nothing follows), as x for "none"; dx as x.
    """
    dy, x, target, dtype, count = _check_backward(dy, "x", x, target, reduction)
    return (dy * 2 * (x - target) / count).astype(dtype)


@like_torch_no_warnings
@rounded_once
def binary_cross_entropy_with_logits(
    logits: ArrayLike, target: ArrayLike, *,
    weight: ArrayLike | None = None, pos_weight: ArrayLike | None = None, reduction: str = "mean",
) -> np.ndarray:  # fmt: skip
    r"""How surprised sigmoid(logits) is, where each entry answers a question of its own with yes (1) or no (0).

    .. math:: loss = -w \, (w_+ \, t \log p + (1 - t) \log (1 - p)), \qquad p = \sigma(logits)

    t is the target, and may lie between 0 and 1; w is `weight`, and :math:`w_+` is `pos_weight`, that of a yes (1
    unless given). Far out p or 1 - p is 0, and its logarithm no number. So both are written with
    :math:`softplus(x) = \log(1 + e^x) = -\log(1 - \sigma(x))`, which loses no digit on either side.

    Shapes: logits and target alike, any; weight and pos_weight are stretched to that by NumPy's rules. The loss is one
    number, the "mean" over all entries (NaN if there are none) or their "sum", or has the shape of logits with
    reduction="none". Errors: ValueError if shapes do not fit.

    >>> binary_cross_entropy_with_logits([0.0, 1000.0], [1.0, 0.0], reduction="none").round(6)
    array([6.93147e-01, 1.00000e+03])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.2.2.2.
    """
    x, t, w, w_yes, dtype, count = _check_binary(logits, target, weight, pos_weight, reduction)
    yes, no = softplus(-x, threshold=np.inf), softplus(x, threshold=np.inf)
    return reduced(w * (w_yes * t * yes + (1 - t) * no), reduction, count).astype(dtype)


@like_torch_no_warnings
@rounded_once
def binary_cross_entropy_with_logits_backward(
    dy: ArrayLike, logits: ArrayLike, target: ArrayLike, *,
    weight: ArrayLike | None = None, pos_weight: ArrayLike | None = None, reduction: str = "mean",
) -> np.ndarray:  # fmt: skip
    r"""What was said minus what was right, weighed: dlogits = dy · w · ((1 - t) p - pos_weight · t (1 - p)).

    1 - p is written σ(-logits), which keeps its digits. For the mean it is divided by the number of entries.

    Shapes: dy is one number for "mean" and "sum" (1.0 if nothing follows), as logits for "none"; dlogits as logits.
    """
    dy, x, t, w, w_yes, dtype, count = _check_binary_backward(dy, logits, target, weight, pos_weight, reduction)
    dyes, dno = -sigmoid(-x), sigmoid(x)
    return (dy * w * (w_yes * t * dyes + (1 - t) * dno) / count).astype(dtype)


def _check_pair(
    name: str, x: Any, target: Any, reduction: Any
) -> tuple[np.ndarray, np.ndarray, np.dtype, int]:  # fmt: skip
    """Return x and target in float64, the type of the result, and what the sum is divided by."""
    x, target = floats(name, x), floats("target", target)
    same_shape("target", target, x.shape, f"that of {name}")
    mean = choice("reduction", reduction, REDUCTIONS) == "mean"
    return x.astype(np.float64), target.astype(np.float64), x.dtype, x.size if mean else 1


def _check_backward(
    dy: Any, name: str, x: Any, target: Any, reduction: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.dtype, int]:  # fmt: skip
    x, target, dtype, count = _check_pair(name, x, target, reduction)
    return _gradient(dy, x.shape if reduction == "none" else ()), x, target, dtype, count


def _check_binary(
    logits: Any, target: Any, weight: Any, pos_weight: Any, reduction: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.dtype, int]:  # fmt: skip
    """`_check_pair`, and the weights."""
    x, t, dtype, count = _check_pair("logits", logits, target, reduction)
    return x, t, _stretched("weight", weight, x.shape), _stretched("pos_weight", pos_weight, x.shape), dtype, count


def _check_binary_backward(
    dy: Any, logits: Any, target: Any, weight: Any, pos_weight: Any, reduction: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.dtype, int]:  # fmt: skip
    checked = _check_binary(logits, target, weight, pos_weight, reduction)
    return _gradient(dy, checked[0].shape if reduction == "none" else ()), *checked


def _gradient(dy: Any, shape: tuple[int, ...]) -> np.ndarray:
    dy = floats("dy", dy)
    same_shape("dy", dy, shape, "that of the loss")
    return dy.astype(np.float64)


def _stretched(name: str, weight: Any, shape: tuple[int, ...]) -> np.ndarray:
    """The weights in float64, as many as there are entries; 1 where none are given."""
    w = floats(name, 1.0 if weight is None else weight).astype(np.float64)
    try:
        return np.broadcast_to(w, shape)
    except ValueError:
        raise ValueError(f"{name} must have a shape that can be stretched to {shape}, got {w.shape}") from None
