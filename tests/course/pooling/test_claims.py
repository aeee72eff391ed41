"""The claims of lab 04: what their verdicts rest on, computed."""

from itertools import product
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cnnkit.course.kit.photo import hopper
from cnnkit.course.kit.recorded import results
from cnnkit.course.pooling.downsample_numbers import BAND, pattern, shrink
from cnnkit.course.pooling.experiments import networks as pooling_networks
from cnnkit.course.pooling.experiments import positions as pooling_positions
from cnnkit.course.pooling.experiments.networks import ANGLES, SCALES, following, half_gone, movements, network, trained
from cnnkit.course.pooling.experiments.pictures import Digits, digit_parts
from cnnkit.course.pooling.explorers import Downsample, PoolWindow, ReceptiveField, ShiftIt
from cnnkit.course.pooling.follow_numbers import seeds
from cnnkit.course.predictions import PREDICTIONS
from tests.course.claim_numbers import Given, assert_numbers_in_claim, assert_numbers_in_verdict, year
from tests.course.receptive_fields import gradient_support, positive

RUNS = results("pooling")


def side(n: int, k: int, **options) -> int:
    """What torch's max pooling makes of n pixels."""
    return F.max_pool2d(torch.zeros(1, 1, n, n), k, **options).shape[-1]


def learnt(layer: nn.Module) -> int:
    return sum(parameter.numel() for parameter in layer.parameters())


def mean(kind: str, name: str, what: str, amount: int) -> float:
    """Answers that stay, in per cent, on average over the seeds: what the notebook's curves show."""
    return 100 * RUNS[kind][name]["follows"][what]["agree"]["mean"][amount]


def said(explorer: Any, **values: Any) -> str:
    """What an explorer says once its controls are set."""
    explorer.set(**values)
    return explorer.picture.sentence


def standard_errors(difference: np.ndarray) -> float:
    """How many standard errors the mean of paired differences is away from 0."""
    return float(difference.mean() / (difference.std(ddof=1) / np.sqrt(len(difference))))


def test_P1():
    for n, s in product(range(2, 20), (1, 2, 3)):
        assert side(n, 2, stride=s) == (n - 2) // s + 1
        assert (2 * side(n, 2, stride=2) == n) == (n % 2 == 0)
    assert side(32, 2) == side(32, 2, stride=2)
    sizes = [side(32, 2, stride=s) for s in (1, 2, 3)]
    assert_numbers_in_claim(
        "P1", 32, 2, 1, 2, 3, *sizes, side(32, 1, stride=2), 5, side(5, 2), side(5, 2, ceil_mode=True)
    )
    found = {(k, s): side(32, k, stride=s) for k, s in product((1, 2), (1, 2))}
    (less,) = [window for window, n in found.items() if n == 32 - 1]  # a single row and column
    point, window = [window for window, n in found.items() if n == 32 / 2]
    pooling, conv = nn.MaxPool2d(2), nn.Conv2d(1, 1, 2)
    (k, s), odd = less, 5
    assert_numbers_in_verdict(
        "P1", s, k, k, window[1], point[0], point[0], odd, side(odd, 2, ceil_mode=True), pooling.kernel_size,
        pooling.stride, conv.stride[0],
    )  # fmt: skip


def test_P2():
    x = torch.zeros(1, 64, 32, 32)
    layers = nn.MaxPool2d(2), nn.AvgPool2d(2), nn.Conv2d(64, 64, 2, stride=2)
    assert len({layer(x).shape for layer in layers}) == 1
    assert learnt(layers[0]) == learnt(layers[1])
    assert_numbers_in_claim("P2", 2, 64, learnt(layers[0]), learnt(layers[2]), 32, layers[0](x).shape[-1])
    conv, shape = layers[2], layers[2](x).shape
    one_bias = conv.bias.numel() // conv.out_channels
    assert_numbers_in_verdict("P2", len(layers), *shape[1:], *conv.weight.shape, one_bias, learnt(conv))


def test_P3():
    parts = digit_parts()
    moved = movements("shift", parts["validation"].images)
    for down in ("none", "max"):  # five epochs are enough to see it
        net, _ = trained(down, "flat", "centred", 50, lr=0.01, count=5, pictures=parts["training"])
        found = following(net, parts["validation"], moved)
        assert found.right[0] > 0.85
        assert found.agree[3] < 0.5
    some = Digits(parts["validation"].images[:50], parts["validation"].labels[:50])
    for down, still in (("none", range(1, 9)), ("max", (4, 8))):
        change = following(network(down, "global", seed=1), some, [x[:50] for x in moved]).change
        assert [amount for amount in range(1, 9) if change[amount] < 1e-5] == list(still)

    gone = {
        down: np.array([half_gone(seed) for seed in RUNS["centred"][f"{down}, flat"]["agree"]])
        for down in ("none", "max", "blurred max")
    }
    assert gone["blurred max"].min() > gone["none"].max()
    assert standard_errors(gone["max"] - gone["none"]) > 3
    assert 0.3 < (gone["max"] - gone["none"]).mean() < 0.5  # "less than half a pixel"
    assert max(each.max() for each in gone.values()) < 4  # of the 10 pixels of a digit
    for kind in ("centred", "shifted"):
        assert RUNS[kind]["none, global"]["follows"]["shift"]["agree"]["lowest"] == [1.0] * 9
    for name in ("none", "stride", "max", "blurred max"):  # what the figures' sentences say
        assert mean("centred", f"{name}, flat", "shift", 4) < 30
    for name in ("none", "max", "blurred max"):
        assert min(mean("shifted", f"{name}, flat", "shift", amount) for amount in range(6)) > 75
    ends = [mean("shifted", f"{name}, flat", "shift", 8) for name in ("none", "max", "blurred max")]
    assert ends == sorted(ends)
    assert max(mean("shifted", n, "angle", ANGLES.index(45)) for n in ("none, flat", "max, flat", "max, global")) < 30
    names, a30, larger = ("none, flat", "max, flat"), ANGLES.index(30), SCALES.index(1.414)
    turned = [round(mean("shifted", name, "angle", a30)) for name in names]
    large = [round(mean("shifted", name, "scale", larger)) for name in names]
    shifted = [round(mean("shifted", name, "shift", 3)) for name in names]
    assert min(shifted) > 3 * mean("centred", "max, flat", "shift", 3) > 0
    assert max(*turned, *large) < 60
    wrong = {name: np.mean(RUNS["centred"][f"{name}, global"]["test"]) for name in ("none", "blurred max", "max")}
    assert list(wrong) == sorted(wrong, key=wrong.__getitem__, reverse=True)  # a mean alone reads digits worse
    assert wrong["max"] > max(RUNS["centred"]["max, flat"]["test"])
    sag = [round(mean("centred", f"{name}, global", "shift", 2)) for name in ("none", "max", "blurred max")]
    sizes = [10, 2]  # pixels of a digit, poolings
    padded = {kind: np.array(RUNS["zeros"][kind]["agree"]) for kind in ("centred", "shifted")}
    assert min(agree[:, :3].min() for agree in padded.values()) == 1  # "all stay at 2 pixels" with zero padding
    assert max(agree[:, 8].max() for agree in padded.values()) < 0.85  # but not where the digit leaves the picture
    zeros = [round(100 * share) for share in padded["centred"].mean(axis=0)]
    assert_numbers_in_claim(
        "P3", *sizes, *(each.mean().round(1) for each in gone.values()), *shifted, 3, *sag, zeros[2], zeros[8], 8, 30,
        *turned, SCALES[larger], *large,
    )  # fmt: skip
    size, two, few, far = round(SCALES[larger], 2), 2, 3, 8  # the last three are shifts, in pixels
    assert_numbers_in_verdict(
        "P3", *(each.mean().round(1) for each in gone.values()), few, *shifted, sag[1], two, two, zeros[far], far,
        ANGLES[a30], *turned, size, *large, year("04", "Azulay & Weiss"),
    )  # fmt: skip


def torch_network(halve: bool) -> tuple[int, int]:
    """Parameters and products of the network without, or with, max pooling, from torch's own shapes."""
    pool = [nn.MaxPool2d(2)] if halve else []
    convs = [nn.Conv2d(c_in, c_out, 3, padding=1) for c_in, c_out in ((1, 6), (6, 6), (6, 16))]
    x, products = torch.zeros(1, 1, 20, 20), 0
    for layer in (convs[0], *pool, convs[1], *pool, convs[2]):
        x = layer(x)
        products += x.numel() * layer.weight[0].numel() if isinstance(layer, nn.Conv2d) else 0
    last = nn.Linear(x.numel(), 10)
    return sum(map(learnt, [*convs, last])), products + last.weight.numel()


def gaps(kind: str, down: str) -> np.ndarray:
    return 100 * pooling_networks.gaps(RUNS[kind][f"{down}, flat"])


def wider(kind: str, first: str, second: str) -> np.ndarray:
    """By how many points the first network's gap is wider, seed by seed, where both have learnt."""
    found = gaps(kind, first) - gaps(kind, second)
    return found[~np.isnan(found)]


def test_P4():
    counted = [torch_network(halve) for halve in (False, True)]
    for down, (parameters, _) in zip(("none", "max"), counted, strict=True):
        assert RUNS["anywhere"][f"{down}, flat"]["parameters"] == parameters == learnt(network(down, "flat", seed=0))
    assert RUNS["anywhere"]["late, flat"]["parameters"] == counted[1][0]
    for kind, down in product(("centred", "anywhere"), ("none", "late", "max")):
        assert np.median(RUNS[kind][f"{down}, flat"]["training"]) < 0.05  # nearly all have learnt their digits
        assert np.isnan(gaps(kind, down)).sum() == (kind == "anywhere" and down == "none")
    for down in ("late", "max"):  # a twelfth of the parameters, and a wider gap
        assert standard_errors(wider("centred", down, "none")) > 3
    assert abs(standard_errors(wider("anywhere", "late", "none"))) < 1
    assert np.nanmax(gaps("anywhere", "max")) < min(np.nanmin(gaps("anywhere", d)) for d in ("none", "late"))
    found = [round(np.nanmean(gaps("centred", down))) for down in ("none", "max", "late")]
    found += [round(np.nanmean(gaps("anywhere", down))) for down in ("none", "late", "max")]
    (many, dear), (few, cheap) = counted
    assert_numbers_in_claim("P4", dear, cheap, many, few, *found)
    assert round(many / few) == 12  # "a twelfth"
    points = [round(wider("centred", down, "none").mean(), 1) for down in ("late", "max")]
    moving = [RUNS["shifted"][f"{down}, flat"] for down in ("none", "max")]  # somewhere else in each epoch
    wrong = [100 * np.mean(np.array(run["test"])[pooling_networks.learnt(run["training"])]) for run in moving]
    ends = [round(np.nanmean(gaps("anywhere", down))) for down in ("none", "max", "stride")]
    assert abs(wider("anywhere", "average", "max").mean()) < 3  # "about as well", points
    assert_numbers_in_verdict("P4", *points, *ends[:2], *(round(each) for each in wrong), ends[2])


def test_P6():
    errors = {name: np.array(run["errors"]) for name, run in RUNS["places"].items()}
    blind = pooling_positions.blind_error()
    assert abs(errors["max, global"].mean() / blind - 1) < 0.03
    for down in ("stride", "average"):  # what is said to be better than max pooling is as far off
        further = errors["max, flat"] - errors[f"{down}, flat"]
        assert abs(standard_errors(further)) < 2
        assert abs(further.mean()) + 2 * further.std(ddof=1) / np.sqrt(len(further)) < 0.03  # pixels
    for down in ("max", "stride", "average"):
        assert standard_errors(errors[f"{down}, flat"] - errors["none, flat"]) > 5
    x = torch.rand(2, 3, 16, 16)
    assert torch.allclose(F.interpolate(x, scale_factor=0.5, mode="bilinear"), F.avg_pool2d(x, 2))
    read = {
        (how, factor): np.mean([pooling_positions.read_out_error(how, factor, seed, n=500) for seed in range(3)])
        for how, factor in (("max", 4), ("average", 4), ("bilinear", 4), ("every n-th", 4))
    }
    assert read["average", 4] < read["max", 4] < read["bilinear", 4] < read["every n-th", 4]
    names = ("none", "max", "stride", "average")
    assert_numbers_in_claim(
        "P6", *(errors[f"{down}, flat"].mean() for down in names), errors["max, global"].mean(), blind
    )
    off = {down: round(errors[f"{down}, flat"].mean(), 2) for down in names}
    halved = ("max", "stride", "average")  # in the order of the verdict
    unet = [Given(number, "how Ronneberger and others built U-Net") for number in (4, 2, 2)]
    assert_numbers_in_verdict(
        "P6", *(off[down] for down in halved), off["none"], len(halved), errors["max, global"].mean().round(2),
        round(blind, 2), year("04", "Ronneberger, Fischer & Brox"), *unet,
    )  # fmt: skip


def test_P5():
    def conv(dilation: int = 1) -> nn.Module:
        return nn.Conv2d(1, 1, 3, bias=False, dilation=dilation)

    stacks = [
        nn.Sequential(conv(), conv(), conv()),
        nn.Sequential(conv(), nn.AvgPool2d(2), conv(), nn.AvgPool2d(2), conv()),
        nn.Sequential(conv(), conv(dilation=2), conv(dilation=4)),
    ]
    fields, middles = [], []
    for stack in stacks:
        with torch.no_grad():
            for parameter in stack.parameters():
                parameter.fill_(1.0)
        x = torch.zeros(1, 1, 48, 48, requires_grad=True)
        y = stack(x)
        y[0, 0, y.shape[2] // 2, y.shape[3] // 2].backward()
        seen = x.grad[0, 0].numpy()
        columns = np.flatnonzero(seen.sum(axis=0))
        assert len(columns) == columns[-1] - columns[0] + 1  # no gaps
        fields.append(len(columns))
        inner = columns[np.abs(columns - columns.mean()) < len(columns) / 4]
        middles.append(100 * seen[np.ix_(inner, inner)].sum() / seen.sum())
    gaps = gradient_support(positive(nn.Sequential(*(conv(dilation=2) for _ in range(3)))), (1, 31, 31), (0, 0, 8, 8))
    assert gaps.sum() == 49  # a dilation of 2 in every layer reads every second pixel
    assert_numbers_in_claim("P5", 3, fields[0], 2, fields[1], 1, 4, fields[2], *np.round(middles))
    assert np.round(middles).min() >= 40  # "two fifths of the gradient or more"
    convolutions = sum(isinstance(layer, nn.Conv2d) for layer in stacks[1])
    assert_numbers_in_verdict(
        "P5", convolutions, fields[0], fields[1], *(layer.dilation[0] for layer in stacks[2]), fields[2],
        year("04", "Luo, Li, Urtasun & Zemel"),
    )  # fmt: skip


def test_P7():
    rng = np.random.default_rng(7)
    for k, s in ((2, 2), (2, 1), (3, 2)):
        x = torch.tensor(rng.integers(0, 3, (6, 6)).astype(float), requires_grad=True)
        y = F.max_pool2d(x[None, None], k, s)[0, 0]
        dy = torch.tensor(rng.normal(size=y.shape))
        y.backward(dy)
        expected = np.zeros((6, 6))
        for i, j in np.ndindex(*y.shape):
            window = x.detach().numpy()[i * s : i * s + k, j * s : j * s + k]
            u, v = np.unravel_index(window.argmax(), window.shape)  # argmax: the first of equals
            expected[i * s + u, j * s + v] += dy[i, j].item()
        assert np.allclose(x.grad.numpy(), expected)
    x = torch.zeros(1, 1, 2, 2, requires_grad=True)
    F.avg_pool2d(x, 2).sum().backward()
    peak = torch.zeros(1, 1, 3, 3)
    peak[0, 0, 1, 1] = 1
    peak.requires_grad_()
    F.max_pool2d(peak, 2, 1).sum().backward()
    assert peak.grad.sum() == peak.grad[0, 0, 1, 1]
    assert_numbers_in_claim("P7", x.numel(), 1, x.grad[0, 0, 0, 0].item(), peak.grad[0, 0, 1, 1].item())
    assert_numbers_in_verdict("P7")


def revealed(key: str) -> str:
    """What a prediction reveals."""
    return PREDICTIONS[key].reveal


def test_what_you_should_have_seen():
    window = PoolWindow(size=6, kernel_size=2, stride=2)
    assert "3 × 3 outputs" in said(window)
    assert "5 × 5 outputs" in said(window, stride=1)
    padded = PoolWindow(size=5, kernel_size=3, stride=2, padding=1, kind="average")
    assert "(4 + 4 + 6 + 6)/9" in said(padded)
    assert "(4 + 4 + 6 + 6)/4" in said(padded, count_include_pad=False)
    for counted in (True, False):
        options = {"kernel_size": 2, "padding": 0, "ceil_mode": True, "count_include_pad": counted, "position": 9}
        assert "1/1 = 1" in said(padded, **options)
    back = PoolWindow(size=5, kernel_size=3, stride=2, backward=True)
    assert "adds up the gradients of 4 windows: 2 + 1 + 2 + 3 = 8" in said(back, stride=1, position=5)
    assert "wins four windows, and adds up 2 + 1 + 2 + 3 = 8" in revealed("04.b")
    assert "9/9 = 1 to each cell. The pixel at row 3, column 3 adds up the gradients of 4 windows" in said(
        back, kind="average", stride=2, position=1
    )
    small = Downsample(kind="max pooling", picture="stripes", kernel_size=2, stride=2)
    for kind, shade in (("max pooling", "1.00"), ("average pooling", "0.50"), ("every s-th pixel", "0.00")):
        assert f"a plain {shade}" in said(small, kind=kind)
    assert "from 0.348 to 0.392" in said(small, kind="max pooling", picture="photograph")
    assert "from 0.348 to 0.348" in said(small, kind="average pooling")
    assert "has an error of 0.064" in said(small, kind="average pooling")
    assert "has an error of 0.060" in said(small, kind="every s-th pixel")
    assert "0.060 if every second pixel is kept, and of 0.064 with the average" in revealed("04.f")


def test_why_skipping_is_not_worse_on_the_photograph():
    """Keeping every second pixel leaves a quarter of them as they were; an average leaves hardly one."""
    for grey, better in ((hopper(), "every s-th pixel"), (pattern("stripes")[:BAND], "average pooling")):
        error = {way: shrink(grey, way, 2, 2).back - grey for way in ("every s-th pixel", "average pooling")}
        rms = {way: float((each.astype(float) ** 2).mean()) for way, each in error.items()}
        assert min(rms, key=rms.__getitem__) == better
        if better == "every s-th pixel":
            exact = {way: (np.abs(each) < 1e-6).mean() for way, each in error.items()}
            assert exact["every s-th pixel"] >= 0.25 > 10 * exact["average pooling"]


def test_what_you_should_have_seen_of_shifts_and_fields():
    shift = ShiftIt(what="shift", amount=1, pooling="max 2 × 2")
    assert "by at least 45 %" in said(shift)
    assert "by at least 39 %" in said(shift, blur=True)
    assert "moved back by 1, y′ is y again" in said(shift, amount=2, blur=False)
    assert "changes by 0 %" in said(shift, pooling="global average")
    assert "one pixel changes the output by 45 %" in revealed("04.c")
    assert "With the *blur* it is 39 % after one pixel" in revealed("04.c")
    assert "a right angle, and it does: by 7 %, as much as another digit" in revealed("04.c")
    assert "turned by 90°: with global average the output changes by 7 %" in said(shift, what="angle", amount=10)
    assert "Another digit in its place changes it by 7 %" in said(shift, what="angle", amount=3)
    field = ReceptiveField(layers=3, kernel_size=3, widened_by="max pooling")
    assert "Of the 324 pixels of the field only 236" in said(field)
    assert "Of the 324 pixels of the field only 320" in said(field, pictures=12)
    assert "236 of the 324 pixels" in revealed("04.e")
    assert "320 get one" in revealed("04.e")
    gaps = said(field, widened_by="dilation 2")
    assert "= 13. " in gaps
    assert "Of the 169 pixels of the field only 49" in gaps


def test_the_reveal_of_the_trained_networks_tells_the_recorded_shares():
    for key, (kind, down) in {"P": ("centred", "max"), "N": ("shifted", "none")}.items():
        shares = 100 * seeds(kind, down, "flat")[:, 3]
        told = f"{key} keeps {shares.mean():.0f} % "
        assert told in revealed("04.d")
        assert f"({shares.min():.0f} to {shares.max():.0f}" in revealed("04.d")
    gone = [np.mean([half_gone(seed) for seed in RUNS["centred"][f"{d}, flat"]["agree"]]) for d in ("none", "max")]
    assert "from {:.1f} pixels to {:.1f}".format(*gone) in revealed("04.d")
