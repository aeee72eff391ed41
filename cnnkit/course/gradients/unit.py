"""One unit on the way back: what it multiplies the gradient with, and how that follows from its curve."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text

from cnnkit._arguments import choice, real
from cnnkit.course.gradients.depth import ACTIVATIONS
from cnnkit.course.kit.activations import STEEPEST
from cnnkit.course.kit.curves import DOTTED, Chart, points
from cnnkit.course.kit.palette import BLUE, INK, LINE, PURPLE, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.words import bracketed, short
from cnnkit.network import Activation

WIDTH, HEIGHT = 820, 336
REACH = 5.0  # x runs from -REACH to REACH
KINKS = {"relu": (0.0,), "leaky_relu": (0.0,), "hardtanh": (-1.0, 1.0)}
SHAPES = {"sigmoid": (-0.4, 1.4), "tanh": (-1.6, 1.6), "hardtanh": (-1.6, 1.6)}  # the scale of f; of the others OPEN
OPEN = (-3.0, 9.0)


def draw_unit(activation: str, x: float, weight: float, bias: float = 0.0) -> Picture:
    """Draw f with its tangent at z = weight · x + bias, and weight · f′(z) for every input x.

    activation   one of ACTIVATIONS
    Errors: ValueError for an unknown activation or anything that is not a number.
    """
    unit = Activation(choice("activation", activation, ACTIVATIONS))
    x, weight, bias = real("x", x), real("weight", weight), real("bias", bias)
    z = weight * x + bias
    y, slope = float(unit.forward(np.array([z]))[0]), float(unit.backward(np.array([1.0]))[0])
    chart = _unit_chart()
    left, right = chart.show_curve(unit, z, y, slope), chart.show_factor(unit, x, weight, bias, weight * slope)
    return chart.picture(_sentence(activation, (x, weight, bias), z, y, slope), still=(left, right))


@cache
def _unit_chart() -> UnitChart:
    return UnitChart()


class UnitChart(Chart):
    """f over z on the left, the factor over x on the right."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        bottom, height = 46 / HEIGHT, (HEIGHT - 46 - 40) / HEIGHT
        self.left = self.axes(48 / WIDTH, bottom, 350 / WIDTH, height)
        self.right = self.axes(458 / WIDTH, bottom, 342 / WIDTH, height)
        for axes, words in ((self.left, "sum z = w·x + b"), (self.right, "input x")):
            axes.set_xlabel(words, fontsize=points(13), color=INK)
            axes.axhline(0, color=SOFT, linewidth=0.8)
            axes.axvline(0, color=LINE, linewidth=0.8)
        self.right.set_xlim(-REACH, REACH)
        self.title(self.left, "forward: f and its slope at z")
        self.title(self.right, "backward: the factor w·f′(z)")
        self.curve = self.line(self.left, color=BLUE, linewidth=2)
        self.tangent = self.line(self.left, color=VERMILION, linewidth=1.8, linestyle=(0, (4, 2)))
        self.bounds = [self.line(self.right, color=PURPLE, linewidth=1.5, linestyle=DOTTED) for _ in "+-"]
        self.factor = self.line(self.right, color=VERMILION, linewidth=2)
        dot = {"marker": "o", "markersize": 7.5, "markeredgecolor": "white", "linestyle": "", "clip_on": False}
        self.dots = [self.line(self.left, color=BLUE, **dot), self.line(self.right, color=VERMILION, **dot)]
        self.says = [self._value(self.left), self._value(self.right)]
        self.most = self.words(self.right, PURPLE)

    def line(self, axes: Axes, **style: Any) -> Line2D:
        return self.moving(axes.plot([], [], **style)[0])

    def _value(self, axes: Axes) -> Text:
        """A number at the right end of the title's row, where no curve comes."""
        return self.moving(
            axes.text(1, 1.033, "", ha="right", color=VERMILION, fontsize=points(14), transform=axes.transAxes)
        )

    def show_curve(self, unit: Activation, z: float, y: float, slope: float) -> tuple[float, ...]:
        """Draw the left panel; return its scale."""
        across = next(reach for reach in (10.0, 20.0, 50.0) if abs(z) <= reach)
        low, high = SHAPES.get(unit.name, {10.0: OPEN, 20.0: (-6.0, 19.0), 50.0: (-15.0, 48.0)}[across])
        if self.left.get_xlim() != (-across, across):
            self.left.set(xlim=(-across, across), xticks=np.linspace(-across, across, 5))
        if self.left.get_ylim() != (low, high):
            self.left.set_ylim(low, high)
        grid = np.union1d(np.linspace(-across, across, 401), KINKS.get(unit.name, ()))
        self.curve.set_data(grid, unit.forward(grid))
        half = (
            0.32 * across / np.hypot(1, slope * 2 * across / (high - low) * 0.7)
        )  # about the same length on the screen
        self.tangent.set_data([z - half, z + half], [y - half * slope, y + half * slope])
        self.dots[0].set_data([z], [y])
        self.says[0].set_text(f"slope {short(slope)}")
        return across, low, high

    def show_factor(self, unit: Activation, x: float, weight: float, bias: float, factor: float) -> float:
        """Draw the right panel; return its scale."""
        steepest = STEEPEST[unit.name] * abs(weight)
        reach = next(r for r in (0.25, 0.5, 1.0, 2.0, 3.5, 5.0, 9.5) if steepest <= r)
        if self.right.get_ylim() != (-1.3 * reach, 1.3 * reach):
            self.right.set_ylim(-1.3 * reach, 1.3 * reach)
        grid = np.linspace(-REACH, REACH, 1001)
        unit.forward(weight * grid + bias)
        values = weight * unit.backward(np.ones_like(grid))
        if unit.name in KINKS and weight:  # a jump, not a steep line
            jumps = np.flatnonzero(np.abs(np.diff(values)) > 0.5 * steepest) + 1
            grid, values = np.insert(grid, jumps, np.nan), np.insert(values, jumps, np.nan)
        self.factor.set_data(grid, values)
        for line, sign in zip(self.bounds, (1, -1), strict=True):
            line.set_data([-REACH, REACH], [sign * steepest, sign * steepest])
        self.dots[1].set_data([x], [factor])
        self.says[1].set_text(f"factor {short(factor)}")
        self.most.set(text=f"at most {short(STEEPEST[unit.name])}·|w| = {short(steepest)}", va="bottom")
        self.most.set(x=-REACH if x > 0 else REACH, ha="left" if x > 0 else "right", y=steepest + 0.05 * reach)
        return reach


def _sentence(activation: str, settings: tuple[float, float, float], z: float, y: float, slope: float) -> str:
    (x, weight, bias), steepest = settings, STEEPEST[activation]
    most, factor = steepest * abs(weight), weight * slope
    plus = f" {'+' if bias >= 0 else '−'} {short(abs(bias))}"
    parts = [
        f"z = w·x + b = {short(weight)}·{bracketed(x)}{plus} = {short(z)}. There {activation} is {short(y, 4)} and its "
        f"slope {short(slope)}.",
        f"On its way back the gradient is multiplied by w·f′(z) = {short(weight)}·{bracketed(slope)} = "
        f"{short(factor)}.",
        _state(activation, z, slope, steepest),
        f"Whatever the input, the factor is at most {short(steepest)}·|w| = {short(most)}.",
    ]
    if activation == "sigmoid":
        parts.append(_where_one(abs(weight)))
    return " ".join(part for part in parts if part)


def _where_one(size: float) -> str:
    """At which sums a sigmoid with a weight of this size passes all of the gradient: |w|·s·(1 − s) = 1."""
    if size < 4:
        return "A sigmoid passes all of the gradient, a factor of 1, only with |w| ≥ 4."
    s = (1 + np.sqrt(1 - 4 / size)) / 2
    z = float(np.log(s / (1 - s)))
    return f"A factor of size 1 stands at z = {f'±{z:.2f}' if z else '0'}."


def _state(activation: str, z: float, slope: float, steepest: float) -> str:
    if any(abs(z - kink) < 1e-9 for kink in KINKS.get(activation, ())):
        return "This is a kink, and torch takes the slope of the flatter side."
    if slope == 0:
        return "The curve is flat here: nothing passes."
    if abs(slope) < 0.01 * steepest:
        return f"The unit is saturated: that is {short(100 * abs(slope) / steepest, 2)} % of the largest slope."
    return ""
