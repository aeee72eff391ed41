"""A cursor on one number that the small CNN computes, and what that number is made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.course.cnn.digit_net import SIDE, STAGES, Reading, digit_net, fields, read_digit
from cnnkit.course.cnn.own_digit_numbers import read_drawn


class Cursor(NamedTuple):
    """One number in one layer's output: the layer counts from 1, as 0 is the input; the others from 0, as in code."""

    reading: Reading
    layer: int
    channel: int
    row: int
    column: int

    @property
    def before(self) -> np.ndarray:
        return self.reading.outputs[self.layer - 1]

    @property
    def after(self) -> np.ndarray:
        return self.reading.outputs[self.layer]

    @property
    def value(self) -> float:
        at = (self.channel, self.row, self.column)[: self.after.ndim]
        return float(self.after[at])

    @property
    def kind(self) -> str:
        return STAGES[self.layer - 1].split()[0]


def highest(layer: str) -> tuple[int, int, int]:
    """The last channel, row and column of a layer's output; features, units and classes count as channels."""
    shape = read_digit(0).outputs[STAGES.index(choice("layer", layer, STAGES)) + 1].shape
    last = [length - 1 for length in shape] + [0, 0]
    return last[0], last[1], last[2]


def put_cursor(image: int, layer: str, channel: int, row: int, column: int, drawn: bytes = b"") -> Cursor:
    """A cursor in what the network makes of what was drawn, or else of a test digit.

    Errors: ValueError for a digit, a layer or a place that is not there.
    """
    for name, value, most in zip(("channel", "row", "column"), (channel, row, column), highest(layer), strict=True):
        if integer(name, value, at_least=0) > most:
            raise ValueError(f"{name} must be at most {most} in {layer}, counted from 0, got {value}")
    reading = read_drawn(drawn) if drawn else read_digit(image)
    return Cursor(reading, STAGES.index(layer) + 1, channel, row, column)


def reads(cursor: Cursor) -> list[int]:
    """The channels of the layer before that the value is made of."""
    count = len(cursor.before)
    if cursor.kind == "flatten":
        return [cursor.channel // (len(cursor.after) // count)]
    return [cursor.channel] if cursor.kind in ("ReLU", "pooling") else list(range(count))


class Seen(NamedTuple):
    """The pixels of the input that a value depends on, from row and column (negative in the padding), a side long."""

    row: int
    column: int
    side: int


def look_back(cursor: Cursor) -> Seen:
    """The value's receptive field; from "linear" on that is the whole digit."""
    layer, row, column = cursor.layer, cursor.row, cursor.column
    if cursor.kind in ("linear", "softmax"):
        return Seen(0, 0, SIDE)
    if cursor.kind == "flatten":
        layer, (row, column) = layer - 1, divmod(cursor.channel % 4, 2)
    seen = fields()[layer]
    return Seen(seen.start + row * seen.jump, seen.start + column * seen.jump, seen.size)


def window(cursor: Cursor) -> np.ndarray:
    """What the value reads of the layer before, (C, k, k): a convolution's with its padding, a pooling's of its map."""
    i, j = cursor.row, cursor.column
    if cursor.kind == "convolution":
        return np.pad(cursor.before, ((0, 0), (1, 1), (1, 1)))[:, i : i + 3, j : j + 3]
    return cursor.before[cursor.channel : cursor.channel + 1, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]


def padding(cursor: Cursor) -> np.ndarray:
    """Which of the values that a convolution's window reads are padding, (k, k)."""
    inside = np.ones(cursor.before.shape[1:], bool)
    return ~np.pad(inside, 1)[cursor.row : cursor.row + 3, cursor.column : cursor.column + 3]


def winner(cursor: Cursor) -> tuple[int, int]:
    """Row and column, in the map before, of what a pooling's value is: the first, if several are as large."""
    i, j = divmod(int(window(cursor)[0].round(9).argmax()), 2)
    return 2 * cursor.row + i, 2 * cursor.column + j


class Products(NamedTuple):
    """What is multiplied and added: seen and weight are (C, k, k) in a convolution and (n,) in a linear layer."""

    seen: np.ndarray
    weight: np.ndarray
    bias: float

    @property
    def each(self) -> np.ndarray:
        return self.seen * self.weight

    @property
    def sum(self) -> float:
        return float(self.each.sum())


def multiply(cursor: Cursor) -> Products:
    """The products behind the value; a ValueError in a layer without weights."""
    choice("layer", cursor.kind, ("convolution", "linear"))
    weight, bias = digit_net().layers[cursor.layer - 1].parameters.values()
    seen = window(cursor) if cursor.kind == "convolution" else cursor.before
    return Products(seen, weight[cursor.channel], float(bias[cursor.channel]))
