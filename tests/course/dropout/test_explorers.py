"""The explorers of notebook 03: what their sliders do, and that their sentences hold the numbers of the package."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnkit import dropout, dropout2d
from cnnkit.course.dropout.explorers import ElementOrChannel, Mask, Overfitting, SubNetworks
from cnnkit.course.dropout.maps_numbers import feature_maps
from cnnkit.course.dropout.mask_numbers import example_units
from cnnkit.course.dropout.overfitting_numbers import IMAGES, PLACES, RATES, WRONG
from cnnkit.course.dropout.subnetworks_math import mean_of_all, weight_scaling
from cnnkit.course.dropout.subnetworks_numbers import example_parts

MOVES = [
    (Mask, {"p": 0.7}, "100·0.7 = 70"),
    (Mask, {"units": 400}, "Of 400 units"),
    (Mask, {"convention": "probability to keep"}, "probability to keep, so each unit is dropped with"),
    (Mask, {"draw": 2}, "this draw drops"),
    (Mask, {"scaled": False}, "Nothing is divided"),
    (Mask, {"training": False}, "Testing"),
    (SubNetworks, {"units": 9}, "2⁹ = 512"),
    (SubNetworks, {"p": 0.2}, "p = 0.2"),
    (SubNetworks, {"follows": "softmax"}, "geometric mean"),
    (SubNetworks, {"samples": 200}, "200 draws"),
    (SubNetworks, {"seed": 3}, "50 draws at random give"),
    (ElementOrChannel, {"p": 0.8}, "p = 0.8"),
    (ElementOrChannel, {"kind": "dropout2d"}, "of 6 channels"),
    (ElementOrChannel, {"source": "other channels"}, "The other channels give away"),
    (ElementOrChannel, {"order": "shuffled"}, "correlate by 0.0"),
    (ElementOrChannel, {"chosen": "soft copy"}, "for “soft copy”."),
    (ElementOrChannel, {"draw": 4}, "values, here and there"),
    (Overfitting, {"p": 0.2}, "of the hidden units, p = 0.2"),
    (Overfitting, {"place": "both"}, "dropout of input and hidden units"),
    (Overfitting, {"images": 400}, "400 digits, 80 with wrong labels"),
    (Overfitting, {"wrong": "none"}, "200 digits, with dropout of"),
    (Overfitting, {"seed": 3}, "After 300 steps"),
]
KINDS = (Mask, SubNetworks, ElementOrChannel, Overfitting)


@pytest.mark.parametrize(("kind", "move", "words"), MOVES, ids=[f"{k.__name__} {next(iter(m))}" for k, m, _ in MOVES])
def test_every_control_changes_picture_and_sentence(kind, move, words):
    explorer = kind()
    before = explorer.picture
    explorer.set(**move)
    assert explorer.picture.png != before.png
    assert explorer.sentence != before.sentence
    assert words in explorer.sentence


def test_every_control_is_among_those_moves():
    for kind in KINDS:
        assert {name for k, move, _ in MOVES if k is kind for name in move} == set(kind.controls)


# One draw


@pytest.mark.parametrize("draw", [1, 7, 50])
@pytest.mark.parametrize("p", [0.05, 0.4, 0.95])
def test_mask_drops_what_the_package_drops(p, draw):
    h = example_units(250)
    y, mask = dropout(h, p, rng=np.random.default_rng(draw))
    said = Mask(p=p, units=250, draw=draw).sentence
    assert f"Of 250 units this draw drops {(mask == 0).sum()};" in said
    assert f"the sum goes from {h.sum():,.1f}".removesuffix(".0") in said
    after = re.search(r" to ([\d,.]+);", said)[1]
    assert float(after.replace(",", "")) == pytest.approx(y.sum(), abs=0.05)


def test_the_same_p_keeps_in_one_convention_what_it_drops_in_the_other():
    drop, keep = Mask(p=0.3, convention="probability to drop"), Mask(p=0.7, convention="probability to keep")
    assert drop.picture.png == keep.picture.png
    assert drop.sentence != keep.sentence
    assert "probability 1 − 0.7 = 0.3." in keep.sentence


def test_the_papers_form_multiplies_when_testing_and_todays_form_does_nothing():
    explorer = Mask(p=0.25, units=100, training=False)
    assert "The sum is 500 before and 500 after" in explorer.sentence
    explorer.set(scaled=False)
    assert "The sum is 500 before and 375 after" in explorer.sentence
    before = explorer.picture
    explorer.set(draw=9)
    assert explorer.picture == before  # nothing is random when testing


@pytest.mark.parametrize("scaled", [True, False])
def test_both_ends_of_p_are_said(scaled):
    explorer = Mask(p=1.0, scaled=scaled)
    assert "Every unit is dropped" in explorer.sentence
    assert ("no number" in explorer.sentence) == scaled
    assert torch.all(F.dropout(torch.ones(5), 1.0) == 0)  # "PyTorch too gives 0"
    explorer.set(p=0.0)
    assert "this draw drops 0; 100·0 = 0 are expected" in explorer.sentence


def test_the_numbers_for_a_thousand_units_of_the_claim_scale_to_400():
    said = Mask(p=0.4, units=400).sentence
    assert "400·0.4 = 160 are expected, give or take √(400·0.4·0.6) = 9.8." in said


def test_the_expected_count_is_written_in_full():
    for units in (7, 187, 333, 399):
        for p in (0.05, 0.15, 0.85, 0.95):
            said = Mask(units=units, p=p).sentence
            number = re.search(r"= ([\d.]+) are expected", said)[1]
            assert float(number) == pytest.approx(units * p, abs=1e-9)


# All sub-networks


@pytest.mark.parametrize("follows", ["linear", "ReLU", "softmax"])
@pytest.mark.parametrize(("units", "p"), [(1, 0.5), (4, 0.2), (10, 0.95)])
def test_subnetworks_says_the_exact_mean_and_weight_scaling(follows, units, p):
    said = SubNetworks(follows=follows, units=units, p=p).sentence.replace("−", "-")
    parts = example_parts(units, follows)
    exact, scaling = mean_of_all(parts, follows, p)[0], weight_scaling(parts, follows)[0]
    assert f"= {2**units:,} sub-networks, p = {p:g}, is {exact:.3f}." in said
    assert f"One pass with all units gives {scaling:.3f}." in said
    assert ("That is exact" in said) == (abs(exact - scaling) < 1e-9)
    if follows == "softmax":
        assert "exactly the normalised geometric mean." in said


def test_more_draws_have_a_smaller_error():
    errors = []
    for samples in (20, 80, 320):
        said = [SubNetworks(samples=samples, seed=seed).sentence for seed in range(5)]
        errors.append(np.mean([float(re.search(r"give or take ([\d.]+)", s)[1]) for s in said]))
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.3)
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.3)


def test_the_gap_is_the_difference_of_the_two_numbers_said():
    tiny = 0
    for follows in ("ReLU", "softmax"):
        for units in range(1, 11):
            for p in (0.05, 0.1, 0.35, 0.5, 0.95):
                said = SubNetworks(follows=follows, units=units, p=p).sentence
                numbers = re.search(r", is (\S+)\. One .* gives (\S+)\. ", said).groups()
                exact, scaling = map(float, numbers)
                gap = re.search(r"That is (less than 0.001|[\d.]+) (too little|more|less)", said)
                if gap and gap[1].startswith("less"):
                    tiny += 1
                    assert exact == scaling
                elif gap:
                    assert float(gap[1]) == pytest.approx(abs(exact - scaling), abs=1e-9)
                    assert float(gap[1]) > 0
    assert tiny


# Single values or channels


def test_what_is_dropped_is_what_the_package_drops():
    maps = feature_maps()
    for draw in (1, 5):
        _, mask = dropout(maps[None], 0.3, rng=np.random.default_rng(draw))
        assert f"drops {(mask == 0).sum():,} of 21,600 values" in ElementOrChannel(p=0.3, draw=draw).sentence
        _, mask = dropout2d(maps[None], 0.3, rng=np.random.default_rng(draw))
        gone = int((mask[0, :, 0, 0] == 0).sum())
        assert f"drops {gone} of 6 channels" in ElementOrChannel(p=0.3, draw=draw, kind="dropout2d").sentence


def known(explorer) -> float:
    return float(re.search(r"R² = (\d\.?\d*)", explorer.sentence)[1])


def test_neighbours_give_single_values_away_and_channels_not():
    assert known(ElementOrChannel(p=0.5)) > 0.7
    assert known(ElementOrChannel(p=0.5, order="shuffled")) < 0.02
    assert known(ElementOrChannel(p=0.5, kind="dropout2d")) == 0
    assert known(ElementOrChannel(p=0.5, kind="dropout2d", source="other channels")) < 0.3
    shares = [known(ElementOrChannel(p=p)) for p in (0.2, 0.5, 0.8, 0.95)]
    assert shares == sorted(shares, reverse=True)


def test_when_no_channel_is_dropped_nothing_is_guessed():
    draw = next(
        d for d in range(1, 21) if "drops 0 of 6" in ElementOrChannel(p=0.05, kind="dropout2d", draw=d).sentence
    )
    assert "Nothing is missing this time." in ElementOrChannel(p=0.05, kind="dropout2d", draw=draw).sentence


# Overfitting


def test_a_slider_that_trains_waits_until_it_is_let_go():
    explorer = Overfitting()
    assert [explorer.view.widgets[name].continuous_update for name in ("p", "images", "seed")] == [False] * 3
    assert all(w.continuous_update for name, w in Mask().view.widgets.items() if name in ("p", "units", "draw"))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_gap_is_that_of_the_two_losses_said(seed):
    said = Overfitting(seed=seed, images=100).sentence.replace("−", "-")
    ours, theirs, gap = map(float, re.search(r"is (\S+) on them, (\S+) on .* gap of (\S+)\.", said).groups())
    assert gap == pytest.approx(theirs - ours, abs=1e-9)


def test_every_setting_of_the_sliders_is_recorded():
    controls = Overfitting.controls
    assert tuple(controls["p"].values()) == RATES
    assert tuple(controls["images"].values()) == IMAGES
    assert controls["place"].options == PLACES
    assert controls["wrong"].options == WRONG
