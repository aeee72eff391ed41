"""The claims of notebook 01: each test asserts the fact its verdict rests on, and computes the numbers it quotes.

What took minutes is read from the topic's recorded.json; a shorter run of the same function stands beside it.
"""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cnnkit
from cnnkit.course.activations.experiments import activity as activations
from cnnkit.course.activations.experiments import convergence
from cnnkit.course.activations.experiments import linear_regions as pieces
from cnnkit.course.activations.record import SILENCED
from cnnkit.course.claims import CLAIMS
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.training import digits_task
from cnnkit.data import digits
from cnnkit.network import Linear, Network
from tests.course.claim_numbers import Given, Written, assert_numbers_in_claim, assert_numbers_in_verdict, year

TASK = digits_task()
MEASURED = results("activations")
SEEDS = range(20, 25)  # none of those that the results were measured with


def apart(smaller: list[float], larger: list[float], share: float = 0.9) -> bool:
    """Whether of all pairs, one from each, at least `share` stand in this order."""
    return (np.array(smaller)[:, None] < np.array(larger)[None]).mean() >= share


def one_digit(values: list[float]) -> float:
    """Their mean, as the text gives it."""
    return float(f"{np.mean(values):.1f}")


def heard(claim: str) -> Written:
    """Where the verdict says that the claim is heard: names and years, without the addresses."""
    return Written(re.sub(r"\]\([^)]*\)", "]", f"Heard in: {CLAIMS[claim].heard}"))


def test_A1():
    pairs = [
        (cnnkit.relu, torch.relu), (cnnkit.sigmoid, torch.sigmoid), (cnnkit.softplus, F.softplus),
        (cnnkit.tanh, torch.tanh),
    ]  # fmt: skip
    reach = 10_000
    grid = np.concatenate([[-np.inf], np.linspace(-reach, reach, 20_001), np.linspace(-20, 20, 4001), [np.inf]])
    for dtype in (np.float16, np.float32, np.float64):
        x, precision = grid.astype(dtype), np.finfo(dtype)
        for ours, theirs in pairs:
            expected = theirs(torch.tensor(x)).numpy()
            assert ours(x).dtype == dtype
            np.testing.assert_allclose(ours(x), expected, rtol=4 * precision.eps, atol=precision.tiny)
    places = [int(np.argmax([0, x])) for x in (-2.0, 3.0)]
    assert places == [0, 1]  # places, not values
    assert_numbers_in_claim("A1", reach, 0, 3, np.argmax([0, 3]))
    both = (0, 3)
    slopes = np.diff([np.argmax([0, x]) for x in np.linspace(-5, 5, 1000)])
    firsts = {dtype: activations.sigmoid_is_one(dtype) for dtype in (np.float16, np.float32, np.float64)}
    for dtype, first in firsts.items():
        whole = np.arange(50).astype(dtype)
        assert first.formula == first.correct - 1  # "one step early"
        ours = first.correct if dtype is np.float16 else first.formula  # float16: in 32 bits, rounded once
        assert (cnnkit.sigmoid(whole) == 1).argmax() == ours
    half, single = (int((torch.sigmoid(torch.arange(50).to(d)) == 1).nonzero()[0]) for d in (torch.half, torch.float))
    assert half == firsts[np.float16].correct  # PyTorch computes it in 32 bits
    assert single == firsts[np.float32].formula
    bits = [8 * np.dtype(dtype).itemsize for dtype in (np.float16, np.float32)]
    assert_numbers_in_verdict(
        "A1", *both, np.argmax(both), np.median(slopes), Written("exactly 1"), *(f.correct for f in firsts.values()),
        len(firsts), Written("1/(1 + e⁻ˣ)"), Written("1 + e⁻ˣ"), *bits, heard("A1"),
    )  # fmt: skip


def test_A2():
    x = np.random.default_rng(2).standard_normal(100_000)
    zeros = {name: activations.share_of_zeros(activations.apply(name, x)) for name in activations.EVERY}
    assert zeros.pop("relu") == pytest.approx(0.5, abs=0.01)
    assert set(zeros.values()) == {0}
    for seed in SEEDS:
        relu = activations.trained_sparsity("relu", 0.0, seed, lr=0.1, count=10, task=TASK)
        priced = activations.trained_sparsity("sigmoid", 0.1, seed, lr=1.0, count=10, task=TASK)
        assert relu.zero > 0.25
        assert priced.zero == 0
    stored = MEASURED["sparsity"]
    assert min(stored["relu, penalty 0"]["zero"]) > 0.3
    assert not any(stored[f"sigmoid, penalty {p}"]["zero"][i] for p in ("0", "0.01", "0.1") for i in range(10))
    relu, plain, priced = (stored[key] for key in ("relu, penalty 0", "sigmoid, penalty 0", "sigmoid, penalty 0.1"))
    assert apart(plain["below_hundredth"], priced["below_hundredth"], share=1)
    small = [100 * np.mean(each["below_hundredth"]) for each in (plain, priced)]
    assert_numbers_in_claim("A2", 1, round(100 * np.mean(relu["zero"])), 0.1, round(small[0]), round(small[1]), 0.01, 0)
    outputs = [len(TASK.x) * 64 for _ in plain["zero"]]  # 64 hidden units
    penalty, zero = 0.1, Written("exactly 0")
    quiet, quiet_relu = (stored[f"{name}, penalty {penalty}"] for name in ("sigmoid", "relu"))
    assert quiet == priced
    paid, other = (
        [round(100 * np.mean(each["error"])) for each in pair] for pair in ((quiet, plain), (quiet_relu, relu))
    )
    assert paid == other
    assert_numbers_in_verdict(
        "A2", round(100 * np.mean(relu["zero"])), zero, round(small[0]), Written("below 0.01"), penalty,
        round(small[1]), sum(outputs), len(outputs), zero, round(100 * np.mean(quiet_relu["zero"])), zero,
        *paid, heard("A2"),
    )  # fmt: skip


def test_A3():
    total = zeros = 0
    choices, seeds = (0, 1), range(5)
    for seed in seeds:
        zero, one = (activations.train_with_slope_at_zero(at_zero, seed, count=5, task=TASK) for at_zero in choices)
        assert np.array_equal(zero.weights, one.weights)
        zeros += zero.zeros
        total += zero.total
    assert total == 3_200_000
    asleep, awake = (activations.train_with_slope_at_zero(z, 0, gain=0, count=5, task=TASK) for z in choices)
    assert asleep.error > 0.85
    assert awake.error < 0.2
    x = torch.zeros(1, requires_grad=True)
    torch.relu(x).backward()
    assert x.grad == 0
    assert_numbers_in_claim("A3", 0, zeros, total, 5)
    bits = 8 * zero.weights.itemsize
    elsewhere = [Given(bits, "what Bertoin and others measured") for bits in (32, 16)]
    assert_numbers_in_verdict(
        "A3", x.item(), x.item(), x.grad.item(), len(seeds), choices[0], bits, *elsewhere, heard("A3")
    )


def test_A4():
    costs = MEASURED["costs"]
    for side in ("numpy", "torch"):
        assert costs[side]["relu"] < 3  # in copies of the array
        assert costs[side]["relu"] < costs[side]["sigmoid"]
    assert costs["torch"]["tanh"] > 3 * costs["torch"]["relu"]
    one, every = costs["widths"]["one layer"], costs["widths"]["all layers"]
    units = costs["widths"]["units"]
    factor = units[-1] / units[0]
    assert 0.6 * factor < one[-1] < 1.5 * factor
    assert every[-1] > 3 * one[-1]
    macs = [cnnkit.count_macs(Linear(512, width), (512,)) for width in (256, 512, 1024)]
    assert macs[1:] == [2 * macs[0], 4 * macs[0]]
    said = [costs["torch"][name] for name in ("relu", "sigmoid", "tanh")]
    assert_numbers_in_claim("A4", *said, factor, one[-1], every[-1])
    many, few = (cnnkit.count_macs(Linear(n, n), (n,)) for n in (max(units), min(units)))
    per_unit = cnnkit.count_macs(Linear(512, 1), (512,))
    assert max(costs["widths"]["relu's share"]) < 0.05  # "a few per cent"
    assert costs["numpy"]["tanh"] <= costs["numpy"]["relu"]  # "no more"
    assert_numbers_in_verdict(
        "A4", factor, round(one[-1]), many / few, every[-1] // 10 * 10, said[0], per_unit, per_unit, heard("A4")
    )


def test_A5():
    x = np.linspace(-10, 10, 2_000_001)
    quoted, per_cent = [], 1
    for backward in (cnnkit.sigmoid_backward, cnnkit.tanh_backward):
        slopes = backward(np.ones_like(x), x)
        assert abs(x[slopes.argmax()]) < 1e-9
        assert (np.diff(slopes[x >= 0]) <= 0).all()  # never rises again
        quoted += [slopes.max(), x[(slopes < per_cent / 100 * slopes.max()) & (x > 0)].min()]
    assert quoted[1] == pytest.approx(2 * np.arccosh(10), abs=1e-4)
    assert quoted[3] == pytest.approx(np.arccosh(10), abs=1e-4)
    assert_numbers_in_claim("A5", *quoted, 1)
    largest, border = [quoted[0], quoted[2]], [round(quoted[1], 2), round(quoted[3], 2)]
    assert_numbers_in_verdict(
        "A5", largest[0], per_cent, border[0], largest[1], per_cent, border[1], Written("2σ(2x) − 1"),
        round(quoted[2] / quoted[0]), heard("A5"),
    )  # fmt: skip


def test_A6():
    x = np.linspace(-30, 30, 6001)
    np.testing.assert_allclose(cnnkit.softplus_backward(np.ones_like(x), x), cnnkit.sigmoid(x), rtol=1e-8)
    for beta in (1, 2, 10):
        gap = cnnkit.softplus(x, beta=beta) - cnnkit.relu(x)
        assert (gap >= 0).all()
        assert gap.max() == pytest.approx(np.log(2) / beta)
        assert abs(x[gap.argmax()]) < 1e-9
    assert (cnnkit.softplus(x) > 0).all()
    assert_numbers_in_claim("A6", 2, cnnkit.softplus([0.0])[0], 0)
    step, theirs = cnnkit.softplus_backward([1.0, 1.0], [-1e3, 1e3]), torch.nn.Softplus()
    off = np.log1p(np.exp(-theirs.beta * theirs.threshold))
    assert theirs(torch.tensor([theirs.threshold + 1.0])) == theirs.threshold + 1  # x itself
    assert_numbers_in_verdict(
        "A6", *step, Written("log 2"), round(cnnkit.softplus([0.0])[0], 2), round(x[gap.argmax()], 9), theirs.threshold,
        theirs.beta, 10.0 ** np.ceil(np.log10(off)), Written("exactly 0"), heard("A6"),
    )  # fmt: skip


A7_SIGNED = ("leaky_relu", "elu", "gelu", "silu", "tanh")


def test_A7():
    rng = np.random.default_rng(7)
    y, weight, bias = cnnkit.relu(rng.standard_normal((5, 8))), rng.standard_normal((3, 8)), rng.standard_normal(3)
    moved = cnnkit.linear(y - 1, weight, bias + weight.sum(axis=1))
    np.testing.assert_allclose(moved, cnnkit.linear(y, weight, bias))
    errors = {name: np.array(run["test"]) for name, run in MEASURED["cnn"].items()}
    never, signed = {"relu", "softplus"}, {"leaky_relu", "elu", "gelu", "silu", "tanh"}
    assert set(errors) == never | signed
    assert min(len(values) for values in errors.values()) >= 5
    best = {name: values.mean() for name, values in errors.items()}
    assert max(best[name] for name in signed) < min(best[name] for name in never) + 0.01
    assert apart(list(errors["tanh"]), list(errors["relu"]), share=0.7)
    short = convergence.train_cnn("tanh", MEASURED["cnn"]["tanh"]["lr"], 40, count=8, task=TASK)
    assert short.test < 0.25
    seeds = len(errors["relu"])
    assert_numbers_in_claim("A7", seeds, *(round(100 * best[name], 1) for name in ("relu", "softplus", *A7_SIGNED)))
    assert max(best[name] for name in signed) < min(best[name] for name in never)  # "all five"
    one_sided = [round(100 * best[name], 1) for name in ("relu", "softplus")]
    ends = [round(100 * pick(best[name] for name in signed)) for pick in (min, max)]

    def apart_by(name: str) -> float:
        """From ReLU, in standard errors."""
        spread = np.hypot(errors["relu"].std(ddof=1), errors[name].std(ddof=1)) / seeds**0.5
        return (best["relu"] - best[name]) / spread

    assert min(apart_by(name) for name in ("elu", "silu", "tanh")) > 3
    assert max(apart_by(name) for name in ("leaky_relu", "gelu")) < 2  # "may be chance"
    first = errors["relu"][:10]
    test = digits("test")
    assert_numbers_in_verdict(
        "A7", len(signed), *ends, *one_sided, Written("three standard errors"), len(first),
        round(100 * first.mean(), 1), len(first), len(test), *test.images.shape[2:], heard("A7"),
    )  # fmt: skip


def test_A8():
    stored = MEASURED["deaths"]["relu"]
    silent, woken = np.array(stored["silent"]), np.array(stored["woken"])
    at = {rate: i for i, rate in enumerate(stored["rates"])}
    assert apart(list(silent[at[0.5], :, 0]), list(silent[at[1.0], :, 0]), share=1)
    assert (woken[:, :, 0] == 0).all()
    assert woken[:, :, 1].max() > 0
    for seed in SEEDS:
        gentle, rough = (activations.deaths("relu", lr, seed, count=5, task=TASK) for lr in (0.1, 2.0))
        assert gentle.end[0] < 0.1
        assert rough.end[0] > 0.6
        assert rough.woken[0] == 0
    shares = [round(100 * silent[at[rate], :, 0].mean()) for rate in (0.5, 1.0, 2.0)]
    died = 64 * silent[at[1.0], :, 1]  # units of layer 2, for each start
    back_of = round((died * woken[at[1.0], :, 1]).sum()), round(died.sum())
    assert_numbers_in_claim("A8", *(v for pair in zip((0.5, 1, 2), shares, strict=True) for v in pair), 1, 2, *back_of)
    mild, rough, harsh = 0.5, 0.7, 1.0
    low = [i for rate, i in at.items() if rate <= mild]
    most, errors = 100 * silent[low].mean(axis=1).max(), 100 * np.mean(stored["error"], axis=1)[low]
    assert round(1 / silent[at[rough], :, 0].mean()) == 7  # "every seventh"
    assert_numbers_in_verdict(
        "A8", mild, round(most), round(errors.min()), round(errors.max()), harsh, shares[1], Written("layer 2"),
        *back_of, harsh, Written("layer 1"), rough, Written("layer 1"), heard("A8"),
    )  # fmt: skip


def test_A9():
    later = {name: np.array(run["later"]) for name, run in MEASURED["silenced"].items()}
    assert all((later[name] > 0.85).all() for name in ("relu", "leaky_relu, slope 0.01"))
    assert all((later[name] < 0.15).all() for name in ("leaky_relu, slope 0.25", "prelu", "rrelu"))
    assert min(np.min(run["start"]) for run in MEASURED["silenced"].values()) > 0.85
    for seed in SEEDS:
        patient = {"bias": -5.0, "count": 20, "later_lr": 0.03, "task": TASK}
        weak = activations.deaths("leaky_relu", 0.03, seed, **patient)
        strong = activations.deaths("leaky_relu", 0.03, seed, negative_slope=0.25, **patient)
        assert weak.later > 0.8
        assert strong.later < 0.25
    diverged = {name: run["diverged"] for name, run in MEASURED["deaths"].items()}
    rates = MEASURED["deaths"]["relu"]["rates"]
    assert not any(diverged["relu"])
    assert all(diverged[name][-1] == 10 for name in ("leaky_relu", "prelu", "rrelu"))
    mean = {name: round(100 * values.mean()) for name, values in later.items()}
    assert_numbers_in_claim(
        "A9", 5, 60, 0.01, mean["leaky_relu, slope 0.01"], mean["relu"], 0.25, mean["leaky_relu, slope 0.25"],
        mean["prelu"], mean["rrelu"], 1.5, 10,
    )  # fmt: skip
    assert [diverged[name][rates.index(1.5)] for name in ("leaky_relu", "prelu", "rrelu")] == [10, 10, 10]
    large = SILENCED["leaky_relu, slope 0.25"][1]["negative_slope"]
    usual = torch.nn.LeakyReLU().negative_slope
    assert mean["relu"] in range(88, 93)  # "nine of ten digits wrong": guessing
    nine_of_ten = Written("nine of ten digits wrong")
    assert_numbers_in_verdict("A9", large, usual, nine_of_ten, usual, usual, heard("A9"))


def epochs_to_1(name: str, seed: int) -> float:
    lr = MEASURED["convergence"][name]["lr"]
    errors = convergence.training_errors(name, lr, seed, count=30, until=0.01, task=TASK)
    return convergence.epochs_to(errors, 0.01)


def test_A10():
    stored = {name: run["epochs_to_1"] for name, run in MEASURED["convergence"].items()}
    for centred, not_centred in (("sigmoid − 1/2", "sigmoid"), ("4·sigmoid − 2", "4·sigmoid"), ("tanh", "tanh + 1")):
        assert apart(stored[centred], stored[not_centred], share=1)
    assert apart(stored["tanh"], stored["sigmoid"], share=1)
    live = {name: [epochs_to_1(name, seed) for seed in SEEDS] for name in ("tanh", "tanh + 1")}
    assert apart(live["tanh"], live["tanh + 1"], share=0.95)
    names = ("sigmoid", "tanh", "sigmoid − 1/2", "4·sigmoid", "4·sigmoid − 2")
    assert_numbers_in_claim("A10", 1, 2, 4, *(one_digit(stored[name]) for name in names))
    assert_numbers_in_verdict("A10", len(stored["tanh"]) * len(stored["sigmoid"]), heard("A10"))


def test_A11():
    stored = {name: run["epochs_to_1"] for name, run in MEASURED["convergence"].items()}
    same = {name: run["epochs_to_1_at_0.1"] for name, run in MEASURED["convergence"].items()}
    assert apart(stored["tanh"], stored["relu"], share=0.8)  # tanh is the faster one
    error = np.hypot(*(np.std(stored[name], ddof=1) / 10**0.5 for name in ("tanh", "relu")))
    assert np.mean(stored["relu"]) - np.mean(stored["tanh"]) > 3 * error
    assert apart(stored["relu"], stored["sigmoid"], share=1)
    assert apart(same["relu"], same["tanh"], share=0.9)  # at one rate for all the order turns
    live = {name: [epochs_to_1(name, seed) for seed in SEEDS] for name in ("tanh", "relu")}
    assert np.mean(live["tanh"]) < np.mean(live["relu"])
    means = [one_digit(stored[name]) for name in ("relu", "tanh", "sigmoid")]
    assert_numbers_in_claim("A11", 1, *means, 0.1, one_digit(same["relu"]), one_digit(same["tanh"]), 6)
    mark, rate = 25, 0.1
    early = {name: np.mean(MEASURED["convergence"][name][f"epochs_to_{mark}"]) for name in ("relu", "tanh")}
    assert early["tanh"] < early["relu"] < 1.1  # "within about one epoch"
    assert MEASURED["convergence"]["relu"][f"epochs_to_1_at_{rate}"] == same["relu"]
    factor = round(np.mean(same["tanh"]) / np.mean(same["relu"]), 1)
    theirs = Given(6, "the factor that the paper tells")
    assert factor < theirs
    assert_numbers_in_verdict(
        "A11", means[1], means[0], mark, rate, factor, theirs, year("01", "Krizhevsky, Sutskever & Hinton"),
        Given(4, "the layers that the paper tells"), Written("CIFAR-10"), Written("lesson 02"), heard("A11"),
    )  # fmt: skip


def test_A12():
    depth, width = 20, 256
    runs = [activations.active(depth, seed, width=width) for seed in range(10)]
    units = np.array([run.units for run in runs])
    powers = np.log2([run.paths for run in runs])
    assert abs(units - 0.5).max() < 0.15
    assert units.mean() == pytest.approx(0.5, abs=0.02)
    layers = np.arange(1, 21)
    assert abs(powers + layers).max() < 1.0
    one, last = (round(100 * units[:, i].mean()) for i in (0, -1))
    assert_numbers_in_claim("A12", 1, 20, one, last, 2, round(-powers[:, -1].mean(), 1))
    assert round(np.log10(2.0**-depth)) == -6  # "a millionth"
    assert_numbers_in_verdict("A12", layers[-1], layers[0], float(width) ** depth, heard("A12"))


def test_A13():
    rng = np.random.default_rng(13)
    net = Network([Linear(8, 8) for _ in range(5)], rng=rng)
    weight, bias = pieces.collapse(net)
    x = rng.standard_normal((100, 8))
    np.testing.assert_allclose(net.forward(x), x @ weight.T + bias, rtol=1e-9, atol=1e-9)
    counts = [pieces.count_pieces(pieces.folding(depth), 0, 1) for depth in range(1, 9)]
    assert counts == [2**depth for depth in range(1, 9)]
    for seed in range(10):
        assert pieces.random_pieces(1, 16, seed, reach=1e3) <= 17
        assert pieces.random_pieces(8, 16, seed) < 2 * 8 * 16  # about one bend a unit, not 2^depth
    random = np.mean([pieces.random_pieces(8, 16, seed) for seed in range(10)])
    assert_numbers_in_claim("A13", 2, 16, counts[-1], 16 + 1, 8, 128, round(random))
    assert_numbers_in_verdict("A13", heard("A13"))
