"""The explorers of notebook 04: what pooling keeps, what it throws away, and how far it lets a unit see."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from cnnkit.course.kit.explorer import Choice, Explorer, Slider, Switch, Upload
from cnnkit.course.kit.photo import SIDE, as_grey, from_file, hopper
from cnnkit.course.kit.picture import Picture
from cnnkit.course.pooling.downsample import PART, SPOTS, draw_downsampling
from cnnkit.course.pooling.downsample_numbers import PATTERNS, WAYS, WITH_KERNEL, pattern
from cnnkit.course.pooling.field import draw_field
from cnnkit.course.pooling.field_numbers import HELPS, WEIGHTS
from cnnkit.course.pooling.field_numbers import MOST as DEEPEST
from cnnkit.course.pooling.shift import draw_shift
from cnnkit.course.pooling.shift_numbers import CHANGES, MOST, POOLINGS, WITH_STRIDE
from cnnkit.course.pooling.window import draw_pooling
from cnnkit.course.pooling.window_numbers import KINDS, lay_pooling

PICTURES = ("photograph", *PATTERNS)


class PoolWindow(Explorer):
    """One window of a pooling at work: the number that it writes, or the gradient that it hands back."""

    controls: ClassVar = {
        "size": Slider("input size n", 1, 11, 6),
        "kernel_size": Slider("kernel size k", 1, 4, 2),
        "stride": Slider("stride s", 1, 4, 2),
        "padding": Slider("padding p", 0, 2, 0),
        "kind": Choice("kind", KINDS, "max"),
        "ceil_mode": Switch("ceil_mode: round up"),
        "count_include_pad": Switch("count_include_pad", True),
        "backward": Switch("backward: the gradient"),
        "position": Slider("window", 1, 12**2, 1, wide=True, play=True),
    }

    def idle(self, values: dict[str, Any]) -> set[str]:
        idle = set()
        if values["kind"] == "max" or not values["padding"]:
            idle.add("count_include_pad")
        if values["stride"] == 1:
            idle.add("ceil_mode")
        return idle

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        options = {name: values[name] for name in ("stride", "padding", "ceil_mode")}
        return {"position": lay_pooling(values["size"], values["kernel_size"], **options).axis.count ** 2}

    def draw(self, *, size: int, kernel_size: int, **options: Any) -> Picture:
        return draw_pooling(size, kernel_size, **options)


class Downsample(Explorer):
    """A picture made smaller by pooling and by its rivals, and what is missing when it is made large again.

    image   your picture, in the place of the portrait: whatever `FilterPicture` takes
    file    the same as the bytes of a file, which the page can send
    """

    controls: ClassVar = {
        "kind": Choice("how", WAYS, "max pooling"),
        "picture": Choice("picture", PICTURES, PICTURES[0]),
        "kernel_size": Slider("kernel size k", 1, 8, 2),
        "stride": Slider("stride s", 1, 8, 2),
        "right": Slider("detail right", 0, SIDE - PART, SPOTS[PICTURES[0]][1]),
        "down": Slider("detail down", 0, SIDE - PART, SPOTS[PICTURES[0]][0]),
        "file": Upload("your own picture"),
    }

    def __init__(self, image: Any = None, **start: Any) -> None:
        self._portrait = hopper() if image is None else as_grey(image)
        super().__init__(**start)

    def implied(self, moved: dict[str, Any]) -> dict[str, Any]:
        """A file is shown at once, and each picture at the place where there is something to see."""
        new: dict[str, Any] = {"picture": PICTURES[0]} if moved.get("file") and "picture" not in moved else {}
        if "picture" in moved:
            down, right = SPOTS[moved["picture"]]
            new |= {name: at for name, at in (("down", down), ("right", right)) if name not in moved}
        return new

    def idle(self, values: dict[str, Any]) -> set[str]:
        return set() if values["kind"] in WITH_KERNEL else {"kernel_size"}

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        height, width = self._grey(values["picture"], values["file"]).shape
        return {"right": max(width - PART, 0), "down": max(height - PART, 0)}

    def draw(self, *, kind: str, picture: str, file: bytes, **options: Any) -> Picture:
        return draw_downsampling(self._grey(picture, file), way=kind, picture=picture, **options)

    def _grey(self, picture: str, file: bytes) -> np.ndarray:
        if picture != PICTURES[0]:
            return pattern(picture)
        return from_file(file) if file else self._portrait


class ShiftIt(Explorer):
    """A digit that is shifted, turned or enlarged, and how much of the output that changes, pooled or not."""

    controls: ClassVar = {
        "what": Choice("what changes", CHANGES, "shift"),
        "amount": Slider("by how many steps", 0, MOST, 1, play=True),
        "pooling": Choice("pooling", tuple(POOLINGS), "max 2 × 2"),
        "blur": Switch("blur before the stride"),
        "digit": Slider("digit", 0, 9, 5, play=True),
    }

    def idle(self, values: dict[str, Any]) -> set[str]:
        return set() if values["pooling"] in WITH_STRIDE else {"blur"}

    def draw(self, *, what: str, amount: int, **options: Any) -> Picture:
        return draw_shift(what, amount, **options)


class ReceptiveField(Explorer):
    """What one unit behind some convolutions sees: by the formula, and by where its gradient arrives."""

    controls: ClassVar = {
        "layers": Slider("convolutions", 1, DEEPEST, 3),
        "kernel_size": Slider("kernel size k", 1, 5, 3),
        "widened_by": Choice("widened by", HELPS, "nothing"),
        "weights": Choice("weights", WEIGHTS, "equal"),
        "pictures": Slider("pictures", 1, 12, 1, play=True),
        "seed": Slider("seed", 0, 20, 0, play=True),
    }

    def idle(self, values: dict[str, Any]) -> set[str]:
        if values["widened_by"] == "max pooling":  # who wins depends on the picture
            return set()
        return {"pictures"} if values["weights"] == "random" else {"pictures", "seed"}

    def draw(self, *, layers: int, kernel_size: int, widened_by: str, **options: Any) -> Picture:
        return draw_field(layers, kernel_size, widened_by, **options)
