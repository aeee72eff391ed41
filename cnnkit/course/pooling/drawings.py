"""The schemes of lesson 04: a pooling by hand there and back, and why every second number of a row is not enough."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.palette import INPUT, INPUT_READ, OUTPUT, OUTPUT_WRITTEN, PAPER, WINDOW, swatches
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet
from cnnkit.course.kit.words import decimal
from cnnkit.course.pooling.drawings_numbers import EXAMPLE, STRIPES, UPSTREAM
from cnnkit.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward

CELL, ROW = 44, 34  # the side of a pixel, the height of a number in a row
TOP = 74


def draw_pooling_by_hand() -> Picture:
    """Draw a 4 × 4 picture with its four windows, the largest number of each and the mean of each."""
    largest, mean = max_pool2d(EXAMPLE[None], 2)[0], avg_pool2d(EXAMPLE[None], 2)[0]
    sheet = Sheet(820, 270)
    sheet.heading(20, 24, "picture x", "4 × 4, cut into windows of 2 × 2")
    _grid(sheet, 20, EXAMPLE, np.where(_largest(), BYTE[OUTPUT_WRITTEN], BYTE[INPUT]))
    _windows(sheet, 20)
    for left, title, words, values in (
        (330, "max pooling", "the largest of each window", largest),
        (600, "average pooling", "the mean of each window", mean),
    ):
        sheet.heading(left, 24, title, words)
        _between(sheet, left, "→" if "max" in title else "or")
        _grid(sheet, left, values, np.full((2, 2), BYTE[OUTPUT]), cell=2 * CELL)
    return sheet.picture(
        f"A 4 × 4 picture is cut into four windows of 2 × 2. Max pooling keeps {_listed(largest)}, average pooling "
        f"{_listed(mean)}, row by row. The first window holds {_listed(EXAMPLE[:2, :2])}."
    )


def draw_way_back() -> Picture:
    """Draw the gradient of four outputs on its way back: to the winners, or shared out."""
    by_max = max_pool2d_backward(UPSTREAM[None], EXAMPLE[None], 2)[0]
    by_mean = avg_pool2d_backward(UPSTREAM[None], EXAMPLE[None], 2)[0]
    sheet = Sheet(820, 270)
    sheet.heading(20, 24, "dy, from above", "a number for each window")
    _grid(sheet, 20, UPSTREAM, np.full((2, 2), BYTE[OUTPUT]), cell=2 * CELL)
    for left, title, words, values in (
        (320, "dx, max pooling", "all of it to the winner", by_max),
        (600, "dx, average pooling", "a quarter to each", by_mean),
    ):
        sheet.heading(left, 24, title, words)
        _between(sheet, left, "→" if "max" in title else "or")
        _grid(sheet, left, values, np.where(values > 0, BYTE[INPUT_READ], BYTE[PAPER]), soft=values == 0)
        _windows(sheet, left)
    tie = int(by_max[2:, 2:].max())
    return sheet.picture(
        f"The gradients {_listed(UPSTREAM)} go back through the four windows. With max pooling each goes to one pixel, "
        f"the winner: of the two sevens the first gets {tie}, the second 0. With average pooling each pixel gets a "
        f"quarter: {_listed(by_mean[::2, ::2])}."
    )


def draw_aliasing() -> Picture:
    """Draw a row of stripes and the same row shifted by one: pooled, and blurred before every second is kept."""
    sheet, said = Sheet(820, 334, DARK), []
    for left, shift in ((150, 0), (490, 1)):
        row = np.roll(STRIPES, shift)
        largest = np.maximum(row, np.roll(row, -1))
        soft = np.roll(largest, 1) + 2 * largest + np.roll(largest, -1)
        sheet.text(left, 24, "the row" if not shift else "the row, shifted by one", size=15, bold=True)
        _row(sheet, left, 40, row, 1)
        _row(sheet, left, 106, largest, 1)
        _kept(sheet, left, 106, largest, 1)
        _row(sheet, left, 222, soft, 4)
        _kept(sheet, left, 222, soft, 4)
        said.append((row, largest[::2], soft[::2]))
    for y, lines in (
        (62, ["a row of pixels"]),
        (122, ["largest of two", "neighbours"]),
        (184, ["every second", "is kept"]),
        (238, ["blurred first", "(in quarters)"]),
        (300, ["every second", "is kept"]),
    ):
        for i, line in enumerate(lines):
            sheet.text(20, y + 17 * i, line, size=13)
    (row, kept, soft), (moved, kept_moved, soft_moved) = said
    return sheet.picture(
        f"The row {_row_of(row)} is max pooled to {_row_of(kept)}; shifted by one, {_row_of(moved)}, it becomes "
        f"{_row_of(kept_moved)}. Blurred before every second number is kept, it is {_row_of(soft)} and "
        f"{_row_of(soft_moved)}."
    )


DARK = swatches("#ffffff", "#d6e8f6", "#a9cdea", "#7db3de", "#5fa6db", inked=True)  # 0, a quarter … all of it


def _largest() -> np.ndarray:
    """The pixels that are the largest of their window, all equals of them: who wins comes later."""
    return np.kron(max_pool2d(EXAMPLE[None], 2)[0], np.ones((2, 2), int)) == EXAMPLE


def _grid(
    sheet: Sheet, left: float, values: np.ndarray, colours: np.ndarray, *, cell: float = CELL,
    soft: np.ndarray | None = None,
) -> None:  # fmt: skip
    sheet.grid(left, TOP, cell, colours)
    words = [[decimal(float(value)) for value in line] for line in values]
    sheet.write(left, TOP, cell, words, 15 if cell == CELL else 18, soft=soft)


def _windows(sheet: Sheet, left: float) -> None:
    """A thick line around each of the four windows."""
    for i in (0, 1):
        for j in (0, 1):
            sheet.frame(left + 2 * CELL * j, TOP + 2 * CELL * i, 2 * CELL, 2 * CELL, WINDOW, 2)


def _between(sheet: Sheet, left: float, sign: str) -> None:
    """An arrow, or the word "or", before the grid that begins at `left`."""
    sheet.text(left - 50, TOP + 2 * CELL + 7, sign, size=24 if sign == "→" else 16, align="centre")


def _row(sheet: Sheet, left: float, y: float, values: np.ndarray, full: int) -> None:
    """A row of cells, the darker the larger."""
    colours = sheet.colours(DARK)[4 * values // full]
    sheet.grid(left, y, ROW, colours[None])
    sheet.write(left, y, ROW, [[str(value) for value in values]], 14)


def _kept(sheet: Sheet, left: float, y: float, values: np.ndarray, full: int) -> None:
    """Frames around every second cell, and these alone below."""
    for at, value in list(enumerate(values))[::2]:
        sheet.frame(left + at * ROW, y, ROW, ROW, WINDOW, 2)
        sheet.box(left + at * ROW + ROW / 2 - 1, y + ROW + 2, 2, 18, WINDOW)
        sheet.grid(left + at * ROW, y + ROW + 22, ROW, sheet.colours(DARK)[4 * value // full][None, None])
        sheet.write(left + at * ROW, y + ROW + 22, ROW, [[str(value)]], 14)


def _row_of(values: np.ndarray) -> str:
    return " ".join(map(str, values))


def _listed(values: np.ndarray) -> str:
    *others, last = [decimal(float(value)) for value in np.ravel(values)]
    return f"{', '.join(others)} and {last}"
