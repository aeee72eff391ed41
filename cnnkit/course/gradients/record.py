"""`python -m cnnkit.course.gradients.record`: the trainings of notebook 02 that take minutes, written to recorded.json.

Names of settings behind it measure only these again: `… record "depth 2, ReLU" "depth 3, ReLU"`.

Each setting gets the learning rate that is best for it on two seeds and half as many epochs, and is then trained with
that rate on ten other seeds. Training errors are kept, per epoch: mean, lowest and highest over the seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cnnkit.course.gradients.experiments import best_rate, deep_net, learning_curves
from cnnkit.course.kit.recorder import command_line, record, rounded
from cnnkit.course.kit.training import digits_task

FILE = Path(__file__).with_name("recorded.json")
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
SMALL_RATES = tuple(10.0**power for power in range(-9, -1))  # for gradients that explode
DEPTHS = (2, 3, 5, 10, 20)
CHOOSING, SEEDS, EPOCHS = range(100, 102), range(10), 20

SIGMOID: dict[str, Any] = {"activation": "sigmoid", "init": "xavier"}
TANH = {"activation": "tanh", "init": "xavier"}
RELU = {"activation": "relu", "init": "he"}
EACH = {"sigmoid": SIGMOID, "tanh": TANH, "ReLU": RELU}
KINDS = ("batch norm", "skip")
SETTINGS: dict[str, dict[str, Any]] = {
    **{f"depth {d}, {name}": {"depth": d, **each} for d in DEPTHS for name, each in
       {**EACH, "sigmoid, gain 4": SIGMOID | {"gain": 4.0}}.items()},
    **{f"depth 20, ReLU, gain {gain:g}": {"depth": 20, **RELU, "gain": gain} for gain in (0.5, 0.7)},
    **{f"depth 20, ReLU, gain {gain:g}": {"depth": 20, **RELU, "gain": gain, "rates": SMALL_RATES}
       for gain in (1.4, 2.0)},
    **{f"depth 20, {a}, {kind}": {"depth": 20, **each, "kind": kind} for kind in KINDS for a, each in EACH.items()},
    "depth 20, ReLU, skip": {"depth": 20, **RELU, "kind": "skip", "rates": SMALL_RATES},
    "depth 5, sigmoid, 100 epochs": {"depth": 5, **SIGMOID, "epochs": 100},
    "depth 10, sigmoid, 100 epochs": {"depth": 10, **SIGMOID, "epochs": 100},
}  # fmt: skip


def measure(setting: dict[str, Any], *, choosing=CHOOSING, seeds=SEEDS) -> dict[str, Any]:
    """The best learning rate of one setting, and the training errors with it, epoch by epoch."""
    task = digits_task()
    options: dict[str, Any] = {"epochs": EPOCHS, "rates": RATES} | setting
    count, rates = options.pop("epochs"), options.pop("rates")
    make = partial(make_net, **options)
    rate = best_rate(make, task, rates=rates, count=count // 2, seeds=choosing)
    curves = learning_curves(make, task, lr=rate, count=count, seeds=seeds)
    bands = {"mean": curves.mean(axis=0), "lowest": curves.min(axis=0), "highest": curves.max(axis=0)}
    return {**setting, "rate": rate, **{name: rounded(each) for name, each in bands.items()}}


def make_net(rng, **options):
    """`deep_net` with its `rng` first."""
    return deep_net(rng=rng, **options)


def main(names: Sequence[str] = ()) -> None:
    """Measure the settings that are named, or all; two at a time."""
    parts = {name: partial(measure, setting) for name, setting in SETTINGS.items()}
    head = {"command": "python -m cnnkit.course.gradients.record", "seeds": len(SEEDS)}
    record(FILE, parts, names, runs=True, processes=2, **head)


if __name__ == "__main__":
    command_line(main)
