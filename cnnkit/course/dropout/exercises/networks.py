"""The exercises of notebook 03 on sub-networks, channels, and dropout before max-pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import is_int
from cnnkit.course.dropout.exercises.draws import MaskedExercise, NearExercise
from cnnkit.course.kit.exercise import Mistake, ValueExercise
from cnnkit.course.kit.exercise_words import called, show

# Two layers of 3 and 4 units, each with dropout.
NETWORKS = {
    24: "You add 2³ and 2⁴. Each choice in the first layer goes with each choice in the second: multiply.",
    5040: "That is 7!, the number of orders of seven units. A unit is on or off: two choices each.",
    144: "That is 3!·4!, the orders of the units. A unit is on or off: two choices each.",
    4096: "That is 2¹², for the 3·4 connections between the layers. Dropout decides over units, not over connections.",
    105: "You leave out the masks that drop a whole layer. They are rare, but dropout does draw them.",
    127: "You leave out the mask that drops everything. It is rare, but dropout does draw it.",
    49: "That is 7². There are seven units with two choices each, not two with seven.",
    14: "That is 7·2. Seven choices between two things make 2·2·2·2·2·2·2.",
    12: "Twelve is the number of connections between the layers. Which units are there is what makes a sub-network.",
    7: "Seven is the number of units. Each of them may be there or not.",
    5: "In Python 2 ^ 7 is 5, not a power: `^` compares bits. A power is 2 ** 7.",
    64: "That is 2⁶. How many units are there in both layers together?",
}


def judge_networks(answer: Any) -> str:
    """How many sub-networks have two layers of 3 and 4 units?"""
    if not is_int(answer):
        return f"A whole number is asked for, such as `networks = 10`; this is {called(answer)}."
    if answer == 128:
        return ""
    number = show(answer) if abs(answer) < 10**12 else "so many"
    return NETWORKS.get(int(answer), f"Not {number}. Begin with one unit: two sub-networks. And with two units?")


COUNT = ValueExercise(
    key="03.5",
    title="How many sub-networks",
    name="networks",
    question=(
        "A network has two hidden layers, of 3 and of 4 units, each followed by dropout. How many different "
        "sub-networks can its masks leave? Count those without any unit, too."
    ),
    stub="networks = ...",
    hints=(
        "Write down all masks of a layer of two units, then of three.",
        "Every mask of the first layer can meet every mask of the second.",
    ),
    solution=128,
    praise="2³·2⁴ = 2⁷. For 300 units the number has 91 digits: how many of these networks does training ever see?",
    judge=judge_networks,
    mistakes=tuple(Mistake(answer, text) for answer, text in NETWORKS.items()),
)

# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def mean_of_all(parts, p):
    n, mean = len(parts), 0.0
    for number in range(2**n):
        kept = number >> np.arange(n) & 1
        chance = np.prod(np.where(kept, 1 - p, p))
        mean += chance * max(0, np.sum(kept * parts) / (1 - p))
    return mean


def mean_cases():
    """One to six units whose parts have both signs."""
    rng = np.random.default_rng(36)
    layers = [np.array([3.0, -1.0]), np.array([2.0]), np.array([-2.0, 1.0, 3.0]), np.array([-4.0, 1.0])]
    layers += [rng.integers(-9, 10, n) / 2 for n in (4, 5, 6)]
    return [(parts, p) for parts in layers for p in (0.2, 0.5, 0.7)]


def _over_all(chance, output):
    """A wrong answer: other chances, or another output, of each sub-network."""

    def answer(parts, p):
        n = len(parts)
        masks = np.arange(2**n)[:, None] >> np.arange(n) & 1
        return float(sum(chance(kept, p) * output(kept, parts, p) for kept in masks))

    return answer


def _chance(kept, p):
    return np.prod(np.where(kept, 1 - p, p))


def _output(kept, parts, p):
    return max(0, kept @ parts / (1 - p))


MEAN = NearExercise(
    key="03.6",
    title="The mean of all sub-networks",
    name="mean_of_all",
    question=(
        "One output unit with a ReLU: y = max(0, Σ maskᵢ·partsᵢ / (1 − p)), where `parts` holds weight times input of "
        "the n units before it, and each maskᵢ is 0 with probability p, else 1. Write `mean_of_all(parts, p)`: the "
        "exact mean of y over all 2ⁿ masks. n is at most 6."
    ),
    stub="def mean_of_all(parts, p):\n    ...",
    hints=(
        "Go through all masks: the numbers from 0 to 2ⁿ − 1 in binary are all rows of zeros and ones.",
        "A mask that keeps k of n units has the probability (1 − p)ᵏ·pⁿ⁻ᵏ. The mean is the sum of probability times y.",
        "`number >> np.arange(n) & 1` gives the binary digits of `number`.",
    ),
    solution=mean_of_all,
    praise="Weight scaling, max(0, Σ parts), needs one pass in place of 2ⁿ. Where do the two differ most?",
    cases=mean_cases,
    mistakes=(
        Mistake(
            lambda parts, p: float(max(0, np.sum(parts))),
            "That is weight scaling: the ReLU of the mean. Asked is the mean of the ReLU, and the two differ.",
        ),
        Mistake(
            lambda parts, p: float(np.sum(parts)),
            "That is the mean without the ReLU. Each sub-network's sum goes through it before the mean is taken.",
        ),
        Mistake(
            _over_all(lambda kept, p: 0.5 ** len(kept), _output),
            "You count all masks alike. That is right for p = 0.5 only: a mask that keeps k of n units has the "
            "probability (1 − p)ᵏ·pⁿ⁻ᵏ.",
        ),
        Mistake(
            _over_all(lambda kept, p: _chance(1 - kept, p), _output),
            "p and 1 − p have changed places in the probabilities: p is the probability to drop.",
        ),
        Mistake(
            _over_all(_chance, lambda kept, parts, p: max(0, kept @ parts)),
            "The division by 1 − p is missing: the kept parts are scaled up, as in training.",
        ),
        Mistake(
            _over_all(_chance, lambda kept, parts, p: max(0, kept @ parts * (1 - p))),
            "You multiply by 1 − p. In training what is kept is divided by it.",
        ),
        Mistake(
            _over_all(_chance, lambda kept, parts, p: np.maximum(kept * parts, 0).sum() / (1 - p)),
            "You take the ReLU of each part. It stands behind the sum: first add, then cut off what is negative.",
        ),
        Mistake(
            _over_all(lambda kept, p: 1, _output),
            "You add up all outputs. For the mean each is multiplied by the probability of its mask.",
        ),
        Mistake(
            lambda parts, p: float(max(0, np.sum(parts) * (1 - p))),
            "That is the paper's weight scaling, one pass with smaller weights. Asked is the mean over all masks.",
        ),
    ),
)


def drop_channels(x, u, p):
    return x * (u >= p)[:, :, None, None] / (1 - p)


def channel_cases():
    """Batches whose four sizes differ, so that a wrong axis shows, one where all sizes are 2, and two twins."""
    rng = np.random.default_rng(37)
    cases = []
    for shape, p in (((2, 2, 2, 2), 0.5), ((1, 3, 2, 4), 0.2), ((3, 2, 1, 2), 0.6), ((2, 4, 3, 5), 0.4)):
        u = rng.permutation(np.linspace(0.05, 0.95, shape[0] * shape[1])).reshape(shape[:2])
        cases.append((rng.integers(1, 10, shape) / 2, u, p))
    return [*cases, cases[-1], (cases[-1][0], cases[-1][1][::-1, ::-1].copy(), cases[-1][2])]


CHANNELS = MaskedExercise(
    key="03.7",
    title="Dropping whole channels",
    name="drop_channels",
    question=(
        "Write `drop_channels(x, u, p)`, dropout for feature maps x of shape (N, C, H, W): a channel of an image is "
        "dropped as a whole, or kept and divided by 1 − p. `u` has shape (N, C) and holds a random number for each: "
        "dropped where u < p."
    ),
    stub="def drop_channels(x, u, p):\n    ...",
    hints=(
        "The mask has one entry for each image and channel. What shape must it have so that NumPy spreads it over all "
        "pixels?",
        "NumPy compares shapes from the right: (N, C, 1, 1) meets (N, C, H, W). `mask[:, :, None, None]` has it.",
    ),
    solution=drop_channels,
    praise="One number for each channel in place of H·W: that is all of `dropout2d`.",
    cases=channel_cases,
    through=lambda x, u, p: (x, np.broadcast_to((u >= p)[:, :, None, None], x.shape)),
    mistakes=(
        Mistake(
            lambda x, u, p: x * (u >= p)[:, :, None, None],
            "What is kept is not scaled: divide it by 1 − p, as in dropout of single values.",
        ),
        Mistake(
            lambda x, u, p: x * (u < p)[:, :, None, None] / (1 - p),
            "The other channels are kept: one is dropped where u < p.",
        ),
        Mistake(
            lambda x, u, p: x * (u < p)[:, :, None, None] / p,
            "You take p for the probability to keep. Here it is the probability to drop: kept where u ≥ p, over 1 − p.",
        ),
        Mistake(
            lambda x, u, p: x * (u[0] >= p)[None, :, None, None] / (1 - p),
            "All images lose the channels of the first one. Each image has its own row in u.",
        ),
        Mistake(
            lambda x, u, p: x * (u[:, 0] >= p)[:, None, None, None] / (1 - p),
            "Whole images are dropped: you use one number for each image. There is one for each of its channels.",
        ),
        Mistake(
            lambda x, u, p: x * np.resize(u >= p, x.shape) / (1 - p),
            "The mask is repeated along the pixels until it has the shape of x, so parts of channels are dropped. It "
            "needs the shape (N, C, 1, 1).",
        ),
        Mistake(
            lambda x, u, p: x * (u >= p)[:, :, None, None] / np.mean(u >= p),
            "You divide by the share that this draw kept. On average that is not x: divide by 1 − p.",
        ),
        Mistake(
            lambda x, u, p: x * (u >= p)[:, :, None, None] * (1 - p),
            "You multiply by 1 − p. What is kept must grow to make up for what is dropped.",
        ),
        Mistake(
            lambda x, u, p: x * (u >= p)[:, :, None, None] / p,
            "You divide by p, the share dropped. It is the share kept, 1 − p, that has to be made up for.",
        ),
    ),
)


def pick_chances(n, p):
    return np.append((1 - p) * p ** np.arange(n), p**n)


def pick_cases():
    return [(n, p) for n in (1, 2, 3, 4, 9) for p in (0.25, 0.5, 0.6, 0.9)]


def _first(formula):
    """A wrong answer for the n values; the last entry, all dropped, is right."""
    return lambda n, p: np.append(formula(np.arange(n), n, p), p**n)


POOLED = NearExercise(
    key="03.8",
    title="Dropout before max-pooling",
    name="pick_chances",
    question=(
        "A window of max-pooling holds n different positive numbers. Dropout with probability p sets some of them to "
        "0 first (leave the scale out). Write `pick_chances(n, p)`: an array of n + 1 probabilities, that the largest "
        "comes out, the second largest, …, the smallest, and last that 0 comes out."
    ),
    stub="def pick_chances(n, p):\n    ...",
    hints=(
        "The largest comes out whenever it is kept. What must happen for the second largest to come out?",
        "The i-th largest comes out if it is kept and all i − 1 larger ones are dropped. All coins are independent.",
        "The exponents are 0, 1, …, n − 1 for the numbers, and n for 0, where all are dropped.",
    ),
    solution=pick_chances,
    praise="They add up to 1: max-pooling behind dropout draws one of the values, mostly a large one.",
    cases=pick_cases,
    mistakes=(
        Mistake(
            lambda n, p: pick_chances(n, 1 - p),
            "p and 1 − p have changed places: p is the probability to drop, and a large p lets small values through.",
        ),
        Mistake(
            _first(lambda i, n, p: (1 - p) * p ** (i + 1)),
            "Your exponents are too large by 1: for the largest to come out no other needs to be dropped.",
        ),
        Mistake(
            _first(lambda i, n, p: (1 - p) * p ** (n - 1 - i)),
            "The order is turned round: the first entry is for the largest, which comes out most often.",
        ),
        Mistake(
            _first(lambda i, n, p: np.full(n, (1 - p**n) / n)),
            "You give all values the same chance. A value comes out only if all larger ones are dropped.",
        ),
        Mistake(
            _first(lambda i, n, p: np.full(n, 1 - p)),
            "That is how likely each value is kept. To come out, it must also be the largest of those kept.",
        ),
        Mistake(
            _first(lambda i, n, p: p**i * 1.0),
            "That is how likely all larger values are dropped. The value itself must be kept: a factor 1 − p.",
        ),
        Mistake(
            _first(lambda i, n, p: (1 - p) ** (i + 1)),
            "You let all larger values be kept. They must be dropped: p to the power of their number, times 1 − p.",
        ),
        Mistake(
            lambda n, p: np.append((1 - p) * p ** np.arange(n) / (1 - p**n), 0.0),
            "You leave out that all n may be dropped. It happens with probability pⁿ, and then 0 comes out.",
        ),
        Mistake(
            lambda n, p: (1 - p) * p ** np.arange(n),
            "The last entry is missing: with probability pⁿ all are dropped, and 0 comes out.",
        ),
        Mistake(
            lambda n, p: (1 - p) * p ** np.arange(n + 1),
            "For the last entry all n are dropped and there is no further value to keep: pⁿ, without the factor 1 − p.",
        ),
        Mistake(
            lambda n, p: np.roll(pick_chances(n, p), 1),
            "The right numbers in another order: the chance of 0, pⁿ, stands last, behind that of the smallest.",
        ),
        Mistake(
            _first(lambda i, n, p: p * (1 - p) ** i),
            "p and 1 − p have changed places before the last entry: the one that comes out is kept, 1 − p, and all "
            "larger ones are dropped, p each.",
        ),
    ),
)
