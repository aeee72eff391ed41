"""The picture of the start page: a row of pixels, and every window that fits in it."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.palette import INPUT, KERNEL
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet
from cnnkit.sizes import conv_output_size

WIDTH, HEIGHT, CELL, STEP = 820, 356, 66, 20


def draw_row(size: int, kernel_size: int) -> Picture:
    """Draw `size` pixels in a row and below them each window of `kernel_size`, one step down for each step right.

    Errors: ValueError if the window is wider than the row.
    """
    if kernel_size > size:
        raise ValueError(f"A window of {kernel_size} does not fit in a row of {size}.")
    windows = conv_output_size(size, kernel_size)
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.text(12, 20, f"a row of n = {size}", bold=True)
    sheet.grid(12, 30, CELL, INPUT, numbers=np.arange(1, size + 1)[None])
    for first in range(windows):
        top = 42 + CELL + first * STEP
        sheet.box(12 + first * CELL + 2, top, kernel_size * CELL - 4, STEP - 4, KERNEL)
        sheet.text(12 + (first + kernel_size / 2) * CELL, top + 12, str(first + 1), size=11, align="centre")
    one = windows == 1
    return sheet.picture(
        f"{size} − {kernel_size} + 1 = {windows}: {'one window' if one else f'{windows} windows'} of {kernel_size} "
        f"{'fits' if one else 'fit'} in a row of {size}."
    )
