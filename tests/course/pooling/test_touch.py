"""What can be touched in the pictures of notebook 04, and what the sentences below them keep to."""

from io import BytesIO
from itertools import product

import numpy as np
import pytest
from PIL import Image

from cnnkit.course.kit import statements
from cnnkit.course.kit.explorer import Choice, Explorer, Slider, Switch
from cnnkit.course.kit.photo import SIDE
from cnnkit.course.kit.picture import Area, drawn_at
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.pooling.downsample import LEFTS, PART, ROOM, SPOTS
from cnnkit.course.pooling.downsample_numbers import WAYS, shrink
from cnnkit.course.pooling.explorers import PICTURES, Downsample, PoolWindow, ReceptiveField, ShiftIt
from cnnkit.course.pooling.field_numbers import HELPS, MOST
from cnnkit.course.pooling.shift_numbers import FIELD
from cnnkit.course.pooling.shift_numbers import MOST as STEPS
from cnnkit.course.pooling.window_numbers import lay_pooling

KINDS = pytest.mark.parametrize("kind", [PoolWindow, Downsample, ShiftIt, ReceptiveField], ids=lambda k: k.__name__)


def area(explorer: Explorer, number: int) -> Area:
    return explorer.picture.areas[number]


def press(explorer: Explorer, number: int, down: int, right: int) -> None:
    """An arrow key in an area: one cell on from the one that is chosen."""
    row, column = area(explorer, number).here
    explorer.touch(number, row + down, column + right)


# All of them


def settings(kind: type[Explorer]) -> list[dict]:
    """Every choice and switch with the sliders at both ends and in the middle."""
    choices = {n: c.values() for n, c in kind.controls.items() if isinstance(c, (Choice, Switch))}
    every = {n: c.values() for n, c in kind.controls.items() if isinstance(c, Slider)}
    places = [{n: values[int(at * (len(values) - 1))] for n, values in every.items()} for at in (0, 0.5, 1)]
    chosen = [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]
    return [each | sliders | {"position": 1} for each in chosen for sliders in places]


@KINDS
def test_sentences_take_three_lines_at_most_and_none_is_too_wide(kind):
    explorer = kind()
    for values in settings(kind):
        picture = explorer.draw(**{n: v for n, v in (explorer.values | values).items() if n in kind.controls})
        lines = statements.lines(picture.marked)
        assert len(lines) <= 3, lines
        assert all(0 < text_width(line, 14) <= 800 for line in lines), lines
        assert picture.marked.count("**") in (2, 4), picture.marked


@KINDS
def test_areas_lie_in_the_picture_and_every_cell_sets_what_can_be_set(kind):
    for values in settings(kind)[:: 7 if kind is PoolWindow else 5]:
        explorer = kind()
        for name, value in values.items():
            if name in kind.controls:
                explorer.move(**{name: value})
        for each in explorer.picture.areas:
            x, y, width, height = each.box
            assert min(x, y) >= 0
            assert x + width <= explorer.picture.width
            assert y + height <= explorer.picture.height
            for row, column in {(0, 0), (each.rows - 1, each.columns - 1), (each.rows // 2, each.columns // 2)}:
                sets = each.sets(row, column)
                checked = {name: kind.controls[name].check(name, value) for name, value in sets.items()}
                assert checked == sets
                assert all(sets[name] <= high for name, high in explorer.highest.items() if name in sets)


@KINDS
def test_the_same_controls_are_always_on_the_screen(kind):
    explorer = kind()
    for values in settings(kind):
        assert list(explorer.shown(values)) == list(kind.controls)
        assert explorer.idle(explorer.values | values) < set(kind.controls)


@KINDS
def test_the_cell_that_is_chosen_is_that_of_the_values(kind):
    """Touching the chosen cell changes nothing."""
    explorer = kind()
    for values in settings(kind)[::5]:
        for name, value in values.items():
            if name in kind.controls:
                explorer.move(**{name: value})
        before = explorer.values
        for number, each in enumerate(explorer.picture.areas):
            if each.here and not (kind is Downsample and number == 3):  # a cell of the small picture has many pixels
                explorer.touch(number, *each.here)
                assert explorer.values == before


# One window


@pytest.mark.parametrize("backward", [False, True])
def test_a_cell_of_the_output_is_its_window_and_arrows_go_on_from_there(backward):
    explorer = PoolWindow(position=2, backward=backward)
    assert area(explorer, 0).here == (0, 1)
    explorer.touch(0, 2, 1)
    assert explorer.values["position"] == 8
    assert "Window 8 of 9 (row 3, column 2)" in explorer.sentence
    press(explorer, 0, -1, 0)
    assert explorer.values["position"] == 5
    press(explorer, 0, 0, 5)  # beyond the edge it stays at the edge
    assert explorer.values["position"] == 6
    explorer.set(size=4)
    assert area(explorer, 0).here == divmod(explorer.values["position"] - 1, 2)
    explorer.touch(0, 9, 9)
    assert explorer.values["position"] == 4


@pytest.mark.parametrize("backward", [False, True])
def test_a_cell_of_the_input_is_a_window_that_sees_it(backward):
    for k, s, p, ceil in ((2, 2, 0, False), (3, 1, 1, False), (2, 1, 0, False), (3, 2, 1, True), (4, 3, 2, True)):
        explorer = PoolWindow(size=7, kernel_size=k, stride=s, padding=p, ceil_mode=ceil, backward=backward)
        side = area(explorer, 1).rows
        read = {at: [w for w in range(lay(explorer).axis.count) if at in range(w * s, w * s + k)] for at in range(side)}
        for row, column in product(range(side), repeat=2):
            explorer.touch(1, row, column)
            place = lay(explorer).place
            for at, one in zip((row, column), place, strict=True):
                assert one in read[at] or not read[at]


def lay(explorer: PoolWindow):
    values = {name: value for name, value in explorer.values.items() if name != "backward"}
    return lay_pooling(values.pop("size"), values.pop("kernel_size"), **values)


def test_every_window_can_be_chosen_in_the_input():
    for size, k, s in product((6, 7), (1, 2, 3, 4), (1, 2, 3)):
        explorer = PoolWindow(size=size, kernel_size=k, stride=s)
        chosen = {area(explorer, 1).sets(i, j)["position"] for i, j in np.ndindex(size, size)}
        assert chosen == set(range(1, explorer.highest["position"] + 1))


def test_a_cell_that_no_window_sees_is_the_nearest_ones():
    explorer = PoolWindow(size=7, kernel_size=2, stride=4)
    for column, window in ((0, 1), (2, 1), (3, 2), (6, 2)):
        explorer.touch(1, 0, column)
        assert explorer.values["position"] == window


def test_a_kernel_that_does_not_fit_is_told_in_the_words_of_the_controls():
    explorer = PoolWindow()
    explorer.set(size=3, kernel_size=4)
    assert explorer.sentence == (
        "kernel size k = 4 does not fit into the input, which has 3 pixels a side. Set “input size n” to 4."
    )
    assert "dilation" not in explorer.sentence
    explorer.set(ceil_mode=True)  # the window may hang over the edge
    assert "1 × 1 outputs" in explorer.sentence


# A smaller picture


def test_a_pixel_becomes_the_middle_of_the_detail_in_each_of_the_large_pictures():
    explorer = Downsample(kind="average pooling")
    assert (explorer.values["down"], explorer.values["right"]) == SPOTS["photograph"]
    for number in range(3):
        explorer.touch(number, 100, 40)
        assert (explorer.values["down"], explorer.values["right"]) == (90, 30)
        assert area(explorer, number).here == (100, 40)
        press(explorer, number, 0, 1)
        press(explorer, number, -1, 0)
        assert (explorer.values["down"], explorer.values["right"]) == (89, 31)
        explorer.touch(number, 0, SIDE - 1)
        assert (explorer.values["down"], explorer.values["right"]) == (0, SIDE - PART)
    assert [each.box[0] for each in explorer.picture.areas] == [LEFTS[0], LEFTS[2], LEFTS[3], LEFTS[1]]
    assert {each.box[2:] for each in explorer.picture.areas[:3]} == {(ROOM, ROOM)}


def test_a_number_of_the_small_picture_is_enlarged_where_its_window_lies():
    for way, k, s in (("max pooling", 2, 2), ("every s-th pixel", 1, 8), ("bilinear", 1, 5)):
        explorer = Downsample(kind=way, kernel_size=k, stride=s)
        small = area(explorer, 3)
        assert (small.rows, small.columns) == shrink(np.zeros((SIDE, SIDE)), way, k, s).small.shape
        explorer.touch(3, 10, 12)
        assert area(explorer, 3).here == (10, 12)
        middle = [explorer.values[name] + PART / 2 for name in ("down", "right")]
        centre = (k - 1) / 2 if way == "max pooling" else (s - 1) / 2 if way == "bilinear" else 0
        assert np.abs(np.array(middle) - [10 * s + centre, 12 * s + centre]).max() <= 0.5
        press(explorer, 3, 1, 0)
        assert area(explorer, 3).here == (11, 12)


def test_the_detail_shows_the_pixels_that_were_chosen_and_its_own_error():
    grey = np.zeros((40, 60), np.float32)
    grey[24:, 45:] = np.random.default_rng(0).uniform(size=(16, 15))
    explorer = Downsample(image=grey)
    assert explorer.highest == {"right": 40, "down": 20}
    assert "in the detail 0.000" not in explorer.sentence  # the portrait's place is beyond the edge: the last one is
    explorer.touch(0, 39, 59)
    assert (explorer.values["down"], explorer.values["right"]) == (20, 40)
    explorer.touch(0, 0, 0)
    assert "in the detail 0.000" in explorer.sentence
    with drawn_at(1):
        whole = np.asarray(Image.open(BytesIO(explorer.draw(**explorer.values).png)).convert("L"))
    assert (whole[262:438, 10:186] == 0).all()


def test_a_picture_no_larger_than_the_detail_has_nothing_to_choose():
    explorer = Downsample(image=np.eye(12))
    assert explorer.picture.areas == ()
    assert {"right", "down"} <= explorer.disabled


def test_each_picture_is_enlarged_where_there_is_something_to_see():
    explorer = Downsample()
    for picture in PICTURES[::-1]:
        explorer.set(picture=picture)
        assert (explorer.values["down"], explorer.values["right"]) == SPOTS[picture]
    explorer.set(picture="rings", down=5)
    assert (explorer.values["down"], explorer.values["right"]) == (5, SPOTS["rings"][1])


def png(image: np.ndarray) -> bytes:
    buffer = BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_file_takes_the_place_of_the_portrait_and_is_shown_at_once():
    explorer = Downsample(picture="stripes")
    explorer.set(file=png(np.full((90, 60), 51, np.uint8)))
    assert explorer.values["picture"] == "photograph"
    assert "height ⌊(90 − 2)/2⌋ + 1 = 45, width 30" in explorer.sentence
    assert "from 0.200 to 0.200" in explorer.sentence
    assert explorer.highest == {"right": 40, "down": 70}
    explorer.set(picture="dots")
    assert "of 32,400" in explorer.sentence
    explorer.set(file=b"", picture="photograph")
    assert "from 0.348 to 0.392" in explorer.sentence


def test_a_file_that_is_no_picture_is_a_card_with_a_plain_sentence():
    explorer = Downsample()
    explorer.set(file=b"no picture")
    assert explorer.picture.card
    assert explorer.sentence == "This file is not a picture that can be read. Choose another one, a PNG or a JPEG."
    explorer.set(picture="rings")
    assert not explorer.picture.card


@pytest.mark.parametrize("way", WAYS)
def test_a_kernel_size_that_is_idle_changes_nothing(way):
    explorer = Downsample(kind=way)
    before = explorer.picture.png
    explorer.set(kernel_size=5)
    assert (explorer.picture.png == before) == ("kernel_size" in explorer.idle(explorer.values))


# Shifts


def test_a_bar_is_its_amount():
    explorer = ShiftIt(what="angle", amount=3)
    assert area(explorer, 0).here == (0, 3)
    assert area(explorer, 0).columns == STEPS + 1
    for step in (0, 7, STEPS):
        explorer.touch(0, 0, step)
        assert explorer.values["amount"] == step
        assert f"turned by {9 * step}°" in explorer.sentence
    press(explorer, 0, 0, 1)
    assert explorer.values["amount"] == STEPS
    press(explorer, 0, 0, -1)
    assert explorer.values["amount"] == STEPS - 1


def test_the_digit_is_dragged_where_it_is_shifted():
    explorer = ShiftIt()
    assert area(explorer, 2).columns == FIELD
    for column, amount in ((0, 0), (20, 0), (24, 4), (30, 10), (39, 10)):
        explorer.touch(2, 0, column)
        assert explorer.values["amount"] == amount
        assert area(explorer, 2).here == (0, 20 + amount)
    press(explorer, 2, 0, -1)
    assert explorer.values["amount"] == 9
    explorer.set(what="scale")
    assert len(explorer.picture.areas) == 2


def test_a_click_on_the_digit_brings_the_next_one():
    explorer = ShiftIt(digit=8)
    for digit in (9, 0, 1):
        explorer.touch(1, 0, 0)
        assert explorer.values["digit"] == digit


def test_a_blur_that_is_idle_changes_nothing():
    for pooling in ("none", "global average", "max 2 × 2"):
        explorer = ShiftIt(pooling=pooling, amount=3)
        before = explorer.picture.png
        explorer.set(blur=True)
        assert (explorer.picture.png == before) == ("blur" in explorer.idle(explorer.values))


# Fields


@pytest.mark.parametrize("help_by", HELPS)
def test_a_row_of_the_table_is_how_deep_it_is(help_by):
    explorer = ReceptiveField(widened_by=help_by, layers=2)
    top, height = area(explorer, 0).box[1::2]
    for depth in range(1, MOST + 1):
        explorer.touch(0, depth - 1, 0)
        assert explorer.values["layers"] == depth
        assert area(explorer, 0).here == (depth - 1, 0)
        rows = 2 * depth - 1 if help_by.endswith("pooling") else depth
        assert top + depth * height / MOST == pytest.approx(40 + 20 * rows + 5)  # the area ends below the last row
        assert f"= {explorer.picture.marked.splitlines()[0].split('**')[1]}." in explorer.sentence
    press(explorer, 0, -1, 0)
    assert explorer.values["layers"] == MOST - 1
    press(explorer, 0, 1, 0)
    press(explorer, 0, 1, 0)
    assert explorer.values["layers"] == MOST


def test_a_bar_is_what_widens_the_field():
    explorer = ReceptiveField()
    for number, name in enumerate(HELPS):
        explorer.touch(1, number, 0)
        assert explorer.values["widened_by"] == name
        assert area(explorer, 1).here == (number, 0)
    assert area(explorer, 1).rows == len(HELPS)


@pytest.mark.parametrize("help_by", HELPS)
@pytest.mark.parametrize("weights", ["equal", "random"])
def test_what_is_idle_changes_nothing(help_by, weights):
    explorer = ReceptiveField(widened_by=help_by, weights=weights)
    before = explorer.picture.png
    for name, value in (("pictures", 4), ("seed", 3)):
        explorer.set(**{name: value})
        assert (explorer.picture.png == before) == (name in explorer.idle(explorer.values))
        explorer.set(pictures=1, seed=0)
