"""`python -m cnnkit.course.gradients.record_race`: the race of initialisations, written to recorded_race.json.

Takes four minutes: seven initialisations, ten seeds, three learning rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cnnkit.course.gradients.race_numbers import DEPTH, EPOCHS, KNOWN, RATES, run_race
from cnnkit.course.kit.recorder import command_line, record, rounded

FILE = Path(__file__).with_name("recorded_race.json")
SEEDS = range(10)


def measure(name: str, *, seeds=SEEDS) -> dict[str, Any]:
    """The factor and the training error of each seed."""
    factors, errors = zip(*(run_race(KNOWN[name], seed) for seed in seeds), strict=True)
    return {"factors": rounded(factors), "errors": rounded(errors)}


def main(names: Sequence[str] = ()) -> None:
    """Run those that are named, or all."""
    parts = {name: partial(measure, name) for name in KNOWN}
    head = {"command": "python -m cnnkit.course.gradients.record_race", "depth": DEPTH, "epochs": EPOCHS}
    record(FILE, parts, names, runs=True, processes=1, **head, rates=list(RATES), seeds=len(SEEDS))


if __name__ == "__main__":
    command_line(main)
