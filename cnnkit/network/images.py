"""Layers for images: each keeps its options and calls its function on the way forward, its backward on the way back."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit import layers
from cnnkit._arguments import integer
from cnnkit.convolution import conv2d, conv2d_backward, locally_connected2d, locally_connected2d_backward
from cnnkit.network.layer import Layer
from cnnkit.network.start import draw_weight
from cnnkit.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward

LARGE = 10**6  # pixels: an image that every kernel fits into


class Conv2d(Layer):
    r"""A convolution, `conv2d`: weights drawn from a normal distribution, a bias that starts at 0.

    .. math:: fan_{in} = \frac{in\_channels}{groups} k_h k_w, \qquad fan_{out} = \frac{out\_channels}{groups} k_h k_w

    Shapes: x (N, in_channels, H, W), weight (out_channels, in_channels / groups, k_h, k_w), bias (out_channels,),
    y (N, out_channels, H_out, W_out). Without `bias` there is none: before a batch norm it would be taken out again.
    Errors: ValueError for options that make no sense, here and not at the first batch.

    >>> Conv2d(3, 10, 5, stride=2, padding=1, rng=np.random.default_rng(0)).forward(np.ones((7, 3, 32, 32))).shape
    (7, 10, 15, 15)
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0,
        dilation: Any = 1, groups: int = 1, bias: bool = True, *,
        rng: np.random.Generator, init: str = "he", gain: float = 1.0, dtype: Any = np.float64,
    ) -> None:  # fmt: skip
        self.plan = layers.Conv2d(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias)
        _sound(self.plan, in_channels)
        shape = (out_channels, in_channels // groups, *_pair(kernel_size))
        fan_in = self.plan.products()
        fans = fan_in, fan_in * out_channels // in_channels
        weight = draw_weight(shape, *fans, rng=rng, init=init, gain=gain, dtype=dtype)
        super().__init__(weight=weight, **({"bias": np.zeros(out_channels, weight.dtype)} if bias else {}))
        self.options: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.seen = x
        return conv2d(x, self.parameters["weight"], self.parameters.get("bias"), **self.options)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx, dweight, dbias = conv2d_backward(dy, self.remembered(), self.parameters["weight"], **self.options)
        self.gradients = dict(zip(self.parameters, (dweight, dbias), strict=False))  # no bias, no gradient of it
        return dx


class LocallyConnected2d(Layer):
    """A convolution that shares no weights: a filter and a bias of its own for each output pixel.

    Shapes: x (N, in_channels, *input_size), weight (out_channels, H_out, W_out, in_channels, k_h, k_w),
    bias (out_channels, H_out, W_out). The number of places depends on `input_size`, an int or (height, width).

    >>> rng = np.random.default_rng(0)
    >>> LocallyConnected2d(1, 2, 3, input_size=8, rng=rng).parameters["weight"].shape
    (2, 6, 6, 1, 3, 3)
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0, *,
        input_size: Any, rng: np.random.Generator, init: str = "he", gain: float = 1.0, dtype: Any = np.float64,
    ) -> None:  # fmt: skip
        self.plan = layers.LocallyConnected2d(in_channels, out_channels, kernel_size, stride, padding)
        places = layers.output_shape(self.plan, (in_channels, *_pair(input_size)))
        fan_in = self.plan.shared().products()
        fans, shape = (fan_in, fan_in * out_channels // in_channels), (*places, in_channels, *_pair(kernel_size))
        weight = draw_weight(shape, *fans, rng=rng, init=init, gain=gain, dtype=dtype)
        super().__init__(weight=weight, bias=np.zeros(places, weight.dtype))
        self.options: dict[str, Any] = {"stride": stride, "padding": padding}

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.seen = x
        return locally_connected2d(x, self.parameters["weight"], self.parameters["bias"], **self.options)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        weight = self.parameters["weight"]
        dx, dweight, dbias = locally_connected2d_backward(dy, self.remembered(), weight, **self.options)
        self.gradients = {"weight": dweight, "bias": dbias}
        return dx


class MaxPool2d(Layer):
    """Max pooling, `max_pool2d`. Its stride is the kernel's size unless given.

    >>> MaxPool2d(2).forward(np.ones((7, 3, 9, 9))).shape
    (7, 3, 4, 4)
    """

    def __init__(
        self, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.plan = layers.MaxPool2d(kernel_size, stride, padding, dilation, ceil_mode)
        _sound(self.plan)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.seen = x
        return max_pool2d(x, **self.plan._asdict())

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return max_pool2d_backward(dy, self.remembered(), **self.plan._asdict())


class AvgPool2d(Layer):
    """Average pooling, `avg_pool2d`. Its stride is the kernel's size unless given.

    >>> AvgPool2d(2).forward(np.ones((7, 3, 9, 9))).shape
    (7, 3, 4, 4)
    """

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False) -> None:
        super().__init__()
        self.plan = layers.AvgPool2d(kernel_size, stride, padding, ceil_mode)
        _sound(self.plan)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.seen = x
        return avg_pool2d(x, **self.plan._asdict())

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return avg_pool2d_backward(dy, self.remembered(), **self.plan._asdict())


class Flatten(Layer):
    """Lay each image out as one row of features: (N, C, H, W) -> (N, C·H·W).

    >>> Flatten().forward(np.ones((7, 3, 4, 4))).shape
    (7, 48)
    """

    def __init__(self) -> None:
        super().__init__()
        self.plan = layers.Flatten()

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.seen = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy.reshape(self.remembered())


def _sound(plan: Any, channels: Any = 1) -> None:
    """Refuse options that make no sense for any image."""
    layers.output_shape(plan, (integer("in_channels", channels, at_least=1), LARGE, LARGE))


def _pair(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)
