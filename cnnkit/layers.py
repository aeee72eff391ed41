"""Layers described by their numbers alone: what comes out of them, what they learn, and what they compute.

The classes have the names and arguments of `torch.nn`, but no weights and no forward pass: `Conv2d(3, 10, 5, stride=2)`
is a tuple with names. Shapes are those of one example, (C, H, W) or (features,), without the batch.

`cnnkit.network` has the same layers with weights, which compute. Each of those keeps one of these as its `plan`, and
the functions below take either: `count_macs(Conv2d(1, 8, 3), (1, 8, 8))`, `count_macs(net.layers[0], (1, 8, 8))`.
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

from cnnkit._arguments import given, integer, pair
from cnnkit.sizes import conv_output_size

Shape = tuple[int, ...]


def output_shape(layer: Any, input_shape: Any) -> Shape:
    """Return the shape of what `layer` makes of an input of shape `input_shape`, both without the batch.

    Errors: ValueError if the layer does not take such an input.

    >>> output_shape(Conv2d(3, 10, 5, stride=2, padding=1), (3, 32, 32))
    (10, 15, 15)
    """
    return _known(layer).output_shape(_shape(input_shape))


def count_parameters(layer: Any, input_shape: Any) -> int:
    r"""Return how many numbers a layer learns, biases included.

    A convolution learns :math:`K \left(\frac{C}{groups} k_h k_w + 1\right)` whatever the size of its input;
    without weight sharing (`LocallyConnected2d`) it is that many for each output pixel.

    Shapes: `input_shape` is (C, H, W), or (features,) for `Linear`.
    Errors: ValueError if the layer does not take such an input.

    >>> count_parameters(Conv2d(3, 10, 5), (3, 32, 32))  # 10 · (3·5·5 + 1)
    760
    >>> count_parameters(LocallyConnected2d(3, 10, 5), (3, 32, 32))  # 28·28 times as many
    595840
    """
    layer, shape = _known(layer), _shape(input_shape)
    layer.output_shape(shape)  # refuses what does not fit
    return layer.parameters(shape)


def count_macs(layer: Any, input_shape: Any) -> int:
    r"""Return how many products a layer adds up (multiply-accumulate operations) for one example.

    A convolution makes :math:`K \cdot H_{out} W_{out} \cdot \frac{C}{groups} k_h k_w`, those with the zeros of the
    padding included; `conv2d_loops` shows where they are. Adding a bias, comparing, and dividing are not counted, so
    pooling costs 0. Batch norm counts one per value: at test time it is one factor and one shift per channel.

    Shapes: `input_shape` is (C, H, W), or (features,) for `Linear`.
    Errors: ValueError if the layer does not take such an input.

    >>> count_macs(Conv2d(3, 10, 5), (3, 32, 32))  # 10·28·28 output pixels, 3·5·5 products each
    588000

    Reference: Howard et al. (2017), MobileNets: Efficient Convolutional Neural Networks, section 3.1.
    """
    layer, shape = _known(layer), _shape(input_shape)
    layer.output_shape(shape)  # refuses what does not fit
    return layer.macs(shape)


def written(layer: Any) -> str:
    """Write a layer as short as it can be built: without the options that have their usual values.

    >>> written(Conv2d(3, 10, 5, stride=1, padding=2))
    'Conv2d(3, 10, 5, padding=2)'
    """
    layer = _known(layer)
    usual, values = layer._field_defaults, layer._asdict()
    needed = [repr(value) for name, value in values.items() if name not in usual]
    changed = [f"{name}={value!r}" for name, value in values.items() if name in usual and value != usual[name]]
    return f"{type(layer).__name__}({', '.join(needed + changed)})"


class Conv2d(NamedTuple):
    """A convolution."""

    in_channels: int
    out_channels: int
    kernel_size: Any
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    groups: int = 1
    bias: bool = True

    def output_shape(self, shape: Shape) -> Shape:
        _divides(self)
        return self.out_channels, *_output_size(self, shape, self.in_channels)

    def parameters(self, shape: Shape) -> int:
        return self.out_channels * (self.products() + bool(self.bias))

    def macs(self, shape: Shape) -> int:
        return prod(self.output_shape(shape)) * self.products()

    def products(self) -> int:
        """How many products make one output pixel."""
        return self.in_channels // self.groups * prod(pair("kernel_size", self.kernel_size, at_least=1))


class LocallyConnected2d(NamedTuple):
    """A convolution with a filter of its own, and a bias of its own, for each output pixel."""

    in_channels: int
    out_channels: int
    kernel_size: Any
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    bias: bool = True

    def output_shape(self, shape: Shape) -> Shape:
        return self.shared().output_shape(shape)

    def parameters(self, shape: Shape) -> int:
        return prod(self.output_shape(shape)) * (self.shared().products() + bool(self.bias))

    def macs(self, shape: Shape) -> int:
        return self.shared().macs(shape)

    def shared(self) -> Conv2d:
        """The convolution that it would be with shared weights."""
        return Conv2d(*self[:6])


class MaxPool2d(NamedTuple):
    """Max pooling."""

    kernel_size: Any
    stride: Any = None
    padding: Any = 0
    dilation: Any = 1
    ceil_mode: bool = False

    def output_shape(self, shape: Shape) -> Shape:
        return shape[0], *_output_size(self, shape)

    def parameters(self, shape: Shape) -> int:
        return 0

    def macs(self, shape: Shape) -> int:
        return 0


class AvgPool2d(NamedTuple):
    """Average pooling."""

    kernel_size: Any
    stride: Any = None
    padding: Any = 0
    ceil_mode: bool = False

    def output_shape(self, shape: Shape) -> Shape:
        return shape[0], *_output_size(self, shape)

    def parameters(self, shape: Shape) -> int:
        return 0

    def macs(self, shape: Shape) -> int:
        return 0


class BatchNorm2d(NamedTuple):
    """Batch norm: a factor and a shift for each channel."""

    num_features: int

    @property
    def kernel_size(self) -> int:
        """It looks at one pixel at a time: `receptive_field` stays as it is."""
        return 1

    def output_shape(self, shape: Shape) -> Shape:
        _positive(self, "num_features")
        _image(shape, self.num_features)
        return shape

    def parameters(self, shape: Shape) -> int:
        return 2 * self.num_features

    def macs(self, shape: Shape) -> int:
        return prod(shape)


class BatchNorm1d(NamedTuple):
    """Batch norm of rows of features: a factor and a shift for each."""

    num_features: int

    def output_shape(self, shape: Shape) -> Shape:
        _positive(self, "num_features")
        if shape != (self.num_features,):
            raise ValueError(f"features do not match: the input has shape {shape}, but {self!r} takes rows of features")
        return shape

    def parameters(self, shape: Shape) -> int:
        return 2 * self.num_features

    def macs(self, shape: Shape) -> int:
        return prod(shape)


class _Pixelwise:
    """What layers have in common that look at one pixel at a time, learn nothing and multiply nothing at test time."""

    __slots__ = ()

    @property
    def kernel_size(self) -> int:
        """It looks at one pixel at a time: `receptive_field` stays as it is."""
        return 1

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def parameters(self, shape: Shape) -> int:
        return 0

    def macs(self, shape: Shape) -> int:
        return 0


class _Bare(NamedTuple):
    pass


class _Rate(NamedTuple):
    p: float = 0.5


class _Slopes(NamedTuple):
    num_parameters: int = 1


class ReLU(_Pixelwise, _Bare):
    """A rectifier, or any other activation without parameters."""


class PReLU(_Pixelwise, _Slopes):
    """A rectifier that learns its slope below 0."""

    def parameters(self, shape: Shape) -> int:
        return self.num_parameters


class Dropout(_Pixelwise, _Rate):
    """Dropout of single values."""


class Dropout2d(_Pixelwise, _Rate):
    """Dropout of whole channels."""


class Flatten(NamedTuple):
    """An image laid out as one row of features, as `Linear` wants it."""

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def parameters(self, shape: Shape) -> int:
        return 0

    def macs(self, shape: Shape) -> int:
        return 0


class Linear(NamedTuple):
    """A fully connected layer."""

    in_features: int
    out_features: int
    bias: bool = True

    def output_shape(self, shape: Shape) -> Shape:
        _positive(self, "in_features", "out_features")
        if shape[-1] != self.in_features:
            raise ValueError(f"features do not match: the input has {shape[-1]}, but {self!r} takes {self.in_features}")
        return *shape[:-1], self.out_features

    def parameters(self, shape: Shape) -> int:
        return self.out_features * (self.in_features + bool(self.bias))

    def macs(self, shape: Shape) -> int:
        return prod(shape) * self.out_features


KINDS = (
    Conv2d, LocallyConnected2d, MaxPool2d, AvgPool2d, BatchNorm2d, BatchNorm1d, ReLU, PReLU, Dropout, Dropout2d,
    Flatten, Linear,
)  # fmt: skip


def _known(layer: Any) -> Any:
    layer = getattr(layer, "plan", layer)  # of a layer with weights
    if not isinstance(layer, KINDS):
        raise ValueError(f"layer must be one of {', '.join(k.__name__ for k in KINDS)}, got {given(layer)}")
    return layer


def _shape(input_shape: Any) -> Shape:
    if not isinstance(input_shape, (tuple, list)) or not input_shape:
        raise ValueError(f"input_shape must be (C, H, W) or (features,), without the batch, got {given(input_shape)}")
    return tuple(integer("every side of input_shape", side, at_least=1) for side in input_shape)


def _image(shape: Shape, channels: int | None = None) -> None:
    """Refuse what is not an image of so many channels."""
    if len(shape) != 3:
        raise ValueError(f"input_shape must be (C, H, W), without the batch, got {shape}")
    if channels is not None and shape[0] != channels:
        raise ValueError(f"channels do not match: the input has {shape[0]}, but the layer is made for {channels}")


def _output_size(layer: Any, shape: Shape, channels: int | None = None) -> tuple[int, int]:
    _image(shape, channels)
    kernels, paddings = pair("kernel_size", layer.kernel_size, at_least=1), pair("padding", layer.padding, at_least=0)
    for k, p in zip(kernels, paddings, strict=True):
        if channels is None and p > k // 2:  # pooling; torch's rule
            raise ValueError(f"padding must be at most half of the kernel, got padding={p} for kernel_size={k}")
    return conv_output_size(
        shape[1:],
        layer.kernel_size,
        stride=layer.kernel_size if layer.stride is None and channels is None else layer.stride,  # pooling's default
        padding=layer.padding,
        dilation=getattr(layer, "dilation", 1),
        ceil_mode=getattr(layer, "ceil_mode", False),
    )


def _divides(layer: Conv2d) -> None:
    _positive(layer, "in_channels", "out_channels", "groups")
    if layer.in_channels % layer.groups or layer.out_channels % layer.groups:
        raise ValueError(
            f"groups={layer.groups} must divide in_channels={layer.in_channels} and out_channels={layer.out_channels}"
        )


def _positive(layer: Any, *names: str) -> None:
    for name in names:
        integer(name, getattr(layer, name), at_least=1)
