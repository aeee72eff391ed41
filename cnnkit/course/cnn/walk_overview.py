"""All that the small CNN makes of one digit, layer by layer, with a cursor on one number and what that reads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnnkit.course.cnn.cells import draw_block, draw_cells
from cnnkit.course.cnn.digit_net import CLASSES, SIDE, STAGES
from cnnkit.course.cnn.walk_cursor import Cursor, look_back, reads
from cnnkit.course.kit.palette import INPUT_READ, PADDING, PADDING_READ, WINDOW
from cnnkit.course.kit.sheet import Sheet

TILES = 42  # where the maps of all layers begin
PITCH, ROOM = 82, 128  # from one layer to the next, and how high their maps may be together
GRIDS = {(1, 8): (1, 7, 0), (8, 8): (2, 3.5, 33), (8, 4): (2, 7, 33), (16, 4): (4, 4, 19), (16, 2): (4, 8, 19)}
SHORT = ("input", "conv 1", "ReLU 1", "pool 1", "conv 2", "ReLU 2", "pool 2", "flatten", "linear", "softmax")


def reach(values: np.ndarray) -> float:
    """The largest distance from 0: each layer has a colour scale of its own."""
    return float(np.abs(values).max())


class Tile(NamedTuple):
    """Where one channel of a layer's output lies in the overview."""

    x: float
    y: float
    width: float
    height: float


def lay_tiles(layer: int, shape: tuple[int, ...]) -> list[Tile]:
    """One tile for each channel: maps side by side, features and units below one another."""
    left = 8 + PITCH * layer
    if len(shape) == 1:
        high, wide = ROOM / shape[0], 66 if layer == len(STAGES) else 14
        return [Tile(left, TILES + i * high, wide, high) for i in range(shape[0])]
    across, cell, step = GRIDS[shape[0], shape[1]]
    side = cell * shape[1]
    return [Tile(left + i % across * step, TILES + i // across * step, side, side) for i in range(shape[0])]


def draw_overview(sheet: Sheet, cursor: Cursor) -> None:
    """Draw the maps of all layers, with the channel of the cursor and what it reads framed."""
    sheet.box(8 + PITCH * cursor.layer - 7, 0, PITCH - 6, TILES + ROOM + 9, PADDING)
    sheet.text(8 + 4 * PITCH, 148, "blue above 0, orange below, each", size=12)
    sheet.text(8 + 4 * PITCH, 165, "layer up to its own largest value", size=12)
    for layer, values in enumerate(cursor.reading.outputs):
        x = 8 + PITCH * layer
        sheet.text(x, 16, SHORT[layer], size=13, bold=True)
        sheet.text(x, 33, " × ".join(map(str, values.shape)), size=12)
        tiles = lay_tiles(layer, values.shape)
        if layer == len(STAGES):
            _draw_bars(sheet, x, values)
        elif values.ndim == 1:
            draw_block(sheet, x, TILES, values[:, None], reach(values), width=14, height=ROOM)
        else:
            for tile, one in zip(tiles, values, strict=True):
                draw_block(sheet, *tile[:2], one, reach(values), width=tile.width, height=tile.height)
        if layer == len(STAGES) - 1:
            _write_classes(sheet, x + 20)
        _frame_tiles(sheet, cursor, layer, tiles)


def _frame_tiles(sheet: Sheet, cursor: Cursor, layer: int, tiles: list[Tile]) -> None:
    """The channel of the cursor, and what it reads of the layer before."""
    if layer == cursor.layer:
        sheet.frame(*tiles[cursor.channel], WINDOW, 2)
    elif layer == cursor.layer - 1:
        some = [tiles[i] for i in reads(cursor)]
        if cursor.kind in ("linear", "softmax"):  # all of them, which lie close together
            some = [some[0]._replace(height=ROOM)]
        for tile in some:
            sheet.frame(*tile, WINDOW, 1)


def _write_classes(sheet: Sheet, x: float) -> None:
    for digit in range(CLASSES):
        sheet.text(x, TILES + (digit + 0.5) * ROOM / CLASSES + 4, str(digit), size=11)


def _draw_bars(sheet: Sheet, x: float, p: np.ndarray) -> None:
    high = ROOM / CLASSES
    for digit, share in enumerate(p):
        sheet.box(x, TILES + digit * high + 2, max(0.5, 42 * share), high - 4, INPUT_READ)
    _write_classes(sheet, x + 52)


def lay_input(cursor: Cursor, x: float, y: float) -> tuple[float, float, int, int]:
    """Left, top and cell of the large digit, and how many cells of padding there is room for around it."""
    margin = 3 if look_back(cursor).side > 4 and cursor.kind not in ("linear", "softmax") else 1
    cell = 220 // (SIDE + 2 * margin)
    return x + margin * cell, y + margin * cell, cell, margin


def draw_input(sheet: Sheet, x: float, y: float, cursor: Cursor) -> None:
    """Draw the digit, its padding as far as the value's field reaches, and a frame around that field."""
    reading, seen = cursor.reading, look_back(cursor)
    whole = cursor.kind in ("linear", "softmax")
    words = "sees all of it" if whole else f"sees {seen.side} × {seen.side} pixels"
    sheet.heading(x, y - 25, reading.name, f"the value {words}", size=14, gap=17, soft=False)
    left, top, cell, margin = lay_input(cursor, x, y)
    field = left + seen.column * cell, top + seen.row * cell, seen.side * cell, seen.side * cell
    sheet.box(*field, PADDING_READ)
    draw_cells(sheet, left, top, cell, reading.outputs[0][0], 1.0, decimals=2 if margin == 1 else None, size=9)
    sheet.frame(*field, WINDOW, 2)
