"""`python -m cnnkit.course.cnn.record`: the trainings of notebook 07 that take minutes, written to recorded.json.

Names of parts behind it measure only these again: `python -m cnnkit.course.cnn.record norm orders`. Every learning
rate is the best of several on validation digits, with two seeds of its own; the ten seeds that are reported are others,
and the test digits are read by those only.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit.course.cnn.experiments import measures
from cnnkit.course.cnn.experiments.again import BLOCKS, DROP_TASKS, LONG, PREPARED, TARGETS, USUAL, prepare
from cnnkit.course.cnn.experiments.nets import Task, build_net, epochs, error, images_task
from cnnkit.course.kit.recorder import by_seed, command_line, record, rounded
from cnnkit.course.kit.tune import Tuned, epochs_to, tune

FILE = Path(__file__).with_name("recorded.json")
CHOOSING, SEEDS = range(100, 102), range(10)
RATES = (0.003, 0.01, 0.03, 0.1, 0.3)
FALLING = (0.01, 0.03)  # for trainings whose rate falls to 0; at 0.1 few of those with dropout learn

DEEP = (
    "conv 8, norm, relu, conv 8, norm, relu, pool, conv 16, norm, relu, conv 16, norm, relu, pool, flatten, linear 10"
)
KINDS = {"with batch norm": DEEP, "without": DEEP.replace("norm, ", "")}
GAINS = (0.1, 10.0)

ORDERS = ("norm, relu, drop {p}", "relu, norm, drop {p}", "relu, drop {p}, norm", "drop {p}, norm, relu")
PLAIN = ("norm, relu", "relu, norm")

DROPS = "conv 16, relu, pool, {2}conv 32, relu, pool, flatten, {1}linear 64, relu, {0}linear 10"
ERRORS = ("training", "validation", "test")
ALL_RATES = (1e-7, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0)


def norm() -> Iterator[tuple[str, Any]]:
    """Epochs to a fixed validation error with and without batch norm: each at its best rate, and at every rate."""
    for place, target in TARGETS.items():
        task, count = images_task(place), LONG[place]
        for kind, words in KINDS.items():
            yield f"{place}, {kind}", fastest(words, task, target, count)


def gains() -> Iterator[tuple[str, Any]]:
    """The same on digits in the middle, with all weights of the first layer multiplied at the start."""
    task = images_task("middle")
    for gain in GAINS:
        for kind, words in KINDS.items():
            yield f"{gain:g}, {kind}", fastest(words, task, TARGETS["middle"], LONG["middle"], gain=gain)


def fastest(words: str, task: Task, target: float, count: int, gain: float = 1.0) -> dict[str, Any]:
    """The rate that gets there first (never counts as twice `count`), and ten runs with it."""

    def curve(lr: float, seed: int) -> np.ndarray:
        return measures.reading(words, task, lr=lr, seed=seed, count=count, gain=gain)

    tuned = tune(lambda lr, seed: min(2 * count, epochs_to(curve(lr, seed), target)), RATES, CHOOSING)
    curves = [curve(tuned.lr, seed) for seed in SEEDS]
    reached = [min(2 * count, epochs_to(each, target)) for each in curves]
    return {"words": words, **rate(tuned), "epochs": reached, "curves": rounded(curves)}


def turned() -> Iterator[tuple[str, Any]]:
    """How much the layers below turn a layer's gradient in one step, on average over five epochs of training."""
    task = images_task("middle")
    for kind, words in KINDS.items():
        for lr in (0.01, 0.03):  # at 0.1 some networks without batch norm die, and a dead one has no gradient
            cosines = [turned_in_training(words, task, lr, seed) for seed in SEEDS]
            yield f"{kind}, rate {lr:g}", rounded(cosines)  # seed × layer


def turned_in_training(words: str, task: Task, lr: float, seed: int) -> np.ndarray:
    """The mean cosine for each layer but the first, four times an epoch, on a batch of fifty."""
    net, cosines = build_net(words, seed=seed), []
    for at in epochs(net, task.x, task.labels, lr=lr, count=5, seed=seed, falling=False, parts=4):
        first = int(200 * at) % 950
        some = slice(first, first + 50)
        cosines.append(measures.gradients_turned(net, task.x[some], task.labels[some], lr))
    return np.mean(cosines, axis=0)


def orders() -> Iterator[tuple[str, Any]]:
    """Batch norm, ReLU and dropout in every order that makes a difference, on shifted digits."""
    task = images_task("shifted")
    settings = [order.format(p=p) for p in (0.2, 0.5) for order in ORDERS]
    for order in (*PLAIN, *settings):
        words = BLOCKS.format(order)
        tuned, runs = chosen(words, task, 15)
        repaired = [measures.settle(run.net, task.x, dropping=False) for run in runs]
        yield order, {
            **rate(tuned), **by_seed(runs, *ERRORS),
            "shift": rounded(measures.variance_shift(run.net, task.x) for run in runs),
            "repaired": rounded(error(net, task.x_test, task.labels_test) for net in repaired),
        }  # fmt: skip


def drops() -> Iterator[tuple[str, Any]]:
    """No dropout, or before the last 1, 2 or 3 layers, with many digits to learn from and with few."""
    for name, (n, count) in DROP_TASKS.items():
        task = images_task("middle", n)
        for p in (0, 0.2, 0.5):
            for layers in range(1, 4) if p else [0]:
                words = DROPS.format(*(f"drop {p}, " * (i < layers) for i in range(3)))
                tuned, runs = chosen(words, task, count)
                key = f"{name}, {layers} × {p:g}" if layers else f"{name}, 0"
                yield key, {"words": words, **rate(tuned), **by_seed(runs, *ERRORS)}


def preparation() -> Iterator[tuple[str, Any]]:
    """Pixels from 0 to 255, from 0 to 1, and standardised, with and without batch norm; all rates are shown."""
    for name in PREPARED:
        for kind, words in {"with batch norm": USUAL, "without": USUAL.replace("norm, ", "")}.items():
            tuned, runs = chosen(words, prepare(name), 10, ALL_RATES)
            yield f"{name}, {kind}", {**rate(tuned), **by_seed(runs, *ERRORS)}


def chosen(words: str, task: Task, count: int, rates: Any = FALLING) -> tuple[Tuned, list[measures.Run]]:
    """The rate with the lowest validation error, and ten runs with it."""

    def run(lr: float, seed: int) -> measures.Run:
        return measures.train(words, task, lr=lr, seed=seed, count=count)

    tuned = tune(lambda lr, seed: run(lr, seed).validation, rates, CHOOSING)
    return tuned, [run(tuned.lr, seed) for seed in SEEDS]


def moved() -> dict[str, Any]:
    """Four convolutions with batch norm on digits that stand somewhere else in each picture."""
    tuned, runs = chosen(DEEP, images_task("shifted"), 20)
    return {"words": DEEP, **rate(tuned), **by_seed(runs, *ERRORS)}


def features() -> Iterator[tuple[str, Any]]:
    """What units hold before and after training, with and without dropout of 0.3 before each layer but the first."""
    task = images_task("shifted")
    for name, drop in {"plain": "", "dropout": "drop 0.3, "}.items():
        words = DROPS.format(drop, drop, drop)
        runs = chosen(words, task, 20)[1]
        nets = {name: [run.net for run in runs]}
        if name == "plain":
            nets["untrained"] = [build_net(words, shape=(1, 12, 12), seed=seed) for seed in SEEDS]
        for key, each in nets.items():
            yield key, {**together(each, task), **(by_seed(runs, *ERRORS) if key == name else {})}


def together(nets: list[Any], task: Task) -> dict[str, Any]:
    """For the picture (0) and behind each ReLU (1, 2, 3), one number for each network.

    Mean |r| over the test pictures of neighbours in a map and of channels at one place, and what the units know of the
    class: how much of their variance it explains, and how often the nearest class mean is right.
    """
    found: dict[str, Any] = {}
    labels, labels_test = task.labels.numpy(), task.labels_test.numpy()
    for net in nets:
        layers = [0, *(i for i, layer in enumerate(net, start=1) if "ReLU" in repr(layer))]
        seen, new = (measures.outputs(net, x) for x in (task.x, task.x_test))
        for number, i in enumerate(layers):
            values = {
                "means": measures.read_by_means(seen[i], labels, new[i], labels_test),
                "explained": measures.explained(new[i], labels_test),
                "channels": measures.channels(new[i]) if number else None,
                "neighbours": measures.neighbours(new[i]) if new[i].ndim == 4 else None,
            }
            for name, value in values.items():
                if value is not None:
                    found.setdefault(f"{name} {number}", []).append(round(value, 4))
    return found


def rate(tuned: Tuned) -> dict[str, Any]:
    return {"rate": tuned.lr, "tried": tuned.rounded()}


PARTS = {
    "moved": moved, "norm": norm, "gains": gains, "turned": turned, "orders": orders, "drops": drops,
    "preparation": preparation, "features": features,
}  # fmt: skip


def main(names: Sequence[str] = ()) -> None:
    """Measure the parts named, or all."""
    record(FILE, PARTS, names, command="python -m cnnkit.course.cnn.record", seeds=len(SEEDS))


if __name__ == "__main__":
    command_line(main)
