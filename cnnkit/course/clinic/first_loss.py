"""Draw what an untrained network says of one digit, and the loss that it starts with."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cnnkit import cross_entropy, softmax
from cnnkit.course.clinic.experiments.cases import ink
from cnnkit.course.clinic.experiments.runs import EQUAL, Recipe, build
from cnnkit.course.kit.palette import INPUT_READ, OUTPUT_WRITTEN
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet
from cnnkit.course.kit.words import fixed

WIDTH, HEIGHT, LEFT, BAR, ROW = 820, 268, 46, 380, 22
DIGITS = 300  # over which the loss is the mean


@lru_cache(maxsize=64)
def _logits(highest: float, gain: float, seed: int) -> np.ndarray:
    return build(Recipe(gain=gain), seed).forward(highest * ink(count=DIGITS).x)


def starting_loss(highest: float, gain: float, seed: int = 0) -> float:
    """The mean loss of an untrained network for pixels from 0 to `highest`."""
    return float(cross_entropy(_logits(highest, gain, seed), ink(count=DIGITS).labels))


def draw_first_loss(highest: float, gain: float, image: int, seed: int = 0) -> Picture:
    """Draw the ten probabilities of one digit as bars, and the loss of all beside that of equal probabilities."""
    p, label = softmax(_logits(highest, gain, seed), dim=1)[image], int(ink().labels[image])
    loss = starting_loss(highest, gain, seed)
    sheet = Sheet(WIDTH, HEIGHT)
    sheet.text(12, 20, f"what it says of picture {image}, {'an 8' if label == 8 else f'a {label}'}", size=14, bold=True)
    for digit, share in enumerate(p):
        y = 34 + ROW * digit
        sheet.text(30, y + 14, str(digit), bold=digit == label, align="right")
        sheet.box(LEFT, y + 3, max(1, BAR * share), ROW - 8, OUTPUT_WRITTEN if digit == label else INPUT_READ)
        sheet.text(LEFT + BAR * share + 8, y + 14, f"{100 * share:.0f} %", size=12)
    x = LEFT + BAR + 90
    sheet.text(x, 20, f"the first loss, a mean of {DIGITS} digits", size=14, bold=True)
    sheet.text(x, 84, fixed(loss), size=44, bold=True)
    sheet.text(x, 132, "ten classes, each with probability 1/10:", size=13)
    sheet.text(x, 154, f"−log(1/10) = {fixed(EQUAL)}", size=15, bold=True)
    times = f"{loss / EQUAL:.1f} times that" if loss < 100 * EQUAL else f"{loss / EQUAL:.0f} times that"
    sheet.text(x, 194, times, size=13)
    sheet.text(x, 216, f"largest of the ten bars: {100 * p.max():.0f} %", size=13)
    return sheet.picture(
        f"An untrained network, pixels from 0 to {highest:g}, gain {gain:g}: its first loss is {fixed(loss)}, where "
        f"equal probabilities give {fixed(EQUAL)}. Picture {image}, a {label}: the largest of its ten probabilities is "
        f"{100 * p.max():.0f} %, for class {int(np.argmax(p))}."
    )
