"""Where the gradient goes: through a deep network layer by layer, and through one unit."""

from __future__ import annotations

from functools import cache
from math import floor, isfinite, log10

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from cnnkit.figures.curves import BLUE, PURPLE, VERMILION, Chart, points
from cnnkit.figures.picture import Picture
from cnnkit.figures.pixels import INK, text_width
from cnnkit.flow import Flow, measure_flow, predict_flow
from cnnkit.network import weight_std

# The greatest slope of each activation.
STEEPEST = {
    "sigmoid": 0.25, "tanh": 1.0, "relu": 1.0, "leaky_relu": 1.0, "elu": 1.0, "silu": 1.0998, "softplus": 1.0,
    "hardtanh": 1.0, "identity": 1.0,
}  # fmt: skip
SMALLEST, LARGEST = 1e-45, 3.4e38  # what float32 still holds
WIDTH, HEIGHT = 820, 336


def draw_depth(depth: int, activation: str, *, init: str, gain: float, width: int, seed: int = 0) -> Picture:
    """Draw the spread of the activations and the norm of the gradient in each layer, measured and predicted.

    depth        number of layers, each a Linear of `width` to `width` units and an activation
    activation   one of STEEPEST
    init, gain   as in `cnnkit.network.weight_std`

    Errors: ValueError for what `measure_flow` refuses.
    """
    rng = np.random.default_rng(seed)
    measured = measure_flow(depth, activation, rng=rng, width=width, init=init, gain=gain, examples=32)
    predicted = predict_flow(depth, activation, width=width, init=init, gain=gain)
    sentence = _depth_sentence(measured, predicted, activation, init, gain, width)
    return _depth_chart().draw(measured, predicted, sentence)


@cache
def _depth_chart() -> DepthChart:
    return DepthChart()


class DepthChart:
    """Two panels with one logarithmic scale: forward on the left, backward on the right."""

    def __init__(self) -> None:
        self.chart = Chart(WIDTH, HEIGHT)
        bottom, height = 46 / HEIGHT, (HEIGHT - 46 - 52) / HEIGHT
        self.left = self.chart.axes(58 / WIDTH, bottom, 352 / WIDTH, height)
        self.right = self.chart.axes(448 / WIDTH, bottom, 352 / WIDTH, height)
        self.lines = {}
        for axes, colour in ((self.left, BLUE), (self.right, VERMILION)):
            axes.set_yscale("log")
            axes.minorticks_off()
            axes.set_xlabel("layer", fontsize=points(13), color=INK)
            if axes is self.right:
                self.limit = self._line(axes, color=PURPLE, linewidth=1.5, linestyle=(0, (1, 1.2)))
            self.lines[axes] = (
                self._line(axes, color=colour, linewidth=1.2, marker="o", markersize=3.4),
                self._line(axes, color=INK, linewidth=1.3, linestyle=(0, (5, 2.5))),
            )
        self.right.tick_params(labelleft=False)
        self.ends = {
            axes: self.chart.words(axes, color) for axes, color in ((self.left, BLUE), (self.right, VERMILION))
        }
        self.chart.title(self.left, "forward →   spread of the activations")
        self.chart.title(self.right, "← backward   norm of the gradient")
        for axes in (self.left, self.right):
            axes.title.set_position((0, 1))
            axes.set_title(axes.get_title(loc="left"), loc="left", fontsize=points(14), fontweight="bold", pad=21)
        _key(self.left, [(BLUE, "o", "measured"), (INK, (0, (5, 2.5)), "variance rule")])
        _key(self.right, [(VERMILION, "o", "measured"), (INK, (0, (5, 2.5)), "variance rule"),
                          (PURPLE, (0, (1, 1.2)), "0.25 per layer")])  # fmt: skip

    def _line(self, axes: Axes, **options: object) -> Line2D:
        return self.chart.moving(axes.plot([], [], clip_on=True, **options)[0])  # type: ignore[arg-type]

    def draw(self, measured: Flow, predicted: Flow, sentence: str) -> Picture:
        depth = len(measured.spread) - 1
        layers = np.arange(depth + 1)
        quarter = 0.25 ** (depth - layers)
        self.limit.set_data(layers, quarter)
        for axes, found, rule in zip(self.lines, measured, predicted, strict=True):
            for line, values in zip(self.lines[axes], (found, rule), strict=True):
                line.set_data(layers, np.where(_drawable(values), values, np.nan))
        low, high, step = _decades([*measured, *predicted, quarter])
        across = next(most for most in (5, 10, 20, 30, 40, 50) if depth <= most)
        self._scale(low, high, step, across)
        self._write(self.left, depth, measured.spread[-1], low, high)
        self._write(self.right, 0, measured.gradient[0], low, high)
        return self.chart.picture(sentence, still=(low, high, across))

    def _scale(self, low: int, high: int, step: int, across: int) -> None:
        powers = range(low, high + 1, step)
        for axes in (self.left, self.right):
            axes.set_xlim(-0.02 * across, 1.02 * across)
            axes.set_xticks(range(0, across + 1, {5: 1, 10: 2}.get(across, across // 5)))
            axes.set_ylim(10.0 ** (low - 0.1 * (high - low)), 10.0 ** (high + 0.1 * (high - low)))
            axes.set_yticks([10.0**power for power in powers], [_power(power) for power in powers])

    def _write(self, axes: Axes, layer: int, value: float, low: int, high: int) -> None:
        """The number at the end of a curve, where the signal comes out."""
        end = self.ends[axes]
        end.set_visible(True)
        if not _drawable(value):
            end.set_text(f"exactly 0 at layer {layer}")
            value = 10.0**low
        else:
            end.set_text(short(value))
        below = value < 1  # a curve that ends low comes from above, so there is room below its end
        end.set(va="top" if below else "bottom", ha="left" if layer == 0 else "right")
        end.set_position((layer, 10.0 ** (log10(value) + 0.035 * (high - low) * (-1 if below else 1))))


def _key(axes: Axes, entries: list[tuple]) -> None:
    """What the lines mean, in one row under the title."""
    place = axes.get_position()
    figure, y = axes.figure, place.y1 + 11 / HEIGHT
    x = place.x0
    for colour, style, words in entries:
        dots = {"marker": "o", "markersize": 3.4} if style == "o" else {"linestyle": style}
        figure.add_artist(Line2D([x, x + 0.028], [y, y], color=colour, linewidth=1.5, **dots))
        figure.text(x + 0.034, y, words, fontsize=points(12), va="center", color=INK)
        x += 0.034 + (text_width(words, 12) + 18) / WIDTH


def _drawable(values: np.ndarray | float) -> np.ndarray:
    return np.isfinite(values) & (np.asarray(values) > 0)


def _decades(curves: list[np.ndarray]) -> tuple[int, int, int]:
    """The powers of ten at the ends of the scale, and the step between those that are written there."""
    values = np.concatenate([curve[_drawable(curve)] for curve in curves])
    low, high = floor(log10(values.min()) + 0.02), -floor(-log10(values.max()) + 0.02)
    low, high = min(low, -2), max(high, 1)
    step = next(step for step in (1, 2, 5, 10, 20, 50) if high - low <= 7 * step)
    return low // step * step, -(-high // step) * step, step


def _power(power: int) -> str:
    if -2 <= power <= 2:
        return f"{10.0**power:g}"
    return f"10{str(power).translate(RAISED)}"


RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def short(value: float, digits: int = 3) -> str:
    """A number in few signs: 0.153, 4.1·10⁻³¹, −2.5, inf."""
    if not isfinite(value):
        return str(value)
    if value == 0 or 0.001 <= abs(value) < 10_000:
        text = f"{value:.{digits}g}" if abs(value) < 1000 else f"{value:.0f}"
        return text.replace("-", "−")
    mantissa, power = f"{value:.{digits - 2}e}".split("e")
    return f"{mantissa}·10{str(int(power)).translate(RAISED)}".replace("-", "−")


def _depth_sentence(measured: Flow, predicted: Flow, activation: str, init: str, gain: float, width: int) -> str:
    depth, std = len(measured.spread) - 1, weight_std(init, width, width, gain=gain)
    layers = "1 layer" if depth == 1 else f"{depth} layers"
    start = f"{layers} of {width} units, {activation}, {init} with gain {gain:g}: standard deviation {short(std)}."
    silent = np.flatnonzero(measured.gradient == 0)
    if len(silent):
        return f"{start} {_nothing(measured, silent[-1])}"
    total, out = measured.gradient[0], measured.spread[-1]
    product = f", in all {short(measured.factor, 4)}{_raised(depth)} = {short(total)}" if depth > 1 else ""
    return " ".join([
        start,
        f"Backward the gradient is multiplied by {short(measured.factor, 4)} per layer (the variance rule says "
        f"{short(predicted.factor, 4)}){product}: it {_fate(total)}.{_in_float32(total)}",
        f"At 0.25 per layer it would be {short(0.25**depth)}.",
        f"Forward the spread goes from {short(measured.spread[0])} to {short(out)}.{_in_float32(out)}",
    ])  # fmt: skip


def _raised(power: int) -> str:
    return str(power).translate(RAISED) if power != 1 else ""


def _nothing(measured: Flow, last: int) -> str:
    flat = np.flatnonzero(measured.spread == 0)
    why = f"from layer {flat[0]} on the units give the same for every input" if len(flat) else "all slopes are 0"
    return (
        f"Nothing comes back to layer {last}: {why}. The gradient is exactly 0 there, and nothing will ever be learnt."
    )


def _fate(total: float) -> str:
    if 0.1 <= total <= 10:
        return "keeps its size"
    if total < 1:
        return "vanishes" if total < 1e-3 else "shrinks"
    return "explodes" if total > 1e3 else "grows"


def _in_float32(value: float) -> str:
    if 0 < value < SMALLEST:
        return " Float32 has no number that small and takes it for 0."
    return " Float32 has no number that large: it becomes inf, and soon nan." if value > LARGEST else ""
