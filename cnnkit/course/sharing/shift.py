"""A digit that moves: the output of a convolution moves with it, that of a layer without sharing does not."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import choice, integer, probability
from cnnkit.convolution import conv2d, locally_connected2d
from cnnkit.course.kit.kernels import make_kernel
from cnnkit.course.kit.palette import INK, INPUT_READ, ORANGE_TO_BLUE, PAPER, ramp
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet
from cnnkit.course.kit.words import counted, percent
from cnnkit.data import digits
from cnnkit.matrices import shift

SIDE, MARGIN, FARTHEST = 16, 4, 8  # the canvas, what is free around the digit of 8 x 8 pixels, and how far it may go
FILTERS = ("vertical edges (Sobel)", "horizontal edges (Sobel)", "Laplacian", "blur (mean)")
LEFT, TOP, PIXEL = 8, 152, 13  # of the input, which stands beside both layers
LEFTS, TOPS, CELL, HEIGHT = (258, 446, 634), (58, 292), 11, 476  # of the outputs: three of each layer
TITLES = "convolution: one filter", "locally connected: a filter for each place"
ORDERS = "filtered, then moved", "moved, then filtered"
DIGIT, BEFORE = ramp(PAPER, INK, steps=33), ramp(PAPER, INPUT_READ, steps=17)
SIGNED = ramp(*ORANGE_TO_BLUE, steps=101)


class Followed(NamedTuple):
    """One layer's output moved afterwards, its output of the moved input, and the difference: (SIDE, SIDE) each."""

    after: np.ndarray
    before: np.ndarray

    @property
    def difference(self) -> np.ndarray:
        return self.before - self.after

    @property
    def differs(self) -> np.ndarray:
        """Where the two are not the same, but for rounding."""
        return np.abs(self.difference) > 1e-9

    @property
    def share(self) -> float:
        """How large the difference is beside the output: the root of the ratio of their squares' sums."""
        whole = float(np.square(self.before).sum())
        return float(np.sqrt(np.square(self.difference).sum() / whole)) if whole else 0.0


@cache
def _scans() -> np.ndarray:
    """The first scan of each digit in the test split."""
    data = digits("test")
    return np.stack([data.images[data.labels == digit][0, 0] for digit in range(10)]).astype(float)


def place_digit(digit: int) -> np.ndarray:
    """The digit in the middle of an empty canvas, (1, SIDE, SIDE), between 0 and 1."""
    return np.pad(_scans()[choice("digit", digit, tuple(range(10)))], MARGIN)[None]


@lru_cache(maxsize=32)
def make_filters(name: str, kernel_size: int, untied: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The shared filter (1, 1, k, k), and one for each place (1, SIDE, SIDE, 1, k, k).

    Without sharing each place has `untied` times a random filter of its own, as long as the shared one, and for the
    rest the shared one: 0 is a convolution.
    """
    shared = make_kernel(name, kernel_size).weights
    own = np.random.default_rng(seed).normal(size=(SIDE, SIDE, *shared.shape))
    own *= np.linalg.norm(shared) / np.linalg.norm(own, axis=(2, 3), keepdims=True)
    mixed = untied * own + (1 - untied) * shared
    return shared[None, None], mixed[None, :, :, None]


def follow(
    digit: int, name: str, kernel_size: int, *, right: int, down: int, untied: float = 1.0, seed: int = 0
) -> tuple[Followed, Followed]:
    """Filter a digit and move the output, and filter the digit moved: with shared filters, and without.

    The padding keeps the size. Errors: ValueError if the filter cannot have that size.
    """
    x, (shared, own) = place_digit(digit), make_filters(name, kernel_size, untied, seed)
    moved = shift(x, down, right)
    conv, conv_moved = (conv2d(image, shared, padding="same")[0] for image in (x, moved))
    local, local_moved = (locally_connected2d(image, own, padding="same")[0] for image in (x, moved))
    return Followed(shift(conv, down, right), conv_moved), Followed(shift(local, down, right), local_moved)


def draw_shift(
    digit: int, name: str, kernel_size: int, *, right: int, down: int, untied: float = 1.0, seed: int = 0
) -> Picture:
    """Draw a digit that moves, and for both layers the two orders of filtering and moving.

    digit         0 … 9: its first scan among the test digits
    name          of the shared filter, one of FILTERS
    right, down   pixels, negative to the left and up
    untied        from 0, all filters alike, to 1, each place's filter is its own
    seed          of the filters of their own

    Errors: ValueError if the filter cannot have that size.
    """
    untied, seed = probability("untied", untied), integer("seed", seed, at_least=0)
    followed = follow(digit, name, kernel_size, right=right, down=down, untied=untied, seed=seed)
    sheet = Sheet(820, HEIGHT, DIGIT, BEFORE, SIGNED)
    _draw_input(sheet, place_digit(digit)[0], right, down)
    for top, layer, title in zip(TOPS, followed, TITLES, strict=True):
        _draw_layer(sheet, top, layer, title)
    _draw_legend(sheet, LEFTS[-1] + SIDE * CELL)
    return sheet.picture(_sentence(digit, name, kernel_size, right, down, untied, followed))


def _draw_input(sheet: Sheet, x: np.ndarray, right: int, down: int) -> None:
    """The digit where it is now, over a shadow of where it was; where it is touched its middle goes."""
    moved = shift(x, down, right)
    sheet.heading(LEFT, TOP - 34, "input", f"moved {_way(right, down)}" if right or down else "not moved", gap=21)
    colours = np.where(moved > 0, sheet.tint(moved, DIGIT), sheet.tint(x, BEFORE))
    sheet.image(LEFT, TOP, colours, PIXEL, framed=True)
    sheet.legend(LEFT, TOP + SIDE * PIXEL + 14, sheet.colours(BEFORE)[-1], "before", side=12, gap=8)
    sheet.legend(LEFT + 92, TOP + SIDE * PIXEL + 14, sheet.colours(DIGIT)[-1], "now", side=12, gap=8)
    places, side = 2 * FARTHEST + 1, (2 * FARTHEST + 1) * PIXEL  # its middle lies between two pixels
    sheet.touch(
        (LEFT - PIXEL / 2, TOP - PIXEL / 2, side, side), places, places,
        lambda i, j: {"shift_x": j - FARTHEST, "shift_y": i - FARTHEST},
        here=(down + FARTHEST, right + FARTHEST), says="move its middle here",
    )  # fmt: skip


def _draw_layer(sheet: Sheet, top: float, layer: Followed, title: str) -> None:
    sheet.text(LEFTS[0], top - 30, title, size=15, bold=True)
    reach = max(float(np.abs([layer.after, layer.before]).max()), 1e-9)
    words = *ORDERS, f"difference: {counted(int(layer.differs.sum()) or 'no', 'pixel')}"
    for left, values, under in zip(LEFTS, (layer.after, layer.before, layer.difference), words, strict=True):
        sheet.text(left, top - 9, under)
        sheet.image(left, top, sheet.tint(values, SIGNED, reach), CELL, framed=True)


def _draw_legend(sheet: Sheet, right: float) -> None:
    """What the colours of the outputs mean, with its right end at `right`."""
    sheet.text(right, 28, "above 0", align="right")
    sheet.colour_bar(right - 120, 18, 60, sheet.colours(SIGNED))
    sheet.text(right - 128, 28, "below 0", align="right")


def _way(right: int, down: int) -> str:
    """'3 to the right, 2 up'."""
    parts = [
        f"{abs(step)} {words[step < 0]}"
        for step, words in ((right, ("to the right", "to the left")), (down, ("down", "up")))
        if step
    ]
    return ", ".join(parts) or "not moved"


def _sentence(
    digit: int, name: str, k: int, right: int, down: int, untied: float, followed: tuple[Followed, Followed]
) -> str:
    moves = f"moves {_way(right, down)}" if right or down else "does not move"
    start = f"The {digit} {moves}. The shared filter is {name}, {k} × {k}."
    return f"{start}\n{_about_convolution(followed[0], k)}\n{_about_local(followed[1], untied)}"


def _about_convolution(layer: Followed, k: int) -> str:
    count = int(layer.differs.sum())
    if not count:
        return "Convolution: **not one** output pixel differs, so the order of filtering and moving does not matter."
    return (
        f"Convolution: **{count} of {SIDE**2}** output pixels differ, within {counted(k // 2 or 'no', 'pixel')} of the "
        "border, which part of the digit has crossed."
    )


def _about_local(layer: Followed, untied: float) -> str:
    count = int(layer.differs.sum())
    if not untied:
        return "Locally connected: all filters are alike, so it is a convolution."
    if not count:
        return "Locally connected: no pixel differs either."
    return (
        f"Locally connected: **{count}** pixels differ; the difference is {percent(layer.share, digits=1)} as large as "
        "the output. The digit meets new filters."
    )
