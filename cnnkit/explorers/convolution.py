"""The explorers of notebook 05: what a convolution reads and writes."""

from __future__ import annotations

from typing import Any, ClassVar

from cnnkit.explorers.base import Choice, Explorer, Slider
from cnnkit.figures.filters import draw_filter
from cnnkit.figures.kernels import LARGEST, MEANING, PADDINGS
from cnnkit.figures.photo import as_grey, hopper
from cnnkit.figures.picture import Picture
from cnnkit.figures.window import ROUNDINGS, draw_window, lay_windows


class Window(Explorer):
    """One window of a convolution at work, and the pixels that no window ever reads."""

    controls: ClassVar = {
        "size": Slider("input size n", 1, 32, 7),
        "kernel_size": Slider("kernel size k", 1, 11, 3),
        "stride": Slider("stride s", 1, 8, 1),
        "padding": Slider("padding p", 0, 8, 0),
        "dilation": Slider("dilation d", 1, 4, 1),
        "rounding": Choice("rounding", ROUNDINGS, "floor"),
        "position": Slider("window", 1, 48**2, 1),
    }

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        return {"position": lay_windows(**{k: v for k, v in values.items() if k != "position"}).count ** 2}

    def draw(self, *, size: int, kernel_size: int, **options: Any) -> Picture:
        return draw_window(size, kernel_size, **options)


class FilterPicture(Explorer):
    """One filter over a grey picture: Grace Hopper's portrait, or your own.

    image   your picture: a file's path or its bytes, a Pillow image, or an array of pixels (see `as_grey`)
    """

    controls: ClassVar = {
        "kernel": Choice("kernel", tuple(MEANING), "vertical edges (Sobel)"),
        "kernel_size": Slider("kernel size k", 1, LARGEST, 3),
        "stride": Slider("stride s", 1, 8, 1),
        "padding_mode": Choice("padding", PADDINGS, "zeros"),
        "seed": Slider("seed of 'random'", 0, 20, 0),
    }

    def __init__(self, image: Any = None, **start: Any) -> None:
        self._grey = hopper() if image is None else as_grey(image)
        super().__init__(**start)

    def draw(self, *, kernel: str, **options: Any) -> Picture:
        return draw_filter(self._grey, name=kernel, **options)
