"""What can be touched in the walk: every cell of every map, and in the close-up all that one value is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnkit.course.cnn.digit_net import CLASSES, SIDE, STAGES, fields
from cnnkit.course.cnn.walk_closeup import LEFT, RIGHT, TOP
from cnnkit.course.cnn.walk_cursor import Cursor
from cnnkit.course.cnn.walk_overview import ROOM, SHORT, TILES, lay_input, lay_tiles
from cnnkit.course.cnn.walk_scores import PITCH, SLIM
from cnnkit.course.kit.sheet import Sheet

Sets = Callable[[int, int], dict[str, Any]]


def let_touch(sheet: Sheet, cursor: Cursor) -> None:
    """The cursor's own map comes first: the arrow keys move within it."""
    close_ups: dict[str, Callable[[Sheet, Cursor], None]] = {
        "convolution": _touch_convolution, "ReLU": _touch_maps, "pooling": _touch_maps, "flatten": _touch_flatten,
        "linear": _touch_linear, "softmax": _touch_softmax,
    }  # fmt: skip
    close_ups[cursor.kind](sheet, cursor)
    if cursor.after.ndim == 3:
        _touch_input(sheet, cursor)
    for layer in range(1, len(STAGES) + 1):
        _touch_tiles(sheet, cursor, layer)


def in_map(layer: int, channel: int) -> Sets:
    """From a cell of one map to the controls."""
    return lambda row, column: {"layer": STAGES[layer - 1], "channel": channel, "row": row, "column": column}


def in_row(layer: int) -> Sets:
    """From the place of a feature, a unit or a class, in one row or one column, to the controls."""
    return lambda row, column: {"layer": STAGES[layer - 1], "channel": row + column}


def _touch_tiles(sheet: Sheet, cursor: Cursor, layer: int) -> None:
    """One layer in the overview."""
    shape = cursor.reading.outputs[layer].shape
    tiles = lay_tiles(layer, shape)
    if len(shape) == 1:
        here = (cursor.channel, 0) if layer == cursor.layer else None
        wide = 40 if layer == len(STAGES) - 1 else tiles[0].width
        box = tiles[0].x, TILES, wide, ROOM
        sheet.touch(box, shape[0], 1, in_row(layer), here=here, says=SHORT[layer])
        return
    for channel, tile in enumerate(tiles):
        rows, columns = shape[1:]
        sheet.touch(tile, rows, columns, in_map(layer, channel), says=f"{SHORT[layer]}, map {channel}")


def _touch_input(sheet: Sheet, cursor: Cursor) -> None:
    """A pixel of the digit sets the value of the layer whose field has its middle nearest to it."""
    left, top, cell, _ = lay_input(cursor, 8, TOP)
    field, (_, rows, columns) = fields()[cursor.layer], cursor.after.shape

    def nearest(pixel: int, count: int) -> int:
        middle = field.start + (field.size - 1) / 2
        return min(max(round((pixel - middle) / field.jump), 0), count - 1)

    def sets(row: int, column: int) -> dict[str, Any]:
        return {"row": nearest(row, rows), "column": nearest(column, columns)}

    sheet.touch((left, top, SIDE * cell, SIDE * cell), SIDE, SIDE, sets, says="the value that sees this pixel")


def _touch_written(sheet: Sheet, cursor: Cursor, x: float, cell: float) -> None:
    _, rows, columns = cursor.after.shape
    sets = in_map(cursor.layer, cursor.channel)
    here = cursor.row, cursor.column
    sheet.touch((x, TOP, columns * cell, rows * cell), rows, columns, sets, here=here, says="")


def _touch_convolution(sheet: Sheet, cursor: Cursor) -> None:
    if cursor.layer == 1:
        _touch_written(sheet, cursor, RIGHT - 160, 20)
        return
    _touch_written(sheet, cursor, RIGHT - 96, 24)
    for channel in range(len(cursor.before)):
        box = LEFT + 56 * channel + 8, TOP + 8, 32, 32
        sheet.touch(box, 4, 4, in_map(cursor.layer - 1, channel), says=f"pool 1, map {channel}")


def _touch_maps(sheet: Sheet, cursor: Cursor) -> None:
    """Of ReLU and pooling: the map before, and the one that is written."""
    _, rows, columns = cursor.before.shape
    cell = 26 if rows > 4 else 40
    wide = cell if cursor.kind == "ReLU" else 40
    _touch_written(sheet, cursor, RIGHT - wide * len(cursor.after[0]), wide)
    sets, says = in_map(cursor.layer - 1, cursor.channel), f"{SHORT[cursor.layer - 1]}, map {cursor.channel}"
    sheet.touch((LEFT, TOP, columns * cell, rows * cell), rows, columns, sets, says=says)


def _touch_flatten(sheet: Sheet, cursor: Cursor) -> None:
    """The row of features, and each of the maps that it was."""
    count = len(cursor.after)
    box = LEFT, TOP + 162, count * SLIM, 24
    sheet.touch(box, 1, count, in_row(cursor.layer), here=(0, cursor.channel), says="")
    for i in range(len(cursor.before)):
        box = LEFT + i % 8 * 70, TOP + i // 8 * 66, 54, 54
        sheet.touch(box, 2, 2, _in_feature(i), says=f"pool 2, map {i}")


def _in_feature(channel: int) -> Sets:
    """From a value of pooling 2 to the feature that it is."""
    return lambda row, column: {"channel": 4 * channel + 2 * row + column}


def _touch_linear(sheet: Sheet, cursor: Cursor) -> None:
    """The features, their weights, the products: each column leads back to the feature."""
    count = len(cursor.before)
    for i in range(3):
        box = LEFT, TOP + 46 * i + 6, count * SLIM, 20
        sheet.touch(box, 1, count, in_row(cursor.layer - 1), says="where this feature comes from")


def _touch_softmax(sheet: Sheet, cursor: Cursor) -> None:
    box = LEFT + 6, TOP, CLASSES * PITCH, 206
    sheet.touch(box, 1, CLASSES, in_row(cursor.layer), here=(0, cursor.channel), says="")
