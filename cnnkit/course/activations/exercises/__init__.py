"""The exercises of notebook 01."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import is_int
from cnnkit.course.activations.exercises.units import DEAD, PATHS
from cnnkit.course.kit.exercise import FunctionExercise, Mistake, ValueExercise
from cnnkit.course.kit.exercise_stable import StableExercise
from cnnkit.course.kit.exercise_words import called, show

# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def sigmoid_slope(x):
    y = 1 / (1 + np.exp(-x))
    return y * (1 - y)


def slope_cases():
    """The middle first, then both sides; nothing that overflows."""
    rng = np.random.default_rng(11)
    return [(np.array([0.0]),), (np.array([-1.0, 0.0, 2.0]),), (np.array([5.0, -5.0]),), (rng.normal(0, 3, (4, 5)),)]


def _sigma(x):
    return 1 / (1 + np.exp(-np.asarray(x, float)))


SLOPE = FunctionExercise(
    key="01.1",
    title="The slope of the sigmoid",
    name="sigmoid_slope",
    question=(
        "Write `sigmoid_slope(x)`: the derivative of σ(x) = 1/(1 + e⁻ˣ) at every entry of the array x. NumPy is "
        "allowed, cnnkit and torch are not. What is its largest value, and where?"
    ),
    stub="def sigmoid_slope(x):\n    ...",
    hints=(
        "Call the output y = σ(x). The derivative can be written with y alone.",
        "It is y(1 − y). Which number stands for y: the one that goes in, or the one that comes out?",
        "First `y = 1 / (1 + np.exp(-x))`, then multiply y by what is missing to 1.",
    ),
    solution=sigmoid_slope,
    praise="Its largest value is ¼, at x = 0. What is left of a gradient behind ten such layers, at best?",
    cases=slope_cases,
    mistakes=(
        Mistake(
            lambda x: x * (1 - x),
            "y(1 − y) is right for the output y = σ(x), but you put in x, the number before the sigmoid.",
        ),
        Mistake(
            lambda x: _sigma(x * (1 - x)),
            "You take the sigmoid of x(1 − x). It is the other way round: first y = σ(x), then y(1 − y).",
        ),
        Mistake(
            lambda x: _sigma(_sigma(x)) * (1 - _sigma(_sigma(x))),
            "The sigmoid is taken twice: x goes through it once, and y(1 − y) is made of what comes out.",
        ),
        Mistake(
            lambda x: 1 - _sigma(x) ** 2,
            "1 − y² is the derivative of tanh. At x = 0 it gives ¾ here; the sigmoid is four times flatter than tanh.",
        ),
        Mistake(
            lambda x: 1 - np.tanh(x) ** 2,
            "This is the derivative of tanh, whose largest value is 1. That of the sigmoid is ¼.",
        ),
        Mistake(
            lambda x: 4 * _sigma(x) * (1 - _sigma(x)),
            "The shape is right, but the top should be ¼, not 1: nothing scales the slope up.",
        ),
        Mistake(lambda x: _sigma(x), "That is the sigmoid itself. Its slope is asked for."),
        Mistake(
            lambda x: 1 - _sigma(x),
            "That is 1 − y, or e⁻ˣ/(1 + e⁻ˣ). One factor y is missing: in (1/u)′ = −u′/u² the u below is squared.",
        ),
        Mistake(
            lambda x: _sigma(x) ** 2,
            "By the chain rule (1/u)′ = −u′/u², and u = 1 + e⁻ˣ has u′ = −e⁻ˣ: the factor e⁻ˣ is missing on top.",
        ),
        Mistake(
            lambda x: -_sigma(x) * (1 - _sigma(x)),
            "The sign is wrong: there are two minus signs, of 1/u and of e⁻ˣ. The sigmoid rises everywhere.",
        ),
        Mistake(
            lambda x: _sigma(x) * (1 - _sigma(x)) * (1 - 2 * _sigma(x)),
            "That is the second derivative, the slope of the slope.",
        ),
    ),
)


def stable_sigmoid(x):
    e = np.exp(-np.abs(x))  # never more than 1
    return np.where(x >= 0, 1, e) / (1 + e)


def stable_cases():
    """Small ones first, then those that overflow: in float16 that begins at 11.1, in float32 at 88.8, then at 709.8."""
    values = [-2.0, 0.0, 1.0], [-12.0, 12.0], [-89.0, 89.0, 3.0], [-710.0, 710.0], [-1e4, 1e4], [-16.0, 9.0, -8.0]
    return [(np.array(v, dtype),) for v in values for dtype in (np.float16, np.float32, np.float64)]


def naive(x):
    """The definition as it is written: overflows for negative x."""
    return 1 / (1 + np.exp(-x))


def both_branches(x):
    """A branch for each sign, but np.where computes both for every entry."""
    return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def by_mask(x):
    """Each branch for its own entries, in an array that forgets the type."""
    y = np.zeros(x.shape)
    y[x >= 0] = 1 / (1 + np.exp(-x[x >= 0]))
    y[x < 0] = np.exp(x[x < 0]) / (1 + np.exp(x[x < 0]))
    return y


STABLE = StableExercise(
    key="01.2",
    title="A sigmoid that never overflows",
    name="stable_sigmoid",
    question=(
        "Write `stable_sigmoid(x)`, a sigmoid that is right for every array of float16, float32 or float64 with "
        "entries from −10⁴ to 10⁴. It must not cause a warning, and the result has the type of x. Switching warnings "
        "off does not help: in float16 the usual formula gives wrong values, too."
    ),
    stub="def stable_sigmoid(x):\n    ...",
    hints=(
        "Only e to the power of something positive overflows. Which formula of σ has e⁻ˣ in it, and which has eˣ?",
        "σ(x) = 1/(1 + e⁻ˣ) = eˣ/(1 + eˣ). The first is safe for x ≥ 0, the second for x < 0.",
        "With `e = np.exp(-np.abs(x))` both formulas read: a numerator, 1 or e, over 1 + e.",
    ),
    solution=stable_sigmoid,
    praise="One exponential of a number that is never positive: that is the whole trick. Does it work for tanh?",
    cases=stable_cases,
    mistakes=(
        Mistake(
            naive,
            "This is the formula as it stands in books. For negative x, e⁻ˣ grows beyond the largest number of its "
            "type: 1/∞ = 0 comes out, with a warning, and in float16 too early.",
        ),
        Mistake(
            lambda x: np.exp(x) / (1 + np.exp(x)),
            "eˣ overflows for large x, and ∞/∞ is not a number. This form is the one for negative x.",
        ),
        Mistake(
            both_branches,
            "The values come out right, but something overflows on the way. `np.where` computes both of its branches "
            "before it picks, and `np.nan_to_num` comes when the nan is already there.",
        ),
        Mistake(
            lambda x: np.nan_to_num(np.exp(x) / (1 + np.exp(x)), nan=1.0),
            "The values come out right, but something overflows on the way: `np.nan_to_num` comes when the nan is "
            "already there.",
        ),
        Mistake(
            by_mask,
            "Stable, but your result is an array of float64: `np.zeros(x.shape)` and `np.array([…])` forget the type "
            "of x. `np.zeros_like(x)` and `.astype(x.dtype)` keep it.",
        ),
        *(
            Mistake(
                lambda x, far=far: 1 / (1 + np.exp(-np.clip(x, -far, far))),
                f"Clipping x at ±{far} saves float64 only. In float16 e¹² is too large already, in float32 e⁸⁹. And "
                f"below −{far} all your values are the same.",
            )
            for far in (100, 500, 700, 709)
        ),
        Mistake(
            lambda x: (1 / (1 + np.exp(-np.clip(x, -10, 10)))).astype(x.dtype),
            "Clipping x removes the warning and changes the answer: below −10 the sigmoid goes on falling, and all its "
            "values there are numbers that the type can hold.",
        ),
        Mistake(
            lambda x: (1 / (1 + np.exp(-x.astype(np.float64)))).astype(x.dtype),
            "A longer type moves the limit and does not remove it: in float64 e⁷¹⁰ overflows. That warns at −710.",
        ),
        Mistake(
            lambda x: 1 / (1 + np.exp(-np.abs(x))),
            "Right for x ≥ 0. For negative x the formula eˣ/(1 + eˣ) has e on top, not 1; yours is "
            "at least ½ everywhere.",
        ),
        Mistake(
            lambda x: np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), 1 - 1 / (1 + np.exp(-np.abs(x)))),
            "σ(x) = 1 − σ(−x) is true, and it never overflows. But for negative x, σ(−x) rounds to 1, and 1 − 1 "
            "leaves 0 where a small number belongs.",
        ),
        Mistake(
            lambda x: 0.5 * (1 + np.tanh(x / 2)),
            "σ(x) = (1 + tanh(x/2))/2 is true, and it never overflows. But for negative x tanh rounds to −1, and 1 − 1 "
            "leaves 0 where a small number belongs.",
        ),
    ),
)


def leaky_relu_backward(dy, x, slope):
    return np.where(x > 0, dy, slope * dy)


def backward_cases():
    """With zeros in x, negative dy, and slopes that differ from 0 and 1."""
    rng = np.random.default_rng(14)
    cases = [(np.array([5.0, 5.0, 5.0]), np.array([-2.0, 0.0, 3.0]), 0.1)]
    for slope in (0.0, 0.01, 0.25):
        for shape in ((4,), (3, 4), (2, 3, 4)):
            cases.append((rng.normal(size=shape), rng.integers(-2, 3, size=shape) * 1.5, slope))
    return cases


def changes_dy(dy, x, slope):
    dy[x <= 0] *= slope
    return dy


BACKWARD = FunctionExercise(
    key="01.4",
    title="Backward through a leaky ReLU",
    name="leaky_relu_backward",
    question=(
        "The forward was y = x where x > 0, and slope·x elsewhere. Write `leaky_relu_backward(dy, x, slope)`: the "
        "gradient of the loss with respect to x, where dy is that with respect to y. At x = 0 do what PyTorch does: "
        "the left side counts. Return a new array."
    ),
    stub="def leaky_relu_backward(dy, x, slope):\n    ...",
    hints=(
        "The chain rule: dx = dy · f′(x), entry by entry. What is f′ on either side of 0?",
        "f′ is 1 where x > 0 and `slope` elsewhere. `np.where` puts the two together.",
    ),
    solution=leaky_relu_backward,
    praise="With slope = 0 it is the backward of ReLU. What happens to a unit whose x is never above 0?",
    cases=backward_cases,
    mistakes=(
        Mistake(
            lambda dy, x, slope: np.where(x >= 0, dy, slope * dy),
            "At x = 0 you pass dy on as it is. Either value is a subgradient, but PyTorch takes the left one, `slope`.",
        ),
        Mistake(
            lambda dy, x, slope: np.where(x > 0, 1.0, slope),
            "That is f′(x), without dy. The chain rule multiplies it by the gradient that comes from above.",
        ),
        Mistake(
            lambda dy, x, slope: np.where(x > 0, x, slope * x),
            "That is the forward, y. The gradient is asked for: dy times the slope f′(x).",
        ),
        Mistake(
            lambda dy, x, slope: np.where(dy > 0, dy, slope * dy),
            "You ask for the sign of dy. What counts is on which side of 0 the input x was; dy may have either sign.",
        ),
        Mistake(
            lambda dy, x, slope: np.where(x > 0, dy, slope * x),
            "On the left you return slope·x, which is the forward. The gradient there is slope·dy.",
        ),
        Mistake(
            lambda dy, x, slope: dy * np.where(x > 0, x, slope * x),
            "You multiply dy by the output y. It has to be multiplied by the slope f′(x), which is 1 or `slope`.",
        ),
        Mistake(
            lambda dy, x, slope: np.where(np.where(x > 0, x, slope * x) != 0, np.where(x > 0, dy, slope * dy), 0.0),
            "Where y is 0 you let nothing through. With a slope above 0, y = 0 means x = 0, and there slope·dy passes.",
        ),
        Mistake(
            lambda dy, x, slope: np.where(x > 0, dy, 0.0),
            "This is the backward of ReLU: on the left nothing passes. A leaky ReLU lets slope·dy through.",
        ),
        Mistake(
            lambda dy, x, slope: np.where(x > 0, dy, -slope * dy),
            "The sign on the left is wrong. A leaky ReLU rises there too, only slowly.",
        ),
        Mistake(changes_dy, "Your function changes its input `dy`"),
    ),
)


def judge_pieces(answer: Any) -> str:
    """How many linear pieces has a tent of a tent of a tent?"""
    if not is_int(answer):
        return f"A whole number is asked for, such as `pieces = 4`; this is {called(answer)}."
    return (
        "" if answer == 8 else PIECES.get(int(answer), f"Not {show(answer)}. Draw tent(tent(x)): it has four pieces.")
    )


PIECES = {
    2: "That is one tent. Its output goes up to 1 and back: into a second tent, that makes two tents side by side.",
    3: "That is the number of layers. Each layer does more than add one piece: it folds what the layer before made.",
    4: "Two layers make four pieces, and there is a third: each of the four runs from 0 to 1 and is folded once more.",
    6: "You add two pieces for each layer. But each piece of the layer before crosses all of [0, 1], so the tent folds "
       "every one of them: the number doubles.",
    7: "Seven is the number of kinks between the pieces.",
    9: "Nine is the number of ends of the pieces, those at 0 and 1 included.",
    16: "That takes four layers.",
    64: "That would be so if the six ReLUs each doubled the pieces. It takes two of them to make one fold.",
}  # fmt: skip

FOLDS = ValueExercise(
    key="01.6",
    title="How depth makes pieces",
    name="pieces",
    question=(
        "One layer of two ReLUs makes a tent: tent(x) = 2·relu(x) − 4·relu(x − ½). On [0, 1] it goes straight up to 1 "
        "and straight down again, so it has two linear pieces. Three layers make tent(tent(tent(x))). How many linear "
        "pieces has that on [0, 1]?"
    ),
    stub="pieces = ...",
    hints=(
        "On the first half, tent(x) runs once from 0 to 1. What does the second tent make of that run?",
        "Every piece that runs from 0 to 1 (or from 1 to 0) becomes two such pieces in the next layer.",
    ),
    solution=8,
    praise="2³, from six units. A single layer of six ReLUs has at most seven pieces. What do ten layers make?",
    judge=judge_pieces,
    mistakes=tuple(Mistake(answer, text) for answer, text in PIECES.items()),
)

EXERCISES = (SLOPE, STABLE, DEAD, BACKWARD, PATHS, FOLDS)
