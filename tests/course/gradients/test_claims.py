"""The claims of lab 02: what their verdicts rest on, computed."""

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from cnnkit.course.gradients.depth_numbers import Flow, measure_flow, predict_flow
from cnnkit.course.gradients.experiments import deep_net, factors, learning_curves, loss_gradients, slope
from cnnkit.course.gradients.record import SETTINGS, make_net
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.training import digits_task
from cnnkit.network import Activation, Linear, Network
from tests.course.claim_numbers import Written, assert_numbers_in_claim, assert_numbers_in_verdict

SEEDS = range(10)
TASK = digits_task()
RUNS = results("gradients")["runs"]


def flows(depth: int, activation: str, **options) -> list[Flow]:
    return [measure_flow(depth, activation, rng=np.random.default_rng(seed), **options) for seed in SEEDS]


def steepest(activation: str) -> float:
    """The largest slope, as torch's autograd finds it."""
    z = torch.linspace(-20, 20, 40_001, dtype=torch.float64, requires_grad=True)
    getattr(F, activation)(z).sum().backward()
    return float(z.grad.max())


def late_errors(name: str, *, count: int, seeds=range(5), **changes: float) -> np.ndarray:
    """Training errors of a setting of the benchmark after `count` epochs, at the rate found best there, or another."""
    rate = changes.pop("rate", RUNS[name]["rate"])
    return learning_curves(partial(make_net, **SETTINGS[name]), TASK, lr=rate, count=count, seeds=seeds)[:, -1]


def saturated(depth: int, *, gain: float) -> float:
    """The share of sums at which a sigmoid passes less than 1 % of its steepest slope, with Xavier's weights · gain."""
    rng = np.random.default_rng(0)
    layers = [layer for _ in range(depth) for layer in (Linear(64, 64), Activation("sigmoid"))]
    net = Network(layers, rng=rng, init="xavier", gain=gain)
    net.forward(rng.standard_normal((64, 64)))
    return float(np.mean([slope("sigmoid", z) < 0.01 * 0.25 for z in net.outputs[1::2]]))


def test_V1():
    depth = 50
    per_layer = np.array([flow.gradient[:-1] / flow.gradient[1:] for flow in flows(depth, "sigmoid", init="xavier")])
    assert per_layer.max() < 0.3  # every layer of every network shrinks it, and each by about the same
    assert per_layer.min() > 0.15
    usual = factors(depth, "sigmoid", init="xavier", seeds=SEEDS)
    large = factors(depth, "sigmoid", init="xavier", gain=16, seeds=SEEDS)
    assert usual.max() < 0.25 < 1 < large.min()
    for seed in range(5):  # and so it is with digits and a loss, for the weights' gradients
        net = deep_net(20, "sigmoid", init="xavier", rng=np.random.default_rng(seed))
        weights = loss_gradients(net, TASK.x[:200], TASK.labels[:200]).weights
        assert 0.2**19 < weights[0] / weights[-1] < 0.25**19
    assert_numbers_in_claim("V1", depth, usual.mean(), steepest("sigmoid"), 16, large.mean())
    assert 0.4 < saturated(depth, gain=12) < 0.5  # "nearly half"
    level = 1.0  # what neither shrinks nor grows
    tried = {gain: factors(depth, "sigmoid", init="xavier", gain=gain, seeds=SEEDS) for gain in (1, 4, 8, 12, 16)}
    grows = min(gain for gain, each in tried.items() if each.min() > level)
    assert_numbers_in_verdict("V1", steepest("sigmoid"), grows, level)


def test_V2():
    assert late_errors("depth 2, sigmoid", count=10).max() < 0.2
    for rate in (0.1, 1, 3):
        assert late_errors("depth 5, sigmoid", count=5, rate=rate).min() > 0.8
    assert late_errors("depth 5, ReLU", count=5).max() < 0.2
    assert late_errors("depth 20, sigmoid, batch norm", count=5).max() < 0.3

    def end(name: str, key: str = "mean") -> float:
        return 100 * RUNS[name][key][-1]

    for name, run in RUNS.items():  # the file is that of these settings, ten seeds each
        assert {key: run[key] for key in ("depth", "activation", "init")}.items() <= SETTINGS[name].items()
    assert set(RUNS) == set(SETTINGS)
    assert end("depth 2, sigmoid", "highest") < end("depth 5, sigmoid", "lowest")
    assert all(end(f"depth {depth}, sigmoid", "lowest") > 85 for depth in (5, 10, 20))
    assert end("depth 20, sigmoid, batch norm", "highest") < 2 < end("depth 20, sigmoid", "lowest")
    epochs, patient = len(RUNS["depth 2, sigmoid"]["mean"]) - 1, "depth 5, sigmoid, 100 epochs"
    fives = [round(end("depth 5, sigmoid")), round(end(patient)), len(RUNS[patient]["mean"]) - 1]
    rescued = [end(f"depth 20, sigmoid, {kind}") for kind in ("batch norm", "skip")]
    assert_numbers_in_claim(
        "V2",
        epochs,
        end("depth 2, sigmoid"),
        2,
        5,
        *fives,
        round(end("depth 20, sigmoid")),
        20,
        end("depth 20, tanh"),
        *rescued,
    )
    assert end(patient, "highest") < 85  # each of the ten seeds has set out
    assert end("depth 5, sigmoid, gain 4", "highest") < 2
    assert end("depth 20, sigmoid, skip", "highest") < 2
    assert_numbers_in_verdict(
        "V2", SETTINGS[patient]["depth"], SETTINGS[patient]["epochs"], results("gradients")["seeds"],
        SETTINGS["depth 5, sigmoid, gain 4"]["depth"], len(RUNS["depth 5, sigmoid, gain 4"]["mean"]) - 1,
        SETTINGS["depth 20, sigmoid, batch norm"]["depth"],
    )  # fmt: skip


def test_V3():
    depth, width = 50, 64
    found = {gain: factors(depth, "relu", gain=gain, width=width, seeds=SEEDS) for gain in (0.5, 1, 2)}
    for gain, each in found.items():
        assert np.all(np.abs(each / gain - 1) < 0.03)
    half, he, twice = (round(each.mean(), 1) for each in found.values())
    net = deep_net(20, "relu", rng=np.random.default_rng(0))
    net.layers[9].parameters["bias"] -= 100
    dead = loss_gradients(net, TASK.x[:200], TASK.labels[:200])
    assert np.all(dead.outputs[:9] == 0)
    assert np.all(dead.weights == 0)
    alive = deep_net(20, "relu", rng=np.random.default_rng(0))
    assert np.all(loss_gradients(alive, TASK.x[:200], TASK.labels[:200]).weights > 0)
    sums = np.concatenate([layer.z.ravel() for layer in alive.layers[:-1]])
    assert abs(np.mean(sums > 0) - 0.5) < 0.05  # "half of the slopes"
    assert_numbers_in_claim(
        "V3", depth, width, he, half, 10, round(-np.log10(0.5**depth)), twice, round(np.log10(2.0**depth)), 0
    )
    assert_numbers_in_verdict("V3", slope("relu", -1.0))


def test_V4():
    def border(activation: str) -> float:
        """Where the slope has fallen to 1 % of its largest, by bisection on torch's autograd."""
        low, high = 0.0, 20.0
        while high - low > 1e-9:
            z = torch.tensor((low + high) / 2, dtype=torch.float64, requires_grad=True)
            getattr(F, activation)(z).backward()
            low, high = (z.item(), high) if z.grad > 0.01 * steepest(activation) else (low, z.item())
        return low

    def turn(activation: str) -> float:
        """The z in the middle of things at which the slope is 0, by bisection on torch's autograd."""
        low, high = -2.0, 0.0
        while high - low > 1e-9:
            z = torch.tensor((low + high) / 2, dtype=torch.float64, requires_grad=True)
            getattr(F, activation)(z).backward()
            low, high = (z.item(), high) if z.grad < 0 else (low, z.item())
        return -low

    for activation in ("relu", "elu", "gelu", "silu"):
        z = torch.tensor([-40.0, 40.0, 1e6], dtype=torch.float64, requires_grad=True)
        getattr(F, activation)(z).sum().backward()
        assert torch.allclose(z.grad, torch.tensor([0.0, 1.0, 1.0], dtype=torch.float64), atol=1e-9)
    assert_numbers_in_claim(
        "V4", 1, steepest("sigmoid"), border("sigmoid"), steepest("tanh"), border("tanh"), 0, turn("gelu"), turn("silu")
    )
    higher = steepest("tanh") / steepest("sigmoid")
    zero = slope("relu", -1.0)  # "a slope of 0"
    assert_numbers_in_verdict("V4", *(round(border(activation), 2) for activation in ("sigmoid", "tanh")), higher, zero)


def test_V5():
    depth = 50
    variances = {}
    for pair in (("relu", "he"), ("relu", "xavier"), ("tanh", "xavier"), ("identity", "xavier")):
        found, rule = flows(depth, pair[0], init=pair[1]), predict_flow(depth, pair[0], init=pair[1])
        curves = np.array([flow.spread**2 for flow in found])
        assert np.all(np.abs(np.mean([flow.factor for flow in found]) / rule.factor - 1) < 0.02)
        assert np.all(np.abs(np.log(curves[:, 10]).mean() - np.log(rule.spread[10] ** 2)) < 0.5)
        variances[pair] = curves.mean(axis=0)
    he, xavier = variances["relu", "he"], variances["relu", "xavier"]
    tanh = variances["tanh", "xavier"]
    assert 0.5 < he[depth] / he[1] < 2
    assert xavier[depth] / xavier[1] < 1e-13
    assert abs(variances["identity", "xavier"][10] - 1) < 0.1
    rule = predict_flow(400, "tanh", init="xavier").spread ** 2
    assert np.all(np.abs(2 * np.arange(100, 401) * rule[100:] - 1) < 0.1)  # 1/(2L), not a factor per layer
    fold = round(tanh[1] / tanh[depth], -1)  # to the nearest ten
    assert_numbers_in_claim("V5", 1, depth, he[1], he[depth], 10, round(-np.log10(xavier[depth])), tanh[1], fold)
    slopes = slope("tanh", np.linspace(-3, 3, 601))
    passed = np.mean([flow.gradient[0] for flow in flows(depth, "tanh", init="xavier")])
    assert round(passed, 1) == 0.1  # "a tenth"
    quarters = 10.0 ** round(np.log10(steepest("sigmoid") ** depth))  # what the sigmoid's slopes would let through
    assert_numbers_in_verdict(
        "V5", slopes.max(), np.linspace(-3, 3, 601)[slopes.argmax()], Written("1/(2L)"), depth, quarters
    )
