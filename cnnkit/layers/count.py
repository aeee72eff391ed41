"""What can be said of a layer without its weights: what comes out of it, what it learns, and what it computes."""

from __future__ import annotations

from math import prod
from typing import Any

from cnnkit._arguments import given, integer
from cnnkit.layers.images import AvgPool2d, Conv2d, Flatten, LocallyConnected2d, MaxPool2d
from cnnkit.layers.layer import Layer, Shape
from cnnkit.layers.norm_dropout import BatchNorm1d, BatchNorm2d, Dropout, Dropout2d
from cnnkit.layers.units import Activation, Linear

KINDS = (
    Conv2d, LocallyConnected2d, MaxPool2d, AvgPool2d, BatchNorm2d, BatchNorm1d, Activation, Dropout, Dropout2d, Flatten,
    Linear,
)  # fmt: skip


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
    return sum(map(prod, layer.parameter_shapes(shape).values()))


def count_macs(layer: Any, input_shape: Any) -> int:
    r"""Return how many products a layer adds up (multiply-accumulate operations) for one example.

    A convolution makes :math:`K \cdot H_{out} W_{out} \cdot \frac{C}{groups} k_h k_w`, those with the zeros of the
    padding included; `conv2d_loops` does them one by one. Adding a bias, comparing, and dividing are not counted, so
    pooling costs 0. Batch norm counts one per value: at test time it is one factor and one shift per channel.

    Shapes: `input_shape` is (C, H, W), or (features,) for `Linear`.
    Errors: ValueError if the layer does not take such an input.

    >>> count_macs(Conv2d(3, 10, 5), (3, 32, 32))  # 10·28·28 output pixels, 3·5·5 products each
    588000

    Reference: Howard et al. (2017), MobileNets: Efficient Convolutional Neural Networks, section 3.1.
    """
    layer, shape = _known(layer), _shape(input_shape)
    layer.output_shape(shape)  # refuses what does not fit
    macs = layer.count_macs(shape)
    if macs is None:
        raise ValueError(f"layer must say how many products it adds up, in count_macs; {layer!r} does not")
    return macs


def _known(layer: Any) -> Layer:
    if not isinstance(layer, Layer):
        raise ValueError(f"layer must be one of {', '.join(k.__name__ for k in KINDS)}, got {given(layer)}")
    return layer


def _shape(input_shape: Any) -> Shape:
    if not isinstance(input_shape, (tuple, list)) or not input_shape:
        raise ValueError(f"input_shape must be (C, H, W) or (features,), without the batch, got {given(input_shape)}")
    return tuple(integer("every side of input_shape", side, at_least=1) for side in input_shape)
