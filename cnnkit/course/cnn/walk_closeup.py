"""Where one number of a feature map comes from, drawn large: a convolution's products, a ReLU, a pooling's winner."""

from __future__ import annotations

import numpy as np

from cnnkit.course.cnn.cells import draw_cells
from cnnkit.course.cnn.digit_net import decimal
from cnnkit.course.cnn.walk_cursor import Cursor, Products, multiply, padding, window, winner
from cnnkit.course.cnn.walk_overview import reach
from cnnkit.course.kit.palette import LINE, OUTPUT_WRITTEN, PADDING_READ, WINDOW
from cnnkit.course.kit.sheet import Sheet

LEFT, RIGHT, TOP = 256, 812, 240  # where the close-up's pictures lie


def heading(sheet: Sheet, x: float, title: str, under: str = "") -> None:
    """What stands above a picture that begins at TOP."""
    sheet.heading(x, TOP - 25, title, under, size=14, gap=17, soft=False)


def box_value(sheet: Sheet, right: float, y: float, words: str) -> None:
    """The value where it is made: in the colour of what is written, framed like the cursor."""
    sheet.box(right - 68, y - 17, 68, 24, OUTPUT_WRITTEN)
    sheet.frame(right - 68, y - 17, 68, 24, WINDOW, 2)
    sheet.text(right - 8, y, words, size=14, bold=True, align="right")


def add_up(sheet: Sheet, right: float, y: float, made: Products, what: str) -> None:
    """The sum of the products, the bias, and the value, below one another."""
    for i, (words, number) in enumerate(((what, made.sum), ("+ bias", made.bias))):
        sheet.text(right - 78, y + 20 * i, words, align="right")
        sheet.text(right - 8, y + 20 * i, decimal(number), size=14, align="right")
    sheet.box(right - 68, y + 26, 68, 1, LINE)
    box_value(sheet, right, y + 50, decimal(made.sum + made.bias))


def draw_first(sheet: Sheet, cursor: Cursor) -> None:
    """Convolution 1: one window, one kernel, nine products."""
    made, cell, pitch = multiply(cursor), 34, 128
    grids = ("window", made.seen, 1.0), (f"kernel {cursor.channel}", made.weight, 1.5), ("products", made.each, 1.5)
    for i, (title, values, far) in enumerate(grids):
        x = LEFT + i * pitch
        heading(sheet, x, title)
        beyond = padding(cursor) if i == 0 else None
        draw_cells(sheet, x, TOP, cell, values[0], far, decimals=2, size=11, padding=beyond)
        if i:
            sheet.text(x - (pitch - 3 * cell) / 2, TOP + 56, "·="[i - 1], size=15, bold=True, align="centre")
    sheet.frame(LEFT, TOP, 3 * cell, 3 * cell, WINDOW, 2)
    add_up(sheet, LEFT + 2 * pitch + 3 * cell, TOP + 3 * cell + 30, made, "sum of the 9 products")
    _draw_written(sheet, RIGHT - 160, cursor, 20)


def draw_second(sheet: Sheet, cursor: Cursor) -> None:
    """Convolution 2: the same window on eight maps, a kernel for each, all products in one sum."""
    made, pitch, small = multiply(cursor), 56, 8
    heading(sheet, LEFT, "the 8 maps before", "of pooling 1, padded; the window of 3 × 3 on each")
    sheet.text(LEFT, TOP + 69, f"· the 3 × 3 weights of filter {cursor.channel} for each", size=12)
    sheet.text(LEFT, TOP + 143, "= the sum of 9 products on each", size=12)
    for i, (one, weight) in enumerate(zip(cursor.before, made.weight, strict=True)):
        x = LEFT + i * pitch
        sheet.box(x, TOP, 6 * small, 6 * small, PADDING_READ)
        draw_cells(sheet, x + small, TOP + small, small, one, reach(cursor.before))
        sheet.frame(x + cursor.column * small, TOP + cursor.row * small, 3 * small, 3 * small, WINDOW, 2)
        draw_cells(sheet, x, TOP + 77, 16, weight, 0.8)
        sheet.text(x + 24, TOP + 163, decimal(made.each[i].sum()), align="centre")
    words = f"their sum {decimal(made.sum)}, + bias {decimal(made.bias)}:"
    sheet.text(LEFT + 7 * pitch - 28, TOP + 201, words, align="right")
    box_value(sheet, LEFT + 7 * pitch + 48, TOP + 201, decimal(cursor.value))
    _draw_written(sheet, RIGHT - 96, cursor, 24)


def draw_relu(sheet: Sheet, cursor: Cursor) -> None:
    """The value before, and nothing if that is negative."""
    cell = _draw_before(sheet, cursor)
    sheet.frame(LEFT + cursor.column * cell, TOP + cursor.row * cell, cell, cell, WINDOW, 2)
    z = float(cursor.before[cursor.channel, cursor.row, cursor.column])
    _say(sheet, f"max(0, {decimal(z)}) =", decimal(cursor.value))
    _draw_written(sheet, RIGHT - cell * len(cursor.after[0]), cursor, cell)


def draw_pooling(sheet: Sheet, cursor: Cursor) -> None:
    """Four values, and the largest of them."""
    cell, (i, j) = _draw_before(sheet, cursor), winner(cursor)
    sheet.frame(LEFT + 2 * cursor.column * cell, TOP + 2 * cursor.row * cell, 2 * cell, 2 * cell, WINDOW, 2)
    sheet.frame(LEFT + j * cell + 3, TOP + i * cell + 3, cell - 6, cell - 6, WINDOW, 1)
    four, x = window(cursor), 508
    draw_cells(sheet, x, TOP, 40, four[0], reach(cursor.before), decimals=2, size=12)
    sheet.frame(x, TOP, 80, 80, WINDOW, 2)
    sheet.frame(x + j % 2 * 40 + 3, TOP + i % 2 * 40 + 3, 34, 34, WINDOW, 1)
    sheet.text(x + 40, TOP + 104, "the largest", align="centre")
    box_value(sheet, x + 74, TOP + 132, decimal(cursor.value))
    _draw_written(sheet, RIGHT - 40 * len(cursor.after[0]), cursor, 40)


def _say(sheet: Sheet, words: str, value: str) -> None:
    sheet.text(534, TOP + 70, words, align="centre")
    box_value(sheet, 568, TOP + 100, value)


def _draw_before(sheet: Sheet, cursor: Cursor) -> float:
    """The map that is read, with its numbers; returns the side of its cells."""
    values = cursor.before[cursor.channel]
    cell = 26 if len(values) > 4 else 40
    name = "convolution" if cursor.kind == "ReLU" else "ReLU"
    heading(sheet, LEFT, "the map before", f"{cursor.channel} of {name} {1 + (cursor.layer > 3)}")
    _draw_map(sheet, LEFT, values, reach(cursor.before), cell)
    return cell


def _draw_written(sheet: Sheet, x: float, cursor: Cursor, cell: float) -> None:
    """The map that the value belongs to, with the cursor."""
    values = cursor.after[cursor.channel]
    heading(sheet, x, f"map {cursor.channel}", f"of 0 … {len(cursor.after) - 1}")
    _draw_map(sheet, x, values, reach(cursor.after), cell)
    sheet.frame(x + cursor.column * cell, TOP + cursor.row * cell, cell, cell, WINDOW, 2)


def _draw_map(sheet: Sheet, x: float, values: np.ndarray, far: float, cell: float) -> None:
    """With as many decimals as there is room for."""
    decimals, size = (2, 12) if cell >= 40 else (1, 9)
    draw_cells(sheet, x, TOP, cell, values, far, decimals=decimals if cell > 23 else None, size=size)
