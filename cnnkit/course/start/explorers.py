"""The explorer of the start page: small enough to learn how explorers work."""

from __future__ import annotations

from cnnkit.course.kit.explorer import Explorer, Slider
from cnnkit.course.kit.picture import Picture
from cnnkit.course.start.row import MOST, draw_row


class Row(Explorer):
    """How many windows fit in a row of pixels?"""

    controls = {
        "size": Slider("row length n", 1, MOST, 7),
        "kernel_size": Slider("window width k", 1, MOST, 3, play=True),
    }

    def draw(self, *, size: int, kernel_size: int) -> Picture:
        return draw_row(size, kernel_size)
