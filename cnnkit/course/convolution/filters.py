"""One filter over one grey picture: what goes in, the weights, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor

import numpy as np

from cnnkit.course.kit.kernels import LARGEST, MEANING, Kernel, filter_grey, make_kernel
from cnnkit.course.kit.palette import (
    GREY,
    INK,
    INPUT_READ,
    LINE,
    OUTPUT_WRITTEN,
    PADDING_READ,
    PAPER,
    SIGNED,
    WINDOW,
    swatches,
)
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, SMALLEST, Sheet, cell_size, hairline, text_width
from cnnkit.course.kit.words import fixed

TOP, ROOM = 28, 285  # where the pictures begin, and the side of the square that each may fill with its padding
MIDDLE, BETWEEN, RIGHT = 297, 226, 535  # the kernel, its room, the output
KERNEL_ROOM, WINDOW_ROOM = 150, 107  # the sides of the squares in the middle: the kernel, and what it lies on
WINDOW_TOP = 234
EDGE = 8  # where a picture without padding begins: words line up with it
FOOT = TOP + ROOM + 19
BEYOND = swatches("#602800", "#96cdfa")  # below 0 dark orange, above 1 pale blue: they pass for black and white
OWN = "your own"
MEANINGS = MEANING | {OWN: "a sum with weights of your own"}


@dataclass(frozen=True, eq=False)
class Filtered:
    """A filter at work on a picture, and the window that is looked at.

    place   the window's row and column in the output, from 0
    """

    grey: np.ndarray
    kernel: Kernel
    stride: int
    mode: str
    padded: np.ndarray
    output: np.ndarray
    sides: tuple[int, int]
    place: tuple[int, int]

    def nearest(self, row: int, column: int) -> tuple[int, int]:
        """The window whose middle is nearest to a pixel of the picture, as its place in the output."""
        steps = ((at - self.middle(0)) / self.stride for at in (row, column))
        i, j = (min(max(floor(step + 0.5), 0), n - 1) for step, n in zip(steps, self.output.shape, strict=True))
        return i, j

    def middle(self, number: int) -> int:
        """The pixel of the picture under the middle of a window; an even kernel's is above and left of it."""
        return number * self.stride - self.sides[0] + (len(self.kernel.entries) - 1) // 2

    @property
    def corner(self) -> tuple[int, int]:
        """Where the window begins in the padded picture: row, column."""
        return self.place[0] * self.stride, self.place[1] * self.stride

    @property
    def window(self) -> np.ndarray:
        """The pixels that the window reads."""
        (i, j), k = self.corner, len(self.kernel.entries)
        return self.padded[i : i + k, j : j + k]


def draw_filter(
    grey: np.ndarray, *,
    kernel: str, kernel_size: int, stride: int, padding_mode: str,
    seed: int = 0, numbers: Sequence[Sequence[float]] = (), row: int = 1, column: int = 1,
) -> Picture:  # fmt: skip
    """Draw the picture with its padding, the weights, one window with its products, and the output.

    grey           (H, W) between 0 and 1, at most photo.SIDE pixels a side
    kernel         one of kernels.MEANING, or OWN
    kernel_size    from 1 to kernels.LARGEST
    padding_mode   one of kernels.PADDINGS; with all but the first the output keeps the size at stride 1
    numbers        the weights for OWN
    row, column    a pixel of the picture, from 1: the window with its middle nearest to it is shown

    Where the weights sum to 1 the output is a picture again and is shown in grey, what leaves 0 … 1 in colour.
    Otherwise negative values are orange and positive ones blue. A pixel of the output is drawn `stride` times as large.
    Errors: ValueError where the kernel does not fit or the mode cannot pad that far.
    """
    weights = Kernel(np.array(numbers), 1) if kernel == OWN else make_kernel(kernel, kernel_size, seed=seed)
    padded, output, sides = filter_grey(grey, weights, stride=stride, padding_mode=padding_mode)
    found = Filtered(grey, weights, stride, padding_mode, padded, output, sides, (0, 0))
    found = replace(found, place=found.nearest(row - 1, column - 1))
    sheet = Sheet(820, 382, GREY, SIGNED, BEYOND)
    side = 2 * ROOM // (max(grey.shape) + LARGEST - 1) / 2  # of a pixel: the same on every screen
    _draw_output(sheet, found, side)
    _draw_input(sheet, found, side)
    _draw_kernel(sheet, weights)
    _draw_products(sheet, found)
    return sheet.picture(_sentence(found, kernel))


def _draw_input(sheet: Sheet, found: Filtered, side: float) -> None:
    (height, width), (before, after), mode = found.grey.shape, found.sides, found.mode
    left, top = (_middle(start, n * side) for start, n in zip((0, TOP), found.padded.shape[::-1], strict=True))
    sheet.image(left, top, _as_grey(sheet, found.padded), side)
    sheet.text(EDGE, 18, f"input {height} × {width}", size=15, bold=True)
    x, y = left + before * side, top + before * side
    if after:
        line = hairline()
        edge = x - line / 2, y - line / 2, width * side, height * side
        sheet.frame(*edge, PAPER, line)  # one light and one dark line: seen on any picture
        sheet.frame(edge[0] - line, edge[1] - line, edge[2] + 2 * line, edge[3] + 2 * line, INK, line)
    words = f"{before} on each side" if before == after else f"{before} before, {after} after"
    sheet.text(EDGE, FOOT, "no padding" if mode == "none" else f"padding ({mode}): {words}")
    _mark(sheet, left + found.corner[1] * side, top + found.corner[0] * side, len(found.kernel.entries) * side)
    sheet.touch(
        (x, y, width * side, height * side), height, width, lambda row, column: {"row": row + 1, "column": column + 1},
        says="row {row}, column {column}",
    )  # fmt: skip


def _draw_kernel(sheet: Sheet, kernel: Kernel) -> None:
    k, centre = len(kernel.entries), MIDDLE + BETWEEN / 2
    cell = cell_size(k, KERNEL_ROOM, most=50)
    _draw_signed(sheet, centre - k * cell / 2, TOP, cell, kernel.entries)
    sheet.text(centre, 18, f"kernel {k} × {k}", size=15, bold=True, align="centre")
    scale = "" if kernel.divisor == 1 else f"all divided by {kernel.divisor:,}, "
    sheet.text(centre, TOP + KERNEL_ROOM + 20, f"{scale}sum {_number(kernel.weights.sum())}", align="centre")


def _draw_products(sheet: Sheet, found: Filtered) -> None:
    """Below the kernel: what the window reads, its products with the kernel, and their sum."""
    kernel, window = found.kernel, found.window
    k, right = len(kernel.entries), MIDDLE + BETWEEN - WINDOW_ROOM
    cell = cell_size(k, WINDOW_ROOM)
    words, size = _words(window, cell)
    if words:
        colours = np.where(_is_input(found), BYTE[INPUT_READ], BYTE[PADDING_READ])
        sheet.image(MIDDLE, WINDOW_TOP, colours, cell, lines=True)
        sheet.write(MIDDLE, WINDOW_TOP, cell, words, size)
    else:
        sheet.image(MIDDLE, WINDOW_TOP, _as_grey(sheet, window), cell)
    sheet.frame(MIDDLE, WINDOW_TOP, k * cell, k * cell, WINDOW, 2)
    sheet.text(MIDDLE, WINDOW_TOP - 10, "window", bold=True)
    _draw_signed(sheet, right, WINDOW_TOP, cell, kernel.entries * window)
    sheet.text(right, WINDOW_TOP - 10, "products", bold=True)
    total = float((kernel.entries * window).sum())
    divided = "" if kernel.divisor == 1 else f" / {kernel.divisor:,} = {_number(total / kernel.divisor)}"
    sheet.box(MIDDLE, WINDOW_TOP + WINDOW_ROOM + 9, BETWEEN, 22, OUTPUT_WRITTEN)
    sheet.frame(MIDDLE, WINDOW_TOP + WINDOW_ROOM + 9, BETWEEN, 22, WINDOW, 2)
    sheet.text(MIDDLE + BETWEEN / 2, WINDOW_TOP + WINDOW_ROOM + 25, f"sum {_number(total)}{divided}", align="centre")


def _is_input(found: Filtered) -> np.ndarray:
    """Which of the window's pixels belong to the picture; the others are padding."""
    inside = [
        (at + np.arange(len(found.kernel.entries)) >= found.sides[0])
        & (at + np.arange(len(found.kernel.entries)) < found.sides[0] + n)
        for at, n in zip(found.corner, found.grey.shape, strict=True)
    ]
    return np.outer(*inside)


def _draw_signed(sheet: Sheet, left: float, top: float, cell: float, values: np.ndarray) -> None:
    """Draw numbers on their colours: orange below 0, blue above; numbers only where they can be read."""
    reach = 1.8 * max(np.abs(values).max(), 1e-9)  # pale enough for dark numbers
    pale = values + 0.12 * reach * np.sign(values)
    side = len(values) * cell
    sheet.image(left, top, sheet.tint(pale, SIGNED, 1.2 * reach), cell, lines=True)
    sheet.box(left, top + side - hairline(), side, hairline(), LINE)
    sheet.box(left + side - hairline(), top, hairline(), side, LINE)
    words, size = _words(values, cell)
    if words:
        sheet.write(left, top, cell, words, size, over=True)


def _words(values: np.ndarray, cell: float) -> tuple[list[list[str]], float]:
    """The numbers as cells of this width have room for them, and in which size; none where that is too small."""
    for digits in (2, 1) if cell - 5 >= SMALLEST else ():
        words = [[_number(value, digits) for value in row] for row in values]
        longest = max(text_width(word, 10) for row in words for word in row)
        size = int(min(15, cell - 5, 10 * (cell - 4) / longest))
        if size >= SMALLEST:
            return words, size
    return [], 0


def _draw_output(sheet: Sheet, found: Filtered, side: float) -> None:
    output, left, size = found.output, RIGHT + EDGE, found.stride * side
    (height, width), (row, column) = output.shape, found.place
    sheet.text(left, 18, f"output {height} × {width}", size=15, bold=True)
    x, y = _middle(RIGHT, width * size), _middle(TOP, height * size)
    sheet.image(x, y, _in_colours(sheet, output, found.kernel), size, framed=True)
    _mark(sheet, x + column * size, y + row * size, size)
    sheet.touch(
        (x, y, width * size, height * size), height, width,
        lambda i, j: {"row": found.middle(i) + 1, "column": found.middle(j) + 1},
        here=(row, column), says="output row {row}, column {column}",
    )  # fmt: skip


def _in_colours(sheet: Sheet, output: np.ndarray, kernel: Kernel) -> np.ndarray:
    """The bytes of the output, in grey where it is a picture again; below it stands what the colours mean."""
    left = RIGHT + EDGE
    if not _is_picture(kernel):
        reach = max(float(np.abs(output).max()), 0.01)  # no colours for the dust of rounding
        _draw_legend(sheet, left + 45, 150, sheet.colours(SIGNED), _number(-reach), _number(reach))
        return sheet.tint(output, SIGNED, reach)
    shown = _as_grey(sheet, output)
    _draw_legend(sheet, left, 70, sheet.colours(GREY), "0", "1")
    beyond = zip((left + 114, left + 198), sheet.colours(BEYOND), ("below 0", "above 1"), strict=True)
    for at, colour, words in beyond:
        if (shown == colour).any():
            _draw_legend(sheet, at, 11, np.array([colour]), "", words)
    return shown


def _mark(sheet: Sheet, x: float, y: float, side: float) -> None:
    """A frame around some pixels, on white so that it is seen on any picture."""
    sheet.frame(x - 1, y - 1, side + 2, side + 2, PAPER, 4)
    sheet.frame(x - 1, y - 1, side + 2, side + 2, WINDOW, 2)


def _draw_legend(sheet: Sheet, left: float, width: int, colours: np.ndarray, low: str, high: str) -> None:
    """Draw the colours as a strip, with what its two ends mean."""
    left += text_width(low, 13) + 5 if low == "0" else 0.0
    sheet.colour_bar(left, FOOT - 11, width, colours)
    sheet.text(left - 5, FOOT, low, align="right")
    sheet.text(left + width + 5, FOOT, high)


def _middle(start: float, length: float) -> float:
    """Where something so long begins in the middle of the room that begins at `start`."""
    return start + (ROOM - length) // hairline() // 2 * hairline()


def _is_picture(kernel: Kernel) -> bool:
    return _is(1, float(kernel.weights.sum()))


def _is(value: float, total: float) -> bool:
    return abs(total - value) < 0.001  # numbers that are typed have few decimals


def _as_grey(sheet: Sheet, values: np.ndarray) -> np.ndarray:
    shown, (below, above) = sheet.tint(values, GREY), sheet.colours(BEYOND)
    shown[values < -0.005] = below
    shown[values > 1.005] = above
    return shown


def _number(value: float, digits: int = 2) -> str:
    """A whole number as it is, any other with so many decimals."""
    value = round(float(value), digits)
    return fixed(value, 0 if value.is_integer() else digits)


def _sentence(found: Filtered, name: str) -> str:
    k, (before, after) = len(found.kernel.entries), found.sides
    total, place = float(found.kernel.weights.sum()), found.place
    room = f"2·{before}" if before == after else f"{before} + {after}"
    shapes = zip(found.grey.shape, found.output.shape, strict=True)
    sizes = [f"⌊({n} + {room} − {k})/{found.stride}⌋ + 1 = {o}" for n, o in shapes]
    square = found.grey.shape[0] == found.grey.shape[1]
    row, column = (found.middle(at) + 1 for at in place)
    value = _number(found.output[place])
    return (
        f"Each output pixel is {MEANINGS[name]}; at row {row}, column {column} that is **{value}**.\n"
        f"{_about_sum(total)}{_about_border(found.mode, after, total)}.\n"
        + (f"Size: {sizes[0]}." if square else f"Height: {sizes[0]}; width: {sizes[1]}.")
    )


def _about_sum(total: float) -> str:
    if _is(1, total):
        return "The weights sum to 1, so a plain area keeps its brightness"
    if _is(0, total):
        return "The weights sum to 0, so a plain area becomes 0"
    return f"The weights sum to {_number(total)}, so a plain area of 0.5 becomes {_number(total / 2)}"


def _about_border(mode: str, after: int, total: float) -> str:
    if mode == "none" or not after:
        return ""
    if mode == "zeros":
        darker = "; the zeros around the picture darken its border" if _is(1, total) else ""
        return "; to this kernel the zeros around the picture are an edge" if _is(0, total) else darker
    said = {
        "reflect": "mirrors the picture",
        "replicate": "repeats the outermost pixel",
        "circular": "starts again on the other side",
    }
    return f"; the padding {said[mode]}"
