"""Initialisations as functions draw what torch draws, and a learner's is checked."""

import numpy as np
import pytest
import torch

from cnnkit.course.gradients.experiments import deep_net
from cnnkit.course.gradients.flow_math import default_gradient
from cnnkit.course.gradients.inits_math import kaiming_uniform, normal, orthogonal, pytorch_default, set_weights
from cnnkit.network import weight_std


@pytest.mark.parametrize("a", [0.0, 0.2, 1.0, 5**0.5])
def test_kaiming_uniform_has_torchs_bound_and_spread(a):
    ours = kaiming_uniform(64, 4000, np.random.default_rng(0), a=a)
    torch.manual_seed(0)
    theirs = torch.nn.init.kaiming_uniform_(torch.empty(4000, 64), a=a).numpy()
    assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=1e-3)
    assert ours.std() == pytest.approx(theirs.std(), rel=5e-3)


def test_the_default_is_uniform_up_to_one_over_the_root_and_a_sixth_of_hes_variance():
    ours = pytorch_default(100, 3000, np.random.default_rng(1))
    torch.manual_seed(0)
    theirs = torch.nn.Linear(100, 3000).weight.detach().numpy()
    for weight in (ours, theirs):
        assert np.abs(weight).max() == pytest.approx(1 / np.sqrt(100), rel=1e-4)
        assert weight.var() == pytest.approx(weight_std("he", 100, 3000) ** 2 / 6, rel=0.01)


def test_fifty_default_layers_pass_ten_to_the_minus_twenty_in_numpy_and_in_torch():
    ours = np.array([default_gradient(seed=seed) for seed in range(10)])
    theirs = np.array([default_in_torch(seed) for seed in range(10)])
    for found in (ours, theirs):
        assert np.exp(np.log(found).mean()) == pytest.approx(2e-20, rel=0.5)
        assert np.mean(found ** (1 / 50)) == pytest.approx(0.405, abs=0.005)
    assert np.sqrt(1 / 6) == pytest.approx(0.41, abs=0.005)


def default_in_torch(seed: int) -> float:
    torch.manual_seed(seed)
    net = torch.nn.Sequential(*(m for _ in range(50) for m in (torch.nn.Linear(64, 64), torch.nn.ReLU()))).double()
    x = torch.randn(64, 64, dtype=torch.double, requires_grad=True)
    y = net(x)
    dy = torch.randn_like(y)
    y.backward(dy)
    return (x.grad.norm() / dy.norm()).item()


def test_orthogonal_weights_keep_every_length_but_for_the_root_of_two():
    for fan_in, fan_out in ((8, 8), (8, 12), (12, 8)):
        weight = orthogonal(fan_in, fan_out, np.random.default_rng(0))
        assert weight.shape == (fan_out, fan_in)
        small = weight @ weight.T if fan_out <= fan_in else weight.T @ weight
        np.testing.assert_allclose(small, 2 * np.eye(min(fan_in, fan_out)), atol=1e-12)


def test_weights_are_drawn_for_every_layer():
    net = deep_net(3, "relu", rng=np.random.default_rng(0))
    set_weights(net, lambda fan_in, fan_out, rng: np.full((fan_out, fan_in), fan_in), np.random.default_rng(0))
    assert all(np.all(layer.parameters["weight"] == 64) for layer in net.layers)
    assert normal("he", 2.0)(50, 4000, np.random.default_rng(0)).std() == pytest.approx(0.4, rel=0.01)


@pytest.mark.parametrize(
    ("init", "words"),
    [
        (lambda fan_in, fan_out, rng: None, r"must return an array"),
        (lambda fan_in, fan_out, rng: "no", r"must return an array of numbers"),
        (lambda fan_in, fan_out, rng: np.zeros((fan_in, fan_out)), r"\(fan_out, fan_in\) = \(10, 64\), got \(64, 10\)"),
        (lambda fan_in, fan_out, rng: 0.1, r"is a `return` missing"),
        (lambda fan_in, fan_out: np.zeros((fan_out, fan_in)), r"must return an array of numbers"),
        (lambda fan_in, fan_out, rng: np.full((fan_out, fan_in), np.nan), "must return finite numbers"),
    ],
)
def test_a_start_that_is_none_is_refused_in_words(init, words):
    net = deep_net(1, "relu", rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=words):
        set_weights(net, init, np.random.default_rng(0))
