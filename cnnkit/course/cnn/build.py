"""A small CNN that was put together: the table of its layers, where its parameters sit, and how it learns."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from cnnkit.course.cnn.build_curve import LINES, draw_curve
from cnnkit.course.cnn.build_numbers import ALL, SIDE, Setting, blocks, count_products, lay_out, order_layers, side
from cnnkit.course.cnn.build_training import Run, validated_on
from cnnkit.course.kit.palette import KERNEL, LINE, PADDING
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet, hairline
from cnnkit.course.kit.words import counted, percent
from cnnkit.layers import AvgPool2d, Conv2d, Dropout, MaxPool2d, Row

HEIGHT, FIRST, STEP = 404, 52, 20  # the baseline of the table's first row, and from one to the next
BAR, BARS = 432, 84  # where the bars begin, and how long all parameters are
WIDE = BAR + BARS + 4
MOST_BLOCKS = 3
COLUMNS = {"layer": 8, "k": 114, "s": 134, "p": 154, "output": 234, "sees": 276, "MACs": 340, "parameters": BAR - 8}
NAMES = {
    "Conv2d": "convolution", "BatchNorm2d": "batch norm", "Activation": "ReLU", "MaxPool2d": "max pooling",
    "AvgPool2d": "avg pooling", "Flatten": "flatten", "Dropout": "dropout", "Linear": "linear",
}  # fmt: skip


def draw_build(
    setting: Setting, run: Run | None = None, *, before: Run | None = None, running: bool = False
) -> Picture:
    """Draw the table of the network's layers, and beside it the errors of its training so far.

    run       None for a network that has learnt nothing yet
    before    the run that was seen before this one, if any
    running   whether the training is going on

    Errors: ValueError that names the block that does not fit.
    """
    rows = lay_out(setting)
    sheet = Sheet(820, HEIGHT, *LINES)
    _draw_table(sheet, rows)
    _let_touch(sheet, setting, rows)
    draw_curve(sheet, WIDE + 30, run, before=before, running=running)
    return sheet.picture(f"{_about_layers(setting, rows)}\n{_about_training(run, running)}")


def _draw_table(sheet: Sheet, rows: tuple[Row, ...]) -> None:
    total = sum(row.parameters for row in rows)
    for name, x in COLUMNS.items():
        sheet.text(x, 22, name, size=12, bold=True, align="left" if name == "layer" else "right")
    sheet.text(BAR, 22, "their share", size=12, bold=True)
    _write(sheet, FIRST - 8, {"layer": "input", "output": f"1 × {SIDE} × {SIDE}", "sees": "1"})
    for number, (row, block) in enumerate(zip(rows, blocks(rows), strict=True)):
        y = FIRST + 12 + number * STEP
        if block % 2:
            sheet.box(0, y - 14, WIDE, STEP, PADDING)
        if row.parameters:
            long = max(hairline(), BARS * row.parameters / total)
            sheet.box(BAR, y - 13, long, STEP - 2, KERNEL)
        _write(sheet, y, _cells(row, block))
    y = FIRST + 12 + len(rows) * STEP
    sheet.box(0, y - 14, WIDE, 1, LINE)
    _write(sheet, y + 2, {"layer": "in total", "MACs": f"{count_products(rows):,}", "parameters": f"{total:,}"})


def _let_touch(sheet: Sheet, setting: Setting, rows: tuple[Row, ...]) -> None:
    """The rows of a block, or those where it would be, make it the last one; the input's row leaves none."""
    one = [block for block, _ in order_layers(setting._replace(blocks=1))].count(1) * STEP
    here = (setting.blocks - 1, 0) if setting.blocks else None
    box = 0, FIRST - 2, WIDE, MOST_BLOCKS * one
    sheet.touch(box, MOST_BLOCKS, 1, lambda i, j: {"blocks": i + 1}, here=here, says="blocks: {number}")
    sheet.touch((0, FIRST - 22, WIDE, STEP), 1, 1, lambda i, j: {"blocks": 0}, says="no blocks")


def _cells(row: Row, block: int) -> dict[str, str]:
    layer, name = row.layer, NAMES[type(row.layer).__name__]
    number = f"{block} " if name == "convolution" else ""
    output = " × ".join(f"{n:,}" for n in row.output_shape)
    cells = {"layer": f"{number}{name}", "output": output, "sees": str(side(row))}
    if isinstance(layer, (Conv2d, MaxPool2d, AvgPool2d)):
        stride = layer.kernel_size if layer.stride is None else layer.stride
        cells |= {"k": str(layer.kernel_size), "s": str(stride), "p": str(layer.padding)}
    if isinstance(layer, Dropout):
        cells["layer"] = f"dropout {layer.p:g}"
    if row.macs:
        cells["MACs"] = f"{row.macs:,}"
    if row.parameters:
        cells["parameters"] = f"{row.parameters:,}"
    return cells


def _write(sheet: Sheet, y: float, cells: dict[str, str]) -> None:
    for name, words in cells.items():
        sheet.text(COLUMNS[name], y, words, size=12, align="left" if name == "layer" else "right")


def _about_layers(setting: Setting, rows: tuple[Row, ...]) -> str:
    """The sizes and what the last map sees, on one line; the features and the parameters on the next."""
    maps = next((row.output_shape for row in reversed(rows) if len(row.output_shape) == 3), (1, SIDE, SIDE))
    total = sum(row.parameters for row in rows)
    sizes = f"Sizes: {' → '.join(map(str, _sizes(rows)))}. {_about_field(rows)}\n" if setting.blocks else ""
    return (
        f"{sizes}{' · '.join(map(str, maps))} = {prod(maps):,} features are flattened. Of {total:,} parameters "
        f"{_about_shares(rows)}."
    )


def _about_shares(rows: tuple[Row, ...]) -> str:
    """Where the parameters sit."""
    total = sum(row.parameters for row in rows)
    convolutions = sum(row.parameters for row in rows if isinstance(row.layer, Conv2d))
    shares = [percent(count, total) for count in (convolutions, rows[-1].parameters)]
    if not convolutions:
        return "all sit in the linear layer"
    return f"{shares[0]} sit in convolutions, {shares[1]} in the linear layer"


def _sizes(rows: tuple[Row, ...]) -> list[int]:
    return [SIDE, *(row.output_shape[1] for row in rows if hasattr(row.layer, "stride"))]


def _about_field(rows: tuple[Row, ...]) -> str:
    """1 and for each layer (k − 1)·jump."""
    fields = [1, *(side(row) for row in rows if row.field != ALL)]
    grown = [b - a for a, b in pairwise(f for f in fields if isinstance(f, int)) if b > a]
    last = 1 + sum(grown)
    return f"A unit of the last map sees {' + '.join(map(str, [1, *grown]))} = {last} pixels a side."


def _about_training(run: Run | None, running: bool) -> str:
    if run is None:
        return "It has **learnt nothing** yet: its weights are random."
    over = len(run.validation)
    epochs = counted(over, "epoch")
    if not over:
        return f"{_progress(run, running)}, too early to measure."
    start = f"After {epochs}" if run.finished else f"{_progress(run, running)}; after {epochs}"
    return (
        f"{start} on {run.examples:,} digits it misreads {percent(run.training[-1], digits=1)} of them and "
        f"**{percent(run.validation[-1], digits=1)}** of {len(validated_on()[1])} validation digits."
    )


def _progress(run: Run, running: bool) -> str:
    return f"{'Training: it is' if running else 'Stopped'} in epoch {run.epoch} of {run.epochs}"
