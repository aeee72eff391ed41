"""The way of two weights downhill, and the quadrants that its steps may go to."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from cnnkit._arguments import integer
from cnnkit.course.activations.zigzag_numbers import (
    NEAR,
    START,
    STEPS,
    TARGET,
    Walk,
    curvature,
    inputs,
    remaining,
    walk,
)
from cnnkit.course.kit.curves import DOTTED, Chart, points
from cnnkit.course.kit.palette import BLUE, GREEN, INK, LINE, SKY, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.words import counted, decimal, percent

WIDTH, HEIGHT = 820, 404
SIDE, FOOT = 316, 50
RIGHT, ACROSS = 510, 290  # the left end and the width of what is on the right
COMPASS, REST = (38, 176), (282, 72)  # their tops and heights
REACH = 2.2  # how far the weights are drawn
CELLS = 60  # of the plane that can be touched, from side to side
LEVELS = (0.002, 0.01, 0.03, 0.08, 0.18, 0.36)
CORNERS = ((0, 0), (0, -1), (-1, -1), (-1, 0))  # of the quadrants in the order of `Walk.shares`, from the middle
WORDS = ("both up", "w₁ up, w₂ down", "both down", "w₁ down, w₂ up")


class ZigZagChart(Chart):
    """The loss's contours with the path on the left; on the right the compass of the steps, and what they leave."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        self.plane = self.axes(66 / WIDTH, FOOT / HEIGHT, 1.2 * SIDE / WIDTH, SIDE / HEIGHT)
        self.plane.set(xlim=(-1.2 * REACH, 1.2 * REACH), ylim=(-REACH, REACH), xlabel="weight w₁", ylabel="weight w₂")
        self.plane.set(xticks=range(-2, 3), yticks=range(-2, 3))
        self.compass, self.rest = self._panel(*COMPASS), self._panel(*REST)
        self.compass.set(xlim=(-1, 1), ylim=(-1, 1), xticks=[], yticks=[], xlabel="step of w₁", ylabel="step of w₂")
        self.rest.set(xlim=(0, STEPS), ylim=(0, 1.05), xlabel="steps taken")
        self.rest.set_yticks([0, NEAR, 0.5, 1], ["", "10 %", "50 %", "100 %"])
        self.rest.axhline(NEAR, color=GREEN, linewidth=points(1.4), linestyle=DOTTED)
        titles = {
            self.plane: "the way downhill, and contours of equal loss",
            self.compass: "first steps of 1000 batches",
        }
        for axes, words in (titles | {self.rest: "how much of the way is left"}).items():
            self.title(axes, words)
            for label in (axes.xaxis.label, axes.yaxis.label):
                label.set(size=points(13), color=INK)
        self.contours = [self.plane.plot([], [], color=LINE, linewidth=points(1.2))[0] for _ in LEVELS]
        self._draw_path()
        self._draw_compass()

    def _panel(self, top: float, height: float) -> Axes:
        return self.axes(RIGHT / WIDTH, 1 - (top + height) / HEIGHT, ACROSS / WIDTH, height / HEIGHT)

    def _draw_path(self) -> None:
        path: dict[str, Any] = {"marker": "o", "markersize": points(4), "linewidth": points(1.4)}
        self.ahead = self.moving(self.plane.plot([], [], color=SKY, linewidth=points(0.8))[0])
        self.path = self.moving(self.plane.plot([], [], color=BLUE, **path)[0])
        self.left_ahead = self.moving(self.rest.plot([], [], color=SKY, linewidth=points(1.2))[0])
        self.left = self.moving(self.rest.plot([], [], color=BLUE, linewidth=points(2.2))[0])
        self.here = [self.moving(self._dot(axes, INK, "o")) for axes in (self.plane, self.rest)]
        self.moving(self._dot(self.plane, GREEN, "*", size=16)).set_data([TARGET[0]], [TARGET[1]])
        look: dict[str, Any] = {"size": points(12), "color": INK, "ha": "center"}
        self.moving(self.plane.text(START[0], START[1] + 0.14, "start", **look))
        self.moving(self.plane.text(TARGET[0], TARGET[1] - 0.34, "goal", **look))

    def _draw_compass(self) -> None:
        self.areas = [self.moving(self._area(*corner)) for corner in CORNERS]
        for axis in (self.compass.axhline, self.compass.axvline):
            self.moving(axis(0, color=SOFT, linewidth=points(1)))
        self.numbers = [self.moving(self._number(x + 0.5, y + 0.36, 17)) for x, y in CORNERS]
        for (x, y), words in zip(CORNERS, WORDS, strict=True):
            self.moving(self._number(x + 0.5, y + 0.7, 13)).set_text(words)

    def _dot(self, axes: Axes, colour: str, marker: str, size: float = 9) -> Any:
        look: dict[str, Any] = {"markersize": points(size), "markeredgecolor": "white", "clip_on": False}
        return axes.plot([], [], marker, color=colour, **look)[0]

    def _area(self, x: float, y: float) -> Rectangle:
        area = Rectangle((x, y), 1, 1, facecolor=VERMILION if x != y else SKY, edgecolor="none", alpha=0.45)
        self.compass.add_patch(area)
        return area

    def _number(self, x: float, y: float, size: float) -> Any:
        words: dict[str, Any] = {"ha": "center", "va": "center", "color": INK, "fontsize": points(size)}
        return self.compass.text(x, y, "", **words)

    def draw(self, found: Walk, shown: int, centred: bool, sentence: str) -> Picture:
        for line, level in zip(self.contours, LEVELS, strict=True):
            line.set_data(*_ellipse(curvature(inputs(centred=centred)), level))
        at, left = np.arange(STEPS + 1), remaining(found.path)
        self.ahead.set_data(*found.path[shown:].T)
        self.path.set_data(*found.path[: shown + 1].T)
        self.left_ahead.set_data(at[shown:], left[shown:])
        self.left.set_data(at[: shown + 1], left[: shown + 1])
        self.here[0].set_data(*found.path[shown][:, None])
        self.here[1].set_data([shown], [left[shown]])
        for area, number, share in zip(self.areas, self.numbers, found.shares, strict=True):
            area.set_height(float(share))
            number.set_text(percent(float(share)))
        self._let_touch(found.path, shown)
        return self.picture(sentence, still=centred)

    def _let_touch(self, path: np.ndarray, shown: int) -> None:
        """A place of the plane is the step whose point is nearest; one in the panel below is the step itself."""
        left, top, width, height = self.box(self.rest)
        half = width / STEPS / 2
        self.touch(
            (left - half, top, width + 2 * half, height), 1, STEPS + 1, lambda _, j: {"steps": j},
            here=(0, shown), says="after the step here",
        )  # fmt: skip
        rows = round(CELLS / 1.2)

        def nearest(row: int, column: int) -> dict[str, int]:
            x, y = 1.2 * REACH * (2 * (column + 0.5) / CELLS - 1), REACH * (1 - 2 * (row + 0.5) / rows)
            return {"steps": int(np.hypot(*(path - [x, y]).T).argmin())}

        self.touch(self.box(self.plane), rows, CELLS, nearest, says="the nearest step")


_chart = cache(ZigZagChart)


@steady()
def draw_zigzag(batch: int, *, steps: int = 40, centred: bool = False, seed: int = 0) -> Picture:
    """Draw the first `steps` steps of one unit's two weights, each taken with the mean gradient of `batch` examples.

    Errors: ValueError for a batch or steps out of range.
    """
    shown = integer("steps", steps, at_least=0)
    if shown > STEPS:
        raise ValueError(f"steps must be at most {STEPS}, got {shown}")
    found = walk(batch, centred=centred, seed=seed)
    return _chart().draw(found, shown, bool(centred), _sentence(found, batch, shown, centred=bool(centred)))


def _ellipse(matrix: np.ndarray, level: float) -> np.ndarray:
    """The weights at which the loss is `level`."""
    values, vectors = np.linalg.eigh(matrix)
    angle = np.linspace(0, 2 * np.pi, 121)
    circle = np.stack([np.cos(angle), np.sin(angle)]) * np.sqrt(2 * level / values)[:, None]
    return TARGET[:, None] + vectors @ circle


def _sentence(found: Walk, batch: int, shown: int, *, centred: bool) -> str:
    kind = "of both signs" if centred else "all positive"
    less = f"less than a tenth of the way is left after step {found.arrived}"
    more = f"more than a tenth of the way is left after {STEPS} steps"
    w, left = found.path[shown], remaining(found.path)[shown]
    return (
        f"Of 1000 first steps with {counted(batch, 'example')} a batch **{percent(found.mixed)}** raise one weight and "
        f"lower the other.\nThe inputs are {kind}. At the learning rate {decimal(found.lr)} "
        f"{less if found.arrived else more}.\n"
        f"After {counted(shown, 'step')} the weights are {decimal(w[0])} and {decimal(w[1])}: {percent(left)} of the "
        f"way is left."
    )
