"""Numbers and counted things as sentences and pictures write them: a true minus, few signs, no dust of rounding."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isfinite, isinf

import numpy as np

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def minus(words: str) -> str:
    """The words with a true minus.

    >>> minus("from -3 to 3")
    'from −3 to 3'
    """
    return words.replace("-", "−")


def decimal(value: float, digits: int = 2, *, thousands: bool = False) -> str:
    """A number with so many decimals at most: 5, 3.25, −∞.

    >>> decimal(5.0), decimal(3.25), decimal(3.25, 1), decimal(-float("inf")), decimal(1234.5, thousands=True)
    ('5', '3.25', '3.2', '−∞', '1,234.5')
    """
    if isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:,.{digits}f}" if thousands else f"{value:.{digits}f}"
    return minus(text.rstrip("0").rstrip(".") if "." in text else text)


def fixed(value: float, digits: int = 2, *, leading_zero: bool = True) -> str:
    """A number with just so many decimals, the same on every machine: the dust of rounding is rounded away first.

    >>> fixed(-0.31), fixed(-0.31, leading_zero=False), fixed(2, 1), fixed(-1e-12)
    ('−0.31', '−.31', '2.0', '0.00')
    """
    words = minus(f"{round(float(value), 9):z.{digits}f}")
    return words if leading_zero or abs(value) >= 1 else words.replace("0.", ".", 1)


def short(
    value: float, digits: int = 3, *,
    least: float = 0.001, most: float = 10_000, mantissa: int | None = None, thousands: bool = False,
) -> str:  # fmt: skip
    """A number in few signs: 0.153, 4.1·10⁻³¹, −2.5, inf.

    digits        of a number from `least` to `most`; from 1000 on all that are before the point
    mantissa      decimals of a smaller or larger one, which is written with a power of ten; digits − 2 if None
    thousands     whether a comma stands between them

    >>> short(0.25), short(-1234.5), short(0.25**50), short(1e10)
    ('0.25', '−1234', '7.9·10⁻³¹', '1.0·10¹⁰')
    """
    if not isfinite(value):
        return str(value)
    if value == 0 or least <= abs(value) < most:
        whole = f"{value:,.0f}" if thousands else f"{value:.0f}"
        return minus(f"{value:.{digits}g}" if abs(value) < 1000 else whole)
    number, power = f"{value:.{digits - 2 if mantissa is None else mantissa}e}".split("e")
    return f"{minus(number)}·10{raised(int(power))}"


def raised(power: int) -> str:
    """A power as it is written behind its base.

    >>> raised(-12)
    '⁻¹²'
    """
    return str(power).translate(RAISED)


def bracketed(value: float, write: Callable[[float], str] = short) -> str:
    """A number behind a dot or an operator: negative ones in brackets.

    >>> bracketed(2.5), bracketed(-2.5)
    ('2.5', '(−2.5)')
    """
    return f"({write(value)})" if value < 0 else write(value)


def metric(number: int) -> str:
    """A large number in four signs.

    >>> metric(1234), metric(1234567), metric(98_765_432_100)
    ('1,234', '1.23 M', '98.8 G')
    """
    for unit, name in ((10**12, "T"), (10**9, "G"), (10**6, "M")):
        if number >= unit:
            return f"{number / unit:.{3 - len(str(number // unit))}f} {name}"
    return f"{number:,}"


def percent(part: float, whole: float = 1, *, digits: int = 0) -> str:
    """A share in per cent.

    >>> percent(0.125, digits=1), percent(1, 3)
    ('12.5 %', '33 %')
    """
    return f"{100 * part / whole:.{digits}f} %"


def chance(p: float, *, signs: bool = False) -> str:
    """A probability in per cent; what would look like never or always is written otherwise.

    >>> chance(0.934), chance(0.004), chance(0.996), chance(0.996, signs=True)
    ('93 %', 'under 1 %', 'over 99 %', '> 99 %')
    """
    if 0.005 <= p <= 0.995:
        return percent(p)
    if p < 0.5:
        return f"{'<' if signs else 'under'} 1 %"
    return f"{'>' if signs else 'over'} 99 %"


def spread(values: Iterable[float], digits: int = 1, *, percent: bool = False) -> str:
    """What several seeds gave: the mean, and the smallest and the largest value in brackets.

    >>> spread([1, 2, 6]), spread([0.25, 0.75], 0, percent=True)
    ('3.0 (1.0 to 6.0)', '50 % (25 to 75)')
    """
    numbers = np.asarray(list(values), dtype=float) * (100 if percent else 1)
    if not numbers.size:
        raise ValueError("values must hold at least one number, got none")
    unit = " %" if percent else ""
    return f"{numbers.mean():.{digits}f}{unit} ({numbers.min():.{digits}f} to {numbers.max():.{digits}f})"


def counted(number: int | str, noun: str) -> str:
    """So many of a thing.

    >>> counted(1, "window"), counted(3, "window"), counted("no", "window")
    ('1 window', '3 windows', 'no windows')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def a(number: int) -> str:
    """A number with its article.

    >>> a(3), a(8), a(11)
    ('a 3', 'an 8', 'an 11')
    """
    return f"{'an' if str(number)[0] == '8' or number in (11, 18) else 'a'} {number}"


def listed(things: Iterable[object]) -> str:
    """Things one after the other, with "and" before the last.

    >>> listed([1, 2, 5]), listed([4])
    ('1, 2 and 5', '4')
    """
    *others, last = map(str, things)
    return f"{', '.join(others)} and {last}" if others else last
