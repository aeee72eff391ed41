"""Sums in a wider type than what they are made of: in float32 a sum of ones stops at 2**24, where one more is half of
the last digit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

RUN = 2**17  # so many numbers are few: what Python does for a sum counts as much as the sum


def wide_type(dtype: np.dtype) -> np.dtype:
    """Return the type to sum up numbers of this type in: float64, but whole numbers stay whole."""
    return np.result_type(dtype, np.float64) if dtype.kind == "f" else dtype


def wide_sum(a: np.ndarray, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    """Return `a.sum(axis)`; float32 is added up in float64 and rounded once.

    But for the numbers of one row in memory: those NumPy adds up in pairs, and pairs of pairs, which loses a unit or
    two of the last place however many there are.
    """
    axes = tuple(range(a.ndim)) if axis is None else (axis,) if np.ndim(axis) == 0 else axis
    in_pairs = len(axes) == 1 and a.strides[axes[0]] == a.itemsize
    if a.dtype != np.float32 or in_pairs:
        return a.sum(axis=axes, keepdims=keepdims)
    if a.size < RUN:
        return a.sum(axis=axes, keepdims=keepdims, dtype=np.float64).astype(np.float32)
    gone = {i % a.ndim for i in axes}
    kept = [i for i in range(a.ndim) if i not in gone]
    total = np.einsum(a, list(range(a.ndim)), kept, dtype=np.float64, casting="same_kind")  # faster than a.sum
    total = np.asarray(total).astype(np.float32)
    return np.expand_dims(total, sorted(gone)) if keepdims else total
