"""The kernels that a picture can be filtered with, at any size, and the filtering itself."""

from __future__ import annotations

from math import comb
from typing import Any, NamedTuple

import numpy as np

from cnnkit.convolution import conv2d

LARGEST = 11  # the largest kernel that the picture leaves room for
PADDINGS = ("none", "zeros", "reflect", "replicate", "circular")  # all but the first are Conv2d's padding_mode
MEANING = {
    "identity": "the pixel itself",
    "blur (mean)": "the mean of the window",
    "blur (binomial)": "a mean in which the middle counts most",
    "sharpen": "the pixel plus its difference from the window's mean",
    "vertical edges (Sobel)": "how much brighter it is on the right than on the left",
    "horizontal edges (Sobel)": "how much brighter it is below than above",
    "Laplacian": "how much brighter the neighbours are than the pixel",
    "random": "a sum with weights that nobody chose",
}


class Kernel(NamedTuple):
    """Weights (k, k) as they stand in the picture, and the number that they all are to be divided by."""

    entries: np.ndarray
    divisor: int

    @property
    def weights(self) -> np.ndarray:
        return self.entries / self.divisor


def make_kernel(name: str, kernel_size: int, *, seed: int = 0) -> Kernel:
    r"""Return the kernel of that name at that size, even or odd.

    Two rows make all of them: the row of ones, and Pascal's row b = (1, 2, 1), (1, 3, 3, 1), ….
    The means have positive weights that sum to 1. 'sharpen' is twice the pixel less the mean. 'Laplacian' is the mean
    of the others less the pixel. Sobel's is b in one direction and the differences of Pascal's row, (−1, 0, 1),
    (−1, −2, 0, 2, 1), …, in the other. Edge kernels are divided so that the sharpest edge, from 0 to 1, gives 1.
    'random' draws as PyTorch's Conv2d starts: uniformly between −1/k and 1/k. The pixel itself is the one in the
    middle; an even kernel has none, there it is the one above and to the left of the middle, as with padding='same'.

    Errors: ValueError for an edge kernel of size 1, which has nothing to compare.

    >>> make_kernel("vertical edges (Sobel)", 3).entries
    array([[-1,  0,  1],
           [-2,  0,  2],
           [-1,  0,  1]])

    Reference: Sobel and Feldman (1968), An Isotropic 3x3 Image Gradient Operator.
    """
    k = kernel_size
    if k == 1 and name not in ("identity", "blur (mean)", "blur (binomial)", "sharpen", "random"):
        raise ValueError(f"{name} compares a pixel with its neighbours: kernel_size must be at least 2, got 1")
    ones, here = np.ones((k, k), int), np.zeros((k, k), int)
    here[(k - 1) // 2, (k - 1) // 2] = 1
    if name == "identity":
        return Kernel(here, 1)
    if name == "blur (mean)":
        return Kernel(ones, k * k)
    if name == "blur (binomial)":
        return Kernel(np.outer(_pascal(k), _pascal(k)), 4 ** (k - 1))
    if name == "sharpen":
        return Kernel(2 * k * k * here - ones, k * k)
    if name == "Laplacian":
        return Kernel(ones - k * k * here, k * k - 1)
    if name == "random":
        return Kernel(np.random.default_rng(seed).uniform(-1 / k, 1 / k, (k, k)), 1)
    differences = np.convolve(_pascal(k - 1), [-1, 1])
    sobel = np.outer(_pascal(k), differences)
    return Kernel(sobel if name == "vertical edges (Sobel)" else sobel.T, sobel[sobel > 0].sum())


def filter_grey(
    grey: np.ndarray, kernel: Kernel, *, stride: int, padding_mode: str
) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """Return the padded picture, the output, and the padding before (left, above) and after (right, below)."""
    k = len(kernel.entries)
    before, after = (0, 0) if padding_mode == "none" else ((k - 1) // 2, k // 2)
    most = {"reflect": min(grey.shape) - 1, "circular": min(grey.shape)}.get(padding_mode)
    if most is not None and after > most:
        raise ValueError(
            f"padding_mode '{padding_mode}' takes its pixels from the picture: of {grey.shape[0]} × {grey.shape[1]} "
            f"pixels it can pad at most {most} on a side, not {after} (kernel_size={k})"
        )
    mode: Any = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}.get(padding_mode, "constant")
    padded = np.pad(grey, (before, after), mode=mode)
    weight = kernel.weights.astype(grey.dtype)[None, None]
    return padded, conv2d(padded[None, None], weight, stride=stride)[0, 0], (before, after)


def _pascal(k: int) -> np.ndarray:
    """Row k of Pascal's triangle: k numbers, which sum to 2^(k-1)."""
    return np.array([comb(k - 1, i) for i in range(k)])
