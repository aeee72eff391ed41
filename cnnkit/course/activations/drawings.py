"""The drawings of lesson 01: a unit with its numbers, and a step that kills one."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch

from cnnkit.activations import relu, relu_backward
from cnnkit.course.kit.curves import dress, points
from cnnkit.course.kit.palette import BLUE, INK, INPUT, KERNEL, LINE, OUTPUT, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.words import bracketed, decimal, listed

WIDTH = 820
UNIT_X, UNIT_W, UNIT_B = np.array([2.0, 1.0, 3.0]), np.array([0.5, -2.0, 1.0]), -0.5
DEAD_X, BEFORE, AFTER = np.array([1.0, 2.0, 3.0]), 0.0, -10.0  # inputs of a unit with weight 1, and two biases


@steady()
def draw_unit() -> Picture:
    """Draw one unit: inputs times weights, their sum with the bias, the activation, the output."""
    x, w, b = UNIT_X, UNIT_W, UNIT_B
    z = float(x @ w + b)
    y = float(relu(z))
    figure, axis = _canvas(300)
    for i, (each, weight) in enumerate(zip(x, w, strict=True)):
        at = 66 + 84 * i
        _box(axis, 20, at, 62, INPUT, decimal(each))
        _arrow(axis, (84, at), (318, 150 + 20 * (i - 1)))
        _words(axis, 186, at + (40, -16, -40)[i] * 0.62, f"× {decimal(weight)}", ground=KERNEL)
        _words(axis, 51, at - 30, f"x{'₁₂₃'[i]}", size=13, colour=SOFT)
    axis.add_patch(Circle((360, 150), 42, facecolor=KERNEL, edgecolor=INK, linewidth=points(1.4)))
    _words(axis, 360, 150, "Σ", size=26)
    _words(axis, 360, 262, f"bias b = {decimal(b)}", ground=KERNEL)
    _arrow(axis, (360, 244), (360, 195))
    products = " + ".join(bracketed(value, decimal) for value in x * w)
    _words(axis, 360, 84, f"{products} − {decimal(-b)}", size=13, colour=SOFT)
    _arrow(axis, (404, 150), (540, 150))
    _words(axis, 470, 134, f"z = {decimal(z)}", size=15)
    _words(axis, 470, 172, "pre-activation", size=13, colour=SOFT)
    _curve(axis, 590, 150, z)
    _arrow(axis, (646, 150), (726, 150))
    _box(axis, 730, 150, 70, OUTPUT, decimal(y))
    _words(axis, 765, 112, "y = f(z)", size=14)
    _words(axis, 590, 220, "f = ReLU", size=14)
    _words(axis, 590, 240, "the activation", size=13, colour=SOFT)
    for left, words in ((51, "inputs"), (186, "weights"), (360, "sum"), (590, "bend"), (765, "output")):
        _words(axis, left, 16, words, size=14, bold=True)
    sentence = (
        f"One unit. The inputs {listed(map(decimal, x))} are multiplied by the weights {listed(map(decimal, w))}. "
        f"With the bias {decimal(b)} the sum is z = {decimal(z)}. The ReLU makes y = {decimal(y)} of it."
    )
    return from_figure(figure, sentence, colours=96)


@steady()
def draw_death() -> Picture:
    """Draw the sums of one ReLU for three inputs before and after a step that was too large."""
    figure = Figure(figsize=(WIDTH / 100, 2.7))
    titles = (f"before: bias {decimal(BEFORE)}", f"after one step that is too large: bias {decimal(AFTER)}")
    for i, (bias, title) in enumerate(zip((BEFORE, AFTER), titles, strict=True)):
        axis = figure.add_axes(((46 + 400 * i) / WIDTH, 0.2, 360 / WIDTH, 0.62))
        dress(axis)
        grid = np.array([-10.5, 0, 4.5])
        axis.plot(grid, relu(grid), color=BLUE, linewidth=points(2.6))
        z = DEAD_X + bias
        axis.plot(z, relu(z), "o", color=VERMILION, markersize=points(11), markeredgecolor="white", zorder=4)
        slope = relu_backward(np.ones(1), z[:1])[0]
        passes = "the gradient passes" if slope else "no gradient passes, ever again"
        axis.text(-10.2, 3.3, f"slope {decimal(slope)} at all three sums:\n{passes}", fontsize=points(14), color=INK)
        axis.set_title(title, fontsize=points(14), fontweight="bold", loc="left", color=INK)
        axis.set(xlim=(-10.5, 4.5), ylim=(-0.5, 4.6), xticks=[*(np.array([-9, -8, -7, 0, 1, 2, 3]))], yticks=range(5))
        axis.set_xlabel("pre-activation z", fontsize=points(13), color=INK)
    before, after = (listed(map(decimal, DEAD_X + bias)) for bias in (BEFORE, AFTER))
    sentence = (
        f"How a unit dies. With the bias {decimal(BEFORE)} its sums for three inputs are {before}, where the ReLU has "
        f"slope 1. A step to the bias {decimal(AFTER)} moves them to {after}. There the slope is 0, for all inputs."
    )
    return from_figure(figure, sentence, colours=96)


def _canvas(height: int) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH / 100, height / 100))
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, WIDTH), ylim=(height, 0))
    axis.set_axis_off()
    return figure, axis


def _words(axis: Axes, x: float, y: float, words: str, *, size: float = 15, colour: str = INK, bold: bool = False,
           ground: str = "") -> None:  # fmt: skip
    look: dict[str, Any] = {"ha": "center", "va": "center", "color": colour, "fontsize": points(size), "zorder": 5}
    if ground:
        look["bbox"] = {"facecolor": ground, "edgecolor": "none", "boxstyle": "round,pad=0.25"}
    axis.text(x, y, words, fontweight="bold" if bold else "normal", parse_math=False, **look)


def _rounded(x: float, y: float, width: float, height: float, colour: str) -> FancyBboxPatch:
    look: dict[str, Any] = {"facecolor": colour, "edgecolor": INK, "linewidth": 0.8}
    return FancyBboxPatch((x, y), width, height, boxstyle="round,pad=0,rounding_size=6", **look)


def _box(axis: Axes, x: float, y: float, width: float, colour: str, words: str) -> None:
    axis.add_patch(_rounded(x, y - 18, width, 36, colour))
    _words(axis, x + width / 2, y, words, size=16)


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look: dict[str, Any] = {"arrowstyle": "-|>", "color": SOFT, "linewidth": points(1.6), "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", end, start, arrowprops=look)


def _curve(axis: Axes, x: float, y: float, z: float) -> None:
    """A small ReLU in a box, with the dot where the sum is."""
    axis.add_patch(_rounded(x - 48, y - 48, 96, 96, "white"))
    scale = 16
    axis.plot([x - 42, x + 42], [y + 24, y + 24], color=LINE, linewidth=1)
    axis.plot([x, x], [y - 42, y + 42], color=LINE, linewidth=1)
    grid = np.array([-2.6, 0, 2.6])
    axis.plot(x + scale * grid, y + 24 - scale * relu(grid), color=BLUE, linewidth=points(2.6))
    axis.plot([x + scale * z], [y + 24 - scale * float(relu(z))], "o", color=VERMILION, markersize=points(9))
