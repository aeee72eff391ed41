"""The experiments of notebook 03 do what they say: small cases by hand, and against a second way of counting."""

import json
from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from cnnkit import numerical_gradient
from cnnkit.course.dropout import record as bench
from cnnkit.course.dropout.experiments import example_order as dropout_order
from cnnkit.course.dropout.experiments import feature_maps as dropout_maps
from cnnkit.course.dropout.experiments import few_digits as dropout_training
from cnnkit.course.dropout.experiments.forms import (
    Dropout,
    max_pool_probabilities,
    reader,
    repeated,
    repeats,
    same_in_the_other_form,
)
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.training import digits_task, epochs, step
from cnnkit.network import Linear, Network

TASK = digits_task()


@pytest.mark.parametrize("form", ["now", "later"])
@pytest.mark.parametrize("training", [True, False])
def test_the_layer_goes_back_through_the_mask_of_its_forward(form: str, training: bool):
    rng = np.random.default_rng(0)
    x, dy, layer = rng.standard_normal((6, 5)), rng.standard_normal((6, 5)), Dropout(0.4, rng=rng, form=form)
    y = layer.forward(x, training=training)
    mask = layer.cache.copy()
    np.testing.assert_allclose(y, mask * x)
    np.testing.assert_allclose(layer.backward(dy), numerical_gradient(lambda x: mask * x, x, dy), rtol=1e-6)
    kept, after = (1 / 0.6, 1.0) if form == "now" else (1.0, 0.6)
    expected = {0.0, kept} if training else {after}
    assert {float(v) for v in mask.ravel()} == expected


def test_a_rate_that_cannot_be_is_refused_at_the_door():
    with pytest.raises(ValueError, match="p must"):
        Dropout(1.5, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="form must"):
        Dropout(0.5, rng=np.random.default_rng(0), form="never")


@pytest.mark.parametrize("p", [0.0, 0.5, 0.8])
def test_a_reader_starts_with_the_same_weights_for_every_p(p: float):
    nets = [reader([5], rng=np.random.default_rng(1), masks=np.random.default_rng(2), p_hidden=q) for q in (0.3, p)]
    for ours, theirs in zip(*(net.layers for net in nets), strict=True):
        for name, value in ours.parameters.items():
            np.testing.assert_array_equal(value, theirs.parameters[name])


def test_the_other_form_computes_and_learns_the_same():
    p, lr = 0.5, 0.1
    net = reader([16], rng=np.random.default_rng(0), masks=np.random.default_rng(7), p_hidden=p)
    other = same_in_the_other_form(net, p, masks=np.random.default_rng(7))
    np.testing.assert_allclose(other.forward(TASK.x[:9]), net.forward(TASK.x[:9]), rtol=1e-12, atol=1e-12)
    before = other.layers[-1].parameters["weight"]
    for each in (net, other):
        step(each, TASK.x[:50], TASK.labels[:50], lr)
    slower = other.layers[-1].parameters["weight"] - before  # one step at the same rate, not at that over (1 − p)²
    other.layers[-1].parameters["weight"] = before + slower / (1 - p) ** 2
    np.testing.assert_allclose(other.forward(TASK.x[:9]), net.forward(TASK.x[:9]), rtol=1e-10, atol=1e-12)


def test_repeats_of_few_masks_by_counting_all_of_them():
    """Three masks of two units: 4³ cases, of which 4 · 3 · 2 have no two alike."""
    exact = 1 - 4 * 3 * 2 / 4**3
    assert repeats(2, 0.5, 3) == pytest.approx(exact, abs=0.1)  # the exponential is for many masks
    rng = np.random.default_rng(0)
    assert np.mean([repeated(2, 0.5, 3, rng) for _ in range(4000)]) == pytest.approx(exact, abs=0.03)
    assert repeated(3, 0.5, 9, rng)  # nine masks, eight there are
    assert repeats(1000, 0.5, 10**6) < 1e-280


@pytest.mark.parametrize("n", [1, 3, 5])
@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_what_comes_out_of_max_pooling_by_all_masks(n: int, p: float):
    values, found = np.arange(n, 0, -1), np.zeros(n + 1)
    for mask in product((0, 1), repeat=n):
        chance = np.prod([1 - p if kept else p for kept in mask])
        out = max(0, *(values * mask)) if n > 1 else values[0] * mask[0]
        found[n - out] += chance
    np.testing.assert_allclose(max_pool_probabilities(n, p), found, atol=1e-12)
    assert max_pool_probabilities(n, p).sum() == pytest.approx(1)


def test_the_digits_of_a_seed_are_its_own_and_none_is_used_twice():
    x, labels = dropout_training.few_digits(0, 50, TASK)
    rows = {row.tobytes() for row in x}
    assert len(rows) == 50 == len(labels)
    assert rows != {row.tobytes() for row in dropout_training.few_digits(1, 50, TASK)[0]}
    fresh = {row.tobytes() for row in dropout_training.fresh_digits(0, 50, TASK)}
    assert not rows & fresh
    assert len(fresh) == 1442 - 50
    assert not fresh & {row.tobytes() for row in dropout_training.held_digits()[0]}
    with pytest.raises(ValueError, match="n must be at most 1,000"):
        dropout_training.few_digits(0, 1001, TASK)


def test_training_is_the_shared_loop_and_gives_the_same_twice():
    first, again = (dropout_training.train(3, lr=0.1, p_hidden=0.5, n=40, count=2, task=TASK) for _ in range(2))
    np.testing.assert_array_equal(first.layers[-1].parameters["weight"], again.layers[-1].parameters["weight"])
    rng, masks = np.random.default_rng([3, 1, 0]), np.random.default_rng([3, 2, 0])
    other = reader((128,), rng=rng, masks=masks, p_hidden=0.5)
    x, labels = dropout_training.few_digits(3, 40, TASK)
    for _ in epochs(other, x, labels, lr=0.1, count=2, rng=rng, batch=20):
        pass
    np.testing.assert_array_equal(first.layers[-1].parameters["weight"], other.layers[-1].parameters["weight"])


def test_a_bound_holds_after_every_step():
    net = dropout_training.train(0, lr=0.3, bound=0.7, n=40, count=2, task=TASK)
    lengths = [np.linalg.norm(layer.parameters["weight"], axis=1) for layer in net.layers if isinstance(layer, Linear)]
    assert max(length.max() for length in lengths) <= 0.7 + 1e-9
    free = dropout_training.train(0, lr=0.3, n=40, count=2, task=TASK)
    assert max(np.linalg.norm(free.layers[1].parameters["weight"], axis=1)) > 0.7


def test_average_and_vote_disagree_where_they_should():
    """One network is sure of class 2, two lean to class 0: the vote goes to 0, the average to 2."""
    found = np.array([[[0.5, 0.1, 0.4]], [[0.5, 0.1, 0.4]], [[0.0, 0.0, 1.0]]])
    assert dropout_training.average(found) == [2]
    assert dropout_training.vote(found) == [0]
    tie = np.array([[[0.6, 0.4]], [[0.1, 0.9]]])
    assert dropout_training.vote(tie) == [1]  # one vote each: the larger mean


def test_an_ensemble_is_made_of_networks_from_other_starts():
    found = dropout_training.ensemble(0, lr=0.1, members=3, task=TASK)
    assert len(set(found.alone)) > 1
    assert found.averaged <= max(found.alone)
    net = dropout_training.train(0, lr=0.1, net=1, task=TASK)
    assert dropout_training.errors(net, 0, task=TASK).test == found.alone[1]


def test_deleting_a_unit_is_setting_its_weights_to_zero():
    net = dropout_training.train(0, lr=0.1, n=40, count=3, hidden=(4,), task=TASK)
    x, labels = TASK.x_validation, TASK.labels_validation
    found = dropout_training.reliance(net, x, labels, rng=np.random.default_rng(0))
    weight, whole = net.layers[-1].parameters["weight"], dropout_training.cross_entropy(net.forward(x), labels)
    rises = []
    for unit in range(4):
        net.layers[-1].parameters["weight"] = weight * (np.arange(4) != unit)
        rises.append(dropout_training.cross_entropy(net.forward(x), labels) / whole - 1)
    assert found.one == pytest.approx(np.mean(rises))
    assert found.worst == pytest.approx(max(rises))
    assert found.half > found.whole
    assert 0 < found.correlation < 1
    with pytest.raises(ValueError, match="must end in a Linear layer"):
        dropout_training.reliance(Network(net.layers[:-1]), x, labels, rng=np.random.default_rng(0))


def test_a_shape_is_cut_out_to_its_edges():
    picture = np.zeros((3, 20, 20))
    picture[0, 3:11, 6:14] = 0.9
    np.testing.assert_array_equal(dropout_order.cut_out(picture), np.ones((8, 8)))
    picture[:, 3, 6] = 0  # a corner taken away
    assert dropout_order.cut_out(picture)[0, 0] == -1
    assert dropout_order.cut_out(picture).sum() == 62


@pytest.mark.parametrize("order", dropout_order.ORDERS)
def test_each_shape_is_shown_once_in_its_order(order: str):
    shown = np.concatenate(list(dropout_order.batches(order, 0, each=40)))
    assert sorted(shown) == list(range(80))
    first = (shown[:40] < 40).mean()
    assert first == {"circles first": 1, "squares first": 0}.get(order, first)
    assert order != "mixed" or 0.2 < first < 0.8


def test_wrong_labels_in_no_tenth_change_nothing():
    right = dropout_order.weight_of_each_tenth(0.0, 0)
    assert right.shape == (dropout_order.TENTHS,)
    assert np.all(np.isfinite(right))
    assert right[-1] > right[0]


@pytest.mark.parametrize("place", dropout_maps.PLACES)
@pytest.mark.parametrize("kind", dropout_maps.KINDS)
def test_a_cnn_drops_what_it_says_where_it_says(place: str, kind: str):
    if (place, kind) == ("units", "channel"):
        with pytest.raises(ValueError, match="units have no channels"):
            dropout_maps.cnn(0.5, place, kind)
        return
    net = dropout_maps.cnn(0.5, place, kind)
    layers = [layer for layer in net if isinstance(layer, (nn.Dropout, nn.Dropout2d))]
    assert len(layers) == 1
    torch.manual_seed(0)
    y = layers[0](torch.ones(2, 8, 4, 4))
    whole = (y == y[..., :1, :1]).all(dim=(2, 3))
    assert whole.all() == (kind == "channel")
    assert net(torch.zeros(3, 1, 8, 8)).shape == (3, 10)


def test_a_short_training_of_the_cnn_learns_and_repeats():
    nets = [dropout_maps.train_cnn(0, lr=0.1, p=0.5, place="maps 1", count=8, task=TASK) for _ in range(2)]
    first, again = (dropout_maps.cnn_errors(net, 0, TASK) for net in nets)
    assert first == again
    assert first.training < 0.3
    assert dropout_maps.activations(nets[0], TASK.x[:5], "maps 2").shape == (5, 16, 4, 4)
    assert dropout_maps.activations(nets[0], TASK.x[:5], "units").min() == 0


def test_what_can_be_guessed_in_cases_with_a_known_answer():
    """Equal neighbours give a dropped pixel away, noise does not, and nothing is left of a map dropped whole."""
    rng = np.random.default_rng(0)
    even = np.broadcast_to(rng.standard_normal((400, 1, 1, 1)), (400, 1, 6, 6))
    noise = rng.standard_normal((400, 1, 6, 6))
    assert dropout_maps.guessed(even, "element") > 0.85
    assert abs(dropout_maps.guessed(noise, "element")) < 0.05
    assert abs(dropout_maps.guessed(even, "channel")) < 0.05
    twins = np.repeat(rng.standard_normal((400, 1)), 2, axis=1)
    assert 0.4 < dropout_maps.guessed(twins, "element") < 0.8  # the twin is dropped in half of the cases


def test_the_stored_results_are_those_that_the_script_writes(tmp_path, monkeypatch):
    stored = results("dropout")
    assert set(stored) == set(bench.PARTS)
    assert not set(bench.SEEDS) & set(bench.TUNING)
    assert {len(run["averaged"]) for run in stored["ensembles"].values()} == {len(bench.SEEDS)}
    assert set(stored["maps"]) == {*bench.MAPS, "guessed"}
    monkeypatch.setattr(bench, "FILE", tmp_path / "recorded.json")
    monkeypatch.setattr(bench, "PARTS", {"quick": lambda: {"one": [1.0, 0.5]}, "other": lambda: {"two": 2}})
    bench.main(["quick"])
    bench.main([])
    assert json.loads(bench.FILE.read_text(encoding="utf-8")) == {"quick": {"one": [1.0, 0.5]}, "other": {"two": 2}}


def test_a_part_repeats_what_is_stored(monkeypatch):
    monkeypatch.setattr(bench, "SEEDS", range(2))
    again, stored = dict(bench.order()), results("dropout")["order"]
    for name, run in again.items():
        if name.endswith("mixed"):
            assert run["circles"] == pytest.approx(stored[name]["circles"][:2], abs=0.02)
