"""One window of a pooling at work: forward to one number, and backward to the pixels that it came from."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit.figures import pixels
from cnnkit.figures.picture import Picture
from cnnkit.figures.pixels import BYTE, INK, SMALLEST, Sheet, cell_size, text_width
from cnnkit.figures.pool_numbers import Pooling, lay_pooling
from cnnkit.figures.pool_words import forward_sentence, gradient_sentence, number, size_sentence

LEFT, MIDDLE, RIGHT, TOP = 12, 396, 590, 52  # where the three columns of the picture are
ROOM, BETWEEN, BESIDE = 352, 160, 218  # and how much each has
BELOW = 262  # where the window's second row of cells begins


def draw_pooling(size: int, kernel_size: int, *, backward: bool = False, **options: Any) -> Picture:
    """Draw a square input, one window on it and the output, or the gradient on its way back through that window.

    The options are those of `pool_numbers.lay_pooling`.
    Errors: ValueError for what PyTorch refuses too, and for a window that is not there.
    """
    pooling = lay_pooling(size, kernel_size, **options)
    sheet = Sheet(820, 416)
    _draw_input(sheet, pooling, backward)
    _draw_seen(sheet, pooling)
    (_draw_shares if backward else _draw_result)(sheet, pooling)
    _draw_output(sheet, pooling, backward)
    _draw_legend(sheet, pooling)
    about = gradient_sentence(pooling) if backward else forward_sentence(pooling)
    return sheet.picture(f"{size_sentence(pooling)} {about}")


def _draw_input(sheet: Sheet, pooling: Pooling, backward: bool) -> None:
    axis = pooling.axis
    sides = f"{axis.before} + {axis.size} + {axis.after}"
    padded = f", padded {sides} = {axis.padded}" if axis.before else ""
    _heading(sheet, LEFT, "dx, from all windows" if backward else "input x", f"n = {axis.size}{padded}")
    side, cell = axis.padded + axis.over, cell_size(axis.padded + axis.over, ROOM)
    colours, hatched = _colours(pooling)
    sheet.grid(LEFT, TOP, cell, colours, hatched=hatched)
    values = np.full((side, side), np.nan if pooling.kind == "average" and not _counted(pooling) else 0.0)
    if pooling.kind == "max":
        values[:] = -np.inf
    values[axis.padded :] = values[:, axis.padded :] = np.nan
    inside = slice(axis.before, axis.before + axis.size)
    values[inside, inside] = pooling.dx if backward else pooling.x
    if backward:
        values[np.pad(~np.zeros_like(pooling.x, bool), _frame(pooling)) == 0] = np.nan
    values[hatched] = np.nan
    soft = np.ones(values.shape, bool)
    soft[inside, inside] = (pooling.dx == 0) if backward else False
    write_numbers(sheet, LEFT, TOP, cell, values, soft)
    if pooling.kind == "max":
        row, column = (at + axis.before for at in pooling.largest[0])
        sheet.frame(LEFT + column * cell, TOP + row * cell, cell, cell, INK, 2)
    row, column = pooling.place
    place = LEFT + column * axis.stride * cell, TOP + row * axis.stride * cell
    sheet.frame(*place, axis.span * cell, axis.span * cell, pixels.WINDOW, 2)


def _frame(pooling: Pooling) -> tuple[int, int]:
    """How many cells lie before and after the input."""
    axis = pooling.axis
    return axis.before, axis.after + axis.over


def _counted(pooling: Pooling) -> bool:
    return bool(pooling.options.get("count_include_pad", True))


def _colours(pooling: Pooling) -> tuple[np.ndarray, np.ndarray]:
    """What lies where: input, padding and what is beyond, darker under the window; and what no window ever reads."""
    axis = pooling.axis
    at = np.arange(axis.padded + axis.over)
    is_input, exists = (at >= axis.before) & (at < axis.before + axis.size), at < axis.padded
    colours = np.where(np.outer(exists, exists), BYTE[pixels.PADDING], BYTE[pixels.PAPER]).astype(np.uint8)
    colours[np.outer(is_input, is_input)] = BYTE[pixels.INPUT]
    taps = np.ix_(*(axis.taps(place) for place in pooling.place))
    for plain, dark in ((pixels.INPUT, pixels.INPUT_READ), (pixels.PADDING, pixels.PADDING_READ)):
        colours[taps] = np.where(colours[taps] == BYTE[plain], BYTE[dark], colours[taps])
    if pooling.kind == "max":
        row, column = pooling.largest[0]
        colours[row + axis.before, column + axis.before] = BYTE[pixels.OUTPUT_WRITTEN]
    read = axis.read()
    return colours, np.outer(exists, exists) & ~np.outer(read, read)


def _draw_seen(sheet: Sheet, pooling: Pooling) -> None:
    """The numbers under the window, the winner marked."""
    k = pooling.axis.kernel_size
    _heading(sheet, MIDDLE, "this window sees", f"k = {k}, s = {pooling.axis.stride}")
    cell, (colours, values) = cell_size(k, BETWEEN), _under(pooling, pooling.x)
    if pooling.kind == "max":
        values[np.isnan(values) & (colours != BYTE[pixels.PAPER])] = -np.inf
    elif _counted(pooling):
        values[colours == BYTE[pixels.PADDING_READ]] = 0
    sheet.grid(MIDDLE, TOP, cell, colours)
    write_numbers(sheet, MIDDLE, TOP, cell, values, colours == BYTE[pixels.PADDING_READ])
    _frame_winner(sheet, pooling, TOP)


def _under(pooling: Pooling, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Colours and numbers of the window's cells; NaN where there is no input."""
    rows, columns = pooling.taps
    colours = _colours(pooling)[0][np.ix_(rows + pooling.axis.before, columns + pooling.axis.before)]
    padded = np.pad(numbers.astype(float), _frame(pooling), constant_values=np.nan)
    return colours, padded[np.ix_(rows + pooling.axis.before, columns + pooling.axis.before)]


def _frame_winner(sheet: Sheet, pooling: Pooling, top: float) -> None:
    if pooling.kind == "max":
        cell = cell_size(pooling.axis.kernel_size, BETWEEN)
        (i, j), (rows, columns) = pooling.largest[0], pooling.taps
        sheet.frame(MIDDLE + (j - columns[0]) * cell, top + (i - rows[0]) * cell, cell, cell, INK, 2)


def _draw_result(sheet: Sheet, pooling: Pooling) -> None:
    """What becomes of the numbers: one of them, or their sum shared out."""
    value = number(pooling.y[pooling.place])
    if pooling.kind == "max":
        lines = [f"the largest of {len(pooling.pixels())}"]
    else:
        total = sum(int(pooling.x[pixel]) for pixel in pooling.pixels())
        lines = [f"sum {total}", f"divided by {pooling.divisor}"]
    for i, line in enumerate(lines):
        sheet.text(MIDDLE, 250 + 24 * i, line, size=15)
    y = 242 + 24 * len(lines)
    sheet.box(MIDDLE, y, 70, 28, pixels.OUTPUT_WRITTEN)
    sheet.frame(MIDDLE, y, 70, 28, pixels.WINDOW, 2)
    sheet.text(MIDDLE + 35, y + 20, value, size=15, bold=True, align="centre")
    _arrow(sheet, y + 14, MIDDLE + 84, 1)


def _draw_shares(sheet: Sheet, pooling: Pooling) -> None:
    """What each cell of the window gets of its gradient."""
    sheet.text(MIDDLE, BELOW - 12, f"and hands back, of {number(pooling.dy[pooling.place])}", size=15, bold=True)
    shares = np.zeros_like(pooling.x, dtype=float)
    for pixel in pooling.pixels():
        shares[pixel] = pooling.share(pixel)
    colours, values = _under(pooling, shares)
    if pooling.kind == "average" and _counted(pooling):
        values[colours == BYTE[pixels.PADDING_READ]] = float(pooling.dy[pooling.place]) / pooling.divisor
    cell = cell_size(len(values), BETWEEN, most=36)
    sheet.grid(MIDDLE, BELOW, cell, np.full(values.shape, BYTE[pixels.PAPER], np.uint8))
    write_numbers(sheet, MIDDLE, BELOW, cell, values, (values == 0) | (colours == BYTE[pixels.PADDING_READ]))


def _arrow(sheet: Sheet, y: float, x: float, way: int) -> None:
    """A short arrow to the right (way 1) or to the left (way -1)."""
    sheet.text(x, y + 7, "→" if way > 0 else "←", size=20)


def _draw_output(sheet: Sheet, pooling: Pooling, backward: bool) -> None:
    count = pooling.axis.count
    _heading(sheet, RIGHT, "dy, handed down" if backward else "output y", f"o = {count}")
    cell = cell_size(count, BESIDE)
    colours = np.full((count, count), BYTE[pixels.OUTPUT], np.uint8)
    colours[pooling.place] = BYTE[pixels.OUTPUT_WRITTEN]
    sheet.grid(RIGHT, TOP, cell, colours)
    write_numbers(sheet, RIGHT, TOP, cell, pooling.dy if backward else pooling.y)
    row, column = pooling.place
    sheet.frame(RIGHT + column * cell, TOP + row * cell, cell, cell, pixels.WINDOW, 2)


def _draw_legend(sheet: Sheet, pooling: Pooling) -> None:
    """What the colours mean, below the output."""
    counted = "zeros, counted" if _counted(pooling) else "not counted"
    lines = [(pixels.INPUT_READ, "read by this window"), (pixels.INPUT, "never read by any window")]
    if pooling.kind == "max":
        lines.insert(1, (pixels.OUTPUT_WRITTEN, "its winner: the first largest"))
    if pooling.axis.before:
        lines.append((pixels.PADDING, f"padding: {'−∞' if pooling.kind == 'max' else counted}"))
    if pooling.axis.over:
        lines.append((pixels.PAPER, "beyond: nothing, never counted"))
    for i, (colour, words) in enumerate(lines):
        y = 294 + 24 * i
        sheet.grid(RIGHT, y, 16, np.array([[BYTE[colour]]], np.uint8), hatched=np.array([[colour == pixels.INPUT]]))
        sheet.text(RIGHT + 26, y + 13, words)
        if colour in (pixels.INPUT_READ, pixels.OUTPUT_WRITTEN):
            sheet.frame(RIGHT, y, 16, 16, pixels.WINDOW if colour == pixels.INPUT_READ else INK, 2)


def write_numbers(
    sheet: Sheet, x: float, y: float, cell: float, values: np.ndarray, soft: np.ndarray | None = None
) -> None:
    """Write a number into the middle of each cell, with as many decimals, up to two, as there is room for.

    NaN leaves a cell empty; all are of one size, and none is written where that would be too small.
    """
    known = np.unique(values[~np.isnan(values)])
    for digits in (2, 1, 0):
        words = {value: number(value, digits) for value in known}
        size = _size(max(words.values(), key=lambda word: text_width(word, 10), default=""), cell)
        if size >= SMALLEST:
            break
    else:
        return
    for (i, j), value in np.ndenumerate(values):
        if not np.isnan(value):
            place = x + (j + 0.5) * cell, y + (i + 0.5) * cell + 0.36 * size
            grey = soft is not None and bool(soft[i, j])
            sheet.text(*place, words[value], size=size, soft=grey, align="centre")


def _size(longest: str, cell: float) -> float:
    """The largest size, up to 15 CSS pixels and in halves, at which `longest` fits into a cell."""
    size = min(15, 4.4 + 0.33 * cell, 8.4 * cell / max(1, text_width(longest, 10)))
    return int(2 * size) / 2


def _heading(sheet: Sheet, x: float, name: str, size: str) -> None:
    sheet.text(x, 20, name, size=15, bold=True)
    sheet.text(x, 40, size, soft=True)
