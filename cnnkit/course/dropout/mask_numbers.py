"""The numbers behind the picture of one draw of dropout: a layer before and after, and the binomial."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, log, log1p, sqrt

import numpy as np

from cnnkit._arguments import integer, probability, switch
from cnnkit.dropout import dropout

DRAWS = 50  # how many draws the explorer has
TEN = np.array([1.0, 8, 6, 4, 2, 9, 7, 5, 3, 5])


@dataclass(frozen=True)
class Draw:
    """One layer, one draw. h, y: before and after; kept: which units; drop: the probability to drop."""

    h: np.ndarray
    y: np.ndarray
    kept: np.ndarray
    drop: float
    scaled: bool
    training: bool

    @property
    def dropped(self) -> int:
        return int((~self.kept).sum())

    @property
    def expected(self) -> float:
        """Of the sum of y."""
        return float(self.h.sum() * (1 if self.scaled and (self.drop < 1 or not self.training) else 1 - self.drop))

    @property
    def spread(self) -> float:
        """The standard deviation of that sum: a unit's variance is h² p / (1 − p), undivided h² p (1 − p)."""
        if not self.training or self.drop == 1:
            return 0.0
        keep = 1 - self.drop
        return sqrt(float((self.h**2).sum()) * self.drop * (1 / keep if self.scaled else keep))


def example_units(units: int) -> np.ndarray:
    """Whole numbers from 1 to 9: what a layer of so many units gives. Each ten of them sum to 50.

    >>> example_units(6)
    array([1., 8., 6., 4., 2., 9.])
    """
    i = np.arange(units)
    return TEN[(i + 3 * (i // 10)) % 10]


def draw_units(units: int, drop: float, *, scaled: bool = True, training: bool = True, draw: int = 1) -> Draw:
    """Send `units` example numbers through dropout.

    scaled     divide what is kept by 1 − drop while training, as all frameworks do today. If not, nothing is divided,
               and when training is over everything is multiplied by 1 − drop, as in the paper.
    draw       which of the possible masks; as `drop` grows, the same draw drops more and more of its units

    Reference: Srivastava et al. (2014), Dropout, sections 4 and 10.

    >>> draw_units(6, 0.5, draw=3).y, draw_units(6, 0.5, scaled=False, training=False).y
    (array([ 0.,  0., 12.,  8.,  0.,  0.]), array([0.5, 4. , 3. , 2. , 1. , 4.5]))
    """
    h, drop = example_units(integer("units", units, at_least=1)), probability("drop", drop)
    rng = np.random.default_rng(integer("draw", draw, at_least=0))
    y, mask = dropout(h, drop, rng=rng, training=switch("training", training))
    kept = mask > 0
    if not switch("scaled", scaled):
        y = kept * h if training else (1 - drop) * h
    return Draw(h, y, kept, drop, scaled, training)


@lru_cache(maxsize=8)
def every_draw(units: int, drop: float) -> np.ndarray:
    """Which units each of the DRAWS draws keeps: (DRAWS, units)."""
    return np.array([draw_units(units, drop, draw=draw).kept for draw in range(1, DRAWS + 1)])


def every_sum(drawn: Draw) -> np.ndarray:
    """What the layer adds up to in each of the DRAWS draws.

    >>> every_sum(draw_units(2, 0.5))[:4]
    array([18.,  0.,  0., 18.])
    """
    factor = 1 / (1 - drawn.drop) if drawn.scaled and drawn.drop < 1 else 1.0
    return every_draw(len(drawn.h), drawn.drop) @ drawn.h * factor


def binomial(n: int, p: float) -> np.ndarray:
    """The probabilities of 0 … n successes.

    >>> binomial(2, 0.5)
    array([0.25, 0.5 , 0.25])
    """
    if p in (0, 1):
        return np.eye(n + 1)[n if p else 0]
    logs = [lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p) for k in range(n + 1)]
    return np.array([exp(value) for value in logs])
