"""Draw how a network learns one batch by heart."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure

from cnnkit.course.clinic.experiments.cases import ink
from cnnkit.course.clinic.experiments.runs import EQUAL, LEARNT, Recipe, build, step
from cnnkit.course.kit.curves import dress, points
from cnnkit.course.kit.palette import BLUE, INK, VERMILION
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.ticks import label_log_axis
from cnnkit.course.kit.words import counted, fixed

WIDTH, HEIGHT, STEPS = 820, 290, 300
LOSSES = 0.001, 10.0
FLOOR = float(-np.log(np.e / (np.e + 9)))  # of softmax twice: a 1 and nine zeros go through it once more


@lru_cache(maxsize=128)
def by_heart(digits: int, lr: float, softmaxes: int, seed: int) -> tuple[np.ndarray, float]:
    """The loss of each of STEPS steps on the same digits, and the share of them that is read right at the end."""
    net, (x, labels) = build(Recipe(), seed), ink(count=digits)
    losses = [step(net, x, labels, lr=lr, softmaxes=softmaxes) for _ in range(STEPS)]
    return np.array(losses), float((net.forward(x).argmax(axis=1) == labels).mean())


@lru_cache(maxsize=96)
def draw_one_batch(digits: int, lr: float, softmaxes: int, seed: int = 0) -> Picture:
    """Draw the loss over the steps, with the loss below which the batch counts as learnt."""
    losses, right = by_heart(digits, lr, softmaxes, seed)
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100))
    axes = figure.add_axes((60 / WIDTH, 48 / HEIGHT, 560 / WIDTH, 208 / HEIGHT))
    dress(axes)
    axes.set_yscale("log")
    axes.plot(np.arange(STEPS), np.clip(losses, *LOSSES), color=BLUE, linewidth=1.8)
    lines = [(EQUAL, INK, f"{fixed(EQUAL)}: knows nothing"), (LEARNT, VERMILION, f"{LEARNT:g}: learnt by heart")]
    for height, colour, words in lines:
        axes.axhline(height, color=colour, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            words, (1, height), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
            fontsize=points(13), color=colour, annotation_clip=False,
        )  # fmt: skip
    axes.set(ylim=LOSSES, xlim=(0, STEPS))
    label_log_axis(axes.yaxis, *LOSSES)
    axes.set_xlabel("step", fontsize=points(13), color=INK)
    title = f"loss of {counted(digits, 'digit')}: {fixed(losses[-1], 3)} at the end, {100 * right:.0f} % read right"
    axes.set_title(title, fontsize=points(14), fontweight="bold", loc="left", color=INK)
    learnt = np.flatnonzero(losses < LEARNT)
    when = f"below {LEARNT:g} for the first time at step {learnt[0]}" if len(learnt) else f"never below {LEARNT:g}"
    return from_figure(
        figure, f"{STEPS} steps on the same {counted(digits, 'digit')} with a learning rate of {lr:g}"
        f"{', softmax applied once more' if softmaxes else ''}: the loss begins at {fixed(losses[0])}, is {when}, and "
        f"ends at {fixed(losses[-1], 3)}; {100 * right:.0f} % of the digits are read right.", colours=64,
    )  # fmt: skip
