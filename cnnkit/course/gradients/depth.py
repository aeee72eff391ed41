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
from cnnkit.course.kit.curves import DASHED, DOTTED, Chart, decades, drawable, points, powers_of_ten
from cnnkit.course.kit.palette import BLUE, INK, PURPLE, VERMILION
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.words import counted, raised, short
from cnnkit.network import weight_std

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "silu", "softplus", "hardtanh", "identity")
SPREADS = {  # init and gain of `weight_std` that give a new layer's weights their spread
    "he": ("he", 1.0),
    "xavier": ("xavier", 1.0),
    "pytorch": ("lecun", 1 / sqrt(3)),  # U(−1/√n, 1/√n) has the variance 1/(3n)
    "normal": ("normal", 1.0),
}
SMALLEST, LARGEST = 1e-45, 3.4e38  # what float32 still holds
WIDTH, HEIGHT = 820, 336


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
    start = f"{layers} of {width} units, {activation}, {init} with gain {gain:g}: weights from N(0, {std}²)."
    sentence = _depth_sentence(measured, predicted, start)
    return _depth_chart().draw(measured, predicted, sentence)


@lru_cache(maxsize=64)
def _measure(depth: int, activation: str, width: int, init: str, gain: float, seed: int) -> Flow:
    rng = np.random.default_rng(seed)
    return measure_flow(depth, activation, rng=rng, width=width, init=init, gain=gain, examples=32)


@cache
def _depth_chart() -> DepthChart:
    return DepthChart()


class DepthChart:
    """Two panels with one logarithmic scale: forward on the left, backward on the right."""

    def __init__(self) -> None:
        self.chart, self.scale = Chart(WIDTH, HEIGHT), (0, 0, 0)
        bottom, height = 46 / HEIGHT, (HEIGHT - 46 - 52) / HEIGHT
        self.left = self.chart.axes(58 / WIDTH, bottom, 352 / WIDTH, height)
        self.right = self.chart.axes(448 / WIDTH, bottom, 352 / WIDTH, height)
        self.lines = {}
        for axes, colour in ((self.left, BLUE), (self.right, VERMILION)):
            axes.set_yscale("log")
            axes.minorticks_off()
            axes.set_xlabel("layer", fontsize=points(13), color=INK)
            if axes is self.right:
                self.limit = self._line(axes, color=PURPLE, linewidth=1.5, linestyle=DOTTED)
            self.lines[axes] = (
                self._line(axes, color=colour, linewidth=5, alpha=0.45, solid_capstyle="round"),
                self._line(axes, color=INK, linewidth=1.3, linestyle=DASHED),
            )
        self.right.tick_params(labelleft=False)
        self.ends = {
            axes: self.chart.words(axes, color) for axes, color in ((self.left, BLUE), (self.right, VERMILION))
        }
        self.chart.title(self.left, "forward →   spread of the activations", above=29)
        self.chart.title(self.right, "← backward   norm of the gradient", above=29)
        self.chart.key(self.left, (BLUE, "-", "measured"), (INK, DASHED, "variance rule"))
        quarter = (PURPLE, DOTTED, "0.25 per layer")
        self.chart.key(self.right, (VERMILION, "-", "measured"), (INK, DASHED, "variance rule"), quarter)

    def _line(self, axes: Axes, **options: Any) -> Line2D:
        return self.chart.moving(axes.plot([], [], clip_on=True, **options)[0])

    def draw(self, measured: Flow, predicted: Flow, sentence: str) -> Picture:
        depth = len(measured.spread) - 1
        layers = np.arange(depth + 1)
        quarter = 0.25 ** (depth - layers)
        self.limit.set_data(layers, quarter)
        for axes, found, rule in zip(self.lines, measured, predicted, strict=True):
            for line, values in zip(self.lines[axes], (found, rule), strict=True):
                line.set_data(layers, np.where(drawable(values), values, np.nan))
        low, high = decades([*measured, *predicted])  # the line of 0.25 may leave the picture
        across = next(most for most in (5, 10, 20, 30, 40, 50) if depth <= most)
        if self.scale != (low, high, across):
            self._scale(low, high, across)
        self._write(self.left, depth, measured.spread[-1], low, high)
        self._write(self.right, 0, measured.gradient[0], low, high)
        return self.chart.picture(sentence, still=self.scale)

    def _scale(self, low: int, high: int, across: int) -> None:
        self.scale = low, high, across
        for axes in (self.left, self.right):
            axes.set_xlim(-0.02 * across, 1.02 * across)
            axes.set_xticks(range(0, across + 1, {5: 1, 10: 2, 20: 5, 30: 5}.get(across, 10)))
            powers_of_ten(axes, low, high)

    def _write(self, axes: Axes, layer: int, value: float, low: int, high: int) -> None:
        """The number at the end of a curve, where the signal comes out."""
        end, shown = self.ends[axes], bool(drawable(value))
        end.set_text(short(value) if shown else f"exactly 0 at layer {layer}")
        below = shown and value < 1  # a curve that ends low comes from above, so there is room below its end
        height = log10(value) + 0.035 * (high - low) * (-1 if below else 1) if shown else low
        end.set(va="top" if below else "bottom", ha="left" if layer == 0 else "right")
        end.set_position((layer, 10.0**height))


def _depth_sentence(measured: Flow, predicted: Flow, start: str) -> str:
    depth = len(measured.spread) - 1
    silent = np.flatnonzero(measured.gradient == 0)
    if len(silent):
        return f"{start} {_nothing(measured, silent[-1])}"
    total, out = measured.gradient[0], measured.spread[-1]
    product = f", in all {short(measured.factor, 4)}{raised(depth)} = {short(total)}" if depth > 1 else ""
    return " ".join([
        start,
        f"Backward the gradient is multiplied by {short(measured.factor, 4)} per layer (the variance rule says "
        f"{short(predicted.factor, 4)}){product}: it {_fate(total)}.{_in_float32(total)}",
        f"At 0.25 per layer it would be {short(0.25**depth)}.",
        f"Forward the spread goes from {short(measured.spread[0])} to {short(out)}.{_in_float32(out)}",
    ])  # fmt: skip


def _nothing(measured: Flow, last: int) -> str:
    flat = np.flatnonzero(measured.spread == 0)
    why = f"from layer {flat[0]} on the units give the same for every input" if len(flat) else "all slopes are 0"
    return (
        f"Nothing comes back to layer {last}: {why}. The gradient is exactly 0 there, and nothing will ever be learnt."
    )


def _fate(total: float) -> str:
    if 0.5 <= total <= 2:
        return "keeps its size"
    if total < 1:
        return "vanishes" if total < 1e-3 else "shrinks"
    return "explodes" if total > 1e3 else "grows"


def _in_float32(value: float) -> str:
    if 0 < value < SMALLEST:
        return " Float32 has no number that small and takes it for 0."
    return " Float32 has no number that large: it becomes inf, and soon nan." if value > LARGEST else ""
