"""All activations at a glance: each f with its slope f′, on one scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnkit.course.activations.kinds import DEFAULTS, KINDS
from cnnkit.course.kit.bands import WIDTH
from cnnkit.course.kit.curves import dress, points
from cnnkit.course.kit.palette import BLUE, INK, VERMILION
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.steady import steady

REACH, PANEL = 4.0, 150  # x from −REACH to REACH; CSS pixels that a row takes


@steady()
def draw_gallery(sentence: str, names: Sequence[str] = tuple(KINDS), *, columns: int = 4) -> Picture:
    """Draw f (blue) and f′ (vermilion, dashed) of each activation in a panel of its own."""
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(WIDTH / 100, rows * PANEL / 100))
    figure.set_layout_engine("constrained", w_pad=0.06, h_pad=0.05)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axis, name in zip(panels, names, strict=False):
        _panel(axis, name)
    for axis in panels[len(names) :]:
        axis.axis("off")
    spare = panels[len(names)] if len(panels) > len(names) else panels[0]
    spare.legend(
        *panels[0].get_legend_handles_labels(), loc="center" if spare is not panels[0] else "upper left",
        frameon=False, fontsize=points(14), labelcolor=INK, handlelength=2.2,
    )  # fmt: skip
    return from_figure(figure, sentence, colours=96)


def _panel(axis: Axes, name: str) -> None:
    kind = KINDS[name]
    option = DEFAULTS.get(kind.option, 0.0)
    kinks = [at for at, _, _ in kind.kinks(option)]
    edges = [-REACH, *[at + side for at in kinks for side in (-1e-9, 1e-9)], REACH]
    axis.plot(x := np.linspace(-REACH, REACH, 401), kind.value(x, option), color=BLUE, linewidth=1.9, label="f(x)")
    for i in range(0, len(edges), 2):  # between the kinks, so that a jump of the slope is no line
        part = np.linspace(edges[i], edges[i + 1], 200)
        label = "" if i else "f′(x)"
        axis.plot(part, kind.slope(part, option), color=VERMILION, linewidth=1.7, linestyle=(0, (4, 1.5)), label=label)
    axis.set_title(name, fontsize=points(13), fontweight="bold", loc="left", color=INK, pad=3)
    dress(axis, size=11, pad=3)
    axis.set(xlim=(-REACH, REACH), ylim=(-1.2, 2.2), xticks=[-4, -2, 0, 2, 4], yticks=[-1, 0, 1, 2])
