"""The receptive field of one unit, calculated and measured, and how much each pixel of it counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnkit.course.kit.palette import INPUT, INPUT_READ, LINE, PADDING, SOFT, WINDOW, ramp, swatches
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, cell_size, hairline
from cnnkit.course.kit.words import percent
from cnnkit.course.pooling.field_numbers import HELPS, MOST, Measured, Windowed, build_stack, inner, measure
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
    _draw_table(sheet, build_stack(MOST, kernel_size, help_by), seen, found)
    _draw_others(sheet, convolutions, kernel_size, help_by)
    _let_touch(sheet, convolutions, help_by)
    return sheet.picture(_sentences(layers, seen, found[-1], help_by, pictures))


def _view(field: int) -> tuple[int, int, float]:
    """How many pixels are shown, where among them the field begins, and how wide one is."""
    view = next(v for v in VIEWS if v >= min(field + 2, VIEWS[-1]))
    view -= (view - field) % 2  # the field in the middle
    return view, (view - field) // 2, cell_size(view, SIDE)


def _draw_map(sheet: Sheet, field: int, found: Measured) -> None:
    view, first, side = _view(field)
    none = ", empty: nothing" if (found.strength == 0).any() else ""
    title = f"what one unit sees: {field} × {field} pixels"
    sheet.heading(LEFT, 18, title, f"strong: much, weak: little{none}")
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
        sheet.box(left + column * side, PROFILE - height, max(side - hairline(), hairline()), height, INPUT_READ)
    sheet.box(LEFT, PROFILE, SIDE, hairline(), LINE)
    sheet.text(LEFT, PROFILE + 18, "frame: the formula; bars: the sum of each column", size=12)


COLUMNS = {"layer": 340, "k": 472, "s": 498, "d": 526, "jump": 580, "field r": 654, "measured": 738}
ROW, INPUT_ROW, OTHERS = 20, 40, 298  # how high a row is, where the table's first one stands, where the bars begin
POOLINGS = {MaxPool2d: "max pooling", AvgPool2d: "average pooling"}


def _draw_table(
    sheet: Sheet, layers: Sequence[Windowed], seen: Sequence[ReceptiveField], found: Sequence[Measured]
) -> None:
    """A row for each layer, in grey for those that are not there yet."""
    for name, x in COLUMNS.items():
        sheet.text(x, 18, name, bold=True, size=12, align="left" if name == "layer" else "right")
    _write_row(sheet, INPUT_ROW, ["input", "", "", "", 1, 1, 1])
    for number, layer in enumerate(layers, 1):
        name = f"{number}  {POOLINGS.get(type(layer), 'convolution')}"
        cells = [name, layer.kernel_size, layer.stride, layer.dilation]
        if there := number <= len(found):
            field, measured = seen[number - 1], found[number - 1]
            square = measured.size == measured.across
            cells += [field.jump, field.size, measured.size if square else f"{measured.size} × {measured.across}"]
        _write_row(sheet, INPUT_ROW + ROW * number, cells, soft=not there)
    sheet.box(
        COLUMNS["layer"], INPUT_ROW + ROW * len(found) + 5, COLUMNS["measured"] - COLUMNS["layer"], hairline(), SOFT
    )


def _write_row(sheet: Sheet, y: float, cells: Sequence[Any], *, soft: bool = False) -> None:
    for (name, x), value in zip(COLUMNS.items(), cells, strict=False):
        sheet.text(x, y, str(value), size=12.5, align="left" if name == "layer" else "right", soft=soft)


def _let_touch(sheet: Sheet, convolutions: int, help_by: str) -> None:
    """A row of the table sets how deep it is, a pooling together with the convolution behind it; a bar sets the help.

    The rows are two by two with poolings, beginning with the input's, so that each pair ends with a convolution.
    """
    left, wide = COLUMNS["layer"] - 6, COLUMNS["measured"] - COLUMNS["layer"] + 12
    pairs = help_by.endswith("pooling")
    top, high = (INPUT_ROW, 2 * ROW) if pairs else (INPUT_ROW + ROW, ROW)
    sheet.touch(
        (left, top - 15, wide, MOST * high), MOST, 1, lambda row, _: {"layers": row + 1},
        here=(convolutions - 1, 0), says="convolutions: {row}",
    )  # fmt: skip
    sheet.touch(
        (left, OTHERS - 3, WIDTH - left - 6, len(HELPS) * ROW), len(HELPS), 1,
        lambda row, _: {"widened_by": HELPS[row]}, here=(HELPS.index(help_by), 0),
    )  # fmt: skip


def _draw_others(sheet: Sheet, convolutions: int, kernel_size: int, help_by: str) -> None:
    """The field and the jump that the same convolutions have with every help."""
    top, x, room = OTHERS, 476, 232
    all_fields = {name: receptive_field(build_stack(convolutions, kernel_size, name))[-1] for name in HELPS}
    most = max(field.size for field in all_fields.values())
    what = "convolution" if convolutions == 1 else f"{convolutions} convolutions"
    sheet.text(COLUMNS["layer"], top - 14, f"the same {what} with", size=13, bold=True)
    for number, (name, field) in enumerate(all_fields.items()):
        y, width = top + ROW * number, max(room * field.size / most, 1)
        sheet.text(COLUMNS["layer"], y + 11, name, size=12.5, bold=name == help_by)
        sheet.box(x, y, width, 13, INPUT_READ if name == help_by else INPUT)
        sheet.text(x + width + 6, y + 11, f"{field.size}, jump {field.jump}", size=12.5, bold=name == help_by)


def _sentences(
    layers: Sequence[Windowed], seen: Sequence[ReceptiveField], found: Measured, help_by: str, pictures: int
) -> str:
    field, jumps = seen[-1].size, [1, *[each.jump for each in seen]]
    terms = [
        f"({layer.kernel_size}−1)·{jump * layer.dilation}" if layer.dilation == 1 or jump == 1 else
        f"{layer.dilation}·({layer.kernel_size}−1)·{jump}"
        for layer, jump in zip(layers, jumps, strict=False)
    ]  # fmt: skip
    lines = [f"r = 1 + {' + '.join(terms)} = **{field}**.", _measured(found, field, help_by, pictures)]
    if field > 2:
        middle, cut = inner(field), (field - inner(field)) // 2
        share = found.strength[cut : cut + middle, cut : cut + middle].sum() / found.strength.sum()
        lines.append(
            f"The {middle} × {middle} pixels in the middle, {percent(middle**2, field**2)} of the field, get "
            f"{percent(share)} of the gradient."
        )
    return "\n".join(lines)


def _measured(found: Measured, field: int, help_by: str, pictures: int) -> str:
    """Where the gradient arrives."""
    heard = int((found.strength > 0).sum())
    if heard == field**2:
        return f"Measured, the gradient spans {found.size} × {found.across} pixels: all of the field."
    on = "this picture" if pictures == 1 else f"any of {pictures} pictures"
    why = f"win no window on {on}" if help_by == "max pooling" else "fall into gaps"
    get = "gets" if heard == 1 else "get"
    return f"Of the {field**2:,} pixels of the field only **{heard:,}** {get} a gradient: the others {why}."
