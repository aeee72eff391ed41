"""The pictures of notebook 04, without widgets: shifts and receptive fields, as torch has them."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from cnnkit.course.kit.palette import INK, OUTPUT_WRITTEN, PADDING, UNREAD
from cnnkit.course.pooling.experiments.feature_maps import middle_share
from cnnkit.course.pooling.field import draw_field
from cnnkit.course.pooling.field_numbers import HELPS, WEIGHTS, build_stack, inner, measure
from cnnkit.course.pooling.shift import FIRST, STEP, draw_shift
from cnnkit.course.pooling.shift_numbers import (
    CHANGES,
    FIELD,
    MOST,
    POOLINGS,
    WITH_STRIDE,
    another_digit,
    describe,
    moved,
    respond,
)
from cnnkit.layers import AvgPool2d, Conv2d, MaxPool2d
from cnnkit.sizes import receptive_field

CSS = 2  # device pixels in one of CSS


def pixels(picture) -> np.ndarray:
    """The picture's colours, (H, W, 3)."""
    return np.asarray(Image.open(BytesIO(picture.png)).convert("RGB"))


def rgb(name: str) -> tuple[int, ...]:
    return tuple(int(name[i : i + 2], 16) for i in (1, 3, 5))


# Shifts, turns, enlargements


def test_the_digit_is_moved_as_said():
    for digit in (0, 5, 9):
        images = moved("shift", digit)
        assert images.shape == (MOST + 1, FIELD, FIELD)
        for amount in range(MOST + 1):
            assert np.array_equal(images[amount, :, amount:], images[0, :, : FIELD - amount])
        turned = moved("angle", digit)[10]
        np.testing.assert_allclose(turned, np.rot90(images[0]), atol=0.02)
        total = moved("scale", digit).sum(axis=(1, 2))
        np.testing.assert_allclose(total / total[0], (1 + 0.05 * np.arange(MOST + 1)) ** 2, rtol=0.02)
    assert (describe("shift", 0), describe("shift", 1)) == ("shifted by 0 pixels", "shifted by 1 pixel")


def test_the_response_is_torchs_with_and_without_blur():
    x = torch.tensor(moved("angle", 3))[:, None]
    sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])[None, None] / 4
    maps = F.relu(F.conv2d(x, sobel, padding=1))
    binomial = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]])[None, None] / 16
    expected = {
        ("none", False): maps,
        ("max 2 × 2, twice", False): F.max_pool2d(F.max_pool2d(maps, 2), 2),
        ("average 2 × 2", False): F.avg_pool2d(maps, 2),
        ("max 2 × 2", True): F.conv2d(F.max_pool2d(maps, 2, stride=1), binomial, padding=1, stride=2),
        ("global average", False): maps.mean((2, 3), keepdim=True),
    }
    for (pooling, blur), theirs in expected.items():
        ours = respond("angle", pooling, blur=blur, digit=3).maps
        np.testing.assert_allclose(ours, theirs[:, 0].numpy(), atol=1e-6)


@pytest.mark.parametrize("digit", range(10))
def test_only_shifts_by_a_multiple_of_the_stride_come_out_as_shifts(digit):
    for pooling in ("none", *WITH_STRIDE):
        stride = 2 ** POOLINGS[pooling][0]
        for blur in (False, True) if pooling != "none" else (False,):
            response = respond("shift", pooling, blur=blur, digit=digit)
            multiple = np.arange(MOST + 1) % stride == 0
            np.testing.assert_allclose(
                response.left[multiple], 0, atol=3e-4 if blur else 1e-6
            )  # a blur finds the border
            assert (response.left[~multiple] > 0.05).all() or stride == 8  # some shifts are small for so coarse a map
            assert response.left[~multiple].sum() > 0.1 or stride == 1
            assert (response.left <= response.changed + 1e-9).all()


def test_a_blur_leaves_less_and_a_global_average_nothing_of_a_shift():
    for digit in range(10):
        sharp, soft = (
            respond("shift", "max 2 × 2, twice", blur=blur, digit=digit).left[1::2] for blur in (False, True)
        )
        assert soft.mean() < sharp.mean()
        assert respond("shift", "global average", blur=False, digit=digit).changed.max() < 1e-5
        assert respond("scale", "global average", blur=False, digit=digit).changed[MOST] > 0.2


def test_another_digit_is_the_unit_to_measure_by():
    for pooling, blur in (("none", False), ("max 2 × 2", True), ("global average", False)):
        maps = [respond("angle", pooling, blur=blur, digit=digit).maps[0] for digit in range(10)]
        changes = [np.linalg.norm(other - maps[5]) / np.linalg.norm(maps[5]) for other in maps]
        expected = np.mean([*changes[:5], *changes[6:]])
        assert another_digit(pooling, blur=blur, digit=5) == pytest.approx(expected, rel=1e-5)
    said = draw_shift("shift", 1, pooling="max 2 × 2").sentence
    other = another_digit("max 2 × 2", blur=False, digit=5)
    assert said.endswith(f"Another digit in its place changes it by {100 * other:.0f} % on average.")


@pytest.mark.parametrize("what", CHANGES)
def test_the_bars_are_as_high_as_what_they_show(what):
    response = respond(what, "max 2 × 2", blur=False, digit=5)
    shown = pixels(draw_shift(what, 0, pooling="max 2 × 2"))
    for step in range(2, MOST + 1):
        x = round((FIRST + STEP * (step + 0.5)) * CSS)
        column = shown[:, x].astype(int)
        bar = (column == rgb(OUTPUT_WRITTEN)).all(axis=1) | (column == rgb(UNREAD)).all(axis=1)
        line = (column == rgb(INK)).all(axis=1)[400:].sum()  # it may cross the bar
        assert bar[400:].sum() == pytest.approx(
            108 * CSS * response.changed[step], abs=6 + int(line)
        )  # and so may a dash


def test_the_sentence_of_a_shift():
    said = draw_shift("shift", 1, pooling="max 2 × 2").sentence
    response = respond("shift", "max 2 × 2", blur=False, digit=5)
    assert f"with max 2 × 2 the output changes by {100 * response.changed[1]:.0f} %." in said
    assert f"moved back, it differs from y by at least {100 * response.left[1]:.0f} %" in said
    assert "1 is no multiple of the stride 2" in said
    assert (
        "2 is a multiple of the stride 2: moved back by 1, y′ is y again."
        in draw_shift("shift", 2, pooling="max 2 × 2").sentence
    )
    assert "Without a stride every shift comes out as a shift" in draw_shift("shift", 3, pooling="none").sentence
    assert "turned by 36°" in draw_shift("angle", 4, pooling="none").sentence
    assert "The one output goes from" in draw_shift("scale", 4, pooling="global average").sentence
    assert "differ by √2, 141 %" in draw_shift("shift", 8, pooling="none").sentence
    with pytest.raises(ValueError, match="amount must be at most 10, got 11"):
        draw_shift("shift", 11, pooling="none")
    with pytest.raises(ValueError, match="what must be one of 'shift', 'angle', 'scale', got 'colour'"):
        draw_shift("colour", 1, pooling="none")


# Fields


@pytest.mark.parametrize("help_by", HELPS)
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 5])
def test_what_is_measured_is_what_the_formula_says(help_by, kernel_size):
    for convolutions in range(1, 5):
        layers = tuple(build_stack(convolutions, kernel_size, help_by))
        for weights in WEIGHTS:
            found, field = measure(layers, weights=weights, pictures=4), receptive_field(layers)[-1].size
            assert found.strength.shape == (field, field)
            if help_by == "max pooling":
                assert found.size <= field
            else:
                assert found.size == found.across == field


@pytest.mark.parametrize("seed", range(4))
def test_rows_and_columns_that_a_gradient_spans_are_counted_apart(seed):
    found = measure(tuple(build_stack(3, 2, "max pooling")), seed=seed)
    rows, columns = np.flatnonzero(found.strength.any(axis=1)), np.flatnonzero(found.strength.any(axis=0))
    assert found.size == rows[-1] - rows[0] + 1
    assert found.across == columns[-1] - columns[0] + 1
    said = draw_field(3, 2, "max pooling", seed=seed).sentence
    assert f"only {(found.strength > 0).sum()} get a gradient" in said


def test_some_gradients_do_not_span_a_square():
    found = [measure(tuple(build_stack(3, 2, "max pooling")), seed=seed) for seed in range(8)]
    assert any(each.size != each.across for each in found)


def test_over_many_pictures_the_winners_fill_the_field():
    layers = tuple(build_stack(3, 3, "max pooling"))
    heard = [int((measure(layers, pictures=n).strength > 0).sum()) for n in (1, 4, 16)]
    assert heard[0] < heard[1] < heard[2]
    assert heard[2] > 0.98 * 18**2 > heard[0]


def test_the_gradient_is_torchs():
    convolutions = Conv2d(1, 1, 3, bias=False), Conv2d(1, 1, 3, dilation=2, bias=False)
    layers = (convolutions[0], MaxPool2d(2, 2), convolutions[1], AvgPool2d(2, 2))
    found = measure(layers, weights="random", pictures=3, seed=4)
    rng, need = np.random.default_rng(4), receptive_field(layers)[-1]
    side = need.size + 2 * need.jump
    x = torch.tensor(rng.normal(size=(3, 1, side, side)), requires_grad=True)
    kernels = [rng.normal(size=(1, 1, layer.kernel_size, layer.kernel_size)) for layer in layers]
    y = F.max_pool2d(F.conv2d(x, torch.tensor(kernels[0]) / 9), 2)
    y = F.avg_pool2d(F.conv2d(y, torch.tensor(kernels[2]) / 9, dilation=2), 2)
    assert y.shape[2:] == (3, 3)
    y[:, :, 1, 1].sum().backward()
    theirs = x.grad[:, 0].abs().mean(0).numpy()
    inside = slice(need.jump, need.jump + need.size)
    np.testing.assert_allclose(found.strength, theirs[inside, inside], atol=1e-6)
    assert theirs.sum() == pytest.approx(theirs[inside, inside].sum(), rel=1e-12)  # nothing outside


def test_equal_weights_count_ways():
    """Behind L convolutions with equal weights the gradient is the L-fold convolution of ones: a bell."""
    row = np.ones(1)
    for convolutions in range(1, 6):
        row = np.convolve(row, np.ones(3))
        strength = measure(tuple(build_stack(convolutions, 3, "nothing"))).strength
        np.testing.assert_allclose(strength * 9**convolutions, np.outer(row, row), rtol=1e-5)


def test_the_picture_of_a_field_shows_where_a_gradient_arrives():
    shown = pixels(draw_field(2, 2, "dilation 2"))  # a field of 5, three taps a side, in the middle of 11
    zoom = 288 * 2 // 11
    for i in range(11):
        for j in range(11):
            seen = tuple(shown.astype(int)[50 * 2 + i * zoom + zoom // 2, 10 * 2 + j * zoom + zoom // 2])
            inside = 3 <= i < 8 and 3 <= j < 8
            if not inside:
                assert seen == rgb(PADDING)
            elif i % 2 and j % 2:
                assert sum(seen) < 690
            else:
                assert seen == (255, 255, 255)


def test_the_sentence_of_a_field():
    assert draw_field(3, 3, "nothing").sentence == (
        "r = 1 + (3−1)·1 + (3−1)·1 + (3−1)·1 = 7. Measured, the gradient spans 7 × 7 pixels: all of the field. "
        "The 3 × 3 pixels in the middle, 18 % of the field, get 50 % of the gradient."
    )
    said = draw_field(3, 3, "max pooling", seed=1).sentence
    assert "r = 1 + (3−1)·1 + (2−1)·1 + (3−1)·2 + (2−1)·2 + (3−1)·4 = 18." in said
    assert "the others win no window on this picture" in said
    assert "on any of 2 pictures" in draw_field(3, 3, "max pooling", pictures=2).sentence
    assert "of the field only 49 get a gradient: the others fall into gaps" in draw_field(3, 3, "dilation 2").sentence
    assert "r = 1 + (2−1)·1 + (2−1)·2 + (2−1)·4 = 8." in draw_field(3, 2, "dilation 1, 2, 4, …").sentence
    for field in range(3, 40):
        assert (field - inner(field)) % 2 == 0
        assert abs(inner(field) - field / 2) <= 1
        explored = inner(field) ** 2 / field**2
        assert middle_share(np.ones((field, field))) == pytest.approx(explored)  # the lab's middle is the explorer's
    with pytest.raises(ValueError, match="help_by must be one of"):
        draw_field(3, 3, "magic")
    with pytest.raises(ValueError, match="weights must be one of"):
        draw_field(3, 3, "nothing", weights="heavy")
