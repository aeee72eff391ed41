"""A handwritten digit that is moved, turned or enlarged, and what a fixed filter with pooling behind it makes of it."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image

from cnnkit._arguments import choice
from cnnkit.convolution import conv2d
from cnnkit.course.kit.kernels import make_kernel
from cnnkit.course.kit.words import counted
from cnnkit.data import digits
from cnnkit.pooling import avg_pool2d, max_pool2d

CHANGES = ("shift", "angle", "scale")
MOST = 10  # steps of a change
FIELD, FINE = 40, 8  # pixels a side; the digit is moved on a finer grid, and then averaged down to these
DIGIT = 20  # pixels that the digit takes before it is enlarged
POOLINGS = {  # how often, and by what, each 2 x 2 with stride 2
    "none": (0, "max"),
    "max 2 × 2": (1, "max"),
    "max 2 × 2, twice": (2, "max"),
    "max 2 × 2, three times": (3, "max"),
    "average 2 × 2": (1, "average"),
    "global average": (0, "global"),
}
WITH_STRIDE = tuple(name for name, (times, _) in POOLINGS.items() if times)


class Response(NamedTuple):
    """Output maps (MOST + 1, o, o), one for each amount, and how far each is from the first.

    changed   ‖y' − y‖ / ‖y‖
    left      the same, after y' was moved back by the whole number of outputs that brings it nearest to y
    """

    maps: np.ndarray
    changed: np.ndarray
    left: np.ndarray


def describe(what: str, amount: int) -> str:
    """What an amount means: 'shifted by 3 pixels'.

    >>> describe("shift", 1), describe("angle", 4), describe("scale", 3)
    ('shifted by 1 pixel', 'turned by 36°', 'enlarged to 115 %')
    """
    if what == "shift":
        return f"shifted by {counted(amount, 'pixel')}"
    return f"turned by {9 * amount}°" if what == "angle" else f"enlarged to {100 + 5 * amount} %"


@lru_cache(maxsize=32)
def moved(what: str, digit: int) -> np.ndarray:
    """Return the digit at every amount of a change, (MOST + 1, FIELD, FIELD) between 0 and 1.

    A shift is to the right by one pixel a step, a turn is counter-clockwise by 9°, an enlargement is by 5 %.
    """
    choice("what", what, CHANGES)
    fine = _fine(digit)
    size, middle = FIELD * FINE, FIELD * FINE / 2
    steps = []
    for amount in range(MOST + 1):
        angle = np.deg2rad(9 * amount) if what == "angle" else 0.0
        scale = 1 + 0.05 * amount if what == "scale" else 1.0
        right = FINE * amount if what == "shift" else 0
        c, s = np.cos(angle) / scale, np.sin(angle) / scale
        back = (c, -s, middle - c * (middle + right) + s * middle, s, c, middle - s * (middle + right) - c * middle)
        image = fine.transform((size, size), Image.Transform.AFFINE, back, Image.Resampling.BILINEAR)
        steps.append(np.asarray(image.reduce(FINE), np.float32))
    result = np.stack(steps)
    result.setflags(write=False)
    return result


@cache
def _fine(digit: int) -> Image.Image:
    """The first digit of that name in the training set, smooth, in the middle of a fine grid."""
    data = digits("train")
    image = Image.fromarray(data.images[np.flatnonzero(data.labels == digit)[0], 0])
    big = image.resize((DIGIT * FINE, DIGIT * FINE), Image.Resampling.BICUBIC)
    field = Image.new("F", (FIELD * FINE, FIELD * FINE))
    field.paste(big, ((FIELD - DIGIT) * FINE // 2,) * 2)
    return Image.fromarray(np.asarray(field).clip(0, 1))


@lru_cache(maxsize=64)
def respond(what: str, pooling: str, *, blur: bool, digit: int) -> Response:
    """Filter and pool the digit at every amount of a change; compare each output with the first."""
    maps = feature_maps(moved(what, digit), pooling, blur=blur)
    whole = np.linalg.norm(maps[0])
    changed = np.array([np.linalg.norm(y - maps[0]) / whole for y in maps])
    left = np.array([min(np.linalg.norm(back - maps[0]) for back in _moved_back(y)) / whole for y in maps])
    return Response(maps, changed, left)


@lru_cache(maxsize=64)
def another_digit(pooling: str, *, blur: bool, digit: int) -> float:
    """By how much the output changes when another digit takes this one's place: the mean over the nine others."""
    maps = feature_maps(np.stack([moved("shift", d)[0] for d in range(10)]), pooling, blur=blur)
    changes = np.linalg.norm((maps - maps[digit]).reshape(10, -1), axis=1) / np.linalg.norm(maps[digit])
    return float(changes.sum() / 9)


def feature_maps(images: np.ndarray, pooling: str, *, blur: bool) -> np.ndarray:
    """What a fixed filter and a pooling make of images (N, FIELD, FIELD): maps (N, o, o).

    The filter is how much brighter it is on the right (Sobel), negative values cut off by a ReLU. With `blur`, a
    pooling looks at every place first, stride 1, then blurs by (1, 2, 1), and only then keeps every second value.

    Reference: Zhang (2019), Making Convolutional Networks Shift-Invariant Again, section 3.2.
    """
    times, kind = POOLINGS[choice("pooling", pooling, tuple(POOLINGS))]
    weight = make_kernel("vertical edges (Sobel)", 3).weights.astype(np.float32)[None, None]
    maps = np.maximum(conv2d(images[:, None], weight, padding=1), 0)
    for _ in range(times):
        maps = _pool(maps, kind, blur)
    return (avg_pool2d(maps, FIELD) if kind == "global" else maps)[:, 0]


def _pool(maps: np.ndarray, kind: str, blur: bool) -> np.ndarray:
    pool = max_pool2d if kind == "max" else avg_pool2d
    if not blur:
        return pool(maps, 2)
    weight = make_kernel("blur (binomial)", 3).weights.astype(maps.dtype)[None, None]
    return conv2d(pool(maps, 2, stride=1), weight, padding=1, stride=2)


def _moved_back(y: np.ndarray) -> list[np.ndarray]:
    """The map, moved to the left by every number of columns that a shift of MOST pixels may need."""
    return [np.pad(y[:, by:], ((0, 0), (0, by))) for by in range(min(MOST, y.shape[1] - 1) + 1)]
