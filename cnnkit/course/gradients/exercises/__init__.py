"""The exercises on vanishing gradients: factors, depths, spreads of weights. Those on the chain rule are in "
"`chain`."""

from __future__ import annotations

import numpy as np

from cnnkit.course.gradients.exercises.chain import BACKWARD, CHAIN
from cnnkit.course.kit.exercise import FunctionExercise, Mistake

# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def at_best(L, w):
    return (0.25 * abs(w)) ** L


def layers_until(factor, limit):
    layers = 1
    while factor**layers >= limit:
        layers += 1
    return layers


def leaky_std(fan_in, slope):
    kept = (1 + slope**2) / 2
    return np.sqrt(1 / (fan_in * kept))


def at_best_cases():
    """Few layers, and weights on both sides of 4, where the factor is 1."""
    return [(L, w) for L in (1, 2, 3, 4, 5, 6) for w in (1, 2, 3, 4, 5, 8, 0.5, 2.5, -1, -2, -3, -6.0)]


def until_cases():
    """Factors between 0 and 1; with powers of two the limit itself is reached exactly."""
    some = [(f, t) for f in (0.9, 0.75, 0.6, 0.3, 0.23, 0.07) for t in (0.5, 0.1, 0.01, 1e-3, 1e-6, 1e-9)]
    return [*some, *[(0.5, 0.5**k) for k in (1, 2, 3, 10)], *[(0.25, 0.25**k) for k in (1, 2, 5)]]


def std_cases():
    """Slopes of the ReLU, of leaky ReLUs, of the identity, and the one that PyTorch's default writes."""
    return [(n, a) for n in (1, 2, 8, 50, 64, 200, 784) for a in (0.0, 0.2, 0.5, 0.75, 1.0, 2.0, 5**0.5)]


AT_BEST = FunctionExercise(
    key="02.2",
    title="What sigmoids let through at best",
    name="at_best",
    question=(
        "A chain of L layers has one unit each: z = w·a + b, then a sigmoid. All weights have the value w. On its way "
        "back from the last output to the input, the gradient is multiplied by one factor per layer. Write "
        "`at_best(L, w)`: the largest size that the product of these factors can have, over all inputs and biases."
    ),
    stub="def at_best(L, w):\n    ...",
    hints=(
        "One layer first: da_out/da_in = w·f′(z). Where is f′ largest, and how large is it there?",
        "f′(z) = f(z)·(1 − f(z)) is largest at z = 0: 0.5·0.5. With a bias, z can be 0 for every w.",
        "L layers multiply L such factors. The size of a factor is not negative, but w may be.",
    ),
    solution=at_best,
    praise="How large must the weights be for nothing to vanish, and how often will z stay at 0 with such weights?",
    cases=at_best_cases,
    neutral={"w": 1},
    mistakes=(
        Mistake(
            lambda L, w: 0.25**L,
            "You leave the weights out: each layer multiplies by w as well as by the slope.",
        ),
        Mistake(
            lambda L, w: abs(w) ** L,
            "You take 1 for the largest slope. That is tanh's (and ReLU's); the sigmoid's is 0.25, at z = 0.",
        ),
        Mistake(
            lambda L, w: (0.5 * abs(w)) ** L,
            "0.5 is the value of the sigmoid at z = 0. Its slope there is 0.5·(1 − 0.5).",
        ),
        Mistake(
            lambda L, w: 0.25 * abs(w) * L,
            "You add the layers up. The chain rule multiplies them: a power, not a product with L.",
        ),
        Mistake(
            lambda L, w: abs(w) * 0.25**L,
            "The weight counts in every layer, not once: it takes the power L too.",
        ),
        Mistake(
            lambda L, w: 0.25 * abs(w) ** L,
            "The slope counts in every layer, not once: 0.25 takes the power L too. Are there brackets missing?",
        ),
        Mistake(
            lambda L, w: w**L,
            "You take 1 for the largest slope; the sigmoid's is 0.25. And take |w|: the size of the factor is asked "
            "for.",
        ),
        Mistake(
            lambda L, w: 0.25 * w * L,
            "You add the layers up. The chain rule multiplies them: a power of 0.25·|w|, not a product with L.",
        ),
        Mistake(
            lambda L, w: w * 0.25**L,
            "The weight counts in every layer, not once: it takes the power L too, and its size |w| is asked for.",
        ),
        Mistake(
            lambda L, w: 0.25 * w**L,
            "The slope counts in every layer, not once: 0.25 takes the power L too. And take |w| in place of w.",
        ),
        Mistake(
            lambda L, w: (0.5 * w) ** L,
            "0.5 is the sigmoid's value at z = 0; its slope there is 0.25. And take |w| in place of w.",
        ),
        Mistake(
            lambda L, w: 0.25 * L,
            "You add up slopes. The chain rule multiplies, and each layer multiplies by its weight too.",
        ),
        Mistake(
            lambda L, w: 0.25 * abs(w),
            "That is one layer. L layers multiply L such factors.",
        ),
        Mistake(
            lambda L, w: (0.25 * w) ** L,
            "With a negative w and an odd L your factor is negative, and its size is asked for: take |w|.",
        ),
        Mistake(
            lambda L, w: (0.25 * abs(w)) ** (L - 1),
            "One layer is missing: L layers are L factors, the last one's sigmoid too.",
        ),
        Mistake(
            lambda L, w: min(1.0, 0.25 * abs(w)) ** L,
            "You stop at 1. With |w| above 4 a layer can make the gradient larger, sigmoid or not.",
        ),
    ),
)

UNTIL = FunctionExercise(
    key="02.3",
    title="How deep until nothing is left",
    name="layers_until",
    question=(
        "Each layer multiplies the gradient by the same `factor` between 0 and 1. Write `layers_until(factor, "
        "limit)`: the smallest number of layers after which less than `limit` is left, for a limit below 1."
    ),
    stub="def layers_until(factor, limit):\n    ...",
    hints=(
        "After L layers factor**L is left. Try L = 1, 2, 3 … until that is below the limit.",
        "With logarithms: factor**L < limit means L > log(limit) / log(factor), because log(factor) is negative.",
        "`int(np.floor(np.log(limit) / np.log(factor))) + 1` is the first whole number above it. A loop does as well.",
    ),
    solution=layers_until,
    praise="With 0.25 only 10 layers leave less than a millionth. How many does a factor of 0.9 take, and one of 0.99?",
    cases=until_cases,
    mistakes=(
        Mistake(
            lambda factor, limit: int(np.floor(np.log(limit) / np.log(factor) + 1e-12)),
            "One layer too few: with your number more than the limit is left, or just as much. The next one does it.",
        ),
        Mistake(
            lambda factor, limit: int(np.ceil(np.log(limit) / np.log(factor) - 1e-12)),
            "Right but where factor**L is exactly the limit: less than that is asked for, so it takes one layer more.",
        ),
        Mistake(
            lambda factor, limit: layers_until(factor, limit) + 1,
            "One layer too many, always: did you count after the loop once more?",
        ),
        Mistake(
            lambda factor, limit: int(np.round(np.log(limit) / np.log(factor))),
            "You round to the nearest whole number. Where that is downwards, more than the limit is still there.",
        ),
        Mistake(
            lambda factor, limit: int(np.floor(np.log(factor) / np.log(limit) + 1e-12)) + 1,
            "Your fraction is upside down: L is larger than log(limit) / log(factor).",
        ),
        Mistake(
            lambda factor, limit: int(np.ceil((1 - limit) / (1 - factor) - 1e-12)),
            "You let each layer take the same amount away. It takes the same share away: what is left is a power.",
        ),
        Mistake(
            lambda factor, limit: float(np.log(limit) / np.log(factor)),
            "The logarithms are right, but there are no parts of layers: take the first whole number above.",
        ),
    ),
)

LEAKY = FunctionExercise(
    key="02.4",
    title="Weights for a leaky ReLU",
    name="leaky_std",
    question=(
        "A leaky ReLU multiplies negative sums by `slope` in place of 0: slope 0 is the ReLU, slope 1 no activation "
        "at all. Which weights keep E[a²] from layer to layer? Write `leaky_std(fan_in, slope)`, the standard "
        "deviation of the weights of a layer with `fan_in` inputs. Sums are as often positive as negative."
    ),
    stub="def leaky_std(fan_in, slope):\n    ...",
    hints=(
        "For which c is E[a²] = c·q, where q = E[z²]? For the ReLU c is 1/2: half of the sums count with 1², half "
        "with 0².",
        "Here half of the sums count with 1² and half with slope². So c = (1 + slope²)/2.",
        "q = fan_in·σ²·E[a²], and c·q should be E[a²] again: fan_in·σ²·c = 1. Solve it for σ.",
    ),
    solution=leaky_std,
    praise="With slope 0 this is He's, with slope 1 it is √(1/fan_in). PyTorch calls the same formula `kaiming`.",
    cases=std_cases,
    neutral={"slope": 0.0},
    mistakes=(
        Mistake(
            lambda fan_in, slope: np.sqrt(2 / fan_in),
            "That is He's, whatever the slope. What a leaky ReLU lets through on the left makes the weights smaller.",
        ),
        Mistake(
            lambda fan_in, slope: 2 / ((1 + slope**2) * fan_in),
            "This is the variance σ². The standard deviation σ is its square root.",
        ),
        Mistake(
            lambda fan_in, slope: np.sqrt(2 / ((1 + slope) * fan_in)),
            "You count the left side with its slope. Squares are added up, so it counts with slope².",
        ),
        Mistake(
            lambda fan_in, slope: np.sqrt(2 / ((1 + slope) ** 2 * fan_in)),
            "(1 + slope)² adds first. Each side is squared alone: 1² + slope².",
        ),
        Mistake(
            lambda fan_in, slope: np.sqrt(1 / ((1 + slope**2) * fan_in)),
            "The 2 is missing: each side holds only half of the sums, so c = (1 + slope²)/2.",
        ),
        Mistake(
            lambda fan_in, slope: np.sqrt((1 + slope**2) / (2 * fan_in)),
            "Your fraction is upside down: the more the activation keeps, the smaller the weights have to be.",
        ),
        Mistake(
            lambda fan_in, slope: np.sqrt(2 / (1 + slope**2)),
            "`fan_in` is not used. A sum of more terms is larger, so its weights have to be smaller.",
        ),
        Mistake(
            lambda fan_in, slope: np.sqrt(2 / (1 + slope**2)) / fan_in,
            "You divide σ by fan_in. The variance is divided by it, so σ is divided by √fan_in.",
        ),
        Mistake(
            lambda fan_in, slope: np.sqrt(1 / fan_in),
            "That is right without an activation (slope 1). A slope below 1 takes something away on the left.",
        ),
        Mistake(
            lambda fan_in, slope: np.sqrt(6 / ((1 + slope**2) * fan_in)),
            "That is the bound of a uniform distribution with this spread. Its standard deviation is √3 times smaller.",
        ),
    ),
)

EXERCISES = (CHAIN, AT_BEST, UNTIL, LEAKY, BACKWARD)
