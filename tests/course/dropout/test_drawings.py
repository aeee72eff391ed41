"""The drawings of notebook 03: what their sentences tell is computed, and nothing is cut."""

import re
from itertools import product

import numpy as np
import pytest

from cnnkit.course.dropout import drawings
from cnnkit.dropout import dropout
from tests.course.dropout.test_pictures import assert_nothing_is_cut, has, pixels, rgb

ALL = [drawings.draw_missing_units, drawings.draw_now_and_later, drawings.draw_all_masks]


@pytest.mark.parametrize("draw", ALL)
def test_fits_a_page_and_says_what_it_shows(draw):
    picture = draw()
    assert picture.width <= 820
    assert len(picture.sentence.split()) > 20
    assert_nothing_is_cut(picture)


def test_units_that_are_kept_give_out_twice_as_much():
    sentence = drawings.draw_missing_units().sentence
    assert "give out 6, 2, 4 and 8" in sentence
    for mask, told in zip(drawings.MASKS[1:], ("12 and 16", "4, 8 and 16"), strict=True):
        passed = np.array(drawings.UNITS) * mask / (1 - 0.5)
        assert [int(n) for n in re.findall(r"\d+", told)] == [n for n in passed if n]
        assert told in sentence


def test_both_times_to_scale_test_with_the_mean_of_training():
    sentence = drawings.draw_now_and_later().sentence
    kept, one, keep = np.array(drawings.TOSSES), drawings.ONE, 1 - drawings.SHARE
    assert kept.mean() == pytest.approx(keep), "the tosses come out as they should"
    assert (kept * one / keep).mean() == pytest.approx(one)
    assert (kept * one).mean() == pytest.approx(keep * one)
    assert "0, 9 and 9, on average 6, and testing gives 6" in sentence
    assert "0, 6 and 6, on average 4, and testing gives 4" in sentence


def test_the_sixteen_sums_are_those_of_all_masks():
    sentence = drawings.draw_all_masks().sentence
    sums = [
        sum(2 * kept * h for kept, h in zip(mask, drawings.FOUR, strict=True)) for mask in product((0, 1), repeat=4)
    ]
    assert f"run from {min(sums)} to {max(sums)}" in sentence
    assert f"Their mean is {np.mean(sums):g}" in sentence
    assert f"only {sums.count(sum(drawings.FOUR))} of the {len(sums)} masks" in sentence
    rng = np.random.default_rng(0)
    assert {dropout(np.array(drawings.FOUR, float), 0.5, rng=rng)[0].sum() for _ in range(500)} <= set(sums)


def test_the_masks_that_keep_the_sum_are_framed():
    shown = pixels(drawings.draw_all_masks())
    framed = has(shown, drawings.WINDOW)
    assert rgb(drawings.WINDOW) in {tuple(colour) for colour in shown[framed][:1]}
    rows = np.flatnonzero(framed.sum(axis=1) > 200)
    assert len(np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)) == 4  # the upper and lower edges of two frames
