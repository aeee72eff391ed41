"""The numbers that the predictions of notebook 03 tell are computed."""

import re

import numpy as np
import pytest

import cnnkit
from cnnkit.course.dropout.experiments.by_heart import learn, read_twice, with_dropout
from cnnkit.course.dropout.explorers import ElementOrChannel, Mask, Overfitting, SubNetworks
from cnnkit.course.dropout.overfitting_numbers import recorded
from cnnkit.course.dropout.predictions import PREDICTIONS
from cnnkit.course.kit.recorded import results

ASKED = {prediction.key: prediction for prediction in PREDICTIONS}


def sentence(explorer, **moves) -> str:
    explorer.set(**moves)
    return explorer.picture.sentence


def test_the_sum_of_a_draw_is_often_fifty_away():
    rng = np.random.default_rng(0)
    h = np.resize(np.array([1.0, 8, 6, 4, 2, 9, 7, 5, 3, 5]), 100)
    sums = np.array([cnnkit.dropout(h, 0.5, rng=rng)[0].sum() for _ in range(4000)])
    assert 0.3 < np.mean(abs(sums - 500) >= 50) < 0.45  # "often 50 or more away"
    half = [cnnkit.dropout(np.ones(100), 0.5, rng=rng)[1].astype(bool).sum() for _ in range(4000)]
    assert np.std(half) == pytest.approx(5, rel=0.05)
    reveal = ASKED["03.a"].reveal
    shown = sentence(Mask(p=0.0, units=100), p=0.5)
    for number in ("542", "500", "55.7"):
        assert number in shown
        assert number in reveal
    assert "250 on average" in sentence(Mask(p=0.5, units=100), scaled=False)
    assert "80 are expected" in sentence(Mask(p=0.2, units=100), convention="probability to keep").replace(
        "100·0.8 = 80 are", "80 are"
    )


def test_one_pass_behind_a_relu():
    reveal = ASKED["03.b"].reveal
    shown = sentence(SubNetworks(units=6, p=0.5, follows="linear"), follows="ReLU")
    assert "is 6.438" in shown
    assert "gives 3.000" in shown
    assert "3.0 where the mean is 6.4" in reveal
    assert "0.298" in sentence(SubNetworks(units=6, p=0.05, follows="ReLU"))
    assert "0.3" in reveal
    assert "exact" in sentence(SubNetworks(units=6, p=0.5, follows="linear"))


def test_a_unit_is_dropped_in_all_of_twenty_once_in_a_million():
    assert ASKED["03.c"].right().value == 2**20
    assert 0.95 < 2**20 / 1e6 < 1.05


def test_errors_by_p():
    reveal, found = ASKED["03.d"].reveal, results("dropout", "overfitting")
    for p in (0.0, 0.5, 0.8):
        errors = recorded(found, p, "hidden", 200, "1 in 5")["validation_error"]
        assert f"{100 * np.mean(errors):.1f} %" in reveal
    assert "lowest after 20 steps" in sentence(Overfitting(p=0.0, wrong="1 in 5"))
    assert "after 20 steps" in reveal.replace("\n", " ")


def test_a_network_whose_masks_stay_on_reads_nearly_half_of_the_digits_differently():
    for seed in range(3):
        found = read_twice(learn(with_dropout(0.8, np.random.default_rng(seed)), seed=seed))
        assert 0.4 < found.differ < 0.5
        assert 0.28 < found.wrong < 0.39  # about 1 in 3
        assert 0.09 < found.wrong_when_testing < 0.15  # about 1 in 8
    still = read_twice(learn(with_dropout(0.0, np.random.default_rng(0)), steps=20))
    assert still.differ == 0


def test_what_neighbours_give_away():
    reveal = ASKED["03.f"].reveal
    assert "R² = 0.75" in sentence(ElementOrChannel(p=0.5, kind="dropout2d"), kind="dropout")
    assert "R² = 0" in sentence(ElementOrChannel(p=0.5, kind="dropout2d"))
    others = [
        sentence(ElementOrChannel(p=0.5, kind=kind), source="other channels") for kind in ("dropout", "dropout2d")
    ]
    shares = sorted(int(re.search(r"(\d+) %", each)[1]) for each in others)
    assert f"{shares[0]} or {shares[1]} %" in reveal
