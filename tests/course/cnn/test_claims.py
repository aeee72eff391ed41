"""The claims of notebook 07: what their verdicts rest on, computed."""

import numpy as np
import pytest
import torch
from torch import nn

from cnnkit.course.cnn.build_explorer import BuildYourOwn
from cnnkit.course.cnn.experiments.measures import channels, neighbours, outputs, read_by_means, reading, settle, train
from cnnkit.course.cnn.experiments.nets import build_net, error, images_task
from cnnkit.course.cnn.experiments.twin import STEPS, train_both
from cnnkit.course.cnn.explorers import Mistakes, Occlusion, WalkThrough
from cnnkit.course.cnn.mistakes import read_all
from cnnkit.course.cnn.record import (
    ALL_RATES,
    BLOCKS,
    DROP_TASKS,
    DROPS,
    GAINS,
    KINDS,
    LONG,
    ORDERS,
    PREPARED,
    TARGETS,
    USUAL,
)
from cnnkit.course.cnn.record_mnist import CHOICES, QUICK
from cnnkit.course.kit.recorded import results
from cnnkit.data import digits
from cnnkit.network import (
    Activation,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Dropout2d,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
)
from cnnkit.tracing import trace
from cnnkit.training import RECIPES, ExampleNet, mnist_net
from tests.course.claim_numbers import Given, assert_numbers_in_claim, assert_numbers_in_verdict
from tests.course.cnn.test_twin import DIGITS, X, cnn

STORED = results("cnn")


def mean(values) -> float:
    return float(np.mean(values))


def per_cent(share: float) -> float:
    """To one decimal, as the sentences have it."""
    return round(100 * share, 1)


def paired(ours, theirs) -> tuple[float, float]:
    """The mean difference of runs with the same seeds, and its standard error."""
    gap = np.subtract(ours, theirs)
    return float(gap.mean()), float(gap.std(ddof=1) / np.sqrt(len(gap)))


def test_F1():
    usual = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip
    x, products, parameters = torch.zeros(1, 1, 28, 28), [], []
    for layer in usual:
        x = layer(x)
        if hasattr(layer, "weight"):
            parameters.append(sum(p.numel() for p in layer.parameters()))
            products.append(x.numel() * layer.weight[0].numel())
    assert x.shape == (1, 10)
    assert np.argmax(parameters) == 2  # the first fully connected layer
    assert np.argmax(products) == 1  # the second convolution
    maps = torch.randn(20, 8, 12, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    pooled = nn.MaxPool2d(2)
    assert torch.equal(pooled(maps.relu()), pooled(maps).relu())
    assert not torch.allclose(nn.AvgPool2d(2)(maps.relu()), nn.AvgPool2d(2)(maps).relu())
    mask = (torch.rand(maps.shape, generator=torch.Generator().manual_seed(1)) > 0.3) / 0.7
    assert torch.allclose((mask * maps).relu(), mask * maps.relu())
    smaller = nn.Sequential(*list(usual)[:5], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    left = sum(p.numel() for p in smaller.parameters())
    share = 100 * parameters[2] / sum(parameters), 100 * products[1] / sum(products)
    assert_numbers_in_claim("F1", round(share[0]), sum(parameters), round(share[1]), left)
    assert_numbers_in_verdict("F1", round(share[0]), round(share[1]), left, sum(parameters))


def everything(seed: int) -> Network:
    return Network([
        Conv2d(1, 6, 3, padding=1, bias=False), BatchNorm2d(6), Activation("relu"), MaxPool2d(2),
        Conv2d(6, 8, 3, padding=1), Activation("gelu"), Dropout2d(0.1), AvgPool2d(2), Flatten(),
        Dropout(0.3), Linear(32, 16), BatchNorm1d(16), Activation("tanh"), Linear(16, 10),
    ], rng=np.random.default_rng(seed))  # fmt: skip


@pytest.fixture(scope="module")
def agreements():
    data = digits("train")
    x = data.normalized().astype(np.float64)
    return [
        train_both(everything(seed), x, data.labels, steps=100, optimiser=name) for name in STEPS for seed in (0, 1)
    ]


def test_F2(agreements):
    assert set(STEPS) == {"sgd", "nesterov", "adam"}
    for both in agreements:
        assert both.loss_difference < 1e-9
        assert both.state_difference < 1e-9
        assert both.ours[-10:].mean() < 0.9 * both.ours[:5].mean()  # it has learnt meanwhile
        assert any("running_var" in name for name in both.our_state)
    assert_numbers_in_claim("F2", len(agreements[0].ours), 10, 9)
    off = {
        dtype: train_both(cnn(dtype=dtype), X.astype(dtype), DIGITS.labels, steps=60).loss_difference
        for dtype in (np.float32, np.float64)
    }
    assert off[np.float32] < 1e-6  # "less than a millionth"
    some = 10.0 ** np.floor(np.log10(off[np.float32] / off[np.float64]))
    assert_numbers_in_verdict("F2", len(agreements[0].ours), len(STEPS), some)


def test_F3():
    runs, medians = STORED["norm"], []
    for place in TARGETS:
        ours, theirs = (np.array(runs[f"{place}, {kind}"]["epochs"]) for kind in KINDS)
        assert len(ours) == len(theirs) == 10
        assert np.all(ours < theirs)  # seed by seed
        assert ours.max() < np.median(theirs)
        medians += [np.median(ours), np.median(theirs)]
        tried = [runs[f"{place}, {kind}"]["tried"]["0.1"] for kind in KINDS]
        assert tried[0] < 2 * LONG[place] == tried[1]  # at a rate of 0.1: never without it
    for name, run in STORED["gains"].items():  # all weights of the first layer multiplied at the start
        if name.endswith("with batch norm"):
            assert max(run["epochs"]) < 4
    assert min(STORED["gains"]["10, without"]["epochs"]) == 2 * LONG["middle"]
    turned = {name: np.mean(each, axis=0) for name, each in STORED["turned"].items()}
    normed, plain = (turned[f"{kind}, rate 0.03"] for kind in KINDS)
    assert np.all(plain[1:] < normed[1:])  # layers 3 to 5
    for rate in (0.01, 0.03):
        ours, theirs = (np.array(STORED["turned"][f"{kind}, rate {rate}"]) for kind in KINDS)
        assert np.all(theirs[:, 2:] < ours[:, 2:])  # layers 4 and 5, with each seed
    assert np.all(normed < 1)
    task = images_task("middle", 300)
    net = build_net(KINDS["with batch norm"], seed=5).train()
    scores = net(task.x)
    with torch.no_grad():
        net[0].weight *= 10
    assert torch.allclose(net(task.x), scores, atol=1e-2)
    for kind, words in KINDS.items():  # the file is what these settings give
        run = runs[f"middle, {kind}"]
        curve = reading(words, images_task("middle"), lr=run["rate"], seed=0, count=2)
        assert np.allclose(curve, run["curves"][0][: len(curve)], atol=0.03)
    degrees = [round(float(np.degrees(np.arccos(each[-1])))) for each in (normed, plain)]
    targets = [round(100 * (1 - target)) for target in TARGETS.values()]
    assert_numbers_in_claim("F3", *targets, *(round(median, 1) for median in medians), 10, *degrees)
    seeds, ten_times = len(STORED["turned"]["without, rate 0.03"]), max(GAINS)
    large = 0.1  # the rate at which only networks with batch norm get there, as `tried` says above
    assert_numbers_in_verdict(
        "F3", *(each for target, pair in zip(targets, (medians[:2], medians[2:]), strict=True)
                for each in (target, *(round(median, 1) for median in pair))),
        seeds, large, ten_times, *degrees[::-1],
    )  # fmt: skip


def test_F4():
    orders, weak, strong = STORED["orders"], 0.2, 0.5
    mild = [mean(orders[order.format(p=weak)]["test"]) for order in ORDERS]
    spreads = [np.std(orders[order.format(p=weak)]["test"]) for order in ORDERS]
    assert max(mild) - min(mild) < 2 * max(spreads)
    # the ReLU between, both ways round
    first, last = orders[f"norm, relu, drop {strong}"], orders[f"relu, drop {strong}, norm"]
    assert max(first["test"]) < min(last["test"])
    near = [orders[order]["test"] for order in ("relu, norm, drop 0.5", "drop 0.5, norm, relu")]  # side by side
    gap, error_of_gap = paired(*near)
    assert abs(gap) < error_of_gap
    gap, error_of_gap = paired(orders["drop 0.2, norm, relu"]["test"], orders["norm, relu, drop 0.2"]["test"])
    assert 0.03 > gap > 3 * error_of_gap  # small, and there
    assert abs(mean(last["repaired"]) - mean(first["repaired"])) < 0.02
    for run in orders.values():
        assert mean(run["repaired"]) < mean(run["test"]) + 0.002
    for order in ("norm, relu", "relu, norm"):
        assert np.allclose(orders[order]["shift"], 1, atol=0.01)
    shifts = np.mean(last["shift"], axis=0)
    task = images_task("shifted")
    run = train(BLOCKS.format("relu, drop 0.5, norm"), task, lr=last["rate"], seed=0, count=15)
    told = settle(run.net, task.x, dropping=False)
    assert error(told, task.x_test, task.labels_test) < run.test - 0.1
    assert run.test == pytest.approx(last["test"][0], abs=0.1)
    assert_numbers_in_claim(
        "F4", 0.5, *(per_cent(mean(each)) for each in (first["test"], last["test"], *near)), shifts[1],
        per_cent(mean(last["repaired"])), 0.2, per_cent(min(mild)), per_cent(max(mild)),
    )  # fmt: skip
    gap, error_of_gap = paired(orders["norm, relu"]["test"], orders["norm, relu, drop 0.2"]["test"])
    assert gap > 3 * error_of_gap  # weak dropout in the best order is a gain over none
    before, seeds = orders["drop 0.5, norm, relu"], len(first["test"])
    assert round(np.mean(before["shift"], axis=0)[1], 2) == round(shifts[1], 2)  # "gets as little"
    assert_numbers_in_verdict(
        "F4", weak, len(ORDERS), per_cent(min(mild)), per_cent(max(mild)), strong, per_cent(mean(first["test"])),
        per_cent(mean(last["test"])), seeds, seeds, *(per_cent(mean(each)) for each in near), round(shifts[1], 2),
        per_cent(mean(last["repaired"])), per_cent(mean(first["repaired"])), per_cent(mean(before["repaired"])),
    )  # fmt: skip


def test_F7():
    recorded = results("cnn", "mnist")
    whole, race = recorded["accuracy"], recorded["race"]
    assert min(whole["accuracy"]) >= 0.993
    assert max(whole["seconds"]) <= 60
    assert max(race["ratio"]) <= 0.2
    assert min(run["accuracy"] for name in ("ours", "example") for run in race[name]) >= race["target"]
    parameters = sum(parameter.numel() for parameter in mnist_net().parameters())
    right = np.array(whole["accuracy"]) * 100
    assert_numbers_in_claim(
        "F7", parameters, right.mean(), 10_000, RECIPES["mnist"].epochs, right.min(), right.max(), len(right),
        np.mean(race["ratio"]), 100 * race["target"], len(race["ratio"]),
    )  # fmt: skip
    size = {name: trace(net, (1, 1, 28, 28)) for name, net in (("ours", mnist_net()), ("example", ExampleNet()))}
    assert round(size["example"].parameters / parameters) == 27
    assert round(size["example"].macs / size["ours"].macs) == 3
    seen = {name: np.array([run["epochs"] for run in race[name]]) for name in ("ours", "example")}
    assert round(np.mean(60_000 * seen["example"] / (race["pictures"] * seen["ours"]))) == 5
    choices = {name: np.array(run["accuracy"]) for name, run in recorded["choices"].items()}
    bought = {name: mean(choices["the recipe"] - each) for name, each in choices.items()}
    assert sorted(bought, key=bought.get)[-2:] == ["without label smoothing", "without batch norm"]
    assert CHOICES["without batch norm"].peak < QUICK.peak
    assert sorted(bought, key=bought.get)[:2] == ["without folding", "the recipe"]
    size_of_test = Given(10_000, "how many test pictures MNIST has")
    misread = size_of_test * (1 - right.mean() / 100)
    assert max(race["ratio"]) < 1 / 20 + 0.002
    folded = 2
    assert_numbers_in_verdict(
        "F7", parameters, round(right.mean(), 2), len(right), round(right.min(), 2), round(right.max(), 2),
        round(misread, -1), size_of_test, folded, folded,
    )  # fmt: skip


def test_F8():
    held, task = STORED["features"], images_task("shifted")
    means = [mean(held["plain"][f"means {layer}"]) for layer in range(4)]
    random = [mean(held["untrained"][f"means {layer}"]) for layer in range(4)]
    assert np.all(np.diff(means) > 0)
    assert min(held["plain"]["means 3"]) > 2 * max(held["untrained"]["means 3"])
    explained_there = held["plain"]["explained 3"]
    assert min(explained_there) > 2 * max(held["untrained"]["explained 3"])
    assert max(explained_there) < 0.3  # no unit stands for a digit
    run = train(DROPS.format("", "", ""), task, lr=0.03, seed=0, count=8)  # and so it is here and now
    untrained = build_net(DROPS.format("", "", ""), shape=(1, 12, 12), seed=0)
    labels = task.labels.numpy(), task.labels_test.numpy()
    late = [
        read_by_means(outputs(net, task.x)[9], labels[0], outputs(net, task.x_test)[9], labels[1])
        for net in (run.net, untrained)
    ]
    assert late[0] > 0.5 > 0.35 > late[1]
    numbers = [means[0], means[3], random[3], mean(explained_there)]
    assert_numbers_in_claim("F8", *(round(100 * number) for number in numbers))
    read, late, random_late, share = (round(100 * number) for number in numbers)
    guessing = 100 / len(set(labels[0]))
    assert_numbers_in_verdict("F8", read, guessing, late, random_late, share, 100 - share)


def test_F9():
    held, task = STORED["features"], images_task("shifted")
    r = {
        key: [mean(held[key][f"channels {layer}"]) for layer in (1, 2, 3)] for key in ("plain", "untrained", "dropout")
    }
    pixels, chance = neighbours(task.x_test.numpy()), np.sqrt(2 / np.pi / len(task.x_test))
    for layer in (1, 2, 3):
        each = held["plain"][f"channels {layer}"]
        assert 2 * chance < min(each)
        assert max(each) < pixels
    for before, after in zip(r["untrained"], r["plain"], strict=True):
        assert 0 < before - after < 0.05  # hardly the learning
    assert max(held["dropout"]["channels 2"]) < min(held["plain"]["channels 2"])
    assert min(held["dropout"]["channels 3"]) > 2 * chance
    net = build_net(DROPS.format("", "", ""), shape=(1, 12, 12), seed=0)
    assert channels(outputs(net, task.x_test)[2]) == pytest.approx(held["untrained"]["channels 1"][0], abs=1e-3)
    assert_numbers_in_claim("F9", *r["plain"], 1, 2, 3, pixels, chance, *r["untrained"], *r["dropout"])
    away = [before - after for before, after in zip(r["untrained"], r["plain"], strict=True)]
    wrong = [round(100 * mean(held[key]["test"])) for key in ("dropout", "plain")]
    assert_numbers_in_verdict(
        "F9", round(r["plain"][0], 2), round(r["plain"][2], 2), round(pixels, 2), round(chance, 2), round(min(away), 2),
        round(max(away), 2), *wrong,
    )  # fmt: skip


def test_F5():
    drops = STORED["drops"]

    def errors(name: str, layers: int, p: float) -> np.ndarray:
        return 100 * np.array(drops[f"{name}, {layers} × {p:g}" if layers else f"{name}, 0"]["test"])

    told = []
    for name in DROP_TASKS:
        none, two, three = (errors(name, layers, 0.2) for layers in (0, 2, 3))
        assert (two < none).sum() >= 9  # seed by seed
        gap, error_of_gap = paired(two, none)
        assert gap < -3 * error_of_gap
        assert paired(three, two)[0] > 0  # the third layer adds nothing
        assert errors(name, 3, 0.5).min() > max(none.max(), errors(name, 1, 0.5).max())
        assert mean(drops[f"{name}, 3 × 0.5"]["training"]) > 0.15 > 0.01 > mean(drops[f"{name}, 0"]["training"])
        told += [none.mean(), two.mean(), three.mean(), errors(name, 3, 0.5).mean()]
    assert drops["1,000 digits, 0"]["rate"] < drops["1,000 digits, 2 × 0.2"]["rate"]  # the notebook warns of it
    assert len({run["rate"] for name, run in drops.items() if name.startswith("200")}) == 1
    words, task = DROPS.format("drop 0.5, ", "drop 0.5, ", "drop 0.5, "), images_task("middle", 200)
    assert train(words, task, lr=0.03, seed=0, count=45).test > 0.3  # and so it is here and now
    assert_numbers_in_claim("F5", 0.2, 0.5, 2, 3, 200, *(round(each, 1) for each in told))
    (many, few), weak, strong = DROP_TASKS, 0.2, 0.5
    better = [int((errors(name, 2, weak) < errors(name, 0, weak)).sum()) for name in (many, few)]
    assert min(better) >= 9  # two layers help, of ten seeds
    third = [paired(errors(name, 3, weak), errors(name, 2, weak)) for name in (many, few)]
    for name in (many, few):
        gap, error_of_gap = paired(errors(name, 1, strong), errors(name, 0, strong))
        assert abs(gap) < 2 * error_of_gap  # one layer makes no difference that ten seeds show
    assert all(abs(gap) < 2.2 * error_of_gap for gap, error_of_gap in third)
    seeds, places = STORED["seeds"], DROPS.count("{")
    known = [100 * mean(drops[f"{name}, {places} × {strong}"]["training"]) for name in (many, few)]
    worst = [errors(name, places, strong).mean() for name in (many, few)]
    told = [[errors(name, layers, weak).mean() for layers in (0, 2)] for name in (many, few)]
    assert_numbers_in_verdict(
        "F5", weak, DROP_TASKS[many][0], *(round(each, 1) for pair in told for each in pair), seeds,
        *(round(each, 1) for pair in third for each in pair), strong, places,
        *(round(each, 1) for each in (*worst, *known)), DROP_TASKS[many][0],
    )  # fmt: skip


def test_F6():
    prepared = {name: run["test"] for name, run in STORED["preparation"].items()}
    found = {kind: [prepared[f"{name}, {kind}"] for name in PREPARED] for kind in KINDS}
    raw, scaled, standardised = found["without"]
    assert min(raw) > 2 * max(*scaled, *standardised)
    assert abs(mean(scaled) - mean(standardised)) < np.std(scaled)
    means = [mean(each) for each in found["with batch norm"]]
    assert max(means) - min(means) < min(np.std(each) for each in found["with batch norm"])
    task = images_task("middle")
    zero, one = float(task.x.min()), float(task.x.max())
    x = 255 * (task.x - zero) / (one - zero)
    plain, normed = (build_net(words, seed=0).train() for words in (USUAL.replace("norm, ", ""), USUAL))
    assert float(plain(x[:200]).detach().std()) > 50  # the scores that it starts with
    assert torch.allclose(normed(x[:200]), normed(x[:200] / 255), atol=0.05)
    count = len(ALL_RATES)
    order = [*found["without"], *found["with batch norm"]]
    assert_numbers_in_claim("F6", 255, 1, 0, count, *(per_cent(mean(each)) for each in order))
    gap, highest = np.subtract(scaled, standardised), PREPARED["0 to 255"][0]
    assert_numbers_in_verdict(
        "F6", highest, per_cent(mean(raw)), highest, per_cent(mean(scaled)), per_cent(mean(standardised)),
        (gap > 0).sum(), len(gap), per_cent(min(means)), per_cent(max(means)),
    )  # fmt: skip


def test_the_explorers_show_what_the_notebook_tells_of_them():
    def says(explorer, *parts: str, **values) -> None:
        explorer.set(**values)
        for part in parts:
            assert part in explorer.sentence

    says(BuildYourOwn(), "1,918 parameters", "= 10 pixels")
    says(BuildYourOwn(), "3,130 parameters", "= 10 pixels", filters=16)
    says(BuildYourOwn(), "4,414 parameters", "= 16 pixels", kernel_size=5)
    says(BuildYourOwn(), "misreads 72.0 %", p=0.5)
    says(BuildYourOwn(), "9,118 parameters", "= 768 features", "= 5 pixels", pooling="none")
    place = {"layer": "convolution 2", "channel": 5, "row": 1, "column": 2}
    says(WalkThrough(), "72 products", "8 × 8 pixels", "padding", **place)
    says(WalkThrough(), "16 × 2 × 2", layer="pooling 2")
    says(Mistakes(), "reads 342 right", "a 4 for a 9: 3 times", "1 of 13", "with 65 %")
    says(Mistakes(), "reads 264 right", "74.4 %", right=1)
    readings = read_all(0)
    right, sure = readings.read == readings.labels, readings.p.max(axis=1)
    assert round(100 * float(np.median(sure[right]))) == 89
    assert (sure[right] < sure[~right].max()).sum() == 43
    ink = digits("test").images[8, 0, 2:4, 5:7]  # what the square covers
    assert sorted(ink.ravel().tolist()) == [0, 0, 0, 0.5]
    says(Occlusion(), "gets 94 %", "8 %", "rows 2 to 3 and columns 5 to 6", "a 9 with 82 %", image=8, size=2, stride=1)
    says(Occlusion(), "54 %", "rows 2 to 3 and columns 2 to 3", image=8, size=2, stride=1, grey=0.0)


def test_the_figures_are_what_their_sentences_say():
    """The numbers in the alternative texts of the notebook's figures."""
    curves = {name: np.mean(run["curves"], axis=0)[::4] for name, run in STORED["norm"].items()}
    assert curves["middle, with batch norm"][2] < 0.05
    assert curves["shifted, with batch norm"][6] < 0.1
    orders = {name: run["test"] for name, run in STORED["orders"].items()}
    mild = [each for name, each in orders.items() if "0.5" not in name]
    assert 0.125 < min(map(min, mild)) < max(map(max, mild)) < 0.23
    strong = {name: mean(each) for name, each in orders.items() if "0.5" in name}
    assert min(strong, key=strong.__getitem__) == "norm, relu, drop 0.5"
    assert max(strong, key=strong.__getitem__) == "relu, drop 0.5, norm"
    tried = {name: run["tried"] for name, run in STORED["preparation"].items()}
    assert min(tried["0 to 255, without"].values()) == tried["0 to 255, without"]["1e-05"]
    assert all(round(100 * tried[f"{name}, with batch norm"]["0.03"]) == 2 for name in PREPARED)
    held = STORED["features"]
    assert [round(100 * mean(held[key]["explained 3"])) for key in ("plain", "untrained")] == [19, 4]
    wrong = [round(100 * mean(held[key]["test"])) for key in ("plain", "dropout")]
    assert wrong == [17, 38]


def test_no_other_width_saves_the_kernel_machine():
    """What the notebook says of the method without layers, on moved digits."""
    task = images_task("shifted")
    x, *new = (each.flatten(1).double() for each in task[::2])
    labels, *wanted = task[1::2]
    right = {}
    for width in (0.001, 0.003, 0.006, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1):
        kernel = torch.exp(-width * torch.cdist(x, x) ** 2) + 0.001 * torch.eye(len(x))
        scores = torch.linalg.solve(kernel, 2.0 * torch.eye(10).double()[labels] - 1)
        read = [(torch.exp(-width * torch.cdist(each, x) ** 2) @ scores).argmax(dim=1) for each in new]
        right[width] = [mean((found == digit).numpy()) for found, digit in zip(read, wanted, strict=True)]
    best = max(right, key=lambda width: right[width][0])
    assert best == 0.02
    assert per_cent(right[best][1]) == pytest.approx(84.4, abs=0.15)
    assert max(each[1] for each in right.values()) < 1 - max(STORED["moved"]["test"])
