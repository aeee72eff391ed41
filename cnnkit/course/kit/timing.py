"""Comparing how long things take on a machine whose speed changes."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import process_time
from typing import Any


def in_turns(runs: list[Callable[[], Any]], rounds: int) -> list[float]:
    """The median time of each run, all taking turns, after one round to warm up."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds + 1):
        for run, kept in zip(runs, times, strict=True):
            start = process_time()
            run()
            kept.append(process_time() - start)
    return [statistics.median(kept[1:]) for kept in times]
