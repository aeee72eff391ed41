"""Tents of tents: how many straight pieces a few bends make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnkit._arguments import integer
from cnnkit.course.activations.experiments.linear_regions import breakpoints, count_pieces, folding, random_pieces
from cnnkit.course.kit.bands import STYLES
from cnnkit.course.kit.curves import dress, points
from cnnkit.course.kit.palette import BLUE, INK, ORANGE
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.words import counted, spread

WIDTH, HEIGHT = 820, 210
DEEPEST, SEEDS = 8, range(10)


@steady()
def draw_folds(depth: int) -> Picture:
    """Draw the function of one number that `depth` layers of two ReLUs compute, each layer a tent.

    Errors: ValueError for a depth below 1 or above DEEPEST.
    """
    if integer("depth", depth, at_least=1) > DEEPEST:
        raise ValueError(f"depth must be at most {DEEPEST}, got {depth}: more pieces cannot be told apart")
    net = folding(depth)
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100))
    axis = figure.add_axes((46 / WIDTH, 46 / HEIGHT, 754 / WIDTH, (HEIGHT - 82) / HEIGHT))
    dress(axis)
    bends = breakpoints(net, 0, 1)
    axis.plot(bends, net.forward(bends[:, None])[:, 0], color=BLUE, linewidth=points(2))
    axis.set(xlim=(0, 1), ylim=(-0.04, 1.08), xticks=[0, 0.25, 0.5, 0.75, 1], yticks=[0, 0.5, 1])
    axis.set_xlabel("x", fontsize=points(13), color=INK)
    pieces, units = count_pieces(net, 0, 1), 2 * depth
    said = f"{counted(depth, 'layer')}, {units} units: {pieces} straight pieces"
    axis.set_title(said, fontsize=points(14), fontweight="bold", loc="left", color=INK)
    return from_figure(figure, f"A tent of a tent …: {said}. {units} units in a single layer make at most {units + 1}.")


def pieces() -> dict[str, np.ndarray]:
    """Straight pieces for 1 to DEEPEST layers: (seeds, depths) each."""
    depths = range(1, DEEPEST + 1)
    return {
        "made to fold, 2 units a layer": np.array([[count_pieces(folding(d), 0, 1) for d in depths]]),
        "random weights, 16 units a layer": np.array([[random_pieces(d, 16, s) for d in depths] for s in SEEDS]),
        "one layer, 16·depth units": np.array([[random_pieces(1, 16 * d, s) for d in depths] for s in SEEDS]),
    }


@steady()
def draw_pieces() -> Picture:
    """Draw how the number of pieces grows with the depth: folded on purpose, random and deep, random and wide."""
    found = pieces()
    figure = Figure(figsize=(WIDTH / 100, 3.4))
    axis = figure.add_axes((60 / WIDTH, 0.15, 480 / WIDTH, 0.8))
    dress(axis)
    _lines(axis, found)
    axis.set_yscale("log", base=2)
    axis.set(xlim=(0.8, DEEPEST + 0.1), ylim=(1.7, 300), xticks=range(1, DEEPEST + 1))
    axis.set_yticks([2**i for i in range(1, DEEPEST + 1)], [str(2**i) for i in range(1, DEEPEST + 1)])
    axis.minorticks_off()
    axis.set_xlabel("layers (depth)", fontsize=points(13), color=INK)
    axis.set_ylabel("straight pieces", fontsize=points(13), color=INK)
    folded, deep, wide = (values[:, -1] for values in found.values())
    sentence = (
        f"With {DEEPEST} layers the folding network has {folded[0]} pieces from {2 * DEEPEST} units; random deep ones "
        f"have {spread(deep, 0)} from {16 * DEEPEST} units, and one random layer of {16 * DEEPEST} units has "
        f"{spread(wide, 0)}."
    )
    return from_figure(figure, sentence, colours=96)


def _lines(axis: Axes, found: Mapping[str, Any]) -> None:
    """Each with its name at its end."""
    depths = np.arange(1, DEEPEST + 1)
    heights = {"random weights, 16 units a layer": 62, "one layer, 16·depth units": 128}
    for (name, values), (colour, dashes) in zip(found.items(), STYLES, strict=False):
        mean = values.mean(axis=0)
        look: dict[str, Any] = {"color": colour, "linestyle": dashes, "marker": "o", "markersize": points(6)}
        axis.plot(depths, mean, linewidth=points(2.4), **look)
        axis.fill_between(depths, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.18, linewidth=0)
        words = f"{name}: {mean[-1]:.0f}"
        axis.text(
            DEEPEST + 0.25, heights.get(name, mean[-1]), words, color=colour if colour != ORANGE else INK,
            fontsize=points(13), va="center", clip_on=False,
        )  # fmt: skip
