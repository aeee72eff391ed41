"""The explorers of notebook 06 beyond what every explorer promises (tests/course/test_explorers.py)."""

import re

import numpy as np
import pytest

from cnnkit import conv2d, locally_connected2d, shift
from cnnkit.course.kit.recorded import results
from cnnkit.course.sharing.explorers import Counter, FollowShift, Matrix, WhoReads
from cnnkit.course.sharing.shift import make_filters, place_digit
from cnnkit.layers import Conv2d, Linear, LocallyConnected2d, count_macs, count_parameters
from cnnkit.sizes import conv_output_size


def test_names_that_the_notebook_uses():
    assert list(Counter.controls) == ["size", "channels", "kernel_size", "filters", "padding"]
    assert list(Matrix.controls) == ["size", "kernel_size", "stride", "row"]
    assert list(FollowShift.controls)[:2] == ["shift_x", "shift_y"]
    assert list(WhoReads.controls) == ["shift", "place"]


# Counter


def test_counter_starts_with_the_claims_layer():
    values = Counter().values
    assert values == {"size": 32, "channels": 3, "kernel_size": 5, "filters": 10, "padding": 2}
    assert "= 778,240; convolution 10·(3·5·5 + 1) = 760." in Counter().sentence


def test_counter_says_the_packages_counts_at_every_setting():
    for values, picture in Counter(size=8, padding=1).frames():
        n, c, k, filters, p = values.values()
        if not picture.sentence.startswith("Output: "):
            with pytest.raises(ValueError, match="kernel does not fit"):
                conv_output_size(n, k, padding=p)
            continue
        o = conv_output_size(n, k, padding=p)
        conv, local = Conv2d(c, filters, k, padding=p), LocallyConnected2d(c, filters, k, padding=p)
        dense = Linear(c * n * n, filters * o * o)
        said = [int(number.replace(",", "")) for number in re.findall(r"\) = ([\d,]+)", picture.sentence)]
        assert said == [
            count_parameters(dense, (c * n * n,)), count_parameters(local, (c, n, n)), count_parameters(conv, (c, n, n))
        ]  # fmt: skip
        assert f"Products: fully connected {count_macs(dense, (c * n * n,)):,};" in picture.sentence
        none = ": sharing saves none of them." if o > 1 else "."
        assert picture.sentence.endswith(f"= {count_macs(local, (c, n, n)):,}{none}")
        assert count_macs(local, (c, n, n)) == count_macs(conv, (c, n, n))


def test_counter_starts_in_the_lesson_where_all_three_layers_are_one():
    said = Counter(size=5, padding=0).sentence
    assert said.count("= 760") == 3
    assert "saves" not in said


def test_counter_says_when_a_kernel_does_not_fit_and_comes_back():
    explorer = Counter()
    before = explorer.picture
    explorer.set(size=4, kernel_size=9, padding=0)
    assert explorer.sentence.startswith("kernel does not fit in the height: it spans 9 pixels")
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
                slider = explorer._widgets["row"]
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
        words = f"{', '.join(map(str, reads[:-1]))} and {reads[-1]}"
        assert explorer.sentence.endswith(
            f"Row {row} makes output pixel ({i + 1}, {j + 1}): fully connected from all 25 pixels, "
            f"in the other two from pixels {words}."
        )


def test_matrix_counts_the_same_weights_whatever_the_row():
    explorer, said = Matrix(size=6, kernel_size=3, stride=2), set()
    for row in range(1, 5):
        explorer.set(row=row)
        said.add(explorer.sentence.split(" Row ")[0])
    assert said == {
        "Input 6·6 = 36 pixels, output 2·2 = 4: each matrix has 4 × 36 entries. Different weights: fully connected "
        "4·36 = 144; locally connected 4·3·3 = 36; convolution 3·3 = 9, each of them in 4 rows."
    }


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
        within = f"{count} of 256 output pixels differ, all within {reach} pixel{'s' * (reach > 1)} of the border"
        assert (within if count else "not one output pixel differs") in explorer.sentence
        share = 100 * np.linalg.norm(local) / np.linalg.norm(before)
        assert f"{(np.abs(local) > 1e-9).sum()} pixels differ, by {share:.1f} % of the output" in explorer.sentence


def test_follow_shift_without_a_part_of_their_own_is_a_convolution():
    explorer = FollowShift(untied=0.0)
    assert "all filters are alike, so it is a convolution" in explorer.sentence
    explorer.set(shift_x=8)
    assert "differ, all within 1 pixel of the border" in explorer.sentence


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
        said = re.findall(r"([\w ,]+?) (\d+) % \((\d+) % to (\d+) %\)", explorer.sentence.split("runs: ")[1])
        assert len(said) == (6 if place == "middle" else 5)
        for name, *shares in said:
            right = 100 * np.array(runs[f"{name.strip()}, {place}"]["right"])[:, step + 4]
            measured = right.mean(), right.min(), right.max()
            np.testing.assert_allclose(np.array(shares, float), measured, atol=0.501)


def test_who_reads_starts_where_all_read_alike():
    means = [int(share) for share in re.findall(r"(\d+) % \(", WhoReads().sentence)]
    assert len(means) == 6
    assert max(means) - min(means) <= 4
