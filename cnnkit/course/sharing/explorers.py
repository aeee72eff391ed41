"""The explorers of notebook 06: what shares its weights, what that saves, and what it makes the output do."""

from __future__ import annotations

from typing import Any, ClassVar

from cnnkit.course.kit.explorer import Choice, Explorer, Slider
from cnnkit.course.kit.picture import Picture
from cnnkit.course.sharing.count import LARGEST, draw_count
from cnnkit.course.sharing.experiments.training import PLACES, REACH
from cnnkit.course.sharing.matrix import draw_matrices
from cnnkit.course.sharing.shift import FARTHEST, FILTERS, draw_shift
from cnnkit.course.sharing.who_reads import draw_readers
from cnnkit.sizes import conv_output_size


class Counter(Explorer):
    """Parameters and products of a fully connected layer, a locally connected one and a convolution."""

    controls: ClassVar = {
        "size": Slider("input size n", 1, LARGEST, 32),
        "channels": Slider("input channels C", 1, 64, 3),
        "kernel_size": Slider("kernel size k", 1, 11, 5),
        "filters": Slider("filters K", 1, 64, 10),
        "padding": Slider("padding p", 0, 5, 2),
    }

    def draw(self, *, size: int, channels: int, kernel_size: int, filters: int, padding: int) -> Picture:
        return draw_count(size, channels, kernel_size, filters, padding=padding)


class Matrix(Explorer):
    """A fully connected layer, a locally connected one and a convolution as matrices, one row marked."""

    controls: ClassVar = {
        "size": Slider("input size n", 2, 6, 4),
        "kernel_size": Slider("kernel size k", 1, 4, 2),
        "stride": Slider("stride s", 1, 3, 1),
        "row": Slider("row of the matrix", 1, 36, 1, play=True),
    }

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        return {"row": conv_output_size(values["size"], values["kernel_size"], stride=values["stride"]) ** 2}

    def draw(self, *, size: int, kernel_size: int, stride: int, row: int) -> Picture:
        return draw_matrices(size, kernel_size, stride=stride, row=row)


class FollowShift(Explorer):
    """A digit moves: does the output move along? With one filter for all places, and with a filter for each."""

    controls: ClassVar = {
        "shift_x": Slider("shift right", -FARTHEST, FARTHEST, 3, play=True),
        "shift_y": Slider("shift down", -FARTHEST, FARTHEST, 0),
        "digit": Slider("digit", 0, 9, 3),
        "kernel": Choice("shared filter", FILTERS, FILTERS[0]),
        "kernel_size": Slider("kernel size k", 1, 7, 3),
        "untied": Slider("own part of filters", 0.0, 1.0, 1.0, 0.1),
        "seed": Slider("seed", 0, 20, 0, play=True),
    }

    def idle(self, values: dict[str, Any]) -> set[str]:
        return set() if values["untied"] else {"seed"}  # which draws what each filter has of its own

    def draw(self, *, shift_x: int, shift_y: int, digit: int, kernel: str, kernel_size: int, **options: Any) -> Picture:
        return draw_shift(digit, kernel, kernel_size, right=shift_x, down=shift_y, **options)


class WhoReads(Explorer):
    """Networks with and without shared weights read digits that have moved, as recorded."""

    controls: ClassVar = {
        "shift": Slider("shift right", -REACH, REACH, 0, play=True),
        "place": Choice("trained on digits", PLACES, PLACES[0]),
    }

    def draw(self, *, shift: int, place: str) -> Picture:
        return draw_readers(shift, place)
