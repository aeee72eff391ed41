"""Recorded runs as dots, one row a group, and what was run here and now as diamonds beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnkit.course.kit.bands import FOOT, WIDTH
from cnnkit.course.kit.curves import points
from cnnkit.course.kit.palette import BLUE, GREEN, INK, LINE, ORANGE, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.words import spread

ROW, PAIR, KEY, NUMBER = 28, 36, 30, 62  # heights of a row of one series, of two, of the key; width of a number
Groups = Mapping[str, Sequence[float]]
LIVE: dict[str, Any] = {"marker": "D", "color": ORANGE, "markeredgecolor": INK, "markersize": points(10)}


@steady()
def draw_dots(
    groups: Groups, sentence: str, *,
    live: Groups | None = None, beside: Groups | None = None, names: tuple[str, str] = ("", ""),
    marked: Sequence[str] = (), xlabel: str = "", percent: bool = False, digits: int = 1,
    ticks: Sequence[float] = (), log: bool = False, label: int = 190,
) -> Picture:  # fmt: skip
    """Draw a row for each group: a dot a recorded run, a bar and a number for their mean, a diamond a live run.

    Behind `sentence` the picture's own says what each group gave: mean, smallest and largest value, and the live ones.

    groups   label -> values, one for each seed; the dots are blue, those of the labels in `marked` vermilion
    live     label -> values from a run in this notebook; a label of its own gets a row of its own
    beside   label -> values of a second measure of the same runs, in green squares
    names    what the two measures are called
    ticks    where the axis has numbers; none: chosen by itself
    label    CSS pixels for the labels
    """
    live, beside = live or {}, beside or {}
    labels = list(dict.fromkeys([*groups, *live]))
    columns = 1 + bool(beside)
    row = PAIR if beside else ROW
    height = KEY * bool(live or beside) + 8 + row * len(labels) + FOOT
    figure = Figure(figsize=(WIDTH / 100, height / 100))
    room = WIDTH - label - columns * NUMBER - 8
    axis = figure.add_axes((label / WIDTH, FOOT / height, room / WIDTH, row * len(labels) / height))
    for i, name in enumerate(labels):
        for column, (values, colour) in enumerate(_series(name, groups, beside, marked)):
            at = i + (0.4 * column - 0.2) * (name in beside)  # the second series below the first
            _row(axis, at, values, colour, column, digits, percent=percent, tall=0.18 if beside else 0.34)
        for value in live.get(name, ()):
            axis.plot([value], [i], linestyle="", zorder=6, clip_on=False, **LIVE)
    _dress(axis, labels, xlabel, ticks, percent=percent, log=log)
    _key(axis, names, live=bool(live), two=bool(beside), height=height)
    return from_figure(figure, _sentence(sentence, groups, beside, live, names, digits, percent=percent), colours=96)


def _series(name: str, groups: Groups, beside: Groups, marked: Sequence[str]) -> list[tuple[np.ndarray, str]]:
    found = [(groups, VERMILION if name in marked else BLUE), (beside, GREEN)]
    return [(np.asarray(each[name], float), colour) for each, colour in found if name in each]


def _row(
    axis: Axes, i: float, values: np.ndarray, colour: str, column: int, digits: int, *, percent: bool, tall: float
) -> None:
    offsets = 0.3 * tall * (np.arange(len(values)) % 5 - 2)
    look: dict[str, Any] = {"color": colour, "markersize": points(8), "alpha": 0.7, "markeredgewidth": 0}
    axis.plot(values, i + offsets, "os"[column], clip_on=False, **look)
    mean = float(values.mean())
    axis.plot([mean, mean], [i - tall, i + tall], color=INK, linewidth=2, zorder=5, clip_on=False)
    words = f"{100 * mean:.{digits}f} %" if percent else f"{mean:.{digits}f}"
    place = points(10 + column * NUMBER), 0
    axis.annotate(
        words, (1, round(i)), place, xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
        fontsize=points(13), color=colour if column else INK, fontweight="bold", annotation_clip=False,
    )  # fmt: skip


def _dress(axis: Axes, labels: Sequence[str], xlabel: str, ticks: Sequence[float], *, percent: bool, log: bool) -> None:
    axis.set_yticks(range(len(labels)), labels=labels)
    axis.set_ylim(len(labels) - 0.4, -0.6)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.spines["bottom"].set_color(SOFT)
    axis.tick_params(labelsize=points(12), colors=INK, length=0, pad=4, which="both")
    axis.tick_params(axis="y", labelsize=points(13))
    axis.grid(axis="x", color=LINE, linewidth=0.5, alpha=0.6)
    axis.set_axisbelow(True)
    axis.set_xlabel(xlabel, fontsize=points(13), color=INK)
    if log:
        axis.set_xscale("log")
        axis.minorticks_off()
    else:
        axis.set_xlim(left=0)
    if len(ticks):
        axis.set_xticks(list(ticks))
    axis.xaxis.set_major_formatter(lambda x, _: f"{100 * x:g} %" if percent else f"{x:g}")


def _key(axis: Axes, names: tuple[str, str], *, live: bool, two: bool, height: float) -> None:
    entries: list[tuple[dict[str, Any], str]] = []
    if two:
        entries += [({"marker": "o", "color": BLUE}, names[0]), ({"marker": "s", "color": GREEN}, names[1])]
    if live:
        entries += [] if two else [({"marker": "o", "color": BLUE}, "recorded, one dot a seed")]
        entries += [(LIVE, "run here, now")]
    if entries:
        handles = [axis.plot([], [], linestyle="", **({"markersize": points(8)} | look))[0] for look, _ in entries]
        axis.legend(
            handles, [words for _, words in entries], loc="lower left", bbox_to_anchor=(-0.01, 1), frameon=False,
            ncols=len(entries), fontsize=points(13), labelcolor=INK, handletextpad=0.2, borderaxespad=0.1,
        )  # fmt: skip


def _sentence(
    sentence: str, groups: Groups, beside: Groups, live: Groups, names: tuple[str, str], digits: int, *, percent: bool
) -> str:
    def told(each: Groups) -> str:
        return "; ".join(f"{label} {spread(values, digits, percent=percent)}" for label, values in each.items())

    parts = [sentence, f"{names[0] or 'Mean and range'}: {told(groups)}."]
    parts += [f"{names[1]}: {told(beside)}."] if beside else []
    parts += [f"Run here: {told(live)}."] if live else []
    return " ".join(parts)
