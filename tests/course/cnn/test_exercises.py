"""The references of the exercises of notebook 07: held against torch, the package, and every order of layers."""

from itertools import permutations
from math import log

import numpy as np
import pytest
import torch
from torch import nn

from cnnkit import check, cross_entropy, softmax
from cnnkit.course.cnn import exercises as cnn
from cnnkit.course.cnn.exercises import loss as cnn_loss
from cnnkit.course.cnn.exercises import modes as cnn_modes
from cnnkit.course.cnn.exercises import order as cnn_order
from cnnkit.course.kit.exercise_words import show
from cnnkit.network import Activation, Conv2d, Dropout, Flatten, Linear, MaxPool2d, Network

EXPECTED = [f"07.{i}" for i in range(1, 10)]


def test_there_are_nine_in_their_order():
    assert [exercise.key for exercise in cnn.EXERCISES] == EXPECTED
    assert all(len(exercise.mistakes) >= 8 for exercise in cnn.EXERCISES)


# Counts


def test_the_features_are_what_torch_flattens():
    for n, filters, k, p, blocks in cnn.feature_cases():
        layers = [
            layer
            for block in range(blocks)
            for layer in (nn.Conv2d(filters if block else 1, filters, k, padding=p), nn.MaxPool2d(2))
        ]
        y = nn.Sequential(*layers, nn.Flatten())(torch.zeros(2, 1, n, n))
        assert y.shape == (2, cnn.features(n, filters, k, p, blocks))


def test_the_number_in_the_praise_is_right():
    assert cnn.features(28, 32, 3, 1, 2) == 1568
    assert "1,568" in cnn.FEATURES.praise


def test_as_much_is_learnt_as_torch_has_parameters():
    for c, filters, k, features, classes in cnn.learnt_cases():
        layers = nn.Conv2d(c, filters, k), nn.BatchNorm2d(filters), nn.ReLU(), nn.Linear(features, classes)
        learnt = sum(p.numel() for p in nn.Sequential(*layers, nn.Dropout(0.5)).parameters())
        assert cnn.learnt(c, filters, k, features, classes) == learnt


# The order


def run(order) -> np.ndarray:
    """What a network of these layers makes of two images in training, its weights and its dropout always the same."""
    kinds = {
        "convolution": Conv2d(1, 3, 3, padding=1).draw(np.random.default_rng(1)),
        "ReLU": Activation("relu"),
        "max pooling": MaxPool2d(2),
        "flatten": Flatten(),
        "dropout": Dropout(0.5, rng=np.random.default_rng(2)),
        "linear": Linear(3 * 2 * 2, 4).draw(np.random.default_rng(3)),
    }
    x = np.random.default_rng(4).uniform(size=(2, 1, 4, 4))
    return Network([kinds[name] for name in order]).forward(x, training=True)


def test_the_orders_that_pass_are_those_that_compute_the_same():
    right = run(cnn_order.RIGHT)
    same = []
    for order in permutations(cnn_order.LAYERS):
        try:
            y = run(order)
        except ValueError:
            continue
        if y.shape == right.shape and np.allclose(y, right):
            same.append(order)
    passed = [order for order in permutations(cnn_order.LAYERS) if check("07.6", list(order)).passed]
    assert tuple(cnn_order.RIGHT) in passed
    assert passed == same
    assert len(passed) == 8


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (["convolution"], "in yours `linear` stands 0 times"),
        ([*cnn_order.RIGHT, "ReLU"], "in yours `ReLU` stands 2 times"),
        ([*cnn_order.RIGHT[:-1], "softmax"], "`softmax` is none of them"),
        ([*cnn_order.RIGHT[:-1], 3], "not everything in yours is a text"),
        ("convolution", "this is a text"),
    ],
)
def test_a_list_that_is_not_the_six_names_hears_why(answer, words):
    verdict = check("07.6", answer)
    assert verdict.passed is False
    assert words in verdict.message


# The loss


def test_the_logarithms_are_torchs_and_finite():
    for (z,) in cnn_loss.score_cases():
        ours = cnn_loss.log_softmax(z)
        assert np.isfinite(ours).all()
        np.testing.assert_allclose(ours, torch.log_softmax(torch.tensor(z), dim=0).numpy(), rtol=1e-12, atol=1e-12)


def test_the_floor_is_the_loss_after_two_softmaxes():
    certain = np.full((1, 10), -1e4)
    certain[0, 3] = 1e4
    loss = cross_entropy(softmax(certain, dim=1), [3])
    assert loss == pytest.approx(cnn_loss.LOWEST, rel=1e-12)
    assert round(float(loss), 2) == cnn_loss.FLOOR.solution == 1.46
    assert cross_entropy(softmax(certain, dim=1), [5]) == pytest.approx(
        next(n for n, said in cnn_loss.NUMBERS.items() if "largest loss" in said)
    )
    assert round(float(cross_entropy(np.zeros((1, 10)), [3])), 4) == round(log(10), 4)


def test_no_wrong_number_is_close_to_the_right_one_or_to_another():
    numbers = [*cnn_loss.NUMBERS, cnn_loss.LOWEST]
    distances = [abs(a - b) for i, a in enumerate(numbers) for b in numbers[:i]]
    assert min(distances) > 2 * 0.006


@pytest.mark.parametrize("answer", [1.46, 1.461, 1.4612, np.float32(1.46), np.log(1 + 9 / np.e)])
def test_the_floor_may_be_rounded(answer):
    assert check("07.2", answer).passed


@pytest.mark.parametrize("answer", [1.4, 1.5, 10**400, 1e300, -3])
def test_a_floor_that_no_one_foresaw_is_refused(answer):
    verdict = check("07.2", answer)
    assert verdict.passed is False


# Modes and steps


def test_both_modes_are_torchs():
    for x, mean, var, training in cnn_modes.normalise_cases():
        layer = nn.BatchNorm1d(x.shape[1], affine=False, dtype=torch.float64).train(training)
        layer.running_mean, layer.running_var = torch.tensor(mean), torch.tensor(var)
        np.testing.assert_allclose(
            cnn_modes.normalise(x, mean, var, training), layer(torch.tensor(x)).numpy(), rtol=1e-9, atol=1e-9
        )


def test_an_image_alone_becomes_zeros_when_eval_is_forgotten():
    assert not cnn_modes.normalise(np.array([[5.0, -3.0]]), 1.0, 2.0, True).any()
    assert "becomes all zeros" in cnn_modes.EVAL.mistakes[0].diagnosis


def test_what_is_remembered_is_torchs():
    for var, x, momentum in cnn_modes.running_cases():
        layer = nn.BatchNorm2d(x.shape[1], momentum=momentum, dtype=torch.float64)
        layer.running_var = torch.tensor(var)
        layer(torch.tensor(x))
        np.testing.assert_allclose(cnn_modes.running_var(var, x, momentum), layer.running_var.numpy(), rtol=1e-9)
    assert round(100 * 0.9**10) == 35
    assert "35 %" in cnn_modes.RUNNING.praise


def test_the_walk_is_that_of_torchs_sgd():
    for w, gradients, lr, momentum in cnn_modes.walk_cases():
        weights = torch.tensor(w, requires_grad=True)
        optimiser = torch.optim.SGD([weights], lr, momentum=momentum)
        for g in gradients:
            weights.grad = torch.tensor(g)
            optimiser.step()
        np.testing.assert_allclose(cnn_modes.walk(w, gradients, lr, momentum), weights.detach().numpy(), rtol=1e-12)
    v = cnn_modes.walk(np.zeros(1), np.ones((400, 1)), 1.0, 0.9) - cnn_modes.walk(
        np.zeros(1), np.ones((399, 1)), 1.0, 0.9
    )
    assert v[0] == pytest.approx(-10)  # ten times as long, as the praise says


def test_walking_on_the_callers_own_array_is_refused():
    def walk(w, gradients, lr, momentum):
        v = np.zeros_like(w)
        for g in gradients:
            v = momentum * v + g
            w -= lr * v
        return w

    assert "changes its input `w`" in check("07.9", walk).message


def test_infinite_results_can_be_shown():
    assert show(np.array([0.0, -np.inf])) == "`[0.0, -inf]`"
    assert show(np.array([1.0, np.nan])) == "`[1.0, nan]`"
    assert show(np.array([1.0, -np.finfo(float).max])) == "`[1.0, -1.7976931348623157e+308]`"


def test_what_is_said_is_true_of_answers_that_are_wrong_in_two_ways():
    def walk(w, gradients, lr, momentum):
        v = np.zeros_like(w)
        for g in gradients:
            v = momentum * v + g
            return w - lr * v
        return w

    assert "Does the `return` stand inside the loop?" in check("07.9", walk).message
    assert (
        "Two numbers for each filter are missing"
        in check("07.5", lambda c, f, k, n, m: f * c * k * k + f + m * (n + 1)).message
    )  # either batch norm, or a bias and one of its two
    assert check("07.2", float("nan")).message.startswith("`nan` is not it")
