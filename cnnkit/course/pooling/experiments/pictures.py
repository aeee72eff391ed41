"""Digits on a larger canvas, where they can be shifted, turned and resized; and how much a layer's answer changes."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import choice
from cnnkit.course.kit.training import Digits as Digits
from cnnkit.course.kit.training import digit_parts as digit_parts

SIDE, DIGIT = 20, 10  # pixels of the canvas and of an unscaled digit on it, along one side
REACH = (SIDE - DIGIT) // 2  # how far such a digit may be shifted without leaving the canvas
KINDS = ("centred", "anywhere", "shifted", "moved")


def on_canvas(images: Any, *, shift: Any = 0, angle: Any = 0.0, scale: Any = 1.0, side: int = SIDE) -> np.ndarray:
    r"""Draw pictures on a larger empty canvas: enlarged to DIGIT pixels, shifted, turned about their middle, resized.

    Each pixel of the canvas looks up where it comes from, between four pixels of the original (bilinear). So turning
    and resizing cost no second interpolation, and a shift by whole pixels moves the drawing unchanged.

    shift   pixels to the right and down: a number for both, a pair, or a pair for each picture, (N, 2)
    angle   degrees clockwise, one number or N of them
    scale   1 for a side of DIGIT pixels, one number or N of them
    Shapes: images (N, 1, H, W) -> (N, 1, side, side), float32.

    >>> drawn = on_canvas(np.ones((1, 1, 8, 8)), shift=(2, 0))
    >>> drawn.shape, np.flatnonzero(drawn[0, 0, 10] > 0.5).tolist()
    ((1, 1, 20, 20), [7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
    """
    images = np.asarray(images, np.float32)
    n, _, height, width = images.shape
    right, down = np.broadcast_to(np.asarray(shift, float), (n, 2)).T[..., None, None]
    turn, zoom = (np.broadcast_to(np.asarray(each, float), n)[:, None, None] for each in (np.radians(angle), scale))
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    x, y = x - right, y - down
    u = (np.cos(turn) * x + np.sin(turn) * y) * (width / DIGIT / zoom) + (width - 1) / 2
    v = (np.cos(turn) * y - np.sin(turn) * x) * (height / DIGIT / zoom) + (height - 1) / 2
    return _between(images, u, v)


def _between(images: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The value of each picture (N, 1, H, W) at column u and row v (N, ...), between its pixels; 0 outside."""
    n, _, height, width = images.shape
    x_pad = np.pad(images[:, 0], ((0, 0), (1, 1), (1, 1)))
    u, v = np.clip(u + 1, 0, width + 1 - 1e-9), np.clip(v + 1, 0, height + 1 - 1e-9)
    i, j, which = v.astype(int), u.astype(int), np.arange(n)[:, None, None]
    a, b = v - i, u - j
    above = (1 - b) * x_pad[which, i, j] + b * x_pad[which, i, j + 1]
    below = (1 - b) * x_pad[which, i + 1, j] + b * x_pad[which, i + 1, j + 1]
    return ((1 - a) * above + a * below)[:, None].astype(np.float32)


def rolled(x: Any, shifts: Any) -> np.ndarray:
    """Shift each picture (N, C, H, W) by its whole pixels (N, 2), right and down; what leaves comes in again opposite.

    >>> rolled([[[[1, 2, 3]]]], [[1, 0]])
    array([[[[3, 1, 2]]]])
    """
    x = np.asarray(x)
    n, _, height, width = x.shape
    right, down = np.broadcast_to(np.asarray(shifts, int), (n, 2)).T
    rows = (np.arange(height) - down[:, None]) % height
    columns = (np.arange(width) - right[:, None]) % width
    return x[np.arange(n)[:, None, None], :, rows[:, :, None], columns[:, None, :]].transpose(0, 3, 1, 2)


def drawn(images: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Draw digits on the canvas: in the middle; at random places ("anywhere", "shifted"); or "moved" in every way.

    "moved" is shifted by up to REACH pixels, turned by up to 45 degrees, and resized by a factor of up to √2.
    "anywhere" and "shifted" draw alike; a training draws the first once, and the second anew for each epoch.
    """
    n = len(images)
    if kind == "centred":
        return on_canvas(images)
    shifts = rng.integers(-REACH, REACH + 1, (n, 2))
    if kind != "moved":
        return rolled(on_canvas(images), shifts)
    return on_canvas(images, shift=shifts, angle=rng.uniform(-45, 45, n), scale=2 ** rng.uniform(-0.5, 0.5, n))


def relative_change(before: np.ndarray, after: np.ndarray, against: str = "another") -> float:
    """How far pictures' features have moved, on average, in units of their own length or of the way to another's.

    "itself" divides by the mean length of `before`. "another" divides by the mean distance from each picture's
    features to the next one's: 1 is as much as if it were another picture. Shapes: (N, ...), both alike.

    >>> before, after = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [3.0, 4.0]])
    >>> relative_change(before, after, "itself"), relative_change(before, after, "another")
    (0.2, 0.1)
    """
    choice("against", against, ("itself", "another"))
    before, after = (each.reshape(len(each), -1) for each in (before, after))
    unit = before if against == "itself" else before - np.roll(before, 1, axis=0)
    return float(np.linalg.norm(after - before, axis=1).mean() / np.linalg.norm(unit, axis=1).mean())
