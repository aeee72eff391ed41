"""The pictures of notebook 05, without widgets: filters and padding as torch's, stacks as torch's, pixels as said."""

import math
from importlib.machinery import ModuleSpec
from io import BytesIO
from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch.nn import functional as F

from cnnkit.course.convolution.filters import draw_filter
from cnnkit.course.convolution.stack import DASHES, LEFT, OUTLINES, TOP, draw_stack
from cnnkit.course.convolution.stack import SIDE as VIEW
from cnnkit.course.convolution.stack_numbers import PRESETS, StackLayer, look_back, tabulate
from cnnkit.course.kit import borrowed, photo
from cnnkit.course.kit.kernels import LARGEST, MEANING, PADDINGS, filter_grey, make_kernel
from cnnkit.course.kit.palette import INPUT, INPUT_READ, PADDING
from cnnkit.course.kit.photo import SIDE, as_grey, hopper

SIZES = range(1, LARGEST + 1)
ALEXNET = "AlexNet's first six layers"
EDGES = ("vertical edges (Sobel)", "horizontal edges (Sobel)", "Laplacian")


def pixels(picture) -> np.ndarray:
    """The picture's colours, (H, W, 3)."""
    return np.asarray(Image.open(BytesIO(picture.png)).convert("RGB"))


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


# Kernels


@pytest.mark.parametrize("name", sorted(set(MEANING) - {"random"}))
def test_kernel_sums(name):
    for k in SIZES[1:] if name in EDGES else SIZES:
        kernel = make_kernel(name, k)
        assert kernel.weights.shape == (k, k)
        assert kernel.weights.sum() == pytest.approx(0 if name in EDGES else 1, abs=1e-12)


def test_kernels_that_every_book_shows():
    assert make_kernel("blur (binomial)", 3).entries.tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    assert make_kernel("blur (binomial)", 3).divisor == 16
    assert make_kernel("horizontal edges (Sobel)", 3).entries.tolist() == [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    assert make_kernel("vertical edges (Sobel)", 5).entries[2].tolist() == [-6, -12, 0, 12, 6]
    assert make_kernel("Laplacian", 3).entries.tolist() == [[1, 1, 1], [1, -8, 1], [1, 1, 1]]
    assert make_kernel("sharpen", 3).entries.tolist() == [[-1, -1, -1], [-1, 17, -1], [-1, -1, -1]]


@pytest.mark.parametrize("name", EDGES)
def test_the_sharpest_edge_gives_one(name):
    for k in SIZES[1:]:
        weights = make_kernel(name, k).weights
        best = (weights > 0).astype(float)  # the picture of zeros and ones that answers most
        assert (weights * best).sum() == pytest.approx(1)
    with pytest.raises(ValueError, match="kernel_size must be at least 2, got 1"):
        make_kernel(name, 1)


def test_identity_gives_the_picture_back_at_even_sizes_too():
    for k in SIZES:
        _, output, _ = filter_grey(hopper(), make_kernel("identity", k), stride=1, padding_mode="zeros")
        assert np.array_equal(output, hopper())


def test_random_is_drawn_between_the_bounds_of_torch():
    for k in (1, 3, 8):
        bound = torch.nn.Conv2d(1, 2000, k).weight.abs().max().item()
        drawn = np.concatenate([make_kernel("random", k, seed=s).entries.ravel() for s in range(21)])
        assert np.abs(drawn).max() <= 1 / k
        assert bound <= 1 / k + 1e-6
        assert bound > 0.99 / k
    assert np.array_equal(make_kernel("random", 3, seed=7).entries, make_kernel("random", 3, seed=7).entries)
    assert not np.array_equal(make_kernel("random", 3, seed=7).entries, make_kernel("random", 3, seed=8).entries)


# Filtering


@given(st.data())
@settings(max_examples=50)
def test_filtering_is_torchs_pad_and_conv2d(data):
    shape = data.draw(st.tuples(st.integers(1, 14), st.integers(1, 14)), "shape")
    k, stride = data.draw(st.integers(1, LARGEST), "k"), data.draw(st.integers(1, 8), "stride")
    mode, seed = data.draw(st.sampled_from(PADDINGS), "mode"), data.draw(st.integers(0, 20), "seed")
    grey = np.random.default_rng(seed).uniform(size=shape)
    kernel = make_kernel("random", k, seed=seed)
    sides = [(k - 1) // 2, k // 2] * 2 if mode != "none" else [0] * 4
    try:
        x = F.pad(torch.tensor(grey)[None, None], sides, mode={"none": "constant", "zeros": "constant"}.get(mode, mode))
        expected = F.conv2d(x, torch.tensor(kernel.weights)[None, None], stride=stride)[0, 0].numpy()
    except RuntimeError:
        with pytest.raises(ValueError, match=r"padding_mode|kernel does not fit"):
            filter_grey(grey, kernel, stride=stride, padding_mode=mode)
        return
    padded, output, (before, after) = filter_grey(grey, kernel, stride=stride, padding_mode=mode)
    assert np.array_equal(padded, x[0, 0].numpy())
    assert [before, after] * 2 == sides
    assert output.shape == expected.shape
    np.testing.assert_allclose(output, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # torch says that it copies the input
@pytest.mark.parametrize("mode", PADDINGS[1:])
def test_padding_is_what_conv2d_same_does(mode):
    for k in (1, 2, 3, 4, 7, 10):
        layer = torch.nn.Conv2d(1, 1, k, padding="same", padding_mode=mode, bias=False)
        grey = hopper()[:30, :40]
        kernel = make_kernel("random", k, seed=k)
        layer.weight.data[:] = torch.tensor(kernel.weights)
        expected = layer(torch.tensor(grey)[None, None])[0, 0].detach().numpy()
        _, output, _ = filter_grey(grey, kernel, stride=1, padding_mode=mode)
        np.testing.assert_allclose(output, expected, atol=1e-6)


# The picture of a filter


def test_the_output_is_drawn_pixel_by_pixel_at_its_place():
    grey = np.zeros((12, 12), np.float32)
    grey[3:6, 4:9] = 1
    options = {"kernel": "identity", "kernel_size": 1, "stride": 1, "padding_mode": "none"}
    shown = pixels(draw_filter(grey, row=12, column=12, **options))  # the marks are in a corner
    zoom = 570 // 22
    for left in (0, 535 * 2):  # input and output
        x, y = left + (570 - 12 * zoom) // 2, 28 * 2 + (570 - 12 * zoom) // 2
        drawn = shown[y + zoom // 2 : y + 12 * zoom : zoom, x + zoom // 2 : x + 12 * zoom : zoom]
        expected = np.repeat(grey[:, :, None] * 255, 3, axis=2).astype(np.uint8)
        assert np.array_equal(drawn[:-1, :-1], expected[:-1, :-1])


def test_negative_is_orange_positive_is_blue_zero_is_white():
    grey = np.zeros((12, 12), np.float32)
    grey[:, 4:8] = 1
    shown = pixels(draw_filter(grey, kernel=EDGES[0], kernel_size=3, stride=1, padding_mode="replicate"))
    zoom, middle = 570 // 22, 28 * 2 + 285
    x = 535 * 2 + (570 - 12 * zoom) // 2 + zoom // 2
    row = shown[middle, x : x + 12 * zoom : zoom]
    rise, fall = row[[3, 4]], row[[7, 8]]
    assert (rise[:, 2] > rise[:, 0]).all()
    assert (fall[:, 0] > fall[:, 2]).all()
    assert (row[[0, 1, 5, 6, 10, 11]] == 255).all()


def test_rounding_dust_has_no_colour():
    flat = np.full((20, 20), 0.7, np.float32)
    shown = pixels(draw_filter(flat, kernel="Laplacian", kernel_size=7, stride=1, padding_mode="replicate"))
    assert (shown[28 * 2 + 200 : 28 * 2 + 370, 535 * 2 + 200 : 535 * 2 + 370] == 255).all()


def test_the_sentence_of_a_filter():
    grey = np.full((30, 20), 0.5, np.float32)
    said = draw_filter(grey, kernel="blur (mean)", kernel_size=4, stride=2, padding_mode="zeros").sentence
    assert "Height: ⌊(30 + 1 + 2 − 4)/2⌋ + 1 = 15; width: ⌊(20 + 1 + 2 − 4)/2⌋ + 1 = 10." in said
    assert "The weights sum to 1, so a plain area keeps its brightness; " in said
    assert "; the zeros around the picture darken its border." in said
    said = draw_filter(grey, kernel="Laplacian", kernel_size=3, stride=1, padding_mode="zeros").sentence
    assert "The weights sum to 0" in said
    assert "; to this kernel the zeros around the picture are an edge." in said
    said = draw_filter(grey[:20], kernel="identity", kernel_size=1, stride=3, padding_mode="circular").sentence
    assert "Size: ⌊(20 + 2·0 − 1)/3⌋ + 1 = 7." in said
    assert said.startswith("Each output pixel is the pixel itself; at row 1, column 1 that is 0.50.")
    total = make_kernel("random", 3, seed=2).weights.sum()
    said = draw_filter(grey, kernel="random", kernel_size=3, stride=1, padding_mode="reflect", seed=2).sentence
    assert f"sum to {total:.2f}, so a plain area of 0.5 becomes {total / 2:.2f}".replace("-", "−") in said


# Pictures to filter


def test_hopper_is_there():
    grey = hopper()
    assert grey.shape == (SIDE, SIDE)
    assert grey.dtype == np.float32
    assert not grey.flags.writeable
    assert (grey.min(), grey.max()) == (0, 1)
    assert 0.2 < grey.mean() < 0.6


@pytest.mark.parametrize("spec", [None, ModuleSpec("matplotlib", None, origin="/nowhere/__init__.py")])
def test_a_chart_takes_the_place_of_a_missing_photograph(monkeypatch, spec):
    monkeypatch.setattr(borrowed, "find_spec", lambda name: spec)
    assert np.array_equal(hopper.__wrapped__(), photo.chart())
    assert photo.chart().shape == (SIDE, SIDE)
    assert 0 <= photo.chart().min() < photo.chart().max() <= 1


PLAIN = np.arange(15).reshape(3, 5) / 14


def encoded(image, form="PNG") -> bytes:
    buffer = BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "given",
    [
        PLAIN,
        PLAIN.tolist(),
        PLAIN[:, :, None],
        np.stack([PLAIN] * 3),
        np.stack([PLAIN] * 3, axis=2),
        np.rint(PLAIN * 255).astype(np.uint8),
        np.rint(PLAIN * 255).astype(np.int64),
        torch.tensor(PLAIN)[None],
        Image.fromarray(np.rint(PLAIN * 255).astype(np.uint8)),
        encoded(Image.fromarray(np.rint(PLAIN * 255).astype(np.uint8))),
    ],
    ids=["floats", "list", "one channel", "CHW", "HWC", "bytes", "ints", "tensor", "Pillow", "file"],
)
def test_pictures_that_can_be_used(given):
    np.testing.assert_allclose(as_grey(given), PLAIN, atol=0.5 / 255 + 1e-6)


def test_pictures_of_every_kind(tmp_path):
    assert as_grey(np.zeros((3, 4), bool)).max() == 0
    assert as_grey(Image.new("LA", (4, 4), (0, 0))).min() == 1  # what is transparent is white
    assert as_grey(Image.fromarray(np.array([[0, 65_535]], np.uint16))).tolist() == [[0, 1]]
    assert as_grey(np.ones((400, 10))).shape == (SIDE, round(10 * SIDE / 400))
    assert as_grey(np.ones((10_000, 1))).shape == (SIDE, 1)
    turned = Image.new("L", (30, 20))
    turned.getexif()[0x0112] = 6  # lying on its side, says the camera
    turned.save(tmp_path / "turned.jpg", exif=turned.getexif())
    assert as_grey(tmp_path / "turned.jpg").shape == (30, 20)
    assert as_grey(str(tmp_path / "turned.jpg")).shape == (30, 20)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("nowhere.png", r"there is no file 'nowhere\.png'"),
        (b"not a picture", "a picture that Pillow can read, got 13 bytes"),
        (encoded(Image.new("L", (50, 50)))[:60], "a picture that Pillow can read"),
        ("", "a picture that Pillow can read, got ''"),
        ("~nobody-here/x.png", "a picture that Pillow can read, got '~nobody-here/x.png': Could not determine home"),
        (np.zeros((4, 4), complex), r"array of numbers, got an array of complex128 with shape \(4, 4\)$"),
        (7, r"shape \(H, W\)"),
        (None, "a path, a Pillow image or an array of numbers, got None"),
        ([[1, 2], [3]], "a path, a Pillow image or an array of numbers"),
        ([["a"]], "a path, a Pillow image or an array of numbers"),
        (np.ones((2, 2), complex), "a path, a Pillow image or an array of numbers"),
        (torch.ones(2, 2, requires_grad=True), "a path, a Pillow image or an array of numbers"),
        (np.ones((5, 4, 2)), r"got \(5, 4, 2\)"),
        (np.ones((1, 3, 4, 4)), r"got \(1, 3, 4, 4\)"),
        (np.ones((0, 4)), r"none of them 0; got \(0, 4\)"),
        ([[0.0, 1.5]], "floats must lie between 0 and 1, got 0.0 to 1.5"),
        ([[0.0, math.nan]], "floats must lie between 0 and 1"),
        ([[-1, 3]], "whole numbers must lie between 0 and 255, got -1 to 3"),
        ([[0, 256]], "whole numbers must lie between 0 and 255, got 0 to 256"),
    ],
    ids=lambda value: None if isinstance(value, str) else type(value).__name__,
)
def test_pictures_that_cannot_be_used(given, sentence):
    with pytest.raises(ValueError, match=f"image must .*{sentence}"):
        as_grey(given)


# Stacks


def in_torch(channels: int, layers: list[StackLayer]) -> torch.nn.Sequential:
    modules = []
    for layer in layers:
        if layer.kind == "convolution":
            modules.append(torch.nn.Conv2d(channels, layer.filters, *layer[:4]))
            channels = layer.filters
        else:
            modules.append(torch.nn.MaxPool2d(*layer[:4]))
    return torch.nn.Sequential(*modules)


@st.composite
def stacks(draw, kinds=("convolution", "max pooling")):
    layer = st.builds(
        StackLayer, st.integers(1, 5), st.integers(1, 3), st.integers(0, 4), st.integers(1, 3), st.integers(1, 4),
        st.sampled_from(kinds),
    )  # fmt: skip
    return draw(st.integers(1, 40)), draw(st.integers(1, 4)), draw(st.lists(layer, min_size=1, max_size=6))


@given(stacks())
@settings(max_examples=50)
def test_the_table_is_what_torch_says(stack):
    size, channels, layers = stack
    x, shapes = torch.zeros(1, channels, size, size), [(channels, size)]
    modules = in_torch(channels, layers)
    for number, module in enumerate(modules, 1):
        try:
            x = module(x)
        except RuntimeError:
            with pytest.raises(ValueError, match=f"layer {number}: .*; sizes up to there: {shapes[0][1]}"):
                tabulate(*stack)
            return
        shapes.append(tuple(x.shape[1:3]))
    rows = tabulate(*stack)
    assert [(row.channels, row.size) for row in rows] == shapes
    for row, module in zip(rows[1:], modules, strict=True):
        assert row.parameters == sum(p.numel() for p in module.parameters())
        weights = module.weight.numel() if isinstance(module, torch.nn.Conv2d) else 0
        assert row.macs == weights * row.size**2


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_what_torch_says(name):
    size, channels, layers = PRESETS[name]
    y = in_torch(channels, layers)(torch.zeros(1, channels, size, size))
    rows = tabulate(size, channels, layers)
    assert (rows[-1].channels, rows[-1].size) == tuple(y.shape[1:3])


@given(stacks(kinds=("convolution",)))
@settings(max_examples=50)
def test_what_the_centre_reads_is_what_has_a_gradient(stack):
    size, _, layers = stack
    layers = [layer._replace(filters=1) for layer in layers]
    try:
        rows = tabulate(size, 1, layers)
    except ValueError:
        return
    x = torch.zeros(1, 1, size, size, requires_grad=True)
    y = x
    for layer in layers:
        y = F.conv2d(y, torch.ones(1, 1, layer[0], layer[0]), None, *layer[1:4])
    centre = (rows[-1].size - 1) // 2
    y[0, 0, centre, centre].backward()
    seen = look_back(rows, layers)
    expected = np.zeros((size, size), bool)
    expected[np.ix_(seen.read, seen.read)] = True
    assert np.array_equal(x.grad[0, 0].numpy() > 0, expected)
    first, last = seen.starts[-1], seen.starts[-1] + rows[-1].field - 1
    assert all(first <= pixel <= last for pixel in seen.read)
    if not any(layer.padding for layer in layers):
        assert (seen.read[0], seen.read[-1]) == (first, last)


@pytest.mark.parametrize(
    ("size", "layers"),
    [
        (9, [StackLayer(3), StackLayer(3)]),
        (9, [StackLayer(3, 1, 2, 2), StackLayer(3, 1, 2, 2)]),
        (8, [StackLayer(5, 2, 4), StackLayer(3, 1, 2)]),
        (6, [StackLayer(1, 3), StackLayer(2)]),
    ],
)
def test_the_picture_shows_what_is_read(size, layers):
    rows = tabulate(size, 1, layers)
    seen = look_back(rows, layers)
    low, high = min(0, seen.starts[-1]), max(size, seen.starts[-1] + rows[-1].field)
    shown, scale = pixels(draw_stack(size, 1, layers)), VIEW * 2 / (high - low)
    for i in range(low, high):
        for j in range(low, high):
            colour = PADDING if not (0 <= i < size and 0 <= j < size) else INPUT
            if i in seen.read and j in seen.read:
                colour = INPUT_READ
            y, x = (round(corner * 2 + (at - low + 0.5) * scale) for corner, at in ((TOP, i), (LEFT, j)))
            assert tuple(shown[y, x]) == rgb(colour), (i, j)


def test_each_layer_has_its_outline_and_its_row():
    size, channels, layers = PRESETS[ALEXNET]
    for chosen in range(1, 7):
        shown = pixels(draw_stack(size, channels, layers, chosen=chosen))
        field, table = shown[:, 2 * LEFT :].reshape(-1, 3), shown[:, :50].reshape(-1, 3)
        for colour in OUTLINES.rgb:
            assert (field == colour).all(axis=1).sum() > 150
            assert (table == colour).all(axis=1).sum() > 100


# What Machado, Oliveira and Fernandes (2009) compute for eyes without red, green or blue cones.
BLIND = {
    "red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(rgb: np.ndarray) -> np.ndarray:
    """Linear red, green and blue as lightness and two hues, in which equal distances look equally different."""
    xyz = rgb @ np.array([[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]])
    f = np.cbrt(np.maximum(xyz / (0.9505, 1, 1.089), 0.009))
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


@pytest.mark.parametrize("missing", BLIND)
def test_outlines_with_the_same_dashes_have_colours_that_colour_blind_readers_tell_apart(missing):
    share = OUTLINES.rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    seen = lab((linear @ np.array(BLIND[missing]).T).clip(0, 1))
    for i, j in combinations(range(len(DASHES)), 2):
        if DASHES[i] == DASHES[j]:
            assert np.linalg.norm(seen[i] - seen[j]) > 20, (i + 1, j + 1)
        assert abs(i - j) > 1 or DASHES[i] != DASHES[j]  # neighbours never share them


def test_the_sentence_of_a_stack():
    def said(size, *layers):
        return draw_stack(size, 16, [StackLayer(*layer, filters=16) for layer in layers]).sentence

    assert said(32, (3,), (3,), (3,)) == (
        "A unit of layer 3 sees r = 1 + (3−1)·1 + (3−1)·1 + (3−1)·1 = 7 pixels across. The centre reads every pixel of "
        "its field. 32 × 32 become 26 × 26; the stack has 6,960 parameters, with biases, and needs 5,437,440 MACs."
    )
    assert "r = 1 + (7−1)·1 = 7 pixels across." in said(32, (7,))
    assert "r = 1 + 2·(3−1)·1 + (3−1)·2 = 9 pixels across." in said(32, (3, 2, 0, 2), (3,))
    assert "columns only 7 are read: dilation and stride leave gaps." in said(
        32, (3, 1, 2, 2), (3, 1, 2, 2), (3, 1, 2, 2)
    )
    assert "15 rows and columns 14 lie in the padding; the centre sees all of the input." in said(1, (15, 1, 7))
    assert "Of the field's 3 rows and columns 1 lies in the padding." in said(4, (3, 2, 1))
    assert "reads nothing but padding" in said(4, (1, 4, 5))


def test_a_stack_that_cannot_be_names_the_layer_and_the_sizes():
    with pytest.raises(ValueError, match=r"^layer 2: the kernel spans 5 .* only 4 pixels; sizes up to there: 6 → 4$"):
        draw_stack(6, 1, [StackLayer(3), StackLayer(5)])
    with pytest.raises(ValueError, match=r"layer 1: max pooling pads at most half of .*; sizes up to there: 6$"):
        draw_stack(6, 1, [StackLayer(2, 2, 2, kind="max pooling")])
