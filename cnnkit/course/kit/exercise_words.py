"""Comparing results, and saying what they are without a type's or an object's address."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import isclose, isnan, prod
from numbers import Integral, Number, Rational, Real
from typing import Any

import numpy as np

from cnnkit._arguments import is_int

KINDS = {
    "NoneType": "nothing (`None`)", "bool": "True or False", "complex": "a complex number", "dict": "a dictionary",
    "ellipsis": "`...`", "float": "a float", "float64": "a float", "float32": "a float", "int": "a whole number",
    "int64": "a whole number", "list": "a list", "ndarray": "an array", "set": "a set", "str": "a text",
    "tuple": "a tuple", "function": "a function", "Tensor": "a torch tensor",
}  # fmt: skip


LONGEST = 20_000  # numbers in an answer, whatever holds them
DEEPEST = 32  # lists in lists
LARGEST = 2**1024  # no float is as large
DIGITS = 40  # of a whole number that a message shows
TOO_LARGE = f"an answer of more than {LONGEST:,} numbers, or more than {DEEPEST} lists in one another"


def called(value: Any) -> str:
    """What to call a value: 'a list'."""
    name = type(value).__name__
    return KINDS.get(name, f"a {name}")


def asked(names: Iterable[str]) -> str:
    """('s', 'p', 'd') -> '`s`, `p` and `d`'."""
    *others, last = [f"`{name}`" for name in names]
    return f"{', '.join(others)} and {last}" if others else last


def array(value: Any) -> np.ndarray | None:
    """The value as an array of numbers; None if it is none, or longer than an answer can be."""
    try:
        given = value.detach().cpu().numpy() if hasattr(value, "detach") else value  # a tensor that has a gradient
        result = np.asarray(given) if has_an_end(given) else np.array("")
        if result.dtype == object and all(isinstance(each, (Real, Decimal)) for each in result.flat):
            result = result.astype(float)  # fractions, decimals, and integers that no int64 can hold
    except Exception:  # ragged lists, and whatever an object may raise when it is asked for its numbers
        return None
    return result if result.dtype.kind in "biufc" else None


def has_an_end(value: Any, left: int = LONGEST, *, numbers: bool = True) -> bool:
    """Whether a value is no longer and no deeper than an answer can be: a range can be endless, and a list can contain
    itself.

    Only sizes are looked at, never the numbers themselves. With `numbers`, what holds anything else is refused, too.
    """
    waiting = [(value, 0)]
    while waiting and left > 0:
        (each, depth), left = waiting.pop(), left - 1
        if isinstance(each, (list, tuple)):
            if depth == DEEPEST:
                return False
            waiting += [(inner, depth + 1) for inner in each[: left + 1]]
        elif isinstance(each, range):
            left -= len(each[: left + 1])
        elif isinstance(shape := getattr(each, "shape", None), tuple):
            left -= prod(shape) - 1
        elif numbers and not (isinstance(each, (np.ndarray, np.generic, Number)) or hasattr(each, "__array__")):
            return False
    return not waiting and left >= 0


def too_large(value: Any) -> bool:
    """Whether a list, an array or a tensor holds more numbers than an answer can, or lies deeper in lists."""
    holds = isinstance(value, (list, tuple, range)) or isinstance(getattr(value, "shape", None), tuple)
    return holds and not has_an_end(value, numbers=False)


def enormous(value: Any) -> bool:
    """Whether a value, or a list as long as an answer can be, holds a number that no float can hold."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, (list, tuple)):
            waiting += each
        elif isinstance(each, (int, Fraction)) and not -LARGEST < each < LARGEST:
            return True
    return False


def near(*values: np.ndarray) -> tuple[float, float]:
    """How far two right answers may lie apart, as rtol and atol: what the coarser of their types can hold."""
    types = [v.dtype for v in values if v.dtype.kind in "fc"]
    precision = max((float(np.finfo(t).eps) for t in types), default=0.0)
    return (1e-9, 1e-9) if precision < 1e-9 else (64 * precision, 16 * precision)


def same(a: Any, b: Any) -> bool:
    """Whether two results hold the same numbers in the same shape, whatever their types.

    A list, a tuple, a tensor and an array are alike; so are a number and an array of one; 3.0 is 3. Numbers in float32
    or float16 are compared as closely as these can hold them.
    """
    if a is None or b is None:
        return a is b
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    if type(a) in (bool, int, float) and type(b) in (bool, int, float):
        try:
            return isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) or (isnan(a) and isnan(b))
        except OverflowError:  # an integer that no float can hold
            return a is b or (isinstance(a, int) and isinstance(b, int) and a == b)
    first, second = array(a), array(b)
    if first is None or second is None:
        return False
    if first.shape != second.shape and not (first.size == second.size == 1 and 0 in (first.ndim, second.ndim)):
        return False
    rtol, atol = near(first, second)
    return bool(np.allclose(first.ravel(), second.ravel(), rtol=rtol, atol=atol, equal_nan=True))


def plain(value: Any) -> Any:
    """An answer as Python's own numbers and lists; what is no number stays what it is.

    5418.0 becomes 5418, an array or a tensor a list, and 0.8 in float32 is 0.8.
    """
    if isinstance(value, (list, tuple)) and has_an_end(value):
        return type(value)(map(plain, value)) if type(value) in (list, tuple) else [plain(v) for v in value]
    if isinstance(value, (bool, np.bool_, str)) or value is None:
        return value
    if isinstance(value, Rational) and value.denominator == 1:
        return int(value.numerator)
    numbers = array(value)
    if numbers is None or numbers.dtype.kind not in "iuf":
        return value
    if numbers.ndim:
        return [plain(each) for each in numbers]
    if numbers.dtype.kind != "f":
        return int(numbers)
    number = float(np.format_float_scientific(numbers.reshape(1)[0]))  # the fewest digits that tell it
    return int(number) if number == number // 1 and abs(number) < 2**53 else number


def show(value: Any, *, ticks: bool = True) -> str:
    """A value as short text: numbers and small arrays in full, of everything else what it is."""
    numbers = array(value)
    if value is None:
        text = "None"
    elif isinstance(value, str):
        text = repr(value[:40]).replace("`", "'")
    elif isinstance(value, int) and 2**63 <= abs(value) < 10**DIGITS:
        text = str(value)
    elif numbers is None or (isinstance(value, Integral) and abs(value) >= 10**DIGITS):
        return called(value)
    elif numbers.ndim == 0 and numbers.dtype.kind == "f" and 0 < abs(numbers) < 0.001:
        text = f"{value:.3g}"
    elif numbers.size > 12:
        return f"{called(value)} of shape {numbers.shape}"
    else:
        whole = numbers.ndim > 0 and numbers.dtype.kind == "f" and bool((abs(numbers.astype(float)) < 2**53).all())
        whole = whole and bool(np.all(numbers == np.round(numbers)))
        with np.errstate(all="ignore"):  # to round the largest of all floats overflows
            wide = numbers.astype(float) if numbers.dtype.kind == "f" else numbers  # float32 would show 16 digits
            short = wide if numbers.dtype.kind in "biu" else wide.round(4)
        short = np.where(np.isfinite(short), short, wide)
        text = str((numbers.astype(int) if whole else short).tolist())
    return f"`{text}`" if ticks else text


def apart(got: Any, expected: Any) -> str:
    """Two results that differ, so that the difference is seen: `you say …; it is …`.

    Short ones are shown; of long ones, and of those that look alike in four digits, the place where they differ most.
    """
    shown = show(got), show(expected)
    first, second = array(got), array(expected)
    if first is None or second is None or first.shape != second.shape:
        return f"you say {shown[0]}; it is {shown[1]}"
    if shown[0] != shown[1] and first.size <= 12:
        return f"you say {shown[0]}; it is {shown[1]}"
    with np.errstate(all="ignore"):
        off = np.abs(first.astype(complex) - second.astype(complex))
    place = np.unravel_index(int(np.where(np.isnan(off), np.inf, off).argmax()), first.shape)
    numbers = [digits(float(np.real(values[place]))) for values in (first, second)]
    where = f"at `[{', '.join(map(str, map(int, place)))}]` " if first.ndim else ""
    return f"{where}you say `{numbers[0]}`; it is `{numbers[1]}`"


def digits(number: float) -> str:
    """A number with as many digits as tell it: at most nine."""
    return f"{number:.9g}"


def wrong_form(got: Any, expected: Any) -> str:
    """What is wrong with the type or the shape of a result; "" if nothing is."""
    values = array(got)
    if isinstance(expected, np.ndarray):
        if values is None:
            return f"Your function returns {called(got)}; a NumPy array is asked for."
        if values.shape != expected.shape and not (values.size == expected.size == 1):
            return f"Your result has shape {values.shape}; it should have shape {expected.shape}."
        return "" if values.dtype.kind in "biuf" else f"Your array holds {values.dtype}; real numbers are asked for."
    if not is_int(expected) or is_int(got):
        return ""
    if isinstance(got, Real) and not isinstance(got, (bool, np.bool_)):
        return "" if got == got // 1 else f"Your function returns {show(got)}: a whole number is asked for."
    if values is not None and values.size == 1 and values.dtype.kind in "iuf":
        return wrong_form(values.item(), expected)
    return f"Your function returns {called(got)} where a whole number is asked for."
