"""The drawings of notebook 07: the usual network and what it costs, batch norm's four numbers, a residual block."""

from __future__ import annotations

from math import prod

import numpy as np

from cnnkit.course.cnn.usual_net import INPUT, costs, usual_rows
from cnnkit.course.kit.palette import INPUT as BLUE
from cnnkit.course.kit.palette import INPUT_READ, KERNEL, LINE, OUTPUT, OUTPUT_WRITTEN, PADDING, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet
from cnnkit.course.kit.words import minus
from cnnkit.layers import BatchNorm2d, Conv2d, walk

WIDTH = 820
FOUR, GAMMA, BETA, SHARE = (1.0, 1.0, 7.0, 7.0), 2.0, 5.0, 0.1  # the batch, the scale, the shift, the new one's share


def draw_network() -> Picture:
    """Draw the usual network as boxes: how large a map is, how many there are, and where they become one row."""
    rows = [row for row in usual_rows() if type(row.layer).__name__ in ("Conv2d", "MaxPool2d", "Flatten", "Linear")]
    names = ["picture", "3 × 3, 32 filters", "3 × 3, 64 filters", "max-pooling 2 × 2", "flatten", "linear", "linear"]
    shapes = [INPUT, *(row.output_shape for row in rows)]
    sheet = Sheet(WIDTH, 236)
    for i, (name, shape) in enumerate(zip(names, shapes, strict=True)):
        centre = 62 + 116 * i
        _draw_maps(sheet, centre, 118, shape, BLUE if i == 0 else OUTPUT)
        words = name.split(", ")
        for line, word in enumerate(words):
            sheet.text(centre, 24 + 16 * (line + 2 - len(words)), word, size=12, bold=True, align="centre")
        sheet.text(centre, 210, " × ".join(f"{n:,}" for n in shape), size=13, align="centre")
        if i:
            sheet.text(centre - 58, 123, "→", size=20, align="centre", soft=True)
    sheet.text(8, 228, "channels × height × width", size=11, soft=True)
    told = ", then ".join(" × ".join(map(str, shape)) for shape in shapes[:4])
    row, hidden, classes = (shape[0] for shape in shapes[4:])
    return sheet.picture(
        f"The usual network as boxes. A picture becomes more and smaller maps: {told}. Flatten lays them out in one "
        f"row of {row:,} numbers, and two linear layers make {hidden} and then {classes} of it: one score a class."
    )


def _draw_maps(sheet: Sheet, x: float, y: float, shape: tuple[int, ...], colour: str) -> None:
    """A stack of maps, or a row of numbers standing up, with its middle there."""
    if len(shape) == 1:
        height = {9216: 130, 128: 84}.get(shape[0], 44)
        sheet.box(x - 7, y - height / 2, 14, height, colour)
        sheet.frame(x - 7, y - height / 2, 14, height, LINE)
        return
    side, deep = 2.3 * shape[1], {1: 1, 32: 3}.get(shape[0], 5)
    for i in reversed(range(deep)):
        left, top = x - side / 2 + 4 * (i - (deep - 1) / 2), y - side / 2 - 4 * (i - (deep - 1) / 2)
        sheet.box(left, top, side, side, colour)
        sheet.frame(left, top, side, side, LINE)


def draw_costs() -> Picture:
    """Draw the share of the parameters and of the products that each layer with weights has."""
    found, sheet = costs(), Sheet(WIDTH, 170)
    left, right, room = 190, 520, 230
    sheet.text(left, 20, "share of the parameters", size=14, bold=True)
    sheet.text(right, 20, "share of the products", size=14, bold=True)
    for i, (name, parameters, products) in enumerate(found):
        y = 34 + 33 * i
        sheet.text(8, y + 17, name, size=13)
        for x, share, colour in ((left, parameters, INPUT_READ), (right, products, OUTPUT_WRITTEN)):
            sheet.box(x, y, max(1.0, room * share), 22, colour)
            sheet.text(x + room * share + 8, y + 17, f"{100 * share:.1f} %", size=13)
    told = "; ".join(f"{c.name} {100 * c.parameters:.1f} and {100 * c.products:.1f} %" for c in found)
    return sheet.picture(f"Where the parameters of the usual network sit, and where its products: {told}.")


def normalised() -> dict[str, np.ndarray]:
    """The four numbers on their way through batch norm, by what was done last."""
    x = np.array(FOUR)
    centred = x - x.mean()
    unit = centred / x.std()
    return {"the batch": x, "− mean": centred, "÷ spread": unit, "· γ": GAMMA * unit, "+ β": GAMMA * unit + BETA}


def kept() -> tuple[float, float]:
    """The running mean and the running variance after this one batch."""
    x = np.array(FOUR)
    return SHARE * float(x.mean()), (1 - SHARE) + SHARE * float(x.var(ddof=1))


def draw_norm() -> Picture:
    """Draw batch norm's four numbers: the mean away, divided by the spread, scaled, shifted; and what is kept."""
    x, steps, (mean, var) = np.array(FOUR), normalised(), kept()
    under = ["", f"mean {x.mean():g}", f"spread √{x.var():g} = {x.std():g}", f"γ = {GAMMA:g}", f"β = {BETA:g}"]
    sheet = Sheet(WIDTH, 262)
    for i, ((name, values), more) in enumerate(zip(steps.items(), under, strict=True)):
        left, colour = 24 + 164 * i, BLUE if i == 0 else OUTPUT_WRITTEN if i == 4 else OUTPUT
        sheet.text(left + 46, 20, name, size=15, bold=True, align="centre")
        sheet.text(left + 46, 38, more, size=12, soft=True, align="centre")
        words = [[minus(f"{value:g}")] for value in values]
        sheet.grid(left + 28, 50, 36, np.full((4, 1), BYTE[colour]))
        sheet.write(left + 28, 50, 36, words, 15)
        if i:
            sheet.text(left - 36, 128, "→", size=22, align="centre", soft=True)
    sheet.box(24, 212, WIDTH - 48, 1, LINE)
    sheet.text(24, 234, "learnt:  γ and β, two numbers a channel", size=13)
    sheet.text(24, 254, f"kept for later:  running mean 0 → {mean:.1f},  running variance 1 → {var:.1f}", size=13)
    way = "; ".join(f"{name} {', '.join(minus(f'{v:g}') for v in values)}" for name, values in steps.items())
    return sheet.picture(
        f"Batch norm's four numbers in training: {way}. It keeps for later a tenth of what it saw: the running mean "
        f"goes from 0 to {mean:.1f}, the running variance from 1 to {var:.1f}."
    )


CHANNELS, SIDE = 16, 8


def residual_costs() -> tuple[int, int, int]:
    """Of a residual block: the weights of its two convolutions, their products, and the additions of its shortcut."""
    shape = CHANNELS, SIDE, SIDE
    rows = list(walk([Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False) for _ in range(2)], shape))
    return sum(row.parameters for row in rows), sum(row.macs or 0 for row in rows), prod(shape)


def draw_residual() -> Picture:
    """Draw a residual block: two convolutions, and the input added to what they give."""
    weights, products, additions = residual_costs()
    one = BatchNorm2d(CHANNELS)
    sheet, y = Sheet(WIDTH, 206), 108
    boxes = [
        ("x", BLUE, 60), ("conv 3 × 3", KERNEL, 104), (f"{type(one).__name__[:-2]}", PADDING, 100),
        ("ReLU", OUTPUT, 62), ("conv 3 × 3", KERNEL, 104), ("BatchNorm", PADDING, 100), ("+", WINDOW, 34),
        ("ReLU", OUTPUT, 62),
    ]  # fmt: skip
    gap = (WIDTH - 16 - sum(width for *_, width in boxes)) / (len(boxes) - 1)
    left, places = 8.0, []
    for i, (name, colour, width) in enumerate(boxes):
        if colour == WINDOW:
            sheet.frame(left, y, width, 44, WINDOW, 2)
        else:
            sheet.box(left, y, width, 44, colour)
            sheet.frame(left, y, width, 44, LINE)
        sheet.text(left + width / 2, y + 28, name, size=14, bold=name in ("x", "+"), align="centre")
        if i:
            sheet.text(left - gap / 2, y + 28, "→", size=17, align="centre", soft=True)
        places.append(left + width / 2)
        left += width + gap
    start, end, top = places[0], places[6], 56
    sheet.box(start, top, 2, y - top, WINDOW)
    sheet.box(start, top, end - start + 2, 2, WINDOW)
    sheet.box(end, top, 2, y - top - 4, WINDOW)
    sheet.text(end + 1, y - 1, "▼", size=13, align="centre")
    middle = (start + end) / 2
    sheet.text(middle, top - 28, "the shortcut: x itself", size=14, bold=True, align="centre")
    sheet.text(middle, top - 10, f"0 weights, {additions:,} additions", size=13, align="centre")
    cost = f"the convolutions have {weights:,} weights and {products:,} products"
    words = f"{CHANNELS} × {SIDE} × {SIDE} in and out; {cost}"
    sheet.text(middle, y + 74, words, size=13, align="centre")
    return sheet.picture(
        f"A residual block for {CHANNELS} maps of {SIDE} × {SIDE}: two 3 × 3 convolutions with batch norm, {weights:,} "
        f"weights and {products:,} products. A shortcut adds the input to what they give: 0 weights and {additions:,} "
        "additions."
    )


def draw_filters(start: np.ndarray, trained: np.ndarray) -> Picture:
    """Draw filters (n, k, k) as they started and, below, as they are after training; one scale of colours for all."""
    from cnnkit.course.cnn.cells import PALE, draw_cells

    n, k = trained.shape[:2]
    step, cell = (WIDTH - 90) / n, 20.0
    reach = float(max(np.abs(start).max(), np.abs(trained).max()))
    sheet = Sheet(WIDTH, 2 * k * cell + 96, PALE)
    same = [_cosine(a, b) for a, b in zip(start, trained, strict=True)]
    for row, (name, filters) in enumerate((("start", start), ("trained", trained))):
        y = 30 + row * (k * cell + 18)
        sheet.text(8, y + k * cell / 2 + 5, name, size=13, bold=True)
        for i, each in enumerate(filters):
            draw_cells(sheet, 90 + i * step, y, cell, each, reach)
    sheet.text(8, 18, "filter", size=13)
    sheet.text(8, 2 * k * cell + 74, "cosine", size=13)
    for i, cosine in enumerate(same):
        sheet.text(90 + i * step + k * cell / 2, 18, str(i + 1), size=13, align="centre")
        sheet.text(90 + i * step + k * cell / 2, 2 * k * cell + 74, f"{cosine:.2f}", size=13, align="centre")
    return sheet.picture(
        f"{n} filters of {k} × {k} weights, above as they started and below after training, blue above 0 and orange "
        f"below. Each pair looks alike: the cosine between them is {min(same):.2f} to {max(same):.2f}."
    )


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))
