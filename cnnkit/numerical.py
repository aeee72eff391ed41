"""The slope of anything, found by trying: what every backward pass in this package is held against."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from cnnkit._arguments import floats, given, like_torch_no_warnings, same_shape


def numerical_gradient(f: Callable[[np.ndarray], Any], x: Any, dy: Any) -> np.ndarray:
    r"""Estimate the gradient of `f` by nudging one entry of `x` at a time, both ways.

    .. math:: dx_i = \sum_j dy_j \, \frac{f_j(x + h e_i) - f_j(x - h e_i)}{2 h}

    `dy` says how much each output counts; make it random, because with `dy = 1` a backward pass that forgets a
    term can pass. The step h = 6e-6 · max(1, |x_i|) balances the error of the formula (it grows with h²) against
    rounding (it grows with 1/h), so about ten digits are right, except where f has a kink or a jump within h of x.

    Shapes: x any, f(x) and dy alike; the result has the shape of x and is always float64. `f` is called twice per
    entry, each time with a fresh copy, so `x` is never changed.
    Errors: ValueError if dy does not have the shape of f(x), or f returns anything but real numbers.

    >>> numerical_gradient(lambda x: x**2, [1.0, 3.0], dy=[1.0, 10.0]).round(6)
    array([ 2., 60.])

    Reference: Press et al. (2007), Numerical Recipes, 3rd edition, section 5.7.
    """
    if not callable(f):
        raise ValueError(f"f must be a function, got {given(f)}")
    x = np.array(floats("x", x), dtype=np.float64)
    dy = floats("dy", dy).astype(np.float64)
    same_shape("dy", dy, _real(f(x.copy())).shape, "that of f(x)")
    dx = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        above, below = _nudged(x, i)
        ends = above[i], below[i]  # as they are before f, which may change them
        dx[i] = _slope(dy, _real(f(above)), _real(f(below)), ends)
    return dx


# No warnings of what is computed here; those of the user's f are the user's.


@like_torch_no_warnings
def _nudged(x: np.ndarray, i: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """x with its entry i a little larger, and a little smaller."""
    h = np.cbrt(np.finfo(np.float64).eps) * max(1.0, abs(x[i]))
    above, below = x.copy(), x.copy()
    above[i] += h
    below[i] -= h
    return above, below


@like_torch_no_warnings
def _slope(dy: np.ndarray, y_above: np.ndarray, y_below: np.ndarray, ends: tuple[Any, Any]) -> float:
    """Σ dy · Δy / Δx; Δx is 2 h, up to rounding."""
    above, below = ends
    return (dy * (y_above - y_below)).sum() / (above - below)


def _real(y: Any) -> np.ndarray:
    """What f returned, as float64."""
    if not isinstance(y, (np.ndarray, np.generic, Real, list, tuple)):
        raise ValueError(f"f must return real numbers or an array of them, got {given(y)}")
    return floats("what f returns", y).astype(np.float64)
