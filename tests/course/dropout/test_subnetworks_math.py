"""All sub-networks of a small layer: against torch, mask by mask, and against what can be proved."""

from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnkit.course.dropout.subnetworks_math import (
    FOLLOWS,
    all_masks,
    chances,
    geometric_mean,
    mean_of_all,
    monte_carlo,
    outputs,
    weight_scaling,
)

TORCH = {"linear": lambda z: z, "ReLU": F.relu, "softmax": lambda z: F.softmax(z, dim=-1)}
SETTINGS = [(1, 1, 0.5), (3, 1, 0.2), (5, 3, 0.7), (7, 4, 0.9)]


def some_terms(n: int, classes: int) -> np.ndarray:
    return np.random.default_rng(10 * n + classes).normal(0, 2, (classes, n))


def test_the_masks_are_all_rows_of_zeros_and_ones():
    for n in (1, 2, 5):
        assert {tuple(row) for row in all_masks(n)} == set(product((0, 1), repeat=n))
        assert len(all_masks(n)) == 2**n


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.95])
def test_the_chances_are_products_of_coins_and_sum_to_one(p):
    masks = all_masks(4)
    by_hand = [np.prod([1 - p if kept else p for kept in mask]) for mask in masks]
    np.testing.assert_allclose(chances(masks, p), by_hand, rtol=1e-12)
    assert chances(masks, p).sum() == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("follows", FOLLOWS)
@pytest.mark.parametrize(("n", "classes", "p"), SETTINGS)
def test_each_output_and_their_mean_are_torchs(n, classes, p, follows):
    terms, mean = some_terms(n, classes), 0.0
    for mask, y in zip(all_masks(n), outputs(all_masks(n), terms, follows, p), strict=True):
        scaled = torch.tensor(mask / (1 - p)) * torch.tensor(terms)
        theirs = TORCH[follows](scaled.sum(dim=1))
        np.testing.assert_allclose(y, theirs.numpy(), rtol=1e-9, atol=1e-12)
        mean = mean + (1 - p) ** mask.sum() * p ** (n - mask.sum()) * theirs.numpy()
    np.testing.assert_allclose(mean_of_all(terms, follows, p), mean, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("n", "classes", "p"), SETTINGS)
def test_weight_scaling_is_the_mean_for_a_linear_output_and_less_than_it_behind_a_relu(n, classes, p):
    terms = some_terms(n, classes)
    np.testing.assert_allclose(weight_scaling(terms, "linear"), mean_of_all(terms, "linear", p), rtol=1e-9)
    assert (mean_of_all(terms, "ReLU", p) >= weight_scaling(terms, "ReLU") - 1e-12).all()
    both_signs = [[3.0, -1.0]]
    assert mean_of_all(both_signs, "ReLU", 0.5)[0] == pytest.approx(weight_scaling(both_signs, "ReLU")[0] + 0.5)
    same_sign = [[3.0, 1.0]]
    assert mean_of_all(same_sign, "ReLU", 0.5)[0] == pytest.approx(weight_scaling(same_sign, "ReLU")[0])


@pytest.mark.parametrize(("n", "classes", "p"), SETTINGS)
def test_the_geometric_mean_of_a_softmax_is_weight_scaling_and_the_plain_mean_is_not(n, classes, p):
    terms = some_terms(n, max(classes, 2))
    np.testing.assert_allclose(geometric_mean(terms, p), weight_scaling(terms, "softmax"), rtol=1e-9, atol=1e-12)
    assert not np.allclose(mean_of_all(terms, "softmax", p), weight_scaling(terms, "softmax"), atol=1e-3)


@pytest.mark.parametrize("follows", FOLLOWS)
def test_draws_scatter_about_the_exact_mean_as_their_error_says(follows):
    terms, p = some_terms(4, 3), 0.4
    exact = mean_of_all(terms, follows, p)
    runs = [monte_carlo(terms, follows, p, 50, rng=np.random.default_rng(seed)) for seed in range(200)]
    off = np.array([(run.mean - exact) / run.error for run in runs])
    assert (np.abs(off) < 1).mean() == pytest.approx(0.68, abs=0.1)
    assert np.abs(off.mean(axis=0)).max() < 0.35  # five standard deviations of a mean of 200


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="n must be at most 16: 17 units have 2\\^17 = 131,072 masks"):
        all_masks(17)
    with pytest.raises(ValueError, match="p must be below 1: nothing is kept"):
        mean_of_all([[1.0, 2.0]], "linear", 1)
    with pytest.raises(ValueError, match="follows must be one of 'linear', 'ReLU', 'softmax', got 'tanh'"):
        weight_scaling([[1.0]], "tanh")
    with pytest.raises(ValueError, match=r"terms must have shape \(classes, 2\), one column for each unit"):
        outputs(all_masks(2), [[1.0, 2.0, 3.0]], "linear", 0.5)
    with pytest.raises(ValueError, match="samples must be at least 2, got 1"):
        monte_carlo([[1.0]], "linear", 0.5, 1, rng=np.random.default_rng(0))
