"""How fast the same network learns with one activation and another, each at the learning rate that suits it best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cnnkit.course.kit.activations import TORCH
from cnnkit.course.kit.training import BATCH, Task, digit_parts, digits_task, epochs, error
from cnnkit.course.kit.tune import CHECKS, Tuned, epochs_to, tune
from cnnkit.network import Activation, Layer, Linear, Network

RATES = tuple(0.025 * 2**i for i in range(9))  # 0.025 … 6.4
HIDDEN = (64, 64, 64)

# name, times, plus: the same curve stretched or moved, so that only the slope or only the centre differs.
MOVED = {
    "sigmoid − 1/2": ("sigmoid", 1.0, -0.5),
    "4·sigmoid": ("sigmoid", 4.0, 0.0),
    "4·sigmoid − 2": ("sigmoid", 4.0, -2.0),
    "tanh + 1": ("tanh", 1.0, 1.0),
}


class Moved(Layer):
    """y = times · x + plus."""

    def __init__(self, times: float, plus: float) -> None:
        super().__init__()
        self.times, self.plus = times, plus

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        return self.times * x + self.plus

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return self.times * dy

    def __repr__(self) -> str:
        return f"Moved({self.times}, {self.plus})"


def network(name: str, rng: np.random.Generator, hidden: Sequence[int] = HIDDEN) -> Network:
    """64 inputs, the hidden layers, 10 outputs; He's start for what looks like a ReLU, Xavier's for the squashing ones.

    >>> network("tanh + 1", np.random.default_rng(0), hidden=[8]).layers[1:3]
    [Activation('tanh'), Moved(1.0, 1.0)]
    """
    base, times, plus = MOVED.get(name, (name, 1.0, 0.0))
    init = "xavier" if base in ("sigmoid", "tanh", "hardtanh") else "he"
    layers: list[Layer] = []
    for fan_in, fan_out in zip((64, *hidden), hidden, strict=False):
        layers += [Linear(fan_in, fan_out), Activation(base)]
        layers += [Moved(times, plus)] if name in MOVED else []
    return Network([*layers, Linear(hidden[-1], 10)], rng=rng, init=init)


def training_errors(
    name: str, lr: float, seed: int, *, count: int = 20, until: float = -1.0, task: Task | None = None
) -> np.ndarray:
    """The error on the digits trained on, CHECKS times an epoch from before the first on, until it is `until`."""
    task = task or digits_task()
    rng = np.random.default_rng(seed)
    net = network(name, rng)
    errors = []
    for _ in epochs(net, task.x, task.labels, lr=lr, count=count, rng=rng, parts=CHECKS):
        errors.append(error(net, task.x, task.labels))
        if errors[-1] <= until:
            break
    return np.array(errors)


def fastest_rate(name: str, target: float, seeds: Sequence[int], *, count: int = 40, task: Task | None = None) -> Tuned:
    """The rate that reaches the training error `target` in the fewest epochs; never counts as twice `count`."""

    def score(lr: float, seed: int) -> float:
        return min(
            2.0 * count, epochs_to(training_errors(name, lr, seed, count=count, until=target, task=task), target)
        )

    return tune(score, RATES, seeds)


class CNNRun(NamedTuple):
    """Errors on the digits trained on, after each epoch, and on validation and on test digits at the end."""

    training: list[float]
    validation: float
    test: float


def train_cnn(name: str, lr: float, seed: int, *, count: int = 15, task: Task | None = None) -> CNNRun:
    """The same small convolutional network on the digits with one activation or another, in torch.

    Convolution to 8 maps, activation, max-pooling, convolution to 16 maps, activation, max-pooling, 10 outputs.
    """
    import torch
    from torch import nn

    from cnnkit import training

    torch.set_num_threads(1)
    generator, activation = torch.Generator().manual_seed(seed), getattr(nn, TORCH[name])
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), activation(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), activation(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 10),
    )  # fmt: skip
    training.draw_weights(net, generator, "xavier" if name in ("sigmoid", "tanh") else "he")
    task = task or digits_task()
    test = digit_parts(normalized=True)["test"]
    held = {"training": (task.x, task.labels), "validation": task[2:], "test": test}
    tensors = {
        part: (torch.tensor(np.asarray(x), dtype=torch.float32).view(-1, 1, 8, 8), torch.tensor(labels))
        for part, (x, labels) in held.items()
    }

    def wrong(part: str) -> float:
        return round(training.error(net, *tensors[part]), 6)

    x, labels = tensors["training"]
    errors = [wrong("training")]
    for _ in training.epochs(
        net, x, labels, torch.optim.SGD(net.parameters(), lr),
        count=count, batches=lambda: training.shuffled(len(x), BATCH, generator),
    ):  # fmt: skip
        errors.append(wrong("training"))
    return CNNRun(errors, wrong("validation"), wrong("test"))
