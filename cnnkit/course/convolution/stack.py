"""A stack of layers: what comes out of each, what it costs, and what its centre sees of the input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnkit.course.convolution.stack_numbers import Row, Seen, StackLayer, look_back, tabulate
from cnnkit.course.kit.palette import INPUT, INPUT_READ, LINE, PADDING, PAPER, swatches
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, hairline, sharp
from cnnkit.course.kit.words import metric

HEIGHT = 354
# One colour for each layer's outline, told apart by colour-blind readers too: Okabe and Ito's, the pink darkened.
OUTLINES = swatches("#e69f00", "#009e73", "#aa3377", "#0072b2", "#d55e00", "#000000")


def draw_stack(size: int, channels: int, layers: Sequence[StackLayer], *, chosen: int = 1) -> Picture:
    """Draw the table of the stack, and on the input, to scale, the fields of its units in the centre.

    size, channels   of the input
    layers           one to six of them
    chosen           the number of the layer whose row is marked

    Errors: ValueError that names the first layer that cannot be.
    """
    rows = tabulate(size, channels, layers)
    seen = look_back(rows, layers)
    sheet = Sheet(820, HEIGHT, OUTLINES)
    _draw_table(sheet, rows, layers, chosen)
    if len(layers) <= 4:
        _draw_growth(sheet, rows)
    _draw_field(sheet, rows, seen, chosen)
    return sheet.picture(_sentence(rows, layers, seen))


COLUMNS = {"layer": 20, "k": 92, "s": 114, "p": 136, "d": 158, "size": 204, "channels": 274, "field": 322, "jump": 366,
           "parameters": 456, "MACs": 522}  # the right end of each, but for the first  # fmt: skip
FIRST, STEP = 58, 30  # the baseline of the first row, and from one to the next


def _draw_table(sheet: Sheet, rows: Sequence[Row], layers: Sequence[StackLayer], chosen: int) -> None:
    sheet.box(0, FIRST + chosen * STEP - 20, 526, STEP, PADDING)
    for name, x in COLUMNS.items():
        sheet.text(x, 22, name, bold=True, size=12, align="left" if name == "layer" else "right")
    for number, row in enumerate(rows):
        y = FIRST + number * STEP
        cells: dict[str, Any] = {
            "layer": "input",
            "size": row.size,
            "channels": row.channels,
            "field": row.field,
            "jump": row.jump,
        }
        if number:
            layer = layers[number - 1]
            sheet.box(4, y - 10, 10, 10, sheet.colours(OUTLINES)[number - 1])
            cells |= dict(zip("kspd", layer, strict=False)) | {
                "layer": f"{number} {'conv' if layer.kind == 'convolution' else 'pool'}",
                "parameters": row.parameters, "MACs": metric(row.macs),
            }  # fmt: skip
        _write_row(sheet, y, cells)
    y = FIRST + len(rows) * STEP
    sheet.box(0, y - 21, 526, 1, LINE)
    totals: dict[str, Any] = {"parameters": sum(r.parameters for r in rows), "MACs": metric(sum(r.macs for r in rows))}
    _write_row(sheet, y, {"layer": "in total"} | totals)


def _write_row(sheet: Sheet, y: float, cells: dict[str, Any]) -> None:
    for name, value in cells.items():
        words = value if isinstance(value, str) else f"{value:,}"
        sheet.text(COLUMNS[name], y, words, align="left" if name == "layer" else "right")


def _draw_growth(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Below a short table: the field behind each layer, as a bar."""
    y = FIRST + len(rows) * STEP + 36
    sheet.text(4, y, "how the receptive field grows, in pixels", size=12, bold=True)
    for number, row in enumerate(rows[1:]):
        top, length = y + 10 + 20 * number, 440 * row.field / rows[-1].field
        sheet.box(4, top, length, 13, sheet.colours(OUTLINES)[number])
        sheet.text(4 + length + 8, top + 12, f"{row.field:,}")


LEFT, TOP, SIDE = 548, 34, 270  # the input's square


def _draw_field(sheet: Sheet, rows: Sequence[Row], seen: Seen, chosen: int) -> None:
    n, last = rows[0].size, rows[-1]
    low, high = min(0, seen.starts[-1]), max(n, seen.starts[-1] + last.field)
    view = View(sheet, LEFT, TOP, SIDE, low, high)
    view.draw(rows, seen, chosen)
    sheet.text(LEFT, 22, f"what the centre of layer {len(rows) - 1} sees", size=13, bold=True)
    sheet.text(LEFT, TOP + SIDE + 19, f"{last.field} × {last.field} on an input of {n} × {n}")
    words = {INPUT: "input", INPUT_READ: "read", PADDING: "padding"}
    for x, (colour, word) in zip((LEFT, LEFT + 80, LEFT + 155), words.items(), strict=True):
        sheet.box(x, TOP + SIDE + 29, 11, 11, colour)
        sheet.text(x + 17, TOP + SIDE + 39, word)
    if high - low == n and 6 * last.field <= n:  # too small to tell the layers apart: a second view, enlarged
        side = 104
        x, y = LEFT + SIDE - side - 8, TOP + SIDE - side - 8
        sheet.box(x - 5, y - 5, side + 10, side + 10, PAPER)
        sheet.frame(x - 5, y - 5, side + 10, side + 10, LINE)
        sheet.text(x + side + 5, y - 11, "enlarged", size=12, align="right")
        View(sheet, x, y, side, seen.starts[-1] - 1, seen.starts[-1] + last.field + 1).draw(rows, seen, chosen)


class View:
    """A square of the sheet that shows the input's pixels from `low` to `high` - 1."""

    def __init__(self, sheet: Sheet, left: float, top: float, side: float, low: int, high: int) -> None:
        self.sheet, self.left, self.top, self.side, self.low, self.high = sheet, left, top, side, low, high
        self.scale = side / (high - low)

    def edge(self, pixel: int) -> float:
        """Where a pixel begins, from the square's corner."""
        return sharp((min(max(pixel, self.low), self.high) - self.low) * self.scale)

    def draw(self, rows: Sequence[Row], seen: Seen, chosen: int) -> None:
        self._fill(self.low, self.high, PADDING)
        self._fill(0, rows[0].size, INPUT)
        self._fill_read(seen.read)
        if self.scale >= 5:
            self._draw_grid()
        fields = zip(rows[1:], seen.starts[1:], self.sheet.colours(OUTLINES), strict=False)
        for number, (row, start, colour) in enumerate(fields, 1):
            self._outline(start, start + row.field, colour, 2.5 if number == chosen else 1.5)

    def _fill(self, low: int, high: int, colour: str) -> None:
        """The square of the pixels from `low` to `high` - 1."""
        a, b = self.edge(low), self.edge(high)
        self.sheet.box(self.left + a, self.top + a, b - a, b - a, colour)

    def _fill_read(self, read: np.ndarray) -> None:
        runs = np.split(read, np.flatnonzero(np.diff(read) > 1) + 1) if len(read) else []
        ends = [(self.edge(run[0]), self.edge(run[-1] + 1)) for run in runs]  # the same down and across
        across = np.zeros((1, round(self.side / hairline())), bool)
        for start, stop in ends:
            across[:, round(start / hairline()) : round(stop / hairline())] = True
        colours = np.full(across.shape, BYTE[INPUT_READ])
        for start, stop in ends:
            self.sheet.image(self.left, self.top + start, colours, (hairline(), stop - start), where=across)

    def _draw_grid(self) -> None:
        for pixel in range(self.low, self.high + 1):
            at = min(self.edge(pixel), self.side - hairline())
            self.sheet.box(self.left, self.top + at, self.side, hairline(), LINE)
            self.sheet.box(self.left + at, self.top, hairline(), self.side, LINE)

    def _outline(self, low: int, high: int, colour: np.uint8, thick: float) -> None:
        """A frame inside the square of the pixels from `low` to `high` - 1."""
        a, b = self.edge(low), self.edge(high)
        thick = min(thick, b - a)
        for at in (a, b - thick):
            self.sheet.box(self.left + a, self.top + at, b - a, thick, colour)
            self.sheet.box(self.left + at, self.top + a, thick, b - a, colour)


def _sentence(rows: Sequence[Row], layers: Sequence[StackLayer], seen: Seen) -> str:
    n, last, count = rows[0].size, rows[-1], len(layers)
    steps = [f"({layer.span}−1)·{row.jump}" for layer, row in zip(layers, rows, strict=False)]
    parts = [
        f"Sizes: {' → '.join(str(row.size) for row in rows)}.",
        f"Receptive field of layer {count}, 1 and for each layer (span−1)·jump: "
        f"r = 1 + {' + '.join(steps)} = {last.field}.",
        *_about_edges(n, last, seen),
        f"In total {sum(row.parameters for row in rows):,} parameters, with biases, and "
        f"{sum(row.macs for row in rows):,} MACs for one image.",
    ]
    return " ".join(parts)


def _about_edges(n: int, last: Row, seen: Seen) -> list[str]:
    """What of the field lies outside the input, and what of the rest is not read."""
    start, stop = seen.starts[-1], seen.starts[-1] + last.field
    inside = min(stop, n) - max(start, 0)
    outside = last.field - inside
    if not len(seen.read):
        return ["The centre reads nothing but padding."]
    parts = []
    if last.field > n:
        whole = "all of it and " if inside == n else ""
        parts.append(f"That is wider than the input: the centre sees {whole}{_rows(outside)} of padding.")
    elif outside:
        parts.append(f"Of this field {_rows(outside)} lie outside the input, in the padding.")
    if len(seen.read) < inside:
        reads = f"it reads only {len(seen.read)} of {_rows(inside)}"
        parts.append(f"Inside the input {reads}: the others fall into the gaps that dilation and stride leave.")
    return parts


def _rows(count: int) -> str:
    return f"{count} rows and columns" if count > 1 else "1 row and 1 column"
