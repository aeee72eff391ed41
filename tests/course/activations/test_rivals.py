"""The race: the others as recorded, an activation of your own as the package would train it."""

import numpy as np
import pytest

from cnnkit.course.activations import race, results, rivals_numbers
from cnnkit.course.activations.experiments import convergence
from cnnkit.course.activations.kinds import KINDS
from cnnkit.course.kit.tune import epochs_to


def leaky(x):
    return np.where(x > 0, x, 0.01 * x)


def leaky_slope(x):
    return np.where(x > 0, 1, 0.01)


def test_an_activation_that_the_package_has_runs_as_it_does_there():
    mine = rivals_numbers.run(leaky, leaky_slope, lr=0.2, seeds=[20])
    theirs = convergence.training_errors("leaky_relu", 0.2, 20, count=30, until=0.01)
    assert mine == [epochs_to(theirs, 0.01)]


def test_all_eleven_run_against_yours_each_at_its_fastest_rate():
    assert set(rivals_numbers.LABELS.values()) == set(KINDS)
    stored = results("activations")
    for name in rivals_numbers.LABELS:
        run = (stored["race"] | stored["convergence"])[name]
        assert min(run["tried"], key=run["tried"].get) == f"{run['lr']:g}"
        assert len(run["epochs_to_1"]) == 10
    means = [np.mean(values) for values in rivals_numbers.rivals().values()]
    assert means == sorted(means)


def test_a_recorded_run_can_be_repeated():
    recorded = results("activations")["race"]["elu"]
    errors = convergence.training_errors("elu", recorded["lr"], 0, count=40, until=0.01)
    assert epochs_to(errors, 0.01) == recorded["epochs_to_1"][0]


def test_what_the_lesson_says_of_the_order():
    rivals = {label.split(",")[0]: np.mean(values) for label, values in rivals_numbers.rivals().items()}
    assert list(rivals)[-2:] == ["softplus", "sigmoid"]
    assert rivals["ReLU"] < 1.6 * min(rivals.values())  # "close to the others"


def test_the_picture_shows_yours_below_the_others():
    said = race(leaky, leaky_slope, lr=0.2).sentence
    assert "Run here: leaky, rate 0.2 " in said
    assert all(label in said for label in rivals_numbers.rivals())


def test_a_wrong_slope_is_named_with_its_place():
    with pytest.raises(ValueError, match=r"At x = −4.3 your function rises by 0.01 .*, but `<lambda>` says 1"):
        rivals_numbers.run(leaky, lambda x: np.ones_like(x), lr=0.1)
    with pytest.raises(ValueError, match="not finite"):
        rivals_numbers.run(np.log, lambda x: 1 / x, lr=0.1)
    with pytest.raises(ValueError, match="must give one number for each of x"):
        rivals_numbers.run(lambda x: x[:1].repeat(7), leaky_slope, lr=0.1)


def test_nothing_that_a_learner_writes_leads_to_a_traceback():
    assert "but leaky says −0.043" in race(leaky, leaky).sentence
    by_if = race(lambda x: x if x > 0 else 0, leaky_slope)
    assert "np.where(x > 0, …, …) takes the place of an if" in by_if.sentence
    assert "gives nothing back: is there a return?" in race(lambda x: None, leaky_slope).sentence
    assert "lr" in race(leaky, leaky_slope, lr="fast").sentence
    assert "init" in race(leaky, leaky_slope, init="best").sentence


def test_a_function_of_one_number_may_be_its_slope():
    assert rivals_numbers.run(lambda x: 1.0 * x, lambda x: 1, lr=0.1, seeds=[20])[0] > 0


def test_a_run_that_does_not_arrive_is_told():
    said = race(lambda x: 0.01 * np.tanh(x), lambda x: 0.01 / np.cosh(x) ** 2, lr=0.01).sentence
    assert "3 of 3 runs were not there after 30 epochs" in said
