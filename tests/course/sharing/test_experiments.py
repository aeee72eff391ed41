"""What notebook 06 measures with: matrices and gradients, moved pictures, networks of equal budgets, stored results."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnkit.convolution import conv2d, locally_connected2d
from cnnkit.course.kit.recorded import results
from cnnkit.course.sharing import record as benchmark
from cnnkit.course.sharing.experiments.nets import CANVAS, NETS, Net, logits, start, windowed
from cnnkit.course.sharing.experiments.settings import (
    costs,
    follows,
    gradient_difference,
    layers,
    matrix_difference,
    random_setting,
    untied,
)
from cnnkit.course.sharing.experiments.training import (
    REACH,
    SHIFTS,
    Digits,
    accuracy,
    by_shift,
    on_canvas,
    scattered,
    train,
)
from cnnkit.data import digits
from cnnkit.layers import Conv2d, LocallyConnected2d
from cnnkit.matrices import shift

TINY = Net("conv", (2, 3), pooled=True)


def test_random_settings_differ_and_are_torchs():
    settings = [random_setting(seed) for seed in range(50)]
    for x, weight, options in settings:
        theirs = F.conv2d(torch.tensor(x)[None], torch.tensor(weight), **options)[0].numpy()
        np.testing.assert_allclose(conv2d(x, weight, **options), theirs, rtol=1e-12, atol=1e-12)
    for name in ("stride", "padding", "dilation"):
        assert len({options[name] for *_, options in settings}) > 3
    assert len({weight.shape for _, weight, _ in settings}) > 20


def test_copies_of_a_filter_make_a_locally_connected_layer_a_convolution():
    x, weight, options = random_setting(16)
    y = conv2d(x, weight, **options)
    np.testing.assert_allclose(locally_connected2d(x, untied(weight, y.shape[1:]), **options), y, atol=1e-12)


def test_differences_are_those_of_rounding(monkeypatch: pytest.MonkeyPatch):
    assert max(matrix_difference(seed) for seed in range(20)) < 1e-12
    assert max(gradient_difference(seed) for seed in range(20)) < 1e-12
    monkeypatch.setattr(
        "cnnkit.course.sharing.experiments.settings.conv2d", lambda *args, **options: 1 + conv2d(*args, **options)
    )
    assert matrix_difference(0) > 0.9  # a layer that is another one would be noticed


def test_a_mean_over_the_places_would_be_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "cnnkit.course.sharing.experiments.settings.locally_connected2d_backward",
        lambda dy, x, weight, **options: (None, np.zeros_like(weight), None),
    )
    assert gradient_difference(1) > 0.1


def test_following_is_checked_place_by_place():
    x = np.random.default_rng(0).standard_normal((1, 9, 9))
    assert follows(lambda x: 2 * x, x, 2, 2).all()
    assert not follows(lambda x: 2 * x, x, 2, 1)[:, 2:].any()
    ramp = np.arange(9.0)
    assert not follows(lambda x: x * ramp, x, 1, 1)[:, 2:].any()
    both = follows(lambda x: np.concatenate([x, x * ramp]), x, 1, 1)  # one map that follows and one that does not
    assert both.shape == (9, 9)
    assert not both[:, 2:].any()


def test_the_two_layers_differ_only_in_sharing():
    x, made = np.random.default_rng(0).standard_normal((1, 8, 8)), layers(3, 8, stride=2, padding=1)
    assert [layer(x).shape for layer in made.values()] == [(4, 4, 4)] * 2
    assert np.array_equal(layers(3, 8)["convolution"](x), layers(3, 8)["convolution"](x))
    assert not np.array_equal(layers(3, 8)["convolution"](x), layers(4, 8)["convolution"](x))


def test_costs_are_those_of_torchs_layers():
    for n in (4, 7):
        fully, local, conv = costs(n, channels=2, filters=3, kernel_size=3).values()
        assert fully.weights == torch.nn.Linear(2 * n * n, 3 * n * n, bias=False).weight.numel() == fully.macs
        assert conv.weights == torch.nn.Conv2d(2, 3, 3, bias=False).weight.numel()
        assert local.weights == local.macs == conv.macs == conv.weights * n * n


@pytest.mark.parametrize("name", NETS)
def test_a_network_has_the_parameters_it_says(name: str):
    net = NETS[name]
    parameters = start(net, torch.Generator().manual_seed(0))
    assert sum(parameter.numel() for parameter in parameters) == net.parameters
    assert logits(net, parameters, torch.zeros(2, 1, CANVAS, CANVAS)).shape == (2, 10)
    for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
        if weight.numel() > 5000:
            assert abs(float(weight.detach().std()) / (2 / weight.shape[-1]) ** 0.5 - 1) < 0.1
        assert not bias.any()


def test_budgets_are_as_equal_as_the_notebook_says():
    fully, local, conv, wide = (NETS[name] for name in ("fully connected", "locally connected", "CNN", "wide CNN"))
    assert local.macs == conv.macs
    assert abs(fully.macs / conv.macs - 1) < 0.01
    assert abs(wide.parameters / local.parameters - 1) < 0.01
    assert abs(fully.parameters / local.parameters - 1) < 0.02
    assert round(wide.macs / conv.macs) == 21
    assert round(local.parameters / conv.parameters) == 8
    assert round(local.parameters / NETS["CNN, pooled, stride 1"].parameters) == 64
    assert local._replace(kind="conv") == conv


@pytest.mark.parametrize("layer", [Conv2d(2, 3, 3, padding=1), LocallyConnected2d(2, 3, 3, stride=2, padding=1)])
def test_a_windowed_layer_is_ours(layer):
    rng = np.random.default_rng(0)
    x, places = rng.standard_normal((5, 2, 6, 6)), () if isinstance(layer, Conv2d) else (3, 3)
    weight, bias = rng.standard_normal((*places, 3, 18)), rng.standard_normal((*places, 3))
    flat = (torch.tensor(array.reshape(-1, *array.shape[2:]) if places else array) for array in (weight, bias))
    theirs = windowed(layer, torch.tensor(x), *flat).numpy()
    if places:
        own = weight.transpose(2, 0, 1, 3).reshape(3, 3, 3, 2, 3, 3)
        ours = locally_connected2d(x, own, bias.transpose(2, 0, 1), stride=2, padding=1)
    else:
        ours = conv2d(x, weight.reshape(3, 2, 3, 3), bias, padding=1)
    np.testing.assert_allclose(theirs, ours, rtol=1e-10, atol=1e-10)


def test_tied_copies_make_the_local_network_the_convolutional_one():
    conv, local = NETS["CNN"], NETS["locally connected"]
    parameters = start(conv, torch.Generator().manual_seed(1))
    copies = [each.expand(64, *each.shape) for each in parameters[:4]] + parameters[4:]
    x = torch.from_numpy(on_canvas("test").images[:20, None])
    torch.testing.assert_close(logits(local, copies, x), logits(conv, parameters, x))


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind"):
        Net("sparse", (3,)).parameters  # noqa: B018 (counting is what refuses)


def test_canvases_hold_the_digits_and_no_digit_twice():
    parts = {name: on_canvas(name) for name in ("train", "validation", "test")}
    assert [len(part.images) for part in parts.values()] == [1000, 442, 355]
    assert np.array_equal(parts["test"].images[:, 4:12, 4:12], digits("test").images[:, 0])
    whole = np.concatenate([parts["train"].images, parts["validation"].images])[:, 4:12, 4:12].reshape(1442, -1)
    kept = digits("train").images.reshape(1442, -1)
    assert sorted(map(bytes, whole)) == sorted(map(bytes, kept))
    with pytest.raises(ValueError, match="split"):
        on_canvas("all")


def test_scattered_digits_are_whole_and_everywhere():
    x = np.zeros((4000, 16, 16), np.float32)
    x[:, 4:12, 4:12] = 1
    y = scattered(x, np.random.default_rng(0))
    assert (y.sum(axis=(1, 2)) == 64).all()
    corners = {(int(image.any(axis=1).argmax()), int(image.any(axis=0).argmax())) for image in y}
    assert corners == {(row, column) for row in range(9) for column in range(9)}
    assert REACH == 4


def test_accuracy_is_that_of_the_moved_digits():
    data, net = on_canvas("test"), NETS["CNN"]
    parameters = start(net, torch.Generator().manual_seed(0))
    said = logits(net, parameters, torch.from_numpy(shift(data.images, -2, 3)[:, None])).argmax(dim=1).numpy()
    labels = np.where(np.arange(len(said)) < 100, said, (said + 1) % 10)
    assert accuracy(net, parameters, Digits(data.images, labels), -2, 3) == 100 / 355
    grid = by_shift(net, parameters, "test", [-2, 3])
    assert grid.shape == (2, 2)
    assert grid[0, 1] == accuracy(net, parameters, data, -2, 3)


def test_training_is_repeated_by_its_seed_and_learns():
    first, again, other = (train(TINY, "anywhere", 0.03, seed, count=2) for seed in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])
    learnt = train(NETS["fully connected"], "middle", 0.01, 0, count=2)
    assert accuracy(NETS["fully connected"], learnt, on_canvas("validation")) > 0.8
    with pytest.raises(ValueError, match="place"):
        train(TINY, "left", 0.01, 0)


def test_the_benchmark_chooses_a_rate_and_reports_each_seed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(NETS, "tiny", TINY)
    monkeypatch.setattr(benchmark, "RATES", (1e-6, 0.03))
    run = benchmark.measure("tiny", "middle", 2, range(2))
    assert run["rate"] == 0.03
    assert len(run["mean"]) == len(run["right"]) == len(run["training"]) == 2
    assert len(run["right"][0]) == len(run["diagonal"][0]) == len(SHIFTS)
    given = benchmark.measure("tiny", "middle", 1, range(1), rate=0.02)
    assert (given["rate"], given["tried"]) == (0.02, {})


def test_the_patient_run_takes_the_rate_that_was_best_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(NETS, "tiny", TINY)
    monkeypatch.setattr(benchmark, "RATES", (1e-6, 0.03))
    monkeypatch.setattr(benchmark, "FILE", tmp_path / "recorded.json")
    short, long = ("tiny", "middle", 2, range(1)), ("tiny", "middle", 3, range(1))
    monkeypatch.setattr(benchmark, "SETTINGS", {"tiny, middle": short, "tiny, middle, patient": long})
    benchmark.main()
    written = json.loads(benchmark.FILE.read_text(encoding="utf-8"))
    assert written.keys() == results("sharing").keys()
    first, second = written["runs"].values()
    assert (first["rate"], second["rate"]) == (0.03, 0.03)
    assert (first["epochs"], second["epochs"]) == (2, 3)
    assert (list(first["tried"]), second["tried"]) == (["1e-06", "0.03"], {})


def test_the_stored_runs_are_those_of_the_benchmark():
    stored = results("sharing")
    assert stored["command"] == "python -m cnnkit.course.sharing.record"
    assert stored["shifts"] == list(SHIFTS)
    assert list(stored["runs"]) == list(benchmark.SETTINGS)
    for key, (name, place, count, seeds) in benchmark.SETTINGS.items():
        run = stored["runs"][key]
        assert (run["net"], run["place"], run["epochs"], len(run["mean"])) == (name, place, count, len(seeds))
        assert (run["parameters"], run["macs"]) == (NETS[name].parameters, NETS[name].macs)
        assert np.shape(run["right"]) == np.shape(run["diagonal"]) == (len(seeds), len(SHIFTS))
        if not key.endswith("patient"):
            assert run["rate"] == float(max(run["tried"], key=run["tried"].__getitem__))
