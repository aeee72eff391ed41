"""Normalization: running statistics step by step, large means, float16, empty batches, defaults, nothing in place."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cnnkit


@pytest.mark.parametrize("momentum", [0.1, 0.0, 1.0, 0.37])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_running_statistics_follow_torch_step_by_step(momentum, dtype):
    """The running variance moves towards the unbiased variance, although y is made with the biased one."""
    rng = np.random.default_rng(0)
    mean, var = np.zeros(3, dtype), np.ones(3, dtype)
    torch_mean, torch_var = torch.tensor(mean), torch.tensor(var)
    for _ in range(20):
        x = rng.normal(2, 3, size=(2, 3, 2, 2)).astype(dtype)
        theirs = F.batch_norm(torch.tensor(x), torch_mean, torch_var, training=True, momentum=momentum)
        y, mean, var = cnnkit.batch_norm2d(x, mean, var, training=True, momentum=momentum)
        rtol = 1e-9 if dtype == np.float64 else 1e-4
        np.testing.assert_allclose(mean, torch_mean, rtol=rtol)
        np.testing.assert_allclose(var, torch_var, rtol=rtol)
        np.testing.assert_allclose(y, theirs, rtol=rtol, atol=rtol)
        assert mean.dtype == var.dtype == y.dtype == dtype


def test_one_step_by_hand():
    """1, 3 have mean 2, biased variance 1, unbiased variance 2."""
    _, mean, var = cnnkit.batch_norm2d([[[[1.0, 3.0]]]], [0.0], [0.0], training=True, momentum=0.5)
    assert (mean.item(), var.item()) == (1.0, 1.0)


def test_outside_training_the_running_statistics_come_back_as_they_are():
    mean, var = np.ones(2), np.ones(2)
    _, same_mean, same_var = cnnkit.batch_norm2d(np.ones((1, 2, 1, 1)), mean, var)
    assert same_mean is mean
    assert same_var is var


def test_nothing_is_changed_in_place():
    x, mean, var = np.random.default_rng(0).normal(size=(4, 2, 3, 3)), np.zeros(2), np.ones(2)
    before = x.copy()
    cnnkit.batch_norm2d(x, mean, var, training=True)
    cnnkit.batch_norm2d_backward(x, x, mean, var, training=True)
    np.testing.assert_array_equal(x, before)
    assert not mean.any()
    assert (var == 1).all()


def test_training_may_go_without_running_statistics():
    y, mean, var = cnnkit.batch_norm2d(np.arange(8.0).reshape(2, 1, 2, 2), None, None, training=True)
    assert mean is None
    assert var is None
    assert abs(y.mean()) < 1e-15


@pytest.mark.parametrize("mean", [1e4, -1e4])
def test_a_large_mean_costs_digits_of_the_input_only(mean):
    """At mean 1e4 a float32 input has 3 decimals. E[x²] - E[x]² would give variances that are off by hundreds."""
    rng = np.random.default_rng(0)
    x = (mean + rng.normal(size=(32, 4, 16, 16))).astype(np.float32)
    dy = rng.normal(size=x.shape)
    y, _, _ = cnnkit.batch_norm2d(x, None, None, training=True)
    exact, _, _ = cnnkit.batch_norm2d(x.astype(np.float64), None, None, training=True)
    np.testing.assert_allclose(y, exact, atol=5e-3)
    dx, *_ = cnnkit.batch_norm2d_backward(dy.astype(np.float32), x, None, None, training=True)
    exact, *_ = cnnkit.batch_norm2d_backward(dy, x.astype(np.float64), None, None, training=True)
    np.testing.assert_allclose(dx, exact, atol=5e-3)

    x = x.astype(np.float64)
    theirs = F.batch_norm(torch.tensor(x), None, None, training=True)
    np.testing.assert_allclose(cnnkit.batch_norm2d(x, None, None, training=True)[0], theirs, rtol=1e-9, atol=1e-9)


def test_float16_is_computed_in_float32():
    """±1e4 has a square far beyond float16's 65504."""
    x = np.array([1e4, -1e4, 1e4, -1e4], np.float16).reshape(1, 1, 2, 2)
    y, mean, var = cnnkit.batch_norm2d(x, np.zeros(1), np.ones(1), training=True)
    np.testing.assert_array_equal(y.ravel(), [1, -1, 1, -1])
    assert y.dtype == np.float16
    assert mean.dtype == var.dtype == np.float64
    dx, dweight, dbias = cnnkit.batch_norm2d_backward(y, x, None, None, training=True)
    assert np.isfinite(dx).all()
    assert (dweight, dbias) == (4, 0)


@pytest.mark.parametrize("training", [True, False])
def test_an_empty_batch_is_as_in_torch(training):
    x, mean, var = np.zeros((0, 2, 3, 3)), np.array([1.0, 2.0]), np.array([3.0, 4.0])
    torch_mean, torch_var = torch.tensor(mean), torch.tensor(var)
    theirs = F.batch_norm(torch.tensor(x), torch_mean, torch_var, training=training)
    y, new_mean, new_var = cnnkit.batch_norm2d(x, mean, var, training=training)
    assert y.shape == theirs.shape
    np.testing.assert_array_equal(new_mean, torch_mean)
    np.testing.assert_array_equal(new_var, torch_var)
    dx, dweight, dbias = cnnkit.batch_norm2d_backward(y, x, mean, var, training=training)
    assert dx.shape == x.shape
    assert not dweight.any()
    assert not dbias.any()


def test_defaults_are_those_of_torch():
    x = np.random.default_rng(0).normal(size=(3, 2, 4, 4))
    theirs = F.batch_norm(torch.tensor(x), torch.zeros(2).double(), torch.full((2,), 1e-6).double())
    np.testing.assert_allclose(cnnkit.batch_norm2d(x, np.zeros(2), np.full(2, 1e-6))[0], theirs, rtol=1e-9)


def test_two_values_per_channel_are_enough():
    """The gradient nearly cancels: what is left is eps / (var + eps) of it, so fewer digits agree."""
    x, dy = np.random.default_rng(0).normal(size=(2, 2, 3, 1, 1))
    tensor = torch.tensor(x, requires_grad=True)
    F.batch_norm(tensor, None, None, training=True).backward(torch.tensor(dy))
    dx, *_ = cnnkit.batch_norm2d_backward(dy, x, None, None, training=True)
    np.testing.assert_allclose(dx, tensor.grad, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("mean", [1e4, -1e4])
def test_a_large_mean_costs_group_and_layer_norm_digits_of_the_input_only(mean):
    rng = np.random.default_rng(0)
    x = (mean + rng.normal(size=(4, 6, 8, 8))).astype(np.float32)
    dy = rng.normal(size=x.shape)
    for norm, backward, over in (
        (cnnkit.group_norm, cnnkit.group_norm_backward, 2),
        (cnnkit.layer_norm, cnnkit.layer_norm_backward, (8, 8)),
    ):
        np.testing.assert_allclose(norm(x, over), norm(x.astype(np.float64), over), atol=5e-3)
        dx, _, _ = backward(dy.astype(np.float32), x, over)
        np.testing.assert_allclose(dx, backward(dy, x.astype(np.float64), over)[0], atol=5e-3)


def test_sums_over_many_examples_are_wide():
    """Added up one by one in float32, 300,000 numbers between 0 and 1 lose 2 to 4 of their 7 digits."""
    dy = np.random.default_rng(0).random((300_000, 2), np.float32)
    right = dy.sum(axis=0, dtype=np.float64)
    np.testing.assert_allclose(cnnkit.layer_norm_backward(dy, dy, 2)[2], right, rtol=1.2e-7)
    np.testing.assert_allclose(cnnkit.group_norm_backward(dy, dy, 1)[2], right, rtol=1.2e-7)


def test_one_value_for_each_group_is_refused_where_torch_refuses_it():
    for x in (np.ones((1, 2)), np.ones((1, 2, 1, 1))):
        with pytest.raises(ValueError, match="more than 1 value"):
            F.group_norm(torch.tensor(x), 2)
        with pytest.raises(ValueError, match="more than 1 value for each group"):
            cnnkit.group_norm(x, 2)
    np.testing.assert_array_equal(cnnkit.group_norm(np.ones((2, 2)), 2), F.group_norm(torch.ones(2, 2), 2))


@pytest.mark.parametrize("shape", [(0, 4, 3), (2, 4, 0), (0, 4)])
def test_empty_arrays_are_normalized_as_in_torch(shape):
    x = np.zeros(shape)
    assert cnnkit.group_norm(x, 2).shape == tuple(F.group_norm(torch.tensor(x), 2).shape)
    assert cnnkit.layer_norm(x, shape[1:]).shape == tuple(F.layer_norm(torch.tensor(x), shape[1:]).shape)
    dx, dweight, dbias = cnnkit.group_norm_backward(x, x, 2)
    assert dx.shape == shape
    assert not dweight.any()
    assert not dbias.any()
