"""How much of the output changes when the input is moved, turned or enlarged."""

from __future__ import annotations

import numpy as np

from cnnkit._arguments import integer
from cnnkit.course.kit.palette import GREY, LINE, OUTPUT_WRITTEN, SIGNED, SOFT, UNREAD, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet, hairline
from cnnkit.course.kit.words import percent
from cnnkit.course.pooling.shift_numbers import FIELD, MOST, POOLINGS, Response, another_digit, describe, moved, respond

WIDTH, HEIGHT, TOP, ROOM = 820, 424, 46, 140
LEFTS = (8, 174, 340, 506, 672)  # of the five maps
BASE, TALL, FIRST, STEP, BAR = 392, 108, 62, 44, 30  # the bars' foot, the height of 100 %, the first one's place, …
END = FIRST + STEP * (MOST + 1)
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
    _draw_other(sheet, other)
    _draw_key(sheet, what)
    _let_touch(sheet, what, amount, digit)
    return sheet.picture(_sentences(response, what, amount, pooling, blur, other))


def _let_touch(sheet: Sheet, what: str, amount: int, digit: int) -> None:
    """A bar sets its amount. The digit is dragged in its second picture; a click on the first brings the next one."""
    bars = FIRST, BASE - TALL * HIGHEST, END - FIRST, TALL * HIGHEST + 24
    sheet.touch(bars, 1, MOST + 1, lambda _, step: {"amount": step}, here=(0, amount))
    sheet.touch((LEFTS[0], TOP, ROOM, ROOM), 1, 1, lambda *_: {"digit": (digit + 1) % 10}, says="next digit")
    if what == "shift":
        sheet.touch(
            (LEFTS[1], TOP, ROOM, ROOM), 1, FIELD, lambda _, at: {"amount": min(max(at - FIELD // 2, 0), MOST)},
            here=(0, FIELD // 2 + amount), says="drag the digit",
        )  # fmt: skip


def _draw_maps(sheet: Sheet, images: np.ndarray, response: Response, what: str, amount: int) -> None:
    before, after = response.maps[0], response.maps[amount]
    top = max(float(before.max()), float(after.max()))
    drawn = [sheet.tint(1 - image, GREY) for image in (images[0], images[amount])]
    drawn += [sheet.tint(values, SIGNED, top) for values in (before, after, after - before)]
    side = f"{before.shape[0]} × {before.shape[1]}"
    titles = {"input": f"{FIELD} × {FIELD}", "input′": describe(what, amount), "output y": side, "output y′": side,
              "y′ − y": ""}  # fmt: skip
    for left, colours, (title, words) in zip(LEFTS, drawn, titles.items(), strict=True):
        sheet.image(left, TOP, colours, ROOM / len(colours), framed=True)
        sheet.heading(left, 18, title, words, gap=19)
    for x, sign, word in ((LEFTS[4], -1.0, "less"), (LEFTS[4] + 66, 1.0, "more")):
        sheet.image(x, 27, sheet.tint(np.array([[sign]]), SIGNED), 12)
        sheet.text(x + 18, 37, word, soft=True)


def _draw_bars(sheet: Sheet, response: Response, what: str, amount: int) -> None:
    """A bar for each amount, and in it what is left of a shift once the output is moved back."""
    sheet.text(8, TOP + ROOM + 30, "how much of the output changes: ‖y′ − y‖ / ‖y‖", size=15, bold=True)
    for share in (0, 0.5, 1):
        y = BASE - TALL * share
        sheet.box(FIRST - 6, y, END - FIRST + 8, hairline(), LINE)
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
    sheet.text(END + 10, BASE + 18, unit, size=12)


def _draw_other(sheet: Sheet, other: float) -> None:
    """A dashed line where another digit would be."""
    y = BASE - TALL * min(other, HIGHEST)
    for x in range(FIRST - 4, END + 3, 10):
        sheet.box(x, y - 0.75, 5, 1.5, SOFT)
    sheet.text(END + 12, y + 4.5, "another digit")


def _draw_key(sheet: Sheet, what: str) -> None:
    if what == "shift":
        x, y = LEFTS[3] - 8, TOP + ROOM + 30
        sheet.box(x, y - 12, 14, 14, UNREAD)
        sheet.text(x + 22, y, "still changed once y′ is moved back")


def _sentences(response: Response, what: str, amount: int, pooling: str, blur: bool, other: float) -> str:
    how = "without pooling" if pooling == "none" else f"with {pooling}{' and a blur' * blur}"
    lines = [
        f"The digit is {describe(what, amount)}: {how} the output changes by **{percent(response.changed[amount])}**."
    ]
    if pooling == "global average":
        lines.append(f"The one output goes from {response.maps[0].item():.4f} to {response.maps[amount].item():.4f}.")
    elif what == "shift":
        lines.append(_about_stride(response, amount, 2 ** POOLINGS[pooling][0]))
    nothing = " Two maps that share nothing differ by √2, 141 %." if response.changed[amount] > 1.2 else ""
    lines.append(f"Another digit in its place changes it by {percent(other)} on average.{nothing}")
    return "\n".join(lines)


def _about_stride(response: Response, amount: int, stride: int) -> str:
    """Only a shift by a multiple of the stride comes out as a shift."""
    back = f": moved back by {amount // stride}, y′ is y again" if amount else ""
    if stride == 1:
        return f"Without a stride every shift comes out as a shift{back}."
    if amount % stride == 0:
        return f"{amount} is a multiple of the stride {stride}{back}."
    still = f"however far y′ is moved back, it differs from y by at least **{percent(response.left[amount])}**"
    return f"{amount} is no multiple of the stride {stride}: {still}."
