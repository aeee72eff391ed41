"""Which units of a network are silent on which inputs, before and after training."""

from __future__ import annotations

import numpy as np

from cnnkit._arguments import integer
from cnnkit.course.activations.dead_units_numbers import SILENT, Watched, dead, stuck
from cnnkit.course.kit.palette import INK, INPUT_READ, KERNEL, LINE, PADDING, PAPER, SOFT, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, hairline
from cnnkit.course.kit.words import listed, percent

WIDTH, HEIGHT = 820, 494
LEFTS, TOPS = (96, 340, 584), (56, 272)  # of the panels
UNIT = 7  # how wide a unit is, in CSS pixels; an input is one high
DEAD = 3
PAPERS = np.array([BYTE[PADDING], BYTE[KERNEL], BYTE[INPUT_READ], BYTE[WINDOW]])  # SILENT, WEAK, AWAKE, DEAD
LEGEND = {  # where it begins, and what it says
    INPUT_READ: (96, "passes the gradient on"),
    KERNEL: (266, "weak: under 5 % of the slope"),
    PADDING: (468, "silent on this digit"),
    WINDOW: (622, "dead: silent on every digit"),
}


def draw_dead_units(name: str, watched: Watched, images: np.ndarray, labels: np.ndarray, *, digit: int = 1) -> Picture:
    """Draw a column for each unit and a row for each digit, and one digit's row enlarged.

    name     what to call the activation
    watched  what `train_and_watch` found on `images` (N, 8, 8) with their `labels`
    digit    which of them is "this digit", counted from 1

    Errors: ValueError for a digit that is not there.
    """
    row = integer("digit", digit, at_least=1) - 1
    if row >= len(images):
        raise ValueError(f"digit must be at most {len(images)}, the number of digits, got {digit}")
    sheet = Sheet(WIDTH, HEIGHT)
    moments = (("before", watched.before), (f"after {watched.steps}", watched.after))
    for (words, layers), top, right in zip(moments, TOPS, watched.right, strict=True):
        sheet.text(10, top + 12, words, size=14, bold=True)
        sheet.text(10, top + 28, "training" if words == "before" else "steps", size=14, bold=True)
        sheet.text(10, top + 50, f"{percent(right)} right", size=12)
        _draw_image(sheet, images[row], top + 112)
        for number_of_layer, (states, left) in enumerate(zip(layers, LEFTS, strict=True), start=1):
            _draw_layer(sheet, states, left, top, row, number_of_layer)
    sheet.text(LEFTS[0], 22, f"{name}: one column for each unit, one row for each of {len(images)} digits", size=14)
    for colour, (x, words) in LEGEND.items():
        sheet.box(x, HEIGHT - 15, 11, 11, colour)
        sheet.text(x + 16, HEIGHT - 5, words, size=12)
    return sheet.picture(_sentence(name, watched, int(labels[row]), row))


def _draw_layer(sheet: Sheet, states: np.ndarray, left: float, top: float, row: int, layer: int) -> None:
    inputs, units = states.shape
    lost = dead(states)
    shown = np.where(lost, DEAD, states)
    width = units * UNIT
    words = f"layer {layer}: {lost.sum()} of {units} dead"
    sheet.text(left, top - 8, words, bold=bool(lost.any()))
    sheet.image(left, top, PAPERS[shown], (UNIT, 1))
    for unit in range(units):
        sheet.box(left + unit * UNIT, top, hairline(), inputs, PAPER)
    sheet.frame(left - 2, top + row - 0.5, width + 4, 2, INK, hairline())
    strip = top + inputs + 6
    sheet.grid(left, strip, UNIT, PAPERS[shown[row]][None])
    sheet.grid(left, strip + UNIT, UNIT, PAPERS[shown[row]][None])
    silent = int((states[row] == SILENT).sum())
    sheet.text(left, strip + 29, f"this digit: {silent} silent, {lost.sum()} of them dead", size=12)


def _draw_image(sheet: Sheet, image: np.ndarray, top: float) -> None:
    """The digit itself, in three shades of grey and black."""
    shades = np.array([BYTE[PAPER], BYTE[LINE], BYTE[SOFT], BYTE[INK]])
    sheet.grid(14, top, 6, shades[np.clip(np.rint(image * 3), 0, 3).astype(int)])


def _sentence(name: str, watched: Watched, label: int, row: int) -> str:
    before, after = ([int(dead(s).sum()) for s in layers] for layers in (watched.before, watched.after))
    inputs, units = watched.after[0].shape
    silent = [int((s[row] == SILENT).sum()) for s in watched.after]
    parts = [
        f"{name}, three layers of {units} units. Dead, that is silent on all {inputs} digits, in layers 1, 2 and 3: "
        f"{listed(before)} before training, {listed(after)} after {watched.steps} steps."
    ]
    if sum(silent):
        only = sum(silent) - sum(after)
        parts.append(
            f"On this digit, a {label}, the layers have {listed(silent)} silent units. {only} of these {sum(silent)} "
            "are not dead: they fire on other digits."
        )
    back = sum(int((dead(b) & ~dead(a)).sum()) for b, a in zip(watched.before, watched.after, strict=True))
    if back:
        fire = "fires" if back == 1 else "fire"
        parts.append(f"Of those dead at the start, {back} {fire} again: the layers below changed.")
    weak = [int(stuck(s).sum()) for s in watched.after]
    if sum(weak):
        parts.append(
            f"Stuck are {listed(weak)}: on every digit they pass less than 5 % of the largest slope, yet not 0."
        )
    if watched.ran_away:
        parts.append(f"In step {watched.steps + 1} the numbers grew beyond all bounds, so training stopped before it.")
    parts.append(f"The network gets {percent(watched.right[1])} of these digits right.")
    return " ".join(parts)
