"""The trial exercise of notebook 00: how checking works."""

from __future__ import annotations

from typing import Any

from cnnkit._arguments import is_int
from cnnkit.course.kit.exercise import Mistake, ValueExercise
from cnnkit.course.kit.exercise_words import called, show

WINDOWS = {
    5: "That is one window for each pixel. A window that starts at the fourth pixel would stick out on the right.",
    2: "The window can move 5 − 3 = 2 times. The place where it starts counts, too.",
    1: "That is how many fit side by side. These windows may overlap: the next one starts one pixel further.",
    15: "That is pixels times width. Count the places where a window can start.",
    8: "That is pixels plus width. Count the places where a window can start.",
}


def judge_windows(answer: Any) -> str:
    """How many windows of width 3 fit into 5 pixels, one pixel apart?"""
    if not is_int(answer):
        return f"A whole number is asked for, such as `windows = 4`; this is {called(answer)}."
    if answer == 3:
        return ""
    return WINDOWS.get(int(answer), f"Not {show(answer)}. Draw five boxes and lay a strip of three over them.")


EXERCISES = (
    ValueExercise(
        key="00.1",
        title="A first exercise",
        name="windows",
        question=(
            "A row has 5 pixels. A window covers 3 neighbouring pixels and moves one pixel at a time, never "
            "sticking out. In how many places can it stand?\n\n"
            "Replace the `...` by a number. Then try a wrong one as well, to see what happens."
        ),
        stub="windows = ...",
        hints=(
            "Number the pixels 1 to 5. The first window covers 1, 2, 3.",
            "The windows start at pixel 1, 2 and so on. What is the last pixel at which one can start?",
        ),
        solution=3,
        praise="The window starts at pixel 1, 2 or 3. What would it be for 100 pixels?",
        judge=judge_windows,
        mistakes=tuple(Mistake(answer, text) for answer, text in WINDOWS.items()),
    ),
)
