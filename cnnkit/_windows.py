"""Where the windows of a convolution or pooling lie on its input: all that these layers share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import numbers, pair
from cnnkit.sizes import conv_output_size

Pair = tuple[int, int]


class Windows(NamedTuple):
    """The geometry of a layer, always as pairs (height, width)."""

    kernel_size: Pair
    stride: Pair
    before: Pair  # padding above and to the left
    after: Pair  # padding below and to the right
    dilation: Pair
    output_size: Pair

    def along(self, axis: int) -> list[slice]:
        """Return, for each offset in the kernel along an axis, the pixels that all windows see there."""
        k, s, d, n = self.kernel_size[axis], self.stride[axis], self.dilation[axis], self.output_size[axis]
        return [slice(u * d, u * d + (n - 1) * s + 1, s) for u in range(k)]

    def taps(self) -> Iterator[tuple[Pair, tuple[Any, ...]]]:
        """Yield each offset (u, v) in the kernel with the slice of the padded input that all windows see there."""
        for u, down in enumerate(self.along(0)):
            for v, across in enumerate(self.along(1)):
                yield (u, v), (..., down, across)

    def reach(self) -> Pair:
        """Height and width of the smallest padded input that holds all windows."""
        (kh, kw), (sh, sw), (dh, dw), (rows, columns) = self.kernel_size, self.stride, self.dilation, self.output_size
        return (rows - 1) * sh + (kh - 1) * dh + 1, (columns - 1) * sw + (kw - 1) * dw + 1

    def pad(self, x: np.ndarray, value: float = 0) -> np.ndarray:
        """Return `x` with its padding and what a window of ceil_mode needs beyond it; `x` itself if that is nothing."""
        *_, height, width = x.shape
        (top, left), (bottom, right), (high, wide) = self.before, self.after, self.reach()
        padded = max(top + height + bottom, high), max(left + width + right, wide)
        if padded == (height, width):
            return x
        x_pad = np.full((*x.shape[:-2], *padded), value, x.dtype)
        x_pad[..., top : top + height, left : left + width] = x
        return x_pad

    def unpad(self, x_pad: np.ndarray, size: Pair) -> np.ndarray:
        """Return the part of `x_pad` that is not padding."""
        (top, left), (height, width) = self.before, size
        return x_pad[..., top : top + height, left : left + width]


def windows_over(
    x: np.ndarray, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool = False
) -> Windows:
    """Check the options of a layer on the images `x`, and return where its windows lie."""
    options = {"stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": ceil_mode}
    output_size = conv_output_size(x.shape[-2:], kernel_size, **options)
    kernel_size, stride, dilation = (pair("", value, at_least=1) for value in (kernel_size, stride, dilation))
    padding = pair("padding", padding, at_least=0)
    return Windows(kernel_size, stride, padding, padding, dilation, output_size)


def images(x: Any) -> np.ndarray:
    """Return `x` as an array of images, (N, C, H, W) or one (C, H, W). N may be 0, the rest may not."""
    x = numbers("x", x, ndim=(3, 4), shape="(N, C, H, W) or (C, H, W)")
    if 0 in x.shape[-3:]:
        raise ValueError(f"x must have at least one channel, one row and one column, got shape {x.shape}")
    return x


def working_type(*arrays: np.ndarray | None) -> tuple[np.dtype, np.dtype]:
    """Return the type of the result and the type to sum in: float32 for float16, whose sums end at 65504."""
    result = np.result_type(*(a for a in arrays if a is not None))
    return result, np.dtype(np.float32) if result == np.float16 else result
