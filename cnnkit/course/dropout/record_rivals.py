"""`python -m cnnkit.course.dropout.record_rivals`: dropout beside weight decay, early stopping and augmentation.

Takes a minute. Writes recorded_rivals.json. How strong each cure is was chosen on validation digits and seeds of its
own, once with right labels only and once with every fifth label wrong; the errors are those on the test digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cnnkit.course.dropout.experiments.rivals import RIVALS, Cure, cure_of, error_with
from cnnkit.course.dropout.overfitting_numbers import WRONG
from cnnkit.course.kit.recorder import command_line, record, rounded
from cnnkit.course.kit.tune import tune

FILE = Path(__file__).with_name("recorded_rivals.json")
CHOOSING, SEEDS = range(100, 105), range(10)


def measure(wrong: str) -> Iterator[tuple[str, Any]]:
    """Each cure at its best strength, and dropout together with augmentation, each at its own best."""
    best: dict[str, Any] = {}
    for name, strengths in RIVALS.items():
        chosen = tune(
            lambda strength, seed, name=name: error_with(cure_of(name, strength), wrong, seed=seed, on="validation"),
            strengths, CHOOSING,
        )  # fmt: skip
        best[name] = chosen.lr
        yield name, {"strength": chosen.lr, "tried": chosen.rounded(), "test": ends(cure_of(name, chosen.lr), wrong)}
    both = Cure(p=best["dropout"], shifted=best["augmentation"])
    yield "dropout and augmentation", {"test": ends(both, wrong)}


def ends(cure: Cure, wrong: str) -> list[float]:
    """The test errors of all seeds."""
    return rounded(error_with(cure, wrong, seed=seed) for seed in SEEDS)


PARTS = {f"wrong {wrong}": partial(measure, wrong) for wrong in WRONG}


def main(names: Sequence[str] = ()) -> None:
    """Measure the parts named, or all."""
    record(FILE, PARTS, names)


if __name__ == "__main__":
    command_line(main)
