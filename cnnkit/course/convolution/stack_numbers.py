"""Stacks of layers: known ones, what comes out of each layer, what it costs, and what its centre sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from cnnkit.layers import Conv2d, Layer, MaxPool2d, walk
from cnnkit.sizes import ReceptiveField

KINDS = ("convolution", "max pooling")


class StackLayer(NamedTuple):
    """One layer of the stack, in torch's words; `filters` (out_channels) counts for a convolution only."""

    kernel_size: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    filters: int = 1
    kind: str = "convolution"

    @property
    def span(self) -> int:
        """How many pixels the kernel covers."""
        return self.dilation * (self.kernel_size - 1) + 1

    def on(self, channels: int) -> Conv2d | MaxPool2d:
        """The layer that it is on an input with so many channels; convolutions have biases."""
        if self.kind == "max pooling":
            return MaxPool2d(*self[:4])
        return Conv2d(channels, self.filters, *self[:4])


MOST = StackLayer(11, 4, 5, 8, 512)  # of what the explorer has controls for


def stack_of(shape: Sequence[int], layers: Sequence[Layer]) -> dict[str, Any] | None:
    """The settings of the explorer `Stack` that shows these layers on an input of this shape; None where it cannot.

    It counts a bias for each filter, also of a convolution that has none.

    >>> stack_of((3, 32, 32), [Conv2d(3, 8, 5, padding=2)])["kernel_size1"], stack_of((3, 32, 32), [Conv2d(3, 8, 12)])
    (5, None)
    """
    windows = [layer for layer in layers if getattr(layer, "kernel_size", 1) != 1 or isinstance(layer, Conv2d)]
    if len(shape) != 3 or shape[1] != shape[2] or shape[1] > 256 or shape[0] > 512 or not 1 <= len(windows) <= 6:
        return None
    settings: dict[str, Any] = {"size": shape[1], "channels": shape[0], "layers": len(windows)}
    for number, layer in enumerate(windows, 1):
        one = _stack_layer(layer)
        if one is None:
            return None
        settings |= {f"{name}{number}": value for name, value in one._asdict().items()}
    return settings


def _stack_layer(layer: Any) -> StackLayer | None:
    """A square convolution or max pooling within the controls' limits; None for any other layer."""
    if not isinstance(layer, (Conv2d, MaxPool2d)) or getattr(layer, "groups", 1) != 1:
        return None
    stride = layer.kernel_size if layer.stride is None else layer.stride
    k, s, p, d = map(_single, (layer.kernel_size, stride, layer.padding, layer.dilation))
    if isinstance(layer, MaxPool2d):
        found = StackLayer(k, s, p, d, kind="max pooling")
        possible = not layer.ceil_mode
    else:
        found, possible = StackLayer(k, s, p, d, layer.out_channels), True
    numbers = zip(found[:5], MOST[:5], strict=True)
    return found if possible and all(value is not None and value <= most for value, most in numbers) else None


def _single(value: Any) -> Any:
    """The one number of an int or of a pair of equal ones; None for anything else."""
    numbers = set(value) if isinstance(value, (tuple, list)) else {value}
    number = numbers.pop()
    return number if isinstance(number, int) and not numbers else None


# Known beginnings: the input's size and channels, and the layers. LeNet-5 of 1998 averages where this one takes the
# maximum, with trained weights, and connects its layer C3 in part; AlexNet is torchvision's: that of 2012 has
# 96 filters in two towers. The convolutions of ResNet-18 have no biases; here each layer has them.
PRESETS = {
    "three 3 × 3": (32, 16, [StackLayer(3, filters=16)] * 3),
    "one 7 × 7": (32, 16, [StackLayer(7, filters=16)]),
    "dilation 1, 2, 4": (32, 16, [StackLayer(3, padding=d, dilation=d, filters=16) for d in (1, 2, 4)]),
    "dilation 2, 2, 2": (32, 16, [StackLayer(3, padding=2, dilation=2, filters=16)] * 3),
    "LeNet-5, max pooling, full C3": (
                32, 1, [StackLayer(5, filters=6), StackLayer(2, 2, kind="max pooling"), StackLayer(5, filters=16),
                        StackLayer(2, 2, kind="max pooling"), StackLayer(5, filters=120)]),
    "AlexNet's first six layers": (
                224, 3, [StackLayer(11, 4, 2, filters=64), StackLayer(3, 2, kind="max pooling"),
                         StackLayer(5, 1, 2, filters=192), StackLayer(3, 2, kind="max pooling"),
                         StackLayer(3, 1, 1, filters=384), StackLayer(3, 1, 1, filters=256)]),
    "VGG-16's first six layers": (224, 3, [StackLayer(3, 1, 1, filters=64), StackLayer(3, 1, 1, filters=64),
                     StackLayer(2, 2, kind="max pooling"), StackLayer(3, 1, 1, filters=128),
                     StackLayer(3, 1, 1, filters=128), StackLayer(2, 2, kind="max pooling")]),
    "ResNet-18's first six layers": (224, 3, [StackLayer(7, 2, 3, filters=64), StackLayer(3, 2, 1, kind="max pooling"),
                           *[StackLayer(3, 1, 1, filters=64)] * 4]),
}  # fmt: skip


class Row(NamedTuple):
    """What one layer gives: its output, the input pixels that one of its units sees, and what it costs."""

    size: int
    channels: int
    field: int
    jump: int
    start: int
    parameters: int
    macs: int


def tabulate(size: int, channels: int, layers: Sequence[StackLayer]) -> list[Row]:
    """Return a row for the input and one for each layer (square images).

    Errors: ValueError that names the first layer that cannot be.

    >>> [row.size for row in tabulate(32, 3, [StackLayer(5, stride=2), StackLayer(3, padding=1)])]
    [32, 14, 14]
    """
    rows = [Row(size, channels, 1, 1, 0, 0, 0)]
    found = walk((layer.on(rows[-1].channels) for layer in layers), (channels, size, size))
    for number, layer in enumerate(layers, 1):
        if wrong := _misfit(layer, rows[-1].size):
            sizes = " → ".join(str(row.size) for row in rows)
            raise ValueError(f"layer {number}: {wrong}; sizes up to there: {sizes}")
        row = next(found)
        filters, o, _ = row.output_shape
        seen = cast(ReceptiveField, row.field)
        rows.append(Row(o, filters, seen.size, seen.jump, seen.start, row.parameters, row.macs or 0))
    return rows


def _misfit(layer: StackLayer, size: int) -> str:
    """Why a layer cannot stand on an input of this size; "" if it can."""
    k, p = layer.kernel_size, layer.padding
    if layer.kind == "max pooling" and 2 * p > k:
        return f"max pooling pads at most half of its kernel of {k}, not {p}"
    if layer.span > size + 2 * p:
        pixels = "1 pixel" if size + 2 * p == 1 else f"{size + 2 * p} pixels"
        return f"the kernel spans {layer.span} pixels, and the padded input has only {pixels}"
    return ""


class Seen(NamedTuple):
    """What the centre unit of the last layer sees, along one axis (height and width are alike).

    starts   for the input and each layer: where the field of the unit in the middle of it all begins on the input
    read     the input pixels that reach it, in order
    """

    starts: list[int]
    read: np.ndarray


def look_back(rows: Sequence[Row], layers: Sequence[StackLayer]) -> Seen:
    """Follow the centre unit of the last layer back to the input."""
    unit = (rows[-1].size - 1) // 2
    starts, read = [], np.array([unit])
    for row, layer, before in zip(rows[:0:-1], layers[::-1], rows[-2::-1], strict=True):
        starts.append(row.start + unit * row.jump)
        unit = unit * layer.stride - layer.padding + layer.dilation * ((layer.kernel_size - 1) // 2)
        first = read * layer.stride - layer.padding
        read = np.unique(np.add.outer(first, layer.dilation * np.arange(layer.kernel_size)))
        read = read[(read >= 0) & (read < before.size)]  # the rest lies in this layer's padding
    return Seen([unit, *starts[::-1]], read)
