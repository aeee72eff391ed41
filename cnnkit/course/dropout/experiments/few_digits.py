"""Dropout in networks that learn from few digits: errors, ensembles, units that lean on each other, a bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cnnkit.course.dropout.experiments.forms import reader
from cnnkit.course.kit.training import Task, digit_parts, digits_task, epochs, error, rows
from cnnkit.losses import cross_entropy, softmax
from cnnkit.network import Activation, Linear, Network

FEW, HIDDEN, EPOCHS, BATCH = 200, (128,), 60, 20


def few_digits(seed: int, n: int = FEW, task: Task | None = None) -> tuple[np.ndarray, np.ndarray]:
    """`n` of the thousand digits to learn from, others for each seed.

    >>> x, labels = few_digits(0)
    >>> x.shape, labels.shape
    ((200, 64), (200,))
    """
    task = task or digits_task()
    if n > len(task.x):
        raise ValueError(f"n must be at most {len(task.x):,}, got {n:,}")
    chosen = np.random.default_rng([seed, 0]).permutation(len(task.x))[:n]
    return task.x[chosen], task.labels[chosen]


def fresh_digits(seed: int, n: int = FEW, task: Task | None = None) -> np.ndarray:
    """All digits of the training split that `few_digits(seed, n)` left out, as rows."""
    task = task or digits_task()
    left = np.random.default_rng([seed, 0]).permutation(len(task.x))[n:]
    return np.concatenate([task.x[left], task.x_validation])


def held_digits() -> tuple[np.ndarray, np.ndarray]:
    """The 355 digits of the test split as rows of 64 numbers, and their labels."""
    test = digit_parts(normalized=True)["test"]
    return rows(test.images), test.labels


def train(
    seed: int, *, lr: float, p_hidden: float = 0.0, p_input: float = 0.0, n: int = FEW, net: int = 0,
    hidden: Sequence[int] = HIDDEN, count: int = EPOCHS, bound: float = np.inf, task: Task | None = None,
) -> Network:  # fmt: skip
    """Train one network on `few_digits(seed)`; `net` numbers the starts on the same digits.

    With one seed, the start and the order of the digits are the same for every p, rate and bound: only the masks and
    what follows from them differ. `bound` keeps the length of each unit's incoming weights at or below it.
    """
    x, labels = few_digits(seed, n, task)
    rng, masks = np.random.default_rng([seed, 1, net]), np.random.default_rng([seed, 2, net])
    made = reader(hidden, rng=rng, masks=masks, p_input=p_input, p_hidden=p_hidden)
    for _ in epochs(made, x, labels, lr=lr, count=count, rng=rng, batch=BATCH, parts=-(-n // BATCH)):
        if bound < np.inf:
            shorten(made, bound)
    return made


def shorten(net: Network, bound: float) -> None:
    """Scale the incoming weights of each unit down to the length `bound`, where they are longer.

    >>> net = Network([Linear(2, 1)], rng=np.random.default_rng(0))
    >>> net.layers[0].parameters["weight"] = np.array([[3.0, 4.0]])
    >>> shorten(net, 2.5)
    >>> net.layers[0].parameters["weight"]
    array([[1.5, 2. ]])

    Reference: Srivastava et al. (2014), section 5.1.
    """
    for layer in net.layers:
        if isinstance(layer, Linear):
            weight = layer.parameters["weight"]
            with np.errstate(over="ignore", invalid="ignore"):
                length = np.linalg.norm(weight, axis=1, keepdims=True)
                layer.parameters["weight"] = weight * np.minimum(1, bound / np.maximum(length, 1e-12))


class Errors(NamedTuple):
    """The share of digits taken for another: those trained on, validation, test."""

    training: float
    validation: float
    test: float


def errors(net: Network, seed: int, *, n: int = FEW, task: Task | None = None) -> Errors:
    """How `net`, trained on `few_digits(seed, n)`, does on each kind of digits."""
    task = task or digits_task()
    parts = few_digits(seed, n, task), (task.x_validation, task.labels_validation), held_digits()
    return Errors(*(error(net, *part) for part in parts))


def average(all_probabilities: np.ndarray) -> np.ndarray:
    """The class with the largest mean probability; the networks are the first axis.

    >>> average(np.array([[[0.6, 0.4]], [[0.6, 0.4]], [[0.1, 0.9]]]))
    array([1])
    """
    return all_probabilities.mean(axis=0).argmax(axis=1)


def vote(all_probabilities: np.ndarray) -> np.ndarray:
    """The class that most networks take for the likeliest; of several such the one with the largest mean probability.

    >>> vote(np.array([[[0.6, 0.4]], [[0.6, 0.4]], [[0.1, 0.9]]]))
    array([0])
    """
    classes = all_probabilities.shape[2]
    votes = (all_probabilities.argmax(axis=2)[..., None] == np.arange(classes)).sum(axis=0)
    return (votes + all_probabilities.mean(axis=0) / 2).argmax(axis=1)


class Ensemble(NamedTuple):
    """Errors on the training digits and on others, of each of several networks alone and of them all together."""

    training: list[float]
    alone: list[float]
    averaged: float
    voted: float


def ensemble(
    seed: int, *, lr: float, p_hidden: float = 0.0, members: int = 5, on: str = "test", task: Task | None = None
) -> Ensemble:
    """Train `members` networks from other starts on the same digits; let them read "test" or "validation" digits."""
    task = task or digits_task()
    x, labels = held_digits() if on == "test" else (task.x_validation, task.labels_validation)
    nets = [train(seed, lr=lr, p_hidden=p_hidden, net=i, task=task) for i in range(members)]
    found = np.array([softmax(net.forward(x), dim=1) for net in nets])
    together = [float((way(found) != labels).mean()) for way in (average, vote)]
    seen = few_digits(seed, task=task)
    return Ensemble([error(net, *seen) for net in nets], [error(net, x, labels) for net in nets], *together)


class Reliance(NamedTuple):
    """How a network with one hidden layer takes it when units are deleted, and how alike its units are."""

    whole: float  # the error with all units
    half: float  # the error with a random half of them deleted, the rest times 2; mean over ten halves
    one: float  # by how much the loss rises when one unit is deleted, relative to the loss; mean over the units
    worst: float  # the same for the unit that is missed most
    correlation: float  # mean size of the correlation between two units that ever fire
    active: float  # the share of units above 0, over units and digits


def reliance(net: Network, x: np.ndarray, labels: np.ndarray, *, rng: np.random.Generator) -> Reliance:
    """Delete hidden units and look at what becomes of the answers to x."""
    last, h = _hidden(net, x)
    weight, bias = last.parameters["weight"], last.parameters["bias"]
    logits = h @ weight.T + bias
    whole = cross_entropy(logits, labels)
    rises = [float(cross_entropy(logits - np.outer(h[:, u], weight[:, u]), labels) - whole) for u in range(h.shape[1])]
    halves = []
    for _ in range(10):
        kept = 2.0 * (rng.permutation(h.shape[1]) < h.shape[1] // 2)
        halves.append(float(((h * kept @ weight.T + bias).argmax(axis=1) != labels).mean()))
    alike = np.abs(np.corrcoef(h[:, h.std(axis=0) > 0].T))
    pairs = alike[~np.eye(len(alike), dtype=bool)]
    wrong = float((logits.argmax(axis=1) != labels).mean())
    return Reliance(
        wrong, float(np.mean(halves)), float(np.mean(rises) / whole), float(max(rises) / whole),
        float(pairs.mean()), float((h > 0).mean()),
    )  # fmt: skip


def _hidden(net: Network, x: np.ndarray) -> tuple[Linear, np.ndarray]:
    """The last layer, and the outputs of the activation before it."""
    net.forward(x)
    at = max(i for i, layer in enumerate(net.layers) if isinstance(layer, Activation))
    last = net.layers[-1]
    if not isinstance(last, Linear):
        raise ValueError(f"the network must end in a Linear layer, got {last!r}")
    return last, net.outputs[at + 1]
