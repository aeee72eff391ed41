"""The cells of a pooling's padded input: what lies in each, and in which colour."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cnnkit.course.kit.palette import INPUT, INPUT_READ, OUTPUT_WRITTEN, PADDING, PADDING_READ, PAPER
from cnnkit.course.kit.sheet import BYTE
from cnnkit.course.pooling.window_numbers import Pooling


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
    colours = np.where(np.outer(exists, exists), BYTE[PADDING], BYTE[PAPER])
    colours[axis.before : axis.before + axis.size, axis.before : axis.before + axis.size] = BYTE[INPUT]
    for plain, dark in ((INPUT, INPUT_READ), (PADDING, PADDING_READ)):
        colours[window] = np.where(colours[window] == BYTE[plain], BYTE[dark], colours[window])
    if pooling.kind == "max":
        row, column = pooling.largest[0]
        colours[row + axis.before, column + axis.before] = BYTE[OUTPUT_WRITTEN]
    return colours


def _shares(pooling: Pooling, seen: np.ndarray, window: Any) -> np.ndarray:
    """What each cell of the window gets; the zeros of an average's padding take their share as well."""
    shares = np.full(seen.shape, np.nan)
    if pooling.kind == "average" and pooling.counts_padding:
        shares[window] = np.where(np.isnan(seen[window]), np.nan, float(pooling.dy[pooling.place]) / pooling.divisor)
    for i, j in pooling.pixels():
        shares[i + pooling.axis.before, j + pooling.axis.before] = pooling.share((i, j))
    return shares
