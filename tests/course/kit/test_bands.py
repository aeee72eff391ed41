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


def drawn(monkeypatch, *arguments, **options):
    """The matplotlib figure behind a picture."""
    kept = []
    monkeypatch.setattr("cnnkit.course.kit.bands.from_figure", lambda figure, *_, **__: kept.append(figure))
    draw_curves(*arguments, **options)
    return kept[0]


def test_few_points_have_a_marker_and_a_number_each(monkeypatch):
    axis = drawn(monkeypatch, {"": {"a": np.ones((2, 5))}}, "A.", x=[0.5, 0.707, 1, 1.414, 2], log="x").axes[0]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["0.5", "0.707", "1", "1.41", "2"]
    assert axis.get_xscale() == "log"
    assert axis.lines[0].get_marker() == "o"


def test_many_points_and_formulas_have_no_markers(monkeypatch):
    axis = drawn(monkeypatch, {"": {"a": np.ones((2, 60)), "rule": np.ones(60)}}, "A.").axes[0]
    assert [line.get_marker() in ("", "None") for line in axis.lines] == [True, True]
    assert len(axis.get_xticks()) < 10


def test_a_point_outside_the_limits_is_cut_off_and_one_at_the_edge_is_not(monkeypatch):
    for top, cut in ((1.0, False), (1.5, True)):
        axis = drawn(monkeypatch, {"": {"a": np.full((2, 3), top)}}, "A.", ylim=(0, 1)).axes[0]
        assert axis.lines[0].get_clip_on() is cut


@pytest.mark.parametrize("log", ["y", True, "xy"])
def test_powers_of_ten_stand_at_a_logarithmic_axis(monkeypatch, log):
    axis = drawn(monkeypatch, {"": {"a": 10.0 ** -np.arange(9)[None]}}, "A.", x=10.0 ** np.arange(9), log=log).axes[0]
    assert "10⁻⁴" in [label.get_text() for label in axis.get_yticklabels()]
    assert axis.get_yscale() == "log"


def test_a_long_key_takes_more_rows_and_stays_inside():
    series = {f"a long name of a curve, number {i}": np.ones((2, 3)) for i in range(6)}
    image = np.asarray(Image.open(io.BytesIO(draw_curves({"": series}, "Six.").png)).convert("RGB"))
    assert (image[:, -8:] == 255).all()
