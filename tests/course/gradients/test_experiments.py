"""The experiments of notebook 02 measure what they say."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from cnnkit import numerical_gradient
from cnnkit.course.gradients import record
from cnnkit.course.gradients.experiments import (
    KINDS,
    Block,
    best_rate,
    deep_net,
    learning_curve,
    learning_curves,
    loss_gradients,
    open_range,
)
from cnnkit.course.kit import recorder
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.training import digits_task
from cnnkit.network import mlp


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_the_backward_of_a_block_is_its_slope(kind: str, activation: str):
    rng = np.random.default_rng(3)
    x, dy = rng.standard_normal((5, 4)), rng.standard_normal((5, 4))
    block = Block(4, 4, activation, kind=kind).draw(rng)
    block.parameters["bias"] = rng.standard_normal(4)
    block.forward(x)
    assert np.allclose(block.backward(dy), numerical_gradient(block.forward, x, dy), rtol=1e-6, atol=1e-8)
    found = dict(block.gradients)
    for name, value in list(block.parameters.items()):

        def changed(parameter: np.ndarray, name: str = name) -> np.ndarray:
            block.parameters[name] = parameter
            return block.forward(x)

        assert np.allclose(found[name], numerical_gradient(changed, value, dy), rtol=1e-6, atol=1e-8)
        block.parameters[name] = value


def test_blocks_do_what_their_kind_says():
    x = np.random.default_rng(0).standard_normal((50, 6))
    blocks = [Block(6, 6, "tanh", kind=kind) for kind in KINDS]
    plain, normed, skip = (block.draw(np.random.default_rng(1), gain=3.0) for block in blocks)
    assert np.allclose(skip.forward(x), x + plain.forward(x))
    z = np.arctanh(normed.forward(x))
    assert np.allclose(z.mean(axis=0), 0)
    assert np.allclose(z.std(axis=0), 1, atol=1e-4)
    with pytest.raises(ValueError, match="fan_in=6, fan_out=5"):
        Block(6, 5, "relu", kind="skip")
    with pytest.raises(ValueError, match="kind"):
        Block(6, 6, "relu", kind="dense")


def test_a_plain_deep_net_is_an_ordinary_one():
    task = digits_task()
    x, labels = task.x[:20], task.labels[:20]
    net = deep_net(4, "tanh", init="xavier", rng=np.random.default_rng(5))
    same = mlp([64, 64, 64, 64, 64, 10], "tanh", init="xavier", rng=np.random.default_rng(5))
    assert np.array_equal(net.forward(x), same.forward(x))
    found = loss_gradients(net, x, labels)
    assert found.outputs.shape == found.weights.shape == (4,)
    step = loss_gradients(deep_net(1, "relu", rng=np.random.default_rng(5)), x, labels)
    assert step.weights[0] > 0


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("sigmoid", -5.99, 5.99), ("tanh", -2.99, 2.99), ("relu", 0, np.inf), ("leaky_relu", -np.inf, np.inf)],
)
def test_a_unit_is_open_where_it_passes_one_per_cent(name: str, low: float, high: float):
    assert open_range(name) == (low, high)


def test_training_is_repeated_by_its_seed_and_the_best_rate_is_the_best():
    task = digits_task(200)

    def make(rng):
        return deep_net(1, "relu", rng=rng, width=8)

    curves = learning_curves(make, task, lr=0.1, count=3, seeds=(0, 1))
    assert curves.shape == (2, 4)
    assert curves[1].tolist() == learning_curve(make, task, lr=0.1, count=3, seed=1)
    assert best_rate(make, task, rates=(1e-9, 0.1, 1e9), count=4, seeds=(2,)) == 0.1


def test_the_script_writes_runs_like_those_that_are_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tiny = {"depth": 1, "activation": "relu", "init": "he", "width": 4, "epochs": 2, "rates": (0.1, 1e-9)}
    monkeypatch.setattr(recorder, "ProcessPoolExecutor", ThreadPoolExecutor)  # nothing is started anew
    monkeypatch.setattr(record, "FILE", tmp_path / "recorded.json")
    monkeypatch.setattr(record, "SETTINGS", {"wide": tiny | {"width": 8}, "narrow": tiny})
    record.main(["narrow"])
    record.main(["wide"])
    written, stored = json.loads(record.FILE.read_text(encoding="utf-8")), results("gradients")
    assert written.keys() == stored.keys()
    assert written["seeds"] == stored["seeds"] == 10
    assert list(written["runs"]) == ["wide", "narrow"]
    run = written["runs"]["narrow"]
    assert (run["rate"], run["width"], len(run["mean"])) == (0.1, 4, 3)
    assert all(low <= mean <= high for low, mean, high in zip(run["lowest"], run["mean"], run["highest"], strict=True))


def test_results_are_read_by_name():
    stored = results("gradients")
    assert stored["command"] == "python -m cnnkit.course.gradients.record"
    assert all(len(run["mean"]) == len(run["lowest"]) == len(run["highest"]) for run in stored["runs"].values())
    with pytest.raises(ValueError, match=r"nothing is recorded for 'nothing'; there are"):
        results("nothing")
