"""A network learns: batches, steps and a triangular learning rate, one epoch after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import floats, generator, given, integer, same_shape
from cnnkit.layers import Activation, BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d
from cnnkit.losses import cross_entropy, cross_entropy_backward
from cnnkit.network.network import Network
from cnnkit.network.optim import sgd, triangular

MOMENTUM, WEIGHT_DECAY, LABEL_SMOOTHING = 0.9, 5e-4, 0.1


Step = Callable[[Network, float], None]  # a step downhill with the gradients that are there, and a learning rate


class Epoch(NamedTuple):
    """How far the training is: epoch 3 of 8 is over (2.5: half of it is), and the mean loss of the batches since."""

    number: float
    of: int
    loss: float


def digits_cnn(rng: np.random.Generator, *, dtype: Any = np.float32) -> Network:
    """The network that reads the embedded digits: two convolutions, 9,978 weights.

    >>> digits_cnn(np.random.default_rng(0)).forward(np.zeros((5, 1, 8, 8))).shape
    (5, 10)
    """
    return Network([
        Conv2d(1, 16, 3, padding=1, bias=False), BatchNorm2d(16), Activation("relu"),
        Conv2d(16, 32, 3, padding=1, bias=False), BatchNorm2d(32), Activation("relu"),
        MaxPool2d(2), Flatten(), Linear(512, 10),
    ], rng=rng, dtype=dtype)  # fmt: skip


def nesterov(net: Network, lr: float) -> None:
    """The step that `fit` takes unless told otherwise: SGD with momentum 0.9 and weight decay 5e-4."""
    sgd(net, lr, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY, nesterov=True)


def fit(
    net: Network, x: Any, labels: Any, *,
    epochs: int, rng: np.random.Generator, peak: float = 0.15, batch: int = 32, shift: int = 0,
    step: Step = nesterov,
) -> Iterator[Epoch]:  # fmt: skip
    """Train `net` on images (N, C, H, W) and their labels; say after each epoch how it went.

        for epoch in fit(net, x, labels, epochs=8, rng=rng):
            print(epoch.number, epoch.loss, accuracy(net, x_validation, labels_validation))

    SGD with Nesterov momentum 0.9 and weight decay 5e-4, label smoothing 0.1, a learning rate that rises to `peak`
    in the first quarter and falls to 0 at the end. With `shift` each image is moved by up to so many pixels each time.
    Other steps are `step=adamw` and the like, with a `peak` of their own (adam and adamw: 0.003).
    Stop whenever you like: `net` is a whole network after every epoch.
    Errors: ValueError for counts below 1, labels that do not belong to x, or a step that is no function.
    """
    _network(net)
    if not callable(step):
        raise ValueError(f"step must be a function such as sgd or adamw, got {given(step)}")
    x, labels, rng = floats("x", x, ndim=4, shape="(N, C, H, W)"), np.asarray(labels), generator("rng", rng)
    same_shape("labels", labels, (len(x),), "one per image")
    if not len(x):
        raise ValueError("x must hold at least one image, got none")
    cross_entropy(np.zeros((len(x), net.forward(x[:1]).shape[-1])), labels)  # refuses labels that are no class
    epochs, shift = integer("epochs", epochs, at_least=1), integer("shift", shift, at_least=0)
    batch = integer("batch", batch, at_least=1)
    batches = -(-len(x) // batch)
    for epoch in range(epochs):
        losses = []
        for i, some in enumerate(shuffled(len(x), batch, rng)):
            lr = triangular(epoch * batches + i, epochs * batches, peak)
            losses.append(learn(net, shifted(x[some], shift, rng), labels[some], lr, step))
        yield Epoch(epoch + 1, epochs, float(np.mean(losses)))


def shuffled(n: int, batch: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The numbers 0 … n − 1 in random order, cut into batches of about equal length, `batch` at most.

    >>> [len(some) for some in shuffled(10, 4, np.random.default_rng(0))]
    [4, 3, 3]
    """
    return np.array_split(rng.permutation(n), -(-n // batch))


def learn(net: Network, x: np.ndarray, labels: np.ndarray, lr: float, step: Step = nesterov) -> float:
    """One step on one batch: forward, backward, downhill. Returns the loss before the step."""
    logits = net.forward(x, training=True)
    net.backward(cross_entropy_backward(1.0, logits, labels, label_smoothing=LABEL_SMOOTHING))
    step(net, lr)
    return float(cross_entropy(logits, labels, label_smoothing=LABEL_SMOOTHING))


def shifted(x: np.ndarray, pixels: int, rng: np.random.Generator) -> np.ndarray:
    """Move each image by up to so many pixels, down or up and right or left; the border's pixels are repeated."""
    if not pixels:
        return x
    *_, height, width = x.shape
    sides = (pixels, pixels)
    wider = np.pad(x, ((0, 0), (0, 0), sides, sides), mode="edge")
    places = rng.integers(0, 2 * pixels + 1, (len(x), 2))
    moved = [image[:, i : i + height, j : j + width] for image, (i, j) in zip(wider, places, strict=True)]
    return np.stack(moved)


def accuracy(net: Network, x: Any, labels: Any) -> float:
    """The share of x whose largest logit is that of its label."""
    read, labels = _network(net).forward(x).argmax(axis=1), np.asarray(labels)
    same_shape("labels", labels, read.shape, "one per image")
    return float((read == labels).mean())


def _network(net: Any) -> Network:
    if not isinstance(net, Network):
        raise ValueError(f"net must be a Network, got {given(net)}")
    return net
