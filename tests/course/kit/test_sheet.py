"""The parts of every picture: cells, numbers, words, the card that says what cannot be."""

import ast
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageColor

import cnnkit
from cnnkit.course.kit.message import draw_message, wrap
from cnnkit.course.kit.palette import (
    GREY,
    INK,
    INPUT,
    INPUT_READ,
    KERNEL,
    LINE,
    OUTPUT,
    OUTPUT_WRITTEN,
    PADDING,
    PADDING_READ,
    PAPER,
    SIGNED,
    UNREAD,
    WINDOW,
    ramp,
    swatches,
)
from cnnkit.course.kit.picture import drawn_at
from cnnkit.course.kit.sheet import BYTE, SMALLEST, Sheet, _numbers, cell_size, number_size, sharp, text_width


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
        assert {tuple(c) for c in rgb(sheet.picture("").png).reshape(-1, 3)} >= {ImageColor.getrgb(INK)}


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
    papers = np.array([[BYTE[INPUT], BYTE[PAPER]]])
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
    papers, hatched = np.full((3, 3), BYTE[INPUT]), np.eye(3, dtype=bool)
    big.grid(0, 0, 30, papers, numbers=np.full((3, 3), 128), hatched=hatched)
    small.grid(0, 0, 10, papers, numbers=np.full((3, 3), 128), hatched=hatched)
    assert (big.bytes & 7).any()
    assert not (small.bytes & 7).any()
    for sheet, side in ((big, 60), (small, 20)):
        striped = [[(sheet.bytes[i:, j:][:side, :side] == BYTE[UNREAD]).any() for j in (0, side)] for i in (0, side)]
        assert striped == [[True, False], [False, True]]


def test_minus_zero_is_written_as_zero():
    assert np.array_equal(*(_numbers(np.array([[zero, 1.0]]), 40, None) for zero in (0.0, -0.0)))


def test_soft_numbers_are_grey():
    sheet = Sheet(50, 30)
    sheet.grid(0, 0, 20, PAPER, numbers=np.zeros((1, 2)), soft=np.array([[0, 1]]))
    assert (sheet.bytes[:, :40] & 7).max() == 7
    assert 3 <= (sheet.bytes[:, 40:] & 7).max() < 7


def luminance(rgb: np.ndarray) -> float:
    share = rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize("colour", [PAPER, PADDING, INPUT, OUTPUT, KERNEL])
def test_soft_numbers_can_be_read(colour):
    sheet = Sheet(100, 60)
    sheet.grid(0, 0, 40, colour, numbers=np.zeros((1, 1)), soft=np.ones((1, 1)))
    sheet.text(60, 30, "0", soft=True)
    inks = sheet.bytes & 7
    rgb = np.asarray(sheet.image_of().convert("RGB"), float).reshape(-1, 3)
    ground = luminance(np.array(ImageColor.getrgb(colour), float))
    assert inks[:80, :80].max() == inks[:, 120:].max()  # cells and words are equally grey
    number = rgb.reshape(*inks.shape, 3)[:80, :80].reshape(-1, 3)[inks[:80, :80].argmax()]
    assert (ground + 0.05) / (luminance(number) + 0.05) >= 4.5


def test_a_box_that_begins_beyond_the_edge_is_cut():
    sheet = Sheet(20, 20)
    sheet.box(-3, -3, 6, 6, INPUT)
    sheet.box(-9, 5, 6, 6, INPUT)
    filled = sheet.bytes == BYTE[INPUT]
    assert filled[:6, :6].all()
    assert filled.sum() == 36


def test_numbers_lose_decimals_before_they_grow_too_small():
    written = {}
    for cell in (40, 21, 6):
        sheet = Sheet(100, 50)
        sheet.numbers(0, 0, cell, np.array([[3.25, np.nan]]))
        written[cell] = int((sheet.bytes & 7 > 0).sum())
        assert not (sheet.bytes[:, round(cell * 2) :] & 7).any()
    assert written[40] > written[21] > written[6] == 0
    one = Sheet(100, 50)
    one.numbers(0, 0, 21, np.array([[3.25, np.nan]]), decimals=(2,))
    assert not (one.bytes & 7).any()


def test_the_longest_number_fits_into_its_cell():
    for cell in range(8, 41):
        for longest in ("7", "–1", "3.25", "1000"):
            size = number_size(longest, cell)
            assert size * 2 == int(size * 2) <= 30
            assert size < SMALLEST or text_width(longest, size) < 0.9 * cell


def test_words_stand_in_the_middle_of_their_cells():
    sheet = Sheet(100, 60)
    sheet.write(10, 10, 20, [["a", ""], ["", "b"]], 12, soft=np.array([[False, False], [False, True]]))
    ink = sheet.bytes & 7
    for row, column in ((0, 0), (1, 1)):
        part = ink[20 + 40 * row : 60 + 40 * row, 20 + 40 * column : 60 + 40 * column]
        assert np.argwhere(part).mean(axis=0) == pytest.approx([19.5, 19.5], abs=3)
    assert not ink[20:60, 60:].any()
    assert ink[20:60, 20:60].max() == 7 > ink[60:, 60:].max()


# Palettes and images


def test_a_ramp_goes_from_one_end_to_the_other_and_by_what_stands_for_zero():
    grey, signed = ramp("#000000", "#ffffff", steps=6), ramp("#ff0000", "#ffffff", "#0000ff", steps=5)
    assert grey.rgb[:, 0].tolist() == [0, 51, 102, 153, 204, 255]
    assert signed.rgb[[0, 2, 4]].tolist() == [[255, 0, 0], [255, 255, 255], [0, 0, 255]]
    assert (grey.zero, signed.zero) == (0, 2)


@pytest.mark.parametrize("palettes", [(GREY, SIGNED), (SIGNED, GREY), (ramp(PAPER, INK, steps=4, inked=True), GREY)])
def test_a_value_has_the_colour_of_its_place_between_the_ends(palettes):
    values = np.array([[-9.0, -2.0, -0.3, 0.0, 0.4, 2.0, 9.0]])
    for palette in palettes:
        sheet = Sheet(7, 1, *palettes)
        sheet.image(0, 0, sheet.tint(values, palette, 2.0), 1)
        last = len(palette.rgb) - 1 - palette.zero
        places = [palette.zero + round(last * min(max(v / 2, -1 if palette.zero else 0), 1)) for v in values[0]]
        assert rgb(sheet.picture("").png)[0, ::2].tolist() == palette.rgb[places].tolist()
        assert (sheet.tint(np.zeros(3), palette, 0.0) == sheet.colours(palette)[palette.zero]).all()


def test_words_stand_on_colours_that_are_made_for_it():
    plain, inked = swatches("#ff0000", "#00ff00"), swatches("#ff0000", "#00ff00", inked=True)
    assert np.frombuffer(plain.encoded, np.uint8).tolist() == [255, 0, 0, 0, 255, 0]
    shades = np.frombuffer(inked.encoded, np.uint8).reshape(2, 8, 3)
    assert shades[:, 0].tolist() == [[255, 0, 0], [0, 255, 0]]
    assert shades[:, 7].tolist() == [list(ImageColor.getrgb(INK))] * 2


def test_on_other_colours_only_strong_ink_is_drawn():
    colour = swatches("#ff0000")
    sheet, paper = Sheet(40, 20, colour), Sheet(40, 20)
    sheet.box(0, 0, 40, 20, sheet.colours(colour)[0])
    sheet.text(5, 15, "words", size=12, over=True)
    paper.text(5, 15, "words", size=12)
    assert np.array_equal(sheet.bytes, np.where(paper.bytes > 2, paper.bytes, sheet.colours(colour)[0]))


def test_palettes_that_a_byte_has_no_room_for_are_refused():
    Sheet(1, 1, ramp(PAPER, INK, steps=152))
    with pytest.raises(ValueError, match="palettes must take at most 152 bytes, got 160"):
        Sheet(1, 1, ramp(PAPER, INK, steps=20, inked=True))


def test_an_image_has_one_colour_a_cell_and_lines_and_a_frame_where_they_are_asked_for():
    colours = np.array([[BYTE[INPUT], BYTE[OUTPUT]], [BYTE[KERNEL], BYTE[PADDING]]])
    plain, lined, some, struck = (Sheet(30, 30) for _ in range(4))
    plain.image(5, 5, colours, (6, 4), framed=True)
    assert np.array_equal(plain.bytes[10:25, 10:33], np.repeat(np.repeat(colours, 8, axis=0), 12, axis=1)[:15, :23])
    assert (plain.bytes[9, 9:34] == BYTE[LINE]).all()
    assert (plain.bytes[25, 9:34] == BYTE[LINE]).all()
    lined.image(5, 5, colours, 6, lines=True)
    assert (lined.bytes[[10, 22], 10:34] == BYTE[LINE]).all()
    assert (lined.bytes[10:34, [10, 22]] == BYTE[LINE]).all()
    assert lined.bytes[11, 11] == BYTE[INPUT]
    some.image(5, 5, colours, 6, where=np.eye(2, dtype=bool))
    assert (some.bytes[10, 10], some.bytes[10, 22], some.bytes[22, 22]) == (BYTE[INPUT], BYTE[PAPER], BYTE[PADDING])
    struck.image(5, 5, colours, 2, struck=np.eye(2, dtype=bool))
    assert np.argwhere(struck.bytes == BYTE[UNREAD]).tolist() == [
        [10, 13], [11, 12], [12, 11], [13, 10], [14, 17], [15, 16], [16, 15], [17, 14],
    ]  # fmt: skip


def test_a_colour_bar_holds_all_colours_in_their_order():
    sheet = Sheet(60, 20, GREY)
    sheet.colour_bar(5.2, 4, 50, sheet.colours(GREY))
    bar = sheet.bytes[18, 10:110]
    assert (np.diff(bar.astype(int)) >= 0).all()
    assert set(bar.tolist()) == set(sheet.colours(GREY).tolist())


def test_a_legend_is_a_cell_and_what_it_means():
    sheet = Sheet(80, 20, GREY)
    sheet.legend(2, 2, INPUT, "read")
    assert sheet.bytes[6, 6] == BYTE[INPUT]
    assert (sheet.bytes[:, 56:] & 7).any()
    row = Sheet(80, 20, GREY)
    row.legend(2, 2, row.colours(GREY)[:2], "two", side=12)
    assert [row.bytes[6, x] for x in (6, 30)] == row.colours(GREY)[:2].tolist()
    assert not (row.bytes[:, 56:70] & 7).any()


def test_a_heading_has_two_lines():
    sheet = Sheet(100, 50)
    sheet.heading(2, 20, "input", "n = 7")
    rows = np.flatnonzero((sheet.bytes & 7).any(axis=1)) / 2
    assert rows[0] < 12
    assert 36 < rows[-1] < 46
    assert not np.isin(rows, [24, 26, 28]).any()


def test_only_the_sheet_touches_bytes():
    """By parsing: `.bytes` of anything, and the numbers that bytes are counted from."""
    for path in (Path(cnnkit.__file__).parent / "course").rglob("*.py"):
        if path.name == "sheet.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Attribute) and node.attr == "bytes"), (path, node.lineno)
            if isinstance(node, ast.ImportFrom) and node.module == "cnnkit.course.kit.sheet":
                assert "FREE" not in {alias.name for alias in node.names}, path


@pytest.mark.parametrize("length", [0.1, 0.26, 3, 7.49, 100.75])
def test_a_sharp_length_ends_with_a_pixel_of_the_screen(length):
    assert sharp(length) * 2 == round(length * 2)


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
    assert (rgb(picture.png)[:, :12] == ImageColor.getrgb(WINDOW)).all()


def test_colours_are_told_apart_without_hue():
    def light(colour):
        return np.dot(ImageColor.getrgb(colour), [0.299, 0.587, 0.114])

    def contrast(one, other):
        def luminance(colour):
            c = np.array(ImageColor.getrgb(colour)) / 255
            return np.dot(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4), [0.2126, 0.7152, 0.0722])

        low, high = sorted((luminance(one), luminance(other)))
        return (high + 0.05) / (low + 0.05)

    for plain, now in ((INPUT, INPUT_READ), (PADDING, PADDING_READ)):
        assert light(plain) - light(now) > 40
    for paper in (PAPER, INPUT, OUTPUT, KERNEL, INPUT_READ, OUTPUT_WRITTEN):
        assert contrast(INK, paper) > 4.5  # WCAG 2.1, 1.4.3: text
    for mark in (WINDOW, UNREAD):
        assert contrast(mark, INPUT) > 2.5
        assert contrast(mark, PAPER) > 3  # 1.4.11: what is not text


@pytest.mark.parametrize("pixels", [1, 2, 3])
@pytest.mark.parametrize("thick", [0.5, 1, 2])
@pytest.mark.parametrize("at", [8, 8.5, 9])
def test_a_frame_is_seen_on_every_screen(pixels, thick, at):
    with drawn_at(pixels):
        sheet = Sheet(40, 40)
        sheet.frame(at, at, 20, 20, WINDOW, thick)
    drawn = sheet.bytes == BYTE[WINDOW]
    for line in (drawn, drawn.T):
        rows = np.flatnonzero(line.sum(axis=1) > 15 * pixels)
        assert (np.diff(rows) > 10).sum() == 1  # two edges
        assert len(rows) >= 2


def test_a_photograph_is_kept_on_dark_pages_and_a_map_of_signs_is_not():
    sheet = Sheet(100, 100, GREY, SIGNED)
    sheet.image(10, 20, sheet.tint(np.linspace(0, 1, 12).reshape(3, 4), GREY), 5)
    sheet.image(50, 20, sheet.tint(np.linspace(-1, 1, 12).reshape(3, 4), SIGNED), 5)
    sheet.image(50, 60, np.full((3, 4), BYTE[WINDOW]), 5)
    assert sheet.picture("").pixels == ((10, 20, 20, 15),)
