"""The training that lesson 03 writes out, and what its network says when nobody switches dropout off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cnnkit.course.dropout.experiments.forms import Dropout
from cnnkit.course.dropout.overfitting_numbers import few_digits
from cnnkit.losses import cross_entropy_backward
from cnnkit.network import Activation, Layer, Linear, Network, sgd

IMAGES, BATCH = 200, 50


class Twice(NamedTuple):
    """New digits read twice in training mode: how many differ, how many are wrong; and how many wrong in testing."""

    differ: float
    wrong: float
    wrong_when_testing: float


def learn(layers: Sequence[Layer], *, steps: int = 300, lr: float = 0.3, seed: int = 0) -> Network:
    """Train on 200 digits of which 40 have a wrong label, as the lesson does."""
    task, rng = few_digits(IMAGES, "1 in 5", seed=0), np.random.default_rng(seed)
    net = Network(list(layers), rng=rng)
    for _ in range(steps):
        some = rng.integers(0, IMAGES, BATCH)
        net.backward(cross_entropy_backward(1.0, net.forward(task.x[some], training=True), task.labels[some]))
        sgd(net, lr)
    return net


def with_dropout(p: float, coins: np.random.Generator) -> list[Layer]:
    """The layers of the lesson's network."""
    return [Linear(64, 128), Activation("relu"), Dropout(p, rng=coins), Linear(128, 10)]


def read_twice(net: Network) -> Twice:
    """Let a network read the 442 new digits with its masks on, twice."""
    task = few_digits(IMAGES, "1 in 5", seed=0)
    x, labels = task.x_validation, task.labels_validation
    once, again = (net.forward(x, training=True).argmax(axis=1) for _ in range(2))
    calm = net.forward(x).argmax(axis=1)
    return Twice(*(float(np.mean(each)) for each in (once != again, once != labels, calm != labels)))
