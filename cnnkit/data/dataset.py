"""The one structure that every data set comes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnkit._arguments import choice, given, integer

SPLITS = ("train", "test", "all")
"""What can be asked for; "all" is train followed by test."""


class DataError(RuntimeError):
    """A data set that cannot be had, or must not be used. The message says why and what to do."""


@dataclass(frozen=True, repr=False)
class Dataset:
    r"""Pictures with their labels.

    images   (N, C, H, W), float32 in [0, 1] (or uint8 in 0 … 255, where asked for)
    labels   (N,), int64, positions in `classes`
    classes  the names of the classes
    mean, std  one number per channel, of the pixels of the *training* split scaled to [0, 1], whichever split this is

    >>> from cnnkit.data import digits
    >>> test = digits("test")
    >>> len(test), test.classes[test.labels[0]]
    (355, '8')
    """

    name: str
    split: str
    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        size = "x".join(map(str, self.images.shape[1:]))
        return f"{self.name} ({self.split}): {len(self):,} pictures of {size}, {len(self.classes)} classes"

    def normalized(self) -> np.ndarray:
        r"""Return the pictures as $(x - \text{mean}) / \text{std}$, per channel, float32 (N, C, H, W).

        >>> from cnnkit.data import digits
        >>> x = digits("train").normalized()
        >>> print(f"mean {abs(x.mean()):.2f}, standard deviation {x.std():.2f}")
        mean 0.00, standard deviation 1.00
        """
        mean = np.array(self.mean, np.float32)[:, None, None]
        std = np.array(self.std, np.float32)[:, None, None]
        scale = np.float32(255 if self.images.dtype == np.uint8 else 1)
        result = self.images / (std * scale)
        result -= mean / std
        return result


def keep(pixels: np.ndarray, n: int | None, dtype: Any, *, highest: int = 255) -> np.ndarray:
    """Return the first `n` of `pixels` (uint8 in 0 … highest) as `dtype`: uint8 in 0 … 255 or float32 in [0, 1]."""
    pixels = pixels[: count(n, len(pixels))]
    if dtype_name(dtype) == "float32":
        return np.divide(pixels, np.float32(highest), dtype=np.float32)
    return pixels.copy() if highest == 255 else np.rint(pixels * (255 / highest)).astype(np.uint8)


def count(n: int | None, available: int) -> int:
    """Return how many pictures `n` asks for: all of them if it is None."""
    if n is None:
        return available
    if integer("n", n, at_least=1) > available:
        raise ValueError(f"n must be at most {available:,}, the number of pictures in this split, got {given(n)}")
    return int(n)


def dtype_name(dtype: Any) -> str:
    """Return "float32" or "uint8", however the caller wrote it."""
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = dtype
    return str(choice("dtype", name, ("float32", "uint8")))
