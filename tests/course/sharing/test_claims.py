"""The claims of notebook 06: what their verdicts rest on, computed."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cnnkit import conv_matrix
from cnnkit.course.kit.recorded import results
from cnnkit.course.sharing.experiments.nets import CANVAS, NETS
from cnnkit.course.sharing.experiments.settings import matrix_difference, random_setting
from cnnkit.course.sharing.experiments.training import REACH, SHIFTS, accuracy, on_canvas, train
from tests.course.claim_numbers import assert_numbers_in_claim, assert_numbers_in_verdict

RUNS = results("sharing")["runs"]


def without_sharing(x: torch.Tensor, weight: torch.Tensor, k: int, **options: int) -> torch.Tensor:
    """A locally connected layer by unfolding: x (1, C, n, n), weight (K, C·k·k, places) -> (K, places)."""
    return (weight * F.unfold(x, k, **options)).sum(dim=1)


def test_W1():
    x, conv = torch.zeros(1, 3, 32, 32), nn.Conv2d(3, 10, 5, padding=2)
    units = conv(x).numel()
    assert conv(x).shape[1:] == (10, 32, 32)
    assert units * conv.weight[0].numel() == 768_000
    assert (conv.weight.numel(), conv.bias.numel()) == (750, 10)
    shared = sum(parameter.numel() for parameter in conv.parameters())
    unpadded = nn.Conv2d(3, 10, 5)(x)
    fully = x.numel() * units
    assert_numbers_in_claim(
        "W1", 2, units, units * (conv.weight[0].numel() + 1), shared,
        *unpadded.shape[2:], unpadded.numel() * conv.weight[0].numel(), fully,
    )  # fmt: skip
    without = units * conv.weight[0].numel()
    assert_numbers_in_verdict(
        "W1", conv.padding[0], without, conv.weight.numel(), units, conv.bias.numel(), round(fully / without),
        round(fully, -6), without / conv.weight.numel(),
    )  # fmt: skip


def test_W2():
    settings = range(200)
    assert max(matrix_difference(seed) for seed in settings) < 1e-12
    for seed in range(20):  # and torch's convolution is that matrix too
        x, weight, options = random_setting(seed)
        theirs = F.conv2d(torch.tensor(x)[None], torch.tensor(weight), **options).numpy().ravel()
        np.testing.assert_allclose(conv_matrix(weight, x.shape[1:], **options) @ x.ravel(), theirs, atol=1e-12)
    weight = np.random.default_rng(0).normal(size=(1, 1, 3, 3))
    columns = [F.conv2d(torch.eye(256, dtype=torch.float64)[i].view(1, 1, 16, 16), torch.tensor(weight), padding=1)
               for i in range(256)]  # fmt: skip
    matrix = torch.stack([column.ravel() for column in columns], dim=1).numpy()
    assert np.array_equal(matrix, conv_matrix(weight, 16, padding=1))
    used = matrix[matrix != 0]
    assert_numbers_in_claim("W2", len(settings), 10, 12, 3, 16, used.size, matrix.size, len(np.unique(used)))
    assert used.size < weight.size * len(matrix)  # the border
    assert_numbers_in_verdict("W2", len(settings), weight.size, len(matrix))


def following(layer, x: torch.Tensor, right: int, moved: int) -> torch.Tensor:
    """Which columns of the output are the old ones, moved along; those that the shift left blank do not count."""
    after = layer(F.pad(x, (right, -right)))
    expected = F.pad(layer(x), (moved, -moved))
    return torch.isclose(after, expected, rtol=1e-9, atol=1e-12).all(dim=(0, 1, 2))


def test_W3():
    generator, n = torch.Generator().manual_seed(0), 16
    for _ in range(20):
        x, weight, own = (
            torch.randn(shape, generator=generator, dtype=torch.float64)
            for shape in ((1, 1, n, n), (4, 1, 3, 3), (4, 9, n * n))
        )

        def conv(x, weight=weight, stride=1):
            return F.conv2d(x, weight, stride=stride, padding=1)

        def local(x, own=own):
            return without_sharing(x, own, 3, padding=1).view(1, 4, n, n)

        def strided(x, conv=conv):
            return conv(x, stride=2)

        for right in range(1, 9):
            follow = following(conv, x, right, right)
            assert int(follow.sum()) == n - 2
            assert not follow[right - 1]
            assert not follow[-1]
            assert not following(local, x, right, right)[right - 1 :].any()
        assert following(strided, x, 2, 1).all()
        assert following(strided, x, 4, 2).all()
        assert not any(following(strided, x, right, right // 2 + up)[2:].any() for right in (1, 3) for up in (0, 1))
    assert_numbers_in_claim("W3", n, 3, int(follow.sum()), 2)
    assert_numbers_in_verdict("W3")


def test_W5():
    settings = range(200)
    for seed in settings:
        x, weight, options = random_setting(seed)
        image, shared = torch.tensor(x)[None], torch.tensor(weight, requires_grad=True)
        y = F.conv2d(image, shared, **options)
        dy = torch.randn(y.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        y.backward(dy)
        own = shared.detach().flatten(1)[..., None].repeat(1, 1, y[0, 0].numel()).requires_grad_()
        without_sharing(image, own, weight.shape[2:], **options).backward(dy.flatten(2)[0])
        assert float((own.grad.sum(dim=2) - shared.grad.flatten(1)).abs().max()) < 1e-12
    places = F.conv2d(torch.zeros(1, 1, 32, 32), torch.zeros(1, 1, 3, 3), padding=1)[0, 0]
    assert_numbers_in_claim("W5", len(settings), 10, 12, *places.shape, places.numel())
    assert_numbers_in_verdict("W5")


def test_W6():
    def weights(n: int) -> np.ndarray:
        """Of the three layers, and the products of the convolution, counted on torch's shapes."""
        conv = nn.Conv2d(3, 10, 5, padding=2, bias=False)
        y = conv(torch.zeros(1, 3, n, n))
        return np.array([3 * n * n * y.numel(), y.numel() * 75, conv.weight.numel(), y.numel() * 75])

    for n in (4, 8, 16, 32, 64):  # a power: doubling multiplies by the same factor everywhere
        assert (weights(2 * n) / weights(n)).tolist() == [16, 4, 1, 4]
    more = np.array([weights(n + 1) / weights(n) for n in (4, 8, 16, 32, 64)])[:, [0, 1, 3]]
    assert (np.diff(more, axis=0) < 0).all()  # not exponential: one pixel more multiplies by less and less
    assert more[-1].max() < 1.07
    fully, local, _, products = weights(16) / weights(8)
    assert_numbers_in_claim("W6", fully, local)
    n, k = 32, 3
    kernels = [conv(1, 1, k, bias=False).weight.numel() for conv in (nn.Conv1d, nn.Conv2d, nn.Conv3d)]
    dense = [(n**axes) ** 2 for axes in (1, 2, 3)]  # from every pixel to every pixel
    assert kernels[1] / kernels[0] == kernels[2] / kernels[1] < dense[1] / dense[0]  # the same, with a smaller base
    assert dense[1] / dense[0] == dense[2] / dense[1]
    assert_numbers_in_verdict("W6", fully, local, products, len(kernels))


def test_W4():
    def read(name: str, place: str) -> np.ndarray:
        """The share of the test digits, in per cent: seed × shift to the right."""
        return 100 * np.array(RUNS[f"{name}, {place}"]["right"])

    names = ("fully connected", "locally connected", "CNN", "wide CNN")
    fully, local, conv, wide = (100 * np.array(RUNS[f"{name}, anywhere"]["mean"]) for name in names)
    assert fully.min() > 80  # without sharing it learns: guessing gives 10
    assert fully.max() < local.min()  # and every step after it helps: small windows,
    assert fully.max() < conv.min()
    assert local.mean() < conv.mean()  # sharing them, by less than the seeds of the CNN differ at worst,
    assert np.mean(conv > local.max()) > 0.75
    assert max(local.max(), conv.max()) < wide.min()  # and spending the weights saved on more maps
    patient = [100 * np.array(RUNS[f"{name}, anywhere, patient"]["mean"]) for name in ("fully connected", "CNN")]
    assert fully.mean() < patient[0].mean() < conv.mean()  # three times as long, and not where the CNN was
    assert patient[0].max() < patient[1].min()
    assert abs((patient[1].mean() - patient[0].mean()) - (conv.mean() - fully.mean())) < 0.5  # the distance stays
    everywhere = np.array([read(name, "anywhere").mean(axis=0) for name in names])
    assert (np.diff(everywhere, axis=0) > 0).all()  # in this order at every shift
    assert 86 < everywhere.min() < everywhere.max() < 95
    aside = SHIFTS.index(3)
    for name in names[:3]:  # what was learnt in the middle is of no use elsewhere, shared or not
        assert read(name, "middle")[:, REACH].mean() > 85
        assert read(name, "middle")[:, [*range(3), *range(6, 9)]].mean(axis=0).max() < 30
    pooled = read("CNN, pooled, stride 1", "middle")
    assert np.ptp(pooled.mean(axis=0)) < 5
    diagonal = 100 * np.array(RUNS["CNN, pooled, stride 1, middle"]["diagonal"]).mean(axis=0)
    assert max(diagonal[0], diagonal[-1]) + 5 < diagonal[REACH]  # but for the border
    untaught = 100 * np.array(RUNS["CNN, pooled, stride 1, middle"]["mean"])
    assert abs(untaught.mean() - local.mean()) < 0.5
    assert read("locally connected, pooled", "middle")[:, aside].max() < 30
    zigzag = read("CNN, pooled", "middle").mean(axis=0)  # the stride of 2
    assert zigzag[::2].min() > 85
    assert zigzag[1::2].max() < 65
    for name in ("fully connected", "CNN"):  # the first run, again
        net, run = NETS[name], RUNS[f"{name}, middle"]
        parameters = train(net, "middle", run["rate"], 0)
        again = [accuracy(net, parameters, on_canvas("test"), 0, right) for right in SHIFTS]
        assert np.abs(np.array(again) - run["right"][0]).max() < 0.05
    means = [round(each.mean(), 1) for each in (fully, local, conv, wide)]
    sides = [round(read(name, "middle")[:, aside].mean()) for name in ("CNN", "CNN, pooled, stride 1")]
    large, maps = torch.zeros(1, 3, 128, 128), 10
    pixels = large.shape[2]
    counted = large.numel() * nn.Conv2d(3, maps, 5, padding=2)(large).numel()  # fully connected: every pair
    assert_numbers_in_claim("W4", pixels, counted, CANVAS, REACH, *means, 3, *sides, 1)
    assert_numbers_in_verdict(
        "W4", maps, pixels, pixels, round(counted, -9), CANVAS, CANVAS,
        *(round(each.mean()) for each in (local, conv, fully)),
        *(len(on_canvas(split).images) for split in ("train", "test")),
    )  # fmt: skip


def test_what_the_text_beside_W4_says():
    """Sentences of the notebook that the verdict does not rest on."""
    once = np.array(RUNS["CNN, pooled, middle"]["right"][0])
    assert (10 * once[[SHIFTS.index(3), SHIFTS.index(4)]]).round().tolist() == [6, 9]
    apart = np.array(RUNS["locally connected, pooled, middle"]["right"]).mean(axis=0)[np.abs(SHIFTS) > 1]
    assert apart.max() < 0.2
    middle = [np.array(RUNS[f"{name}, middle"]["right"])[:, REACH] for name in ("locally connected", "CNN")]
    assert max(each.min() for each in middle) < min(each.max() for each in middle)  # their runs overlap,
    assert abs(middle[0].mean() - middle[1].mean()) < min(each.std() for each in middle)  # and their means are near
    wide = NETS["wide CNN"]
    assert round(wide._replace(kind="local").parameters / 1e6) == 2  # so many maps, each place with its own weights
    assert wide._replace(kind="local").macs == wide.macs
    assert round(wide.macs / NETS["CNN"].macs) == 21
    ink = on_canvas("test").images[:, 4:12, 4:12] > 0
    assert ink[:, [0, -1]].any(axis=2).all()  # every digit is as high as its square
    assert ink[:, :, [0, -1]].any(axis=1).mean(axis=0).max() < 0.06  # and few are as wide
    aside = np.array(RUNS["CNN, pooled, stride 1, middle"]["right"]).mean(axis=0)
    assert np.ptp(aside) < 0.01  # so a move to the side costs nothing
