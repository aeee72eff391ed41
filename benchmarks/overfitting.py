"""`python -m benchmarks.overfitting`: what notebook 03's explorer draws beside its live training, in four minutes.

Writes benchmarks/results/overfitting.json: for every p, place, number of images and share of wrong labels ten runs.
The learning rate is the one that leaves the smallest validation loss on the way, with dropout and without, on seeds of
its own; all settings share it. The test split is not used.
"""

from __future__ import annotations

import os

for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # read when numpy is imported
    os.environ[pool] = "1"

import json  # noqa: E402 (after the lines above, or they come too late)
from itertools import product  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from cnnkit.course.kit.tune import Tuned, tune  # noqa: E402
from cnnkit.experiments.overfitting import EVERY, IMAGES, PLACES, RATES, STEPS, WRONG, Run, setting, train  # noqa: E402

FILE = Path(__file__).parent / "results" / "overfitting.json"
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
        "command": "python -m benchmarks.overfitting", "seeds": len(SEEDS), "steps": STEPS, "every": EVERY,
        "lr": tuned.lr, "tried": {f"{lr:g}": round(score, 4) for lr, score in tuned.tried.items()},
    }  # fmt: skip
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(run)}" for name, run in runs.items())
    FILE.write_text(f'{json.dumps(head)[:-1]}, "runs": {{\n{lines}\n}}}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
