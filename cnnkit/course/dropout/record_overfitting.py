"""`python -m cnnkit.course.dropout.record_overfitting`: what an explorer of notebook 03 draws beside its live training.

Takes four minutes. Writes recorded_overfitting.json: for every p, place, number of images and share of wrong labels
ten runs. The learning rate is the one that leaves the smallest validation loss on the way, with dropout and without, on
seeds of its own; all settings share it. The test split is not used.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit.course.dropout.overfitting_numbers import EVERY, IMAGES, PLACES, RATES, STEPS, WRONG, Run, setting, train
from cnnkit.course.kit.recorder import one_thread
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


def measure(runs: list[Run]) -> dict[str, Any]:
    """The curves of one setting as mean, lowest and highest of its runs, and each run's own end."""
    curves = {name: np.array([getattr(run, name) for run in runs]) for name in ("training", "validation")}
    bands = {name: [rounded(f(axis=0)) for f in (each.mean, each.min, each.max)] for name, each in curves.items()}
    ends = {
        "training_loss": [run.training[-1] for run in runs],
        "validation_loss": [run.validation[-1] for run in runs],
        "lowest_validation_loss": [run.lowest for run in runs],
        "training_error": [run.training_error for run in runs],
        "validation_error": [run.validation_error for run in runs],
    }
    return bands | {name: rounded(values) for name, values in ends.items()}


def rounded(values: Any) -> list[float]:
    return [round(float(value), 4) for value in values]


def main() -> None:
    """Measure everything and write the file."""
    tuned = choose_rate()
    print(tuned, flush=True)
    runs: dict[str, Any] = {}
    for images, wrong, p, place in product(IMAGES, WRONG, RATES, PLACES):
        name = setting(p, place, images, wrong)
        if name not in runs:
            runs[name] = measure([train(p, place, images, wrong, seed=seed, lr=tuned.lr) for seed in SEEDS])
            print(name, np.mean(runs[name]["validation_error"]), flush=True)
    head = {
        "command": "python -m cnnkit.course.dropout.record_overfitting", "seeds": len(SEEDS),
        "steps": STEPS, "every": EVERY,
        "lr": tuned.lr, "tried": {f"{lr:g}": round(score, 4) for lr, score in tuned.tried.items()},
    }  # fmt: skip
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(run)}" for name, run in runs.items())
    FILE.write_text(f'{json.dumps(head)[:-1]}, "runs": {{\n{lines}\n}}}}\n', encoding="utf-8")


if __name__ == "__main__":
    one_thread()
    main()
