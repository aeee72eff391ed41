"""Exercises that say which mistake was made.

    check("05.1", output_size)      tries the function on many cases and returns a Verdict

`exercise(key)` gives an exercise with its question, stub, hints and known mistakes; `folded(key)` its hints and its
solution as Markdown, and `solution_source(key)` the solution alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cnnkit._arguments import given
from cnnkit.course import TOPICS
from cnnkit.course.kit import score
from cnnkit.course.kit.exercise import Exercise, FunctionExercise, Mistake, ValueExercise, Verdict

__all__ = [
    "EXERCISES",
    "Exercise",
    "FunctionExercise",
    "Mistake",
    "ValueExercise",
    "Verdict",
    "check",
    "exercise",
    "folded",
    "solution_source",
]

EXERCISES: dict[str, Exercise] = {
    exercise.key: exercise
    for topic in TOPICS
    for exercise in import_module(f"cnnkit.course.{topic}.exercises").EXERCISES
}


def exercise(key: str) -> Exercise:
    """The exercise with this key; a ValueError that names the keys if there is none."""
    if not isinstance(key, str) or key not in EXERCISES:
        raise ValueError(f"there is no exercise {given(key)}; the exercises are {', '.join(EXERCISES)}")
    return EXERCISES[key]


def check(key: str, answer: Any = None) -> Verdict:
    """Try an answer, a value or a function, and say what is right about it or which mistake was made.

    >>> check("00.1", 2)
    ✗ not yet: 00.1 A first exercise. The window can move 5 − 3 = 2 times. The place where it starts counts, too.
    """
    verdict = exercise(key).check(answer)
    score.committed("exercise", key, verdict.passed)
    return verdict


def folded(key: str) -> str:
    """The hints and the solution of an exercise as Markdown, each closed until it is clicked."""
    return exercise(key).folded()


def solution_source(key: str) -> str:
    """The reference solution of an exercise as source text."""
    return exercise(key).source()
