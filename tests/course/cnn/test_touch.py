"""What a touch sets in the explorers of notebook 07, where the arrow keys go on, and how much is said."""

from itertools import product

import numpy as np
import pytest

from cnnkit.course.cnn.build_explorer import BuildYourOwn
from cnnkit.course.cnn.build_numbers import POOLINGS, Setting
from cnnkit.course.cnn.build_training import FEW
from cnnkit.course.cnn.digit_net import STAGES, scans
from cnnkit.course.cnn.explorers import LAST, Mistakes, Occlusion, WalkThrough
from cnnkit.course.cnn.mistakes import find
from cnnkit.course.cnn.occlusion import cover
from cnnkit.course.cnn.walk_cursor import highest, look_back, put_cursor
from cnnkit.course.cnn.walk_overview import lay_tiles
from cnnkit.course.kit.explorer import Explorer
from cnnkit.course.kit.palette import SOFT
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.statements import lines
from tests.course.cnn.test_build import where

SMALL = {"blocks": 1, "filters": 2, "stride": 2}  # trains fast


def at(explorer: Explorer, x: float, y: float) -> tuple[int, int, int]:
    """The area and the cell under a pointer, as the page finds them."""
    for number, area in enumerate(explorer.picture.areas):
        left, top, wide, high = area.box
        if left <= x < left + wide and top <= y < top + high:
            return number, int((y - top) / high * area.rows), int((x - left) / wide * area.columns)
    raise AssertionError(f"nothing to touch at {x}, {y}")


def touch(explorer: Explorer, x: float, y: float) -> None:
    explorer.touch(*at(explorer, x, y))


def press(explorer: Explorer, down: int, across: int) -> None:
    """An arrow key, as the page handles it."""
    areas = explorer.picture.areas
    number = next(i for i, area in enumerate(areas) if area.here)
    row, column = areas[number].here
    row = min(max(row + down, 0), areas[number].rows - 1)
    explorer.touch(number, row, min(max(column + across, 0), areas[number].columns - 1))


def says_little(explorer: Explorer) -> None:
    said = lines(explorer.picture.marked)
    assert len(said) <= 3
    assert max(text_width(line, 14) for line in said) <= 800, said
    assert explorer.picture.marked.count("**") in (0, 2, 4)


# WalkThrough


@pytest.mark.parametrize("layer", STAGES)
def test_a_cell_of_any_map_in_the_overview_sets_layer_channel_row_and_column(layer):
    explorer, (channels, rows, columns) = WalkThrough(), highest(layer)
    shape = explorer_shape(layer)
    tiles = lay_tiles(STAGES.index(layer) + 1, shape)
    for channel, row, column in ((0, 0, 0), (channels, rows, columns), (channels // 2, rows // 2, columns)):
        explorer.set(layer="pooling 2" if layer != "pooling 2" else "linear", channel=0)
        tile = tiles[channel]
        touch(
            explorer,
            tile.x + (column + 0.5) * tile.width / (columns + 1),
            tile.y + (row + 0.5) * tile.height / (rows + 1),
        )
        values = explorer.values
        assert (values["layer"], values["channel"]) == (layer, channel)
        if len(shape) == 3:
            assert (values["row"], values["column"]) == (row, column)


def explorer_shape(layer: str) -> tuple[int, ...]:
    return put_cursor(0, layer, 0, 0, 0).after.shape


@pytest.mark.parametrize("layer", STAGES)
def test_the_arrow_keys_go_on_from_the_cursor_and_stop_at_the_edges(layer):
    explorer = WalkThrough(layer=layer)
    flat = len(explorer_shape(layer)) == 1
    last = highest(layer)
    explorer.set(channel=min(3, last[0]))
    for down, across in ((0, 1), (1, 0), (-1, 0), (0, -1)):
        before = explorer.values
        press(explorer, down, across)
        after = explorer.values
        assert after["layer"] == layer
        if not flat:
            assert after["row"] == min(max(before["row"] + down, 0), last[1])
            assert after["column"] == min(max(before["column"] + across, 0), last[2])
            assert after["channel"] == before["channel"]
        else:
            assert abs(after["channel"] - before["channel"]) <= 1
    moved = set()
    for _ in range(80):
        press(explorer, 1, 1)
        moved.add(tuple(explorer.values[name] for name in ("channel", "row", "column")))
    assert tuple(explorer.values[name] for name in ("row", "column")) == last[1:]
    if flat:
        assert explorer.values["channel"] == last[0]
        assert len(moved) == last[0] - min(3, last[0]) or len(moved) > 3


def test_a_pixel_of_the_digit_sets_a_value_that_sees_it():
    explorer = WalkThrough()
    for layer in STAGES[:6]:
        explorer.set(layer=layer)
        number = next(i for i, area in enumerate(explorer.picture.areas) if "this pixel" in area.says)
        for row, column in product((0, 3, 7), repeat=2):
            explorer.touch(number, row, column)
            values = explorer.values
            seen = look_back(put_cursor(8, layer, values["channel"], values["row"], values["column"]))
            assert seen.row <= row < seen.row + seen.side
            assert seen.column <= column < seen.column + seen.side


def test_the_close_ups_lead_back_to_what_a_value_is_made_of():
    explorer = WalkThrough(layer="ReLU 2", channel=9, row=1, column=2)
    touch(explorer, 256 + 2.5 * 40, 240 + 3.5 * 40)
    assert explorer.values | {"layer": "convolution 2", "channel": 9, "row": 3, "column": 2} == explorer.values
    touch(explorer, 256 + 5 * 56 + 8 + 1.5 * 8, 240 + 8 + 2.5 * 8)
    assert explorer.values | {"layer": "pooling 1", "channel": 5, "row": 2, "column": 1} == explorer.values
    explorer.set(layer="linear", channel=4)
    touch(explorer, 256 + 33.5 * 8.5, 240 + 46 + 10)
    assert (explorer.values["layer"], explorer.values["channel"]) == ("flatten", 33)
    touch(explorer, 256 + 3 * 70 + 40, 240 + 66 + 40)  # map 11, its last value
    assert (explorer.values["layer"], explorer.values["channel"]) == ("flatten", 4 * 11 + 3)
    explorer.set(layer="softmax")
    touch(explorer, 256 + 12 + 7 * 55 + 21, 300)
    assert explorer.values["channel"] == 7


def test_walk_through_says_little():
    rng = np.random.default_rng(0)
    stroke = WalkThrough.controls["drawn"].values()[1]
    for layer in STAGES:
        for _ in range(6):
            last = [int(rng.integers(0, most + 1)) for most in highest(layer)]
            place = dict(zip(("channel", "row", "column"), last, strict=True))
            image, drawn = int(rng.integers(0, LAST + 1)), stroke if rng.random() < 0.3 else b""
            says_little(WalkThrough(layer=layer, image=image, drawn=drawn, **place))


# Occlusion


@pytest.mark.parametrize(("size", "stride"), [(2, 1), (1, 1), (3, 2), (1, 4), (8, 1), (2, 3)])
def test_a_place_in_the_map_and_a_pixel_of_the_digit_put_the_square_there(size, stride):
    explorer = Occlusion(size=size, stride=stride)
    found = cover(8, size, stride)
    _, places = explorer.picture.areas
    assert (places.rows, places.here) == (found.places, found.lowest)
    assert explorer.highest["place"] == found.places**2
    for row, column in product({0, found.places // 2, found.places - 1}, repeat=2):
        explorer.touch(1, row, column)
        assert explorer.values["place"] == row * found.places + column + 1
        assert explorer.picture.areas[1].here == (row, column) == found.at(explorer.values["place"])
        p = found.right[row, column]
        assert f"{100 * p:.0f} %" in explorer.sentence or "1 %" in explorer.sentence
    for row, column in product((0, 4, 7), repeat=2):
        explorer.touch(0, row, column)
        top, left = (stride * each for each in found.at(explorer.values["place"]))
        away = max(abs(top + (size - 1) / 2 - row), abs(left + (size - 1) / 2 - column))
        assert away <= max(stride / 2, (size - 1) / 2, 7 - (found.places - 1) * stride - (size - 1) / 2)


def test_a_place_beyond_the_last_is_brought_back_and_0_is_the_worst():
    explorer = Occlusion(place=49)
    assert "It gets" in explorer.sentence
    assert "The worst place leaves 8 %: rows 2 to 3 and columns 5 to 6." in explorer.sentence
    explorer.set(size=4)
    assert explorer.values["place"] == 25 == explorer.highest["place"]
    explorer.set(size=2, place=2 * 7 + 5 + 1)
    worst = explorer.picture
    assert "It gets 8 % with rows 2 to 3 and columns 5 to 6 covered" in explorer.sentence
    press(explorer, 0, 1)
    assert explorer.values["place"] == 21
    explorer.set(place=0)
    assert explorer.picture.areas[1].here == worst.areas[1].here == (2, 5)
    with pytest.raises(ValueError, match="place must be at most 49 with these settings, got 50"):
        explorer.set(place=50)
    with pytest.raises(ValueError, match="place must be at most 49, the number of places, got 50"):
        cover(8, 2, 1).at(50)


def test_occlusion_says_little():
    rng = np.random.default_rng(0)
    for _ in range(60):
        size, stride = int(rng.integers(1, 9)), int(rng.integers(1, 5))
        explorer = Occlusion(image=int(rng.integers(0, LAST)), size=size, stride=stride, grey=rng.integers(0, 11) / 10)
        says_little(explorer)
        explorer.set(place=explorer.highest["place"])
        says_little(explorer)


# Mistakes


def test_a_cell_of_the_matrix_chooses_what_it_is_and_what_it_is_taken_for():
    explorer, labels = Mistakes(place=7), scans()[1]
    matrix, row, column, corner, strip = explorer.picture.areas
    number = find("any", "any")[6]
    assert matrix.here[0] == labels[number]
    assert strip.here == (0, 6)
    explorer.touch(0, 4, 9)
    assert explorer.values == Mistakes(true="4", taken_for="9").values
    assert explorer.picture.areas[0].here == (4, 9)
    press(explorer, -1, -1)
    assert (explorer.values["true"], explorer.values["taken_for"]) == ("3", "8")
    explorer.touch(1, 8, 0)
    assert (explorer.values["true"], explorer.values["taken_for"]) == ("8", "any")
    explorer.touch(2, 0, 5)
    assert (explorer.values["true"], explorer.values["taken_for"]) == ("any", "5")
    explorer.touch(3, 0, 0)
    assert explorer.picture == Mistakes().picture
    assert (row.rows, column.columns, corner.rows) == (10, 10, 1)


def test_a_digit_in_the_list_is_its_place_also_where_the_list_has_moved_on():
    explorer = Mistakes()
    for place, cell, then in ((1, 4, 5), (13, 0, 2), (7, 11, 12)):
        explorer.set(place=place)
        strip = explorer.picture.areas[4]
        assert strip.columns == 12
        first = place - 1 - strip.here[1]
        explorer.touch(4, 0, cell)
        assert explorer.values["place"] == first + cell + 1 == then
    explorer.set(true="4", taken_for="9")
    assert explorer.picture.areas[4].columns == 3
    explorer.set(true="0")
    assert [area.here for area in explorer.picture.areas] == [None] * 4


def test_beside_an_own_digit_the_test_digits_can_be_chosen():
    explorer = Mistakes(drawn=Mistakes.controls["drawn"].values()[1])
    (strip,) = explorer.picture.areas
    assert strip.here == (0, 0)
    explorer.touch(0, 0, 2)
    assert explorer.values["place"] == 3
    assert explorer.picture.areas[0].here == (0, 2)
    assert explorer.sentence.count("Number 3 is test image") == 1


def test_mistakes_says_little():
    stroke = Mistakes.controls["drawn"].values()[1]
    for right in range(-2, 3):
        says_little(Mistakes(right=right, drawn=stroke))
        for true, taken_for in product(("any", "3", "7", "8"), repeat=2):
            explorer = Mistakes(true=true, taken_for=taken_for, right=right)
            says_little(explorer)
            explorer.set(place=explorer.highest["place"])
            says_little(explorer)


# BuildYourOwn


@pytest.mark.parametrize("options", [{}, {"batch_norm": True, "pooling": "none"}, {"batch_norm": True}])
def test_the_rows_of_a_block_make_it_the_last(options):
    explorer = BuildYourOwn(filters=2, **options)
    step = 20 * (2 + bool(options.get("batch_norm")) + (options.get("pooling") != "none"))
    for blocks in (3, 1, 2):
        touch(explorer, 50, 50 + (blocks - 0.5) * step)
        assert explorer.values["blocks"] == blocks
        assert explorer.picture.areas[0].here == (blocks - 1, 0)
    press(explorer, 1, 0)
    assert explorer.values["blocks"] == 3
    touch(explorer, 50, 40)
    assert explorer.values["blocks"] == 0
    assert explorer.picture.areas[0].here is None


def test_the_last_curve_stays_as_a_ghost_until_another_is_seen():
    explorer = BuildYourOwn(**SMALL)
    first = explorer.picture
    assert ghost(first) is False
    explorer.set(seed=1)
    second = explorer.picture
    assert ghost(second)
    assert explorer._ghost(explorer.setting, explorer._run(explorer.setting)) == run_of(explorer, seed=0)
    explorer.set(filters=3)  # has learnt nothing: the last curve is that of seed 1
    assert "It has learnt nothing yet" in explorer.sentence
    assert explorer._ghost(explorer.setting, None) == run_of(explorer, seed=1)
    list(zip(explorer.frames(), range(3), strict=False))  # looks at others, and changes nothing
    explorer.set(filters=2)
    assert explorer.picture == second
    explorer.set(seed=0)
    assert explorer._ghost(explorer.setting, run_of(explorer, seed=0)) == run_of(explorer, seed=1)


def test_train_leaves_the_live_curve_as_a_ghost():
    explorer = BuildYourOwn(**SMALL)
    live = run_of(explorer, seed=0)
    explorer.train(epochs=2)
    run = run_of(explorer, seed=0)
    assert (live.examples, run.epochs) == (FEW, 2)
    assert explorer._ghost(explorer.setting, run) == live


def run_of(explorer: BuildYourOwn, seed: int):
    return explorer._runs[Setting(**SMALL, seed=seed)]


def ghost(picture) -> bool:
    """Whether the key has a third line."""
    key = where(picture, SOFT)
    return bool(((key[:, 0] > 78) & (key[:, 0] < 84) & (key[:, 1] > 550) & (key[:, 1] < 573)).any())


def test_build_your_own_says_little():
    explorer = BuildYourOwn(**SMALL)
    for blocks, filters, kernel_size, stride, pooling in product(range(4), (1, 16), (1, 4, 5), (1, 2), POOLINGS):
        explorer.set(blocks=blocks, filters=filters, kernel_size=kernel_size, stride=stride, pooling=pooling)
        if not explorer.picture.card:
            says_little(explorer)
    explorer.set(**SMALL, pooling="max", kernel_size=3)
    explorer.train(epochs=1)
    says_little(explorer)
