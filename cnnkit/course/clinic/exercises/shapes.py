"""Exercise 08.1: a padding that is off by one."""

from __future__ import annotations

from typing import Any

from cnnkit import conv_output_size
from cnnkit._arguments import is_int
from cnnkit.course.clinic.shapes import case_b
from cnnkit.course.kit.exercise import Mistake, ValueExercise

SIZE, KERNEL, FEATURES = 8, 5, 128


def judge(answer: Any) -> str:
    """Build case B with this padding and run it."""
    p = _whole(answer)
    if p is None:
        return "One whole number is asked for, the `padding` of the first layer: how many rows of zeros on each side."
    if p < 0:
        return "A padding cannot be negative: it is how many rows of zeros are added on each side."
    if p > 50:
        return "That is far more padding than picture. The first layer should give 8 × 8 pixels again."
    try:
        case_b(p)
    except ValueError as error:
        side = conv_output_size(SIZE, KERNEL, padding=p)
        return f"{_why(p)} With padding {p} the first layer gives {side} × {side} pixels, and then: {error}."
    return ""


def _why(p: int) -> str:
    if p == 1:
        return "That is the case as it came in: a padding of 1 belongs to a 3 × 3 kernel."
    if p == 0:
        return "Without padding a 5 × 5 kernel takes away 4 rows and 4 columns."
    if p == 4:
        return "All 4 rows that the kernel takes away are needed, and `padding` is added on each side."
    if p == 5:
        return "That is the size of the kernel. Half of it, rounded down, is what each side needs."
    return "That is not it." if p < 3 else "That is too much padding: the map grows."


def _whole(answer: Any) -> int | None:
    try:
        number = float(answer)
        return int(number) if not isinstance(answer, (bool, str)) and number == int(number) else None
    except (TypeError, ValueError, OverflowError, RuntimeError, AttributeError):
        return int(answer[0]) if _pair(answer) else None


def _pair(answer: Any) -> bool:
    return isinstance(answer, (tuple, list)) and len(answer) == 2 and is_int(answer[0]) and answer[0] == answer[1]


PADDING = ValueExercise(
    key="08.1",
    title="Case B: the shapes do not match",
    name="padding",
    question=(
        "Case B stops with the error above. Its author wanted the first layer to keep the 8 × 8 pixels, so that the "
        "pooling leaves 4 × 4 and the last layer gets 8·4·4 = 128 features. Which `padding` does its first layer need?"
    ),
    stub="padding = ...",
    hints=(
        "Which shape in the trace is the first one that its author did not want?",
        "The output has 8 + 2p − 5 + 1 pixels a side. It should have 8.",
    ),
    solution=2,
    praise="A padding of 2 keeps the size under a 5 × 5 kernel: half of it, rounded down. Why not change the 128?",
    judge=judge,
    mistakes=(
        Mistake(1, "a padding of 1 belongs to a 3 × 3 kernel"),
        Mistake(0, "takes away 4 rows and 4 columns"),
        Mistake(3, "too much padding"),
        Mistake(4, "`padding` is added on each side"),
        Mistake(5, "That is the size of the kernel"),
        Mistake(-1, "cannot be negative"),
        Mistake("same", "One whole number is asked for"),
    ),
)
