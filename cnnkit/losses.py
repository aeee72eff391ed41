"""From scores to probabilities to a loss: softmax and cross entropy."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import (
    as_array,
    choice,
    floats,
    given,
    integer,
    is_int,
    like_torch_no_warnings,
    native,
    probability,
    rounded_once,
    same_shape,
)
from cnnkit._reductions import REDUCTIONS, reduced
from cnnkit._sums import wide_sum

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    # logits and target in rows, weight, which rows are ignored, ε, what the sum is divided by, the shape of the losses
    Checked = tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray, float, float, tuple[int, ...]]


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


# Without the two lines above each: the functions below have these themselves, and twice takes longer.
_softmax, _log_softmax = inspect.unwrap(softmax), inspect.unwrap(log_softmax)


@like_torch_no_warnings
@rounded_once
def cross_entropy(
    logits: ArrayLike, target: ArrayLike, *,
    weight: ArrayLike | None = None, ignore_index: int = -100, label_smoothing: float = 0.0, reduction: str = "mean",
) -> np.ndarray:  # fmt: skip
    r"""How surprised softmax(logits) is by the right classes.

    .. math:: loss_n = - \sum_c w_c \, q_{nc} \log p_{nc}, \qquad p_n = softmax(logits_n), \qquad
              q_{nc} = (1 - \varepsilon) [c = target_n] + \varepsilon / C

    ε is `label_smoothing`. Without it the loss is -log of the probability given to the right class, times the `weight`
    of that class (1 unless given). Where target is `ignore_index` the loss is 0. Instead of class numbers target may
    hold probabilities, which take the place of [c = target_n].

    The "mean" divides the sum by the weights of the right classes, the ignored left out; of probabilities by N.

    Shapes: logits (N, C), target (N,) of class numbers from 0 to C - 1, or (N, C) of probabilities; weight (C,). Also
    (C,) for one example, and (N, C, d1, ...) for one in each pixel. The loss is one number, the "mean" (NaN if nothing
    counts, as in torch) or "sum", or has the shape of the class numbers with reduction="none". Its type is that of
    logits. Errors: ValueError if shapes do not fit, or class numbers are out of range.

    >>> float(cross_entropy([[0.0, 0.0], [0.0, np.log(3)]], target=[0, 1], reduction="sum").round(6))
    0.980829

    which is log 2 + log (4/3): the right class got 1/2, then 3/4.

    Reference: Szegedy et al. (2016), Rethinking the inception architecture, section 7 (with label smoothing).
    """
    rows, target, weight, ignored, epsilon, count, shape = _check_cross_entropy(
        logits, target, weight, ignore_index, label_smoothing, reduction
    )
    log_p = _log_softmax(rows, 1)
    if weight is not None:
        log_p = weight * log_p
    loss = -_at(target, log_p)
    if epsilon > 0:
        loss = (1 - epsilon) * loss - epsilon * wide_sum(log_p, 1) / log_p.shape[1]
    loss[ignored] = 0
    return reduced(loss.reshape(shape), reduction, count)


@like_torch_no_warnings
@partial(rounded_once, through=np.float64)  # p - q of a class that is nearly certain
def cross_entropy_backward(
    dy: ArrayLike, logits: ArrayLike, target: ArrayLike, *,
    weight: ArrayLike | None = None, ignore_index: int = -100, label_smoothing: float = 0.0, reduction: str = "mean",
) -> np.ndarray:  # fmt: skip
    r"""What was said minus what was right: dlogits = dy · (p - q), for the mean divided by what the mean divides by.

    With weights, or probabilities that do not add up to 1, q stands for w · q, and p is multiplied by the sum of that.

    Shapes: dy is one number for "mean" and "sum" (1.0 if nothing follows), as the loss for "none"; dlogits as logits.
    """
    dy, (rows, target, weight, ignored, epsilon, count, _) = _check_backward(
        dy, logits, target, weight, ignore_index, label_smoothing, reduction
    )
    p = _softmax(rows, 1)
    q = _probabilities(target, epsilon, p)
    if weight is not None:
        q = weight * q
    if weight is not None or target.ndim == 2:  # else q adds up to 1
        p = p * wide_sum(q, 1, keepdims=True)
    drows = (dy.reshape(-1, 1) * (p - q)).astype(rows.dtype, copy=False) / count
    np.copyto(drows, 0, where=ignored[:, None])
    return _not_in_rows(drows, np.shape(logits))


def _in_rows(logits: np.ndarray) -> np.ndarray:
    """(C,), (N, C) and (N, C, d1, ...) as (rows, C): a row is what one loss comes from."""
    if logits.ndim == 2:
        return logits
    axis = min(1, logits.ndim - 1)
    return np.moveaxis(logits, axis, -1).reshape(-1, logits.shape[axis])


def _not_in_rows(rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """`_in_rows`, undone."""
    if len(shape) == 2:
        return rows
    axis = min(1, len(shape) - 1)
    return np.moveaxis(rows.reshape(*shape[:axis], *shape[axis + 1 :], shape[axis]), -1, axis)


def _at(target: np.ndarray, a: np.ndarray) -> np.ndarray:
    """In each row the entry of its class; of probabilities the mean that they make."""
    return a[np.arange(len(a)), target] if target.ndim == 1 else wide_sum(target * a, 1)


def _probabilities(target: np.ndarray, epsilon: float, p: np.ndarray) -> np.ndarray:
    """In each row 1 - ε for its class and ε / C for all; probabilities are smoothed already."""
    if target.ndim == 2:
        return target
    q = np.full_like(p, epsilon / p.shape[1])
    q[np.arange(len(p)), target] += 1 - epsilon
    return q


def _largest(x: np.ndarray, dim: int) -> np.ndarray:
    """The largest score along dim; inf - inf is NaN then, as in torch."""
    return x.max(axis=dim, keepdims=True, initial=-np.inf)


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


def _check_cross_entropy(
    logits: Any, target: Any, weight: Any, ignore_index: Any, label_smoothing: Any, reduction: Any
) -> Checked:  # fmt: skip
    """Return the arguments with their meaning worked out, see `Checked`; probabilities come back smoothed."""
    logits, target = floats("logits", logits), native(as_array("target", target))
    axis = min(1, logits.ndim - 1)
    if axis < 0 or not logits.shape[axis]:
        raise ValueError(f"logits must have at least 1 class, got shape {logits.shape}")
    rows, shape = _in_rows(logits), logits.shape[:axis] + logits.shape[axis + 1 :]
    if weight is not None:
        weight = floats("weight", weight).astype(rows.dtype, copy=False)
        same_shape("weight", weight, rows.shape[1:], "one entry per class")
    ignore_index = integer("ignore_index", ignore_index, at_least=-(2**63))
    epsilon = probability("label_smoothing", label_smoothing)
    choice("reduction", reduction, REDUCTIONS)
    if target.dtype.kind == "f" and target.shape == logits.shape:
        if ignore_index >= 0:
            raise ValueError(f"ignore_index must be below 0 if target holds probabilities, got {ignore_index}")
        target = (1 - epsilon) * _in_rows(target).astype(rows.dtype, copy=False) + epsilon / rows.shape[1]
        return rows, target, weight, np.zeros(len(rows), bool), 0.0, len(rows) if reduction == "mean" else 1, shape
    target, ignored = _check_classes(target, shape, rows.shape[1], ignore_index)
    if reduction != "mean":
        count = 1.0
    elif weight is None:
        count = float(len(target) - np.count_nonzero(ignored))
    else:
        count = float(weight[target].sum(where=~ignored, dtype=np.float64))
    return rows, target, weight, ignored, epsilon, count or np.nan, shape  # there is no mean of nothing


def _check_classes(
    target: np.ndarray, shape: tuple[int, ...], classes: int, ignore_index: int
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return the class numbers in one row, 0 for those to ignore, and which these are."""
    if target.dtype.kind not in "iu" and target.size:
        raise ValueError(
            f"target must hold class numbers (ints), got an array of {target.dtype} with shape {target.shape}; "
            f"probabilities are floats in the shape of logits"
        )
    same_shape("target", target, shape, "one class per row of logits")
    target = target.reshape(-1)
    ignored = target == ignore_index
    wrong = ((target < 0) | (target >= classes)) & ~ignored
    if np.count_nonzero(wrong):  # faster than any()
        raise ValueError(
            f"target must lie between 0 and {classes - 1} (logits has {classes} classes), got {target[wrong][0]}"
        )
    target = target.astype(np.int64)
    target[ignored] = 0
    return target, ignored


def _check_backward(dy: Any, *arguments: Any) -> tuple[np.ndarray, Checked]:
    """`_check_cross_entropy` for `cross_entropy_backward`."""
    checked = _check_cross_entropy(*arguments)
    return _check_dy(dy, checked[-1] if arguments[-1] == "none" else ()), checked
