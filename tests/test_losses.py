"""Softmax and cross entropy at the edges: huge scores, infinities, float16, empty batches."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cnnkit

INF = np.inf
ROWS = [
    [1e4, -1e4, 0.0],
    [-1e4, -1e4, -1e4],
    [3e4, -3e4, -INF],
    [0.0, -INF, -INF],
    [88.0, 89.0, 90.0],
    [0.0, -20.0, -5.0],
]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_edges_are_as_in_torch(row, name, dtype):
    x = np.array(row, dtype)
    tensor = torch.tensor(x, requires_grad=True)
    theirs = getattr(F, name)(tensor, dim=0)
    dy = np.array([1.0, 2.0, 3.0], dtype)
    theirs.backward(torch.tensor(dy))
    eps = float(np.finfo(dtype).eps)
    ours = getattr(cnnkit, name)(x, 0)
    assert ours.dtype == dtype
    np.testing.assert_allclose(ours, theirs.detach(), rtol=4 * eps, atol=eps)
    dx = getattr(cnnkit, f"{name}_backward")(dy, x, 0)
    assert dx.dtype == dtype
    np.testing.assert_allclose(dx, tensor.grad, rtol=16 * eps, atol=16 * eps)


@pytest.mark.parametrize("row", [[-INF, -INF], [INF, 0.0]])
def test_infinite_largest_score_is_nan_as_in_torch(row):
    with np.errstate(invalid="ignore"):
        assert np.isnan(cnnkit.softmax(row, 0)).any()
    assert F.softmax(torch.tensor(row), 0).isnan().any()


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (2, 0, 4)])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax_of_nothing(shape, dim):
    for name in ("softmax", "log_softmax"):
        assert getattr(cnnkit, name)(np.ones(shape), dim).shape == shape
        assert getattr(cnnkit, f"{name}_backward")(np.ones(shape), np.ones(shape), dim).shape == shape


def test_a_score_that_cannot_be_and_is_right_costs_infinitely_much():
    logits = np.array([[1.0, -INF, 2.0]])
    tensor = torch.tensor(logits)
    for target in (0, 1):
        assert cnnkit.cross_entropy(logits, [target]) == pytest.approx(F.cross_entropy(tensor, torch.tensor([target])))
    assert cnnkit.cross_entropy(logits, [0], label_smoothing=0.1) == INF


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_huge_logits_give_a_loss_and_a_gradient(dtype):
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0]], dtype)
    loss = cnnkit.cross_entropy(logits, [0, 0])
    assert loss.dtype == dtype
    assert loss == dtype(1e4)
    gradient = cnnkit.cross_entropy_backward(dtype(1), logits, [0, 0])
    assert gradient.dtype == dtype
    np.testing.assert_allclose(gradient, [[0, 0, 0], [-0.5, 0.5, 0]])


def test_an_empty_batch_is_as_in_torch():
    logits, target = np.zeros((0, 3)), np.zeros(0, np.int64)
    assert np.isnan(cnnkit.cross_entropy(logits, target))
    assert F.cross_entropy(torch.tensor(logits), torch.tensor(target)).isnan()
    assert cnnkit.cross_entropy(logits, target, reduction="sum") == 0
    assert cnnkit.cross_entropy(logits, [], reduction="none").shape == (0,)
    assert cnnkit.cross_entropy_backward(1.0, logits, target).shape == (0, 3)


def test_not_knowing_costs_log_of_the_number_of_classes():
    assert cnnkit.cross_entropy(np.zeros((5, 10)), np.arange(5)) == pytest.approx(np.log(10), rel=1e-15)


def test_the_gradient_of_the_two_steps_is_that_of_the_one():
    """p - q comes out of the chain log_softmax, pick, mean as well."""
    rng = np.random.default_rng(0)
    logits, target = rng.normal(size=(4, 3)), np.array([0, 2, 1, 1])
    d_log_p = np.zeros((4, 3))
    d_log_p[np.arange(4), target] = -1 / 4
    chained = cnnkit.log_softmax_backward(d_log_p, logits, 1)
    np.testing.assert_allclose(cnnkit.cross_entropy_backward(1.0, logits, target), chained, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_gradient_has_the_type_of_the_scores(dtype):
    logits = np.random.default_rng(0).standard_normal((4, 3)).astype(dtype)
    assert cnnkit.cross_entropy_backward(1.0, logits, [0, 1, 2, 0]).dtype == dtype
