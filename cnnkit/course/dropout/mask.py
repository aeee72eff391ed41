"""One draw of dropout: the units before and after, how many were dropped beside the binomial, and their sum."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np

from cnnkit._arguments import integer, probability
from cnnkit.course.dropout.choosing import next_toss, outward
from cnnkit.course.dropout.mask_numbers import DRAWS, Draw, binomial, draw_units, every_draw, every_sum
from cnnkit.course.kit.palette import INK, INPUT, INPUT_READ, OUTPUT, OUTPUT_WRITTEN, PADDING_READ, PAPER, SOFT, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, cell_size, hairline, number_size, text_width
from cnnkit.course.kit.words import counted, decimal, short

HEIGHT, TOP, SIDE = 364, 52, 240
LEFTS = 12, 276  # of the two grids
RIGHT, WIDE = 546, 262  # the third column
MOST = 400  # units
BARS, HIGH = 76, 92  # top and height of the binomial
AFTER = 310  # top of the second sum's bar
RATES = 21  # values that p can take
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
    _draw_sums(sheet, drawn, draw)
    if training:
        _let_touch(sheet, drawn, draw, keeps)
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
    n, top, high = len(drawn.h), BARS, HIGH
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
    count[int((drawn.dropped + 0.5) * pixels / (n + 1))] = drawn.dropped  # where there are more counts than columns
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
    sheet.box(RIGHT + (mean + 0.5) / (n + 1) * WIDE - 0.5, top + high, 1, 5, INK)
    words = f"expected {n}·{short(drawn.drop)} = {short(mean, 5)}"
    half = text_width(words, 13) / 2
    place = RIGHT + (mean + 0.5) / (n + 1) * WIDE
    sheet.text(min(max(place, RIGHT + half), RIGHT + WIDE - half), top + high + 34, words, align="centre")


def _draw_sums(sheet: Sheet, drawn: Draw, draw: int) -> None:
    """Two bars from 0: the sum before, the sum after with what is expected of it, and that of every other draw."""
    before, after, reach = float(drawn.h.sum()), float(drawn.y.sum()), _reach(drawn)
    sheet.text(RIGHT, 232, "sum of all units", size=15, bold=True)
    for y, value, colour, words in ((264, before, INPUT_READ, "before"), (AFTER, after, OUTPUT_WRITTEN, "after")):
        sheet.text(RIGHT, y - 6, f"{words}: {_sum(value)}")
        sheet.box(RIGHT, y, max(value / reach * WIDE, 0.5), 14, colour)
    if drawn.spread:
        low, high = drawn.expected - drawn.spread, drawn.expected + drawn.spread
        left, right = (RIGHT + max(v, 0) / reach * WIDE for v in (low, high))
        sheet.box(left, AFTER + 6.5, right - left, 1.5, INK)
        for x in (left, right):
            sheet.box(x - 0.75, AFTER + 2, 1.5, 10, INK)
    sheet.box(RIGHT + drawn.expected / reach * WIDE - 1, AFTER - 2, 2, 18, INK)
    spread = f", give or take {short(drawn.spread)}" if drawn.spread else ""
    sheet.text(RIGHT, 354, f"expected: {_sum(drawn.expected)}{spread}")
    if drawn.training:
        _mark_every_sum(sheet, drawn, draw, reach)


def _mark_every_sum(sheet: Sheet, drawn: Draw, draw: int, reach: float) -> None:
    """A small mark for the sum of each draw, the vermilion one for this."""
    sheet.text(RIGHT + WIDE, AFTER - 6, f"marks: all {DRAWS} draws", size=12, soft=True, align="right")
    places = RIGHT + every_sum(drawn) / reach * WIDE
    for x in places:
        sheet.box(x - 0.5, AFTER + 18, 1, 8, SOFT)
    sheet.box(places[draw - 1] - 1, AFTER + 16, 2, 12, WINDOW)


def _reach(drawn: Draw) -> float:
    """Where the scale of the sums ends: it stays as it is from draw to draw."""
    before = float(drawn.h.sum())
    most = max(every_sum(drawn).max() if drawn.training else 0, drawn.expected + drawn.spread)
    return next(r for r in (2, 4, 8, 24) if most <= r * before) * before


def _let_touch(sheet: Sheet, drawn: Draw, draw: int, keeps: bool) -> None:
    """A count or a sum sets the draw that has it, a unit the next draw that treats it otherwise, the axis p."""
    kept, now, n = every_draw(len(drawn.h), drawn.drop), draw - 1, len(drawn.h)
    counts = (~kept).sum(axis=1)
    sheet.touch(
        (RIGHT, BARS - 24, WIDE, HIGH + 24), 1, n + 1, lambda _, count: {"draw": outward(counts, now, count) + 1},
        here=(0, drawn.dropped), says="a draw that drops so many",
    )  # fmt: skip
    each = WIDE * n / (n + 1) / (RATES - 1)  # from one p to the next, where the number that it makes expected is
    rates = [round((RATES - 1 - i if keeps else i) / (RATES - 1), 10) for i in range(RATES)]
    sheet.touch(
        (RIGHT + WIDE / (n + 1) / 2 - each / 2, BARS + HIGH, RATES * each, 40), 1, RATES, lambda _, i: {"p": rates[i]},
        here=(0, round(drawn.drop * (RATES - 1))), says="expect so many",
    )  # fmt: skip
    places = (every_sum(drawn) / _reach(drawn) * (WIDE // 2)).astype(int)
    sheet.touch(
        (RIGHT, AFTER - 2, WIDE, 32), 1, WIDE // 2 + 1, lambda _, place: {"draw": outward(places, now, place) + 1},
        here=(0, int(places[now])), says="a draw with this sum",
    )  # fmt: skip
    _let_units_be_touched(sheet, kept, now)


def _let_units_be_touched(sheet: Sheet, kept: np.ndarray, now: int) -> None:
    n = kept.shape[1]
    columns = ceil(sqrt(n))
    cell, rows = cell_size(columns, SIDE), -(-n // columns)

    def toss(row: int, column: int) -> dict[str, int] | None:
        unit = row * columns + column
        found = next_toss(kept[:, unit], now) if unit < n else None
        return None if found is None else {"draw": found + 1}

    for left in LEFTS:
        says = "toss until unit {number} changes"
        sheet.touch((left, TOP, columns * cell, rows * cell), rows, columns, toss, says=says)


def _sum(value: float) -> str:
    return decimal(value, 1, thousands=True)


def _sentence(drawn: Draw, p: float, keeps: bool) -> str:
    n, drop, keep = len(drawn.h), short(drawn.drop), short(1 - drawn.drop)
    means = f"p = {short(p)} is here the probability to {'keep' if keeps else 'drop'}"
    means += f", so each unit is dropped with probability 1 − {short(p)} = {drop}." if keeps else "."
    before, after = _sum(float(drawn.h.sum())), _sum(float(drawn.y.sum()))
    if not drawn.training:
        return f"{means}\n{_when_testing(drawn, before, after)}"
    spread = sqrt(n * drawn.drop * (1 - drawn.drop))
    count = (
        f"Of {counted(n, 'unit')} this draw drops {drawn.dropped}; {n}·{drop} = {short(n * drawn.drop, 5)} are "
        f"expected, give or take √({n}·{drop}·{keep}) = {short(spread)}."
    )
    return f"{means}\n{count}\n{_about_sum(drawn, before, after)}"


def _about_sum(drawn: Draw, before: str, after: str) -> str:
    keep = short(1 - drawn.drop)
    if drawn.drop == 1:
        why = ", and 1/(1 − 1) is no number: PyTorch too gives 0" if drawn.scaled else ""
        return f"Every unit is dropped{why}. The sum goes from {before} to **0**."
    what = f"Those kept are divided by {keep}" if drawn.scaled else "Nothing is divided"
    expected = f"{before} on average" if drawn.scaled else f"{keep}·{before} = {_sum(drawn.expected)} on average"
    return f"{what}: the sum goes from {before} to **{after}**; it is {expected}, give or take {short(drawn.spread)}."


def _when_testing(drawn: Draw, before: str, after: str) -> str:
    start = "Testing: no unit is dropped and nothing is random, whatever the draw."
    if drawn.scaled:
        why = "the division while training has set it right"
    else:
        why = f"now each unit is multiplied by {short(1 - drawn.drop)} instead"
    return f"{start}\nThe sum is {before} before and **{after}** after: {why}."
