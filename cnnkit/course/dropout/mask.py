"""One draw of dropout: the units before and after, how many were dropped beside the binomial, and their sum."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np

from cnnkit._arguments import integer, probability
from cnnkit.course.dropout.mask_numbers import Draw, binomial, draw_units
from cnnkit.course.kit.palette import INK, INPUT, INPUT_READ, OUTPUT, OUTPUT_WRITTEN, PADDING_READ, PAPER, SOFT, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, cell_size, hairline, number_size, text_width
from cnnkit.course.kit.words import counted, decimal, short

HEIGHT, TOP, SIDE = 356, 52, 240
LEFTS = 12, 276  # of the two grids
RIGHT, WIDE = 546, 262  # the third column
MOST = 400  # units
SHARE = 0.88  # of a cell that its number may take
SMALLEST = 11  # no numbers below this size, in CSS pixels


def draw_mask(
    units: int, p: float, *, keeps: bool = False, scaled: bool = True, training: bool = True, draw: int = 1
) -> Picture:
    """Draw one layer before and after dropout, the count beside Binomial(units, drop), and the sum.

    keeps   whether p is the probability to keep; else it is the probability to drop
    The others are those of `draw_units`.
    Errors: ValueError for p outside [0, 1], or more than MOST units.
    """
    if integer("units", units, at_least=1) > MOST:
        raise ValueError(f"units must be at most {MOST}, got {units}")
    drop = round(1 - probability("p", p), 10) if keeps else probability("p", p)
    drawn = draw_units(units, drop, scaled=scaled, training=training, draw=draw)
    sheet = Sheet(820, HEIGHT)
    _draw_grids(sheet, drawn)
    _draw_count(sheet, drawn)
    _draw_sums(sheet, drawn)
    return sheet.picture(_sentence(drawn, p, keeps))


def _draw_grids(sheet: Sheet, drawn: Draw) -> None:
    columns = ceil(sqrt(len(drawn.h)))
    cell = cell_size(columns, SIDE)
    panels = (("before", drawn.h, INPUT, np.ones_like(drawn.kept)), ("after", drawn.y, OUTPUT, drawn.kept))
    under = f"h: {counted(len(drawn.h), 'unit')}", f"y = {_factor(drawn)}"
    for left, (title, values, colour, kept), words in zip(LEFTS, panels, under, strict=True):
        digits = _digits(values[kept], cell)
        rounded = digits == 0 and (values != values.round()).any()
        sheet.heading(left, 20, title, f"{words}, rounded" if rounded else words)
        _draw_cells(sheet, left, cell, columns, values, kept, colour, digits)
    _legend(sheet, drawn)


def _digits(values: np.ndarray, cell: float) -> int | None:
    """How many decimals there is room for in numbers that can be read, or None if there is not even room for 0."""
    for digits in (1, 0):
        longest = max((decimal(value, digits) for value in np.unique(values)), key=len, default="")
        if number_size(longest, cell, share=SHARE) >= SMALLEST:
            return digits
    return None


def _factor(drawn: Draw) -> str:
    """What becomes of a unit that is not dropped."""
    if drawn.training:
        if drawn.drop == 1:
            return "0"
        return f"h / {short(1 - drawn.drop)}, or 0" if drawn.scaled else "h, or 0"
    return "h" if drawn.scaled else f"{short(1 - drawn.drop)} · h"


def _legend(sheet: Sheet, drawn: Draw) -> None:
    y = TOP + SIDE + 14
    if not drawn.training:
        sheet.text(LEFTS[1], y + 12, "testing: no unit is dropped")
        return
    sheet.legend(LEFTS[1], y, PAPER, f"dropped: {drawn.dropped}", gap=8, hatched=True)
    sheet.legend(LEFTS[1] + 124, y, OUTPUT, f"kept: {int(drawn.kept.sum())}", gap=8)


def _draw_cells(
    sheet: Sheet, left: float, cell: float, columns: int, values: np.ndarray, kept: np.ndarray, colour: str,
    digits: int | None,
) -> None:  # fmt: skip
    """The units row by row; the last row may be shorter."""
    rows = -(-len(values) // columns)
    for row in range(rows):
        some = slice(row * columns, (row + 1) * columns)
        papers = np.where(kept[some], BYTE[colour], BYTE[PAPER])[None]
        sheet.grid(left, TOP + row * cell, cell, papers, hatched=~kept[some][None])
    if digits is None:
        return
    shown = np.full(rows * columns, np.nan)
    shown[: len(values)][kept] = values[kept]
    sheet.numbers(left, TOP, cell, shown.reshape(rows, columns), decimals=(digits,), share=SHARE)


def _draw_count(sheet: Sheet, drawn: Draw) -> None:
    """The binomial as bars from 0 to n, and this draw among them."""
    n, top, high = len(drawn.h), 76, 92
    about = f"Binomial({n}, {short(drawn.drop)})" if drawn.training else "none: no mask is drawn"
    sheet.heading(RIGHT, 20, "how many are dropped", about)
    sheet.box(RIGHT, top + high, WIDE, 1, SOFT)
    sheet.text(RIGHT, top + high + 17, "0", size=12, soft=True)
    sheet.text(RIGHT + WIDE, top + high + 17, f"{n}", size=12, soft=True, align="right")
    if not drawn.training:
        return
    chances = binomial(n, drawn.drop)
    pixels = round(WIDE / hairline())
    count = np.arange(pixels) * (n + 1) // pixels  # of each column of pixels
    heights = np.rint(chances / chances.max() * (high - 4) / hairline())[count]
    now = count == drawn.dropped
    colours = np.full(pixels, BYTE[PADDING_READ])
    if n < 60:
        colours[np.flatnonzero(np.diff(count)) + 1] = BYTE[PAPER]
    colours[now] = BYTE[WINDOW]
    filled = np.arange(round(high / hairline()))[::-1, None] < heights
    sheet.image(RIGHT, top, np.where(filled, colours, BYTE[PAPER]), hairline())
    _mark_count(sheet, drawn, np.flatnonzero(now).mean() * hairline(), top, high)


def _mark_count(sheet: Sheet, drawn: Draw, middle: float, top: float, high: float) -> None:
    x = RIGHT + middle
    sheet.box(x - 0.75, top - 4, 1.5, high + 4, WINDOW)
    words = f"this draw: {drawn.dropped}"
    half = text_width(words, 13, bold=True) / 2
    sheet.text(min(max(x, RIGHT + half), RIGHT + WIDE - half), top - 8, words, bold=True, align="centre")
    n, mean = len(drawn.h), len(drawn.h) * drawn.drop
    sheet.box(RIGHT + (mean + 0.5) / (n + 1) * WIDE - 0.5, top + high, 1, 6, INK)
    words = f"expected {n}·{short(drawn.drop)} = {short(mean, 5)}"
    half = text_width(words, 13) / 2
    place = RIGHT + (mean + 0.5) / (n + 1) * WIDE
    sheet.text(min(max(place, RIGHT + half), RIGHT + WIDE - half), top + high + 34, words, align="centre")


def _draw_sums(sheet: Sheet, drawn: Draw) -> None:
    """Two bars from 0: the sum before, the sum after with what is expected of it."""
    before, after = float(drawn.h.sum()), float(drawn.y.sum())
    low, high = drawn.expected - drawn.spread, drawn.expected + drawn.spread
    reach = next(r for r in (1.25, 2, 4, 8, 24) if max(after, high, before) <= r * before) * before
    sheet.text(RIGHT, 232, "sum of all units", size=15, bold=True)
    for y, value, colour, words in ((258, before, INPUT_READ, "before"), (304, after, OUTPUT_WRITTEN, "after")):
        sheet.text(RIGHT, y, f"{words}: {_sum(value)}")
        sheet.box(RIGHT, y + 6, max(value / reach * WIDE, 0.5), 14, colour)
    if drawn.spread:
        left, right = (RIGHT + max(v, 0) / reach * WIDE for v in (low, high))
        sheet.box(left, 316.5, right - left, 1.5, INK)
        for x in (left, right):
            sheet.box(x - 0.75, 312, 1.5, 10, INK)
    sheet.box(RIGHT + drawn.expected / reach * WIDE - 1, 308, 2, 18, INK)
    spread = f", give or take {short(drawn.spread)}" if drawn.spread else ""
    sheet.text(RIGHT, 345, f"expected: {_sum(drawn.expected)}{spread}")


def _sum(value: float) -> str:
    return decimal(value, 1, thousands=True)


def _sentence(drawn: Draw, p: float, keeps: bool) -> str:
    n, drop, keep = len(drawn.h), short(drawn.drop), short(1 - drawn.drop)
    means = f"p = {short(p)} is here the probability to {'keep' if keeps else 'drop'}"
    means += f", so each unit is dropped with probability 1 − {short(p)} = {drop}." if keeps else "."
    before, after = _sum(float(drawn.h.sum())), _sum(float(drawn.y.sum()))
    if not drawn.training:
        return f"{means} {_when_testing(drawn, before, after)}"
    spread = sqrt(n * drawn.drop * (1 - drawn.drop))
    count = (
        f"Of {counted(n, 'unit')} this draw drops {drawn.dropped}; {n}·{drop} = {short(n * drawn.drop, 5)} are "
        f"expected, give or take √({n}·{drop}·{keep}) = {short(spread)}."
    )
    if drawn.drop == 1:
        why = ", and 1/(1 − 1) is no number: PyTorch too gives 0" if drawn.scaled else ""
        return f"{means} {count} Every unit is dropped{why}. The sum goes from {before} to 0."
    what = f"Those kept are divided by {keep}" if drawn.scaled else "Those kept stay as they are"
    expected = f"{before} on average" if drawn.scaled else f"{keep}·{before} = {_sum(drawn.expected)} on average"
    sums = f"the sum goes from {before} to {after}; it is {expected}, give or take {short(drawn.spread)}."
    return f"{means} {count} {what}: {sums}"


def _when_testing(drawn: Draw, before: str, after: str) -> str:
    start = f"Testing: no unit is dropped and nothing is random, whatever the draw. The sum is {before} before"
    if drawn.scaled:
        return f"{start} and after: the division while training has already set the average right."
    keep = short(1 - drawn.drop)
    return f"{start} and {after} after: nothing was divided while training, so now each unit is multiplied by {keep}."
