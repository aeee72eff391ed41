"""The small CNN's last layers, drawn large: maps become a row of features, features scores, scores probabilities."""

from __future__ import annotations

import numpy as np

from cnnkit.course.cnn.cells import PALE, draw_cells
from cnnkit.course.cnn.digit_net import CLASSES
from cnnkit.course.cnn.walk_closeup import LEFT, TOP, add_up, box_value, heading
from cnnkit.course.cnn.walk_cursor import Cursor, multiply
from cnnkit.course.cnn.walk_overview import reach
from cnnkit.course.kit.palette import INPUT_READ, LINE, PADDING, WINDOW
from cnnkit.course.kit.sheet import Sheet
from cnnkit.course.kit.words import a, chance, fixed

SLIM, PITCH = 8.5, 55  # one of 64 features in a row; from one class to the next


def draw_flatten(sheet: Sheet, cursor: Cursor) -> None:
    """Sixteen maps, and the row that they become."""
    far, cell, pitch = reach(cursor.before), 27, 70
    heading(sheet, LEFT, "16 maps of 2 × 2", "each read row by row, one map after the other")
    for i, values in enumerate(cursor.before):
        x, y = LEFT + i % 8 * pitch, TOP + i // 8 * 66
        draw_cells(sheet, x, y, cell, values, far, decimals=1, size=10)
        if i == cursor.channel // 4:
            row, column = divmod(cursor.channel % 4, 2)
            sheet.frame(x + column * cell, y + row * cell, cell, cell, WINDOW, 2)
    sheet.text(LEFT, TOP + 154, "a row of 64 features", size=14, bold=True)
    _draw_row(sheet, TOP + 162, cursor.after, far, 24)
    at = LEFT + cursor.channel * SLIM
    sheet.frame(at, TOP + 162, SLIM, 24, WINDOW, 2)
    box_value(sheet, min(max(at + SLIM / 2 + 34, LEFT + 68), 812), TOP + 212, fixed(cursor.value))


def draw_linear(sheet: Sheet, cursor: Cursor) -> None:
    """The features, their weights for one class, and the products."""
    made = multiply(cursor)
    rows = (
        ("the 64 features", made.seen, reach(made.seen)), (f"· the weights of unit {cursor.channel}", made.weight, 0.8),
        ("= the products", made.each, reach(made.each)),
    )  # fmt: skip
    heading(sheet, LEFT, f"unit {cursor.channel}: how much speaks for {a(cursor.channel)}?")
    for i, (words, values, far) in enumerate(rows):
        sheet.text(LEFT, TOP + 46 * i, words, size=12)
        _draw_row(sheet, TOP + 46 * i + 6, values, far, 20)
    add_up(sheet, LEFT + 64 * SLIM, TOP + 138, made, "sum of the 64 products")
    heading_y = TOP + 150
    sheet.text(LEFT, heading_y, "orange speaks against it,", size=12)
    sheet.text(LEFT, heading_y + 17, "blue for it", size=12)


def draw_softmax(sheet: Sheet, cursor: Cursor) -> None:
    """Scores, their exponentials, and the shares of those."""
    z, p = cursor.before, cursor.after
    exps, left = np.exp(z), LEFT + 12
    heading(sheet, LEFT, "softmax", "each score's exponential, divided by the sum of all ten")
    base = TOP + 112
    sheet.box(left + cursor.channel * PITCH - 6, TOP, PITCH - 2, 206, PADDING)
    for digit in range(CLASSES):
        x = left + digit * PITCH + 21
        sheet.box(x - 14, base - 92 * p[digit], 28, 92 * p[digit], INPUT_READ)
        sheet.text(x, base - 92 * p[digit] - 5, chance(p[digit], signs=True), size=11, align="centre")
        sheet.text(x, base + 18, str(digit), size=14, bold=True, align="centre")
        sheet.text(x, base + 44, fixed(z[digit]), size=12, align="centre")
        sheet.text(x, base + 64, fixed(exps[digit]), size=12, align="centre")
    sheet.box(left - 6, base, 10 * PITCH - 4, 1, LINE)
    for y, words in ((18, "digit"), (44, "z"), (64, "e^z")):
        sheet.text(left - 10, base + y, words, size=12, align="right")


def _draw_row(sheet: Sheet, y: float, values: np.ndarray, far: float, high: float) -> None:
    """64 numbers side by side, a line between those of one map and of the next."""
    sheet.image(LEFT, y, sheet.tint(values[None], PALE, far), (SLIM, high))
    sheet.frame(LEFT, y, len(values) * SLIM, high, LINE)
    for i in range(4, len(values), 4):
        sheet.box(LEFT + i * SLIM - 0.25, y, 0.5, high, LINE)
