"""The explorers of notebook 06 beyond what every explorer promises (tests/course/test_explorers.py)."""

import re
from itertools import product

import numpy as np
import pytest

from cnnkit import conv2d, locally_connected2d, shift
from cnnkit.course.kit.explorer import Explorer
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.statements import lines
from cnnkit.course.sharing.count import LARGEST, size_at
from cnnkit.course.sharing.explorers import Counter, FollowShift, Matrix, WhoReads
from cnnkit.course.sharing.shift import LEFT, PIXEL, SIDE, TOP, make_filters, place_digit
from cnnkit.course.sharing.who_reads import NAMES
from cnnkit.layers import Conv2d, Linear, LocallyConnected2d, count_macs, count_parameters
from cnnkit.sizes import conv_output_size


def test_names_that_the_notebook_uses():
    assert list(Counter.controls) == ["size", "channels", "kernel_size", "filters", "padding"]
    assert list(Matrix.controls) == ["size", "kernel_size", "stride", "row"]
    assert list(FollowShift.controls)[:2] == ["shift_x", "shift_y"]
    assert list(WhoReads.controls) == ["shift", "place"]


EVERY = Counter, Matrix, FollowShift, WhoReads


@pytest.mark.parametrize("kind", EVERY)
def test_three_lines_that_fit_with_one_or_two_results(kind):
    """At the ends of every control, and of those beside each other."""
    ends = {name: (values[0], values[-1]) for name, control in kind.controls.items() if (values := control.values())}
    for one, two in zip(ends, [*ends][1:], strict=False):
        for first, second in product(ends[one], ends[two]):
            explorer = kind()
            explorer.move(**{one: first, two: second})
            if not explorer.picture.card:
                assert len(lines(explorer.picture.marked)) <= 3
                assert all(text_width(line, 14) <= 800 for line in lines(explorer.picture.marked))
                assert explorer.picture.marked.count("**") in (0, 2, 4)


def test_the_longest_numbers_and_lists_fit():
    for explorer in (
        *(Counter(size=LARGEST, channels=64, filters=64, kernel_size=k, padding=5) for k in (1, 11)),
        *(Matrix(size=6, kernel_size=k, row=(7 - k) ** 2) for k in range(1, 5)),
        FollowShift(digit=8, shift_x=-8, shift_y=-7, kernel_size=7, kernel="horizontal edges (Sobel)"),
    ):
        assert max(text_width(line, 14) for line in lines(explorer.picture.marked)) <= 800


@pytest.mark.parametrize("kind", EVERY)
def test_every_cell_that_can_be_touched_is_in_the_picture_and_sets_a_value_that_its_control_has(kind):
    explorer = kind()
    assert any(area.here for area in explorer.picture.areas)
    for area in explorer.picture.areas:
        left, top, width, height = area.box
        assert left >= 0 <= top
        assert left + width <= explorer.picture.width
        assert top + height <= explorer.picture.height
        for row, column in np.ndindex(area.rows, area.columns):
            for name, value in area.sets(row, column).items():
                assert value in kind.controls[name].values()


@pytest.mark.parametrize("kind", [Matrix, FollowShift, WhoReads])
def test_the_cell_that_is_here_sets_what_is_set(kind):
    for values, picture in kind().frames():
        for area in picture.areas:
            if area.here:
                assert area.sets(*area.here).items() <= values.items()


@pytest.mark.parametrize("kind", EVERY)
def test_as_many_rows_of_controls_whatever_is_set(kind):
    assert kind.shown is Explorer.shown  # all, always


def test_what_can_be_played():
    played = {kind.__name__: [n for n, c in kind.controls.items() if getattr(c, "play", False)] for kind in EVERY}
    assert played == {
        "Counter": [], "Matrix": ["row"], "FollowShift": ["shift_x", "seed"], "WhoReads": ["shift"],
    }  # fmt: skip


# Counter


def test_counter_starts_with_the_claims_layer():
    values = Counter().values
    assert values == {"size": 32, "channels": 3, "kernel_size": 5, "filters": 10, "padding": 2}
    assert "fully connected 31,467,520, locally connected 778,240, convolution 760." in Counter().sentence


def test_counter_says_the_packages_counts_at_every_setting():
    for values, picture in Counter(size=8, padding=1).frames():
        n, c, k, filters, p = values.values()
        if picture.card:
            with pytest.raises(ValueError, match="kernel does not fit"):
                conv_output_size(n, k, padding=p)
            continue
        o = conv_output_size(n, k, padding=p)
        conv, local = Conv2d(c, filters, k, padding=p), LocallyConnected2d(c, filters, k, padding=p)
        dense = Linear(c * n * n, filters * o * o)
        counts = (
            count_parameters(dense, (c * n * n,)), count_parameters(local, (c, n, n)), count_parameters(conv, (c, n, n))
        )  # fmt: skip
        names = "Parameters: fully connected {:,}, locally connected {:,}, convolution {:,}."
        assert names.format(*counts) in picture.sentence
        assert count_macs(local, (c, n, n)) == count_macs(conv, (c, n, n))
        if o > 1:
            assert f"divides the parameters by {counts[1] // counts[2]:,}." in picture.sentence
            assert picture.sentence.endswith(f" = {count_macs(local, (c, n, n)):,}.")


def test_counter_starts_in_the_lesson_where_all_three_layers_are_one():
    said = Counter(size=5, padding=0).sentence
    assert said.count(" 760") == 3
    assert said.endswith("One place shares nothing.")


def test_a_place_on_the_axes_of_counter_sets_the_size_there():
    explorer = Counter()
    axes, numbers = explorer.picture.areas[:2]
    for area in (axes, explorer.picture.areas[2]):  # left and right
        sizes = [area.sets(0, column)["size"] for column in range(area.columns)]
        assert sizes == sorted(sizes)
        assert (sizes[0], sizes[-1]) == (1, 256)
    assert [size_at(place) for place in (0, 1 / 8, 5 / 8, 1)] == [1, 2, 32, 256]
    explorer.touch(0, 0, axes.columns // 2)
    assert explorer.values["size"] == 16  # in the middle of 1 and 256
    left, width, step = axes.box[0], axes.box[2], numbers.box[2] / numbers.columns
    for column in range(numbers.columns):  # a number's middle is where its size is on the axes
        assert size_at((numbers.box[0] + (column + 0.5) * step - left) / width) == 2**column
        explorer.touch(1, 0, column)
        assert explorer.values["size"] == 2**column
        assert explorer.picture.areas[1].here == explorer.picture.areas[3].here == (0, column)


def test_the_arrow_keys_double_and_halve_the_size_of_counter():
    explorer, sizes = Counter(size=5), []
    for step in (1, 1, -1, -1, -1):
        area = explorer.picture.areas[1]
        explorer.touch(1, 0, area.here[1] + step)
        sizes.append(explorer.values["size"])
    assert sizes == [8, 16, 8, 4, 2]


def test_counter_says_when_a_kernel_does_not_fit_and_comes_back():
    explorer = Counter()
    before = explorer.picture
    explorer.set(size=4, kernel_size=9, padding=0)
    assert explorer.sentence == (
        "A kernel of 9 pixels a side does not fit into an input of 4. Set “input size n” to 9."
    )
    explorer.set(padding=2)
    assert "an input of 4 + 2·2 = 8 with its padding." in explorer.sentence
    explorer.set(size=32, kernel_size=5, padding=2)
    assert explorer.picture == before


# Matrix


def test_matrix_has_a_row_for_each_output_pixel():
    explorer = Matrix()
    for size in (2, 3, 6):
        for k in (1, 2):
            for stride in (1, 2, 3):
                explorer.set(size=size, kernel_size=k, stride=stride)
                rows = conv_output_size(size, k, stride=stride) ** 2
                slider = explorer.view.widgets["row"]
                assert slider.max == max(rows, 2)
                assert slider.disabled == (rows == 1)
    explorer.set(size=4, kernel_size=2, stride=1, row=9)
    with pytest.raises(ValueError, match="row must be at most 9 with these settings, got 10"):
        explorer.set(row=10)
    explorer.set(stride=2)
    assert explorer.values["row"] == 4


def test_matrix_says_which_pixels_a_window_reads_counted_from_one():
    explorer = Matrix(size=5, kernel_size=3)
    for row in range(1, 10):
        explorer.set(row=row)
        i, j = divmod(row - 1, 3)
        reads = [(i + u) * 5 + j + v + 1 for u in range(3) for v in range(3)]
        words = " and ".join(", ".join(f"{line[0]} to {line[2]}" for line in np.reshape(reads, (3, 3))).rsplit(", ", 1))
        assert explorer.sentence.endswith(
            f"Row {row} makes output pixel ({i + 1}, {j + 1}). The window reads input pixels {words}."
        )


def test_matrix_counts_the_same_weights_whatever_the_row():
    explorer, said = Matrix(size=6, kernel_size=3, stride=2), set()
    for row in range(1, 5):
        explorer.set(row=row)
        said.add(explorer.sentence.split(" Row ")[0])
    assert said == {
        "Each matrix has 4 rows, one for each output pixel, and 36 columns, one for each input pixel. Different "
        "weights: fully connected 144, locally connected 4·3·3 = 36, convolution 3·3 = 9, each in 4 rows."
    }


def test_pointing_at_a_row_of_any_matrix_chooses_it():
    explorer = Matrix()
    rows = [i for i, area in enumerate(explorer.picture.areas) if area.follows]
    assert len(rows) == 3
    for area, row in product(rows, (0, 4, 8)):
        explorer.touch(area, row, 0)
        assert explorer.values["row"] == row + 1
        assert explorer.picture.areas[area].here == (row, 0)
    explorer.touch(rows[0], 30, 0)  # a picture that was larger
    assert explorer.values["row"] == 9


@pytest.mark.parametrize(("n", "k", "s"), [(4, 2, 1), (6, 3, 1), (5, 2, 3), (6, 1, 2), (3, 3, 1)])
def test_a_pixel_chooses_the_row_that_writes_it_or_reads_around_it(n, k, s):
    explorer = Matrix(size=n, kernel_size=k, stride=s)
    o = conv_output_size(n, k, stride=s)
    output = [i for i, area in enumerate(explorer.picture.areas) if area.columns == o and area.says == "row {number}"]
    pixels = [i for i, area in enumerate(explorer.picture.areas) if area.says == "pixel {number}"]
    assert len(output) == len(pixels) == 2
    for area in output:
        for i, j in np.ndindex(o, o):
            explorer.touch(area, i, j)
            assert explorer.values["row"] == i * o + j + 1
            assert explorer.picture.areas[area].here == (i, j)
    for area in pixels:
        for i, j in np.ndindex(n, n):
            explorer.touch(area, i, j)
            window = divmod(explorer.values["row"] - 1, o)
            for at, place in zip((i, j), window, strict=True):
                off = [abs(at - (s * other + (k - 1) / 2)) for other in range(o)]
                assert off[place] == min(off)


def test_matrix_says_in_its_own_words_what_does_not_fit():
    assert Matrix(size=2, kernel_size=3).sentence == (
        "A kernel of 3 × 3 pixels does not fit into an input of 2 × 2. Set “input size n” to 3."
    )


# FollowShift


def test_follow_shift_counts_what_differs():
    explorer = FollowShift()
    for settings in ({}, {"shift_x": 7, "kernel_size": 5}, {"shift_y": -6, "digit": 8}, {"untied": 0.4, "seed": 9}):
        explorer.set(
            **({"shift_x": 3, "shift_y": 0, "digit": 3, "kernel_size": 3, "untied": 1.0, "seed": 0} | settings)
        )
        v = explorer.values
        shared, own = make_filters(v["kernel"], v["kernel_size"], v["untied"], v["seed"])
        x, step = place_digit(v["digit"]), (v["shift_y"], v["shift_x"])
        conv = conv2d(shift(x, *step), shared, padding="same") - shift(conv2d(x, shared, padding="same"), *step)
        before = locally_connected2d(shift(x, *step), own, padding="same")
        local = before - shift(locally_connected2d(x, own, padding="same"), *step)
        count = (np.abs(conv) > 1e-9).sum()
        reach = v["kernel_size"] // 2
        within = f"{count} of 256 output pixels differ, within {reach} pixel{'s' * (reach > 1)} of the border"
        assert (within if count else "not one output pixel differs") in explorer.sentence
        share = 100 * np.linalg.norm(local) / np.linalg.norm(before)
        assert (
            f"{(np.abs(local) > 1e-9).sum()} pixels differ; the difference is {share:.1f} % as large"
            in explorer.sentence
        )


def test_follow_shift_without_a_part_of_their_own_is_a_convolution():
    explorer = FollowShift(untied=0.0)
    assert "all filters are alike, so it is a convolution" in explorer.sentence
    explorer.set(shift_x=8)
    assert "differ, within 1 pixel of the border" in explorer.sentence


def test_the_seed_is_idle_while_filters_have_nothing_of_their_own():
    explorer = FollowShift(untied=0.0)
    assert explorer.disabled == {"seed"}
    same = explorer.picture
    explorer.set(seed=7)
    assert explorer.picture == same  # it could change nothing
    explorer.set(untied=0.1)
    assert not explorer.disabled


def test_the_digit_goes_where_it_is_touched():
    explorer = FollowShift(shift_x=0)
    (area,) = explorer.picture.areas
    left, top, width, height = area.box
    assert (area.rows, area.columns, area.here) == (17, 17, (8, 8))
    for row, column in ((0, 0), (16, 16), (8, 11), (3, 14)):
        explorer.touch(0, row, column)
        assert (explorer.values["shift_y"], explorer.values["shift_x"]) == (row - 8, column - 8)
        assert explorer.picture.areas[0].here == (row, column)
        middle = LEFT + PIXEL * (SIDE / 2 + column - 8), TOP + PIXEL * (SIDE / 2 + row - 8)  # of the digit, moved
        assert middle == (left + (column + 0.5) * width / 17, top + (row + 0.5) * height / 17)


def test_follow_shift_says_why_one_pixel_has_no_edges():
    explorer = FollowShift(kernel_size=1)
    assert explorer.sentence.startswith("vertical edges (Sobel) compares a pixel with its neighbours")
    explorer.set(kernel="blur (mean)")
    assert "not one output pixel differs" in explorer.sentence


# WhoReads


@pytest.mark.parametrize("place", ["middle", "anywhere"])
def test_who_reads_says_what_was_recorded(place):
    runs, explorer = results("sharing")["runs"], WhoReads(place=place)
    for step in range(-4, 5):
        explorer.set(shift=step)
        said = dict(re.findall(r"(?:: |; )([A-Za-z ,]+(?: 1)?) (\d+) %", explorer.sentence))
        assert list(said) == [name for name in NAMES if f"{name}, {place}" in runs]
        for name, share in said.items():
            right = 100 * np.array(runs[f"{name}, {place}"]["right"])[:, step + 4]
            assert float(share) == pytest.approx(right.mean(), abs=0.501)
        best = max(said, key=lambda name: np.mean(np.array(runs[f"{name}, {place}"]["right"])[:, step + 4]))
        assert f"{best} **{said[best]} %**" in explorer.picture.marked


def test_who_reads_starts_where_all_read_alike():
    means = [int(share) for share in re.findall(r"(\d+) %", WhoReads().sentence)]
    assert len(means) == 6
    assert max(means) - min(means) <= 4


def test_a_digit_and_a_place_can_be_touched():
    explorer = WhoReads()
    for column, step in enumerate(range(-4, 5)):
        explorer.touch(0, 0, column)
        assert explorer.values["shift"] == step
        assert explorer.picture.areas[0].here == (0, column)
    for column, place in ((1, "anywhere"), (0, "middle")):
        explorer.touch(1, 0, column)
        assert explorer.values == {"shift": 4, "place": place}
        assert explorer.picture.areas[1].here == (0, column)
