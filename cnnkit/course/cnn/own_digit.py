"""A digit that the learner drew, what the small CNN reads in it, and test digits that lie between the same two."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cnnkit.course.cnn.cells import PALE, draw_cells
from cnnkit.course.cnn.digit_net import CLASSES, SIDE, probabilities
from cnnkit.course.cnn.mistakes import (
    HEIGHT,
    RIGHT,
    check_place,
    draw_matrix,
    draw_strip,
    frame_cell,
    read_all,
    way,
)
from cnnkit.course.cnn.own_digit_numbers import to_digit
from cnnkit.course.kit.palette import INPUT_READ, PADDING_READ
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet
from cnnkit.course.kit.words import a, chance
from cnnkit.matrices import shift

TOP, CELL, BARS, BAR = 56, 18, 558, 70  # the two digits' place and cells; where the bars begin, how long 100 % is


class Own(NamedTuple):
    """A drawn digit, moved or not (8, 8), and the probability of each class (10,)."""

    image: np.ndarray
    p: np.ndarray

    @property
    def first(self) -> int:
        """What it is read as."""
        return int(self.p.argmax())

    @property
    def second(self) -> int:
        """What comes next."""
        return int(np.argsort(self.p)[-2])


@lru_cache(maxsize=16)
def read_own(drawn: bytes, right: int = 0) -> Own:
    """Let the network read what was drawn, moved to the right by so many pixels."""
    image = shift(to_digit(drawn)[None, None], 0, right)
    return Own(image[0, 0], probabilities(image)[0])


@lru_cache(maxsize=64)
def find_alike(first: int, second: int, right: int = 0) -> np.ndarray:
    """The numbers of the test digits that are one of these two and have both in front.

    The misread ones come first, then those nearest to a draw.
    """
    readings = read_all(right)
    two, pair = np.argsort(readings.p, axis=1)[:, -2:], sorted((first, second))
    numbers = np.flatnonzero((np.sort(two, axis=1) == pair).all(axis=1) & np.isin(readings.labels, pair))
    apart = np.abs(readings.p[numbers, first] - readings.p[numbers, second]).round(9)
    return numbers[np.lexsort((apart, readings.read[numbers] == readings.labels[numbers]))]


def draw_own(drawn: bytes, place: int, *, right: int = 0) -> Picture:
    """Draw the digit beside number `place`, from 1, of the test digits that `find_alike` finds.

    Errors: ValueError for a place that is not there.
    """
    own, readings = read_own(drawn, right), read_all(right)
    found = find_alike(own.first, own.second, right)
    check_place(place, found)
    sheet = Sheet(820, HEIGHT, PALE)
    draw_matrix(sheet, readings)
    for pair in ((own.first, own.second), (own.second, own.first)):
        frame_cell(sheet, *pair, 2)
    sheet.text(RIGHT, 18, f"your digit, read as {a(own.first)}", size=14, bold=True)
    sheet.text(RIGHT, 36, "beside a test digit between the same two", size=12)
    draw_cells(sheet, RIGHT, TOP, CELL, own.image, 1.0)
    number = int(found[place - 1]) if len(found) else None
    theirs = None if number is None else readings.p[number]
    _draw_bars(sheet, own, theirs)
    if number is not None:
        draw_cells(sheet, 812 - SIDE * CELL, TOP, CELL, readings.images[number, 0], 1.0)
        sheet.text(812, TOP + SIDE * CELL + 18, f"test image {number}: {a(readings.labels[number])}", align="right")
        draw_strip(sheet, readings, found, place)
    sheet.text(RIGHT, 272, f"{_which(own)}: {f'{place} of {len(found)}' if len(found) else 'none'}", size=13)
    return sheet.picture(f"{_about(own, right)}\n{_about_alike(own, found, right, place)}")


def _draw_bars(sheet: Sheet, own: Own, theirs: np.ndarray | None) -> None:
    """Ten probabilities, above those of the learner's digit, below those of the test digit."""
    for digit in range(CLASSES):
        y, named = TOP + 18 * digit - 2, digit in (own.first, own.second)
        sheet.text(BARS - 18, y + 15, str(digit), size=13, bold=named)
        sheet.box(BARS, y + 3, max(0.5, BAR * own.p[digit]), 7, INPUT_READ)
        longest = own.p[digit]
        if theirs is not None:
            sheet.box(BARS, y + 10, max(0.5, BAR * theirs[digit]), 7, PADDING_READ)
            longest = max(longest, theirs[digit])
        if named:
            sheet.text(BARS + BAR * longest + 5, y + 15, chance(own.p[digit], signs=True), size=12)
    for x, colour, words in ((668, INPUT_READ, "yours"), (730, PADDING_READ, "test digit")):
        sheet.box(x, 27, 11, 11, colour)
        sheet.text(x + 16, 36, words, size=12)


def _which(own: Own) -> str:
    return f"test digits between {own.first} and {own.second}, misread ones first"


def _about(own: Own, right: int) -> str:
    moved = f", {way(right)}," if right else ""
    return (
        f"Your digit{moved} is read as {a(own.first)} with **{chance(own.p[own.first])}**; next comes the {own.second} "
        f"with {chance(own.p[own.second])}."
    )


def _about_alike(own: Own, found: np.ndarray, right: int, place: int) -> str:
    pair = f"{a(own.first)} or {a(own.second)}"
    if not len(found):
        return f"No test digit that is {pair} has these two in front."
    readings, number = read_all(right), int(found[place - 1])
    label, p = int(readings.labels[number]), readings.p[number]
    wrong = int((readings.read[found] != readings.labels[found]).sum())
    return (
        f"Of the test digits that are {pair}, {len(found)} have these two in front; it misreads {wrong or 'none'}.\n"
        f"Number {place} is test image {number}, {a(label)}: the {own.first} gets {chance(p[own.first])}, "
        f"the {own.second} {chance(p[own.second])}."
    )
