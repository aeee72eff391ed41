"""MC dropout: many passes with the masks left on, their mean, and whether it knows which digits it will get wrong."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnnkit.course.dropout.experiments.few_digits import held_digits, train
from cnnkit.course.kit.training import Task, digits_task
from cnnkit.losses import softmax
from cnnkit.network import Network

SHARES = np.arange(0, 0.55, 0.05)  # of the digits that are left to a person


class Passes(NamedTuple):
    """One pass without masks, and the mean of many with them: probabilities (digits, 10)."""

    single: np.ndarray
    mean: np.ndarray


def passes(net: Network, x: np.ndarray, count: int = 100) -> Passes:
    """Read x once in testing mode, and `count` times in training mode, each time with new masks."""
    drawn = [softmax(net.forward(x, training=True), 1) for _ in range(count)]
    return Passes(softmax(net.forward(x), 1), np.mean(drawn, axis=0))


def errors_left(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The share of wrong answers among the rest, when a person reads the unsurest digits, for each of SHARES.

    How sure an answer is: the largest of its probabilities.

    >>> p = np.array([[0.9, 0.1], [0.6, 0.4]])
    >>> errors_left(p, np.array([0, 1]))[[0, -1]]
    array([0.5, 0. ])
    """
    order = np.argsort(-probabilities.max(axis=1), kind="stable")
    wrong = (probabilities.argmax(axis=1) != labels)[order]
    kept = np.rint(len(labels) * (1 - SHARES)).astype(int)
    return np.array([wrong[:n].mean() for n in kept])


def unsure(seed: int, p: float = 0.5, lr: float = 0.3, task: Task | None = None) -> dict[str, np.ndarray]:
    """Train one network on 200 digits; what is left of its test errors, by either way to say how sure it is."""
    x, labels = held_digits()
    found = passes(train(seed, lr=lr, p_hidden=p, task=task or digits_task()), x)
    return {name: errors_left(each, labels) for name, each in found._asdict().items()}
