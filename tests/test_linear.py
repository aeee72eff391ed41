"""linear: shapes, empty batches, and what its gradient is for."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cnnkit


@pytest.mark.parametrize("before", [(), (0,), (2,), (2, 0, 3), (2, 3, 4)])
def test_any_number_of_axes_before_the_last(before):
    rng = np.random.default_rng(0)
    x, weight, bias = rng.normal(size=(*before, 3)), rng.normal(size=(5, 3)), rng.normal(size=5)
    y = cnnkit.linear(x, weight, bias)
    assert y.shape == (*before, 5)
    np.testing.assert_allclose(y, F.linear(*map(torch.tensor, (x, weight, bias))), rtol=1e-12)
    dx, dweight, dbias = cnnkit.linear_backward(y, x, weight)
    assert (dx.shape, dweight.shape, dbias.shape) == (x.shape, weight.shape, bias.shape)


def test_an_empty_batch_has_gradients_of_zero():
    dx, dweight, dbias = cnnkit.linear_backward(np.ones((0, 2)), np.ones((0, 3)), np.ones((2, 3)))
    assert dx.shape == (0, 3)
    assert not dweight.any()
    assert not dbias.any()


def test_steps_along_the_gradient_find_the_weights_that_made_the_data():
    rng = np.random.default_rng(0)
    x, true_weight, true_bias = rng.normal(size=(50, 3)), rng.normal(size=(2, 3)), rng.normal(size=2)
    target = cnnkit.linear(x, true_weight, true_bias)
    weight, bias = np.zeros((2, 3)), np.zeros(2)
    for _ in range(300):
        dy = 2 * (cnnkit.linear(x, weight, bias) - target) / len(x)
        _, dweight, dbias = cnnkit.linear_backward(dy, x, weight)
        weight, bias = weight - 0.1 * dweight, bias - 0.1 * dbias
    np.testing.assert_allclose(weight, true_weight, atol=1e-6)
    np.testing.assert_allclose(bias, true_bias, atol=1e-6)
