"""The numbers that lesson 02's predictions tell are computed."""

import numpy as np
import pytest

from cnnkit.course.gradients.depth_numbers import measure_flow
from cnnkit.course.gradients.experiments import deep_net, factors, loss_gradients
from cnnkit.course.gradients.learning import GUESSING, train_digits
from cnnkit.course.gradients.predictions import PREDICTIONS
from cnnkit.course.kit.activations import slope
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.training import digits_task

ASKED = {prediction.key: prediction for prediction in PREDICTIONS}
RUNS = results("gradients")["runs"]


def test_the_factor_of_one_unit_as_the_weight_grows():
    w = np.linspace(1, 8, 7001)
    factor = w * slope("sigmoid", w)
    top = factor.argmax()
    told = f"grows a little, to {factor[top]:.3f} at w = {w[top]:.1f}. Then it falls, to {factor[-1]:.3f} at w = 8."
    assert told in ASKED["02.b"].reveal
    assert 8 * slope("sigmoid", 8 * 1 - 8) == 2  # "takes b = −8: now the factor is 2"


def test_ten_tanh_layers():
    flow = measure_flow(10, "tanh", rng=np.random.default_rng(0), init="xavier", examples=32)
    assert f"pass {flow.gradient[0]:.2f} of the gradient, {flow.factor:.2f} per layer" in ASKED["02.c"].reveal
    assert factors(10, "sigmoid", init="xavier", gain=14).min() > 2**0.1  # "its gradient grows": more than twice
    assert 0.95 < 4**10 / 1e6 < 1.05


def test_what_the_wrong_numbers_of_the_default_would_take():
    for option in ASKED["02.d"].options[1:3]:
        assert f"{10 ** (option.value / 50):.2f}" in option.reply


def test_when_the_patient_networks_start():
    run = RUNS["depth 5, sigmoid, 100 epochs"]
    first, last = (int(np.argmax(np.array(run[key]) < 0.8)) for key in ("lowest", "highest"))
    assert (first, round(last, -1)) == (25, 70)
    assert "first after about 25 epochs, the last after about 70" in ASKED["02.e"].reveal
    assert RUNS["depth 10, sigmoid, 100 epochs"]["lowest"][-1] > 0.85


def test_no_rate_helps_in_the_explorer_either():
    for lr in (0.1, 1.0, 10.0):
        assert train_digits(5, "sigmoid", lr=lr, init="xavier", seed=0).loss[-1] == pytest.approx(GUESSING, abs=0.05)
    assert train_digits(5, "tanh", lr=0.1, init="xavier", seed=0).loss[-1] < 0.5 * GUESSING


def test_the_way_around_relus_grows_by_more_than_the_root_of_two():
    """1.64 per layer; with slopes that have nothing to do with the weights it is √2."""
    task = digits_task()
    found = []
    for seed in range(5):
        net = deep_net(50, "relu", rng=np.random.default_rng(seed), kind="skip")
        norms = loss_gradients(net, task.x[:200], task.labels[:200]).outputs
        found.append((norms[0] / norms[-1]) ** (1 / 49))
    assert np.mean(found) == pytest.approx(1.64, abs=0.01)
    assert np.mean([around(seed, independent=True) for seed in range(5)]) == pytest.approx(2**0.5, abs=0.01)
    assert np.mean([around(seed, independent=False) for seed in range(5)]) > 1.6


def around(seed: int, *, independent: bool) -> float:
    """The factor per layer of y = x + relu(x · Wᵀ), with the ReLU's own slopes or with others drawn at random."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((200, 64))
    layers = []
    for _ in range(50):
        weight = np.sqrt(2 / 64) * rng.standard_normal((64, 64))
        z = x @ weight.T
        x = x + np.maximum(z, 0)
        layers.append((weight, rng.random(z.shape) < 0.5 if independent else z > 0))
    dy = rng.standard_normal(x.shape)
    norm = np.linalg.norm(dy)
    for weight, on in reversed(layers):
        dy = dy + (dy * on) @ weight
    return float((np.linalg.norm(dy) / norm) ** (1 / 50))
