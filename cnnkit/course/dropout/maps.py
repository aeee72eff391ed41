"""Dropout against dropout2d on real feature maps: what is left, and what the rest gives away about what is lost."""

from __future__ import annotations

from functools import cache

import numpy as np

from cnnkit._arguments import choice
from cnnkit.course.dropout.choosing import next_toss, put_options
from cnnkit.course.dropout.maps_numbers import (
    DRAWS,
    FILTERS,
    KINDS,
    ORDERS,
    SIDE,
    SOURCES,
    Guessed,
    drop_and_guess,
    feature_maps,
    neighbour_correlation,
    which_kept,
)
from cnnkit.course.kit.palette import PAPER, WINDOW, ramp
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet
from cnnkit.course.kit.words import minus, percent, short

HEIGHT, EDGE = 516, 12
SMALL, GAP, TOP = 2, 15, 50  # CSS pixels of a value in the row of all maps; between these maps; where they begin
LARGE, BETWEEN, BELOW = 4, 38, 264  # the same of the three pictures of one map
ROOM, WIDE = SIDE * SMALL, SIDE * LARGE
BLUES = ramp(PAPER, "#004a80", steps=100)


def draw_dropped_maps(
    p: float, kind: str, *, draw: int = 1, order: str = ORDERS[0], source: str = SOURCES[0], chosen: str = "soft copy"
) -> Picture:
    """Draw what dropout leaves of six feature maps; and one of them before, after, and guessed from what is left.

    chosen   which one: one of FILTERS
    The other arguments are those of `drop_and_guess`.
    Errors: ValueError for names that are not known or p outside [0, 1].
    """
    at = tuple(FILTERS).index(choice("chosen", chosen, tuple(FILTERS)))
    found = drop_and_guess(p, kind, draw=draw, order=order, source=source)
    sheet = Sheet(820, HEIGHT, BLUES)
    _draw_all(sheet, found, kind, order, at)
    _draw_one(sheet, found, order, source, at)
    _let_touch(sheet, found, p, kind, draw, at)
    return sheet.picture(_sentence(found, p, kind, source, order, at))


def _draw_all(sheet: Sheet, found: Guessed, kind: str, order: str, at: int) -> None:
    """What is left of each map, and how well what it lost is guessed."""
    sheet.text(EDGE, 18, "after", size=15, bold=True)
    put_options(sheet, EDGE + 56, 18, 90, "kind", KINDS, kind)
    sheet.text(EDGE + 250, 18, "dropped: pink strokes; kept: the stronger the blue, the larger", soft=True)
    left = _left(sheet, found, order)
    for c, name in enumerate(FILTERS):
        x = _across(c)
        sheet.text(x, TOP - 7, name, bold=c == at, soft=c != at)
        sheet.image(x, TOP, left[c], SMALL, struck=~found.kept[c], framed=True)
        known = found.known[c]
        sheet.text(x, TOP + ROOM + 17, "none dropped" if np.isnan(known) else f"R² = {known:.2f}")
    sheet.frame(_across(at) - 2, TOP - 2, ROOM + 4, ROOM + 4, WINDOW, 2)


def _draw_one(sheet: Sheet, found: Guessed, order: str, source: str, at: int) -> None:
    """The chosen map as it was, after dropout, and with its dropped values guessed."""
    tinted = sheet.tint(found.maps / _brightest(order), BLUES)[at]
    guessed = sheet.tint(found.guess / _brightest(order), BLUES)[at]
    left, titles = _left(sheet, found, order)[at], (f"{[*FILTERS][at]}, before", "after", "guessed from")
    for i, (title, colours) in enumerate(zip(titles, (tinted, left, guessed), strict=True)):
        sheet.text(_beside(i), BELOW - 34, title, size=15, bold=True)
        struck = ~found.kept[at] if i == 1 else None
        sheet.image(_beside(i), BELOW, colours, LARGE, struck=struck, framed=True)
    put_options(sheet, _beside(0), BELOW - 11, 166, "order", ORDERS, order)
    lost = int((~found.kept[at]).sum())
    sheet.text(_beside(1), BELOW - 11, f"{lost:,} of {SIDE * SIDE:,} values dropped")
    put_options(sheet, _beside(2), BELOW - 11, 126, "source", SOURCES, source)


def _let_touch(sheet: Sheet, found: Guessed, p: float, kind: str, draw: int, at: int) -> None:
    """A map is chosen; a value of the large ones sets the next draw in which it is dropped if now kept, or kept."""
    names = tuple(FILTERS)
    sheet.touch(
        (EDGE - GAP / 2, TOP - 20, len(names) * (ROOM + GAP), ROOM + 40), 1, len(names),
        lambda _, c: {"chosen": names[c]}, here=(0, at), says="look at this map",
    )  # fmt: skip

    def toss(row: int, column: int) -> dict[str, int] | None:
        kept = [which_kept(p, kind, each)[at, row, column] for each in range(1, DRAWS + 1)]
        now = next_toss(np.array(kept), draw - 1)
        return None if now is None else {"draw": now + 1}

    for i in (0, 1):
        sheet.touch((_beside(i), BELOW, WIDE, WIDE), SIDE, SIDE, toss, says="toss until this value changes")


def _across(c: int) -> int:
    return EDGE + c * (ROOM + GAP)


def _beside(i: int) -> int:
    return EDGE + i * (WIDE + BETWEEN)


def _left(sheet: Sheet, found: Guessed, order: str) -> np.ndarray:
    return np.where(found.kept, sheet.tint(found.maps / _brightest(order), BLUES), BYTE[PAPER])


@cache
def _brightest(order: str) -> np.ndarray:
    """What is shown in the darkest blue, for each map: its largest values but for a few."""
    return np.quantile(feature_maps(order), 0.995, axis=(1, 2), keepdims=True)


@cache
def _alike(order: str) -> float:
    return neighbour_correlation(feature_maps(order))


def _sentence(found: Guessed, p: float, kind: str, source: str, order: str, at: int) -> str:
    channels, lost = len(found.maps), int((~found.kept).sum())
    gone = int((~found.kept).all(axis=(1, 2)).sum())
    if kind == "dropout":
        what = f"dropout with p = {short(p)} drops {lost:,} of {found.kept.size:,} values, here and there."
    else:
        what = f"dropout2d with p = {short(p)} drops {gone} of {channels} channels, all of their values."
    alike = f"Neighbouring values correlate by {_alike(order):.2f}."
    return minus(f"{what}\n{alike}\n{_given_away(found, kind, source, at)}")


def _given_away(found: Guessed, kind: str, source: str, at: int) -> str:
    if np.isnan(found.share):
        return "**Nothing** is missing this time."
    if kind == "dropout2d" and source == SOURCES[0]:
        return "The neighbours of a dropped value are dropped with it: nothing near it gives it away, **R² = 0**."
    clue = "Its kept neighbours" if source == SOURCES[0] else "The other channels"
    share = f"{clue} give away {percent(found.share)} of a dropped value's variance: **R² = {found.share:.2f}**"
    known, name = found.known[at], [*FILTERS][at]
    here = f"“{name}” loses none" if np.isnan(known) else f"{known:.2f} for “{name}”"
    return f"{share}; {here}."
