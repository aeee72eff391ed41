"""The window: as many places as PyTorch finds, every pixel that no window reads, and the sentence with its numbers."""

from itertools import product

import numpy as np
import pytest
import torch

from cnnkit.course.convolution.explorers import Window
from cnnkit.course.convolution.window import draw_window, example_input, example_kernel
from cnnkit.course.kit.axis import lay_windows
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.statements import lines

SWEEP = list(product([*range(1, 9), 13, 31, 32], range(1, 12), (1, 2, 3, 5, 8), (0, 1, 2, 5, 8), (1, 2, 3, 4)))


def ours(n, k, s, p, d, rounding):
    try:
        return lay_windows(n, k, s, p, d, rounding).count
    except ValueError:
        return None


def theirs(layer, n, *arguments, **options):
    try:
        return layer(torch.zeros(1, 1, n, n), *arguments, **options).shape[-1]
    except RuntimeError:
        return None


def test_window_floor_is_what_torch_convolutions_do():
    weights = {k: torch.zeros(1, 1, k, k) for k in range(1, 12)}
    conv2d = torch.nn.functional.conv2d
    for n, k, s, p, d in SWEEP:
        expected = theirs(conv2d, n, weights[k], stride=s, padding=p, dilation=d)
        assert ours(n, k, s, p, d, "floor") == expected, (n, k, s, p, d)


def test_window_ceil_is_what_torch_pooling_does():
    pool = torch.nn.functional.max_pool2d
    for n, k, s, p, d in SWEEP:
        if 2 * p <= k:  # torch's pooling takes no more padding
            expected = theirs(pool, n, k, stride=s, padding=p, dilation=d, ceil_mode=True)
            assert ours(n, k, s, p, d, "ceil") == expected, (n, k, s, p, d)


def test_window_strict_is_floor_where_nothing_remains():
    for n, k, s, p, d in SWEEP:
        fits = n + 2 * p >= d * (k - 1) + 1 and (n + 2 * p - d * (k - 1) - 1) % s == 0
        assert ours(n, k, s, p, d, "strict") == (ours(n, k, s, p, d, "floor") if fits else None)


def test_window_tf_same_is_tensorflows_formula():
    for n, k, s, p, d in SWEEP:
        axis = lay_windows(n, k, s, p, d, "TF-SAME")
        total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        assert (axis.count, axis.before, axis.after) == (-(-n // s), total // 2, -(-total // 2))
        assert axis.over == 0


@pytest.mark.parametrize("rounding", ["floor", "ceil", "strict", "TF-SAME"])
def test_window_draws_whatever_fits_and_says_why_when_it_does_not(rounding):
    for n, k, s, p, d in SWEEP[::331]:
        count = ours(n, k, s, p, d, rounding)
        options = {"stride": s, "padding": p, "dilation": d, "rounding": rounding}
        if count is None:
            with pytest.raises(ValueError, match=r"does not fit|remainder"):
                draw_window(n, k, **options)
            continue
        last = draw_window(n, k, position=count**2, **options)
        assert f"{count} × {count} outputs" in last.sentence
        assert f"**{count}**" in last.marked
        assert f"Window {count**2} of {count**2} (output row {count}, column {count})" in last.sentence
        with pytest.raises(ValueError, match="position must be between 1 and"):
            draw_window(n, k, position=count**2 + 1, **options)


@pytest.mark.parametrize("setting", [s for s in SWEEP[7::613] if ours(*s, "floor")], ids=str)
def test_window_hatches_what_gets_no_gradient(setting):
    _, k, s, _, d = setting
    axis = lay_windows(*setting, "floor")
    x = torch.zeros(1, 1, axis.padded, axis.padded, requires_grad=True)
    torch.nn.functional.conv2d(x, torch.ones(1, 1, k, k), stride=s, dilation=d).sum().backward()
    assert np.array_equal(x.grad[0, 0].numpy() > 0, np.outer(axis.read(), axis.read()))


def test_window_sum_is_torchs():
    for position in (1, 8, 16):
        axis = lay_windows(9, 3, 2, 2, 2, "floor")
        x, weight = (torch.tensor(a)[None, None] for a in (example_input(axis), example_kernel(3)))
        y = torch.nn.functional.conv2d(x, weight, stride=2, dilation=2).flatten()
        said = draw_window(9, 3, stride=2, padding=2, dilation=2, position=position).sentence
        assert said.endswith(f"its 9 products sum to {y[position - 1]}.".replace("-", "−"))


def test_window_sentences():
    explorer = Window(size=32, kernel_size=5, stride=2, position=5)
    assert explorer.sentence.startswith(
        "⌊(32 + 2·0 − 5)/2⌋ + 1 = 14: the layer writes 14 × 14 outputs. The last row and column are never read. "
        "Window 5 of 196 (output row 1, column 5): its 25 products sum to "
    )
    explorer.set(rounding="strict")
    assert explorer.sentence == (
        "strict: (32 + 2·0 − 5) / 2 leaves a remainder of 1, so the windows do not end where the padded input ends. "
        "Sizes that fit: 31 or 33. Set “input size n” to 31."
    )
    explorer.set(rounding="TF-SAME", size=7, kernel_size=3, stride=2, position=1)
    assert explorer.sentence.startswith(
        "TF-SAME rounds up: ⌈7/2⌉ = 4; the layer writes 4 × 4 outputs. It pads max((4 − 1)·2 + 3 − 7, 0) = 2: 1 + 1. "
        "Every pixel of the input is read. "
    )
    explorer.set(rounding="ceil", size=10, kernel_size=1)
    assert "⌈(10 + 2·0 − 1)/2⌉ + 1 = 6, but window 6 would start past the input: 5 × 5 outputs" in explorer.sentence


def test_window_number_follows_the_output_size():
    explorer = Window()
    slider = explorer.view.widgets["position"]
    assert slider.max == 25
    slider.value = 25
    explorer.view.widgets["kernel_size"].value = 7
    assert (slider.value, slider.disabled) == (1, True)
    explorer.view.widgets["kernel_size"].value = 8
    assert "does not fit" in explorer.sentence
    explorer.view.widgets["padding"].value = 8
    assert slider.max == 16**2


def test_window_says_three_statements_that_fit_and_their_results_in_bold():
    for n, k, s, p, d in SWEEP[::41]:
        for rounding in ("floor", "ceil", "strict", "TF-SAME"):
            try:
                picture = draw_window(n, k, stride=s, padding=p, dilation=d, rounding=rounding)
            except ValueError:
                continue
            said = lines(picture.marked)
            assert len(said) == 3
            assert max(text_width(line, 14) for line in said) <= 800, said
            assert picture.marked.count("**") == 4


def test_window_names_the_pixels_that_torch_never_reads():
    for n, k, s, p, d in SWEEP[::41]:
        if ours(n, k, s, p, d, "floor") is None:
            continue
        x = torch.zeros(1, 1, n, requires_grad=True)
        torch.nn.functional.conv1d(x, torch.ones(1, 1, k), stride=s, padding=p, dilation=d).sum().backward()
        unread = [i + 1 for i, slope in enumerate(x.grad[0, 0].tolist()) if slope == 0]
        said = lines(draw_window(n, k, stride=s, padding=p, dilation=d).marked)[1]
        if not unread:
            assert said == "Every pixel of the input is read."
        elif unread == [n]:
            assert said == "The last row and column are never read."
        elif unread[0] == n - len(unread) + 1:
            assert said == f"The last {len(unread)} rows and columns are never read."
        else:
            are = "is" if len(unread) == 1 else "are"
            some = ", ".join(map(str, unread[:3])) + (" …" if len(unread) > 3 else ".")
            assert said == f"Of {n} rows and columns {len(unread)} {are} never read: {some}"


# Touching


def areas(explorer):
    """The input's and the output's."""
    read, wrote = explorer.picture.areas
    return read, wrote


@pytest.mark.parametrize(
    "start",
    [{}, {"size": 5, "stride": 2, "padding": 1}, {"size": 32, "dilation": 3}, {"rounding": "TF-SAME", "stride": 3},
     {"size": 10, "kernel_size": 4, "stride": 3, "rounding": "ceil"}],
)  # fmt: skip
def test_a_cell_of_the_output_shows_the_window_that_wrote_it(start):
    explorer = Window(**start)
    side = areas(explorer)[1].rows
    assert areas(explorer)[1].columns == side
    assert explorer.highest["position"] == side**2
    for row, column in {(0, 0), (0, side - 1), (side // 2, side - 1), (side - 1, 0), (side - 1, side - 1)}:
        explorer.touch(1, row, column)
        assert explorer.values["position"] == row * side + column + 1
        assert f"(output row {row + 1}, column {column + 1})" in explorer.sentence
        assert areas(explorer)[1].here == (row, column)  # the arrow keys go on from there
        assert [area.here for area in explorer.picture.areas].count(None) == 1


def test_every_window_can_be_reached_by_a_pixel_of_the_input():
    for n, k, s, p, d in SWEEP[::97]:
        if ours(n, k, s, p, d, "floor") is None:
            continue
        area = draw_window(n, k, stride=s, padding=p, dilation=d).areas[0]
        axis = lay_windows(n, k, s, p, d, "floor")
        assert area.rows == area.columns == axis.padded
        chosen = [area.sets(0, column)["position"] for column in range(area.columns)]
        assert sorted(set(chosen)) == list(range(1, axis.count + 1))
        assert chosen == sorted(chosen)


def test_a_pixel_in_the_middle_of_a_window_shows_it_whatever_its_size():
    for k in (1, 3, 5):
        explorer = Window(size=9, kernel_size=k, padding=k // 2)
        for row, column in ((0, 0), (4, 7), (8, 8)):
            explorer.touch(0, row + k // 2, column + k // 2)
            assert explorer.values["position"] == row * 9 + column + 1


def test_what_changes_nothing_is_idle():
    explorer = Window()
    assert explorer.idle(explorer.values) == set()
    before = list(explorer.shown(explorer.values))
    explorer.set(rounding="TF-SAME", kernel_size=1)
    assert explorer.idle(explorer.values) == {"padding", "dilation"}
    assert list(explorer.shown(explorer.values)) == before
    shown = explorer.picture
    explorer.set(padding=3, dilation=4)
    assert explorer.picture == shown
    assert explorer.view.widgets["padding"].disabled
    explorer.set(rounding="floor", kernel_size=3)
    assert not explorer.view.widgets["padding"].disabled
