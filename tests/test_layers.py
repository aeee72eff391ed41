"""Counts held against torch's modules, and against the products that a convolution in loops really makes."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import cnnkit
from cnnkit import count_macs, count_parameters, locally_connected2d, output_shape
from cnnkit.layers import (
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Dropout2d,
    Flatten,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    PReLU,
    ReLU,
    written,
)
from cnnkit.sizes import ReceptiveField, receptive_field
from tests.operations_convolution import conv2d_by_hand

LAYERS = [
    (Conv2d(3, 10, 5), (3, 32, 32)),
    (Conv2d(3, 10, 5, stride=2, padding=1), (3, 32, 32)),
    (Conv2d(4, 6, (3, 1), stride=(1, 2), padding=(1, 0), dilation=(2, 1), groups=2, bias=False), (4, 9, 8)),
    (MaxPool2d(2), (3, 7, 7)),
    (MaxPool2d(3, 2, 1, 2, True), (3, 12, 9)),
    (AvgPool2d((2, 3), ceil_mode=True), (3, 7, 7)),
    (BatchNorm2d(3), (3, 7, 7)),
    (ReLU(), (3, 7, 7)),
    (BatchNorm1d(7), (7,)),
    (PReLU(), (3, 7, 7)),
    (PReLU(3), (3, 7, 7)),
    (Dropout(0.2), (3, 7, 7)),
    (Dropout2d(0.2), (3, 7, 7)),
    (Flatten(), (3, 7, 7)),
    (Linear(12, 5), (12,)),
    (Linear(12, 5, bias=False), (3, 12)),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=str)
def test_parameters_and_shapes_are_those_of_torchs_module(layer, shape):
    module = getattr(torch.nn, type(layer).__name__)(**layer._asdict())
    assert count_parameters(layer, shape) == sum(p.numel() for p in module.parameters())
    assert output_shape(layer, shape) == module(torch.ones(2, *shape)).shape[1:]


convolutions = st.builds(
    lambda g, c, o, k, s, p, d: Conv2d(g * c, g * o, k, s, p, d, g),
    st.integers(1, 2), st.integers(1, 2), st.integers(1, 2), st.integers(1, 3), st.integers(1, 3),
    st.integers(0, 1), st.integers(1, 2),
)  # fmt: skip


@given(layer=convolutions, height=st.integers(5, 7), width=st.integers(5, 6))
def test_macs_are_the_products_that_the_loops_make(layer, height, width):
    """Every factor is 1, in the padding too, so each product adds 1 to the sum of all outputs."""
    p, k = layer.padding, layer.kernel_size
    x = np.ones((layer.in_channels, height + 2 * p, width + 2 * p), int)
    weight = np.ones((layer.out_channels, layer.in_channels // layer.groups, k, k), int)
    options = {"stride": layer.stride, "padding": 0, "dilation": layer.dilation, "groups": layer.groups}
    y = conv2d_by_hand(x, weight, np.zeros(layer.out_channels, int), **options)
    assert y.sum() == count_macs(layer, (layer.in_channels, height, width))
    assert y.shape == output_shape(layer, (layer.in_channels, height, width))


def test_locally_connected_counts():
    layer = LocallyConnected2d(2, 3, (3, 2), stride=2)
    x, weight, bias = np.ones((2, 7, 6), int), np.ones((3, 3, 3, 2, 3, 2), int), np.zeros((3, 3, 3), int)
    y = locally_connected2d(x, weight, bias, stride=2)
    assert output_shape(layer, x.shape) == y.shape
    assert count_macs(layer, x.shape) == y.sum()
    assert count_parameters(layer, x.shape) == weight.size + bias.size
    assert count_parameters(layer._replace(bias=False), x.shape) == weight.size


def test_what_the_other_layers_compute():
    assert count_macs(Linear(12, 5), (12,)) == 60
    assert count_macs(Linear(12, 5), (3, 12)) == 180
    assert count_macs(BatchNorm2d(3), (3, 4, 4)) == 48
    assert [count_macs(layer, (3, 8, 8)) for layer in (MaxPool2d(2), AvgPool2d(2), ReLU(), Flatten())] == [0] * 4


def test_alexnet_has_its_61_million_parameters_and_714_million_macs():
    """The counts published for torchvision's AlexNet at 224 x 224."""
    layers = [
        Conv2d(3, 64, 11, 4, 2), ReLU(), MaxPool2d(3, 2), Conv2d(64, 192, 5, padding=2), ReLU(), MaxPool2d(3, 2),
        Conv2d(192, 384, 3, padding=1), Conv2d(384, 256, 3, padding=1), Conv2d(256, 256, 3, padding=1), ReLU(),
        MaxPool2d(3, 2), Flatten(), Linear(9216, 4096), Linear(4096, 4096), Linear(4096, 1000),
    ]  # fmt: skip
    shape, parameters, macs = (3, 224, 224), 0, 0
    for layer in layers:
        parameters += count_parameters(layer, shape)
        macs += count_macs(layer, shape)
        shape = output_shape(layer, shape)
    assert (parameters, round(macs / 1e6), shape) == (61_100_840, 714, (1000,))


def test_layers_that_look_at_one_pixel_leave_the_receptive_field_as_it_is():
    pixelwise = [BatchNorm2d(3), ReLU(), PReLU(), Dropout(0.5), Dropout2d(0.5)]
    assert receptive_field([Conv2d(1, 3, 3), *pixelwise]) == [ReceptiveField(3, 1, 0)] * 6
    assert sum(count_macs(layer, (3, 4, 4)) for layer in pixelwise[1:]) == 0
    assert count_macs(BatchNorm1d(7), (7,)) == 7


def test_a_layer_is_written_as_it_can_be_built():
    for layer, _ in LAYERS:
        assert eval(written(layer), vars(cnnkit.layers)) == layer
    assert written(Conv2d(3, 8, (3, 5), padding=1, bias=False)) == "Conv2d(3, 8, (3, 5), padding=1, bias=False)"


@pytest.mark.parametrize("shape", [(6,), (7, 1, 1)])
def test_batch_norm_of_rows_takes_its_own_rows_only(shape):
    with pytest.raises(ValueError, match=r"features do not match: the input has shape .* BatchNorm1d"):
        output_shape(BatchNorm1d(7), shape)
