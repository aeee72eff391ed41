"""Digits that stand anywhere on a larger canvas, and how well networks of `sharing_nets` read them, shift by shift."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import choice
from cnnkit.course.sharing.experiments.nets import CANVAS, Net, logits, start
from cnnkit.data import digits
from cnnkit.matrices import shift
from cnnkit.network.fit import shuffled

REACH = 4  # pixels from the middle to each side
SHIFTS = tuple(range(-REACH, REACH + 1))
PLACES = ("middle", "anywhere")
EPOCHS = {"middle": 20, "anywhere": 60}
BATCH = 50


class Digits(NamedTuple):
    """Canvases (N, 16, 16) with an 8×8 digit in the middle of each, ink from 0 to 1, and the labels."""

    x: np.ndarray
    labels: np.ndarray


def on_canvas(split: str) -> Digits:
    """1,000 digits to "train" on, the other 442 of that split for "validation", or the 355 of "test".

    >>> on_canvas("validation").x.shape
    (442, 16, 16)
    """
    choice("split", split, ("train", "validation", "test"))
    data = digits("test" if split == "test" else "train")
    chosen = np.arange(len(data))
    if split != "test":
        order = np.random.default_rng(0).permutation(len(data))  # as in `digits_task`
        chosen = order[:1000] if split == "train" else order[1000:]
    around = (CANVAS - data.images.shape[-1]) // 2
    return Digits(np.pad(data.images[chosen, 0], ((0, 0), (around, around), (around, around))), data.labels[chosen])


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
    x = torch.from_numpy(scattered(task.x, rng) if moving else task.x)[:, None].to(memory_format=torch.channels_last)
    for epoch in training.epochs(
        partial(logits, net, parameters), x, torch.from_numpy(task.labels), torch.optim.Adam(parameters, lr),
        count=count, batches=lambda: shuffled(len(x), BATCH, rng), rate=lambda i, n: lr * (1 - i / n),
    ):  # fmt: skip
        if moving and epoch.number < count:
            x[:, 0] = torch.from_numpy(scattered(task.x, rng))
    return parameters


def accuracy(net: Net, parameters: list[Any], data: Digits, down: int = 0, right: int = 0) -> float:
    """The share of the digits that is read rightly when all of them are moved by one shift."""
    from cnnkit import training

    return training.accuracy(partial(logits, net, parameters), shift(data.x, down, right)[:, None], data.labels)


def by_shift(net: Net, parameters: list[Any], split: str, shifts: Iterable[int] = SHIFTS) -> np.ndarray:
    """The accuracy on a split for every shift: an array (shifts down, shifts to the right)."""
    data, shifts = on_canvas(split), tuple(shifts)
    return np.array([[accuracy(net, parameters, data, down, right) for right in shifts] for down in shifts])
