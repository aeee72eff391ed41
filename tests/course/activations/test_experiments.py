"""The experiments of notebook 01 do what they say: small cases by hand, and against a second way of counting."""

import json
from itertools import product

import numpy as np
import pytest

from cnnkit import numerical_gradient
from cnnkit.course.activations import record as bench
from cnnkit.course.activations.experiments import activity as activations
from cnnkit.course.activations.experiments import convergence
from cnnkit.course.activations.experiments import linear_regions as pieces
from cnnkit.course.activations.gallery import draw_gallery
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.seeds import draw_seeds
from cnnkit.course.kit.training import digits_task, epochs, error, loss, step
from cnnkit.course.kit.tune import CHECKS, tune
from cnnkit.course.kit.words import spread
from cnnkit.network import Activation, Linear, Network, mlp

TASK = digits_task()


def test_the_task_keeps_its_digits_apart_and_off_the_test_split():
    rows = {row.tobytes() for row in TASK.x}
    assert TASK.x.shape == (1000, 64)
    assert not rows & {row.tobytes() for row in TASK.x_validation}
    with pytest.raises(ValueError, match="n must be below 1,442"):
        digits_task(1442)


@pytest.mark.parametrize("parts", [1, 4])
def test_an_epoch_is_once_through_all_digits_whatever_its_parts(parts):
    net = mlp([64, 8, 10], rng=np.random.default_rng(0))
    said = list(epochs(net, TASK.x, TASK.labels, lr=0.1, count=2, rng=np.random.default_rng(1), parts=parts))
    assert said == [i / parts for i in range(2 * parts + 1)]
    other = mlp([64, 8, 10], rng=np.random.default_rng(0))
    rng = np.random.default_rng(1)
    for _ in range(2):
        for batch in np.array_split(rng.permutation(1000), 20):
            step(other, TASK.x[batch], TASK.labels[batch], 0.1)
    np.testing.assert_array_equal(net.layers[0].parameters["weight"], other.layers[0].parameters["weight"])
    assert loss(net, TASK.x, TASK.labels) < np.log(10)


def test_outputs_that_are_not_numbers_are_wrong():
    net = mlp([64, 8, 10], rng=np.random.default_rng(0))
    net.layers[-1].parameters["bias"][:] = np.nan
    assert error(net, TASK.x, TASK.labels) == 1


def test_the_penalty_changes_the_gradient_and_nothing_else():
    rng = np.random.default_rng(0)
    x, dy, layer = rng.standard_normal((5, 3)), rng.standard_normal((5, 3)), activations.L1(0.3)
    assert layer.forward(x) is x

    def priced(x):
        return np.array([(dy * x).sum() + 0.3 / 5 * np.abs(x).sum()])

    np.testing.assert_allclose(layer.backward(dy), numerical_gradient(priced, x, np.ones(1)), rtol=1e-6)


def test_moved_stretches_and_shifts():
    layer = convergence.Moved(4.0, -2.0)
    np.testing.assert_array_equal(layer.forward(np.array([0.0, 1.0])), [-2, 2])
    np.testing.assert_array_equal(layer.backward(np.ones(2)), [4, 4])
    assert repr(layer) == "Moved(4.0, -2.0)"


def test_four_sigmoids_less_two_are_two_tanh_of_half():
    x = np.linspace(-5, 5, 11)[:, None]
    moved = Network([Activation("sigmoid"), convergence.Moved(4.0, -2.0)]).forward(x)
    np.testing.assert_allclose(moved, 2 * np.tanh(x / 2), atol=1e-12)


@pytest.mark.parametrize("name", ["relu", "tanh", "4·sigmoid − 2"])
def test_one_start_gives_the_same_run_twice(name):
    first, again = (convergence.training_errors(name, 0.1, 3, count=2, task=TASK) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert len(first) == 1 + 2 * CHECKS
    assert first[-1] < first[0]


def test_a_rate_is_chosen_by_its_mean_over_the_seeds():
    tuned = tune(lambda lr, seed: lr * (-1) ** seed * 10 + lr, rates=(1.0, 2.0, 3.0), seeds=(0, 1))
    assert tuned == convergence.Tuned(1.0, {1.0: 1.0, 2.0: 2.0, 3.0: 3.0})
    assert convergence.epochs_to(np.array([0.9, 0.8]), 0.1) == np.inf


def test_silent_units_by_hand():
    net = mlp([1, 2, 1], rng=np.random.default_rng(0))
    net.layers[0].parameters |= {"weight": np.array([[1.0], [1.0]]), "bias": np.array([0.0, -10.0])}
    assert [list(layer) for layer in activations.silent(net, np.array([[-1.0], [3.0]]))] == [[False, True]]


def test_a_network_of_silent_units_stays_as_it_is():
    run = activations.deaths("relu", 0.3, 0, bias=-50.0, count=2, task=TASK)
    assert run.start == run.end == [1.0, 1.0]
    assert run.woken == [0.0, 0.0]
    assert not run.diverged


@pytest.mark.parametrize("name", bench.LEAKY)
def test_every_relative_of_the_relu_learns(name):
    run = activations.deaths(name, 0.1, 0, count=3, task=TASK)
    assert run.error < 0.2


def test_far_too_large_a_rate_is_reported_and_warns_nobody():
    assert activations.deaths("leaky_relu", 50.0, 0, count=1, task=TASK).diverged


def test_open_paths_are_those_whose_units_are_all_active():
    """All 4³ paths of a small network, one by one."""
    found = activations.active(3, 0, width=4, n=6)
    rng = np.random.default_rng(0)
    net = mlp([4] * 4, "relu", rng=rng)
    net.layers.append(Activation("relu"))
    net.forward(rng.standard_normal((6, 4)))
    on = [y > 0 for y in net.outputs[2::2]]
    counted = [all(on[layer][i, unit] for layer, unit in enumerate(path)) for i in range(6) for path in PATHS]
    assert found.paths[-1] == pytest.approx(np.mean(counted))
    np.testing.assert_allclose(found.units, [layer.mean() for layer in on])


PATHS = list(product(range(4), repeat=3))


@pytest.mark.parametrize("seed", range(5))
def test_pieces_are_those_that_a_fine_grid_sees(seed):
    rng = np.random.default_rng(seed)
    net = mlp([1, 5, 5, 1], rng=rng)
    for layer in net.layers[::2]:
        layer.parameters["bias"] = rng.standard_normal(layer.parameters["bias"].shape)
    x = np.linspace(-3, 3, 600_001)
    slopes = np.diff(net.forward(x[:, None])[:, 0]) / np.diff(x)
    same = np.isclose(slopes[1:], slopes[:-1], rtol=1e-5, atol=1e-6)
    bends = np.flatnonzero(~same)
    seen = 1 + (np.diff(bends, prepend=-9) > 1).sum()  # a bend inside a step of the grid shows twice
    assert pieces.count_pieces(net, -3, 3) == seen


def test_only_linear_layers_collapse():
    with pytest.raises(ValueError, match="only Linear layers can be multiplied together, got Activation"):
        pieces.collapse(Network([Linear(2, 2), Activation("relu")], rng=np.random.default_rng(0)))


def test_without_a_bend_there_is_one_piece():
    net = Network([Linear(1, 9), Linear(9, 1)], rng=np.random.default_rng(0))
    assert pieces.count_pieces(net, -1, 1) == 1


def test_the_cnn_gives_every_error_it_promises():
    run = convergence.train_cnn("elu", 0.2, 0, count=2, task=TASK)
    assert len(run.training) == 3
    assert run.training[-1] < 0.3
    assert max(run.validation, run.test) < 0.5


def test_a_spread_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one number"):
        spread([])


def test_the_stored_results_are_those_that_the_script_writes(tmp_path, monkeypatch):
    stored = results("activations")
    assert set(stored) == set(bench.PARTS)
    assert all(len(stored["cnn"][name]["test"]) == len(bench.CNN_SEEDS) for name in bench.CNNS)
    assert not {*bench.SEEDS, *bench.CNN_SEEDS} & set(bench.TUNING)
    monkeypatch.setattr(bench, "FILE", tmp_path / "recorded.json")
    monkeypatch.setattr(bench, "PARTS", {"quick": lambda: {"one": [1.0, 0.5]}})
    bench.main(["quick"])
    bench.main([])
    assert json.loads(bench.FILE.read_text(encoding="utf-8")) == {"quick": {"one": [1.0, 0.5]}}


def test_a_recorded_cnn_can_be_trained_again():
    stored = results("activations")["cnn"]["elu"]
    assert convergence.train_cnn("elu", stored["lr"], 12).test == pytest.approx(stored["test"][12], abs=1e-4)


def test_a_short_run_of_the_costs_has_every_number():
    found = bench.costs(size=1000, rounds=2)
    assert set(found["torch"]) == set(activations.EVERY)
    assert len(found["widths"]["one layer"]) == len(found["widths"]["units"])


def test_pictures_of_seeds_and_of_all_activations():
    picture = draw_seeds({"a": [1.0, 2.0], "b": [3.0, 3.0]}, "Two groups.", xlabel="x", title="Groups")
    assert picture.sentence == "Two groups. Mean and range: a 1.5 (1.0 to 2.0); b 3.0 (3.0 to 3.0)."
    assert picture.width == 820
    assert draw_seeds({"a": [1.0, 2.0]}, "One.", low=None, percent=True).height < picture.height
    assert draw_seeds({"a": [1.0, 100.0]}, "Log.", log=True).png != picture.png
    assert draw_gallery("All.").width == 820
    assert draw_gallery("Four of them.", ["ReLU", "ELU", "tanh", "hardtanh"]).height < 200
