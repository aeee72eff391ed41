"""How far trained networks follow a digit that moves: the recorded curves, by the names that a learner reads."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import choice
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.words import spread
from cnnkit.course.pooling.experiments.networks import ANGLES, SCALES, half_gone, learnt

KINDS = ("centred", "shifted")  # what the networks were shown in training
HEADS = ("flat", "global")
NAMES = {
    "none": "no pooling",
    "stride": "stride 2",
    "max": "max pooling",
    "average": "average pooling",
    "blurred max": "max, blurred",
}
ZEROS = "zero padding"  # no pooling, but convolutions that pad with zeros, where the others continue on a ring
TOLD = (1, 2, 3, 4, 8)  # shifts in the table
MOVES = {"shift": tuple(range(9)), "angle": ANGLES, "scale": SCALES}


def staying(kind: str, down: str, head: str, what: str = "shift") -> dict[str, np.ndarray]:
    """The share of answers that stay at each amount of a movement: mean, lowest and highest over the seeds."""
    follows = results("pooling")[choice("kind", kind, KINDS)][f"{down}, {choice('head', head, HEADS)}"]["follows"]
    return {end: np.array(curve) for end, curve in follows[choice("what", what, tuple(MOVES))]["agree"].items()}


def seeds(kind: str, down: str, head: str) -> np.ndarray:
    """The same for shifts, seed by seed, without networks that have learnt nothing: (seeds, 9)."""
    stored = results("pooling")
    run = stored["zeros"][kind] if down == "zeros" else stored[kind][f"{down}, {head}"]
    return np.array(run["agree"])[learnt(run["training"])]


def there(kind: str, head: str) -> list[str]:
    """Which of NAMES were trained so."""
    return [down for down in NAMES if f"{down}, {head}" in results("pooling")[kind]]


def wrong(kind: str, down: str, head: str) -> str:
    """How many test digits such networks get wrong: mean and range over those that have learnt."""
    run = results("pooling")[kind][f"{down}, {head}"]
    return spread(np.array(run["test"])[learnt(run["training"])], 0, percent=True)


class Staying:
    """The table of all shifts, turns and sizes: it shows itself, in a console as text."""

    HEAD = (
        "trained on, last layer, halved by",
        *(f"{n} px" for n in TOLD),
        "half gone after",
        "30°",
        "× 1.41",
        "wrong",
    )

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []
        for head, kind in ((head, kind) for head in HEADS for kind in KINDS):
            for down in there(kind, head):
                shifts = [spread(seeds(kind, down, head)[:, amount], 0, percent=True) for amount in TOLD]
                moves = [_at(kind, down, head, *move) for move in (("angle", 30), ("scale", 1.414))]
                row = (
                    f"{kind}, {head}: {NAMES[down]}",
                    *shifts,
                    _gone(kind, down, head),
                    *moves,
                    wrong(kind, down, head),
                )
                self.rows.append(row)
            if head == "global":
                shifts = [spread(seeds(kind, "zeros", head)[:, amount], 0, percent=True) for amount in TOLD]
                self.rows.append((f"{kind}, {head}: no pooling, {ZEROS}", *shifts, "–", "–", "–", "–"))

    def __repr__(self) -> str:
        return "\n".join("; ".join(row) for row in (self.HEAD, *self.rows))

    def _repr_markdown_(self) -> str:
        lines = [self.HEAD, (":--", *["--:"] * (len(self.HEAD) - 1)), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def paired(first: Any, second: Any, digits: int = 1, times: float = 1) -> str:
    """The mean difference of values that belong together, seed by seed, with its standard error.

    >>> paired([3.0, 4.0, 6.0], [1.0, 2.0, 2.0])
    '+2.7 ± 0.7'
    """
    gain = times * np.subtract(first, second)
    gain = gain[~np.isnan(gain)]
    return f"{gain.mean():+.{digits}f} ± {gain.std(ddof=1) / np.sqrt(len(gain)):.{digits}f}".replace("-", "−")


def _gone(kind: str, down: str, head: str) -> str:
    """After how many pixels half of the answers are gone, and how much later than without pooling, seed by seed."""
    agree = results("pooling")[kind]
    found, bare = ([half_gone(seed) for seed in agree[f"{name}, {head}"]["agree"]] for name in (down, "none"))
    if not np.isfinite(found).all() or not np.isfinite(bare).all():
        return "–"
    return spread(found) + (f", {paired(found, bare, 2)}" if down != "none" else "")


def _at(kind: str, down: str, head: str, what: str, amount: float) -> str:
    curve, i = staying(kind, down, head, what), MOVES[what].index(amount)
    return f"{100 * curve['mean'][i]:.0f} % ({100 * curve['lowest'][i]:.0f} to {100 * curve['highest'][i]:.0f})"


def most_and_least(curves: dict[str, Any], amount: int) -> str:
    """'no pooling 25 %, max pooling 44 %' at one amount, for a figure's sentence."""
    return ", ".join(f"{name} {100 * curve['mean'][amount]:.0f} %" for name, curve in curves.items())
