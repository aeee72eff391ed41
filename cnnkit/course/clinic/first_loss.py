"""Draw what an untrained network says of one digit, and the loss that it starts with."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from math import log10

import numpy as np

from cnnkit import cross_entropy, softmax
from cnnkit.course.clinic.experiments.cases import Part, ink
from cnnkit.course.clinic.experiments.runs import EQUAL, Recipe, build
from cnnkit.course.kit.palette import GREY, INK, INPUT_READ, LINE, OUTPUT_WRITTEN, SOFT, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet, hairline
from cnnkit.course.kit.words import a, chance, fixed

WIDTH, HEIGHT, TOP = 820, 312, 34
DIGITS = 300  # over which the loss is the mean
SIDE, PIXEL = 10, 3  # digits in a row of the hundred, and the size of one of their pixels
TILE = 9 * PIXEL  # a digit of 8 x 8 pixels, and a gap
LEFT, BAR, ROW = 346, 150, 26  # where the bars begin, how long 100 % is, and how far they are apart
RIGHT, RULER = 592, 212  # where the loss is, and how long its scale
POWERS = range(6)  # of ten on the scale: no setting starts with a loss above 100,000


@cache
def _digits() -> Part:
    return ink(count=DIGITS)


@lru_cache(maxsize=64)
def _logits(highest: float, gain: float, seed: int) -> np.ndarray:
    return build(Recipe(gain=gain), seed).forward(highest * _digits().x)


def starting_loss(highest: float, gain: float, seed: int = 0) -> float:
    """The mean loss of an untrained network for pixels from 0 to `highest`."""
    return float(cross_entropy(_logits(highest, gain, seed), _digits().labels))


def draw_first_loss(highest: float, gain: float, image: int, seed: int = 0) -> Picture:
    """Draw a hundred digits, the ten probabilities of one of them as bars, and the mean loss on a scale."""
    p, label = softmax(_logits(highest, gain, seed), dim=1)[image], int(_digits().labels[image])
    loss = starting_loss(highest, gain, seed)
    sheet = Sheet(WIDTH, HEIGHT, GREY)
    _draw_digits(sheet, image)
    _draw_bars(sheet, p, label, image)
    _draw_loss(sheet, loss)
    return sheet.picture(
        f"The first loss is **{_number(loss)}**; ten equal probabilities give {fixed(EQUAL)}.\n"
        f"The pixels go from 0 to {highest:g}, and the weights are drawn with a gain of {gain:g}.\n"
        f"Picture {image} is {a(label)}; the largest of its ten probabilities is {chance(p.max())}, "
        f"for {a(int(np.argmax(p)))}."
    )


def _draw_digits(sheet: Sheet, image: int) -> None:
    sheet.text(12, 20, f"picture {image}: {a(int(_digits().labels[image]))}", size=14, bold=True)
    tiles = np.zeros((SIDE, 9, SIDE, 9))
    tiles[:, :8, :, :8] = _digits().x[: SIDE**2].reshape(SIDE, SIDE, 8, 8).swapaxes(1, 2)
    sheet.image(12, TOP, sheet.tint(1 - tiles.reshape(9 * SIDE, 9 * SIDE), GREY), PIXEL)
    row, column = divmod(image, SIDE)
    sheet.frame(12 + TILE * column - 1.5, TOP + TILE * row - 1.5, TILE, TILE, WINDOW, 2)
    sheet.touch(
        (12 - 1.5, TOP - 1.5, SIDE * TILE, SIDE * TILE), SIDE, SIDE, lambda i, j: {"image": SIDE * i + j},
        here=(row, column), says="choose this picture",
    )  # fmt: skip


def _draw_bars(sheet: Sheet, p: np.ndarray, label: int, image: int) -> None:
    """A bar for each class: touched, the next picture of that class is chosen."""
    sheet.text(LEFT - 16, 20, "what the network says", size=14, bold=True)
    for digit, share in enumerate(p):
        y = TOP + ROW * digit
        sheet.text(LEFT - 8, y + 17, str(digit), bold=digit == label, align="right")
        sheet.box(LEFT, y + 4, max(1, BAR * share), ROW - 8, OUTPUT_WRITTEN if digit == label else INPUT_READ)
        words = f"{chance(share, signs=True)}{', its class' if digit == label else ''}"
        sheet.text(LEFT + BAR * share + 8, y + 17, words, size=12)
    sheet.touch(
        (LEFT - 24, TOP, 24 + BAR + 60, ROW * 10), 10, 1, lambda i, j: {"image": _next_of(i, image)},
        here=(label, 0), says="a picture of this class",
    )  # fmt: skip


def _next_of(digit: int, image: int) -> int:
    """This picture if it is of the class, or else the next one that is, from the first one on again."""
    places = np.flatnonzero(_digits().labels[: SIDE**2] == digit)
    return int(places[np.searchsorted(places, image) % len(places)])


def _draw_loss(sheet: Sheet, loss: float) -> None:
    """The loss as a number, and as a bar on a scale that is always the same."""
    sheet.text(RIGHT, 20, "the first loss", size=14, bold=True)
    sheet.text(RIGHT, 84, _number(loss), size=44, bold=True)
    sheet.text(RIGHT, 108, f"the mean of {DIGITS} digits", size=13)
    sheet.box(RIGHT, 138, _place(loss) - RIGHT, 20, INPUT_READ)
    _draw_scale(sheet, POWERS)
    sheet.text(RIGHT, 232, "ten equal probabilities:", size=13)
    sheet.text(RIGHT, 256, f"−log(1/10) = {fixed(EQUAL)}", size=15, bold=True)
    times = loss / EQUAL
    sheet.text(RIGHT, 280, f"The loss is {f'{times:.1f}' if times < 100 else f'{times:,.0f}'} times that.", size=13)


def _draw_scale(sheet: Sheet, powers: Iterable[int]) -> None:
    for power in powers:
        x = _place(10.0**power)
        sheet.box(x, 138, hairline(), 26, SOFT)
        sheet.text(x, 180, f"{10**power:,}" if power < 4 else f"{10 ** (power - 3)}k", size=11, align="centre")
    sheet.box(RIGHT, 158, RULER, hairline(), LINE)
    sheet.box(_place(EQUAL) - 0.5, 128, 1, 34, INK)
    sheet.text(_place(EQUAL) + 5, 134, fixed(EQUAL), size=11)


def _place(loss: float) -> float:
    """Where a loss is on the logarithmic scale, in CSS pixels."""
    return RIGHT + RULER * min(max(log10(loss) / POWERS[-1], 0), 1)


def _number(loss: float) -> str:
    return fixed(loss) if loss < 1000 else f"{loss:,.0f}"
