"""Curves with their spread over seeds: a line for the middle, a band from the lowest to the highest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator

from cnnkit.course.kit.curves import dress, points
from cnnkit.course.kit.palette import BLUE, GREEN, INK, ORANGE, PURPLE, SKY, VERMILION
from cnnkit.course.kit.picture import Picture, from_figure

STYLES = (
    (BLUE, "-"), (VERMILION, (0, (6, 2))), (GREEN, (0, (1, 1.2))), (PURPLE, (0, (6, 2, 1, 2))), (ORANGE, "-"),
    (SKY, (0, (3, 1))),
)  # fmt: skip
RULE = (INK, (0, (2, 2)))  # of a curve without seeds: what a formula says
WIDTH, KEY, FOOT = 820, 28, 48


class Band(NamedTuple):
    """The middle of several curves and how far they spread; each of shape (points,)."""

    middle: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray


def band(values: Any, *, log: bool = False) -> Band:
    """The mean of curves (seeds, points) with the lowest and the highest; the geometric mean if `log`.

    >>> band([[1.0, 4.0], [3.0, 16.0]]).middle, band([[1.0, 4.0], [4.0, 16.0]], log=True).middle
    (array([ 2., 10.]), array([2., 8.]))
    """
    values = np.asarray(values, float)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"values must be curves of shape (seeds, points), got shape {values.shape}")
    middle = np.exp(np.log(values).mean(axis=0)) if log else values.mean(axis=0)
    return Band(middle, values.min(axis=0), values.max(axis=0))


def draw_curves(
    panels: Mapping[str, Mapping[str, Any]], sentence: str, *,
    xlabel: str = "", ylabel: str = "", x: Any = None, log: bool = False,
    ylim: tuple[float, float] | None = None, percent: bool = False, height: int = 300,
) -> Picture:  # fmt: skip
    """Draw panels side by side: {title: {label: curve}}, each curve a `Band`, (seeds, points), or (points,).

    A label has the same colour and dashes in all panels. A curve of shape (points,) has no band and is drawn in
    black, dashed: what a formula says. `x` are the points' places, else 0, 1, 2 … from the length of each curve;
    `log` makes the y axis logarithmic, `percent` writes shares as per cent. All panels share their y axis.
    """
    labels = list(dict.fromkeys(label for series in panels.values() for label in series))
    seeded = [each for each in labels if not all(_is_rule(s[each]) for s in panels.values() if each in s)]
    styles = {label: STYLES[i % len(STYLES)] for i, label in enumerate(seeded)}
    figure = Figure(figsize=(WIDTH / 100, height / 100))
    axes = _axes(figure, len(panels), height)
    for axis, (title, series) in zip(axes, panels.items(), strict=True):
        for label, curve in series.items():
            _draw(axis, x, curve, styles.get(label, RULE), log=log)
        axis.set_title(title, fontsize=points(14), fontweight="bold", loc="left", color=INK)
        axis.set_xlabel(xlabel, fontsize=points(13), color=INK)
    if x is not None and np.any(np.asarray(x) % 1):
        for axis in axes:
            axis.xaxis.set_major_locator(MaxNLocator(6))
    _scale(axes, ylabel, ylim, log=log, percent=percent)
    _key(figure, {label: styles.get(label, RULE) for label in labels}, height)
    return from_figure(figure, sentence, colours=96)


def _is_rule(curve: Any) -> bool:
    return not isinstance(curve, Band) and np.ndim(curve) == 1


def _axes(figure: Figure, count: int, height: int) -> list[Any]:
    left, right, gap = 66 / WIDTH, 20 / WIDTH, 24 / WIDTH
    width = (1 - left - right - gap * (count - 1)) / count
    place = FOOT / height, (height - FOOT - KEY - 28) / height
    axes = [figure.add_axes((left + i * (width + gap), place[0], width, place[1])) for i in range(count)]
    for axis in axes:
        dress(axis)
        axis.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    return axes


def _draw(axis: Any, x: Any, curve: Any, style: Any, *, log: bool) -> None:
    colour, dashes = style
    known = curve if isinstance(curve, Band) else None if np.ndim(curve) == 1 else band(curve, log=log)
    middle = np.asarray(curve, float) if known is None else np.asarray(known.middle)
    places = np.arange(len(middle)) if x is None else np.asarray(x)[: len(middle)]
    if known is not None:
        axis.fill_between(places, known.lowest, known.highest, color=colour, alpha=0.2, linewidth=0)
    axis.plot(places, middle, color=colour, linestyle=dashes, linewidth=1.8 if known else 1.3, zorder=3 if known else 4)


def _scale(axes: list[Any], ylabel: str, ylim: tuple[float, float] | None, *, log: bool, percent: bool) -> None:
    """One y axis for all panels, with its numbers at the first."""
    for axis in axes:
        if log:
            axis.set_yscale("log")
            axis.minorticks_off()
    low, high = ylim or (min(axis.get_ylim()[0] for axis in axes), max(axis.get_ylim()[1] for axis in axes))
    for axis in axes:
        axis.set_ylim(low, high)
        if log:
            axis.yaxis.set_major_locator(LogLocator(10 ** max(1, round(np.log10(high / low) / 6))))
    if percent:
        axes[0].yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
    axes[0].set_ylabel(ylabel, fontsize=points(13), color=INK)
    for axis in axes[1:]:
        axis.tick_params(labelleft=False)


def _key(figure: Figure, styles: Mapping[str, Any], height: int) -> None:
    """What the lines are, in one row at the top."""
    lines = [Line2D([], [], color=colour, linestyle=dashes, linewidth=1.8) for colour, dashes in styles.values()]
    figure.legend(
        lines, styles, loc="upper left", bbox_to_anchor=(58 / WIDTH, 1), ncols=len(lines), frameon=False,
        fontsize=points(13), labelcolor=INK, handlelength=2.6, columnspacing=1.6, borderaxespad=0.2,
    )  # fmt: skip
