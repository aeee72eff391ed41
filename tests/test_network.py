"""Whole networks against torch, forward, backward and step by step; what they refuse."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnkit import numerical_gradient
from cnnkit.losses import cross_entropy, cross_entropy_backward
from cnnkit.network import (
    ACTIVATIONS,
    INITS,
    Activation,
    Layer,
    Linear,
    Network,
    adam,
    adamw,
    mlp,
    rmsprop,
    sgd,
    weight_std,
)
from tests.operations_activations import torch_hardsigmoid

OPTIONS = {
    "leaky_relu": {"negative_slope": 0.2}, "elu": {"alpha": 1.7}, "softplus": {"beta": 2.0, "threshold": 3.0},
    "hardtanh": {"min_val": -0.5, "max_val": 0.7}, "gelu": {"approximate": "tanh"},
    "rrelu": {"lower": 0.1, "upper": 0.5},
}  # fmt: skip
TORCH = {name: getattr(F, name, None) or getattr(torch, name) for name in ACTIVATIONS if name != "identity"}
TORCH["hardsigmoid"] = torch_hardsigmoid
every = pytest.mark.parametrize("name", ACTIVATIONS)


def random_net(name, seed=0, sizes=(7, 5, 6, 3)) -> tuple[Network, np.ndarray, np.ndarray]:
    """A network with random parameters, biases too, an input and a gradient of its output."""
    rng = np.random.default_rng(seed)
    net = mlp(sizes, name, rng=rng, gain=1.3, **OPTIONS.get(name, {}))
    for layer in net.layers:
        for key, value in layer.parameters.items():
            layer.parameters[key] = value + 0.3 * rng.standard_normal(value.shape)
    return net, rng.standard_normal((11, sizes[0])), rng.standard_normal((11, sizes[-1]))


def torch_twin(net: Network) -> list[dict[str, torch.Tensor]]:
    return [{k: torch.tensor(v, requires_grad=True) for k, v in layer.parameters.items()} for layer in net.layers]


def torch_forward(net: Network, twin, x: torch.Tensor) -> list[torch.Tensor]:
    outputs = [x]
    for layer, parameters in zip(net.layers, twin, strict=True):
        if isinstance(layer, Linear):
            y = F.linear(outputs[-1], parameters["weight"], parameters["bias"])
        elif layer.name == "identity":
            y = outputs[-1] * 1
        else:
            y = TORCH[layer.name](outputs[-1], **layer.options, **parameters)
        y.retain_grad()
        outputs.append(y)
    return outputs


def close(ours, theirs, rtol=1e-9):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=rtol, atol=1e-12)


@every
def test_a_whole_network_is_torchs_forward_and_backward(name):
    net, x, dy = random_net(name)
    twin, x_torch = torch_twin(net), torch.tensor(x, requires_grad=True)
    outputs = torch_forward(net, twin, x_torch)
    outputs[-1].backward(torch.tensor(dy))
    close(net.forward(x), outputs[-1])
    net.backward(dy)
    for ours, dours, theirs in zip(net.outputs, net.doutputs, outputs, strict=True):
        close(ours, theirs)
        close(dours, theirs.grad)
    for layer, parameters in zip(net.layers, twin, strict=True):
        assert set(layer.gradients) == set(layer.parameters)
        for key, tensor in parameters.items():
            close(layer.gradients[key], tensor.grad)


@every
def test_a_whole_network_has_the_slope_that_is_measured(name):
    net, x, dy = random_net(name, seed=1)
    net.forward(x)
    dx = net.backward(dy)
    np.testing.assert_allclose(dx, numerical_gradient(net.forward, x, dy), rtol=1e-5, atol=1e-7)
    for layer in net.layers:
        for key, value in layer.parameters.items():

            def loss(w, layer=layer, key=key):
                was, layer.parameters[key] = layer.parameters[key], w
                try:
                    return net.forward(x)
                finally:
                    layer.parameters[key] = was

            np.testing.assert_allclose(layer.gradients[key], numerical_gradient(loss, value, dy), rtol=1e-5, atol=1e-7)


class AtTheOutput(Activation):
    """Wrong: the slope is taken at the output instead of the pre-activation."""

    def backward(self, dy):
        return self._backward(dy, self._forward(self.cache))


class Forgetful(Linear):
    """Wrong: the gradient of the bias is that of the last example only."""

    def backward(self, dy):
        dx = super().backward(dy)
        self.gradients["bias"] = dy[-1]
        return dx


def test_a_wrong_backward_is_caught():
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((4, 3)), rng.standard_normal((4, 2))
    net = Network([Linear(3, 3), AtTheOutput("tanh"), Forgetful(3, 2)], rng=rng)
    net.forward(x)
    dx = net.backward(dy)
    assert not np.allclose(dx, numerical_gradient(net.forward, x, dy), rtol=1e-2)
    assert not np.allclose(net.layers[-1].gradients["bias"], dy.sum(axis=0), rtol=1e-2)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd_is_torchs_step_by_step(momentum):
    net, x, _ = random_net("prelu", seed=2)
    labels = np.random.default_rng(3).integers(0, 3, len(x))
    twin = torch_twin(net)
    optimizer = torch.optim.SGD([p for ps in twin for p in ps.values()], lr=0.02, momentum=momentum)
    for _ in range(20):
        logits = net.forward(x)
        loss = cross_entropy(logits, labels)
        net.backward(cross_entropy_backward(1.0, logits, labels))
        sgd(net, 0.02, momentum=momentum)

        optimizer.zero_grad()
        theirs = F.cross_entropy(torch_forward(net, twin, torch.tensor(x))[-1], torch.tensor(labels))
        theirs.backward()
        optimizer.step()
        assert loss == pytest.approx(theirs.item(), rel=1e-9)
        for layer, parameters in zip(net.layers, twin, strict=True):
            for key, tensor in parameters.items():
                close(layer.parameters[key], tensor, rtol=1e-8)


@pytest.mark.parametrize("init", INITS)
def test_the_weights_have_the_spread_that_the_formula_says(init):
    rng = np.random.default_rng(0)
    weight = Linear(200, 1000).draw(rng, init=init, gain=1.5).weight
    assert weight.std() == pytest.approx(weight_std(init, 200, 1000, gain=1.5), rel=0.01)
    assert abs(weight.mean()) < 0.01 * weight.std()


def test_the_spreads_are_torchs():
    torch.manual_seed(0)
    weight = torch.empty(1000, 300)
    torch.nn.init.kaiming_normal_(weight, nonlinearity="relu")
    assert weight.std().item() == pytest.approx(weight_std("he", 300, 1000), rel=0.01)
    torch.nn.init.xavier_normal_(weight, gain=2)
    assert weight.std().item() == pytest.approx(weight_std("xavier", 300, 1000, gain=2), rel=0.01)
    torch.nn.init.kaiming_normal_(weight, nonlinearity="linear")
    assert weight.std().item() == pytest.approx(weight_std("lecun", 300, 1000), rel=0.01)


def test_the_same_seed_gives_the_same_network_and_nothing_is_changed_in_place():
    one, x, dy = random_net("tanh")
    two, _, _ = random_net("tanh")
    before, weight = x.copy(), one.layers[0].parameters["weight"]
    kept = weight.copy()
    one.forward(x)
    one.backward(dy)
    sgd(one, 0.1)
    assert np.array_equal(x, before)
    assert np.array_equal(weight, kept)
    assert np.array_equal(kept, two.layers[0].parameters["weight"])
    assert not np.array_equal(one.layers[0].parameters["weight"], kept)


def test_float32_stays_float32():
    rng = np.random.default_rng(0)
    net = mlp([4, 3, 2], "sigmoid", rng=rng, dtype=np.float32)
    y = net.forward(np.ones((5, 4), np.float32))
    assert y.dtype == np.float32
    net.backward(np.ones_like(y))
    sgd(net, 0.1, momentum=0.5)
    assert {p.dtype for layer in net.layers for p in layer.parameters.values()} == {np.dtype(np.float32)}


def test_rrelu_draws_its_slopes_when_training():
    layer, x = Activation("rrelu", rng=np.random.default_rng(0)), -np.ones((50, 20))
    drawn = layer.forward(x, training=True)
    assert drawn.std() > 0.03
    assert np.array_equal(layer.backward(np.ones_like(x)), -drawn)
    assert layer.forward(x).std() < 1e-12


def test_rrelu_draws_from_the_networks_generator_unless_it_has_its_own():
    x = -np.ones((5, 4))
    for own in (None, np.random.default_rng(1)):
        net = Network([Activation("rrelu", rng=own)], rng=np.random.default_rng(2))
        again = Activation("rrelu", rng=np.random.default_rng(2 if own is None else 1))
        assert np.array_equal(net.forward(x, training=True), again.forward(x, training=True))


RNG = np.random.default_rng(0)


@pytest.mark.parametrize("step", [sgd, adam, adamw, rmsprop])
def test_no_parameter_moves_if_one_has_no_gradient(step):
    net, x, _ = random_net("relu")
    net.forward(x)
    net.layers[0].gradients = dict.fromkeys(("weight", "bias"), 1.0)
    before = net.state_dict()
    with pytest.raises(ValueError, match=rf"call backward before {step.__name__} \(Linear\(5, 6\)\)"):
        step(net, 0.1)
    assert all(array is before[name] for name, array in net.state_dict().items())


def test_sgd_and_adam_do_not_take_each_others_state():
    mixed, plain = random_net("relu")[0], random_net("relu")[0]
    _, x, dy = random_net("relu")
    for net, first in ((mixed, adam), (plain, None)):
        net.forward(x)
        net.backward(dy)
        if first is not None:
            first(net, 0.0)
        sgd(net, 0.1, momentum=0.9)
    assert all(np.array_equal(a, plain.state_dict()[name]) for name, a in mixed.state_dict().items())


def test_a_layer_stands_in_a_network_once():
    layer = Linear(3, 3)
    with pytest.raises(ValueError, match="layers must be different ones, as each remembers one input"):
        Network([layer, Activation("relu"), layer])


WRONG = [
    (lambda: Linear(0, 3), "in_features must be at least 1, got 0"),
    (lambda: Linear(3, 2.5), "out_features must be an int"),
    (lambda: Network([Linear(3, 2)], rng=0), "rng must be a numpy.random.Generator"),
    (lambda: Network([Linear(3, 2)]), "rng must be a numpy.random.Generator such as .*, got None"),
    (
        lambda: Linear(3, 2).forward(np.ones((5, 3))),
        r"^Linear\(3, 2\) has no weights yet: put it in a Network, which draws",
    ),
    (lambda: Network([Linear(3, 2)], rng=RNG, init="kaiming"), "init must be one of 'he', 'xavier', 'lecun', 'normal'"),
    (lambda: Network([Linear(3, 2)], rng=RNG, gain=-1), "gain must be 0 or more and finite, got -1"),
    (lambda: weight_std("he", 3, 2, gain=float("nan")), "gain must be 0 or more and finite, got nan"),
    (lambda: Linear(3, 2).draw(RNG).forward(np.ones((5, 4))), "x must have 3 entries on its last axis"),
    (lambda: Linear(3, 2).draw(RNG).backward(np.ones((5, 2))), r"call forward before backward \(Linear\(3, 2\)\)"),
    (lambda: Activation("tanh").backward(np.ones(2)), r"call forward before backward \(Activation\('tanh'\)\)"),
    (lambda: Activation("relo"), "name must be one of 'identity', 'relu'"),
    (lambda: Activation("relu", alpha=1), "relu has no option 'alpha'; it has none"),
    (lambda: Activation("softplus", alpha=1), "softplus has no option 'alpha'; it has beta, threshold"),
    (lambda: Activation("softplus", beta=0), "beta must not be 0"),
    (lambda: Activation("prelu", weight="a"), "weight must hold real numbers"),
    (lambda: Network([]), "layers must hold at least one layer"),
    (lambda: Network(["relu"]), "layers must be layers such as"),
    (lambda: Network([Activation("relu")]).forward("a"), "x must hold real numbers"),
    (lambda: mlp([3], rng=RNG), "sizes must hold at least"),
    (lambda: sgd(mlp([3, 2], rng=RNG), 0.1), "call backward before sgd"),
    (lambda: sgd(mlp([3, 2], rng=RNG), -0.1), "lr must be 0 or more and finite"),
    (lambda: sgd(mlp([3, 2], rng=RNG), 0.1, momentum=1), "momentum must be 0 or more and below 1"),
]


@pytest.mark.parametrize(("call", "sentence"), WRONG, ids=[w[1][:40] for w in WRONG])
def test_what_cannot_be_is_refused_with_a_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_a_new_kind_of_layer_needs_forward_and_backward():
    with pytest.raises(NotImplementedError):
        Layer().forward(np.ones(1))
    with pytest.raises(NotImplementedError):
        Layer().backward(np.ones(1))


def test_repr_says_how_it_is_built():
    net = Network([Linear(2, 3), Activation("leaky_relu", negative_slope=0.2)], rng=RNG)
    assert repr(net) == "Network([Linear(2, 3), Activation('leaky_relu', negative_slope=0.2)])"
