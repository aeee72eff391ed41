"""What the topics share of activations is what the activations themselves give, and PyTorch's."""

import numpy as np
import pytest
import torch

from cnnkit.course.kit.activations import STEEPEST, TORCH, slope
from cnnkit.network import ACTIVATIONS


def test_the_tables_leave_no_activation_out():
    assert set(STEEPEST) == set(ACTIVATIONS)
    assert set(TORCH) == set(ACTIVATIONS) - {"rrelu", "hardsigmoid"}  # torch's are others


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_no_slope_is_greater_than_the_greatest(name: str):
    z = np.linspace(-30, 30, 600_001)
    assert slope(name, z).max() == pytest.approx(STEEPEST[name], rel=1e-4)


@pytest.mark.parametrize("name", TORCH)
def test_the_slope_is_that_of_pytorchs_class(name: str):
    z = torch.linspace(-5, 5, 41, dtype=torch.float64, requires_grad=True)
    getattr(torch.nn, TORCH[name])().double()(z).sum().backward()
    np.testing.assert_allclose(slope(name, z.detach().numpy()), z.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_options_change_the_slope():
    assert slope("leaky_relu", [-1, 2], negative_slope=0.5).tolist() == [0.5, 1]
