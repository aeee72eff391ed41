"""What the small CNN misreads: which digits it takes for which, and each such digit, the most confident first."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.course.cnn.cells import PALE, draw_block, draw_cells
from cnnkit.course.cnn.digit_net import CLASSES, SIDE, probabilities, scans
from cnnkit.course.kit.palette import INPUT_READ, OUTPUT, OUTPUT_WRITTEN, PADDING, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet
from cnnkit.course.kit.words import a, chance, counted, percent
from cnnkit.matrices import shift

ANY = "any"
DIGITS = (ANY, *map(str, range(CLASSES)))
NAMES = ("zeros", "ones", "twos", "threes", "fours", "fives", "sixes", "sevens", "eights", "nines")
HEIGHT, CELL, MATRIX, RIGHT = 366, 28, (46, 62), 380  # where the matrix begins, and what stands beside it
STRIP, SHOWN = 12, 36  # how many small digits there are below, and from one to the next


class Readings(NamedTuple):
    """All test digits, moved or not, their labels, and the probabilities that the network gives."""

    images: np.ndarray
    labels: np.ndarray
    p: np.ndarray

    @property
    def read(self) -> np.ndarray:
        return self.p.argmax(axis=1)

    @property
    def matrix(self) -> np.ndarray:
        """How many digits of each class (row) are read as each class (column)."""
        counts = np.zeros((CLASSES, CLASSES), int)
        np.add.at(counts, (self.labels, self.read), 1)
        return counts


@lru_cache(maxsize=8)
def read_all(right: int = 0) -> Readings:
    """Let the network read all test digits, moved to the right by so many pixels."""
    images, labels = scans()
    moved = shift(images, 0, right)
    return Readings(moved, labels, probabilities(moved))


@lru_cache(maxsize=256)
def find(true: str, taken_for: str, right: int = 0) -> np.ndarray:
    """The numbers of the misread digits that are `true` and are taken for `taken_for`, the most confident first.

    If both are the same digit, those that are read right come, the least confident first.
    """
    readings, both = read_all(right), _both(choice("true", true, DIGITS), choice("taken_for", taken_for, DIGITS))
    wanted = (readings.read == readings.labels) == both
    if true != ANY:
        wanted = wanted & (readings.labels == int(true))
    if taken_for != ANY:
        wanted = wanted & (readings.read == int(taken_for))
    numbers = np.flatnonzero(wanted)
    sure = readings.p[numbers].max(axis=1).round(9)
    return numbers[np.argsort(sure if both else -sure, kind="stable")]


def draw_mistakes(place: int, *, true: str = ANY, taken_for: str = ANY, right: int = 0) -> Picture:
    """Draw the confusion matrix, and one of the digits that `find` finds: number `place`, from 1.

    Errors: ValueError for a place that is not there.
    """
    found, readings = find(true, taken_for, right), read_all(right)
    check_place(place, found)
    number = int(found[place - 1]) if len(found) else None
    sheet = Sheet(820, HEIGHT, PALE)
    draw_matrix(sheet, readings)
    _frame_matrix(sheet, true, taken_for)
    _touch_matrix(sheet, readings, number)
    if number is None:
        sheet.text(RIGHT, MATRIX[1] + 24, f"{_who(true, taken_for)}: none", size=14, bold=True)
    else:
        _draw_digit(sheet, readings, number)
        sheet.text(RIGHT, 272, f"{_order(true, taken_for)}: {place} of {len(found)}", size=13)
        draw_strip(sheet, readings, found, place)
    about = _about_one(readings, found, place, true, taken_for) if len(found) else f"{_who(true, taken_for)}: none."
    return sheet.picture(f"{_about_all(readings, right)}\n{about}")


def check_place(place: int, found: np.ndarray) -> None:
    """A ValueError for a place that is not in the list; in an empty one that is 1."""
    if integer("place", place, at_least=1) > max(1, len(found)):
        raise ValueError(f"place must be at most {max(1, len(found))}, the number of such digits, got {place}")


def _both(true: str, taken_for: str) -> bool:
    """Whether the same digit is asked for twice: one that is read right."""
    return true == taken_for != ANY


def draw_matrix(sheet: Sheet, readings: Readings) -> None:
    """How often each digit is read as each."""
    counts, (x, y), size = readings.matrix, MATRIX, CLASSES * CELL
    sheet.text(x, 18, "how often each digit is read as each", size=14, bold=True)
    sheet.text(x + size / 2, y - 24, "read as", size=12, align="centre")
    sheet.text(8, y - 7, "is", size=12)
    wrong = counts * (1 - np.eye(CLASSES, dtype=int))
    orange = sheet.tint(-np.sqrt(wrong), PALE, float(np.sqrt(wrong.max())))
    shown = np.where(counts > 0, orange, BYTE[PADDING])
    shown[np.diag_indices(CLASSES)] = BYTE[OUTPUT]
    sheet.grid(x, y, CELL, shown, numbers=np.where((counts > 0) | np.eye(CLASSES, dtype=bool), counts, np.nan))
    for digit in range(CLASSES):
        sheet.text(x + (digit + 0.5) * CELL, y - 7, str(digit), align="centre")
        sheet.text(x - 14, y + (digit + 0.5) * CELL + 5, str(digit), align="right")


def frame_cell(sheet: Sheet, true: int, read: int, thick: float) -> None:
    """Mark a cell of the matrix."""
    sheet.frame(MATRIX[0] + read * CELL, MATRIX[1] + true * CELL, CELL, CELL, WINDOW, thick)


def _frame_matrix(sheet: Sheet, true: str, taken_for: str) -> None:
    """The row and the column that were chosen."""
    (x, y), size = MATRIX, CLASSES * CELL
    if true != ANY:
        sheet.frame(x, y + int(true) * CELL, size, CELL, WINDOW, 1)
    if taken_for != ANY:
        sheet.frame(x + int(taken_for) * CELL, y, CELL, size, WINDOW, 1)


def _touch_matrix(sheet: Sheet, readings: Readings, number: int | None) -> None:
    """Frame the digit's cell; a cell chooses row and column, a digit beside the matrix one of them, "is" neither."""
    (x, y), size, here = MATRIX, CLASSES * CELL, None
    if number is not None:
        here = int(readings.labels[number]), int(readings.read[number])
        frame_cell(sheet, *here, 3)

    def chosen(true: str, taken_for: str) -> dict[str, str | int]:
        return {"true": true, "taken_for": taken_for, "place": 1}

    sheet.touch((x, y, size, size), CLASSES, CLASSES, lambda i, j: chosen(str(i), str(j)), here=here)
    sheet.touch((x - 38, y, 38, size), CLASSES, 1, lambda i, j: chosen(str(i), ANY), says="all of its mistakes")
    sheet.touch((x, y - 24, size, 24), 1, CLASSES, lambda i, j: chosen(ANY, str(j)), says="all taken for it")
    sheet.touch((x - 38, y - 24, 38, 24), 1, 1, lambda i, j: chosen(ANY, ANY), says="all mistakes")


def _draw_digit(sheet: Sheet, readings: Readings, number: int) -> None:
    """The digit, and what the network says of it."""
    label, read = int(readings.labels[number]), int(readings.read[number])
    sheet.text(RIGHT, 18, f"test image {number}: {a(label)}, read as {a(read)}", size=14, bold=True)
    draw_cells(sheet, RIGHT, 38, 25, readings.images[number, 0], 1.0)
    x = RIGHT + SIDE * 25 + 44
    for digit, p in enumerate(readings.p[number]):
        y = 38 + 20 * digit
        colour = OUTPUT_WRITTEN if digit == label else INPUT_READ
        sheet.text(x - 18, y + 15, str(digit), size=13, bold=digit in (label, read))
        sheet.box(x, y + 4, max(0.5, 120 * p), 12, colour)
        words = chance(p, signs=True) if digit in (label, read) else ""
        sheet.text(x + 120 * p + 6, y + 15, words, size=12)


def draw_strip(sheet: Sheet, readings: Readings, found: np.ndarray, place: int) -> None:
    """The digits around this one in the list, to choose from."""
    first = int(np.clip(place - 1 - STRIP // 2, 0, max(0, len(found) - STRIP)))
    for i, number in enumerate(found[first : first + STRIP]):
        x, y = RIGHT + i * SHOWN, 282
        draw_block(sheet, x, y, readings.images[number, 0], 1.0, width=32, height=32)
        sheet.text(x + 16, y + 50, f"{readings.labels[number]} → {readings.read[number]}", size=11, align="centre")
        if first + i == place - 1:
            sheet.frame(x, y, 32, 32, WINDOW, 2)
    count = len(found[first : first + STRIP])
    box, here = (RIGHT - 2, 280, count * SHOWN, 56), (0, place - 1 - first)
    sheet.touch(box, 1, count, lambda i, j: {"place": first + j + 1}, here=here)


def _who(true: str, taken_for: str) -> str:
    """'Fours taken for a 9'."""
    name = "Digits" if true == ANY else NAMES[int(true)].capitalize()
    if _both(true, taken_for):
        return f"{name} that are read right"
    if taken_for != ANY:
        return f"{name} taken for {a(int(taken_for))}"
    return f"Misread {name.lower()}"


def _about_all(readings: Readings, right: int) -> str:
    count, read = len(readings.labels), int((readings.read == readings.labels).sum())
    wrong = readings.matrix * (1 - np.eye(CLASSES, dtype=int))
    true, taken = divmod(int(wrong.argmax()), CLASSES)
    moved = f", all {way(right)}," if right else ""
    return (
        f"Of {count} test digits{moved} it reads {read} right: {read}/{count} = **{percent(read, count, digits=1)}**.\n"
        f"Most often it takes {a(true)} for {a(taken)}: {wrong.max()} times."
    )


def way(right: int) -> str:
    """In which direction all are moved, and how far."""
    return f"moved {counted(abs(right), 'pixel')} to the {'right' if right > 0 else 'left'}"


def _about_one(readings: Readings, found: np.ndarray, place: int, true: str, taken_for: str) -> str:
    number = int(found[place - 1])
    label, read, p = int(readings.labels[number]), int(readings.read[number]), readings.p[number]
    who = _who(true, taken_for)
    start = f"Number {place} of {len(found)} {who[0].lower()}{who[1:]}: test image {number}"
    if label == read:
        second = int(np.argsort(p)[-2])
        return f"{start} is {a(label)} and gets {chance(p[label])}; next comes the {second} with {chance(p[second])}."
    return f"{start} is {a(label)} and read as {a(read)} with {chance(p[read])}; the {label} gets {chance(p[label])}."


def _order(true: str, taken_for: str) -> str:
    return f"{_who(true, taken_for)}, the {'least' if _both(true, taken_for) else 'most'} confident first"
