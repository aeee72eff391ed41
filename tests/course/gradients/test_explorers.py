"""The explorers of notebook 02: what their sliders do, and that live training waits for the slider to rest."""

import numpy as np
import pytest

from cnnkit.course.gradients.depth_numbers import measure_flow
from cnnkit.course.gradients.explorers import RATES, Depth, OneUnit, TrainIt
from cnnkit.course.kit.words import short

MOVES = [
    (Depth, {"depth": 50}, "50 layers"),
    (Depth, {"depth": 1}, "1 layer of"),
    (Depth, {"activation": "relu"}, "relu"),
    (Depth, {"init": "normal"}, "normal"),
    (Depth, {"gain": 16.0}, "gain 16"),
    (Depth, {"width": 128}, "128 units"),
    (Depth, {"seed": 5}, "multiplied by"),
    (OneUnit, {"activation": "tanh"}, "tanh"),
    (OneUnit, {"x": -3.0}, "(−3)"),
    (OneUnit, {"weight": 8.0}, "8·"),
    (OneUnit, {"bias": -1.0}, "− 1 ="),
    (TrainIt, {"depth": 8}, "8 hidden layers"),
    (TrainIt, {"activation": "relu"}, "relu"),
    (TrainIt, {"init": "he"}, ", he,"),
    (TrainIt, {"lr": "1"}, "learning rate 1:"),
    (TrainIt, {"seed": 3}, "goes from"),
]


@pytest.mark.parametrize(("kind", "move", "words"), MOVES, ids=[f"{k.__name__} {next(iter(m))}" for k, m, _ in MOVES])
def test_every_control_changes_picture_and_sentence(kind, move, words):
    explorer = kind()
    before = explorer.picture
    explorer.set(**move)
    assert explorer.picture.png != before.png
    assert explorer.sentence != before.sentence
    assert words in explorer.sentence


def test_every_control_is_among_those_moves():
    for kind in (Depth, OneUnit, TrainIt):
        assert {name for k, move, _ in MOVES if k is kind for name in move} == set(kind.controls)


def test_depth_shows_what_the_package_measures():
    explorer = Depth(depth=20, activation="tanh", init="xavier", gain=1.5, width=32, seed=2)
    rng = np.random.default_rng(2)
    flow = measure_flow(20, "tanh", rng=rng, init="xavier", gain=1.5, width=32, examples=32)
    assert f"multiplied by {short(flow.factor, 4)} per layer" in explorer.sentence


def test_a_slider_that_trains_waits_until_it_is_let_go():
    explorer = TrainIt()
    assert [explorer._widgets[name].continuous_update for name in ("depth", "seed")] == [False, False]
    assert all(w.continuous_update for name, w in Depth()._widgets.items() if name in ("depth", "gain", "width"))


def test_learning_rates_are_a_logarithmic_choice():
    rates = np.array([float(rate) for rate in RATES])
    assert np.all((rates[1:] / rates[:-1] > 2.9) & (rates[1:] / rates[:-1] < 3.4))
