"""The layers for images against torch's modules, forward and backward; the steps downhill against its optimisers."""

from copy import deepcopy

import numpy as np
import pytest
import torch

from cnnkit import count_macs, count_parameters, numerical_gradient, output_shape
from cnnkit.losses import cross_entropy, cross_entropy_backward
from cnnkit.network import (
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
    adam,
    sgd,
    triangular,
)

RNG = np.random.default_rng(0)
IMAGES = (5, 4, 9, 8)
BUILDS = {
    "conv": (Conv2d(4, 6, 3, padding=1), IMAGES),
    "conv with all options": (Conv2d(4, 6, (3, 2), (1, 2), (2, 1), (2, 1), groups=2, bias=False), IMAGES),
    "max pool": (MaxPool2d(2), IMAGES),
    "max pool with all options": (MaxPool2d(3, 2, 1, 2, ceil_mode=True), IMAGES),
    "avg pool": (AvgPool2d(2), IMAGES),
    "avg pool with all options": (AvgPool2d(3, 2, 1, ceil_mode=True), IMAGES),
    "batch norm": (BatchNorm2d(4, momentum=0.3, eps=1e-3), IMAGES),
    "batch norm of rows": (BatchNorm1d(7), (5, 7)),
    "flatten": (Flatten(), IMAGES),
    "linear": (Linear(7, 3), (5, 7)),
}
every = pytest.mark.parametrize("name", BUILDS)


def built(name: str, seed: int = 0) -> tuple[Layer, np.ndarray, np.random.Generator]:
    """The layer with random parameters, an input, and what draws the rest."""
    rng = np.random.default_rng(seed)
    layer, shape = deepcopy(BUILDS[name][0]).draw(rng), BUILDS[name][1]
    for key, value in layer.parameters.items():
        layer.parameters[key] = value + 0.5 * rng.standard_normal(value.shape)
    return layer, rng.standard_normal(shape), rng


def module_of(layer: Layer) -> torch.nn.Module:
    """torch's module of the same name and numbers, with the same weights."""
    module = getattr(torch.nn, type(layer).__name__)(**layer.arguments).double()
    state = {k: torch.tensor(v) for k, v in (layer.parameters | layer.buffers).items()}
    module.load_state_dict(module.state_dict() | state)
    return module


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=1e-12)


@every
@pytest.mark.parametrize("training", [True, False])
def test_a_layer_is_torchs_module_forward_and_backward(name, training):
    layer, x, rng = built(name)
    layer.forward(x + 1, training=True)  # running statistics that are not those of the start
    module = module_of(layer).train(training)
    theirs_x = torch.tensor(x, requires_grad=True)
    theirs = module(theirs_x)
    y = layer.forward(x, training=training)
    dy = rng.standard_normal(y.shape)
    theirs.backward(torch.tensor(dy))
    close(y, theirs)
    close(layer.backward(dy), theirs_x.grad)
    assert set(layer.gradients) == set(layer.parameters) == set(dict(module.named_parameters()))
    for key, parameter in module.named_parameters():
        close(layer.gradients[key], parameter.grad)
    for key, buffer in layer.buffers.items():
        close(buffer, module.state_dict()[key])


@every
def test_without_weights_a_layer_says_what_it_will_do(name):
    plain, (layer, x, _) = BUILDS[name][0], built(name)
    shape = x.shape[1:]
    assert output_shape(plain, shape) == layer.forward(x).shape[1:]
    assert count_parameters(plain, shape) == sum(p.size for p in layer.parameters.values())
    assert plain == layer
    assert count_macs(plain, shape) == count_macs(layer, shape)


def test_weights_are_drawn_layer_after_layer_and_masks_from_the_same_generator():
    layers = [Conv2d(1, 3, 3), BatchNorm2d(3), Dropout(0.5), Flatten(), Linear(12, 2, bias=False)]
    net, rng = Network(layers, rng=np.random.default_rng(4), init="xavier", gain=2.0), np.random.default_rng(4)
    conv, _, drop, _, dense = net.layers
    assert np.array_equal(conv.weight, 2 * np.sqrt(2 / (9 + 27)) * rng.standard_normal((3, 1, 3, 3)))
    assert np.array_equal(dense.weight, 2 * np.sqrt(2 / 14) * rng.standard_normal((2, 12)))
    assert [len(layer.parameters) for layer in net.layers] == [2, 2, 0, 0, 1]
    net.forward(np.ones((5, 1, 4, 4)), training=True)
    assert np.array_equal(drop.cache > 0, rng.random((5, 3, 2, 2)) >= 0.5)


def test_a_layer_that_has_weights_keeps_them():
    first = Network([Linear(3, 2), BatchNorm1d(2)], rng=RNG, dtype=np.float32)
    kept = {name: array.copy() for name, array in first.state_dict().items()}
    second = Network([*first.layers, Linear(2, 2)], rng=RNG)
    assert all(np.array_equal(array, second.state_dict()[name]) for name, array in kept.items())
    assert second.layers[1].parameters["weight"].dtype == np.float32


def test_every_option_of_the_constructor_reaches_the_repr():
    assert repr(built("conv")[0]) == "Conv2d(4, 6, 3, padding=1)"
    assert repr(built("max pool with all options")[0]) == (
        "MaxPool2d(3, stride=2, padding=1, dilation=2, ceil_mode=True)"
    )
    net = Network([BatchNorm2d(3), Flatten(), Dropout(0.25), Dropout2d(rng=RNG), Linear(3, 2)], rng=RNG)
    assert repr(net) == "Network([BatchNorm2d(3), Flatten(), Dropout(p=0.25), Dropout2d(), Linear(3, 2)])"
    assert repr(LocallyConnected2d(1, 2, 3, input_size=5)) == "LocallyConnected2d(1, 2, 3, input_size=5)"


def cnn(rng: np.random.Generator) -> Network:
    """One layer of each kind, parameters away from their start."""
    net = Network([
        Conv2d(2, 3, 3, padding=1, bias=False), BatchNorm2d(3), Activation("prelu"), MaxPool2d(2),
        LocallyConnected2d(3, 4, 2, input_size=4), AvgPool2d(2, 1), Activation("gelu"), Flatten(),
        Linear(16, 5), BatchNorm1d(5), Activation("tanh"), Linear(5, 3),
    ], rng=rng)  # fmt: skip
    for layer in net.layers:
        for key, value in layer.parameters.items():
            layer.parameters[key] = value + 0.3 * rng.standard_normal(value.shape)
    return net


@pytest.mark.parametrize("training", [True, False])
def test_a_cnn_has_the_slope_that_is_measured(training):
    rng = np.random.default_rng(1)
    net = cnn(rng)
    x, dy = rng.standard_normal((4, 2, 8, 8)), rng.standard_normal((4, 3))

    def run(x):
        return net.forward(x, training=training)

    run(x)
    dx = net.backward(dy)
    if not training:  # in training each forward moves the running statistics, which changes nothing there
        assert all(np.array_equal(net.layers[1].buffers[k], v) for k, v in cnn(rng).layers[1].buffers.items())
    np.testing.assert_allclose(dx, numerical_gradient(run, x, dy), rtol=1e-4, atol=1e-6)
    for layer in net.layers:
        for key, value in layer.parameters.items():

            def loss(w, layer=layer, key=key):
                was, layer.parameters[key] = layer.parameters[key], w
                try:
                    return run(x)
                finally:
                    layer.parameters[key] = was

            np.testing.assert_allclose(layer.gradients[key], numerical_gradient(loss, value, dy), rtol=1e-4, atol=1e-6)


class Frozen(BatchNorm2d):
    """Wrong: the gradient treats the batch's mean and variance as if they were constants."""

    def backward(self, dy):
        x, *_ = self.cached()
        self.cache = x, {"running_mean": x.mean(axis=(0, 2, 3)), "running_var": x.var(axis=(0, 2, 3))}, False
        return super().backward(dy)


def test_a_wrong_backward_is_caught():
    rng = np.random.default_rng(0)
    layer, x = Frozen(2), rng.standard_normal((3, 2, 4, 4))
    dy = rng.standard_normal(x.shape)
    layer.forward(x, training=True)
    measured = numerical_gradient(lambda x: layer.forward(x, training=True), x, dy)
    layer.forward(x, training=True)
    assert not np.allclose(layer.backward(dy), measured, rtol=1e-2)


@pytest.mark.parametrize("kind", [Dropout, Dropout2d])
def test_dropout_sends_the_gradient_through_the_mask_that_it_drew(kind):
    layer, x = kind(0.3, rng=np.random.default_rng(0)), np.ones((6, 50, 4, 4))
    y = layer.forward(x, training=True)
    assert set(np.unique(y)) == {0, 1 / 0.7}
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.06)
    assert (kind is Dropout2d) == bool((y == y[..., :1, :1]).all())
    assert np.array_equal(layer.backward(x), y)
    assert not np.array_equal(layer.forward(x, training=True), y)
    assert np.array_equal(layer.forward(x), x)
    assert np.array_equal(layer.backward(2 * x), 2 * x)


def losses_of_both(step, optimizer, steps: int = 30) -> tuple[list[float], list[float]]:
    """The losses of a network and of its torch twin, stepped on the same batch."""
    rng = np.random.default_rng(2)
    net = Network([Conv2d(1, 3, 3), BatchNorm2d(3), Activation("tanh"), Flatten(), Linear(48, 4)], rng=rng)
    conv, norm, _, _, dense = map(module_of, [net.layers[0], net.layers[1], Flatten(), Flatten(), net.layers[4]])
    twin = torch.nn.Sequential(conv, norm, torch.nn.Tanh(), torch.nn.Flatten(), dense)
    x, labels = rng.standard_normal((20, 1, 6, 6)), rng.integers(0, 4, 20)
    optimizer, ours, theirs = optimizer(twin.parameters()), [], []
    for _ in range(steps):
        logits = net.forward(x, training=True)
        ours.append(float(cross_entropy(logits, labels, label_smoothing=0.1)))
        net.backward(cross_entropy_backward(1.0, logits, labels, label_smoothing=0.1))
        step(net)
        loss = torch.nn.functional.cross_entropy(twin(torch.tensor(x)), torch.tensor(labels), label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        theirs.append(loss.item())
    return ours, theirs


SGD = {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.01}
ADAM = {"lr": 0.003, "betas": (0.8, 0.99), "eps": 1e-6, "weight_decay": 0.02}
STEPS = {
    "sgd with weight decay": (lambda net: sgd(net, **SGD), lambda p: torch.optim.SGD(p, **SGD)),
    "nesterov": (lambda net: sgd(net, **SGD, nesterov=True), lambda p: torch.optim.SGD(p, **SGD, nesterov=True)),
    "adam": (lambda net: adam(net), lambda p: torch.optim.Adam(p)),
    "adam with all options": (lambda net: adam(net, **ADAM), lambda p: torch.optim.Adam(p, **ADAM)),
}


@pytest.mark.parametrize("name", STEPS)
def test_steps_are_torchs_one_by_one(name):
    ours, theirs = losses_of_both(*STEPS[name])
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    assert ours[-1] < ours[0] - 0.05


def test_the_comparison_sees_a_small_difference():
    off = {**SGD, "weight_decay": 0.0101}
    ours, theirs = losses_of_both(lambda net: sgd(net, **off), lambda p: torch.optim.SGD(p, **SGD))
    assert not np.allclose(ours, theirs, rtol=1e-7)


def test_the_triangle_rises_and_falls_in_a_straight_line():
    rates = np.array([triangular(step, 400, 0.2) for step in range(400)])
    assert rates.argmax() in (99, 100)
    assert rates.max() == pytest.approx(0.2, rel=0.01)
    np.testing.assert_allclose(np.diff(rates[:100]), 0.2 / 100)
    np.testing.assert_allclose(np.diff(rates[100:]), -0.2 / 300)
    assert 0 < rates.min() < 0.001
    assert rates.mean() == pytest.approx(0.1)
    assert triangular(0, 1, 0.5) > 0


def test_float32_stays_float32():
    rng = np.random.default_rng(0)
    net = Network([
        Conv2d(1, 3, 3), BatchNorm2d(3), Activation("prelu"), MaxPool2d(2),
        Dropout2d(0.2), Flatten(), Dropout(0.5), Linear(27, 2),
    ], rng=rng, dtype=np.float32)  # fmt: skip
    y = net.forward(rng.standard_normal((5, 1, 8, 8), np.float32), training=True)
    for step in (lambda: sgd(net, 0.1, momentum=0.9, weight_decay=1e-3, nesterov=True), lambda: adam(net)):
        net.backward(np.ones_like(y))
        step()
        for layer in net.layers:
            layer.optimizer_state = {}
    arrays = [a for layer in net.layers for a in (*layer.parameters.values(), *layer.buffers.values())]
    assert {a.dtype for a in (*arrays, *net.outputs, *net.doutputs)} == {np.dtype(np.float32)}


def trained() -> Network:
    net = Network([Linear(2, 2)], rng=RNG)
    net.backward(net.forward(np.ones((1, 2))))
    return net


WRONG = [
    (lambda: Conv2d(0, 3, 3), "in_channels must be at least 1, got 0"),
    (lambda: Conv2d(3, 4.5, 3), "out_channels must be an int"),
    (lambda: Conv2d(3, 4, 0), "kernel_size must be at least 1"),
    (lambda: Conv2d(3, 4, 3, padding="full"), "padding must be one of 'valid', 'same', got 'full'"),
    (lambda: Conv2d(3, 4, 3, groups=2), "groups=2 must divide in_channels=3"),
    (lambda: Conv2d(3, 4, 3).draw(1), "rng must be a numpy.random.Generator"),
    (lambda: Conv2d(3, 4, 3).draw(RNG, init="torch"), "init must be one of"),
    (lambda: Conv2d(3, 4, 3).draw(RNG, dtype=int), "dtype must be one of"),
    (
        lambda: Conv2d(1, 8, 3).forward(np.ones((2, 1, 8, 8))),
        r"^Conv2d\(1, 8, 3\) has no weights yet: put it in a Network, which draws them",
    ),
    (lambda: LocallyConnected2d(1, 1, 9, input_size=8), "kernel does not fit"),
    (
        lambda: LocallyConnected2d(1, 1, 3).draw(RNG),
        r"LocallyConnected2d\(1, 1, 3\) has a filter for each .* input_size",
    ),
    (
        lambda: output_shape(LocallyConnected2d(1, 1, 3, input_size=8), (1, 9, 9)),
        r"sizes do not match: the input has shape \(1, 9, 9\), but the layer is .* input_size=8\)",
    ),
    (lambda: MaxPool2d(2, padding=2), "padding must be at most half of the kernel"),
    (lambda: AvgPool2d((2, 0)), "kernel_size must be at least 1"),
    (lambda: BatchNorm2d(0), "num_features must be at least 1, got 0"),
    (lambda: BatchNorm2d(2, momentum=2), "momentum must be a probability"),
    (lambda: BatchNorm2d(2).forward(np.ones((4, 3, 2, 2))), r"running_mean must have shape \(3,\)"),
    (lambda: BatchNorm1d(3).forward(np.ones((1, 3)), training=True), "training needs more than 1 value per channel"),
    (lambda: Dropout(1.5), "p must be a probability between 0 and 1, got 1.5"),
    (lambda: Dropout(0.5, rng=3), "rng must be a numpy.random.Generator"),
    (lambda: Network([Dropout(0.5)]), "rng must be a numpy.random.Generator"),
    (lambda: Dropout(0.5).forward(np.ones(3), training=True), "rng must be a numpy.random.Generator"),
    (lambda: Flatten().backward(np.ones(3)), r"call forward before backward \(Flatten\(\)\)"),
    (lambda: Conv2d(3, 4, 3).draw(RNG).forward(np.ones((2, 4, 8, 8))), "channels do not match: x has 4, .* made for 3"),
    (lambda: adam(Network([Linear(2, 2)], rng=RNG)), "call backward before adam"),
    (lambda: adam(trained(), betas=(0.9, 1)), "betas must be 0 or more and below 1, got 1"),
    (lambda: adam(trained(), betas=0.9), "betas must be a pair of numbers, got 0.9"),
    (lambda: adam(trained(), eps=-1), "eps must be 0 or more and finite"),
    (lambda: sgd(trained(), 0.1, weight_decay=-1), "weight_decay must be 0 or more and finite"),
    (lambda: sgd(trained(), 0.1, nesterov=True), "nesterov needs a momentum above 0"),
    (lambda: sgd("net", 0.1), "net must be a Network, got 'net'"),
    (lambda: triangular(4, 4, 1.0), "step must be below steps=4, got 4"),
    (lambda: triangular(-1, 4, 1.0), "step must be at least 0"),
    (lambda: triangular(1, 4, 1.0, rise=1), "rise must be above 0 and below 1, got 1"),
    (lambda: triangular(1, 4, -1.0), "peak must be 0 or more and finite"),
]


@pytest.mark.parametrize(("call", "sentence"), WRONG, ids=[w[1][:40] for w in WRONG])
def test_what_cannot_be_is_refused_with_a_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
