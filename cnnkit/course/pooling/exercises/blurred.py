"""The exercise of lesson 04 on the blur before the stride (04.4)."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.exercise import FunctionExercise, Mistake

# The solution is printed in the notebook, so it looks like the stub: no type hints.


def blur_pool(row):
    largest = np.maximum(row, np.roll(row, -1))
    blurred = (np.roll(largest, 1) + 2 * largest + np.roll(largest, -1)) / 4
    return blurred[::2]


def blur_cases():
    """Stripes, then rows of whole numbers of both signs, and of halves; every length is even."""
    rng = np.random.default_rng(45)
    cases = [np.array([0, 0, 1, 1, 0, 0, 1, 1]), np.array([1, 0, 0, 1, 1, 0, 0, 1]), np.array([0, 8, 0, 4, 0, 0])]
    cases += [rng.integers(-9, 10, size) for size in (4, 6, 6, 8, 10, 12)]
    return [(row,) for row in [*cases, rng.integers(-9, 10, 6) / 2, rng.integers(-9, 10, 8) / 2]]


def _largest(row):
    return np.maximum(row, np.roll(row, -1))


def _blurred(row):
    return (np.roll(row, 1) + 2 * row + np.roll(row, -1)) / 4


BLURRED = FunctionExercise(
    key="04.4",
    title="A blur before the stride",
    name="blur_pool",
    question=(
        "Write `blur_pool(row)`: max pooling of a row with a blur before its stride of 2. First the largest of each "
        "number and its right neighbour. Then the blur, (left + 2 · number + right)/4. Then every second number, from "
        "the first on. The row is a ring: behind the last number comes the first. Its length is even. Return a new "
        "array."
    ),
    stub="def blur_pool(row):\n    ...",
    hints=(
        "`np.roll(row, -1)` is the row moved to the left by one: at each place it holds the right neighbour.",
        "The blur needs both neighbours of the *maxima*: `np.roll(largest, 1)` and `np.roll(largest, -1)`.",
        "Only at the end: `blurred[::2]`.",
    ),
    solution=blur_pool,
    praise="Try it on `[0, 1, 0, 1]` and on the same row, moved by one. What is left of stripes one pixel wide?",
    cases=blur_cases,
    mistakes=(
        Mistake(
            lambda row: _largest(row)[::2],
            "That is max pooling as it always is: the blur between the maximum and the stride is missing.",
        ),
        Mistake(
            lambda row: 4 * blur_pool(row),
            "The weights 1, 2 and 1 add up to 4: divide by 4, or the row becomes four times as bright.",
        ),
        Mistake(
            lambda row: ((np.roll(_largest(row), 1) + _largest(row) + np.roll(_largest(row), -1)) / 3)[::2],
            "That is the mean of three numbers. In this blur the number itself counts twice, and four is the divisor.",
        ),
        Mistake(
            lambda row: _blurred(_largest(row)[::2]),
            "You keep every second number first and blur then. What falls between is gone by then: blur first.",
        ),
        Mistake(
            lambda row: _blurred(row)[::2],
            "You blur the row itself: the maximum of two neighbours is missing.",
        ),
        Mistake(
            lambda row: _largest(_blurred(row))[::2],
            "You blur first and take the maximum then. Here the maximum comes first: it is the pooling that is "
            "blurred.",
        ),
        Mistake(
            lambda row: _blurred(_largest(row))[1::2],
            "You keep the second number, the fourth and so on. Begin with the first: `[::2]`.",
        ),
        Mistake(
            lambda row: _blurred(np.maximum(row, np.roll(row, 1)))[::2],
            "You compare with the left neighbour. `np.roll(row, -1)` brings the right one.",
        ),
        Mistake(
            lambda row: _blurred(_largest(row)),
            "Nothing is skipped: keep every second number, `[::2]`.",
        ),
        Mistake(
            lambda row: (np.convolve(_largest(row), [1, 2, 1], "same") / 4)[::2],
            "At the ends you blur with zeros. The row is a ring: left of the first number stands the last.",
        ),
        Mistake(
            lambda row: _blurred(np.maximum(row, np.append(row[1:], row[-1])))[::2],
            "The last number has a right neighbour, too: the row is a ring, and there stands the first.",
        ),
        Mistake(
            lambda row: (4 * _blurred(_largest(row)) // 4)[::2],
            "You divide with `//`, which cuts the quarters off. Divide with `/`.",
        ),
        Mistake(
            lambda row: _blurred((row + np.roll(row, -1)) / 2)[::2],
            "You take the mean of two neighbours. Max pooling takes the larger.",
        ),
    ),
)
