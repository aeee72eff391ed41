"""A deep network learns the digits while you wait: its loss, and the gradient of its first and last layer."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from functools import cache
from math import log
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from cnnkit._arguments import choice, integer
from cnnkit.course.kit.curves import DASHED, DOTTED, Chart, drawable, points, powers_of_ten
from cnnkit.course.kit.palette import BLUE, INK, LINE, PURPLE, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.stepwise import stepwise
from cnnkit.course.kit.training import backpropagate, rows
from cnnkit.course.kit.words import counted, percent, short
from cnnkit.data import digits
from cnnkit.losses import cross_entropy
from cnnkit.network import accuracy, mlp, sgd

INITS = {
    "he": ("he", 1.0),
    "xavier": ("xavier", 1.0),
    "normal, σ = 0.01": ("normal", 0.01),
    "normal, σ = 1": ("normal", 1.0),
}
STEPS, EXAMPLES, UNITS = 100, 200, 16  # so many that a run takes about a tenth of a second
GUESSING = log(10)
RATES = ("0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10")
WIDTH, HEIGHT, TOP = 820, 384, 3.0
KEY = HEIGHT - 41  # where the key is, from below
POWERS, ROOM = (-15, 5), 2  # the powers of ten on the gradients' scale, and how many more fit at either end


class Run(NamedTuple):
    """What a training leaves: one number a step, and the share of the test digits that are right at its end."""

    loss: np.ndarray
    first: np.ndarray
    last: np.ndarray
    right: float


@stepwise(maxsize=64)
def train_digits(depth: int, activation: str, *, lr: float, init: str, seed: int) -> Generator[None, None, Run]:
    """Train `depth` layers of UNITS units and an output layer on EXAMPLES digits, all of them in each step."""
    name, gain = INITS[choice("init", init, tuple(INITS))]
    sizes = [64, *[UNITS] * integer("depth", depth, at_least=1), 10]
    net = mlp(sizes, activation, rng=np.random.default_rng(seed), init=name, gain=gain)
    (x, labels), (x_test, labels_test) = _digits("train"), _digits("test")
    loss, first, last = np.zeros((3, STEPS + 1))
    for step in range(STEPS + 1):
        with np.errstate(all="ignore"):  # a learning rate that is far too large is worth seeing, too
            loss[step] = cross_entropy(backpropagate(net, x, labels), labels)
            first[step], last[step] = (np.linalg.norm(net.layers[i].gradients["weight"]) for i in (0, -1))
            sgd(net, lr)
        yield
    with np.errstate(all="ignore"):
        right = accuracy(net, x_test, labels_test)
    return Run(loss, first, last, right)


@cache
def _digits(split: str) -> tuple[np.ndarray, np.ndarray]:
    data = digits(split)
    x = rows(data.normalized())
    chosen = np.random.default_rng(0).permutation(len(x))[: EXAMPLES if split == "train" else None]
    return x[chosen], data.labels[chosen]


@steady()
def draw_training(
    depth: int, activation: str, *, lr: float, init: str, seed: int = 0, before: Mapping[str, Any] | None = None
) -> Picture:
    """Train, and draw the loss and the norms of the first and last layer's gradients, step by step.

    depth    number of hidden layers
    init     one of INITS
    before   the same arguments of another training, whose curves are drawn thin

    Errors: ValueError for an unknown activation or init, or a depth below 1.
    """
    now: dict[str, Any] = {"depth": depth, "activation": activation, "lr": lr, "init": init, "seed": seed}
    run, old = train_digits(**now), train_digits(**before) if before else None
    sentence = _sentence(run, old, depth, activation, lr, init)
    return _training_chart().draw(run, old, _changed(before, now) if before else "", lr, sentence)


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What was another one before, in a few words."""
    different = [name for name in now if before[name] != now[name]]
    if len(different) != 1:
        return "before"
    name, value = different[0], before[different[0]]
    says = {
        "depth": counted(before["depth"], "layer"),
        "lr": f"rate {before['lr']:g}",
        "seed": f"seed {before['seed']}",
    }
    return f"before: {says.get(name, value)}"


@cache
def _training_chart() -> TrainingChart:
    return TrainingChart()


class TrainingChart(Chart):
    """The loss on the left, the gradients on the right, over the same steps; below them the learning rates."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        bottom, height = 94 / HEIGHT, (HEIGHT - 94 - 52) / HEIGHT
        self.left = self.axes(48 / WIDTH, bottom, 340 / WIDTH, height)
        self.right = self.axes(458 / WIDTH, bottom, 342 / WIDTH, height)
        for axes in (self.left, self.right):
            axes.set_xlabel("step", fontsize=points(13), color=INK)
            axes.set_xlim(0, STEPS)
        self.left.set_ylim(0, TOP)
        self.right.set_yscale("log")
        self.right.minorticks_off()
        powers_of_ten(self.right, *POWERS)
        self.left.axhline(GUESSING, color=PURPLE, linewidth=1.5, linestyle=DOTTED)
        self.title(self.left, "loss on the digits trained on", above=29)
        self.title(self.right, "norm of the gradient of the weights", above=29)
        self.key(self.left, (PURPLE, DOTTED, "guessing: ln 10"))
        self.key(self.right, (VERMILION, "-", "first layer"), (INK, "-", "last layer"))
        self._lay_lines()
        self._lay_rates()

    def _lay_lines(self) -> None:
        thin: dict[str, Any] = {"color": SOFT, "linewidth": 1.3, "linestyle": DASHED}
        self.loss_before, self.first_before = (
            self.moving(axes.plot([], [], **thin)[0]) for axes in (self.left, self.right)
        )
        self.loss = self.moving(self.left.plot([], [], color=BLUE, linewidth=2.2)[0])
        self.last = self.moving(self.right.plot([], [], color=INK, linewidth=2.2)[0])
        self.first = self.moving(self.right.plot([], [], color=VERMILION, linewidth=2.2)[0])
        self.off = self.words(self.left, va="top", ha="center")
        self.end = self.words(self.left, BLUE, va="bottom", ha="right")
        self.ratio = self.words(self.right, va="top", ha="right", transform=self.right.transAxes)
        self.ratio.set_position((1.0, 0.99))
        self.gone = self.words(self.right, va="center", ha="center")
        self.samples = [self._sample(190, thin), self._sample(660, thin)]
        self.keys = [self._key_words(218, ""), self._key_words(688, "first layer before")]

    def _sample(self, x: float, look: dict[str, Any]) -> Artist:
        """A piece of a line for the key, which comes and goes."""
        sample = Line2D([x / WIDTH, (x + 22) / WIDTH], [KEY / HEIGHT, KEY / HEIGHT], **look)
        return self.moving(self.figure.add_artist(sample))

    def _key_words(self, x: float, words: str) -> Text:
        return self.moving(
            self.figure.text(x / WIDTH, KEY / HEIGHT, words, fontsize=points(12), va="center", color=INK)
        )

    def _lay_rates(self) -> None:
        """A cell for each learning rate, and a frame around that of this run."""
        self.figure.text(48 / WIDTH, 21 / HEIGHT, "learning rate", fontsize=points(13), va="center", color=INK)
        self.rates = self.figure.add_axes((146 / WIDTH, 8 / HEIGHT, 654 / WIDTH, 26 / HEIGHT))
        self.rates.set(xlim=(0, len(RATES)), ylim=(0, 1), xticks=range(len(RATES) + 1), yticks=[])
        self.rates.tick_params(labelbottom=False, length=0)
        self.rates.grid(axis="x", color=LINE)
        self.rates.spines[:].set_color(LINE)
        for i, rate in enumerate(RATES):
            self.rates.text(i + 0.5, 0.46, rate, fontsize=points(13), ha="center", va="center", color=INK)
        frame = Rectangle((0, 0), 1, 1, fill=False, edgecolor=INK, linewidth=2.2, clip_on=False)
        self.rates.add_patch(frame)
        self.frame = self.moving(frame)

    def draw(self, run: Run, old: Run | None, changed: str, lr: float, sentence: str) -> Picture:
        self._draw_lines(run, old)
        for artist in (self.loss_before, self.first_before, *self.samples, *self.keys):
            artist.set_visible(old is not None)
        self.keys[0].set_text(changed)
        self._write_loss(run.loss)
        self._write_gradient(run.first, run.last)
        chosen = [float(rate) for rate in RATES].index(lr) if lr in map(float, RATES) else None
        self.frame.set_visible(chosen is not None)
        self.frame.set_x(chosen or 0)
        here = None if chosen is None else (0, chosen)
        says = "train with this rate"
        self.touch(self.box(self.rates), 1, len(RATES), lambda row, column: {"lr": RATES[column]}, here=here, says=says)
        return self.picture(sentence, still=None)

    def _draw_lines(self, run: Run, old: Run | None) -> None:
        pairs = [(self.loss, run.loss), (self.first, run.first), (self.last, run.last)]
        if old is not None:
            pairs += [(self.loss_before, old.loss), (self.first_before, old.first)]
        for line, values in pairs:
            line.set_data(np.arange(STEPS + 1), np.where(drawable(values), values, np.nan))

    def _write_loss(self, loss: np.ndarray) -> None:
        above, last = int((~(loss <= TOP)).sum()), float(loss[-1])
        self.off.set_visible(above > 0)
        self.off.set(text=f"↑ {above} of {STEPS + 1} steps are off the scale", x=STEPS / 2, y=0.97 * TOP)
        self.end.set_visible(last <= TOP)
        if last <= TOP:
            self.end.set(text=f"{last:.2f}", x=STEPS, y=last + 0.1)

    def _write_gradient(self, first: np.ndarray, last: np.ndarray) -> None:
        words, power = _missing(first)
        self.gone.set_visible(bool(words))
        self.gone.set(text=words, x=STEPS / 2, y=10.0**power)
        ratio = first[-1] / last[-1] if last[-1] else np.nan
        self.ratio.set_visible(bool(np.isfinite(ratio)) and bool(first[-1]) and power < POWERS[1])
        self.ratio.set_text(f"at the end: first layer = {_ratio(ratio)} · last")


def _missing(first: np.ndarray) -> tuple[str, float]:
    """What the curve of the first layer's gradient does not show, and the power of ten to write it at."""
    none = np.flatnonzero(~drawable(first))
    if len(none):
        what = "exactly 0" if first[none[0]] == 0 else "no numbers any more"
        return f"first layer, from step {none[0]} on: {what}", -9
    low, high = POWERS
    for arrow, off, power in (("↑", first > 10.0 ** (high + ROOM), high), ("↓", first < 10.0 ** (low - ROOM), low)):
        if off.any():
            return f"{arrow} first layer: {off.sum()} of {STEPS + 1} steps are off the scale", power
    return "", 0


def _sentence(run: Run, old: Run | None, depth: int, activation: str, lr: float, init: str) -> str:
    layers = counted(depth, "hidden layer")
    ratio = run.first[0] / run.last[0] if run.last[0] else np.nan
    gradients = (
        f"At the start the gradient of the first layer is {_ratio(ratio)} times that of the last."
        if np.isfinite(ratio) else "At the start there is no finite gradient that is not 0."
    )  # fmt: skip
    before = "" if old is None else f" It was {_loss(old.loss[-1])} before."
    return "\n".join([
        f"{layers} of {UNITS} units, {activation}, {init}, learning rate {lr:g}: {STEPS} steps on {EXAMPLES} digits.",
        f"{_outcome(run)}{before}",
        f"{gradients} Of the 355 test digits {percent(run.right)} are right.",
    ])  # fmt: skip


def _outcome(run: Run) -> str:
    lost = np.flatnonzero(~np.isfinite(run.loss))
    if len(lost):
        return f"From step {lost[0]} on the loss is **no longer a number**: the steps were too large."
    begin, end = _loss(run.loss[0]), _loss(run.loss[-1])
    change = f"The loss goes from {begin} to **{end}**"
    if not run.first[-1] and not run.last[-1]:
        return f"{change}; the gradient is exactly 0 now, and stays so."
    if run.loss[-1] > 1.1 * GUESSING:
        return f"{change}, worse than guessing (2.30): the steps are too large."
    if run.loss[-1] > 0.97 * GUESSING:
        return f"{change}; guessing gives ln 10 = 2.30: nothing has been learnt."
    verb = "it learns" if run.loss[-1] < 0.5 * GUESSING else "it has begun to learn"
    return f"{change}, where guessing gives ln 10 = 2.30: {verb}."


def _ratio(value: float) -> str:
    return short(value, 2 if value < 100 else 3)


def _loss(value: float) -> str:
    if not np.isfinite(value):
        return "no number"
    return f"{value:.2f}" if value < 1000 else short(value)
