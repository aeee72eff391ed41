"""Does the order of the examples count? Circles and squares, shown one kind after the other or mixed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.course.dropout.experiments.forms import reader
from cnnkit.course.kit.training import error, loss, step
from cnnkit.data import shapes
from cnnkit.network import Network

CIRCLE, SQUARE = 0, 1
ORDERS = ("circles first", "squares first", "mixed")
SIDE, EACH, TENTHS, RATE = 8, 500, 10, 0.1


def cut_out(picture: np.ndarray) -> np.ndarray:
    """The shape in a picture (3, height, width), cut out and shrunk to 8×8: 1 on the shape, −1 beside it.

    Shape and background are told apart by how far a pixel's colour is from that of the corner.
    """
    far = np.abs(picture - picture[:, :1, :1]).max(axis=0)
    on = far > far.max() / 2
    rows, columns = np.flatnonzero(on.any(axis=1)), np.flatnonzero(on.any(axis=0))
    i, j = (np.linspace(at[0], at[-1], SIDE).round().astype(int) for at in (rows, columns))
    return 2.0 * on[np.ix_(i, j)] - 1


@cache
def silhouettes(each: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`each` circles and then as many squares, as rows of 64 numbers, with their labels 0 and 1.

    >>> x, labels = silhouettes(3, seed=0)
    >>> x.shape, labels
    ((6, 64), array([0, 0, 0, 1, 1, 1]))
    """
    labels = np.repeat([CIRCLE, SQUARE], integer("each", each, at_least=1))
    drawn = shapes(len(labels), rng=np.random.default_rng([seed, 3]), kinds=("circle", "square"), labels=labels)
    return np.array([cut_out(picture) for picture in drawn.images]).reshape(len(labels), -1), drawn.labels


def start(seed: int, p: float) -> Network:
    """A new network with 128 hidden units and dropout behind them; the same weights for every p."""
    return reader([128], rng=np.random.default_rng([seed, 1]), masks=np.random.default_rng([seed, 2]), p_hidden=p)


def batches(order: str, seed: int, *, each: int = EACH, size: int = 20) -> Iterator[np.ndarray]:
    """Which of the `silhouettes` each batch of one epoch holds."""
    rng, count = np.random.default_rng([seed, 4]), 2 * each
    kinds = [rng.permutation(each), each + rng.permutation(each)]
    if choice("order", order, ORDERS) == "squares first":
        kinds.reverse()
    shown = rng.permutation(count) if order == "mixed" else np.concatenate(kinds)
    yield from np.array_split(shown, count // size)


class Mistakes(NamedTuple):
    """The share of new circles taken for something else, and that of new squares."""

    circles: float
    squares: float


def mistakes(net: Network, seed: int) -> Mistakes:
    """On 500 new circles and 500 new squares."""
    x, labels = silhouettes(EACH, 10_000 + seed)
    return Mistakes(*(error(net, x[labels == kind], labels[labels == kind]) for kind in (CIRCLE, SQUARE)))


def after_one_epoch(order: str, p: float, seed: int) -> Mistakes:
    """Show 500 circles and 500 squares once, in batches of 20, in this order."""
    net, (x, labels) = start(seed, p), silhouettes(EACH, seed)
    for chosen in batches(order, seed):
        step(net, x[chosen], labels[chosen], RATE)
    return mistakes(net, seed)


def ten_circles_and_a_square(p: float, seed: int) -> tuple[Mistakes, Mistakes]:
    """Learn from ten circles, one at a time, and then from one square: before the square, and after it."""
    net, (x, labels) = start(seed, p), silhouettes(EACH, seed)
    for i in range(10):
        step(net, x[i : i + 1], labels[i : i + 1], RATE)
    before = mistakes(net, seed)
    step(net, x[EACH : EACH + 1], labels[EACH : EACH + 1], RATE)
    return before, mistakes(net, seed)


def weight_of_each_tenth(p: float, seed: int) -> np.ndarray:
    """By how much the loss on new shapes is higher after one mixed epoch in which one tenth had wrong labels.

    One number for each tenth: the more it weighs, the more its wrong labels do harm.
    """
    (x, labels), new = silhouettes(EACH, seed), silhouettes(EACH, 10_000 + seed)
    shown = list(batches("mixed", seed))

    def loss_with_wrong(tenth: int) -> float:
        net = start(seed, p)
        for i, chosen in enumerate(shown):
            wrong = i * TENTHS // len(shown) == tenth
            step(net, x[chosen], 1 - labels[chosen] if wrong else labels[chosen], RATE)
        return loss(net, *new)

    right = loss_with_wrong(-1)
    return np.array([loss_with_wrong(tenth) - right for tenth in range(TENTHS)])
