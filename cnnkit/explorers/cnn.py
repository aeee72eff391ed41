"""The explorers of notebook 07: what a small CNN makes of a digit, what it looks at, what it misreads."""

from __future__ import annotations

from typing import Any, ClassVar

from cnnkit.explorers.base import Choice, Explorer, Slider
from cnnkit.figures.cnn_cursor import highest
from cnnkit.figures.cnn_reader import STAGES
from cnnkit.figures.cnn_walk import draw_walk
from cnnkit.figures.picture import Picture

LAST = 354  # test digits are counted from 0


class WalkThrough(Explorer):
    """A small trained CNN reads a test digit: all it computes, and where the number under the cursor comes from.

    Channels, rows and columns are counted from 0, as in code. From "flatten" on there are no rows and columns: the
    channel is the number of the feature or of the class.
    """

    controls: ClassVar = {
        "image": Slider("test digit", 0, LAST, 23),
        "layer": Choice("layer", STAGES, STAGES[0]),
        "channel": Slider("channel", 0, 63, 0),
        "row": Slider("row", 0, 7, 3),
        "column": Slider("column", 0, 7, 3),
    }

    def shown(self, values: dict[str, Any]) -> list[str]:
        flat = values["layer"] in STAGES[6:]
        return [name for name in self.controls if not flat or name not in ("row", "column")]

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        return dict(zip(("channel", "row", "column"), highest(values["layer"]), strict=True))

    def draw(self, *, image: int, layer: str, **place: Any) -> Picture:
        return draw_walk(image, layer, **place)
