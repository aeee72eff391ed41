"""How much of the output changes when the input is moved, turned or enlarged."""

from __future__ import annotations

import numpy as np

from cnnkit._arguments import integer
from cnnkit.course.kit.palette import GREY, LINE, OUTPUT_WRITTEN, SIGNED, SOFT, UNREAD, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet
from cnnkit.course.kit.words import percent
from cnnkit.course.pooling.shift_numbers import FIELD, MOST, POOLINGS, Response, another_digit, describe, moved, respond

WIDTH, HEIGHT, TOP, ROOM = 820, 424, 46, 140
LEFTS = (8, 174, 340, 506, 672)  # of the five maps
BASE, TALL, FIRST, STEP, BAR = 392, 108, 62, 31, 21  # the bars' foot, the height of 100 %, the first one's place, …
HIGHEST = 1.45  # √2 and some room: two maps that share nothing


def draw_shift(what: str, amount: int, *, pooling: str, blur: bool = False, digit: int = 5) -> Picture:
    """Draw the digit before and after, the outputs and their difference, and below how that grows with the amount.

    what      one of shifting.CHANGES
    amount    from 0 to shifting.MOST, see shifting.describe
    pooling   one of shifting.POOLINGS
    blur      whether it blurs before it keeps every second value

    Errors: ValueError for an unknown change or pooling, and for an amount that is too large.
    """
    if integer("amount", amount, at_least=0) > MOST:
        raise ValueError(f"amount must be at most {MOST}, got {amount}")
    images, response = moved(what, digit), respond(what, pooling, blur=blur, digit=digit)
    other = another_digit(pooling, blur=blur, digit=digit)
    sheet = Sheet(WIDTH, HEIGHT, GREY, SIGNED)
    _draw_maps(sheet, images, response, what, amount)
    _draw_bars(sheet, response, what, amount)
    for x in range(FIRST - 4, FIRST + STEP * (MOST + 1), 10):  # dashes
        sheet.box(x, BASE - TALL * min(other, HIGHEST) - 0.75, 5, 1.5, SOFT)
    _draw_legend(sheet, what, pooling)
    sentence = _sentence(response, what, amount, pooling, blur)
    return sheet.picture(f"{sentence} Another digit in its place: {percent(other)} on average.")


def _draw_maps(sheet: Sheet, images: np.ndarray, response: Response, what: str, amount: int) -> None:
    before, after = response.maps[0], response.maps[amount]
    top = max(float(before.max()), float(after.max()))
    drawn = [sheet.tint(1 - image, GREY) for image in (images[0], images[amount])]
    drawn += [sheet.tint(values, SIGNED, top) for values in (before, after, after - before)]
    side = f"{before.shape[0]} × {before.shape[1]}"
    titles = {"input": f"{FIELD} × {FIELD}", "input′": describe(what, amount), "output y": side, "output y′": side,
              "y′ − y": f"{percent(response.changed[amount])} of y"}  # fmt: skip
    for left, colours, (title, words) in zip(LEFTS, drawn, titles.items(), strict=True):
        sheet.image(left, TOP, colours, ROOM / len(colours), framed=True)
        sheet.heading(left, 18, title, words, gap=19)


def _draw_bars(sheet: Sheet, response: Response, what: str, amount: int) -> None:
    """A bar for each amount, and in it what is left of a shift once the output is moved back."""
    sheet.text(8, TOP + ROOM + 30, "how much of the output changes", size=15, bold=True)
    for share in (0, 0.5, 1):
        y = BASE - TALL * share
        sheet.box(FIRST - 6, y - 0.25, STEP * (MOST + 1) + 8, 0.5, LINE)
        sheet.text(FIRST - 12, y + 5, percent(share), size=12, align="right")
    for step in range(MOST + 1):
        x = FIRST + STEP * step + (STEP - BAR) / 2
        whole, left = (TALL * min(each[step], HIGHEST) for each in (response.changed, response.left))
        sheet.box(x, BASE - whole, BAR, whole, OUTPUT_WRITTEN)
        if what == "shift":
            sheet.box(x, BASE - left, BAR, left, UNREAD)
        if step == amount:
            sheet.frame(x - 2, BASE - whole - 2, BAR + 4, whole + 4, WINDOW, 2)
        name = {"shift": f"{step}", "angle": f"{9 * step}", "scale": f"{100 + 5 * step}"}[what]
        sheet.text(x + BAR / 2, BASE + 18, name, size=12, align="centre", bold=step == amount)
    unit = {"shift": "pixels", "angle": "degrees", "scale": "% of its size"}[what]
    sheet.text(FIRST + STEP * (MOST + 1) + 10, BASE + 18, unit, size=12)


def _draw_legend(sheet: Sheet, what: str, pooling: str) -> None:
    x = FIRST + STEP * (MOST + 1) + 46
    with_it = "without pooling" if pooling == "none" else "with this pooling"
    lines = [(OUTPUT_WRITTEN, f"‖y′ − y‖ / ‖y‖, {with_it}"), (WINDOW, "the one shown above")]
    if what == "shift":
        lines.append((UNREAD, "what is left of it once y′ is moved back"))
    lines.append((SOFT, "another digit instead, on average"))
    _draw_tints(sheet, x, 250 + 25 * len(lines))
    for i, (colour, words) in enumerate(lines):
        y = 250 + 25 * i
        if colour == WINDOW:
            sheet.frame(x, y - 8, 22, 14, WINDOW, 2)
        elif colour == SOFT:
            for dash in (0, 8.5, 17):
                sheet.box(x + dash, y - 1.75, 5, 1.5, SOFT)
        else:
            sheet.box(x, y - 8, 22, 14, colour)
        sheet.text(x + 32, y + 4, words)


def _draw_tints(sheet: Sheet, x: float, y: float) -> None:
    """What the two colours of the difference mean."""
    sheet.image(x, y - 8, sheet.tint(np.array([[-1.0, 1.0]]), SIGNED), (11, 14))
    sheet.text(x + 32, y + 4, "in y′ − y: less than before, more than before")


def _sentence(response: Response, what: str, amount: int, pooling: str, blur: bool) -> str:
    how = "without pooling" if pooling == "none" else f"with {pooling}{' and a blur before the stride' * blur}"
    parts = [
        f"The digit is {describe(what, amount)}. The output {how} changes by ‖y′ − y‖/‖y‖ = "
        f"{percent(response.changed[amount])}."
    ]
    if pooling == "global average":
        parts.append(f"The one output goes from {response.maps[0].item():.4f} to {response.maps[amount].item():.4f}.")
    elif what == "shift":
        parts.append(_about_stride(response, amount, 2 ** POOLINGS[pooling][0]))
    if response.changed[amount] > 1.2:
        parts.append("Two maps that share nothing differ by √2, 141 %.")
    return " ".join(parts)


def _about_stride(response: Response, amount: int, stride: int) -> str:
    """Only a shift by a multiple of the stride comes out as a shift."""
    if stride == 1:
        return f"Without a stride every shift comes out as a shift: moved back by {amount}, y′ is y again."
    if amount % stride == 0:
        back = "" if amount == 0 else f": moved back by {amount // stride}, y′ is y again"
        return f"{amount} is a multiple of the stride {stride}{back}."
    left = f"however far y′ is moved back, it differs from y by at least {percent(response.left[amount])}"
    return f"{amount} is no multiple of the stride {stride}: {left}."
