"""What a page is told of a picture, and a field to draw on: without a widget, for whatever shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from cnnkit.course.kit import statements
from cnnkit.course.kit.controls import Paint
from cnnkit.course.kit.palette import INK, LINE, PAPER
from cnnkit.course.kit.picture import Area, Picture, drawn_at
from cnnkit.course.kit.sheet import BYTE, Sheet, hairline

CELL = 6  # CSS pixels of a cell to draw on
PEN = 1.4  # half the width of a stroke, in cells


def told(picture: Picture, *, painted: bool = False) -> dict[str, Any]:
    """All that `touch.js` needs beside the PNG; `painted` for a field to draw on."""
    return {
        "width": picture.width,
        "height": picture.height,
        "alt": picture.sentence,
        "said": "" if picture.card else statements.html(picture.marked),
        "areas": [_area(area) for area in picture.areas],
        "pixels": picture.pixels,
        "painted": painted,
    }


def _area(area: Area) -> dict[str, Any]:
    return {
        "box": area.box, "rows": area.rows, "columns": area.columns, "here": area.here, "says": area.says,
        "follows": area.follows,
    }  # fmt: skip


def draw_pad(control: Paint, drawn: bytes) -> Picture:
    """The field with what is drawn on it: bytes as `Paint` has them."""
    ink = _ink(control, drawn)
    side = control.side * CELL
    with drawn_at(1):
        sheet = Sheet(side + 2, side + 2)
        sheet.image(1, 1, np.where(ink, BYTE[INK], BYTE[PAPER]), CELL)
        sheet.frame(0.5, 0.5, side + 1, side + 1, LINE, hairline())
        sheet.touch((1, 1, side, side), control.side, control.side, lambda row, column: None)
        return sheet.picture(f"{control.label}: {'something is drawn' if ink.any() else 'empty'}.")


def stroke(control: Paint, drawn: bytes, cells: Iterable[Iterable[float]]) -> bytes:
    """What is drawn after a pen has been at these (row, column), fractions of cells included."""
    ink = _ink(control, drawn)
    i, j = np.ogrid[: control.side, : control.side]
    for row, column in cells:
        ink[(i + 0.5 - row) ** 2 + (j + 0.5 - column) ** 2 <= PEN**2] = 1
    return bytes(control.check("drawn", ink))


def _ink(control: Paint, drawn: bytes) -> np.ndarray:
    return np.frombuffer(drawn or bytes(control.side**2), np.uint8).reshape(control.side, control.side).copy()
