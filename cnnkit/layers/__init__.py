"""Layers with the names and arguments of `torch.nn`, in NumPy.

    layer = Conv2d(3, 10, 5, stride=2, padding=1)
    output_shape(layer, (3, 32, 32))        # (10, 15, 15): shapes are those of one example, without the batch
    count_parameters(layer, (3, 32, 32))    # 760
    count_macs(layer, (3, 32, 32))          # 168,750 multiply-accumulate operations

A layer says all that without weights. `cnnkit.network.Network` draws them; then it computes: `forward`, `backward`.
A new kind of layer derives from `Layer`: it keeps in `forward` what its `backward` needs.
"""

from cnnkit.layers.count import ALL, KINDS, Row, count_macs, count_parameters, field_of, output_shape, walk
from cnnkit.layers.images import AvgPool2d, Conv2d, Flatten, LocallyConnected2d, MaxPool2d
from cnnkit.layers.init import INITS, weight_std
from cnnkit.layers.layer import Layer, Shape
from cnnkit.layers.norm_dropout import BatchNorm1d, BatchNorm2d, Dropout, Dropout2d
from cnnkit.layers.units import ACTIVATIONS, Activation, Linear

__all__ = [
    "ACTIVATIONS",
    "ALL",
    "INITS",
    "KINDS",
    "Activation",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "Dropout",
    "Dropout2d",
    "Flatten",
    "Layer",
    "Linear",
    "LocallyConnected2d",
    "MaxPool2d",
    "Row",
    "Shape",
    "count_macs",
    "count_parameters",
    "field_of",
    "output_shape",
    "walk",
    "weight_std",
]
