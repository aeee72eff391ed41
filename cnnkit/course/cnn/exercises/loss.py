"""The exercises of notebook 07 on the loss: a logarithm that survives, and a softmax too many."""

from __future__ import annotations

from math import e, log
from typing import Any

import numpy as np

from cnnkit.course.kit.exercise import FunctionExercise, Mistake, ValueExercise
from cnnkit.course.kit.exercise_words import array, called, show

# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def log_softmax(z):
    z = z - z.max()
    return z - np.log(np.exp(z).sum())


def score_cases():
    """Small scores, scores that exp cannot hold, and scores so far apart that a probability is 0."""
    rng = np.random.default_rng(74)
    plain = [np.array([0.0, 0.0]), np.array([1.0, 2.0, 3.0]), np.array([-2.0, 0.5]), np.zeros(10)]
    large = [np.array([1000.0, 0.0]), np.array([1e4, 1e4 - 1, -1e4]), np.array([-1000.0, -1001.0]), np.full(3, 800.0)]
    apart = [np.array([0.0, -800.0]), np.array([0.0, 40.0, 5.0]), np.array([3.0, -60.0, 1.0])]
    drawn = [rng.normal(size=size) * scale for size, scale in ((4, 1), (10, 3), (5, 10))]
    return [(z,) for z in (*plain, *large, *apart, *drawn)]


def _softmax(z):
    powers = np.exp(z - z.max())
    return powers / powers.sum()


STABLE = FunctionExercise(
    key="07.7",
    title="A logarithm that survives",
    name="log_softmax",
    question=(
        "Write `log_softmax(z)`: the logarithms of the softmax probabilities of the scores z, an array of one "
        "dimension. It is what cross entropy is made of. The scores may be as large as 10,000 and lie as far apart: "
        "every result must be a finite number."
    ),
    stub="def log_softmax(z):\n    ...",
    hints=(
        "exp(1000) is too large for a float, and exp(−1000) is 0. Softmax stays the same when all scores are moved.",
        "Take the largest score away first: then no power is above 1, and the sum is at least 1.",
        "log(exp(z) / sum) = z − log(sum). Written like that no small probability is computed at all.",
    ),
    solution=log_softmax,
    praise="That is why frameworks have a function for it, and a loss that takes scores instead of probabilities.",
    cases=score_cases,
    mistakes=(
        Mistake(
            lambda z: np.log(np.exp(z) / np.exp(z).sum()),
            "Right on paper. But exp(1000) is infinite for a float, and infinite/infinite is no number; and the "
            "logarithm of a probability that has become 0 is −infinite. Take the largest score away, and log apart.",
        ),
        Mistake(
            lambda z: z - np.log(np.exp(z).sum()),
            "The logarithm is taken apart, good. But the sum of the powers is infinite for large scores, and 0 for "
            "very negative ones: take the largest score away first.",
        ),
        Mistake(
            lambda z: np.log(_softmax(z)),
            "The powers survive now. But a probability of exp(−800) is 0 for a float, and its logarithm −infinite: use "
            "log(a/b) = log(a) − log(b), and log(exp(z)) = z.",
        ),
        Mistake(
            lambda z: np.log(_softmax(z) + 1e-12),
            "A small number added inside the logarithm hides the infinity and makes the result wrong: nothing is below "
            "log(1e-12) = −27.6 any more, and there the gradient is gone.",
        ),
        *(
            Mistake(
                lambda z, eps=eps: np.log(_softmax(z) + eps),
                f"A small number, {eps:g}, added inside the logarithm hides the infinity and makes the result wrong: "
                f"nothing is below its logarithm, {np.log(eps):.1f}, any more.",
            )
            for eps in (1e-7, 1e-8, 1e-9, 1e-10, 1e-15)
        ),
        Mistake(
            lambda z: z - z.min() - np.log(np.exp(z - z.min()).sum()),
            "You take the smallest score away: the powers of the others grow beyond all bounds. Take the largest.",
        ),
        Mistake(
            lambda z: z / z.max() - np.log(np.exp(z / z.max()).sum()),
            "You divide by the largest score, which changes the probabilities. Take it away instead.",
        ),
        Mistake(_softmax, "These are the probabilities. Their logarithms are asked for."),
        Mistake(
            lambda z: z - np.log(np.exp(z - z.max()).sum()),
            "You take the largest score away inside the sum only. It has to go from z as well, or be added again.",
        ),
        Mistake(
            lambda z: -log_softmax(z),
            "The sign is that of the loss. Logarithms of probabilities are 0 or negative.",
        ),
        Mistake(
            lambda z: log_softmax(z) / np.log(10), "You take logarithms to the base 10: `np.log` is the natural one."
        ),
        Mistake(
            lambda z: log_softmax(z) / np.log(2), "You take logarithms to the base 2: `np.log` is the natural one."
        ),
        Mistake(lambda z: z - z.max(), "The sum is missing: the powers of your results do not add up to 1."),
        Mistake(
            lambda z: z - z.max() - np.log(np.exp(z - z.max()).mean()),
            "You take the mean of the powers. The probabilities add up to 1 when it is their sum.",
        ),
    ),
)

# Softmax twice: the best that the first can give is 1 for the right class and 0 for nine others.
LOWEST = log(1 + 9 / e)
NUMBERS = {
    0.0: "0 is what cross entropy reaches when it gets scores: they can grow without end. A probability ends at 1.",
    log(10): "That is ln 10, the loss of guessing. What if the first softmax gives 1 for the right class?",
    1.0: "Scores 1 and 0 differ by 1, but the loss is −log of the second softmax: put all ten scores in.",
    e / (e + 9): "That is the probability that the second softmax gives the right class. The loss is −log of it.",
    log(1 + 10 / e): "You count ten wrong classes. There are nine, and the right one.",
    log(e + 9): "That is the largest loss, with 1 for a wrong class. The smallest has 1 for the right one.",
    LOWEST / log(10): "You take the logarithm to the base 10; cross entropy uses the natural one.",
    LOWEST / log(2): "You take the logarithm to the base 2; cross entropy uses the natural one.",
    -LOWEST: "The sign: a loss is −log of a probability, and not negative.",
    log(1 + 1 / e): "You count one wrong class. With ten classes there are nine of them.",
}


def judge_floor(answer: Any) -> str:
    """The smallest loss after a softmax too many; two decimals are enough."""
    number = array(answer)
    if number is None or number.ndim or number.dtype.kind not in "iuf":
        return f"One number is asked for, such as `smallest = 0.5`; this is {called(answer)}."
    value = float(number)
    if abs(value - LOWEST) < 0.006:
        return ""
    known = next((said for wrong, said in NUMBERS.items() if abs(value - wrong) < 0.006), "")
    return known or f"{show(answer)} is not it. Put the scores 1, 0, 0 … 0 into a softmax, and take −log of the first."


FLOOR = ValueExercise(
    key="07.2",
    title="A softmax too many",
    name="smallest",
    question=(
        "Now with ten classes. Someone ends a network with softmax and gives its ten probabilities to a cross-entropy, "
        "which puts them through softmax once more. How large is the loss of a digit that is read rightly and with "
        "complete certainty? Two decimals are enough."
    ),
    stub="smallest = ...",
    hints=(
        "Complete certainty is 1 for the right class and 0 for the nine others. These are the scores that come in.",
        "The second softmax: exp(1) for the right class, exp(0) = 1 for each of the nine others.",
        "The loss is −log(e/(e + 9)) = log(1 + 9/e).",
    ),
    solution=1.46,
    praise=(
        "A loss that never gets below 1.46 with ten classes is the sign of it. The network may still read well: the "
        "largest probability stays the largest, but the gradient is small."
    ),
    judge=judge_floor,
    mistakes=(
        Mistake(0, NUMBERS[0.0]),
        Mistake(2.3026, NUMBERS[log(10)]),
        Mistake(1, NUMBERS[1.0]),
        Mistake(0.232, NUMBERS[e / (e + 9)]),
        Mistake(1.543, NUMBERS[log(1 + 10 / e)]),
        Mistake(2.461, NUMBERS[log(e + 9)]),
        Mistake(0.6346, NUMBERS[LOWEST / log(10)]),
        Mistake(2.108, NUMBERS[LOWEST / log(2)]),
        Mistake(-1.46, NUMBERS[-LOWEST]),
        Mistake([1, 0], "One number is asked for"),
    ),
)
