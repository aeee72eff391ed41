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

# What a shared weight is painted with, light and dark in turn so that neighbours differ for colour-blind readers too.
SHARED = swatches(
    "#5fa0dc", "#f6c667", "#3fb58e", "#f7ef8a", "#ee7f4c", "#d9d0f0", "#cf7aa9", "#bfe6f5",
    "#b89a6a", "#f3cfe2", "#7fb5e6", "#fbe3b0", "#7cc9ad", "#fffbd0", "#f2ab85", "#a08ad0", inked=True,
)  # fmt: skip
ALONE = swatches("#d3d8de", "#c3cad2", "#e2e6ea", inked=True)  # a weight that stands in one place only, in any of them
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
    n, k, o = size, kernel_size, conv_output_size(size, kernel_size, stride=stride)
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
    dense, local, shared = (f"{count:,}" for count in numbered.counts)
    reads = np.sort(numbered.reads[i, j].ravel()) + 1
    again = f"each of them in {o * o} rows" if o > 1 else "but with one output pixel nothing is shared"
    return (
        f"Input {n}·{n} = {n * n} pixels, output {o}·{o} = {o * o}: each matrix has {o * o} × {n * n} entries. "
        f"Different weights: fully connected {o * o}·{n * n} = {dense}; locally connected {o * o}·{k}·{k} = {local}; "
        f"convolution {k}·{k} = {shared}, {again}. Row {row} makes output pixel ({i + 1}, {j + 1}): fully connected "
        f"from all {n * n} pixels, in the other two from pixel{'s' * (len(reads) > 1)} {listed(reads)}."
    )
