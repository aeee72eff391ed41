"""Each case shows its symptom, and the mended one does not: with a margin, over several seeds."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from cnnkit import cross_entropy, cross_entropy_backward
from cnnkit.course.clinic.exercises.batches import batches
from cnnkit.course.clinic.exercises.shapes import case_b
from cnnkit.course.clinic.exercises.split import split, split_as_it_came
from cnnkit.course.clinic.experiments.cases import CASES, ink, scanned
from cnnkit.course.clinic.experiments.faults import FAULTS, HEALTHY
from cnnkit.course.clinic.experiments.layers import Report, report
from cnnkit.course.clinic.experiments.runs import (
    EQUAL,
    Recipe,
    build,
    first_loss,
    in_order,
    last_loss,
    one_batch,
    passes,
    run,
    step,
)
from cnnkit.network import mlp, sgd

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "08_bug_clinic.ipynb"
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))]
every = pytest.mark.parametrize("seed", SEEDS)


@every
def test_the_healthy_patient_passes_every_check_with_room(seed):
    assert EQUAL / 1.5 < first_loss(HEALTHY, seed) < 1.5 * EQUAL
    assert one_batch(HEALTHY, seed) < 0.05
    assert last_loss(HEALTHY, seed) < 0.25
    found = run(HEALTHY, seed)
    assert min(found.training, found.validation[-1], found.unseen) > 0.93


@every
@pytest.mark.parametrize("name", list(FAULTS))
def test_strength_0_has_no_fault(name, seed):
    recipe = FAULTS[name].recipe(0)
    assert passes(recipe, seed)
    assert run(recipe, seed).validation[-1] > 0.7


@every
def test_a_unscaled_pixels_start_far_too_high(seed):
    assert first_loss(CASES["A"], seed) > 50
    assert last_loss(CASES["A"], seed) > 2
    assert max(row.zeros for row in run(CASES["A"], seed).end) == 1  # its first steps have killed the units
    assert passes(CASES["A"]._replace(scale=1.0), seed)


def test_the_scanner_delivers_the_same_digits_in_bytes():
    assert scanned().x.min() == 0
    assert scanned().x.max() == 255
    assert np.allclose(scanned().x / 255, ink().x, atol=0.5 / 255)
    assert (scanned().labels == ink().labels).all()


def test_b_only_one_padding_fits():
    for padding in range(6):
        if padding == 2:
            assert case_b(padding)[0] == (8, 8, 8)
        else:
            with pytest.raises(ValueError, match="Linear"):
                case_b(padding)


@every
def test_c_dead_units_put_out_nothing_and_get_no_gradient(seed):
    end = run(CASES["C"], seed).end
    assert max(row.zeros for row in end[:-1]) == 1.0
    assert [row.gradient for row in end] == [0, 0, 0]
    assert EQUAL / 2 < first_loss(CASES["C"], seed) < 2 * EQUAL
    mended = run(CASES["C"]._replace(lr=0.3), seed).end
    assert max(row.zeros for row in mended) < 0.8
    assert min(row.gradient for row in mended) > 1e-3


@every
def test_d_the_gradient_shrinks_from_layer_to_layer_and_no_output_is_0(seed):
    found = run(CASES["D"], seed)
    for layers in (found.start, found.end):
        assert all(row.zeros == 0 for row in layers)
        assert layers[0].gradient < 1e-3 * layers[-1].gradient
    assert last_loss(CASES["D"], seed) > 2.2
    for change, least in ({"activation": "tanh"}, 0.5), ({"activation": "relu", "init": "he"}, 1.4):
        mended = CASES["D"]._replace(**change, lr=0.1)
        start = run(mended, seed).start
        assert start[0].gradient > 0.1 * start[-1].gradient
        assert last_loss(mended, seed) < least


@every
def test_e_the_spread_grows_in_every_layer(seed):
    spread = np.array([row.spread for row in run(CASES["E"], seed).start])
    assert (spread[1:] > 2 * spread[:-1]).all()
    assert first_loss(CASES["E"], seed) > 50
    assert passes(CASES["E"]._replace(init="he"), seed)


@every
def test_f_softmax_twice_has_a_floor(seed):
    floor = -np.log(np.e / (np.e + 9))
    assert floor < one_batch(CASES["F"], seed)
    assert one_batch(CASES["F"], seed) > 15 * one_batch(HEALTHY, seed)
    assert EQUAL / 1.1 < first_loss(CASES["F"], seed) < 1.1 * EQUAL


@every
def test_f_comes_to_rest_near_its_floor_with_most_digits_read_right(seed):
    net, (x, labels) = build(HEALTHY, seed), ink(count=50)
    losses = [step(net, x, labels, lr=0.3, softmaxes=1) for _ in range(500)]
    assert 1.46 < losses[-1] < 1.62
    assert losses[-101] - losses[-1] < 0.1
    assert (net.forward(x).argmax(axis=1) == labels).mean() >= 0.84


@every
def test_g_sorted_batches_unlearn(seed):
    recipe = FAULTS["unshuffled batches"].recipe(4)
    saw = run(recipe, seed).losses[-20:]
    assert np.ptp(saw) > 1.5
    assert run(recipe, seed).training < 0.6
    assert np.ptp(run(HEALTHY, seed).losses[-20:]) < 0.6


def test_a_share_of_the_order_is_sorted():
    labels = np.random.default_rng(0).integers(0, 10, 100)
    for share in (0.0, 0.5, 1.0):
        order = in_order(labels, share, np.random.default_rng(1))
        assert sorted(order) == list(range(100))
    assert (np.diff(labels[order]) >= 0).all()


@every
def test_h_a_network_that_still_drops_is_measured_too_low(seed):
    recipe = FAULTS["forgotten eval"].recipe(4)
    wrong, right = run(recipe, seed).validation[-1], run(recipe._replace(evaluating=True), seed).validation[-1]
    assert right - wrong > 0.1


@every
def test_i_a_leak_passes_the_checks_and_flatters(seed):
    recipe = FAULTS["leaking data"].recipe(4)
    assert passes(recipe, seed)
    found, honest = run(recipe, seed), run(recipe._replace(leaked=0.0), seed)
    assert found.validation[-1] - found.unseen > 0.05
    assert found.validation[-1] - honest.validation[-1] > 0.03
    assert found.unseen == honest.unseen


def test_the_report_says_what_its_columns_say():
    net = mlp([64, 8, 10], rng=np.random.default_rng(0))
    x, labels = ink(count=30)
    rows = report(net, x, labels)
    assert [row.layer for row in rows] == ["Linear(64, 8)", "Linear(8, 10)"]
    hidden = np.maximum(net.layers[0].forward(x), 0)
    assert rows[0].zeros == (hidden == 0).mean()
    assert np.isclose(rows[0].spread, hidden.std())
    assert np.isclose(rows[1].gradient, np.linalg.norm(net.layers[2].gradients["weight"]))
    assert repr(rows).splitlines()[0].split() == ["layer", "zeros", "spread", "gradient"]
    assert " 100 % " in repr(Report([rows[0]._replace(zeros=1.0)]))
    assert " > 99 % " in repr(Report([rows[0]._replace(zeros=0.9999)]))


def lesson(*starts: str) -> dict:
    """What the lesson's cells with these beginnings define."""
    cells = [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    names = {"np": np, "cross_entropy": cross_entropy, "cross_entropy_backward": cross_entropy_backward}
    names |= {"sgd": sgd, "mlp": mlp, "print": lambda *_: None}
    names["x"], names["labels"] = ink()
    names["x_val"], names["labels_val"] = ink("validation")
    for start in starts:
        exec(next(cell for cell in cells if cell.startswith(start)), names)
    return names


def test_the_lessons_visible_loop_is_what_the_package_runs():
    names = lesson("def step(", "def train(")
    healthy = mlp([64, 32, 32, 10], "relu", rng=np.random.default_rng(0))
    theirs = names["train"](healthy, names["x"], names["labels"], epochs=2)
    assert np.allclose(theirs, run(Recipe(epochs=2)).losses)


@pytest.mark.slow
def test_case_i_is_too_good_as_it_came_in_and_not_with_the_mended_split():
    names = lesson("def step(", "def train(", "def split_i(", "def case_i(")
    assert [a.tolist() for a in names["split_i"](50, 9, np.random.default_rng(1))] == [
        a.tolist() for a in split_as_it_came(50, 9, np.random.default_rng(1))
    ]
    leaking, honest = names["case_i"](names["split_i"]), names["case_i"](split)
    assert leaking[0] - leaking[1] > 0.08
    assert abs(honest[0] - honest[1]) < 0.05
    assert abs(honest[1] - leaking[1]) < 0.03


@every
def test_case_g_learns_the_sorted_file_with_mended_batches(seed):
    x, labels = ink()
    order, net, rng = np.argsort(labels, kind="stable"), build(HEALTHY, seed), np.random.default_rng(seed)
    losses = [
        step(net, x[order[some]], labels[order[some]], lr=0.3) for _ in range(10) for some in batches(1000, 50, rng)
    ]
    assert np.mean(losses[-20:]) < 0.25


def test_the_lesson_says_the_numbers_that_it_prints():
    text = "\n".join(cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells)
    assert f"= {np.log(1000):.2f}" in text
    assert re.search(r"Nine digits in ten are read right", text)
    share = np.e / (np.e + 9)
    assert f"e/(e + 9) = {100 * share:.1f} %, and the loss −log {share:.3f} = {-np.log(round(share, 3)):.2f}" in text
