"""The picture of the race: a dot for each start, the known ones recorded, the learner's just run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnkit.course.gradients.inits_math import Init
from cnnkit.course.gradients.race_numbers import DEPTH, EPOCHS, Result, run_race
from cnnkit.course.kit.bands import STYLES
from cnnkit.course.kit.curves import dress, points
from cnnkit.course.kit.palette import INK, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.words import percent, short

WIDTH, HEIGHT = 820, 380
LOW, HIGH = 0.15, 3.0  # the factors that the axis shows; others stand at its ends
MARKS = "os^DvPX"


@steady()
def race_yours(init: Init, *, seed: int = 0) -> Picture:
    """Run `init(fan_in, fan_out, rng)`, which returns weights (fan_out, fan_in), and draw its dot among the others."""
    return draw_race(run_race(init, seed))


@steady()
def draw_race(yours: Result | None = None) -> Picture:
    """Draw the training error against the gradient's factor per layer: ten seeds of each known start, and yours."""
    known = results("gradients", "race")["runs"]
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100))
    axes = figure.add_axes((66 / WIDTH, 50 / HEIGHT, 540 / WIDTH, (HEIGHT - 84) / HEIGHT))
    dress(axes, size=12)
    axes.axvline(1, color=SOFT, linewidth=1)
    _known(axes, known)
    if yours is not None:
        place = [np.clip(yours.factor, LOW, HIGH)], [yours.error]
        axes.plot(*place, "*", color=VERMILION, markersize=points(26), markeredgecolor=INK, label="yours", zorder=5)
    axes.set_xscale("log")
    axes.set(xlim=(LOW * 0.93, HIGH * 1.07), ylim=(-0.03, 1), xlabel="", ylabel="")
    axes.set_xticks([0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.4, 2], ["0.2", "0.3", "0.4", "0.5", "0.7", "1", "1.4", "2"])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
    axes.set_xlabel("the gradient's factor per layer, before training", fontsize=points(13), color=INK)
    axes.set_ylabel(f"training error after {EPOCHS} epochs", fontsize=points(13), color=INK)
    axes.set_title(f"{DEPTH} ReLU layers", fontsize=points(14), fontweight="bold", loc="left", color=INK)
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(1.02, 1.0),
        frameon=False,
        fontsize=points(13),
        labelcolor=INK,
        handletextpad=0.4,
    )
    return from_figure(figure, _sentence(known, yours), colours=96)


def _known(axes: Axes, known: Mapping[str, Mapping[str, list[float]]]) -> None:
    colours = [colour for colour, _ in STYLES if colour != VERMILION] + [SOFT, INK]
    for (name, run), colour, mark in zip(known.items(), colours, MARKS, strict=False):
        axes.plot(
            np.clip(run["factors"], LOW, HIGH), run["errors"], mark, color=colour, markersize=points(8), alpha=0.8,
            markeredgewidth=0, label=name, clip_on=False,
        )  # fmt: skip


def _sentence(known: Mapping[str, Mapping[str, list[float]]], yours: Result | None) -> str:
    said = "; ".join(
        f"{name}: factor {short(float(np.mean(run['factors'])), 2)}, error {percent(float(np.mean(run['errors'])))}"
        for name, run in known.items()
    )
    start = "" if yours is None else f"Yours: factor {short(yours.factor, 2)}, error {percent(yours.error)}. "
    return f"{start}The others, means of ten seeds: {said}."
