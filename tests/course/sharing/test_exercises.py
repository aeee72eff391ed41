"""The references of the exercises of notebook 06: held against torch, the package, and every pixel tried."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from cnnkit import check, conv2d, conv2d_backward, conv_matrix, count_parameters, output_shape
from cnnkit.course.sharing import exercises as sharing
from cnnkit.course.sharing.exercises import counts as sharing_counts
from cnnkit.course.sharing.exercises import separable as sharing_separable
from cnnkit.course.sharing.exercises import shift as sharing_shift
from cnnkit.course.sharing.exercises import values as sharing_values
from cnnkit.layers import Conv2d, Linear, LocallyConnected2d

EXPECTED = [f"06.{i}" for i in range(1, 9)]


def test_there_are_eight_in_their_order():
    assert [exercise.key for exercise in sharing.EXERCISES] == EXPECTED
    assert all(len(exercise.mistakes) >= 7 for exercise in sharing.EXERCISES)


# Counts


def layers(n, c, k, filters, p):
    return Conv2d(c, filters, k, padding=p), LocallyConnected2d(c, filters, k, padding=p)


def test_both_counts_are_the_packages():
    for case in sharing_counts.count_cases():
        n, c, _, filters, _ = case
        conv, local = layers(*case)
        shape = (c, n, n)
        side = output_shape(conv, shape)[1]
        dense = Linear(c * n * n, filters * side * side)
        assert sharing_counts.count_local(*case) == count_parameters(local, shape)
        assert sharing_counts.count_dense(*case) == count_parameters(dense, (c * n * n,))


def test_the_numbers_said_in_praise_and_diagnoses_are_those_of_the_layers():
    case = 32, 3, 5, 10, 2
    conv, local = layers(*case)
    shared, own = count_parameters(conv, (3, 32, 32)), count_parameters(local, (3, 32, 32))
    assert (shared, own, sharing_counts.count_dense(*case)) == (760, 778_240, 31_467_520)
    assert own / shared == sharing_values.FACTOR == sharing_values.SAVED.solution
    assert own - count_parameters(replace(local, bias=False), (3, 32, 32)) == 10_240
    without = count_parameters(replace(local, bias=False), (3, 32, 32))
    assert (without, count_parameters(replace(conv, bias=False), (3, 32, 32))) == (768_000, 750)
    assert output_shape(replace(conv, padding=0), (3, 32, 32)) == (10, 28, 28)
    assert [round(x) for x in (without / shared, own / 750, 31_467_520 / shared)] == [1011, 1038, 41405]
    assert [round(x) for x in (31_467_520 / own, 31_457_280 / without)] == [40, 41]
    assert {*sharing_values.NOT_WHOLE} == {1011, 1038, 41405, 40, 41}
    assert {*sharing_values.NOT_WHOLE, 750, shared, without, own} <= set(sharing_values.FACTORS)


@pytest.mark.parametrize(
    "answer", [1024, 1024.0, np.int64(1024), np.array(1024), 778_240 / 760, Fraction(778_240, 760)]
)
def test_the_factor_may_be_written_in_any_way(answer):
    assert check("06.6", answer).passed


@pytest.mark.parametrize("answer", [float("inf"), float("nan"), 10**400, True, -1024, 0, 1e300, 512.3, 31.7, 75.4])
def test_a_factor_that_no_one_foresaw_is_refused(answer):
    verdict = check("06.6", answer)
    assert verdict.passed is False
    assert not any(said in verdict.message for said in sharing_values.FACTORS.values())


def weights(n: int) -> list[int]:
    """Without biases, with padding that keeps the size."""
    conv, local = layers(n, 2, 3, 4, 1)
    dense = Linear(2 * n * n, 4 * n * n, bias=False)
    counts = (count_parameters(replace(layer, bias=False), (2, n, n)) for layer in (local, conv))
    return [count_parameters(dense, (2 * n * n,)), *counts]


def test_twice_the_side_by_counting():
    for n in (3, 8, 50):
        assert [after // before for before, after in zip(weights(n), weights(2 * n), strict=True)] == [16, 4, 1]
    assert sharing_values.GROWS.solution == [16, 4, 1]
    for answer in (np.array([16.0, 4, 1]), (16, 4, 1), torch.tensor([16, 4, 1])):
        assert check("06.1", answer).passed


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([16, 5, 1], "Not yet right: locally connected."),
        ([3, 3, 3], "Not yet right: fully connected, locally connected, convolution."),
        ([16, 4, 1.5], "all three factors are whole"),
        ([16, 4], "A list of three whole numbers is asked for, such as `growth = [1, 2, 3]`; this one has 2."),
        (["16", "4", "1"], "this list holds texts: leave the quotation marks out"),
        ([[16], [4, 5], [1]], "this is a list."),
        ({16, 4, 1}, "this is a set."),
        (np.zeros((2, 3)), "A list of three whole numbers is asked for"),
        ("16 4 1", "this is a text"),
    ],
)
def test_a_growth_that_no_one_foresaw_hears_which_layer_is_wrong(answer, words):
    verdict = check("06.1", answer)
    assert verdict.passed is False
    assert words in verdict.message


# The matrix, the gradient, the shift


def painted(w, n, i, j):
    image = np.zeros((n, n), np.float32)
    image[i : i + w.shape[0], j : j + w.shape[1]] = w
    return image.ravel()


def windows_weighed(dy, x):
    shape = tuple(np.subtract(x.shape, dy.shape) + 1)
    return np.einsum("ij,ijuv->uv", dy, np.lib.stride_tricks.sliding_window_view(x, shape))


def correlated(dy, x):
    """Weight by weight, not place by place."""
    height, width = np.subtract(x.shape, dy.shape) + 1
    seen = [[x[u : u + dy.shape[0], v : v + dy.shape[1]] for v in range(width)] for u in range(height)]
    return np.array([[np.sum(dy * each) for each in row] for row in seen])


def counted(n, k, s, d):
    outputs = range((n - k) // s + 1)
    return np.int64(0 if d % s else sum(place - d // s in outputs for place in outputs))


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("06.7", lambda n, c, k, K, p: np.int64(K * (n + 2 * p - k + 1) ** 2 * (c * k * k + 1))),
        ("06.2", painted),
        ("06.3", windows_weighed),
        ("06.3", correlated),
        ("06.4", counted),
        ("06.4", lambda n, k, s, d: 0 if d % s else max((n - k - abs(d)) // s + 1, 0)),
    ],
)
def test_another_way_to_the_right_answer_passes(key, answer):
    verdict = check(key, answer)
    assert verdict.passed, verdict.message


def test_every_row_is_that_of_the_matrix():
    for w, n, i, j in sharing.row_cases():
        row, matrix = sharing.matrix_row(w, n, i, j), conv_matrix(w[None, None], n)
        assert np.array_equal(row, matrix[i * (n - w.shape[1] + 1) + j])
        x = np.random.default_rng(n).normal(size=(n, n))
        assert row @ x.ravel() == pytest.approx(conv2d(x[None], w[None, None])[0, i, j], abs=1e-12)


def test_the_gradient_is_the_packages_and_torchs():
    for dy, x in sharing.gradient_cases():
        ours = sharing.shared_gradient(dy, x)
        w = torch.zeros(1, 1, *ours.shape, dtype=torch.float64, requires_grad=True)
        y = torch.nn.functional.conv2d(torch.tensor(x, dtype=torch.float64)[None], w)
        y.backward(torch.tensor(dy, dtype=torch.float64)[None])
        np.testing.assert_allclose(ours, w.grad[0, 0].numpy(), rtol=1e-12, atol=1e-12)
        dweight = conv2d_backward(dy[None], x[None], w.detach().numpy())[1]
        np.testing.assert_allclose(ours, dweight[0, 0], rtol=1e-12, atol=1e-12)


def by_trying(n: int, k: int, s: int, d: int) -> int:
    """How many outputs of the moved row are outputs of the row before, d/s places on, for pixels that never repeat."""
    rng = np.random.default_rng(n * 100 + k)
    x, w = rng.normal(size=n), rng.normal(size=k)
    moved = np.zeros(n)
    for i in range(n):
        if 0 <= i + d < n:
            moved[i + d] = x[i]

    def outputs(row):
        return [row[i * s : i * s + k] @ w for i in range((n - k) // s + 1)]

    before, after = outputs(x), outputs(moved)
    if d % s:
        assert not any(np.isclose(a, b) for a in after for b in before if abs(a) > 1e-9)
        return 0
    places = range(len(before))
    return sum(j - d // s in places and np.isclose(after[j], before[j - d // s]) for j in places)


def test_so_many_outputs_follow_and_not_one_more():
    for case in sharing_shift.shift_cases():
        assert sharing_shift.followed(*case) == by_trying(*case), case


def test_a_separable_convolution_has_the_weights_of_torchs_two_layers():
    for c, k, filters in sharing_separable.separable_cases():
        depthwise = torch.nn.Conv2d(c, c, k, groups=c, bias=False)
        pointwise = torch.nn.Conv2d(c, filters, 1, bias=False)
        both = depthwise.weight.numel() + pointwise.weight.numel()
        assert sharing_separable.count_separable(c, k, filters) == both
    ordinary = torch.nn.Conv2d(256, 1024, 3, bias=False).weight.numel()
    assert 8.5 < ordinary / sharing_separable.count_separable(256, 3, 1024) < 9  # "about a ninth", says the praise


@pytest.mark.parametrize(("key", "count"), [("06.7", sharing_counts.count_local), ("06.8", sharing_counts.count_dense)])
def test_padding_counted_once_is_named(key, count):
    def once(n, c, k, filters, p):
        o = n + p - k + 1
        return filters * o * o * (c * (k * k if key == "06.7" else n * n) + 1)

    assert "You add the padding once." in check(key, once).message
