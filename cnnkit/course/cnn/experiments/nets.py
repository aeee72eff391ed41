"""Small convolutional networks in torch, written as words, and training them on digits.

net = build_net("conv 16, norm, relu, pool, flatten, drop 0.5, linear 10", shape=(1, 8, 8), seed=0)
for epoch in epochs(net, task.x, task.labels, lr=0.1, count=10, seed=0):
    print(epoch, error(net, task.x_validation, task.labels_validation))
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.course.kit.training import digit_parts
from cnnkit.matrices import shift

WORDS = ("conv", "norm", "relu", "pool", "drop", "drop2d", "flatten", "linear")
PLACES = ("middle", "shifted")
REACH = 2  # pixels that a shifted digit stands from the middle at most, across and down
COPIES = 4  # of each test digit in the task of shifted digits, each at a place of its own
BATCH = 50


class Task(NamedTuple):
    """Pictures (N, 1, H, W) as float32 and labels: to train on, to choose with, and to report on."""

    x: Any
    labels: Any
    x_validation: Any
    labels_validation: Any
    x_test: Any
    labels_test: Any


def images_task(place: str = "middle", n: int = 1000) -> Task:
    """`n` digits to learn from, 442 to choose with and 355 for the test, as torch tensors with mean 0 and variance 1.

    middle    8×8, as they are in the file
    shifted   on a canvas of 12×12, each up to two pixels off the middle, across and down, at a random place of its own
              that never changes; every test digit is there at four places

    >>> images_task("shifted", 200).x.shape
    torch.Size([200, 1, 12, 12])
    """
    import torch

    choice("place", place, PLACES)
    if integer("n", n, at_least=1) > 1000:
        raise ValueError(f"n must be at most 1,000, got {n:,}")
    pairs = [(part.images, part.labels) for part in digit_parts().values()]
    if place == "shifted":
        rng = np.random.default_rng(1)
        pairs = [shifted(x, labels, rng, copies) for (x, labels), copies in zip(pairs, (1, 1, COPIES), strict=True)]
    mean, std = pairs[0][0].mean(), pairs[0][0].std()
    first, *others = [(torch.from_numpy((x - mean) / std), torch.from_numpy(labels)) for x, labels in pairs]
    return Task(first[0][:n], first[1][:n], *(each for pair in others for each in pair))


def shifted(x: Any, labels: Any, rng: np.random.Generator, copies: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Each picture `copies` times on a canvas with `REACH` more pixels on each side, moved by random whole pixels."""
    frame = (0, 0), (0, 0), (REACH, REACH), (REACH, REACH)
    x, labels = np.pad(np.repeat(x, copies, axis=0), frame), np.repeat(labels, copies)
    moves = rng.integers(-REACH, REACH + 1, (len(x), 2))
    return np.stack([shift(each, *move.tolist()) for each, move in zip(x, moves, strict=True)]), labels


def build_net(words: str, *, shape: tuple[int, int, int] = (1, 8, 8), seed: int = 0, gain: float = 1.0) -> Any:
    """A torch network of the layers that are named, for pictures of this shape, started with He's weights.

    conv 16     3×3, padding 1, to 16 channels        norm   BatchNorm2d, after flatten BatchNorm1d
    linear 10   to 10 features                        pool   MaxPool2d(2)
    drop 0.5    Dropout(0.5)                          drop2d 0.5   Dropout2d(0.5)

    Two networks of one seed have the same weights where they have the same convolutions and linear layers.
    `gain` multiplies the weights of the first layer that has some.
    Errors: ValueError for a word that is not known.

    >>> [type(layer).__name__ for layer in build_net("conv 4, relu, flatten, linear 10")]
    ['Conv2d', 'ReLU', 'Flatten', 'Linear']
    """
    import torch
    from torch import nn

    from cnnkit import training

    torch.set_num_threads(1)
    layers: list[Any] = []
    inside: tuple[int, ...] = shape
    for word in words.split(","):
        layers.append(_layer(word, inside))
        with torch.no_grad():
            inside = tuple(layers[-1].eval()(torch.zeros(1, *inside)).shape[1:])
    net = nn.Sequential(*layers).train()
    training.draw_weights(net, torch.Generator().manual_seed(seed))
    for layer in net:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.weight.data *= gain
            break
    return net


def _layer(words: str, inside: tuple[int, ...]) -> Any:
    """One layer from its words, e.g. "conv 16", for an input of shape `inside`."""
    from torch import nn

    word, *numbers = words.split()
    number = float(numbers[0]) if numbers else 0
    kinds: dict[str, Any] = {
        "conv": lambda: nn.Conv2d(inside[0], int(number), 3, padding=1),
        "norm": lambda: (nn.BatchNorm1d if len(inside) == 1 else nn.BatchNorm2d)(inside[0]),
        "relu": nn.ReLU,
        "pool": lambda: nn.MaxPool2d(2),
        "drop": lambda: nn.Dropout(number),
        "drop2d": lambda: nn.Dropout2d(number),
        "flatten": nn.Flatten,
        "linear": lambda: nn.Linear(inside[0], int(number)),
    }
    return kinds[choice("word", word, WORDS)]()


def epochs(
    net: Any, x: Any, labels: Any, *, lr: float, count: int, seed: int, falling: bool = True, parts: int = 1
) -> Iterator[float]:
    """Train `net`, `count` times through shuffled batches of 50; say 0 at the start, then n after n epochs.

    SGD with Nesterov's momentum of 0.9; the rate falls to 0 in a straight line, unless `falling` is False. The order of
    the pictures and the masks of dropout come from torch's own generator, which starts from `seed`.
    `parts` = 4 speaks up four times an epoch.
    """
    import torch

    from cnnkit import training

    torch.manual_seed(seed)
    yield 0
    for epoch in training.epochs(
        net, x, labels, torch.optim.SGD(net.parameters(), lr, momentum=0.9, nesterov=True),
        count=count, batches=lambda: training.shuffled(len(x), BATCH), every=-(-len(x) // BATCH) / parts,
        rate=lambda i, n: lr * (1 - falling * i / n),
    ):  # fmt: skip
        yield epoch.number


def error(net: Any, x: Any, labels: Any) -> float:
    """The share of pictures that are read wrongly; an output that is not a number is wrong."""
    from cnnkit import training

    return round(training.error(net, x, labels, batch=len(x)), 6)
