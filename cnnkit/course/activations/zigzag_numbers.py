"""Which way the weights of one unit can move: with inputs that are all positive, and with centred ones.

The unit has two inputs and no bias, and learns the weights TARGET. Its loss is ½ (w·x − TARGET·x)², so that one
example's gradient is (w·x − TARGET·x) · x: with positive inputs both of its numbers have the same sign.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import integer
from cnnkit.course.activations.experiments import convergence
from cnnkit.course.kit.training import Task, backpropagate, digits_task
from cnnkit.network import Linear

START, TARGET = np.array([-1.0, 1.0]), np.array([1.0, -1.0])  # one weight has to rise, the other to fall
EXAMPLES, LOW, HIGH = 200, 0.2, 1.0  # the inputs lie between LOW and HIGH, as outputs of a sigmoid do
STEP = 0.9  # as a share of the step at which a single example could begin to swing
NEAR = 0.1  # arrived: what is left of the way from START to TARGET
TRIED = 1000  # batches, for the compass
STEPS = 120  # that a walk takes


class Walk(NamedTuple):
    """Where a training leads, and which way the steps of other batches would have gone from its start."""

    path: np.ndarray  # (steps + 1, 2)
    shares: np.ndarray  # of TRIED steps from START: both up; w₁ up, w₂ down; both down; w₁ down, w₂ up
    arrived: int | None  # the first step after which less than NEAR of the way is left
    lr: float

    @property
    def mixed(self) -> float:
        """How many of the steps raise one weight and lower the other."""
        return float(self.shares[1] + self.shares[3])


@cache
def inputs(*, centred: bool = False) -> np.ndarray:
    """EXAMPLES pairs of inputs; centred ones are the same pairs, moved so that their middle is 0."""
    x = np.random.default_rng(5).uniform(LOW, HIGH, (EXAMPLES, 2))
    return x - x.mean(axis=0) if centred else x


def curvature(x: np.ndarray) -> np.ndarray:
    """The 2 × 2 matrix H of the loss ½ (w − TARGET)ᵀ H (w − TARGET)."""
    return x.T @ x / len(x)


def gradients(w: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The mean gradient of each batch: x of shape (batches, batch, 2) gives (batches, 2)."""
    errors = x @ (w - TARGET)
    return (errors[..., None] * x).mean(axis=-2)


def remaining(path: np.ndarray) -> np.ndarray:
    """Which share of the way from START to TARGET is left at each of the weights, (steps, 2)."""
    return np.linalg.norm(path - TARGET, axis=1) / float(np.linalg.norm(START - TARGET))


@lru_cache(maxsize=4)
def walk(batch: int, *, centred: bool = False, seed: int = 0) -> Walk:
    """Take STEPS steps with batches drawn anew for each, from START on."""
    rng = np.random.default_rng(integer("seed", seed, at_least=0))
    x = inputs(centred=centred)
    lr = STEP / float((x**2).sum(axis=1).max())
    drawn = rng.integers(len(x), size=(STEPS, integer("batch", batch, at_least=1)))
    path = [START]
    for some in drawn:
        path.append(path[-1] - lr * gradients(path[-1], x[some]))
    near = np.flatnonzero(remaining(np.array(path)) < NEAR)
    return Walk(np.array(path), step_shares(batch, centred=centred), int(near[0]) if len(near) else None, lr)


@lru_cache(maxsize=128)
def step_shares(batch: int, *, centred: bool = False) -> np.ndarray:
    """Of TRIED batches, the share whose step from START goes up-up, up-down, down-down and down-up."""
    x = inputs(centred=centred)
    some = np.random.default_rng(batch).integers(len(x), size=(TRIED, batch))
    up = gradients(START, x[some]) < 0
    quadrants = [up.all(axis=1), up[:, 0] & ~up[:, 1], (~up).all(axis=1), ~up[:, 0] & up[:, 1]]
    return np.array([quadrant.mean() for quadrant in quadrants])


def mixed_signs(
    batch: int, *, name: str = "sigmoid", seed: int = 0, tries: int = 20, task: Task | None = None
) -> float:
    """In the network of three hidden layers: the share of second-layer units whose weights' gradients differ in sign.

    Measured before training, on `tries` batches.
    """
    task = task or digits_task()
    rng = np.random.default_rng(seed)
    net = convergence.network(name, rng)
    second = [layer for layer in net.layers if isinstance(layer, Linear)][1]
    found = []
    for _ in range(tries):
        some = rng.choice(len(task.x), size=batch, replace=False)
        backpropagate(net, task.x[some], task.labels[some])
        gradient = second.gradients["weight"]
        found.append(((gradient > 0).any(axis=1) & (gradient < 0).any(axis=1)).mean())
    return float(np.mean(found))
