"""The patients of the lesson that come without their code, and the healthy recipes that they are held against."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnnkit.course.clinic.runs import Recipe
from cnnkit.course.kit.training import digit_parts

CASES = {  # as they came in
    "A": Recipe(scale=255.0),
    "C": Recipe(lr=3.0),
    "D": Recipe(activation="sigmoid", init="xavier", hidden=8),
    "E": Recipe(init="normal", hidden=3),
    "F": Recipe(softmaxes=1),
}


class Part(NamedTuple):
    """Digits as rows of 64 numbers (N, 64), and their labels (N,)."""

    x: np.ndarray
    labels: np.ndarray


def ink(part: str = "training", count: int | None = None) -> Part:
    """The 1,000 digits for "training" or the 442 for "validation", ink from 0 to 1; the first `count` of them.

    >>> ink().x.shape, ink("validation").x.shape
    ((1000, 64), (442, 64))
    """
    images, labels = digit_parts()[part]
    return Part(images.reshape(len(images), -1).astype(float)[:count], labels[:count])


def scanned() -> Part:
    """The training digits as case A's scanner delivers them: bytes from 0 to 255."""
    x, labels = ink()
    return Part(np.rint(255 * x), labels)
