"""Curves, fast enough for a slider: one matplotlib figure whose lines move, and whose axes are drawn only once.

    chart = Chart(820, 300)
    axes = chart.axes(0.1, 0.15, 0.85, 0.75)
    line = chart.moving(axes.plot([], [], color=BLUE)[0])       # drawn anew for each picture
    axes.set_ylim(0, 1)
    line.set_data(x, y)
    chart.picture("What it shows.", still=(0, 1))               # all that stands still depends on

Everything that is not `moving` is drawn when a new value of `still` comes, and kept as pixels. Words in the colour of a
line are written in a darker tone of it where the line's own is too pale to be read.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cache
from math import floor, log10
from typing import Any, TypeVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from PIL import Image, ImageColor

from cnnkit.course.kit.palette import BLUE, FOR_WORDS, GREEN, INK, LINE, ORANGE, PURPLE, SKY, SOFT, VERMILION
from cnnkit.course.kit.picture import STORED, Area, Box, Picture, from_pillow, scale
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.words import raised

COLOURS = (INK, SOFT, LINE, BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
DASHED, DOTTED = (0, (5, 2.5)), (0, (1, 1.2))
SHADES, OF_WORDS = 24, 10  # of each colour, and of each that only words have, from white to full: at most 256
KEPT = 12  # backgrounds, some 5 MB each
A = TypeVar("A", bound=Artist)


def points(pixels: float) -> float:
    """CSS pixels as matplotlib's points."""
    return pixels * 0.72


def dress(axes: Axes, *, size: float = 12, pad: float = 4) -> None:
    """Give axes the looks of all: lines to the left and below, a pale grid, numbers `size` CSS pixels high."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(SOFT)
    axes.tick_params(labelsize=points(size), colors=INK, length=0, pad=pad, which="both")
    axes.grid(color=LINE, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)


class Chart:
    """A figure of `width` x `height` CSS pixels."""

    def __init__(self, width: float, height: float) -> None:
        self.figure = Figure(figsize=(width / 100, height / 100), dpi=100 * STORED)
        self.canvas: Any = FigureCanvasAgg(self.figure)
        self._moving: list[Artist] = []
        self._still: OrderedDict[Hashable, tuple[np.ndarray, np.ndarray]] = OrderedDict()
        self._areas: list[Area] = []

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Plain axes: lines to the left and below, a pale grid, words in the size of the page's."""
        axes = self.figure.add_axes((left, bottom, width, height))
        dress(axes)
        axes.minorticks_off()
        return axes

    def title(self, axes: Axes, words: str, *, above: float = 8) -> None:
        """Write a title `above` CSS pixels over the axes."""
        pad = points(above)
        axes.set_title(words, fontsize=points(14), fontweight="bold", loc="left", color=INK, pad=pad)

    def key(self, axes: Axes, *entries: tuple[str, Any, str]) -> None:
        """What the lines mean: colour, style and words of each, in one row between title and axes."""
        width, height = self.figure.get_size_inches() * 100
        place = axes.get_position()
        x, y = place.x0, place.y1 + 11 / height
        for colour, style, words in entries:
            look = {"marker": "o", "markersize": 3.4} if style == "o" else {"linestyle": style}
            self.figure.add_artist(Line2D([x, x + 22 / width], [y, y], color=colour, linewidth=1.5, **look))
            self.figure.text(x + 28 / width, y, words, fontsize=points(12), va="center", color=INK)
            x += (28 + text_width(words, 12) + 18) / width

    def words(self, axes: Axes, colour: str = INK, **options: Any) -> Text:
        """Words that move, on a ground of white so that lines do not cross them."""
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8}
        look: dict[str, Any] = {"color": colour, "fontsize": points(13), "bbox": ground, "parse_math": False}
        return self.moving(axes.text(0, 0, "", **(look | options)))

    def moving(self, artist: A) -> A:
        """Have an artist drawn anew in each picture, above what stands still, in the order of these calls."""
        artist.set_animated(True)
        self._moving.append(artist)
        return artist

    def picture(self, sentence: str, *, still: Hashable) -> Picture:
        """Draw. `still` is all that the parts which do not move depend on, such as the limits of the axes."""
        if self.figure.dpi != 100 * scale():
            self.figure.set_dpi(100 * scale())
        still = scale(), still
        if still in self._still:
            self._still.move_to_end(still)
            _make_readable(self._moving)
        else:
            _make_readable(self.figure.findobj(Text))
            self.canvas.draw()
            drawn = self._pixels().copy()
            self._still[still] = drawn, _nearest(drawn)
            if len(self._still) > KEPT:
                self._still.popitem(last=False)
        ground, places = self._still[still]
        pixels = self._pixels()
        pixels[:] = ground
        for artist in self._moving:
            if artist.get_visible():
                artist.draw(self.canvas.get_renderer())
        areas, self._areas = tuple(self._areas), []
        return _encode(pixels, ground, places, sentence, areas)

    def _pixels(self) -> np.ndarray:
        """What is drawn now: a number a pixel, red in its lowest byte."""
        return np.asarray(self.canvas.get_renderer().buffer_rgba()).view(np.uint32)[:, :, 0]

    def box(self, axes: Axes) -> Box:
        """Where axes are in the picture."""
        width, height = self.figure.get_size_inches() * 100
        place = axes.get_position()
        return place.x0 * width, (1 - place.y1) * height, place.width * width, place.height * height

    def touch(
        self, box: Box, rows: int, columns: int, sets: Callable[[int, int], Mapping[str, Any] | None], **options: Any
    ) -> None:
        """Have `rows` x `columns` cells in `box` touched in the next picture: as `Sheet.touch`."""
        self._areas.append(Area(box, rows, columns, sets, **options))


def _make_readable(artists: Iterable[Artist]) -> None:
    """Words in a colour that is too pale for words take the darker tone of it."""
    for artist in artists:
        if isinstance(artist, Text):
            colour = to_hex(artist.get_color())
            if colour in FOR_WORDS:
                artist.set_color(FOR_WORDS[colour])


def drawable(values: Any) -> np.ndarray:
    """Where a logarithmic scale has a place for `values`."""
    return np.isfinite(values) & (np.asarray(values) > 0)


def decades(curves: Iterable[np.ndarray], *, low: int = -2, high: int = 1) -> tuple[int, int]:
    """The powers of ten at the ends of a scale that holds the curves, and at least 10^low to 10^high.

    They grow in large steps, so that the scale mostly stays as it is while a slider moves.
    """
    values = np.concatenate([curve[drawable(curve)] for curve in map(np.asarray, curves)])
    if len(values):
        low, high = min(low, floor(log10(values.min()) + 0.02)), max(high, -floor(-log10(values.max()) + 0.02))
    return -_rung(-low), _rung(high)


def _rung(power: int) -> int:
    return next(rung for rung in (1, 2, 4, 7, 10, 15, 20, 30, 40, 60, 80, 120, 160, 240, 330) if power <= rung)


def powers_of_ten(axes: Axes, low: int, high: int) -> None:
    """Scale logarithmic axes from 10^low to 10^high, with some room for words at either end."""
    room = 0.1 * (high - low)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if high - low <= 7 * step)
    powers = range(-(-low // step) * step, high + 1, step)
    axes.set_ylim(10.0 ** max(low - room, -307), 10.0 ** min(high + room, 308))
    axes.set_yticks([10.0**p for p in powers], [f"{10.0**p:g}" if -2 <= p <= 2 else f"10{raised(p)}" for p in powers])


def _encode(
    pixels: np.ndarray, ground: np.ndarray, places: np.ndarray, sentence: str, areas: tuple[Area, ...]
) -> Picture:
    """One byte a pixel: five times as fast as three, and a third of the size.

    ground, places   what stands still, and the places of its colours: few pixels differ from it
    """
    moved = np.flatnonzero(pixels != ground)
    shown = places.copy()
    shown.reshape(-1)[moved] = _nearest(pixels.reshape(-1)[moved])
    image = Image.fromarray(shown)
    image.putpalette(_palette()[0])
    return from_pillow(image, sentence, areas=areas)


def _nearest(colours: np.ndarray) -> np.ndarray:
    """The place of each pixel's colour among the shades."""
    nearest = colours >> 3 & 31
    nearest = nearest << 5 | colours >> 11 & 31
    return _palette()[1][nearest << 5 | colours >> 19 & 31]


@cache
def _palette() -> tuple[bytes, np.ndarray]:
    """The shades of all colours, and for each colour of 3 x 5 bits the place of the nearest of them."""
    shades = np.unique(np.concatenate([_shades(COLOURS, SHADES), _shades(FOR_WORDS.values(), OF_WORDS)]), axis=0)
    levels = 8 * np.arange(32, dtype=np.float32) + 3.5  # the middle of what has the same 5 bits
    levels[-1] = 255  # but white stays white
    cube = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    near = shades.astype(np.float32)
    index = ((near**2).sum(axis=1) - 2 * cube @ near.T).argmin(axis=1).astype(np.uint8)
    return shades.tobytes(), index


def _shades(colours: Iterable[str], count: int) -> np.ndarray:
    full = np.array([ImageColor.getrgb(colour) for colour in colours])
    strength = np.linspace(0, 1, count)[:, None, None]
    return np.rint(255 + (full - 255) * strength).reshape(-1, 3).astype(np.uint8)
