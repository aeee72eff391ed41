"""The claims of notebook 05: what their verdicts rest on, computed."""

from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from tests.course.claim_numbers import (
    Written,
    assert_numbers_in_claim,
    assert_numbers_in_verdict,
    notebook,
    year,
)
from tests.course.receptive_fields import gradient_support, positive


def test_C1():
    settings, remainders = 0, 0
    for w, f, p, s, d in product(range(1, 17), range(1, 6), range(4), range(1, 7), range(1, 5)):
        steps = w - (d * (f - 1) + 1) + 2 * p
        if steps < 0:
            continue
        y = F.conv2d(torch.zeros(1, 1, w, w), torch.zeros(1, 1, f, f), stride=s, padding=p, dilation=d)
        assert y.shape == (1, 1, steps // s + 1, steps // s + 1)
        settings += 1
        remainders += steps % s > 0
    padded = F.pad(torch.zeros(1, 3, 5, 5), (1, 1, 1, 1))
    assert padded.shape == (1, 3, 7, 7)
    assert F.conv2d(padded, torch.zeros(1, 3, 3, 3)).shape == (1, 1, 5, 5)
    assert_numbers_in_claim("C1", settings, remainders)
    assert_numbers_in_verdict("C1", settings, remainders, round(100 * remainders / settings))


def test_C2():
    image = torch.zeros(1, 3, 32, 32)
    one, two = (tuple(nn.Conv2d(3, filters, 5)(image).shape[1:]) for filters in (1, 2))
    assert_numbers_in_claim("C2", *one, *two)
    assert_numbers_in_verdict("C2", *two[1:], two[0], *two)


def test_C3():
    def runs(channels: int, depth: int, groups: int = 1) -> bool:
        try:
            F.conv2d(torch.zeros(1, channels, 4, 4), torch.zeros(2 * groups, depth, 3, 3), groups=groups)
        except RuntimeError:
            return False
        return True

    pairs = list(product(range(1, 7), repeat=2))
    taken = [(channels, depth) for channels, depth in pairs if runs(channels, depth)]
    assert taken == [(channels, channels) for channels in range(1, 7)]
    for groups in (1, 2, 3, 6):
        assert [depth for depth in range(1, 7) if runs(6, depth, groups)] == [6 // groups]
    grouped = nn.Conv2d(6, 2, 3, groups=2)
    assert_numbers_in_claim("C3", len(pairs), 1, 6, len(taken), 2, 6, grouped.weight.shape[1])
    assert_numbers_in_verdict("C3")


def test_C4():
    rng = np.random.default_rng(4)
    x, weight, bias = rng.integers(0, 3, (3, 5, 5)), rng.integers(-1, 2, (3, 3, 3)), 1
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    windows = {(i, j): padded[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3] for i in range(3) for j in range(3)}
    by_hand = np.zeros((3, 3), dtype=int)
    for (i, j), window in windows.items():
        products = [int(a) * int(b) for a, b in zip(window.flat, weight.flat, strict=True)]
        by_hand[i, j] = sum(products) + bias
    theirs = F.conv2d(torch.tensor(x)[None], torch.tensor(weight)[None], torch.tensor([bias]), stride=2, padding=1)
    assert np.array_equal(theirs[0, 0].numpy(), by_hand)
    assert len(set(by_hand.flat)) > 3  # the example tells the windows apart
    assert_numbers_in_claim("C4", len(products), len(windows), *x.shape, 3, 1, 2)
    assert_numbers_in_verdict("C4", len(x), len(windows))


def keeping_paddings(w: int, f: int, d: int) -> list[int]:
    """Every padding for which torch's output is as large as its input."""
    x, weight = torch.zeros(1, 1, w), torch.zeros(1, 1, f)
    fitting = [p for p in range(2 * d * f + 1) if w + 2 * p > d * (f - 1)]
    return [p for p in fitting if F.conv1d(x, weight, padding=p, dilation=d).shape[-1] == w]


def test_C5():
    largest_f, largest_d = 15, 4
    for f, d in product(range(1, largest_f + 1), range(1, largest_d + 1)):
        total = d * (f - 1)
        assert keeping_paddings(20, f, d) == ([] if total % 2 else [total // 2])
    assert [keeping_paddings(20, f, 1) for f in (3, 5, 7)] == [[1], [2], [3]]
    assert keeping_paddings(20, 4, 1) == []
    assert keeping_paddings(20, 4, 2) == [3]  # even kernel, even dilation
    assert_numbers_in_claim("C5", largest_f, largest_d, 4, 1, 2)  # 1 and 2 are those of d(F − 1)/2
    assert_numbers_in_verdict("C5", Written("d(k − 1)/2"))


def test_C6():
    x = torch.zeros(1, 3, 5, 5)
    for filters, (f, p) in product((1, 2, 10), ((3, 1), (5, 2), (7, 3))):
        assert nn.Conv2d(3, filters, f, padding=p)(x).shape == (1, filters, 5, 5)
    assert_numbers_in_claim("C6", *x.shape[1:], *nn.Conv2d(3, 10, 3, padding=1)(x).shape[1:])
    assert_numbers_in_verdict("C6")


def correlate(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The filter as it is, laid on every window."""
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)
    return (windows * w).sum(axis=(2, 3))


def test_C7():
    rng = np.random.default_rng(7)
    as_it_is = flipped = symmetric = 0
    for _ in range(100):
        x, w = rng.integers(-9, 10, (6, 7)), rng.integers(-9, 10, (3, 3))
        theirs = F.conv2d(torch.tensor(x)[None, None], torch.tensor(w)[None, None])[0, 0].numpy()
        as_it_is += np.array_equal(correlate(x, w), theirs)
        flipped += np.array_equal(correlate(x, w[::-1, ::-1]), theirs)
        w = w + w[::-1, ::-1]  # looks the same after a half turn
        theirs = F.conv2d(torch.tensor(x)[None, None], torch.tensor(w)[None, None])[0, 0].numpy()
        symmetric += np.array_equal(correlate(x, w[::-1, ::-1]), theirs)
    assert_numbers_in_claim("C7", as_it_is, flipped, symmetric)
    assert_numbers_in_verdict("C7")


def test_C8():
    image, mean = torch.ones(1, 1, 8, 8, dtype=torch.float64), torch.full((1, 1, 3, 3), 1 / 9, dtype=torch.float64)

    def blurred(mode: str) -> np.ndarray:
        return F.conv2d(F.pad(image, (1, 1, 1, 1), mode=mode), mean)[0, 0].numpy()

    y = blurred("constant")  # zeros
    changed = ~np.isclose(y, 1)
    edges, corners = y[0, 1:-1], y[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert np.allclose(edges, 6 / 9)
    assert np.allclose(corners, 4 / 9)
    assert changed[0].all()
    assert not changed[1:-1, 1:-1].any()
    assert all(np.allclose(blurred(mode), 1) for mode in ("reflect", "replicate"))
    assert_numbers_in_claim("C8", 3, 8, edges[0], corners[0], changed.sum(), y.size, 1)
    assert_numbers_in_verdict(
        "C8", edges[0], corners[0], round(blurred("reflect").max(), 9), year("05", "Islam, Jia & Bruce")
    )


def test_C9():
    def stack(channels: int, depth: int = 3) -> nn.Module:
        return nn.Sequential(*(nn.Conv2d(channels, channels, 3, bias=False) for _ in range(depth)))

    def weights(layer: nn.Module) -> int:
        return sum(parameter.numel() for parameter in layer.parameters())

    fields = []
    for layer in (stack(2, 1), stack(2, 2), stack(2, 3), nn.Conv2d(2, 2, 7, bias=False)):
        read = gradient_support(positive(layer), (2, 15, 15), (0, slice(None), 4, 4))
        side = int(np.sqrt(read.sum()))
        assert read[4 : 4 + side, 4 : 4 + side].all()  # a full square, and nothing outside
        assert read.sum() == side * side
        fields.append(side)
    assert fields[2] == fields[3]
    for c in (1, 2, 64):
        assert weights(stack(c)) == 27 * c * c
        assert weights(nn.Conv2d(c, c, 7, bias=False)) == 49 * c * c
    assert_numbers_in_claim(
        "C9", 1, 2, 3, *fields, 27, 49, 64, weights(stack(64)), weights(nn.Conv2d(64, 64, 7, bias=False))
    )
    three, seven = stack(1), nn.Conv2d(1, 1, 7, bias=False)
    size = {layer: layer.kernel_size[0] for layer in (three[0], seven)}
    assert_numbers_in_verdict(
        "C9", len(three), size[three[0]], size[three[0]], size[seven], size[seven], weights(three), weights(seven),
        len(three), notebook("cnn"),
    )  # fmt: skip


def test_C10():
    for w, f, s, p in product(range(4, 14), (1, 2, 3, 4, 5), (1, 2, 3, 4), (0, 1, 2)):
        if w + 2 * p < f or p > f // 2:
            continue
        remainder = (w + 2 * p - f) % s
        read = gradient_support(positive(nn.Conv2d(1, 1, (1, f), stride=(1, s), padding=(0, p))), (1, 1, w))[0]
        never_read = w - 1 - np.flatnonzero(read).max()
        assert never_read == max(0, remainder - p)
        up = F.max_pool1d(torch.zeros(1, 1, w), f, s, p, ceil_mode=True).shape[-1]
        naive = -(-(w + 2 * p - f) // s) + 1
        assert up == naive - ((naive - 1) * s >= w + p)  # the last window has to start inside, or left of the image
        assert (naive == (w + 2 * p - f) // s + 1) == (remainder == 0)  # what a strict rule accepts
        both = max((-(-w // s) - 1) * s + f - w, 0)  # TensorFlow's SAME: pad until ⌈W/S⌉ windows fit
        same = F.conv1d(F.pad(torch.zeros(1, 1, w), (both // 2, both - both // 2)), torch.zeros(1, 1, f), stride=s)
        assert same.shape[-1] == -(-w // s)
    unread = ~gradient_support(positive(nn.Conv2d(1, 1, (1, 3), stride=(1, 2))), (1, 1, 8))[0]
    assert list(np.flatnonzero(unread)) == [7]
    torchs = F.max_pool1d(torch.zeros(1, 1, 10), 1, 2, ceil_mode=True).shape[-1]
    assert_numbers_in_claim("C10", 8, 3, 2, unread.sum(), 10, 1, torchs, -(-(10 - 1) // 2) + 1)
    assert_numbers_in_verdict("C10")
