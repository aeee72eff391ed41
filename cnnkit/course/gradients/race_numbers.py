"""A race of initialisations: twenty ReLU layers, the gradient's factor per layer, and what a short training gives."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from cnnkit.course.gradients.experiments import deep_net, learning_curve, loss_gradients
from cnnkit.course.gradients.inits_math import (
    Init,
    kaiming_uniform,
    normal,
    orthogonal,
    pytorch_default,
    set_weights,
)
from cnnkit.course.kit.training import Task, digits_task
from cnnkit.network import Network

DEPTH, EPOCHS, RATES = 20, 10, (0.003, 0.03, 0.1)
KNOWN: dict[str, Init] = {
    "PyTorch default": pytorch_default,
    "half of He": normal("he", 0.5),
    "Xavier": normal("xavier"),
    "He": normal("he"),
    "He, uniform": kaiming_uniform,
    "orthogonal · √2": orthogonal,
    "twice He": normal("he", 2.0),
}


class Result(NamedTuple):
    """What one start gave: the gradient's factor per layer before training, and the training error after it."""

    factor: float
    error: float


def run_race(init: Init, seed: int = 0) -> Result:
    """Build the network with weights of `init`, look at its gradient, and train it at each of RATES; the best counts.

    Errors: ValueError for an `init` that does not return an array of shape (fan_out, fan_in).
    """
    with np.errstate(all="ignore"):
        norms = loss_gradients(_make(init, np.random.default_rng(seed)), task().x[:200], task().labels[:200]).outputs
        factor = float((norms[0] / norms[-1]) ** (1 / (DEPTH - 1))) if norms[-1] else 0.0

        def last(rate: float) -> float:
            return learning_curve(lambda rng: _make(init, rng), task(), lr=rate, count=EPOCHS, seed=seed)[-1]

        return Result(factor, min(map(last, RATES)))


@cache
def task() -> Task:
    """1,000 digits."""
    return digits_task()


def _make(init: Init, rng: np.random.Generator) -> Network:
    net = deep_net(DEPTH, "relu", rng=rng)
    set_weights(net, init, rng)
    return net
