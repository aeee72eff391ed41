"""The claims of notebook 03: each test asserts the fact its verdict rests on, and computes the numbers it quotes.

What took minutes is read from cnnkit/course/dropout/recorded.json and overfitting.json; a shorter run of the same
functions stands beside it.
"""

import re
from itertools import product
from math import comb

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cnnkit
from cnnkit.course.claims import CLAIMS
from cnnkit.course.dropout import overfitting_numbers as overfitting
from cnnkit.course.dropout.experiments import example_order as dropout_order
from cnnkit.course.dropout.experiments import feature_maps as dropout_maps
from cnnkit.course.dropout.experiments import few_digits as training
from cnnkit.course.dropout.experiments.forms import (
    Dropout,
    losses_in_both_forms,
    max_pool_probabilities,
    repeated,
    repeats,
)
from cnnkit.course.dropout.explorers import ElementOrChannel, Mask, Overfitting, SubNetworks
from cnnkit.course.dropout.record import MAPS
from cnnkit.course.dropout.subnetworks_math import all_masks, geometric_mean, mean_of_all, monte_carlo, weight_scaling
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.training import digits_task, error
from cnnkit.data import digits
from tests.course.claim_numbers import (
    Given,
    Written,
    assert_numbers_in_claim,
    assert_numbers_in_verdict,
    in_code,
    numbers,
    year,
)

TASK = digits_task()
MEASURED, OVERFITTING = results("dropout"), results("dropout", "overfitting")
SEEDS = range(20, 25)  # none of those that the results were measured with
PAPER = year("03", "Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov")


def percent(values, digits: int = 1) -> float:
    """Their mean in per cent, as the text gives it."""
    return round(100 * float(np.mean(values)), digits)


def standard_error(differences) -> float:
    """How far the mean of these may be off: their spread over √n."""
    return float(np.std(differences, ddof=1) / np.sqrt(len(differences)))


def surely(differences, times: float = 3.0) -> bool:
    """Whether the mean of paired differences is above 0 by that many standard errors."""
    return np.mean(differences) > times * standard_error(differences)


def test_D1():
    torch.manual_seed(1)
    drawn = F.dropout(torch.ones(500_000), 0.8)
    ours, _ = cnnkit.dropout(np.ones(500_000), 0.8, rng=np.random.default_rng(1))
    assert abs(np.mean(ours != 0) - 0.2) < 0.003
    left = float((drawn != 0).double().mean())
    assert abs(left - 0.2) < 0.003
    assert_numbers_in_claim("D1", 0.8, round(100 * left), drawn.numel(), 2014, 1)
    p = 0.8
    four = round(5 * p)  # fifths
    assert four == 5 - round(5 * left)
    version = Given(1, "TensorFlow 1 is a name")
    usual = Given(0.5, "where both meanings are the same")
    assert usual == 1 - usual
    assert_numbers_in_verdict(
        "D1", PAPER, p, four, Written("1/(1 − p)"), version, Written("1/keep_prob"), PAPER,
        usual, round(1 - p, 1), four,
    )  # fmt: skip


def test_D2():
    torch.manual_seed(0)
    counts = np.array([(F.dropout(torch.ones(2000, 1000), 0.4) == 0).sum(dim=1).numpy() for _ in range(10)])
    expected = np.sqrt(1000 * 0.4 * 0.6)
    assert abs(counts.mean() - 400) < 4 * expected / np.sqrt(counts.size)
    assert counts.std() == pytest.approx(expected, rel=0.02)
    exactly = np.exp(np.sum(np.log(np.arange(601, 1001))) - np.sum(np.log(np.arange(1, 401)))) * 0.4**400 * 0.6**600
    assert np.mean(counts == 400) == pytest.approx(exactly, abs=0.005)
    assert_numbers_in_claim("D2", counts.size, round(counts.mean()), 1000, round(expected, 1), 1, round(1 / exactly))
    n, p = 1000, 0.4
    assert round(np.sqrt(n * p * (1 - p)), 1) == round(expected, 1)
    few = in_code("D2", r"for n in \((\d+),")
    assert_numbers_in_verdict(
        "D2", round(counts.mean()), Written("√(n·p·(1 − p))"), round(expected, 1), n * p, round(1 / exactly),
        Written("1/√n"), few, few * p, round(np.sqrt(few * p * (1 - p)), 1),
    )  # fmt: skip


def test_D3():
    for p, seed in product((0.2, 0.4, 0.5), range(3)):
        run = losses_in_both_forms(p, lr=0.1, steps=60, seed=seed, task=TASK)
        assert abs(run.now - run.converted).max() < 1e-9
        assert run.unconverted[-10:].mean() > run.now[-10:].mean()  # at the same rate the steps are shorter
    rng = np.random.default_rng(3)
    for p in (0.1, 0.5, 0.9):
        terms = rng.standard_normal((4, 8))
        np.testing.assert_allclose(mean_of_all(terms, "linear", p), weight_scaling(terms, "linear"), atol=1e-12)
        assert np.all(mean_of_all(terms, "ReLU", p) >= weight_scaling(terms, "ReLU"))
    small = [[3, -1]]
    assert_numbers_in_claim(
        "D3", 1, len(run.now), 3, 1, mean_of_all(small, "ReLU", 0.5)[0], weight_scaling(small, "ReLU")[0]
    )
    masks, x = int(in_code("D3", r"for _ in range\((\d+)\)")), TASK.x_validation
    net = training.train(0, lr=0.1, p_hidden=0.5, task=TASK)
    drawn = sum(cnnkit.softmax(net.forward(x, training=True), 1) for _ in range(masks)) / masks
    sure = [each.max(axis=1).mean() for each in (cnnkit.softmax(net.forward(x), 1), drawn)]
    assert_numbers_in_verdict("D3", round(sure[0], 2), masks, round(sure[1], 2))


def test_D4():
    h = np.array([1, 2, 3, 4])
    sums = 2 * all_masks(4) @ h
    assert sums.mean() == h.sum()
    unchanged = int((sums == h.sum()).sum())
    rng = np.random.default_rng(4)
    drawn = np.array([cnnkit.dropout(np.ones(1000), 0.5, rng=rng)[0].sum() for _ in range(2000)])
    assert abs(drawn.mean() - 1000) < 4 * np.sqrt(1000 / 2000)
    assert drawn.std() == pytest.approx(np.sqrt(1000), rel=0.07)
    assert np.mean(drawn == 1000) < 0.05
    assert_numbers_in_claim("D4", *h, 0.5, h.sum(), unchanged, len(sums), 1000, round(np.sqrt(1000 * 0.5 / 0.5), 1))
    n, p = 1000, 0.5
    stays = 100 * comb(n, n // 2) * p**n
    assert abs(np.mean(drawn == n) - stays / 100) < 0.01
    assert_numbers_in_verdict("D4", n, p, round(stays, 1), round(np.sqrt(n * p / (1 - p))))


def test_D5():
    parts = np.array([[5, -2, 3, -4, 7, -6, 1, 4, -3, -1, 2, -5]])
    n = parts.size
    assert len(np.unique(all_masks(n), axis=0)) == 2**n
    rng = np.random.default_rng(5)
    for p in (0.2, 0.5, 0.8):
        terms = rng.standard_normal((3, 7))
        np.testing.assert_allclose(geometric_mean(terms, p), weight_scaling(terms, "softmax"), atol=1e-12)
        assert abs(mean_of_all(terms, "softmax", p) - weight_scaling(terms, "softmax")).max() > 1e-3
    exact, scaled = mean_of_all(parts, "ReLU", 0.5)[0], weight_scaling(parts, "ReLU")[0]
    draws = [monte_carlo(parts, "ReLU", 0.5, 100, rng=np.random.default_rng(seed)) for seed in range(200)]
    off = np.std([drawn.mean[0] for drawn in draws])
    assert off == pytest.approx(np.mean([drawn.error[0] for drawn in draws]), rel=0.15)
    assert_numbers_in_claim("D5", n, scaled, exact, 100, round(np.mean([drawn.error[0] for drawn in draws]), 1))
    for p in (0.2, 0.5, 0.8):
        terms = rng.standard_normal((1, 7))
        np.testing.assert_allclose(mean_of_all(terms, "linear", p), weight_scaling(terms, "linear"), atol=1e-12)
    few = 8
    drawn = monte_carlo(parts[:, :few], "ReLU", 0.5, 100, rng=np.random.default_rng(few))
    off = abs(drawn.mean[0] - mean_of_all(parts[:, :few], "ReLU", 0.5)[0]) / drawn.error[0]
    assert_numbers_in_verdict("D5", Written("2ⁿ"), few, round(off, 1))


def test_D6():
    rng = np.random.default_rng(6)
    for n, draws in ((10, 38), (20, 1000)):
        assert np.mean([repeated(n, 0.5, draws, rng) for _ in range(400)]) == pytest.approx(
            repeats(n, 0.5, draws), abs=0.1
        )
    assert all(repeated(128, 0.05, 12_000, rng) for _ in range(3))
    assert not any(repeated(128, 0.5, 12_000, rng) for _ in range(3))
    masks = training.EPOCHS * training.FEW
    rare = round(-np.log10(repeats(128, 0.5, masks)))
    assert_numbers_in_claim("D6", masks, 128, 10, rare, 0.5, 0.05, round(1 / 0.95**128))
    units, p, small = 128, 0.5, 0.05
    all_kept, never_twice = (1 - small) ** units, round(-np.log10(repeats(units, p, masks)))
    assert_numbers_in_verdict(
        "D6", p, 10.0**-never_twice, small, units, round(1 / all_kept), masks, round(masks * all_kept),
        masks, 2.0**units,
    )  # fmt: skip
    assert masks / 2.0**units < 1e-30  # so nearly all sub-networks are never trained, whether masks repeat or not


def test_D8():
    plain, dropped = MEASURED["ensembles"]["p = 0"], MEASURED["ensembles"]["p = 0.5"]
    alone, one = np.mean(plain["alone"], axis=1), np.mean(dropped["alone"], axis=1)
    assert len(alone) == 20
    assert np.max(plain["training"]) == np.max(dropped["training"]) == 0
    for other in (plain["averaged"], plain["voted"], one):
        assert surely(alone - np.array(other))
    assert not surely(one - np.array(plain["averaged"]), 2)
    assert not surely(np.array(plain["averaged"]) - one, 2)
    live = [training.ensemble(seed, lr=plain["lr"], task=TASK, on="validation") for seed in SEEDS]
    assert np.mean([np.mean(run.alone) - run.averaged for run in live]) > 0
    gains = [alone - np.array(other) for other in (plain["averaged"], plain["voted"], one)]
    errors = {percent(standard_error(gain)) for gain in gains}
    averaged, _, dropout = gains
    assert_numbers_in_claim(
        "D8", 20, training.FEW, len(plain["alone"][0]), percent(averaged), percent(dropout), *errors
    )
    between = np.array(plain["averaged"]) - one
    members, more = len(plain["alone"][0]), alone - np.array(dropped["averaged"])
    assert_numbers_in_verdict(
        "D8", members, *(percent(gain) for gain in gains), len(alone), percent(between),
        percent(standard_error(between)), members, members, members, percent(more), len(training.held_digits()[0]),
    )  # fmt: skip


def test_D9():
    without, with_half = MEASURED["reliance"]["p = 0"], MEASURED["reliance"]["p = 0.5"]
    assert max(with_half["half"]) < min(without["half"])
    assert surely(np.array(without["worst"]) - with_half["worst"])
    assert surely(np.array(without["one"]) - with_half["one"])
    assert not surely(np.array(without["correlation"]) - with_half["correlation"], 0)  # they are not less alike
    found = {}
    for p, run in ((0.0, without), (0.5, with_half)):
        nets = [training.train(seed, lr=run["lr"], p_hidden=p, task=TASK) for seed in SEEDS]
        rng = np.random.default_rng(9)
        found[p] = [training.reliance(net, TASK.x_validation, TASK.labels_validation, rng=rng) for net in nets]
    assert max(each.half for each in found[0.5]) < min(each.half for each in found[0.0])
    assert_numbers_in_claim(
        "D9", 0.5, percent(with_half["worst"]), percent(without["worst"]), percent(with_half["half"]),
        percent(without["half"]), np.mean(with_half["correlation"]), np.mean(without["correlation"]),
    )  # fmt: skip
    deletions = ("one", "worst", "half")
    assert all(surely(np.array(without[what]) - with_half[what]) for what in deletions)
    assert 1.4 < np.mean(with_half["half"]) / np.mean(with_half["whole"]) < 1.65  # "one and a half times"
    active = {p: np.mean(MEASURED["reliance"][f"p = {p}"]["active"]) for p in (0.2, 0.5, 0.8)}
    falls = [p for p, share in active.items() if share < np.mean(without["active"])]
    assert_numbers_in_verdict("D9", len(deletions), Written("1/2"), *falls)


def moved(optimiser, **options) -> float:
    """How far the weight of a unit moves in a step in which it is dropped, after one in which it was kept."""
    w = torch.ones(2, requires_grad=True)
    steps = optimiser([w], lr=0.1, **options)
    for y in ([2.0, 2.0], [2.0, 0.0]):
        steps.zero_grad()
        before = w[1].item()
        (w @ torch.tensor(y)).backward()
        assert (w.grad[1] == 0) == (y[1] == 0)
        steps.step()
    return abs(w[1].item() - before)


def test_D10():
    rng, shares = np.random.default_rng(10), []
    for batch in (1, 5, 20):
        y, mask = cnnkit.dropout(np.ones((batch, 100_000)), 0.5, rng=rng)
        _, dw, _ = cnnkit.linear_backward(rng.standard_normal((batch, 1)), y, rng.standard_normal((1, 100_000)))
        assert np.array_equal(dw[0] == 0, (mask == 0).all(axis=0))
        shares.append(round(100 * float(np.mean(dw == 0))))
    dy = rng.standard_normal(mask.shape)
    assert np.array_equal(cnnkit.dropout_backward(dy, mask) == 0, mask == 0)  # and nothing reaches what is below
    assert moved(torch.optim.SGD) == 0
    momentum, adam = moved(torch.optim.SGD, momentum=0.9), moved(torch.optim.Adam)
    assert moved(torch.optim.SGD, weight_decay=0.1) > 0
    assert_numbers_in_claim("D10", shares[0], shares[1], 5, shares[2], 20, 0.5, 0.9, momentum, adam)
    p, nothing = 0.5, moved(torch.optim.SGD)
    assert_numbers_in_verdict("D10", nothing, batch, p, round(p**-batch, -6), nothing)


def test_D11():
    factors = {}
    for p in (0.2, 0.5, 0.8):
        y = F.dropout(torch.full((1000,), 3.0, dtype=torch.float64), p)
        kept = y[y != 0].unique()
        assert len(kept) == 1
        factors[p] = kept.item() / 3
        later = Dropout(p, rng=np.random.default_rng(0), form="later").forward(np.full(1000, 3.0), training=True)
        assert set(later) == {0, 3}
    _, (half, two), (most, five) = factors.items()
    assert_numbers_in_claim("D11", 1, half, two, most, five, 2014)
    assert_numbers_in_verdict("D11", Written("1/(1 − p)"), two, half, five, most, PAPER)


def test_D12():
    for p in (-0.1, 1.5, float("nan")):
        with pytest.raises((ValueError, RuntimeError)):
            F.dropout(torch.ones(3), p)
        with pytest.raises(ValueError, match="p must"):
            cnnkit.dropout(np.ones(3), p, rng=np.random.default_rng(0))
    assert F.dropout(torch.ones(100), 1.0).sum() == 0
    assert cnnkit.dropout(np.ones(100), 1.0, rng=np.random.default_rng(0))[0].sum() == 0

    def listing(x, level, rng):
        keep = 1 - level
        mask = rng.binomial(1, keep, size=x.shape)
        x *= mask
        x /= keep
        return x

    x, rng = np.ones(10_000), np.random.default_rng(0)
    for _ in range(10):
        listing(x, 0.5, rng)
    assert np.mean(x != 0) < 0.01
    with pytest.raises(TypeError, match="divide"):
        listing(np.arange(6), 0.5, rng)
    with pytest.raises(RuntimeError, match="can't be cast"):  # PyTorch refuses whole numbers, too
        F.dropout(torch.arange(6), 0.5)
    assert "nan" in repr(torch.nn.Dropout(float("nan")))  # is made, and refused only when it is called
    with pytest.raises(RuntimeError, match="between 0 and 1"):
        torch.nn.Dropout(float("nan"))(torch.ones(3))
    whole = np.arange(6)
    assert cnnkit.dropout(whole, 0.5, rng=rng)[0].dtype == float
    assert np.array_equal(whole, np.arange(6))
    assert_numbers_in_claim("D12", 0.1, 1.5, 1, 10, 0.5, 1)
    low, high = 0.0, 1.0
    for p, beyond in ((low, -1.0), (high, 2.0)):
        F.dropout(torch.ones(3), p)  # allowed
        with pytest.raises((ValueError, RuntimeError)):
            F.dropout(torch.ones(3), float(np.nextafter(p, beyond)))
    assert_numbers_in_verdict("D12", low, high, high)


def test_D15():
    order = MEASURED["order"]
    for p, (first, last) in product((0.0, 0.5), (("circles", "squares"), ("squares", "circles"))):
        run = order[f"p = {p:g}, {first} first"]
        assert min(run[first]) > 0.99 > 0.01 > max(run[last])
        assert max(order[f"p = {p:g}, mixed"][first]) < 0.1
        live = [dropout_order.after_one_epoch(f"{first} first", p, seed) for seed in SEEDS]
        assert min(getattr(each, first) for each in live) > 0.98
    tenths = {p: np.array(order[f"p = {p}, tenths"]) for p in ("0", "0.5")}
    for harm in tenths.values():
        assert (harm[:, -1] > 10 * harm[:, 0]).all()
    ends = [harm[:, i].mean() for harm in tenths.values() for i in (-1, 0)]
    forgotten = percent(order["p = 0, circles first"]["circles"], 0)
    kept = max(percent(order[f"p = {p}, mixed"]["circles"], 0) for p in ("0", "0.5"))
    last = tenths["0"][:, -1] - tenths["0.5"][:, -1]
    assert not surely(last, 2)  # nor does dropout surely change how much the last tenth weighs
    assert not surely(-last, 2)
    assert_numbers_in_claim("D15", *ends, forgotten, kept, len(last))
    story, soft = (order[f"p = {p}, ten and one"]["circles after"] for p in ("0", "0.5"))
    (ten, _), *_ = numbers("ten and one")
    assert_numbers_in_verdict(
        "D15", round(ends[0]), round(ends[1], 2), round(last.mean(), 2), round(standard_error(last), 2), ten,
        percent(soft, 0), percent(story, 0), percent(min(soft), 0), percent(max(soft), 0),
    )  # fmt: skip


def test_D16():
    values, p = np.array([8, 6, 4, 2]), 0.5
    counted = np.zeros(5)
    for mask in all_masks(4):
        y = torch.tensor(mask * values / (1 - p))[None, None]
        out = F.max_pool1d(y, 4).item() * (1 - p)
        counted[4 - round(out / 2)] += 1 / 16
    np.testing.assert_array_equal(counted, max_pool_probabilities(4, p))
    torch.manual_seed(16)
    negative = F.max_pool1d(F.dropout(-torch.tensor(values).double().expand(10_000, 1, 4), p), 4)
    assert (negative == 0).double().mean() > 0.9
    mean = counted[:4] @ values / (1 - p)
    assert_numbers_in_claim("D16", *values, p, *(100 * counted[:2]), mean)
    highest = negative.max().item()
    assert_numbers_in_verdict("D16", Written("1 − p"), highest, highest, p, mean, values.max())


def test_D17():
    x, labels = TASK.x_validation, TASK.labels_validation
    found = []
    for seed in range(5):
        net = training.train(seed, lr=0.1, p_hidden=0.5, task=TASK)
        assert np.array_equal(net.forward(x), net.forward(x))
        once, again = (net.forward(x, training=True).argmax(axis=1) for _ in range(2))
        found.append([np.mean(once != again), np.mean(once != labels), error(net, x, labels)])
    assert min(changed for changed, _, _ in found) > 0.05
    assert all(forgotten > tested for _, forgotten, tested in found)
    model = torch.nn.Dropout(0.5)
    with torch.no_grad():
        assert (model(torch.ones(1000)) == 0).any()
    assert (model.eval()(torch.ones(1000)) == 1).all()
    assert_numbers_in_claim("D17", 0.5, *(percent(column, 0) for column in np.transpose(found)))
    changed, forgotten, tested = np.mean(found, axis=0)
    assert 1.6 < forgotten / tested < 2  # "nearly twice the errors"
    assert_numbers_in_verdict("D17", percent(changed, 0), PAPER, Written("1 − p"))


def test_D13():
    found = MEASURED["maps"]
    without = np.array(found["none"]["test"])
    gains = {name: without - run["test"] for name, run in found.items() if name not in ("none", "guessed")}
    named = ("maps 1, element", "maps 2, element", "units, element", "maps 1, channel", "maps 2, channel")
    shown = [gains[f"{name}, p = 0.5"] for name in named]
    assert len(without) == 10
    assert surely(shown[0])
    assert surely(shown[0] - shown[3])  # single values bring more than whole maps
    assert not surely(shown[2] - shown[0], 0)  # and units no more than the first maps
    assert not surely(shown[0] - shown[2], 2)  # ten seeds do not decide between these two
    assert not surely(shown[1] - shown[4], 2)  # nor between values and whole maps behind convolution 2
    errors = [percent(standard_error(gain)) for gain in shown]
    guessed = {name: percent(values, 0) for name, values in found["guessed"].items()}
    assert guessed["maps 1, element, own map"] > 20
    assert guessed["maps 1, channel, own map"] == guessed["maps 2, channel, own map"] == 0
    net = dropout_maps.train_cnn(20, lr=0.1, count=10, task=TASK)
    maps = dropout_maps.activations(net, training.fresh_digits(20, task=TASK), "maps 1")
    assert dropout_maps.guessed(maps, "element", own=True) > 0.1
    assert abs(dropout_maps.guessed(maps, "channel", own=True)) < 0.01
    told = [number for i in (0, 2, 3) for number in (percent(shown[i]), errors[i])]
    assert_numbers_in_claim("D13", training.FEW, 0.5, 1, *told, guessed["maps 1, element"], guessed["units, element"])
    between = [shown[0] - shown[2], shown[1] - shown[4]]  # values in the maps or units; values or whole maps
    told = [[percent(gain), percent(standard_error(gain))] for gain in (*shown, *between)]
    single, _, units, whole, later, against_units, against_whole = told
    widths = [layer.out_channels for layer in net if isinstance(layer, torch.nn.Conv2d)]
    highest = max(options["p"] for options in MAPS.values())
    assert_numbers_in_verdict(
        "D13", *single, *units, len(without), *against_units, *whole, *later, *against_whole, *widths, highest,
        *digits("test").images.shape[2:],
    )  # fmt: skip


def test_D18():
    found = MEASURED["bounds"]
    ends = {(p, lr): found[f"p = {p}, rate {lr}"] for p, lr in (("0.5", 0.1), ("0.5", 0.5), ("0.5", 0.7), ("0", 0.7))}
    gains = {key: np.array(run["free"]) - run["bounded"] for key, run in ends.items()}
    assert surely(gains["0.5", 0.5])
    assert surely(gains["0.5", 0.7])
    assert not surely(gains["0.5", 0.1], 2)
    assert not surely(-gains["0.5", 0.1], 2)
    best = min(np.mean(run["free"]) for name, run in found.items() if "p = 0.5" in name)
    assert best <= min(np.mean(run["bounded"]) for name, run in found.items() if "p = 0.5" in name)
    bound = ends["0.5", 0.7]["bound"]
    for seed in SEEDS[:2]:
        options = {"lr": 0.7, "p_hidden": 0.5, "hidden": (128, 128), "task": TASK}
        free, bounded = (training.train(seed, bound=c, **options) for c in (np.inf, bound))
        kept = [np.linalg.norm(bounded.layers[i].parameters["weight"], axis=1).max() for i in (1, 4, 7)]
        assert max(kept) <= bound + 1e-9
        assert training.errors(bounded, seed, task=TASK).validation < training.errors(free, seed, task=TASK).validation
    told = [(percent(ends[key]["free"], n), percent(ends[key]["bounded"], n)) for key, n in
            ((("0.5", 0.5), 1), (("0.5", 0.7), 0), (("0.5", 0.1), 1))]  # fmt: skip
    failed = [sum(error > 0.5 for error in ends["0", 0.7][kind]) for kind in ("free", "bounded")]
    assert surely(gains["0", 0.7], 2)
    assert best == np.mean(ends["0.5", 0.1]["free"])
    assert_numbers_in_claim(
        "D18", 0.5, 0.7, 0.1, *(v for pair in told[:2] for v in pair), *failed, len(gains["0", 0.7])
    )
    slow, fast, faster = 0.1, 0.5, 0.7
    wrong = dict(zip((fast, faster, slow), told, strict=True))
    assert_numbers_in_verdict(
        "D18", fast, *wrong[fast], faster, *wrong[faster], slow, len(gains["0.5", slow]), *wrong[slow], faster,
        failed[0], len(gains["0", faster]), training.EPOCHS,
    )  # fmt: skip


def recorded(p: float, place: str = "hidden", images: int = 200, wrong: str = "1 in 5") -> dict[str, np.ndarray]:
    run = overfitting.recorded(OVERFITTING, p, place, images, wrong)
    ends = {name: np.array(values) for name, values in run.items() if name not in ("training", "validation")}
    return ends | {"gap": ends["validation_loss"] - ends["training_loss"]}


def test_D7():
    for wrong, p in product(overfitting.WRONG, (0.2, 0.5, 0.8)):
        without, with_dropout = recorded(0.0, wrong=wrong), recorded(p, wrong=wrong)
        assert surely(without["gap"] - with_dropout["gap"], 2.5)
        if wrong == "1 in 5":
            assert surely(without["validation_error"] - with_dropout["validation_error"])
    for seed in SEEDS:
        gaps = [overfitting.train(p, "hidden", 200, "1 in 5", seed=seed).gap for p in (0.0, 0.5, 0.8)]
        assert gaps == sorted(gaps, reverse=True)
    wrongly = [recorded(p) for p in (0.0, 0.5, 0.8)]
    rightly = [recorded(p, wrong="none") for p in (0.0, 0.5, 0.8)]
    errors = [percent(run["validation_error"]) for run in (*wrongly, rightly[0])]
    gains = [rightly[0]["validation_error"] - run["validation_error"] for run in rightly[1:]]
    assert [surely(gain, 2) for gain in gains] == [True, False]  # seen with 0.5, not surely with 0.8
    stopped = wrongly[0]["lowest_validation_loss"]  # against stopping in time, which nobody can know
    assert all(surely(stopped - run["validation_loss"], 2) for run in wrongly[1:])
    small = [percent(number) for number in (gains[0].mean(), standard_error(gains[0]))]
    assert_numbers_in_claim(
        "D7", OVERFITTING["seeds"], 200, 1, 5, 0.5, *(run["gap"].mean() for run in wrongly[:2]), *errors[:2], *small
    )
    images, seeds, half, most = 200, OVERFITTING["seeds"], 0.5, 0.8
    labels = [overfitting.few_digits(images, wrong, seed=0).labels for wrong in overfitting.WRONG]
    less = {p: np.mean(rightly[0]["gap"] - recorded(p, wrong="none")["gap"]) for p in (0.2, half, most)}
    fewer = {p: rightly[0]["validation_error"] - recorded(p, wrong="none")["validation_error"] for p in less}
    seen = {p: surely(gain, 2) for p, gain in fewer.items()}
    assert [seen[p] for p in (0.5, 0.2, 0.8)] == [True, False, False]
    assert all((wrongly[0]["validation_error"] > run["validation_error"]).all() for run in wrongly[1:])  # every seed
    curve = np.array(overfitting.recorded(OVERFITTING, 0.0, "hidden", images, "1 in 5")["validation"][0])
    below = stopped - wrongly[2]["validation_loss"]
    assert_numbers_in_verdict(
        "D7", np.sum(labels[0] != labels[1]), images, half, errors[0], errors[1], most, errors[2],
        round(rightly[0]["gap"].mean(), 2), round(min(less.values()), 2), round(max(less.values()), 2), seeds,
        *sorted(seen, key=seen.get, reverse=True),
        round(curve.min(), 2), most, round(below.mean(), 3), round(standard_error(below), 3),
    )  # fmt: skip


def near_the_best(place: str, images: int, wrong: str) -> tuple[float, list[float]]:
    """The best p, and those less than two standard errors behind it."""
    found = {p: recorded(p, place, images, wrong)["validation_error"] for p in overfitting.RATES}
    best = min(found, key=lambda p: found[p].mean())
    return best, [p for p, errors in found.items() if not surely(errors - found[best], 2)]


def test_D14():
    cases = list(product(overfitting.PLACES, overfitting.IMAGES, overfitting.WRONG))
    found = {case: near_the_best(*case) for case in cases}
    best = [p for p, _ in found.values()]
    for p in overfitting.RATES:  # no p is among the best everywhere
        assert not all(p in near for _, near in found.values())
    wrongly = {place: found[place, 200, "1 in 5"][0] for place in overfitting.PLACES}
    assert wrongly == {"input": pytest.approx(0.55, abs=0.06), "hidden": 0.8, "both": 0.3}  # as the figure's text says
    counts = {p: sum(p in near for _, near in found.values()) for p in (0.3, 0.5)}
    pairs = [[found[place, images, wrong][0] for wrong in overfitting.WRONG]
             for place, images in product(overfitting.PLACES, overfitting.IMAGES)]  # fmt: skip
    assert (sum(with_wrong > right for right, with_wrong in pairs), len(pairs)) == (11, 12)
    assert all(with_wrong >= right for right, with_wrong in pairs)
    at_input = [0.2 in near for (place, _, _), (_, near) in found.items() if place == "input"]
    assert_numbers_in_claim(
        "D14", len(cases), OVERFITTING["seeds"], min(best), max(best), *(v for pair in counts.items() for v in pair),
        0.2, sum(at_input), len(at_input),
    )  # fmt: skip
    half, _, fifth = (number for number, _ in numbers(CLAIMS["D14"].said))
    assert counts[half] == 11
    third_text = Given(0.2, "what a text says of the output layer, which is not measured")
    most = max(overfitting.RATES)
    bad = {place: recorded(most, place, 200, "none")["validation_error"].mean() for place in overfitting.PLACES}
    assert bad["hidden"] < 0.1 < bad["input"] < bad["both"]
    assert_numbers_in_verdict(
        "D14", min(best), max(best), most, most, most, sum(with_wrong > right for right, with_wrong in pairs),
        len(pairs), fifth, half, third_text, OVERFITTING["seeds"],
    )  # fmt: skip


SHOWN = [  # an explorer as the notebook starts it, what the reader then sets, and numbers that "You should have seen"
    (Mask(p=0.4, units=100), {}, {40, 4.9}),
    (Mask(p=0.4, units=100), {"convention": "probability to keep"}, {60, 4.9}),
    (Mask(p=0.4, units=100), {"scaled": False}, {500, 300}),
    (SubNetworks(units=6, p=0.5, follows="ReLU"), {}, {3.0, 6.438}),
    (SubNetworks(units=6, p=0.5, follows="ReLU"), {"p": 0.05}, {0.298}),
    (Overfitting(p=0.5, place="hidden", images=200, wrong="1 in 5"), {"p": 0.0}, {20, 0.61, 21.4}),
    (Overfitting(p=0.5, place="hidden", images=200, wrong="1 in 5"), {"p": 0.8}, {12.4, 12.7, 21.4}),
    (Overfitting(p=0.5, place="hidden", images=200, wrong="1 in 5"), {"wrong": "none"}, {6.0, 6.4}),
    (ElementOrChannel(p=0.5, kind="dropout"), {}, {0.75}),
    (ElementOrChannel(p=0.5, kind="dropout"), {"kind": "dropout2d"}, {0}),
    (ElementOrChannel(p=0.5, kind="dropout"), {"source": "other channels"}, {8}),
    (ElementOrChannel(p=0.5, kind="dropout2d"), {"source": "other channels"}, {9}),
]


@pytest.mark.parametrize(("explorer", "moves", "numbers"), SHOWN)
def test_the_explorers_show_what_the_notebook_says_you_should_have_seen(explorer, moves, numbers):
    explorer.set(**moves)
    said = {float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", explorer.picture.sentence)}
    assert numbers <= said, explorer.picture.sentence
