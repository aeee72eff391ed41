"""The pictures of notebook 07's small CNN: its numbers are torch's, what a value sees is what changes it."""

import re
from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cnnkit.course.cnn import occlusion as cnn_occlusion
from cnnkit.course.cnn import walk_closeup as cnn_closeup
from cnnkit.course.cnn.cells import PALE, draw_block
from cnnkit.course.cnn.digit_net import FILE, SIDE, STAGES, digit_net, fields, read_digit, scans
from cnnkit.course.cnn.mistakes import ANY, CELL, DIGITS, MATRIX, draw_mistakes, find, read_all
from cnnkit.course.cnn.occlusion import cover, draw_occlusion
from cnnkit.course.cnn.train_digit_net import train
from cnnkit.course.cnn.walk import draw_walk
from cnnkit.course.cnn.walk_cursor import highest, look_back, multiply, put_cursor, reads, winner
from cnnkit.course.cnn.walk_overview import lay_tiles
from cnnkit.course.kit.palette import OUTPUT, WINDOW
from cnnkit.course.kit.sheet import Sheet
from cnnkit.course.kit.words import a, chance, fixed
from cnnkit.data import digits
from cnnkit.network import accuracy

IMAGES, LABELS = scans()


def model() -> nn.Sequential:
    """The same network in torch, with the same weights."""
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 10),
    ).double()  # fmt: skip
    net.load_state_dict({name: torch.from_numpy(array) for name, array in digit_net().state_dict().items()})
    return net.eval()


def chances(x: np.ndarray) -> np.ndarray:
    """torch's probabilities of images (N, 1, 8, 8)."""
    with torch.no_grad():
        return model()(torch.tensor(np.ascontiguousarray(x))).softmax(dim=1).numpy()


def pixels(picture) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(picture.png)).convert("RGB"))


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def said(value: float) -> str:
    return f"{round(float(value), 9):z.2f}".replace("-", "−")


def some_cursors(count: int = 12):
    """A few places in every layer, the corners among them."""
    rng = np.random.default_rng(0)
    for layer in STAGES:
        last = highest(layer)
        places = [(0, 0, 0), last, *(tuple(int(rng.integers(0, most + 1)) for most in last) for _ in range(count))]
        yield from ((int(rng.integers(0, 355)), layer, *place) for place in places)


# The network


def test_the_weights_have_two_decimals_and_come_from_a_small_file_of_plain_arrays():
    state = digit_net().state_dict()
    assert sum(array.size for array in state.values()) == 1898
    assert all(np.array_equal(array, array.round(2)) for array in state.values())
    assert FILE.stat().st_size < 20_000
    with np.load(FILE, allow_pickle=False) as arrays:
        assert {name: arrays[name].shape for name in arrays.files} == {k: v.shape for k, v in state.items()}


def test_it_reads_all_that_it_was_trained_on_and_most_that_it_was_not():
    train_split = digits("train")
    assert accuracy(digit_net(), train_split.images.astype(np.float64), train_split.labels) == 1.0
    assert (chances(IMAGES).argmax(axis=1) == LABELS).sum() == 342


def test_every_channel_is_alive():
    digit_net().forward(digits("train").images.astype(np.float64))
    for layer in (2, 5):
        assert ((digit_net().outputs[layer] > 0).mean(axis=(0, 2, 3)) > 0.05).all()


def test_the_script_trains_such_a_network_and_rounds_it():
    net, again = train(epochs=2), train(epochs=2)
    for name, array in net.state_dict().items():
        assert np.array_equal(array, array.round(2))
        assert np.array_equal(array, again.state_dict()[name])
        assert array.shape == digit_net().state_dict()[name].shape
    data = digits("train")
    assert accuracy(net, data.images.astype(np.float64), data.labels) > 0.5


@pytest.mark.parametrize("number", [0, 8, 111, 354])
def test_every_layer_gives_what_torchs_gives(number):
    reading = read_digit(number)
    x = torch.tensor(IMAGES[number : number + 1])
    np.testing.assert_array_equal(reading.outputs[0], IMAGES[number])
    for layer, output in zip([*model(), nn.Softmax(dim=1)], reading.outputs[1:], strict=True):
        x = layer(x)
        np.testing.assert_allclose(output, x[0].detach().numpy(), rtol=1e-12, atol=1e-12)
    assert (reading.label, reading.read) == (LABELS[number], int(x.argmax()))


def test_what_only_rounding_tells_apart_is_said_alike():
    assert fixed(0.125) == fixed(0.12499999999999997) == fixed(0.12500000000000003) == "0.12"
    assert [fixed(v) for v in (-0.001, -0.3, 2)] == ["0.00", "−0.30", "2.00"]
    assert [fixed(v, 1, leading_zero=False) for v in (-0.3, 0.96, -12.04)] == ["−.3", "1.0", "−12.0"]
    assert [chance(p) for p in (0.0, 0.004, 0.006, 0.934, 0.996)] == [
        "under 1 %", "under 1 %", "1 %", "93 %", "over 99 %",
    ]  # fmt: skip
    assert [a(digit) for digit in (1, 8)] == ["a 1", "an 8"]


def test_colours_are_white_at_zero_blue_above_and_orange_below():
    sheet = Sheet(5, 3, PALE)
    draw_block(sheet, 1, 1, np.array([[-2.0, 0.0, 2.0]]), 2.0, width=3, height=1)
    shown = np.asarray(Image.open(BytesIO(sheet.picture("").png)).convert("RGB"))
    low, zero, high = shown[2, 2:8:2].astype(int)
    assert (zero == 255).all()
    assert high[2] > high[0] + 50
    assert low[0] > low[2] + 50


# The walk


@pytest.mark.parametrize(("image", "layer", "channel", "row", "column"), list(some_cursors()))
def test_the_sentence_holds_torchs_numbers(image, layer, channel, row, column):
    words = draw_walk(image, layer, channel=channel, row=row, column=column).sentence
    cursor, index = put_cursor(image, layer, channel, row, column), STAGES.index(layer)
    with torch.no_grad():
        before = model()[:index](torch.tensor(IMAGES[image : image + 1]))
        after = before.softmax(dim=1) if layer == "softmax" else model()[index](before)
        at = (0, channel, row, column)[: after.ndim]
        value, before = float(after[at]), before[0].numpy()
    shapes = " → ".join(" × ".join(map(str, s)) for s in (before.shape, tuple(after.shape[1:])))
    assert words.startswith(f"{layer[0].upper()}{layer[1:]}: {shapes}. ")
    if layer in ("linear", "convolution 1", "convolution 2"):
        made = multiply(cursor)
        assert made.sum + made.bias == pytest.approx(value, abs=1e-12)
        assert f"sum to {said(value - made.bias)}, and with the bias {said(made.bias)} that is {said(value)}." in words
    elif layer.startswith("ReLU"):
        assert f"max(0, {said(before[channel, row, column])}) = {said(value)}." in words
        assert f"of map {channel} {int((after[0, channel].abs() < 1e-9).sum())} are 0." in words
    elif layer.startswith("pooling"):
        four = before[channel, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2].ravel()
        assert f"max({', '.join(map(said, four))}) = {said(value)}," in words
        assert before[channel][winner(cursor)] == pytest.approx(value)
    elif layer == "flatten":
        c, i, j = map(int, re.search(r"value \[(\d+), (\d), (\d)\]", words).groups())
        assert f"Feature {channel} = {c}·4 + {i}·2 + {j} is" in words
        assert c * 4 + i * 2 + j == channel
        assert before[c, i, j] == value
        assert f"of pooling 2: {said(value)}." in words
    else:
        assert f"= {said(np.exp(before[channel]))} / {said(np.exp(before).sum())} = {chance(value)}." in words
    p = chances(IMAGES[image : image + 1])[0]
    end = "which it is." if p.argmax() == LABELS[image] else f"but it is {a(LABELS[image])}."
    assert f"In the end it reads {a(p.argmax())} with {chance(p.max())}, {end}" in words
    assert len(words) < 450


@pytest.mark.parametrize("layer", STAGES[:7])
def test_only_what_a_value_sees_changes_it(layer):
    """Pixels outside the field change nothing; those in its corners change a sum: a ReLU may hide it."""
    rng, net, index = np.random.default_rng(1), model(), STAGES.index(layer) + 1
    channels, rows, columns = highest(layer)
    for _ in range(6):
        place = rng.integers(0, channels + 1), rng.integers(0, rows + 1), rng.integers(0, columns + 1)
        place = tuple(map(int, place))
        cursor = put_cursor(8, layer, *place)
        seen = look_back(cursor)
        inside = np.zeros((SIDE, SIDE), bool)
        top, left = max(seen.row, 0), max(seen.column, 0)
        inside[top : seen.row + seen.side, left : seen.column + seen.side] = True
        x = np.where(inside, IMAGES[8], rng.random((200, 1, SIDE, SIDE)))
        at = (slice(None), *place[: cursor.after.ndim])
        with torch.no_grad():
            values = net[:index](torch.tensor(x))[at].numpy()
            np.testing.assert_allclose(values, cursor.value, atol=1e-12)
            corners = ((top, left), tuple(np.argwhere(inside)[-1])) if cursor.kind == "convolution" else ()
            for corner in corners:
                x = rng.random((300, 1, SIDE, SIDE))
                other = x.copy()
                other[:, 0, corner[0], corner[1]] = 1 - other[:, 0, corner[0], corner[1]]
                assert (net[:index](torch.tensor(x))[at] != net[:index](torch.tensor(other))[at]).any()


def test_fields_grow_from_layer_to_layer():
    assert [field.size for field in fields()] == [1, 3, 3, 4, 8, 8, 10]
    words = draw_walk(8, "convolution 2", channel=3, row=0, column=3).sentence
    assert "8·3·3 = 72 products, 40 of them with padding, sum to" in words
    assert "Value [3, 0, 3] sees 8 × 8 pixels: padding, rows 0 to 4, columns 3 to 7." in words
    words = draw_walk(8, "convolution 1", channel=3, row=4, column=4).sentence
    assert "Value [3, 4, 4] sees 3 × 3 pixels: rows 3 to 5, columns 3 to 5." in words
    assert "with padding" not in words


@pytest.mark.parametrize(("image", "layer", "channel", "row", "column"), list(some_cursors(2)))
def test_the_cursors_channel_is_framed_and_so_is_what_it_reads(image, layer, channel, row, column):
    shown = pixels(draw_walk(image, layer, channel=channel, row=row, column=column)).astype(int)
    cursor = put_cursor(image, layer, channel, row, column)
    framed = np.abs(shown - rgb(WINDOW)).sum(axis=-1) == 0
    tiles = {index: lay_tiles(index, cursor.reading.outputs[index].shape) for index in range(len(STAGES) + 1)}
    tile = tiles[cursor.layer][channel]
    middle = round(2 * tile.y + tile.height)
    assert framed[middle, round(2 * tile.x)]
    before = tiles[cursor.layer - 1]
    for i in range(len(before)):
        line = framed[round(2 * before[i].y) + 3 : round(2 * (before[i].y + before[i].height)), round(2 * before[i].x)]
        if line.size and cursor.before.ndim == 3:
            assert line.all() == (i in reads(cursor))
    untouched = [index for index in tiles if index not in (cursor.layer, cursor.layer - 1)]
    for index in untouched:
        x = round(2 * tiles[index][0].x)
        assert not framed[: 2 * 185, x - 4 : x + 100].any()


@pytest.mark.parametrize("layer", STAGES)
def test_the_value_stands_in_the_colour_of_what_is_written(layer):
    shown = pixels(draw_walk(8, layer, channel=3)).astype(int)
    written = (shown == rgb("#6cc9ae")).all(axis=-1).sum()
    assert (written > 500) == (layer != "softmax")  # there the bars say it


def test_of_equal_values_pooling_takes_the_first_and_says_so():
    words = draw_walk(354, "pooling 1", row=0, column=3).sentence
    assert "max(0.16, 0.23, 0.00, 0.23) = 0.23, from [0, 0, 7] of the ReLU before, the first of 2 alike." in words
    words = draw_walk(77, "pooling 2", row=1).sentence
    assert "max(0.00, 0.00, 0.00, 0.00) = 0.00, all four alike." in words


def test_the_window_of_the_first_convolution_shows_its_padding_in_grey():
    for row, column, grey in ((0, 0, 5), (0, 4, 3), (4, 4, 0)):
        shown = pixels(draw_walk(8, "convolution 1", row=row, column=column))
        x, y, cell = cnn_closeup.LEFT * 2, cnn_closeup.TOP * 2, 68
        corners = shown[y + 6 : y + 3 * cell : cell, x + 6 : x + 3 * cell : cell]
        assert (corners == rgb("#aab2bb")).all(axis=-1).sum() == grey


def test_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match="image must be at most 354, the last of the test digits, got 355"):
        draw_walk(355, "linear")
    with pytest.raises(ValueError, match="layer must be one of 'convolution 1', 'ReLU 1'"):
        draw_walk(0, "pool")
    with pytest.raises(ValueError, match="channel must be at most 7 in pooling 1, counted from 0, got 8"):
        draw_walk(0, "pooling 1", channel=8)
    with pytest.raises(ValueError, match="row must be at most 0 in linear"):
        draw_walk(0, "linear", row=1)
    with pytest.raises(ValueError, match="column must be at least 0, got -1"):
        draw_walk(0, "ReLU 2", column=-1)
    with pytest.raises(ValueError, match="layer must be one of 'convolution', 'linear', got 'ReLU'"):
        multiply(put_cursor(0, "ReLU 1", 0, 0, 0))


# What it looks at

COVERED = [(8, 2, 1, 0.5), (111, 3, 2, 0.0), (0, 8, 1, 1.0), (200, 1, 4, 0.3), (354, 4, 3, 0.7)]


@pytest.mark.parametrize(("image", "size", "stride", "grey"), COVERED)
def test_every_place_of_the_square_gives_torchs_probabilities(image, size, stride, grey):
    found, starts = cover(image, size, stride, grey), range(0, SIDE - size + 1, stride)
    assert found.covered.shape == (len(starts), len(starts), 10)
    for i, top in enumerate(starts):
        for j, left in enumerate(starts):
            x = IMAGES[image].copy()
            x[0, top : top + size, left : left + size] = grey
            np.testing.assert_allclose(found.covered[i, j], chances(x[None])[0], atol=1e-12)
    np.testing.assert_allclose(found.plain, chances(IMAGES[image : image + 1])[0], atol=1e-12)


@pytest.mark.parametrize(("image", "size", "stride", "grey"), COVERED)
def test_the_sentence_says_where_it_costs_most(image, size, stride, grey):
    found, words = cover(image, size, stride, grey), draw_occlusion(image, size, stride, grey=grey).sentence
    places, right, label = len(found.right), found.right, LABELS[image]
    assert f"⌊(8 − {size})/{stride}⌋ + 1 = {places}: {places}·{places} = {places**2} place" in words
    assert right[found.lowest] == right.min()
    assert f"As it is, the {label} gets {chance(found.plain[label])}" in words
    assert f"It gets least, {chance(right.min())}, with row" in words
    i, j = (stride * at for at in found.lowest)
    span = f"rows {i} to {i + size - 1} and columns {j} to {j + size - 1}" if size > 1 else f"row {i} and column {j}"
    assert f"with {span} covered" in words
    then = int(found.covered[found.lowest].argmax())
    assert ("still read right" in words) == (then == label)
    wrong = int((found.covered.argmax(axis=-1) != label).sum())
    assert f"It is misread at {wrong} of {places**2}." in words


def test_the_first_of_equally_low_places_counts():
    found = cover(8, 1, 1, 0.0)
    flat = found._replace(covered=np.full((8, 8, 10), 0.1) + np.linspace(1e-16, 0, 640).reshape(8, 8, 10))
    assert flat.lowest == (0, 0)


def test_the_lowest_place_is_framed_and_the_darkest():
    found, shown = cover(8, 2, 1), pixels(draw_occlusion(8, 2, 1)).astype(int)
    left, top, cell = cnn_occlusion.LEFTS[1] + 13.5, cnn_occlusion.TOP + 13.5, cnn_occlusion.CELL
    corner = np.array([[shown[round(2 * (top + i * cell)) + 8, round(2 * (left + j * cell)) + 8] for j in range(7)]
                       for i in range(7)])  # fmt: skip
    i, j = np.unravel_index(corner[..., 2].argmin(), (7, 7))
    assert (i, j) == found.lowest
    assert tuple(shown[round(2 * (top + i * cell)), round(2 * (left + j * cell)) + 20]) == rgb(WINDOW)
    order = np.argsort(found.right.ravel())
    assert corner[..., 2].ravel()[order[:5]].mean() < corner[..., 2].ravel()[order[-5:]].mean() - 50


def test_a_square_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="kernel does not fit"):
        draw_occlusion(8, 9, 1)
    with pytest.raises(ValueError, match="grey must be between 0, paper, and 1, ink, got 2"):
        draw_occlusion(8, 2, 1, grey=2)
    with pytest.raises(ValueError, match="image must be at most 354"):
        draw_occlusion(355, 2, 1)


# What it misreads


def moved(right: int) -> np.ndarray:
    """The images moved by hand."""
    x = np.zeros_like(IMAGES)
    if right >= 0:
        x[..., right:] = IMAGES[..., : SIDE - right]
    else:
        x[..., :right] = IMAGES[..., -right:]
    return x


@pytest.mark.parametrize("right", [-2, -1, 0, 1, 2])
def test_the_matrix_counts_what_torch_reads(right):
    read, counts = chances(moved(right)).argmax(axis=1), np.zeros((10, 10), int)
    for true, taken in zip(LABELS, read, strict=True):
        counts[true, taken] += 1
    assert np.array_equal(read_all(right).matrix, counts)
    words, wrong = draw_mistakes(1, right=right).sentence, counts - np.diag(np.diag(counts))
    good = np.trace(counts)
    assert f"it reads {good} right: {good}/355 = {100 * good / 355:.1f} %." in words
    true, taken, times = re.search(r"it takes an? (\d) for an? (\d): (\d+) times", words).groups()
    assert wrong[int(true), int(taken)] == wrong.max() == int(times) > 1
    way = f", all moved {abs(right)} pixel{'s' * (abs(right) > 1)} to the {'right' if right > 0 else 'left'}, it reads"
    assert (way in words) == (right != 0)


def test_the_list_holds_each_misread_digit_once_and_the_most_confident_first():
    p = chances(IMAGES)
    found = find(ANY, ANY)
    assert sorted(found) == np.flatnonzero(p.argmax(axis=1) != LABELS).tolist()
    assert (np.diff(p[found].max(axis=1)) <= 1e-9).all()
    for true in DIGITS[1:]:
        for taken in DIGITS[1:]:
            both = find(true, taken)
            assert (LABELS[both] == int(true)).all()
            assert (p[both].argmax(axis=1) == int(taken)).all()
            assert len(both) == read_all().matrix[int(true), int(taken)]
    right = find("4", "4")
    assert (np.diff(p[right].max(axis=1)) >= -1e-9).all()
    assert len(find("4", ANY)) + len(right) == (LABELS == 4).sum()


def test_the_sentence_names_the_digit_and_both_probabilities():
    for place in range(1, 14):
        words, number = draw_mistakes(place).sentence, find(ANY, ANY)[place - 1]
        p = chances(IMAGES[number : number + 1])[0]
        label, read = LABELS[number], p.argmax()
        assert words.endswith(
            f"Number {place} of 13 misread digits: test image {number} is {a(label)} and "
            f"read as {a(read)} with {chance(p[read])}; the {label} gets {chance(p[label])}."
        )
    assert "Number 1 of 3 fours taken for a 9: " in draw_mistakes(1, true="4", taken_for="9").sentence
    assert " digits taken for an 8: " in draw_mistakes(1, taken_for="8").sentence
    assert " misread eights: " in draw_mistakes(1, true="8").sentence
    assert draw_mistakes(1, true="5", taken_for="4").sentence.endswith("Fives taken for a 4: none.")
    words = draw_mistakes(1, true="4", taken_for="4").sentence
    number = find("4", "4")[0]
    second = np.sort(chances(IMAGES[number : number + 1])[0])[-2]
    assert f"Number 1 of 33 fours that are read right: test image {number} is a 4" in words
    assert words.endswith(f"with {chance(second)}.")


def test_the_digits_cell_of_the_matrix_is_framed_and_what_is_right_is_green():
    number = find(ANY, ANY)[0]
    shown = pixels(draw_mistakes(1))
    (left, top), label, read = MATRIX, LABELS[number], read_all().read[number]
    edge = shown[round(2 * (top + label * CELL)), round(2 * (left + read * CELL)) + CELL]
    assert tuple(edge) == rgb(WINDOW)
    for digit in range(10):
        assert tuple(shown[2 * (top + digit * CELL) + 6, 2 * (left + digit * CELL) + 6]) == rgb(OUTPUT)


def test_a_place_that_is_not_in_the_list_is_refused():
    with pytest.raises(ValueError, match="place must be at most 13, the number of such digits, got 14"):
        draw_mistakes(14)
    with pytest.raises(ValueError, match="place must be at least 1, got 0"):
        draw_mistakes(0)
    with pytest.raises(ValueError, match="true must be one of 'any', '0'"):
        draw_mistakes(1, true="10")
    with pytest.raises(ValueError, match="taken_for must be one of 'any', '0'"):
        draw_mistakes(1, taken_for="x")
