r"""How gradients fare in deep networks: through one unit, through many layers, and what training makes of it.

Networks here read digits: 64 pixels, `depth` hidden layers of `width` units, 10 outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.course.gradients.depth_numbers import measure_flow
from cnnkit.course.kit.activations import slope
from cnnkit.course.kit.training import Task, backpropagate, epochs, error
from cnnkit.network import Activation, Linear, Network
from cnnkit.normalization import batch_norm2d, batch_norm2d_backward

KINDS = ("plain", "batch norm", "skip")
PIXELS, WIDTH, CLASSES = 64, 64, 10


class Block(Linear):
    """A hidden layer, y = f(z) with z = x · weightᵀ + bias, in one of three kinds.

    plain        as it stands there
    batch norm   each unit's z gets mean 0 and variance 1 over the batch first (without a learnt scale or shift)
    skip         the input is added: y = x + f(z)

    >>> block = Block(2, 2, "relu", kind="skip").draw(np.random.default_rng(0), gain=0.0)
    >>> block.forward(np.array([[3.0, -4.0]]))
    array([[ 3., -4.]])

    References: Ioffe and Szegedy (2015), Batch normalization, section 3.2; He et al. (2016), Deep residual learning
    for image recognition, equation 1.
    """

    def __init__(self, fan_in: int, fan_out: int, activation: str, *, kind: str = "plain") -> None:
        super().__init__(fan_in, fan_out)
        self.kind, self.activation = choice("kind", kind, KINDS), Activation(activation)
        if kind == "skip" and fan_in != fan_out:
            raise ValueError(f"x can only be added to a y of its own size, got fan_in={fan_in}, fan_out={fan_out}")

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.z = super().forward(x)
        z = batch_norm2d(_images(self.z), None, None, training=True)[0][..., 0, 0] if self.normed else self.z
        y = self.activation.forward(z)
        return x + y if self.kind == "skip" else y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dz = self.activation.backward(dy)
        if self.normed:
            dz = batch_norm2d_backward(_images(dz), _images(self.z), None, None, training=True)[0][..., 0, 0]
        dx = super().backward(dz)
        return dy + dx if self.kind == "skip" else dx

    @property
    def normed(self) -> bool:
        return self.kind == "batch norm"


def _images(x: np.ndarray) -> np.ndarray:
    """Rows as images of one pixel with a channel for each unit."""
    return x[:, :, None, None]


def deep_net(
    depth: int, activation: str, *,
    rng: np.random.Generator, kind: str = "plain", init: str = "he", gain: float = 1.0, width: int = WIDTH,
) -> Network:  # fmt: skip
    """A network that reads digits through `depth` hidden layers; those of one seed start with the same weights.

    >>> len(deep_net(3, "relu", rng=np.random.default_rng(0)).layers)
    4
    """
    sizes = [PIXELS] + [width] * integer("depth", depth, at_least=1)
    blocks = [Block(a, b, activation, kind=kind) for a, b in pairwise(sizes)]
    return Network([*blocks, Linear(width, CLASSES)], rng=rng, init=init, gain=gain)


class Gradients(NamedTuple):
    """Norms of the gradient of the loss, one for each hidden layer: that of its outputs and that of its weights."""

    outputs: np.ndarray
    weights: np.ndarray


def loss_gradients(net: Network, x: np.ndarray, labels: np.ndarray) -> Gradients:
    """What arrives at each hidden layer of a `deep_net` when it is shown `x` and told the labels."""
    backpropagate(net, x, labels)
    outputs = np.array([np.linalg.norm(dy) for dy in net.doutputs[1:-1]])
    weights = np.array([np.linalg.norm(layer.gradients["weight"]) for layer in net.layers[:-1]])
    return Gradients(outputs, weights)


def factors(depth: int, activation: str, *, seeds: Iterable[int] = range(5), **options: Any) -> np.ndarray:
    """What one layer multiplies the gradient with, on average over the layers: one number for each seed.

    `options` are those of `measure_flow`: init, gain, width …
    """
    return np.array([measure_flow(depth, activation, rng=np.random.default_rng(s), **options).factor for s in seeds])


def open_range(activation: str, share: float = 0.01, **options: Any) -> tuple[float, float]:
    """From which z to which z a unit passes at least `share` of its steepest slope; beyond them it never does again.

    Looked for between −20 and 20; infinite where the slope is still above the share there.

    >>> open_range("hardtanh")
    (-1.0, 1.0)
    >>> open_range("relu")
    (0.0, inf)
    """
    z = np.linspace(-20, 20, 40_001)
    passed = np.abs(slope(activation, z, **options))
    first, *_, last = z[passed >= share * passed.max()]
    low = -np.inf if first == z[0] else round(float(first), 2) + 0.0  # + 0.0: not −0.0
    high = np.inf if last == z[-1] else round(float(last), 2) + 0.0
    return low, high


def learning_curve(
    make: Callable[[np.random.Generator], Network], task: Task, *, lr: float, count: int, seed: int
) -> list[float]:
    """Training error before the first epoch and after each of `count`; one seed for the start and for the shuffling."""
    rng = np.random.default_rng(seed)
    net = make(rng)
    return [error(net, task.x, task.labels) for _ in epochs(net, task.x, task.labels, lr=lr, count=count, rng=rng)]


def learning_curves(
    make: Callable[[np.random.Generator], Network], task: Task, *, lr: float, count: int, seeds: Iterable[int]
) -> np.ndarray:
    """`learning_curve` for each seed: an array (seeds, count + 1)."""
    return np.array([learning_curve(make, task, lr=lr, count=count, seed=seed) for seed in seeds])


def best_rate(
    make: Callable[[np.random.Generator], Network],
    task: Task,
    *,
    rates: Iterable[float],
    count: int,
    seeds: Iterable[int],
) -> float:
    """The learning rate with the lowest error over the last half of the training, averaged over the seeds.

    Choose with other seeds than those that you report.
    """
    seeds = list(seeds)

    def late_error(rate: float) -> float:
        return float(learning_curves(make, task, lr=rate, count=count, seeds=seeds)[:, count // 2 :].mean())

    return min(rates, key=late_error)
