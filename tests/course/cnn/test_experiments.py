"""The experiments of notebook 07 measure what they say."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from cnnkit.course.cnn import record as benchmark
from cnnkit.course.cnn.experiments import measures as cnn
from cnnkit.course.cnn.experiments.nets import COPIES, REACH, build_net, epochs, error, images_task
from cnnkit.course.kit.recorded import results

WORDS = "conv 4, norm, relu, pool, flatten, linear 10"


@pytest.fixture(scope="module")
def task():
    return images_task("middle", 300)


@pytest.fixture(scope="module")
def moved():
    return images_task("shifted", 200)


def test_the_tasks_hold_what_they_say(task, moved):
    assert [len(each) for each in task] == [300, 300, 442, 442, 355, 355]
    assert [len(each) for each in moved] == [200, 200, 442, 442, COPIES * 355, COPIES * 355]
    whole = images_task("middle")
    assert abs(float(whole.x.mean())) < 1e-5
    assert float(whole.x.std()) == pytest.approx(1, abs=1e-3)
    assert torch.equal(whole.x[:300], task.x)
    assert torch.equal(images_task("shifted", 200).x, moved.x)  # each digit stays where it was put
    held = {picture.numpy().tobytes() for picture in whole.x}
    assert not held & {picture.numpy().tobytes() for picture in (*whole.x_validation, *whole.x_test)}
    for call, match in ((("shifted", 1001), "at most 1,000"), (("corner", 10), "place must be one of")):
        with pytest.raises(ValueError, match=match):
            images_task(*call)


def test_a_moved_digit_is_the_same_digit_elsewhere(task, moved):
    side, empty = 8, float(moved.x.min())
    places = set()
    for small, canvas in zip(task.x[:200, 0], moved.x[:, 0], strict=True):
        assert canvas.shape == (side + 2 * REACH, side + 2 * REACH)
        ink = (canvas - empty) * (small.max() - small.min()) / (canvas.max() - empty)
        fits = [
            (i, j) for i in range(2 * REACH + 1) for j in range(2 * REACH + 1)
            if torch.allclose(ink[i : i + side, j : j + side], small - small.min(), atol=1e-4)
        ]  # fmt: skip
        assert fits
        assert ink.sum() == pytest.approx(float((small - small.min()).sum()), rel=1e-3)  # nothing fell off the edge
        places |= set(fits)
    assert len(places) == (2 * REACH + 1) ** 2


def test_a_network_is_what_its_words_say():
    net = build_net(
        "conv 6, norm, relu, drop2d 0.2, pool, flatten, drop 0.5, linear 12, norm, linear 10", shape=(1, 12, 12)
    )
    kinds = (
        nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.Dropout2d, nn.MaxPool2d, nn.Flatten, nn.Dropout, nn.Linear,
        nn.BatchNorm1d, nn.Linear,
    )  # fmt: skip
    assert [type(layer) for layer in net] == list(kinds)
    assert (net[3].p, net[6].p, net[7].in_features) == (0.2, 0.5, 6 * 6 * 6)
    assert net.training
    assert net(torch.zeros(3, 1, 12, 12)).shape == (3, 10)
    with pytest.raises(ValueError, match="word must be one of 'conv'"):
        build_net("convolution 3")


def test_networks_of_one_seed_start_alike():
    plain, normed = (build_net(words, seed=3) for words in (WORDS.replace("norm, ", ""), WORDS))
    louder, other = build_net(WORDS, seed=3, gain=10.0), build_net(WORDS, seed=4)
    assert torch.equal(plain[0].weight, normed[0].weight)
    assert torch.equal(plain[-1].weight, normed[-1].weight)
    assert torch.allclose(louder[0].weight, 10 * normed[0].weight)
    assert not torch.equal(other[0].weight, normed[0].weight)
    assert float(build_net("conv 512, relu", seed=0)[0].weight.detach().std()) == pytest.approx(
        (2 / 9) ** 0.5, rel=0.05
    )


def test_training_is_repeated_by_its_seed_and_learns(task):
    runs = [cnn.train(WORDS, task, lr=0.05, seed=seed, count=6) for seed in (0, 0, 1)]
    assert runs[0][1:] == runs[1][1:]
    assert runs[0][1:] != runs[2][1:]
    assert all(run.training < 0.15 for run in runs)
    curve = cnn.reading(WORDS, task, lr=0.05, seed=0, count=3)
    assert len(curve) == 3 * 4 + 1
    assert curve[0] > 0.7 > 0.4 > curve[-1]


def test_the_rate_falls_to_nothing_or_stays(task):
    moves = {}
    for falling in (True, False):
        net, before, sizes = build_net(WORDS), None, []
        for _ in epochs(net, task.x, task.labels, lr=0.05, count=4, seed=0, falling=falling, parts=6):
            after = net[0].weight.detach().clone()
            sizes += [] if before is None else [float((after - before).norm())]
            before = after
        assert len(sizes) == 4 * 6  # 300 digits are 6 batches
        moves[falling] = sizes
    assert moves[True][0] == moves[False][0]
    assert moves[True][-1] < 0.3 * moves[False][-1]


def test_an_output_that_is_no_number_is_wrong(task):
    net = build_net("flatten, linear 10")
    with torch.no_grad():
        net[1].bias[0] = float("nan")
    assert error(net, task.x, task.labels) == 1


def test_gradients_turn_with_the_rate_and_not_without(task):
    net = build_net("conv 4, norm, relu, conv 6, relu, flatten, linear 10", seed=1)
    x, labels, before = task.x[:50], task.labels[:50], [p.detach().clone() for p in net.parameters()]
    still, little, much = (cnn.gradients_turned(net, x, labels, lr) for lr in (0.0, 0.01, 1.0))
    assert still == pytest.approx([1, 1])
    assert np.all(np.array(much) < little)
    assert np.all(np.array(little) < 1)
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))
    assert net[1].num_batches_tracked == 0  # nor has a running mean moved


def test_only_the_layers_below_have_moved(task):
    """In a network that is linear in each layer the turn can be worked out by hand."""
    net = build_net("flatten, linear 5, linear 10", seed=2)
    x, labels, lr = task.x[:20], task.labels[:20], 0.3
    w, u = net[1], net[2]
    grads = torch.autograd.grad(
        nn.functional.cross_entropy(net(x), labels), [w.weight, w.bias, u.weight], create_graph=False
    )
    hidden = x.flatten(1) @ (w.weight - lr * grads[0]).T + (w.bias - lr * grads[1])
    logits = (hidden.detach() @ u.weight.T + u.bias).detach().requires_grad_()
    nn.functional.cross_entropy(logits, labels).backward()
    then = logits.grad.T @ hidden.detach()
    expected = nn.functional.cosine_similarity(then.ravel(), grads[2].ravel(), dim=0)
    assert cnn.gradients_turned(net, x, labels, lr) == pytest.approx([float(expected)], rel=1e-4)


def test_dropout_shifts_the_variance_by_the_formula(task):
    for p in (0.2, 0.5):
        net = build_net(f"relu, drop {p}, norm, flatten, linear 10")
        h = task.x.relu()
        expected = h.var() / (h.var() + p / (1 - p) * (h**2).mean())
        assert cnn.variance_shift(net, task.x) == pytest.approx([float(expected)], rel=0.03)
    assert cnn.variance_shift(build_net(WORDS), task.x) == pytest.approx([1], rel=0.02)
    told = cnn.settle(net, task.x, dropping=False)
    assert float(told[2].running_var) == pytest.approx(float(h.var()), rel=0.02)
    assert net[2].num_batches_tracked == 0  # the copy was told, not the network


def test_correlations_are_those_of_numpy():
    rng = np.random.default_rng(0)
    maps = rng.standard_normal((200, 3, 4, 5))
    maps[:, 1] += maps[:, 0]
    maps[:, :, :, 1:] += 0.5 * maps[:, :, :, :-1]

    def r(a, b):
        return abs(np.corrcoef(a, b)[0, 1])

    pairs = [(0, 1), (0, 2), (1, 2)]
    expected = np.mean([r(maps[:, a, i, j], maps[:, b, i, j]) for a, b in pairs for i in range(4) for j in range(5)])
    assert cnn.channels(maps) == pytest.approx(expected)
    right = np.mean([r(maps[:, c, i, j], maps[:, c, i, j + 1]) for c in range(3) for i in range(4) for j in range(4)])
    below = np.mean([r(maps[:, c, i, j], maps[:, c, i + 1, j]) for c in range(3) for i in range(3) for j in range(5)])
    assert cnn.neighbours(maps) == pytest.approx((right + below) / 2)
    noise = rng.standard_normal((1420, 20))
    assert cnn.channels(noise) == pytest.approx(0.8 / np.sqrt(1420), rel=0.2)  # what unrelated numbers show


def test_classes_explain_what_they_explain():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 2000)
    same, noise = labels + 0.0, rng.standard_normal(2000)
    assert cnn.explained(np.stack([same], axis=1), labels) == pytest.approx(1)
    assert cnn.explained(np.stack([noise], axis=1), labels) < 0.02
    half = same + same.std() * noise
    assert cnn.explained(np.stack([half, np.full(2000, 3.0)], axis=1), labels) == pytest.approx(0.5, abs=0.05)
    points = 5 * np.eye(10)[labels] + rng.standard_normal((2000, 10))
    assert cnn.read_by_means(points[:1000], labels[:1000], points[1000:], labels[1000:]) > 0.95
    assert cnn.read_by_means(noise[:1000, None], labels[:1000], noise[1000:, None], labels[1000:]) < 0.2


def test_the_benchmarks_networks_are_those_it_names():
    assert benchmark.KINDS["without"].count("norm") == 0
    assert benchmark.KINDS["with batch norm"].count("norm") == 4
    for layers in range(4):
        words = benchmark.DROPS.format(*("drop 0.5, " * (i < layers) for i in range(3)))
        assert sum(isinstance(layer, nn.Dropout) for layer in build_net(words)) == layers
    assert not set(benchmark.CHOOSING) & set(benchmark.SEEDS)


def test_the_benchmark_writes_parts_like_those_that_are_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(benchmark, "FILE", tmp_path / "recorded.json")
    monkeypatch.setattr(benchmark, "SEEDS", range(2))
    monkeypatch.setattr(benchmark, "CHOOSING", range(100, 101))
    monkeypatch.setattr(benchmark, "RATES", (1e-6, 0.1))
    monkeypatch.setattr(benchmark, "TARGETS", {"middle": 0.5})
    monkeypatch.setattr(benchmark, "LONG", {"middle": 2})
    monkeypatch.setattr(benchmark, "KINDS", {"without": WORDS.replace("norm, ", "")})
    benchmark.main(["norm"])
    written, stored = json.loads(benchmark.FILE.read_text(encoding="utf-8")), results("cnn")
    assert written.keys() == {"norm", "command", "seeds"} < stored.keys()
    assert written["command"] == stored["command"]
    run = written["norm"]["middle, without"]
    assert run.keys() == stored["norm"]["middle, without"].keys()
    assert run["rate"] == 0.1
    assert run["tried"]["1e-06"] == 4  # twice the epochs: not reached
    assert [len(run["epochs"]), *map(len, run["curves"])] == [2, 9, 9]
