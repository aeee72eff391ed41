"""One window of a pooling at work: forward to one number, and backward to the pixels that it came from."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit.course.kit.palette import (
    INK,
    INPUT,
    INPUT_READ,
    OUTPUT,
    OUTPUT_WRITTEN,
    PADDING,
    PADDING_READ,
    PAPER,
    SOFT,
    UNREAD,
    WINDOW,
)
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, cell_size
from cnnkit.course.kit.words import decimal
from cnnkit.course.pooling.window_cells import Cells, lay_cells
from cnnkit.course.pooling.window_numbers import Pooling, lay_pooling
from cnnkit.course.pooling.window_words import forward_sentences, gradient_sentences

LEFT, MIDDLE, RIGHT, TOP = 12, 400, 594, 52  # where the three columns of the picture are
ROOM, BETWEEN, BESIDE = 352, 160, 214  # and how much each has
FRAMES = {INPUT_READ: WINDOW, OUTPUT_WRITTEN: INK, SOFT: SOFT}  # in the legend
BELOW = 262  # where the window's second row of cells begins


def draw_pooling(size: int, kernel_size: int, *, backward: bool = False, **options: Any) -> Picture:
    """Draw a square input, one window on it and the output, or the gradient on its way back through that window.

    The options are those of `window_numbers.lay_pooling`.
    Errors: ValueError for what PyTorch refuses too, and for a window that is not there.
    """
    pooling = lay_pooling(size, kernel_size, **options)
    sheet, cells = Sheet(820, 416), lay_cells(pooling, backward)
    _draw_input(sheet, pooling, cells, backward)
    _draw_seen(sheet, pooling, cells)
    (_draw_shares if backward else _draw_result)(sheet, pooling, cells)
    _draw_output(sheet, pooling, backward)
    _draw_legend(sheet, pooling, cells)
    _let_touch(sheet, pooling)
    for x in (LEFT + ROOM + 10, RIGHT - 26):
        sheet.text(x, 21, "←" if backward else "→", size=18)
    return sheet.picture(gradient_sentences(pooling) if backward else forward_sentences(pooling))


def _let_touch(sheet: Sheet, pooling: Pooling) -> None:
    """A cell of the input sets the window over it, or the nearest one; a cell of the output the window that wrote it.

    The output comes first: its chosen cell is where the arrow keys go on from.
    """
    count, side = pooling.axis.count, pooling.side
    wrote, read = count * cell_size(count, BESIDE), side * cell_size(side, ROOM)
    sheet.touch(
        (RIGHT, TOP, wrote, wrote), count, count, lambda i, j: {"position": i * count + j + 1},
        here=pooling.place, says="window {number}",
    )  # fmt: skip
    sheet.touch(
        (LEFT, TOP, read, read), side, side, lambda i, j: {"position": pooling.nearest(i, j)}, says="the window here"
    )


def _draw_input(sheet: Sheet, pooling: Pooling, cells: Cells, backward: bool) -> None:
    axis = pooling.axis
    sides = f"{axis.before} + {axis.size} + {axis.after}"
    padded = f", padded {sides} = {axis.padded}" if axis.before else ""
    sheet.heading(LEFT, 20, "dx, from all windows" if backward else "input x", f"n = {axis.size}{padded}")
    cell = cell_size(pooling.side, ROOM)
    sheet.grid(LEFT, TOP, cell, cells.colours, hatched=cells.unread)
    sheet.numbers(LEFT, TOP, cell, cells.values, soft=cells.soft)
    if pooling.kind == "max":
        row, column = (at + axis.before for at in pooling.largest[0])
        sheet.frame(LEFT + column * cell, TOP + row * cell, cell, cell, INK, 2)
    row, column = (at * axis.stride for at in pooling.place)
    if pooling.dropped is not None:
        place = LEFT + pooling.dropped * cell, TOP + row * cell
        sheet.frame(*place, axis.span * cell, axis.span * cell, SOFT, 2)
    sheet.frame(LEFT + column * cell, TOP + row * cell, axis.span * cell, axis.span * cell, WINDOW, 2)


def _draw_seen(sheet: Sheet, pooling: Pooling, cells: Cells) -> None:
    """The numbers under the window, the winner marked."""
    k = pooling.axis.kernel_size
    sheet.heading(MIDDLE, 20, "this window sees", f"k = {k}, s = {pooling.axis.stride}")
    cell, colours = cell_size(k, BETWEEN), cells.colours[cells.window]
    sheet.grid(MIDDLE, TOP, cell, colours)
    sheet.numbers(MIDDLE, TOP, cell, cells.pixels[cells.window], soft=colours == BYTE[PADDING_READ])
    if pooling.kind == "max":
        (i, j), (rows, columns) = pooling.largest[0], pooling.taps
        sheet.frame(MIDDLE + (j - columns[0]) * cell, TOP + (i - rows[0]) * cell, cell, cell, INK, 2)


def _draw_result(sheet: Sheet, pooling: Pooling, cells: Cells) -> None:
    """What becomes of the numbers: one of them, or their sum shared out."""
    seen = [int(pooling.x[pixel]) for pixel in pooling.pixels()]
    lines = [f"sum {sum(seen)}", f"divided by {pooling.divisor}"]
    if pooling.kind == "max":
        lines = [f"the largest of {len(seen)}" if len(seen) > 1 else "the only one"]
    for i, line in enumerate(lines):
        sheet.text(MIDDLE, 254 + 24 * i, line, size=15)
    y = 246 + 24 * len(lines)
    sheet.box(MIDDLE, y, 76, 30, OUTPUT_WRITTEN)
    sheet.frame(MIDDLE, y, 76, 30, WINDOW, 2)
    sheet.text(MIDDLE + 38, y + 21, decimal(pooling.y[pooling.place]), size=15, bold=True, align="centre")


def _draw_shares(sheet: Sheet, pooling: Pooling, cells: Cells) -> None:
    """What each cell of the window gets of its gradient; what falls on padding is lost."""
    sheet.text(MIDDLE, BELOW - 12, f"and hands back its {decimal(pooling.dy[pooling.place])}", size=15, bold=True)
    shares, outside = cells.shares[cells.window], cells.colours[cells.window] == BYTE[PADDING_READ]
    cell = cell_size(len(shares), BETWEEN, most=36)
    colours = np.where(outside, BYTE[PADDING], BYTE[PAPER])
    sheet.grid(MIDDLE, BELOW, cell, colours)
    sheet.numbers(MIDDLE, BELOW, cell, shares, soft=(shares == 0) | outside)


def _draw_output(sheet: Sheet, pooling: Pooling, backward: bool) -> None:
    count = pooling.axis.count
    sheet.heading(RIGHT, 20, "dy, from above" if backward else "output y", f"o = {count}")
    cell = cell_size(count, BESIDE)
    colours = np.full((count, count), BYTE[OUTPUT])
    colours[pooling.place] = BYTE[OUTPUT_WRITTEN]
    sheet.grid(RIGHT, TOP, cell, colours)
    sheet.numbers(RIGHT, TOP, cell, pooling.dy if backward else pooling.y)
    row, column = pooling.place
    sheet.frame(RIGHT + column * cell, TOP + row * cell, cell, cell, WINDOW, 2)


def _draw_legend(sheet: Sheet, pooling: Pooling, cells: Cells) -> None:
    """What the colours mean, below the output."""
    lines = [(INPUT_READ, "read by this window")]
    if pooling.kind == "max":
        lines.append((OUTPUT_WRITTEN, f"its winner: the {'first ' * (len(pooling.largest) > 1)}largest"))
    if cells.unread.any():
        lines.append((UNREAD, "never read by any window"))
    if pooling.axis.before:
        counted = "zeros, counted" if pooling.counts_padding else "not counted"
        lines.append((PADDING, f"padding: {'−∞' if pooling.kind == 'max' else counted}"))
    if pooling.axis.over:
        lines.append((PAPER, "beyond the edge: nothing"))
    if pooling.dropped is not None:
        lines.append((SOFT, "dropped: would see no pixel"))
    for i, (colour, words) in enumerate(lines):
        y, paper = 296 + 24 * i, {UNREAD: INPUT, SOFT: PAPER}.get(colour, colour)
        sheet.legend(RIGHT, y, paper, words, hatched=colour == UNREAD)
        if colour in FRAMES:
            sheet.frame(RIGHT, y, 16, 16, FRAMES[colour], 2)
