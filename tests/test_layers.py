"""Counts held against torch's modules, and against the products that a convolution in loops really makes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import cnnkit
from cnnkit import count_macs, count_parameters, locally_connected2d, output_shape
from cnnkit.layers import (
    ALL,
    Activation,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Dropout2d,
    Flatten,
    Layer,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    walk,
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
    (BatchNorm1d(7), (7,)),
    (Dropout(0.2), (3, 7, 7)),
    (Dropout2d(0.2), (3, 7, 7)),
    (Flatten(), (3, 7, 7)),
    (Linear(12, 5), (12,)),
    (Linear(12, 5, bias=False), (3, 12)),
]


ACTIVATIONS = [  # torch has a class for each
    (Activation("relu"), torch.nn.ReLU()),
    (Activation("prelu"), torch.nn.PReLU()),
    (Activation("prelu", weight=[0.25, 0.5, 0.75]), torch.nn.PReLU(3)),
    (Activation("leaky_relu", negative_slope=0.2), torch.nn.LeakyReLU(0.2)),
    (Activation("hardswish"), torch.nn.Hardswish()),
    (Activation("mish"), torch.nn.Mish()),
]


@pytest.mark.parametrize(
    ("layer", "module", "shape"),
    [(layer, getattr(torch.nn, type(layer).__name__)(**layer.arguments), shape) for layer, shape in LAYERS]
    + [(layer, module, (3, 7, 7)) for layer, module in ACTIVATIONS],
    ids=str,
)
def test_parameters_and_shapes_are_those_of_torchs_module(layer, module, shape):
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
    assert count_parameters(replace(layer, bias=False), x.shape) == weight.size


def test_what_the_other_layers_compute():
    assert count_macs(Linear(12, 5), (12,)) == 60
    assert count_macs(Linear(12, 5), (3, 12)) == 180
    assert count_macs(BatchNorm2d(3), (3, 4, 4)) == 48
    for layer in (MaxPool2d(2), AvgPool2d(2), Activation("relu"), Flatten()):
        assert count_macs(layer, (3, 8, 8)) == 0


def test_alexnet_has_its_61_million_parameters_and_714_million_macs():
    """The counts published for torchvision's AlexNet at 224 x 224."""
    relu = Activation("relu")
    layers = [
        Conv2d(3, 64, 11, 4, 2), relu, MaxPool2d(3, 2), Conv2d(64, 192, 5, padding=2), relu, MaxPool2d(3, 2),
        Conv2d(192, 384, 3, padding=1), Conv2d(384, 256, 3, padding=1), Conv2d(256, 256, 3, padding=1), relu,
        MaxPool2d(3, 2), Flatten(), Linear(9216, 4096), Linear(4096, 4096), Linear(4096, 1000),
    ]  # fmt: skip
    rows = list(walk(layers, (3, 224, 224)))
    assert sum(row.parameters for row in rows) == 61_100_840
    assert round(sum(row.macs for row in rows) / 1e6) == 714
    assert rows[-1].output_shape == (1000,)
    assert [row.field.size for row in rows[:12]] == [11, 11, 19, 51, 51, 67, 99, 131, 163, 163, 195, 195]
    assert {row.field for row in rows[12:]} == {ALL}


def test_a_walk_counts_each_layer_on_what_the_one_before_puts_out():
    layers = [
        Conv2d(1, 4, (3, 5), padding=1), BatchNorm2d(4), Activation("prelu"), AvgPool2d(2), Dropout(0.5),
        LocallyConnected2d(4, 2, 2), Flatten(), Linear(24, 5), BatchNorm1d(5), Linear(5, 3, bias=False),
    ]  # fmt: skip
    rows, shape = list(walk(iter(layers), (1, 8, 12))), (1, 8, 12)
    for n, (row, layer) in enumerate(zip(rows, layers, strict=True), 1):
        assert row.layer is layer
        assert (row.input_shape, row.output_shape) == (shape, output_shape(layer, shape))
        assert (row.parameters, row.macs) == (count_parameters(layer, shape), count_macs(layer, shape))
        if n <= 6:
            assert row.field == receptive_field(layers[:n])[-1]
        shape = row.output_shape
    assert [row.field for row in rows[6:]] == [rows[5].field, ALL, ALL, ALL]


def test_a_walk_goes_as_far_as_the_layers_fit():
    steps = walk([Conv2d(1, 4, 3), Conv2d(3, 4, 3), Flatten()], (1, 8, 8))
    assert next(steps).output_shape == (4, 6, 6)
    with pytest.raises(ValueError, match="channels do not match: the input has 4, but the layer is made for 3"):
        next(steps)


class Halved(Layer):
    """A layer of one's own, which says nothing but what it computes."""

    def __init__(self):
        super().__init__()
        self.parameters = {"scale": np.full(3, 0.5)}

    def forward(self, x, *, training=False):
        self.cache = x
        return self.parameters["scale"][:, None, None] * x[..., ::2]


def test_a_layer_of_ones_own_is_tried_out_and_nothing_is_said_of_what_it_does_not_say():
    own = Halved()
    own.forward(np.ones((1, 3, 2, 2)))
    rows = list(walk([Conv2d(1, 3, 3), own, MaxPool2d(2), Flatten(), Linear(27, 2)], (1, 8, 14)))
    assert rows[1][2:] == ((3, 6, 6), 3, None, None)
    assert [row.field for row in rows[2:]] == [None] * 3
    assert rows[2].macs == 0
    assert own.cache.shape == (1, 3, 2, 2)
    with pytest.raises(ValueError, match=r"layer must say how many products it adds up, in count_macs; Halved\(\)"):
        count_macs(own, (3, 4, 4))
    with pytest.raises(ValueError, match=r"layer must be one of Conv2d, .*, got 'relu'"):
        list(walk(["relu"], (3, 4, 4)))


def test_layers_that_look_at_one_pixel_leave_the_receptive_field_as_it_is():
    pixelwise = [BatchNorm2d(3), Activation("relu"), Activation("prelu"), Dropout(0.5), Dropout2d(0.5)]
    assert receptive_field([Conv2d(1, 3, 3), *pixelwise]) == [ReceptiveField(3, 1, 0)] * 6
    assert sum(count_macs(layer, (3, 4, 4)) for layer in pixelwise[1:]) == 0
    assert count_macs(BatchNorm1d(7), (7,)) == 7


def test_a_layer_is_written_as_it_can_be_built():
    others = [LocallyConnected2d(1, 2, 3, input_size=(8, 9)), BatchNorm2d(3, momentum=0.3)]
    for layer in (*(layer for layer, _ in (*LAYERS, *ACTIVATIONS)), *others):
        again = eval(repr(layer), vars(cnnkit.layers))
        assert (again, hash(again)) == (layer, hash(layer))
    assert repr(Conv2d(3, 8, (3, 5), padding=1, bias=False)) == "Conv2d(3, 8, (3, 5), padding=1, bias=False)"
    assert repr(LocallyConnected2d(3, 10, 5, stride=1, padding=2)) == "LocallyConnected2d(3, 10, 5, padding=2)"


def test_layers_are_equal_if_they_are_built_alike_and_only_then():
    assert Conv2d(1, 8, 3, 1) == Conv2d(1, 8, 3).draw(np.random.default_rng(0))
    assert Conv2d(1, 8, 3) != LocallyConnected2d(1, 8, 3)
    assert Dropout(0.5) != Dropout2d(0.5)
    assert Activation("elu") != Activation("elu", alpha=0.5)
    assert BatchNorm2d(3) != BatchNorm1d(3)


@pytest.mark.parametrize("shape", [(6,), (7, 1, 1)])
def test_batch_norm_of_rows_takes_its_own_rows_only(shape):
    with pytest.raises(ValueError, match=r"features do not match: the input has shape .* BatchNorm1d"):
        output_shape(BatchNorm1d(7), shape)
