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


# --- weights, classes to ignore, probabilities ---------------------------------------------------------------------

IMAGES = np.random.default_rng(1).normal(size=(2, 3, 4, 5))


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("weight", [None, [0.0, 1.0, 2.0]])
@pytest.mark.parametrize("target", [[-100, -100], [0, -100], [0, 0]])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_where_nothing_counts_it_is_as_in_torch(reduction, target, weight, smoothing):
    """Weights that add up to 0 too: the mean is NaN, and so is the gradient, but not that of the ignored."""
    options = {"reduction": reduction, "label_smoothing": smoothing}
    tensor = torch.tensor([[0.5, 1.0, -2.0]] * 2, dtype=torch.float64, requires_grad=True)
    w = None if weight is None else torch.tensor(weight, dtype=torch.float64)
    theirs = F.cross_entropy(tensor, torch.tensor(target), weight=w, **options)
    theirs.backward(torch.ones_like(theirs))
    logits = tensor.detach().numpy()
    ours = cnnkit.cross_entropy(logits, target, weight=weight, **options)
    np.testing.assert_allclose(ours, theirs.detach(), rtol=1e-12)
    gradient = cnnkit.cross_entropy_backward(np.ones_like(ours), logits, target, weight=weight, **options)
    np.testing.assert_allclose(gradient, tensor.grad, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 2), (2, 3, 0), (2, 3, 4, 0)])
@pytest.mark.parametrize("probable", [False, True])
def test_nothing_has_no_mean_whatever_its_shape(shape, probable):
    logits, each = np.zeros(shape), shape[:1] + shape[2:]
    target = np.zeros(shape) if probable else np.zeros(each, int)
    tensors = torch.tensor(logits), torch.tensor(target)
    assert F.cross_entropy(*tensors).isnan()
    assert np.isnan(cnnkit.cross_entropy(logits, target))
    assert cnnkit.cross_entropy(logits, target, reduction="none").shape == each
    assert cnnkit.cross_entropy_backward(1.0, logits, target).shape == shape


def test_an_impossible_class_that_is_wanted_with_probability_0_is_nan_as_in_torch():
    logits, target = np.array([[1.0, -INF]]), np.array([[1.0, 0.0]])
    assert F.cross_entropy(torch.tensor(logits), torch.tensor(target)).isnan()
    assert np.isnan(cnnkit.cross_entropy(logits, target))


def test_what_is_ignored_may_be_anything():
    logits = np.array([[np.nan, 0.0], [INF, 0.0], [0.0, 0.0]])
    target = [7, 7, 0]
    assert cnnkit.cross_entropy(logits, target, ignore_index=7) == pytest.approx(np.log(2))
    np.testing.assert_array_equal(
        cnnkit.cross_entropy_backward(1.0, logits, target, ignore_index=7), [[0, 0], [0, 0], [-0.5, 0.5]]
    )


@pytest.mark.parametrize("dtype", ["i1", "u1", ">i2", "<u4", ">i8", "u8"])
def test_class_numbers_of_every_type_mean_the_same(dtype):
    target = np.array([[0, 1, 2, 0, 1]] * 4 * 2).reshape(2, 4, 5)
    usual = cnnkit.cross_entropy(IMAGES, target, ignore_index=1)
    assert cnnkit.cross_entropy(IMAGES, target.astype(dtype), ignore_index=1) == usual


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_loss_has_the_type_of_the_scores_whatever_targets_and_weights_have(dtype):
    logits, shares, dy = IMAGES.astype(dtype), np.full(IMAGES.shape, 1 / 3), np.ones((2, 4, 5))
    classes = np.zeros((2, 4, 5), int)
    for target, weight in ((classes, [1, 2, 3]), (classes, np.ones(3)), (shares, None), (shares.astype(">f8"), None)):
        for reduction in ("mean", "sum", "none"):
            options = {"weight": weight, "reduction": reduction}
            assert cnnkit.cross_entropy(logits, target, **options).dtype == dtype
            start = dy if reduction == "none" else 1.0
            assert cnnkit.cross_entropy_backward(start, logits, target, **options).dtype == dtype
    for name in ("mse_loss", "binary_cross_entropy_with_logits"):
        assert getattr(cnnkit, name)(logits, shares).dtype == dtype
        assert getattr(cnnkit, f"{name}_backward")(1.0, logits, shares).dtype == dtype


# --- yes or no, and distances --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_right_answer_far_out_keeps_the_digits_of_its_loss(dtype):
    """-log σ(x) is exp(-x) from some x on; torch's x - x + log(1 + exp(-x)) has none of its digits left."""
    x = np.array([9.0, 14.0, 40.0, 700.0], dtype)
    right = np.log1p(np.exp(-x.astype(np.float64))).astype(dtype)
    for logits, target in ((x, np.ones_like(x)), (-x, np.zeros_like(x))):
        ours = cnnkit.binary_cross_entropy_with_logits(logits, target, reduction="none")
        np.testing.assert_array_equal(ours, right)
        slopes = cnnkit.binary_cross_entropy_with_logits_backward(np.ones_like(x), logits, target, reduction="none")
        np.testing.assert_allclose(np.abs(slopes), np.exp(-x.astype(np.float64)).astype(dtype), rtol=2e-3)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", ["binary_cross_entropy_with_logits", "mse_loss"])
def test_at_the_edges_both_are_torchs_where_that_is_a_number(name, dtype):
    edges = np.array([-INF, -1e4, -89.0, -1.0, 0.0, 1.0, 89.0, 1e4, INF], dtype)
    for target in (0.0, 1.0, 0.25):
        t = np.full_like(edges, target)
        tensor = torch.tensor(edges, requires_grad=True)
        theirs = getattr(F, name)(tensor, torch.tensor(t), reduction="none")
        theirs.backward(torch.ones_like(theirs))
        eps = float(np.finfo(dtype).eps)
        ours = getattr(cnnkit, name)(edges, t, reduction="none")
        slopes = getattr(cnnkit, f"{name}_backward")(np.ones_like(edges), edges, t, reduction="none")
        for mine, others in ((ours, theirs.detach().numpy()), (slopes, tensor.grad.numpy())):
            number = ~np.isnan(others)
            np.testing.assert_allclose(mine[number], others[number], rtol=4 * eps, atol=4 * eps)


@pytest.mark.parametrize("name", ["binary_cross_entropy_with_logits", "mse_loss"])
def test_the_losses_of_nothing_are_as_in_torch(name):
    ours, theirs, nothing = getattr(cnnkit, name), getattr(F, name), np.zeros((0, 3))
    assert np.isnan(ours(nothing, nothing))
    assert theirs(torch.tensor(nothing), torch.tensor(nothing)).isnan()
    assert ours(nothing, nothing, reduction="sum") == 0
    assert getattr(cnnkit, f"{name}_backward")(1.0, nothing, nothing).shape == (0, 3)


def test_sums_of_losses_in_half_precision_are_rounded_once():
    x = np.full(5000, 3, np.float16)
    assert cnnkit.mse_loss(x, 0 * x, reduction="sum") == 45000
    assert cnnkit.mse_loss(200 * x, 0 * x) == INF
    assert cnnkit.mse_loss(80 * x, 0 * x) == 57600
