"""The explorers of notebook 07: what a small CNN makes of a digit, what it looks at, what it misreads."""

from __future__ import annotations

from typing import Any, ClassVar

from cnnkit.course.cnn.build_explorer import BuildYourOwn
from cnnkit.course.cnn.digit_net import STAGES
from cnnkit.course.cnn.mistakes import ANY, DIGITS, draw_mistakes, find
from cnnkit.course.cnn.occlusion import draw_occlusion
from cnnkit.course.cnn.walk import draw_walk
from cnnkit.course.cnn.walk_cursor import highest
from cnnkit.course.kit.explorer import Choice, Explorer, Slider
from cnnkit.course.kit.picture import Picture

__all__ = ["BuildYourOwn", "Mistakes", "Occlusion", "WalkThrough"]

LAST = 354  # test images are counted from 0


class WalkThrough(Explorer):
    """A small trained CNN reads a test digit: all it computes, and where the number under the cursor comes from.

    Channels, rows and columns are counted from 0, as in code. From "flatten" on there are no rows and columns: the
    channel is the number of the feature or of the class.
    """

    controls: ClassVar = {
        "image": Slider("test image", 0, LAST, 8),
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


class Occlusion(Explorer):
    """What the network looks at: how sure it is of the right class while a square covers a part of the digit."""

    controls: ClassVar = {
        "image": Slider("test image", 0, LAST, 8),
        "size": Slider("size of the square", 1, 8, 2),
        "stride": Slider("stride s", 1, 4, 1),
        "grey": Slider("grey of the square", 0.0, 1.0, 0.5, 0.1),
    }

    def draw(self, *, image: int, size: int, stride: int, grey: float) -> Picture:
        return draw_occlusion(image, size, stride, grey=grey)


class Mistakes(Explorer):
    """Which digits are taken for which, and each misread digit, the most confident mistake first.

    With the same digit for both, those that are read right, the least confident first.
    """

    controls: ClassVar = {
        "true": Choice("digit that it is", DIGITS, ANY),
        "taken_for": Choice("digit it is taken for", DIGITS, ANY),
        "place": Slider("place in the list", 1, LAST + 1, 1),
        "right": Slider("all moved right by", -2, 2, 0),
    }

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        return {"place": max(1, len(find(values["true"], values["taken_for"], values["right"])))}

    def draw(self, *, place: int, **options: Any) -> Picture:
        return draw_mistakes(place, **options)
