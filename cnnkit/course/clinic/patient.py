"""Draw a patient: the training loss, the share of the digits that is read right, and what the layers say."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from cnnkit.course.clinic.experiments.faults import FAULTS, HEALTHY
from cnnkit.course.clinic.experiments.runs import EQUAL, Recipe, Run, first_loss, run
from cnnkit.course.kit.curves import DASHED, Chart, points
from cnnkit.course.kit.palette import BLUE, GREEN, INK, LINE, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.ticks import label_log_axis
from cnnkit.course.kit.words import fixed, percent, short

WIDTH, HEIGHT = 820, 332
LOSSES = 0.01, 1000.0
GRADIENTS = 1e-7, 100.0
ORDER = (
    "vanishing gradient", "softmax twice", "unscaled input", "forgotten eval", "dead units", "leaking data",
    "exploding start", "unshuffled batches",
)  # fmt: skip
PATIENTS = {"healthy": "", **{f"patient {i}": name for i, name in enumerate(ORDER, start=1)}}
QUESTION = "what does this patient have?"
STRENGTHS = range(5)
# What there is to choose from, above: a patient and a strength. Where the first begins, and how wide each is.
WHO, WHO_WIDE, STRONG, STRONG_WIDE = 66, 52, 632, 34
FOOT, PANEL = 48, 186  # CSS pixels from below to the axes, and their height


def recipe_of(patient: str, strength: int) -> Recipe:
    """How one of PATIENTS is trained, with its fault at strength 0 (none) to 4."""
    fault = FAULTS.get(PATIENTS[patient])
    return fault.recipe(strength) if fault else HEALTHY


@steady()
def draw_patient(patient: str, strength: int, seed: int = 0, *, named: bool = False) -> Picture:
    """Draw one of PATIENTS with its fault at strength 0 (none) to 4, and the same without its fault."""
    recipe, well = recipe_of(patient, strength), recipe_of(patient, 0)
    found, chart = run(recipe, seed), _chart()
    layers = max(recipe_of(patient, each).hidden for each in STRENGTHS) + 1
    chart.choose(patient, strength, _name(patient) if named else QUESTION)
    chart.show(found, run(well, seed) if recipe != well else None, layers)
    return chart.picture(_said(patient, strength, seed, named=named), still=(len(found.losses), recipe.epochs, layers))


def _name(patient: str) -> str:
    fault = FAULTS.get(PATIENTS[patient])
    return f"{fault.name}; {fault.mended}" if fault else ""


def _said(patient: str, strength: int, seed: int, *, named: bool) -> str:
    recipe = recipe_of(patient, strength)
    found, first = run(recipe, seed), first_loss(recipe, seed)
    last = found.losses[-(len(found.losses) // recipe.epochs) :].mean()
    who = f"{patient}, strength {strength}" if PATIENTS[patient] else patient
    name = _name(patient) if named else ""
    before = "" if name else f"{fixed(first)} before the first step and "
    start, end = found.end[0], found.end[-1]
    return (
        f"{who[0].upper()}{who[1:]}{name and f': {name}'}. The loss is {before}**{fixed(last)}** in the last epoch.\n"
        f"Digits read right at the end: training {percent(found.training)}, validation "
        f"**{percent(found.validation[-1])}**, unseen {percent(found.unseen)}.\n"
        f"The first layer puts out {percent(start.zeros)} zeros; its gradient is {short(start.gradient)}, that of the "
        f"last layer {short(end.gradient)}."
    )


@cache
def _chart() -> PatientChart:
    return PatientChart()


class PatientChart(Chart):
    """Numbers to choose patient and strength by, and below them the loss, what is read right, and the layers."""

    def __init__(self) -> None:
        super().__init__(WIDTH, HEIGHT)
        self.loss = self._panel(52, 214, "training loss of each batch", "step")
        self.read = self._panel(324, 200, "validation digits read right", "epoch")
        self.zeros = self._panel(592, 212, "zeros at the end", "", above=112, high=74)
        self.gradient = self._panel(592, 212, "gradient", "layer", high=74)
        self._add_choices()
        self._add_loss()
        self._add_read()
        self._add_layers()

    def _panel(
        self, left: float, width: float, title: str, xlabel: str, *, above: float = 0, high: float = PANEL
    ) -> Axes:
        axes = self.axes(left / WIDTH, (FOOT + above) / HEIGHT, width / WIDTH, high / HEIGHT)
        axes.set_title(title, fontsize=points(13), loc="left", color=INK, pad=5)
        axes.set_xlabel(xlabel, fontsize=points(12), color=INK)
        return axes

    def _add_choices(self) -> None:
        words: dict[str, Any] = {"fontsize": points(12), "color": INK, "va": "center_baseline"}
        self._write(12, 20, "patient", **words)
        self._write(STRONG - 58, 20, "strength", **words)
        for left, wide, count in ((WHO, WHO_WIDE, len(PATIENTS)), (STRONG, STRONG_WIDE, len(STRENGTHS))):
            for i in range(count):
                self._frame(left + i * wide, wide, LINE, 0.6)
        for i in range(len(PATIENTS)):
            self._write(WHO + (i + 0.5) * WHO_WIDE, 20, str(i) if i else "healthy", ha="center", **words)
        for i in STRENGTHS:
            self._write(STRONG + (i + 0.5) * STRONG_WIDE, 20, str(i), ha="center", **words)
        self.patient = self.moving(self._frame(WHO, WHO_WIDE, VERMILION, 1.6))
        self.strength = self.moving(self._frame(STRONG, STRONG_WIDE, VERMILION, 1.6))
        self.name = self.moving(self._write(12, 60, "", fontsize=points(14), fontweight="bold", color=INK))
        self.well = self.moving(self._write(804, 56, "grey: without the fault", ha="right", **words))

    def _write(self, x: float, y: float, words: str, **look: Any) -> Any:
        return self.figure.text(x / WIDTH, 1 - y / HEIGHT, words, **look)

    def _frame(self, left: float, wide: float, colour: str, thick: float) -> Rectangle:
        frame = Rectangle((left / WIDTH, 1 - 33 / HEIGHT), wide / WIDTH, 26 / HEIGHT, transform=self.figure.transFigure)
        frame.set(edgecolor=colour, facecolor="none", linewidth=thick)
        self.figure.add_artist(frame)
        return frame

    def _add_loss(self) -> None:
        self.loss.set(yscale="log", ylim=LOSSES)
        label_log_axis(self.loss.yaxis, *LOSSES)
        self.loss.axhline(EQUAL, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        self.loss_well = self.moving(self.loss.plot([], [], color=LINE, linewidth=1.1)[0])
        self.losses = self.moving(self.loss.plot([], [], color=BLUE, linewidth=1.1)[0])
        equal = self.words(self.loss, fontsize=points(12), ha="right", transform=self.loss.get_yaxis_transform())
        equal.set(text=fixed(EQUAL), x=1, y=EQUAL * 1.3)

    def _add_read(self) -> None:
        self.read.set_ylim(0, 100)
        self.read.set_yticks([0, 25, 50, 75, 100], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        look: dict[str, Any] = {"linewidth": 1.6, "clip_on": False}
        self.read_well = self.moving(self.read.plot([], [], color=SOFT, linestyle=DASHED, **look)[0])
        self.validation = self.moving(self.read.plot([], [], color=GREEN, markersize=points(6), **look)[0])
        self.end = self.words(self.read, fontsize=points(12), ha="right", transform=self.read.transAxes)

    def _add_layers(self) -> None:
        self.zeros.set_ylim(0, 100)
        self.zeros.set_yticks([0, 50, 100], ["0 %", "50 %", "100 %"])
        most = max(recipe_of(patient, each).hidden for patient in PATIENTS for each in STRENGTHS) + 1
        self.bars = [self.moving(bar) for bar in self.zeros.bar(range(1, most + 1), 0, color=SOFT, width=0.6)]
        self.gradient.set(yscale="log", ylim=GRADIENTS)
        label_log_axis(self.gradient.yaxis, *GRADIENTS)
        look: dict[str, Any] = {"linewidth": 1.2, "markersize": points(5), "clip_on": False}
        self.before = self.moving(self.gradient.plot([], [], "o-", color=BLUE, **look)[0])
        self.after = self.moving(self.gradient.plot([], [], "s-", color=VERMILION, **look)[0])
        self.none = self.words(self.gradient, fontsize=points(12), ha="center", va="bottom")
        self.none.set(transform=self.gradient.transAxes, text="at the end exactly 0", x=0.5, y=0.08)
        for x, words, colour in ((742, "● start", BLUE), (804, "■ end", VERMILION)):
            self._write(x, HEIGHT - FOOT - 74 - 8, words, fontsize=points(12), color=colour, ha="right")

    def choose(self, patient: str, strength: int, name: str) -> None:
        """Frame the chosen numbers, and have all of them touched."""
        who = list(PATIENTS)
        number = who.index(patient)
        self.patient.set_x((WHO + number * WHO_WIDE) / WIDTH)
        self.strength.set_x((STRONG + strength * STRONG_WIDE) / WIDTH)
        self.strength.set_visible(number > 0)
        self.name.set_text(name if number else "the healthy network")
        box = WHO, 7, WHO_WIDE * len(who), 26
        self.touch(box, 1, len(who), lambda i, j: {"patient": who[j]}, here=(0, number), says="choose a patient")
        if number:
            box = STRONG, 7, STRONG_WIDE * len(STRENGTHS), 26
            self.touch(
                box, 1, len(STRENGTHS), lambda i, j: {"strength": j}, here=(0, strength), says="choose a strength"
            )

    def show(self, found: Run, well: Run | None, layers: int) -> None:
        """Draw what the training gave, and thinner what it gives without the fault."""
        self._show_loss(found, well)
        self._show_read(found, well)
        self._show_layers(found, layers)

    def _show_loss(self, found: Run, well: Run | None) -> None:
        steps = np.arange(len(found.losses))
        self.loss.set_xlim(0, len(steps))
        self.losses.set_data(steps, found.losses.clip(*LOSSES))
        self.loss_well.set_visible(well is not None)
        if well:
            self.loss_well.set_data(np.arange(len(well.losses)), well.losses.clip(*LOSSES))

    def _show_read(self, found: Run, well: Run | None) -> None:
        epochs = np.arange(1, len(found.validation) + 1)
        self.read.set_xlim(1, len(epochs))
        self.read.set_xticks([1, len(epochs) // 2, len(epochs)])
        self.validation.set_data(epochs, 100 * found.validation)
        self.validation.set_marker("o" if len(epochs) <= 12 else "")
        for artist in (self.read_well, self.well):
            artist.set_visible(well is not None)
        if well:
            self.read_well.set_data(epochs, 100 * well.validation)
        shares = ("training", found.training), ("validation", found.validation[-1]), ("unseen", found.unseen)
        words = "\n".join(["at the end", *(f"{name} {percent(share)}" for name, share in shares)])
        high = found.validation[len(epochs) // 2 :].min() > 0.4
        self.end.set(text=words, x=0.98, y=0.04 if high else 0.85, va="bottom" if high else "top")

    def _show_layers(self, found: Run, layers: int) -> None:
        places = np.arange(1, len(found.end) + 1)
        for axes in (self.zeros, self.gradient):
            axes.set_xlim(0.5, layers + 0.5)
            axes.set_xticks(range(1, layers + 1), [""] * layers if axes is self.zeros else None)
        for i, bar in enumerate(self.bars):
            bar.set_height(100 * found.end[i].zeros if i < len(places) else 0)
        for line, rows in ((self.before, found.start), (self.after, found.end)):
            line.set_data(places, np.clip([row.gradient for row in rows], *GRADIENTS))
        self.none.set_visible(not any(row.gradient for row in found.end))
