"""What every public function says at its door when an argument cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])

IntOrPair = int | tuple[int, int]  # of the height and the width
Padding = IntOrPair | str | tuple[tuple[int, int], tuple[int, int]]  # of a convolution: see `cnnkit.sizes.paddings`

# As in torch: a sum past the largest number is inf, and inf - inf and 0 · inf are NaN, without a warning and without an
# error, whatever the caller's np.seterr.
like_torch_no_warnings = np.errstate(all="ignore")


def rounded_once(function: Function, through: type[np.floating[Any]] = np.float32) -> Function:
    """Let a function compute in float32 what it is given in float16, and round its results to float16 at the end.

    As in torch. float16 keeps 11 bits and ends at 65504: rounded after every step, a sum of ones stops at 2048. Where
    something wider was given, too, the results stay as wide. Where nearly equal numbers are subtracted, float32 has
    too few digits itself: those functions go `through` float64.
    """

    @wraps(function)
    def rounded(*args: Any, **options: Any) -> Any:
        types = [a.dtype.type for a in (*args, *options.values()) if isinstance(a, (np.ndarray, np.generic))]
        if np.float16 not in types:
            return function(*args, **options)
        wide = {name: _widened(value, through) for name, value in options.items()}
        result = function(*(_widened(value, through) for value in args), **wide)
        at_the_end = np.float32 if np.float32 in types else np.float16
        results = [
            r.astype(at_the_end, copy=False) if r.dtype == through else r
            for r in (result if isinstance(result, tuple) else (result,))
        ]
        return tuple(results) if isinstance(result, tuple) else results[0]

    return rounded  # type: ignore[return-value]


def numbers(name: str, value: Any, *, ndim: int | tuple[int, ...] | None = None, shape: str = "") -> np.ndarray:
    """Return `value` as an array: float16/32/64 as given, integers and booleans as int64, anything else refused.

    Bytes in the other order are turned round, and long doubles, which torch does not have, are rounded to float64.
    Arrays of different types may meet: what comes of them has the widest, by NumPy's rules. (torch refuses most of it.)
    """
    array = native(as_array(name, value))
    if array.dtype.kind in "biu":
        if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
            raise ValueError(f"{name} must hold integers of at most 2**63 - 1, got {array.max()}")
        array = array.astype(np.int64, copy=False)
    elif array.dtype not in (np.float16, np.float32, np.float64):
        raise ValueError(f"{name} must hold real numbers, got {_what(value, array)}")
    allowed = (ndim,) if isinstance(ndim, int) else ndim
    if allowed is not None and array.ndim not in allowed:
        wanted = " or ".join(str(n) for n in allowed)
        raise ValueError(
            f"{name} must have {wanted} dimensions{' ' + shape if shape else ''}, got {array.ndim}: shape {array.shape}"
        )
    return array


def as_array(name: str, value: Any) -> np.ndarray:
    """Return `value` as an array of whatever it holds."""
    try:
        return np.asarray(value)
    except Exception:  # ragged lists, tensors that need detach(), and whatever an object may raise
        raise ValueError(f"{name} must hold real numbers in rows of equal length, got {given(value)}") from None


def native(array: np.ndarray) -> np.ndarray:
    """Return `array` with its bytes in this machine's order, and long doubles as float64."""
    if array.dtype.char == "g":
        with np.errstate(all="ignore"):
            return array.astype(np.float64)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def floats(name: str, value: Any, *, ndim: int | tuple[int, ...] | None = None, shape: str = "") -> np.ndarray:
    """Return `value` as an array of floats: float16/32/64 as given, integers as float64."""
    array = numbers(name, value, ndim=ndim, shape=shape)
    return array.astype(np.float64) if array.dtype.kind == "i" else array


def pair(name: str, value: Any, *, at_least: int) -> tuple[int, int]:
    """Return `value`, an int or a (height, width) pair, as a pair of ints no smaller than `at_least`."""
    both = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(both) != 2 or not all(is_int(v) for v in both):
        raise ValueError(f"{name} must be an int or a pair (height, width) of ints, got {given(value)}")
    _check_range(name, both, at_least, value)
    return int(both[0]), int(both[1])


def sides(name: str, value: Any, *, at_least: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return `value`, an int, a (height, width) pair, or ((top, bottom), (left, right)), written in that last form."""
    axes = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(axes) != 2 or not any(isinstance(axis, (tuple, list)) for axis in axes):
        height, width = pair(name, value, at_least=at_least)
        return (height, height), (width, width)
    both = [tuple(axis) if isinstance(axis, (tuple, list)) else (axis, axis) for axis in axes]
    if not all(len(axis) == 2 and all(map(is_int, axis)) for axis in both):
        raise ValueError(f"{name} must be an int or a pair or ((top, bottom), (left, right)), got {given(value)}")
    (top, bottom), (left, right) = both
    _check_range(name, (top, bottom, left, right), at_least, value)
    return (int(top), int(bottom)), (int(left), int(right))


def integer(name: str, value: Any, *, at_least: int) -> int:
    """Return `value` as an int no smaller than `at_least`."""
    if not is_int(value):
        raise ValueError(f"{name} must be an int, got {given(value)}")
    if value < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {given(value)}")
    return int(value)


def size(name: str, value: Any) -> int:
    """Return `value` as an int of at least 1 that an array could count to."""
    if is_int(value) and value >= 2**63:
        raise ValueError(f"{name} must be below 2**63, got {given(value)}")
    return integer(name, value, at_least=1)


def probability(name: str, value: Any) -> float:
    """Return `value` as a float in [0, 1]; NaN is refused."""
    if not is_real(value) or not 0 <= value <= 1:
        raise ValueError(f"{name} must be a probability between 0 and 1, got {given(value)}")
    return float(value)


def real(name: str, value: Any) -> float:
    """Return `value` as a float."""
    if not is_real(value):
        raise ValueError(f"{name} must be a real number, got {given(value)}")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name} must not be larger than a float can hold, got {given(value)}") from None


def switch(name: str, value: Any) -> bool:
    """Return `value` if it is True or False."""
    return bool(choice(name, value, (True, False)))


def choice(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    """Return `value` if it is one of `allowed`."""
    if not np.isscalar(value) or value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {given(value)}")
    return value


def generator(name: str, value: Any) -> np.random.Generator:
    """Return `value` if it is a numpy Generator: randomness is always handed in, never global."""
    if not isinstance(value, np.random.Generator):
        raise ValueError(
            f"{name} must be a numpy.random.Generator such as numpy.random.default_rng(0), got {given(value)}"
        )
    return value


def same_shape(name: str, array: np.ndarray, expected: tuple[int, ...], because: str) -> None:
    """Refuse an array whose shape is not `expected`; `because` says where the expectation comes from."""
    if array.shape != expected:
        raise ValueError(f"{name} must have shape {expected} ({because}), got {array.shape}")


def is_int(value: Any) -> bool:
    """Whether `value` is a whole number and not a bool."""
    return isinstance(value, Integral) and is_real(value)


def given(value: Any) -> str:
    """What to call `value` in a sentence: arrays by type and shape, the rest as Python writes it, on one short line."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}" + (f" with shape {value.shape}" if value.ndim else f": {value}")
    try:
        text = " ".join(repr(value).split())
    except Exception:  # integers of over 4,300 digits, and whatever a repr may raise
        name = type(value).__name__
        text = f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
    return text if len(text) <= 100 else f"{text[:97]}..."


def is_real(value: Any) -> bool:
    """Whether `value` is a real number and neither a bool nor a stretch of time."""
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_, np.timedelta64))


def _check_range(name: str, numbers: tuple[Any, ...], at_least: int, value: Any) -> None:
    if min(numbers) < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {given(value)}")
    if max(numbers) >= 2**63:
        raise ValueError(f"{name} must be below 2**63, got {given(value)}")


def _widened(value: Any, wide: type[np.floating[Any]]) -> Any:
    half = isinstance(value, (np.ndarray, np.generic)) and value.dtype.type is np.float16  # in either order of bytes
    return value.astype(wide) if half else value


def _what(value: Any, array: np.ndarray) -> str:
    return f"an array of {array.dtype}" if isinstance(value, np.ndarray) else given(value)
