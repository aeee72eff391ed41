"""The explorers of notebook 07: what a small CNN makes of a digit, what it looks at, what it misreads."""

from __future__ import annotations

from typing import Any, ClassVar

from cnnkit.course.cnn.build_explorer import BuildYourOwn
from cnnkit.course.cnn.digit_net import SIDE, STAGES
from cnnkit.course.cnn.mistakes import ANY, DIGITS, draw_mistakes, find
from cnnkit.course.cnn.occlusion import draw_occlusion
from cnnkit.course.cnn.own_digit import draw_own, find_alike, read_own
from cnnkit.course.cnn.own_digit_numbers import BITMAP
from cnnkit.course.cnn.walk import draw_walk
from cnnkit.course.cnn.walk_cursor import highest
from cnnkit.course.kit.explorer import Choice, Explorer, Paint, Slider
from cnnkit.course.kit.picture import Picture
from cnnkit.sizes import conv_output_size

__all__ = ["BuildYourOwn", "Mistakes", "Occlusion", "WalkThrough"]

LAST = 354  # test images are counted from 0


class WalkThrough(Explorer):
    """A small trained CNN reads a digit: all it computes, and where the number under the cursor comes from.

    It is a test digit, or what is drawn by hand. Channels, rows and columns are counted from 0, as in code. From
    "flatten" on there are no rows and columns: the channel is the number of the feature or of the class.
    """

    controls: ClassVar = {
        "image": Slider("test image", 0, LAST, 8, play=True),
        "layer": Choice("layer", STAGES, STAGES[0]),
        "channel": Slider("channel", 0, 63, 0),
        "row": Slider("row", 0, 7, 3),
        "column": Slider("column", 0, 7, 3),
        "drawn": Paint("your digit", BITMAP),
    }

    def idle(self, values: dict[str, Any]) -> set[str]:
        flat = {"row", "column"} if values["layer"] in STAGES[6:] else set()
        return flat | ({"image"} if values["drawn"] else set())

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        return dict(zip(("channel", "row", "column"), highest(values["layer"]), strict=True))

    def draw(self, *, image: int, layer: str, **place: Any) -> Picture:
        return draw_walk(image, layer, **place)


class Occlusion(Explorer):
    """What the network looks at: how sure it is of the right class while a square covers a part of the digit.

    The square is at the place that is chosen, or where it costs most.
    """

    controls: ClassVar = {
        "image": Slider("test image", 0, LAST, 8, play=True),
        "size": Slider("size of the square", 1, SIDE, 2),
        "place": Slider("place, 0 the worst", 0, SIDE**2, 0, play=True),
        "stride": Slider("stride s", 1, 4, 1),
        "grey": Slider("grey of the square", 0.0, 1.0, 0.5, 0.1),
    }

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        return {"place": conv_output_size(SIDE, values["size"], stride=values["stride"]) ** 2}

    def draw(self, *, image: int, size: int, stride: int, **options: Any) -> Picture:
        return draw_occlusion(image, size, stride, **options)


class Mistakes(Explorer):
    """Which digits are taken for which, and each misread digit, the most confident mistake first.

    With the same digit for both, those that are read right, the least confident first. Once something is drawn by
    hand, what that is read as, beside the test digits that lie between the same two classes.
    """

    controls: ClassVar = {
        "true": Choice("digit that it is", DIGITS, ANY),
        "taken_for": Choice("digit it is taken for", DIGITS, ANY),
        "place": Slider("place in the list", 1, LAST + 1, 1, play=True),
        "right": Slider("all moved right by", -2, 2, 0, play=True),
        "drawn": Paint("your digit", BITMAP),
    }

    def idle(self, values: dict[str, Any]) -> set[str]:
        return {"true", "taken_for"} if values["drawn"] else set()

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        if values["drawn"]:
            own = read_own(values["drawn"], values["right"])
            found = find_alike(own.first, own.second, values["right"])
        else:
            found = find(values["true"], values["taken_for"], values["right"])
        return {"place": max(1, len(found))}

    def draw(self, *, place: int, drawn: bytes, right: int, **options: Any) -> Picture:
        if drawn:
            return draw_own(drawn, place, right=right)
        return draw_mistakes(place, right=right, **options)
