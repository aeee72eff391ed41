"""Drawing cells, numbers and words, fast enough for a slider: one byte a pixel, filled by numpy, words by Pillow.

    sheet = Sheet(820, 416, GREY)                            # CSS pixels, and the palettes that it needs
    sheet.heading(12, 20, "input", "n = 3")
    sheet.grid(12, 52, 40, INPUT, numbers=x)                 # one colour and one number a cell
    sheet.frame(12, 52, 120, 120, WINDOW, 2)
    sheet.image(200, 52, sheet.tint(photo, GREY), 1.5)       # one colour a pixel
    return sheet.picture("Three times three pixels.")

A pixel's byte is 8·paper + ink: which of the colours lies there, and how much ink stands on it, from 0 (none) to 7
(all). So words are smooth on every colour, and a picture is small. Only this module touches the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, cast

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cnnkit.course.kit.borrowed import borrowed
from cnnkit.course.kit.palette import (
    GREY,
    INK,
    INPUT,
    INPUT_READ,
    KERNEL,
    LINE,
    OUTPUT,
    OUTPUT_WRITTEN,
    PADDING,
    PADDING_READ,
    PAPER,
    SOFT,
    UNREAD,
    WINDOW,
    Palette,
    swatches,
)
from cnnkit.course.kit.picture import STORED, Area, Box, Picture, from_pillow, scale
from cnnkit.course.kit.words import decimal

COLOURS = (
    PAPER, INK, SOFT, LINE, INPUT, OUTPUT, KERNEL, PADDING, WINDOW, UNREAD, INPUT_READ, PADDING_READ, OUTPUT_WRITTEN,
)  # fmt: skip
BYTE = {colour: np.uint8(8 * i) for i, colour in enumerate(COLOURS)}  # a colour without ink
EVERY = swatches(*COLOURS, inked=True)
FREE = 8 * len(COLOURS)  # the bytes from here to 255 are for a sheet's palettes
SMALLEST = 9  # no numbers below this size, in CSS pixels
Colour = str | np.uint8  # one of COLOURS, or a byte of `Sheet.colours`


def hairline() -> float:
    """How thick the thinnest line is that the screen can show, in CSS pixels."""
    return 1 / scale()


@cache
def font(pixels: float, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans (it comes with matplotlib, and has ⌊ ⌋ · −) at so many pixels of the screen."""
    file = borrowed("fonts/ttf/DejaVuSans-Bold.ttf" if bold else "fonts/ttf/DejaVuSans.ttf")
    if file is None:
        return cast(ImageFont.FreeTypeFont, ImageFont.load_default(pixels))
    return ImageFont.truetype(file, pixels)


@lru_cache(maxsize=4096)
def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """How wide `words` are, in CSS pixels."""
    return font(size * STORED, bold=bold).getlength(words) / STORED  # the same on every screen


def sharp(length: float) -> float:
    """The length nearest to this one, in CSS pixels, that ends where a pixel of the screen ends."""
    return _device(length) / scale()


def cell_size(count: int, room: float, *, most: float = 40) -> float:
    """The largest cell, in CSS pixels and sharp on the screen, of which `count` fit into `room`."""
    return min(room * scale() // count, _device(most)) / scale()


def number_size(longest: str, cell: float, *, share: float = 0.84) -> float:
    """The largest size, up to 15 CSS pixels and in halves, at which `longest` takes this share of a cell's width."""
    size = min(15, 4.4 + 0.33 * cell, 10 * share * cell / max(1, text_width(longest, 10)))
    return int(2 * size) / 2


class Sheet:
    """A picture of `width` x `height` CSS pixels to draw on. All measures are in CSS pixels, from the top left.

    palettes   what other colours it has: see `colours` and `tint`
    """

    def __init__(self, width: float, height: float, *palettes: Palette) -> None:
        self.bytes = np.full((_device(height), _device(width)), BYTE[PAPER], np.uint8)
        self._first: dict[Palette, int] = {}
        self._areas: list[Area] = []
        self._pixels: list[Box] = []
        end = FREE
        for palette in palettes:
            self._first[palette] = end
            end += palette.step * len(palette.rgb)
        if end > 256:
            raise ValueError(f"palettes must take at most {256 - FREE} bytes, got {end - FREE}")

    def colours(self, palette: Palette) -> np.ndarray:
        """The bytes of a palette's colours, in their order."""
        return (self._first[palette] + palette.step * np.arange(len(palette.rgb))).astype(np.uint8)

    def tint(self, values: np.ndarray, palette: Palette, reach: float = 1.0) -> np.ndarray:
        """The bytes of the colours for `values`: from 0 to `reach`, in a palette of both signs from −`reach` on."""
        steps = (values / (reach or 1)).clip(-1 if palette.zero else 0, 1) * (len(palette.rgb) - 1 - palette.zero)
        return (self._first[palette] + palette.step * (palette.zero + np.rint(steps))).astype(np.uint8)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle; what of it would be above or left of the sheet is cut."""
        self._fill(_device(y), _device(y + height), _device(x), _device(x + width), colour)

    def frame(self, x: float, y: float, width: float, height: float, colour: Colour, thick: float = 1) -> None:
        """Draw the outline of a rectangle, half of its thickness on either side."""
        half = thick / 2
        left, right, top, bottom = (_device(at) for at in (x - half, x + width + half, y - half, y + height + half))
        for edge in (y, y + height):
            first = _device(edge - half)  # on every screen a line has one pixel and more
            self._fill(first, max(first + 1, _device(edge + half)), left, right, colour)
        for edge in (x, x + width):
            first = _device(edge - half)
            self._fill(top, bottom, first, max(first + 1, _device(edge + half)), colour)

    def text(
        self, x: float, y: float, words: str, *,
        size: float = 13, bold: bool = False, soft: bool = False, align: str = "left", over: bool = False,
    ) -> None:  # fmt: skip
        """Write `words` with their baseline at `y`; `x` is their left end, their centre or their right end.

        soft   whether in grey
        over   whether they stand on colours of a palette that is not inked: there only strong ink is drawn
        """
        ink, above = _ink(words, size * scale(), bold)
        left = _device(x) - {"left": 0, "centre": ink.shape[1] // 2, "right": ink.shape[1]}[align]
        self._stamp(left, _device(y) - above, _soft(ink) if soft else ink, over)

    def heading(
        self, x: float, y: float, title: str, under: str = "", *, size: float = 15, gap: float = 20, soft: bool = True
    ) -> None:
        """Write a bold title with its baseline at `y`, and smaller words on a line below."""
        self.text(x, y, title, size=size, bold=True)
        self.text(x, y + gap, under, size=size - 2, soft=soft)

    def grid(
        self, x: float, y: float, cell: float, colours: np.ndarray | str, *,
        numbers: np.ndarray | None = None, soft: np.ndarray | None = None, hatched: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        """Draw cells with lines around them, hatch some, write whole numbers where they fit.

        colours   a byte for each cell (see BYTE, `colours`, `tint`), or one of COLOURS for as many as there are numbers
        numbers   NaN leaves its cell empty; `soft` says whose numbers are written in grey
        """
        if isinstance(colours, str):
            colours = np.full(np.asarray(numbers).shape, BYTE[colours])
        side = _device(cell)
        block = _spread(colours, side, side)
        if hatched is not None and hatched.any():
            block[_stripes(block.shape) & _spread(hatched, side, side)] = BYTE[UNREAD]
        if numbers is not None:
            block |= _numbers(numbers, side, soft)
        block[::side] = block[:, ::side] = BYTE[LINE]
        top, left = _device(y), _device(x)
        height, width = block.shape
        self.bytes[top : top + height, left : left + width] = block
        self.bytes[top + height, left : left + width + 1] = self.bytes[top : top + height, left + width] = BYTE[LINE]

    def image(
        self, x: float, y: float, colours: np.ndarray, cell: float | tuple[float, float], *,
        where: np.ndarray | None = None, struck: np.ndarray | None = None, lines: bool = False, framed: bool = False,
    ) -> None:  # fmt: skip
        """Draw cells without room between them, one for each entry of `colours` (bytes).

        cell     how wide and high one is, or both
        where    the cells to draw, if not all
        struck   the cells that have a stroke across
        lines    whether a line runs above and to the left of each cell
        framed   whether there is a hairline around the whole
        """
        size = cell if isinstance(cell, tuple) else (cell, cell)
        columns, rows = (_ends(n, each) for n, each in zip(colours.shape[::-1], size, strict=True))
        block = _stretch(colours, rows, columns)
        if struck is not None:
            across, down = (
                (np.arange(each[-1]) - np.repeat(each[:-1], np.diff(each)) + 0.5)
                / np.repeat(np.diff(each), np.diff(each))
                for each in (columns, rows)
            )
            stroke = np.abs(down[:, None] + across - 1) * max(size) < 0.5 / scale()
            block[stroke & _stretch(struck, rows, columns)] = BYTE[UNREAD]
        if lines:
            block[rows[:-1]] = block[:, columns[:-1]] = BYTE[LINE]
        height, width = block.shape
        top, left = _device(y), _device(x)
        area = self.bytes[top : top + height, left : left + width]
        if where is None:
            area[:] = block
            if self._is_grey(colours):
                self._pixels.append((x, y, width / scale(), height / scale()))
        else:
            np.copyto(area, block, where=_stretch(where, rows, columns))
        if framed:
            self.frame(x - hairline() / 2, y - hairline() / 2, width / scale(), height / scale(), LINE, hairline())

    def write(
        self, x: float, y: float, cell: float, words: Sequence[Sequence[str]], size: float, *,
        soft: np.ndarray | None = None, over: bool = False,
    ) -> None:  # fmt: skip
        """Write words into the middle of each cell; `soft` says which of them in grey, `over` is that of `text`."""
        for i, row in enumerate(words):
            for j, word in enumerate(row):
                if word:
                    place = x + sharp((j + 0.5) * cell), y + sharp((i + 0.5) * cell + 0.36 * size)
                    grey = soft is not None and bool(soft[i, j])
                    self.text(*place, word, size=size, soft=grey, align="centre", over=over)

    def numbers(
        self, x: float, y: float, cell: float, values: np.ndarray, *,
        decimals: Sequence[int] = (2, 1, 0), share: float = 0.84, soft: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        """Write a number into the middle of each cell, with as many decimals as there is room for.

        NaN leaves a cell empty; all are of one size, and none is written where that would be too small.

        decimals   how many to try, one after the other
        share      of the cell's width that the longest may take
        """
        known, which = np.unique(values, return_inverse=True)
        for digits in decimals:
            words = ["" if np.isnan(value) else decimal(value, digits) for value in known.tolist()]
            size = number_size(max(words, key=len, default=""), cell, share=share)
            if size >= SMALLEST:
                self.write(x, y, cell, np.array(words)[which].reshape(values.shape).tolist(), size, soft=soft)
                return

    def legend(
        self, x: float, y: float, colour: Colour | np.ndarray, words: str, *,
        side: float = 16, gap: float = 10, size: float = 13, hatched: bool = False,
    ) -> None:  # fmt: skip
        """Draw a cell of a colour, or a row of cells, and behind it what that means."""
        cells = np.atleast_2d(BYTE[colour] if isinstance(colour, str) else colour)
        self.grid(x, y, side, cells, hatched=np.full(cells.shape, hatched))
        self.text(x + side * cells.size + gap, y + (side + 10) // 2, words, size=size)

    def colour_bar(self, x: float, y: float, width: float, colours: np.ndarray) -> None:
        """Draw all of `colours` (bytes) side by side, 11 CSS pixels high."""
        at = np.linspace(0, len(colours) - 1, _device(width)).round().astype(int)
        self.image(x, y, colours[at][None], (hairline(), 11))
        thin = hairline()
        self.frame(sharp(x) - thin / 2, y - thin / 2, sharp(width) + thin, 11 + thin, LINE, thin)

    def touch(
        self, box: Box, rows: int, columns: int, sets: Callable[[int, int], Mapping[str, Any] | None], **options: Any
    ) -> None:
        """Have `rows` x `columns` cells in `box` touched: see `Area`, also for the options."""
        self._areas.append(Area(box, rows, columns, sets, **options))

    def picture(self, sentence: str, *, card: bool = False) -> Picture:
        """Encode what was drawn; `sentence` is a Picture's `marked`."""
        areas, pixels = tuple(self._areas), tuple(self._pixels)
        return from_pillow(self.image_of(), sentence, areas=areas, pixels=pixels, card=card)

    def image_of(self) -> Image.Image:
        """What was drawn, as Pillow's."""
        image = Image.frombuffer("P", self.bytes.shape[::-1], self.bytes, "raw", "P", 0, 1)
        image.putpalette(b"".join(palette.encoded for palette in (EVERY, *self._first)))
        return image

    def _is_grey(self, colours: np.ndarray) -> bool:
        """Whether these bytes are all brightnesses: of a photograph, say."""
        first = self._first.get(GREY, 256)
        return bool(first <= colours.min() and colours.max() < first + len(GREY.rgb))

    def _fill(self, top: int, bottom: int, left: int, right: int, colour: Colour) -> None:
        if top < 0 or left < 0:
            top, bottom, left, right = (max(at, 0) for at in (top, bottom, left, right))
        self.bytes[top:bottom, left:right] = BYTE[colour] if isinstance(colour, str) else colour

    def _stamp(self, left: int, top: int, ink: np.ndarray, over: bool) -> None:
        ink = ink[max(-top, 0) :, max(-left, 0) :]  # what would be above or left of the sheet is cut
        top, left = max(top, 0), max(left, 0)
        area = self.bytes[top : top + ink.shape[0], left : left + ink.shape[1]]
        ink = ink[: area.shape[0], : area.shape[1]]
        area[:] = np.where(ink > 2, ink, area) if over else np.maximum(area & 7, ink) | (area & 248)


def _device(length: float) -> int:
    return round(length * scale())


def _ends(count: int, size: float) -> np.ndarray:
    """Where cells of `size` CSS pixels begin, and where the last one ends, in pixels of the screen."""
    return np.rint(np.arange(count + 1) * size * scale()).astype(int)


# Columns first, then whole rows are copied: the other way a browser's NumPy takes 20 times as long.
def _stretch(values: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.repeat(np.repeat(values, np.diff(columns), axis=1), np.diff(rows), axis=0)


def _spread(values: np.ndarray, across: int, down: int) -> np.ndarray:
    return np.repeat(np.repeat(values, across, axis=1), down, axis=0)


def _stripes(shape: tuple[int, ...]) -> np.ndarray:
    """Where diagonal lines across a block of pixels are: each row is the one above, moved by one."""
    line = np.arange(sum(shape)) % (7 * scale()) < 1.5 * scale()
    return np.lib.stride_tricks.sliding_window_view(line, shape[1])[: shape[0]]


@lru_cache(maxsize=1024)
def _ink(words: str, pixels: float, bold: bool) -> tuple[np.ndarray, int]:
    """How much ink `words` leave on each pixel, 0 … 7, and how many rows of it are above the baseline."""
    face = font(pixels, bold=bold)
    above, below = face.getmetrics()
    image = Image.new("L", (int(face.getlength(words)) + 2, above + below))
    ImageDraw.Draw(image).text((0, above), words, 255, face, anchor="ls")
    return np.rint(np.asarray(image) / (255 / 7)).astype(np.uint8), above


def _soft(ink: np.ndarray) -> np.ndarray:
    """Grey in the place of black, at least 4.5 : 1 on all pale colours."""
    return ink - ink // 4 * 2


def _numbers(numbers: np.ndarray, side: int, soft: np.ndarray | None) -> np.ndarray | int:
    """The ink of a number in the middle of each cell, all of one size; none at all where that would be too small."""
    values, which = np.unique(numbers, return_inverse=True)
    words = ["" if np.isnan(value) else f"{value:z.0f}".replace("-", "–") for value in values]
    size = number_size(max(words, key=len), side / scale())
    if size < SMALLEST:
        return 0
    stamps = np.zeros((2, len(words), side, side), np.uint8)  # in full ink, in grey
    for stamp, word in zip(stamps[0], words, strict=True):
        ink = _ink(word, size * scale(), False)[0]
        top, left = (side - ink.shape[0] + 1) // 2, (side - ink.shape[1] + 1) // 2
        stamp[max(top, 0) : top + ink.shape[0], left : left + ink.shape[1]] = ink[max(-top, 0) :][:side]
    stamps[1] = _soft(stamps[0])
    rows, columns = numbers.shape
    grey = np.zeros(numbers.size, np.intp) if soft is None else soft.reshape(-1).astype(np.intp)
    return stamps[grey, which.reshape(-1)].reshape(rows, columns, side, side).swapaxes(1, 2).reshape(rows * side, -1)
