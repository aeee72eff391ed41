"""What every public function says at its door when an argument cannot be used."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np


def numbers(name: str, value: Any, *, ndim: int | tuple[int, ...] | None = None, shape: str = "") -> np.ndarray:
    """Return `value` as an array: float16/32/64 as given, integers and booleans as int64, anything else refused."""
    array = np.asarray(value)
    if array.dtype.kind in "biu":
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


def floats(name: str, value: Any, *, ndim: int | tuple[int, ...] | None = None, shape: str = "") -> np.ndarray:
    """Return `value` as an array of floats: float16/32/64 as given, integers as float64."""
    array = numbers(name, value, ndim=ndim, shape=shape)
    return array.astype(np.float64) if array.dtype.kind == "i" else array


def pair(name: str, value: Any, *, at_least: int) -> tuple[int, int]:
    """Return `value`, an int or a (height, width) pair, as a pair of ints no smaller than `at_least`."""
    both = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(both) != 2 or not all(is_int(v) for v in both):
        raise ValueError(f"{name} must be an int or a pair (height, width) of ints, got {value!r}")
    if min(both) < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {value!r}")
    return int(both[0]), int(both[1])


def integer(name: str, value: Any, *, at_least: int) -> int:
    """Return `value` as an int no smaller than `at_least`."""
    if not is_int(value):
        raise ValueError(f"{name} must be an int, got {value!r}")
    if value < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {value!r}")
    return int(value)


def probability(name: str, value: Any) -> float:
    """Return `value` as a float in [0, 1]; NaN is refused."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real) or not 0 <= float(value) <= 1:
        raise ValueError(f"{name} must be a probability between 0 and 1, got {value!r}")
    return float(value)


def real(name: str, value: Any) -> float:
    """Return `value` as a float."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise ValueError(f"{name} must be a real number, got {value!r}")
    return float(value)


def choice(name: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    """Return `value` if it is one of `allowed`."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
    return value


def generator(name: str, value: Any) -> np.random.Generator:
    """Return `value` if it is a numpy Generator: randomness is always handed in, never global."""
    if not isinstance(value, np.random.Generator):
        raise ValueError(f"{name} must be a numpy.random.Generator such as numpy.random.default_rng(0), got {value!r}")
    return value


def same_shape(name: str, array: np.ndarray, expected: tuple[int, ...], because: str) -> None:
    """Refuse an array whose shape is not `expected`; `because` says where the expectation comes from."""
    if array.shape != expected:
        raise ValueError(f"{name} must have shape {expected} ({because}), got {array.shape}")


def is_int(value: Any) -> bool:
    """Whether `value` is a whole number and not a bool."""
    return isinstance(value, Integral) and not isinstance(value, (bool, np.bool_))


def _what(value: Any, array: np.ndarray) -> str:
    return f"an array of {array.dtype}" if isinstance(value, np.ndarray) else repr(value)
