"""The start page's row of windows."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageColor

from cnnkit.course.kit.palette import KERNEL, WINDOW
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.statements import lines
from cnnkit.course.start.explorers import Row
from cnnkit.course.start.row import CELL, LEFT, MOST, STEP, TOP, draw_row

EVERY = [(size, kernel_size) for size in range(1, MOST + 1) for kernel_size in range(1, MOST + 1)]


def cells(picture, colour, bar):
    """How many pixels' width of a colour a bar has."""
    pixels = np.asarray(Image.open(BytesIO(picture.png)).convert("RGB"))
    middle = pixels[2 * (TOP + bar * STEP) + 4]
    return round((middle == ImageColor.getrgb(colour)).all(axis=1).sum() / (2 * CELL))


def test_the_row_counts_its_windows():
    said = draw_row(7, 3).sentence
    assert (
        said
        == "7 − 3 + 1 = 5: 5 windows of 3 fit in a row of 7. A window that starts at pixel 6 would stick out by one."
    )
    assert draw_row(4, 4).sentence.startswith("4 − 4 + 1 = 1: one window of 4 fits in a row of 4. ")
    said = draw_row(4, 6).sentence
    assert said.startswith("A window of 6 does not fit in a row of 4: it sticks out by 2 pixels. ")


@pytest.mark.parametrize(("size", "kernel_size"), [(7, 3), (12, 1), (12, 12), (1, 1), (7, 9), (1, 12), (11, 12)])
def test_below_the_windows_that_fit_is_one_that_sticks_out(size, kernel_size):
    picture, windows = draw_row(size, kernel_size), max(size - kernel_size + 1, 0)
    for bar in range(windows):
        assert (cells(picture, KERNEL, bar), cells(picture, WINDOW, bar)) == (kernel_size, 0)
    assert cells(picture, KERNEL, windows) == 0
    assert cells(picture, WINDOW, windows) == max(1, kernel_size - size)


def test_every_setting_is_a_picture_with_short_lines():
    for setting in EVERY:
        picture = draw_row(*setting)
        assert not picture.card
        assert len(lines(picture.marked)) <= 3
        assert all(text_width(line, 14) <= 800 for line in lines(picture.marked))
        assert picture.marked.count("**") == 2


def test_a_touched_pixel_ends_the_row():
    explorer = Row(size=7, kernel_size=3)
    area = explorer.picture.areas[0]
    assert area.box == (LEFT, 30, MOST * CELL, CELL)
    for column in (0, 11, 4):
        explorer.touch(0, 0, column)
        assert explorer.values == {"size": column + 1, "kernel_size": 3}
        assert explorer.picture.areas[0].here == (0, column)


def test_a_touched_place_below_ends_the_window_there():
    explorer = Row(size=7, kernel_size=3)
    explorer.touch(1, 0, 4)
    assert explorer.values["kernel_size"] == 5
    explorer.touch(1, 2, 6)  # the third window starts at the third pixel
    assert explorer.values["kernel_size"] == 5
    explorer.touch(1, 2, 2)
    assert explorer.values["kernel_size"] == 1
    explorer.touch(1, 6, 3)  # left of that window: nothing
    assert explorer.values["kernel_size"] == 1
    explorer.touch(1, 0, 11)
    assert explorer.values["kernel_size"] == 12
    assert explorer.picture.areas[1].rows == 1  # no window fits
    for size, kernel_size in EVERY:
        explorer.set(size=size, kernel_size=kernel_size)
        rows, columns = (getattr(explorer.picture.areas[1], name) for name in ("rows", "columns"))
        assert explorer.picture.areas[1].here == (0, kernel_size - 1)
        for row in range(rows):
            for column in range(columns):
                values = explorer.picture.areas[1].sets(row, column)
                assert (values is None) == (column < row)
                assert values is None or 1 <= values["kernel_size"] <= MOST
