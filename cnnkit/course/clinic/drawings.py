"""The drawings of lesson 08: what to look at first, and a field guide of loss curves."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cnnkit.course.clinic.experiments.faults import FAULTS, HEALTHY
from cnnkit.course.clinic.experiments.runs import EQUAL, ONE_BATCH, Recipe, first_loss, one_batch, run
from cnnkit.course.kit.curves import dress, points
from cnnkit.course.kit.palette import BLUE, GREEN, INK, INPUT, KERNEL, LINE, OUTPUT
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.sheet import Sheet
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.words import fixed

WIDTH = 820


@steady()
def draw_checklist() -> Picture:
    """Draw five checks in the order in which they are made, each with the numbers of a healthy network."""
    found = run(HEALTHY)
    first, batch = f"{fixed(first_loss(HEALTHY))} ≈ {fixed(EQUAL)}", f"loss {fixed(one_batch(HEALTHY))}"
    shares = f"{100 * found.training:.0f} and {100 * found.validation[-1]:.0f} %"
    steps = [
        ("1 · data", "range, shape,", "labels", "0 to 1", "seconds", INPUT),
        ("2 · shapes", "what each layer", "puts out", "64 → 10", "seconds", INPUT),
        ("3 · first loss", "before the", "first step", first, "seconds", KERNEL),
        ("4 · one batch", f"{ONE_BATCH} digits, learnt", "by heart", batch, "a minute", KERNEL),
        ("5 · curves", "training and", "validation", shares, "hours", OUTPUT),
    ]
    sheet, box, gap, top, height = Sheet(WIDTH, 196), 140, 25, 14, 136
    for i, (title, line, more, number, time, colour) in enumerate(steps):
        x = 10 + i * (box + gap)
        sheet.box(x, top, box, height, colour)
        sheet.frame(x, top, box, height, LINE, 1)
        sheet.text(x + box / 2, top + 26, title, size=15, bold=True, align="centre")
        sheet.text(x + box / 2, top + 54, line, size=13, align="centre")
        sheet.text(x + box / 2, top + 72, more, size=13, align="centre")
        sheet.text(x + box / 2, top + 112, number, size=17, bold=True, align="centre")
        sheet.text(x + box / 2, top + height + 24, time, size=13, soft=True, align="centre")
        if i:
            sheet.text(x - gap / 2, top + height / 2 + 6, "→", size=18, align="centre")
    said = "; ".join(f"{title}, {number}" for title, _, _, number, *_ in steps)
    return sheet.picture(
        f"Five checks, from seconds to hours, each with what a healthy network shows: {said}. Whatever fails is mended "
        "before the next check."
    )


GUIDE = (  # what is seen, the first suspect, and the fault whose run is drawn
    ("falls and levels out", "healthy", ""),
    ("starts far too high", "pixels or initialisation", "unscaled input"),
    ("jumps up, then flat", "learning rate, dead units", "dead units"),
    ("flat from the start", "vanishing gradient", "vanishing gradient"),
    ("stops far above 0", "softmax twice", "softmax twice"),
    ("zigzags", "batches not shuffled", "unshuffled batches"),
    ("validation far below", "evaluation mode forgotten", "forgotten eval"),
    ("validation too good", "leaking data", "leaking data"),
)
ACROSS, HEIGHT, TOP = 4, 386, 4.0  # small pictures in a row; the largest loss that is drawn


@steady()
def draw_field_guide() -> Picture:
    """Draw the loss and the validation accuracy of eight runs as small pictures, each with its first suspect."""
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100))
    for i, (seen, suspect, name) in enumerate(GUIDE):
        left, bottom = 14 + (i % ACROSS) * 204, HEIGHT - 34 - 110 - (i // ACROSS) * 184
        axes = figure.add_axes((left / WIDTH, bottom / HEIGHT, 178 / WIDTH, 110 / HEIGHT))
        _thumbnail(axes, FAULTS[name].recipe(4) if name else HEALTHY, name)
        figure.text(left / WIDTH, (bottom + 120) / HEIGHT, seen, fontsize=points(13), fontweight="bold", color=INK)
        figure.text(left / WIDTH, (bottom - 18) / HEIGHT, suspect, fontsize=points(13), color=INK)
    words = f"training loss, from 0 to {TOP:g}", "validation digits read right, from 0 to 100 %", "a loss of 2.30"
    for x, colour, said in zip((14, 270, 610), (BLUE, GREEN, INK), words, strict=True):
        line = Line2D([x / WIDTH, (x + 18) / WIDTH], [12 / HEIGHT] * 2, color=colour, linewidth=1.6)
        line.set_linestyle((0, (3, 2)) if colour == INK else "-")
        figure.add_artist(line)
        figure.text((x + 24) / WIDTH, 8 / HEIGHT, said, fontsize=points(12), color=INK)
    sentence = "; ".join(f"{seen} ({suspect})" for seen, suspect, _ in GUIDE)
    return from_figure(figure, f"Eight shapes of curves, each with its first suspect: {sentence}.", colours=64)


def _thumbnail(axes: Axes, recipe: Recipe, fault: str) -> None:
    """The loss from 0 to TOP and, on the same height, the share that is read right from 0 to 1."""
    found = run(recipe)
    dress(axes)
    axes.grid(False)
    axes.plot(np.linspace(0, 1, len(found.losses)), found.losses / TOP, color=BLUE, linewidth=1.1)
    axes.axhline(EQUAL / TOP, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.plot(np.linspace(0, 1, recipe.epochs + 1)[1:], found.validation, color=GREEN, linewidth=1.8)
    words = {
        "forgotten eval": f"training {100 * found.training:.0f} %",
        "leaking data": f"unseen {100 * found.unseen:.0f} %",
    }
    axes.text(0.98, 0.86 if fault == "forgotten eval" else 0.45, words.get(fault, ""), fontsize=points(12), ha="right")
    axes.set(xlim=(0, 1), ylim=(0, 1.03), xticks=[], yticks=[])
