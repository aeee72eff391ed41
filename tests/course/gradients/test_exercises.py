"""The references of the exercises of notebook 02: held against torch, the package and a search."""

import numpy as np
import pytest
import torch

from cnnkit import check
from cnnkit.course.gradients import exercises as gradients
from cnnkit.course.gradients.exercises import chain as gradients_chain
from cnnkit.course.kit.exercise_words import same, show
from cnnkit.network import Activation, Linear, Network, weight_std


def test_the_chain_by_hand_is_torchs():
    w1, w2 = torch.tensor(3.0, requires_grad=True), torch.tensor(-2.0, requires_grad=True)
    loss = (w2 * torch.relu(w1 * 2 - 1) + 13) ** 2
    loss.backward()
    assert (loss.item(), w1.grad, w2.grad) == (9, -24, 30)
    assert [w2.grad.item(), w1.grad.item()] == gradients_chain.RIGHT


@pytest.mark.parametrize("answer", [[30, -13], [1, -24], (1, 2), np.array([30, 5])])
def test_a_wrong_chain_that_no_one_foresaw_hears_which_number_is_wrong(answer):
    verdict = check("02.1", answer)
    assert verdict.passed is False
    assert ("dw₂ is right" in verdict.message) == (answer[0] == 30)
    assert ("dw₁ is right" in verdict.message) == (answer[1] == -24)


def test_no_chain_of_sigmoids_lets_more_through():
    rng = np.random.default_rng(0)
    for L, w in gradients.at_best_cases():
        slopes = Activation("sigmoid")
        slopes.forward(np.append(rng.normal(size=(2000, L)), np.zeros((1, L)), axis=0))  # every z a bias can make
        factors = np.abs(np.prod(w * slopes.backward(np.ones((2001, L))), axis=1))
        assert factors.max() == pytest.approx(gradients.at_best(L, w), rel=1e-12)


def test_so_many_layers_and_not_one_less():
    for factor, limit in gradients.until_cases():
        layers = gradients.layers_until(factor, limit)
        assert factor**layers < limit <= factor ** (layers - 1)
        assert np.floor(np.log(limit) / np.log(factor)) + 1 == layers  # the last hint's formula


def test_the_spread_for_a_leaky_relu_is_kaimings():
    """He's for slope 0, LeCun's without an activation, and torch's own kaiming for all between and beyond."""
    for fan_in, slope in gradients.std_cases():
        gain = torch.nn.init.calculate_gain("leaky_relu", slope)
        assert gradients.leaky_std(fan_in, slope) == pytest.approx(gain / np.sqrt(fan_in), rel=1e-12)
    assert gradients.leaky_std(50, 0) == pytest.approx(weight_std("he", 50, 50), rel=1e-12)
    assert gradients.leaky_std(50, 1) == pytest.approx(weight_std("lecun", 50, 50), rel=1e-12)


def test_leaky_layers_with_these_weights_keep_their_size():
    for slope in (0.0, 0.2, 0.5, 1.0):
        net = [Linear(400, 400), Activation("leaky_relu", negative_slope=slope)] * 1
        rng = np.random.default_rng(1)
        x = rng.standard_normal((200, 400))
        net[0].parameters = {
            "weight": gradients.leaky_std(400, slope) * rng.standard_normal((400, 400)),
            "bias": np.zeros(400),
        }
        z = net[0].forward(x)
        assert np.mean(net[1].forward(z) ** 2) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda L, w: w**L, "You take 1 for the largest slope"),
        (lambda L, w: 0.25 * w * L, "You add the layers up"),
        (lambda L, w: w * 0.25**L, "The weight counts in every layer"),
    ],
)
def test_the_plain_forms_of_known_mistakes_are_named(answer, words):
    assert words in check("02.2", answer).message


def test_a_chain_in_arrays_of_length_one_is_right():
    assert check("02.1", [np.array([30.0]), np.array([-24.0])]).passed


def test_a_gradient_that_forgets_dy_is_told_so():
    verdict = check("02.5", lambda dy, x, W, b: (1 - np.tanh(x @ W.T + b) ** 2).T @ x)
    assert "`dy` is not used" in verdict.message


def test_the_backward_by_hand_is_the_networks_and_torchs():
    for dy, x, W, b in gradients_chain.backward_cases():
        layer = Linear(W.shape[1], W.shape[0])
        layer.parameters = {"weight": W, "bias": b}
        net = Network([layer, Activation("tanh")])
        net.forward(x)
        net.backward(dy)
        ours = gradients_chain.weight_gradient(dy, x, W, b)
        np.testing.assert_allclose(ours, layer.gradients["weight"], rtol=1e-9)
        weight = torch.tensor(W, requires_grad=True)
        torch.tanh(torch.tensor(x) @ weight.T + torch.tensor(b)).backward(torch.tensor(dy))
        np.testing.assert_allclose(ours, weight.grad.numpy(), rtol=1e-9)


def test_small_numbers_and_words_among_the_arguments_are_shown_and_compared():
    assert show(1e-6) == "`1e-06`"
    assert same("he", "he")
    assert not same("he", "xavier")
