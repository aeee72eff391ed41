"""Three layers as matrices: all weights different, few of them there, and the few that there are used everywhere."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import integer
from cnnkit.course.kit.palette import INPUT, OUTPUT, OUTPUT_WRITTEN, PAPER, WINDOW, swatches
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, cell_size, number_size
from cnnkit.course.kit.words import listed
from cnnkit.matrices import conv_matrix, local_matrix, pixels_read
from cnnkit.sizes import conv_output_size

# What a shared weight is painted with, dark and light in turn so that neighbours differ for colour-blind readers, too.
SHARED = swatches(
    "#5a9bd8", "#f2b84b", "#c98a55", "#7cc4f6", "#a582d2", "#c9c84a", "#c67a97", "#8fd08a",
    "#a39246", "#c3aef2", "#4f9fae", "#e8b98a", "#8f8fc8", "#a9cf6c", "#b58468", "#b7bff2", inked=True,
)  # fmt: skip
# A weight that stands in one place only has any of these greys, all of them lighter than the colours.
ALONE = swatches("#dfe3e8", "#d5dae0", "#ebeef1", inked=True)
GREY = np.random.default_rng(0).integers(3, size=36**2 + 1)
KINDS = {"fully connected": "dense", "locally connected": "banded", "convolution": "banded and tied"}
LEFTS, ACROSS = (8, 156, 492), (126, 320, 320)  # the columns: numbers are read in the last two only
TOP, DOWN, SMALLEST = 52, 182, 11  # the room of a matrix, and no numbers below this size
BELOW, SIDE, BESIDE = 272, 126, 156  # where the row is laid out, how large, and where the output is
HEIGHT = 438


class Numbered(NamedTuple):
    """The matrices of the three layers, with the number of a weight (from 1) where it stands and 0 elsewhere."""

    matrices: tuple[np.ndarray, ...]
    reads: np.ndarray  # (o, o, k, k): which pixel each tap of each window reads
    size: int

    @property
    def counts(self) -> list[int]:
        """How many different weights each layer has."""
        return [int(matrix.max()) for matrix in self.matrices]


@lru_cache(maxsize=64)
def number_weights(size: int, kernel_size: int, stride: int) -> Numbered:
    """Number the weights of the three layers from one channel of `size` x `size` pixels to one channel.

    Errors: ValueError if the kernel does not fit.
    """
    n, k = size, kernel_size
    if k > n:
        raise ValueError(f"A kernel of {k} × {k} pixels does not fit into an input of {n} × {n}.")
    o = conv_output_size(n, k, stride=stride)
    dense = np.arange(o**2 * n**2).reshape(o**2, n**2) + 1
    own, shared = np.arange(o**2 * k**2).reshape(1, o, o, 1, k, k) + 1, np.arange(k**2).reshape(1, 1, k, k) + 1
    matrices = dense, local_matrix(own, n, stride=stride), conv_matrix(shared, n, stride=stride)
    return Numbered(matrices, pixels_read((1, k, k), n, stride=stride)[:, :, 0], n)


def draw_matrices(size: int, kernel_size: int, *, stride: int = 1, row: int = 1) -> Picture:
    """Draw a fully connected, a locally connected and a convolutional layer as matrices, with one row marked.

    size, kernel_size, stride   of one channel of size x size pixels, without padding
    row                         which row, that is which output pixel, counted from 1

    Errors: ValueError if the kernel does not fit or there is no such row.
    """
    numbered = number_weights(size, kernel_size, stride)
    rows = len(numbered.matrices[0])
    if integer("row", row, at_least=1) > rows:
        raise ValueError(f"row must be between 1 and {rows}, the number of output pixels, got {row}")
    sheet = Sheet(820, HEIGHT, SHARED, ALONE)
    for left, across, name, matrix in zip(LEFTS, ACROSS, KINDS, numbered.matrices, strict=True):
        _draw_matrix(sheet, left, across, name, matrix, row)
        _draw_row(sheet, left, name, numbered, matrix[row - 1], row)
        if across > BESIDE:
            _draw_output(sheet, left + BESIDE, len(numbered.reads), row)
            _let_pixels_touch(sheet, left, numbered, stride)
    _draw_legend(sheet, rows > 1)
    return sheet.picture(_sentence(numbered, kernel_size, stride, row))


def paint(sheet: Sheet, matrix: np.ndarray, shared: bool) -> np.ndarray:
    """The colour of each entry, as a byte: white for none, one for each weight that is shared, greys for the others."""
    colours = sheet.colours(SHARED)[matrix - 1] if shared else sheet.colours(ALONE)[GREY[matrix]]
    return np.where(matrix == 0, BYTE[PAPER], colours)


def _is_shared(name: str, rows: int) -> bool:
    return name == "convolution" and rows > 1


def _draw_matrix(sheet: Sheet, left: float, across: float, name: str, matrix: np.ndarray, row: int) -> None:
    rows, columns = matrix.shape
    kind = "different weights" if across > BESIDE else "weights"
    many = f"{matrix.max():,} {kind}" if matrix.max() > 1 else "1 weight"
    sheet.heading(left, 20, name, f"{KINDS[name]}: {many}", soft=False)
    cell = min(cell_size(columns, across, most=28), cell_size(rows, DOWN, most=28))
    sheet.grid(left, TOP, cell, paint(sheet, matrix, _is_shared(name, rows)), numbers=_readable(matrix, cell))
    sheet.frame(left, TOP + (row - 1) * cell, columns * cell, cell, WINDOW, 2)
    box = left, TOP, columns * cell, rows * cell
    sheet.touch(box, rows, 1, lambda i, _: {"row": i + 1}, here=(row - 1, 0), says="row {row}", follows=True)


def _draw_row(sheet: Sheet, left: float, name: str, numbered: Numbered, weights: np.ndarray, row: int) -> None:
    n, rows = numbered.size, len(numbered.matrices[0])
    sheet.text(left, BELOW - 10, f"row {row} on the input")
    cell = cell_size(n, SIDE, most=SIDE / 3)
    image = weights.reshape(n, n)
    colours = paint(sheet, image, _is_shared(name, rows))
    colours[image == 0] = BYTE[INPUT]
    sheet.grid(left, BELOW, cell, colours, numbers=_readable(image, cell))
    at = np.argwhere(image)
    (top, first), (bottom, last) = at.min(axis=0), at.max(axis=0) + 1
    place = left + first * cell, BELOW + top * cell, (last - first) * cell, (bottom - top) * cell
    sheet.frame(*place, WINDOW, 2)


def _draw_output(sheet: Sheet, left: float, side: int, row: int) -> None:
    sheet.text(left, BELOW - 10, "output, numbered by row")
    cell = cell_size(side, SIDE, most=30)
    colours = np.full((side, side), BYTE[OUTPUT])
    i, j = divmod(row - 1, side)
    colours[i, j] = BYTE[OUTPUT_WRITTEN]
    sheet.grid(left, BELOW, cell, colours, numbers=np.arange(side**2).reshape(side, side) + 1)
    sheet.frame(left + j * cell, BELOW + i * cell, cell, cell, WINDOW, 2)
    box = left, BELOW, side * cell, side * cell
    sheet.touch(box, side, side, lambda i, j: {"row": i * side + j + 1}, here=(i, j), says="row {number}")


def _let_pixels_touch(sheet: Sheet, left: float, numbered: Numbered, stride: int) -> None:
    """A pixel of the input sets the row whose window's middle is nearest."""
    n, last, k = numbered.size, len(numbered.reads) - 1, numbered.reads.shape[-1]
    side = n * cell_size(n, SIDE, most=SIDE / 3)

    def reading(i: int, j: int) -> dict[str, int]:
        down, across = (min(max(round((at - (k - 1) / 2) / stride), 0), last) for at in (i, j))
        return {"row": down * (last + 1) + across + 1}

    sheet.touch((left, BELOW, side, side), n, n, reading, says="pixel {number}")


def _readable(matrix: np.ndarray, cell: float) -> np.ndarray | None:
    """The numbers of the weights, NaN where there is none; None if the cells are too small for them."""
    if number_size(str(matrix.max()), cell) < SMALLEST:
        return None
    return np.where(matrix == 0, np.nan, matrix)


def _draw_legend(sheet: Sheet, shared: bool) -> None:
    entries = [
        (LEFTS[0], sheet.colours(ALONE), "a weight that stands in one place only"),
        (LEFTS[1] + 216, sheet.colours(SHARED)[:4], "a weight that stands in many places"),
    ]
    for x, cells, words in entries[: 1 + shared]:
        sheet.legend(x, HEIGHT - 24, cells, words, side=14, gap=8)


def _sentence(numbered: Numbered, k: int, stride: int, row: int) -> str:
    n, o = numbered.size, len(numbered.reads)
    i, j = divmod(row - 1, o)
    dense, local, shared = numbered.counts
    rows = f"{o * o} rows, one for each output pixel," if o > 1 else "one row, for the one output pixel,"
    again = f", each in {o * o} rows" if o > 1 else ", none of them shared"
    return (
        f"Each matrix has {rows} and {n * n} columns, one for each input pixel.\n"
        f"Different weights: fully connected {dense:,}, locally connected {o * o}·{k}·{k} = {local}, "
        f"convolution {k}·{k} = **{shared}**{again}.\n"
        f"Row {row} makes output pixel ({i + 1}, {j + 1}). The window reads {_pixels(numbered.reads[i, j] + 1)}."
    )


def _pixels(read: np.ndarray) -> str:
    """The numbers of the pixels (k, k) that a window reads: 'input pixels 1 to 3, 5 to 7 and 9 to 11'."""
    if len(read) < 3:
        return f"input pixel{'s' * (read.size > 1)} {listed(read.ravel())}"
    return f"input pixels {listed(f'{line[0]} to {line[-1]}' for line in read)}"
