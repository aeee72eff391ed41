"""One dot for every seed: groups side by side, so that a difference can be held against the spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnkit.course.kit.bands import FOOT, WIDTH
from cnnkit.course.kit.curves import points
from cnnkit.course.kit.palette import BLUE, INK, LINE, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.ticks import label_log_axis, share
from cnnkit.course.kit.words import minus, spread

ROW, LABEL, NUMBER = 30, 180, 70


@steady()
def draw_seeds(
    groups: Mapping[str, Sequence[float]], sentence: str, *,
    xlabel: str = "", title: str = "", digits: int = 1, percent: bool = False, log: bool = False,
    marked: Sequence[str] = (), low: float | None = 0.0, paired: bool = False,
) -> Picture:  # fmt: skip
    """Draw a row for each group: a dot for every value, a bar at their mean, and the mean as a number.

    Behind `sentence` the picture's own says what each group gave: mean, smallest and largest value.

    groups   label -> values, one for each seed
    marked   the labels whose dots are vermilion, the others are blue
    low      where the axis starts; None: near the smallest value
    paired   whether value i of every group has something in common (the same seed gave the same start, or the same
             digits): a thin line then joins its dots, and the sentence says how each group differs from the first,
             seed by seed. An equal number of values alone does not make a pair
    """
    if paired and len({len(values) for values in groups.values()}) > 1:
        raise ValueError(
            f"paired groups must be equally long, got {[len(values) for values in groups.values()]} values"
        )
    height = (34 if title else 8) + ROW * len(groups) + FOOT
    figure = Figure(figsize=(WIDTH / 100, height / 100))
    place = LABEL / WIDTH, FOOT / height, (WIDTH - LABEL - NUMBER) / WIDTH, ROW * len(groups) / height
    axis = figure.add_axes(place)
    if paired:
        _join(axis, np.array(list(groups.values()), float))
    for i, (label, values) in enumerate(groups.items()):
        _row(axis, i, np.asarray(values, float), VERMILION if label in marked else BLUE, digits, percent=percent)
    axis.set_yticks(range(len(groups)), labels=list(groups))
    axis.set_ylim(len(groups) - 0.4, -0.6)
    _dress(axis, xlabel, title, percent=percent, log=log)
    if low is not None and not log:
        axis.set_xlim(left=low)
    said = "; ".join(f"{label} {spread(values, digits, percent=percent)}" for label, values in groups.items())
    words = f"{sentence} Mean and range: {said}."
    if paired and len(groups) > 1:
        words += f" {_differences(groups, digits, percent=percent)}"
    return from_figure(figure, words, colours=96)


def _heights(count: int) -> np.ndarray:
    """How far each dot of a row is moved up or down, so that equal values can be told apart."""
    return 0.11 * (np.arange(count) % 5 - 2)


def _join(axis: Axes, values: np.ndarray) -> None:
    """A thin line from row to row for each seed; values are (rows, seeds)."""
    rows, seeds = values.shape
    axis.plot(
        values,
        np.arange(rows)[:, None] + _heights(seeds),
        color=SOFT,
        linewidth=0.7,
        alpha=0.55,
        zorder=1,
        clip_on=False,
    )


def _differences(groups: Mapping[str, Sequence[float]], digits: int, *, percent: bool) -> str:
    (first, base), *others = groups.items()
    unit = " points" if percent else ""
    said = [
        f"{label} {minus(spread((100 if percent else 1) * (np.asarray(values) - np.asarray(base)), digits))}{unit}"
        for label, values in others
    ]
    return f"Seed by seed, less {first}: {'; '.join(said)}."


def _row(axis: Axes, i: int, values: np.ndarray, colour: str, digits: int, *, percent: bool) -> None:
    """Dots, moved a little up and down so that equal values can be told apart, and their mean."""
    dots = i + _heights(len(values))
    axis.plot(values, dots, "o", color=colour, markersize=points(8), alpha=0.75, markeredgewidth=0, clip_on=False)
    mean = values.mean()
    axis.plot([mean, mean], [i - 0.36, i + 0.36], color=INK, linewidth=2, zorder=4, clip_on=False)
    words = f"{100 * mean:.{digits}f} %" if percent else f"{mean:.{digits}f}"
    axis.annotate(
        words, (1, i), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
        fontsize=points(13), color=INK, fontweight="bold", annotation_clip=False,
    )  # fmt: skip


def _dress(axis: Axes, xlabel: str, title: str, *, percent: bool, log: bool) -> None:
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.spines["bottom"].set_color(SOFT)
    axis.tick_params(labelsize=points(12), colors=INK, length=0, pad=4, which="both")
    axis.tick_params(axis="y", labelsize=points(13))
    axis.grid(axis="x", color=LINE, linewidth=0.5, alpha=0.6)
    axis.set_axisbelow(True)
    axis.set_xlabel(xlabel, fontsize=points(13), color=INK)
    if title:
        axis.set_title(title, fontsize=points(14), fontweight="bold", loc="left", color=INK)
    if log:
        axis.set_xscale("log")
        label_log_axis(axis.xaxis, *axis.get_xlim(), percent=percent)
    elif percent:
        axis.xaxis.set_major_formatter(lambda x, _: share(x))
