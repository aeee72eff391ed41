"""Making a grey picture smaller in several ways, and large again: what was lost on the way."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import choice
from cnnkit.convolution import conv2d
from cnnkit.course.kit.kernels import make_kernel
from cnnkit.course.kit.photo import SIDE, chart
from cnnkit.pooling import avg_pool2d, max_pool2d

WAYS = ("max pooling", "average pooling", "strided convolution", "every s-th pixel", "bilinear")
WITH_KERNEL = WAYS[:3]  # the others have no window whose size could be chosen
PATTERNS = ("stripes", "rings", "dots")
PERIODS = (2, 3, 4, 6, 10)  # of the stripes, in pixels, from top to bottom
BAND = SIDE // len(PERIODS)  # rows of each


class Shrunken(NamedTuple):
    """A picture made smaller.

    small    its numbers
    centre   where, on the picture, the middle of the first window lies (in pixels, along either axis)
    back     the small one made large again: each number in the middle of its window, straight lines in between
    """

    small: np.ndarray
    centre: float
    back: np.ndarray


def shrink(grey: np.ndarray, way: str, kernel_size: int, stride: int) -> Shrunken:
    """Make a grey picture (H, W) smaller, no padding, and large again.

    way   one of WAYS. 'strided convolution' has fixed weights, the binomial blur; 'bilinear' reads between the four
          pixels around the middle of each stride x stride block, as PyTorch's interpolate does; it and 'every s-th
          pixel' have no kernel size.

    Errors: ValueError for a kernel, or a stride, that is larger than the picture.

    >>> shrink(np.array([[0.0, 1.0, 0.0, 1.0]] * 2), "average pooling", 2, 2).small
    array([[0.5, 0.5]])
    """
    shorter = min(grey.shape)
    if choice("way", way, WAYS) in WITH_KERNEL and kernel_size > shorter:
        raise ValueError(f"kernel_size={kernel_size} does not fit into the picture, whose shorter side has {shorter}")
    if way in WITH_KERNEL:
        small, centre = _by_windows(grey[None, None], way, kernel_size, stride)[0, 0], (kernel_size - 1) / 2
    elif shorter < stride:
        raise ValueError(f"stride must be at most {shorter}, the picture's shorter side, got {stride}")
    elif way == "every s-th pixel":
        small, centre = grey[::stride, ::stride], 0.0
    else:
        centre = (stride - 1) / 2
        small = _read(grey, *((np.arange(n // stride) * stride + centre) for n in grey.shape))
    return Shrunken(small, centre, _read(small, *((np.arange(n) - centre) / stride for n in grey.shape)))


def _by_windows(x: np.ndarray, way: str, kernel_size: int, stride: int) -> np.ndarray:
    if way == "max pooling":
        return max_pool2d(x, kernel_size, stride=stride)
    if way == "average pooling":
        return avg_pool2d(x, kernel_size, stride=stride)
    weight = make_kernel("blur (binomial)", kernel_size).weights.astype(x.dtype)
    return conv2d(x, weight[None, None], stride=stride)


def _read(values: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Read an array at places between its entries, along straight lines; outside, the outermost entry."""
    for axis, places in enumerate((rows, columns)):
        last = values.shape[axis] - 1
        places = places.clip(0, last)
        low = np.minimum(places.astype(int), max(last - 1, 0))
        part = (places - low).astype(values.dtype)
        part = part[:, None] if axis == 0 else part
        first, second = (values.take(at, axis=axis) for at in (low, np.minimum(low + 1, last)))
        values = first + part * (second - first)
    return values


@cache
def pattern(name: str) -> np.ndarray:
    """A drawn picture (SIDE, SIDE): stripes that grow wider from top to bottom, rings, or single bright pixels."""
    choice("name", name, PATTERNS)
    if name == "rings":
        return chart()
    i, j = np.ogrid[:SIDE, :SIDE]
    if name == "dots":
        return ((i % 9 == 4) & (j % 7 == 3)).astype(np.float32)
    period = np.repeat(PERIODS, BAND)[:, None]
    return (2 * (j % period) >= period).astype(np.float32)
