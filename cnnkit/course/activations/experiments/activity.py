"""What single activations do: how sparse they are, when their units die, how many stay active, what they can bend."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cnnkit.course.kit.training import Task, digits_task, epochs, error
from cnnkit.network import Activation, Layer, Linear, Network, mlp

EVERY = ("relu", "leaky_relu", "elu", "gelu", "silu", "sigmoid", "tanh", "softplus", "hardtanh")


def apply(name: str, x: Any, **options: Any) -> np.ndarray:
    """An activation by its name; prelu with its starting slope, rrelu with its mean one.

    >>> apply("relu", [-1.0, 2.0])
    array([0., 2.])
    """
    return Activation(name, **options).forward(np.asarray(x))


def share_of_zeros(y: np.ndarray) -> float:
    """How much of y is exactly 0."""
    return float((y == 0).mean())


class FirstOne(NamedTuple):
    """The first whole x at which a sigmoid is exactly 1 in a precision."""

    formula: int  # 1/(1 + e⁻ˣ), which rounds 1 + e⁻ˣ before it divides
    correct: int  # the true value, rounded once


def sigmoid_is_one(dtype: Any) -> FirstOne:
    """Where the sigmoid reaches 1, as it is computed and as it would be if it were rounded once.

    >>> sigmoid_is_one(np.float16)
    FirstOne(formula=8, correct=9)
    """
    whole = np.arange(50)
    one = dtype(1)
    formula = one / (one + np.exp(-whole.astype(dtype)))
    gap = 1 - float(np.nextafter(one, dtype(0)))
    below = 1 / (1 + np.exp(whole.astype(float)))  # what is missing to 1; at half a gap it is rounded to 1
    return FirstOne(int(whole[formula == 1][0]), int(whole[below <= gap / 2][0]))


class L1(Layer):
    r"""Changes nothing on the way forward, and on the way back adds the gradient of a price on being active.

    .. math:: loss + \frac{penalty}{N} \sum |x|
    """

    def __init__(self, penalty: float) -> None:
        super().__init__()
        self.penalty = penalty

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.cache = x
        return x

    def backward(self, dy: np.ndarray) -> np.ndarray:
        x = self.cached()
        return dy + self.penalty / len(x) * np.sign(x)


class Sparsity(NamedTuple):
    """Of the hidden units' outputs on all digits trained on: the mean, the shares that are small and 0; the error."""

    mean: float
    below_hundredth: float
    zero: float
    error: float


def trained_sparsity(
    name: str, penalty: float, seed: int, *, lr: float, count: int = 30, width: int = 64, task: Task | None = None
) -> Sparsity:
    """Train one hidden layer, with a price on its activity, and look at what it gives out."""
    task = task or digits_task()
    rng = np.random.default_rng(seed)
    init = "he" if "relu" in name else "xavier"
    layers = [Linear(64, width), Activation(name), L1(penalty), Linear(width, 10)]
    net = Network(layers, rng=rng, init=init)
    for _ in epochs(net, task.x, task.labels, lr=lr, count=count, rng=rng):
        pass
    wrong = error(net, task.x_validation, task.labels_validation)
    net.forward(task.x)
    h = np.abs(net.outputs[2])
    return Sparsity(float(h.mean()), float((h < 0.01).mean()), share_of_zeros(h), wrong)


class ReLU(Activation):
    """A ReLU whose slope at exactly 0 can be chosen; it counts how often that happens."""

    def __init__(self, at_zero: float) -> None:
        super().__init__("relu")
        self.at_zero, self.zeros, self.total = at_zero, 0, 0

    def backward(self, dy: np.ndarray) -> np.ndarray:
        x = self.cached()
        self.zeros += int((x == 0).sum())
        self.total += x.size
        return np.where(x == 0, self.at_zero * dy, super().backward(dy))


class AtZero(NamedTuple):
    """The weights after training, the error, and how many of how many pre-activations were exactly 0."""

    weights: np.ndarray
    error: float
    zeros: int
    total: int


def train_with_slope_at_zero(
    at_zero: float, seed: int, *, gain: float = 1.0, dtype: Any = np.float64, count: int = 10, task: Task | None = None
) -> AtZero:
    """Train with relu'(0) = `at_zero`. `gain` = 0 starts the first layer with nothing but zeros."""
    task = task or digits_task()
    rng = np.random.default_rng(seed)
    first, second = ReLU(at_zero), ReLU(at_zero)
    net = Network([Linear(64, 64), first, Linear(64, 64), second, Linear(64, 10)], rng=rng, dtype=dtype)
    net.layers[0].parameters["weight"] *= gain
    for _ in epochs(net, task.x.astype(dtype), task.labels, lr=0.1, count=count, rng=rng):
        pass
    weights = np.concatenate([layer.parameters["weight"].ravel() for layer in net.layers if layer.parameters])
    return AtZero(weights, error(net, task.x, task.labels), first.zeros + second.zeros, first.total + second.total)


def silent(net: Network, x: np.ndarray) -> list[np.ndarray]:
    """For each hidden layer of an `mlp`, which units have a pre-activation of 0 or less on every x."""
    with np.errstate(over="ignore", invalid="ignore"):
        net.forward(x)
    return [np.all(z <= 0, axis=0) for z in net.outputs[1:-1:2]]


class Deaths(NamedTuple):
    """Per hidden layer: the share of silent units at the start, after training, and how many of those woke up again."""

    start: list[float]
    end: list[float]
    woken: list[float]  # of those silent at the end, the share firing again after as much training at `later_lr`
    error: float  # on the validation digits after training
    later: float  # after the further training
    diverged: bool  # training at `lr` ended in numbers that are not finite


def deaths(
    name: str, lr: float, seed: int, *, count: int = 10, later_lr: float = 0.01, bias: float = 0.0,
    hidden: tuple[int, ...] = (64, 64), task: Task | None = None, **options: Any,
) -> Deaths:  # fmt: skip
    """Train at `lr`, count the silent units, then train on at a small rate and see whether they come back.

    `bias` is what the hidden units' biases start with: far below 0 it silences them before anything is learnt.
    """
    task = task or digits_task()
    rng = np.random.default_rng(seed)
    net = mlp((64, *hidden, 10), name, rng=rng, **options)
    for layer in net.layers[:-1:2]:
        layer.parameters["bias"] += bias
    counts, errors, broken = [silent(net, task.x)], [], []
    for rate in (lr, later_lr):
        for _ in epochs(net, task.x, task.labels, lr=rate, count=count, rng=rng):
            pass
        counts.append(silent(net, task.x))
        errors.append(error(net, task.x_validation, task.labels_validation))
        broken.append(not np.isfinite(net.outputs[-1]).all())
    start, end, after = counts
    woken = [float((e & ~a).sum() / e.sum()) if e.any() else 0.0 for e, a in zip(end, after, strict=True)]
    first, last = ([float(layer.mean()) for layer in layers] for layers in (start, end))
    return Deaths(first, last, woken, errors[0], errors[1], broken[0])


class Active(NamedTuple):
    """Per layer, the mean over the inputs of the share of active units, and of paths active all the way to there."""

    units: np.ndarray
    paths: np.ndarray


def active(depth: int, seed: int, *, width: int = 256, n: int = 200) -> Active:
    """A He-initialised ReLU network and `n` random inputs: which units, and which paths through them, are active?

    A path takes one unit of every layer. It is active when all its units are, so the share of active paths is the
    product of the layers' shares of active units: no path has to be followed.
    """
    rng = np.random.default_rng(seed)
    net = mlp([width] * (depth + 1), "relu", rng=rng)
    net.layers.append(Activation("relu"))
    net.forward(rng.standard_normal((n, width)))
    shares = np.array([(y > 0).mean(axis=1) for y in net.outputs[2::2]])  # depth × n
    return Active(shares.mean(axis=1), shares.cumprod(axis=0).mean(axis=1))
