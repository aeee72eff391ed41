"""What the small CNN looks at: the probability of the right class while a grey square covers one place or another."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import integer, real
from cnnkit.course.cnn.cells import PALE, draw_cells
from cnnkit.course.cnn.digit_net import CLASSES, SIDE, a, percent, probabilities, read_digit
from cnnkit.course.kit.palette import INPUT_READ, LINE, PADDING_READ, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet
from cnnkit.sizes import conv_output_size

LEFTS, TOP, CELL, HEIGHT = (8, 254, 514), 48, 27, 306
ROW, BAR = 21, 190  # from one class to the next; how long a probability of 1 is


class Covered(NamedTuple):
    """What the network says of a digit (10,), and with the square at each place (places, places, 10)."""

    image: int
    size: int
    stride: int
    grey: float
    label: int
    plain: np.ndarray
    covered: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """The probability of the right class at each place."""
        return self.covered[..., self.label]

    @property
    def lowest(self) -> tuple[int, int]:
        """Where it is lowest; the first such place, for what only rounding tells apart."""
        i, j = divmod(int(self.right.round(9).argmin()), len(self.right))
        return i, j

    @property
    def misread(self) -> int:
        """At how many places another class gets the most."""
        return int((self.covered.argmax(axis=-1) != self.label).sum())


@lru_cache(maxsize=32)
def cover(image: int, size: int, stride: int, grey: float = 0.5) -> Covered:
    """Cover test digit `image` with a square of size x size pixels, at each place that is `stride` from the last.

    grey   what the square's pixels are: 0 is paper, 1 all ink

    Errors: ValueError for a square that does not fit, or a grey outside 0 … 1.
    Reference: Zeiler and Fergus (2014), Visualizing and understanding convolutional networks, section 4.2.
    """
    reading, side = read_digit(image), conv_output_size(SIDE, size, stride=stride)
    if not 0 <= real("grey", grey) <= 1:
        raise ValueError(f"grey must be between 0, paper, and 1, ink, got {grey}")
    x = np.repeat(reading.outputs[0][None], side * side, axis=0)
    for place, one in enumerate(x):
        i, j = (stride * at for at in divmod(place, side))
        one[:, i : i + size, j : j + size] = grey
    return Covered(
        image, size, stride, grey, reading.label, reading.p, probabilities(x).reshape(side, side, CLASSES)
    )  # fmt: skip


def draw_occlusion(image: int, size: int, stride: int, *, grey: float = 0.5) -> Picture:
    """Draw a test digit covered where that costs most, the map of the right class's probability, and all classes.

    Errors: ValueError as `cover`.
    """
    found = cover(integer("image", image, at_least=0), size, stride, grey)
    sheet = Sheet(820, HEIGHT, PALE)
    _draw_digit(sheet, found)
    _draw_map(sheet, found)
    _draw_classes(sheet, found)
    return sheet.picture(_sentence(found))


def _heading(sheet: Sheet, x: float, title: str, under: str) -> None:
    sheet.heading(x, 18, title, under, size=14, gap=18, soft=False)


def _draw_digit(sheet: Sheet, found: Covered) -> None:
    _heading(sheet, LEFTS[0], f"test image {found.image}: {a(found.label)}", "covered where that costs most")
    x = read_digit(found.image).outputs[0][0].copy()
    i, j = (found.stride * at for at in found.lowest)
    x[i : i + found.size, j : j + found.size] = found.grey
    draw_cells(sheet, LEFTS[0], TOP, CELL, x, 1.0)
    at = LEFTS[0] + j * CELL, TOP + i * CELL
    sheet.frame(*at, found.size * CELL, found.size * CELL, WINDOW, 2)


def _draw_map(sheet: Sheet, found: Covered) -> None:
    """One cell in the middle of each place of the square, as large as there is room between them."""
    _heading(sheet, LEFTS[1], f"probability of the {found.label}, in %", "with the square around that place")
    side, apart = min(found.size, found.stride), found.stride * CELL
    first = (found.size - side) / 2 * CELL
    sheet.frame(LEFTS[1], TOP, SIDE * CELL, SIDE * CELL, LINE)
    for (i, j), p in np.ndenumerate(found.right):
        x, y = LEFTS[1] + first + j * apart, TOP + first + i * apart
        draw_cells(sheet, x, y, side * CELL, np.array([[p - 1]]), 1.0)
        sheet.text(x + side * CELL / 2, y + side * CELL / 2 + 4, f"{100 * p:.0f}", size=12, align="centre")
    i, j = found.lowest
    x, y = LEFTS[1] + first + j * apart, TOP + first + i * apart
    sheet.frame(x, y, side * CELL, side * CELL, WINDOW, 2)
    _draw_legend(sheet, LEFTS[1], TOP + SIDE * CELL + 14)


def _draw_legend(sheet: Sheet, x: float, y: float) -> None:
    for k, (share, words) in enumerate(((1.0, "100"), (0.5, "50"), (0.0, "0"))):
        sheet.legend(x + 56 * k, y, sheet.tint(np.array([share - 1]), PALE), words, side=12, gap=6, size=12)


def _draw_classes(sheet: Sheet, found: Covered) -> None:
    """The ten probabilities, of the digit as it is and covered where that costs most."""
    _heading(sheet, LEFTS[2], "what it reads", "")
    for k, (colour, words) in enumerate(((PADDING_READ, "as it is"), (INPUT_READ, "covered"))):
        sheet.box(LEFTS[2] + 90 * k, 27, 11, 11, colour)
        sheet.text(LEFTS[2] + 90 * k + 17, 36, words, size=12)
    covered = found.covered[found.lowest]
    for digit in range(CLASSES):
        y, x = TOP + digit * ROW, LEFTS[2] + 22
        sheet.text(LEFTS[2], y + 15, str(digit), size=14, bold=digit == found.label)
        sheet.box(x, y + 2, max(0.5, BAR * found.plain[digit]), 8, PADDING_READ)
        sheet.box(x, y + 10, max(0.5, BAR * covered[digit]), 8, INPUT_READ)
        words = f"{percent(found.plain[digit])} → {percent(covered[digit])}" if digit in _named(found) else ""
        longest = max(found.plain[digit], covered[digit])
        sheet.text(x + BAR * longest + 6, y + 15, words.replace("under", "<").replace("over", ">"), size=12)


def _named(found: Covered) -> set[int]:
    return {found.label, int(found.plain.argmax()), int(found.covered[found.lowest].argmax())}


def _sentence(found: Covered) -> str:
    places, (i, j), label = len(found.right), (found.stride * at for at in found.lowest), found.label
    read, covered = int(found.plain.argmax()), found.covered[found.lowest]
    then = int(covered.argmax())
    as_it_is = f"As it is, the {label} gets {percent(found.plain[label])}" + (
        "." if read == label else f", but it reads {a(read)} with {percent(found.plain[read])}."
    )
    result = "still read right" if then == label else f"then it reads {a(then)} with {percent(covered[then])}"
    return (
        f"⌊({SIDE} − {found.size})/{found.stride}⌋ + 1 = {places}: {places}·{places} = {places**2} "
        f"place{'s' * (places > 1)} for a square of {found.size} × {found.size} pixels of grey {found.grey:g}. "
        f"{as_it_is} It gets least, {percent(found.right[found.lowest])}, with {_span('row', i, found.size)} and "
        f"{_span('column', j, found.size)} covered, counted from 0; {result}. "
        f"Misread at {found.misread} of {places**2}."
    )


def _span(name: str, first: int, count: int) -> str:
    return f"{name} {first}" if count == 1 else f"{name}s {first} to {first + count - 1}"
