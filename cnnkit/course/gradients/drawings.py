"""The drawings of lesson 02: a chain forward and back, ten equal factors in a row, and a way around a layer."""

from __future__ import annotations

from cnnkit.course.kit.activations import slope
from cnnkit.course.kit.palette import INK, INPUT, KERNEL, LINE, OUTPUT, PADDING, swatches
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet, text_width
from cnnkit.course.kit.words import minus, short

WIDTH = 820
X, W1, W2, TARGET = 2, 3, 2, 10  # the chain of section 1
LAYERS = 10
BELOW_ABOVE = swatches("#f6cfae", "#bcd6ee", inked=True)  # a gradient below 1, and one above


def draw_chain() -> Picture:
    """Two layers of one unit each: every number of the forward pass, and below it every gradient on its way back."""
    z = W1 * X
    a = max(0, z)
    y = W2 * a
    dy = 2 * (y - TARGET)
    da, gate = dy * W2, int(z > 0)
    dz = da * gate
    dw1 = dz * X
    sheet = Sheet(WIDTH, 272)
    places = [14, 188, 362, 536, 710]
    forward = [f"x = {X}", f"z = {z}", f"a = {a}", f"y = {y}", f"loss {(y - TARGET) ** 2}"]
    steps = [f"× w₁ = {W1}", "ReLU", f"× w₂ = {W2}", f"(y − {TARGET})²"]
    back = [f"dw₁ = {dw1}", f"dz = {dz}", f"da = {da}", f"dy = {dy}"]
    factors = [f"× x = {X}", f"× slope {gate}", f"× w₂ = {W2}", f"2(y − {TARGET})"]
    sheet.text(14, 24, "forward →", size=15, bold=True)
    colours = [INPUT, PADDING, PADDING, OUTPUT, KERNEL]
    for place, words, colour in zip(places, forward, colours, strict=True):
        _box(sheet, place, 44, words, colour)
    for place, words in zip(places, steps, strict=False):
        _arrow(sheet, place + 96, 66, 78, words)
    sheet.text(14, 148, "← backward", size=15, bold=True)
    for place, words in zip(places, back, strict=False):
        _box(sheet, place, 168, words, KERNEL if words.startswith("dw") else PADDING)
    for place, words in zip(places, factors, strict=False):
        _arrow(sheet, place + 96, 190, 78, words, back=True)
    _box(sheet, places[-1], 168, f"loss {(y - TARGET) ** 2}", KERNEL)
    product = f"dw₁ = {dy} · {W2} · {gate} · {X} = {dw1}"
    sheet.text(14, 252, f"One product: {product}.", size=14)
    return sheet.picture(
        f"Forward: x = {X}, times w₁ = {W1} is z = {z}, ReLU gives a = {a}, times w₂ = {W2} is y = {y}, and the loss "
        f"(y − {TARGET})² is {(y - TARGET) ** 2}. Backward: dy = {dy}, times w₂ is da = {da}, times the slope "
        f"{gate} is dz = {dz}, times x is dw₁ = {dw1}. {product}."
    )


def draw_products(weights: tuple[float, ...] = (1, 4, 6)) -> Picture:
    """Chains of ten sigmoid units, each with its sum at 0: what is left of a gradient of 1 after each of them."""
    sheet = Sheet(WIDTH, 74 + 58 * len(weights), BELOW_ABOVE)
    below, above = sheet.colours(BELOW_ABOVE)
    steepest = float(slope("sigmoid", 0.0))
    left, cell, width = 150, 60, 54
    sheet.text(
        14, 24, f"← backward through {LAYERS} sigmoid units: what is left of a gradient of 1", size=15, bold=True
    )
    ends = []
    for row, w in enumerate(weights):
        factor = steepest * w
        top = 44 + 58 * row
        sheet.text(14, top + 18, f"w = {w:g}", size=14, bold=True)
        sheet.text(14, top + 36, f"factor {factor:g}", size=13, soft=True)
        for layer in range(LAYERS + 1):
            value = factor ** (LAYERS - layer)
            x = left + layer * cell
            colour = PADDING if value == 1 else below if value < 1 else above
            sheet.box(x, top, width, 40, colour)
            sheet.frame(x, top, width, 40, LINE)
            words = short(value, 2, mantissa=1)
            size = 12 if text_width(words, 12) < width - 4 else 11
            sheet.text(x + width / 2, top + 25, words, size=size, align="centre")
        ends.append(f"w = {w:g}: factor {factor:g} per layer, {short(factor**LAYERS, 2, mantissa=1)} in all")
    bottom = 44 + 58 * len(weights) + 14
    for layer in range(LAYERS + 1):
        sheet.text(left + layer * cell + width / 2, bottom, str(layer), size=12, soft=True, align="centre")
    sheet.text(14, bottom, "layer", size=12, soft=True)
    return sheet.picture(f"What is left of a gradient of 1 after {LAYERS} sigmoid units. {'; '.join(ends)}.")


def draw_skip() -> Picture:
    """One sigmoid unit with weight 1, without and with a way around it: what a gradient of 1 becomes."""
    sheet = Sheet(WIDTH, 226)
    factor = float(slope("sigmoid", 0.0))
    for left, title, around in ((14, "plain: y = f(z)", False), (430, "residual: y = x + f(z)", True)):
        sheet.text(left, 24, title, size=15, bold=True)
        _box(sheet, left, 108, f"dx = {1 + factor if around else factor:g}", KERNEL)
        _box(sheet, left + 280, 108, "dy = 1", PADDING)
        _arrow(sheet, left + 96, 130, 184, f"× w·f′(z) = {factor:g}", back=True)
        if around:
            sheet.box(left + 48, 60, 280, 2, INK)
            sheet.box(left + 48, 60, 2, 48, INK)
            sheet.box(left + 327, 60, 2, 48, INK)
            sheet.text(left + 48.5, 107, "▼", size=11, align="centre")
            sheet.text(left + 188, 52, "× 1", size=13, align="centre")
        ten = (1 + factor if around else factor) ** LAYERS
        sheet.text(left, 190, f"after {LAYERS} such layers: {short(ten, 2, mantissa=1)}", size=14)
    sheet.text(14, 214, "A sigmoid with w = 1 and z = 0 in every layer.", size=12, soft=True)
    return sheet.picture(
        f"Backward through one sigmoid unit with w = 1 and z = 0. Plain: dy = 1 becomes dx = {factor:g}, after "
        f"{LAYERS} layers {short(factor**LAYERS, 2, mantissa=1)}. With a residual connection the gradient also goes "
        f"around the unit, times 1: dx = {1 + factor:g}, after {LAYERS} layers {short((1 + factor) ** LAYERS, 2)}."
    )


def _box(sheet: Sheet, x: float, y: float, words: str, colour: str, *, width: float = 96, height: float = 44) -> None:
    sheet.box(x, y, width, height, colour)
    sheet.frame(x, y, width, height, LINE)
    sheet.text(x + width / 2, y + 28, minus(words), size=15, align="centre")


def _arrow(sheet: Sheet, x: float, y: float, length: float, words: str, *, back: bool = False) -> None:
    """An arrow with its words above it."""
    sheet.box(x + 4, y, length - 8, 2, INK)
    sheet.text(x + (10 if back else length - 10), y + 5, "◀" if back else "▶", size=11, align="centre")
    sheet.text(x + length / 2, y - 10, minus(words), size=13, align="centre")
