"""Which units of a network are silent on which inputs, before and after training."""

from __future__ import annotations

import numpy as np

from cnnkit._arguments import integer
from cnnkit.course.activations.dead_units_numbers import AWAKE, SILENT, WEAK, Watched, dead, stuck
from cnnkit.course.kit.palette import INK, INPUT_READ, KERNEL, LINE, PADDING, PAPER, SOFT, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, hairline
from cnnkit.course.kit.words import a, listed, percent

WIDTH, HEIGHT = 820, 494
LEFTS, TOPS = (96, 340, 584), (56, 272)  # of the panels
CHOICE = 536, 3, 28  # where the ten kinds of digits begin, and how far apart they are
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
    """Draw a column for each unit, dead ones first, and a row for each digit, and one digit's row enlarged.

    name     what to call the activation
    watched  what `train_and_watch` found on `images` (N, 8, 8) with their `labels`
    digit    which of them is "this digit", counted from 1

    Errors: ValueError for a digit that is not there.
    """
    row = integer("digit", digit, at_least=1) - 1
    if row >= len(images):
        raise ValueError(f"digit must be at most {len(images)}, the number of digits, got {digit}")
    sheet = Sheet(WIDTH, HEIGHT)
    orders = [in_order(*layers) for layers in zip(watched.before, watched.after, strict=True)]
    moments = (("before", watched.before), (f"after {watched.steps}", watched.after))
    for (words, layers), top, right in zip(moments, TOPS, watched.right, strict=True):
        sheet.text(10, top + 12, words, size=14, bold=True)
        sheet.text(10, top + 28, "training" if words == "before" else "steps", size=14, bold=True)
        sheet.text(10, top + 50, f"{percent(right)} right", size=12)
        _draw_image(sheet, images[row], 14, top + 112, 6)
        for number_of_layer, (states, order, left) in enumerate(zip(layers, orders, LEFTS, strict=True), start=1):
            _draw_layer(sheet, states[:, order], left, top, row, number_of_layer)
    sheet.text(LEFTS[0], 22, f"{name}: each column is a unit, each row one of {len(images)} digits", size=13)
    _draw_choice(sheet, images, labels, row)
    for colour, (x, words) in LEGEND.items():
        sheet.box(x, HEIGHT - 15, 11, 11, colour)
        sheet.text(x + 16, HEIGHT - 5, words, size=12)
    return sheet.picture(_sentence(name, watched, int(labels[row]), row))


def in_order(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The units of a layer so that dead ones stand together at both moments, the rest by how often they are awake.

    First come those that die, then those that are dead at both moments, then those that fire again.
    """
    lost, was_lost = dead(after), dead(before)
    group = np.select([lost & ~was_lost, lost, was_lost], [0, 1, 2], 3)
    return np.lexsort(((after == AWAKE).sum(axis=0), group))


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
    silent, weak = (int((states[row] == state).sum()) for state in (SILENT, WEAK))
    words = f"{silent} silent, {lost.sum()} of them dead" if silent or not weak else f"{weak} weak"
    sheet.text(left, strip + 29, f"this digit: {words}", size=12)
    sheet.touch((left, top, width, inputs), inputs, 1, lambda i, _: {"digit": i + 1}, here=(row, 0), says="digit {row}")


def _draw_image(sheet: Sheet, image: np.ndarray, left: float, top: float, cell: float, *, lines: bool = True) -> None:
    """The digit itself, in three shades of grey and black."""
    shades = np.array([BYTE[PAPER], BYTE[LINE], BYTE[SOFT], BYTE[INK]])
    colours = shades[np.clip(np.rint(image * 3), 0, 3).astype(int)]
    if lines:
        sheet.grid(left, top, cell, colours)
    else:
        sheet.image(left, top, colours, cell, framed=True)


def _draw_choice(sheet: Sheet, images: np.ndarray, labels: np.ndarray, row: int) -> None:
    """One of each kind, to choose from: its next example, seen from the digit that is chosen now."""
    following = np.roll(np.arange(len(labels)), -row)
    now = int(labels[row])
    first = [int(following[labels[following] == label][0]) for label in range(10)]
    after = [int(following[1:][labels[following[1:]] == label][0]) for label in range(10)]
    left, top, apart = CHOICE
    for label, place in enumerate(first):
        _draw_image(sheet, images[place], left + label * apart + 1, top + 1, 3, lines=False)
    sheet.frame(left + now * apart, top, 26, 26, INK, 2)
    sheet.touch(
        (left - 1, top, 10 * apart, 26), 1, 10, lambda _, j: {"digit": after[j] + 1}, here=(0, now), says="another one"
    )


def _sentence(name: str, watched: Watched, label: int, row: int) -> str:
    before, after = ([int(dead(s).sum()) for s in layers] for layers in (watched.before, watched.after))
    units = sum(states.shape[1] for states in watched.after)
    when = f"After {watched.steps} steps"
    if watched.ran_away:
        when = f"Step {watched.steps + 1} would make numbers infinite, so training stopped:"
    back = sum(int((dead(old) & ~dead(new)).sum()) for old, new in zip(watched.before, watched.after, strict=True))
    again = f", and {back} of these {'fires' if back == 1 else 'fire'} again" if back else ""
    return (
        f"{when} **{sum(after)} of {units} units are dead**, {listed(after)} in layers 1, 2 and 3.\n"
        f"Before training it was {listed(before)}{again}. The network gets {percent(watched.right[1])} of the digits "
        f"right.\n{_about_digit(watched, label, row)}"
    )


def _about_digit(watched: Watched, label: int, row: int) -> str:
    """How many units are silent or weak on one digit, and how many of them on every digit."""
    silent, weak = (sum(int((s[row] == state).sum()) for s in watched.after) for state in (SILENT, WEAK))
    if silent:
        only = silent - sum(int(dead(s).sum()) for s in watched.after)
        return f"On this digit, {a(label)}, {silent} units are silent; {only} of them fire on other digits."
    always = sum(int(stuck(s).sum()) for s in watched.after)
    return (
        f"On this digit, {a(label)}, {weak} units are weak: they pass under 5 % of the largest slope. "
        f"On every digit {always} are."
    )
