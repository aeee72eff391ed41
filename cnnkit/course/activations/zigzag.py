"""The way of two weights downhill, and the quadrants that its steps may go to."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from cnnkit._arguments import integer
from cnnkit.course.activations.zigzag_numbers import STEPS, TARGET, Walk, curvature, inputs, walk
from cnnkit.course.kit.curves import Chart, points
from cnnkit.course.kit.palette import BLUE, GREEN, INK, LINE, SKY, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.words import counted, decimal, percent

WIDTH, HEIGHT = 820, 384
SIDE, FOOT = 296, 50
REACH = 2.2  # how far the weights are drawn
LEVELS = (0.002, 0.01, 0.03, 0.08, 0.18, 0.36)
CORNERS = ((0, 0), (0, -1), (-1, -1), (-1, 0))  # of the quadrants in the order of `Walk.shares`, from the middle
WORDS = ("both up", "w₁ up, w₂ down", "both down", "w₁ down, w₂ up")


class ZigZagChart(Chart):
    """The loss's contours with the path on the left, the compass of the steps on the right."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        self.plane = self.axes(66 / WIDTH, FOOT / HEIGHT, 1.2 * SIDE / WIDTH, SIDE / HEIGHT)
        self.plane.set(xlim=(-1.2 * REACH, 1.2 * REACH), ylim=(-REACH, REACH), xlabel="weight w₁", ylabel="weight w₂")
        self.plane.set(xticks=range(-2, 3), yticks=range(-2, 3))
        self.title(self.plane, "the way downhill")
        self.compass = self.axes(496 / WIDTH, FOOT / HEIGHT, SIDE / WIDTH, SIDE / HEIGHT)
        self.compass.set(xlim=(-1, 1), ylim=(-1, 1), xticks=[], yticks=[], xlabel="step of w₁", ylabel="step of w₂")
        self.title(self.compass, "first steps of 1000 batches")
        for axes in (self.plane, self.compass):
            for label in (axes.xaxis.label, axes.yaxis.label):
                label.set(size=points(13), color=INK)
        self.contours = [self.plane.plot([], [], color=LINE, linewidth=points(1.2))[0] for _ in LEVELS]
        path: dict[str, Any] = {"marker": "o", "markersize": points(4), "linewidth": points(1.4)}
        self.path = self.moving(self.plane.plot([], [], color=BLUE, **path)[0])
        self.here = self.moving(self._dot(INK, "o"))
        self.goal = self.moving(self._dot(GREEN, "*", size=16))
        self.goal.set_data([TARGET[0]], [TARGET[1]])
        self.areas = [self.moving(self._area(*corner)) for corner in CORNERS]
        for axis in (self.compass.axhline, self.compass.axvline):
            self.moving(axis(0, color=SOFT, linewidth=points(1)))
        self.numbers = [self.moving(self._number(x + 0.5, y + 0.38, 17)) for x, y in CORNERS]
        for (x, y), words in zip(CORNERS, WORDS, strict=True):
            self.moving(self._number(x + 0.5, y + 0.64, 13)).set_text(words)

    def _dot(self, colour: str, marker: str, size: float = 9) -> Any:
        return self.plane.plot([], [], marker, color=colour, markersize=points(size), markeredgecolor="white")[0]

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
        self.path.set_data(*found.path[: shown + 1].T)
        self.here.set_data(*found.path[shown][:, None])
        for area, number, share in zip(self.areas, self.numbers, found.shares, strict=True):
            area.set_height(float(share))
            number.set_text(percent(float(share)))
        return self.picture(sentence, still=centred)


_chart = cache(ZigZagChart)


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
    kind = "Inputs of both signs" if centred else "Inputs that are all positive"
    there = f"in step {found.arrived}" if found.arrived else f"not in {STEPS} steps"
    w = found.path[shown]
    return (
        f"{kind}, {counted(batch, 'example')} a batch, learning rate {decimal(found.lr)}. Of 1000 first steps "
        f"{percent(found.mixed)} raise one weight and lower the other. After {counted(shown, 'step')} the weights are "
        f"{decimal(w[0])} and {decimal(w[1])}; a tenth of the way is left {there}."
    )
