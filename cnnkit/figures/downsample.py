"""A picture, the same with fewer numbers, those made large again, and what is missing."""

from __future__ import annotations

import numpy as np

from cnnkit.figures.picture import SCALE, Picture
from cnnkit.figures.pixels import FREE, LINE, Sheet, text_width
from cnnkit.figures.shrinking import WITH_KERNEL, Shrunken, shrink

WIDTH, HEIGHT, TOP, ROOM = 820, 300, 50, 190
LEFTS = (8, 214, 420, 626)  # of the four pictures
FOOT = TOP + ROOM + 22
REACH = 0.5  # errors of this size, and larger ones, have the full colour
GREYS = TINTS = (256 - FREE) // 4 * 2 - 1
BLACK, ZERO = FREE, FREE + GREYS + TINTS // 2


def draw_downsampling(grey: np.ndarray, *, way: str, kernel_size: int, stride: int, striped: bool = False) -> Picture:
    """Draw the picture, what `shrink` makes of it at the same scale, that made large again, and the difference.

    grey      (H, W) between 0 and 1
    striped   whether it is the pattern of stripes, of which more can be said

    Errors: ValueError for a kernel or a stride that is larger than the picture.
    """
    shrunken = shrink(grey, way, kernel_size, stride)
    error = shrunken.back - grey
    sheet, zoom = Sheet(WIDTH, HEIGHT), max(1, ROOM * SCALE // max(grey.shape))
    pictures = (_as_grey(grey), _as_grey(shrunken.small), _as_grey(shrunken.back), _as_tint(error))
    for left, block in zip(LEFTS, pictures, strict=True):
        _place(sheet, np.repeat(np.repeat(block, zoom, axis=0), zoom, axis=1), left)
    _write(sheet, grey, shrunken, error)
    return sheet.picture(_sentence(grey, shrunken, error, way, kernel_size, stride, striped), _colours())


def _place(sheet: Sheet, block: np.ndarray, left: float) -> None:
    height, width = block.shape
    x, y = round(left * SCALE), TOP * SCALE
    sheet.bytes[y : y + height, x : x + width] = block
    sheet.frame(left - 0.25, TOP - 0.25, width / SCALE, height / SCALE, LINE, 1 / SCALE)


def _write(sheet: Sheet, grey: np.ndarray, shrunken: Shrunken, error: np.ndarray) -> None:
    """Titles above, numbers below."""
    sizes = [f"{image.shape[0]} × {image.shape[1]}" for image in (grey, shrunken.small, grey)]
    titles = ("the picture", "made smaller", "made large again", "what is wrong now")
    below = (*sizes, f"on average {_rms(error):.3f}")
    for left, title, size in zip(LEFTS, titles, (*sizes, "large again − picture"), strict=True):
        sheet.text(left, 20, title, size=15, bold=True)
        sheet.text(left, 40, size, soft=True)
    for left, image in zip(LEFTS, (grey, shrunken.small, shrunken.back), strict=False):
        sheet.text(left, FOOT, f"mean {image.mean():.3f}")
    sheet.text(LEFTS[3], FOOT, below[3])
    _draw_legend(sheet)


def _draw_legend(sheet: Sheet) -> None:
    left, width, y = LEFTS[3] + text_width("too dark", 12) + 6, 66, FOOT + 12
    ramp = (ZERO - TINTS // 2 + np.arange(TINTS))[np.linspace(0, TINTS - 1, width * SCALE).round().astype(int)]
    at = round(left * SCALE)
    sheet.bytes[y * SCALE : (y + 11) * SCALE, at : at + width * SCALE] = ramp
    sheet.frame(at / SCALE, y, width, 11, LINE, 1 / SCALE)
    sheet.text(LEFTS[3], y + 10, "too dark", size=12)
    sheet.text(left + width + 6, y + 10, "too bright", size=12)


def _as_grey(values: np.ndarray) -> np.ndarray:
    return (BLACK + np.rint(values.clip(0, 1) * (GREYS - 1))).astype(np.uint8)


def _as_tint(values: np.ndarray) -> np.ndarray:
    return (ZERO + np.rint((values / REACH).clip(-1, 1) * (TINTS // 2))).astype(np.uint8)


def _colours() -> bytes:
    grey = np.repeat(np.linspace(0, 255, GREYS)[:, None], 3, axis=1)
    ends = np.array([[179, 74, 0], [255, 255, 255], [0, 96, 160]])
    tint = np.stack([np.interp(np.linspace(-1, 1, TINTS), [-1, 0, 1], channel) for channel in ends.T], axis=1)
    return np.rint(np.concatenate([grey, tint])).astype(np.uint8).tobytes()


def _rms(error: np.ndarray) -> float:
    return float(np.sqrt(np.square(error, dtype=np.float64).mean()))


def _sentence(
    grey: np.ndarray, shrunken: Shrunken, error: np.ndarray, way: str, kernel_size: int, stride: int, striped: bool
) -> str:
    small = shrunken.small
    k = {"every s-th pixel": 1, "bilinear": stride}.get(way, kernel_size)
    sizes = [f"⌊({n} − {k})/{stride}⌋ + 1 = {o}" for n, o in zip(grey.shape, small.shape, strict=True)]
    size = f"size {sizes[0]}" if grey.shape[0] == grey.shape[1] else f"height {sizes[0]}, width {sizes[1]}"
    window = f", {k} × {k}" if way in WITH_KERNEL else ""
    parts = [
        f"{way[0].upper()}{way[1:]}{window}, stride {stride}: {size}; "
        f"{small.size:,} of {grey.size:,} numbers are left ({100 * small.size / grey.size:.0f} %).",
        f"The mean brightness goes from {grey.mean():.3f} to {small.mean():.3f}.",
        f"Made large again, the picture is wrong by {_rms(error):.3f} (root mean square; 0 is black, 1 is white).",
    ]
    return " ".join(parts)
