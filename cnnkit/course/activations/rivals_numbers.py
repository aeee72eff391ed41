"""An activation of your own in the network that all the others were measured in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cnnkit._arguments import real
from cnnkit.course.activations.experiments.convergence import HIDDEN
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.training import digits_task, epochs, error
from cnnkit.course.kit.tune import CHECKS, epochs_to
from cnnkit.course.kit.words import decimal
from cnnkit.network import Layer, Linear, Network

Function = Callable[[np.ndarray], Any]
TARGET = 0.01  # the training error at which the clock stops
LONGEST = 30  # epochs that a live run may take
STEP, AWAY = 1e-6, 1e-3  # of the comparison with the rise of f; how far from a corner
TRIED = np.array([-4.3, -2.7, -1.6, -0.8, -0.35, 0.35, 0.8, 1.6, 2.7, 4.3])
LABELS = {
    "relu": "ReLU", "leaky_relu": "leaky ReLU", "prelu": "PReLU", "rrelu": "RReLU", "elu": "ELU", "gelu": "GELU",
    "silu": "SiLU", "sigmoid": "sigmoid", "tanh": "tanh", "softplus": "softplus", "hardtanh": "hardtanh",
}  # fmt: skip


class Mine(Layer):
    """The layer of an activation: f on the way forward, dy times its slope on the way back."""

    def __init__(self, f: Function, slope: Function) -> None:
        super().__init__()
        self.f, self.slope = f, slope

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.cache = x
        return called(self.f, x)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy * called(self.slope, self.cached())


def called(f: Function, x: np.ndarray) -> np.ndarray:
    """What f makes of x, as floats in the shape of x: a slope may be one number."""
    try:
        with np.errstate(all="ignore"):
            given = f(x.copy())
            y = np.asarray(given, float)
    except Exception as error:
        raise ValueError(
            f"{_name(f)} stops with “{error}”. It gets a whole array x: `np.where(x > 0, …, …)` takes the place of "
            "an `if`."
        ) from error
    if given is None:
        raise ValueError(f"{_name(f)} gives nothing back: is there a `return`?")
    try:
        return np.broadcast_to(y, x.shape).astype(float)
    except ValueError:
        raise ValueError(
            f"{_name(f)} must give one number for each of x: x has shape {x.shape}, and {y.shape} comes back."
        ) from None


def check_slope(f: Function, slope: Function) -> None:
    """A ValueError that says where `slope` is not how fast f rises."""
    for x in TRIED:
        around = called(f, np.array([x - STEP, x + STEP]))
        rises, said = float(np.diff(around)[0] / (2 * STEP)), float(called(slope, np.array([x]))[0])
        if not np.isfinite([rises, said]).all():
            raise ValueError(f"At x = {decimal(x)} a number comes back that is not finite.")
        if abs(rises - said) > 1e-3 * max(1.0, abs(rises)):
            raise ValueError(
                f"At x = {decimal(x)} your function rises by {decimal(rises, 3)} for each 1 of x, but {_name(slope)} "
                f"says {decimal(said, 3)}. Mend the slope first: with a wrong slope every step goes astray."
            )


def run(
    f: Function, slope: Function, *, lr: float, init: str = "he", seeds: Sequence[int] = (20, 21, 22)
) -> list[float]:
    """The epochs until at most 1 % of the training digits are wrong, one for each seed; infinity if it is never so."""
    check_slope(f, slope)
    return [epochs_to(_errors(f, slope, real("lr", lr), init, seed), TARGET) for seed in seeds]


def _errors(f: Function, slope: Function, lr: float, init: str, seed: int) -> np.ndarray:
    """As `convergence.training_errors` has them, for an activation without a name."""
    task, rng, layers = digits_task(), np.random.default_rng(seed), []
    for fan_in, fan_out in zip((64, *HIDDEN), HIDDEN, strict=False):
        layers += [Linear(fan_in, fan_out), Mine(f, slope)]
    net, errors = Network([*layers, Linear(HIDDEN[-1], 10)], rng=rng, init=init), []
    for _ in epochs(net, task.x, task.labels, lr=lr, count=LONGEST, rng=rng, parts=CHECKS):
        errors.append(error(net, task.x, task.labels))
        if errors[-1] <= TARGET or not np.isfinite(net.outputs[-1]).all():
            break
    return np.array(errors)


def rivals() -> dict[str, list[float]]:
    """The recorded epochs of every activation at its fastest learning rate, the fastest first."""
    stored = results("activations")
    runs = {name: (stored["race"] | stored["convergence"])[name] for name in LABELS}
    order = sorted(runs, key=lambda name: float(np.mean(runs[name]["epochs_to_1"])))
    return {f"{LABELS[name]}, rate {runs[name]['lr']:g}": runs[name]["epochs_to_1"] for name in order}


def _name(f: Function) -> str:
    return f"`{getattr(f, '__name__', 'the function')}`"
