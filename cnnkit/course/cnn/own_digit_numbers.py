"""A digit that the learner draws, made into the 8 x 8 numbers that the course's digits are.

The data set's makers scanned forms, had NIST's programs normalise each digit to a bitmap of 32 x 32, and counted the
ink in blocks of 4 x 4 (Alpaydin and Kaynak, 1998; see data/README.md). What that normalisation does can be read off the
data: every digit reaches from the first row to the last, hardly any leaves the middle 20 or so columns, and whatever
the digit its strokes are so thick that about 30 % of the bitmap is ink. NIST also sets slanted digits upright; that is
left out here.

Reference: Garris et al. (1994), NIST form-based handprint recognition system, NISTIR 5469.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cnnkit.course.cnn.digit_net import INK, SIDE, Reading, read_image

BITMAP, WIDEST = 32, 20  # pixels a side of the bitmap, and how many of them a digit may be wide
THIN, THICK = 0.26, 0.37  # the share of ink in the bitmap that nine of ten digits of the data lie between


@lru_cache(maxsize=32)
def to_digit(drawn: bytes) -> np.ndarray:
    """The picture (8, 8) of what was drawn, ink between 0 and 1 in sixteenths; all 0 for nothing.

    drawn   32 x 32 zeros and ones, row by row, or b""
    """
    blocks = normalise(drawn).reshape(SIDE, BITMAP // SIDE, SIDE, BITMAP // SIDE)
    digit = blocks.sum(axis=(1, 3)) / INK
    digit.flags.writeable = False
    return digit


@lru_cache(maxsize=8)
def read_drawn(drawn: bytes) -> Reading:
    """Let the network read what was drawn."""
    return read_image(to_digit(drawn)[None])


def normalise(drawn: bytes) -> np.ndarray:
    """The bitmap (32, 32) of the drawing, as high as there is room, in the middle, its strokes as thick as usual."""
    ink = np.frombuffer(drawn or bytes(BITMAP**2), np.uint8).reshape(BITMAP, BITMAP).astype(bool)
    return set_thickness(scale_up(ink)) if ink.any() else ink


def scale_up(ink: np.ndarray) -> np.ndarray:
    """Cut away the empty rows and columns, and stretch the rest to the bitmap's height, at most WIDEST wide.

    >>> scale_up(np.pad(np.ones((4, 2), bool), 9))[:, 7:25].sum(axis=0)
    array([ 0, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
            0])
    """
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    wide = max(1, min(WIDEST, round(BITMAP * width / height)))
    down = rows[0] + np.arange(BITMAP) * height // BITMAP
    across = columns[0] + np.arange(wide) * width // wide
    bitmap, left = np.zeros((BITMAP, BITMAP), bool), (BITMAP - wide) // 2
    bitmap[:, left : left + wide] = ink[np.ix_(down, across)]
    return bitmap


def set_thickness(ink: np.ndarray) -> np.ndarray:
    """Thicken or thin all strokes alike until the share of ink is from THIN to THICK.

    The pixels that lie deepest in the ink, or nearest to it, are ink then.
    """
    count, inside = ink.sum(), np.argwhere(ink)
    wanted = int(np.clip(count, THIN * ink.size, THICK * ink.size))
    if wanted == count or count == ink.size:
        return ink
    apart = ((inside[:, None] - np.argwhere(~ink)) ** 2).sum(axis=-1)
    depth = np.zeros(ink.shape)  # the distance to the nearest paper, or minus that to the nearest ink
    depth[ink], depth[~ink] = np.sqrt(apart.min(axis=1)), -np.sqrt(apart.min(axis=0))
    return depth >= np.sort(depth, axis=None)[-wanted]
