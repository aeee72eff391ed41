"""Choosing a learning rate, and counting how fast a network learns with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

CHECKS = 4  # times an epoch that the training error is looked at


def epochs_to(errors: np.ndarray, target: float) -> float:
    """How many epochs it took until the error was `target` or less; infinity if it never was.

    >>> epochs_to(np.array([0.9, 0.5, 0.2, 0.3]), 0.25)
    0.5
    """
    reached = np.flatnonzero(errors <= target)
    return float(reached[0] / CHECKS) if len(reached) else float("inf")


class Tuned(NamedTuple):
    """The rate chosen, and for every rate tried the mean that it was chosen by (smaller is better)."""

    lr: float
    tried: dict[float, float]

    def rounded(self, digits: int = 4) -> dict[str, float]:
        """`tried`, as it is recorded.

        >>> Tuned(0.1, {0.1: 0.012345}).rounded()
        {'0.1': 0.0123}
        """
        return {f"{lr:g}": round(score, digits) for lr, score in self.tried.items()}


def tune(score: Callable[..., float], rates: Sequence[float], seeds: Sequence[int]) -> Tuned:
    """The rate with the smallest mean score(lr, seed): fair to each activation, on seeds that are not measured later.

    >>> tune(lambda lr, seed: abs(lr - 0.1), [0.05, 0.1, 0.2], [100]).lr
    0.1
    """
    tried = {lr: float(np.mean([score(lr, seed) for seed in seeds])) for lr in rates}
    return Tuned(min(tried, key=tried.__getitem__), tried)
