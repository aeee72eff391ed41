"""A small network learns few digits while you wait, with dropout or without; behind it, the runs of ten seeds."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from cnnkit._arguments import choice
from cnnkit.course.dropout.overfitting_numbers import EVERY, PLACES, RATES, STEPS, WRONG, Run, recorded, train
from cnnkit.course.kit.curves import Chart, points
from cnnkit.course.kit.palette import BLUE, INK, VERMILION
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.recorded import results

WIDTH, HEIGHT = 820, 344
LOSSES, ERRORS = (1.2, 3.0), (0.2, 0.3, 0.5, 1.0)  # where the scales may end
KINDS = {"training": BLUE, "validation": VERMILION}
MARKS = {1.2: 5, 3.0: 6, 0.2: 5, 0.3: 4, 0.5: 6, 1.0: 6}
DASHES = {"training": "-", "validation": (0, (4, 1.3))}  # so that not the colour alone tells them apart
NAMES = "trained on", "validation"
DROPS = {"input": "of the input", "hidden": "of the hidden units", "both": "of the input and of the hidden units"}


def draw_overfitting(p: float, place: str, images: int, wrong: str = WRONG[0], *, seed: int = 0) -> Picture:
    """Train, and draw the losses over the steps, and the errors at the end beside those of every other p.

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
    run = train(p, place, images, wrong, seed=seed)
    there = [recorded(found, rate, place, images, wrong) for rate in RATES]
    chart = _chart()
    scales = chart.show_losses(run, there[RATES.index(p)]), chart.show_errors(run, there, p)
    return chart.picture(_sentence(run, there, p, place, images, wrong), still=scales)


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
        self.key(self.left, *names)
        self.key(self.right, *names, (INK, "", "●  this run"))
        self.bands = {(axes, kind): self._band(axes, kind) for axes in (self.left, self.right) for kind in KINDS}
        self.means = {kind: self._line(self.right, kind, linewidth=1.4) for kind in KINDS}
        self.lines = {kind: self._line(self.left, kind, linewidth=2.2) for kind in KINDS}
        dot = {"marker": "o", "markersize": 8, "markeredgecolor": "white", "clip_on": False}
        self.dots = {kind: self._line(self.right, kind, **dot) for kind in KINDS}

    def _band(self, axes: Axes, kind: str) -> Any:
        return self.moving(axes.fill([0, 1, 1], [0, 0, 1], color=KINDS[kind], alpha=0.2, linewidth=0)[0])

    def _line(self, axes: Axes, kind: str, **style: Any) -> Any:
        return self.moving(axes.plot([], [], color=KINDS[kind], linestyle=DASHES[kind], **style)[0])

    def _fill(self, axes: Axes, kind: str, x: Any, low: Any, high: Any) -> None:
        self.bands[axes, kind].set_xy(np.column_stack([[*x, *x[::-1]], [*low, *high[::-1]]]))

    def show_losses(self, run: Run, there: dict[str, Any]) -> float:
        """Draw the left panel; return where its scale ends."""
        steps, highest = np.arange(0, STEPS + 1, EVERY), 0.0
        for kind in KINDS:
            curve = getattr(run, kind)
            _, low, high = there[kind]
            self.lines[kind].set_data(steps, curve)
            self._fill(self.left, kind, steps, low, high)
            highest = max(highest, curve[len(curve) // 3 :].max(), max(high[len(high) // 3 :]))
        return _scale(self.left, highest, LOSSES)

    def show_errors(self, run: Run, there: list[dict[str, Any]], p: float) -> float:
        """Draw the right panel; return where its scale ends."""
        highest = 0.0
        for kind in KINDS:
            errors = np.array([each[f"{kind}_error"] for each in there])
            self.means[kind].set_data(RATES, errors.mean(axis=1))
            self._fill(self.right, kind, RATES, errors.min(axis=1), errors.max(axis=1))
            self.dots[kind].set_data([p], [getattr(run, f"{kind}_error")])
            highest = max(highest, errors.max())
        return _scale(self.right, highest, ERRORS)


def _scale(axes: Axes, highest: float, tops: tuple[float, ...]) -> float:
    """End the scale at the first of `tops` that leaves room; too large a loss leaves the picture."""
    top = next((top for top in tops if highest <= top), tops[-1])
    if axes.get_ylim() != (0, top):
        axes.set(ylim=(0, top), yticks=np.linspace(0, top, MARKS[top]))
    return top


def _sentence(run: Run, there: list[dict[str, Any]], p: float, place: str, images: int, wrong: str) -> str:
    labels = "" if wrong == WRONG[0] else f", {images // 5} of them with a wrong label"
    drops = f"dropout {DROPS[place]} with p = {p:g}" if p else "no dropout"
    gap = round(run.validation[-1], 2) - round(run.training[-1], 2)  # of the numbers as they are written
    first = (
        f"{images} digits{labels}, {drops}: after {STEPS} steps the loss is {run.training[-1]:.2f} on them and "
        f"{run.validation[-1]:.2f} on 442 others, a gap of {_signed(gap)}. On the others it was lowest after "
        f"{EVERY * run.validation.argmin()} steps, {run.lowest:.2f}."
    )
    ours, theirs = _percent(run.training_error), _percent(run.validation_error)
    wrong_now = f"By their labels {ours} of them are wrong, and {theirs} of the others."
    return f"{first} {wrong_now} {_about_seeds(there, p)}"


def _about_seeds(there: list[dict[str, Any]], p: float) -> str:
    """What the recorded runs got wrong here, without dropout, and where they got fewest wrong."""
    errors = [each["validation_error"] for each in there]
    here = f"Ten recorded seeds get {_spread(errors[RATES.index(p)])} of the others wrong"
    without = f", without dropout {_spread(errors[0])}" if p else ""
    best = RATES[int(np.argmin(np.mean(errors, axis=1)))]
    return f"{here}{without}; fewest {'here' if best == p else f'with p = {best:g}'}."


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def _spread(shares: list[float]) -> str:
    """The mean and the ends."""
    return f"{100 * np.mean(shares):.1f} % ({100 * min(shares):.1f} to {100 * max(shares):.1f})"
