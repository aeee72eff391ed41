"""Pictures drawn on request: simple shapes whose class, number and order you choose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from cnnkit._arguments import as_array, choice, given, integer
from cnnkit.data.dataset import SPLITS, Dataset, keep

SHAPES = ("circle", "square", "triangle", "cross", "ring", "star")
"""The shapes that can be drawn."""

MEAN, STD = (0.416, 0.413, 0.417), (0.295, 0.293, 0.295)
SPLIT_SIZES = {"train": 4000, "test": 1000}
SEEDS = {"train": 0, "test": 1}


def shapes(
    n: int,
    *,
    rng: np.random.Generator,
    size: int = 32,
    kinds: Sequence[str] = SHAPES,
    labels: Sequence[int] | np.ndarray | None = None,
    dtype: Any = "float32",
) -> Dataset:
    r"""Draw `n` colour pictures of one shape each: colour, position, radius, angle and background vary.

    A shape is a function d(x, y), the distance to its outline, negative inside; a pixel shows the shape's colour by
    $\min(\max(\tfrac12 - d, 0), 1)$, with d in pixels: soft edges at the price of hard ones.

    kinds: which shapes; a label is a position in `kinds`. labels: the label of each picture, in order; without it
    all kinds are equally frequent, in random order.
    Shape: images (n, 3, size, size), labels (n,).
    Errors: ValueError for an unknown kind, a size below 8, labels that do not fit.
    Reference: J. C. Hart (1996), Sphere tracing (distance functions), The Visual Computer 12.

    Ten circles first, then a square:

    >>> drawn = shapes(11, rng=np.random.default_rng(0), kinds=("circle", "square"), labels=[0] * 10 + [1])
    >>> drawn
    shapes (drawn): 11 pictures of 3x32x32, 2 classes
    >>> drawn.labels
    array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    """
    n, size, kinds = integer("n", n, at_least=1), integer("size", size, at_least=8), _kinds(kinds)
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng must be a numpy.random.Generator, such as numpy.random.default_rng(0), got {rng!r}")
    chosen = np.argsort(rng.random(n)) % len(kinds) if labels is None else _labels(labels, n, kinds)
    pixels = np.empty((n, 3, size, size), np.uint8)
    luck, noise = rng.random((n, 16)), rng.random((n, size, size), dtype=np.float32)
    for label, kind in enumerate(kinds):
        for here in _blocks(np.flatnonzero(chosen == label)):
            pixels[here] = _draw(kind, luck[here], noise[here], size)
    return Dataset("shapes", "drawn", keep(pixels, None, dtype), chosen.astype(np.int64), kinds, MEAN, STD)


def shapes_split(split: str = "train", *, n: int | None = None, dtype: Any = "float32") -> Dataset:
    """Return a fixed set of shapes: 4,000 to train with (seed 0), 1,000 to test with (seed 1), or `n` of them.

    >>> shapes_split("test", n=60)
    shapes (test): 60 pictures of 3x32x32, 6 classes
    """
    choice("split", split, SPLITS)
    if split == "all":
        raise ValueError("split must be 'train' or 'test' for shapes: they are drawn, so draw as many as you need")
    number = SPLIT_SIZES[split] if n is None else n
    drawn = shapes(number, rng=np.random.default_rng(SEEDS[split]), dtype=dtype)
    return Dataset("shapes", split, drawn.images, drawn.labels, drawn.classes, MEAN, STD)


def _kinds(kinds: Sequence[str]) -> tuple[str, ...]:
    if not isinstance(kinds, Iterable):
        raise ValueError(f"kinds must be names of shapes, got {given(kinds)}")
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    if not kinds or len(set(kinds)) < len(kinds):
        raise ValueError(f"kinds must name at least one shape and each only once, got {kinds!r}")
    return tuple(choice("kinds", kind, SHAPES) for kind in kinds)


def _labels(labels: Sequence[int] | np.ndarray, n: int, kinds: tuple[str, ...]) -> np.ndarray:
    chosen = as_array("labels", labels)
    if chosen.shape != (n,) or chosen.dtype.kind not in "iu" or chosen.min() < 0 or chosen.max() >= len(kinds):
        raise ValueError(
            f"labels must be n={n} ints from 0 to {len(kinds) - 1}, positions in kinds={kinds}, got {given(labels)}"
        )
    return chosen


def _blocks(positions: np.ndarray) -> list[np.ndarray]:
    """Cut `positions` into blocks small enough that the arrays of one block stay in the cache."""
    return np.array_split(positions, -(-len(positions) // 64)) if len(positions) else []


def _draw(kind: str, luck: np.ndarray, noise: np.ndarray, size: int) -> np.ndarray:
    """Return (n, 3, size, size) uint8: one picture per row of `luck`, its 16 random numbers in [0, 1)."""
    radius = (0.20 + 0.16 * luck[:, 0]) * size
    free = size / 2 - 1.15 * radius - 1  # how far the centre may move without a corner touching the frame
    centre = [((2 * luck[:, i] - 1) * free)[:, None, None] for i in (1, 2)]
    angle = ((luck[:, 3] - 0.5) * np.pi / 3)[:, None, None]  # 30 degrees to either side
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    dx, dy = x - centre[0], y - centre[1]
    u, v = np.cos(angle) * dx + np.sin(angle) * dy, np.cos(angle) * dy - np.sin(angle) * dx
    inside = np.clip(0.5 - _distance(kind, u, v, radius[:, None, None]), 0, 1)[:, None]
    colour, background = _colours(luck, x / size, y / size)
    picture = background + inside * (colour - background) + 0.06 * (noise[:, None] - 0.5)
    return np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)


def _distance(kind: str, u: np.ndarray, v: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Return the distance from (u, v) to the outline of a shape of radius r about the origin, negative inside."""
    if kind == "circle":
        return np.hypot(u, v) - 0.9 * r
    if kind == "ring":
        return abs(np.hypot(u, v) - 0.75 * r) - 0.25 * r
    if kind == "square":
        return np.maximum(abs(u), abs(v)) - 0.8 * r
    if kind == "cross":
        long, short = 0.95 * r, 0.3 * r
        return np.minimum(np.maximum(abs(u) - long, abs(v) - short), np.maximum(abs(u) - short, abs(v) - long))
    corners = 3 if kind == "triangle" else 5
    directions = np.pi / 2 + 2 * np.pi * np.arange(corners) / corners
    sides = np.sort([np.cos(a) * u + np.sin(a) * v for a in directions], axis=0)
    # A triangle lies behind all of its 3 sides, a five-pointed star behind at least 4 of its 5.
    return sides[-1] - 0.55 * r if kind == "triangle" else sides[-2] - 0.31 * r


def _colours(luck: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the shape's colour (n, 3, 1, 1) and the background (n, 3, H, W), muted and brighter to one side."""
    light = luck[:, 4] < 0.35
    colour = _rgb(
        luck[:, 5], 0.65 + 0.35 * luck[:, 6], np.where(light, 0.35 + 0.35 * luck[:, 7], 0.85 + 0.15 * luck[:, 7])
    )
    muted = _rgb(
        luck[:, 8], 0.10 + 0.30 * luck[:, 9], np.where(light, 0.85 + 0.10 * luck[:, 10], 0.12 + 0.23 * luck[:, 10])
    )
    turn = 2 * np.pi * luck[:, 11, None, None]
    slope = 0.25 * luck[:, 12, None, None] * (np.cos(turn) * x + np.sin(turn) * y)
    return colour[..., None, None], muted[..., None, None] + slope[:, None]


def _rgb(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return (n, 3) red, green, blue in [0, 1] of (n,) hues, saturations and values in [0, 1]."""
    k = (np.array([5, 3, 1]) + 6 * hue[:, None]) % 6
    return value[:, None] * (1 - saturation[:, None] * np.clip(np.minimum(k, 4 - k), 0, 1))
