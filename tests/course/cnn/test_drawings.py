"""The drawings of notebook 07: their numbers are computed, and those of torch."""

import numpy as np
import pytest
import torch
from torch import nn

from cnnkit.course.cnn import drawings
from cnnkit.course.cnn.usual_net import costs, usual_layers, usual_rows
from cnnkit.training import ExampleNet

ALL = [drawings.draw_network, drawings.draw_costs, drawings.draw_norm, drawings.draw_residual]


@pytest.mark.parametrize("draw", ALL)
def test_a_drawing_fits_and_has_its_sentence(draw):
    picture = draw()
    assert picture.width == 820
    assert picture.height < 300
    assert picture.sentence.endswith(".")
    assert len(picture.sentence.split()) > 20


def test_the_usual_network_is_pytorchs_example():
    theirs = [tuple(parameter.shape) for parameter in ExampleNet().parameters()]
    ours = [shape for layer in usual_layers() for shape in layer.parameter_shapes().values()]
    assert sorted(ours) == sorted(theirs)
    assert [row.output_shape for row in usual_rows()][-1] == (10,)


def test_the_boxes_have_the_shapes_that_torch_gives():
    layers = [nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(9216, 128)]
    x, said = torch.zeros(1, 1, 28, 28), drawings.draw_network().sentence
    for layer in layers:
        x = layer(x)
        assert (" × ".join(map(str, x.shape[1:])) if x.ndim > 2 else f"{x.shape[1]:,}") in said


def test_one_layer_has_the_parameters_and_another_the_products():
    found = costs()
    assert sum(cost.parameters for cost in found) == pytest.approx(1)
    assert sum(cost.products for cost in found) == pytest.approx(1)
    assert max(found, key=lambda cost: cost.parameters).name == "Linear(9216, 128)"
    assert max(found, key=lambda cost: cost.products).name == "Conv2d(32, 64, 3)"
    said = drawings.draw_costs().sentence
    assert all(f"{100 * cost.parameters:.1f} and {100 * cost.products:.1f} %" in said for cost in found)


def test_the_four_numbers_are_torchs():
    layer = nn.BatchNorm2d(1, eps=1e-12).double()
    layer.weight.data, layer.bias.data = torch.full((1,), drawings.GAMMA), torch.full((1,), drawings.BETA)
    y = layer.double()(torch.tensor(drawings.FOUR).double().reshape(4, 1, 1, 1)).detach().numpy().ravel()
    np.testing.assert_allclose(drawings.normalised()["+ β"], y)
    np.testing.assert_allclose(drawings.kept(), (layer.running_mean.item(), layer.running_var.item()))
    assert "+ β 3, 3, 7, 7" in drawings.draw_norm().sentence


def test_a_shortcut_costs_no_weight():
    convolutions = [nn.Conv2d(drawings.CHANNELS, drawings.CHANNELS, 3, padding=1, bias=False) for _ in range(2)]
    y = torch.zeros(1, drawings.CHANNELS, drawings.SIDE, drawings.SIDE)
    weights = sum(layer.weight.numel() for layer in convolutions)
    products = sum(layer(y).numel() * layer.weight[0].numel() for layer in convolutions)
    assert drawings.residual_costs() == (weights, products, y.numel())
    assert f"{weights:,} weights and {products:,} products" in " ".join(drawings.draw_residual().sentence.split())


def test_filters_that_stay_as_they_are_have_a_cosine_of_1():
    start = np.random.default_rng(0).normal(size=(8, 3, 3))
    picture = drawings.draw_filters(start, 2 * start)
    assert "1.00 to 1.00" in picture.sentence
    assert picture.width == 820
    assert "-1.00" in drawings.draw_filters(start, -start).sentence
