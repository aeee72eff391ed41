"""Training small networks on the embedded digits: the loop that every experiment here shares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import generator, integer
from cnnkit.data import digits
from cnnkit.losses import cross_entropy, cross_entropy_backward
from cnnkit.network import Network, sgd
from cnnkit.network.fit import shuffled

BATCH = 50


class Task(NamedTuple):
    """Digits to train on, and others to choose a learning rate with; neither holds any of the test split."""

    x: np.ndarray
    labels: np.ndarray
    x_validation: np.ndarray
    labels_validation: np.ndarray


def digits_task(n: int = 1000) -> Task:
    """`n` digits of the training split to learn from, its other 1,442 − n for validation, as rows of 64 numbers.

    >>> task = digits_task()
    >>> task.x.shape, task.x_validation.shape
    ((1000, 64), (442, 64))
    """
    data = digits("train")
    x = data.normalized().reshape(len(data), -1).astype(np.float64)
    if integer("n", n, at_least=1) >= len(x):
        raise ValueError(f"n must be below {len(x):,}, so that some digits are left for validation, got {n:,}")
    order = np.random.default_rng(0).permutation(len(x))  # the file's neighbours look alike
    first, rest = order[:n], order[n:]
    return Task(x[first], data.labels[first], x[rest], data.labels[rest])


def step(net: Network, x: np.ndarray, labels: np.ndarray, lr: float) -> None:
    """One step downhill. Numbers may overflow: a learning rate that is far too large is worth seeing, too."""
    with np.errstate(over="ignore", invalid="ignore"):
        logits = net.forward(x, training=True)
        net.backward(cross_entropy_backward(1.0, logits, labels))
        sgd(net, lr)


def epochs(
    net: Network, x: np.ndarray, labels: np.ndarray, *,
    lr: float, count: int, rng: np.random.Generator, batch: int = BATCH, parts: int = 1,
) -> Iterator[float]:  # fmt: skip
    """Train `net` by SGD, `count` times through shuffled batches; say 0 at the start, then n after n epochs.

        for epoch in epochs(net, x, labels, lr=0.1, count=10, rng=rng):
            print(epoch, error(net, x, labels))

    `parts` = 4 speaks up four times an epoch.
    """
    generator("rng", rng)
    yield 0
    for epoch in range(integer("count", count, at_least=0)):
        batches = shuffled(len(x), batch, rng)
        for part, some in enumerate(np.array_split(np.arange(len(batches)), parts), start=1):
            for i in some:
                step(net, x[batches[i]], labels[batches[i]], lr)
            yield epoch + part / parts


def error(net: Network, x: np.ndarray, labels: np.ndarray) -> float:
    """The share of x that is taken for another class; an output that is not a number is wrong."""
    with np.errstate(over="ignore", invalid="ignore"):
        logits = net.forward(x)
    right = (logits.argmax(axis=1) == labels) & np.isfinite(logits).all(axis=1)
    return float(1 - right.mean())


def loss(net: Network, x: np.ndarray, labels: np.ndarray) -> float:
    """The mean cross entropy."""
    return float(cross_entropy(net.forward(x), labels))
