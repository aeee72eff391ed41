"""The explorers of notebook 05: what a convolution reads and writes."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from cnnkit.course.convolution.filters import OWN, draw_filter
from cnnkit.course.convolution.stack import draw_stack
from cnnkit.course.convolution.stack_numbers import KINDS, PRESETS, StackLayer
from cnnkit.course.convolution.window import draw_window
from cnnkit.course.kit.axis import ROUNDINGS, lay_windows
from cnnkit.course.kit.explorer import Choice, Explorer, Numbers, Slider, Upload
from cnnkit.course.kit.kernels import LARGEST, MEANING, PADDINGS, make_kernel
from cnnkit.course.kit.photo import SIDE, as_grey, from_file, hopper
from cnnkit.course.kit.picture import Picture


def _three_by_three(kernel: str, seed: int) -> tuple[tuple[float, ...], ...]:
    """The weights of a named kernel at size 3, in numbers that fit into a field."""
    return tuple(tuple(row) for row in make_kernel(kernel, 3, seed=seed).weights.round(4).tolist())


class Window(Explorer):
    """One window of a convolution at work, and the pixels that no window ever reads."""

    controls: ClassVar = {
        "size": Slider("input size n", 1, 32, 7),
        "kernel_size": Slider("kernel size k", 1, 11, 3),
        "stride": Slider("stride s", 1, 8, 1),
        "padding": Slider("padding p", 0, 8, 0),
        "dilation": Slider("dilation d", 1, 4, 1),
        "rounding": Choice("rounding", ROUNDINGS, "floor"),
        "position": Slider("window", 1, 48**2, 1, wide=True, play=True),
    }

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        return {"position": lay_windows(**{k: v for k, v in values.items() if k != "position"}).count ** 2}

    def idle(self, values: dict[str, Any]) -> set[str]:
        useless = {"padding": values["rounding"] == "TF-SAME", "dilation": values["kernel_size"] == 1}
        return {name for name, is_useless in useless.items() if is_useless}

    def draw(self, *, size: int, kernel_size: int, **options: Any) -> Picture:
        return draw_window(size, kernel_size, **options)


class FilterPicture(Explorer):
    """One filter over a grey picture: Grace Hopper's portrait, or your own.

    image   your picture: a file, a Pillow image, or an array of pixels (see `as_grey`)

    Its control `numbers` holds the weights of the kernel at size 3 × 3; what is typed there is a kernel of your own.
    `row` and `column` are a pixel of the picture: the window with its middle there is the one that is shown.
    """

    controls: ClassVar = {
        "kernel": Choice("kernel", (*MEANING, OWN), "vertical edges (Sobel)"),
        "kernel_size": Slider("kernel size k", 1, LARGEST, 3),
        "stride": Slider("stride s", 1, 8, 1),
        "padding_mode": Choice("padding", PADDINGS, "zeros"),
        "numbers": Numbers("your kernel", _three_by_three("vertical edges (Sobel)", 0)),
        "seed": Slider("random seed", 0, 20, 0, play=True),
        "row": Slider("row", 1, SIDE, 131),
        "column": Slider("column", 1, SIDE, 68, play=True),
        "file": Upload("your picture"),
    }

    def __init__(self, image: Any = None, **start: Any) -> None:
        self._given = hopper() if image is None else as_grey(image)
        super().__init__(**start)

    def implied(self, moved: dict[str, Any]) -> dict[str, Any]:
        now = self.values | moved
        known = {} if now["kernel"] == OWN else {"numbers": _three_by_three(now["kernel"], now["seed"])}
        if now["kernel"] == OWN or ("numbers" in moved and known["numbers"] != moved["numbers"]):
            return {"kernel": OWN, "kernel_size": 3}
        return known

    def idle(self, values: dict[str, Any]) -> set[str]:
        useless = {
            "seed": values["kernel"] != "random",
            "kernel_size": values["kernel"] == OWN,
            "numbers": values["kernel_size"] != 3,
        }
        return {name for name, is_useless in useless.items() if is_useless}

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        height, width = self._grey(values["file"]).shape
        return {"row": height, "column": width}

    def draw(self, *, file: bytes, **options: Any) -> Picture:
        return draw_filter(self._grey(file), **options)

    def _grey(self, file: bytes) -> np.ndarray:
        return from_file(file) if file else self._given


LAYERS = range(1, 7)


def _layer_controls(number: int) -> dict[str, Slider | Choice]:
    low = "₁₂₃₄₅₆"[number - 1]
    return {
        f"kind{number}": Choice(f"kind of layer {number}", KINDS, KINDS[0]),
        f"kernel_size{number}": Slider(f"kernel size k{low}", 1, 11, 3),
        f"stride{number}": Slider(f"stride s{low}", 1, 4, 1),
        f"padding{number}": Slider(f"padding p{low}", 0, 5, 0),
        f"dilation{number}": Slider(f"dilation d{low}", 1, 8, 1),
        f"filters{number}": Slider(f"filters K{low}", 1, 512, 16),
    }


class Stack(Explorer):
    """Up to six layers: their sizes, receptive fields, parameters and products, and the field on the input.

    Each layer has controls of its own (`kernel_size1` … `dilation6`); those of one layer are on the screen at a time.
    Keyword arguments as for every explorer: `Stack(preset="one 7 × 7")`, `Stack(layers=2, kernel_size2=5)`.
    """

    controls: ClassVar = {
        "preset": Choice("start from", (*PRESETS, OWN), next(iter(PRESETS))),
        "layers": Slider("number of layers", 1, 6, 3),
        "size": Slider("input size n", 1, 256, 32),
        "channels": Slider("input channels C", 1, 512, 16),
        "layer": Slider("change layer", 1, 6, 1),
        **{name: control for number in LAYERS for name, control in _layer_controls(number).items()},
    }

    def shown(self, values: dict[str, Any]) -> list[str]:
        return ["preset", "layers", "size", "channels", "layer", *_layer_controls(values["layer"])]

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        return {"layer": values["layers"]}

    def idle(self, values: dict[str, Any]) -> set[str]:
        number = values["layer"]
        useless = {"filters": values[f"kind{number}"] != KINDS[0], "dilation": values[f"kernel_size{number}"] == 1}
        return {f"{name}{number}" for name, is_useless in useless.items() if is_useless}

    def implied(self, moved: dict[str, Any]) -> dict[str, Any]:
        given = _layers_of(moved["preset"]) if moved.get("preset", OWN) != OWN else {}
        changed = {name: value for name, value in moved.items() if name == "layers" or name[-1].isdigit()}
        own = {"preset": OWN} if changed.items() - given.items() else {}
        return {name: value for name, value in given.items() if name not in moved} | own

    def draw(self, *, size: int, channels: int, layers: int, layer: int, **values: Any) -> Picture:
        stack = [StackLayer(**{name: values[f"{name}{number}"] for name in StackLayer._fields}) for number in LAYERS]
        return draw_stack(size, channels, stack[:layers], chosen=layer)


def _layers_of(preset: str) -> dict[str, Any]:
    size, channels, layers = PRESETS[preset]
    settings = {"size": size, "channels": channels, "layers": len(layers)}
    rest = [StackLayer(3, filters=16)] * (len(LAYERS) - len(layers))
    for number, layer in enumerate([*layers, *rest], 1):
        settings |= {f"{name}{number}": value for name, value in layer._asdict().items()}
    return settings
