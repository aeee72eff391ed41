"""Rows of maps."""

from __future__ import annotations

from inspect import unwrap
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from cnnkit.course.kit.maps import draw_maps
from cnnkit.course.kit.picture import STORED


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)


def test_a_figure_carries_its_sentence_as_alternative_text() -> None:
    data, metadata = draw_maps({"one": np.eye(3)}, "The identity.")._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == "The identity."


def test_positive_is_blue_negative_is_orange_zero_is_white() -> None:
    def middle(value: float) -> np.ndarray:
        image = pixels(draw_maps({"": np.full((40, 40), value)}, "x").png)
        return image[image.shape[0] // 2, image.shape[1] // 2]

    red, green, blue = middle(3.0)
    assert blue > green > red
    red, green, blue = middle(-3.0)
    assert red > green > blue
    assert middle(0.0).tolist() == [255, 255, 255]


@pytest.mark.parametrize(("count", "across"), [(1, 1), (2, 2), (3, 3), (5, 3)])
def test_at_most_three_maps_stand_in_a_row(count: int, across: int) -> None:
    picture = draw_maps({f"map {i}": np.ones((2, 2)) for i in range(count)}, "x")
    assert picture.width == pixels(picture.png).shape[1] // STORED
    assert across * 240 < picture.width < (across + 1) * 240 + 100


@pytest.mark.parametrize("digits", [None, 0, 2])
@pytest.mark.parametrize("size", [3, 8, 12])
@pytest.mark.parametrize("columns", [3, 4, 6])
def test_rows_are_never_wider_than_a_page_nor_numbers_smaller_than_eleven_pixels(digits, size, columns, monkeypatch):
    array = -9.87 * np.ones((size, size))
    figures = []
    save = unwrap(draw_maps).__globals__["from_figure"]
    monkeypatch.setattr("cnnkit.course.kit.maps.from_figure", lambda *a: figures.append(a[0]) or save(*a))
    picture = draw_maps({f"a title, number {i}": array for i in range(8)}, "x", digits=digits, columns=columns)
    assert picture.width <= 820
    sizes = {text.get_fontsize() / 0.72 for axis in figures[0].axes for text in (*axis.texts, axis.title)}
    assert min(sizes) >= 11 - 1e-9


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert draw_maps({"a": np.eye(4)}, "x").png == draw_maps({"a": np.eye(4)}, "x").png


def test_the_stored_picture_has_the_same_pixels_in_fewer_bytes() -> None:
    picture = draw_maps({"a": np.arange(144).reshape(12, 12)}, "x")
    assert len(picture.small()) < len(picture.png)
    assert np.array_equal(pixels(picture.small()), pixels(picture.png))
