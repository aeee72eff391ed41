"""The parts of every picture: cells, numbers, words, the card that says what cannot be."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from cnnkit.course.kit import sheet as pixels
from cnnkit.course.kit.message import draw_message, wrap
from cnnkit.course.kit.sheet import BYTE, INK, INPUT, LINE, PAPER, UNREAD, WINDOW, Sheet, cell_size, text_width


def colours(sheet: Sheet) -> np.ndarray:
    """The papers of a sheet without the ink on them."""
    return sheet.bytes & 248


def rgb(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"))


def test_a_sheet_is_paper_and_what_is_drawn_on_it():
    sheet = Sheet(20, 10)
    sheet.box(2, 3, 5, 4, INPUT)
    picture = sheet.picture("A box.")
    assert (picture.width, picture.height, picture.sentence) == (20, 10, "A box.")
    image = rgb(picture.png)
    assert image.shape == (20, 40, 3)
    assert (image[6:14, 4:14] == [0xBF, 0xDC, 0xF2]).all()
    assert (image == 255).all(axis=2).sum() == 800 - 8 * 10


def test_ink_is_smooth_on_every_colour():
    for colour in (PAPER, INPUT, WINDOW):
        sheet = Sheet(60, 30)
        sheet.box(0, 0, 60, 30, colour)
        sheet.text(5, 22, "o = 4", size=15)
        assert (colours(sheet) == BYTE[colour]).all()
        assert set(np.unique(sheet.bytes & 7)) == set(range(8))
        assert {tuple(c) for c in rgb(sheet.picture("").png).reshape(-1, 3)} >= {pixels.ImageColor.getrgb(INK)}


def test_words_begin_end_or_centre_where_they_are_told():
    def inked(align):
        sheet = Sheet(100, 30)
        sheet.text(50, 20, "sum", align=align)
        return np.flatnonzero((sheet.bytes & 7).any(axis=0)) / 2

    width = text_width("sum", 13)
    assert inked("left")[0] == pytest.approx(50, abs=2)
    assert inked("left")[-1] == pytest.approx(50 + width, abs=2)
    assert inked("right")[-1] == pytest.approx(50, abs=2)
    assert inked("centre").mean() == pytest.approx(50, abs=2)


def test_words_that_leave_the_sheet_are_cut_not_an_error():
    whole, cut = Sheet(60, 60), Sheet(30, 10)
    whole.text(30, 30, "a long line of words", align="centre")
    cut.text(10, 5, "a long line of words", align="centre")
    assert np.array_equal(cut.bytes, whole.bytes[50:70, 40:100])


def test_a_grid_has_one_colour_and_one_number_a_cell():
    sheet = Sheet(100, 60)
    papers = np.array([[BYTE[INPUT], BYTE[PAPER]]], np.uint8)
    sheet.grid(10, 10, 20, papers, numbers=np.array([[8, np.nan]]))
    one, two = sheet.bytes[21:60, 21:60], sheet.bytes[21:60, 61:100]
    assert set(np.unique(one & 248)) == {BYTE[INPUT]}
    assert (one & 7).any()
    assert (two == BYTE[PAPER]).all()
    assert (sheet.bytes[20, 20:101] == BYTE[LINE]).all()
    assert (sheet.bytes[60, 20:101] == BYTE[LINE]).all()
    assert (sheet.bytes[20:61, 100] == BYTE[LINE]).all()
    assert (sheet.bytes[:, 101:] == BYTE[PAPER]).all()


def test_numbers_vanish_when_cells_get_small_and_hatching_stays():
    big, small = Sheet(100, 100), Sheet(100, 100)
    papers, hatched = np.full((3, 3), BYTE[INPUT], np.uint8), np.eye(3, dtype=bool)
    big.grid(0, 0, 30, papers, numbers=np.full((3, 3), 128), hatched=hatched)
    small.grid(0, 0, 10, papers, numbers=np.full((3, 3), 128), hatched=hatched)
    assert (big.bytes & 7).any()
    assert not (small.bytes & 7).any()
    for sheet, side in ((big, 60), (small, 20)):
        striped = [[(sheet.bytes[i:, j:][:side, :side] == BYTE[UNREAD]).any() for j in (0, side)] for i in (0, side)]
        assert striped == [[True, False], [False, True]]


def test_minus_zero_is_written_as_zero():
    assert np.array_equal(*(pixels._numbers(np.array([[zero, 1.0]]), 40, None) for zero in (0.0, -0.0)))


def test_soft_numbers_are_grey():
    sheet = Sheet(50, 30)
    sheet.grid(0, 0, 20, np.full((1, 2), BYTE[PAPER], np.uint8), numbers=np.zeros((1, 2)), soft=np.array([[0, 1]]))
    assert (sheet.bytes[:, :40] & 7).max() == 7
    assert 3 <= (sheet.bytes[:, 40:] & 7).max() < 7


@pytest.mark.parametrize("count", range(1, 90))
def test_cells_are_sharp_and_fit(count):
    cell = cell_size(count, 352)
    assert cell * 2 == int(cell * 2)
    assert count * cell <= 352
    assert cell == 40 or (count * (cell + 0.5)) > 352


def test_a_message_shows_its_sentence_on_lines_that_fit():
    sentence = "kernel does not fit: it spans 41 pixels (kernel_size=11, dilation=4) but the padded input has 32 " * 2
    lines = wrap(sentence, 300, size=15)
    assert " ".join(lines) == sentence.strip()
    assert max(text_width(line, 15) for line in lines) <= 300
    assert wrap("", 300, size=15) == []
    picture = draw_message(sentence, width=400, height=200)
    assert (picture.width, picture.height, picture.sentence) == (400, 200, sentence)
    assert (rgb(picture.png)[:, :12] == pixels.ImageColor.getrgb(WINDOW)).all()


def test_colours_are_told_apart_without_hue():
    def light(colour):
        return np.dot(pixels.ImageColor.getrgb(colour), [0.299, 0.587, 0.114])

    def contrast(one, other):
        def luminance(colour):
            c = np.array(pixels.ImageColor.getrgb(colour)) / 255
            return np.dot(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4), [0.2126, 0.7152, 0.0722])

        low, high = sorted((luminance(one), luminance(other)))
        return (high + 0.05) / (low + 0.05)

    for plain, now in ((INPUT, pixels.INPUT_READ), (pixels.PADDING, pixels.PADDING_READ)):
        assert light(plain) - light(now) > 40
    for paper in (PAPER, INPUT, pixels.OUTPUT, pixels.KERNEL, pixels.INPUT_READ, pixels.OUTPUT_WRITTEN):
        assert contrast(INK, paper) > 4.5  # WCAG 2.1, 1.4.3: text
    for mark in (WINDOW, UNREAD):
        assert contrast(mark, INPUT) > 2.5
        assert contrast(mark, PAPER) > 3  # 1.4.11: what is not text
