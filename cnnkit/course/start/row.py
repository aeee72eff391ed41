"""The picture of the start page: a row of pixels, every window that fits in it, and the first one that does not."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.palette import INK, INPUT, KERNEL, LINE, PADDING, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet, text_width
from cnnkit.course.kit.words import counted
from cnnkit.sizes import conv_output_size

WIDTH, HEIGHT, LEFT, STEP = 820, 356, 12, 19
MOST = 12  # pixels in a row, and pixels that a window covers
CELL = 60  # so that MOST pixels fit and one more, which is as far as a window sticks out
TOP = 42 + CELL  # of the first window


def draw_row(size: int, kernel_size: int) -> Picture:
    """Draw `size` pixels in a row and below them each window of `kernel_size`, one step down for each step right.

    The last one drawn would stick out. If the window is wider than the row, that is the first one.
    """
    windows = conv_output_size(size, kernel_size) if kernel_size <= size else 0
    over = windows + kernel_size - size
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.text(LEFT, 20, f"a row of n = {size}, a window of k = {kernel_size}", bold=True)
    sheet.grid(LEFT, 30, CELL, INPUT, numbers=np.arange(1, size + 1)[None])
    for first in range(windows):
        _draw_bar(sheet, first, first, kernel_size, KERNEL)
        sheet.text(LEFT + (first + kernel_size / 2) * CELL, _top(first) + 12, str(first + 1), size=11, align="centre")
    _draw_sticking_out(sheet, size, windows, over)
    _let_touch(sheet, size, kernel_size, windows + 1)
    return sheet.picture(_sentence(size, kernel_size, windows, over))


def _top(bar: int) -> int:
    return TOP + bar * STEP


def _draw_bar(sheet: Sheet, bar: int, start: int, length: int, colour: str) -> None:
    sheet.box(LEFT + start * CELL + 2, _top(bar), length * CELL - 4, STEP - 4, colour)


def _draw_sticking_out(sheet: Sheet, size: int, bar: int, over: int) -> None:
    """The first window that does not fit: grey, what is beyond the row's end vermilion, and the end itself."""
    inside, end = size - bar, LEFT + size * CELL
    if inside:
        _draw_bar(sheet, bar, bar, inside, PADDING)
        sheet.frame(LEFT + bar * CELL + 2.5, _top(bar) + 0.5, inside * CELL - 2.5, STEP - 5, LINE)
    sheet.box(end, _top(bar), over * CELL - 2, STEP - 4, WINDOW)
    sheet.box(end - 1, 30, 2, _top(bar) + STEP - 34, INK)
    _label(sheet, f"sticks out by {over}", bar, end, over)


def _label(sheet: Sheet, words: str, bar: int, end: int, over: int) -> None:
    """Beside the window that sticks out, where there is room; on its grey part if it is long; else below it."""
    room, baseline = text_width(words, 11) + 16, _top(bar) + 12
    if end + over * CELL + room < WIDTH:
        sheet.text(end + over * CELL + 6, baseline, words, size=11)
    elif bar * CELL > room:
        sheet.text(LEFT + bar * CELL - 6, baseline, words, size=11, align="right")
    elif end - LEFT - bar * CELL > room:
        sheet.text(end - 8, baseline, words, size=11, align="right")
    else:
        sheet.text(end + 6, baseline + STEP, words, size=11)


def _let_touch(sheet: Sheet, size: int, kernel_size: int, bars: int) -> None:
    """A pixel ends the row there; a place among the windows ends that window there."""
    sheet.touch(
        (LEFT, 30, MOST * CELL, CELL), 1, MOST, lambda _, j: {"size": j + 1},
        here=(0, size - 1), says="a row of {column}",
    )  # fmt: skip
    sheet.touch(
        (LEFT, TOP, MOST * CELL, bars * STEP), bars, MOST,
        lambda i, j: {"kernel_size": j - i + 1} if j >= i else None,
        here=(0, kernel_size - 1), says="the window ends at {column}",
    )  # fmt: skip


def _sentence(size: int, kernel_size: int, windows: int, over: int) -> str:
    if not windows:
        return (
            f"A window of {kernel_size} does not fit in a row of {size}: "
            f"**it sticks out by {counted(over, 'pixel')}**.\n"
            f"It fits once the row has {kernel_size} pixels, or once the window is at most {size} wide."
        )
    fit = "one window" if windows == 1 else f"{windows} windows"
    return (
        f"{size} − {kernel_size} + 1 = **{windows}**: {fit} of {kernel_size} {'fits' if windows == 1 else 'fit'} "
        f"in a row of {size}.\nA window that starts at pixel {windows + 1} would stick out by one."
    )
