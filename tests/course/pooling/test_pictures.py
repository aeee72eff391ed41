"""The pictures of notebook 04, without widgets: pooling windows and smaller pictures, as torch has them."""

import re
from io import BytesIO

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch.nn import functional as F

from cnnkit.course.kit.palette import INPUT, INPUT_READ, OUTPUT_WRITTEN, SOFT, UNREAD, WINDOW
from cnnkit.course.kit.photo import SIDE, hopper
from cnnkit.course.pooling.downsample import DETAIL, LEFTS, TOP, draw_downsampling
from cnnkit.course.pooling.downsample_numbers import PATTERNS, PERIODS, WAYS, WITH_KERNEL, pattern, shrink
from cnnkit.course.pooling.window import LEFT, ROOM, draw_pooling
from cnnkit.course.pooling.window import TOP as ABOVE
from cnnkit.course.pooling.window_numbers import KINDS, example_pixels, example_upstream, lay_pooling

CSS = 2  # device pixels in one of CSS


def pixels(picture) -> np.ndarray:
    """The picture's colours, (H, W, 3)."""
    return np.asarray(Image.open(BytesIO(picture.png)).convert("RGB"))


def rgb(name: str) -> tuple[int, ...]:
    return tuple(int(name[i : i + 2], 16) for i in (1, 3, 5))


# One window


@st.composite
def poolings(draw):
    k = draw(st.integers(1, 4), "k")
    options = {
        "stride": draw(st.integers(1, 4)), "padding": draw(st.integers(0, k // 2)), "ceil_mode": draw(st.booleans()),
        "kind": draw(st.sampled_from(KINDS)), "count_include_pad": draw(st.booleans()),
    }  # fmt: skip
    size = draw(st.integers(max(1, k - 2 * options["padding"]), 9))
    count = lay_pooling(size, k, **options).axis.count
    return lay_pooling(size, k, **options, position=draw(st.integers(1, count**2)))


def in_torch(pooling):
    """Output and input gradient of the same pooling."""
    x = torch.tensor(pooling.x, dtype=torch.float64)[None].requires_grad_()
    pool = F.max_pool2d if pooling.kind == "max" else F.avg_pool2d
    y = pool(x, pooling.axis.kernel_size, **pooling.options)
    y.backward(torch.tensor(pooling.dy)[None])
    return y[0].detach().numpy(), x.grad[0].numpy()


@given(poolings())
@settings(max_examples=50)
def test_a_pooling_is_torchs_forward_and_backward(pooling):
    y, dx = in_torch(pooling)
    np.testing.assert_allclose(pooling.y, y, rtol=1e-12)
    np.testing.assert_allclose(pooling.dx, dx, rtol=1e-12, atol=1e-12)


@given(poolings())
@settings(max_examples=50)
def test_the_shares_of_all_windows_make_the_gradient(pooling):
    for pixel in np.ndindex(pooling.x.shape):
        assert sum(pooling.parts(pixel)) == pytest.approx(pooling.dx[pixel], abs=1e-9)
    value = pooling.y[pooling.place]
    seen = [pooling.x[pixel] for pixel in pooling.pixels()]
    if pooling.kind == "max":
        assert value == max(seen)
        assert {pooling.x[pixel] for pixel in pooling.largest} == {value}
        assert pooling.share(pooling.largest[0]) == pooling.dy[pooling.place]
    else:
        assert value == pytest.approx(sum(seen) / pooling.divisor, rel=1e-12)


def test_the_example_has_whole_averages_and_ties():
    x = example_pixels(10)
    assert (x.min(), x.max()) == (0, 9)
    blocks = x.reshape(5, 2, 5, 2).swapaxes(1, 2).reshape(-1, 4)
    assert not (blocks.sum(axis=1) % 4).any()
    assert ((blocks == blocks.max(axis=1, keepdims=True)).sum(axis=1) > 1).sum() > 4
    assert np.array_equal(example_pixels(7), x[:7, :7])
    for k in (1, 2, 3, 4):
        dy = example_upstream(9, k * k)
        assert not (dy % (k * k)).any()
        assert set((dy / (k * k)).ravel()) == {1, 2, 3}


@pytest.mark.parametrize("backward", [False, True])
def test_the_winner_and_the_window_are_marked(backward):
    shown = pixels(draw_pooling(6, 2, backward=backward, position=5))  # rows and columns 3 and 4: 5, 6 above 2, 7
    cell = 40 * CSS

    def at(i, j):  # beside the number
        return tuple(shown[ABOVE * CSS + i * cell + 8, LEFT * CSS + j * cell + 8])

    assert at(3, 3) == rgb(OUTPUT_WRITTEN)
    assert at(2, 2) == at(2, 3) == at(3, 2) == rgb(INPUT_READ)
    assert at(1, 1) == at(5, 5) == rgb(INPUT)
    assert tuple(shown[ABOVE * CSS + 2 * cell + 20, LEFT * CSS + 2 * cell]) == rgb(WINDOW)


def test_what_no_window_reads_is_hatched():
    shown, cell = pixels(draw_pooling(7, 2)), 40 * CSS
    last = shown[ABOVE * CSS : ABOVE * CSS + 7 * cell, LEFT * CSS + 6 * cell : LEFT * CSS + 7 * cell].reshape(-1, 3)
    assert (last == rgb(UNREAD)).all(axis=1).mean() > 0.1
    ceil = pixels(draw_pooling(7, 2, ceil_mode=True))[: (ABOVE + ROOM) * CSS, : (LEFT + ROOM) * CSS]
    assert not (ceil == rgb(UNREAD)).all(axis=2).any()


def test_a_window_that_would_see_nothing_is_drawn_where_it_would_start():
    pooling = lay_pooling(9, 1, stride=2, padding=0, ceil_mode=True)
    assert (pooling.axis.count, pooling.dropped, pooling.side) == (5, None, 9)
    assert lay_pooling(9, 2, padding=1, ceil_mode=False).dropped is None
    pooling = lay_pooling(9, 2, padding=1, ceil_mode=True)
    assert (pooling.axis.count, pooling.dropped, pooling.side) == (5, 10, 12)
    plain, shown = (pixels(draw_pooling(9, 2, padding=1, ceil_mode=ceil)) for ceil in (False, True))
    cell = ROOM * CSS // 12
    frame = shown[(ABOVE * CSS + 1) : (ABOVE * CSS + 2 * cell), LEFT * CSS + 10 * cell]
    assert (frame == rgb(SOFT)).all()
    assert not (plain[:, : (LEFT + ROOM) * CSS] == rgb(SOFT)).all(axis=2).sum() > 500


def test_the_sentence_of_a_maximum():
    said = draw_pooling(6, 2).sentence
    assert said == (
        "⌊(6 + 2·0 − 2)/2⌋ + 1 = 3: 3 × 3 outputs. Window 1 of 9 (row 1, column 1): the largest of its 4 pixels is 6, "
        "at row 2, column 1. It stands there twice; the first, row by row, counts as the winner."
    )
    said = draw_pooling(10, 1, stride=2, ceil_mode=True).sentence
    assert "⌈(10 + 2·0 − 1)/2⌉ + 1 = 6, but window 6 of a row would see nothing and is dropped: 5 × 5 outputs." in said
    assert "5 of the 10 rows and columns are never read." in draw_pooling(10, 1, stride=2).sentence
    assert "5 of its 9 cells are outside and count as −∞" in draw_pooling(7, 3, padding=1).sentence


def test_the_sentence_of_an_average():
    assert "(4 + 4 + 6 + 6)/4 = 20/4 = 5." in draw_pooling(6, 2, kind="average").sentence
    options = {"kind": "average", "stride": 2, "padding": 1}
    assert "(4 + 4 + 6 + 6)/9 = 20/9 ≈ 2.22. 5 cells of padding count as 0" in draw_pooling(6, 3, **options).sentence
    said = draw_pooling(6, 3, **options, count_include_pad=False).sentence
    assert "/4 = 20/4 = 5. 5 of its 9 cells are outside and not counted." in said
    said = draw_pooling(5, 2, kind="average", ceil_mode=True, position=9).sentence
    assert "1/1 = 1. 3 cells beyond the edge are not counted." in said


def test_the_sentence_of_a_gradient():
    said = draw_pooling(6, 2, stride=1, backward=True, position=1).sentence
    assert "its gradient 1 goes to the winner at row 2, column 1, the first of 2 equals" in said
    assert "adds up the gradients of 2 windows: 1 + 2 = 3." in said
    assert said.endswith("In all 47 come in and 47 arrive: nothing is lost.")
    said = draw_pooling(6, 2, kind="average", backward=True).sentence
    assert (
        "its gradient 4 is shared out, 4/4 = 1 to each cell. The pixel at row 1, column 1 gets nothing from any other"
        in said
    )
    said = draw_pooling(6, 2, kind="average", padding=1, backward=True).sentence
    assert "the rest went to the zeros of the padding." in said


def test_an_equals_sign_stands_only_where_nothing_is_rounded():
    rounded = exact = 0
    for padding, include in ((0, True), (1, True), (1, False)):
        for position in range(1, 5):
            said = draw_pooling(
                7, 4, stride=3, padding=padding, kind="average", count_include_pad=include, position=position,
                backward=True,
            ).sentence  # fmt: skip
            sums = re.findall(r"shared out, (.*?) ([=≈]) ([\d.]+) to|windows: (.*?) ([=≈]) ([\d.]+)\. In", said)
            for term, sign, value in (each[:3] if each[0] else each[3:] for each in sums):
                right = abs(eval(term) - float(value)) < 1e-9
                assert (sign == "=") <= right
                rounded, exact = rounded + (not right), exact + right
    assert rounded
    assert exact


@given(poolings(), st.booleans())
@settings(max_examples=50)
def test_sentences_of_gradients_add_up(pooling, backward):
    options = pooling.options | {"kind": pooling.kind, "position": pooling.position, "backward": backward}
    said = draw_pooling(pooling.axis.size, pooling.axis.kernel_size, **options).sentence
    if not backward:
        assert f": {pooling.axis.count} × {pooling.axis.count} outputs." in said
    else:
        assert f"Window {pooling.position} of {pooling.axis.count**2} " in said
        came, went = said.rpartition("In all ")[2].partition(":")[0].split(" come in and ")
        assert float(came) == pooling.dy.sum()
        assert float(went.removesuffix(" arrive")) == pytest.approx(pooling.dx.sum(), abs=0.006)


def test_what_cannot_be_pooled():
    with pytest.raises(ValueError, match="padding must be at most half of the kernel, got padding=2 for kernel_size=2"):
        draw_pooling(6, 2, padding=2)
    with pytest.raises(ValueError, match="kernel_size=4 does not fit into the input, which has 3 pixels a side"):
        draw_pooling(3, 4)
    with pytest.raises(ValueError, match="position must be between 1 and 9, the number of windows, got 10"):
        draw_pooling(6, 2, position=10)
    with pytest.raises(ValueError, match="kind must be one of 'max', 'average', got 'median'"):
        draw_pooling(6, 2, kind="median")


# Smaller pictures


@given(st.sampled_from(WAYS), st.integers(1, 6), st.integers(1, 6), st.integers(6, 17), st.integers(6, 17))
@settings(max_examples=50)
def test_smaller_pictures_are_torchs(way, k, s, height, width):
    grey = np.random.default_rng(height * width).uniform(size=(height, width))
    x = torch.tensor(grey)[None, None]
    row = torch.tensor(np.array([[1], [1, 1], [1, 2, 1], [1, 3, 3, 1], [1, 4, 6, 4, 1], [1, 5, 10, 10, 5, 1]][k - 1]))
    weight = (row[:, None] * row / row.sum() ** 2)[None, None].double()
    expected = {
        "max pooling": lambda: F.max_pool2d(x, k, stride=s),
        "average pooling": lambda: F.avg_pool2d(x, k, stride=s),
        "strided convolution": lambda: F.conv2d(x, weight, stride=s),
        "every s-th pixel": lambda: x[:, :, ::s, ::s],
        "bilinear": lambda: F.interpolate(
            x[:, :, : height // s * s, : width // s * s], scale_factor=1 / s, mode="bilinear",
            recompute_scale_factor=True,
        ),
    }[way]()  # fmt: skip
    np.testing.assert_allclose(shrink(grey, way, k, s).small, expected[0, 0].numpy(), rtol=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_large_again_lies_where_it_was(way):
    """A plain slope comes back as it was, away from the border: nothing is moved."""
    i, j = np.mgrid[:30, :40]
    slope = (i + 2 * j) / 110
    for k in (1, 2, 3, 4, 5):
        for s in (1, 2, 3, 4):
            back = shrink(slope, way, k, s).back[8:-8, 8:-8]
            moved_by = (k - 1) / 2 * 3 / 110 if way == "max pooling" else 0  # the largest is in the lower right corner
            np.testing.assert_allclose(back - moved_by, slope[8:-8, 8:-8], atol=1e-6)


def test_patterns_are_what_they_are_called():
    assert {pattern(name).shape for name in PATTERNS} == {(SIDE, SIDE)}
    stripes = pattern("stripes")
    for band, period in enumerate(PERIODS):
        row = stripes[band * SIDE // 5 + 3]
        assert np.array_equal(row[:-period], row[period:])
        assert 0 < row[:period].mean() < 1
    dots = pattern("dots")
    assert set(np.unique(dots)) == {0, 1}
    assert (
        F.avg_pool2d(torch.tensor(dots)[None], (9, 7), stride=1).max() <= 1.001 / 63
    )  # no two of them near each other


def test_the_four_pictures_and_their_enlarged_parts():
    grey = np.zeros((18, 18), np.float32)
    grey[4:8, 6:12] = 1
    shown = pixels(draw_downsampling(grey, way="max pooling", kernel_size=2, stride=2))
    zoom = 360 // 18
    for left, top, expected, step in (
        (LEFTS[0], TOP, grey, zoom),
        (LEFTS[1], TOP, grey[::2, ::2], zoom),
        (LEFTS[1], DETAIL, grey[::2, ::2], 2 * zoom),
    ):
        size = len(expected)
        at = slice(step // 2, size * step, step)
        drawn = shown[top * CSS :, left * CSS :][at, at][:size, :size]
        assert np.array_equal(drawn, np.repeat(expected[:, :, None] * 255, 3, axis=2).astype(np.uint8))


def test_too_bright_is_blue_and_too_dark_is_orange():
    dots = pattern("dots")
    for way, bluer in (("max pooling", True), ("average pooling", False)):
        shown = pixels(draw_downsampling(dots, way=way, kernel_size=3, stride=3, picture="dots")).astype(int)
        wrong = shown[TOP * CSS : (TOP + 170) * CSS, LEFTS[3] * CSS : (LEFTS[3] + 170) * CSS]
        blue, orange = (wrong[:, :, 2] - wrong[:, :, 0] > 60).sum(), (wrong[:, :, 0] - wrong[:, :, 2] > 60).sum()
        assert (blue > 4 * orange) == bluer
    flat = pixels(draw_downsampling(np.full((40, 40), 0.5, np.float32), way="bilinear", kernel_size=1, stride=4))
    assert (flat[DETAIL * CSS + 2 : DETAIL * CSS + 350, LEFTS[3] * CSS + 2 : LEFTS[3] * CSS + 350] == 255).all()


def test_the_sentence_of_a_smaller_picture():
    def said(picture, **options):
        grey = hopper() if picture == "photograph" else pattern(picture)
        return draw_downsampling(grey, picture=picture, **({"kernel_size": 2, "stride": 2} | options)).sentence

    first = said("photograph", way="max pooling")
    grey, shrunken = hopper(), shrink(hopper(), "max pooling", 2, 2)
    assert "size ⌊(180 − 2)/2⌋ + 1 = 90. 8,100 of 32,400 numbers are left (25 %)." in first
    assert f"The mean goes from {grey.mean():.3f} to {shrunken.small.mean():.3f}." in first
    error = (shrunken.back - grey).astype(float)
    whole, detail = (np.sqrt((each**2).mean()) for each in (error, error[62:82, 69:89]))
    assert f"has an error of {whole:.3f}, in the detail {detail:.3f}." in first
    assert shrunken.small.mean() > grey.mean() + 0.03
    assert said("stripes", way="max pooling").endswith("Of the finest stripes nothing is left but a plain 1.00.")
    assert said("stripes", way="average pooling").endswith("Of the finest stripes nothing is left but a plain 0.50.")
    assert said("stripes", way="every s-th pixel").endswith("Of the finest stripes nothing is left but a plain 0.00.")
    assert "keep 100 % of their contrast" in said("stripes", way="every s-th pixel", stride=3)
    assert said("dots", way="max pooling").endswith("520 bright pixels leave 520 numbers above 0, the largest 1.00.")
    assert said("dots", way="average pooling").endswith("520 numbers above 0, the largest 0.25.")
    assert said("dots", way="every s-th pixel").endswith("130 numbers above 0, the largest 1.00.")
    assert "Its four weights are ¼: this is average pooling." in said("rings", way="strided convolution")
    assert "reads 4 of the 16 pixels of a block, no more." in said("rings", way="bilinear", stride=4)
    assert "nothing is averaged at all" in said("rings", way="bilinear", stride=3)
    assert "only takes every s-th pixel" in said("rings", way="max pooling", kernel_size=1)
    for way in WAYS:
        itself = said("photograph", way=way, kernel_size=1, stride=1)
        assert "has an error of 0.000, in the detail 0.000." in itself
        assert itself.endswith("This is the picture itself.")


@pytest.mark.parametrize("kernel_size", [2, 6, 8])
@pytest.mark.parametrize("stride", [1, 6])
def test_every_number_above_0_is_counted(kernel_size, stride):
    found = shrink(pattern("dots"), "strided convolution", kernel_size, stride).small
    sentence = draw_downsampling(
        pattern("dots"), way="strided convolution", kernel_size=kernel_size, stride=stride, picture="dots"
    ).sentence
    assert f"{int((found > 0).sum()):,} numbers above 0, the largest" in sentence


def test_what_the_sentence_says_about_likeness_is_so():
    grey = hopper()
    average = shrink(grey, "average pooling", 2, 2).small
    np.testing.assert_allclose(shrink(grey, "strided convolution", 2, 2).small, average, atol=1e-6)
    np.testing.assert_allclose(shrink(grey, "bilinear", 1, 2).small, average, atol=1e-6)
    np.testing.assert_allclose(shrink(grey, "bilinear", 1, 3).small, grey[1::3, 1::3], atol=1e-6)
    for way in WITH_KERNEL:
        np.testing.assert_allclose(shrink(grey, way, 1, 4).small, grey[::4, ::4], atol=1e-6)


def test_what_cannot_be_made_smaller():
    small = np.zeros((4, 9), np.float32)
    with pytest.raises(ValueError, match="stride must be at most 4, the picture's shorter side, got 5"):
        shrink(small, "bilinear", 1, 5)
    with pytest.raises(ValueError, match="kernel_size=5 does not fit into the picture, whose shorter side has 4"):
        shrink(small, "max pooling", 5, 1)
    with pytest.raises(ValueError, match="way must be one of"):
        shrink(small, "median", 2, 2)
    with pytest.raises(ValueError, match="picture must be one of 'photograph', 'stripes', 'rings', 'dots', got 'cat'"):
        draw_downsampling(small, way="bilinear", kernel_size=1, stride=2, picture="cat")
