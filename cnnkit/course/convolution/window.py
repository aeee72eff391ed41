"""One window of a convolution: what it reads, what comes out, and what no window ever reads."""

from __future__ import annotations

from math import floor

import numpy as np

from cnnkit.convolution import conv2d
from cnnkit.course.kit.axis import Axis, lay_windows
from cnnkit.course.kit.palette import (
    INPUT,
    INPUT_READ,
    KERNEL,
    OUTPUT,
    OUTPUT_WRITTEN,
    PADDING,
    PADDING_READ,
    PAPER,
    WINDOW,
)
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, cell_size
from cnnkit.course.kit.words import minus

LEFT, MIDDLE, RIGHT, TOP = 12, 390, 576, 52  # where the three columns of the picture are
READABLE = 20  # the smallest cells whose numbers can be read, in CSS pixels


def draw_window(
    size: int, kernel_size: int, *,
    stride: int = 1, padding: int = 0, dilation: int = 1, rounding: str = "floor", position: int = 1,
) -> Picture:  # fmt: skip
    """Draw a square input of `size`, the kernel, and the output, with window number `position` (from 1) at work."""
    axis = lay_windows(size, kernel_size, stride, padding, dilation, rounding)
    if not 1 <= position <= axis.count**2:
        raise ValueError(f"position must be between 1 and {axis.count**2}, the number of windows, got {position}")
    row, column = divmod(position - 1, axis.count)
    x, weight = example_input(axis), example_kernel(kernel_size)
    y = conv2d(x[None], weight[None, None], stride=stride, dilation=dilation)[0, : axis.count, : axis.count]
    sheet = Sheet(820, 416)
    _draw_input(sheet, axis, x, row, column)
    _draw_products(sheet, axis, weight * _seen(axis, x, row, column), weight, y[row, column])
    _draw_output(sheet, axis, y, row, column)
    _draw_legend(sheet, axis)
    _let_touch(sheet, axis, row, column)
    return sheet.picture("\n".join([_about_size(axis, padding), _about_reading(axis), _about_sum(axis, position, y)]))


def example_input(axis: Axis) -> np.ndarray:
    """Digits from 0 to 3 for the input, 0 all around it: easy to multiply in one's head."""
    i, j = np.ogrid[: axis.size, : axis.size]
    x = np.zeros((axis.padded + axis.over,) * 2, np.int64)
    inside = slice(axis.before, axis.before + axis.size)
    x[inside, inside] = ((i + 3) ** 3 * (j + 5) ** 2 + 7 * i + 11 * j) // 16 % 4
    return x


def example_kernel(kernel_size: int) -> np.ndarray:
    """Weights from -1 to 2."""
    u, v = np.ogrid[:kernel_size, :kernel_size]
    return ((u + 5) ** 3 * (v + 2) ** 2 + 7 * u + 11 * v) // 2 % 4 - 1


def _seen(axis: Axis, x: np.ndarray, row: int, column: int) -> np.ndarray:
    """What one window reads; NaN where it hangs over the edge."""
    down, across = axis.taps(row), axis.taps(column)
    return np.where(np.outer(down < axis.padded, across < axis.padded), x[np.ix_(down, across)], np.nan)


def _draw_input(sheet: Sheet, axis: Axis, x: np.ndarray, row: int, column: int) -> None:
    sides = f"{axis.before} + {axis.size} + {axis.after}"
    padded = f", padded {sides} = {axis.padded}" if axis.before + axis.after else ""
    sheet.heading(LEFT, 20, "input", f"n = {axis.size}{padded}")
    side, read = axis.padded + axis.over, axis.read()
    at, taps = np.arange(side), np.ix_(axis.taps(row), axis.taps(column))
    is_input, exists = (at >= axis.before) & (at < axis.before + axis.size), at < axis.padded
    colours = np.where(np.outer(exists, exists), BYTE[PADDING], BYTE[PAPER])
    colours[np.outer(is_input, is_input)] = BYTE[INPUT]
    for plain, dark in ((INPUT, INPUT_READ), (PADDING, PADDING_READ)):
        colours[taps] = np.where(colours[taps] == BYTE[plain], BYTE[dark], colours[taps])
    shown = np.outer(read & exists, read & exists)  # what no window reads might be any number
    soft = ~np.outer(is_input, is_input)
    soft[taps] = False

    cell = cell_size(side, 352)
    numbers, hatched = np.where(shown & (cell >= READABLE), x, np.nan), np.outer(exists, exists) & ~shown
    sheet.grid(LEFT, TOP, cell, colours, numbers=numbers, soft=soft, hatched=hatched)
    if axis.span > axis.kernel_size and cell >= 8:
        for i in axis.taps(row):
            for j in axis.taps(column):
                sheet.frame(LEFT + j * cell, TOP + i * cell, cell, cell, WINDOW)
    place = LEFT + column * axis.stride * cell, TOP + row * axis.stride * cell
    sheet.frame(*place, axis.span * cell, axis.span * cell, WINDOW, 2)


def _let_touch(sheet: Sheet, axis: Axis, row: int, column: int) -> None:
    """A pixel of the input sets the window whose middle is nearest; one of the output the window that wrote it."""
    cell, last = cell_size(axis.padded + axis.over, 352), axis.count - 1

    def reading(i: int, j: int) -> dict[str, int]:
        starts = (i - (axis.span - 1) / 2, j - (axis.span - 1) / 2)
        down, across = (min(max(floor(start / axis.stride + 0.5), 0), last) for start in starts)
        return {"position": down * axis.count + across + 1}

    side = axis.padded + axis.over
    sheet.touch((LEFT, TOP, side * cell, side * cell), side, side, reading, says="the nearest window")
    wrote, side = cell_size(axis.count, 232), axis.count
    sheet.touch(
        (RIGHT, TOP, side * wrote, side * wrote), side, side, lambda i, j: {"position": i * axis.count + j + 1},
        here=(row, column), says="window {number}",
    )  # fmt: skip


def _draw_products(sheet: Sheet, axis: Axis, products: np.ndarray, weight: np.ndarray, total: int) -> None:
    span = f", spans {axis.span}" if axis.span > axis.kernel_size else ""
    sheet.heading(MIDDLE, 20, "kernel", f"k = {axis.kernel_size}{span}")
    cell = cell_size(axis.kernel_size, 160)
    readable = cell >= READABLE
    sheet.grid(MIDDLE, TOP, cell, KERNEL, numbers=weight if readable else np.full(weight.shape, np.nan))
    sheet.text(MIDDLE, 236, "products", size=15, bold=True)
    sheet.box(MIDDLE + 90, 219, 70, 22, OUTPUT_WRITTEN)
    sheet.frame(MIDDLE + 90, 219, 70, 22, WINDOW, 2)
    sheet.text(MIDDLE + 125, 235, f"sum {total}".replace("-", "–"), align="centre")
    sheet.grid(MIDDLE, 246, cell, PAPER, numbers=products if readable else np.full(products.shape, np.nan))


def _draw_output(sheet: Sheet, axis: Axis, y: np.ndarray, row: int, column: int) -> None:
    sheet.heading(RIGHT, 20, "output", f"o = {axis.count}")
    cell = cell_size(axis.count, 232)
    colours = np.full(y.shape, BYTE[OUTPUT])
    colours[row, column] = BYTE[OUTPUT_WRITTEN]
    sheet.grid(RIGHT, TOP, cell, colours, numbers=y if cell >= READABLE else None)
    sheet.frame(RIGHT + column * cell, TOP + row * cell, cell, cell, WINDOW, 2)


def _draw_legend(sheet: Sheet, axis: Axis) -> None:
    """What the colours of the input mean, below the output."""
    lines = [
        (INPUT_READ, "read by this window"),
        (INPUT, "never read by any window"),
        (PADDING, "padding: zeros"),
        (PAPER, "beyond the edge: nothing"),
    ]
    for i, (colour, words) in enumerate(lines[: 4 if axis.over else 3]):
        sheet.legend(RIGHT, 312 + 24 * i, colour, words, hatched=i == 1)
    sheet.frame(RIGHT, 312, 16, 16, WINDOW, 2)


def _about_size(axis: Axis, padding: int) -> str:
    """The formula with the numbers in it."""
    n, k, s, d, o = axis.size, axis.kernel_size, axis.stride, axis.dilation, axis.count
    said = f"the layer writes {o} × {o} outputs."
    if axis.rounding == "TF-SAME":
        return f"TF-SAME rounds up: ⌈{n}/{s}⌉ = **{o}**; {said}"
    spans = f"; the kernel spans {d}·({k} − 1) + 1 = {axis.span} pixels" if axis.span > k else ""
    quotient = f"({n} + 2·{padding} − {axis.span})/{s}"
    if axis.rounding == "ceil":
        up = -((axis.span - n - 2 * padding) // s) + 1
        if up > o:
            return f"⌈{quotient}⌉ + 1 = {up}, but window {up} would start past the input: **{o}** × {o} outputs remain."
        return f"⌈{quotient}⌉ + 1 = **{o}**: {said[:-1]}{spans}."
    left, right = "⌊⌋" if axis.rounding == "floor" else ("", "")
    return f"{left}{quotient}{right} + 1 = **{o}**: {said[:-1]}{spans}."


def _about_reading(axis: Axis) -> str:
    """What happens at the edge, and which rows and columns of the input no window reads."""
    unread = _unread(axis)
    if axis.rounding == "TF-SAME":
        n, s, o, total = axis.size, axis.stride, axis.count, axis.before + axis.after
        pads = f"It pads max(({o} − 1)·{s} + {axis.span} − {n}, 0) = {total}: {axis.before} + {axis.after}."
        return f"{pads} {unread}"
    if axis.rounding != "ceil":
        return unread
    if axis.over:
        return f"The last window hangs over by {axis.over}, which counts for nothing. {unread}"
    if 2 * axis.before > axis.kernel_size:
        return f"{unread} PyTorch pools with at most half a kernel as padding."
    return f"{unread} PyTorch's pooling rounds so with ceil_mode."


def _unread(axis: Axis) -> str:
    unread = np.flatnonzero(~axis.read()[axis.before : axis.before + axis.size]) + 1
    if not len(unread):
        return "Every pixel of the input is read."
    if unread[0] == axis.size - len(unread) + 1:
        if len(unread) == 1:
            return "The last row and column are never read."
        return f"The last {len(unread)} rows and columns are never read."
    some = ", ".join(map(str, unread[:3])) + (" …" if len(unread) > 3 else ".")
    are = "is" if len(unread) == 1 else "are"
    return f"Of {axis.size} rows and columns {len(unread)} {are} never read: {some}"


def _about_sum(axis: Axis, position: int, y: np.ndarray) -> str:
    row, column = divmod(position - 1, axis.count)
    what = "its one product is" if axis.kernel_size == 1 else f"its {axis.kernel_size**2} products sum to"
    total = minus(str(y[row, column]))
    return f"Window {position} of {axis.count**2} (output row {row + 1}, column {column + 1}): {what} **{total}**."
