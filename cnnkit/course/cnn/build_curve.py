"""The errors of a training, epoch by epoch, drawn on a sheet beside something else."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from cnnkit.course.cnn.build_training import LONG, MANY, Run, validated_on
from cnnkit.course.kit.palette import BLUE, LINE, PAPER, SOFT, VERMILION, Palette, ramp
from cnnkit.course.kit.picture import scale
from cnnkit.course.kit.sheet import Sheet, hairline
from cnnkit.course.kit.words import percent

TOP, HIGH, ACROSS = 122, 234, 226  # the panel, in CSS pixels
TICKS = (0, 1, 5, 10, 25, 50, 100)  # per cent, on a scale of square roots: small errors are the ones to compare
SHADES = 8  # of each line's colour, without white, so that it is smooth
LINES = [Palette(ramp(PAPER, colour, steps=SHADES + 1).rgb[1:]) for colour in (BLUE, VERMILION, SOFT)]
BEFORE = 2  # the number of the ghost's line
FINER = 2  # lines are drawn on so many times as many pixels


def draw_curve(sheet: Sheet, left: float, run: Run | None, *, before: Run | None = None, running: bool = False) -> None:
    """Draw the panel with its left end at `left`: both errors of the run, or that there is none yet.

    before   the run that was seen last: its errors on the validation digits stay as a thin line
    """
    sheet.text(left, 22, "digits misread", size=14, bold=True)
    examples = run.examples if run else MANY
    epochs = max(LONG, *(each.epochs for each in (run, before) if each), LONG)
    right = left + 30 + ACROSS
    entries = (
        (f"{examples:,} learnt from", run and run.training),
        (f"{_validators()} to validate", run and run.validation),
        ("before, to validate", before and before.validation),
    )
    for i, (words, errors) in enumerate(entries if before else entries[:2]):
        y = 46 + 20 * i
        sheet.box(left, y - 6, 22, 1.5 if i == BEFORE else 3, sheet.colours(LINES[i])[-1])
        sheet.text(left + 28, y, words)
        sheet.text(right, y, percent(errors[-1], digits=1) if errors else "–", bold=True, align="right")
    _draw_scale(sheet, left + 30, epochs)
    if before:
        _draw_line(sheet, left + 30, BEFORE, before.validation, epochs)
    if run and run.validation:
        for i, errors in reversed([*enumerate((run.training, run.validation))]):
            _draw_line(sheet, left + 30, i, errors, epochs)
    _say(sheet, left + 30, run, running)


def _validators() -> int:
    return len(validated_on()[1])


def _down(share: float) -> float:
    return float(HIGH * (1 - np.sqrt(share)))


def _draw_scale(sheet: Sheet, left: float, epochs: int) -> None:
    for tick in TICKS:
        y = TOP + _down(tick / 100)
        sheet.box(left, y, ACROSS, hairline(), LINE)
        sheet.text(left - 6, y + 4.5, f"{tick}", size=12, align="right")
    sheet.text(left - 6, TOP - 11, "%", size=12, align="right")
    sheet.text(left + 8, TOP - 11, "stretched towards 0", size=12, soft=True)
    sheet.box(left, TOP, hairline(), HIGH, SOFT)
    for epoch in {1, epochs, *range(5, epochs - 2, 5 * -(-epochs // 40))}:
        sheet.text(left + ACROSS * epoch / epochs, TOP + HIGH + 17, f"{epoch}", size=12, align="centre")
    sheet.text(left + ACROSS, TOP + HIGH + 36, "epochs", size=13, align="right")


def _draw_line(sheet: Sheet, left: float, number: int, errors: tuple[float, ...], epochs: int) -> None:
    fine, margin = scale() * FINER, 6
    size = (ACROSS + 2 * margin) * fine, (HIGH + 2 * margin) * fine
    mask = Image.new("L", size)
    points = [
        ((margin + ACROSS * (i + 1) / epochs) * fine, (margin + _down(error)) * fine) for i, error in enumerate(errors)
    ]
    pen = ImageDraw.Draw(mask)
    pen.line(points, 255, width=round((1 if number == BEFORE else 2.2) * fine), joint="curve")
    for x, y in points if number != BEFORE else ():
        pen.ellipse([x - 2.8 * fine, y - 2.8 * fine, x + 2.8 * fine, y + 2.8 * fine], 255)
    ink = np.asarray(mask.reduce(FINER).point([round(SHADES * grey / 255) for grey in range(256)]))
    colours = sheet.colours(LINES[number])[np.maximum(ink, 1) - 1]
    sheet.image(left - margin, TOP - margin, colours, hairline(), where=ink > 0)


def _say(sheet: Sheet, left: float, run: Run | None, running: bool) -> None:
    """What is going on, in the panel's empty upper right corner or its middle."""
    if run is None and not running:
        for i, words in enumerate(("not trained:", "press Train, or move p,", "batch norm or the seed")):
            sheet.box(left + 62, TOP + 42 + 20 * i - 14, 162, 20, PAPER)
            sheet.text(left + 143, TOP + 42 + 20 * i, words, align="centre")
    elif run and not run.finished:
        words = f"epoch {run.epoch} of {run.epochs}" if running else "stopped"
        sheet.text(left + ACROSS, TOP - 11, words, size=12, align="right")
