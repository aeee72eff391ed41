"""Training small networks on the embedded digits: the loop that every experiment here shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import generator, integer
from cnnkit.data import Dataset, digits
from cnnkit.losses import cross_entropy, cross_entropy_backward
from cnnkit.network import Network, sgd
from cnnkit.network.fit import shuffled

BATCH = 50
Step = Callable[[Network, np.ndarray, np.ndarray, float], Any]  # (net, x, labels, lr)


class Digits(NamedTuple):
    """Pictures (N, …) and the digit in each, (N,)."""

    images: np.ndarray
    labels: np.ndarray


class Task(NamedTuple):
    """Digits to train on, and others to choose a learning rate with; neither holds any of the test split."""

    x: np.ndarray
    labels: np.ndarray
    x_validation: np.ndarray
    labels_validation: np.ndarray


def digit_parts(n: int = 1000, *, normalized: bool = False) -> dict[str, Digits]:
    """Digits (N, 1, 8, 8) for "training", `n` of the training split; "validation", its other 1,442 − n; and "test".

    Ink from 0 to 1, or with mean 0 and variance 1.
    Errors: ValueError for an n that leaves none for validation.

    >>> [len(part.labels) for part in digit_parts().values()]
    [1000, 442, 355]
    """
    train, test = digits("train"), digits("test")
    if integer("n", n, at_least=1) >= len(train):
        raise ValueError(f"n must be below {len(train):,}, so that some digits are left for validation, got {n:,}")
    order = np.random.default_rng(0).permutation(len(train))  # the file's neighbours look alike
    parts: dict[str, tuple[Dataset, Any]] = {
        "training": (train, order[:n]), "validation": (train, order[n:]), "test": (test, slice(None)),
    }  # fmt: skip
    return {
        name: Digits((data.normalized() if normalized else data.images)[some], data.labels[some])
        for name, (data, some) in parts.items()
    }


def digits_task(n: int = 1000) -> Task:
    """`n` digits of the training split to learn from, its other 1,442 − n for validation, as rows of 64 numbers.

    >>> task = digits_task()
    >>> task.x.shape, task.x_validation.shape
    ((1000, 64), (442, 64))
    """
    training, validation, _ = digit_parts(n, normalized=True).values()
    return Task(rows(training.images), training.labels, rows(validation.images), validation.labels)


def rows(images: np.ndarray) -> np.ndarray:
    """Each picture as a row of numbers, in float64."""
    return images.reshape(len(images), -1).astype(np.float64)


def backpropagate(net: Network, x: np.ndarray, labels: np.ndarray, **options: Any) -> np.ndarray:
    """Forward in training mode and back: `net` then holds the gradients of the cross entropy. Returns the logits.

    `options` are those of `cross_entropy`. Numbers may overflow: a learning rate that is far too large is worth
    seeing, too.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        logits = net.forward(x, training=True)
        net.backward(cross_entropy_backward(1.0, logits, labels, **options))
    return logits


def step(net: Network, x: np.ndarray, labels: np.ndarray, lr: float) -> None:
    """One step downhill on one batch."""
    backpropagate(net, x, labels)
    with np.errstate(over="ignore", invalid="ignore"):
        sgd(net, lr)


def epochs(
    net: Network, x: np.ndarray, labels: np.ndarray, *,
    lr: float, count: int, rng: np.random.Generator, batch: int = BATCH, parts: int = 1, step: Step = step,
) -> Iterator[float]:  # fmt: skip
    """Train `net` by SGD, `count` times through shuffled batches; say 0 at the start, then n after n epochs.

        for epoch in epochs(net, x, labels, lr=0.1, count=10, rng=rng):
            print(epoch, error(net, x, labels))

    `parts` = 4 speaks up four times an epoch. `step` takes one step; see there.
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
    return float(1 - right(net, x, labels).mean())


def right(net: Network, x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """For each of x whether it is taken for its class."""
    with np.errstate(over="ignore", invalid="ignore"):
        logits = net.forward(x)
    return (logits.argmax(axis=1) == labels) & np.isfinite(logits).all(axis=1)


def loss(net: Network, x: np.ndarray, labels: np.ndarray) -> float:
    """The mean cross entropy."""
    return float(cross_entropy(net.forward(x), labels))
