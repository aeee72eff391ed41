"""A deep network learns the digits while you wait: its loss, and the gradient of its first and last layer."""

from __future__ import annotations

from collections.abc import Generator
from functools import cache
from math import log
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.course.kit.curves import DOTTED, Chart, decades, drawable, points, powers_of_ten
from cnnkit.course.kit.palette import BLUE, GREEN, INK, PURPLE, VERMILION
from cnnkit.course.kit.picture import Picture
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
WIDTH, HEIGHT, TOP = 820, 336, 3.0


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


def draw_training(depth: int, activation: str, *, lr: float, init: str, seed: int = 0) -> Picture:
    """Train, and draw the loss and the norms of the first and last layer's gradients, step by step.

    depth   number of hidden layers
    init    one of INITS

    Errors: ValueError for an unknown activation or init, or a depth below 1.
    """
    run = train_digits(depth, activation, lr=lr, init=init, seed=seed)
    return _training_chart().draw(run, _sentence(run, depth, activation, lr, init))


@cache
def _training_chart() -> TrainingChart:
    return TrainingChart()


class TrainingChart(Chart):
    """The loss on the left, the gradients on the right, over the same steps."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        self.scale = (0, 0)
        bottom, height = 46 / HEIGHT, (HEIGHT - 46 - 52) / HEIGHT
        self.left = self.axes(48 / WIDTH, bottom, 340 / WIDTH, height)
        self.right = self.axes(458 / WIDTH, bottom, 342 / WIDTH, height)
        for axes in (self.left, self.right):
            axes.set_xlabel("step", fontsize=points(13), color=INK)
            axes.set_xlim(0, STEPS)
        self.left.set_ylim(0, TOP)
        self.right.set_yscale("log")
        self.right.minorticks_off()
        self.left.axhline(GUESSING, color=PURPLE, linewidth=1.5, linestyle=DOTTED)
        self.title(self.left, "loss", above=29)
        self.title(self.right, "norm of the gradient of the weights", above=29)
        self.key(self.left, (BLUE, "-", "on the digits trained on"), (PURPLE, DOTTED, "guessing: ln 10"))
        self.key(self.right, (VERMILION, "-", "first layer"), (GREEN, "-", "last layer"))
        self.loss = self.moving(self.left.plot([], [], color=BLUE, linewidth=2.2)[0])
        self.last = self.moving(self.right.plot([], [], color=GREEN, linewidth=2.2)[0])
        self.first = self.moving(self.right.plot([], [], color=VERMILION, linewidth=2.2)[0])
        self.off = self.words(self.left, BLUE, va="top", ha="center")
        self.end = self.words(self.left, BLUE, va="bottom", ha="right")
        self.ratio = self.words(self.right, VERMILION, va="top", ha="right", transform=self.right.transAxes)
        self.ratio.set_position((1.0, 0.99))
        self.gone = self.words(self.right, VERMILION, va="center", ha="center")

    def draw(self, run: Run, sentence: str) -> Picture:
        steps = np.arange(STEPS + 1)
        for line, values in ((self.loss, run.loss), (self.first, run.first), (self.last, run.last)):
            line.set_data(steps, np.where(drawable(values), values, np.nan))
        above = np.flatnonzero(~(run.loss <= TOP))
        self.off.set_visible(len(above) > 0)
        if len(above):
            self.off.set(text=f"↑ {len(above)} of {STEPS + 1} steps are off the scale", x=STEPS / 2, y=0.97 * TOP)
        none = np.flatnonzero(~drawable(run.first))
        self.gone.set_visible(len(none) > 0)
        last = float(run.loss[-1])
        self.end.set_visible(last <= TOP)
        if last <= TOP:
            self.end.set(text=f"{last:.2f}", x=STEPS, y=last + 0.1)
        scale = decades([run.first, run.last], low=-2, high=1)
        if scale != self.scale:
            self.scale = scale
            powers_of_ten(self.right, *scale)
        ratio = run.first[-1] / run.last[-1] if run.last[-1] else np.nan
        self.ratio.set_visible(bool(np.isfinite(ratio)) and not len(none))
        if self.ratio.get_visible():
            self.ratio.set_text(f"at the end: first layer = {short(ratio, 2)} · last")
        if len(none):
            what = "exactly 0" if run.first[none[0]] == 0 else "no numbers any more"
            self.gone.set(text=f"first layer, from step {none[0]} on: {what}", x=STEPS / 2, y=10.0 ** (sum(scale) / 2))
        return self.picture(sentence, still=scale)


def _sentence(run: Run, depth: int, activation: str, lr: float, init: str) -> str:
    layers = counted(depth, "hidden layer")
    start = f"{layers} of {UNITS} units, {activation}, {init}, learning rate {lr:g}:"
    ratio = run.first[0] / run.last[0] if run.last[0] else np.nan
    gradients = (
        f"At the start the gradient of the first layer is {short(ratio, 2)} times as large as that of the last."
        if np.isfinite(ratio) else "At the start there is no finite gradient that is not 0."
    )  # fmt: skip
    return f"{start} {_outcome(run)} {gradients} Of the 355 test digits {percent(run.right)} are right."


def _outcome(run: Run) -> str:
    lost = np.flatnonzero(~np.isfinite(run.loss))
    if len(lost):
        return f"from step {lost[0]} on the loss is no longer a number; the steps were too large."
    begin, end = (f"{loss:.2f}" if loss < 1000 else short(loss) for loss in (run.loss[0], run.loss[-1]))
    change = f"in {STEPS} steps on {EXAMPLES} digits the loss goes from {begin} to {end}"
    if not run.first[-1] and not run.last[-1]:
        return f"{change}, and the gradient is exactly 0 now: nothing will ever change."
    if run.loss[-1] > 1.1 * GUESSING:
        return f"{change}: worse than guessing, which gives ln 10 = 2.30. The steps are too large."
    if run.loss[-1] > 0.97 * GUESSING:
        return f"{change}. Guessing gives ln 10 = 2.30: nothing has been learnt."
    verb = "it learns" if run.loss[-1] < 0.5 * GUESSING else "it has begun to learn"
    return f"{change}, where guessing gives ln 10 = 2.30: {verb}."
