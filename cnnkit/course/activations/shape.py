"""An activation and its slope at one point. What it makes of many numbers: see `sparsity`."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from cnnkit._arguments import choice, real
from cnnkit.course.activations.kinds import DEFAULTS, KINDS, LOWER, Kind, number
from cnnkit.course.kit.curves import DASHED, Chart, points
from cnnkit.course.kit.palette import BLUE, INK, ORANGE, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.steady import steady

WIDTH, HEIGHT = 820, 430
REACH = 6.0  # x runs from −REACH to REACH
SATURATED = 0.01  # a slope below this share of the largest one
GRID = np.linspace(-REACH, REACH, 481)
LEFT, ACROSS, COLUMN = 60, 540, 630  # the axes' left side and width; where the words on the right begin
STEP = 0.1  # between the points that can be chosen
WORDS = {  # on the right: how far down, how large, in which colour
    "name": (40, 17, INK), "option": (64, 13, SOFT), "x": (106, 15, INK), "y": (136, 15, INK),
    "tangent": (166, 15, INK), "before": (196, 13, INK), "slope": (310, 15, INK), "share": (334, 13, INK),
    "largest": (354, 13, INK),
}  # fmt: skip
KEYS = {"y": BLUE, "tangent": INK, "before": SOFT, "slope": VERMILION}  # words with a piece of their line before them
KEY = 28  # how wide that is


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
        self.ghosts = [self._line(axes, SOFT, 1.4, linestyle=DASHED) for axes in (self.above, self.below)]
        self.curve, self.slope = self._line(self.above, BLUE, 2.6), self._line(self.below, VERMILION, 2.6)
        self.tangent = self._line(self.above, INK, 1.4)
        ring: dict[str, Any] = {"marker": "o", "linestyle": "", "markersize": points(8), "markeredgewidth": points(1.5)}
        self.rings = self.moving(self.below.plot([], [], color=VERMILION, markerfacecolor="white", **ring)[0])
        dot: dict[str, Any] = {"markersize": points(11), "markeredgecolor": "white", "clip_on": False}
        self.dots = [self.moving(axes.plot([], [], "o", color=colour, **dot)[0])
                     for axes, colour in ((self.above, BLUE), (self.below, VERMILION))]  # fmt: skip
        self.text = {name: self._words(*place, KEY * (name in KEYS)) for name, place in WORDS.items()}
        self.text["name"].set_weight("bold")
        self.keys = {name: self._key(name, colour) for name, colour in KEYS.items()}

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

    def _words(self, y: float, size: float, colour: str, indent: float) -> Any:
        place = (COLUMN + indent) / WIDTH, 1 - y / HEIGHT
        return self.moving(self.figure.text(*place, "", size=points(size), color=colour))

    def _key(self, name: str, colour: str) -> Any:
        """A piece of the line that the words beside it are about."""
        y = 1 - (WORDS[name][0] - 5) / HEIGHT
        line = Line2D([COLUMN / WIDTH, (COLUMN + KEY - 8) / WIDTH], [y, y], color=colour)
        line.set(
            linewidth=points(2.6 if name in ("y", "slope") else 1.4), linestyle=DASHED if name == "before" else "-"
        )
        return self.moving(self.figure.add_artist(line))


_shape_chart = cache(ShapeChart)


@steady()
def draw_shape(activation: str, x: float, *, before: str | None = None, **options: float) -> Picture:
    """Draw f and f′, the point x on both, and the tangent there.

    activation   one of KINDS
    before       another one, drawn thin and dashed behind it
    options      the activations' options by torch's name, such as negative_slope=0.1; those of others are ignored

    Errors: ValueError for an unknown activation or option.
    """
    kind, v = _kind(activation, options)
    x = real("x", x)
    y, slope = float(kind.value(x, v)), float(kind.slope(x, v))
    chart = _shape_chart()
    low, high = scale = _scale(kind)
    chart.above.set_ylim(low, high)
    chart.curve.set_data(GRID, kind.value(GRID, v))
    *line, rings = _slope(kind, v)
    chart.slope.set_data(*line)
    chart.rings.set_data([at for at, _ in rings], [side for _, side in rings])
    _draw_ghost(chart, *(_kind(before, options) if before else (None, 0.0)))
    chart.band.set_xy(_fan(LOWER, v) if activation == "RReLU" else _fan(0, 0))
    _draw_point(chart, x, y, slope, 12 / (high - low) * 236 / ACROSS)
    _write_shape(chart, activation, kind, (x, y, slope, v), before)
    _let_touch(chart, x, before)
    return chart.picture(_shape_sentence(activation, kind, x, v, _in_words(before, x, options)), still=scale)


def _scale(kind: Kind) -> tuple[float, float]:
    """From where to where f is drawn: the same for all values of the option."""
    if kind.bounded:
        return -kind.bounded, kind.bounded
    falls = kind.option in ("negative_slope", "weight", "upper")
    return -6.3 if falls else -2.2, 6.3


def _slope(kind: Kind, v: float) -> tuple[np.ndarray, np.ndarray, list[tuple[float, float]]]:
    """The slope with a gap at each kink, and there a ring on each side that torch's choice leaves open."""
    grid, rings = GRID, []
    slope = kind.slope(grid, v)
    for at, left, right in kind.kinks(v):
        near = np.isclose(grid, at)
        grid, slope = grid[~near], slope[~near]
        here = np.searchsorted(grid, at)
        grid, slope = np.insert(grid, here, [at, at, at]), np.insert(slope, here, [left, np.nan, right])
        taken = float(kind.slope(at, v))
        rings += [(at, side) for side in (left, right) if not math.isclose(side, taken)]
    return grid, slope, rings


def _fan(*slopes: float) -> np.ndarray:
    """The corners of what lies left of 0 between two slopes."""
    return np.array([[-REACH, -REACH * slopes[0]], [0, 0], [-REACH, -REACH * slopes[1]]])


def _draw_point(chart: ShapeChart, x: float, y: float, slope: float, stretch: float) -> None:
    """The point on both curves, and a tangent that is equally long wherever it is; `stretch` is y's scale by x's."""
    reach = 1.4 / math.hypot(1, slope * stretch)
    chart.tangent.set_data([x - reach, x + reach], [y - reach * slope, y + reach * slope])
    for line, dot, height in zip(chart.at, chart.dots, (y, slope), strict=True):
        line.set_xdata([x, x])
        dot.set_data([x], [height])


def _draw_ghost(chart: ShapeChart, kind: Kind | None, v: float) -> None:
    for line in (*chart.ghosts, chart.keys["before"]):
        line.set_visible(kind is not None)
    if kind:
        chart.ghosts[0].set_data(GRID, kind.value(GRID, v))
        chart.ghosts[1].set_data(*_slope(kind, v)[:2])


def _write_shape(
    chart: ShapeChart, activation: str, kind: Kind, numbers: tuple[float, float, float, float], before: str | None
) -> None:
    x, y, slope, v = numbers
    steepest, _ = kind.steepest(v)
    words = {
        "name": activation, "option": f"{kind.option} = {number(v)}" if kind.option else "no parameter",
        "x": f"x = {number(x)}", "y": f"f(x) = {number(y)}", "tangent": "tangent at x",
        "before": f"before: {before}" if before else "", "slope": f"f′(x) = {number(slope)}",
        "share": f"{number(100 * slope / steepest)} % of the largest,", "largest": f"which is {number(steepest)}",
    }  # fmt: skip
    for name, text in chart.text.items():
        text.set_text(words[name])


def _let_touch(chart: ShapeChart, x: float, before: str | None) -> None:
    """A place on the axes is a point x; the words "before: …" bring that activation back."""
    count = round(2 * REACH / STEP) + 1
    for axes in (chart.above, chart.below):
        left, top, width, height = chart.box(axes)
        half = width / (count - 1) / 2  # so that the middle of a cell is its point
        chart.touch(
            (left - half, top, width + 2 * half, height), 1, count, lambda _, j: {"x": round(j * STEP - REACH, 1)},
            here=(0, round((x + REACH) / STEP)), says="x here",
        )  # fmt: skip
    if before:
        box = COLUMN, WORDS["before"][0] - 16, WIDTH - COLUMN - 10, 22
        chart.touch(box, 1, 1, lambda *_: {"activation": before}, says="back to it")


def _in_words(before: str | None, x: float, options: dict[str, float]) -> str:
    if not before:
        return ""
    kind, v = _kind(before, options)
    return f"; {before} had {number(float(kind.value(x, v)))}"


def _shape_sentence(activation: str, kind: Kind, x: float, v: float, before: str) -> str:
    y, slope = float(kind.value(x, v)), float(kind.slope(x, v))
    option = f" with {kind.option} = {number(v)}" if kind.option else ""
    for_y, for_slope = kind.said(x, v)
    for_y = "" if for_y == number(y) else f"{for_y} = "
    for_slope = f"{for_slope} = " if for_slope else ""
    kinks = [
        f"At this kink the slope is {number(left)} on the left and {number(right)} on the right; torch takes "
        f"{number(slope)}."
        for at, left, right in kind.kinks(v) if math.isclose(at, x, abs_tol=1e-9)
    ]  # fmt: skip
    about_y = f"{activation}{option} at x = {number(x)}: f(x) = {for_y}{number(y)}{before}."
    about_slope = f"The slope is f′(x) = {for_slope}**{number(slope)}**."
    rest = " ".join([*kinks, *_remarks(activation, x, v)])
    if rest:
        return f"{about_y}\n{about_slope} {_saturation(kind, slope, v)}\n{rest}"
    return f"{about_y}\n{about_slope}\n{_saturation(kind, slope, v)}"


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
        return [f"The gradient of w is min(0, x) = {number(min(0.0, x))}."]
    if activation == "RReLU" and x < 0:
        return [
            f"That is for evaluation, the middle of {LOWER} and {number(v)}; in training f(x) is drawn from between "
            f"{number(v * x)} and {number(LOWER * x)}."
        ]
    return []


def _kind(activation: str, options: dict[str, float]) -> tuple[Kind, float]:
    kind = KINDS[choice("activation", activation, tuple(KINDS))]
    for name in options:
        choice("the option", name, tuple(DEFAULTS))
    return kind, real(kind.option, options.get(kind.option, DEFAULTS[kind.option])) if kind.option else 0.0
