"""The references of the exercises of notebook 03: held against torch, the package, and all masks counted out."""

from itertools import product

import numpy as np
import pytest
import torch

from cnnkit import check, dropout2d
from cnnkit import dropout_backward as package_backward
from cnnkit.course.dropout import exercises as dropout
from cnnkit.course.dropout.exercises import backward as dropout_backward
from cnnkit.course.dropout.exercises import networks as dropout_networks
from cnnkit.course.dropout.exercises.draws import NEAR, OWN
from cnnkit.course.dropout.mask_numbers import binomial
from cnnkit.course.dropout.subnetworks_math import mean_of_all


def said(key: str, answer) -> str:
    verdict = check(key, answer)
    assert verdict.passed is False, verdict
    return verdict.message


def test_zeros_are_those_of_the_binomial_and_of_torch():
    chances = binomial(400, 0.2)
    count = np.arange(401)
    mean = chances @ count
    assert [mean, np.sqrt(chances @ (count - mean) ** 2)] == pytest.approx(dropout.RIGHT)
    assert chances[72:89].sum() == pytest.approx(0.7, abs=0.02)  # the praise's seven draws of ten
    torch.manual_seed(0)
    zeros = (torch.nn.functional.dropout(torch.ones(2000, 400), 0.2) == 0).sum(dim=1).double()
    assert zeros.mean().item() == pytest.approx(80, abs=5 * 8 / np.sqrt(2000))
    assert zeros.std().item() == pytest.approx(8, rel=0.1)


def test_numbers_near_the_right_ones_are_right_and_others_hear_which_is_wrong():
    assert check("03.1", (80.0, 8.0)).passed
    assert check("03.1", np.array([80, 8])).passed
    assert said("03.1", [80, 8.944]).startswith("You take √(n·p).")
    assert said("03.1", [81, 8]).startswith("The first number is not `81.0`")
    assert said("03.1", [80, 9]).startswith("80 is right, but the standard deviation is not `9.0`")


def test_dropout_keeps_the_average_whatever_is_drawn():
    rng = np.random.default_rng(0)
    x, p = np.array([1.0, -2.0, 5.0]), 0.3
    mean = np.mean([dropout.dropout(x, rng.random(3), p, True) for _ in range(20_000)], axis=0)
    np.testing.assert_allclose(mean, x, atol=5 * 5 * np.sqrt(p / (1 - p) / 20_000))
    assert dropout.dropout(x, rng.random(3), p, False) is x


def test_an_in_place_listing_hears_that_it_changes_its_input_before_it_fails_on_whole_numbers():
    assert said("03.2", dropout.in_place).startswith("Your function changes its input `x`")
    whole = [x for x, *_ in dropout.dropout_cases() if x.dtype.kind == "i"]
    assert whole
    with pytest.raises(TypeError):
        dropout.in_place(whole[0].copy(), np.full(whole[0].shape, 0.9), 0.3, True)


def all_draws(n: int, p: float):
    for kept in product((0, 1), repeat=n):
        yield np.array(kept), np.prod([1 - p if on else p for on in kept])


def test_the_variance_of_the_sum_is_that_of_all_masks():
    for h, p in dropout.variance_cases():
        sums = np.array([(np.sum(kept * h / (1 - p)), chance) for kept, chance in all_draws(len(h), p)])
        mean = sums[:, 0] @ sums[:, 1]
        assert mean == pytest.approx(h.sum(), abs=1e-9)
        assert dropout.sum_variance(h, p) == pytest.approx(sums[:, 1] @ (sums[:, 0] - mean) ** 2, rel=1e-9)


def test_the_backward_is_the_packages_and_torchs():
    for dy, mask, p in dropout_backward.backward_cases():
        ours = dropout_backward.dropout_backward(dy, mask, p)
        np.testing.assert_allclose(ours, package_backward(dy, mask / (1 - p)), rtol=1e-12)
        x = torch.ones(dy.shape, dtype=torch.float64, requires_grad=True)
        (x * torch.tensor(mask) / (1 - p)).backward(torch.tensor(dy))
        np.testing.assert_allclose(ours, x.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("scaled", [True, False])
def test_any_mask_drawn_anew_is_recognised(scaled):
    for seed in range(5):
        rng = np.random.default_rng(seed)

        def fresh(dy, mask, p, rng=rng):
            return dy * (rng.random(dy.shape) >= p) / (1 - p if scaled else 1)

        assert dropout_backward.FRESH in said("03.4", fresh)


@pytest.mark.parametrize("scaled", [True, False])
def test_random_numbers_of_ones_own_are_recognised(scaled):
    for seed in range(5):
        rng = np.random.default_rng(seed)

        def own(x, u, p, training, rng=rng):
            return x * (rng.random(x.shape) >= p) / (1 - p if scaled else 1) if training else x

        def channels(x, u, p, rng=rng):
            return x * (rng.random(u.shape) >= p)[:, :, None, None] / (1 - p if scaled else 1)

        assert OWN in said("03.2", own)
        assert OWN in said("03.7", channels)


def test_what_follows_x_or_the_given_numbers_was_not_drawn():
    def training(formula):
        return lambda x, u, p, training: formula(x, u, p) if training else x

    for wrong in (
        lambda x, u, p: np.where(x < p, 0, x / (1 - p)),
        lambda x, u, p: np.where(u < p, x, 0),
        lambda x, u, p: np.where(u < 0.5, 0, x / 0.5),
        lambda x, u, p: np.where(u < p, 0, x / (p - 1)),
        lambda x, u, p: x * np.roll(u >= p, 1) / (1 - p),
    ):
        assert OWN not in said("03.2", training(wrong))

    for wrong in (
        lambda x, u, p: x * (u.mean(axis=0) >= p)[None, :, None, None] / (1 - p),
        lambda x, u, p: x * (u < p)[:, :, None, None] / 3,
        lambda x, u, p: x * (x > 2),
    ):
        assert OWN not in said("03.7", wrong)


def test_nearly_right_is_told_from_wrong():
    def single(function):
        return lambda *args: np.float32(1) * np.asarray(function(*args), np.float32)

    def simulated(h, p):
        return np.var((np.random.default_rng(0).random((200_000, len(h))) >= p) @ h / (1 - p))

    for key, right in (
        ("03.4", dropout_backward.dropout_backward),
        ("03.7", dropout_networks.drop_channels),
        ("03.8", dropout_networks.pick_chances),
    ):
        assert check(key, single(right)).passed, key
    assert NEAR in said("03.3", simulated)
    assert NEAR in said("03.3", lambda h, p: round(dropout.sum_variance(h, p), 3))
    assert NEAR in said("03.8", lambda n, p: dropout_networks.pick_chances(n, p).round(3))
    assert NEAR not in said("03.6", lambda parts, p: 1.05 * dropout_networks.mean_of_all(parts, p))


def test_no_number_that_is_none_passes():
    for answer in ([np.nan, np.nan], [80, np.nan], [np.inf, 8]):
        assert said("03.1", answer).startswith("A list of two numbers is asked for")
    for answer in (["80", "8"], [80, None], [..., ...]):
        assert said("03.1", answer).endswith("this is a list that holds something else than numbers.")
    assert said("03.5", 10**30).startswith("Not so many.")
    assert "`^` compares bits" in said("03.5", 2 ^ 7)


def test_other_wrong_backwards_are_not_taken_for_a_new_mask():
    for wrong in (
        lambda dy, mask, p: dy * (1 - mask),
        lambda dy, mask, p: dy * (1 - mask) * (1 - p),
        lambda dy, mask, p: dy * (dy > 0) / (1 - p),
        lambda dy, mask, p: dy * np.roll(mask, 1) / (1 - p),
        lambda dy, mask, p: dy * mask[::-1] / (1 - p),
        lambda dy, mask, p: dy * mask * 3,
        lambda dy, mask, p: dy + mask,
        lambda dy, mask, p: np.zeros_like(dy),
        lambda dy, mask, p: 2 * dy,
        lambda dy, mask, p: list(dy),
    ):
        assert dropout_backward.FRESH not in said("03.4", wrong)


def test_seven_units_have_128_masks_and_300_a_number_of_91_digits():
    assert len(list(product((0, 1), repeat=3 + 4))) == 128 == dropout_networks.COUNT.solution
    assert "91 digits" in dropout_networks.COUNT.praise
    assert len(str(2**300)) == 91


def test_the_mean_of_all_is_the_packages():
    for parts, p in dropout_networks.mean_cases():
        assert dropout_networks.mean_of_all(parts, p) == pytest.approx(mean_of_all([parts], "ReLU", p)[0], abs=1e-12)


def test_dropped_channels_are_those_of_dropout2d():
    for x, u, p in dropout_networks.channel_cases():
        y = dropout_networks.drop_channels(x, u, p)
        kept = y.any(axis=(2, 3))
        np.testing.assert_array_equal(kept, u >= p)
        np.testing.assert_allclose(y[kept], x[kept] / (1 - p))
    y, mask = dropout2d(x, p, rng=np.random.default_rng(0))
    shown = dropout_networks.drop_channels(x, np.where(mask[:, :, 0, 0] > 0, 1.0, 0.0), p)
    np.testing.assert_allclose(y, shown)


def test_what_max_pooling_picks_is_counted_over_all_masks():
    for n, p in dropout_networks.pick_cases():
        values, found = np.arange(n, 0, -1), np.zeros(n + 1)
        for kept, chance in all_draws(n, p):
            picked = (kept * values).max()
            found[n - picked if picked else n] += chance
        np.testing.assert_allclose(dropout_networks.pick_chances(n, p), found, rtol=1e-9)
        assert found.sum() == pytest.approx(1)


def test_dividing_by_p_is_named_although_p_is_0_in_a_case():
    def plain(x, u, p, training):
        with np.errstate(all="ignore"):
            return np.float64(1) * x * (u >= p) / np.float64(p) if training else x

    def where(x, u, p, training):
        with np.errstate(all="ignore"):
            return np.where(u < p, 0, x / np.float64(p)) if training else x

    def backward(dy, mask, p):
        with np.errstate(all="ignore"):
            return dy * mask / np.float64(p)

    def stops(x, u, p, training):  # a Python float: with p = 0 NumPy warns, and the result is infinite
        return x * (u >= p) / p if training else x

    for wrong in (plain, where, stops):
        assert "You divide by p, the share dropped" in said("03.2", wrong)
    assert "You divide by p, the share dropped" in said("03.4", backward)
    assert "You divide by p, the share dropped" in said("03.4", lambda dy, mask, p: dy * mask / p)
