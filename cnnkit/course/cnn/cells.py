"""Cells on one scale of colours, orange over white to blue, pale enough for numbers: what notebook 07 is drawn with."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.palette import LINE, PADDING_READ, ramp
from cnnkit.course.kit.sheet import BYTE, Sheet, hairline, sharp
from cnnkit.course.kit.words import fixed

PALE = ramp("#d98039", "#ffffff", "#4a92c8", steps=19, inked=True)  # light enough for dark numbers


def draw_cells(
    sheet: Sheet, x: float, y: float, cell: float, values: np.ndarray, reach: float, *,
    decimals: int | None = None, size: float = 12, padding: np.ndarray | None = None,
) -> None:  # fmt: skip
    """Draw a grid of cells, one for each of `values` (H, W), with so many decimals of each written into it.

    padding   which of them (H, W) are the padding's zeros
    """
    cells = sheet.tint(values, PALE, reach)
    sheet.grid(x, y, cell, cells if padding is None else np.where(padding, BYTE[PADDING_READ], cells))
    if decimals is not None:
        words = [[fixed(value, decimals, leading_zero=size >= 12) for value in row] for row in values]
        sheet.write(x, y, cell, words, size)


def draw_block(
    sheet: Sheet, x: float, y: float, values: np.ndarray, reach: float, *, width: float, height: float
) -> None:
    """Draw values (H, W) as one picture of about that size, without lines between them, in a thin frame."""
    rows, columns = values.shape
    across, down = sharp(width / columns), sharp(height / rows)
    around = columns * across + 2 * hairline(), rows * down + 2 * hairline()
    sheet.box(x - hairline(), y - hairline(), *around, LINE)
    sheet.image(x, y, sheet.tint(values, PALE, reach), (across, down))
