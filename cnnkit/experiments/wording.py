"""Saying what several seeds gave."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def spread(values: Iterable[float], digits: int = 1, *, percent: bool = False) -> str:
    """The mean, and the smallest and the largest value in brackets.

    >>> spread([1, 2, 6]), spread([0.25, 0.75], 0, percent=True)
    ('3.0 (1.0 to 6.0)', '50 % (25 to 75)')
    """
    numbers = np.asarray(list(values), dtype=float) * (100 if percent else 1)
    if not numbers.size:
        raise ValueError("values must hold at least one number, got none")
    unit = " %" if percent else ""
    return f"{numbers.mean():.{digits}f}{unit} ({numbers.min():.{digits}f} to {numbers.max():.{digits}f})"
