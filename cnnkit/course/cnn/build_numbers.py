"""A small CNN for the digits from a few settings: its layers in order, and what each gives, costs and sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from cnnkit._arguments import choice, integer, probability, switch
from cnnkit.layers import (
    ALL,
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Row,
    walk,
)
from cnnkit.sizes import ReceptiveField

SIDE, CLASSES = 8, 10
POOLINGS = {"none": None, "max": MaxPool2d(2), "average": AvgPool2d(2)}


class Setting(NamedTuple):
    """What the sliders say. p is the probability to DROP a feature, before the last layer."""

    blocks: int = 2
    filters: int = 12
    kernel_size: int = 3
    stride: int = 1
    pooling: str = "max"
    p: float = 0.0
    batch_norm: bool = False
    seed: int = 0

    @property
    def padding(self) -> int:
        """Half of what the kernel would take away: with an odd kernel and stride 1 the size stays."""
        return (self.kernel_size - 1) // 2


def order_layers(setting: Setting) -> Iterator[tuple[int, Layer]]:
    """The layers with the number of their block: convolution, batch norm, ReLU, pooling; after the blocks the rest.

    The last layer is missing: how many features it takes is known once the others are laid out.
    A convolution before batch norm has no bias: it would be taken out again.
    """
    pool = POOLINGS[choice("pooling", setting.pooling, tuple(POOLINGS))]
    filters = integer("filters", setting.filters, at_least=1)
    for block in range(1, integer("blocks", setting.blocks, at_least=0) + 1):
        channels = 1 if block == 1 else filters
        normed = switch("batch_norm", setting.batch_norm)
        k, s, p = setting.kernel_size, setting.stride, setting.padding
        yield block, Conv2d(channels, filters, k, s, p, bias=not normed)
        if normed:
            yield block, BatchNorm2d(filters)
        yield block, Activation("relu")
        if pool is not None:
            yield block, pool
    yield 0, Flatten()
    if probability("p", setting.p):
        yield 0, Dropout(setting.p)


@lru_cache(maxsize=256)
def lay_out(setting: Setting) -> tuple[Row, ...]:
    """Return a row for each layer of the network that the setting describes, for one digit.

    Errors: ValueError that names the block whose convolution or pooling does not fit, or the setting that is none.

    >>> [row.output_shape for row in lay_out(Setting(blocks=1, filters=4))]
    [(4, 8, 8), (4, 8, 8), (4, 4, 4), (64,), (10,)]
    """
    numbered, rows = list(order_layers(setting)), []
    try:
        for row in walk([layer for _, layer in numbered], (1, SIDE, SIDE)):
            rows.append(row)
    except ValueError as error:
        raise ValueError(f"block {numbered[len(rows)][0]}: {error}; sizes up to there: {_sizes(rows)}") from None
    layers = [*(layer for _, layer in numbered), Linear(rows[-1].output_shape[0], CLASSES)]
    return tuple(walk(layers, (1, SIDE, SIDE)))


def blocks(rows: Sequence[Row]) -> list[int]:
    """The number of the block that each layer is in; 0 for what follows them."""
    convolutions = accumulate(isinstance(row.layer, Conv2d) for row in rows)
    return [number * (len(row.output_shape) == 3) for number, row in zip(convolutions, rows, strict=True)]


def side(row: Row) -> int | str:
    """How many pixels a side one of the layer's outputs sees, or ALL."""
    return row.field.size if isinstance(row.field, ReceptiveField) else ALL


def count_products(rows: Sequence[Row]) -> int:
    """How many products the whole network adds up."""
    return sum(row.macs or 0 for row in rows)


def _sizes(rows: Sequence[Row]) -> str:
    moved = [row.output_shape[1] for row in rows if hasattr(row.layer, "stride")]
    return " → ".join(map(str, [SIDE, *moved]))
