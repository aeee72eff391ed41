"""What sharing weights means, measured: matrices, gradients, images that move, and what layers cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from cnnkit.convolution import conv2d, conv2d_backward, locally_connected2d, locally_connected2d_backward
from cnnkit.layers import Conv2d, Linear, LocallyConnected2d, count_macs, count_parameters
from cnnkit.matrices import conv_matrix, local_matrix, shift

LAYERS = ("fully connected", "locally connected", "convolution")


class Setting(NamedTuple):
    """A picture x (C, H, W), filters (K, C, k_h, k_w), and options of a convolution that fit them."""

    x: np.ndarray
    weight: np.ndarray
    options: dict[str, Any]


def random_setting(seed: int) -> Setting:
    """Some convolution: 1 to 3 channels and filters, kernels of 1 to 3 pixels, and whatever stride, padding, dilation.

    >>> random_setting(0).x.ndim
    3
    """
    rng = np.random.default_rng(seed)
    channels, filters, *kernel = rng.integers(1, 4, 4).tolist()
    options = {"stride": rng.integers(1, 4, 2), "padding": rng.integers(0, 3, 2), "dilation": rng.integers(1, 3, 2)}
    x = rng.standard_normal((channels, *rng.integers(6, 9, 2)))
    weight = rng.standard_normal((filters, channels, *kernel))
    return Setting(x, weight, {name: tuple(pair.tolist()) for name, pair in options.items()})


def untied(weight: np.ndarray, places: tuple[int, ...]) -> np.ndarray:
    """A copy of each filter for each place: the weights of a `locally_connected2d` that computes the convolution.

    >>> untied(np.ones((10, 3, 5, 5)), (28, 28)).shape
    (10, 28, 28, 3, 5, 5)
    """
    return np.broadcast_to(weight[:, None, None], (len(weight), *places, *weight.shape[1:]))


def matrix_difference(seed: int) -> float:
    """The largest difference between a random convolution and its matrix, of either kind, in float64."""
    x, weight, options = random_setting(seed)
    y, size = conv2d(x, weight, **options), x.shape[1:]
    tied = conv_matrix(weight, size, **options) @ x.ravel()
    copies = local_matrix(untied(weight, y.shape[1:]), size, **options) @ x.ravel()
    return float(max(np.abs(y.ravel() - each).max() for each in (tied, copies)))


def gradient_difference(seed: int) -> float:
    """How far the gradient of a shared weight is from the sum over the untied ones, in a random convolution."""
    x, weight, options = random_setting(seed)
    dy = np.random.default_rng(seed).standard_normal(conv2d(x, weight, **options).shape)
    shared = conv2d_backward(dy, x, weight, **options)[1]
    own = locally_connected2d_backward(dy, x, untied(weight, dy.shape[1:]), **options)[1]
    return float(np.abs(shared - own.sum(axis=(1, 2))).max())


def follows(layer: Callable[[np.ndarray], np.ndarray], x: np.ndarray, right: int, moved: int) -> np.ndarray:
    """Where a layer's maps move by `moved` places when its picture moves by `right` pixels: True or False for each.

    Shapes: x (C, H, W) -> (H_out, W_out).

    >>> follows(lambda x: 2 * x, np.ones((1, 2, 2)), 1, 1)
    array([[ True,  True],
           [ True,  True]])
    """
    expected, after = shift(layer(x), 0, moved), layer(shift(x, 0, right))
    return np.isclose(after, expected, rtol=1e-9, atol=1e-12).all(axis=0)


def layers(seed: int, size: int, *, kernel_size: int = 3, filters: int = 4, **options: Any) -> dict[str, Callable]:
    """A convolution and a locally connected layer for pictures (1, size, size), random weights from one seed."""
    rng = np.random.default_rng(seed)
    weight = rng.standard_normal((filters, 1, kernel_size, kernel_size))
    places = conv2d(np.zeros((1, size, size)), weight, **options).shape[1:]
    own = rng.standard_normal(untied(weight, places).shape)
    return {
        "convolution": lambda x: conv2d(x, weight, **options),
        "locally connected": lambda x: locally_connected2d(x, own, **options),
    }


class Cost(NamedTuple):
    """What a layer learns (without biases) and how many products it makes for one picture."""

    weights: int
    macs: int


def costs(size: int, *, channels: int = 3, filters: int = 10, kernel_size: int = 5) -> dict[str, Cost]:
    """Layers that make `filters` maps of size × size from as large a picture, fully, locally connected, and shared.

    >>> costs(32)["convolution"], costs(32)["locally connected"].weights
    (Cost(weights=750, macs=768000), 768000)
    """
    shape, pixels = (channels, size, size), size * size
    options: dict[str, Any] = {"padding": (kernel_size - 1) // 2, "bias": False}
    kinds = (
        (Linear(channels * pixels, filters * pixels, bias=False), (channels * pixels,)),
        (LocallyConnected2d(channels, filters, kernel_size, **options), shape),
        (Conv2d(channels, filters, kernel_size, **options), shape),
    )
    counted = (Cost(count_parameters(layer, shape), count_macs(layer, shape)) for layer, shape in kinds)
    return dict(zip(LAYERS, counted, strict=True))
