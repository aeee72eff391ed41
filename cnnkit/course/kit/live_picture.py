"""A training as it goes on: how far it is, the loss of each epoch, and how much is read right."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from matplotlib.patches import Rectangle

from cnnkit._arguments import integer
from cnnkit.course.kit.curves import Chart, points
from cnnkit.course.kit.palette import BLUE, GREEN, INK, LINE
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.words import percent

WIDTH, HEIGHT, FOOT, BAR = 820, 266, 46, 8
LOWEST = 0.8  # the share from which the right panel starts, unless less is right


@steady()
def draw_progress(losses: Sequence[float], shares: Sequence[float], of: int) -> Picture:
    """Draw a bar for the epochs done, the loss of each, and the share that was right after it.

    losses, shares   one number for each epoch that is over; `shares` may be shorter, or empty
    of               how many epochs there will be

    Errors: ValueError for more epochs than `of`.
    """
    if len(losses) > integer("of", of, at_least=1):
        raise ValueError(f"losses must hold at most of={of} epochs, got {len(losses)}")
    return _chart().draw(losses, shares, of)


@cache
def _chart() -> ProgressChart:
    return ProgressChart()


class ProgressChart(Chart):
    """The bar on top, the loss on the left, what is right on the right."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        bottom, height = FOOT / HEIGHT, (HEIGHT - FOOT - 62) / HEIGHT
        self.left = self.axes(48 / WIDTH, bottom, 340 / WIDTH, height)
        self.right = self.axes(468 / WIDTH, bottom, 332 / WIDTH, height)
        for axes, title in ((self.left, "loss"), (self.right, "read right, in %")):
            axes.set_xlabel("epoch", fontsize=points(13), color=INK)
            self.title(axes, title)
        self.done = self.moving(self._bar(BLUE))
        self.figure.add_artist(self._bar(LINE))
        look: dict[str, Any] = {"linewidth": 2.2, "marker": "o", "markersize": 4}
        self.loss = self.moving(self.left.plot([], [], color=BLUE, **look)[0])
        self.share = self.moving(self.right.plot([], [], color=GREEN, **look)[0])

    def _bar(self, colour: str) -> Rectangle:
        place = (48 / WIDTH, 1 - (BAR + 6) / HEIGHT), 752 / WIDTH, BAR / HEIGHT
        bar = Rectangle(*place, transform=self.figure.transFigure, color=colour, linewidth=0)
        self.figure.add_artist(bar)
        return bar

    def draw(self, losses: Sequence[float], shares: Sequence[float], of: int) -> Picture:
        highest = max([2.5, *(loss for loss in losses if loss < 100)])
        lowest = min([LOWEST, *shares])
        for axes in (self.left, self.right):
            axes.set_xlim(0.5 if of > 1 else 0, of + 0.5)
            axes.set_xticks(range(1, of + 1, max(1, round(of / 8))))
        self.left.set_ylim(0, highest)
        self.right.set_ylim(100 * lowest - 2, 101)
        self.done.set_width(752 / WIDTH * len(losses) / of)
        self.loss.set_data(range(1, len(losses) + 1), losses)
        self.share.set_data(range(1, len(shares) + 1), [100 * share for share in shares])
        return self.picture(_sentence(losses, shares, of), still=(of, highest, lowest))


def _sentence(losses: Sequence[float], shares: Sequence[float], of: int) -> str:
    if not len(losses):
        return f"Epoch 0 of {of}: nothing is learnt yet."
    right = f", and {percent(shares[-1], digits=1)} are read right" if len(shares) else ""
    return f"Epoch {len(losses)} of {of}: the loss went from {losses[0]:.2f} to {losses[-1]:.2f}{right}."
