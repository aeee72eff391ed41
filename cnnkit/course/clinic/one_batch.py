"""Draw how a network learns one batch by heart."""

from __future__ import annotations

from collections.abc import Generator
from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from cnnkit.course.clinic.experiments.cases import ink
from cnnkit.course.clinic.experiments.runs import EQUAL, LEARNT, Recipe, build, step
from cnnkit.course.kit.curves import DASHED, Chart, points
from cnnkit.course.kit.palette import BLUE, INK, LINE, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.stepwise import stepwise
from cnnkit.course.kit.ticks import label_log_axis
from cnnkit.course.kit.words import counted, fixed, percent

WIDTH, HEIGHT, STEPS = 820, 310, 300
LOSSES = 0.001, 10.0
FLOOR = float(-np.log(np.e / (np.e + 9)))  # of softmax twice: a 1 and nine zeros go through it once more
HEALTHY = 0.3  # the learning rate of the lesson, with which a batch is learnt
LEFT, TOP, ACROSS, DOWN = 572, 62, 236, 200  # where the digits are, in CSS pixels


class Lesson(NamedTuple):
    """What each of STEPS steps on the same digits found before it changed the weights.

    losses   their mean loss, (STEPS,)
    right    which of them were read right, (STEPS, digits)
    """

    losses: np.ndarray
    right: np.ndarray


@stepwise(maxsize=128)
def by_heart(digits: int, lr: float, softmaxes: int, seed: int) -> Generator[None, None, Lesson]:
    """Take STEPS steps on the same digits."""
    net, (x, labels) = build(Recipe(), seed), ink(count=digits)
    losses, right = np.zeros(STEPS), np.zeros((STEPS, digits), bool)
    for i in range(STEPS):
        losses[i] = step(net, x, labels, lr=lr, softmaxes=softmaxes)
        right[i] = net.outputs[-1].argmax(axis=1) == labels
        yield
    return Lesson(losses, right)


@steady()
def draw_one_batch(digits: int, lr: float, softmaxes: int, number: int = STEPS, seed: int = 0) -> Picture:
    """Draw the loss over the steps, and which digits were read right in step `number` (from 1)."""
    lesson, healthy = by_heart(digits, lr, softmaxes, seed), by_heart(digits, HEALTHY, 0, seed)
    chart = _chart()
    chart.show_losses(lesson.losses, None if lesson is healthy else healthy.losses, number)
    chart.show_digits(ink(count=digits).x, lesson.right[number - 1])
    step_f = ", softmax applied once more" if softmaxes else ""
    learnt = np.flatnonzero(lesson.losses < LEARNT)
    when = f"below {LEARNT:g} for the first time at step {learnt[0] + 1}" if len(learnt) else f"never below {LEARNT:g}"
    loss = lesson.losses[number - 1]
    return chart.picture(
        f"The network takes {STEPS} steps on the same {counted(digits, 'digit')}, learning rate {lr:g}{step_f}.\n"
        f"Their loss begins at {fixed(lesson.losses[0])}, is **{when}**, and ends at {fixed(lesson.losses[-1], 3)}.\n"
        f"In step {number} it is {fixed(loss, 3)}, and {_read(lesson.right[number - 1])} are read right.",
        still=None,
    )


def _read(right: np.ndarray) -> str:
    return f"{right.sum()} of {counted(len(right), 'digit')} ({percent(right.mean())})"


@cache
def _chart() -> BatchChart:
    return BatchChart()


class BatchChart(Chart):
    """The loss on the left, the digits of the batch on the right; the axes are always the same."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        self.axis = self.axes(56 / WIDTH, 48 / HEIGHT, 484 / WIDTH, DOWN / HEIGHT)
        self.axis.set(yscale="log", ylim=LOSSES, xlim=(0.5, STEPS + 0.5), xticks=[1, *range(50, STEPS + 1, 50)])
        label_log_axis(self.axis.yaxis, *LOSSES)
        self.axis.set_xlabel("step", fontsize=points(13), color=INK)
        self.title(self.axis, "loss of the batch", above=29)
        healthy = SOFT, DASHED, f"the lesson's step, learning rate {HEALTHY:g}"
        self.key(self.axis, (BLUE, "-", "this training"), healthy)
        for height, words in ((EQUAL, f"{fixed(EQUAL)}: knows nothing"), (LEARNT, f"{LEARNT:g}: learnt by heart")):
            self.axis.axhline(height, color=LINE, linewidth=1.4)
            self.axis.text(STEPS, height * 1.1, words, fontsize=points(12), color=INK, ha="right", va="bottom")
        self.ghost = self.moving(self.axis.plot([], [], color=SOFT, linewidth=1.2, linestyle=DASHED)[0])
        self.line = self.moving(self.axis.plot([], [], color=BLUE, linewidth=2)[0])
        self.at = self.moving(self.axis.axvline(1, color=INK, linewidth=0.8))
        self.dot = self.moving(self.axis.plot([], [], "o", color=INK, markersize=points(8), clip_on=False)[0])
        self.said = self.words(self.axis)
        self._add_digits()

    def _add_digits(self) -> None:
        self.field = self.figure.add_axes((LEFT / WIDTH, 48 / HEIGHT, ACROSS / WIDTH, DOWN / HEIGHT))
        self.field.set(xlim=(0, ACROSS), ylim=(DOWN, 0), autoscale_on=False)
        self.field.axis("off")
        self.title(self.field, "read right in this step?", above=29)
        for x, colour, words in ((0, BLUE, "yes"), (60, VERMILION, "no")):
            place = (LEFT + x) / WIDTH, 1 - (TOP - 6) / HEIGHT
            self.figure.add_artist(Rectangle(place, 12 / WIDTH, 12 / HEIGHT, color=colour, linewidth=0))
            self.figure.text(place[0] + 18 / WIDTH, place[1], words, fontsize=points(12), color=INK)
        self.tiles = self.moving(self.field.imshow(np.ones((1, 1, 3)), aspect="auto", interpolation="nearest"))

    def show_losses(self, losses: np.ndarray, healthy: np.ndarray | None, number: int) -> None:
        """Draw the losses, and those of the healthy training unless this is it; mark step `number`."""
        steps, inside = np.arange(1, STEPS + 1), losses.clip(*LOSSES)
        self.line.set_data(steps, inside)
        self.ghost.set_visible(healthy is not None)
        if healthy is not None:
            self.ghost.set_data(steps, healthy.clip(*LOSSES))
        y, late = inside[number - 1], number > STEPS // 2
        below = late and y > 2 * LOSSES[0]  # where neither the curve nor the words at the lines are
        self.at.set_xdata([number, number])
        self.dot.set_data([number], [y])
        self.said.set(
            text=f"step {number}: {fixed(losses[number - 1], 3)}", x=number + (-4 if late else 4),
            y=y * (0.8 if below else 1.25), ha="right" if late else "left", va="top" if below else "bottom",
        )  # fmt: skip
        self.touch(
            self.box(self.axis), 1, STEPS, lambda i, j: {"step": j + 1}, here=(0, number - 1), says="step {column}"
        )

    def show_digits(self, x: np.ndarray, right: np.ndarray) -> None:
        """Draw the digits as large as they fit: blue ones are read right, the others are not."""
        columns, pixel = _layout(len(x))
        rows = -(-len(x) // columns)
        tiles = np.ones((rows * columns, 9, 9, 3))
        colours = np.where(right[:, None], to_rgb(BLUE), to_rgb(VERMILION))[:, None, None]
        tiles[: len(x), :8, :8] = 1 + (0.08 + 0.92 * x.reshape(-1, 8, 8, 1)) * (colours - 1)
        picture = tiles.reshape(rows, columns, 9, 9, 3).swapaxes(1, 2).reshape(9 * rows, 9 * columns, 3)
        self.tiles.set_data(picture)
        self.tiles.set_extent((0, 9 * columns * pixel, 9 * rows * pixel, 0))


def _layout(count: int) -> tuple[int, float]:
    """How many digits stand in a row so that their pixels, of whole or half CSS pixels, are largest."""
    sizes = {c: min(ACROSS / (9 * c), DOWN / (9 * -(-count // c))) for c in range(1, count + 1)}
    columns = max(sizes, key=lambda c: (int(2 * sizes[c]), sizes[c]))
    return columns, int(2 * sizes[columns]) / 2
