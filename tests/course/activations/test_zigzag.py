"""Which way weights can move: the numbers behind the explorer, its picture, and what the lesson says of them."""

import re

import numpy as np
import pytest

from cnnkit.course.activations import zigzag_numbers as numbers
from cnnkit.course.activations.explorers import ZigZag
from cnnkit.course.activations.zigzag import draw_zigzag
from cnnkit.course.kit.words import decimal
from cnnkit.course.predictions import PREDICTIONS
from cnnkit.numerical import numerical_gradient

TEXT = PREDICTIONS["01.c"].reveal


def test_the_gradient_is_that_of_the_loss():
    rng = np.random.default_rng(3)
    x, w = rng.uniform(0.2, 1, (6, 2)), rng.normal(size=2)

    def loss(w):
        return 0.5 * float((((w - numbers.TARGET) @ x.T) ** 2).mean())

    np.testing.assert_allclose(numbers.gradients(w, x[None])[0], numerical_gradient(loss, w, 1.0), rtol=1e-6)
    offset = w - numbers.TARGET
    assert loss(w) == pytest.approx(0.5 * offset @ numbers.curvature(x) @ offset)


@pytest.mark.parametrize("batch", [1, 2, 5, 50])
def test_the_shares_of_the_compass_are_counted(batch):
    shares = numbers.step_shares(batch)
    assert shares.sum() == pytest.approx(1)
    x = numbers.inputs()
    some = np.random.default_rng(batch).integers(len(x), size=(numbers.TRIED, batch))
    steps = [-numbers.gradients(numbers.START, x[each][None])[0] for each in some]
    assert np.mean([a * b < 0 for a, b in steps]) == pytest.approx(shares[1] + shares[3])


def test_one_positive_example_never_moves_the_weights_apart_and_a_batch_does():
    assert (numbers.inputs() > 0).all()
    found = {batch: numbers.walk(batch).mixed for batch in (1, 2, 50)}
    assert found[1] == 0
    assert f"With 50 examples {100 * found[50]:.0f} % of the steps" in TEXT
    assert f"With 2 examples it is {100 * found[2]:.0f} %, with one example 0 %" in TEXT
    steps = np.diff(numbers.walk(1).path, axis=0)
    assert (steps[:, 0] * steps[:, 1] >= 0).all()
    assert numbers.walk(1, centred=True).mixed > 0


def test_the_same_holds_in_the_network_of_the_lesson():
    found = {batch: np.mean([numbers.mixed_signs(batch, seed=seed) for seed in range(10)]) for batch in (1, 50)}
    assert found[1] == 0
    assert found[50] == pytest.approx(0.5, abs=0.02)
    assert "At batch 1 no unit of its second layer has gradients of both signs. At batch 50 half of them have" in TEXT
    assert numbers.mixed_signs(1, name="tanh") == 1


def test_the_valley_costs_more_steps_than_the_quadrants():
    positive, centred = ([numbers.walk(64, centred=c, seed=seed).arrived for seed in range(10)] for c in (False, True))
    said = [int(n) for n in re.findall(r"takes about (\d+) steps", TEXT)]
    assert said == [pytest.approx(np.mean(positive), abs=3), pytest.approx(np.mean(centred), abs=1)]


def test_the_path_goes_where_the_sentence_says():
    explorer = ZigZag(batch=10, steps=7)
    at = numbers.walk(10).path[7]
    assert f"After 7 steps the weights are {decimal(at[0])} and {decimal(at[1])}:" in explorer.sentence
    assert "steps with 10 examples a batch" in explorer.sentence
    assert "The inputs are all positive." in explorer.sentence
    explorer.set(centred=True)
    assert "The inputs are of both signs." in explorer.sentence


def test_the_first_picture_is_of_one_example_only():
    assert ZigZag().values["batch"] == 1
    assert not any(re.search(spoiler, ZigZag().sentence) for spoiler in PREDICTIONS["01.c"].spoilers)


def test_too_many_steps_are_refused():
    with pytest.raises(ValueError, match="steps must be at most 120, got 121"):
        draw_zigzag(1, steps=121)
    with pytest.raises(ValueError, match="batch"):
        draw_zigzag(0)
