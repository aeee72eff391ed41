"""What a layer has to learn and to compute, against the size of its input: with and without shared weights."""

from __future__ import annotations

from functools import cache, lru_cache
from math import log2
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from cnnkit.course.kit.curves import Chart, points, powers_of_ten
from cnnkit.course.kit.palette import BLUE, INK, ORANGE, SOFT
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.steady import steady
from cnnkit.layers import Conv2d, Linear, LocallyConnected2d, count_macs, count_parameters, output_shape

LARGEST = 256  # pixels a side
SIZES = (*range(1, 13), 14, 16, 20, 24, 32, 48, 64, 96, 128, 192, LARGEST)  # dense where the lines bend
DOUBLINGS = int(log2(LARGEST))
HIGHEST = 13  # the power of ten that the axes end with: they are the same at every setting, so that lines move on them
WIDTH, HEIGHT, TOP, DOWN = 820, 412, 170, 196
LEFTS, ACROSS = (58, 476), 292  # the two panels
ROW, BAR = 36, 334  # of a layer: how high, and how long the longest bar of all is
# A dashed line over a full one shows both where they are the same.
STYLES: dict[str, tuple[str, Any, float]] = {
    "fully connected": (INK, "-", 1.7),
    "locally connected": (BLUE, "-", 2.8),
    "convolution": (ORANGE, (0, (2.4, 2)), 2.2),
}
TITLES = "parameters", "products for one image (MACs)"
GROWTH = ("∼ n⁴", "∼ n²", "constant"), ("∼ n⁴", "", "∼ n²")  # the lower two lines on the right are one
LONG = 32  # from this size on a line is long enough to say how it grows


class Counts(NamedTuple):
    """Parameters, biases included, and MACs of the three layers, in the order of STYLES."""

    parameters: tuple[int, ...]
    macs: tuple[int, ...]
    output: int  # pixels a side


@lru_cache(maxsize=4096)
def count_three(size: int, channels: int, kernel_size: int, filters: int, padding: int) -> Counts:
    """Count what three layers need that make the same output of a square input.

    The fully connected one joins every number of the input with every number of the output.

    Errors: ValueError if the kernel does not fit.

    >>> count_three(32, 3, 5, 10, padding=2).parameters
    (31467520, 778240, 760)
    """
    conv = Conv2d(channels, filters, kernel_size, padding=padding)
    local = LocallyConnected2d(channels, filters, kernel_size, padding=padding)
    shape = (channels, size, size)
    out = output_shape(conv, shape)
    dense, flat = Linear(channels * size**2, filters * out[1] ** 2), (channels * size**2,)
    layers = (dense, flat), (local, shape), (conv, shape)
    parameters, macs = (tuple(count(*layer) for layer in layers) for count in (count_parameters, count_macs))
    return Counts(parameters, macs, out[1])


class CountChart(Chart):
    """Parameters on the left, products on the right: a bar for each layer, and its line against the image's side."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        self.panels = [self._panel(left, title) for left, title in zip(LEFTS, TITLES, strict=True)]
        self.rules = [self.moving(panel.axvline(1, color=SOFT, linewidth=1)) for panel in self.panels]
        self.lines = [[self._line(panel, *style) for style in STYLES.values()] for panel in self.panels]
        self.dots = [[self._dot(panel, style[0]) for style in STYLES.values()] for panel in self.panels]
        self.growth = [[self._end(*end) for end in zip([panel] * 3, STYLES.values(), words, strict=True)]
                       for panel, words in zip(self.panels, GROWTH, strict=True)]  # fmt: skip
        self.hints = [self._hint(panel) for panel in self.panels]
        self.numbers = [[self._number(left, i) for i in range(3)] for left in LEFTS]
        self.bars = [[self._bar(left, i, style[0]) for i, style in enumerate(STYLES.values())] for left in LEFTS]

    def _panel(self, left: float, title: str) -> Axes:
        panel = self.axes(left / WIDTH, 1 - (TOP + DOWN) / HEIGHT, ACROSS / WIDTH, DOWN / HEIGHT)
        panel.set_yscale("log")
        panel.set_xscale("log", base=2)
        powers_of_ten(panel, 0, HIGHEST)
        panel.set_ylim(0.5, 10.0 ** (HIGHEST + 0.6))
        panel.set_xlim(1, LARGEST)
        panel.set_xticks([2**i for i in range(DOUBLINGS + 1)], [str(2**i) for i in range(DOUBLINGS + 1)])
        panel.minorticks_off()
        panel.set_xlabel("input size n", fontsize=points(13), color=INK)
        self._words(left - 40, 22, title, size=14, weight="bold")
        self._words(left - 40 + BAR, 22, "bars to scale", size=12, ha="right")
        self._words(left + 4, TOP - 8, "at every size so far, both axes logarithmic", size=12)
        for i, (name, (colour, style, thick)) in enumerate(STYLES.items()):
            y = self._row(i)
            self._swatch(left - 40, y, colour, style, thick)
            self._words(left - 8, y, name)
        return panel

    def _row(self, i: int) -> float:
        return 46 + ROW * i

    def _words(self, x: float, y: float, words: str = "", *, size: float = 13, **options: Any) -> Any:
        return self.figure.text(x / WIDTH, 1 - y / HEIGHT, words, size=points(size), color=INK, **options)

    def _swatch(self, x: float, y: float, colour: str, style: Any, thick: float) -> None:
        across, down = np.array([x, x + 24]) / WIDTH, 1 - (y - 4.5) / HEIGHT
        self.figure.add_artist(Line2D(across, [down, down], color=colour, linestyle=style, linewidth=thick))

    def _bar(self, left: float, i: int, colour: str) -> Rectangle:
        place = (left - 40) / WIDTH, 1 - (self._row(i) + 15) / HEIGHT
        bar = Rectangle(place, 0, 9 / HEIGHT, color=colour, linewidth=0, transform=self.figure.transFigure)
        self.figure.add_artist(bar)
        return self.moving(bar)

    def _line(self, panel: Axes, colour: str, style: Any, thick: float) -> Any:
        return self.moving(panel.plot([], [], color=colour, linestyle=style, linewidth=thick)[0])

    def _dot(self, panel: Axes, colour: str) -> Any:
        return self.moving(
            panel.plot([], [], "o", color=colour, markersize=6, markeredgecolor="white", clip_on=False)[0]
        )

    def _end(self, panel: Axes, style: tuple[str, Any, float], words: str) -> Any:
        colour = INK if style[0] == ORANGE else style[0]  # orange words on white are hard to read
        return self.moving(panel.text(1, 1, words, color=colour, fontsize=points(13), va="center", clip_on=False))

    def _hint(self, panel: Axes) -> Any:
        """What to do while there is one size only, and so no line."""
        words = "With a larger input\nthe lines appear."
        return self.moving(panel.text(20, 1, words, color=INK, fontsize=points(13), va="center"))

    def _number(self, left: float, i: int) -> Any:
        return self.moving(self._words(left - 40 + BAR, self._row(i), ha="right"))

    def let_touch(self, size: int) -> None:
        """A place on the axes sets the size there; a number below them sets that one, the arrow keys the next."""
        columns, step = ACROSS // 4, ACROSS / DOUBLINGS
        for panel in self.panels:
            left, top, across, down = box = self.box(panel)
            self.touch(box, 1, columns, lambda _, column: {"size": size_at(column / (columns - 1))})
            self.touch(
                (left - step / 2, top + down, across + step, 24), 1, DOUBLINGS + 1,
                lambda _, column: {"size": 2**column}, here=(0, round(log2(size))),
            )  # fmt: skip


def size_at(place: float) -> int:
    """The input size at a place of the axis, from 0 at its left end to 1 at its right end."""
    return round(2 ** (DOUBLINGS * place))


_chart = cache(CountChart)


@steady()
def draw_count(size: int, channels: int, kernel_size: int, filters: int, *, padding: int = 0) -> Picture:
    """Draw what three layers need on a square input of `size` pixels a side, and on all smaller ones.

    Errors: ValueError if the kernel does not fit.
    """
    settings = channels, kernel_size, filters, padding
    if size + 2 * padding < kernel_size:
        wide = f"{size} + 2·{padding} = {size + 2 * padding} with its padding" if padding else f"{size}"
        raise ValueError(f"A kernel of {kernel_size} pixels a side does not fit into an input of {wide}.")
    now = count_three(size, *settings)
    sizes = [n for n in sorted({*SIZES, size}) if n <= size and n + 2 * padding >= kernel_size]
    curves = [count_three(n, *settings) for n in sizes]
    longest = max(now.parameters + now.macs)
    chart = _chart()
    for side in range(2):
        chart.rules[side].set_xdata([size, size])
        chart.hints[side].set_visible(len(sizes) == 1)
        chart.hints[side].set_position((min(size * 1.5, 24), 10 ** (0.7 * HIGHEST)))
        for i in range(3):
            values, here = [counts[:2][side][i] for counts in curves], now[:2][side][i]
            chart.lines[side][i].set_data(sizes, values)
            chart.dots[side][i].set_data([size], [here])
            chart.numbers[side][i].set_text(f"{here:,}")
            chart.bars[side][i].set_width(max(BAR * here / longest, 1) / WIDTH)  # the shortest are still seen
            chart.growth[side][i].set_visible(size >= LONG)
            chart.growth[side][i].set_position((size * 1.14, here))
    chart.let_touch(size)
    return chart.picture(_sentence(size, *settings, now), still=None)


def _sentence(n: int, c: int, k: int, filters: int, padding: int, now: Counts) -> str:
    o, products = now.output, f"{c}·{k}·{k}"
    dense, local, shared = (f"{count:,}" for count in now.parameters)
    pixels = f"An output has {n} + 2·{padding} − {k} + 1 = {o} pixel{'s' * (o > 1)} a side."
    parameters = f"Parameters: fully connected {dense}, locally connected {local}, convolution {shared}."
    if o == 1:
        return f"{pixels} A map is one place.\n{parameters}\n**One place shares nothing.**"
    return (
        f"{pixels} A map has {o}·{o} = {o * o:,} places.\n{parameters}\nSharing divides the parameters by "
        f"**{o * o:,}**. The products stay: {filters}·{o}·{o}·{products} = {now.macs[2]:,}."
    )
