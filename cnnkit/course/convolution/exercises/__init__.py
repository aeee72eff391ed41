"""The exercises of notebook 05, with the convolution written by hand (05.4) in full."""

from __future__ import annotations

import numpy as np

from cnnkit.course.convolution.exercises.sizes import READING, SAME, SIZE
from cnnkit.course.convolution.exercises.values import ALEXNET, STACK
from cnnkit.course.kit.exercise import FunctionExercise, Mistake

# The solution is printed in the notebook, so it looks like the stub: no type hints.


def conv(x, w, s):
    height = (x.shape[0] - w.shape[0]) // s + 1
    width = (x.shape[1] - w.shape[1]) // s + 1
    y = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            window = x[i * s : i * s + w.shape[0], j * s : j * s + w.shape[1]]
            y[i, j] = (window * w).sum()
    return y


def conv_cases():
    """Small images, neither square nor symmetric, in whole numbers and in floats."""
    rng = np.random.default_rng(54)
    cases = [(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[1, 0], [2, -1]]), 1)]
    for size in range(3, 9):
        for s in (1, 2, 3):
            shapes = (size, size + int(rng.integers(1, 4))), tuple(rng.integers(1, 4, size=2))
            cases += [(rng.integers(-5, 6, size=shapes[0]), rng.integers(-3, 4, size=shapes[1]), s)]
            cases += [(rng.normal(size=shapes[0]), rng.normal(size=shapes[1]), s)]
    return cases


def stride_in_the_result_only(x, w, s):
    """A wrong answer: the output has the right size, but the window moves one pixel at a time."""
    height, width = conv(x, w, s).shape
    return conv(x, w, 1)[:height, :width]


def last_row_and_column_left_at_zero(x, w, s):
    """A wrong answer: the loops end one early in a result of the right size."""
    y = conv(x, w, s)
    y[-1], y[:, -1] = 0, 0
    return y


STOPS = {
    "matmul": (
        "`@` multiplies matrices. Here the numbers that overlap are multiplied, one by one, and then added: "
        "`(window * w).sum()`."
    ),
    "could not be broadcast": (
        "The window and w have different shapes there. Does one k stand for both sides? A kernel need not be square: "
        "its height is `w.shape[0]`, its width `w.shape[1]`. Or does the last window run over the edge?"
    ),
}


class ByHand(FunctionExercise):
    """Where an answer stops with an error, two mistakes are so common that they have names."""

    def judged(self, answer):
        """What `FunctionExercise` says, and after an error of NumPy what it comes from."""
        passed, message = super().judged(answer)
        for sign, meaning in STOPS.items():
            if passed is False and message.startswith("Your function stops") and sign in message:
                return passed, f"{message} {meaning}"
        return passed, message


BY_HAND = ByHand(
    key="05.4",
    title="A convolution by hand",
    name="conv",
    question=(
        "Write `conv(x, w, s)`: place the kernel w (an array of shape (k_h, k_w)) on the image x (of shape (H, W)), "
        "multiply the numbers that overlap, add them up, and move on by s. One channel, no padding, no bias; return "
        "a new array. Loops are fine; cnnkit "
        "and torch are not."
    ),
    stub="def conv(x, w, s):\n    ...",
    hints=(
        "First the shape: `(H - k_h) // s + 1` rows, and the columns alike. Make a `np.zeros` of that shape.",
        "Output (i, j) belongs to the window whose top left corner is at (i·s, j·s).",
        "`x[i * s : i * s + k_h, j * s : j * s + k_w]` is the window. Multiply it by w and take the sum.",
    ),
    solution=conv,
    praise="It is what every framework computes. How many multiplications does it do for 224×224 and a 3×3 kernel?",
    cases=conv_cases,
    neutral={"s": 1},
    mistakes=(
        Mistake(
            lambda x, w, s: conv(x, w[::-1, ::-1], s),
            "You flip the kernel: that is the mathematician's convolution. A CNN uses the kernel as it is.",
        ),
        Mistake(
            lambda x, w, s: conv(x, w, s).T,
            "Rows and columns have changed places: y[i, j] belongs to the window in row i and column j.",
        ),
        Mistake(
            lambda x, w, s: conv(x, w, s)[:-1, :-1],
            "The last row and the last column are missing: there are (H − k)//s + 1 windows along an axis.",
        ),
        Mistake(
            last_row_and_column_left_at_zero,
            "The last row and the last column stay 0: your loops end one early. A side of H has (H − k)//s + 1 "
            "windows, "
            "and the + 1 belongs into `range` as well.",
        ),
        Mistake(
            lambda x, w, s: conv(x, np.ones_like(w), s),
            "You add up the pixels of the window. Multiply each by its weight first.",
        ),
        Mistake(
            lambda x, w, s: conv(x[w.shape[0] - 1 :, w.shape[1] - 1 :], w[-1:, -1:], s),
            "Only the last product of each window is left: `=` overwrites those before it. Add them up with `+=`.",
        ),
        Mistake(
            lambda x, w, s: conv(x, w, s) / w.size,
            "You take the mean of the products. A convolution takes their sum.",
        ),
        Mistake(
            lambda x, w, s: conv(x, w, 1),
            "You leave the stride out: the window moves by one pixel whatever s is.",
        ),
        Mistake(
            stride_in_the_result_only,
            "The shape is right, but the window still moves by one pixel: for output (i, j) it starts at (i·s, j·s).",
        ),
        Mistake(
            lambda x, w, s: conv(x, w, s).astype(int),
            "Your result holds whole numbers only, so fractions are cut off: make it of floats, with plain `np.zeros`.",
        ),
    ),
)

EXERCISES = (SIZE, SAME, ALEXNET, BY_HAND, STACK, READING)
