"""Where windows lie along one axis, under the four rules that frameworks round by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnkit.sizes import conv_output_size

ROUNDINGS = ("floor", "ceil", "strict", "TF-SAME")


@dataclass(frozen=True)
class Axis:
    """The windows along one axis; height and width are alike here.

    before, after: the padding on either side; count: how many windows; span: what one of them covers;
    over: how far the last one hangs over the edge (only where sizes are rounded up).
    """

    size: int
    kernel_size: int
    stride: int
    dilation: int
    rounding: str
    before: int
    after: int
    count: int

    @property
    def span(self) -> int:
        return self.dilation * (self.kernel_size - 1) + 1

    @property
    def padded(self) -> int:
        return self.before + self.size + self.after

    @property
    def over(self) -> int:
        return max((self.count - 1) * self.stride + self.span - self.padded, 0)

    def taps(self, position: int) -> np.ndarray:
        """Which of the padded pixels window number `position` reads."""
        return position * self.stride + self.dilation * np.arange(self.kernel_size)

    def read(self) -> np.ndarray:
        """Which of the padded pixels any window reads; those beyond the edge count as read."""
        read = np.zeros(self.padded + self.over, bool)
        read[np.add.outer(self.stride * np.arange(self.count), self.taps(0))] = True
        return read


def lay_windows(size: int, kernel_size: int, stride: int, padding: int, dilation: int, rounding: str) -> Axis:
    """Count the windows along one axis; a ValueError when not even one fits, or when 'strict' leaves a remainder."""
    fixed = (size, kernel_size, stride, dilation, rounding)
    span = dilation * (kernel_size - 1) + 1
    if rounding == "TF-SAME":
        count = -(-size // stride)
        total = max((count - 1) * stride + span - size, 0)
        return Axis(*fixed, total // 2, total - total // 2, count)
    count = conv_output_size(
        size, kernel_size, stride=stride, padding=padding, dilation=dilation, ceil_mode=rounding == "ceil"
    )
    rest = (size + 2 * padding - span) % stride
    if rounding == "strict" and rest:
        less = f"{size - rest} or " if size - rest >= max(1, span - 2 * padding) else ""
        raise ValueError(
            f"strict: ({size} + 2·{padding} − {span}) / {stride} leaves a remainder of {rest}, "
            f"so the windows do not end where the padded input ends. Sizes that fit: {less}{size - rest + stride}."
        )
    return Axis(*fixed, padding, padding, count)
