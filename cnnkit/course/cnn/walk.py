"""A walk through the small CNN: the chain of its layers, and where one number in one of them comes from."""

from __future__ import annotations

import numpy as np

from cnnkit.course.cnn.cells import PALE
from cnnkit.course.cnn.digit_net import SIDE, STAGES, Reading, a, decimal, percent
from cnnkit.course.cnn.walk_closeup import TOP, draw_first, draw_pooling, draw_relu, draw_second
from cnnkit.course.cnn.walk_cursor import Cursor, look_back, multiply, padding, put_cursor, window, winner
from cnnkit.course.cnn.walk_overview import draw_input, draw_overview
from cnnkit.course.cnn.walk_scores import draw_flatten, draw_linear, draw_softmax
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet

HEIGHT = 464
DRAW = {
    "convolution 1": draw_first, "ReLU 1": draw_relu, "pooling 1": draw_pooling, "convolution 2": draw_second,
    "ReLU 2": draw_relu, "pooling 2": draw_pooling, "flatten": draw_flatten, "linear": draw_linear,
    "softmax": draw_softmax,
}  # fmt: skip


def draw_walk(image: int, layer: str, *, channel: int = 0, row: int = 0, column: int = 0) -> Picture:
    """Draw all layers' outputs of a test digit, and how the value [channel, row, column] of one of them was made.

    image     number of the test digit
    layer     one of STAGES
    channel   of its output; from "flatten" on the number of the feature or the class, with row and column 0

    All four are counted from 0, as in code. Errors: ValueError for what is not there.
    """
    cursor = put_cursor(image, layer, channel, row, column)
    sheet = Sheet(820, HEIGHT, PALE)
    draw_overview(sheet, cursor)
    draw_input(sheet, 8, TOP, cursor)
    DRAW[layer](sheet, cursor)
    return sheet.picture(f"{_about_layer(cursor)} {_about_value(cursor)} {about_reading(cursor.reading)}")


def about_reading(reading: Reading) -> str:
    """What the network says, and whether that is so."""
    right = "which it is" if reading.read == reading.label else f"but it is {a(reading.label)}"
    return f"In the end it reads {a(reading.read)} with {percent(reading.p.max())}, {right}."


def _about_layer(cursor: Cursor) -> str:
    before, after = (" × ".join(map(str, values.shape)) for values in (cursor.before, cursor.after))
    name = STAGES[cursor.layer - 1]
    return f"{name[0].upper()}{name[1:]}: {before} → {after}."


def _about_value(cursor: Cursor) -> str:
    say = {
        "convolution": _about_convolution, "ReLU": _about_relu, "pooling": _about_pooling,
        "flatten": _about_flatten, "linear": _about_linear, "softmax": _about_softmax,
    }  # fmt: skip
    return say[cursor.kind](cursor)


def _place(cursor: Cursor) -> str:
    return f"[{cursor.channel}, {cursor.row}, {cursor.column}]"


def _about_convolution(cursor: Cursor) -> str:
    made = multiply(cursor)
    count = f"{len(made.seen)}·3·3 = {made.each.size}" if len(made.seen) > 1 else "3·3 = 9"
    outside = len(made.seen) * int(padding(cursor).sum())
    zeros = f", {outside} of them with padding," if outside else ""
    total = decimal(made.sum + made.bias)
    return (
        f"Value {_place(cursor)}, channel, row and column counted from 0: {count} products{zeros} sum to "
        f"{decimal(made.sum)}, and with the bias {decimal(made.bias)} that is {total}. {_about_field(cursor)}"
    )


def _about_relu(cursor: Cursor) -> str:
    z = float(cursor.before[cursor.channel, cursor.row, cursor.column])
    values = cursor.after[cursor.channel]
    return (
        f"Value {_place(cursor)}: max(0, {decimal(z)}) = {decimal(cursor.value)}. Of the {values.size} "
        f"values of map {cursor.channel} {int((values.round(9) == 0).sum())} are 0. {_about_field(cursor)}"
    )


def _about_pooling(cursor: Cursor) -> str:
    four, (i, j) = window(cursor)[0].round(9), winner(cursor)
    words = ", ".join(decimal(value) for value in four.ravel())
    alike = int((four == four.max()).sum())
    where = "all four alike" if alike == 4 else f"from [{cursor.channel}, {i}, {j}] of the ReLU before"
    where += f", the first of {alike} alike" if alike in (2, 3) else ""
    return (
        f"Value {_place(cursor)}: the largest of its window, max({words}) = {decimal(cursor.value)}, {where}. "
        f"{_about_field(cursor)}"
    )


def _about_field(cursor: Cursor) -> str:
    """Which pixels of the digit the value depends on."""
    seen = look_back(cursor)
    starts = seen.row, seen.column
    rows, columns = (f"{max(at, 0)} to {min(at + seen.side, SIDE) - 1}" for at in starts)
    padding = ", and padding" if min(starts) < 0 or max(starts) + seen.side > SIDE else ""
    return f"It sees {seen.side} × {seen.side} pixels: rows {rows} and columns {columns} of the digit{padding}."


def _about_flatten(cursor: Cursor) -> str:
    channel, (row, column) = cursor.channel // 4, divmod(cursor.channel % 4, 2)
    return (
        f"16·2·2 = 64 features. Feature {cursor.channel} = {channel}·4 + {row}·2 + {column} is value "
        f"[{channel}, {row}, {column}] of pooling 2: {decimal(cursor.value)}. Nothing is computed, only the order is "
        "fixed: the place in the picture is now the place in the row."
    )


def _about_linear(cursor: Cursor) -> str:
    made = multiply(cursor)
    most = int(np.abs(made.each).round(9).argmax())
    for_it = "for" if made.each[most] > 0 else "against"
    weight = decimal(made.weight[most]) if made.weight[most] > 0 else f"({decimal(made.weight[most])})"
    return (
        f"Unit {cursor.channel} scores the {cursor.channel}: 64 products sum to {decimal(made.sum)}, and with the bias "
        f"{decimal(made.bias)} that is {decimal(cursor.value)}. Most speaks {for_it} it feature {most}: "
        f"{decimal(made.seen[most])}·{weight} = {decimal(made.each[most])}."
    )


def _about_softmax(cursor: Cursor) -> str:
    exps = np.exp(cursor.before)
    k = cursor.channel
    return (
        f"p({k}) = e^z / sum = e^{decimal(cursor.before[k])} / {decimal(exps.sum())} = {decimal(exps[k])} / "
        f"{decimal(exps.sum())} = {percent(cursor.value)}."
    )
