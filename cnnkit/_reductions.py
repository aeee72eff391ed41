"""From the losses of all examples to one number."""

from __future__ import annotations

import numpy as np

from cnnkit._sums import wide_sum

REDUCTIONS = ("mean", "sum", "none")


def reduced(loss: np.ndarray, reduction: str, count: float) -> np.ndarray:
    """Return each loss, or their sum divided by `count`: for "sum" that is 1, and of nothing the mean is NaN."""
    return loss if reduction == "none" else wide_sum(loss)[()] / count
