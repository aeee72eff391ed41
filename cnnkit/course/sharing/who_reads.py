"""How well networks read digits that have moved: a dot for each run, at one shift."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cnnkit._arguments import choice
from cnnkit.course.kit.palette import BLUE, INK, LINE, SOFT, swatches
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.sheet import Sheet, hairline
from cnnkit.course.kit.words import counted, percent
from cnnkit.course.sharing.experiments.nets import CLASSES
from cnnkit.course.sharing.experiments.training import PLACES, REACH, SHIFTS

NAMES = (
    "fully connected", "locally connected", "locally connected, pooled", "CNN", "CNN, pooled", "CNN, pooled, stride 1",
    "wide CNN",
)  # fmt: skip
LEFT, ACROSS, TOP, ROW, WIDTH, DOT = 216, 520, 74, 36, 820, 6
HEIGHT = TOP + ROW * 6 + 62
DOTS = swatches(BLUE)


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
    sheet = Sheet(WIDTH, HEIGHT, DOTS)
    sheet.heading(12, 22, f"digits {_way(shift)}", f"trained on digits {_where(place)}; a square is a run")
    bottom = TOP + ROW * len(read)
    for tick in range(0, 101, 20):
        x = LEFT + ACROSS * tick / 100
        sheet.box(x, TOP, hairline(), bottom - TOP, LINE)
        sheet.text(x, bottom + 18, f"{tick} %", size=12, align="centre")
    sheet.box(LEFT + ACROSS / CLASSES, TOP, 1, bottom - TOP, SOFT)
    sheet.text(LEFT + ACROSS / CLASSES, TOP - 6, "guessing", size=12, soft=True, align="centre")
    sheet.text(LEFT + ACROSS / 2, bottom + 40, "test digits read", align="centre")
    for row, (name, values) in enumerate(read.items()):
        _draw_row(sheet, TOP + ROW * row, name, values)
    return sheet.picture(_sentence(shift, place, read))


def _draw_row(sheet: Sheet, top: float, name: str, values: np.ndarray) -> None:
    """Dots, a little up and down so that equal ones can be told apart, and their mean."""
    middle = top + ROW / 2
    sheet.text(LEFT - 14, middle + 5, name, align="right")
    for i, value in enumerate(values):
        x, y = LEFT + ACROSS * value, middle + 4 * (i % 5 - 2)
        sheet.box(x - DOT / 2, y - DOT / 2, DOT, DOT, sheet.colours(DOTS)[0])
    mean = float(values.mean())
    sheet.box(LEFT + ACROSS * mean - 1, middle - 15, 2, 30, INK)
    sheet.text(WIDTH - 12, middle + 5, percent(mean), bold=True, align="right")


def _way(shift: int) -> str:
    return f"moved {abs(shift)} to the {'right' if shift > 0 else 'left'}" if shift else "not moved"


def _where(place: str) -> str:
    return "in the middle" if place == "middle" else f"anywhere, up to {REACH} pixels off the middle"


def _sentence(shift: int, place: str, read: dict[str, np.ndarray]) -> str:
    said = "; ".join(
        f"{name} {percent(values.mean())} ({percent(values.min())} to {percent(values.max())})"
        for name, values in read.items()
    )
    runs = counted(max(map(len, read.values())), "run")
    return (
        f"Trained on digits {_where(place)}; test digits {_way(shift)}. Read, mean and range of up to {runs}: {said}."
    )
