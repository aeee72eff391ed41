"""Draw a patient: the training loss, the share of the digits that is read right, and what the layers say."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnkit.course.clinic.faults import FAULTS, HEALTHY
from cnnkit.course.clinic.runs import EQUAL, Recipe, Run, first_loss, run
from cnnkit.course.kit.curves import dress, points
from cnnkit.course.kit.palette import BLUE, GREEN, INK, SOFT, VERMILION
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.ticks import label_log_axis
from cnnkit.course.kit.words import fixed, short

WIDTH, HEIGHT = 820, 300
LOSSES = 0.01, 1000.0
GRADIENTS = 1e-7, 100.0
ORDER = (
    "vanishing gradient", "softmax twice", "unscaled input", "forgotten eval", "dead units", "leaking data",
    "exploding start", "unshuffled batches",
)  # fmt: skip
PATIENTS = {"healthy": "", **{f"patient {i}": name for i, name in enumerate(ORDER, start=1)}}


def draw_patient(patient: str, strength: int, seed: int = 0, *, named: bool = False) -> Picture:
    """Draw one of PATIENTS with its fault at strength 0 (none) to 4."""
    fault = FAULTS.get(PATIENTS[patient])
    recipe = fault.recipe(strength) if fault else HEALTHY
    found = run(recipe, seed)
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100))
    _loss(figure, found)
    _read(figure, recipe, found)
    _layers(figure, found)
    name = f"{patient}, strength {strength}" if fault else patient
    if fault and named:
        name += f": {fault.name}; {fault.mended}"
    figure.text(12 / WIDTH, 1 - 18 / HEIGHT, name, fontsize=points(14), fontweight="bold", color=INK)
    return from_figure(figure, f"{name[0].upper()}{name[1:]}. {_said(recipe, found, seed)}", colours=96)


def _axes(figure: Figure, left: float, width: float, title: str, xlabel: str) -> Axes:
    axes = figure.add_axes((left / WIDTH, 48 / HEIGHT, width / WIDTH, 186 / HEIGHT))
    dress(axes)
    axes.set_title(title, fontsize=points(13), loc="left", color=INK, pad=6)
    axes.set_xlabel(xlabel, fontsize=points(12), color=INK)
    return axes


def _loss(figure: Figure, found: Run) -> None:
    axes = _axes(figure, 52, 214, "training loss of each batch", "step")
    axes.set_yscale("log")
    axes.plot(np.arange(len(found.losses)), np.clip(found.losses, *LOSSES), color=BLUE, linewidth=1.1)
    axes.axhline(EQUAL, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    axes.text(len(found.losses), EQUAL * 1.15, "2.30", fontsize=points(12), ha="right", color=INK)
    axes.set_ylim(*LOSSES)
    label_log_axis(axes.yaxis, *LOSSES)


def _read(figure: Figure, recipe: Recipe, found: Run) -> None:
    axes = _axes(figure, 324, 200, "validation digits read right", "epoch")
    epochs = np.arange(1, recipe.epochs + 1)
    marker = "o" if recipe.epochs <= 12 else ""
    axes.plot(
        epochs, 100 * found.validation, color=GREEN, marker=marker, markersize=points(6), linewidth=1.6, clip_on=False
    )
    axes.set_ylim(0, 100)
    axes.set_yticks([0, 25, 50, 75, 100], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xticks([1, recipe.epochs // 2, recipe.epochs])
    words = f"at the end\ntraining {100 * found.training:.0f} %\nvalidation {100 * found.validation[-1]:.0f} %"
    words += f"\nunseen {100 * found.unseen:.0f} %"
    high = found.validation.mean() > 0.5
    axes.text(
        0.97, 0.06 if high else 0.94, words, transform=axes.transAxes, fontsize=points(12), ha="right",
        va="bottom" if high else "top", color=INK,
    )  # fmt: skip


def _layers(figure: Figure, found: Run) -> None:
    """Bars of zeros, and the gradient's length at the start and at the end, layer by layer."""
    layers = np.arange(1, len(found.end) + 1)
    top = _axes(figure, 592, 212, "layers: zeros at the end", "")
    top.set_position((592 / WIDTH, 160 / HEIGHT, 212 / WIDTH, 74 / HEIGHT))
    top.bar(layers, [100 * row.zeros for row in found.end], color=SOFT, width=0.6)
    top.set_ylim(0, 100)
    top.set_yticks([0, 50, 100], ["0 %", "50 %", "100 %"])
    top.set_xticks(layers, [""] * len(layers))
    below = _axes(figure, 592, 212, "gradient", "layer")
    below.set_position((592 / WIDTH, 48 / HEIGHT, 212 / WIDTH, 74 / HEIGHT))
    below.set_yscale("log")
    for report, colour, marker, words in ((found.start, BLUE, "o", "start"), (found.end, VERMILION, "s", "end")):
        lengths = np.clip([row.gradient for row in report], *GRADIENTS)
        below.plot(
            layers,
            lengths,
            color=colour,
            marker=marker,
            markersize=points(5),
            linewidth=1.2,
            label=words,
            clip_on=False,
        )
    below.set_ylim(*GRADIENTS)
    label_log_axis(below.yaxis, *GRADIENTS)
    below.set_xticks(layers)
    for axes in (top, below):
        axes.set_xlim(0.5, len(layers) + 0.5)
    figure.text(742 / WIDTH, 129 / HEIGHT, "● start", fontsize=points(12), color=BLUE, ha="right")
    figure.text(804 / WIDTH, 129 / HEIGHT, "■ end", fontsize=points(12), color=VERMILION, ha="right")


def _said(recipe: Recipe, found: Run, seed: int) -> str:
    last = found.losses[-(len(found.losses) // recipe.epochs) :].mean()
    first, end = found.end[0], found.end[-1]
    return (
        f"Loss {fixed(first_loss(recipe, seed))} before the first step, {fixed(last)} in the last epoch. Read right: "
        f"training {100 * found.training:.0f} %, validation {100 * found.validation[-1]:.0f} %, unseen "
        f"{100 * found.unseen:.0f} %. Zeros behind the first layer: {100 * first.zeros:.0f} %; gradient of the first "
        f"layer {short(first.gradient)}, of the last {short(end.gradient)}."
    )
