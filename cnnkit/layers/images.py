"""Layers for images: each calls its function on the way forward, and its function's backward on the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from cnnkit._arguments import pair
from cnnkit.convolution import conv2d, conv2d_backward, locally_connected2d, locally_connected2d_backward
from cnnkit.layers.layer import Layer, Shape, WeightLayer, positive
from cnnkit.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from cnnkit.sizes import conv_output_size, paddings


@dataclass(repr=False, unsafe_hash=True)
class Conv2d(WeightLayer):
    r"""A convolution, `conv2d`: weights drawn from a normal distribution, a bias that starts at 0.

    .. math:: fan_{in} = \frac{in\_channels}{groups} k_h k_w, \qquad fan_{out} = \frac{out\_channels}{groups} k_h k_w

    Shapes: x (N, in_channels, H, W), weight (out_channels, in_channels / groups, k_h, k_w), bias (out_channels,),
    y (N, out_channels, H_out, W_out). Without `bias` there is none: before a batch norm it would be taken out again.
    padding is all that `conv2d` takes: 'same' and 'valid', too.
    Errors: ValueError for options that make no sense, here and not at the first batch.

    >>> layer = Conv2d(3, 10, 5, stride=2, padding=1)
    >>> layer.draw(np.random.default_rng(0)).forward(np.ones((7, 3, 32, 32))).shape
    (7, 10, 15, 15)
    """

    in_channels: int
    out_channels: int
    kernel_size: Any
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    groups: int = 1
    bias: bool = True

    def __post_init__(self) -> None:
        positive(self, "in_channels", "out_channels", "groups")
        if self.in_channels % self.groups or self.out_channels % self.groups:
            raise ValueError(
                f"groups={self.groups} must divide in_channels={self.in_channels} and out_channels={self.out_channels}"
            )
        _check_window(self)
        super().__post_init__()

    @property
    def fans(self) -> tuple[int, int]:
        window = prod(_both(self.kernel_size))
        return self.in_channels // self.groups * window, self.out_channels // self.groups * window

    def output_shape(self, shape: Shape) -> Shape:
        return self.out_channels, *_output_size(self, shape, self.in_channels)

    def parameter_shapes(self, shape: Shape | None = None) -> dict[str, Shape]:
        bias: dict[str, Shape] = {"bias": (self.out_channels,)} if self.bias else {}
        return {"weight": (self.out_channels, self.in_channels // self.groups, *_both(self.kernel_size)), **bias}

    def count_macs(self, shape: Shape) -> int:
        return prod(self.output_shape(shape)) * self.fans[0]

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.cache = x
        return conv2d(x, self.weight, self.parameters.get("bias"), **self._options)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx, dweight, dbias = conv2d_backward(dy, self.cached(), self.weight, **self._options)
        self.gradients = dict(zip(self.parameters, (dweight, dbias), strict=False))  # no bias, no gradient of it
        return dx

    @property
    def _options(self) -> dict[str, Any]:
        return {"stride": self.stride, "padding": self.padding, "dilation": self.dilation, "groups": self.groups}


@dataclass(repr=False, unsafe_hash=True)
class LocallyConnected2d(WeightLayer):
    """A convolution that shares no weights: a filter and a bias of its own for each output pixel.

    Shapes: x (N, in_channels, H, W), weight (out_channels, H_out, W_out, in_channels, k_h, k_w),
    bias (out_channels, H_out, W_out). How many places there are depends on the size of the input: `input_size`, an int
    or (height, width), is needed before weights can be drawn.

    >>> LocallyConnected2d(1, 2, 3, input_size=8).draw(np.random.default_rng(0)).weight.shape
    (2, 6, 6, 1, 3, 3)
    """

    in_channels: int
    out_channels: int
    kernel_size: Any
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    bias: bool = True
    input_size: Any = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        positive(self, "in_channels", "out_channels")
        _check_window(self)
        if self.input_size is not None:
            self.output_shape((self.in_channels, *pair("input_size", self.input_size, at_least=1)))
            self.input_size = _of_python(self.input_size)
        super().__post_init__()

    @property
    def fans(self) -> tuple[int, int]:
        window = prod(_both(self.kernel_size))
        return self.in_channels * window, self.out_channels * window

    def output_shape(self, shape: Shape) -> Shape:
        size = _output_size(self, shape, self.in_channels)
        if self.input_size is not None and shape[1:] != _both(self.input_size):
            raise ValueError(f"sizes do not match: the input has shape {shape}, but the layer is {self!r}")
        return self.out_channels, *size

    def parameter_shapes(self, shape: Shape | None = None) -> dict[str, Shape]:
        if shape is None and self.input_size is None:
            raise ValueError(f"{self!r} has a filter for each output pixel: give it an input_size")
        places = self.output_shape(shape or (self.in_channels, *_both(self.input_size)))
        bias = {"bias": places} if self.bias else {}
        return {"weight": (*places, self.in_channels, *_both(self.kernel_size)), **bias}

    def count_macs(self, shape: Shape) -> int:
        return prod(self.output_shape(shape)) * self.fans[0]

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.cache = x
        return locally_connected2d(x, self.weight, self.parameters.get("bias"), **self._options)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx, dweight, dbias = locally_connected2d_backward(dy, self.cached(), self.weight, **self._options)
        self.gradients = dict(zip(self.parameters, (dweight, dbias), strict=False))  # no bias, no gradient of it
        return dx

    @property
    def _options(self) -> dict[str, Any]:
        return {"stride": self.stride, "padding": self.padding, "dilation": self.dilation}


class _Pooling(Layer):
    """What both poolings have in common: nothing to learn, and no products to add up."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_window(self, pooling=True)

    def output_shape(self, shape: Shape) -> Shape:
        return shape[0], *_output_size(self, shape)

    def count_macs(self, shape: Shape) -> int:
        return 0


@dataclass(repr=False, unsafe_hash=True)
class MaxPool2d(_Pooling):
    """Max pooling, `max_pool2d`. Its stride is the kernel's size unless given.

    >>> MaxPool2d(2).forward(np.ones((7, 3, 9, 9))).shape
    (7, 3, 4, 4)
    """

    kernel_size: Any
    stride: Any = None
    padding: Any = 0
    dilation: Any = 1
    ceil_mode: bool = False

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.cache = x
        return max_pool2d(x, **self._options)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return max_pool2d_backward(dy, self.cached(), **self._options)

    @property
    def _options(self) -> dict[str, Any]:
        return {
            "kernel_size": self.kernel_size, "stride": self.stride, "padding": self.padding, "dilation": self.dilation,
            "ceil_mode": self.ceil_mode,
        }  # fmt: skip


@dataclass(repr=False, unsafe_hash=True)
class AvgPool2d(_Pooling):
    """Average pooling, `avg_pool2d`. Its stride is the kernel's size unless given.

    >>> AvgPool2d(2).forward(np.ones((7, 3, 9, 9))).shape
    (7, 3, 4, 4)
    """

    kernel_size: Any
    stride: Any = None
    padding: Any = 0
    ceil_mode: bool = False
    dilation = 1  # no option of it

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.cache = x
        return avg_pool2d(x, **self._options)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return avg_pool2d_backward(dy, self.cached(), **self._options)

    @property
    def _options(self) -> dict[str, Any]:
        return {
            "kernel_size": self.kernel_size, "stride": self.stride, "padding": self.padding,
            "ceil_mode": self.ceil_mode,
        }  # fmt: skip


@dataclass(repr=False, unsafe_hash=True)
class Flatten(Layer):
    """Lay each image out as one row of features: (N, C, H, W) -> (N, C·H·W).

    >>> Flatten().forward(np.ones((7, 3, 4, 4))).shape
    (7, 48)
    """

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def count_macs(self, shape: Shape) -> int:
        return 0

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.cache = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dy.reshape(self.cached())


def _check_window(layer: Any, *, pooling: bool = False) -> None:
    """Refuse options that make no sense for any image, and keep their numbers as Python's: NumPy's overflow."""
    kernels = pair("kernel_size", layer.kernel_size, at_least=1)
    if not pooling or layer.stride is not None:
        pair("stride", layer.stride, at_least=1)
    pair("dilation", layer.dilation, at_least=1)
    if not pooling:
        paddings(layer.padding, layer.kernel_size, stride=layer.stride, dilation=layer.dilation)
    for name in {"kernel_size", "stride", "padding", "dilation"} & layer.arguments.keys():
        setattr(layer, name, _of_python(getattr(layer, name)))
    for k, p in zip(kernels, pair("padding", layer.padding, at_least=0), strict=True) if pooling else ():
        if p > k // 2:  # torch's rule
            raise ValueError(f"padding must be at most half of the kernel, got padding={p} for kernel_size={k}")


def check_image(shape: Shape, channels: int | None = None) -> None:
    """Refuse what is not an image of so many channels."""
    if len(shape) != 3:
        raise ValueError(f"input_shape must be (C, H, W), without the batch, got {shape}")
    if channels is not None and shape[0] != channels:
        raise ValueError(f"channels do not match: the input has {shape[0]}, but the layer is made for {channels}")


def _output_size(layer: Any, shape: Shape, channels: int | None = None) -> tuple[int, int]:
    check_image(shape, channels)
    return conv_output_size(
        shape[1:],
        layer.kernel_size,
        stride=layer.kernel_size if layer.stride is None else layer.stride,
        padding=layer.padding,
        dilation=layer.dilation,
        ceil_mode=getattr(layer, "ceil_mode", False),
    )


def _of_python(value: Any) -> Any:
    """An option, a word or an int or a pair of such, in Python's whole numbers."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(_of_python, value))
    return value if value is None or isinstance(value, str) else int(value)


def _both(value: Any) -> tuple[Any, ...]:
    """An int or a pair as (height, width)."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)
