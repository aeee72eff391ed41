"""The explorers of notebook 01. What every explorer promises is tested in test_explorers.py."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cnnkit.course.activations.explorers as module
from cnnkit.course.activations import shape as activations
from cnnkit.course.activations import sparsity
from cnnkit.course.activations.explorers import DeadUnits, Shape, Sparsity
from cnnkit.course.activations.kinds import KINDS, number


def test_shape_shows_the_option_of_its_activation_only():
    explorer = Shape()
    options = {
        "ReLU": [], "leaky ReLU": ["negative_slope"], "PReLU": ["weight"], "RReLU": ["upper"], "ELU": ["alpha"],
        "GELU": [], "SiLU": [], "sigmoid": [], "tanh": [], "softplus": ["beta"], "hardtanh": ["max_val"],
    }  # fmt: skip
    assert set(options) == set(KINDS)
    for name, expected in options.items():
        explorer.set(activation=name)
        shown = [explorer._widgets[n] for n in ("activation", "x", *expected)]
        assert list(explorer._panel.children) == shown


def test_shape_says_the_numbers_of_torch_as_the_sliders_move():
    explorer = Shape(activation="ELU", alpha=0.5, x=-1.0)
    for alpha in (0.1, 0.5, 1.5):
        for at in (-6.0, -0.3, 0.0, 2.0):
            explorer.set(alpha=alpha, x=at)
            x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
            y = F.elu(x, alpha)
            y.backward()
            assert f"= {number(y.item())}, and the slope is f′(x) = " in explorer.sentence
            assert f"= {number(x.grad.item())}." in explorer.sentence


def test_at_the_kink_of_relu_the_choice_of_torch_is_told():
    x = torch.zeros(1, requires_grad=True)
    F.relu(x).backward()
    assert x.grad.item() == 0
    assert "the slope is 0 on the left and 1 on the right; torch takes 0." in Shape(x=0.0).sentence


def test_a_move_makes_no_new_figure():
    charts = activations._shape_chart(), sparsity._chart()
    Shape(activation="tanh", x=3.0)
    Sparsity(activation="tanh", mean=1.0)
    assert (activations._shape_chart(), sparsity._chart()) == charts


def test_sparsity_counts_zeros_beside_the_prediction():
    explorer = Sparsity()
    z = np.random.default_rng(1).standard_normal(10_000)
    for mean, spread in ((0.0, 1.0), (-1.0, 1.0), (1.0, 2.0)):
        explorer.set(mean=mean, spread=spread)
        zeros = 100 * (F.relu(torch.tensor(mean + spread * z)) == 0).double().mean().item()
        assert f"{zeros:.1f} % of the outputs are exactly 0" in explorer.sentence
        assert f"Φ({number(-mean)}/{number(spread)})" in explorer.sentence
    explorer.set(activation="sigmoid", mean=-3.0, spread=0.5)
    assert "not one output is exactly 0" in explorer.sentence


def test_dead_units_trains_once_for_each_setting(monkeypatch):
    trained = []
    original = module.train_and_watch
    monkeypatch.setattr(module, "train_and_watch", lambda *a, **k: trained.append(k) or original(*a, **k))
    module._watched.cache_clear()
    explorer = DeadUnits(lr=0.4)
    for digit in (2, 75, 150):
        explorer.set(digit=digit)
    assert len(trained) == 1
    explorer.set(lr=0.5)
    explorer.set(lr=0.4)
    assert trained == [{"lr": lr, "bias": 0.0, "seed": 0} for lr in (0.4, 0.5, 0.4)]
    module._watched.cache_clear()


def counts(sentence: str, moment: str) -> list[int]:
    """The dead units per layer that the sentence tells."""
    words = sentence.split("in layers 1, 2 and 3: ")[1]
    part = words.split(" before training")[0] if moment == "before" else words.split("training, ")[1].split(" after")[0]
    return [int(word) for word in part.replace(" and", ",").split(", ")]


def test_more_units_die_at_a_larger_learning_rate_and_with_a_lower_bias():
    explorer, dead = DeadUnits(), {}
    for lr in (0.0, 0.2, 0.6):
        found = []
        for seed in range(5):
            explorer.set(lr=lr, seed=seed)
            found.append(sum(counts(explorer.sentence, "after")))
        dead[lr] = np.mean(found)
    assert dead[0.6] > 2 * dead[0.2]
    explorer.set(lr=0.0)
    assert counts(explorer.sentence, "before") == counts(explorer.sentence, "after")
    at_start = []
    for bias in (1.0, 0.0, -1.0, -2.0):
        explorer.set(bias=bias)
        at_start.append(sum(counts(explorer.sentence, "before")))
    assert at_start[1] < at_start[2] < at_start[3]


def test_silent_on_a_digit_is_told_apart_from_dead():
    explorer = DeadUnits(lr=0.4)
    before = counts(explorer.sentence, "after")
    said = set()
    for digit in (1, 20, 60, 150):
        explorer.set(digit=digit)
        assert counts(explorer.sentence, "after") == before
        said.add(explorer.sentence.split("On this digit, ")[1].split(" The network")[0])
        assert "are not dead: they fire on other digits." in explorer.sentence
    assert len(said) > 2


@pytest.mark.parametrize("name", [name for name in module.LEARNERS if name != "ReLU"])
def test_the_relatives_of_relu_have_no_dead_units(name):
    for lr in (0.2, 1.0):
        explorer = DeadUnits(activation=name, lr=lr, bias=-1.0)
        assert counts(explorer.sentence, "before") == counts(explorer.sentence, "after") == [0, 0, 0]


def test_no_setting_overflows():
    """Hidden numbers can run away although the outputs are finite: an ELU or a tanh bends inf back."""
    explorer = DeadUnits()
    for name in module.LEARNERS:
        for lr, bias, seed in ((0.5, -2.0, 0), (0.8, 2.0, 9), (1.0, 0.0, 9), (1.0, 2.0, 0)):
            explorer.set(activation=name, lr=lr, bias=bias, seed=seed)  # pytest makes an error of a warning
            assert "three layers of 32 units" in explorer.sentence
