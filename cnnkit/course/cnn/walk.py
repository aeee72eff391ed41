"""A walk through the small CNN: the chain of its layers, and where one number in one of them comes from."""

from __future__ import annotations

import numpy as np

from cnnkit.course.cnn.cells import PALE
from cnnkit.course.cnn.digit_net import SIDE, STAGES, Reading
from cnnkit.course.cnn.walk_closeup import TOP, draw_first, draw_pooling, draw_relu, draw_second
from cnnkit.course.cnn.walk_cursor import Cursor, look_back, multiply, padding, put_cursor, window, winner
from cnnkit.course.cnn.walk_overview import draw_input, draw_overview
from cnnkit.course.cnn.walk_scores import draw_flatten, draw_linear, draw_softmax
from cnnkit.course.cnn.walk_touch import let_touch
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet
from cnnkit.course.kit.words import a, bracketed, chance, fixed

HEIGHT = 464
DRAW = {
    "convolution 1": draw_first, "ReLU 1": draw_relu, "pooling 1": draw_pooling, "convolution 2": draw_second,
    "ReLU 2": draw_relu, "pooling 2": draw_pooling, "flatten": draw_flatten, "linear": draw_linear,
    "softmax": draw_softmax,
}  # fmt: skip


def draw_walk(
    image: int, layer: str, *, channel: int = 0, row: int = 0, column: int = 0, drawn: bytes = b""
) -> Picture:
    """Draw all layers' outputs of a digit, and how the value [channel, row, column] of one of them was made.

    image     number of the test digit
    layer     one of STAGES
    channel   of its output; from "flatten" on the number of the feature or the class, with row and column 0
    drawn     32 x 32 zeros and ones, row by row: a digit to read in place of the test digit

    The first four are counted from 0, as in code. Errors: ValueError for what is not there.
    """
    cursor = put_cursor(image, layer, channel, row, column, drawn)
    sheet = Sheet(820, HEIGHT, PALE)
    draw_overview(sheet, cursor)
    draw_input(sheet, 8, TOP, cursor)
    DRAW[layer](sheet, cursor)
    let_touch(sheet, cursor)
    return sheet.picture(f"{_about_layer(cursor)} {_about_value(cursor)}\n{about_reading(cursor.reading)}")


def about_reading(reading: Reading) -> str:
    """What the network says, and whether that is so; of a drawn digit, what comes next."""
    if reading.label is None:
        second = int(np.argsort(reading.p)[-2])
        return (
            f"In the end it reads your digit as {a(reading.read)} with **{chance(reading.p.max())}**; next comes the "
            f"{second} with {chance(reading.p[second])}. All is counted from 0."
        )
    right = "which it is" if reading.read == reading.label else f"but it is {a(reading.label)}"
    return f"In the end it reads {a(reading.read)} with {chance(reading.p.max())}, {right}. All is counted from 0."


def _about_layer(cursor: Cursor) -> str:
    before, after = (" × ".join(map(str, values.shape)) for values in (cursor.before, cursor.after))
    name = STAGES[cursor.layer - 1]
    return f"{name[0].upper()}{name[1:]}: {before} → {after}."


def _about_value(cursor: Cursor) -> str:
    """What the value sees, on the layer's line; and on a line of its own how it is made."""
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
    total = fixed(made.sum + made.bias)
    return (
        f"{_about_field(cursor)}\nIts {count} products{zeros} sum to {fixed(made.sum)}, and with the bias "
        f"{fixed(made.bias)} that is **{total}**."
    )


def _about_relu(cursor: Cursor) -> str:
    z = float(cursor.before[cursor.channel, cursor.row, cursor.column])
    values = cursor.after[cursor.channel]
    return (
        f"{_about_field(cursor)}\nIt is max(0, {fixed(z)}) = **{fixed(cursor.value)}**. Of the {values.size} "
        f"values of map {cursor.channel} {int((values.round(9) == 0).sum())} are 0."
    )


def _about_pooling(cursor: Cursor) -> str:
    four, (i, j) = window(cursor)[0].round(9), winner(cursor)
    words = ", ".join(fixed(value) for value in four.ravel())
    alike = int((four == four.max()).sum())
    where = "all four alike" if alike == 4 else f"from [{cursor.channel}, {i}, {j}] of the ReLU before"
    where += f", the first of {alike} alike" if alike in (2, 3) else ""
    return f"{_about_field(cursor)}\nIt is max({words}) = **{fixed(cursor.value)}**, {where}."


def _about_field(cursor: Cursor) -> str:
    """Which pixels of the digit the value depends on."""
    seen = look_back(cursor)
    starts = seen.row, seen.column
    rows, columns = (f"{max(at, 0)} to {min(at + seen.side, SIDE) - 1}" for at in starts)
    padding = "padding, " if min(starts) < 0 or max(starts) + seen.side > SIDE else ""
    pixels = f"{seen.side} × {seen.side} pixels"
    return f"Value {_place(cursor)} sees {pixels}: {padding}rows {rows}, columns {columns}."


def _about_flatten(cursor: Cursor) -> str:
    channel, (row, column) = cursor.channel // 4, divmod(cursor.channel % 4, 2)
    return (
        f"Feature {cursor.channel} = {channel}·4 + {row}·2 + {column} is value [{channel}, {row}, {column}] of "
        f"pooling 2: **{fixed(cursor.value)}**.\nNothing is computed: the place in the picture is now the place in "
        "the row."
    )


def _about_linear(cursor: Cursor) -> str:
    made = multiply(cursor)
    most = int(np.abs(made.each).round(9).argmax())
    for_it = "for" if made.each[most] > 0 else "against"
    return (
        f"The 64 products of unit {cursor.channel} sum to {fixed(made.sum)}, and with the bias {fixed(made.bias)} "
        f"that is **{fixed(cursor.value)}**.\nFeature {most} speaks most {for_it} the {cursor.channel}: "
        f"{fixed(made.seen[most])}·{bracketed(made.weight[most], fixed)} = {fixed(made.each[most])}."
    )


def _about_softmax(cursor: Cursor) -> str:
    exps = np.exp(cursor.before)
    k = cursor.channel
    return (
        f"Scores become probabilities.\np({k}) = e^z / sum = e^{fixed(cursor.before[k])} / {fixed(exps.sum())} = "
        f"{fixed(exps[k])} / {fixed(exps.sum())} = **{chance(cursor.value)}**."
    )
