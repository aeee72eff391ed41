"""A repair: a function that has one fault in it is handed in mended, and is tried by running it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from cnnkit.course.kit.exercise import Exercise
from cnnkit.course.kit.exercise_trial import TooLong, at_most, attempt
from cnnkit.course.kit.exercise_words import called

UNTOUCHED = "untouched"


@dataclass(frozen=True, kw_only=True)
class Repair(Exercise):
    """Asks for a function with one line mended. The stub is the case as it came in, so handing that in is no attempt.

    trial   calls the function as often as it takes, and returns all that a judge needs
    judge   says what is wrong with that: "" for nothing, UNTOUCHED for the fault that the case came in with
    """

    trial: Callable[[Callable], Any]
    judge: Callable[[Any], str]
    seconds: float = 30

    def todo(self) -> str:
        return f"`{self.name}` is as the case came in. Mend it and run this cell again."

    def source(self) -> str:
        return dedent(inspect.getsource(self.solution)).rstrip()

    def judged(self, answer: Any) -> tuple[bool | None, str]:
        names = list(inspect.signature(self.solution).parameters)
        if not callable(answer):
            return (
                False,
                f"The function itself is asked for, `check({self.key!r}, {self.name})`; this is {called(answer)}.",
            )
        try:
            inspect.signature(answer).bind(*names)
        except TypeError:
            return False, f"The arguments do not fit: `{self.name}({', '.join(names)})` is asked for."
        except Exception:
            pass
        try:
            with at_most(self.seconds):
                tried = attempt(lambda: self.trial(answer), ())
        except TooLong:
            return False, self.too_long()
        if tried.error:
            return False, f"Your function stops with `{tried.error}`."
        diagnosis = self.judge(tried.got)
        if diagnosis == UNTOUCHED:
            return None, self.todo()
        return (False, diagnosis) if diagnosis else (True, self.praise)
