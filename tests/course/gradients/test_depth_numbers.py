"""The size of the signal in each layer: the same as torch's, and as the variance rule says it must be."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnkit.course.gradients.depth_numbers import measure_flow, predict_flow
from cnnkit.network import weight_std

TORCH = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu, "silu": F.silu, "hardtanh": F.hardtanh}
ALL = (*TORCH, "identity", "leaky_relu", "elu", "softplus")


@pytest.mark.parametrize("name", TORCH)
def test_spread_and_gradient_are_torchs(name):
    flow = measure_flow(6, name, rng=np.random.default_rng(3), width=9, init="xavier", gain=1.2, examples=20)
    rng = np.random.default_rng(3)
    outputs = [torch.tensor(rng.standard_normal((20, 9)), requires_grad=True)]
    for _ in range(6):
        weight = torch.tensor(weight_std("xavier", 9, 9, gain=1.2) * rng.standard_normal((9, 9)))
        outputs.append(TORCH[name](outputs[-1] @ weight.T))
        outputs[-1].retain_grad()
    outputs[-1].backward(torch.tensor(rng.standard_normal((20, 9))))
    norms = np.array([y.grad.norm().item() for y in outputs])
    np.testing.assert_allclose(flow.gradient, norms / norms[-1], rtol=1e-9)
    np.testing.assert_allclose(flow.spread, [y.detach().numpy().std() for y in outputs], rtol=1e-9)
    assert flow.factor == pytest.approx((norms[0] / norms[-1]) ** (1 / 6), rel=1e-9)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(("init", "gain"), [("he", 1.0), ("xavier", 0.7), ("normal", 0.1)])
def test_wide_layers_do_what_the_variance_rule_says(name, init, gain):
    flows = [
        measure_flow(5, name, rng=np.random.default_rng(seed), width=300, init=init, gain=gain) for seed in range(3)
    ]
    rule = predict_flow(5, name, width=300, init=init, gain=gain)
    assert np.mean([flow.factor for flow in flows]) == pytest.approx(rule.factor, rel=0.05)
    np.testing.assert_allclose(np.mean([flow.spread for flow in flows], axis=0), rule.spread, rtol=0.12)


@pytest.mark.parametrize("width", [8, 64, 128])
def test_the_rules_that_are_known_in_closed_form(width):
    he = predict_flow(50, "relu", width=width, init="he")
    np.testing.assert_allclose(he.gradient, 1, rtol=1e-6)
    np.testing.assert_allclose(he.spread[1:], np.sqrt(1 - 1 / np.pi), rtol=1e-4)  # of max(0, z) with z ~ N(0, 2)
    np.testing.assert_allclose(predict_flow(9, "relu", width=width, init="xavier").factor, np.sqrt(0.5), rtol=1e-6)
    linear = predict_flow(9, "identity", width=width, init="normal", gain=0.3)
    np.testing.assert_allclose(linear.spread, (0.3 * np.sqrt(width)) ** np.arange(10), rtol=1e-6)
    np.testing.assert_allclose(linear.gradient, (0.3 * np.sqrt(width)) ** np.arange(9, -1, -1), rtol=1e-6)


def test_sigmoids_that_are_narrow_in_their_sums_pass_a_quarter():
    """With small weights every z is near 0: the factor is 0.25 · σ · √n."""
    rule = predict_flow(30, "sigmoid", width=64, init="normal", gain=0.01)
    assert rule.factor == pytest.approx(0.25 * 0.01 * 8, rel=1e-2)


def test_what_cannot_be_is_refused():
    rng = np.random.default_rng(0)
    for call, sentence in (
        (lambda: measure_flow(0, "relu", rng=rng), "depth must be at least 1, got 0"),
        (lambda: predict_flow(0, "relu"), "depth must be at least 1, got 0"),
        (lambda: measure_flow(3, "relu", rng=rng, width=0), "width must be at least 1"),
        (lambda: measure_flow(3, "relu", rng=7), "rng must be a numpy.random.Generator"),
        (lambda: measure_flow(3, "rectifier", rng=rng), "name must be one of"),
        (lambda: predict_flow(3, "relu", init="he normal"), "init must be one of"),
    ):
        with pytest.raises(ValueError, match=sentence):
            call()
