"""The race: an activation of your own beside all the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnnkit.course.activations.dots import draw_dots
from cnnkit.course.activations.rivals_numbers import LONGEST, Function, rivals, run
from cnnkit.course.kit.message import draw_message
from cnnkit.course.kit.picture import Picture

TICKS = (2, 3, 4, 5, 7, 10, 15, 20, 30)


def race(f: Function, slope: Function, *, lr: float = 0.1, init: str = "he") -> Picture:
    """Train with the activation `f`, three times, and draw it as diamonds below the recorded runs of the others.

    f, slope   functions of an array: the activation, and its slope at each entry
    lr         the learning rate; the others run at their fastest ones
    init       how the random weights start: "he" for what looks like a ReLU, "xavier" for what flattens on both sides

    A function that stops, and a slope that is not the slope of f, are answered by a card that says where.
    """
    try:
        found = run(f, slope, lr=lr, init=init)
    except ValueError as error:
        return draw_message(str(error).replace("`", ""), title="Yours cannot race yet.", height=170)
    return draw_race(f"{getattr(f, '__name__', 'yours')}, rate {lr:g}", found)


def draw_race(name: str, found: Sequence[float]) -> Picture:
    """Draw the recorded runs of all others, and below them those found now: epochs, infinity for not within LONGEST."""
    finished = [each for each in found if np.isfinite(each)]
    missed = len(found) - len(finished)
    late = f" {missed} of {len(found)} runs were not there after {LONGEST} epochs." if missed else ""
    return draw_dots(
        rivals(), f"Epochs until 1 % of the training digits are wrong.{late}",
        live={name if finished else f"{name}: not there": finished or [LONGEST]},
        xlabel="epochs until 1 % of the training digits are wrong", log=True,
        ticks=TICKS,
    )  # fmt: skip
