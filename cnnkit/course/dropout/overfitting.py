"""A small network learns few digits while you wait, with dropout and without; behind it, the runs of ten seeds."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from cnnkit._arguments import choice
from cnnkit.course.dropout.overfitting_numbers import EVERY, PLACES, RATES, STEPS, WRONG, Run, recorded, train
from cnnkit.course.kit.curves import DOTTED, Chart, points
from cnnkit.course.kit.palette import BLUE, INK, VERMILION
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.words import decimal, fixed

WIDTH, HEIGHT = 820, 344
# Where the scales of loss and errors end, and how many marks they have: the same for every p, so that moving it shows.
TOPS = {"hidden": (1.5, 6, 0.4, 5), "input": (2.0, 5, 0.6, 7), "both": (3.0, 7, 1.0, 6)}
KINDS = {"training": BLUE, "validation": VERMILION}
DASHES = {"training": "-", "validation": (0, (4, 1.3))}  # so that not the colour alone tells them apart
NAMES = "trained on", "validation"
DROPS = {"input": "of the input", "hidden": "of the hidden units", "both": "of input and hidden units"}


@steady()
def draw_overfitting(p: float, place: str, images: int, wrong: str = WRONG[0], *, seed: int = 0) -> Picture:
    """Train, and draw the losses over the steps, and the errors at the end beside those of every other p.

    The same seed is trained without dropout, too: its validation loss is a thin line.

    p        one of RATES, the probability to drop
    place    of what: one of PLACES
    images   how many digits are trained on, one of IMAGES
    wrong    how many of their labels are wrong, one of WRONG

    Errors: ValueError for a setting that was not recorded.
    """
    if p not in RATES:
        raise ValueError(f"p must be one of {', '.join(f'{rate:g}' for rate in RATES)}, which are recorded, got {p}")
    choice("place", place, PLACES)
    found = _recorded()
    run, without = (train(each, place, images, wrong, seed=seed) for each in (p, RATES[0]))
    there = [recorded(found, rate, place, images, wrong) for rate in RATES]
    chart = _chart()
    chart.scale(place)
    chart.show_losses(run, there[RATES.index(p)], without if p else None)
    chart.show_errors(run, there, p)
    return chart.picture(_sentence(run, there, p, images, wrong, place), still=place)


@cache
def _recorded() -> dict[str, Any]:
    return results("dropout", "overfitting")


@cache
def _chart() -> OverfittingChart:
    return OverfittingChart()


class OverfittingChart(Chart):
    """Losses over the steps on the left, errors over p on the right; bands for the recorded runs."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        bottom, height = 46 / HEIGHT, (HEIGHT - 46 - 56) / HEIGHT
        self.left = self.axes(48 / WIDTH, bottom, 344 / WIDTH, height)
        self.right = self.axes(470 / WIDTH, bottom, 330 / WIDTH, height)
        self.left.set_xlim(0, STEPS)
        self.right.set(xlim=(RATES[0] - 0.02, RATES[-1] + 0.02), xticks=RATES)
        self.right.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
        for axes, words in ((self.left, "step"), (self.right, "p, the probability to drop")):
            axes.set_xlabel(words, fontsize=points(13), color=INK)
        self.title(self.left, "loss of this run (bands: ten seeds)", above=30)
        self.title(self.right, f"wrong after {STEPS} steps, for every p", above=30)
        self.right.tick_params(axis="x", pad=8)  # room for a dot at 0 %
        names = [(colour, DASHES[kind], name) for (kind, colour), name in zip(KINDS.items(), NAMES, strict=True)]
        self.key(self.left, *names, (INK, DOTTED, "validation, no dropout"))
        self.key(self.right, *names, (INK, "", "●  this run"))
        self.bands = {(axes, kind): self._band(axes, kind) for axes in (self.left, self.right) for kind in KINDS}
        self.means = {kind: self._line(self.right, kind, linewidth=1.4) for kind in KINDS}
        self.ghost = self.moving(self.left.plot([], [], color=INK, linestyle=DOTTED, linewidth=1.4)[0])
        self.lines = {kind: self._line(self.left, kind, linewidth=2.2) for kind in KINDS}
        dot = {"marker": "o", "markersize": 8, "markeredgecolor": "white", "clip_on": False}
        self.dots = {kind: self._line(self.right, kind, **dot) for kind in KINDS}

    def _band(self, axes: Axes, kind: str) -> Any:
        return self.moving(axes.fill([0, 1, 1], [0, 0, 1], color=KINDS[kind], alpha=0.2, linewidth=0)[0])

    def _line(self, axes: Axes, kind: str, **style: Any) -> Any:
        return self.moving(axes.plot([], [], color=KINDS[kind], linestyle=DASHES[kind], **style)[0])

    def _fill(self, axes: Axes, kind: str, x: Any, low: Any, high: Any) -> None:
        self.bands[axes, kind].set_xy(np.column_stack([[*x, *x[::-1]], [*low, *high[::-1]]]))

    def scale(self, place: str) -> None:
        """Scale both axes as `place` needs it; a loss that is too large leaves the picture."""
        loss, marks, error, more = TOPS[place]
        self.left.set(ylim=(0, loss), yticks=np.linspace(0, loss, marks))
        self.right.set(ylim=(0, error), yticks=np.linspace(0, error, more))

    def show_losses(self, run: Run, there: dict[str, Any], without: Run | None) -> None:
        """Draw the left panel."""
        steps = np.arange(0, STEPS + 1, EVERY)
        for kind in KINDS:
            self.lines[kind].set_data(steps, getattr(run, kind))
            self._fill(self.left, kind, steps, *there[kind][1:])
        self.ghost.set_visible(without is not None)
        if without is not None:
            self.ghost.set_data(steps, without.validation)

    def show_errors(self, run: Run, there: list[dict[str, Any]], p: float) -> None:
        """Draw the right panel, and have each p touched there."""
        for kind in KINDS:
            errors = np.array([each[f"{kind}_error"] for each in there])
            self.means[kind].set_data(RATES, errors.mean(axis=1))
            self._fill(self.right, kind, RATES, errors.min(axis=1), errors.max(axis=1))
            self.dots[kind].set_data([p], [getattr(run, f"{kind}_error")])
        left, top, width, height = self.box(self.right)
        low, high = self.right.get_xlim()
        each = (RATES[1] - RATES[0]) / (high - low) * width
        first = left + (RATES[0] - low) / (high - low) * width - each / 2
        self.touch(
            (first, top, len(RATES) * each, height + 24), 1, len(RATES), lambda _, i: {"p": RATES[i]},
            here=(0, RATES.index(p)), says="train with this p",
        )  # fmt: skip


def _sentence(run: Run, there: list[dict[str, Any]], p: float, images: int, wrong: str, place: str) -> str:
    labels = "" if wrong == WRONG[0] else f", {images // 5} with wrong labels"
    drops = f"with dropout {DROPS[place]}, p = {p:g}" if p else "without dropout"
    gap = round(run.validation[-1], 2) - round(run.training[-1], 2)  # of the numbers as they are written
    first = f"The network learns {images} digits{labels}, {drops}."
    second = (
        f"After {STEPS} steps the loss is {run.training[-1]:.2f} on them, {run.validation[-1]:.2f} on 442 others "
        f"(lowest after {EVERY * run.validation.argmin()} steps): a gap of **{fixed(gap)}**."
    )
    return f"{first}\n{second}\n{_about_seeds(run, there, p)}"


def _about_seeds(run: Run, there: list[dict[str, Any]], p: float) -> str:
    """What this run and the recorded ones got wrong, and those without dropout."""
    means = [f"{100 * np.mean(each['validation_error']):.1f} %" for each in there]
    ours, theirs = f"{decimal(100 * run.validation_error, 1)} %", means[RATES.index(p)]
    without = f", without dropout {means[0]}" if p else ""
    return f"This run gets {ours} of the others wrong; ten recorded seeds average **{theirs}**{without}."
