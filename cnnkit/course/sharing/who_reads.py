"""How well networks read digits that have moved: a dot for each run, at one shift."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cnnkit._arguments import choice
from cnnkit.course.kit.palette import BLUE, INK, INPUT, LINE, ORANGE, SOFT, WINDOW, swatches
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.sheet import Sheet, hairline
from cnnkit.course.kit.words import minus, percent
from cnnkit.course.sharing.experiments.nets import CLASSES
from cnnkit.course.sharing.experiments.training import PLACES, REACH, SHIFTS
from cnnkit.course.sharing.shift import DIGIT, SIDE, place_digit
from cnnkit.matrices import shift as moved

NAMES = (
    "fully connected", "locally connected", "locally connected, pooled", "CNN", "CNN, pooled", "CNN, pooled, stride 1",
    "wide CNN",
)  # fmt: skip
LEFT, ACROSS, TOP, ROW, WIDTH, DOT = 216, 520, 170, 36, 820, 6
HEIGHT = TOP + ROW * 6 + 62
STRIP, STEP, PIXEL = 40, 58, 3  # of the digits at all shifts: how far down, from one to the next, of the smallest cell
TABS, TAB = 130, 220  # of the places: how far down, and how wide one is
SHOWN = 3  # the digit that is moved there
KINDS = {"fully": INK, "locally": BLUE, "CNN": ORANGE, "wide": ORANGE}  # colours by the first word, as in the counts
DOTS = swatches(*KINDS.values())
SHARING = "CNN"


@lru_cache(maxsize=4)
def shares(place: str) -> dict[str, np.ndarray]:
    """The share of the test digits that each network reads, (seeds, shifts), if it was trained there."""
    runs, place = results("sharing")["runs"], choice("place", place, PLACES)
    keys = {name: f"{name}, {place}" for name in NAMES}
    return {name: np.array(runs[key]["right"]) for name, key in keys.items() if key in runs}


def draw_readers(shift: int, place: str) -> Picture:
    """Draw what each network reads of digits moved by `shift` pixels to the right.

    shift   −4 … 4
    place   where the digits stood that it learnt from: "middle" or "anywhere"

    Errors: ValueError for another shift or place.
    """
    at = SHIFTS.index(choice("shift", shift, SHIFTS))
    read = {name: each[:, at] for name, each in shares(place).items()}
    sheet = Sheet(WIDTH, HEIGHT, DIGIT, DOTS)
    sheet.text(12, 22, f"digits {_way(shift)}", size=15, bold=True)
    sheet.text(WIDTH - 12, 22, "a square is a run, a line their mean", align="right")
    _draw_shifts(sheet, at)
    _draw_places(sheet, PLACES.index(place))
    _draw_axis(sheet, TOP + ROW * len(read))
    for row, (name, values) in enumerate(read.items()):
        _draw_row(sheet, TOP + ROW * row, name, values)
    return sheet.picture(_sentence(shift, place, read))


def _draw_shifts(sheet: Sheet, at: int) -> None:
    """A digit at every shift, the one now framed; each can be touched."""
    side, digit = SIDE * PIXEL, place_digit(SHOWN)[0]
    sheet.text(LEFT - 14, STRIP + side / 2 + 5, "shift to the right", align="right")
    for i, right in enumerate(SHIFTS):
        left = LEFT + STEP * i
        sheet.image(left, STRIP, sheet.tint(moved(digit, 0, right), DIGIT), PIXEL, framed=True)
        sheet.text(left + side / 2, STRIP + side + 16, minus(str(right)), size=12, bold=i == at, align="centre")
    sheet.frame(LEFT + STEP * at, STRIP, side, side, WINDOW, 2)
    box = LEFT - (STEP - side) / 2, STRIP, STEP * len(SHIFTS), side + 20
    sheet.touch(box, 1, len(SHIFTS), lambda _, i: {"shift": SHIFTS[i]}, here=(0, at))


def _draw_places(sheet: Sheet, at: int) -> None:
    """Where the networks' digits stood, a field for each."""
    sheet.text(LEFT - 14, TABS + 15, "trained on digits", align="right")
    sheet.box(LEFT + TAB * at, TABS, TAB, 21, INPUT)
    for i, words in enumerate(("in the middle", f"anywhere, up to {REACH} pixels off")):
        sheet.frame(LEFT + TAB * i + 0.5, TABS + 0.5, TAB - 1, 20, LINE)
        sheet.text(LEFT + TAB * (i + 0.5), TABS + 15, words, bold=i == at, align="centre")
    box = LEFT, TABS, TAB * len(PLACES), 21
    sheet.touch(box, 1, len(PLACES), lambda _, i: {"place": PLACES[i]}, here=(0, at))


def _draw_axis(sheet: Sheet, bottom: float) -> None:
    for tick in range(0, 101, 20):
        x = LEFT + ACROSS * tick / 100
        sheet.box(x, TOP, hairline(), bottom - TOP, LINE)
        sheet.text(x, bottom + 18, f"{tick} %", size=12, align="centre")
    sheet.box(LEFT + ACROSS / CLASSES, TOP, 1, bottom - TOP, SOFT)
    sheet.text(LEFT + ACROSS / CLASSES, bottom + 18, "guessing", size=12, align="centre")
    sheet.text(LEFT + ACROSS / 2, bottom + 40, "test digits read", align="centre")


def _draw_row(sheet: Sheet, top: float, name: str, values: np.ndarray) -> None:
    """Dots, a little up and down so that equal ones can be told apart, and their mean."""
    middle = top + ROW / 2
    colour = sheet.colours(DOTS)[[*KINDS].index(name.replace(",", "").split()[0])]
    sheet.text(LEFT - 14, middle + 5, name, align="right")
    for i, value in enumerate(values):
        x, y = LEFT + ACROSS * value, middle + 4 * (i % 5 - 2)
        sheet.box(x - DOT / 2, y - DOT / 2, DOT, DOT, colour)
    mean = float(values.mean())
    sheet.box(LEFT + ACROSS * mean - 1, middle - 15, 2, 30, INK)
    sheet.text(WIDTH - 12, middle + 5, percent(mean), bold=True, align="right")


def _way(shift: int) -> str:
    return f"moved {abs(shift)} to the {'right' if shift > 0 else 'left'}" if shift else "not moved"


def _where(place: str) -> str:
    return "in the middle" if place == "middle" else "anywhere"


def _sentence(shift: int, place: str, read: dict[str, np.ndarray]) -> str:
    best = max(read, key=lambda name: read[name].mean())

    def said(shares: bool) -> str:
        """The means of the networks that share their weights, or of the others."""
        marks = {name: "**" if name == best else "" for name in read if (SHARING in name) == shares}
        return "; ".join(f"{name} {mark}{percent(read[name].mean())}{mark}" for name, mark in marks.items())

    runs = max(map(len, read.values()))
    return (
        f"Networks trained on digits {_where(place)} read digits {_way(shift)}. Numbers are means of up to "
        f"{runs} runs.\nWithout sharing they read: {said(False)}.\nWith sharing they read: {said(True)}."
    )
