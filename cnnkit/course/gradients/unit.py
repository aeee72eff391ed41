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
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.words import bracketed, short
from cnnkit.network import Activation

WIDTH, HEIGHT = 820, 408
REACH, STEP = 5.0, 0.1  # x runs from −REACH to REACH
HEAVIEST = 8.0  # and w from −HEAVIEST to HEAVIEST
KINKS = {"relu": (0.0,), "leaky_relu": (0.0,), "hardtanh": (-1.0, 1.0)}
SHAPES = {"sigmoid": (-0.4, 1.4), "tanh": (-1.6, 1.6), "hardtanh": (-1.6, 1.6)}  # the scale of f; of the others OPEN
OPEN = (-3.0, 9.0)


@steady()
def draw_unit(activation: str, x: float, weight: float, bias: float = 0.0) -> Picture:
    """Draw f with its tangent at z = weight · x + bias, and weight · f′(z) for every input x and as a product.

    activation   one of ACTIVATIONS
    Errors: ValueError for an unknown activation or anything that is not a number.
    """
    unit = Activation(choice("activation", activation, ACTIVATIONS))
    x, weight, bias = (real(name, value) + 0.0 for name, value in (("x", x), ("weight", weight), ("bias", bias)))
    z = round(weight * x + bias, 9) + 0.0  # without the dust of rounding; the sum makes a 0 of a −0
    y, slope = float(unit.forward(np.array([z]))[0]) + 0.0, float(unit.backward(np.array([1.0]))[0]) + 0.0
    factor = weight * slope + 0.0
    chart = _unit_chart()
    left, right = chart.show_curve(unit, z, y, slope), chart.show_factor(unit, x, weight, bias, factor)
    chart.show_product(weight, slope, factor)
    chart.let_touch(x, weight, bias, left[0])
    return chart.picture(_sentence(activation, (x, weight, bias), z, y, slope), still=(left, right))


@cache
def _unit_chart() -> UnitChart:
    return UnitChart()


class UnitChart(Chart):
    """f over z on the left, the factor over x on the right, and below them the two parts of the factor as bars."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        bottom, height = 176 / HEIGHT, (HEIGHT - 176 - 34) / HEIGHT
        self.left = self.axes(48 / WIDTH, bottom, 350 / WIDTH, height)
        self.right = self.axes(458 / WIDTH, bottom, 342 / WIDTH, height)
        for axes, words in ((self.left, "sum z = w·x + b"), (self.right, "input x")):
            axes.set_xlabel(words, fontsize=points(13), color=INK)
            axes.axhline(0, color=SOFT, linewidth=0.8)
            axes.axvline(0, color=LINE, linewidth=0.8)
        self.right.set_xlim(-REACH, REACH)
        self.title(self.left, "forward: f and its slope at z")
        self.title(self.right, "backward: factor w·f′(z)")
        self.curve = self.line(self.left, color=BLUE, linewidth=2)
        self.tangent = self.line(self.left, color=PURPLE, linewidth=1.8, linestyle=(0, (4, 2)))
        self.bound = self.line(self.right, color=SOFT, linewidth=1.5, linestyle=DOTTED)
        self.factor = self.line(self.right, color=VERMILION, linewidth=2)
        dot = {"marker": "o", "markersize": 7.5, "markeredgecolor": "white", "linestyle": "", "clip_on": False}
        self.dots = [self.line(self.left, color=BLUE, **dot), self.line(self.right, color=VERMILION, **dot)]
        self.says = [self._value(self.left), self._value(self.right)]
        self.most = self.words(self.right)
        self.product = self.axes(96 / WIDTH, 28 / HEIGHT, 704 / WIDTH, 86 / HEIGHT)
        self._lay_product()

    def line(self, axes: Axes, **style: Any) -> Line2D:
        return self.moving(axes.plot([], [], **style)[0])

    def _value(self, axes: Axes) -> Text:
        """A number at the right end of the title's row, where no curve comes."""
        return self.moving(axes.text(1, 1.04, "", ha="right", color=INK, fontsize=points(14), transform=axes.transAxes))

    def _lay_product(self) -> None:
        """A row for the weight, one for the slope, and one for their product, all on one scale."""
        self.product.set(xlim=(-9, 9), ylim=(2.5, -0.5), xticks=range(-8, 9))
        self.product.set_yticks(range(3), ["w", "× f′(z)", "= w·f′(z)"], fontsize=points(13))
        self.product.grid(visible=False, axis="y")
        self.product.spines["left"].set_visible(False)
        self.product.axvline(0, color=SOFT, linewidth=0.8)
        self.bars = [
            self.moving(self.product.barh([i], [0], height=0.62, color=colour)[0])
            for i, colour in enumerate((SOFT, PURPLE, VERMILION))
        ]
        self.lengths = [self.words(self.product, va="center_baseline") for _ in self.bars]

    def show_product(self, *values: float) -> None:
        """Draw the bars, each with its number behind its end."""
        for i, (bar, words, value) in enumerate(zip(self.bars, self.lengths, values, strict=True)):
            bar.set_width(value)
            words.set(text=short(value), ha="right" if value < 0 else "left")
            words.set_position((value + (-0.12 if value < 0 else 0.12), i + 0.03))

    def let_touch(self, x: float, weight: float, bias: float, across: float) -> None:
        """An input on the right, a sum on the left that an input gives, a weight among the bars."""
        inputs = _steps(REACH)
        self._touch_axis(self.right, inputs, inputs, "x", x, says="input x")
        sums = weight * inputs + bias
        near = abs(sums) <= across + abs(weight) * STEP  # one more at either end, so that the arrow keys go on
        if weight:
            self._touch_axis(self.left, sums[near], inputs[near], "x", x, says="the input with this sum")
        weights = _steps(HEAVIEST)
        self._touch_axis(self.product, weights, weights, "weight", weight, says="weight w", rows=3)

    def _touch_axis(
        self, axes: Axes, places: np.ndarray, values: np.ndarray, name: str, now: float, *, says: str, rows: int = 1
    ) -> None:
        """Have evenly spaced `places` along the axis set a control to `values`; only the first of `rows` is touched."""
        if places[0] > places[-1]:
            places, values = places[::-1], values[::-1]
        left, top, width, height = self.box(axes)
        low, high = axes.get_xlim()
        pixel, each = width / (high - low), places[1] - places[0]
        box = left + (places[0] - each / 2 - low) * pixel, top, each * len(places) * pixel, height / rows
        here = 0, int(abs(values - now).argmin())
        self.touch(box, 1, len(values), lambda row, column: {name: float(values[column])}, here=here, says=says)

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

    def show_factor(self, unit: Activation, x: float, weight: float, bias: float, factor: float) -> tuple[float, ...]:
        """Draw the right panel; return its scale."""
        steepest = STEEPEST[unit.name] * abs(weight)
        reach = 2.5 if steepest <= 2 else 10.5  # all sigmoids fit into the first, and all others into the second
        scale = (-0.2 * reach, reach) if weight >= 0 else (-reach, 0.2 * reach)
        if self.right.get_ylim() != scale:
            self.right.set_ylim(*scale)
        grid = np.linspace(-REACH, REACH, 1001)
        unit.forward(weight * grid + bias)
        values = weight * unit.backward(np.ones_like(grid))
        if unit.name in KINKS and weight:  # a jump, not a steep line
            jumps = np.flatnonzero(np.abs(np.diff(values)) > 0.5 * steepest) + 1
            grid, values = np.insert(grid, jumps, np.nan), np.insert(values, jumps, np.nan)
        self.factor.set_data(grid, values)
        bound = steepest if weight >= 0 else -steepest
        self.bound.set_data([-REACH, REACH], [bound, bound])
        self.dots[1].set_data([x], [factor])
        self.says[1].set_text(f"factor {short(factor)}")
        self.most.set(text=f"size at most {short(STEEPEST[unit.name])}·|w| = {short(steepest)}")
        self.most.set(x=-REACH if x > 0 else REACH, ha="left" if x > 0 else "right")
        self.most.set(y=bound + (0.02 if weight >= 0 else -0.02) * reach, va="bottom" if weight >= 0 else "top")
        return scale


def _steps(end: float) -> np.ndarray:
    """The values of a slider from −end to end."""
    return np.round(np.linspace(-end, end, round(2 * end / STEP) + 1), 1) + 0.0


def _sentence(activation: str, settings: tuple[float, float, float], z: float, y: float, slope: float) -> str:
    x, weight, bias = settings
    steepest, factor = STEEPEST[activation], weight * slope + 0.0
    most = f"{short(steepest)}·|w| = {short(steepest * abs(weight))}"
    plus = f" {'+' if bias >= 0 else '−'} {short(abs(bias))}"
    at_one = _where_one(abs(weight)) if activation == "sigmoid" else ""
    return "\n".join([
        f"z = w·x + b = {short(weight)}·{bracketed(x)}{plus} = {short(z)}. There {activation} is {short(y, 4)} and its "
        f"slope {short(slope)}.",
        f"Backward, the gradient is multiplied by w·f′(z) = {short(weight)}·{bracketed(slope)} = **{short(factor)}**."
        f"{_state(activation, z, slope, steepest)}",
        f"Whatever the input, the size of the factor is at most {most}{at_one}.",
    ])  # fmt: skip


def _where_one(size: float) -> str:
    """At which sums a sigmoid with a weight of this size passes all of the gradient: |w|·s·(1 − s) = 1."""
    if size < 4:
        return "; a sigmoid reaches 1 only with |w| ≥ 4"
    s = (1 + np.sqrt(1 - 4 / size)) / 2
    z = float(np.log(s / (1 - s)))
    return f"; its size is 1 at z = {f'±{z:.2f}' if z else '0'}"


def _state(activation: str, z: float, slope: float, steepest: float) -> str:
    if any(abs(z - kink) < 1e-9 for kink in KINKS.get(activation, ())):
        return " This is a kink: torch takes the flatter slope."
    if slope == 0:
        return " The curve is flat here: nothing passes."
    if abs(slope) < 0.01 * steepest:
        return " The unit is saturated."
    return ""
