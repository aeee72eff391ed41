"""A network of cnnkit and one of torch, from the same weights on the same batches, are the same network."""

import numpy as np
import pytest
import torch

from cnnkit.course.cnn.experiments import twin
from cnnkit.course.cnn.experiments.twin import torch_twin, train_both
from cnnkit.data import digits
from cnnkit.network import (
    ACTIVATIONS,
    Activation,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Dropout2d,
    Flatten,
    Layer,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    Network,
)


def cnn(seed: int = 0, activation: str = "relu", dtype=np.float64) -> Network:
    """Every kind of layer that torch has, too."""
    return Network([
        Conv2d(1, 6, 3, padding=1, bias=False), BatchNorm2d(6), Activation(activation), MaxPool2d(2),
        Conv2d(6, 8, 3, padding=1, groups=2, bias=False), BatchNorm2d(8, momentum=0.2), Activation(activation),
        Dropout2d(0.2), AvgPool2d(2), Flatten(), Dropout(0.3),
        Linear(32, 16, bias=False), BatchNorm1d(16), Activation("prelu"), Linear(16, 10),
    ], rng=np.random.default_rng(seed), dtype=dtype)  # fmt: skip


DIGITS = digits("train")
X = DIGITS.normalized().astype(np.float64)


@pytest.mark.parametrize("optimiser", twin.STEPS)
def test_a_hundred_steps_give_the_same_losses_weights_and_statistics(optimiser):
    both = train_both(cnn(), X, DIGITS.labels, steps=100, optimiser=optimiser)
    np.testing.assert_allclose(both.ours, both.theirs, rtol=1e-9)
    assert both.loss_difference < 1e-9
    assert both.state_difference < 1e-9
    assert {name for name in both.our_state if "running" in name} >= {"1.running_mean", "12.running_var"}
    assert both.ours[-20:].mean() < 0.8 * both.ours[:5].mean()


def test_they_agree_outside_training_too():
    net = cnn()
    train_both(net, X, DIGITS.labels, steps=10)
    model = torch_twin(net).eval()
    np.testing.assert_allclose(
        net.forward(X[:50]), model(torch.tensor(X[:50])).detach().numpy(), rtol=1e-10, atol=1e-12
    )


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in ("rrelu", "hardsigmoid")])
def test_every_activation_has_its_twin(name):
    both = train_both(cnn(activation=name), X, DIGITS.labels, steps=5)
    np.testing.assert_allclose(both.ours, both.theirs, rtol=1e-11)


def test_a_slope_for_each_channel_has_its_twin():
    layers = [Conv2d(1, 3, 3), Activation("prelu", weight=[0.1, 0.2, 0.3]), Flatten(), Linear(108, 10)]
    both = train_both(Network(layers, rng=np.random.default_rng(0)), X, DIGITS.labels, steps=5)
    assert both.state_difference < 1e-11
    assert len(set(both.our_state["1.weight"])) == 3


def test_in_single_precision_they_start_alike_and_drift_apart():
    both = train_both(cnn(dtype=np.float32), X.astype(np.float32), DIGITS.labels, steps=30)
    assert {a.dtype for a in both.our_state.values()} == {np.dtype(np.float32)}
    assert abs(both.ours[0] / both.theirs[0] - 1) < 1e-5
    assert 1e-9 < both.loss_difference < 0.05


def test_one_wrong_number_is_noticed(monkeypatch):
    """The comparison can fail: with another momentum, or with masks of dropout's own."""
    step, _, peak = twin.STEPS["nesterov"]
    off = {**twin.SGD, "momentum": 0.9001}
    monkeypatch.setitem(
        twin.STEPS, "nesterov", (step, lambda optim, p: optim.SGD(p, lr=0.1, nesterov=True, **off), peak)
    )
    assert train_both(cnn(), X, DIGITS.labels, steps=20).loss_difference > 1e-7
    monkeypatch.undo()
    monkeypatch.setattr(twin, "_masked", lambda layer: torch.nn.Dropout(layer.p))
    assert train_both(cnn(), X, DIGITS.labels, steps=5).loss_difference > 1e-3


def test_a_bias_before_batch_norm_learns_nothing_but_dust():
    """Batch norm takes it out again: what reaches it is rounding, different in the two, and changes no loss."""
    layers = [Flatten(), Linear(64, 8), BatchNorm1d(8), Activation("relu"), Linear(8, 10)]
    net = Network(layers, rng=np.random.default_rng(0))
    both = train_both(net, X, DIGITS.labels, steps=50)
    assert both.loss_difference < 1e-9
    assert np.abs(both.our_state["1.weight"] - np.random.default_rng(0).standard_normal((8, 64)) * 2**-2.5).max() > 0.1
    assert 0 < np.abs(both.our_state["1.bias"]).max() < 1e-12


class Own(Layer):
    pass


@pytest.mark.parametrize(
    "layer",
    [
        Own(),
        Activation("rrelu"),
        LocallyConnected2d(1, 1, 2, input_size=4),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_layer_that_torch_does_not_have_is_refused(layer):
    with pytest.raises(ValueError, match="torch has no layer like"):
        torch_twin(Network([layer], rng=np.random.default_rng(0)))


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="optimiser must be one of 'sgd', 'nesterov', 'adam', got 'lion'"):
        train_both(cnn(), X, DIGITS.labels, optimiser="lion")
    with pytest.raises(ValueError, match="steps must be at least 1"):
        train_both(cnn(), X, DIGITS.labels, steps=0)
