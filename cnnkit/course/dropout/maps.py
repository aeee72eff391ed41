"""Dropout against dropout2d on real feature maps: what is left, and what the rest gives away about what is lost."""

from __future__ import annotations

from functools import cache

import numpy as np

from cnnkit.course.dropout.maps_numbers import (
    FILTERS,
    ORDERS,
    SIDE,
    SOURCES,
    Guessed,
    drop_and_guess,
    feature_maps,
    neighbour_correlation,
)
from cnnkit.course.kit.palette import LINE, PAPER, ramp
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, hairline
from cnnkit.course.kit.words import minus, percent, short

HEIGHT, EDGE, GAP = 488, 12, 14
PIXEL = 2  # CSS pixels
ROOM = SIDE * PIXEL
TOPS = 46, 196, 346  # of the three rows of maps
BLUES = ramp(PAPER, "#004a80", steps=100)


def draw_dropped_maps(
    p: float, kind: str, *, draw: int = 1, order: str = ORDERS[0], source: str = SOURCES[0]
) -> Picture:
    """Draw six feature maps, what dropout leaves of them, and the dropped values guessed from what is left.

    The arguments are those of `drop_and_guess`. Errors: ValueError for names that are not known or p outside [0, 1].
    """
    found = drop_and_guess(p, kind, draw=draw, order=order, source=source)
    sheet = Sheet(820, HEIGHT, BLUES)
    brightest = _brightest(order)
    left = sheet.tint(found.maps / brightest, BLUES)
    for row, (top, words) in enumerate(zip(TOPS, _headings(kind, order, source), strict=True)):
        sheet.text(EDGE, top - (26 if row == 0 else 8), words, size=14, bold=True)
        shown = (left, np.where(found.kept, left, BYTE[PAPER]), sheet.tint(found.guess / brightest, BLUES))[row]
        for c, name in enumerate(FILTERS):
            x = EDGE + c * (ROOM + GAP)
            sheet.image(x, top, shown[c], PIXEL, struck=~found.kept[c] if row == 1 else None)
            sheet.frame(
                x - hairline() / 2, top - hairline() / 2, ROOM + hairline(), ROOM + hairline(), LINE, hairline()
            )
            if row == 0:
                sheet.text(x, top - 6, name, size=12, soft=True)
            elif row == 2:
                known = found.known[c]
                sheet.text(x, top + ROOM + 16, "none dropped" if np.isnan(known) else f"R² = {known:.2f}", size=13)
    return sheet.picture(_sentence(found, p, kind, order, source))


def _headings(kind: str, order: str, source: str) -> tuple[str, str, str]:
    moved = "" if order == ORDERS[0] else ", its pixels shuffled"
    return (
        f"feature maps of a photograph{moved} (blue: large)",
        f"after {kind}: dropped values are hatched (pink), kept ones drawn without their scale",
        f"dropped values guessed from {source}",
    )


@cache
def _brightest(order: str) -> np.ndarray:
    """What is shown in the darkest blue, for each map: its largest values but for a few."""
    return np.quantile(feature_maps(order), 0.995, axis=(1, 2), keepdims=True)


@cache
def _alike(order: str) -> float:
    return neighbour_correlation(feature_maps(order))


def _sentence(found: Guessed, p: float, kind: str, order: str, source: str) -> str:
    channels, lost = len(found.maps), int((~found.kept).sum())
    gone = int((~found.kept).all(axis=(1, 2)).sum())
    if kind == "dropout":
        what = f"dropout with p = {short(p)} drops {lost:,} of {found.kept.size:,} values, here and there."
    else:
        what = f"dropout2d with p = {short(p)} drops {gone} of {channels} channels, all of their values."
    alike = f"Neighbouring values correlate by {_alike(order):.2f}."
    return minus(f"{what} {alike} {_given_away(found, kind, source)}")


def _given_away(found: Guessed, kind: str, source: str) -> str:
    if np.isnan(found.share):
        return "Nothing is missing this time."
    near = source == SOURCES[0]
    if kind == "dropout2d" and near:
        return (
            "The neighbours of a dropped value are dropped with it: nothing near it is left to guess it from, R² = 0."
        )
    clue = "the mean of its kept neighbours" if near else "what the other channels kept at its pixel"
    return (
        f"The best linear guess at a dropped value from {clue} has R² = {found.share:.2f}: "
        f"the {'neighbours' if near else 'other channels'} give {percent(found.share)} of its variance away."
    )
