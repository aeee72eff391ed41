"""The exercises of notebook 03 on one layer: counts, masks, sums. The others are in `dropout_networks`."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit.course.dropout.exercises.backward import BACKWARD
from cnnkit.course.dropout.exercises.draws import MaskedExercise, NearExercise
from cnnkit.course.dropout.exercises.networks import CHANNELS, COUNT, MEAN, POOLED
from cnnkit.course.kit.exercise import Mistake, ValueExercise
from cnnkit.course.kit.exercise_words import array, called, show

# 400 units, p = 0.2: 400·0.2 = 80 zeros, √(400·0.2·0.8) = 8
RIGHT = [80, 8]
KNOWN = {
    (320, 8): "320 is how many are kept. PyTorch's p is the probability to drop; the 2014 paper's was the other one.",
    (80, 64): "64 is the variance, n·p·(1 − p). The standard deviation is its square root.",
    (320, 64): "320 is how many are kept, and 64 is a variance: PyTorch's p drops, and a root is missing.",
    (80, 8.94): "You take √(n·p). Each unit is a coin with variance p·(1 − p): a factor 1 − p is missing in the root.",
    (80, 17.89): "You take √(n·(1 − p)). Each unit is a coin with variance p·(1 − p): a factor p is missing.",
    (80, 0.4): "0.4 is the standard deviation of one unit's coin. The variances of 400 coins add up: 400·0.16.",
    (80, 160): "You add up 400 standard deviations of 0.4. It is the variances that add up; take the root at the end.",
    (80, 0): "On average it is 80, but each unit throws a coin of its own, so the count differs from draw to draw.",
    (8, 80): "Both numbers are right but have changed places: first the number expected, then the standard deviation.",
    (200, 10): "That would be p = 0.5.",
}  # fmt: skip


def judge_zeros(answer: Any) -> str:
    """How many zeros, and give or take how many?"""
    wanted = "A list of two numbers is asked for, such as `zeros = [100, 5]`"
    if not isinstance(answer, (list, tuple, np.ndarray)):
        return f"{wanted}; this is {called(answer)}."
    numbers = array(answer)
    if numbers is None:
        return f"{wanted}; this is {called(answer)} that holds something else than numbers."
    if numbers.shape != (2,) or numbers.dtype.kind not in "iuf" or not np.isfinite(numbers).all():
        return f"{wanted}; this is {show(answer)}."
    mean, spread = (float(number) for number in numbers)
    near = {pair: text for pair, text in KNOWN.items() if np.allclose((mean, spread), pair, rtol=0, atol=0.006)}
    if near:
        return next(iter(near.values()))
    if abs(mean - RIGHT[0]) > 0.006:
        return f"The first number is not {show(mean)}: 400 units, and each is dropped with probability 0.2."
    if abs(spread - RIGHT[1]) > 0.006:
        return f"80 is right, but the standard deviation is not {show(spread)}: √(n·p·(1 − p))."
    return ""


# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def dropout(x, u, p, training):
    if not training:
        return x
    return np.where(u < p, 0, x / (1 - p))


def dropout_cases():
    """Arrays of floats and, later, of whole numbers; training and not; no u is exactly p; two twins of one case."""
    rng = np.random.default_rng(31)
    cases = [(np.array([2.0, 4.0, 6.0, 8.0]), np.array([0.9, 0.1, 0.3, 0.7]), 0.5, on) for on in (True, False)]
    for shape, p in (((5,), 0.2), ((2, 3), 0.75), ((3, 4), 0.4), ((6,), 0.0)):
        for on in (True, False):
            cases.append((rng.integers(1, 90, shape) / 10, rng.random(shape), p, on))
    cases += [(rng.integers(1, 10, (4, 5)), rng.random((4, 5)), 0.3, on) for on in (True, False)]
    x, u, other = rng.integers(1, 90, 40) / 10, rng.random(40), rng.random(40)
    return cases + [(x, each, 0.6, True) for each in (u, u, other)]


def _training(formula):
    """A wrong answer that is right outside training."""
    return lambda x, u, p, training: formula(x, u, p) if training else x


def _testing(formula):
    """A wrong answer that is right in training."""
    return lambda x, u, p, training: dropout(x, u, p, True) if training else formula(x, u, p)


def in_place(x, u, p, training):
    if training:
        x *= u >= p
        x /= 1 - p
    return x


def keeps_the_type(x, u, p):
    y = np.zeros_like(x)
    y[u >= p] = (x / (1 - p))[u >= p]
    return y


ZEROS = ValueExercise(
    key="03.1",
    title="Zeros in a layer",
    name="zeros",
    question=(
        "PyTorch's `nn.Dropout(p=0.2)` stands behind a layer of 400 units, in training. How many units become 0 on "
        "average, and what is the standard deviation of that number? Give both as a list `[mean, sd]`."
    ),
    stub="zeros = ...",
    hints=(
        "Is PyTorch's p the probability to drop or to keep?",
        "Each unit is a coin of its own. The number of coins that fall on 'drop' is Binomial(n, p).",
        "The binomial has mean n·p and variance n·p·(1 − p).",
    ),
    solution=RIGHT,
    praise="In seven draws of ten the count lies between 72 and 88. With 40,000 units, how far is it from 8,000?",
    judge=judge_zeros,
    mistakes=tuple(Mistake(list(answer), text) for answer, text in KNOWN.items()),
)

DROPOUT = MaskedExercise(
    key="03.2",
    title="Dropout in a few lines",
    name="dropout",
    question=(
        "Write `dropout(x, u, p, training)` as today's frameworks do it. `u` has the shape of x and holds random "
        "numbers between 0 and 1: an entry of x is dropped where u < p. The others are scaled so that the average "
        "stays what it was. Outside training, return x. In training, return a new array and leave x as it is."
    ),
    stub="def dropout(x, u, p, training):\n    ...",
    hints=(
        "With probability 1 − p an entry survives. What must it be multiplied with, so that its average is x again?",
        "(1 − p)·x/(1 − p) = x: divide what is kept by 1 − p, while training. Then nothing is left to do when testing.",
        "`np.where(u < p, 0, …)` makes a new array.",
    ),
    solution=dropout,
    praise="And with p = 1? Yours divides by 0 then. PyTorch returns zeros: everything is dropped.",
    cases=dropout_cases,
    neutral={"p": 0.0, "training": False},
    through=lambda x, u, p, training: (x, u >= p) if training else None,
    mistakes=(
        Mistake(
            _training(lambda x, u, p: np.where(u < p, x / p if p else x, 0)),
            "You take p for the probability to keep, as the paper of 2014 did. Here p is the probability to drop.",
        ),
        Mistake(
            _training(lambda x, u, p: np.where(u < p, x / (1 - p), 0)),
            "The scale is right, but what should be dropped is kept: an entry is dropped where u < p.",
        ),
        Mistake(
            _training(lambda x, u, p: np.where(u < p, 0, x)),
            "Nothing is scaled: with p = 0.5 half of the sum is gone in training, and all of it is there when testing.",
        ),
        Mistake(
            _training(lambda x, u, p: np.where(u < p, 0, x * (1 - p))),
            "You multiply what is kept by 1 − p. That makes it smaller, and it must make up for what is dropped.",
        ),
        Mistake(
            _training(lambda x, u, p: np.where(u < p, 0, x / p if p else x)),
            "You divide by p, the share dropped. It is the share kept, 1 − p, that has to be made up for.",
        ),
        Mistake(
            _training(lambda x, u, p: np.where(u < p, 0, x) / np.mean(u >= p)),
            "You divide by the share that this draw happened to keep. On average that is no longer x: divide by 1 − p.",
        ),
        Mistake(
            _testing(lambda x, u, p: x * (1 - p)),
            "In training you divide by 1 − p, and when testing you multiply as well: one of the two is too much.",
        ),
        Mistake(
            _testing(lambda x, u, p: x / (1 - p)),
            "When testing nothing is dropped, so there is nothing to make up for: leave x as it is.",
        ),
        Mistake(
            lambda x, u, p, training: np.where(u < p, 0, x) if training else x * (1 - p),
            "That is dropout as in the paper of 2014: no division in training, a product when testing. It is right on "
            "average, but today's frameworks scale in training, and leave testing alone.",
        ),
        Mistake(
            lambda x, u, p, training: dropout(x, u, p, True),
            "You drop when testing as well: `training` is never looked at, and predictions become random.",
        ),
        Mistake(
            lambda x, u, p, training: dropout(x, u, p, not training),
            "`training` is turned round: you drop when testing, and leave x alone while training.",
        ),
        Mistake(
            _training(keeps_the_type),
            "With whole numbers in x your result holds whole numbers too, and cuts the decimals off: an array made "
            "with `np.zeros_like(x)` or `x.copy()` has the type of x.",
        ),
        Mistake(in_place, "Your function changes its input `x`"),
    ),
)


def sum_variance(h, p):
    return np.sum(h**2) * p / (1 - p)


def variance_cases():
    """Layers of one to twelve units, some negative; p on both sides of one half."""
    rng = np.random.default_rng(33)
    layers = [np.array([3.0]), np.array([1.0, 2.0]), np.array([2.0, -1.0, 4.0]), rng.integers(-30, 31, 12) / 10]
    return [(h, p) for h in layers for p in (0.1, 0.25, 0.4, 0.8)]


SPREAD = NearExercise(
    key="03.3",
    title="How far the sum scatters",
    name="sum_variance",
    question=(
        "A layer's outputs `h` are fixed. Dropout sets each to 0 with probability p and divides the others by 1 − p. "
        "The sum of the layer then differs from draw to draw. Write `sum_variance(h, p)`: the variance of that sum."
    ),
    stub="def sum_variance(h, p):\n    ...",
    hints=(
        "One unit first. It is h/(1 − p) with probability 1 − p, else 0: what are its mean and the mean of its square?",
        "The mean is h, the mean of the square h²/(1 − p). The variance is the mean of the square less the mean², h².",
        "The coins are thrown independently, so the variances of the units add up.",
    ),
    solution=sum_variance,
    praise="With p = 0.5 each unit adds h²: dropout is noise as large as the signal. What does p = 0.9 make of it?",
    cases=variance_cases,
    mistakes=(
        Mistake(
            lambda h, p: np.sum(h**2) * p * (1 - p),
            "That is the variance without the division by 1 − p. A factor 1/(1 − p) counts squared in a variance.",
        ),
        Mistake(
            lambda h, p: np.sum(h) ** 2 * p / (1 - p),
            "You square the sum. That would be right if one coin decided over the whole layer; each unit has its own, "
            "so sum the squares.",
        ),
        Mistake(
            lambda h, p: np.sum(h**2) / (1 - p),
            "That is the sum of the mean squares. From each unit's mean square, h²/(1 − p), take the square of its "
            "mean, h².",
        ),
        Mistake(
            lambda h, p: np.sum(h**2) * (1 - p) / p,
            "p and 1 − p have changed places: p is the probability to drop, and with p = 0 nothing scatters.",
        ),
        Mistake(
            lambda h, p: np.sqrt(np.sum(h**2) * p / (1 - p)),
            "That is the standard deviation. The variance, its square, is asked for.",
        ),
        Mistake(
            lambda h, p: np.sum(h) * p / (1 - p),
            "h has to be squared: a number twice as large scatters with a variance four times as large.",
        ),
        Mistake(
            lambda h, p: np.sum(np.abs(h)) * p / (1 - p),
            "h has to be squared, not only made positive: twice the number has four times the variance.",
        ),
        Mistake(
            lambda h, p: len(h) * p / (1 - p),
            "That is for outputs that are all 1. Each unit counts with the square of its own output.",
        ),
        Mistake(
            lambda h, p: np.sum(h**2) * p / (1 - p) ** 2,
            "A factor 1/(1 − p) too many: p·(1 − p) is the coin's variance, and 1/(1 − p)² the scale's. Multiply them.",
        ),
        Mistake(
            lambda h, p: np.mean(h**2) * p / (1 - p),
            "You take the mean over the units. The variance of a sum is the sum of the variances.",
        ),
        Mistake(
            lambda h, p: h**2 * p / (1 - p),
            "That is the variance of each unit. The variance of their sum is one number: add them up.",
        ),
        Mistake(
            lambda h, p: np.sum(h**2) / (1 - p) - np.sum(h) ** 2,
            "You take off the square of the whole sum. That is right for one unit: for each take off its own h², then "
            "add up.",
        ),
    ),
)

EXERCISES = (ZEROS, DROPOUT, SPREAD, BACKWARD, COUNT, MEAN, CHANNELS, POOLED)
