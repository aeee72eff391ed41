"""Exercises whose answer must survive: float16, float32 and float64, numbers as large as 1e4, and no warning.

The values are compared as closely as the type of the input allows, and what NumPy would warn of is part of the answer.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from cnnkit.course.kit.exercise import FunctionExercise
from cnnkit.course.kit.exercise_trial import Outcome, TooLong, at_most, attempt
from cnnkit.course.kit.exercise_words import array, called, show

CLOSE = 16, 2  # units in the last place: so many, and so many for each unit of |x|, which exp loses
NOTED: dict[str, Any] = {"over": "call", "divide": "call", "invalid": "call", "under": "ignore"}
TINY = 2.4e-7  # four times the smallest number of float16


class Run(NamedTuple):
    """What a function made of one case, and what NumPy had to say about it."""

    outcome: Outcome
    warned: tuple[str, ...]

    @property
    def sign(self) -> tuple:
        """What tells one way of failing from another."""
        got = self.outcome.got
        values = array(got)
        numbers = None if values is None else tuple(f"{number:.4g}" for number in np.ravel(values))
        return numbers, str(getattr(got, "dtype", None)), bool(self.warned), self.warned


def run(function: Any, args: tuple) -> Run:
    """Call it, and note overflows, divisions by 0 and invalid operations, whether or not it hides NumPy's warnings.

    Every way to hide them (np.errstate, around a block or a function, and np.seterr) sets a context variable.
    """
    warned: list[str] = []

    def note(kind: str, flag: int) -> None:
        warned.append(kind)

    def open_again(frame: Any, event: str, called: Any) -> None:
        if event == "c_return" and isinstance(getattr(called, "__self__", None), ContextVar):
            np.seterrcall(note)
            np.seterr(**NOTED)

    profiler = sys.getprofile()
    with np.errstate(**NOTED, call=note):
        sys.setprofile(open_again)
        try:
            outcome = attempt(function, args)
        finally:
            sys.setprofile(profiler)
    return Run(outcome, tuple(sorted(set(warned))))


@dataclass(frozen=True, kw_only=True)
class StableExercise(FunctionExercise):
    """Asks for a function of one array: right values, the type of the input, not one warning."""

    def judged(self, answer: Any) -> tuple[bool | None, str]:
        problem = self._cannot_call(answer)
        if problem:
            return False, problem
        runs: list[Run] = []
        try:
            with at_most(self.seconds):
                for args in self._cases:
                    runs.append(run(answer, args))
        except TooLong:
            return False, self.too_long(f", for {self._case(self._cases[len(runs)])}")
        outcomes = [r.outcome for r in runs]
        if all(o.empty for o in outcomes):
            return None, self.todo()
        problem = self._misbehaves(outcomes)
        if problem:
            return False, problem
        problems = [self._problem(r, run(self.solution, r.outcome.args).outcome.got) for r in runs]
        first = next((p for p in problems if p), "")
        if not first:
            return True, f"All {len(runs)} cases agree. {self.praise}"
        right = problems.count("")
        return False, f"{self._known([r.sign for r in runs])} {first} ({right} of {len(runs)} cases are right.)".strip()

    def _known(self, signs: list[tuple]) -> str:
        """The diagnosis of the mistake that fails in the same way, and warns in the same cases."""
        for upto in (4, 3):
            for mistake, theirs in zip(self.mistakes, self._their_signs, strict=True):
                if [sign[:upto] for sign in signs] == [sign[:upto] for sign in theirs]:
                    return mistake.diagnosis
        return ""

    @cached_property
    def _their_signs(self) -> list[list[tuple]]:
        return [[run(mistake.answer, args).sign for args in self._cases] for mistake in self.mistakes]

    def _problem(self, mine: Run, expected: np.ndarray) -> str:
        """What is wrong in one case; "" if nothing is."""
        got, x = mine.outcome.got, mine.outcome.args[0]
        where = f"{self._case((x,))} in {x.dtype}"
        values = array(got)
        if values is None:
            return f"Your function returns {called(got)}; a NumPy array is asked for."
        typed, got = hasattr(got, "dtype"), values  # a list has no type that could be wrong
        if got.shape != expected.shape:
            return f"Your result has shape {got.shape}; it should have shape {expected.shape}."
        if got.dtype.kind not in "biuf":
            return f"Your array holds {got.dtype}; real numbers are asked for."
        if not self._near(got, expected, x):
            return f"For {where} you say {digits(got)}; it is {digits(expected)}."
        if mine.warned:
            return f"For {where} the values are right, but NumPy warns: {' and '.join(mine.warned)}."
        if typed and got.dtype != expected.dtype:
            return f"For {where} the values are right, but they come back in {got.dtype}."
        return ""

    @staticmethod
    def _near(got: np.ndarray, expected: np.ndarray, x: np.ndarray) -> bool:
        precision = np.finfo(expected.dtype)
        units = CLOSE[0] + CLOSE[1] * np.minimum(np.abs(x.astype(float)), 100)
        allowed = units * float(precision.eps) * expected.astype(float) + min(float(precision.tiny), TINY)
        return bool((np.abs(got.astype(float) - expected.astype(float)) <= allowed).all())


def digits(values: np.ndarray) -> str:
    """Six digits of each number, however small it is."""
    if values.size > 12:
        return show(values)
    words = [f"{v:.6g}" for v in np.ravel(values)]
    return f"`[{', '.join(words)}]`" if values.ndim else f"`{words[0]}`"
