"""A picture: its pixels at once, its PNG when somebody asks for it."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from cnnkit.course.convolution.explorers import Window
from cnnkit.course.kit.picture import STORED, drawn_at, from_pillow
from cnnkit.course.start.explorers import Row


@pytest.fixture
def saved(monkeypatch):
    """The format of each image that is encoded."""
    formats, save = [], Image.Image.save
    monkeypatch.setattr(Image.Image, "save", lambda *given, **more: (formats.append(given[2]), save(*given, **more)))
    return formats


def test_a_png_is_encoded_once_and_only_when_it_is_asked_for(saved):
    explorer = Window()
    explorer.move(size=9)
    assert saved == []
    png = explorer.picture.png
    assert explorer.picture.png is png
    assert saved == ["PNG"]
    with Image.open(BytesIO(png)) as image:
        assert np.array_equal(np.asarray(image.convert("RGB")), np.asarray(explorer.picture.image.convert("RGB")))


@pytest.mark.parametrize("pixels", [1, STORED, 3])
def test_width_and_height_are_in_css_pixels(pixels):
    explorer = Row()
    explorer.show_on(pixels)
    assert explorer.picture.image.size == (820 * pixels, 356 * pixels)
    assert (explorer.picture.width, explorer.picture.height) == (820, 356)
    with drawn_at(pixels):
        assert from_pillow(Image.new("P", (12 * pixels, 8 * pixels)), "Nothing.").height == 8
