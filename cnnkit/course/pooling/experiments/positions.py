"""Where is the dot? What is left of a position when the picture has been made smaller, in pixels of error."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.convolution import conv2d
from cnnkit.course.pooling.experiments.networks import BATCH, network
from cnnkit.network.fit import shuffled
from cnnkit.pooling import avg_pool2d, max_pool2d

SIDE, MARGIN = 16, 3  # pixels of the picture; the dots' centres stay that far from its border
WAYS = ("every pixel", "max", "average", "bilinear", "every n-th", "4 strided filters")


class Dots(NamedTuple):
    """Pictures (N, 1, SIDE, SIDE) and where their dot is, (N, 2), column and row, in pixels from the middle."""

    images: np.ndarray
    places: np.ndarray


def dots(n: int, rng: np.random.Generator, *, width: float = 1.0, noise: float = 0.01) -> Dots:
    r"""Draw one bright dot a picture, :math:`e^{-r^2 / 2 width^2}`, on noise.

    Its centre lies anywhere in the middle 9 × 9 pixels; the noise is normal, with a standard deviation of 0.01.

    >>> dots(3, np.random.default_rng(0)).images.shape
    (3, 1, 16, 16)
    """
    half = (SIDE - 1) / 2
    places = rng.uniform(MARGIN - half, half - MARGIN, (n, 2))
    y, x = np.mgrid[:SIDE, :SIDE] - half
    r2 = (x - places[:, 0, None, None]) ** 2 + (y - places[:, 1, None, None]) ** 2
    images = np.exp(-r2 / (2 * width**2)) + noise * rng.standard_normal((n, SIDE, SIDE))
    return Dots(images[:, None].astype(np.float32), places.astype(np.float32))


def smaller(x: np.ndarray, how: str, factor: int, seed: int = 0) -> np.ndarray:
    """Make pictures `factor` times smaller, an even number, in one of WAYS.

    "bilinear" looks between the four pixels in the middle of each block, as torch's `interpolate` does: with a
    factor of 2 these are the whole block, and it is average pooling. "every n-th" keeps the first pixel of each
    block. "4 strided filters" are random, as large as their stride, so four numbers come from each block.
    """
    choice("how", how, WAYS)
    integer("factor", factor, at_least=2)
    if factor % 2:
        raise ValueError(f"factor must be even, so that bilinear has a middle to look at, got {factor}")
    if how == "every pixel":
        return x
    if how == "max":
        return max_pool2d(x, factor)
    if how == "average":
        return avg_pool2d(x, factor)
    if how == "bilinear":
        start = factor // 2 - 1
        return avg_pool2d(x[..., start:, start:], 2, stride=factor)
    if how == "every n-th":
        return x[..., ::factor, ::factor]
    weight = np.random.default_rng(seed).standard_normal((4, x.shape[1], factor, factor)) / factor
    return conv2d(x, weight, stride=factor)


def read_out_error(how: str, factor: int, seed: int, *, n: int = 1000) -> float:
    """How far off, in pixels, the best linear guess of the place is for n new dots, having seen n: root mean square.

    Least squares from all numbers that are left, and a constant, to column and row.
    """
    rng = np.random.default_rng(seed)
    known, new = dots(n, rng), dots(n, rng)
    rows = [np.c_[smaller(each.images, how, factor, seed).reshape(n, -1), np.ones(n)] for each in (known, new)]
    weights = np.linalg.lstsq(rows[0], known.places, rcond=None)[0]
    return distance(rows[1] @ weights, new.places)


def distance(guesses: np.ndarray, places: np.ndarray) -> float:
    """The root of the mean squared distance.

    >>> distance(np.array([[3.0, 4.0]]), np.array([[0.0, 0.0]]))
    5.0
    """
    return float(np.sqrt(((guesses - places) ** 2).sum(axis=1).mean()))


def blind_error(margin: float = MARGIN) -> float:
    """The error of always answering "the middle", if the dots lie anywhere up to `margin` pixels from the border.

    The dots here keep 3 pixels away, so they lie in the middle 9 × 9; over the whole picture it would be more.

    >>> round(blind_error(), 2), round(blind_error(0), 2)
    (3.67, 6.12)
    """
    return float((SIDE - 1 - 2 * margin) / np.sqrt(12) * np.sqrt(2))


def located(down: str, head: str, seed: int, *, lr: float, count: int, n: int = 1000) -> float:
    """Train a `network` to say where the dot is, `count` epochs of Adam; how far off it is for new dots, in pixels."""
    import torch

    from cnnkit import training

    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    known, new = dots(n, rng), dots(n, rng)
    net: Any = network(down, head, seed=seed, outputs=2, side=SIDE)
    optimiser = torch.optim.Adam(net.parameters(), lr)
    for epoch in training.epochs(
        net, torch.tensor(known[0]), torch.tensor(known[1]), optimiser,
        count=count, batches=lambda: shuffled(n, BATCH, rng), loss=torch.nn.functional.mse_loss,
    ):  # fmt: skip
        training.set_rate(optimiser, lr * (1 - epoch.number / count))
    with torch.no_grad():
        return distance(net(torch.tensor(new.images)).numpy(), new.places)
