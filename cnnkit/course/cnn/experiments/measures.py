"""What trained convolutional networks are measured with: how fast they learn, what they are told, what they hold."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from cnnkit.course.cnn.experiments.nets import Task, build_net, epochs, error
from cnnkit.course.kit.tune import CHECKS


class Run(NamedTuple):
    """A trained network and its errors."""

    net: Any
    training: float
    validation: float
    test: float


def train(words: str, task: Task, *, lr: float, seed: int, count: int = 20, gain: float = 1.0) -> Run:
    """Build the network of these words, train it, and say how often it is wrong."""
    net = build_net(words, shape=tuple(task.x.shape[1:]), seed=seed, gain=gain)
    for _ in epochs(net, task.x, task.labels, lr=lr, count=count, seed=seed):
        pass
    pairs = zip(task[::2], task[1::2], strict=True)
    return Run(net, *(error(net, x, labels) for x, labels in pairs))


def reading(words: str, task: Task, *, lr: float, seed: int, count: int = 10, gain: float = 1.0) -> np.ndarray:
    """The error on the validation digits at a rate that does not fall, CHECKS times an epoch from the start on."""
    net = build_net(words, shape=tuple(task.x.shape[1:]), seed=seed, gain=gain)
    steps = epochs(net, task.x, task.labels, lr=lr, count=count, seed=seed, falling=False, parts=CHECKS)
    return np.array([error(net, task.x_validation, task.labels_validation) for _ in steps])


def gradients_turned(net: Any, x: Any, labels: Any, lr: float) -> list[float]:
    """How much a step of the layers below turns the gradient of each layer: a cosine for each layer with weights.

    The gradient of layer l is taken twice on the same pictures: as things are, and after layers 1 … l − 1 alone have
    taken their step. A cosine of 1: layer l could have learnt without knowing of them. The first layer has none below.

    Reference: Santurkar et al. (2018), How does batch normalization help optimization?, definition 2.1.
    """
    layers = [i for i, layer in enumerate(net) if hasattr(layer, "weight") and layer.weight.dim() > 1]
    now, cosines = _gradients(net, x, labels), []
    for below, i in pairwise(layers):
        moved = deepcopy(net)
        _step(moved, now, up_to=below, lr=lr)
        then = _gradients(moved, x, labels)
        a, b = now[f"{i}.weight"].ravel(), then[f"{i}.weight"].ravel()
        cosines.append(float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))))
    return cosines


def _gradients(net: Any, x: Any, labels: Any) -> dict[str, np.ndarray]:
    import torch

    copy = deepcopy(net).train()  # so that no running mean moves
    torch.nn.functional.cross_entropy(copy(x), labels).backward()
    return {name: parameter.grad.numpy() for name, parameter in copy.named_parameters()}


def _step(net: Any, gradients: dict[str, np.ndarray], *, up_to: int, lr: float) -> None:
    """Move the parameters of layers 0 … `up_to`, and of a batch norm right behind, against their gradients."""
    import torch

    last = up_to + (up_to + 1 < len(net) and "Norm" in type(net[up_to + 1]).__name__)
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if int(name.split(".")[0]) <= last:
                parameter -= lr * torch.from_numpy(gradients[name])


def outputs(net: Any, x: Any) -> list[np.ndarray]:
    """The input and what each layer gives, outside training, as arrays."""
    import torch

    found, net = [x], net.eval()
    with torch.no_grad():
        for layer in net:
            found.append(layer(found[-1]))
    return [each.numpy() for each in found]


def settle(net: Any, x: Any, *, dropping: bool = True, rounds: int = 2, batch: int = 50) -> Any:
    """A copy whose batch norms have averaged mean and variance over `rounds` times all of x.

    With `dropping` they see what they see in training; without it, dropout is off while they look.
    """
    import torch

    net = deepcopy(net).train()
    for layer in net:
        if "Norm" in type(layer).__name__:
            layer.reset_running_stats()
            layer.momentum = None  # a plain mean over all batches
        if "Dropout" in type(layer).__name__ and not dropping:
            layer.eval()
    torch.manual_seed(0)
    with torch.no_grad():
        for _ in range(rounds):
            for some in torch.randperm(len(x)).split(batch):
                net(x[some])
    return net.eval()


def variance_shift(net: Any, x: Any) -> list[float]:
    """For each batch norm: the variance of its input outside training, divided by the one it has learnt to expect.

    1 means that what it has kept is right. Both are summed over the channels; dropout is off outside training.

    Reference: Li et al. (2019), Understanding the disharmony between dropout and batch normalization by variance shift.
    """
    net = settle(net, x)
    found = outputs(net, x)
    ratios = []
    for layer, seen in zip(net, found, strict=False):
        if "Norm" in type(layer).__name__:
            axes = (0, *range(2, seen.ndim))
            ratios.append(float(seen.var(axis=axes).sum() / layer.running_var.sum()))
    return ratios


def mean_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """The mean |r| between the columns of a and those of b, over the rows; columns that never change are left out.

    >>> mean_correlation(np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]), np.array([[6.0, 1.0], [4.0, 2.0], [2.0, 3.0]]))
    1.0
    """
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    scale = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    changing = scale > 1e-12
    return float((np.abs((a * b).sum(axis=0))[changing] / scale[changing]).mean())


def neighbours(maps: np.ndarray) -> float:
    """The mean |r| of a unit and the one to its right or below it in the same map, over pictures: maps (N, C, H, W)."""
    n = len(maps)
    right = mean_correlation(maps[..., :-1].reshape(n, -1), maps[..., 1:].reshape(n, -1))
    below = mean_correlation(maps[..., :-1, :].reshape(n, -1), maps[..., 1:, :].reshape(n, -1))
    return (right + below) / 2


def channels(maps: np.ndarray) -> float:
    """The mean |r| of two channels at the same place, over pictures: maps (N, C, H, W), or features (N, C)."""
    flat = maps.reshape(*maps.shape[:2], -1)
    first, second = np.triu_indices(flat.shape[1], k=1)
    return mean_correlation(flat[:, first].reshape(len(flat), -1), flat[:, second].reshape(len(flat), -1))


def explained(y: np.ndarray, labels: np.ndarray) -> float:
    """How much of a unit's variance over pictures its class explains, from 0 to 1: the mean over units that vary.

    y (N, …): one row of units for each picture.

    >>> explained(np.array([[0.0, 0.0], [0.0, 2.0], [4.0, 0.0], [4.0, 2.0]]), np.array([0, 0, 1, 1]))
    0.5
    """
    y = y.reshape(len(y), -1).astype(float)
    means = {label: y[labels == label].mean(axis=0) for label in np.unique(labels)}
    total = y.var(axis=0)
    between = np.mean([(means[label] - y.mean(axis=0)) ** 2 for label in labels.tolist()], axis=0)
    return float((between[total > 1e-12] / total[total > 1e-12]).mean())


def read_by_means(y: np.ndarray, labels: np.ndarray, y_new: np.ndarray, labels_new: np.ndarray) -> float:
    """The share of new rows that lie closest to the mean of their own class: how plainly the classes lie apart.

    >>> read_by_means(np.array([[0.0], [1.0], [9.0]]), np.array([0, 0, 1]), np.array([[2.0], [3.0]]), np.array([0, 1]))
    0.5
    """
    y, y_new = (each.reshape(len(each), -1).astype(float) for each in (y, y_new))
    means = np.stack([y[labels == label].mean(axis=0) for label in range(labels.max() + 1)])
    squares = (means**2).sum(axis=1) - 2 * y_new @ means.T
    return float((squares.argmin(axis=1) == labels_new).mean())
