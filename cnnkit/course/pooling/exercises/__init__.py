"""The exercises of notebook 04, with a maximum by hand (04.2) and an average as a convolution (04.7) in full."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.exercise import FunctionExercise, Mistake
from cnnkit.course.pooling.exercises.backward import BACKWARD
from cnnkit.course.pooling.exercises.blurred import BLURRED
from cnnkit.course.pooling.exercises.networks import FIELD, PARAMETERS
from cnnkit.course.pooling.exercises.sizes import DIVISOR, SIZE

# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def max_pool(x, k, s, p):
    x = np.pad(x.astype(float), p, constant_values=-np.inf)
    height = (x.shape[0] - k) // s + 1
    width = (x.shape[1] - k) // s + 1
    y = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            y[i, j] = x[i * s : i * s + k, j * s : j * s + k].max()
    return y


def average_weight(C, k):
    weight = np.zeros((C, C, k, k))
    for c in range(C):
        weight[c, c] = 1 / k**2
    return weight


def max_pool_cases():
    """Images that are not square, many of them negative throughout, so that a padding of zeros shows.

    Three are negative by so much that no number but −∞ is safe, and two hold decimals.
    """
    rng = np.random.default_rng(42)
    cases = [(np.array([[1, 5, 2, 0], [3, 4, 9, 6]]), 2, 2, 0), (np.array([[-1, -5, -2], [-3, -4, -9]]), 2, 1, 1)]
    for height in range(3, 8):
        for k, s, p in ((1, 1, 0), (2, 2, 0), (2, 1, 1), (3, 2, 1), (3, 1, 0), (3, 3, 1), (2, 3, 0), (2, 2, 1)):
            shape = height, height + int(rng.integers(1, 4))
            cases.append((rng.integers(-9, 2 if p else 9, size=shape), k, s, p))
    cases.append((np.array([[-(10**10), -2 * 10**10]]), 2, 1, 1))
    cases += [(rng.integers(-9, -1, size=(3, 4)) * 2**40, k, s, p) for k, s, p in ((2, 1, 1), (4, 2, 2))]
    return cases + [(rng.integers(-9, 9, size=(4, 6)) / 2, k, s, p) for k, s, p in ((2, 2, 0), (3, 2, 1))]


def weight_cases():
    """One to five channels, windows of one to four pixels a side; never one of each, where shapes look alike."""
    return [(C, k) for C in (1, 2, 3, 5) for k in (1, 2, 3, 4) if (C, k) != (1, 1)]


SMALL_ONLY = (1, 9, 99, 100, 255, 999, 1000, 9999, 10**4, 10**5, 10**6, 10**9)  # what learners pad with, negative


def pool_with(pick, padding=-np.inf):
    """A max pooling that makes `pick(window)` of each window."""

    def wrong(x, k, s, p):
        x = np.pad(x.astype(float), p, constant_values=padding)
        rows, columns = ((size - k) // s + 1 for size in x.shape)
        return np.array(
            [[pick(x[i * s : i * s + k, j * s : j * s + k]) for j in range(columns)] for i in range(rows)], float
        )

    return wrong


def stride_in_the_result_only(x, k, s, p):
    """A wrong answer: the output has the right size, but the window moves one pixel at a time."""
    height, width = max_pool(x, k, s, p).shape
    return max_pool(x, k, 1, p)[:height, :width]


def padded_once(x, k, s, p):
    """A wrong answer: the padding is added below and to the right only."""
    x = np.pad(x.astype(float), (0, 2 * p), constant_values=-np.inf)
    return max_pool(x, k, s, 0)


MAX = FunctionExercise(
    key="04.2",
    title="Max pooling by hand",
    name="max_pool",
    question=(
        "Write `max_pool(x, k, s, p)`: the largest number in each k × k window of the array x, of shape (H, W), with "
        "stride s and padding p on each side. Round down; return a new array. Numbers may be negative. Loops are fine; "
        "cnnkit and torch are not."
    ),
    stub="def max_pool(x, k, s, p):\n    ...",
    hints=(
        "Padding first: `np.pad(x, p, constant_values=…)`. Which number never wins against a pixel?",
        "That is −∞, `-np.inf`. Whole numbers have none, so `x.astype(float)` first.",
        "There are `(H + 2 * p - k) // s + 1` rows. Output (i, j) is the largest number of "
        "`x[i * s : i * s + k, j * s : j * s + k]`, with x padded.",
    ),
    solution=max_pool,
    praise="With 0 in the padding, an image of negative numbers would have got a border of zeros.",
    cases=max_pool_cases,
    neutral={"p": 0, "s": 1},
    stops=(
        (
            r"infinity|inf\b",
            "An array of whole numbers cannot hold −∞: make it one of floats first, `x.astype(float)`.",
        ),
    ),
    mistakes=(
        Mistake(
            pool_with(np.max, padding=0),
            "You pad with 0. Where all pixels of a window are negative, that 0 wins, and no pixel holds it. The "
            "padding of a maximum is −∞.",
        ),
        *(
            Mistake(
                pool_with(np.max, padding=-size),
                f"You pad with −{size:,}, which is only small enough for some pictures: where all pixels are smaller, "
                "it wins. Nothing is smaller than −∞.",
            )
            for size in SMALL_ONLY
        ),
        Mistake(
            pool_with(lambda window: max(0, window.max())),
            "Your running maximum starts at 0, so no negative number can win. Start it at −∞, or at the window's first "
            "number.",
        ),
        Mistake(
            lambda x, k, s, p: max_pool(x, k, s, p).astype(int),
            "Your result holds whole numbers and cuts the decimals off: it should hold floats.",
        ),
        Mistake(
            stride_in_the_result_only,
            "The size is right, but your window moves one pixel at a time. Window (i, j) starts at row i·s and column "
            "j·s.",
        ),
        Mistake(
            lambda x, k, s, p: max_pool(x, k, 1, p),
            "You leave the stride at 1: the window moves on by s.",
        ),
        Mistake(
            lambda x, k, s, p: max_pool(x, k, k, p),
            "You move on by k. That is the stride of a pooling when none is given; here s is given.",
        ),
        Mistake(
            lambda x, k, s, p: max_pool(x, k, s, 0),
            "You leave the padding out: p rows and columns are added on each side.",
        ),
        Mistake(
            padded_once,
            "You pad below and on the right only, twice. Half of it belongs above and on the left.",
        ),
        Mistake(
            pool_with(np.mean, padding=0),
            "That is the average of each window. The largest number is asked for.",
        ),
        Mistake(
            pool_with(lambda window: window.ravel()[np.abs(np.where(np.isinf(window), 0, window)).argmax()]),
            "You take the number with the largest size, whatever its sign. −9 is smaller than −1.",
        ),
        Mistake(
            pool_with(np.argmax),
            "`argmax` says where the largest number is. What it is, is asked for: `max`.",
        ),
    ),
)

AVERAGE = FunctionExercise(
    key="04.7",
    title="An average pooling as a convolution",
    name="average_weight",
    question=(
        "Write `average_weight(C, k)`: the weight, of shape (C, C, k, k), with which `conv2d(x, weight, stride=k)` "
        "does what `avg_pool2d(x, k)` does, for an x with C channels."
    ),
    stub="def average_weight(C, k):\n    ...",
    hints=(
        "Filter number c has a k × k kernel for each channel of the input. Which channel should output c come from?",
        "The kernels for all other channels are 0, so start with `np.zeros((C, C, k, k))`.",
        "In `weight[c, c]` all k·k weights are equal, and they add up to 1.",
    ),
    solution=average_weight,
    praise="A strided convolution can learn to average, at C·C·k·k weights. Is there a weight that makes it a maximum?",
    cases=weight_cases,
    neutral={"C": 1, "k": 1},
    mistakes=(
        Mistake(
            lambda C, k: np.full((C, C, k, k), 1 / k**2),
            "You give every channel the same weights: each output then adds up all channels. A pooling keeps them "
            "apart; only `weight[c, c]` is not 0.",
        ),
        Mistake(
            lambda C, k: np.full((C, C, k, k), 1 / (C * k**2)),
            "You average over the channels, too. A pooling keeps them apart; only `weight[c, c]` is not 0.",
        ),
        Mistake(
            lambda C, k: average_weight(C, k) * k**2,
            "Your outputs are sums, k·k times as large as the averages: divide.",
        ),
        Mistake(
            lambda C, k: average_weight(C, k) * k,
            "You divide by k. A window has k·k pixels.",
        ),
        Mistake(
            lambda C, k: np.full((C, 1, k, k), 1 / k**2),
            "That is the weight with `groups=C`, where a filter sees its own channel only: C times fewer numbers. Here "
            "it is asked for without groups.",
        ),
        Mistake(
            lambda C, k: average_weight(C, k) * np.eye(1, k * k).reshape(k, k) * k**2,
            "You keep the pixel in the upper left corner and leave out the others. That is taking every k-th pixel.",
        ),
    ),
)

EXERCISES = (SIZE, MAX, BACKWARD, BLURRED, FIELD, DIVISOR, AVERAGE, PARAMETERS)
