"""Where the windows of a convolution or pooling lie on its input: all that these layers share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import numbers, pair
from cnnkit.sizes import conv_output_size, paddings

Pair = tuple[int, int]

PART = 2**20  # numbers to work on at a time: so many that what Python itself does between two steps no longer counts


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

    def padded(self, size: Pair) -> Pair:
        """Height and width of an input of this size with its padding and what a window of ceil_mode needs beyond."""
        (top, left), (bottom, right), (height, width), (high, wide) = self.before, self.after, size, self.reach()
        return max(top + height + bottom, high), max(left + width + right, wide)

    def pad(self, x: np.ndarray, value: float = 0) -> np.ndarray:
        """Return `x` as large as `padded` says, filled up with `value`; `x` itself if that is its size."""
        *_, height, width = x.shape
        (top, left), padded = self.before, self.padded((height, width))
        if padded == (height, width):
            return x
        x_pad = np.full((*x.shape[:-2], *padded), value, x.dtype)
        x_pad[..., top : top + height, left : left + width] = x
        return x_pad

    def unpad(self, x_pad: np.ndarray, size: Pair) -> np.ndarray:
        """Return the part of `x_pad` that is not padding."""
        (top, left), (height, width) = self.before, size
        return x_pad[..., top : top + height, left : left + width]

    def seen(self, x: np.ndarray, axis: int) -> list[np.ndarray]:
        """Return, for each offset in the kernel along an axis, a view of what all windows see there."""
        return [x[..., pixels, :] if axis == 0 else x[..., pixels] for pixels in self.along(axis)]

    def combine(self, operation: np.ufunc, x_pad: np.ndarray) -> np.ndarray:
        """Return what `operation`, np.add or np.maximum, makes of all that each window sees: (..., H_out, W_out).

        The sum of a window is the sum of its rows' sums, and its largest value the largest of its rows' largest. So the
        rows come first: k + k steps for each window instead of k · k.
        """
        for axis in (1, 0):
            first, *others = self.seen(x_pad, axis)
            x_pad = operation(first, others.pop(0)) if others else first.copy()
            for other in others:
                operation(x_pad, other, out=x_pad)
        return x_pad

    def spread(self, dy: np.ndarray, size: Pair) -> np.ndarray:
        """Return dx_pad: all pixels that a window sees get its whole gradient. It is `combine(np.add, …)` backwards."""
        height, width = self.padded(size)
        drows = np.zeros((*dy.shape[:-2], height, dy.shape[-1]), dy.dtype)
        dx_pad = np.zeros((*dy.shape[:-2], height, width), dy.dtype)
        for drow in self.seen(drows, axis=0):
            drow += dy
        for dpixel in self.seen(dx_pad, axis=1):
            dpixel += drows
        return dx_pad

    def counts(self, size: Pair, padding_too: bool) -> np.ndarray:
        """Return how many pixels of the image, or of the image and its padding, each window sees: (H_out, W_out)."""
        sides = []
        for axis, side in enumerate(size):
            start = np.arange(self.output_size[axis]) * self.stride[axis] - self.before[axis]
            stop = np.minimum(start + self.kernel_size[axis], side + self.after[axis])
            sides.append(stop - start if padding_too else np.minimum(stop, side) - np.maximum(start, 0))
        rows, columns = sides
        return (rows[:, None] * columns).astype(np.float32)  # exact up to 2**24, and makes no float wider

    def columns(self, x_pad: np.ndarray) -> np.ndarray:
        """Return what each window sees: (N, C, height, width, H_out, W_out)."""
        columns = np.empty((*x_pad.shape[:2], *self.kernel_size, *self.output_size), x_pad.dtype)
        for (u, v), tap in self.taps():
            columns[:, :, u, v] = x_pad[tap]
        return columns

    def fold(self, dcolumns: np.ndarray, size: Pair) -> np.ndarray:
        """Return images of this size: each pixel the sum of what stands for it in the windows, `columns` backwards."""
        dx_pad = np.zeros((*dcolumns.shape[:2], *self.padded(size)), dcolumns.dtype)
        for (u, v), tap in self.taps():
            dx_pad[tap] += dcolumns[:, :, u, v]
        return self.unpad(dx_pad, size)

    # Convolution works with one row of the kernel at a time and with channels in groups: its inputs are
    # (N, groups, C / groups, H, W), its outputs (N, groups, out_channels / groups, H_out · W_out).

    def parts(self, inputs: Sequence[np.ndarray], output: np.ndarray) -> Iterator[tuple[Any, ...]]:
        """Cut padded inputs and an output alike: into some images each, or some groups of one, or some of their rows.

        Yield for each part its windows, its groups as a slice, and its view of every array. What is gathered of a part,
        as much again for its gradient, and what comes out of it take no more memory than the whole input and output
        (or than a 64th of `PART`, where these are tiny).
        """
        (images, groups, channels, *_), (rows, width) = inputs[0].shape, self.output_size
        a_row = (2 * channels * self.kernel_size[1] * self._runs()[0] + output.shape[2]) * width  # of one group
        most = min(PART, max(PART // 64, inputs[0].size + output.size)) // a_row
        some_rows, some_groups = _even(rows, most), _even(groups, most // rows)
        some_images = _even(images, most // (rows * groups))
        for n, g, i in product(range(0, images, some_images), range(0, groups, some_groups), range(0, rows, some_rows)):
            part = self._replace(output_size=(min(some_rows, rows - i), width))
            here, top = (slice(n, n + some_images), slice(g, g + some_groups)), i * self.stride[0]
            seen = (x[*here, :, top : top + part.reach()[0]] for x in inputs)
            yield part, here[1], *seen, output[*here, :, i * width : (i + some_rows) * width]

    def gather(self, x_pad: np.ndarray) -> np.ndarray:
        """Return what a row of the kernel sees, for each row of pixels: (N, groups, width · C / groups, rows · W_out).

        On its way down it meets every s-th row of pixels, for a stride of s. So rows 0, s, 2s, … stand first, then
        1, s + 1, 2s + 1, …: each row of the kernel sees a run of them, and what several see is gathered once.
        """
        columns = np.empty(self.gathered(x_pad), x_pad.dtype)
        for tap, seen in self._row_taps(x_pad, columns):
            seen[:] = x_pad[tap]
        return columns

    def gathered(self, x_pad: np.ndarray) -> tuple[int, ...]:
        """The shape of what is gathered."""
        n, groups, channels, *_ = x_pad.shape
        return n, groups, self.kernel_size[1] * channels, prod(self._runs()) * self.output_size[1]

    def scatter(self, dcolumns: np.ndarray, dx_pad: np.ndarray) -> None:
        """Add the gradient of what was gathered to the pixels that it came from: `gather` backwards."""
        for tap, dseen in self._row_taps(dx_pad, dcolumns):
            dx_pad[tap] += dseen

    def kernel_rows(self, columns: np.ndarray) -> Iterator[np.ndarray]:
        """Yield for each row of the kernel the columns that it sees, (N, groups, width · C / groups, H_out · W_out)."""
        (_, rows), (height, width) = self._runs(), self.output_size
        for u in range(self.kernel_size[0]):
            first, a = divmod(u * self.dilation[0], self.stride[0])
            start = (a * rows + first) * width
            yield columns[..., start : start + height * width]

    def _runs(self) -> Pair:
        """How many of the runs 0, s, 2s, … and 1, s + 1, … and so on the kernel sees, and how many rows of each."""
        last = (self.kernel_size[0] - 1) * self.dilation[0]
        return min(self.stride[0], last + 1), self.output_size[0] + last // self.stride[0]

    def _row_taps(self, x_pad: np.ndarray, columns: np.ndarray) -> Iterator[tuple[tuple[Any, ...], np.ndarray]]:
        """Yield, for each offset v in a row of the kernel and each run a of pixel rows, the slice of x_pad that is seen
        there, and its place in what is gathered.
        """
        n, groups, channels, *_ = x_pad.shape
        columns = columns.reshape(n, groups, self.kernel_size[1], channels, *self._runs(), self.output_size[1])
        for v, across in enumerate(self.along(1)):
            for a in range(self._runs()[0]):
                tap = ..., slice(a, None, self.stride[0]), across
                yield tap, columns[:, :, v, :, a, : x_pad[tap].shape[3]]


def _even(count: int, most: int) -> int:
    """The size of the fewest equal parts of `count` things that have at most `most` of them, and at least one."""
    return -(-count // -(-count // max(1, most))) if count else 1


def windows_over(
    x: np.ndarray, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool = False
) -> Windows:
    """Check the options of a layer on the images `x`, and return where its windows lie."""
    options = {"stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": ceil_mode}
    output_size = conv_output_size(x.shape[-2:], kernel_size, **options)
    (top, bottom), (left, right) = paddings(padding, kernel_size, stride=stride, dilation=dilation)
    kernel_size, stride, dilation = (pair("", value, at_least=1) for value in (kernel_size, stride, dilation))
    return Windows(kernel_size, stride, (top, left), (bottom, right), dilation, output_size)


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
