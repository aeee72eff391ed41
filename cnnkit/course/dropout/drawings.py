"""The drawings of notebook 03: a network with units missing, the two times to scale, and all masks of four units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from cnnkit.course.dropout.subnetworks_math import all_masks
from cnnkit.course.kit.curves import points
from cnnkit.course.kit.palette import INK, INPUT, OUTPUT, OUTPUT_WRITTEN, PAPER, SOFT, UNREAD, WINDOW
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.sheet import BYTE, Sheet
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.words import listed, short

WIDTH = 820
UNITS = (6, 2, 4, 8)  # what the hidden units of the drawn network give out
MASKS = ((1, 1, 1, 1), (1, 0, 0, 1), (0, 1, 1, 1))  # all units, then two draws
FOUR = (1, 2, 3, 4)  # the units whose masks are all drawn
ONE, SHARE, TOSSES = 6, 1 / 3, (0, 1, 1)  # one unit, its p, and three tosses as they should come out


@steady()
def draw_missing_units() -> Picture:
    """Draw one small network whole, as in testing, and as two steps of training with p = 1/2 see it."""
    figure = Figure(figsize=(WIDTH / 100, 3.0))
    titles = "testing: all units", "one training step", "the next step"
    for i, (title, mask) in enumerate(zip(titles, MASKS, strict=True)):
        axes = figure.add_axes((i / 3, 0, 1 / 3, 1))
        axes.set(xlim=(0, 273), ylim=(300, 0))
        axes.axis("off")
        axes.text(16, 24, title, fontsize=points(15), fontweight="bold", color=INK)
        _draw_network(axes, [h * m * (1 if i == 0 else 2) for h, m in zip(UNITS, mask, strict=True)], mask)
    after = [listed([f"{2 * h}" for h, m in zip(UNITS, mask, strict=True) if m]) for mask in MASKS[1:]]
    missing = [mask.count(0) for mask in MASKS[1:]]
    return from_figure(
        figure,
        f"A network of three inputs, four hidden units and one output, three times. In testing all four units are "
        f"there and give out {listed(UNITS)}. In one training step with p = 1/2, {missing[0]} units and their lines "
        f"are missing, and the others give out twice as much: {after[0]}. In the next step {missing[1]} other unit is "
        f"missing: {after[1]} are left. All three use the same weights.",
        colours=96,
    )


def _draw_network(axes: Axes, values: Sequence[int], mask: Sequence[int]) -> None:
    inputs = [(48, 92 + 66 * i) for i in range(3)]
    hidden = [(138, 62 + 64 * i) for i in range(4)]
    last = (228, 158)
    for unit, kept in zip(hidden, mask, strict=True):
        for other in (*inputs, last) if kept else ():
            axes.plot(*zip(unit, other, strict=True), color=SOFT, linewidth=1.1, zorder=1)
    for place in inputs:
        axes.add_patch(Circle(place, 16, facecolor=INPUT, edgecolor=INK, linewidth=1, zorder=2))
    axes.add_patch(Circle(last, 16, facecolor=OUTPUT_WRITTEN, edgecolor=INK, linewidth=1, zorder=2))
    for place, value, kept in zip(hidden, values, mask, strict=True):
        look = {"facecolor": OUTPUT, "edgecolor": INK} if kept else {"facecolor": PAPER, "edgecolor": UNREAD}
        axes.add_patch(Circle(place, 20, linewidth=1.2, linestyle="-" if kept else (0, (3, 3)), zorder=2, **look))
        axes.text(
            *place, f"{value}", ha="center", va="center", fontsize=points(15), zorder=3,
            fontweight="bold" if kept else "normal", color=INK if kept else UNREAD,
        )  # fmt: skip


@steady()
def draw_now_and_later() -> Picture:
    """Draw three tosses for one unit, scaled while training or later, with their mean and what testing gives."""
    sheet, keep = Sheet(WIDTH, 200), 1 - SHARE
    kept = np.array(TOSSES)
    now, later = kept * ONE / keep, kept * ONE * 1.0
    sheet.text(212, 24, "three tosses while training", size=15, bold=True)
    sheet.text(472, 24, "their mean", size=15, bold=True)
    sheet.text(612, 24, "testing", size=15, bold=True)
    rows = (
        ("now: divide by 2/3", now, float(ONE), "nothing to do"),
        ("later: multiply by 2/3", later, keep * ONE, "= 6 · 2/3"),
    )
    for y, (words, tosses, test, how) in zip((48, 124), rows, strict=True):
        sheet.text(12, y + 34, words, size=15)
        sheet.grid(212, y, 56, np.where(kept, BYTE[OUTPUT], BYTE[PAPER])[None], hatched=(kept == 0)[None])
        for i, toss in enumerate(tosses):
            x = 240 + 56 * i
            if not toss:
                sheet.box(x - 9, y + 16, 18, 24, PAPER)  # so that no stripe runs through the number
            sheet.text(x, y + 33, short(toss), size=15, align="centre")
        for x, value, colour in ((484, tosses.mean(), PAPER), (612, test, OUTPUT_WRITTEN)):
            sheet.grid(x, y, 56, colour, numbers=np.array([[value]]))
        sheet.text(684, y + 34, how, size=15)
    said = [listed([short(toss) for toss in tosses]) for _, tosses, _, _ in rows]
    return sheet.picture(
        f"One unit that gives out {ONE}, with p = 1/3, in three tosses of which one drops it. Scaled now, while "
        f"training: {said[0]}, on average {short(now.mean())}, and testing gives {short(rows[0][2])}. Scaled later: "
        f"{said[1]}, on average {short(later.mean())}, and testing gives {short(rows[1][2])}."
    )


@steady()
def draw_all_masks() -> Picture:
    """Draw the 16 masks of four units, what each of them passes on with p = 1/2, and the sum."""
    masks = all_masks(len(FOUR))[::-1]
    passed = 2 * masks * FOUR
    sums, whole = passed.sum(axis=1), sum(FOUR)
    sheet = Sheet(WIDTH, 252)
    sheet.text(12, 22, f"units {listed(FOUR)} (sum {whole}), p = 1/2: all 16 masks, what each passes on, and its sum",
               bold=True)  # fmt: skip
    for i, (mask, values, total) in enumerate(zip(masks, passed, sums, strict=True)):
        x, y = 12 + 202 * (i // 4), 42 + 52 * (i % 4)
        papers, numbers = np.where(mask, BYTE[OUTPUT], BYTE[PAPER]), np.where(mask, values, np.nan)
        sheet.grid(x, y, 32, papers[None], numbers=numbers[None], hatched=(mask == 0)[None])
        sheet.text(x + 140, y + 22, f"{total}", size=16, bold=total == whole)
        if total == whole:
            sheet.frame(x - 2, y - 3, 172, 38, WINDOW, 2)
    exactly = int((sums == whole).sum())
    return sheet.picture(
        f"The 16 masks of four units that give out {listed(FOUR)}, with p = 1/2: what is kept is doubled, the rest is "
        f"0. The sums run from {sums.min()} to {sums.max()}. Their mean is {short(sums.mean())}, the sum without "
        f"dropout, but only {exactly} of the 16 masks give exactly that."
    )
