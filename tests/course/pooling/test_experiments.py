"""The experiments of notebook 04 measure what they say."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnkit import receptive_field
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.training import digits_task
from cnnkit.course.pooling import record as benchmark
from cnnkit.course.pooling.experiments import feature_maps as pooling
from cnnkit.course.pooling.experiments import networks as pooling_networks
from cnnkit.course.pooling.experiments import pictures as pooling_pictures
from cnnkit.course.pooling.experiments import positions as pooling_positions
from cnnkit.course.pooling.experiments.networks import DOWNS, following, movements, network, trained
from cnnkit.course.pooling.experiments.pictures import Digits, digit_parts, drawn, on_canvas, relative_change, rolled
from cnnkit.layers import AvgPool2d, Conv2d, MaxPool2d
from cnnkit.training import error

PARTS = digit_parts()
SOME = PARTS["validation"].images[:20]
FEW = Digits(PARTS["training"].images[:100], PARTS["training"].labels[:100])


def test_the_digits_are_those_of_the_task():
    task = digits_task()
    assert np.array_equal(PARTS["training"].labels, task.labels)
    assert np.array_equal(PARTS["validation"].labels, task.labels_validation)
    assert [len(part.labels) for part in PARTS.values()] == [1000, 442, 355]


def test_a_canvas_shifts_turns_and_resizes():
    drawing = on_canvas(SOME)
    assert drawing.dtype == np.float32
    assert not drawing[..., :4, :].any()  # 10 of 20 pixels, and half a one on each side that is interpolated
    assert np.allclose(on_canvas(SOME, shift=(3, -2)), rolled(drawing, (3, -2)), atol=1e-6)
    assert np.allclose(on_canvas(SOME, angle=90), np.rot90(drawing, -1, (2, 3)), atol=1e-5)  # clockwise
    assert np.allclose(on_canvas(SOME, angle=180), drawing[..., ::-1, ::-1], atol=1e-5)
    ink = [on_canvas(SOME, scale=scale).sum() for scale in (0.5, 1, 2)]
    assert np.allclose([ink[0] / ink[1], ink[2] / ink[1]], [0.25, 4], rtol=0.05)
    each = on_canvas(SOME[:2], shift=[[0, 0], [1, 0]], angle=[0, 90], scale=[1, 2])
    assert np.allclose(each[:1], drawing[:1])
    assert np.allclose(each[1:], on_canvas(SOME[1:2], shift=(1, 0), angle=90, scale=2), atol=1e-6)


def test_a_ring_rolls():
    x = np.random.default_rng(0).normal(size=(3, 2, 4, 5))
    shifts = [(0, 0), (2, 0), (-1, 3)]
    for picture, (right, down), moved in zip(x, shifts, rolled(x, shifts), strict=True):
        assert np.array_equal(moved, np.roll(picture, (down, right), (1, 2)))


def test_digits_are_drawn_as_their_kind_says():
    rng = np.random.default_rng(1)
    centred, anywhere, moved = (drawn(SOME, kind, rng) for kind in ("centred", "anywhere", "moved"))
    assert np.allclose(anywhere.sum((1, 2, 3)), centred.sum((1, 2, 3)), rtol=1e-5)  # no ink leaves the canvas
    columns = anywhere[:, 0].sum(axis=1).argmax(axis=1) - centred[:, 0].sum(axis=1).argmax(axis=1)
    assert len(set(columns)) > 5
    assert np.abs(columns).max() <= pooling_pictures.REACH
    assert not np.allclose(moved.sum((1, 2, 3)), centred.sum((1, 2, 3)), rtol=0.1)
    first = movements("shift", SOME)
    assert np.array_equal(first[3], np.roll(first[0], 3, axis=3))
    assert np.allclose(movements("angle", SOME)[0], first[0])
    with pytest.raises(ValueError, match="what"):
        movements("colour", SOME)


def test_changes_are_measured_in_two_units():
    before = np.array([[0.0, 0.0], [3.0, 4.0]])
    assert relative_change(before, before) == 0
    assert relative_change(before, before[::-1]) == pytest.approx(1)  # each has become the other
    assert relative_change(2 * before, 2 * before + 0.1) == pytest.approx(relative_change(before, before + 0.05))
    assert relative_change(before, before + 3, "itself") == pytest.approx(3 * np.sqrt(2) / 2.5)
    with pytest.raises(ValueError, match="against"):
        relative_change(before, before, "nothing")


@pytest.mark.parametrize("how", ["max", "average", "blurred max"])
def test_halving_is_that_of_the_networks(how: str):
    x = np.random.default_rng(2).normal(size=(2, 3, 8, 10))
    theirs = torch.nn.Sequential(*pooling_networks._halving(how))(torch.tensor(x)).numpy()
    assert np.allclose(pooling.halved(x, how), theirs, atol=1e-12)


def test_the_blur_in_front_of_the_stride_is_zhangs():
    x = np.random.default_rng(3).normal(size=(2, 3, 8, 8))
    largest = F.max_pool2d(F.pad(torch.tensor(x), (0, 1, 0, 1), mode="circular"), 2, 1)
    taps = torch.tensor([1.0, 2, 1], dtype=torch.float64)
    weight = (taps[:, None] * taps / 16).expand(3, 1, 3, 3)
    theirs = F.conv2d(F.pad(largest, (1, 1, 1, 1), mode="circular"), weight, stride=2, groups=3)
    assert np.allclose(pooling.halved(x, "blurred max"), theirs.numpy(), atol=1e-12)
    assert np.array_equal(pooling.halved(x, "every second"), x[:, :, ::2, ::2])
    assert pooling.pooled(x, "max", 3).shape == (2, 3, 1, 1)


def test_maps_change_with_the_picture_only():
    shifted = movements("shift", SOME)[:3]
    changes = pooling.map_changes(shifted, ("none", "max"), range(3), times=1)
    assert changes["none"].shape == changes["max"].shape == (3, 3)
    assert np.all(changes["none"][:, 0] == 0)
    assert np.all(changes["none"][:, 1:] > changes["max"][:, 1:])  # in units of their own length
    maps = [pooling.random_maps(x, 0) for x in shifted]
    assert np.allclose(maps[2], np.roll(maps[0], 2, axis=3))  # a convolution on a ring is equivariant
    assert changes["none"][0, 2] == relative_change(maps[0], maps[2], "itself")
    assert pooling.share_unchanged(maps[0], maps[0]) == 1
    assert pooling.share_unchanged(np.array([0.0, 1, 2, 0]), np.array([0.0, 1, 3, 1])) == pytest.approx(1 / 3)
    assert pooling.share_unchanged(np.array([1e-9, 1, 2]), np.array([1e-9, 1, 3])) == 0.5  # rounding is no value
    assert pooling.share_unchanged(maps[0], maps[1]) < 0.01  # strokes have no two columns alike


def test_networks_differ_in_how_they_halve_and_in_nothing_else():
    sizes = {down: [p.numel() for p in network(down, "flat", seed=0).parameters()] for down in DOWNS}
    assert sizes["late"] == sizes["max"] == sizes["stride"] == sizes["average"] == sizes["blurred max"]
    assert sizes["none"][:-2] == sizes["max"][:-2]  # the convolutions
    assert sizes["none"][-2] == 16 * sizes["max"][-2]  # the linear layer
    first, again, other = (network("max", "flat", seed=seed).state_dict()["0.weight"] for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    with pytest.raises(ValueError, match="down"):
        network("min", "flat", seed=0)


def test_convolutions_pad_on_a_ring_or_with_zeros():
    image = np.zeros((1, 1, 20, 20), np.float32)
    image[..., 0] = 1
    nets = {padding: network("none", "flat", seed=0, padding=padding)[0] for padding in ("circular", "zeros")}
    assert nets["circular"].weight.equal(nets["zeros"].weight)
    ring, zeros = (net(torch.tensor(image)).detach().numpy() for net in nets.values())
    inside, border = np.s_[..., 1:-1, 1:-1], np.s_[..., -1]
    np.testing.assert_allclose(ring[inside], zeros[inside], atol=1e-6)
    assert np.abs(ring[border] - zeros[border]).max() > 0.01


@pytest.mark.parametrize(("down", "period"), [("none", 1), ("stride", 4), ("max", 4), ("blurred max", 4)])
def test_a_global_average_ignores_shifts_by_the_product_of_the_strides(down: str, period: int):
    found = following(network(down, "global", seed=3), Digits(SOME, np.zeros(20, int)), movements("shift", SOME))
    still = [change < 1e-5 for change in found.change]
    assert still == [amount % period == 0 for amount in pooling_networks.SHIFTS]
    assert found.agree[0] == 1


def test_training_is_repeated_by_its_seed_and_learns():
    options = {"lr": 0.01, "count": 8, "pictures": FEW}
    net, wrong = trained("max", "flat", "centred", 1, **options)
    assert trained("max", "flat", "centred", 1, **options)[1] == wrong < 0.3
    assert error(net, on_canvas(FEW.images), FEW.labels) == wrong
    once, anew = (trained("max", "flat", kind, 1, **options)[1] for kind in ("anywhere", "shifted"))
    assert once < anew  # whoever sees each digit at one place only knows it by heart sooner
    with pytest.raises(ValueError, match="kind"):
        trained("max", "flat", "turned", 1, **options)


@pytest.mark.parametrize(
    "layers",
    [
        [Conv2d(1, 1, 3)] * 3,
        [Conv2d(1, 1, 3), AvgPool2d(2, 2), Conv2d(1, 1, 5), AvgPool2d(3, 2)],
        [Conv2d(1, 1, 3), MaxPool2d(2, 2), Conv2d(1, 1, 3)],
        [Conv2d(1, 1, 3, 2), Conv2d(1, 1, 3, dilation=2)],
    ],
)
def test_fields_are_measured_as_torch_does(layers):
    gradient = pooling.field_gradient(layers, 40)
    assert pooling.extent(gradient) == receptive_field(layers)[-1].size
    if any(isinstance(layer, MaxPool2d) for layer in layers):
        return
    x = y = torch.zeros(1, 1, 40, 40, dtype=torch.float64, requires_grad=True)
    for layer in layers:
        if isinstance(layer, Conv2d):
            ones = torch.ones(1, 1, layer.kernel_size, layer.kernel_size, dtype=torch.float64)
            y = F.conv2d(y, ones, stride=layer.stride, dilation=layer.dilation)
        else:
            y = F.avg_pool2d(y, layer.kernel_size, layer.stride)
    y[0, 0, y.shape[2] // 2, y.shape[3] // 2].backward()
    assert np.allclose(gradient, x.grad[0, 0].numpy())


def test_the_middle_of_a_field():
    even = np.zeros((10, 10))
    even[1:9, 1:9] = 1
    assert pooling.middle_share(even) == 0.25
    even[4:6, 4:6] = 100
    assert pooling.middle_share(even) > 0.8
    signs = pooling.field_gradient([Conv2d(1, 1, 3)] * 2, 12, seed=1)
    assert np.all(signs >= 0)
    assert pooling.extent(signs) == 5


def test_dots_lie_where_they_say():
    some = pooling_positions.dots(50, np.random.default_rng(0), noise=0.0)
    places = np.arange(16) - 7.5
    weights = some.images[:, 0].astype(float)
    centroid = np.stack([(weights.sum(axis) * places).sum(1) / weights.sum((1, 2)) for axis in (1, 2)], axis=1)
    assert np.abs(centroid - some.places).max() < 0.02
    assert np.abs(some.places).max() <= 4.5


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_smaller_pictures_are_torchs(factor: int):
    x = np.random.default_rng(4).normal(size=(3, 1, 16, 16))
    seen = torch.tensor(x)
    bilinear = F.interpolate(seen, scale_factor=1 / factor, mode="bilinear").numpy()
    assert np.allclose(pooling_positions.smaller(x, "bilinear", factor), bilinear)
    assert np.allclose(pooling_positions.smaller(x, "max", factor), F.max_pool2d(seen, factor).numpy())
    assert np.allclose(pooling_positions.smaller(x, "average", factor), F.avg_pool2d(seen, factor).numpy())
    assert pooling_positions.smaller(x, "4 strided filters", factor).shape == (3, 4, 16 // factor, 16 // factor)
    assert np.array_equal(pooling_positions.smaller(x, "every n-th", factor), x[..., ::factor, ::factor])
    with pytest.raises(ValueError, match="factor must be even"):
        pooling_positions.smaller(x, "max", 3)


def test_the_error_of_a_guess_is_in_pixels():
    places = pooling_positions.dots(4000, np.random.default_rng(1)).places
    assert pooling_positions.distance(np.zeros_like(places), places) == pytest.approx(
        pooling_positions.blind_error(), rel=0.02
    )
    fine, coarse = (pooling_positions.read_out_error("max", factor, 0, n=300) for factor in (2, 8))
    assert fine < 1 < coarse < pooling_positions.blind_error()


def test_a_global_average_cannot_say_where():
    blind = pooling_positions.located("max", "global", 0, lr=0.01, count=2, n=200)
    seeing = pooling_positions.located("max", "flat", 0, lr=0.01, count=6, n=200)
    assert seeing < 1.5 < 3 < blind


def test_the_benchmark_writes_what_the_notebook_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stored = results("pooling")
    assert stored["seeds"] == benchmark.SEEDS
    assert min(benchmark.SEEDS.values()) >= 10
    assert stored["epochs"] == benchmark.EPOCHS
    assert {kind: list(stored[kind]) for kind in benchmark.NETWORKS} == {
        kind: [f"{down}, {head}" for down, head in names] for kind, names in benchmark.NETWORKS.items()
    }
    assert list(stored["places"]) == [f"{down}, {head}" for down, head in benchmark.LOCATING]
    monkeypatch.setattr(benchmark, "FILE", tmp_path / "pooling.json")
    monkeypatch.setattr(benchmark, "SEEDS", {"centred": 1})
    monkeypatch.setattr(benchmark, "TUNING", (100,))
    monkeypatch.setattr(benchmark, "EPOCHS", 3)
    monkeypatch.setattr(benchmark, "NETWORKS", {"centred": [("max", "flat")]})
    benchmark.main(["centred"])
    written = json.loads((tmp_path / "pooling.json").read_text(encoding="utf-8"))
    assert written.keys() == {"centred", "command", "epochs", "seeds"} < stored.keys()
    assert list(written["centred"]) == ["max, flat"]
    run = written["centred"]["max, flat"]
    assert run.keys() == stored["centred"]["max, flat"].keys()
    assert run["agree"][0] == run["follows"]["shift"]["agree"]["mean"]
    assert len(run["agree"][0]) == len(pooling_networks.SHIFTS)


def test_recorded_seeds_and_bands_agree():
    stored = results("pooling")
    for kind in ("centred", "shifted"):
        for run in stored[kind].values():
            assert len(run["agree"]) == len(run["test"]) == len(run["training"]) == stored["seeds"][kind]
            seeds = np.array(run["agree"])[pooling_networks.learnt(run["training"])]
            follows = run["follows"]["shift"]["agree"]
            assert len(seeds) >= stored["seeds"][kind] - 1
            assert np.allclose(seeds.mean(axis=0), follows["mean"], atol=2e-4)
            assert np.array_equal(seeds.min(axis=0), follows["lowest"])
