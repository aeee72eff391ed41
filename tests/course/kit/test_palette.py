"""Colours that can be told apart, and words that can be read."""

import colorsys
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageColor

from cnnkit.course.kit import curves
from cnnkit.course.kit.palette import (
    BLUE,
    FOR_WORDS,
    GREEN,
    INK,
    LINE,
    ORANGE,
    PAPER,
    PURPLE,
    READABLE,
    SKY,
    SOFT,
    VERMILION,
    contrast,
)
from cnnkit.course.kit.picture import drawn_at

LINES = (INK, SOFT, BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)


def hue(colour: str) -> float:
    return colorsys.rgb_to_hsv(*(n / 255 for n in ImageColor.getrgb(colour)))[0]


def colours_of(picture) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(picture.png)).convert("RGB"))


def test_contrast_is_that_of_wcag():
    assert contrast(PAPER) == 1
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.01)
    assert contrast(PAPER, VERMILION) == contrast(VERMILION, PAPER) == pytest.approx(3.87, abs=0.01)


def test_every_colour_of_a_line_can_be_read_or_has_a_tone_that_can():
    assert {colour for colour in LINES if contrast(colour) < READABLE} == set(FOR_WORDS)
    assert all(contrast(tone) >= READABLE for tone in FOR_WORDS.values())


@pytest.mark.parametrize("colour", FOR_WORDS)
def test_the_tone_for_words_is_the_same_colour_but_darker(colour):
    tone = FOR_WORDS[colour]
    assert hue(tone) == pytest.approx(hue(colour), abs=0.01)
    assert contrast(tone) > contrast(colour)
    assert contrast(tone) < 5.5  # no darker than it must be


def written(colour: str, *, moving: bool):
    """A chart with a line and words in a colour: the picture's pixels, the line's half and that of the words."""
    chart = curves.Chart(200, 100)
    axes = chart.figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.plot([0, 1], [0.9, 0.9], color=colour, linewidth=6)
    words = chart.words(axes, colour) if moving else axes.text(0, 0, "")
    words.set(text="MMMM", x=0.1, y=0.1, fontsize=40, color=colour)
    first, again = (colours_of(chart.picture("", still=None)) for _ in range(2))
    assert (first == again).all()
    return np.split(first, 2)


@pytest.mark.parametrize("moving", [True, False])
@pytest.mark.parametrize("colour", LINES)
def test_words_in_a_chart_are_dark_enough_and_lines_keep_their_colour(colour, moving):
    line, words = written(colour, moving=moving)
    assert (line == ImageColor.getrgb(colour)).all(axis=-1).sum() > 100
    tone = FOR_WORDS.get(colour, colour)
    assert (words == ImageColor.getrgb(tone)).all(axis=-1).sum() > 100
    assert (words == ImageColor.getrgb(colour)).all(axis=-1).any() == (tone == colour)


def test_a_chart_has_all_colours_in_at_most_256():
    encoded = np.frombuffer(curves._palette()[0], np.uint8).reshape(-1, 3)
    assert len(encoded) <= 256
    kept = {tuple(each) for each in encoded.tolist()}
    assert {ImageColor.getrgb(colour) for colour in (*curves.COLOURS, *FOR_WORDS.values(), PAPER)} <= kept


def test_pale_lines_keep_their_hue():
    chart = curves.Chart(100, 100)
    axes = chart.figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    for strength in (0.2, 0.4, 0.6, 0.8):
        axes.axhspan(strength - 0.1, strength + 0.1, color=LINE, alpha=strength, linewidth=0)
    with drawn_at(1):
        shown = colours_of(chart.picture("", still=None))[:, 50].astype(int)
    exact = np.asarray(chart.canvas.buffer_rgba())[:, 50, :3].astype(int)
    assert abs(shown - exact).max() <= 6
    assert (np.ptp(shown, axis=-1) <= 16).all()  # grey, as LINE is


def test_words_that_change_their_colour_later_are_dark_enough_too():
    chart = curves.Chart(200, 100)
    words = chart.words(chart.figure.add_axes((0, 0, 1, 1)), INK)
    words.set(text="MMMM", x=0.1, y=0.1, fontsize=40)
    chart.picture("", still=None)
    words.set_color(ORANGE)
    shown = colours_of(chart.picture("", still=None))
    assert (shown == ImageColor.getrgb(FOR_WORDS[ORANGE])).all(axis=-1).sum() > 100
    assert not (shown == ImageColor.getrgb(ORANGE)).all(axis=-1).any()
