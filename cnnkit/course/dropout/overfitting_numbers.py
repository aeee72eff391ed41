"""A small network on few digits, with dropout and without: how far the validation loss stays behind the training's."""

from __future__ import annotations

from collections.abc import Generator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import choice, integer, probability
from cnnkit.course.dropout.experiments.forms import Dropout
from cnnkit.course.kit.stepwise import stepwise
from cnnkit.course.kit.training import BATCH, Task, digits_task, epochs, loss, right
from cnnkit.losses import cross_entropy_backward
from cnnkit.network import Activation, Layer, Linear, Network, sgd

PLACES = ("input", "hidden", "both")
WRONG = ("none", "1 in 5")  # labels that are wrong on purpose, so that there is something to learn by heart
RATES, IMAGES = tuple(round(0.1 * i, 1) for i in range(9)), (100, 200, 300, 400)  # what is recorded
UNITS, STEPS, EVERY = 128, 300, 20
AT_ONCE = 5  # steps in one piece of work, a few milliseconds
LR, MOMENTUM = 0.03, 0.9


class Run(NamedTuple):
    """One training: losses without dropping anything, every EVERY steps from before the first, and errors at the end.

    training, validation                cross entropy on the images trained on, and on those for validation
    training_error, validation_error    the share of each that is wrong after the last step
    """

    training: np.ndarray
    validation: np.ndarray
    training_error: float
    validation_error: float

    @property
    def lowest(self) -> float:
        """The smallest validation loss on the way: what stopping in time would have left."""
        return float(self.validation.min())

    @property
    def gap(self) -> float:
        """How much larger the loss is on images that were not trained on, after the last step."""
        return float(self.validation[-1] - self.training[-1])


def network(p: float, place: str, rng: np.random.Generator) -> Network:
    """64 inputs, UNITS hidden ones with a ReLU, 10 outputs; dropout before the first layer, after the ReLU, or both.

    With p = 0 there is none at all, whatever the place: then all places are the same network, trained alike.

    >>> network(0.5, "both", np.random.default_rng(0)).layers
    [Dropout(0.5), Linear(64, 128), Activation('relu'), Dropout(0.5), Linear(128, 10)]
    """
    places = {"input", "hidden"} if choice("place", place, PLACES) == "both" else {place}
    layers: list[Layer] = [Linear(64, UNITS), Activation("relu")]
    layers += [Dropout(p, rng=rng)] if p and "hidden" in places else []
    layers += [Linear(UNITS, 10)]
    first = [Dropout(p, rng=rng)] if p and "input" in places else []
    return Network([*first, *layers], rng=rng, dtype=np.float32)


@stepwise(maxsize=64)
def train(
    p: float, place: str, images: int, wrong: str = WRONG[0], *, seed: int, lr: float = LR
) -> Generator[None, None, Run]:
    """Train on `images` digits of the training split, in batches of BATCH; 442 others are for validation.

    wrong   how many of their labels are wrong; those for validation are right
    seed    chooses the images, which labels are wrong, the start, the batches and the masks

    Errors: ValueError for an unknown place or `wrong`, p outside [0, 1), or more than 1,000 images.
    """
    if probability("p", p) == 1:
        raise ValueError("p must be below 1: with everything dropped there is nothing to learn")
    task, rng = few_digits(images, wrong, seed=seed), np.random.default_rng(seed)
    net, batches = network(p, place, rng), -(-images // BATCH)
    parts = (task.x, task.labels), (task.x_validation, task.labels_validation)
    steps = epochs(net, *parts[0], lr=lr, count=-(-STEPS // batches), rng=rng, parts=batches, step=_step)
    losses = []
    for done, _ in zip(range(STEPS + 1), steps, strict=False):
        if done % EVERY == 0:
            losses.append([loss(net, *part) for part in parts])
        if done % AT_ONCE == 0:
            yield
    training, validation = np.array(losses).T
    return Run(training, validation, *(float((~right(net, *part)).mean()) for part in parts))


def _step(net: Network, x: np.ndarray, labels: np.ndarray, lr: float) -> None:
    """SGD with momentum, in float64, so that another machine's rounding does not show."""
    logits = net.forward(x, training=True)
    net.backward(cross_entropy_backward(1.0, logits.astype(np.float64), labels))
    sgd(net, lr, momentum=MOMENTUM)


def few_digits(images: int, wrong: str = WRONG[0], *, seed: int) -> Task:
    """So many of 1,000 digits to learn from, others for each seed, and always the same 442 for validation.

    With `wrong` = "1 in 5" every fifth of them is labelled as one of the nine other digits.

    >>> task = few_digits(100, "1 in 5", seed=0)
    >>> task.x.shape, int((task.labels != few_digits(100, seed=0).labels).sum())
    ((100, 64), 20)
    """
    whole = _whole()
    if integer("images", images, at_least=1) > len(whole.x):
        raise ValueError(f"images must be at most {len(whole.x):,}, got {images:,}")
    rng = np.random.default_rng([seed, 1])
    chosen = rng.permutation(len(whole.x))[:images]
    labels = whole.labels[chosen]
    if choice("wrong", wrong, WRONG) == "1 in 5":
        some = slice(0, 5 * (images // 5), 5)  # the digits are in random order
        labels[some] = (labels[some] + rng.integers(1, 10, images // 5)) % 10
    return Task(whole.x[chosen], labels, *whole[2:])


def recorded(found: dict[str, Any], p: float, place: str, images: int, wrong: str) -> dict[str, Any]:
    """The runs of one setting in `results("dropout", "overfitting")`; without dropout the place does not matter."""
    return found["runs"][setting(p, place, images, wrong)]


def setting(p: float, place: str, images: int, wrong: str) -> str:
    """What a setting is called among the recorded ones.

    >>> setting(0.5, "hidden", 200, "1 in 5"), setting(0, "input", 100, "none")
    ('p 0.5 hidden, 200 images, wrong 1 in 5', 'no dropout, 100 images, wrong none')
    """
    return f"{f'p {p:g} {place}' if p else 'no dropout'}, {images} images, wrong {wrong}"


@cache
def _whole() -> Task:
    task = digits_task()
    return Task(task.x.astype(np.float32), task.labels, task.x_validation.astype(np.float32), task.labels_validation)
