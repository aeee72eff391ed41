"""A digit drawn by hand becomes one of the data's kind, is read, and stands beside test digits that are as unsure."""

from itertools import pairwise

import numpy as np
import pytest

from cnnkit.course.cnn.digit_net import probabilities, read_digit, scans
from cnnkit.course.cnn.explorers import Mistakes, WalkThrough
from cnnkit.course.cnn.mistakes import read_all
from cnnkit.course.cnn.own_digit import find_alike, read_own
from cnnkit.course.cnn.own_digit_numbers import (
    THICK,
    THIN,
    WIDEST,
    normalise,
    read_drawn,
    scale_up,
    set_thickness,
    to_digit,
)
from cnnkit.course.kit.controls import Paint
from cnnkit.course.kit.told import PEN
from cnnkit.data import digits

IMAGES, LABELS = scans()


def arc(row: float, column: float, high: float, wide: float, start: float, end: float) -> list[tuple[float, float]]:
    """Points on an ellipse, counterclockwise from the right, in degrees."""
    turn = np.radians(np.linspace(start, end, 16))
    return [(row - high * np.sin(t), column + wide * np.cos(t)) for t in turn]


STROKES = {
    0: [arc(16, 16, 10, 6, 0, 360)],
    1: [[(9, 12), (6, 17), (26, 17)]],
    2: [[*arc(11, 16, 5.5, 6, 160, -40), (26, 10), (26, 23)]],
    3: [arc(11, 15, 5, 6, 150, -90) + arc(21, 15, 5, 6.5, 90, -150)],
    4: [[(6, 14), (18, 9), (18, 23)], [(10, 19), (27, 18)]],
    5: [[(6, 22), (6, 12), (15, 11), *arc(20, 15, 6, 7, 110, -140)]],
    6: [[(6, 18), (13, 12), (19, 10), *arc(20, 15.5, 5.5, 5.5, 180, -180)]],
    7: [[(6, 9), (6, 22), (26, 14)]],
    8: [arc(11, 16, 5, 5, -90, 270) + arc(21, 16, 5, 6, 90, 450)],
    9: [[*arc(11, 15, 5, 5, 0, 360), (11, 20), (26, 18)]],
}


def draw(digit: int, size: float = 1.0, down: float = 0, right: float = 0) -> bytes:
    """The digit with the pen of the page, smaller or larger, and moved."""
    ink, (i, j) = np.zeros((32, 32), np.uint8), np.ogrid[:32, :32]
    for line in STROKES[digit]:
        points = 16 + (np.array(line) - 16) * size + (down, right)
        for a, b in pairwise(points):
            for row, column in np.linspace(a, b, 40):
                ink[(i + 0.5 - row) ** 2 + (j + 0.5 - column) ** 2 <= PEN**2] = 1
    return ink.tobytes()


def enlarge(image: np.ndarray) -> np.ndarray:
    """An 8 x 8 digit as a bitmap of 32 x 32 with as much ink."""
    at = (np.arange(32) + 0.5) / 4 - 0.5
    wide = np.stack([np.interp(at, np.arange(8), row) for row in image])
    smooth = np.stack([np.interp(at, np.arange(8), column) for column in wide.T], axis=1)
    return (smooth >= np.sort(smooth, axis=None)[-round(16 * image.sum())]).astype(np.uint8)


# The numbers


def test_what_the_docstring_says_of_the_data_is_so():
    x = digits("all").images[:, 0]
    assert (x[:, 0].any(axis=1) & x[:, -1].any(axis=1)).all()  # from the first row to the last
    assert x[:, :, [0, 7]].mean() < 0.005 < 20 * x[:, :, 1:7].mean()  # and not in the outer columns
    share = x.mean(axis=(1, 2))
    assert 0.85 < ((share > THIN) & (share < THICK)).mean() < 0.95
    assert all(abs(share[digits("all").labels == digit].mean() - 0.3) < 0.03 for digit in range(10))


def test_an_embedded_digit_that_is_drawn_comes_back():
    back = np.stack([to_digit(enlarge(image[0]).tobytes()) for image in IMAGES])
    assert np.abs(back - IMAGES[:, 0]).mean() < 0.1
    assert np.mean([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(back, IMAGES[:, 0], strict=True)]) > 0.9
    assert (probabilities(back[:, None]).argmax(axis=1) == LABELS).mean() > 0.93


@pytest.mark.parametrize("digit", range(10))
def test_where_and_how_large_it_is_drawn_hardly_matters(digit):
    middle = to_digit(draw(digit))
    assert (to_digit(draw(digit, down=3, right=-4)) == middle).all()
    small = to_digit(draw(digit, size=0.6))
    assert np.argmin([np.abs(small - to_digit(draw(other))).mean() for other in range(10)]) == digit
    assert ((middle * 16) % 1 == 0).all()
    assert (middle.min(), middle.max()) == (0, 1)
    assert middle[[0, -1]].any(axis=1).all()
    assert 0.9 * THIN < middle.mean() < 1.1 * THICK


def test_digits_drawn_by_hand_are_read():
    read = [read_drawn(draw(digit, size)).read == digit for digit in range(10) for size in (0.6, 0.8, 1.0)]
    assert np.mean(read) > 0.9


def test_nothing_is_nothing_and_a_dot_or_a_full_field_is_no_error():
    assert not to_digit(b"").any()
    assert not normalise(bytes(1024)).any()
    dot = np.zeros((32, 32), np.uint8)
    dot[3, 5] = 1
    for drawn in (dot, np.ones((32, 32), np.uint8), dot.T + dot):
        share = normalise(drawn.tobytes()).mean()
        assert THIN - 0.01 < share < THICK + 0.01


def test_a_wide_digit_is_made_narrower_and_a_narrow_one_keeps_its_shape():
    wide, narrow = np.zeros((2, 32, 32), bool)
    wide[10:14, 2:30], narrow[6:26, 8:11] = True, True
    assert scale_up(wide).any(axis=0).sum() == WIDEST
    assert scale_up(narrow).any(axis=0).sum() == round(3 * 32 / 20)
    assert scale_up(wide).any(axis=1).all()
    assert scale_up(narrow).any(axis=1).all()
    columns = np.flatnonzero(scale_up(narrow).any(axis=0))
    assert columns[0] + columns[-1] in (30, 31, 32)  # in the middle


def test_strokes_are_thickened_or_thinned_on_both_sides():
    line = np.zeros((32, 32), bool)
    line[:, 15:17] = True
    thick = set_thickness(line)
    assert thick.mean() == pytest.approx(THIN, abs=0.07)
    assert (thick == thick[:, ::-1]).all()
    usual = np.zeros((32, 32), bool)
    usual[:, 11:21] = True
    assert set_thickness(usual) is usual
    heavy = np.zeros((32, 32), bool)
    heavy[:, 6:26] = True
    assert set_thickness(heavy).mean() <= THICK + 0.07
    assert (set_thickness(heavy) <= heavy).all()


# WalkThrough


def test_walk_through_shows_the_drawing_in_place_of_the_test_digit():
    explorer, drawn = WalkThrough(layer="softmax"), draw(5)
    before = explorer.picture
    explorer.set(drawn=drawn)
    p = probabilities(to_digit(drawn)[None, None])[0]
    second = int(np.argsort(p)[-2])
    words = f"In the end it reads your digit as a 5 with {100 * p[5]:.0f} %; next comes the {second} with "
    assert words in explorer.sentence
    assert "image" in explorer.disabled
    still = explorer.picture
    explorer.set(image=3)
    assert explorer.picture == still
    explorer.set(drawn=b"", image=8)
    assert explorer.picture == before
    assert "image" not in explorer.disabled


def test_an_array_can_be_drawn():
    ink = np.frombuffer(draw(7), np.uint8).reshape(32, 32)
    assert WalkThrough(drawn=ink).picture == WalkThrough(drawn=draw(7)).picture
    with pytest.raises(ValueError, match="drawn must be 32 x 32 zeros and ones"):
        WalkThrough(drawn=ink[:31])


# Mistakes


@pytest.mark.parametrize(("digit", "right"), [(7, 0), (9, 0), (8, 1), (0, -2)])
def test_the_readings_name_is_named_beside_test_digits_between_the_same_two(digit, right):
    explorer = Mistakes(drawn=draw(digit), right=right)
    own = read_own(draw(digit), right)
    p = own.p
    assert [own.first, own.second] == np.argsort(p)[::-1][:2].tolist()
    assert f"with {100 * p[own.first]:.0f} %; next comes the {own.second} with {100 * p[own.second]:.0f} %." in (
        explorer.sentence
    )
    found, readings = find_alike(own.first, own.second, right), read_all(right)
    assert explorer.highest["place"] == max(1, len(found))
    for number in found:
        assert readings.labels[number] in (own.first, own.second)
        assert set(np.argsort(readings.p[number])[-2:]) == {own.first, own.second}
    wrong = readings.read[found] != readings.labels[found]
    assert (np.diff(wrong.astype(int)) <= 0).all()  # the misread ones first
    assert {"true", "taken_for"} <= explorer.disabled


def test_the_drawing_moves_with_the_others():
    drawn = draw(4)
    moved = read_own(drawn, 1).image
    assert (moved[:, 1:] == to_digit(drawn)[:, :-1]).all()
    assert not moved[:, 0].any()
    assert Mistakes(drawn=drawn, right=1).sentence.startswith("Your digit, moved 1 pixel to the right, is read as ")


def test_a_pair_that_no_test_digit_lies_between_is_said():
    empty = next((a, b) for a in range(10) for b in range(10) if a != b and not len(find_alike(a, b)))
    assert len(find_alike(4, 9)) > len(find_alike(*empty)) == 0


# The field


def messages(pad, **message) -> None:
    """What the page sends when a pointer draws, or a key clears."""
    pad._screen._handle_custom_msg(message, [])


def test_the_field_stands_beside_the_other_controls_and_tells_what_is_drawn():
    pytest.importorskip("anywidget")
    explorer = WalkThrough()
    view = explorer.view
    column, pad = view.panel.children
    assert pad is view.widgets["drawn"]
    assert column.children == tuple(view._rows[name] for name in explorer.controls if name != "drawn")
    messages(pad, paint=[[8.0, 16.0], [20.0, 16.0]])
    assert explorer.values["drawn"] == pad.value
    assert np.frombuffer(pad.value, np.uint8).reshape(32, 32)[8, 16] == 1
    assert "your digit" in explorer.sentence
    messages(pad, paint=[[28.0, 16.0]])
    assert np.frombuffer(explorer.values["drawn"], np.uint8).reshape(32, 32)[[8, 20, 28], 16].all()
    label, clear = pad.children[0].children
    assert (label.value, clear.description) == ("your digit", "Clear")
    clear.click()
    assert explorer.values["drawn"] == b"" == pad.value
    assert explorer.picture == WalkThrough().picture
    explorer.set(drawn=draw(3))
    assert pad.value == draw(3)
    messages(pad, clear=[])
    assert explorer.values["drawn"] == b""
    assert view.panel.children == (column, pad)


def test_a_control_to_draw_on_starts_empty_and_knows_a_stroke():
    control = Paint("your digit", 32)
    nothing, stroke = control.values()
    assert control.start == nothing == b""
    assert read_drawn(stroke).read == 1
    assert read_digit(0).label == LABELS[0]
