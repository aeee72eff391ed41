"""The exercises of notebook 05 on sizes: the formula, the padding that keeps them, the columns left over."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.exercise import FunctionExercise, Mistake

# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def output_size(n, k, s, p, d):
    span = d * (k - 1) + 1
    return (n + 2 * p - span) // s + 1


def same(k, d):
    total = d * (k - 1)
    return None if total % 2 else total // 2


def never_read(n, k, s, p):
    left_over = (n + 2 * p - k) % s
    return max(0, left_over - p)


def size_cases():
    """Settings of every kind for which the kernel fits, half of them with a remainder."""
    rng = np.random.default_rng(51)
    edges = [(5, 5, 1, 0, 1), (1, 1, 3, 0, 2), (7, 3, 2, 0, 1), (6, 3, 2, 0, 1), (32, 5, 2, 0, 1), (5, 3, 1, 1, 1)]
    drawn = rng.integers([1, 1, 1, 0, 1], [40, 8, 6, 4, 4], size=(300, 5)).tolist()
    fitting = [tuple(c) for c in drawn if c[0] + 2 * c[3] > c[4] * (c[1] - 1)]
    plain = [(n, k, s, 0, 1) for n in (8, 9, 10, 11) for k in (1, 2, 3, 4) for s in (1, 2, 3)]
    return list(dict.fromkeys([*edges, *plain, *fitting]))


def same_cases():
    """Kernels 1 to 11, odd and even, with dilation 1 to 6."""
    return [(k, d) for k in range(1, 12) for d in range(1, 7)]


def reading_cases():
    """Settings with every remainder, for which the kernel fits and the padding is at most half of it."""
    return [
        (n, k, s, p) for n in range(3, 12) for k in range(1, 5) for s in range(1, 5) for p in range(k // 2 + 1)
        if n + 2 * p >= k
    ]  # fmt: skip


SIZE = FunctionExercise(
    key="05.1",
    title="The size formula",
    name="output_size",
    question=(
        "Write `output_size(n, k, s, p, d)`: how many outputs a convolution has along one axis, for input size n, "
        "kernel size k, stride s, padding p on each side and dilation d. The kernel always fits. Nothing sticks out: "
        "what is left over on the right is not read."
    ),
    stub="def output_size(n, k, s, p, d):\n    ...",
    hints=(
        "How many pixels does the kernel span from its first weight to its last? With d = 1 it is k, with k = 1 "
        "always 1.",
        "The first window starts at 0. How far can it move in n + 2p pixels, and how many steps of s is that?",
        "span = d(k − 1) + 1. The steps are (n + 2p − span) // s, and the first window counts as well.",
    ),
    solution=output_size,
    praise="It is the size that PyTorch gives. With k = 5 and s = 2, for which n is there no remainder?",
    cases=size_cases,
    neutral={"s": 1, "p": 0, "d": 1},
    mistakes=(
        Mistake(
            lambda n, k, s, p, d: -(-(n + 2 * p - d * (k - 1) - 1) // s) + 1,
            "Your size is one too large whenever the division has a remainder: did you round up? A last window that "
            "does not fit completely is left out, so round down.",
        ),
        Mistake(
            lambda n, k, s, p, d: (n + p - d * (k - 1) - 1) // s + 1,
            "You count the padding once. It is added on both sides: 2p.",
        ),
        Mistake(
            lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s,
            "Always one too few: you count the steps of the window, but the place where it starts is an output too.",
        ),
        Mistake(
            lambda n, k, s, p, d: (n + 2 * p - k) // s + 1,
            "Right without dilation. With dilation d the kernel spans more than k pixels: its weights are d apart.",
        ),
        Mistake(
            lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1,
            "You let the kernel span d·k pixels. Between k weights lie only k − 1 steps of d: it spans d(k − 1) + 1.",
        ),
        Mistake(
            lambda n, k, s, p, d: (n + 2 * p - k - d * (k - 1)) // s + 1,
            "You count the dilation from 0, as the pixels left out between two weights. Here, as in PyTorch, d = 1 "
            "is the "
            "ordinary kernel: neighbouring weights are d apart.",
        ),
        Mistake(
            lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) / s + 1,
            "The formula is right, but `/` keeps the fraction. There are no half outputs: use `//`, which rounds down.",
        ),
        Mistake(
            lambda n, k, s, p, d: round((n + 2 * p - d * (k - 1) - 1) / s) + 1,
            "You round to the nearest whole number. A window that fits only for the most part is left out: round down.",
        ),
        Mistake(
            lambda n, k, s, p, d: (n + 2 * p - d * (k - 1)) // s + 1,
            "The kernel spans d(k − 1) + 1 pixels. You take away one less, which matters when it completes a step.",
        ),
        Mistake(
            lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1 + 1) // s,
            "The + 1 stands inside the division. The first window is one whole output: divide first, then add 1.",
        ),
    ),
)

SAME = FunctionExercise(
    key="05.2",
    title="Padding that keeps the size",
    name="same",
    question=(
        "Write `same(k, d)`: the padding on each side that keeps the size at stride 1, for kernel size k and dilation "
        "d. If no padding does it, the same on both sides, return `None`."
    ),
    stub="def same(k, d):\n    ...",
    hints=(
        "Put o = n and s = 1 into the size formula and solve for p.",
        "2p = d(k − 1). When is that not possible with a whole p?",
        "An even kernel is not always the trouble: try k = 4 with d = 2.",
    ),
    solution=same,
    praise="And it is computed, not found by experience. Which even kernels have one, and with which dilations?",
    cases=same_cases,
    neutral={"d": 1},
    mistakes=(
        Mistake(lambda k, d: k // 2, "You leave the dilation out: the kernel spans d(k − 1) + 1 pixels, not k."),
        Mistake(
            lambda k, d: d * (k // 2),
            "Right for odd kernels. For an even k the padding `d * (k // 2)` makes the output larger than the input.",
        ),
        Mistake(
            lambda k, d: d * (k - 1),
            "That is the padding of both sides together. Each side gets half of it, if it can be halved.",
        ),
        Mistake(
            lambda k, d: d * (k - 1) // 2,
            "The number is right where there is one. But if d(k − 1) is odd, half of it is no whole number, and "
            "rounding it makes the output one smaller than the input: return `None`.",
        ),
        Mistake(
            lambda k, d: d * (k - 1) / 2,
            "The formula is right, but `/` gives a float, and half a pixel where d(k − 1) is odd. Return a whole "
            "number, or `None`.",
        ),
        Mistake(
            lambda k, d: None if k % 2 == 0 else d * (k - 1) // 2,
            "Right for odd kernels. But an even kernel can have one: with an even dilation, d(k − 1) is even too.",
        ),
        Mistake(
            lambda k, d: d * k // 2, "You take d·k for the span. Between k weights there are k − 1 steps: d(k − 1)."
        ),
    ),
)

READING = FunctionExercise(
    key="05.6",
    title="The columns that nobody reads",
    name="never_read",
    question=(
        "Write `never_read(n, k, s, p)`: how many of the n columns of the image lie to the right of the last window "
        "(no dilation)? Columns of the padding do not count."
    ),
    stub="def never_read(n, k, s, p):\n    ...",
    hints=(
        "Start with p = 0. Behind the first window there are n − k columns, and the window moves in steps of s.",
        "In the padded row, the remainder of the division in the size formula is left over: `(n + 2 * p - k) % s`.",
        "The last p columns of the padded row are padding. They are left over first.",
    ),
    solution=never_read,
    praise="With a little padding, the remainder often costs no pixel of the image. And if s is larger than k?",
    cases=reading_cases,
    neutral={"s": 1, "p": 0},
    mistakes=(
        Mistake(lambda n, k, s, p: (n - k) % s, "You leave the padding out: the window moves along n + 2p columns."),
        Mistake(
            lambda n, k, s, p: (n + 2 * p - k) % s,
            "That is what is left over in the padded row. Its last p columns are padding, not image.",
        ),
        Mistake(
            lambda n, k, s, p: max(0, (n + 2 * p - k) % s - 2 * p),
            "You take the padding of both sides away. Only the padding on the right lies behind the last window.",
        ),
        Mistake(
            lambda n, k, s, p: (n + 2 * p - k) % s - p,
            "Where the last window ends in the padding your number is negative. Then no column is left over: 0.",
        ),
        Mistake(
            lambda n, k, s, p: n % s,
            "The windows lie s apart, but the first one already covers k columns: the remainder is that of n + 2p − k.",
        ),
        Mistake(
            lambda n, k, s, p: 0,
            "You say that every column is read. Try n = 6, k = 3, s = 2: the second window ends at column 5.",
        ),
    ),
)
