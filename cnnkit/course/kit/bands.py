"""Curves with their spread over seeds: a line for the middle, a band from the lowest to the highest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cnnkit.course.kit.curves import dress, points
from cnnkit.course.kit.palette import BLUE, GREEN, INK, ORANGE, PURPLE, SKY, VERMILION
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.ticks import label_log_axis, label_measured, share

STYLES: tuple[tuple[str, Any], ...] = (
    (BLUE, "-"), (VERMILION, (0, (6, 2))), (GREEN, (0, (1, 1.2))), (PURPLE, (0, (6, 2, 1, 2))), (ORANGE, "-"),
    (SKY, (0, (3, 1))),
)  # fmt: skip
MARKERS = ("o", "s", "^", "D", "v", "P")
MOST_MARKED = 24  # measured points of a curve; more stand too close together to be told apart
WIDTH, KEY, FOOT = 820, 28, 48


class Style(NamedTuple):
    """How a curve looks."""

    colour: str
    dashes: Any
    marker: str = ""


RULE = Style(INK, (0, (2, 2)))  # of a curve without seeds: what a formula says


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


@steady()
def draw_curves(
    panels: Mapping[str, Mapping[str, Any]], sentence: str, *,
    xlabel: str = "", ylabel: str = "", x: Any = None, log: bool | str = False,
    ylim: tuple[float, float] | None = None, percent: bool = False, height: int = 300,
) -> Picture:  # fmt: skip
    """Draw panels side by side: {title: {label: curve}}, each curve a `Band`, (seeds, points), or (points,).

    A label has the same colour, dashes and markers in all panels. A curve of shape (points,) has no band and is drawn
    in black, dashed, without markers: what a formula says. All panels share their y axis.

    x         the points' places, else 0, 1, 2 … from the length of each curve; where they are few, each has a
              marker, and the numbers below the axis stand at them
    log       which axes are logarithmic: "x", "y" or "xy"; True is "y"
    percent   write shares as per cent
    """
    scales = "y" if log is True else log or ""
    labels = list(dict.fromkeys(label for series in panels.values() for label in series))
    seeded = [each for each in labels if not all(_is_rule(s[each]) for s in panels.values() if each in s)]
    styles = {label: _style(i) for i, label in enumerate(seeded)}
    for label in seeded:
        if max(_length(series[label]) for series in panels.values() if label in series) > MOST_MARKED:
            styles[label] = styles[label]._replace(marker="")
    figure = Figure(figsize=(WIDTH / 100, height / 100))
    key = _key(figure, {label: styles.get(label, RULE) for label in labels}, height)
    axes = _axes(figure, len(panels), height, key)
    places: set[float] = set()
    for axis, (title, series) in zip(axes, panels.items(), strict=True):
        for label, curve in series.items():
            places.update(_draw(axis, x, curve, styles.get(label, RULE), ylim, log="y" in scales))
        axis.set_title(title, fontsize=points(14), fontweight="bold", loc="left", color=INK)
        axis.set_xlabel(xlabel, fontsize=points(13), color=INK)
    for axis in axes:
        label_measured(axis, sorted(places), log="x" in scales)
    _scale(axes, ylabel, ylim, log="y" in scales, percent=percent)
    return from_figure(figure, sentence, colours=96)


def _style(i: int) -> Style:
    colour, dashes = STYLES[i % len(STYLES)]
    return Style(colour, dashes, MARKERS[i % len(MARKERS)])


def _length(curve: Any) -> int:
    return len(curve.middle) if isinstance(curve, Band) else np.shape(curve)[-1]


def _is_rule(curve: Any) -> bool:
    return not isinstance(curve, Band) and np.ndim(curve) == 1


def _axes(figure: Figure, count: int, height: int, key: int) -> list[Any]:
    left, right, gap = 66 / WIDTH, 20 / WIDTH, 24 / WIDTH
    width = (1 - left - right - gap * (count - 1)) / count
    place = FOOT / height, (height - FOOT - key - 28) / height
    axes = [figure.add_axes((left + i * (width + gap), place[0], width, place[1])) for i in range(count)]
    for axis in axes:
        dress(axis)
    return axes


def _draw(axis: Any, x: Any, curve: Any, style: Style, ylim: tuple[float, float] | None, *, log: bool) -> list[float]:
    """Draw one curve and return the places of its points. Markers at the edge of the axes are drawn whole."""
    known = curve if isinstance(curve, Band) else None if np.ndim(curve) == 1 else band(curve, log=log)
    middle = np.asarray(curve, float) if known is None else np.asarray(known.middle)
    places = np.arange(len(middle)) if x is None else np.asarray(x)[: len(middle)]
    look: dict[str, Any] = {"color": style.colour, "linestyle": style.dashes}
    if known is None:
        axis.plot(places, middle, **look, linewidth=1.3, zorder=4)
    else:
        inside = ylim is not None and bool(np.all((middle >= ylim[0]) & (middle <= ylim[1])))
        look |= {"marker": style.marker, "markersize": points(6), "clip_on": not inside}
        axis.fill_between(places, known.lowest, known.highest, color=style.colour, alpha=0.2, linewidth=0)
        axis.plot(places, middle, **look, linewidth=1.8, zorder=3)
    return [float(place) for place in places]


def _scale(axes: list[Any], ylabel: str, ylim: tuple[float, float] | None, *, log: bool, percent: bool) -> None:
    """One y axis for all panels, with its numbers at the first."""
    for axis in axes:
        if log:
            axis.set_yscale("log")
    low, high = ylim or (min(axis.get_ylim()[0] for axis in axes), max(axis.get_ylim()[1] for axis in axes))
    for axis in axes:
        axis.set_ylim(low, high)
        if log:
            label_log_axis(axis.yaxis, low, high, percent=percent)
        elif percent:
            axis.yaxis.set_major_formatter(lambda y, _: share(y))
    axes[0].set_ylabel(ylabel, fontsize=points(13), color=INK)
    for axis in axes[1:]:
        axis.tick_params(labelleft=False)


def _key(figure: Figure, styles: Mapping[str, Style], height: int) -> int:
    """What the lines are, at the top, in as many rows as they need. Returns the CSS pixels that it takes."""
    widths = [text_width(label, 13) + 60 for label in styles]
    columns = next((n for n in range(len(widths), 1, -1) if _width(widths, n) <= WIDTH - 70), 1)
    lines = [
        Line2D(
            [], [], color=each.colour, linestyle=each.dashes, marker=each.marker, markersize=points(6), linewidth=1.8
        )
        for each in styles.values()
    ]
    figure.legend(
        lines, styles, loc="upper left", bbox_to_anchor=(58 / WIDTH, 1), ncols=columns, frameon=False,
        fontsize=points(13), labelcolor=INK, handlelength=2.6, columnspacing=1.6, borderaxespad=0.2,
    )  # fmt: skip
    return KEY + 20 * (-(-len(widths) // columns) - 1)


def _width(widths: list[float], columns: int) -> float:
    """How wide a key is whose entries stand in so many columns, filled one after the other as matplotlib does."""
    rows, longer = divmod(len(widths), columns)
    sizes = [rows + (i < longer) for i in range(columns)]
    ends = np.cumsum(sizes)
    return sum(max(widths[end - size : end]) for size, end in zip(sizes, ends, strict=True))
