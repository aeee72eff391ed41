"""The cells of a pooling's padded input: what lies in each, and in which colour; and numbers with decimals in cells."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cnnkit.course.kit import sheet as pixels
from cnnkit.course.kit.sheet import BYTE, SMALLEST, Sheet, text_width
from cnnkit.course.pooling.window_numbers import Pooling
from cnnkit.course.pooling.window_words import number


class Cells(NamedTuple):
    """Arrays over the padded input and what windows see beyond it; NaN where a cell stays empty.

    colours   bytes of the sheet
    unread    where no window ever reads
    values    what is written on the left: pixels, or their gradients; `soft`: which of them in grey
    pixels    the input's numbers, and what the padding counts as
    shares    what the window at work hands back to each of its cells
    window    the index of that window's cells
    """

    colours: np.ndarray
    unread: np.ndarray
    values: np.ndarray
    soft: np.ndarray
    pixels: np.ndarray
    shares: np.ndarray
    window: Any


def lay_cells(pooling: Pooling, backward: bool) -> Cells:
    """Lay out the cells of a pooling, forward or backward."""
    axis = pooling.axis
    side, inside = pooling.side, np.s_[axis.before : axis.before + axis.size]
    exists, read = np.arange(side) < axis.padded, np.zeros(side, bool)
    read[: axis.padded + axis.over] = axis.read()
    unread = np.outer(exists, exists) & ~np.outer(read, read)
    seen = np.full((side, side), np.nan)
    seen[np.outer(exists, exists)] = pooling.padding_counts_as
    values = np.full((side, side), np.nan) if backward else seen.copy()
    seen[inside, inside] = pooling.x
    values[inside, inside] = pooling.dx if backward else pooling.x
    values[unread] = np.nan
    soft = np.ones((side, side), bool)
    soft[inside, inside] = (pooling.dx == 0) & backward
    window = np.ix_(*(axis.taps(place) for place in pooling.place))
    return Cells(_colours(pooling, exists, window), unread, values, soft, seen, _shares(pooling, seen, window), window)


def _colours(pooling: Pooling, exists: np.ndarray, window: Any) -> np.ndarray:
    """Input, padding and what is beyond, darker under the window; the winner in the colour of the output."""
    axis = pooling.axis
    colours = np.where(np.outer(exists, exists), BYTE[pixels.PADDING], BYTE[pixels.PAPER]).astype(np.uint8)
    colours[axis.before : axis.before + axis.size, axis.before : axis.before + axis.size] = BYTE[pixels.INPUT]
    for plain, dark in ((pixels.INPUT, pixels.INPUT_READ), (pixels.PADDING, pixels.PADDING_READ)):
        colours[window] = np.where(colours[window] == BYTE[plain], BYTE[dark], colours[window])
    if pooling.kind == "max":
        row, column = pooling.largest[0]
        colours[row + axis.before, column + axis.before] = BYTE[pixels.OUTPUT_WRITTEN]
    return colours


def _shares(pooling: Pooling, seen: np.ndarray, window: Any) -> np.ndarray:
    """What each cell of the window gets; the zeros of an average's padding take their share as well."""
    shares = np.full(seen.shape, np.nan)
    if pooling.kind == "average" and pooling.counts_padding:
        shares[window] = np.where(np.isnan(seen[window]), np.nan, float(pooling.dy[pooling.place]) / pooling.divisor)
    for i, j in pooling.pixels():
        shares[i + pooling.axis.before, j + pooling.axis.before] = pooling.share((i, j))
    return shares


def write_numbers(
    sheet: Sheet, x: float, y: float, cell: float, values: np.ndarray, soft: np.ndarray | None = None
) -> None:
    """Write a number into the middle of each cell, with as many decimals, up to two, as there is room for.

    NaN leaves a cell empty; all are of one size, and none is written where that would be too small.
    """
    written = ~np.isnan(values)
    known = np.unique(values[written])
    for digits in (2, 1, 0):
        words = {value: number(value, digits) for value in known.tolist()}
        size = _size(max(words.values(), key=len, default=""), cell)
        if size >= SMALLEST:
            break
    else:
        return
    grey = np.zeros(values.shape, bool) if soft is None else soft
    for i, j in np.argwhere(written).tolist():
        place = x + (j + 0.5) * cell, y + (i + 0.5) * cell + 0.36 * size
        sheet.text(*place, words[values[i, j].item()], size=size, soft=bool(grey[i, j]), align="centre")


def _size(longest: str, cell: float) -> float:
    """The largest size, up to 15 CSS pixels and in halves, at which `longest` fits into a cell."""
    size = min(15, 4.4 + 0.33 * cell, 8.4 * cell / max(1, text_width(longest, 10)))
    return int(2 * size) / 2
