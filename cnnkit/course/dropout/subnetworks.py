"""The outputs of all 2ⁿ sub-networks of a layer with dropout, their mean, and the shortcuts for it."""

from __future__ import annotations

from math import ceil, floor, log2, log10
from typing import Any, NamedTuple

import numpy as np

from cnnkit.course.dropout.choosing import outward, put_options
from cnnkit.course.dropout.subnetworks_math import FOLLOWS, Average
from cnnkit.course.dropout.subnetworks_numbers import PARTS, SEEDS, Found, every_mean, example_parts, find
from cnnkit.course.kit.palette import INK, INPUT_READ, KERNEL, LINE, OUTPUT_WRITTEN, PAPER, SOFT, UNREAD, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, hairline
from cnnkit.course.kit.words import counted, minus, percent, raised, short

HEIGHT, EDGE = 396, 12
CELL, PLACE = 21, 4  # CSS pixels of a unit's part, and of a place on the axis that can be touched
LEFT, WIDE = 296, 436  # the axis that histogram and rows share
TOP, BASE = 52, 232  # of the histogram
ROWS, STEP = 300, 27  # the first row below it, and from one to the next
BARS = 61


def draw_subnetworks(units: int, p: float, follows: str, *, samples: int, seed: int = 0) -> Picture:
    """Draw the distribution of the outputs of all sub-networks, and below it their mean and what stands for it.

    units     how many, each dropped with probability p
    follows   what follows them: "linear", "ReLU" or "softmax"
    samples   how many sub-networks Monte Carlo draws, with the random numbers of `seed`

    Errors: ValueError for more than 10 units, p = 1, fewer than 2 samples or an unknown `follows`.
    """
    found = find(units, p, follows, samples=samples, seed=seed)
    means = every_mean(units, p, follows, samples)
    sheet, axis = Sheet(820, HEIGHT), _axis(found.values, follows)
    _draw_layer(sheet, units, p, follows)
    _draw_histogram(sheet, axis, found)
    _draw_rows(sheet, axis, found, samples, means)
    _let_touch(sheet, axis, units, means, found, seed)
    return sheet.picture(_sentence(found, p, follows, samples))


class Axis(NamedTuple):
    """From low to high, with a mark every `step`."""

    low: float
    high: float
    step: float

    def place(self, value: Any) -> Any:
        return LEFT + (value - self.low) / (self.high - self.low) * WIDE

    def marks(self) -> np.ndarray:
        return self.low + self.step * np.arange(round((self.high - self.low) / self.step) + 1)


def _axis(values: np.ndarray, follows: str) -> Axis:
    if follows == "softmax":
        return Axis(0, 1, 0.2)
    low, high = min(0.0, values.min()), max(1.0, values.max())
    power = 10.0 ** floor(log10((high - low) / 4))
    step = next(power * each for each in (1, 2, 5, 10) if (high - low) / (power * each) <= 7)
    return Axis(step * floor(low / step), step * ceil(high / step), step)


def _draw_layer(sheet: Sheet, units: int, p: float, follows: str) -> None:
    """The parts of the units, so that one can work out a sub-network by hand."""
    most = PARTS.shape[1]
    parts, there = example_parts(most, follows), np.arange(most) < units
    about = "part of each unit in the output" if len(parts) == 1 else "their parts in A, B and C"
    sheet.heading(EDGE, 20, f"{counted(units, 'unit')}, p = {short(p)}", about, gap=22)
    colours = np.broadcast_to(np.where(there, BYTE[KERNEL], BYTE[PAPER]), parts.shape)
    sheet.grid(EDGE, TOP, CELL, colours, numbers=np.where(there, parts, np.nan))
    sheet.text(EDGE, TOP + 3 * CELL + 28, f"z = sum of those kept / {short(1 - p)}")
    words = "linear: y = z", "ReLU: y = max(z, 0)", "softmax: y = probability of A"
    put_options(sheet, EDGE, TOP + 3 * CELL + 58, 220, "follows", FOLLOWS, follows, down=24, words=words)


def _draw_histogram(sheet: Sheet, axis: Axis, found: Found) -> None:
    count = len(found.values)
    places, shares, width = _bars(axis, found)
    top = _draw_heights(sheet, shares.max())
    for place, share in zip(places, shares, strict=True):
        high = share / top * (BASE - TOP)
        sheet.box(place - width / 2, BASE - high, width, high, OUTPUT_WRITTEN)
    title = f"outputs y of all {_power(count)} sub-networks"
    sheet.heading(LEFT, 20, title, "height of a bar: how likely its output is", gap=22)
    sheet.box(LEFT - 6, BASE, WIDE + 12, 1, SOFT)
    sheet.text(LEFT + WIDE + 10, BASE + 11, "y that occur", size=12, soft=True)
    ticks = np.full(round(WIDE / hairline()) + 1, BYTE[PAPER])
    ticks[np.rint((axis.place(found.values) - LEFT) / hairline()).astype(int)] = BYTE[SOFT]
    sheet.image(LEFT, BASE + 3, ticks[None], (hairline(), 7))
    for mark in axis.marks():
        sheet.text(axis.place(mark), BASE + 26, short(round(mark, 9)), size=12, soft=True, align="centre")


def _draw_heights(sheet: Sheet, most: float) -> float:
    """The scale of the bars, in round steps; return where it ends."""
    top, marks = next(each for each in ((0.1, 5), (0.2, 4), (0.5, 5), (1.0, 5)) if most <= each[0])
    for mark in np.linspace(0, top, marks + 1):
        y = BASE - mark / top * (BASE - TOP)
        sheet.box(LEFT - 6, y, WIDE + 12, hairline(), LINE)
        sheet.text(LEFT - 14, y + 4, percent(mark), size=12, soft=True, align="right")
    return top


def _bars(axis: Axis, found: Found) -> tuple[np.ndarray, np.ndarray, float]:
    """Where the bars stand, how likely each is, and their width: one for each value, or BARS where these are dense."""
    values, which = np.unique(found.values.round(9), return_inverse=True)
    places = axis.place(values)
    room = np.diff(places).min(initial=10)
    if room < 4:
        which = np.rint((found.values - axis.low) / (axis.high - axis.low) * (BARS - 1)).astype(int)
        places, room = LEFT + np.arange(BARS) * WIDE / (BARS - 1), WIDE / (BARS - 1)
    shares = np.bincount(which, found.chances, len(places))
    return places[shares > 0], shares[shares > 0], min(room, 10) - 1


def _draw_rows(sheet: Sheet, axis: Axis, found: Found, samples: int, means: np.ndarray) -> None:
    x, bottom = axis.place(found.exact), ROWS + STEP * (3 if found.geometric is None else 4) - 16
    sheet.box(x - 0.5, TOP - 4, 1, BASE + 10 - TOP + 4, INK)
    sheet.box(x - 0.5, BASE + 31, 1, bottom - BASE - 31, INK)
    rows = [("exact mean of all", found.exact, INK), ("one pass with all units", found.scaling, WINDOW)]
    rows += [(f"mean of {samples} draws (marks: all seeds)", float(found.drawn.mean), INPUT_READ)]
    rows += [] if found.geometric is None else [("geometric mean, normalised", found.geometric, UNREAD)]
    for i, (words, value, colour) in enumerate(rows):
        y = ROWS + STEP * i
        sheet.text(EDGE, y, words, bold=i == 0)
        sheet.box(LEFT, y - 5, WIDE, hairline(), LINE)
        for other in axis.place(means.clip(axis.low, axis.high)) if i == 2 else ():
            sheet.box(other - 0.5, y + 1, 1, 6, SOFT)
        sheet.box(axis.place(value) - 2, y - 12, 4, 14, colour)
        sheet.text(808, y, _value(value), bold=i == 0, align="right")
    _draw_error(sheet, axis, found.drawn, ROWS + 2 * STEP - 5)


def _let_touch(sheet: Sheet, axis: Axis, units: int, means: np.ndarray, found: Found, seed: int) -> None:
    """A unit sets how many there are; a mean in the row of the drawn ones sets the seed that gives it."""
    most = PARTS.shape[1]
    sheet.touch(
        (EDGE, TOP, most * CELL, 3 * CELL if found.geometric else CELL), 1, most, lambda _, i: {"units": i + 1},
        here=(0, units - 1), says="units n = {number}",
    )  # fmt: skip
    places = ((axis.place(means.clip(axis.low, axis.high)) - LEFT) / PLACE).astype(int)
    if seed < SEEDS:
        sheet.touch(
            (LEFT, ROWS + 2 * STEP - 18, WIDE + PLACE, 26), 1, WIDE // PLACE + 1,
            lambda _, place: {"seed": outward(places, seed, place)}, here=(0, int(places[seed])),
            says="a seed with this mean",
        )  # fmt: skip


def _draw_error(sheet: Sheet, axis: Axis, drawn: Average, y: float) -> None:
    ends = [axis.place(min(max(v, axis.low), axis.high)) for v in (drawn.mean - drawn.error, drawn.mean + drawn.error)]
    sheet.box(ends[0], y - 1, ends[1] - ends[0], 2, INK)
    for end in ends:
        sheet.box(end - 0.75, y - 5, 1.5, 10, INK)


def _power(count: int) -> str:
    """2³ = 8."""
    return f"2{raised(int(log2(count)))} = {count:,}"


def _value(value: float) -> str:
    return minus(f"{value:.3f}")


def _sentence(found: Found, p: float, follows: str, samples: int) -> str:
    what = {"linear": "the output", "ReLU": "a ReLU's output", "softmax": "a softmax's probability of class A"}
    mean = f"The mean of {what[follows]} over all {_power(len(found.values))} sub-networks, p = {short(p)}"
    drawn = f"{_value(float(found.drawn.mean))}, give or take {found.drawn.error:.3f}"
    return (
        f"{mean}, is {_value(found.exact)}.\n"
        f"One pass with all units gives {_value(found.scaling)}. {_why(found, follows)}\n"
        f"{samples} draws at random give {drawn} (their spread over √{samples})."
    )


def _gap(found: Found) -> str:
    """The gap between the two numbers as they are written, so that whoever subtracts them finds it."""
    gap = abs(round(found.scaling, 3) - round(found.exact, 3))
    return f"{gap:.3f}" if gap > 0.0005 else "less than 0.001"


def _why(found: Found, follows: str) -> str:
    if follows == "linear":
        return "That is **exact**: the mean of a sum is the sum of the means."
    gap = _gap(found)
    if follows == "ReLU":
        if not found.gap:
            return "That is **exact** here: no z is below 0, so the ReLU changes nothing."
        return f"That is **{gap} too little**: the ReLU cuts off only what falls below 0."
    side = "more" if found.gap > 0 else "less"
    off = f"That is **{gap} {side}**, but" if found.gap else "That is the mean, and"
    return f"{off} **exactly** the normalised geometric mean."
