"""An activation and its slope at one point. What it makes of many numbers: see `sparsity`."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from cnnkit._arguments import choice, real
from cnnkit.course.activations.kinds import DEFAULTS, KINDS, LOWER, Kind, number
from cnnkit.course.kit.curves import Chart, points
from cnnkit.course.kit.palette import BLUE, INK, ORANGE, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture

WIDTH, HEIGHT = 820, 430
REACH = 6.0  # x runs from −REACH to REACH
SATURATED = 0.01  # a slope below this share of the largest one
LEFT, ACROSS, COLUMN = 60, 540, 630  # the axes' left side and width; where the words on the right begin
WORDS = (  # the words on the right: how far down, how large, in which colour
    (40, 17, INK), (64, 13, SOFT), (112, 15, SOFT), (142, 15, BLUE), (172, 15, INK), (310, 15, VERMILION),
    (334, 13, INK), (354, 13, INK),
)  # fmt: skip


class ShapeChart(Chart):
    """f above, f′ below, at the same x; their numbers on the right."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        self.above, self.below = self._panel(16, 236), self._panel(278, 106)
        self.below.set(xlabel="x", ylim=(-0.25, 1.62), yticks=(0, 0.25, 1), yticklabels=("0", "¼", "1"))
        self.above.set(ylabel="f(x)", xticklabels=[])
        self.below.set_ylabel("slope f′(x)")
        self.band = self.moving(self.above.fill([0, 0, 0], [0, 0, 0], color=ORANGE, alpha=0.35, linewidth=0)[0])
        self.at = [self.moving(axes.axvline(0, color=SOFT, linewidth=points(1.2), linestyle=":"))
                   for axes in (self.above, self.below)]  # fmt: skip
        self.curve, self.slope = self._line(self.above, BLUE, 2.6), self._line(self.below, VERMILION, 2.6)
        self.tangent = self._line(self.above, INK, 1.6, linestyle="--")
        ring: dict[str, Any] = {"marker": "o", "linestyle": "", "markersize": points(8), "markeredgewidth": points(1.5)}
        self.rings = self.moving(self.below.plot([], [], color=VERMILION, markerfacecolor="white", **ring)[0])
        dot: dict[str, Any] = {"markersize": points(11), "markeredgecolor": "white", "clip_on": False}
        self.dots = [self.moving(axes.plot([], [], "o", color=colour, **dot)[0])
                     for axes, colour in ((self.above, BLUE), (self.below, VERMILION))]  # fmt: skip
        self.text = [self._words(*place) for place in WORDS]
        self.text[0].set_weight("bold")

    def _panel(self, top: float, height: float) -> Axes:
        axes = self.axes(LEFT / WIDTH, 1 - (top + height) / HEIGHT, ACROSS / WIDTH, height / HEIGHT)
        axes.set_xlim(-REACH, REACH)
        axes.yaxis.set_label_coords(-42 / ACROSS, 0.5)
        axes.axhline(0, color=SOFT, linewidth=points(1))
        for label in (axes.xaxis.label, axes.yaxis.label):
            label.set(size=points(13), color=INK)
        return axes

    def _line(self, axes: Axes, colour: str, width: float, **options: Any) -> Any:
        return self.moving(axes.plot([], [], color=colour, linewidth=points(width), **options)[0])

    def _words(self, y: float, size: float, colour: str) -> Any:
        place = COLUMN / WIDTH, 1 - y / HEIGHT
        return self.moving(self.figure.text(*place, "", size=points(size), color=colour))


_shape_chart = cache(ShapeChart)


def draw_shape(activation: str, x: float, **options: float) -> Picture:
    """Draw f and f′, the point x on both, and the tangent there.

    activation   one of KINDS
    options      the activation's option by torch's name, such as negative_slope=0.1; those of others are ignored

    Errors: ValueError for an unknown activation or option.
    """
    kind, v = _kind(activation, options)
    x = real("x", x)
    y, slope = float(kind.value(x, v)), float(kind.slope(x, v))
    chart = _shape_chart()
    low, high = scale = _scale(kind)
    chart.above.set_ylim(low, high)
    grid = np.linspace(-REACH, REACH, 481)
    chart.curve.set_data(grid, kind.value(grid, v))
    _draw_slope(chart, kind, v, grid)
    reach = 1.4 / math.hypot(1, slope * 12 / (high - low) * 236 / ACROSS)
    chart.tangent.set_data([x - reach, x + reach], [y - reach * slope, y + reach * slope])
    ends = (LOWER, v) if activation == "RReLU" else (0, 0)
    chart.band.set_xy(np.array([[-REACH, -REACH * ends[0]], [0, 0], [-REACH, -REACH * ends[1]]]))
    for line, dot, at in zip(chart.at, chart.dots, (y, slope), strict=True):
        line.set_xdata([x, x])
        dot.set_data([x], [at])
    _write_shape(chart, activation, kind, (x, y, slope, v))
    return chart.picture(_shape_sentence(activation, kind, x, v), still=scale)


def _scale(kind: Kind) -> tuple[float, float]:
    """From where to where f is drawn: the same for all values of the option."""
    if kind.bounded:
        return -kind.bounded, kind.bounded
    falls = kind.option in ("negative_slope", "weight", "upper")
    return -6.3 if falls else -2.2, 6.3


def _draw_slope(chart: ShapeChart, kind: Kind, v: float, grid: np.ndarray) -> None:
    """The slope with a gap at each kink, and there a ring on each side that torch's choice leaves open."""
    slope, rings = kind.slope(grid, v), []
    for at, left, right in kind.kinks(v):
        near = np.isclose(grid, at)
        grid, slope = grid[~near], slope[~near]
        here = np.searchsorted(grid, at)
        grid, slope = np.insert(grid, here, [at, at, at]), np.insert(slope, here, [left, np.nan, right])
        taken = float(kind.slope(at, v))
        rings += [(at, side) for side in (left, right) if not math.isclose(side, taken)]
    chart.slope.set_data(grid, slope)
    chart.rings.set_data([at for at, _ in rings], [side for _, side in rings])


def _write_shape(chart: ShapeChart, activation: str, kind: Kind, numbers: tuple[float, float, float, float]) -> None:
    x, y, slope, v = numbers
    steepest, _ = kind.steepest(v)
    share = f"{number(100 * slope / steepest)} % of the largest,"
    words = (
        activation, f"{kind.option} = {number(v)}" if kind.option else "no parameter", f"x = {number(x)}",
        f"f(x) = {number(y)}", "- - tangent at x", f"f′(x) = {number(slope)}", share, f"which is {number(steepest)}",
    )  # fmt: skip
    for text, word in zip(chart.text, words, strict=True):
        text.set_text(word)


def _shape_sentence(activation: str, kind: Kind, x: float, v: float) -> str:
    y, slope = float(kind.value(x, v)), float(kind.slope(x, v))
    option = f" with {kind.option} = {number(v)}" if kind.option else ""
    for_y, for_slope = kind.said(x, v)
    for_y = "" if for_y == number(y) else f"{for_y} = "
    for_slope = f"{for_slope} = " if for_slope else ""
    parts = [
        f"{activation}{option} at x = {number(x)}: f(x) = {for_y}{number(y)}, and the slope is f′(x) = {for_slope}"
        f"{number(slope)}.",
        *[
            f"There is a kink: the slope is {number(left)} on the left and {number(right)} on the right; torch takes "
            f"{number(slope)}." for at, left, right in kind.kinks(v) if math.isclose(at, x, abs_tol=1e-9)
        ],
        _saturation(kind, slope, v),
        *_remarks(activation, x, v),
    ]  # fmt: skip
    return " ".join(part for part in parts if part)


def _saturation(kind: Kind, slope: float, v: float) -> str:
    steepest, where = kind.steepest(v)
    if slope == 0:
        return "Flat: no gradient passes."
    share = abs(slope) / steepest
    if math.isclose(share, 1, abs_tol=5e-4):
        return "Not saturated: no slope of this curve is larger."
    verdict = "Saturated" if share < SATURATED else "Not saturated"
    return f"{verdict}: that is {number(100 * slope / steepest)} % of the largest slope ({number(steepest)}, {where})."


def _remarks(activation: str, x: float, v: float) -> list[str]:
    if activation == "PReLU":
        return [f"w is learnt: its gradient here is min(0, x) = {number(min(0.0, x))}."]
    if activation == "RReLU" and x < 0:
        return [
            f"That is for evaluation, with the middle of {LOWER} and {number(v)}. In training the slope is drawn from "
            f"between them, so f(x) lies between {number(v * x)} and {number(LOWER * x)}."
        ]
    return []


def _kind(activation: str, options: dict[str, float]) -> tuple[Kind, float]:
    kind = KINDS[choice("activation", activation, tuple(KINDS))]
    for name in options:
        choice("the option", name, tuple(DEFAULTS))
    return kind, real(kind.option, options.get(kind.option, DEFAULTS[kind.option])) if kind.option else 0.0
