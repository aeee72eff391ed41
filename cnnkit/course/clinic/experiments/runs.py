"""A small network that reads digits, with one fault or none: what its training and its layers say."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cnnkit import cross_entropy, softmax
from cnnkit.course.clinic.experiments.layers import Report, backpropagate, report
from cnnkit.course.kit.stepwise import stepwise
from cnnkit.course.kit.training import digit_parts
from cnnkit.network import Activation, Dropout, Layer, Linear, Network, sgd

WIDTH, BATCH, EPOCHS = 32, 50, 10
ONE_BATCH, STEPS = 50, 100  # the digits of the batch that is to be learnt by heart, and the steps for it
LEARNT, TRAINED = 0.1, 0.5  # below these losses a batch counts as learnt, and a training as done
EQUAL = float(np.log(10))  # the loss of a network that gives each of ten classes the same probability


class Recipe(NamedTuple):
    """How a patient is built and trained; the defaults are healthy.

    scale          what the pixels, ink from 0 to 1, are multiplied with
    hidden         how many hidden layers there are
    softmaxes      how often softmax is applied before a loss that applies it once more
    sorted_share   the share of the training digits that stand in the order of their labels, batch after batch
    p              dropout behind each hidden layer; with `evaluating` False it drops units in evaluation, too
    leaked         the share of the validation digits that were trained on
    digits         how many to train on
    """

    scale: float = 1.0
    activation: str = "relu"
    hidden: int = 2
    init: str = "he"
    gain: float = 1.0
    lr: float = 0.3
    softmaxes: int = 0
    sorted_share: float = 0.0
    p: float = 0.0
    evaluating: bool = True
    leaked: float = 0.0
    digits: int = 1000
    epochs: int = EPOCHS


class Run(NamedTuple):
    """What a training gave.

    losses       of each step
    validation   the share of the validation digits that is read right, after each epoch
    training     the share of the training digits that is read right, at the end
    unseen       the same of digits that were neither trained on nor used for validation
    start        what the layers say before the first step; `end` after the last
    """

    losses: np.ndarray
    validation: np.ndarray
    training: float
    unseen: float
    start: Report
    end: Report


def build(recipe: Recipe, seed: int = 0) -> Network:
    """The network of a recipe, untrained."""
    layers: list[Layer] = []
    for i in range(recipe.hidden):
        layers += [Linear(WIDTH if i else 64, WIDTH), Activation(recipe.activation)]
        layers += [Dropout(recipe.p)] if recipe.p else []
    return Network([*layers, Linear(WIDTH, 10)], rng=np.random.default_rng(seed), init=recipe.init, gain=recipe.gain)


def step(net: Network, x: np.ndarray, labels: np.ndarray, *, lr: float, softmaxes: int = 0) -> float:
    """One step on one batch; the loss before it."""
    loss = backpropagate(net, x, labels, softmaxes)
    with np.errstate(all="ignore"):
        sgd(net, lr)
    return loss


def in_order(labels: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """The numbers of the examples, in random order but for a share of them that is sorted by label."""
    order = rng.permutation(len(labels))
    places = np.sort(rng.permutation(len(labels))[: round(share * len(labels))])
    order[places] = order[places][np.argsort(labels[order[places]], kind="stable")]
    return order


@stepwise(maxsize=256)
def run(recipe: Recipe, seed: int = 0) -> Generator[None, None, Run]:
    """Train a network after a recipe."""
    (x, labels), (x_new, labels_new), (x_unseen, labels_unseen) = _data(recipe)
    net, rng = build(recipe, seed), np.random.default_rng(seed + 1)
    start = report(net, x, labels, recipe.softmaxes)
    losses, validation = [], []
    order = in_order(labels, recipe.sorted_share, rng) if recipe.sorted_share else None
    for _ in range(recipe.epochs):
        for some in np.array_split(rng.permutation(len(x)) if order is None else order, -(-len(x) // BATCH)):
            losses.append(step(net, x[some], labels[some], lr=recipe.lr, softmaxes=recipe.softmaxes))
            yield
        validation.append(_read(net, x_new, labels_new, training=not recipe.evaluating))
    return Run(
        np.array(losses), np.array(validation), _read(net, x, labels), _read(net, x_unseen, labels_unseen), start,
        report(net, x, labels, recipe.softmaxes),
    )  # fmt: skip


@lru_cache(maxsize=64)
def first_loss(recipe: Recipe, seed: int = 0) -> float:
    """The mean loss of the training digits before the first step."""
    (x, labels), *_ = _data(recipe)
    scores = build(recipe, seed).forward(x)
    for _ in range(recipe.softmaxes):
        scores = softmax(scores, dim=1)
    return float(cross_entropy(scores, labels))


@lru_cache(maxsize=64)
def one_batch(recipe: Recipe, seed: int = 0) -> float:
    """The loss on ONE_BATCH digits after STEPS steps on them."""
    (x, labels), *_ = _data(recipe)
    net, some = build(recipe, seed), slice(0, ONE_BATCH)
    losses = [step(net, x[some], labels[some], lr=recipe.lr, softmaxes=recipe.softmaxes) for _ in range(STEPS)]
    return losses[-1]


def last_loss(recipe: Recipe, seed: int = 0) -> float:
    """The mean training loss of the last epoch."""
    losses = run(recipe, seed).losses
    return float(losses[-(len(losses) // recipe.epochs) :].mean())


def starts_well(recipe: Recipe, seed: int = 0) -> bool:
    """Whether the first loss is near that of equal probabilities: within a factor of 2."""
    return EQUAL / 2 < first_loss(recipe, seed) < 2 * EQUAL


def learns_one_batch(recipe: Recipe, seed: int = 0) -> bool:
    """Whether one batch can be learnt by heart."""
    return one_batch(recipe, seed) < LEARNT


def trains(recipe: Recipe, seed: int = 0) -> bool:
    """Whether the training loss has come down in the last epoch."""
    return last_loss(recipe, seed) < TRAINED


def passes(recipe: Recipe, seed: int = 0) -> bool:
    """Whether all three checks pass that look at training digits alone; the quickest one comes first."""
    return starts_well(recipe, seed) and learns_one_batch(recipe, seed) and trains(recipe, seed)


def _data(recipe: Recipe) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Digits to train on, for validation, and unseen ones, as rows; some of the first are validated on if they leak."""
    parts = digit_parts()
    (x, labels), (x_other, labels_other) = (
        (part.images.reshape(len(part.labels), -1).astype(float), part.labels)
        for part in (parts["training"], parts["validation"])
    )
    x, labels = x[: recipe.digits], labels[: recipe.digits]
    half = len(x_other) // 2
    size = min(half, len(x))
    x_new, labels_new = x_other[:size].copy(), labels_other[:size].copy()
    leaked = round(recipe.leaked * size)
    x_new[:leaked], labels_new[:leaked] = x[:leaked], labels[:leaked]
    for images, classes in ((x, labels), (x_new, labels_new), (x_other[half:], labels_other[half:])):
        yield recipe.scale * images, classes


def _read(net: Network, x: np.ndarray, labels: np.ndarray, *, training: bool = False) -> float:
    with np.errstate(all="ignore"):
        return float((net.forward(x, training=training).argmax(axis=1) == labels).mean())
