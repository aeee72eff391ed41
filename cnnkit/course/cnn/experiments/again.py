"""One of the recorded trainings once more, with a seed of your own: what the lab runs beside its evidence."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.course.cnn.experiments import measures
from cnnkit.course.cnn.experiments.nets import Task, images_task
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.tune import epochs_to
from cnnkit.course.kit.words import spread

TARGETS = {"middle": 0.05, "shifted": 0.2}  # the validation error that counts as reached
LONG = {"middle": 10, "shifted": 12}  # epochs
BLOCKS = "conv 8, {0}, pool, conv 16, {0}, pool, flatten, linear 10"
DROP_TASKS = {"1,000 digits": (1000, 15), "200 digits": (200, 45)}  # how many there are, and epochs
USUAL = "conv 8, norm, relu, pool, conv 16, norm, relu, pool, flatten, linear 32, relu, linear 10"
PREPARED = {"0 to 255": (255.0, False), "0 to 1": (1.0, False), "mean 0, variance 1": (1.0, True)}
PARTS = {"F3": "norm", "F4": "orders", "F5": "drops", "F6": "preparation"}


def prepare(name: str) -> Task:
    """The digits in the middle with their pixels as `name` says."""
    plain, (highest, centred) = images_task("middle"), PREPARED[choice("name", name, tuple(PREPARED))]
    zero, one = float(plain.x.min()), float(plain.x.max())
    return Task(*(x if centred or x.dim() == 1 else (x - zero) / (one - zero) * highest for x in plain))


def again(claim: str, name: str, *, seed: int) -> str:
    """Train the network `name` of a claim's record once, at its recorded rate, and say how that compares.

    claim   "F3" … "F6"
    name    a row of the record, such as "relu, drop 0.5, norm"
    seed    0 to 9 are the recorded ones

    Errors: ValueError for a claim without such a record, or a name that is not in it.
    """
    stored = results("cnn")[PARTS[choice("claim", claim, tuple(PARTS))]]
    run, seed = stored[choice("name", name, tuple(stored))], integer("seed", seed, at_least=0)
    start = f"{name}, seed {seed}, rate {run['rate']:g}:"
    if claim == "F3":
        place = name.partition(",")[0]
        curve = measures.reading(run["words"], images_task(place), lr=run["rate"], seed=seed, count=LONG[place])
        epochs = epochs_to(curve, TARGETS[place])
        reached = f"there after {epochs:g} epochs" if epochs < LONG[place] else f"not there in {LONG[place]} epochs"
        low, *_, high = sorted(run["epochs"])
        return f"{start} {reached}; recorded median {np.median(run['epochs']):.1f} ({low} to {high})"
    words, task, count = _setting(claim, name, run)
    test = measures.train(words, task, lr=run["rate"], seed=seed, count=count).test
    return f"{start} {test:.1%} of the test digits misread; recorded {spread(run['test'], percent=True)}"


def _setting(claim: str, name: str, run: dict[str, Any]) -> tuple[str, Task, int]:
    """The network in words, its digits, and how many epochs it learns."""
    if claim == "F4":
        return BLOCKS.format(name), images_task("shifted"), 15
    if claim == "F5":
        n, count = DROP_TASKS[name.rpartition(", ")[0]]
        return run["words"], images_task("middle", n), count
    preparation, _, kind = name.rpartition(", ")
    return USUAL if kind == "with batch norm" else USUAL.replace("norm, ", ""), prepare(preparation), 10
