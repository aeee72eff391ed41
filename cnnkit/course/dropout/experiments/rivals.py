"""Dropout beside its rivals: weight decay, early stopping and augmentation, on the same few digits."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cnnkit.course.dropout.experiments.few_digits import held_digits
from cnnkit.course.dropout.overfitting_numbers import LR, MOMENTUM, STEPS, few_digits, network
from cnnkit.course.kit.training import BATCH, error
from cnnkit.losses import cross_entropy_backward
from cnnkit.network import sgd
from cnnkit.network.fit import shuffled

IMAGES, SIDE = 200, 8


class Cure(NamedTuple):
    """What is done against overfitting; with nothing changed, nothing.

    p               dropout of the hidden units with this probability to drop
    weight_decay    each step also shrinks every weight by lr times this share of it
    steps           early stopping: the training ends after so many steps
    shifted         augmentation: the share of the digits in a batch that are moved by up to one pixel
    """

    p: float = 0.0
    weight_decay: float = 0.0
    steps: int = STEPS
    shifted: float = 0.0


def error_with(cure: Cure, wrong: str, *, seed: int, on: str = "test") -> float:
    """Train the network of the explorer on 200 digits with one cure; the share of "test" or "validation" digits wrong.

    With one seed the digits, their wrong labels and the start are the same for every cure.
    """
    task = few_digits(IMAGES, wrong, seed=seed)
    net = network(cure.p, "hidden", np.random.default_rng([seed, 2]))
    rng, moves = np.random.default_rng([seed, 3]), np.random.default_rng([seed, 4])
    done = 0
    while done < cure.steps:
        for some in shuffled(IMAGES, BATCH, rng)[: cure.steps - done]:
            x = shift(task.x[some], cure.shifted, moves)
            logits = net.forward(x, training=True)
            net.backward(cross_entropy_backward(1.0, logits.astype(np.float64), task.labels[some]))
            sgd(net, LR, momentum=MOMENTUM, weight_decay=cure.weight_decay)
            done += 1
    if on == "validation":
        return error(net, task.x_validation, task.labels_validation)
    x, labels = held_digits()
    return error(net, x.astype(np.float32), labels)


def shift(x: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Move a share of the digits, rows of 64 numbers, by −1, 0 or 1 pixel each way; the margin takes the paper's value.

    >>> x = np.zeros((1, 64)); x[0, 9] = 1.0
    >>> moved = shift(x, 1.0, np.random.default_rng(1))
    >>> int(moved.sum()), moved.shape
    (1, (1, 64))
    """
    if not share:
        return x
    pictures = x.reshape(-1, SIDE, SIDE)
    wide = np.pad(pictures, ((0, 0), (1, 1), (1, 1)), constant_values=x.min())
    down, right = rng.integers(0, 3, (2, len(x)))
    still = rng.random(len(x)) >= share
    down[still] = right[still] = 1
    rows, columns = (start[:, None] + np.arange(SIDE) for start in (down, right))
    return wide[np.arange(len(x))[:, None, None], rows[:, :, None], columns[:, None, :]].reshape(x.shape)


def cure_of(name: str, strength: Any) -> Cure:
    """One of RIVALS with this strength.

    >>> cure_of("early stopping", 40).steps, cure_of("nothing", 0) == Cure()
    (40, True)
    """
    return Cure(**{FIELDS[name]: strength}) if name in FIELDS else Cure()


FIELDS = {"dropout": "p", "weight decay": "weight_decay", "early stopping": "steps", "augmentation": "shifted"}
RIVALS: dict[str, tuple[Any, ...]] = {  # the strengths that are tried
    "nothing": (0,),
    "dropout": (0.2, 0.5, 0.7, 0.8, 0.9),
    "weight decay": (0.003, 0.01, 0.03, 0.1, 0.3),
    "early stopping": (10, 20, 30, 40, 80, 160, 240),
    "augmentation": (0.25, 0.5, 0.75, 1.0),
}
