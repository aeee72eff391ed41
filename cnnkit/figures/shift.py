"""How much of the output changes when the input is moved, turned or enlarged."""

from __future__ import annotations

import numpy as np

from cnnkit.figures.picture import SCALE, Picture
from cnnkit.figures.pixels import FREE, INK, LINE, OUTPUT_WRITTEN, UNREAD, WINDOW, Sheet
from cnnkit.figures.shifting import FIELD, MOST, POOLINGS, Response, describe, moved, respond

WIDTH, HEIGHT, TOP, ROOM = 820, 420, 46, 140
LEFTS = (8, 174, 340, 506, 672)  # of the five maps
GREYS = TINTS = (256 - FREE) // 4 * 2 - 1
BLACK, ZERO = FREE, FREE + GREYS + TINTS // 2
NEAR = 0.01  # an output is unchanged if it differs by no more than this share of the largest


def draw_shift(what: str, amount: int, *, pooling: str, blur: bool = False, digit: int = 5) -> Picture:
    """Draw the digit before and after, the outputs and their difference, and below how that grows with the amount.

    what      one of shifting.CHANGES
    amount    from 0 to shifting.MOST, see shifting.describe
    pooling   one of shifting.POOLINGS
    blur      whether it blurs before it keeps every second value

    Errors: ValueError for an unknown change or pooling.
    """
    images, response = moved(what, digit), respond(what, pooling, blur=blur, digit=digit)
    bare = respond(what, "none", blur=False, digit=digit)
    sheet = Sheet(WIDTH, HEIGHT)
    _draw_maps(sheet, images, response, what, amount)
    _draw_bars(sheet, response, bare, what, amount)
    return sheet.picture(_sentence(response, bare, what, amount, pooling, blur), _colours())


def _draw_maps(sheet: Sheet, images: np.ndarray, response: Response, what: str, amount: int) -> None:
    before, after = response.maps[0], response.maps[amount]
    top = max(float(before.max()), float(after.max()))
    blocks = (
        _as_grey(images[0]), _as_grey(images[amount]),
        _as_tint(before / top), _as_tint(after / top), _as_tint((after - before) / top),
    )  # fmt: skip
    side = f"{before.shape[0]} × {before.shape[1]}"
    titles = ("input", "input′", "output y", "output y′", "y′ − y")
    below = (
        f"{FIELD} × {FIELD}",
        describe(what, amount),
        side,
        side,
        f"{response.changed[amount]:.0%} of y".replace("%", " %"),
    )
    for left, block, title, words in zip(LEFTS, blocks, titles, below, strict=True):
        zoom = ROOM * SCALE // len(block)
        block = np.repeat(np.repeat(block, zoom, axis=0), zoom, axis=1)
        height, width = block.shape
        sheet.bytes[TOP * SCALE : TOP * SCALE + height, left * SCALE : left * SCALE + width] = block
        sheet.frame(left - 0.25, TOP - 0.25, width / SCALE, height / SCALE, LINE, 1 / SCALE)
        sheet.text(left, 18, title, size=15, bold=True)
        sheet.text(left, 37, words, soft=True)


BASE, TALL, FIRST, STEP, BAR = 384, 130, 60, 30, 20  # of the bars: the line they stand on, the height of 1, …
HIGHEST = 1.1


def _draw_bars(sheet: Sheet, response: Response, bare: Response, what: str, amount: int) -> None:
    sheet.text(8, TOP + ROOM + 28, "how much of the output changes", size=15, bold=True)
    for share in (0, 0.5, 1):
        y = BASE - TALL * share
        sheet.box(FIRST - 6, y - 0.25, STEP * (MOST + 1) + 8, 0.5, LINE)
        sheet.text(FIRST - 12, y + 5, f"{100 * share:.0f} %", size=12, align="right")
    for step in range(MOST + 1):
        x = FIRST + STEP * step + (STEP - BAR) / 2
        _bar(sheet, x, response.changed[step], WINDOW if step == amount else OUTPUT_WRITTEN)
        if what == "shift":
            _bar(sheet, x, response.left[step], UNREAD)
        y = BASE - TALL * min(bare.changed[step], HIGHEST)
        sheet.box(x - 4, y - 1, BAR + 8, 2, INK)
        sheet.text(x + BAR / 2, BASE + 17, _tick(what, step), size=12, align="centre", bold=step == amount)
    _draw_legend(sheet, what)


def _bar(sheet: Sheet, x: float, share: float, colour: str) -> None:
    height = TALL * min(share, HIGHEST)
    sheet.box(x, BASE - height, BAR, height, colour)


def _tick(what: str, step: int) -> str:
    return {"shift": str(step), "angle": f"{9 * step}", "scale": f"{100 + 5 * step}"}[what]


def _draw_legend(sheet: Sheet, what: str) -> None:
    x, unit = 450, {"shift": "pixels", "angle": "degrees", "scale": "% of its size"}[what]
    lines = [
        (OUTPUT_WRITTEN, "‖y′ − y‖ / ‖y‖, with this pooling"),
        (WINDOW, "the same, at this amount"),
        (INK, "without pooling"),
    ]
    if what == "shift":
        lines.append((UNREAD, "what is left once y′ is moved back"))
    for i, (colour, words) in enumerate(lines):
        y = 256 + 26 * i
        sheet.box(x, y - (2 if colour == INK else 8), 22, 2 if colour == INK else 14, colour)
        sheet.text(x + 32, y + 4, words)
    sheet.text(x, BASE + 17, f"← {unit}", size=12)


def _as_grey(values: np.ndarray) -> np.ndarray:
    return (BLACK + np.rint((1 - values.clip(0, 1)) * (GREYS - 1))).astype(np.uint8)


def _as_tint(values: np.ndarray) -> np.ndarray:
    return (ZERO + np.rint(values.clip(-1, 1) * (TINTS // 2))).astype(np.uint8)


def _colours() -> bytes:
    grey = np.repeat(np.linspace(0, 255, GREYS)[:, None], 3, axis=1)
    ends = np.array([[179, 74, 0], [255, 255, 255], [0, 96, 160]])
    tint = np.stack([np.interp(np.linspace(-1, 1, TINTS), [-1, 0, 1], channel) for channel in ends.T], axis=1)
    return np.rint(np.concatenate([grey, tint])).astype(np.uint8).tobytes()


def unchanged(response: Response, amount: int) -> tuple[int, int]:
    """How many outputs keep their value, of those that are not 0 both before and after."""
    before, after = response.maps[0], response.maps[amount]
    near = NEAR * max(float(before.max()), float(after.max()))
    alive = (before > near) | (after > near)
    return int((alive & (np.abs(after - before) <= near)).sum()), int(alive.sum())


def _sentence(response: Response, bare: Response, what: str, amount: int, pooling: str, blur: bool) -> str:
    kept, alive = unchanged(response, amount)
    how = "without pooling" if pooling == "none" else f"with {pooling}{' and a blur before the stride' * blur}"
    change = response.changed[amount]
    parts = [
        f"The digit is {describe(what, amount)}. The output {how} changes by ‖y′ − y‖/‖y‖ = {100 * change:.0f} %; "
        f"without pooling it is {100 * bare.changed[amount]:.0f} %.",
        f"{kept} of the {alive} outputs that are not 0 keep their value.",
    ]
    if what == "shift" and pooling != "global average":
        parts.append(_about_stride(response, amount, POOLINGS[pooling][0]))
    return " ".join(parts)


def _about_stride(response: Response, amount: int, times: int) -> str:
    stride, left = 2**times, response.left[amount]
    if amount % stride == 0:
        return f"{amount} is a multiple of the stride {stride}: moved back by {amount // stride}, nothing is left."
    return f"{amount} is no multiple of the stride {stride}: moved back as well as can be, {100 * left:.0f} % are left."
