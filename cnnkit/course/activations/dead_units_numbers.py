"""Units that fall silent: a small network, looked at before and after it learns.

A unit is silent on an input when its output and its slope are both exactly 0. It is dead when it is silent on every
input: then no input sends it a gradient, and nothing that it has learnt can change.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import integer, real
from cnnkit.course.kit.activations import STEEPEST
from cnnkit.course.kit.stepwise import whole
from cnnkit.course.kit.training import BATCH, step
from cnnkit.network import Activation, Network, accuracy, mlp

SILENT, WEAK, AWAKE = 0, 1, 2
FAINT = 0.05  # a slope below this share of the activation's largest counts as weak


def look(net: Network, x: np.ndarray) -> list[np.ndarray]:
    """For each Activation of `net` an array (inputs, units) of SILENT, WEAK and AWAKE.

    >>> net = Network([Activation("relu")])
    >>> look(net, np.array([[-1.0, 2.0], [-3.0, -4.0]]))
    [array([[0, 2],
           [0, 0]], dtype=uint8)]
    """
    net.forward(x)
    found = []
    for layer, y in zip(net.layers, net.outputs[1:], strict=True):
        if isinstance(layer, Activation):
            slope = np.abs(layer.backward(np.ones_like(y)))
            passing = slope >= FAINT * STEEPEST[layer.name]
            found.append(np.where(passing, AWAKE, np.where((slope == 0) & (y == 0), SILENT, WEAK)).astype(np.uint8))
    return found


def dead(states: np.ndarray) -> np.ndarray:
    """Which units are silent on every input."""
    return (states == SILENT).all(axis=0)


def stuck(states: np.ndarray) -> np.ndarray:
    """Which units are not dead, but awake on no input."""
    return (states != AWAKE).all(axis=0) & ~dead(states)


class Watched(NamedTuple):
    """What became of a network: per hidden layer the states of `look`, and the share of inputs it gets right."""

    before: list[np.ndarray]
    after: list[np.ndarray]
    right: tuple[float, float]  # before, after
    steps: int
    ran_away: bool  # whether the next step would have made a number infinite


def watch_training(
    x: np.ndarray, labels: np.ndarray, activation: str, *,
    lr: float, bias: float = 0.0, steps: int = 80, hidden: tuple[int, ...] = (32, 32, 32), seed: int = 0,
) -> Generator[None, None, Watched]:  # fmt: skip
    """Train a network of He-initialised layers by SGD on batches of BATCH, and look at it before and after.

    It yields after each step.

    x, labels   (N, features) and (N,), classes from 0 to 9
    bias        of every hidden unit at the start

    Training stops before a step that would make a number infinite. Errors: those of the layers and of `sgd`.
    """
    rng = np.random.default_rng(integer("seed", seed, at_least=0))
    net = _network((x.shape[1], *hidden, 10), activation, real("bias", bias), rng)
    before, share = look(net, x), _accuracy(net, x, labels)
    order = rng.permutation(len(x))
    for done in range(integer("steps", steps, at_least=0)):
        batch = order[np.arange(done * BATCH, (done + 1) * BATCH) % len(x)]
        if not _step(net, x[batch], labels[batch], lr):
            return Watched(before, look(net, x), (share, _accuracy(net, x, labels)), done, True)
        yield
    return Watched(before, look(net, x), (share, _accuracy(net, x, labels)), steps, False)


def train_and_watch(x: np.ndarray, labels: np.ndarray, activation: str, **training: Any) -> Watched:
    """All of `watch_training` at once."""
    return whole(watch_training(x, labels, activation, **training))


def _network(sizes: tuple[int, ...], activation: str, bias: float, rng: np.random.Generator) -> Network:
    net = mlp(sizes, activation, rng=rng)
    for layer in net.layers[:-1:2]:  # those of the hidden units; the outputs' own start at 0
        layer.parameters["bias"] += bias
    return net


def _step(net: Network, x: np.ndarray, labels: np.ndarray, lr: float) -> bool:
    """One step downhill, unless it leads to numbers that are not finite: then nothing changes."""
    before = [dict(layer.parameters) for layer in net.layers]
    step(net, x, labels, lr)
    with np.errstate(over="ignore", invalid="ignore"):
        net.forward(x)
    if all(np.isfinite(y).all() for y in net.outputs):
        return True
    for layer, parameters in zip(net.layers, before, strict=True):
        layer.parameters = parameters
    return False


def _accuracy(net: Network, x: np.ndarray, labels: np.ndarray) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return accuracy(net, x, labels)
