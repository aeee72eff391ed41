"""What the small CNN looks at: the probability of the right class while a grey square covers one place or another."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import integer, real
from cnnkit.course.cnn.cells import PALE, draw_cells
from cnnkit.course.cnn.digit_net import CLASSES, SIDE, probabilities, read_digit, scans
from cnnkit.course.kit.palette import INPUT_READ, LINE, PADDING_READ, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet
from cnnkit.course.kit.words import a, chance, counted
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
    def places(self) -> int:
        """How many there are in a row."""
        return len(self.covered)

    @property
    def right(self) -> np.ndarray:
        """The probability of the right class at each place."""
        return self.covered[..., self.label]

    @property
    def lowest(self) -> tuple[int, int]:
        """Where it is lowest; the first such place, for what only rounding tells apart."""
        i, j = divmod(int(self.right.round(9).argmin()), len(self.right))
        return i, j

    def at(self, place: int) -> tuple[int, int]:
        """Row and column of place number `place`, in reading order from 1; of 0 where it is lowest."""
        if integer("place", place, at_least=0) > self.places**2:
            raise ValueError(f"place must be at most {self.places**2}, the number of places, got {place}")
        return divmod(place - 1, self.places) if place else self.lowest

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
        image, size, stride, grey, int(scans()[1][image]), reading.p, probabilities(x).reshape(side, side, CLASSES)
    )  # fmt: skip


def draw_occlusion(image: int, size: int, stride: int, *, grey: float = 0.5, place: int = 0) -> Picture:
    """Draw a test digit with the square on it, the map of the right class's probability, and all classes.

    place   of the square, in reading order from 1; 0 is where it costs most

    Errors: ValueError as `cover`, or for a place that is not there.
    """
    found = cover(integer("image", image, at_least=0), size, stride, grey)
    at = found.at(place)
    sheet = Sheet(820, HEIGHT, PALE)
    _draw_digit(sheet, found, place)
    _draw_map(sheet, found, at)
    _draw_classes(sheet, found, at)
    return sheet.picture(_sentence(found, place))


def _heading(sheet: Sheet, x: float, title: str, under: str) -> None:
    sheet.heading(x, 18, title, under, size=14, gap=18, soft=False)


def _draw_digit(sheet: Sheet, found: Covered, place: int) -> None:
    """With the square, at the place whose middle is nearest to the pixel that is touched."""
    where = f"at place {place} of {found.places**2}" if place else "where that costs most"
    _heading(sheet, LEFTS[0], f"test image {found.image}: {a(found.label)}", f"covered {where}")
    x = read_digit(found.image).outputs[0][0].copy()
    i, j = (found.stride * at for at in found.at(place))
    x[i : i + found.size, j : j + found.size] = found.grey
    draw_cells(sheet, LEFTS[0], TOP, CELL, x, 1.0)
    at = LEFTS[0] + j * CELL, TOP + i * CELL
    sheet.frame(*at, found.size * CELL, found.size * CELL, WINDOW, 2)

    def nearest(pixel: int) -> int:
        return min(max(round((pixel - (found.size - 1) / 2) / found.stride), 0), found.places - 1)

    def sets(row: int, column: int) -> dict[str, int]:
        return {"place": nearest(row) * found.places + nearest(column) + 1}

    sheet.touch((LEFTS[0], TOP, SIDE * CELL, SIDE * CELL), SIDE, SIDE, sets, says="cover this")


def _draw_map(sheet: Sheet, found: Covered, at: tuple[int, int]) -> None:
    """One cell in the middle of each place of the square, as large as there is room between them."""
    _heading(sheet, LEFTS[1], f"probability of the {found.label}, in %", "with the square around that place")
    side, apart = min(found.size, found.stride), found.stride * CELL
    first = (found.size - side) / 2 * CELL
    sheet.frame(LEFTS[1], TOP, SIDE * CELL, SIDE * CELL, LINE)
    for (i, j), p in np.ndenumerate(found.right):
        x, y = LEFTS[1] + first + j * apart, TOP + first + i * apart
        draw_cells(sheet, x, y, side * CELL, np.array([[p - 1]]), 1.0)
        sheet.text(x + side * CELL / 2, y + side * CELL / 2 + 4, f"{100 * p:.0f}", size=12, align="centre")
    i, j = at
    x, y = LEFTS[1] + first + j * apart, TOP + first + i * apart
    sheet.frame(x, y, side * CELL, side * CELL, WINDOW, 2)
    _draw_legend(sheet, LEFTS[1], TOP + SIDE * CELL + 14)
    n, gap = found.places, (side * CELL - apart) / 2  # cells that lie apart share the room between them
    sheet.touch(
        (LEFTS[1] + first + gap, TOP + first + gap, n * apart, n * apart), n, n, lambda i, j: {"place": i * n + j + 1},
        here=at, says="place {number}",
    )  # fmt: skip


def _draw_legend(sheet: Sheet, x: float, y: float) -> None:
    for k, (share, words) in enumerate(((1.0, "100"), (0.5, "50"), (0.0, "0"))):
        sheet.legend(x + 56 * k, y, sheet.tint(np.array([share - 1]), PALE), words, side=12, gap=6, size=12)


def _draw_classes(sheet: Sheet, found: Covered, at: tuple[int, int]) -> None:
    """The ten probabilities, of the digit as it is and with the square on it."""
    _heading(sheet, LEFTS[2], "what it reads", "")
    for k, (colour, words) in enumerate(((PADDING_READ, "as it is"), (INPUT_READ, "covered"))):
        sheet.box(LEFTS[2] + 90 * k, 27, 11, 11, colour)
        sheet.text(LEFTS[2] + 90 * k + 17, 36, words, size=12)
    covered = found.covered[at]
    named = {found.label, int(found.plain.argmax()), int(covered.argmax())}
    for digit in range(CLASSES):
        y, x = TOP + digit * ROW, LEFTS[2] + 22
        sheet.text(LEFTS[2], y + 15, str(digit), size=14, bold=digit == found.label)
        sheet.box(x, y + 2, max(0.5, BAR * found.plain[digit]), 8, PADDING_READ)
        sheet.box(x, y + 10, max(0.5, BAR * covered[digit]), 8, INPUT_READ)
        both = found.plain[digit], covered[digit]
        words = " → ".join(chance(p, signs=True) for p in both) if digit in named else ""
        sheet.text(x + BAR * max(both) + 6, y + 15, words, size=12)


def _sentence(found: Covered, place: int) -> str:
    """How many places there are; what it reads at this one; and the worst, if this one is another."""
    n, label, read = found.places, found.label, int(found.plain.argmax())
    as_it_is = f"As it is, the {label} gets {chance(found.plain[label])}" + (
        "." if read == label else f", but it reads {a(read)} with {chance(found.plain[read])}."
    )
    p = f"**{chance(found.right[found.at(place)])}**"
    about = f"It gets {p} with" if place else f"It gets least, {p}, with"
    worst = f" The worst place leaves {chance(found.right[found.lowest])}: {_span(found, 0)}." if place else ""
    return (
        f"⌊({SIDE} − {found.size})/{found.stride}⌋ + 1 = {n}: {n}·{n} = {counted(n**2, 'place')} for a square of "
        f"{found.size} × {found.size} pixels of grey {found.grey:g}. It is misread at {found.misread} of {n**2}.\n"
        f"{as_it_is}{worst}\n{about} {_span(found, place)} covered (from 0); {_then(found, place)}."
    )


def _then(found: Covered, place: int) -> str:
    covered = found.covered[found.at(place)]
    then = int(covered.argmax())
    return "still read right" if then == found.label else f"then it reads {a(then)} with {chance(covered[then])}"


def _span(found: Covered, place: int) -> str:
    """The rows and columns that the square covers."""
    each = zip(("row", "column"), found.at(place), strict=True)
    spans = [_range(name, found.stride * at, found.size) for name, at in each]
    return " and ".join(spans)


def _range(name: str, first: int, count: int) -> str:
    return f"{name} {first}" if count == 1 else f"{name}s {first} to {first + count - 1}"
