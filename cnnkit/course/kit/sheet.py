"""Drawing cells, numbers and words, fast enough for a slider: one byte a pixel, filled by numpy, words by Pillow.

    sheet = Sheet(820, 416)                                  # CSS pixels
    sheet.text(12, 20, "input", size=15, bold=True)
    sheet.grid(12, 52, 40, colours, numbers=x)               # one colour and one number a cell
    sheet.frame(12, 52, 120, 120, WINDOW, 2)
    return sheet.picture("Three times three pixels.")

A pixel's byte is 8·paper + ink: which of the colours below lies there, and how much ink stands on it, from 0 (none)
to 7 (all). So words are smooth on every colour, and a picture is small.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from cnnkit.course.kit.picture import SCALE, Picture, from_pillow

# Okabe and Ito's palette keeps its differences for colour-blind readers. One meaning each, in every notebook.
INK = "#1b1f24"
SOFT = "#6a737d"
PAPER = "#ffffff"
LINE = "#c4cad1"
INPUT = "#bfdcf2"  # the input: blue
OUTPUT = "#bfe8dc"  # the output: green-cyan
KERNEL = "#f7dfa8"  # the kernel: yellow
PADDING = "#eef0f2"  # what padding added: grey
WINDOW = "#d55e00"  # the window now: vermilion
UNREAD = "#a8487f"  # what no window reads: purple, hatched  # fmt: skip
INPUT_READ = "#5fa6db"  # a pixel of the input that the window reads now
PADDING_READ = "#aab2bb"  # padding that the window reads now
OUTPUT_WRITTEN = "#6cc9ae"  # the output that is written now

COLOURS = (
    PAPER, INK, SOFT, LINE, INPUT, OUTPUT, KERNEL, PADDING, WINDOW, UNREAD, INPUT_READ, PADDING_READ, OUTPUT_WRITTEN,
)  # fmt: skip
BYTE = {colour: 8 * i for i, colour in enumerate(COLOURS)}  # a colour without ink
FREE = 8 * len(
    COLOURS
)  # the bytes from here to 255 are free for colours of one picture; see `shades` for words on them
SMALLEST = 9  # no numbers below this size, in CSS pixels


@cache
def font(size: float, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans (it comes with matplotlib, and has ⌊ ⌋ · −) at `size` CSS pixels."""
    package = find_spec("matplotlib")
    if package is None or package.origin is None:
        return cast(ImageFont.FreeTypeFont, ImageFont.load_default(size * SCALE))
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(package.origin).parent / "mpl-data/fonts/ttf" / name, size * SCALE)


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """How wide `words` are, in CSS pixels."""
    return font(size, bold=bold).getlength(words) / SCALE


def cell_size(count: int, room: float, *, most: float = 40) -> float:
    """The largest cell, in CSS pixels and sharp on the screen, of which `count` fit into `room`."""
    return min(room * SCALE // count / SCALE, most)


class Sheet:
    """A picture of `width` x `height` CSS pixels to draw on. All measures are in CSS pixels, from the top left."""

    def __init__(self, width: float, height: float) -> None:
        self.bytes = np.full((round(height * SCALE), round(width * SCALE)), BYTE[PAPER], np.uint8)

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle."""
        self.bytes[_device(y) : _device(y + height), _device(x) : _device(x + width)] = BYTE[colour]

    def frame(self, x: float, y: float, width: float, height: float, colour: str, thick: float = 1) -> None:
        """Draw the outline of a rectangle, half of its thickness on either side."""
        half = thick / 2
        for edge in (y, y + height):
            self.box(x - half, edge - half, width + thick, thick, colour)
        for edge in (x, x + width):
            self.box(edge - half, y - half, thick, height + thick, colour)

    def text(
        self, x: float, y: float, words: str, *,
        size: float = 13, bold: bool = False, soft: bool = False, align: str = "left",
    ) -> None:  # fmt: skip
        """Write `words` with their baseline at `y`; `x` is their left end, their centre or their right end."""
        ink, above = _ink(words, size, bold)
        left = _device(x) - {"left": 0, "centre": ink.shape[1] // 2, "right": ink.shape[1]}[align]
        self._stamp(left, _device(y) - above, ink - ink // 4 * 2 if soft else ink)

    def grid(
        self, x: float, y: float, cell: float, colours: np.ndarray, *,
        numbers: np.ndarray | None = None, soft: np.ndarray | None = None, hatched: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        """Draw one cell for each entry of `colours` (bytes, see BYTE), hatch some, write numbers where they fit.

        A number that is NaN leaves its cell empty; `soft` says whose numbers are written in grey.
        """
        side = _device(cell)
        block = _spread(colours, side)
        if hatched is not None and hatched.any():
            block[_stripes(block.shape) & _spread(hatched, side)] = BYTE[UNREAD]
        if numbers is not None:
            block |= _numbers(numbers, side, soft)
        block[::side] = block[:, ::side] = BYTE[LINE]
        top, left = _device(y), _device(x)
        height, width = block.shape
        self.bytes[top : top + height, left : left + width] = block
        self.bytes[top + height, left : left + width + 1] = self.bytes[top : top + height, left + width] = BYTE[LINE]

    def picture(self, sentence: str, further: bytes = b"") -> Picture:
        """Encode what was drawn. `further`: red, green and blue of the colours from the byte FREE on."""
        image = Image.frombuffer("P", self.bytes.shape[::-1], self.bytes, "raw", "P", 0, 1)
        image.putpalette(shades(COLOURS) + further)
        return from_pillow(image, sentence)

    def _stamp(self, left: int, top: int, ink: np.ndarray) -> None:
        ink = ink[max(-top, 0) :, max(-left, 0) :]  # what would be above or left of the sheet is cut
        top, left = max(top, 0), max(left, 0)
        area = self.bytes[top : top + ink.shape[0], left : left + ink.shape[1]]
        area[:] = np.maximum(area & 7, ink[: area.shape[0], : area.shape[1]]) | (area & 248)


def _device(length: float) -> int:
    return round(length * SCALE)


def _spread(values: np.ndarray, side: int) -> np.ndarray:
    return np.repeat(np.repeat(values, side, axis=0), side, axis=1)


def _stripes(shape: tuple[int, ...]) -> np.ndarray:
    """Where diagonal lines across a block of pixels are: each row is the one above, moved by one."""
    line = np.arange(sum(shape)) % (7 * SCALE) < 1.5 * SCALE
    return np.lib.stride_tricks.sliding_window_view(line, shape[1])[: shape[0]]


@cache
def shades(colours: tuple[str, ...]) -> bytes:
    """Red, green and blue of each colour under no ink, a seventh … all of it: eight bytes' worth a colour.

    With them as `further` colours of a picture, FREE + 8·i is the i-th colour, and words may stand on it.
    """
    ink = np.array(ImageColor.getrgb(INK))
    papers = np.array([ImageColor.getrgb(colour) for colour in colours])
    strength = np.arange(8)[None, :, None] / 7
    return np.rint(papers[:, None] * (1 - strength) + ink * strength).astype(np.uint8).tobytes()


@lru_cache(maxsize=1024)
def _ink(words: str, size: float, bold: bool) -> tuple[np.ndarray, int]:
    """How much ink `words` leave on each pixel, 0 … 7, and how many rows of it are above the baseline."""
    face = font(size, bold=bold)
    above, below = face.getmetrics()
    image = Image.new("L", (int(face.getlength(words)) + 2, above + below))
    ImageDraw.Draw(image).text((0, above), words, 255, face, anchor="ls")
    return np.rint(np.asarray(image) / (255 / 7)).astype(np.uint8), above


def _numbers(numbers: np.ndarray, side: int, soft: np.ndarray | None) -> np.ndarray | int:
    """The ink of a number in the middle of each cell, all of one size; none at all where that would be too small."""
    values, which = np.unique(numbers, return_inverse=True)
    words = ["" if np.isnan(value) else f"{value:z.0f}".replace("-", "–") for value in values]
    size = _number_size(max(words, key=len), side)
    if size < SMALLEST:
        return 0
    stamps = np.zeros((2, len(words), side, side), np.uint8)  # in full ink, in grey
    for stamp, word in zip(stamps[0], words, strict=True):
        ink = _ink(word, size, False)[0]
        top, left = (side - ink.shape[0] + 1) // 2, (side - ink.shape[1] + 1) // 2
        stamp[max(top, 0) : top + ink.shape[0], left : left + ink.shape[1]] = ink[max(-top, 0) :][:side]
    stamps[1] = (stamps[0] + 1) // 2
    rows, columns = numbers.shape
    grey = np.zeros(numbers.size, np.intp) if soft is None else soft.reshape(-1).astype(np.intp)
    return stamps[grey, which.reshape(-1)].reshape(rows, columns, side, side).swapaxes(1, 2).reshape(rows * side, -1)


def _number_size(longest: str, side: int) -> float:
    """The largest size, up to 15 CSS pixels and in halves, at which `longest` fits into a cell with some air."""
    size = min(15, 4.4 + 0.33 * side / SCALE)
    size *= min(1, 0.84 * side / SCALE / max(1, text_width(longest, 10) * size / 10))
    return int(2 * size) / 2
