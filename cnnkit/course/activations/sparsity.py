"""What an activation makes of many numbers: how many of them become exactly 0."""

from __future__ import annotations

from functools import cache
from math import erfc, sqrt
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from cnnkit._arguments import choice, real
from cnnkit.course.activations.kinds import DEFAULTS, KINDS, in_percent, number
from cnnkit.course.kit.curves import Chart, points
from cnnkit.course.kit.palette import BLUE, INK, SKY, VERMILION
from cnnkit.course.kit.picture import Box, Picture
from cnnkit.course.kit.steady import steady

WIDTH, HEIGHT = 820, 372
LEFTS, ACROSS = (58, 476), 330  # the two panels
ENTRIES = 0, 124, 216  # where the words under a strip begin
SAMPLES = 10_000
WIDEST = 9.0  # z is drawn from −WIDEST to WIDEST; the few beyond count as these
BINS = np.linspace(-WIDEST, WIDEST, 25), np.linspace(-1.2, 1.2, 25)  # for numbers of any size; for bounded ones
CEILING = 100  # of both vertical scales, in %, whatever is drawn
MEANS, SPREADS, STEP = (-3.0, 3.0), (0.5, 2.5), 0.1  # what can be chosen
ARM, BAND = 90, 14  # where the bar from mean − spread to mean + spread is, and half the height of what can be touched
NEAR = 0.05
COLOURS = {"negative": SKY, "zero": VERMILION, "positive": BLUE}


class Shares(NamedTuple):
    """How many of the numbers are below, exactly at and above 0, in %."""

    negative: float
    zero: float
    positive: float


def shares(values: np.ndarray) -> Shares:
    """Count."""
    return Shares(*(100 * float(np.mean(which)) for which in (values < 0, values == 0, values > 0)))


@cache
def standard() -> np.ndarray:
    """The same draws from a standard normal distribution, always."""
    return np.random.default_rng(1).standard_normal(SAMPLES)


class SparsityChart(Chart):
    """Two histograms, and above each a strip with the shares of negative numbers, exact zeros, positive numbers."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        self.panels, self.bars, self.strips, self.words_below, self.titles = [], [], [], [], []
        for left in LEFTS:
            panel, strip = self._axes(left, 88, 232), self._axes(left, 36, 16)
            strip.set(xlim=(0, 100), ylim=(0, 1))
            strip.set_axis_off()
            panel.set(ylim=(0, CEILING), ylabel="share per bin, in %")
            for label in (panel.xaxis.label, panel.yaxis.label):
                label.set(size=points(13), color=INK)
            self.panels.append(panel)
            self.bars.append([self._filled(panel, colour) for colour in (SKY, BLUE, VERMILION)])  # zeros in front
            self.strips.append([self._filled(strip, colour) for colour in COLOURS.values()])
            self.words_below.append(
                [self._entry(left + x, colour) for x, colour in zip(ENTRIES, COLOURS.values(), strict=True)]
            )
            self.titles.append(self.moving(self._text(left, 24, 15, INK, weight="bold")))
        self.panels[0].set(xlim=BINS[0][[0, -1]], xlabel="pre-activation z")
        self.titles[0].set_text("before")
        look: dict[str, Any] = {"color": INK, "linewidth": points(1.4), "markersize": points(9)}
        self.arm = self.moving(self.panels[0].plot([], [], marker="|", **look)[0])
        self.middle = self.moving(self.panels[0].plot([], [], "o", **look)[0])
        self.names = self.moving(self.panels[0].text(0, 0, "mean ± spread", size=points(12), color=INK, va="center"))

    def _axes(self, left: float, top: float, height: float) -> Axes:
        return self.axes(left / WIDTH, 1 - (top + height) / HEIGHT, ACROSS / WIDTH, height / HEIGHT)

    def _filled(self, axes: Axes, colour: str) -> Any:
        return self.moving(axes.stairs([0.0], [0.0, 1.0], fill=True, color=colour, linewidth=0))

    def _text(self, x: float, y: float, size: float, colour: str, words: str = "", **options: Any) -> Any:
        return self.figure.text(x / WIDTH, 1 - y / HEIGHT, words, size=points(size), color=colour, **options)

    def _entry(self, left: float, colour: str) -> Any:
        """A part of the strip in words: the square in its colour stands still, its number moves."""
        self._text(left, 70, 13, colour, "■")
        return self.moving(self._text(left + 14, 70, 12, INK))


_chart = cache(SparsityChart)


@steady()
def draw_sparsity(activation: str, mean: float, spread: float) -> Picture:
    """Draw histograms of SAMPLES normal numbers before and after an activation with its default option.

    Errors: ValueError for an unknown activation or a spread that is not positive.
    """
    kind = KINDS[choice("activation", activation, tuple(KINDS))]
    mean, spread = real("mean", mean), real("spread", spread)
    if not spread > 0:
        raise ValueError(f"spread must be positive, got {spread}")
    before = mean + spread * standard()
    after = kind.value(before, DEFAULTS.get(kind.option, 0.0))
    chart = _chart()
    wide = bool(kind.bounded)
    _fill(chart, 0, before, BINS[0])
    _fill(chart, 1, after, BINS[wide])
    chart.titles[1].set_text(f"after {activation}")
    chart.panels[1].set(xlim=BINS[wide][[0, -1]], xlabel="output f(z)")
    _draw_arm(chart, mean, spread)
    _let_touch(chart, mean, spread)
    return chart.picture(_sentence(activation, mean, spread, after), still=wide)


def _draw_arm(chart: SparsityChart, mean: float, spread: float) -> None:
    """The mean, and the spread on both sides of it, above the histogram."""
    chart.arm.set_data([mean - spread, mean + spread], [ARM, ARM])
    chart.middle.set_data([mean], [ARM])
    chart.names.set(x=mean + spread + 0.4 if mean <= 0 else mean - spread - 0.4, y=ARM)
    chart.names.set_horizontalalignment("left" if mean <= 0 else "right")


def _let_touch(chart: SparsityChart, mean: float, spread: float) -> None:
    """Above the histogram a place is where the spread ends, in the histogram it is the mean."""
    reach = round(SPREADS[1] / STEP)

    def far(_: int, column: int) -> dict[str, float]:
        return {"spread": max(SPREADS[0], round(abs(column - reach) * STEP, 1))}

    def middle(_: int, column: int) -> dict[str, float]:
        return {"mean": round(MEANS[0] + column * STEP, 1)}

    here = 0, reach + round(spread / STEP)
    ends = mean - SPREADS[1], mean + SPREADS[1]
    chart.touch(_box(chart, *ends, ARM - BAND / 2, ARM + BAND / 2), 1, 2 * reach + 1, far, here=here, says="spread")
    count, here = round((MEANS[1] - MEANS[0]) / STEP) + 1, (0, round((mean - MEANS[0]) / STEP))
    chart.touch(_box(chart, *MEANS, 0, ARM - BAND / 2), 1, count, middle, here=here, says="mean")


def _box(chart: SparsityChart, first: float, last: float, low: float, high: float) -> Box:
    """A part of the left histogram whose cells, STEP wide, have their middles from `first` to `last`."""
    left, top, width, height = chart.box(chart.panels[0])
    x0, x1 = ((x + WIDEST) / (2 * WIDEST) * width for x in (first - STEP / 2, last + STEP / 2))
    return left + x0, top + height * (1 - high / CEILING), x1 - x0, height * (high - low) / CEILING


def _fill(chart: SparsityChart, side: int, values: np.ndarray, edges: np.ndarray) -> None:
    """Set the bars and the strip of one side."""
    inside = np.clip(values, edges[0], edges[-1])
    middle = len(edges) // 2
    counts = np.histogram(inside[values != 0], edges)[0] * 100 / len(values)
    found = shares(values)
    narrow = 0.3 * (edges[1] - edges[0])
    chart.bars[side][0].set_data(counts[:middle], edges[: middle + 1])
    chart.bars[side][1].set_data(counts[middle:], edges[middle:])
    chart.bars[side][2].set_data([found.zero], [-narrow, narrow])
    start = 0.0
    for part, word, name, share in zip(chart.strips[side], chart.words_below[side], COLOURS, found, strict=True):
        part.set_data([1], [start, start + share])
        word.set_text(f"{name} {in_percent(share)}")
        start += share


def _sentence(activation: str, mean: float, spread: float, after: np.ndarray) -> str:
    found = shares(after)
    start = f"{activation} on {SAMPLES:,} pre-activations with mean {number(mean)} and spread {number(spread)}:"
    ending = f"The outputs have mean {number(after.mean())} and spread {number(after.std())}."
    if activation == "ReLU":
        expected = 0.5 * erfc(mean / spread / sqrt(2))
        chance = sqrt(expected * (1 - expected) / SAMPLES)  # the standard deviation of such a share
        return (
            f"{start} **{in_percent(found.zero)}** of the outputs are exactly 0.\n"
            f"Of a normal distribution, Φ(−mean/spread) = Φ({number(-mean)}/{number(spread)}) = "
            f"{in_percent(100 * expected)} lies below 0, give or take {100 * chance:.1g}.\n{ending}"
        )
    none = "**not one** output is exactly 0" if not found.zero else f"**{in_percent(found.zero)}** are exactly 0"
    near = f"Of the outputs, {in_percent(100 * np.mean(np.abs(after) < NEAR))} are closer to 0 than {NEAR}."
    return f"{start} {none}.\n{near} {_sides(activation, found, after)}\n{ending}"


def _sides(activation: str, found: Shares, after: np.ndarray) -> str:
    """Where the outputs are instead."""
    if activation == "hardtanh":
        return f"{in_percent(100 * np.mean(np.abs(after) == 1))} are saturated: exactly −1 or 1."
    if not found.negative:
        return "All are positive."
    return f"{in_percent(found.negative)} are negative, down to {number(after.min())}."
