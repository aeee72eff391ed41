"""Steps downhill against torch.optim, with random options and gradients; float16, whose squares are 0."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnkit.data import digits
from cnnkit.network import Activation, Linear, Network, accuracy, adam, adamw, digits_cnn, fit, rmsprop, sgd
from tests.operations import rngs

share, small = st.floats(0.05, 0.95), st.floats(1e-6, 1e-2)
ADAM = {"betas": st.tuples(share, share), "eps": small, "weight_decay": st.floats(0, 0.5)}
STEPS = {
    "sgd": (sgd, torch.optim.SGD, {"momentum": share, "weight_decay": st.floats(0, 0.5), "nesterov": st.booleans()}),
    "adam": (adam, torch.optim.Adam, ADAM),
    "adamw": (adamw, torch.optim.AdamW, ADAM),
    "rmsprop": (
        rmsprop,
        torch.optim.RMSprop,
        {
            "alpha": share,
            "eps": small,
            "weight_decay": st.floats(0, 0.5),
            "momentum": st.just(0.0) | share,
            "centered": st.booleans(),
        },
    ),
}
every = pytest.mark.parametrize("name", STEPS)


def network(rng, dtype=np.float64) -> Network:
    return Network([Linear(3, 2), Activation("prelu"), Linear(2, 4, bias=False)], rng=rng, dtype=dtype)


def random_gradients(net: Network, rng: np.random.Generator, scale: float = 1.0) -> None:
    for layer in net.layers:
        for name, parameter in layer.parameters.items():
            layer.gradients[name] = (scale * rng.normal(size=parameter.shape)).astype(parameter.dtype)


def torch_parameters(net: Network) -> list[torch.Tensor]:
    return [torch.tensor(array, requires_grad=True) for array in net.state_dict().values()]


def give_gradients(net: Network, parameters: list[torch.Tensor]) -> None:
    gradients = [layer.gradients[name] for layer in net.layers for name in layer.parameters]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = torch.tensor(gradient)


def largest_difference(net: Network, parameters: list[torch.Tensor]) -> float:
    pairs = zip(net.state_dict().values(), parameters, strict=True)
    return max(float(np.abs(array - tensor.detach().numpy()).max()) for array, tensor in pairs)


@every
@given(data=st.data(), rng=rngs, lr=st.floats(1e-4, 0.3))
@settings(max_examples=40)
def test_six_random_steps_are_torchs(name, data, rng, lr):
    ours, theirs, options = STEPS[name]
    chosen = {option: data.draw(strategy) for option, strategy in options.items()}
    net = network(rng)
    parameters = torch_parameters(net)
    optimizer = theirs(parameters, lr=lr, **chosen)
    for _ in range(6):
        random_gradients(net, rng)
        give_gradients(net, parameters)
        ours(net, lr, **chosen)
        optimizer.step()
        assert largest_difference(net, parameters) < 1e-9


@every
def test_the_defaults_are_torchs(name):
    ours, theirs, _ = STEPS[name]
    rng = np.random.default_rng(0)
    net = network(rng)
    parameters = torch_parameters(net)
    lr = {"lr": 1e-3} if name == "sgd" else {}
    optimizer = theirs(parameters, **lr)
    for _ in range(5):
        random_gradients(net, rng)
        give_gradients(net, parameters)
        ours(net, **lr)
        optimizer.step()
        assert largest_difference(net, parameters) < 1e-12


def test_decoupled_decay_is_not_the_decay_of_adam():
    """Without a gradient adam's step is lr long whatever the decay; adamw's is the decay's share."""
    for step, expected in ((adam, 2 - 0.1), (adamw, 2 * (1 - 0.1 * 0.5))):
        net = Network([Linear(1, 1, bias=False)], rng=np.random.default_rng(0))
        net.layers[0].parameters["weight"], net.layers[0].gradients["weight"] = np.full((1, 1), 2.0), np.zeros((1, 1))
        step(net, 0.1, weight_decay=0.5)
        np.testing.assert_allclose(net.layers[0].parameters["weight"], expected, rtol=1e-6)


def test_the_variance_of_gradients_that_hardly_change_is_not_lost():
    """mean(g²) - mean(g)² of 1000 ± 1e-6 has no right digit left, and may be negative."""
    net = Network([Linear(1, 1, bias=False)], rng=np.random.default_rng(0))
    layer, rng = net.layers[0], np.random.default_rng(1)
    gradients, weights = 1000 + 1e-6 * rng.normal(size=5000), []
    for g in gradients:
        layer.gradients["weight"] = np.full((1, 1), g)
        rmsprop(net, 1e-9, alpha=0.9, eps=0, centered=True)
        weights.append(layer.parameters["weight"].item())
    recent = 0.1 * 0.9 ** np.arange(400)[::-1]
    mean = recent @ gradients[-400:]
    std = np.sqrt(recent @ (gradients[-400:] - mean) ** 2)
    assert weights[-2] - weights[-1] == pytest.approx(1e-9 * gradients[-1] / std, rel=1e-3)


@every
@pytest.mark.parametrize("scale", [1e-4, 1.0])
def test_steps_in_half_precision_are_those_in_single_precision_rounded(name, scale):
    """Gradients of 1e-4 have squares of 1e-8, which float16 does not have; nor does it have eps = 1e-8."""
    step, _, _ = STEPS[name]
    half, single = (network(np.random.default_rng(0), dtype) for dtype in (np.float16, np.float32))
    rng = np.random.default_rng(1)
    for _ in range(5):
        random_gradients(half, rng, scale)
        for ours, wide in zip(half.layers, single.layers, strict=True):
            wide.parameters = {key: array.astype(np.float32) for key, array in ours.parameters.items()}
            wide.gradients = {key: array.astype(np.float32) for key, array in ours.gradients.items()}
        step(half, 0.01)
        step(single, 0.01)
        for key, array in half.state_dict().items():
            assert array.dtype == np.float16
            np.testing.assert_array_equal(array, single.state_dict()[key].astype(np.float16))


@every
def test_without_a_gradient_nothing_moves_in_half_precision(name):
    """0 / (√0 + 1e-8) is 0; torch's float16 makes 0 / 0 of it."""
    net = network(np.random.default_rng(0), np.float16)
    before = net.state_dict()
    for _ in range(3):
        random_gradients(net, np.random.default_rng(0), 0)
        STEPS[name][0](net, 0.01, weight_decay=0)
    assert all(np.array_equal(array, before[key]) for key, array in net.state_dict().items())


@pytest.mark.parametrize(("step", "peak"), [(adam, 0.003), (adamw, 0.003), (rmsprop, 0.002), (sgd, 0.3)])
def test_a_network_is_fitted_with_every_step(step, peak):
    data = digits()
    net = digits_cnn(np.random.default_rng(0))
    for epoch in fit(
        net, data.images[:600], data.labels[:600], epochs=3, rng=np.random.default_rng(1), step=step, peak=peak
    ):
        assert np.isfinite(epoch.loss)
    assert accuracy(net, data.images[600:], data.labels[600:]) > 0.85
