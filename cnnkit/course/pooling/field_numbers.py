"""What one unit sees of the input: by the formula, and by where a gradient arrives."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.layers import AvgPool2d, Conv2d, MaxPool2d
from cnnkit.network import Network
from cnnkit.sizes import receptive_field

HELPS = ("nothing", "max pooling", "average pooling", "stride 2", "dilation 1, 2, 4, …", "dilation 2")
WEIGHTS = ("equal", "random")
MOST = 5  # convolutions
Windowed = Conv2d | MaxPool2d | AvgPool2d


def build_stack(convolutions: int, kernel_size: int, help_by: str) -> list[Windowed]:
    """Return so many convolutions, with what is to widen their view.

    help_by   one of HELPS; pooling is 2 x 2 with stride 2, after each convolution but the last

    >>> [layer.kernel_size for layer in build_stack(3, 5, "max pooling")]
    [5, 2, 5, 2, 5]
    """
    choice("help_by", help_by, HELPS)
    layers: list[Windowed] = []
    for number in range(integer("convolutions", convolutions, at_least=1)):
        dilation = {"dilation 2": 2, "dilation 1, 2, 4, …": 2**number}.get(help_by, 1)
        stride = 2 if help_by == "stride 2" else 1
        layers.append(Conv2d(1, 1, kernel_size, stride, dilation=dilation, bias=False))
        if help_by.endswith("pooling") and number < convolutions - 1:
            layers.append(MaxPool2d(2, 2) if help_by == "max pooling" else AvgPool2d(2, 2))
    return layers


class Measured(NamedTuple):
    """The gradient of one unit in the middle of the last layer, with respect to the input.

    size       how many rows it spans, from the first that is not 0 to the last
    strength   its size at each pixel of the field, averaged over the pictures, (r, r)
    across     how many columns it spans: with max pooling it can be more than the rows, or fewer
    """

    size: int
    strength: np.ndarray
    across: int


@lru_cache(maxsize=64)
def measure(layers: tuple[Windowed, ...], *, weights: str = "equal", pictures: int = 1, seed: int = 0) -> Measured:
    """Send a gradient of 1 back from one unit of the last layer, on random pictures, and see where it arrives.

    The pictures are so large that the last layer has 3 x 3 units; the middle one is asked. A field wider than the
    formula's would show. Only max pooling looks at the pictures: which pixel wins depends on them.

    weights   "equal", or "random": drawn from a normal distribution
    pictures  over how many the gradient's size is averaged, where there is max pooling

    >>> conv = Conv2d(1, 1, 3, bias=False)
    >>> (81 * measure((conv, conv)).strength).round()[2]  # so many ways lead to the middle row
    array([3., 6., 9., 6., 3.], dtype=float32)

    Reference: Luo et al. (2016), Understanding the Effective Receptive Field in Deep Convolutional Neural Networks.
    """
    choice("weights", weights, WEIGHTS)
    rng, need = np.random.default_rng(seed), receptive_field(layers)[-1]
    side = need.size + 2 * need.jump
    largest = any(isinstance(layer, MaxPool2d) for layer in layers)
    x = rng.normal(size=(pictures if largest else 1, 1, side, side)).astype(np.float32)
    dx = unit_gradient(layers, [_weight(layer, weights, rng) for layer in layers], x)
    strength = np.abs(dx[:, 0]).mean(axis=0)
    rows, columns = (np.flatnonzero(strength.any(axis=axis)) for axis in (1, 0))
    inside = slice(need.jump, need.jump + need.size)
    return Measured(int(np.ptp(rows)) + 1, strength[inside, inside], int(np.ptp(columns)) + 1)


def _weight(layer: Windowed, weights: str, rng: np.random.Generator) -> np.ndarray:
    """The weight of a convolution. Numbers are drawn for a pooling, too, and left unused."""
    shape = (1, 1, layer.kernel_size, layer.kernel_size)
    drawn = rng.normal(size=shape) if weights == "random" else np.ones(shape)
    return (drawn / layer.kernel_size**2).astype(np.float32)


def unit_gradient(layers: Sequence[Windowed], weights: Sequence[np.ndarray], x: np.ndarray) -> np.ndarray:
    """The gradient of the unit in the middle of the last layer with respect to the pictures x (N, 1, H, W).

    `weights` holds one for each layer; those of poolings are left unused. `layers` stay as they are.

    >>> unit_gradient([AvgPool2d(2)], [np.ones(0)], np.ones((1, 1, 2, 2)))[0, 0]
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    copies = [deepcopy(layer) for layer in layers]
    for layer, weight in zip(copies, weights, strict=True):
        if isinstance(layer, Conv2d):
            layer.parameters = {"weight": weight}
    net = Network(copies)
    dy = np.zeros_like(net.forward(x))
    dy[..., dy.shape[-2] // 2, dy.shape[-1] // 2] = 1
    return net.backward(dy)


def inner(field: int) -> int:
    """The side of the field's inner quarter: so many pixels lie less than a quarter of the field from its middle.

    >>> [inner(field) for field in (7, 15, 18)]
    [3, 7, 8]
    """
    return max(1, int((np.abs(np.arange(field) - (field - 1) / 2) < field / 4).sum()))
