"""Dropout in a convolutional network: single pixels or whole maps, where, and what the mask leaves to guess from."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import choice
from cnnkit.course.dropout.experiments.few_digits import BATCH, Errors, few_digits, held_digits
from cnnkit.course.kit.training import Task, digits_task
from cnnkit.dropout import dropout, dropout2d

PLACES = ("maps 1", "maps 2", "units")
KINDS = ("element", "channel")


def cnn(p: float, place: str, kind: str = "element") -> Any:
    """A small network for digits without pooling, with one dropout layer.

    8 maps of 8×8 ("maps 1"), 16 maps of 4×4 ("maps 2"), 64 fully connected units ("units"), 10 outputs, ReLU each.
    kind: "element" drops single numbers, "channel" whole maps.
    """
    from torch import nn

    if choice("kind", kind, KINDS) == "channel" and place == "units":
        raise ValueError("units have no channels: kind must be 'element' for place='units'")
    layer = nn.Dropout2d(p) if kind == "channel" else nn.Dropout(p)
    at = {name: layer if name == choice("place", place, PLACES) else nn.Identity() for name in PLACES}
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), at["maps 1"],
        nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ReLU(), at["maps 2"],
        nn.Flatten(), nn.Linear(256, 64), nn.ReLU(), at["units"], nn.Linear(64, 10),
    )  # fmt: skip


def train_cnn(
    seed: int, *, lr: float, p: float = 0.0, place: str = "units", kind: str = "element", count: int = 60,
    task: Task | None = None,
) -> Any:  # fmt: skip
    """Train it on `few_digits(seed)`; start and order of the digits do not depend on the dropout."""
    import torch

    from cnnkit import training

    torch.set_num_threads(1)
    x, labels = few_digits(seed, task=task)
    net, generator = cnn(p, place, kind), torch.Generator().manual_seed(seed)
    training.draw_weights(net, generator)
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # nn.Dropout takes no generator of its own
        for _ in training.epochs(
            net, _images(x), torch.tensor(labels), torch.optim.SGD(net.parameters(), lr),
            count=count, batches=lambda: training.shuffled(len(x), BATCH, generator),
        ):  # fmt: skip
            pass
    return net.eval()


def cnn_errors(net: Any, seed: int, task: Task | None = None) -> Errors:
    """The share of digits that the network takes for another."""
    from cnnkit import training

    task = task or digits_task()
    parts = few_digits(seed, task=task), (task.x_validation, task.labels_validation), held_digits()
    return Errors(*(training.error(net, _images(x), labels) for x, labels in parts))


def _images(x: np.ndarray) -> Any:
    """Rows of 64 numbers as a tensor of images of one channel."""
    import torch

    return torch.tensor(x).float().view(-1, 1, 8, 8)


def activations(net: Any, x: np.ndarray, place: str) -> np.ndarray:
    """What comes out of the network's ReLU at that place."""
    import torch

    relus = dict(zip(PLACES, (2, 5, 9), strict=True))
    with torch.no_grad():
        return net[: relus[choice("place", place, PLACES)]](_images(x)).double().numpy()


def guessed(h: np.ndarray, kind: str, *, p: float = 0.5, seed: int = 0, own: bool = False) -> float:
    r"""How well the dropped numbers can be guessed from what the mask left: the share of variance explained, R².

    .. math:: R^2 = 1 - \sum (h - \hat h)^2 / \sum (h - \bar h)^2 \qquad \text{over the dropped numbers}

    In maps (N, C, H, W) the guess for a dropped pixel is linear in its 3×3 neighbourhood after dropout, in all maps
    or in its `own` only; among units (N, n) it is linear in all units after dropout. Fitted on one half of the
    examples (with a little ridge), scored on the other. 0 is no better than the mean, 1 is perfect.
    """
    rng, half = np.random.default_rng(seed), len(h) // 2
    mask = (dropout2d if kind == "channel" else dropout)(h, p, rng=rng)[1]
    missing, total = 0.0, 0.0
    for c in range(h.shape[1]):
        (seen, true, gone), (seen_new, true_new, gone_new) = (
            _examples(h[part], mask[part], c, own) for part in (slice(half), slice(half, None))
        )
        guess = _ridge(seen[gone], true[gone], seen_new[gone_new])
        missing += float(((true_new[gone_new] - guess) ** 2).sum())
        total += float(((true_new[gone_new] - true[gone].mean()) ** 2).sum())
    return 1 - missing / total


def _examples(h: np.ndarray, mask: np.ndarray, c: int, own: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the mask leaves around each number of channel c, the number itself, and whether it was dropped."""
    left = h * mask
    if h.ndim == 2:
        return left, h[:, c], mask[:, c] == 0
    left = left[:, c : c + 1] if own else left
    windows = np.lib.stride_tricks.sliding_window_view(left, (3, 3), axis=(2, 3))  # (N, C, H − 2, W − 2, 3, 3)
    seen = np.moveaxis(windows, 1, 3).reshape(-1, left.shape[1] * 9)
    return seen, h[:, c, 1:-1, 1:-1].ravel(), mask[:, c, 1:-1, 1:-1].ravel() == 0


def _ridge(x: np.ndarray, y: np.ndarray, new: np.ndarray, little: float = 1e-3) -> np.ndarray:
    mean, centre = x.mean(axis=0), y.mean()
    square = (x - mean).T @ (x - mean) / len(x)
    price = (little * np.trace(square) / len(square) + 1e-12) * np.eye(len(square))
    weight = np.linalg.solve(square + price, (x - mean).T @ (y - centre) / len(x))
    return centre + (new - mean) @ weight
