"""What pooling makes of feature maps whose picture moves, and which pixels a stack of layers sees: nothing is trained.

Pictures lie on a ring, as in `networks`: what leaves on one side comes in on the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.activations import relu
from cnnkit.convolution import conv2d
from cnnkit.course.pooling.experiments.pictures import relative_change
from cnnkit.course.pooling.field_numbers import Windowed, unit_gradient
from cnnkit.layers import Conv2d, MaxPool2d
from cnnkit.pooling import avg_pool2d, max_pool2d

HALVINGS = ("every second", "max", "average", "blurred max")


def on_ring(x: np.ndarray, before: int, after: int) -> np.ndarray:
    """Continue pictures (N, C, H, W) on each side with what lies on the other.

    >>> on_ring(np.array([[[[1, 2, 3]]]]), 0, 1)[0, 0]
    array([[1, 2, 3, 1],
           [1, 2, 3, 1]])
    """
    return np.pad(x, ((0, 0), (0, 0), (before, after), (before, after)), mode="wrap")


def blur(x: np.ndarray) -> np.ndarray:
    """Average each pixel with its neighbours: [1 2 1]ᵀ · [1 2 1] / 16, each channel for itself.

    >>> blur(np.array([[[[0.0, 0, 4, 4]]]]))[0, 0]
    array([[1., 1., 3., 3.]])
    """
    n, channels, height, width = x.shape
    taps = np.outer([1, 2, 1], [1, 2, 1]) / 16
    maps = on_ring(x, 1, 1).reshape(n * channels, 1, height + 2, width + 2)
    return conv2d(maps, taps[None, None]).reshape(x.shape)


def halved(x: np.ndarray, how: str) -> np.ndarray:
    """Half the height and width, in one of HALVINGS.

    "every second" pixel is kept as it is; "max" and "average" pool 2×2 with stride 2; "blurred max" pools 2×2 with
    stride 1, blurs, and keeps every second pixel.

    Reference: Zhang (2019), Making convolutional networks shift-invariant again, section 3.2.

    >>> x = np.array([[[[0.0, 0, 1, 1, 0, 0, 1, 1]] * 2]])
    >>> halved(x, "max")[0, 0, 0], halved(x, "blurred max")[0, 0, 0]
    (array([0., 1., 0., 1.]), array([0.5, 1. , 0.5, 1. ]))
    """
    choice("how", how, HALVINGS)
    if how == "max":
        return max_pool2d(x, 2)
    if how == "average":
        return avg_pool2d(x, 2)
    if how == "blurred max":
        x = blur(max_pool2d(on_ring(x, 0, 1), 2, stride=1))
    return x[..., ::2, ::2]


def random_maps(x: np.ndarray, seed: int, *, filters: int = 8) -> np.ndarray:
    """One convolution with random 3×3 filters and a ReLU: what the first layer of an untrained network gives."""
    weight = np.random.default_rng(seed).standard_normal((filters, x.shape[1], 3, 3))
    return relu(conv2d(on_ring(x, 1, 1), weight))


def map_changes(
    movements: Sequence[np.ndarray],
    hows: Sequence[str],
    seeds: Iterable[int],
    *,
    times: int = 1,
    against: str = "itself",
) -> dict[str, np.ndarray]:
    """How much maps change with each movement of the picture, halved so many times in each way: (seeds, movements).

    The first of the movements is taken for the picture unmoved; "none" is the maps as they are. Each seed draws
    `random_maps` of its own. What it is measured `against`: see `relative_change`.
    """
    found: dict[str, list[list[float]]] = {how: [] for how in hows}
    for seed in seeds:
        maps = [random_maps(x, seed) for x in movements]
        for how in hows:
            before, *after = [each if how == "none" else pooled(each, how, times) for each in maps]
            found[how].append([relative_change(before, each, against) for each in (before, *after)])
    return {how: np.array(changes) for how, changes in found.items()}


def pooled(x: np.ndarray, how: str, times: int) -> np.ndarray:
    """`halved`, so many times."""
    for _ in range(integer("times", times, at_least=0)):
        x = halved(x, how)
    return x


def share_unchanged(before: np.ndarray, after: np.ndarray, *, within: float = 1e-6) -> float:
    """The share of values that stay the same, `within` rounding, among those that are not 0 before and after.

    What is not larger than `within` counts as 0: where a picture is empty, its interpolation leaves 1e-9.

    >>> share_unchanged(np.array([0, 0, 1, 2]), np.array([0, 3, 1, 5]))
    0.3333333333333333
    """
    alive = (np.abs(before) > within) | (np.abs(after) > within)
    return float((np.abs(after - before) <= within)[alive].mean())


def field_gradient(layers: Sequence[Windowed], size: int, seed: int | None = None) -> np.ndarray:
    """The gradient of one output in the middle with respect to each of size × size input pixels.

    `layers` are of `cnnkit.layers`: Conv2d (its kernel only: one channel, weights of 1, or random with a `seed`),
    AvgPool2d, and MaxPool2d, whose winners are those of random pictures, 200 of them, added up.
    """
    rng = np.random.default_rng(0 if seed is None else seed)
    largest = any(isinstance(layer, MaxPool2d) for layer in layers)
    x = rng.standard_normal((200 if largest else 1, 1, size, size))
    shapes = [(1, 1, layer.kernel_size, layer.kernel_size) if isinstance(layer, Conv2d) else (0,) for layer in layers]
    weights = [np.ones(shape) if seed is None else rng.standard_normal(shape) for shape in shapes]
    dx = unit_gradient(layers, weights, x)
    return dx.sum(axis=(0, 1)) if seed is None else np.abs(dx).sum(axis=(0, 1))


def extent(gradient: np.ndarray) -> int:
    """From the first column that receives anything to the last: the width of what is seen."""
    columns = np.flatnonzero(np.abs(gradient).sum(axis=0))
    return int(columns[-1] - columns[0] + 1)


def middle_share(gradient: np.ndarray, part: float = 0.5) -> float:
    """How much of the gradient arrives in the middle of what is seen: in `part` of its width and of its height.

    >>> middle_share(np.ones((8, 8)))
    0.25
    """
    seen = np.abs(gradient)
    sides = []
    for axis in (0, 1):
        alive = np.flatnonzero(seen.sum(axis=1 - axis))
        middle, half = (alive[0] + alive[-1]) / 2, part * (alive[-1] - alive[0] + 1) / 2
        sides.append(np.abs(np.arange(seen.shape[axis]) - middle) < half)
    rows, columns = sides
    return float(seen[rows][:, columns].sum() / seen.sum())
