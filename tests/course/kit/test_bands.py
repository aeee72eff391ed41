"""Curves with their spread: the numbers that are drawn, and what is refused."""

import io

import numpy as np
import pytest
from PIL import Image

from cnnkit.course.kit.bands import Band, band, draw_curves


def test_a_band_is_the_middle_and_both_ends():
    found = band([[1.0, 4.0], [4.0, 16.0], [16.0, 64.0]], log=True)
    assert np.allclose(found.middle, [4, 16])
    assert found.lowest.tolist() == [1, 4]
    assert found.highest.tolist() == [16, 64]
    assert band([[1.0], [3.0]]).middle.tolist() == [2]
    with pytest.raises(ValueError, match=r"shape \(seeds, points\), got shape \(3,\)"):
        band([1.0, 2.0, 3.0])


@pytest.mark.parametrize("log", [False, True])
def test_curves_are_drawn_in_colour_with_their_sentence(log: bool):
    rng = np.random.default_rng(0)
    series = {"seeds": rng.uniform(0.1, 1, (5, 9)), "band": band(rng.uniform(0.1, 1, (5, 9))), "rule": np.full(9, 0.5)}
    assert isinstance(series["band"], Band)
    picture = draw_curves({"one": series, "two": {"rule": series["rule"]}}, "Two panels.", log=log, height=280)
    assert picture.sentence == "Two panels."
    assert (picture.width, picture.height) == (820, 280)
    colours = Image.open(io.BytesIO(picture.png)).convert("RGB").getcolors(1 << 20)
    assert len(colours) > 10
    assert len(picture.png) < 80_000


def test_a_label_keeps_its_colour_in_every_panel():
    ones = np.ones((2, 3))
    together = draw_curves({"": {"a": ones, "b": 2 * ones}}, "A and b.", ylim=(0, 3))
    alone = draw_curves({"": {"b": 2 * ones}}, "Only b.", ylim=(0, 3))
    assert together.png != alone.png


def test_the_same_numbers_give_the_same_picture():
    curve = {"": {"a": np.linspace(0, 1, 12).reshape(2, 6)}}
    assert draw_curves(curve, "A.", percent=True).png == draw_curves(curve, "A.", percent=True).png
