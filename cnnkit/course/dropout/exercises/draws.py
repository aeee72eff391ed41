"""Answers of notebook 03 that no list of mistakes can hold: numbers nearly right, and masks drawn anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cnnkit.course.kit.exercise import FunctionExercise
from cnnkit.course.kit.exercise_trial import Outcome
from cnnkit.course.kit.exercise_words import array

NEAR = "Every result is close and not equal: is something rounded or simulated? The exact value is asked for."
OWN = "You draw random numbers of your own. They are there already, in `u`: an entry is dropped where u < p."


@dataclass(frozen=True, kw_only=True)
class NearExercise(FunctionExercise):
    """Tells results that are nearly right (rounded, simulated) from those that are wrong."""

    def _diagnosis(self, mine: list[Outcome], wrong: list[int]) -> str:
        errors = [_error(mine[i].got, self._expected[i]) for i in wrong]
        return NEAR if max(errors) < 0.03 else super()._diagnosis(mine, wrong)


def _error(got: object, expected: object) -> float:
    """The largest difference over the largest number expected; infinite if there is none."""
    mine, right = array(got), array(expected)
    if mine is None or right is None or mine.shape != right.shape or type(got) in (list, tuple):
        return np.inf
    largest = np.abs(right).max(initial=0)
    error = np.abs(mine - right).max(initial=0) / largest if largest else np.inf
    return float(error) if np.isfinite(error) else np.inf


@dataclass(frozen=True, kw_only=True)
class MaskedExercise(NearExercise):
    """Asks for numbers that pass through a mask, and says `drawn` when they pass through another one.

    through   (numbers, mask) of the arguments of one case, or None where there is no mask
    """

    through: Callable[..., tuple[np.ndarray, np.ndarray] | None]
    drawn: str = OWN

    def _diagnosis(self, mine: list[Outcome], wrong: list[int]) -> str:
        found = super()._diagnosis(mine, wrong)
        known = any(mistake.diagnosis in found for mistake in self.mistakes)
        masked = [(*pair, o.got) for o in mine if (pair := self.through(*o.args))]
        return self.drawn if not known and drawn_anew(masked) else found


def drawn_anew(masked: list[tuple]) -> bool:
    """Whether every result is the numbers, scaled or not, through a mask that was drawn.

    That shows in twins, cases with the same numbers: the same mask once more has another result, or another mask has
    the same one. What lets only large numbers through has not drawn either.
    """
    if not all(_scaled(numbers, got) for numbers, _, got in masked):
        return False
    lets = [(numbers, mask != 0, got != 0) for numbers, mask, got in masked]
    twins = [(a, b) for a, b in combinations(lets, 2) if np.array_equal(a[0], b[0])]
    drawn = any(
        np.array_equal(a[1], b[1]) != np.array_equal(a[2], b[2]) and a[2].any() and not a[2].all() for a, b in twins
    )
    return drawn and not all(_only_large(numbers, passed) for numbers, _, passed in lets)


def _scaled(numbers: np.ndarray, got: object) -> bool:
    """Whether `got` is the numbers times one factor, some of them set to 0."""
    if not isinstance(got, np.ndarray) or got.shape != numbers.shape or got.dtype.kind not in "if":
        return False
    passed = got != 0
    factors = got[passed] / numbers[passed]
    return bool(np.isfinite(factors).all() and np.allclose(factors, factors.flat[0] if factors.size else 1.0))


def _only_large(numbers: np.ndarray, passed: np.ndarray) -> bool:
    return bool(numbers[passed].min(initial=np.inf) >= numbers[~passed].max(initial=-np.inf))
