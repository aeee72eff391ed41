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
# One colour for each layer's outline, Okabe and Ito's, the pink darkened; what colour-blind readers could take for each
# other has different dashes: so many CSS pixels of line, and of gap.
OUTLINES = swatches("#e69f00", "#009e73", "#aa3377", "#0072b2", "#d55e00", "#000000")
SOLID, DASHED, DOTTED = (6.0, 0.0), (6.0, 3.0), (2.0, 2.0)
DASHES = (SOLID, DASHED, DOTTED, SOLID, DOTTED, DASHED)


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


COLUMNS = {"layer": 28, "k": 96, "s": 116, "p": 136, "d": 156, "size": 200, "channels": 270, "field": 317, "jump": 359,
           "parameters": 446, "MACs": 530}  # the right end of each, but for the first  # fmt: skip
WIDE = 534  # of the table
FIRST, STEP = 58, 30  # the baseline of the first row, and from one to the next


def _draw_table(sheet: Sheet, rows: Sequence[Row], layers: Sequence[StackLayer], chosen: int) -> None:
    count = len(layers)
    sheet.box(0, FIRST + chosen * STEP - 20, WIDE, STEP, PADDING)
    sheet.touch(
        (0, FIRST + STEP - 20, WIDE, count * STEP), count, 1, lambda row, _: {"layer": row + 1}, here=(chosen - 1, 0),
        says="change layer {row}",
    )  # fmt: skip
    unit, macs = _in_one_unit([*(row.macs for row in rows), sum(row.macs for row in rows)])
    for name, x in COLUMNS.items():
        title = f"{name} in {unit}" if name == "MACs" and unit else name
        sheet.text(x, 22, title, bold=True, size=12, align="left" if name == "layer" else "right")
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
            _draw_line(sheet, number, 2, y - 6, 20, 3)
            cells |= dict(zip("kspd", layer, strict=False)) | {
                "layer": f"{number} {'conv' if layer.kind == 'convolution' else 'pool'}",
                "parameters": row.parameters, "MACs": macs[number],
            }  # fmt: skip
        _write_row(sheet, y, cells)
    y = FIRST + len(rows) * STEP
    sheet.box(0, y - 21, WIDE, 1, LINE)
    _write_row(sheet, y, {"layer": "in total", "parameters": sum(r.parameters for r in rows), "MACs": macs[-1]})


def _in_one_unit(numbers: Sequence[int]) -> tuple[str, list[str]]:
    """Numbers as they stand below each other: all of them whole, or all with one decimal of the same unit.

    >>> _in_one_unit([0, 921_600, 2_073_600]), _in_one_unit([0, 20_000, 86_704_128])
    (('', ['0', '921,600', '2,073,600']), ('M', ['0', '< 0.1', '86.7']))
    """
    most = max(numbers)
    units = (("", 1), ("M", 10**6), ("G", 10**9), ("T", 10**12))
    name, unit = next((name, unit) for name, unit in units if most < 10**4 * max(unit, 1000) or unit == 10**12)
    if unit == 1:
        return name, [f"{number:,}" for number in numbers]
    words = [f"{number / unit:,.1f}" for number in numbers]
    return name, [
        "0" if not number else "< 0.1" if word == "0.0" else word for number, word in zip(numbers, words, strict=True)
    ]


def _write_row(sheet: Sheet, y: float, cells: dict[str, Any]) -> None:
    for name, value in cells.items():
        words = value if isinstance(value, str) else f"{value:,}"
        sheet.text(COLUMNS[name], y, words, align="left" if name == "layer" else "right")


def _draw_growth(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Below a short table: the field behind each layer, as a bar."""
    y, count = FIRST + len(rows) * STEP + 36, len(rows) - 1
    sheet.text(4, y, "how the receptive field grows, in pixels", size=12, bold=True)
    for number, row in enumerate(rows[1:]):
        top, length = y + 10 + 20 * number, 430 * row.field / rows[-1].field
        sheet.text(4, top + 12, str(number + 1))
        sheet.box(18, top, length, 13, sheet.colours(OUTLINES)[number])
        sheet.text(18 + length + 8, top + 12, f"{row.field:,}")
    box = 0, y + 7, WIDE, 20 * count
    sheet.touch(box, count, 1, lambda row, _: {"layer": row + 1}, says="change layer {row}")


def _draw_line(
    sheet: Sheet, number: int, x: float, y: float, length: float, thick: float, *, down: bool = False
) -> None:
    """Draw a line in a layer's colour and dashes, to the right or down."""
    colour, (dash, gap) = sheet.colours(OUTLINES)[number - 1], DASHES[number - 1]
    at = 0.0
    while at < length:
        piece = min(dash if gap else length, length - at)
        if down:
            sheet.box(x, y + at, thick, piece, colour)
        else:
            sheet.box(x + at, y, piece, thick, colour)
        at += piece + gap


LEFT, TOP, SIDE = 548, 34, 270  # the input's square


def _draw_field(sheet: Sheet, rows: Sequence[Row], seen: Seen, chosen: int) -> None:
    n, last, field = rows[0].size, rows[-1], rows[chosen].field
    low, high = min(0, seen.starts[-1]), max(n, seen.starts[-1] + last.field)
    view = View(sheet, LEFT, TOP, SIDE, low, high)
    view.draw(rows, seen, chosen)
    sheet.text(LEFT, 22, f"what the centre of layer {len(rows) - 1} sees", size=13, bold=True)
    thick = f"; layer {chosen}: r = {field}" if chosen < len(rows) - 1 else ""
    sheet.text(LEFT, TOP + SIDE + 19, f"r = {last.field} on n = {n}{thick}")
    words_of = {INPUT: "input", INPUT_READ: "read", PADDING: "padding"}
    for x, (colour, word) in zip((LEFT, LEFT + 80, LEFT + 155), words_of.items(), strict=True):
        sheet.box(x, TOP + SIDE + 29, 11, 11, colour)
        sheet.text(x + 17, TOP + SIDE + 39, word)
    if high - low == n and 6 * last.field <= n:  # too small to tell the layers apart: a second view, enlarged
        side = 104
        x, y = LEFT + SIDE - side - 8, TOP + SIDE - side - 8
        sheet.box(x - 5, y - 5, side + 10, side + 10, PAPER)
        sheet.frame(x - 5, y - 5, side + 10, side + 10, LINE)
        sheet.text(x + side + 5, y - 11, "enlarged", size=12, align="right")
        close = View(sheet, x, y, side, seen.starts[-1] - 1, seen.starts[-1] + last.field + 1)
        close.draw(rows, seen, chosen)
        close.let_touch(rows, seen)  # before the large view, which it lies on
    view.let_touch(rows, seen)


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
        for number in sorted(range(1, len(rows)), key=lambda number: number == chosen):  # the chosen one on top
            start = seen.starts[number]
            self._outline(start, start + rows[number].field, number, 3 if number == chosen else 1.5)

    def let_touch(self, rows: Sequence[Row], seen: Seen) -> None:
        """A pixel sets the first layer whose field it lies in."""
        fields = [(start, start + row.field) for start, row in zip(seen.starts[1:], rows[1:], strict=True)]

        def sets(row: int, column: int) -> dict[str, int] | None:
            pixels = self.low + row, self.low + column
            sees = [all(start <= pixel < stop for pixel in pixels) for start, stop in fields]
            return {"layer": sees.index(True) + 1} if any(sees) else None

        count = self.high - self.low
        self.sheet.touch((self.left, self.top, self.side, self.side), count, count, sets, says="who sees it first?")

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

    def _outline(self, low: int, high: int, number: int, thick: float) -> None:
        """A frame inside the square of the pixels from `low` to `high` - 1."""
        a, b = self.edge(low), self.edge(high)
        thick = min(thick, b - a)
        for at in (a, b - thick):
            _draw_line(self.sheet, number, self.left + a, self.top + at, b - a, thick)
            _draw_line(self.sheet, number, self.left + at, self.top + a, b - a, thick, down=True)


def _sentence(rows: Sequence[Row], layers: Sequence[StackLayer], seen: Seen) -> str:
    n, last, count = rows[0].size, rows[-1], len(layers)
    spaced = [f"{layer.dilation}·" if layer.dilation > 1 else "" for layer in layers]
    steps = [f"{d}({layer.kernel_size}−1)·{row.jump}" for d, layer, row in zip(spaced, layers, rows, strict=False)]
    parameters, macs = sum(row.parameters for row in rows), sum(row.macs for row in rows)
    work = f"{macs:,}" if macs < 10**10 else metric(macs)
    return (
        f"A unit of layer {count} sees r = 1 + {' + '.join(steps)} = **{last.field}** pixels across.\n"
        f"{_about_edges(n, last, seen)}\n"
        f"{n} × {n} become {last.size} × {last.size}; the stack has {parameters:,} parameters, with biases, and needs "
        f"{work} MACs."
    )


def _about_edges(n: int, last: Row, seen: Seen) -> str:
    """What of the field lies outside the input, and what of the rest is not read."""
    start, stop = seen.starts[-1], seen.starts[-1] + last.field
    inside = min(stop, n) - max(start, 0)
    outside, reads = last.field - inside, len(seen.read)
    if not reads:
        return "The centre reads nothing but padding."
    if reads == last.field:
        return "The centre reads every pixel of its field."
    rows, lie = f"Of the field's {last.field} rows and columns", "lies" if outside == 1 else "lie"
    if reads == inside:
        rest = "; the centre sees all of the input" if inside == n else ""
        return f"{rows} {outside} {lie} in the padding{rest}."
    if not outside:
        return f"{rows} only {reads} are read: dilation and stride leave gaps."
    return f"{rows} {outside} {lie} in the padding, {reads} are read, and the rest falls into gaps."
