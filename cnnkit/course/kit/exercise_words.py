"""Comparing results, and saying what they are without a type's or an object's address."""

from __future__ import annotations

from collections.abc import Iterable
from math import isclose, isnan
from numbers import Real
from typing import Any

import numpy as np

from cnnkit._arguments import is_int

KINDS = {
    "NoneType": "nothing (`None`)", "bool": "True or False", "complex": "a complex number", "dict": "a dictionary",
    "ellipsis": "`...`", "float": "a float", "float64": "a float", "float32": "a float", "int": "a whole number",
    "int64": "a whole number", "list": "a list", "ndarray": "an array", "set": "a set", "str": "a text",
    "tuple": "a tuple", "function": "a function", "Tensor": "a torch tensor",
}  # fmt: skip


def called(value: Any) -> str:
    """What to call a value: 'a list'."""
    name = type(value).__name__
    return KINDS.get(name, f"a {name}")


def asked(names: Iterable[str]) -> str:
    """('s', 'p', 'd') -> '`s`, `p` and `d`'."""
    *others, last = [f"`{name}`" for name in names]
    return f"{', '.join(others)} and {last}" if others else last


def array(value: Any) -> np.ndarray | None:
    """The value as an array of numbers; None if it is none."""
    try:
        result = np.asarray(value)
    except Exception:  # ragged lists, and whatever an object may raise when it is asked for its numbers
        return None
    return result if result.dtype.kind in "biufc" else None


def same(a: Any, b: Any) -> bool:
    """Whether two results hold the same numbers in the same shape, whatever their types."""
    if a is None or b is None:
        return a is b
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        try:
            return isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) or (isnan(a) and isnan(b))
        except OverflowError:  # an integer that no float can hold
            return a is b or (isinstance(a, int) and isinstance(b, int) and a == b)
    first, second = array(a), array(b)
    if first is None or second is None or first.shape != second.shape:
        return False
    return bool(np.allclose(first, second, rtol=1e-9, atol=1e-9, equal_nan=True))


def show(value: Any, *, ticks: bool = True) -> str:
    """A value as short text: numbers and small arrays in full, of everything else what it is."""
    numbers = array(value)
    if value is None:
        text = "None"
    elif isinstance(value, str):
        text = repr(value[:40]).replace("`", "'")
    elif numbers is None:
        return called(value)
    elif numbers.ndim == 0 and numbers.dtype.kind == "f" and 0 < abs(numbers) < 0.001:
        text = f"{value:.3g}"
    elif numbers.size > 12:
        return f"{called(value)} of shape {numbers.shape}"
    else:
        whole = numbers.ndim > 0 and numbers.dtype.kind == "f" and bool((abs(numbers.astype(float)) < 2**53).all())
        whole = whole and bool(np.all(numbers == np.round(numbers)))
        with np.errstate(all="ignore"):  # to round the largest of all floats overflows
            short = numbers if numbers.dtype.kind in "biu" else numbers.round(4)
        short = np.where(np.isfinite(short), short, numbers)
        text = str((numbers.astype(int) if whole else short).tolist())
    return f"`{text}`" if ticks else text


def wrong_form(got: Any, expected: Any) -> str:
    """What is wrong with the type or the shape of a result; "" if nothing is."""
    if isinstance(expected, np.ndarray):
        return _wrong_array(got, expected)
    if not is_int(expected) or is_int(got):
        return ""
    if isinstance(got, Real) and not isinstance(got, (bool, np.bool_)):
        return f"Your function returns a float, {show(got)}: a whole number is asked for. `//` or `int(…)` gives one."
    return f"Your function returns {called(got)} where a whole number is asked for."


def _wrong_array(got: Any, expected: np.ndarray) -> str:
    if not isinstance(got, np.ndarray):
        right = "The numbers are right, but your" if same(got, expected) else "Your"
        return f"{right} function returns {called(got)}; a NumPy array is asked for."
    if got.shape != expected.shape:
        return f"Your result has shape {got.shape}; it should have shape {expected.shape}."
    return "" if got.dtype.kind in "biuf" else f"Your array holds {got.dtype}; real numbers are asked for."
