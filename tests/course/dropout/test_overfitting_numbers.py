"""The network that overfits: what is dropped where, which labels are wrong, and that recorded runs are such runs."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from cnnkit.course.dropout import record_overfitting as benchmark
from cnnkit.course.dropout.overfitting_numbers import (
    EVERY,
    IMAGES,
    LR,
    PLACES,
    RATES,
    STEPS,
    WRONG,
    Dropout,
    few_digits,
    network,
    recorded,
    setting,
    train,
)
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.tune import Tuned
from cnnkit.data import digits

FOUND = results("dropout", "overfitting")
EVERY_SETTING = [(p, place, images, wrong) for p in RATES for place in PLACES for images in IMAGES for wrong in WRONG]


def test_dropout_is_a_layer_like_torchs():
    rng = np.random.default_rng(0)
    layer, x, dy = Dropout(0.4, rng=rng), rng.normal(size=(30, 20)), rng.normal(size=(30, 20))
    np.testing.assert_array_equal(layer.forward(x), x)
    np.testing.assert_array_equal(layer.backward(dy), dy)
    y = layer.forward(x, training=True)
    theirs = torch.tensor(x, requires_grad=True)
    (theirs * torch.tensor(y != 0) / 0.6).backward(torch.tensor(dy))
    np.testing.assert_allclose(y[y != 0], x[y != 0] / 0.6)
    np.testing.assert_allclose(layer.backward(dy), theirs.grad.numpy())
    assert (y == 0).mean() == pytest.approx(0.4, abs=5 * np.sqrt(0.24 / 600))


def test_dropout_stands_where_it_is_said_to():
    kinds = {p: [type(layer).__name__ for layer in network(0.5, p, np.random.default_rng(0)).layers] for p in PLACES}
    assert kinds["input"] == ["Dropout", "Linear", "Activation", "Linear"]
    assert kinds["hidden"] == ["Linear", "Activation", "Dropout", "Linear"]
    assert kinds["both"] == ["Dropout", "Linear", "Activation", "Dropout", "Linear"]


def test_without_dropout_all_places_are_one_network_trained_alike():
    first, *others = (train(0.0, place, 100, "1 in 5", seed=3) for place in PLACES)
    for other in others:
        np.testing.assert_array_equal(first.validation, other.validation)


def test_a_fifth_of_the_labels_is_wrong_and_no_other():
    for images in IMAGES:
        right, some = few_digits(images, seed=5), few_digits(images, "1 in 5", seed=5)
        np.testing.assert_array_equal(right.x, some.x)
        assert (right.labels != some.labels).sum() == images // 5
        assert set(some.labels) <= set(range(10))
        np.testing.assert_array_equal(right.labels_validation, some.labels_validation)


def test_the_images_are_the_training_splits_and_each_seed_has_its_own():
    every = {image.tobytes() for image in digits("train").normalized().reshape(-1, 64)}
    first, second = few_digits(200, seed=0), few_digits(200, seed=1)
    assert {image.tobytes() for image in first.x} <= every
    assert len({image.tobytes() for image in first.x} - {image.tobytes() for image in second.x}) > 100
    assert not {image.tobytes() for image in first.x} & {image.tobytes() for image in first.x_validation}


def test_what_cannot_be_trained_is_refused():
    with pytest.raises(ValueError, match="p must be below 1"):
        train(1.0, "hidden", 100, seed=0)
    with pytest.raises(ValueError, match="images must be at most 1,000, got 1,001"):
        few_digits(1001, seed=0)
    with pytest.raises(ValueError, match="wrong must be one of 'none', '1 in 5', got 'all'"):
        few_digits(100, "all", seed=0)
    with pytest.raises(ValueError, match="place must be one of 'input', 'hidden', 'both', got 'output'"):
        network(0.5, "output", np.random.default_rng(0))


def test_every_setting_is_recorded_with_ten_seeds():
    assert FOUND["seeds"] == len(benchmark.SEEDS) == 10
    assert not set(benchmark.SEEDS) & set(benchmark.CHOOSING)
    assert {setting(*each) for each in EVERY_SETTING} == set(FOUND["runs"])
    points = STEPS // EVERY + 1
    for run in FOUND["runs"].values():
        for kind in ("training", "validation"):
            mean, low, high = np.array(run[kind])
            assert mean.shape == (points,)
            assert (low <= mean + 1e-4).all()
            assert (mean <= high + 1e-4).all()
            assert mean[-1] == pytest.approx(np.mean(run[f"{kind}_loss"]), abs=1e-3)
            assert len(run[f"{kind}_error"]) == 10
        assert (np.array(run["lowest_validation_loss"]) <= np.array(run["validation_loss"])).all()


def test_the_learning_rate_is_the_one_that_was_chosen():
    tried = {float(rate): score for rate, score in FOUND["tried"].items()}
    assert set(tried) == set(benchmark.LEARNING_RATES)
    assert FOUND["lr"] == LR == min(tried, key=tried.__getitem__)


@pytest.mark.parametrize(
    "what", [(0.0, "hidden", 200, "1 in 5"), (0.5, "hidden", 200, "1 in 5"), (0.2, "input", 400, "none")], ids=str
)
def test_a_run_of_today_is_the_recorded_one(what):
    """Within what another machine's rounding may change in 300 steps."""
    there = recorded(FOUND, *what)
    for seed in (0, 7):
        run = train(*what, seed=seed)
        assert run.training[-1] == pytest.approx(there["training_loss"][seed], abs=0.02)
        assert run.validation[-1] == pytest.approx(there["validation_loss"][seed], abs=0.08)
        assert run.validation_error == pytest.approx(there["validation_error"][seed], abs=0.03)


def test_the_network_without_dropout_learns_wrong_labels_by_heart():
    for images in (100, 200):
        assert max(recorded(FOUND, 0.0, "hidden", images, "1 in 5")["training_error"]) < 0.02


def test_with_wrong_labels_dropping_half_of_the_hidden_units_helps():
    for images in IMAGES:
        without, with_it = (recorded(FOUND, p, "hidden", images, "1 in 5")["validation_error"] for p in (0.0, 0.5))
        gain = np.array(without) - np.array(with_it)
        assert gain.mean() > 2 * gain.std(ddof=1) / np.sqrt(10), images


def test_too_much_dropout_learns_nothing():
    for images in IMAGES:
        assert np.mean(recorded(FOUND, 0.8, "both", images, "none")["training_error"]) > 0.5


def test_the_benchmark_measures_what_the_file_holds():
    runs = [train(0.2, "input", 100, seed=seed) for seed in (0, 1)]
    measured = benchmark.measure(0.2, "input", 100, "none", LR, seeds=(0, 1))
    assert set(measured) == set(next(iter(FOUND["runs"].values())))
    assert measured["validation_error"] == pytest.approx([run.validation_error for run in runs], abs=1e-4)
    np.testing.assert_allclose(measured["training"][0], (runs[0].training + runs[1].training) / 2, atol=1e-4)
    np.testing.assert_allclose(measured["training"][1], np.minimum(runs[0].training, runs[1].training), atol=1e-4)
    assert runs[0].gap == pytest.approx(measured["validation_loss"][0] - measured["training_loss"][0], abs=1e-3)
    json.dumps(measured)


def test_the_script_writes_what_the_explorer_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tuned = Tuned(LR, dict.fromkeys(benchmark.LEARNING_RATES, 1.0))
    monkeypatch.setattr(benchmark, "choose_rate", lambda: tuned)
    monkeypatch.setattr(benchmark, "FILE", tmp_path / "recorded.json")
    name = setting(0.2, "input", 100, "none")
    benchmark.main([name])
    written = json.loads(benchmark.FILE.read_text(encoding="utf-8"))
    assert {key: each for key, each in written.items() if key not in ("runs", "tried")} == {
        key: each for key, each in FOUND.items() if key not in ("runs", "tried")
    }
    assert written["tried"].keys() == FOUND["tried"].keys()
    assert written["runs"].keys() == {name}
    there = FOUND["runs"][name]
    assert written["runs"][name]["validation_error"] == pytest.approx(there["validation_error"], abs=0.03)
