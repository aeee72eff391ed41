"""Digits that stand anywhere on a larger canvas, and how well networks of `nets` read them, shift by shift."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from cnnkit._arguments import choice
from cnnkit.course.kit.training import Digits, digit_parts
from cnnkit.course.sharing.experiments.nets import CANVAS, Net, logits, start
from cnnkit.matrices import shift
from cnnkit.network.fit import shuffled

REACH = 4  # pixels from the middle to each side
SHIFTS = tuple(range(-REACH, REACH + 1))
PLACES = ("middle", "anywhere")
EPOCHS = {"middle": 20, "anywhere": 60}
BATCH = 50


def on_canvas(split: str) -> Digits:
    """1,000 digits to "train" on, the other 442 of that split for "validation", or the 355 of "test".

    Each is 8×8 and stands in the middle of a canvas, with ink from 0 to 1.

    >>> on_canvas("validation").images.shape
    (442, 16, 16)
    """
    choice("split", split, ("train", "validation", "test"))
    images, labels = digit_parts()["training" if split == "train" else split]
    around = (CANVAS - images.shape[-1]) // 2
    return Digits(np.pad(images[:, 0], ((0, 0), (around, around), (around, around))), labels)


def scattered(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each picture moved by its own random shift of up to `REACH` pixels down and to the right."""
    moves, y = rng.integers(-REACH, REACH + 1, (len(x), 2)), np.empty_like(x)
    for move in np.unique(moves, axis=0):
        some = (moves == move).all(axis=1)
        y[some] = shift(x[some], *move.tolist())
    return y


def train(net: Net, place: str, lr: float, seed: int, *, count: int | None = None) -> list[Any]:
    """Train on 1,000 digits, all in the "middle" or shifted at random "anywhere", anew in each epoch.

    Adam, batches of 50, a rate that falls to 0 in a straight line. `count` epochs, else those of `EPOCHS`.
    Returns the parameters, torch tensors.
    """
    import torch

    from cnnkit import training

    count = EPOCHS[choice("place", place, PLACES)] if count is None else count
    torch.set_num_threads(1)
    task, rng = on_canvas("train"), np.random.default_rng(seed)
    parameters = start(net, torch.Generator().manual_seed(seed))
    moving = place == "anywhere"
    x = torch.from_numpy(scattered(task.images, rng) if moving else task.images)[:, None]
    x = x.to(memory_format=torch.channels_last)
    for epoch in training.epochs(
        partial(logits, net, parameters), x, torch.from_numpy(task.labels), torch.optim.Adam(parameters, lr),
        count=count, batches=lambda: shuffled(len(x), BATCH, rng), rate=lambda i, n: lr * (1 - i / n),
    ):  # fmt: skip
        if moving and epoch.number < count:
            x[:, 0] = torch.from_numpy(scattered(task.images, rng))
    return parameters


def accuracy(net: Net, parameters: list[Any], data: Digits, down: int = 0, right: int = 0) -> float:
    """The share of the digits that is read rightly when all of them are moved by one shift."""
    from cnnkit import training

    return training.accuracy(partial(logits, net, parameters), shift(data.images, down, right)[:, None], data.labels)


def by_shift(net: Net, parameters: list[Any], split: str, shifts: Iterable[int] = SHIFTS) -> np.ndarray:
    """The accuracy on a split for every shift: an array (shifts down, shifts to the right)."""
    data, shifts = on_canvas(split), tuple(shifts)
    return np.array([[accuracy(net, parameters, data, down, right) for right in shifts] for down in shifts])
