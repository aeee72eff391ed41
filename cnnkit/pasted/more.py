"""Layers that the course has no layer for, as far as their sizes and their parameters go."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from cnnkit.layers.layer import Layer, Shape


@dataclass(repr=False)
class Counted(Layer):
    """A layer of which only is known what comes out for one input, how much it learns and multiplies.

    name   of its class
    after  the shape of what comes out
    learnt how many parameters it has
    macs   how many products it adds up; None if that is not said
    """

    name: str
    after: Shape
    learnt: int = 0
    macs: int | None = 0

    def output_shape(self, shape: Shape) -> Shape:
        return self.after

    def parameter_shapes(self, shape: Shape | None = None) -> dict[str, Shape]:
        return {"all": (self.learnt,)} if self.learnt else {}

    def count_macs(self, shape: Shape) -> int | None:
        return self.macs


@dataclass(repr=False)
class Seen(Counted):
    """One whose outputs see one pixel of its input each."""

    kernel_size = 1
    padding: Any = 0


def transposed(channels: int, options: dict[str, Any], shape: Shape) -> Counted:
    """A transposed convolution: o = (n − 1) s − 2 p + d (k − 1) + output_padding + 1."""
    kernel, stride, padding, extra, dilation = (
        _both(options.get(name, usual))
        for name, usual in (
            ("kernel_size", None),
            ("stride", 1),
            ("padding", 0),
            ("output_padding", 0),
            ("dilation", 1),
        )
    )
    groups, out, bias = options.get("groups", 1), options["out_channels"], options.get("bias", True)
    if not all(isinstance(n, int) and n >= 1 for n in (channels, groups, out, *kernel, *stride, *dilation)):
        raise ValueError("channels, kernel, stride, dilation and groups must be whole numbers of at least 1")
    if channels % groups or out % groups:
        raise ValueError(f"groups={groups} must divide in_channels={channels} and out_channels={out}")
    if not all(isinstance(n, int) and n >= 0 for n in (*padding, *extra)):
        raise ValueError("padding and output_padding must be whole numbers of at least 0")
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise ValueError("output_padding must be smaller than the stride or the dilation")
    sides = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + e + 1
        for n, s, p, d, k, e in zip(shape[1:], stride, padding, dilation, kernel, extra, strict=True)
    )
    return counted_transposed(channels, out, kernel, sides, groups, bool(bias), shape)


def counted_transposed(
    channels: int, out: int, kernel: tuple[int, int], sides: tuple[int, ...], groups: int, bias: bool, shape: Shape
) -> Counted:
    if min(sides) < 1:
        raise ValueError(f"nothing comes out: its height and width would be {sides[0]} and {sides[1]}")
    weights = channels * (out // groups) * prod(kernel)
    macs = prod(shape[1:]) * weights  # each input pixel meets the whole kernel
    return Counted("ConvTranspose2d", (out, *sides), weights + (out if bias else 0), macs)


def _both(value: Any) -> tuple[Any, Any]:
    return value if isinstance(value, tuple) and len(value) == 2 else (value, value)
