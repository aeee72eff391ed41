"""What the answers to lesson 01's predictions say is what the explorers show."""

import re

import numpy as np
import pytest

from cnnkit.activations import gelu_backward, silu_backward, tanh_backward
from cnnkit.course.activations.dead_units_numbers import dead, train_and_watch
from cnnkit.course.activations.kinds import KINDS
from cnnkit.course.activations.predictions import PREDICTIONS, RATE
from cnnkit.course.activations.sparsity import shares, standard
from cnnkit.course.kit.recorded import results
from cnnkit.data import digits

REVEAL = {asked.key: asked.reveal for asked in PREDICTIONS}


def watched(lr: float, activation: str = "relu", **options):
    data = digits("train", n=150)
    x = data.normalized().reshape(150, -1).astype(float)
    return train_and_watch(x, data.labels, activation, lr=lr, **options)


def total(layers) -> int:
    return sum(int(dead(states).sum()) for states in layers)


def test_the_slopes_of_tanh_and_where_others_are_steep_or_flat():
    for at, told, digits_told in ((3.0, "0.00987", 3), (1.5, "0.18", 2)):
        assert f"{tanh_backward(1.0, at):.{digits_told}g}" == told
        assert told in REVEAL["01.a"]
    x = np.linspace(-3, 6, 90_001)
    silu, gelu = (backward(np.ones_like(x), x) for backward in (silu_backward, gelu_backward))
    assert f"beyond x = {x[silu > 1].min():.1f}." in REVEAL["01.a"]
    zeros = [x[:-1][slope[:-1] * slope[1:] <= 0][0] for slope in (silu, gelu)]
    assert f"near −{-zeros[0]:.2f} and −{-zeros[1]:.2f}, where the slope is exactly 0" in REVEAL["01.a"]
    wrong = {option.text: option.reply for option in PREDICTIONS[0].options}
    assert f"{tanh_backward(1.0, 2.0):.2f}" in wrong["About 10 %"]
    assert f"{tanh_backward(1.0, 2.2):.2f}" in wrong["About 5 %"]


def test_the_zeros_are_those_of_the_explorer_and_of_no_other_activation():
    sums = standard() - 1
    assert f"{shares(KINDS['ReLU'].value(sums, 0)).zero:.1f} % of these sums are negative" in REVEAL["01.b"]
    defaults = {"negative_slope": 0.01, "weight": 0.25, "upper": 1 / 3, "alpha": 1.0, "beta": 1.0, "max_val": 1.0}
    for name, kind in KINDS.items():
        if name != "ReLU":
            assert shares(kind.value(sums, defaults.get(kind.option, 0.0))).zero == 0


def test_the_epochs_are_the_recorded_ones():
    runs = results("activations")["convergence"]
    mean = {name: np.mean(runs[name]["epochs_to_1"]) for name in runs}
    told = re.findall(r"\d+\.\d", REVEAL["01.d"])
    names = ("sigmoid", "sigmoid − 1/2", "4·sigmoid", "4·sigmoid − 2", "tanh", "tanh + 1")
    assert told == [f"{mean[name]:.1f}" for name in names]


def test_dead_units_by_learning_rate():
    assert "four units are dead before training" in REVEAL["01.e"]
    assert total(watched(0.0).before) == 4
    for told, lr in re.findall(r"(\d+) at (0\.\d+)", REVEAL["01.e"]):
        assert total(watched(float(lr)).after) == int(told), lr
    assert "At 0.8 it is 90 of 96, and the network guesses" in REVEAL["01.e"]
    assert total(watched(0.8).after) == 90
    assert watched(0.8).right[1] == pytest.approx(0.1, abs=0.02)
    assert total(watched(RATE).after) == 16  # "sixteen of the 96"
    by_half = watched(0.75)
    assert by_half.right[1] == 0.5  # what the answer and the option "About 50 %" say
    assert total(by_half.after) == pytest.approx(48, abs=3)


def test_a_low_bias_silences_and_leaky_units_guess_without_one_dead():
    mild, strong = watched(0.2, bias=-1.0), watched(0.2, bias=-2.0)
    assert total(mild.after) < total(mild.before) / 2  # "most of the dead units come back"
    assert all(dead(layer).all() for layers in (strong.before, strong.after) for layer in layers[1:])
    leaky = watched(0.2, "leaky_relu", bias=-2.0)
    assert total(leaky.after) == 0
    assert leaky.right[1] == pytest.approx(0.1, abs=0.02)
