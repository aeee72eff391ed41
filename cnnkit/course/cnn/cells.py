"""Cells on one scale of colours, orange over white to blue, pale enough for numbers: what notebook 07 is drawn with."""

from __future__ import annotations

import numpy as np

from cnnkit.course.cnn.digit_net import decimal
from cnnkit.course.kit.picture import SCALE
from cnnkit.course.kit.sheet import BYTE, FREE, LINE, PADDING_READ, Sheet, shades

STEPS = 9  # colours on either side of white
ENDS = (217, 128, 57), (255, 255, 255), (74, 146, 200)  # light enough for dark numbers


def tint(values: np.ndarray, reach: float) -> np.ndarray:
    """The byte of each value: white is 0, the strongest orange −reach, the strongest blue reach."""
    steps = np.clip(np.rint(values / (reach or 1) * STEPS), -STEPS, STEPS)
    return (FREE + 8 * (STEPS + steps)).astype(np.uint8)


def colours() -> bytes:
    """All of them with words on them, for `Sheet.picture`."""
    at = np.linspace(-1, 1, 2 * STEPS + 1)
    ramp = np.stack([np.interp(at, [-1, 0, 1], part) for part in np.array(ENDS).T], axis=1)
    return shades(tuple("#{:02x}{:02x}{:02x}".format(*np.rint(colour).astype(int)) for colour in ramp))


def draw_cells(
    sheet: Sheet, x: float, y: float, cell: float, values: np.ndarray, reach: float, *,
    decimals: int | None = None, size: float = 12, padding: np.ndarray | None = None,
) -> None:  # fmt: skip
    """Draw a grid of cells, one for each of `values` (H, W), with so many decimals of each written into it.

    padding   which of them (H, W) are the padding's zeros
    """
    cells = tint(values, reach)
    sheet.grid(x, y, cell, cells if padding is None else np.where(padding, BYTE[PADDING_READ], cells).astype(np.uint8))
    if decimals is None:
        return
    for (i, j), value in np.ndenumerate(values):
        words = decimal(value, decimals, short=size < 12)
        sheet.text(x + (j + 0.5) * cell, y + (i + 0.5) * cell + 0.36 * size, words, size=size, align="centre")


def draw_block(
    sheet: Sheet, x: float, y: float, values: np.ndarray, reach: float, *, width: float, height: float
) -> None:
    """Draw values (H, W) as one picture of about that size, without lines between them, in a thin frame."""
    rows, columns = values.shape
    down, across = round(height * SCALE / rows), round(width * SCALE / columns)
    block = np.repeat(np.repeat(tint(values, reach), down, axis=0), across, axis=1)
    top, left = round(y * SCALE), round(x * SCALE)
    bottom, right = top + block.shape[0], left + block.shape[1]
    sheet.bytes[top - 1 : bottom + 1, left - 1 : right + 1] = BYTE[LINE]
    sheet.bytes[top:bottom, left:right] = block
