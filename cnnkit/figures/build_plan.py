"""A small CNN for the digits from a few settings: its layers in order, and what each gives, costs and sees."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from cnnkit._arguments import choice, integer, probability, switch
from cnnkit.layers import (
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    count_macs,
    count_parameters,
    output_shape,
)
from cnnkit.sizes import receptive_field

SIDE, CLASSES = 8, 10
POOLINGS = {"none": None, "max": MaxPool2d(2), "average": AvgPool2d(2)}
ALL = "all"  # what a fully connected layer sees


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


class Row(NamedTuple):
    """One layer: the block it is in (0 for what follows them), its description, and its figures for one digit."""

    block: int
    layer: Any
    shape: tuple[int, ...]
    parameters: int
    macs: int
    field: int | str  # pixels a side that one of its units sees


def order_layers(setting: Setting) -> Iterator[tuple[int, Any]]:
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
    """Return a row for each layer of the network that the setting describes.

    Errors: ValueError that names the block whose convolution or pooling does not fit, or the setting that is none.

    >>> [row.shape for row in lay_out(Setting(blocks=1, filters=4))]
    [(4, 8, 8), (4, 8, 8), (4, 4, 4), (64,), (10,)]
    """
    rows: list[Row] = []
    shape: tuple[int, ...] = (1, SIDE, SIDE)
    chain: list[Any] = []
    for block, layer in order_layers(setting):
        try:
            after = output_shape(layer, shape)
        except ValueError as error:
            raise ValueError(f"block {block}: {error}; sizes up to there: {_sizes(rows)}") from None
        chain += [layer] if block else []
        field = receptive_field(chain)[-1].size if chain else 1
        rows.append(Row(block, layer, after, count_parameters(layer, shape), count_macs(layer, shape), field))
        shape = after
    last = Linear(shape[0], CLASSES)
    costs = count_parameters(last, shape), count_macs(last, shape)
    return (*rows, Row(0, last, (CLASSES,), *costs, ALL))


def _sizes(rows: list[Row]) -> str:
    moved = [row.shape[1] for row in rows if hasattr(row.layer, "stride")]
    return " → ".join(map(str, [SIDE, *moved]))
