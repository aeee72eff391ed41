"""What a pooling window sees and what it hands back, all in small whole numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import floor
from typing import Any

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.course.kit.axis import Axis, lay_windows
from cnnkit.course.kit.words import counted
from cnnkit.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward

KINDS = ("max", "average")


@dataclass(frozen=True)
class Pooling:
    """A pooling of the example input, forward and backward, with one window at work.

    axis       where the windows lie, along either axis
    options    the keyword arguments that the pooling's functions take, but for the kernel's size
    position   the number of the window at work, counted from 1

    x, y, dy, dx   input (n, n), output (o, o) and their gradients; dy is made up, dx is what the layer makes of it
    """

    axis: Axis
    kind: str
    options: dict[str, Any]
    position: int

    @cached_property
    def x(self) -> np.ndarray:
        return example_pixels(self.axis.size)

    @cached_property
    def y(self) -> np.ndarray:
        pool = max_pool2d if self.kind == "max" else avg_pool2d
        return pool(self.x[None], self.axis.kernel_size, **self.options)[0]

    @cached_property
    def dy(self) -> np.ndarray:
        return example_upstream(self.axis.count, 1 if self.kind == "max" else self.axis.kernel_size**2)

    @cached_property
    def dx(self) -> np.ndarray:
        backward = max_pool2d_backward if self.kind == "max" else avg_pool2d_backward
        return backward(self.dy[None], self.x[None].astype(float), self.axis.kernel_size, **self.options)[0]

    @property
    def place(self) -> tuple[int, int]:
        """Row and column of the window at work, from 0."""
        row, column = divmod(self.position - 1, self.axis.count)
        return row, column

    @property
    def dropped(self) -> int | None:
        """Where, in the padded row, the window would start that `ceil_mode` leaves out because it would see nothing."""
        axis = self.axis
        rest = (axis.padded - axis.span) % axis.stride
        return axis.count * axis.stride if self.options["ceil_mode"] and rest and not axis.over else None

    @property
    def side(self) -> int:
        """How many cells the picture of the input has: padding, what lies beyond, and a window that is left out."""
        reach = 0 if self.dropped is None else self.dropped + self.axis.span
        return max(self.axis.padded + self.axis.over, reach)

    @cached_property
    def taps(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of the input that the window covers; below 0 and from n on there is no input."""
        rows, columns = (self.axis.taps(at) - self.axis.before for at in self.place)
        return rows, columns

    def pixels(self) -> list[tuple[int, int]]:
        """The pixels of the input that the window sees, row by row."""
        rows, columns = (taps[(taps >= 0) & (taps < self.axis.size)].tolist() for taps in self.taps)
        return [(i, j) for i in rows for j in columns]

    @property
    def counts_padding(self) -> bool:
        return bool(self.options.get("count_include_pad", True))

    @property
    def padding_counts_as(self) -> float:
        """−∞ for a maximum, 0 for an average; NaN where it does not count at all."""
        return -np.inf if self.kind == "max" else 0.0 if self.counts_padding else np.nan

    @property
    def divisor(self) -> int:
        """By how many numbers the window's average divides."""
        if not self.counts_padding:
            return len(self.pixels())
        rows, columns = (int((taps < self.axis.size + self.axis.after).sum()) for taps in self.taps)
        return rows * columns

    @cached_property
    def largest(self) -> list[tuple[int, int]]:
        """The pixels that hold the window's largest value; the first of them is the winner."""
        top = max(self.x[pixel] for pixel in self.pixels())
        return [pixel for pixel in self.pixels() if self.x[pixel] == top]

    def share(self, pixel: tuple[int, int]) -> float:
        """What the window hands back to a pixel that it sees."""
        dy = float(self.dy[self.place])
        if self.kind == "average":
            return dy / self.divisor
        return dy if pixel == self.largest[0] else 0.0

    def parts(self, pixel: tuple[int, int]) -> list[float]:
        """What all windows hand back to one pixel, one number for each that hands it anything, in their order."""
        shares = (replace(self, position=position).share(pixel) for position in self.windows(pixel))
        return [share for share in shares if share]

    def nearest(self, row: int, column: int) -> int:
        """The number of the window whose middle is nearest to a cell of the padded input, counted from 0."""
        k, s, last = self.axis.kernel_size, self.axis.stride, self.axis.count - 1
        down, across = (min(max(floor((at - (k - 1) / 2) / s + 0.5), 0), last) for at in (row, column))
        return down * self.axis.count + across + 1

    def windows(self, pixel: tuple[int, int]) -> list[int]:
        """The numbers of the windows that see a pixel."""
        k, s, o = self.axis.kernel_size, self.axis.stride, self.axis.count
        rows, columns = ([w for w in range(o) if 0 <= at + self.axis.before - w * s < k] for at in pixel)
        return [row * o + column + 1 for row in rows for column in columns]


def lay_pooling(
    size: int, kernel_size: int, *,
    stride: int = 2, padding: int = 0, kind: str = "max", ceil_mode: bool = False, count_include_pad: bool = True,
    position: int = 1,
) -> Pooling:  # fmt: skip
    """Return the pooling; a ValueError for what PyTorch refuses, or for a window that is not there."""
    if kernel_size - size - 2 * padding >= (stride if ceil_mode else 1):  # not even one window
        side = f"{counted(size + 2 * padding, 'pixel')} a side{' with its padding' * bool(padding)}"
        raise ValueError(f"kernel_size={kernel_size} does not fit into the input, which has {side}")
    axis = lay_windows(size, kernel_size, stride, padding, 1, "ceil" if ceil_mode else "floor")
    if integer("position", position, at_least=1) > axis.count**2:
        raise ValueError(f"position must be between 1 and {axis.count**2}, the number of windows, got {position}")
    options: dict[str, Any] = {"stride": stride, "padding": padding, "ceil_mode": ceil_mode}
    if choice("kind", kind, KINDS) == "average":
        options["count_include_pad"] = count_include_pad
    pooling = Pooling(axis, kind, options, position)
    _ = pooling.y  # refuses a padding of more than half the kernel
    return pooling


def example_pixels(size: int) -> np.ndarray:
    """Digits from 0 to 9, some of them equal neighbours; each 2 x 2 block from an even corner sums to a multiple of 4.

    >>> example_pixels(4)
    array([[4, 4, 2, 4],
           [6, 6, 3, 3],
           [6, 0, 5, 6],
           [5, 1, 2, 7]])
    """
    even = size + size % 2
    i, j = np.ogrid[:even, :even]
    x = ((i + 2) ** 3 * (j + 3) ** 2 + 5 * i + 3 * j) // 4 % 7
    x[1::2, 1::2] += -sum(x[a::2, b::2] for a in (0, 1) for b in (0, 1)) % 4
    return x[:size, :size]


def example_upstream(count: int, unit: int) -> np.ndarray:
    """A gradient for each output: 1, 2 or 3 times `unit`, so that k·k pixels can share it without a remainder."""
    i, j = np.ogrid[:count, :count]
    return (unit * (1 + (i * i + i * j + 2 * j) % 7 % 3)).astype(float)
