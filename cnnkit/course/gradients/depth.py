"""Where the gradient goes: through a deep network layer by layer, and through one unit."""

from __future__ import annotations

from functools import cache, lru_cache
from math import log10, sqrt
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from cnnkit._arguments import choice, real
from cnnkit.course.gradients.depth_numbers import Flow, measure_flow, predict_flow
from cnnkit.course.kit.curves import DASHED, DOTTED, Chart, drawable, points, powers_of_ten
from cnnkit.course.kit.palette import BLUE, INK, PURPLE, VERMILION
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.words import counted, short
from cnnkit.network import weight_std

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "silu", "softplus", "hardtanh", "identity")
SPREADS = {  # init and gain of `weight_std` that give a new layer's weights their spread
    "he": ("he", 1.0),
    "xavier": ("xavier", 1.0),
    "pytorch": ("lecun", 1 / sqrt(3)),  # U(−1/√n, 1/√n) has the variance 1/(3n)
    "normal": ("normal", 1.0),
}
SMALLEST, LARGEST = 1e-45, 3.4e38  # what float32 still holds
DEEPEST = 50  # the depth of the deepest network
POWERS, ROOM = (-35, 15), 5  # the powers of ten on the scale, and how many more fit at either end
WIDTH, HEIGHT = 820, 372


@steady()
def draw_depth(depth: int, activation: str, *, init: str, gain: float, width: int, seed: int = 0) -> Picture:
    """Draw the spread of the activations and the norm of the gradient in each layer, measured and predicted.

    depth        number of layers, each a Linear of `width` to `width` units and an activation
    activation   one of ACTIVATIONS
    init         one of SPREADS; "pytorch" has the spread of a new torch.nn.Linear
    gain         the weights are multiplied with it

    Errors: ValueError for what `measure_flow` refuses.
    """
    name, own = SPREADS[choice("init", init, tuple(SPREADS))]
    factor = own * real("gain", gain)
    measured = _measure(depth, activation, width, name, factor, seed)
    predicted = predict_flow(depth, activation, width=width, init=name, gain=factor)
    layers, std = counted(depth, "layer"), short(weight_std(name, width, width, gain=factor))
    start = f"{layers} of {width} units, {activation}, {init} with gain {gain:g}: the weights are from N(0, {std}²)."
    return _depth_chart().draw(measured, predicted, "\n".join([start, *_depth_sentences(measured, predicted)]))


@lru_cache(maxsize=64)
def _measure(depth: int, activation: str, width: int, init: str, gain: float, seed: int) -> Flow:
    rng = np.random.default_rng(seed)
    return measure_flow(depth, activation, rng=rng, width=width, init=init, gain=gain, examples=32)


@cache
def _depth_chart() -> DepthChart:
    return DepthChart()


class DepthChart:
    """Two panels with one logarithmic scale, the same for every network: forward on the left, backward on the right."""

    def __init__(self) -> None:
        self.chart = Chart(WIDTH, HEIGHT)
        bottom, height = 46 / HEIGHT, (HEIGHT - 46 - 52) / HEIGHT
        self.left = self.chart.axes(58 / WIDTH, bottom, 352 / WIDTH, height)
        self.right = self.chart.axes(448 / WIDTH, bottom, 352 / WIDTH, height)
        for axes in (self.left, self.right):
            self._scale(axes)
        self.right.tick_params(labelleft=False)
        self.limit = self._line(self.right, color=PURPLE, linewidth=1.5, linestyle=DOTTED)
        colours = ((self.left, BLUE), (self.right, VERMILION))
        self.lines = {axes: self._pair(axes, colour) for axes, colour in colours}
        self.ends = {axes: self.chart.words(axes) for axes in self.lines}
        self.chart.title(self.left, "forward →   spread of the activations", above=29)
        self.chart.title(self.right, "← backward   norm of the gradient", above=29)
        self.chart.key(self.left, (BLUE, "-", "measured"), (INK, DASHED, "variance rule"))
        quarter = (PURPLE, DOTTED, "0.25 per layer")
        self.chart.key(self.right, (VERMILION, "-", "measured"), (INK, DASHED, "variance rule"), quarter)

    def _scale(self, axes: Axes) -> None:
        axes.set_yscale("log")
        axes.minorticks_off()
        axes.set_xlim(-0.02 * DEEPEST, 1.02 * DEEPEST)
        axes.set_xticks(range(0, DEEPEST + 1, 10))
        powers_of_ten(axes, *POWERS)
        axes.set_xlabel("layer", fontsize=points(13), color=INK)

    def _line(self, axes: Axes, **options: Any) -> Line2D:
        return self.chart.moving(axes.plot([], [], clip_on=True, **options)[0])

    def _pair(self, axes: Axes, colour: str) -> tuple[Line2D, Line2D]:
        """The line of what is measured, and that of the rule on top of it."""
        return (
            self._line(axes, color=colour, linewidth=5, alpha=0.45, solid_capstyle="round"),
            self._line(axes, color=INK, linewidth=1.3, linestyle=DASHED),
        )

    def draw(self, measured: Flow, predicted: Flow, sentence: str) -> Picture:
        depth = len(measured.spread) - 1
        layers = np.arange(depth + 1)
        self.limit.set_data(layers, 0.25 ** (depth - layers))
        for axes, found, rule in zip(self.lines, measured, predicted, strict=True):
            for line, values in zip(self.lines[axes], (found, rule), strict=True):
                line.set_data(layers, np.where(drawable(values), values, np.nan))
        self._write(self.left, measured.spread, depth)
        self._write(self.right, measured.gradient, 0)
        self._let_touch(depth)
        return self.chart.picture(sentence, still=None)

    def _write(self, axes: Axes, values: np.ndarray, layer: int) -> None:
        """The number at the end of a curve, where the signal comes out at `layer`."""
        end, value, (low, high) = self.ends[axes], values[layer], POWERS
        place: tuple[float, str] = layer, "right" if layer else "left"
        if value == 0:
            words, power, va = f"exactly 0 at layer {layer}", float(low), "bottom"
        elif not 10.0 ** (low - ROOM) <= value <= 10.0 ** (high + ROOM):
            words, place = f"layer {layer}: {short(value)},\noff the scale", _far_from_exit(values, layer)
            power, va = (high + ROOM - 0.5, "top") if value > 1 else (low - ROOM + 0.5, "bottom")
        else:  # a curve that ends low comes from above, so there is room below its end
            below = value < 1
            words, power, va = short(value), log10(value) + (-1.5 if below else 1.5), "top" if below else "bottom"
            if 0 < layer < 0.6 * DEEPEST:
                place, power, va = (layer + 1.2, "left"), log10(value), "center_baseline"
        end.set(text=words, va=va, ha=place[1])
        end.set_position((place[0], 10.0**power))

    def _let_touch(self, depth: int) -> None:
        """Pointing at a layer makes it the last one."""
        for axes in self.lines:
            x, y, width, height = self.chart.box(axes)
            each = width / (1.04 * DEEPEST)
            box = x + (0.02 * DEEPEST + 0.5) * each, y, DEEPEST * each, height
            self.chart.touch(
                box, 1, DEEPEST, lambda row, column: {"depth": column + 1}, here=(0, depth - 1), says="depth {column}"
            )


def _far_from_exit(values: np.ndarray, layer: int) -> tuple[float, str]:
    """The side of the axes, and how words are aligned there, where a curve does not leave them towards `layer`."""
    inside = np.flatnonzero((values > 10.0 ** POWERS[0]) & (values < 10.0 ** POWERS[1]))
    leaves = inside[abs(inside - layer).argmin()]
    return (0, "left") if leaves > DEEPEST / 2 else (DEEPEST, "right")


def _depth_sentences(measured: Flow, predicted: Flow) -> list[str]:
    """What becomes of the gradient, and of the activations."""
    silent = np.flatnonzero(measured.gradient == 0)
    if len(silent):
        return _nothing(measured, silent[-1])
    total, out = measured.gradient[0], measured.spread[-1]
    return [
        f"Backward, each layer multiplies the gradient by {short(measured.factor, 4)} (variance rule: "
        f"{short(predicted.factor, 4)}), in all by **{short(total)}**: it {_fate(total)}.",
        f"Forward, the spread goes from {short(measured.spread[0])} to {short(out)}.{_in_float32(total, out)}",
    ]


def _nothing(measured: Flow, last: int) -> list[str]:
    flat = np.flatnonzero(measured.spread == 0)
    why = f"from layer {flat[0]} on the units give the same for every input" if len(flat) else "all slopes are 0"
    return [
        f"**Nothing comes back** to layer {last}: {why}.",
        "The gradient is exactly 0 there, and nothing will ever be learnt.",
    ]


def _fate(total: float) -> str:
    if 0.5 <= total <= 2:
        return "keeps its size"
    if total < 1:
        return "vanishes" if total < 1e-3 else "shrinks"
    return "explodes" if total > 1e3 else "grows"


def _in_float32(gradient: float, spread: float) -> str:
    """What becomes of a number that float32 cannot hold."""
    for what, value in (("gradient", gradient), ("spread", spread)):
        if 0 < value < SMALLEST:
            return f" In float32 that {what} is 0."
        if value > LARGEST:
            return f" In float32 that {what} becomes inf, and soon nan."
    return ""
