"""The drawings of notebook 06: three ways from a row of pixels to a map, and a convolution in two cheaper steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from cnnkit.convolution import conv2d
from cnnkit.course.kit.curves import points
from cnnkit.course.kit.palette import BLUE, INK, INPUT, OUTPUT, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.steady import steady
from cnnkit.layers import Conv2d, Linear, LocallyConnected2d, count_parameters

PIXELS, WEIGHTS = (3, 0, 1, 2), (1, 2)  # a row of four pixels, a filter of two weights
CHANNELS, MAPS, SIDE = 3, 4, 3  # of the convolution in two steps
WIDTH = 820
ALONE = "#7b858f"  # of a weight that stands in one place only
CELL = 34


def _sheet(height: float) -> tuple[Figure, Axes]:
    """A figure whose axes count CSS pixels from the top left."""
    figure = Figure(figsize=(WIDTH / 100, height / 100))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(height, 0)
    axes.axis("off")
    return figure, axes


def _words(axes: Axes, x: float, y: float, words: str, *, size: float = 13, **options: Any) -> None:
    look: dict[str, Any] = {"color": INK, "fontsize": points(size), "va": "center", "parse_math": False}
    axes.text(x, y, words, **(look | options))


def _cell(axes: Axes, x: float, y: float, words: str, colour: str, *, wide: float = CELL) -> None:
    """A box with its middle at (x, y)."""
    corner, box = (x - wide / 2, y - CELL / 2), "round,pad=0,rounding_size=4"
    axes.add_patch(FancyBboxPatch(corner, wide, CELL, box, facecolor=colour, edgecolor=SOFT, linewidth=0.7, zorder=3))
    _words(axes, x, y, words, size=14, ha="center", zorder=4)


def _line(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, words: str = "") -> None:
    axes.plot(*zip(start, end, strict=True), color=colour, linewidth=1.1 if colour == ALONE else 2.4, zorder=1)
    if words:
        x, y = (0.42 * a + 0.58 * b for a, b in zip(start, end, strict=True))
        ground = {"boxstyle": "circle,pad=0.12", "facecolor": "white", "edgecolor": "none"}
        _words(axes, x, y, words, size=13, ha="center", color=colour, fontweight="bold", bbox=ground, zorder=2)


def _counts() -> tuple[int, int, int]:
    """Weights of the three layers from four pixels to three outputs."""
    n, k = len(PIXELS), len(WEIGHTS)
    o = n - k + 1
    local, conv = (kind(1, 1, (1, k), bias=False) for kind in (LocallyConnected2d, Conv2d))
    whole = count_parameters(Linear(n, o, bias=False), (n,))
    return whole, count_parameters(local, (1, 1, n)), count_parameters(conv, (1, 1, n))


@steady()
def draw_three_layers() -> Picture:
    """Draw a row of pixels and its map: with a weight for each pair, for each window, and for all windows alike."""
    figure, axes = _sheet(290)
    n, k = len(PIXELS), len(WEIGHTS)
    o, counts = n - k + 1, _counts()
    y = conv2d(np.reshape(PIXELS, (1, 1, n)), np.reshape(WEIGHTS, (1, 1, 1, k))).ravel()
    names = "fully connected", "locally connected", "convolution"
    under = "each output: all pixels", "each output: a window", "all windows: one filter"
    for left, name, words, count in zip((30, 300, 570), names, under, counts, strict=True):
        tops = [(left + 30 + 52 * i, 118) for i in range(n)]
        ends = [(left + 56 + 52 * i, 216) for i in range(o)]
        _words(axes, left, 22, name, size=16, fontweight="bold")
        _words(axes, left, 48, words, color=SOFT)
        _words(axes, left, 74, f"{count} weights", size=14, fontweight="bold", color=VERMILION)
        for place, value in zip(tops, PIXELS, strict=True):
            _cell(axes, *place, str(value), INPUT)
        for i, place in enumerate(ends):
            _cell(axes, *place, str(y[i]) if name == names[2] else f"y{'₁₂₃'[i]}", OUTPUT)
            for j in range(n) if name == names[0] else range(i, i + k):
                shared = name == names[2]
                colour = (BLUE, VERMILION)[j - i] if shared else ALONE
                _line(axes, (tops[j][0], 135), (place[0], 199), colour, str(WEIGHTS[j - i]) if shared else "")
    _words(axes, 30, 262, "blue boxes: pixels · green boxes: outputs · a grey line: a weight of its own", color=SOFT)
    _words(axes, 570, 262, "one colour: one weight", color=SOFT)
    outputs = ", ".join(map(str, y))
    return from_figure(
        figure,
        f"A row of {n} pixels, {', '.join(map(str, PIXELS))}, becomes {o} outputs in three ways. Fully connected, "
        f"every pixel is joined with every output: {counts[0]} weights. Locally connected, each output sees {k} "
        f"neighbours: {counts[1]} weights. In the convolution all windows have the same two weights, "
        f"{' and '.join(map(str, WEIGHTS))}: {counts[2]} weights, and the outputs are {outputs}.",
        colours=96,
    )


def _column(axes: Axes, x: float, count: int, names: str, colour: str) -> list[tuple[float, float]]:
    """Boxes one above the other, and where their middles are."""
    middles = [(x, 172 + 46 * (i - (count - 1) / 2)) for i in range(count)]
    for i, middle in enumerate(middles):
        _cell(axes, *middle, f"{names}{'₁₂₃₄'[i]}", colour, wide=40)
    return middles


def _join(axes: Axes, pairs: Iterable[Sequence[tuple[float, float]]], colour: str) -> None:
    for (x, y), (u, v) in pairs:
        _line(axes, (x + 20, y), (u - 20, v), colour)


@steady()
def draw_separable() -> Picture:
    """Draw an ordinary convolution, and one in two steps: each channel for itself, then the channels mixed."""
    figure, axes = _sheet(330)
    whole = count_parameters(Conv2d(CHANNELS, MAPS, SIDE, bias=False), (CHANNELS, 8, 8))
    alone = CHANNELS * count_parameters(Conv2d(1, 1, SIDE, bias=False), (1, 8, 8))
    mixed = count_parameters(Conv2d(CHANNELS, MAPS, 1, bias=False), (CHANNELS, 8, 8))
    window = f"{SIDE}×{SIDE}"
    for left, title, words in (
        (30, "ordinary convolution", f"{CHANNELS}·{MAPS} slices of {window}: {whole} weights"),
        (400, "depthwise-separable", f"{alone} + {mixed} = {alone + mixed} weights"),
    ):
        _words(axes, left, 22, title, size=16, fontweight="bold")
        _words(axes, left, 48, words, size=14, fontweight="bold", color=VERMILION)
    channels, maps = _column(axes, 60, CHANNELS, "c", INPUT), _column(axes, 300, MAPS, "m", OUTPUT)
    _join(axes, [(a, b) for a in channels for b in maps], BLUE)
    _words(axes, 180, 296, f"a blue line: {window} weights", color=BLUE, ha="center")
    channels, middle = _column(axes, 430, CHANNELS, "c", INPUT), _column(axes, 600, CHANNELS, "d", OUTPUT)
    maps = _column(axes, 770, MAPS, "m", OUTPUT)
    _join(axes, zip(channels, middle, strict=True), BLUE)
    _join(axes, [(a, b) for a in middle for b in maps], VERMILION)
    _words(axes, 515, 278, f"depthwise: {CHANNELS} filters", color=BLUE, ha="center")
    _words(axes, 515, 298, f"of {window} = {alone}", color=BLUE, ha="center")
    _words(axes, 685, 278, f"pointwise: {CHANNELS}·{MAPS} slices", color=VERMILION, ha="center")
    _words(axes, 685, 298, f"of 1×1 = {mixed}", color=VERMILION, ha="center")
    return from_figure(
        figure,
        f"Two ways from {CHANNELS} channels to {MAPS} maps. The ordinary convolution has a slice of {window} for each "
        f"pair of a channel and a map: {whole} weights. The depthwise-separable one first filters each channel for "
        f"itself, {CHANNELS} filters of {window} = {alone} weights, then mixes the channels with one weight for each "
        f"pair: {mixed}. Together {alone + mixed}.",
        colours=96,
    )
