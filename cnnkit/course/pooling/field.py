"""The receptive field of one unit, calculated and measured, and how much each pixel of it counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnkit.course.kit.palette import INPUT, INPUT_READ, LINE, PADDING, WINDOW, ramp, swatches
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, cell_size
from cnnkit.course.kit.words import counted, percent
from cnnkit.course.pooling.field_numbers import HELPS, Measured, Windowed, build_stack, inner, measure
from cnnkit.layers import AvgPool2d, MaxPool2d
from cnnkit.sizes import ReceptiveField, receptive_field

WIDTH, HEIGHT = 820, 430
LEFT, TOP, SIDE = 10, 50, 288  # the square of the input
VIEWS = (12, 24, 48, 96, 144)  # so many pixels of the input are shown: the fewest that hold the field
PROFILE, TALL = 402, 54  # the line that the profile stands on, and its height
NOTHING, STRENGTH = swatches("#ffffff"), ramp("#d6e8f6", "#003c6e", steps=127)  # where no gradient arrives, and where


def draw_field(
    convolutions: int, kernel_size: int, help_by: str, *, weights: str = "equal", pictures: int = 1, seed: int = 0
) -> Picture:
    """Draw where the gradient of one unit arrives, the formula layer by layer, and the same with other helps.

    convolutions, kernel_size, help_by   as in `field_numbers.build_stack`
    weights, pictures, seed              as in `field_numbers.measure`

    Errors: ValueError for an unknown help or kind of weights.
    """
    layers, options = build_stack(convolutions, kernel_size, help_by), {"weights": weights, "seed": seed}
    found = [measure(tuple(layers[: n + 1]), pictures=pictures, **options) for n in range(len(layers))]
    seen = receptive_field(layers)
    sheet = Sheet(WIDTH, HEIGHT, NOTHING, STRENGTH)
    _draw_map(sheet, seen[-1].size, found[-1])
    _draw_profile(sheet, seen[-1].size, found[-1])
    _draw_table(sheet, layers, seen, found)
    _draw_others(sheet, convolutions, kernel_size, help_by)
    return sheet.picture(_sentence(layers, seen, found[-1], help_by, pictures))


def _view(field: int) -> tuple[int, int, float]:
    """How many pixels are shown, where among them the field begins, and how wide one is."""
    view = next(v for v in VIEWS if v >= min(field + 2, VIEWS[-1]))
    view -= (view - field) % 2  # the field in the middle
    return view, (view - field) // 2, cell_size(view, SIDE)


def _draw_map(sheet: Sheet, field: int, found: Measured) -> None:
    view, first, side = _view(field)
    none = ", white: nothing" if (found.strength == 0).any() else ""
    title = f"what one unit sees: {field} × {field} pixels"
    sheet.heading(LEFT, 18, title, f"dark: counts much, pale: little{none}")
    colours, inside = np.full((view, view), BYTE[PADDING]), slice(first, first + field)
    arrives = sheet.tint(found.strength, STRENGTH, found.strength.max())
    colours[inside, inside] = np.where(found.strength > 0, arrives, sheet.colours(NOTHING))
    sheet.image(LEFT, TOP, colours, side, lines=side >= 5)
    sheet.frame(LEFT + first * side, TOP + first * side, field * side, field * side, WINDOW, 2)


def _draw_profile(sheet: Sheet, field: int, found: Measured) -> None:
    """How much each column of the field counts, added up from top to bottom."""
    _, first, side = _view(field)
    columns = found.strength.sum(axis=0)
    heights = TALL * columns / columns.max()
    left = LEFT + first * side
    for column, height in enumerate(heights):
        sheet.box(left + column * side, PROFILE - height, max(side - 0.5, 0.5), height, INPUT_READ)
    sheet.box(LEFT, PROFILE, SIDE, 0.5, LINE)
    sheet.text(LEFT, PROFILE + 18, "frame: the formula; bars: the sum of each column", size=12)


COLUMNS = {"layer": 340, "k": 472, "s": 498, "d": 526, "jump": 580, "field r": 654, "measured": 738}
ROW = 20
POOLINGS = {MaxPool2d: "max pooling", AvgPool2d: "average pooling"}


def _draw_table(
    sheet: Sheet, layers: Sequence[Windowed], seen: Sequence[ReceptiveField], found: Sequence[Measured]
) -> None:
    for name, x in COLUMNS.items():
        sheet.text(x, 18, name, bold=True, size=12, align="left" if name == "layer" else "right")
    _write_row(sheet, 40, ["input", "", "", "", 1, 1, 1])
    for number, (layer, field, measured) in enumerate(zip(layers, seen, found, strict=True), 1):
        name = f"{number}  {POOLINGS.get(type(layer), 'convolution')}"
        spans = f"{measured.size}" if measured.size == measured.across else f"{measured.size} × {measured.across}"
        cells = [name, layer.kernel_size, layer.stride, layer.dilation, field.jump, field.size, spans]
        _write_row(sheet, 40 + ROW * number, cells)


def _write_row(sheet: Sheet, y: float, cells: Sequence[Any]) -> None:
    for (name, x), value in zip(COLUMNS.items(), cells, strict=True):
        sheet.text(x, y, str(value), size=12.5, align="left" if name == "layer" else "right")


def _draw_others(sheet: Sheet, convolutions: int, kernel_size: int, help_by: str) -> None:
    """The field and the jump that the same convolutions have with every help."""
    top, x, room = 298, 476, 232
    all_fields = {name: receptive_field(build_stack(convolutions, kernel_size, name))[-1] for name in HELPS}
    most = max(field.size for field in all_fields.values())
    what = "convolution" if convolutions == 1 else f"{convolutions} convolutions"
    sheet.text(COLUMNS["layer"], top - 14, f"the same {what} with", size=13, bold=True)
    for number, (name, field) in enumerate(all_fields.items()):
        y, width = top + ROW * number, max(room * field.size / most, 1)
        sheet.text(COLUMNS["layer"], y + 11, name, size=12.5, bold=name == help_by)
        sheet.box(x, y, width, 13, INPUT_READ if name == help_by else INPUT)
        sheet.text(x + width + 6, y + 11, f"{field.size}, jump {field.jump}", size=12.5, bold=name == help_by)


def _sentence(
    layers: Sequence[Windowed], seen: Sequence[ReceptiveField], found: Measured, help_by: str, pictures: int
) -> str:
    field, jumps = seen[-1].size, [1, *[each.jump for each in seen]]
    terms = [
        f"({layer.kernel_size}−1)·{jump * layer.dilation}" if layer.dilation == 1 or jump == 1 else
        f"{layer.dilation}·({layer.kernel_size}−1)·{jump}"
        for layer, jump in zip(layers, jumps, strict=False)
    ]  # fmt: skip
    parts = [
        f"r = 1 + {' + '.join(terms)} = {field}; measured: the gradient spans {found.size} × {found.across} pixels.",
        f"Neighbouring units look {counted(seen[-1].jump, 'pixel')} apart.",
    ]
    heard = int((found.strength > 0).sum())
    if heard < field**2:
        on = "this picture" if pictures == 1 else f"any of {pictures} pictures"
        why = (
            f"the others lead only to values that win no window on {on}"
            if help_by == "max pooling"
            else "the others fall into gaps"
        )
        get = "gets" if heard == 1 else "get"
        parts.append(f"Of the {field**2:,} pixels of the field only {heard:,} {get} a gradient: {why}.")
    if field > 2:
        middle, cut = inner(field), (field - inner(field)) // 2
        share = found.strength[cut : cut + middle, cut : cut + middle].sum() / found.strength.sum()
        parts.append(
            f"The {middle} × {middle} pixels in the middle, {percent(middle**2, field**2)} of the field, get "
            f"{percent(share)} of the gradient."
        )
    return " ".join(parts)
