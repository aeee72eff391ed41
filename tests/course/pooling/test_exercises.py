"""The references of the exercises of notebook 04: held against torch and the package."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnkit import avg_pool2d, check, conv2d, max_pool2d, max_pool2d_backward, receptive_field
from cnnkit.course.kit.exercise_words import show
from cnnkit.course.pooling import exercises as pooling
from cnnkit.course.pooling.exercises import backward as pooling_backward
from cnnkit.course.pooling.exercises import blurred as pooling_blurred
from cnnkit.course.pooling.exercises import networks as pooling_networks
from cnnkit.course.pooling.exercises import sizes as pooling_sizes
from cnnkit.course.pooling.experiments.feature_maps import halved
from cnnkit.layers import Conv2d, Linear, count_parameters


def test_the_sizes_are_those_of_torchs_pooling():
    for n, k, s, p, ceil in pooling_sizes.pooled_cases():
        y = F.max_pool1d(torch.zeros(1, 1, n), k, stride=s, padding=p, ceil_mode=ceil)
        assert pooling_sizes.pooled(n, k, s, p, ceil) == y.shape[-1]


def test_the_cases_hold_what_is_easily_got_wrong():
    cases = [(n, k, k if s is None else s, p) for n, k, s, p, ceil in pooling_sizes.pooled_cases() if ceil]
    assert (10, 1, 2, 0) in cases
    rest = [(n, k, s, p) for n, k, s, p in cases if (n + 2 * p - k) % s]
    dropped = [c for c in rest if pooling_sizes.pooled(*c, True) == pooling_sizes.pooled(*c, False)]
    assert 10 < len(dropped) < len(rest) - 10


def test_an_average_divides_by_what_torch_divides_by():
    for n, k, s, p, i, include in pooling_sizes.divisor_cases():
        x = torch.ones(1, 1, n, dtype=torch.float64, requires_grad=True)
        y = F.avg_pool1d(x, k, stride=s, padding=p, ceil_mode=True, count_include_pad=include)
        y[0, 0, i].backward()
        shares = x.grad[0, 0][x.grad[0, 0] != 0]
        assert pooling_sizes.divisor(n, k, s, p, i, include) == pytest.approx(1 / shares[0].item(), rel=1e-12)


def test_the_field_is_the_packages_and_torchs():
    for (layers,) in pooling_networks.field_cases():
        ours = pooling_networks.field(layers)
        assert ours == receptive_field([Conv2d(1, 1, k, s) for k, s in layers])[-1].size
        x = torch.zeros(1, 1, 2 * ours, requires_grad=True)
        y = x
        for k, s in layers:
            y = F.conv1d(y, torch.ones(1, 1, k), stride=s)
        y[0, 0, 0].backward()
        assert x.grad[0, 0].nonzero().max() == ours - 1 or any(s > k for k, s in layers)


def test_the_maximum_by_hand_is_torchs():
    for x, k, s, p in pooling.max_pool_cases():
        theirs = F.max_pool2d(torch.tensor(x)[None].double(), k, stride=s, padding=p)[0]
        np.testing.assert_array_equal(pooling.max_pool(x, k, s, p), theirs.numpy())


def test_the_way_back_is_torchs_ties_and_overlaps_too():
    ties = overlaps = 0
    for dy, x, k, s in pooling_backward.backward_cases():
        t = torch.tensor(x).double()[None].requires_grad_()
        F.max_pool2d(t, k, stride=s).backward(torch.tensor(dy).double()[None])
        ours = pooling_backward.max_pool_backward(dy, x, k, s)
        np.testing.assert_array_equal(ours, t.grad[0].numpy())
        np.testing.assert_array_equal(ours, max_pool2d_backward(dy[None], x[None], k, stride=s)[0])
        windows = np.lib.stride_tricks.sliding_window_view(x, (k, k))[::s, ::s]
        ties += int(((windows == windows.max(axis=(2, 3), keepdims=True)).sum(axis=(2, 3)) > 1).sum())
        overlaps += int((ours > dy.max()).sum())
    assert ties > 50
    assert overlaps > 20


def test_the_average_as_a_convolution():
    for C, k in pooling.weight_cases():
        x = np.random.default_rng(C * k).normal(size=(2, C, 3 * k, 2 * k))
        np.testing.assert_allclose(conv2d(x, pooling.average_weight(C, k), stride=k), avg_pool2d(x, k), atol=1e-12)


def test_the_small_network_in_torch():
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    )  # fmt: skip
    assert net(torch.zeros(1, 3, 32, 32)).shape == (1, 10)
    assert sum(p.numel() for p in net.parameters()) == pooling_networks.RIGHT == 5418
    convolutions = count_parameters(Conv2d(3, 16, 3), (3, 32, 32)) + count_parameters(Conv2d(16, 32, 3), (16, 16, 16))
    assert convolutions + count_parameters(Linear(32, 10), (32,)) == pooling_networks.RIGHT
    flat = convolutions + count_parameters(Linear(8 * 8 * 32, 10), (8 * 8 * 32,))
    assert "That is with flatten: 8·8·32 numbers" in check("04.8", flat).message
    assert f"alone has {8 * 8 * 32 * 10 + 10:,}" in pooling_networks.PARAMETERS.praise


def test_other_numbers_hear_what_to_look_at():
    assert check("04.8", 5000).message.startswith("`5000` is not it.")


def test_a_right_answer_may_pad_with_the_border_instead():
    """The border's pixels are seen by the same windows, so repeating them changes no maximum."""

    def repeats(x, k, s, p):
        return max_pool2d(np.pad(x, p, mode="edge")[None], k, stride=s)[0].astype(float)

    assert check("04.2", repeats).passed


def test_no_number_is_small_enough_for_the_padding_but_infinity():
    def padded_with(number):
        def pools(x, k, s, p):
            return max_pool2d(np.pad(x.astype(float), p, constant_values=number)[None], k, stride=s)[0]

        return pools

    for number in (-1, -99, -999, -1e9):
        assert check("04.2", padded_with(number)).passed is False
    for number in (-np.inf, np.finfo(float).min):
        assert check("04.2", padded_with(number)).passed


def test_the_way_back_of_halves_and_of_negative_pixels():
    def larger_than_nothing(dy, x, k, s):
        dx = np.zeros(x.shape)
        for i, j in np.ndindex(dy.shape):
            best, at = 0, (0, 0)  # no pixel below 0 is larger
            for u, v in np.ndindex(k, k):
                if x[i * s + u, j * s + v] > best:
                    best, at = x[i * s + u, j * s + v], (u, v)
            dx[i * s + at[0], j * s + at[1]] += dy[i, j]
        return dx

    assert check("04.3", larger_than_nothing).passed is False
    assert check("04.3", lambda *args: pooling_backward.max_pool_backward(*args).astype(np.float32)).passed


def test_a_number_without_end_is_not_it():
    assert check("04.8", 10**30).message.startswith("So many is not it.")


def test_an_array_with_infinities_is_shown():
    assert show(np.array([1.0, -np.inf])) == "`[1.0, -inf]`"


def test_an_error_that_is_known_is_explained():
    assert "begin with `s = k if s is None else s`" in check("04.1", lambda n, k, s, p, ceil: n // s).message
    pads = check("04.2", lambda x, k, s, p: np.pad(x, p, constant_values=-np.inf))
    assert "make it one of floats first" in pads.message
    other = check("04.1", lambda n, k, s, p, ceil: n // 0)
    assert "stops with" in other.message


def test_the_commonest_mistakes_have_their_names():
    def from_zero(x, k, s, p):
        x = np.pad(x.astype(float), p, constant_values=-np.inf)
        rows, columns = ((size - k) // s + 1 for size in x.shape)
        y = np.zeros((rows, columns))
        for i, j, u, v in np.ndindex(rows, columns, k, k):
            y[i, j] = max(y[i, j], x[i * s + u, j * s + v])
        return y

    def cut_at_n(n, k, s, p, i, include):
        start, stop = i * s - p, min(i * s - p + k, n)
        return stop - (start if include else max(start, 0))

    def without_stride(dy, x, k, s):
        dx = np.zeros(x.shape)
        for i, j in np.ndindex(dy.shape):
            u, v = np.unravel_index(x[i * s : i * s + k, j * s : j * s + k].argmax(), (k, k))
            dx[i + u, j + v] += dy[i, j]
        return dx

    assert "Your running maximum starts at 0" in check("04.2", from_zero).message
    billion = check("04.2", lambda x, k, s, p: pooling.pool_with(np.max, padding=-1e9)(x, k, s, p))
    assert "You pad with −1,000,000,000" in billion.message
    assert "you cut the window off at n" in check("04.6", cut_at_n).message
    assert "starts at i·s. With" not in check("04.6", cut_at_n).message
    assert "You divide by k²" in check("04.6", lambda n, k, s, p, i, include: k**2).message
    assert "(i + u, j + v), without the stride" in check("04.3", without_stride).message


def test_one_number_may_have_any_type():
    for answer in (5418, 5418.0, np.float32(5418), np.array([5418]), torch.tensor(5418)):
        assert check("04.8", answer).passed, answer
    for answer in (5418.5, [5418], True, "5418", np.array([5418, 1])):
        assert check("04.8", answer).passed is False, answer


def test_the_blur_before_the_stride_is_the_experiments():
    for (row,) in pooling_blurred.blur_cases():
        picture = np.stack([row] * 4).astype(float)[None, None]
        np.testing.assert_allclose(pooling_blurred.blur_pool(row), halved(picture, "blurred max")[0, 0, 0])
