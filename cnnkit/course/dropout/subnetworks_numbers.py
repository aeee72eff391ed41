"""The numbers behind the picture of all sub-networks: a small example, counted out."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.course.dropout.subnetworks_math import (
    FOLLOWS,
    Average,
    all_masks,
    chances,
    geometric_mean,
    monte_carlo,
    outputs,
    weight_scaling,
)

SEEDS = 21  # how many the explorer has
PARTS = np.array([[5.0, -2, 3, -4, 7, -6, 1, 4, -3, -1]])  # weight times unit, of one output
CLASSES = np.array([[1.0, -1, 1, 0, 2, -1, 0, 1, -1, 0], [0.0, 1, -1, 1, -1, 0, 1, -1, 0, 1], [0.0] * 10])


class Found(NamedTuple):
    """What all sub-networks give (values, with their chances), their mean, and what stands for it."""

    values: np.ndarray
    chances: np.ndarray
    exact: float
    scaling: float
    drawn: Average
    geometric: float | None

    @property
    def gap(self) -> float:
        """Weight scaling less the exact mean; 0 where only rounding is left."""
        gap = self.scaling - self.exact
        return 0.0 if abs(gap) < 1e-9 * max(1, abs(self.exact)) else gap


def example_parts(units: int, follows: str) -> np.ndarray:
    """The parts of so many units in the output, or in the three outputs of a softmax: small whole numbers.

    >>> example_parts(4, "ReLU")
    array([[ 5., -2.,  3., -4.]])
    """
    most = PARTS.shape[1]
    if integer("units", units, at_least=1) > most:
        raise ValueError(f"units must be at most {most}, got {units}")
    return (CLASSES if choice("follows", follows, FOLLOWS) == "softmax" else PARTS)[:, :units]


def find(units: int, p: float, follows: str, *, samples: int, seed: int) -> Found:
    """Go through all sub-networks of the example; of a softmax the probability of class A, the first, is kept."""
    parts, masks = example_parts(units, follows), all_masks(units)
    weights, values = chances(masks, p), outputs(masks, parts, follows, p)[:, 0]
    mean, error = monte_carlo(parts, follows, p, samples, rng=np.random.default_rng(seed))
    geometric = float(geometric_mean(parts, p)[0]) if follows == "softmax" else None
    scaling = float(weight_scaling(parts, follows)[0])
    return Found(values, weights, float(weights @ values), scaling, Average(mean[0], error[0]), geometric)


@lru_cache(maxsize=8)
def every_mean(units: int, p: float, follows: str, samples: int) -> np.ndarray:
    """The mean of `samples` draws with each of the SEEDS seeds."""
    parts = example_parts(units, follows)
    drawn = (monte_carlo(parts, follows, p, samples, rng=np.random.default_rng(seed)) for seed in range(SEEDS))
    return np.array([each.mean[0] for each in drawn])
