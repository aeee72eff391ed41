"""The pictures of notebook 06, without widgets: numbers as torch's and the package's, pixels as said."""

import re
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from cnnkit.course.kit.palette import BLUE, INK, INPUT, ORANGE, PAPER, WINDOW
from cnnkit.course.kit.sheet import BYTE, EVERY, Sheet, cell_size, number_size
from cnnkit.course.sharing.count import BAR, GROWTH, LARGEST, SIZES, count_three, draw_count
from cnnkit.course.sharing.count import LEFTS as PANELS
from cnnkit.course.sharing.count import ROW as ROW_OF_A_LAYER
from cnnkit.course.sharing.count import TOP as CHART
from cnnkit.course.sharing.count import _chart as count_chart
from cnnkit.course.sharing.matrix import ACROSS as ACROSSES
from cnnkit.course.sharing.matrix import ALONE, BELOW, LEFTS, SHARED, TOP, draw_matrices, number_weights, paint
from cnnkit.course.sharing.matrix import _readable as readable
from cnnkit.course.sharing.shift import (
    CELL,
    FARTHEST,
    FILTERS,
    MARGIN,
    PIXEL,
    SIDE,
    TOPS,
    draw_shift,
    follow,
    make_filters,
    place_digit,
)
from cnnkit.course.sharing.shift import LEFT as INPUT_LEFT
from cnnkit.course.sharing.shift import LEFTS as IMAGES
from cnnkit.course.sharing.shift import TOP as INPUT_TOP
from cnnkit.course.sharing.who_reads import ACROSS, LEFT, ROW, STEP, STRIP, draw_readers, shares
from cnnkit.course.sharing.who_reads import TOP as FIRST


def pixels(picture) -> np.ndarray:
    """The picture's colours, (H, W, 3)."""
    return np.asarray(Image.open(BytesIO(picture.png)).convert("RGB"))


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


# Counts

COUNTED = [(32, 3, 5, 10, 2), (7, 1, 3, 1, 0), (12, 4, 3, 2, 1), (9, 2, 1, 5, 3), (5, 3, 9, 2, 4)]


@pytest.mark.parametrize("case", COUNTED)
def test_parameters_and_products_are_those_of_torchs_layers(case):
    size, channels, k, filters, padding = case
    counts = count_three(*case)
    conv = torch.nn.Conv2d(channels, filters, k, padding=padding)
    y = conv(torch.zeros(1, channels, size, size))
    side = y.shape[-1]
    assert counts.output == side
    assert counts.parameters[2] == sum(p.numel() for p in conv.parameters())
    inputs, outputs = channels * size**2, y.numel()
    assert counts.parameters[0] == inputs * outputs + outputs
    assert counts.macs == (inputs * outputs, outputs * conv.weight[0].numel(), outputs * conv.weight[0].numel())
    windows = F.unfold(torch.zeros(1, channels, size, size), k, padding=padding)  # one column for each place
    assert counts.parameters[1] == windows.shape[2] * filters * (windows.shape[1] + 1)
    assert counts.parameters[1] == counts.parameters[2] * side**2


def test_the_sentence_on_counts_holds_the_claims_numbers():
    assert draw_count(32, 3, 5, 10, padding=2).marked == (
        "An output has 32 + 2·2 − 5 + 1 = 32 pixels a side. A map has 32·32 = 1,024 places.\n"
        "Parameters: fully connected 31,467,520, locally connected 778,240, convolution 760.\n"
        "Sharing divides the parameters by **1,024**. The products stay: 10·32·32·3·5·5 = 768,000."
    )
    assert "1 pixel a side. A map is one place." in draw_count(5, 3, 5, 10).sentence
    assert draw_count(5, 3, 5, 10).marked.endswith("**One place shares nothing.**")


@pytest.mark.parametrize("case", COUNTED)
def test_every_formula_in_the_sentence_comes_out(case):
    size, channels, k, filters, padding = case
    said = draw_count(size, channels, k, filters, padding=padding).sentence
    found = re.findall(r"([0-9(][0-9·()+− ]*) = ([\d,]+)", said)
    assert len(found) == (3 if count_three(*case).output > 1 else 1)
    for formula, value in found:
        assert eval(formula.replace("−", "-").replace("·", "*")) == int(value.replace(",", "")), formula


def slopes(side: int, i: int) -> np.ndarray:
    """By which power of n a line of the chart grows, from each size to the next."""
    x, y = count_chart().lines[side][i].get_data()
    return np.diff(np.log(np.asarray(y, float))) / np.diff(np.log(np.asarray(x, float)))


def test_the_lines_grow_as_the_words_at_their_ends_say():
    draw_count(LARGEST, 3, 5, 10, padding=2)
    powers = {"∼ n⁴": 4, "∼ n²": 2, "constant": 0, "": 2}
    for side in range(2):
        for i in range(3):
            assert slopes(side, i)[-1] == pytest.approx(powers[GROWTH[side][i]], abs=0.01)
            assert count_chart().dots[side][i].get_data()[1][0] == count_three(LARGEST, 3, 5, 10, 2)[side][i]
            assert count_chart().growth[side][i].get_visible()
    assert SIZES[-1] == LARGEST
    draw_count(21, 3, 5, 10, padding=0)
    assert list(count_chart().lines[0][2].get_xdata()) == [*SIZES[4 : SIZES.index(20) + 1], 21]
    assert not count_chart().growth[0][0].get_visible()  # too short a line to say how it grows


def test_a_chart_without_lines_says_how_to_get_them():
    for size, padding in ((5, 0), (6, 0), (1, 2), (32, 2)):
        draw_count(size, 3, 5, 10, padding=padding)
        alone = [len(line.get_xdata()) == 1 for lines in count_chart().lines for line in lines]
        assert all(alone) == any(alone) == all(hint.get_visible() for hint in count_chart().hints)


def test_the_axes_are_the_same_at_every_setting_and_hold_the_largest_counts():
    limits = set()
    for settings in ((3, 5, 10), (1, 1, 1), (64, 11, 64), (64, 1, 64)):
        draw_count(LARGEST, *settings, padding=5)
        counts = count_three(LARGEST, *settings, 5)
        low, high = count_chart().panels[0].get_ylim()
        assert low < 1 < max(counts.parameters + counts.macs) < high
        limits |= {(panel.get_xlim(), panel.get_ylim()) for panel in count_chart().panels}
    assert len(limits) == 1
    assert max(counts.parameters + counts.macs) > high / 100


@pytest.mark.parametrize("case", [*COUNTED, (256, 64, 11, 64, 5)])
def test_the_bars_are_to_scale(case):
    """All six on one scale, in the picture's pixels; one that would not be seen is a line."""
    size, channels, k, filters, padding = case
    shown = pixels(draw_count(size, channels, k, filters, padding=padding))
    counts = count_three(*case)
    longest = max(counts.parameters + counts.macs)
    for left, values in zip(PANELS, counts[:2], strict=True):
        for i, (value, colour) in enumerate(zip(values, (INK, BLUE, ORANGE), strict=True)):
            line = shown[2 * (46 + ROW_OF_A_LAYER * i + 11), 2 * (left - 40) : 2 * (left - 40 + BAR)].astype(int)
            long = (np.abs(line - rgb(colour)).max(axis=1) < 30).sum() / 2
            assert long == pytest.approx(max(BAR * value / longest, 1), abs=1)


def test_the_dashed_line_is_seen_on_the_one_it_covers():
    shown = pixels(draw_count(LARGEST, 3, 5, 10, padding=2)).astype(int)
    right = shown[2 * CHART :, 960:1520]
    assert (np.abs(right - rgb(ORANGE)).max(axis=2) < 40).sum() > 300


def test_a_kernel_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="A kernel of 5 pixels a side does not fit into an input of 3"):
        draw_count(3, 1, 5, 1)


# Matrices

LAID = [(n, k, s) for n in range(2, 7) for k in range(1, 5) for s in (1, 2, 3) if k <= n]


@pytest.mark.parametrize("setting", LAID)
def test_the_numbers_of_the_weights_are_what_the_layers_have(setting):
    n, k, s = setting
    numbered = number_weights(n, k, s)
    dense, banded, tied = numbered.matrices
    o = len(numbered.reads)
    assert numbered.counts == [o**2 * n**2, o**2 * k**2, k**2]
    assert dense.shape == banded.shape == tied.shape == (o**2, n**2)
    for matrix in (dense, banded):
        weights = matrix[matrix > 0]
        assert len(np.unique(weights)) == len(weights) == matrix.max()
    assert np.array_equal(banded > 0, tied > 0)
    for row in tied:
        assert row[row > 0].tolist() == list(range(1, k * k + 1))
    x = torch.arange(n * n, dtype=torch.float64).reshape(1, 1, n, n) ** 2
    weight = torch.arange(1.0, k * k + 1, dtype=torch.float64).reshape(1, 1, k, k)
    np.testing.assert_allclose(tied @ x.numpy().ravel(), F.conv2d(x, weight, stride=s).numpy().ravel(), rtol=1e-12)


def test_no_number_is_smaller_than_11_pixels():
    assert readable(number_weights(4, 2, 1).matrices[2], ACROSSES[2] // 16) is not None
    for n, k, s in LAID:
        for across, matrix in zip(ACROSSES, number_weights(n, k, s).matrices, strict=True):
            cell = cell_size(n * n, across, most=28)
            assert (readable(matrix, cell) is None) == (number_size(str(matrix.max()), cell) < 11)


def test_equal_weights_have_equal_colours_and_others_different_ones():
    sheet = Sheet(1, 1, SHARED, ALONE)
    for n, k, s in LAID:
        tied = number_weights(n, k, s).matrices[2]
        colours = paint(sheet, tied, shared=True)
        pairs = set(zip(tied.ravel().tolist(), colours.ravel().tolist(), strict=True))
        assert len(pairs) == len({number for number, _ in pairs}) == len({colour for _, colour in pairs})
        assert (0, BYTE[PAPER]) in pairs or k == n
    banded = number_weights(6, 3, 1).matrices[1]
    assert set(paint(sheet, banded, shared=False)[banded > 0].tolist()) == set(sheet.colours(ALONE).tolist())
    every = np.concatenate([palette.rgb for palette in (SHARED, ALONE, EVERY)])
    assert len(np.unique(every, axis=0)) == len(every)


def lightness(colour: np.ndarray) -> float:
    """L* of CIELAB: what is left of a colour for someone who sees none."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour / 255]
    return 116 * float(np.dot(linear, (0.2126, 0.7152, 0.0722))) ** (1 / 3) - 16


# How a colour looks to those who lack one kind of cone, in linear light: Machado, Oliveira and Fernandes (2009).
SEEN = {
    "all cones": np.eye(3),
    "no long": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "no middle": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "no short": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}


def lab(rgb: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """CIELAB of colours (n, 3), as seen: a distance of 2 is just noticed."""
    linear = np.where(rgb <= 10.3, rgb / 255 / 12.92, ((rgb / 255 + 0.055) / 1.055) ** 2.4) @ seen.T
    to_xyz = np.array([[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8728]])
    x, y, z = np.cbrt(linear.clip(0, 1) @ to_xyz.T).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def nearest(one: np.ndarray, other: np.ndarray, seen: np.ndarray) -> float:
    """The distance of the two colours that look most alike, one of either."""
    return float(np.linalg.norm(lab(one, seen)[:, None] - lab(other, seen)[None], axis=2).min())


@pytest.mark.parametrize("kind", SEEN)
def test_no_shared_weight_looks_like_one_that_is_not_or_like_none(kind):
    seen, four = SEEN[kind], SHARED.rgb[:4]  # those of a 2 × 2 kernel, with which the lesson starts
    none, plain = (np.array([rgb(colour)], float) for colour in (PAPER, INPUT))
    assert nearest(four, ALONE.rgb, seen) > 25
    assert nearest(SHARED.rgb, ALONE.rgb, seen) > (10 if kind == "no short" else 22)
    assert nearest(SHARED.rgb, none, seen) > 20
    assert nearest(four, plain, seen) > 10
    assert min(nearest(four[i : i + 1], np.delete(four, i, axis=0), seen) for i in range(4)) > 14


def test_neighbouring_weights_differ_in_lightness_and_all_are_light_enough_for_ink():
    shared = [lightness(colour) for colour in SHARED.rgb]
    assert min(shared) > 58
    assert min(abs(a - b) for a, b in pairwise(shared)) > 10


@pytest.mark.parametrize(("n", "k", "s", "row"), [(4, 2, 1, 5), (4, 2, 1, 9), (5, 3, 2, 2), (3, 2, 1, 3)])
def test_the_row_on_the_input_is_the_window(n, k, s, row):
    shown = pixels(draw_matrices(n, k, stride=s, row=row))
    numbered = number_weights(n, k, s)
    cell = min(126 * 2 // n, 84)
    drawn = shown[BELOW * 2 + 4 :: cell, LEFTS[2] * 2 + 4 :: cell][:n, :n]
    image = numbered.matrices[2][row - 1].reshape(n, n)
    for (i, j), number in np.ndenumerate(image):
        assert tuple(drawn[i, j]) == (tuple(SHARED.rgb[number - 1]) if number else rgb(INPUT)), (i, j)


def test_the_marked_row_moves_down():
    """The frame's left side is vermilion at the row's height."""
    n, k = 4, 2
    for row in (1, 5, 9):
        shown = pixels(draw_matrices(n, k, row=row))
        for left, across in zip(LEFTS, ACROSSES, strict=True):
            cell = across * 2 // 16
            column = shown[TOP * 2 - 2 : TOP * 2 + 9 * cell + 2, left * 2]
            marked = np.flatnonzero((column == rgb(WINDOW)).all(axis=1))
            assert (marked.mean() - 2) / cell == pytest.approx(row - 0.5, abs=0.06)


def test_the_sentence_of_the_matrices():
    said = draw_matrices(4, 2, row=5).sentence
    assert said == (
        "Each matrix has 9 rows, one for each output pixel, and 16 columns, one for each input pixel. Different "
        "weights: fully connected 144, locally connected 9·2·2 = 36, convolution 2·2 = 4, each in 9 rows. Row 5 makes "
        "output pixel (2, 2). The window reads input pixels 6, 7, 10 and 11."
    )
    alone = draw_matrices(3, 3).sentence
    assert "has one row, for the one output pixel, and 9 columns" in alone
    assert "convolution 3·3 = 9, none of them shared." in alone
    assert "reads input pixels 1 to 3, 4 to 6 and 7 to 9." in alone
    assert "reads input pixel 9." in draw_matrices(3, 1, row=9).sentence


def test_a_matrix_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="A kernel of 3 × 3 pixels does not fit into an input of 2 × 2"):
        draw_matrices(2, 3)
    with pytest.raises(ValueError, match="row must be between 1 and 9, the number of output pixels, got 10"):
        draw_matrices(4, 2, row=10)
    with pytest.raises(ValueError, match="row must be at least 1, got 0"):
        draw_matrices(4, 2, row=0)


def test_nothing_is_shared_with_one_output_pixel():
    shown = pixels(draw_matrices(3, 3)).reshape(-1, 3)
    assert not any((shown == colour).all(axis=1).any() for colour in SHARED.rgb)
    assert (pixels(draw_matrices(4, 3)).reshape(-1, 3) == SHARED.rgb[0]).all(axis=1).sum() > 400


# A digit that moves

MOVES = [(0, 0), (3, 0), (-3, 2), (4, 4), (5, -1), (-8, 8), (0, 7)]


def by_torch(image: np.ndarray, weight: np.ndarray) -> np.ndarray:
    k = weight.shape[-1]
    room = [(k - 1) // 2, k // 2] * 2
    return F.conv2d(F.pad(torch.tensor(image)[None], room), torch.tensor(weight))[0, 0].numpy()


def moved(image: np.ndarray, right: int, down: int) -> np.ndarray:
    """Pixel by pixel."""
    result = np.zeros_like(image)
    for i, j in np.ndindex(image.shape):
        if 0 <= i - down < len(image) and 0 <= j - right < len(image):
            result[i, j] = image[i - down, j - right]
    return result


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("k", [2, 3, 4, 7])
def test_the_convolution_is_torchs(name, k):
    x, (weight, own) = place_digit(5), make_filters(name, k, 1.0, 0)
    for right, down in MOVES:
        conv, local = follow(5, name, k, right=right, down=down)
        np.testing.assert_allclose(conv.after, moved(by_torch(x, weight), right, down), atol=1e-12)
        np.testing.assert_allclose(conv.before, by_torch(moved(x[0], right, down)[None], weight), atol=1e-12)
        i, j = 7, 9  # the filter that stands at one place
        there = by_torch(moved(x[0], right, down)[None], own[:, i, j])[i, j]
        assert local.before[i, j] == pytest.approx(there, abs=1e-12)


def test_a_convolution_differs_at_the_border_only_and_only_when_the_digit_has_left():
    for digit in range(10):
        for k in (1, 2, 3, 4, 5, 6, 7):
            for right, down in MOVES:
                conv, _ = follow(digit, "blur (mean)", k, right=right, down=down)
                inside = conv.differs[k // 2 : SIDE - k // 2, k // 2 : SIDE - k // 2]
                assert not inside.any()
                if max(abs(right), abs(down)) <= MARGIN:
                    assert not conv.differs.any()


def test_without_sharing_the_output_does_not_follow():
    for digit in range(10):
        for right, down in MOVES[1:5]:
            _, local = follow(digit, FILTERS[0], 3, right=right, down=down)
            assert local.share > 0.5
            assert local.differs.sum() > 20
    assert not follow(3, FILTERS[0], 3, right=0, down=0)[1].differs.any()


def test_own_filters_are_as_long_as_the_shared_one_and_mixed_as_said():
    shared, own = make_filters(FILTERS[0], 3, 1.0, 4)
    np.testing.assert_allclose(np.linalg.norm(own, axis=(4, 5)), np.linalg.norm(shared), rtol=1e-12)
    assert len(np.unique(own[0, :, :, 0, 0, 0])) == SIDE**2
    _, half = make_filters(FILTERS[0], 3, 0.5, 4)
    np.testing.assert_allclose(half, 0.5 * own + 0.5 * shared[:, None, None], atol=1e-12)
    _, none = make_filters(FILTERS[0], 3, 0.0, 4)
    np.testing.assert_array_equal(none, np.broadcast_to(shared[:, None, None], none.shape))
    assert not np.array_equal(own, make_filters(FILTERS[0], 3, 1.0, 5)[1])


def test_the_farther_from_shared_the_larger_the_difference():
    shares = [follow(3, FILTERS[0], 3, right=3, down=0, untied=u / 4)[1].share for u in range(5)]
    assert shares[0] < 1e-9
    assert shares == sorted(shares)
    assert shares[4] > 1


@pytest.mark.parametrize("move", [{"right": 3, "down": 0}, {"right": -8, "down": 5}])
def test_the_sentence_on_shifts_holds_what_was_counted(move):
    conv, local = follow(3, FILTERS[0], 3, **move)
    said = draw_shift(3, FILTERS[0], 3, **move).sentence
    count = conv.differs.sum()
    words = f"{count} of 256 output pixels differ, within 1 pixel of the border" if count else "not one output pixel"
    assert words in said
    assert f"{local.differs.sum()} pixels differ; the difference is {100 * local.share:.1f} % as large" in said


def test_what_the_sentence_on_shifts_says_of_special_cases():
    assert draw_shift(7, FILTERS[0], 3, right=-2, down=-1).sentence.startswith("The 7 moves 2 to the left, 1 up.")
    said = draw_shift(7, FILTERS[0], 3, right=0, down=0).sentence
    assert said.startswith("The 7 does not move. The shared filter is vertical edges (Sobel), 3 × 3.")
    assert "no pixel differs either" in said
    alike = draw_shift(7, FILTERS[0], 3, right=1, down=0, untied=0).sentence
    assert "all filters are alike, so it is a convolution" in alike


@pytest.mark.parametrize("move", [(3, 0), (-8, 8), (0, 0)])
def test_one_input_stands_beside_both_layers_the_digit_over_its_shadow(move):
    right, down = move
    shown = pixels(draw_shift(3, FILTERS[0], 3, right=right, down=down)).astype(int)
    middle = INPUT_TOP + SIDE * PIXEL / 2
    assert TOPS[0] + SIDE * CELL < middle + 25 < TOPS[1] + 25  # beside neither of the two rows
    half = PIXEL
    cells = shown[2 * INPUT_TOP + half :: 2 * PIXEL, 2 * INPUT_LEFT + half :: 2 * PIXEL][:SIDE, :SIDE]
    before, now = place_digit(3)[0], moved(place_digit(3)[0], right, down)
    grey, blue = np.ptp(cells, axis=2) < 12, cells[:, :, 2] > cells[:, :, 0] + 25
    assert grey[now > 0].all()
    assert (cells[now > 0.8].max(axis=1) < 110).all()
    assert blue[(now == 0) & (before > 0.3)].all()
    assert (cells[(now == 0) & (before == 0)] == 255).all()


def test_what_cannot_be_shifted_is_refused():
    with pytest.raises(ValueError, match="compares a pixel with its neighbours"):
        draw_shift(3, FILTERS[0], 1, right=1, down=0)
    with pytest.raises(ValueError, match="untied must be a probability between 0 and 1, got 2"):
        draw_shift(3, FILTERS[0], 3, right=1, down=0, untied=2)
    with pytest.raises(ValueError, match=r"digit must be one of 0, 1, .*, 9, got 10"):
        draw_shift(10, FILTERS[0], 3, right=1, down=0)


def test_the_difference_is_white_where_there_is_none_and_coloured_where_there_is_one():
    conv, local = follow(3, FILTERS[0], 3, right=3, down=0)
    shown = pixels(draw_shift(3, FILTERS[0], 3, right=3, down=0))
    cell, middle = CELL * 2, CELL
    for top, layer in zip(TOPS, (conv, local), strict=True):
        at = shown[top * 2 + middle :: cell, IMAGES[2] * 2 + middle :: cell][:SIDE, :SIDE].astype(int)
        strong = np.abs(layer.difference) > 0.2 * max(np.abs(layer.after).max(), np.abs(layer.before).max())
        assert (at[~layer.differs] == 255).all()
        positive, negative = at[strong & (layer.difference > 0)], at[strong & (layer.difference < 0)]
        assert (positive[:, 2] > positive[:, 0]).all()
        assert (negative[:, 0] > negative[:, 2]).all()
        assert strong.any() == (layer is local)


def test_the_digit_is_a_scan_in_the_middle_and_moves_at_most_half_out():
    for digit in range(10):
        x = place_digit(digit)
        assert x.shape == (1, SIDE, SIDE)
        assert x[0, MARGIN:-MARGIN, MARGIN:-MARGIN].sum() == x.sum() > 0
        for right in (-FARTHEST, FARTHEST):
            assert moved(x[0], right, 0).sum() > 0.2 * x.sum()


# Who reads


def test_every_dot_stands_at_its_share():
    shown = pixels(draw_readers(3, "middle"))
    colours = [INK, *[BLUE] * 2, *[ORANGE] * 3]  # as in the counts
    for row, (values, colour) in enumerate(zip(shares("middle").values(), colours, strict=True)):
        strip = shown[2 * (FIRST + ROW * row) : 2 * (FIRST + ROW * (row + 1)), 2 * LEFT : 2 * (LEFT + ACROSS + 10)]
        dots = np.flatnonzero((strip == rgb(colour)).all(axis=2).any(axis=0)) / 2 + LEFT
        places = LEFT + ACROSS * values[:, 7]
        assert abs(dots.min() - (places.min() - 3)) < 1
        assert abs(dots.max() - (places.max() + 3)) < 1.5
        assert all(np.abs(dots - place).min() < 3.5 for place in places)


def test_the_digits_to_choose_from_stand_where_the_shift_puts_them():
    shown = pixels(draw_readers(-2, "middle")).astype(int)
    for i, right in enumerate(range(-4, 5)):
        at = 2 * (LEFT + STEP * i)
        cells = shown[2 * STRIP + 3 :: 6, at + 3 :: 6][:SIDE, :SIDE].max(axis=2)
        image = moved(place_digit(3)[0], right, 0)
        assert (cells[image > 0.8] < 110).all()
        assert (cells[image == 0] == 255).all()
        framed = shown[2 * STRIP + 30, at - 2 : at + 2]
        assert (framed == rgb(WINDOW)).all() == (right == -2)


@pytest.mark.parametrize(("shift", "place"), [(5, "middle"), (0, "nowhere")])
def test_a_shift_or_place_without_a_record_is_refused(shift, place):
    with pytest.raises(ValueError, match="must be one of"):
        draw_readers(shift, place)
