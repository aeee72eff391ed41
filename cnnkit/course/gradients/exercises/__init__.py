"""The exercises of notebook 02: factors, depths, spreads of weights. The chain rule's own are in `gradients_chain`."""

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


def start_std(name, fan_in, fan_out):
    if name == "he":
        return np.sqrt(2 / fan_in)
    return np.sqrt(2 / (fan_in + fan_out))


def at_best_cases():
    """Few layers, and weights on both sides of 4, where the factor is 1."""
    return [(L, w) for L in (1, 2, 3, 4, 5, 6) for w in (1, 2, 3, 4, 5, 8, 0.5, 2.5, -1, -2, -3, -6.0)]


def until_cases():
    """Factors between 0 and 1; with powers of two the limit itself is reached exactly."""
    some = [(f, t) for f in (0.9, 0.75, 0.6, 0.3, 0.23, 0.07) for t in (0.5, 0.1, 0.01, 1e-3, 1e-6, 1e-9)]
    return [*some, *[(0.5, 0.5**k) for k in (1, 2, 3, 10)], *[(0.25, 0.25**k) for k in (1, 2, 5)]]


def std_cases():
    """Layers that get wider, get narrower, and keep their width."""
    pairs = [(1, 3), (2, 6), (3, 1), (8, 8), (50, 200), (200, 50), (64, 10), (784, 16), (10, 2000), (3, 29)]
    return [(name, *pair) for name in ("he", "xavier") for pair in pairs]


def _he(formula):
    """A wrong answer for "he" that is right for "xavier"."""
    return lambda name, fan_in, fan_out: formula(fan_in, fan_out) if name == "he" else start_std(name, fan_in, fan_out)


def _xavier(formula):
    return lambda name, fan_in, fan_out: formula(fan_in, fan_out) if name != "he" else start_std(name, fan_in, fan_out)


AT_BEST = FunctionExercise(
    key="02.2",
    title="What sigmoids let through at best",
    name="at_best",
    question=(
        "A chain of L layers has one unit each: z = w·a + b, then a sigmoid. All weights have the value w. Write "
        "`at_best(L, w)`: the gradient is multiplied with a factor on its way from the last output back to the input; "
        "how large can the size of that factor get, over all inputs and biases?"
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
        "Each layer multiplies the gradient by the same `factor` between 0 and 1. Write `layers_until(factor, limit)`: "
        "the smallest number of layers after which less than `limit` is left, for a limit below 1."
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

SPREAD = FunctionExercise(
    key="02.4",
    title="He's and Xavier's weights",
    name="start_std",
    question=(
        "Write `start_std(name, fan_in, fan_out)`: the standard deviation of the weights of a layer with fan_in inputs "
        'and fan_out units, for `name` "he" or "xavier", drawn from a normal distribution.'
    ),
    stub="def start_std(name, fan_in, fan_out):\n    ...",
    hints=(
        "Both papers give a variance. Which function leads from there to the standard deviation?",
        "A sum over fan_in inputs has fan_in times the variance of one term, and a ReLU keeps half of the square.",
        "The variances: He 2/fan_in, Xavier 2/(fan_in + fan_out).",
    ),
    solution=start_std,
    praise="For layers that keep their width, He's is √2 times Xavier's. Which of the two would you take for tanh?",
    cases=std_cases,
    mistakes=(
        Mistake(
            lambda name, fan_in, fan_out: start_std("xavier" if name == "he" else "he", fan_in, fan_out),
            "He and Xavier have changed places: He, made for ReLU, looks at fan_in only.",
        ),
        Mistake(
            lambda name, fan_in, fan_out: start_std(name, fan_in, fan_out) ** 2,
            "These are the variances. The standard deviation is their square root.",
        ),
        Mistake(
            _he(lambda fan_in, fan_out: np.sqrt(2 / fan_out)),
            "For He you divide by fan_out. Each unit adds up fan_in terms: it is their number that counts.",
        ),
        Mistake(
            _he(lambda fan_in, fan_out: np.sqrt(1 / fan_in)),
            "Your He has no 2. It makes up for the half of the squares that a ReLU cuts off; 1/fan_in is LeCun's.",
        ),
        Mistake(
            _he(lambda fan_in, fan_out: 2 / np.sqrt(fan_in)),
            "Your He takes the 2 out of the root as it is: √(2/fan_in) is √2/√fan_in.",
        ),
        Mistake(
            _xavier(lambda fan_in, fan_out: np.sqrt(1 / (fan_in + fan_out))),
            "Your Xavier is too small by √2. It is 1 over the mean of the fans, and the mean is (fan_in + fan_out)/2.",
        ),
        Mistake(
            _xavier(lambda fan_in, fan_out: np.sqrt(1 / fan_in)),
            "Your Xavier knows fan_in only. That keeps the spread forward; fan_out does it for the gradient.",
        ),
        Mistake(
            _xavier(lambda fan_in, fan_out: np.sqrt(6 / (fan_in + fan_out))),
            "Your Xavier, √(6/(fan_in + fan_out)), is the bound of the uniform distribution: its spread is √3 smaller.",
        ),
        Mistake(
            lambda name, fan_in, fan_out: np.sqrt(2 / fan_in),
            "You give He's whatever the name. For Xavier, fan_out counts as well.",
        ),
    ),
)

EXERCISES = (CHAIN, AT_BEST, UNTIL, SPREAD, BACKWARD)
