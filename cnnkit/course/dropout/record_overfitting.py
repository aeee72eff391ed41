"""`python -m cnnkit.course.dropout.record_overfitting`: what an explorer of notebook 03 draws beside its live training.

Takes four minutes. Writes recorded_overfitting.json: for every p, place, number of images and share of wrong labels
ten runs. The learning rate is the one that leaves the smallest validation loss on the way, with dropout and without, on
seeds of its own; all settings share it. The test split is not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit.course.dropout.overfitting_numbers import EVERY, IMAGES, PLACES, RATES, STEPS, WRONG, setting, train
from cnnkit.course.kit.recorder import by_seed, command_line, record, rounded
from cnnkit.course.kit.tune import Tuned, tune

FILE = Path(__file__).with_name("recorded_overfitting.json")
CHOOSING, SEEDS = range(100, 103), range(10)
LEARNING_RATES = (0.01, 0.02, 0.03, 0.05, 0.1)


def choose_rate(seeds: Any = CHOOSING) -> Tuned:
    """The learning rate for all: on 200 images, without dropout, and with p = 0.5 (hidden) and 0.2 (input)."""

    def score(lr: float, seed: int) -> float:
        tried = product(((0.0, "hidden"), (0.5, "hidden"), (0.2, "input")), WRONG)
        return float(np.mean([train(p, place, 200, wrong, seed=seed, lr=lr).lowest for (p, place), wrong in tried]))

    return tune(score, LEARNING_RATES, seeds)


def measure(p: float, place: str, images: int, wrong: str, lr: float, seeds: Any = SEEDS) -> dict[str, Any]:
    """The curves of one setting as mean, lowest and highest of its runs, and each run's own end."""
    runs = [train(p, place, images, wrong, seed=seed, lr=lr) for seed in seeds]
    curves = {name: np.array([getattr(run, name) for run in runs]) for name in ("training", "validation")}
    bands = {name: rounded(f(axis=0) for f in (each.mean, each.min, each.max)) for name, each in curves.items()}
    ends = {
        "training_loss": [run.training[-1] for run in runs],
        "validation_loss": [run.validation[-1] for run in runs],
        "lowest_validation_loss": [run.lowest for run in runs],
    }
    ends = {name: rounded(values) for name, values in ends.items()}
    return bands | ends | by_seed(runs, "training_error", "validation_error")


def main(names: Sequence[str] = ()) -> None:
    """Choose the rate, and measure the settings named, or all."""
    tuned = choose_rate()
    settings = product(IMAGES, WRONG, RATES, PLACES)
    parts = {
        setting(p, place, images, wrong): partial(measure, p, place, images, wrong, tuned.lr)
        for images, wrong, p, place in settings
    }
    head: dict[str, Any] = {
        "command": "python -m cnnkit.course.dropout.record_overfitting", "seeds": len(SEEDS),
        "steps": STEPS, "every": EVERY, "lr": tuned.lr, "tried": tuned.rounded(),
    }  # fmt: skip
    record(FILE, parts, names, runs=True, **head)


if __name__ == "__main__":
    command_line(main)
