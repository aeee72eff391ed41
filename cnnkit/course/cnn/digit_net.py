"""The small CNN that the pictures of notebook 07 look into: its layers, its weights, what it makes of a test digit."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import integer
from cnnkit.course.kit.words import a
from cnnkit.data import digits
from cnnkit.data.embedded import own_bytes
from cnnkit.losses import softmax
from cnnkit.network import Activation, Conv2d, Flatten, Linear, MaxPool2d, Network, load_weights
from cnnkit.sizes import ReceptiveField, receptive_field

FILE = Path(__file__).with_name("digit_net.npz")  # made by cnnkit/course/cnn/train_digit_net.py
SIDE, INK, CLASSES = 8, 16, 10  # a digit's pixels a side, the most ink that a pixel counts, and how many classes
STAGES = (
    "convolution 1", "ReLU 1", "pooling 1", "convolution 2", "ReLU 2", "pooling 2", "flatten", "linear", "softmax",
)  # fmt: skip


def build_digit_net(rng: np.random.Generator) -> Network:
    """The layers in their usual order, with random weights; 1,898 of them.

    >>> build_digit_net(np.random.default_rng(0)).forward(np.zeros((5, 1, 8, 8))).shape
    (5, 10)
    """
    return Network([
        Conv2d(1, 8, 3, padding=1), Activation("relu"), MaxPool2d(2),
        Conv2d(8, 16, 3, padding=1), Activation("relu"), MaxPool2d(2),
        Flatten(), Linear(64, CLASSES),
    ], rng=rng)  # fmt: skip


@cache
def digit_net() -> Network:
    """The trained network: it takes digits as they are, (N, 1, 8, 8) with ink between 0 and 1.

    Its weights have two decimals and come from a file of plain arrays, so they are the same on every machine.
    """
    net = build_digit_net(np.random.default_rng(0))
    own_bytes(FILE)  # names the file where it may not be read
    load_weights(net, FILE)
    return net


@cache
def scans() -> tuple[np.ndarray, np.ndarray]:
    """The test split: images (355, 1, 8, 8) between 0 and 1 in float64, labels (355,)."""
    data = digits("test")
    return data.images.astype(np.float64), data.labels


class Reading(NamedTuple):
    """What the network makes of one digit.

    number    of the digit in the test split, from 0; None for one that a learner has drawn
    label     what it is; None where only its writer knows
    outputs   the input and the output of each of STAGES, without the batch: (C, H, W), from "flatten" on (n,)
    """

    number: int | None
    label: int | None
    outputs: tuple[np.ndarray, ...]

    @property
    def p(self) -> np.ndarray:
        """The probability of each class."""
        return self.outputs[-1]

    @property
    def read(self) -> int:
        """The class with the largest one."""
        return int(self.p.argmax())

    @property
    def name(self) -> str:
        """What stands above its picture."""
        if self.label is None:
            return f"your digit, read as {a(self.read)}"
        return f"test image {self.number}: {a(self.label)}"


@lru_cache(maxsize=32)
def read_digit(number: int) -> Reading:
    """Let the network read test digit `number`, counted from 0.

    Errors: ValueError for a number that is none of theirs.
    """
    images, labels = scans()
    if integer("image", number, at_least=0) >= len(images):
        raise ValueError(f"image must be at most {len(images) - 1}, the last of the test digits, got {number}")
    return read_image(images[number], number, int(labels[number]))


def read_image(image: np.ndarray, number: int | None = None, label: int | None = None) -> Reading:
    """Let the network read an image (1, 8, 8)."""
    logits = digit_net().forward(image[None])
    outputs = [*digit_net().outputs, softmax(logits, dim=1)]
    return Reading(number, label, tuple(output[0] for output in outputs))


def probabilities(x: np.ndarray) -> np.ndarray:
    """Of images (N, 1, 8, 8), the probability of each class (N, 10)."""
    return softmax(digit_net().forward(x), dim=1)


@cache
def fields() -> tuple[ReceptiveField, ...]:
    """What a unit of the input and of each stage with maps sees of the input."""
    return ReceptiveField(1, 1, 0), *receptive_field(digit_net().layers[:6])
