"""The network of PyTorch's MNIST example, layer by layer: what the lesson draws and counts."""

from __future__ import annotations

from typing import NamedTuple

from cnnkit.layers import Activation, Conv2d, Dropout, Flatten, Layer, Linear, MaxPool2d, Row, walk

INPUT = (1, 28, 28)


def usual_layers() -> list[Layer]:
    """Its layers, without weights.

    Reference: the example `mnist` of github.com/pytorch/examples.
    """
    return [
        Conv2d(1, 32, 3), Activation("relu"), Conv2d(32, 64, 3), Activation("relu"), MaxPool2d(2), Dropout(0.25),
        Flatten(), Linear(9216, 128), Activation("relu"), Dropout(0.5), Linear(128, 10),
    ]  # fmt: skip


def usual_rows() -> tuple[Row, ...]:
    """What each of its layers gives and costs for one picture."""
    return tuple(walk(usual_layers(), INPUT))


class Cost(NamedTuple):
    """A layer with weights, and its share of all parameters and of all products."""

    name: str
    parameters: float
    products: float


def costs() -> list[Cost]:
    """The four layers that have weights.

    >>> [round(cost.parameters, 3) for cost in costs()]
    [0.0, 0.015, 0.983, 0.001]
    """
    rows = [row for row in usual_rows() if row.parameters]
    parameters, products = sum(row.parameters for row in rows), sum(row.macs or 0 for row in rows)
    return [Cost(str(row.layer), row.parameters / parameters, (row.macs or 0) / products) for row in rows]
