"""Dropout: how many are dropped, what is expected, and p at both ends. Counts are held against the binomial."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cnnkit

# A count of Binomial(m, p) is farther than 5 · sqrt(m p (1 - p)) from m p once in 1.7 million draws.
FIVE_SIGMA = 5


def fair(dropped, m, p):
    return abs(dropped - m * p) <= FIVE_SIGMA * np.sqrt(m * p * (1 - p))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("p", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_p_is_the_probability_to_drop(p, dtype):
    m = 200_000
    y, mask = cnnkit.dropout(np.ones(m, dtype), p, rng=np.random.default_rng(1))
    assert fair(np.count_nonzero(mask == 0), m, p)
    np.testing.assert_allclose(mask[mask > 0], 1 / (1 - p), rtol=float(np.finfo(dtype).eps))
    np.testing.assert_array_equal(y, mask)
    assert y.dtype == mask.dtype == dtype


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_the_counts_of_many_layers_scatter_like_the_binomial(p):
    """Variance m p (1 - p) too: a mask with a fixed number of zeros has the right mean and the wrong variance."""
    layers, m = 4000, 50
    _, mask = cnnkit.dropout(np.ones((layers, m)), p, rng=np.random.default_rng(2))
    dropped = (mask == 0).sum(axis=1)
    assert dropped.var() == pytest.approx(m * p * (1 - p), rel=0.12)
    assert fair(dropped.sum(), layers * m, p)


def test_the_expectation_is_x():
    x = np.linspace(-3, 3, 7)
    rng, draws, p = np.random.default_rng(3), 40_000, 0.3
    mean = sum(cnnkit.dropout(x, p, rng=rng)[0] for _ in range(draws)) / draws
    np.testing.assert_allclose(mean, x, atol=FIVE_SIGMA * 3 * np.sqrt(p / (1 - p) / draws))


def test_two_calls_differ_and_the_same_seed_repeats():
    rng = np.random.default_rng(4)
    first, second = (cnnkit.dropout(np.ones(100), rng=rng)[0] for _ in range(2))
    assert (first != second).any()
    np.testing.assert_array_equal(first, cnnkit.dropout(np.ones(100), rng=np.random.default_rng(4))[0])


@pytest.mark.parametrize("p", [0.0, 1.0])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", ["dropout", "dropout2d"])
def test_both_ends_of_p_are_as_in_torch(name, p, training):
    x, dy = np.random.default_rng(5).normal(size=(2, 2, 3, 4, 5))
    tensor = torch.tensor(x, requires_grad=True)
    theirs = getattr(F, name)(tensor, p, training)
    theirs.backward(torch.tensor(dy))
    y, mask = getattr(cnnkit, name)(x, p, rng=np.random.default_rng(0), training=training)
    np.testing.assert_array_equal(y, theirs.detach())
    np.testing.assert_array_equal(cnnkit.dropout_backward(dy, mask), tensor.grad)


def test_outside_training_nothing_is_drawn():
    rng = np.random.default_rng(6)
    before = rng.bit_generator.state
    y, mask = cnnkit.dropout(np.arange(5.0), 0.9, rng=rng, training=False)
    np.testing.assert_array_equal(y, np.arange(5.0))
    np.testing.assert_array_equal(mask, np.ones(5))
    assert rng.bit_generator.state == before


def test_dropout2d_drops_whole_channels():
    n, c, p = 300, 100, 0.4
    _, mask = cnnkit.dropout2d(np.ones((n, c, 2, 3)), p, rng=np.random.default_rng(7))
    per_channel = mask.reshape(n * c, 6)
    assert (per_channel == per_channel[:, :1]).all()
    assert fair(np.count_nonzero(per_channel[:, 0] == 0), n * c, p)
    # within one image the draws of two channels have nothing to do with each other
    dropped = mask[:, :, 0, 0] == 0
    assert fair(np.count_nonzero(dropped[:, 0] & dropped[:, 1]), n, p * p)


def test_integers_and_empty_batches():
    assert cnnkit.dropout([1, 2, 3], rng=np.random.default_rng(0))[0].dtype == np.float64
    y, mask = cnnkit.dropout2d(np.ones((0, 3, 4, 4), np.float32), rng=np.random.default_rng(0))
    assert y.shape == mask.shape == (0, 3, 4, 4)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_large_inputs_give_no_warning(dtype):
    y, mask = cnnkit.dropout(np.full(1000, 1e4, dtype), 0.5, rng=np.random.default_rng(0))
    assert np.isin(y, np.array([0, 2e4], dtype)).all()
    assert np.isfinite(cnnkit.dropout_backward(y, mask)).all()
