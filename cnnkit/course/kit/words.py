"""Numbers as a sentence or a picture writes them: with a true minus, few signs, and no dust of rounding."""

from __future__ import annotations

from math import isinf


def decimal(value: float, digits: int = 2) -> str:
    """A number with so many decimals at most: 5, 3.25, −∞.

    >>> decimal(5.0), decimal(3.25), decimal(3.25, 1), decimal(-float("inf"))
    ('5', '3.25', '3.2', '−∞')
    """
    if isinf(value):
        return "−∞"
    text = f"{value:.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
