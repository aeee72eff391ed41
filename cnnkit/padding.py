"""Padding: more entries at the edges, or fewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import (
    choice,
    floats,
    given,
    is_int,
    like_torch_no_warnings,
    numbers,
    real,
    rounded_once,
    same_shape,
)
from cnnkit._sums import added_up

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MODES = ("constant", "reflect", "replicate", "circular")


@like_torch_no_warnings
def pad(x: ArrayLike, pad: tuple[int, ...], mode: str = "constant", value: float | None = None) -> np.ndarray:
    r"""Add entries at the edges, or take some away.

    .. math:: y_i = x_{f(i - before)}, \qquad f(i) = \begin{cases} i & 0 \le i < n \\
              |i| \text{ or } 2(n - 1) - i & \text{reflect} \\ \min(\max(i, 0), n - 1) & \text{replicate} \\
              i \bmod n & \text{circular} \end{cases}

    along each axis, of n entries; and y = value (0 unless given) outside x for "constant". A negative number takes that
    many entries away, before the others are added when "circular".

    Shapes: x any; pad holds (before, after) of the LAST axis, then of the one before it, and so on: (left, right, top,
    bottom) for images. "constant" pads any axes; the others the last 1, 2 or 3 of an x with one or two axes more. Whole
    numbers stay whole numbers.
    Errors: ValueError for more axes than x has, and for more than there is to reflect (n - 1), to repeat (n), or to
    take away.

    >>> pad([[1, 2, 3]], (2, 1), mode="reflect")
    array([[3, 2, 1, 2, 3, 2]])
    >>> pad([[1, 2, 3]], (-1, 0, 1, 0), value=7)
    array([[7, 7],
           [2, 3]])

    Reference: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, section 2.2 (zeros).
    """
    x, shape, there, here, value = _check_pad(x, pad, mode, value)
    y = np.full(shape, value, x.dtype)
    y[there] = x[here]
    return y


@like_torch_no_warnings
@rounded_once
def pad_backward(
    dy: ArrayLike, x: ArrayLike, pad: tuple[int, ...], mode: str = "constant", value: float | None = None
) -> np.ndarray:
    """Return dx: each entry of x gets the sum of the gradients of all its copies, and 0 if it has none.

    Where the copies come from is found by padding the numbers 0, 1, 2, … of the entries. Only the shape and the type of
    x matter, and `value` does not.

    Shapes: dy as y, dx as x.
    Errors: ValueError as `pad`, and if dy does not have the shape of y.

    >>> pad_backward([[1.0, 10.0, 100.0, 1000.0]], [[1.0, 2.0]], (1, 1), mode="replicate")
    array([[  11., 1100.]])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.5.2.
    """
    dy, x, places = _check_pad_backward(dy, x, pad, mode)
    inside = places >= 0
    return added_up(places[inside], dy[inside], x.shape).astype(np.result_type(dy, x), copy=False)


def _check_pad(
    x: Any, pad: Any, mode: Any, value: Any
) -> tuple[np.ndarray, tuple[int, ...], tuple[Any, ...], tuple[Any, ...], Any]:
    """Return x, the shape of y, where in y copies stand and where in x they come from, and what stands elsewhere."""
    x = numbers("x", x)
    choice("mode", mode, MODES)
    if not isinstance(pad, (tuple, list)) or len(pad) % 2 or not all(map(is_int, pad)):
        raise ValueError(f"pad must be a tuple of ints, (before, after) of the last axis first, got {given(pad)}")
    if not all(abs(int(n)) < 2**31 for n in pad):
        raise ValueError(f"pad must be between -2**31 and 2**31, got {given(pad)}")
    axes = len(pad) // 2
    allowed = range(axes, x.ndim + 1) if mode == "constant" else (axes + 1, axes + 2) if 0 < axes < 4 else ()
    if axes > x.ndim or x.ndim not in allowed:
        raise ValueError(f"pad must go with the {x.ndim} axes of x in mode {mode!r}, got {given(pad)} for {axes} axes")
    sides = [(int(pad[i]), int(pad[i + 1])) for i in range(2 * axes - 2, -1, -2)]  # the first axis first
    kept, sizes = x.shape[: x.ndim - axes], x.shape[x.ndim - axes :]
    sources = [_sources(n, *side, mode) for n, side in zip(sizes, sides, strict=True)]
    inside = [(source >= 0) & (source < n) for n, source in zip(sizes, sources, strict=True)]
    there = np.ix_(*map(np.flatnonzero, inside))
    here = np.ix_(*(source[where] for source, where in zip(sources, inside, strict=True)))
    return x, (*kept, *map(len, sources)), (..., *there), (..., *here), _fill(x, mode, value)


def _fill(x: np.ndarray, mode: str, value: Any) -> Any:
    """What stands outside x."""
    if value is None:
        return 0
    value = real("value", value) if not is_int(value) else value
    if mode != "constant":
        raise ValueError(f"value must be None unless mode='constant', got {given(value)} for mode={mode!r}")
    if x.dtype.kind == "i" and not (is_int(value) and abs(value) < 2**63):
        raise ValueError(f"value must be an int for an x of ints, got {given(value)}")
    return value if x.dtype.kind == "i" else real("value", value)


def _sources(n: int, before: int, after: int, mode: str) -> np.ndarray:
    """Return for each entry of the padded axis which of the n it is a copy of; "constant" leaves it outside them."""
    first, last = max(0, -before), n - max(0, -after)  # what is not taken away
    most = {"reflect": n - 1, "circular": last - first}.get(mode)
    some = last >= first if mode in ("constant", "circular") else n > 0 and n + before + after > 0
    if not some:
        raise ValueError(f"pad must leave something of an axis of {n}, got {before} before and {after} after it")
    if most is not None and max(before, after) > most:
        raise ValueError(f"pad must be at most {most} for {mode!r} of {n}, got {before} before and {after} after it")
    i = np.arange(-before, n + after)
    if mode == "reflect":
        return n - 1 - np.abs(n - 1 - np.abs(i))
    if mode == "replicate":
        return i.clip(0, n - 1)
    return first + (i - first) % max(1, last - first) if mode == "circular" else i


def _check_pad_backward(dy: Any, x: Any, pad_: Any, mode: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return dy, x, and for each entry of y the number of the entry of x that it is a copy of, or -1."""
    x, dy = floats("x", x), floats("dy", dy)
    places = pad(np.arange(x.size).reshape(x.shape), pad_, mode, value=-1 if mode == "constant" else None)
    same_shape("dy", dy, places.shape, "that of the output")
    return dy, x, places
