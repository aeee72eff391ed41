"""The drawings of notebook 05: windows in a row, what is left over, channels and filters in depth, and stamps."""

from __future__ import annotations

import numpy as np

from cnnkit.convolution import conv2d, conv2d_backward
from cnnkit.course.kit.axis import Axis, lay_windows
from cnnkit.course.kit.palette import INPUT, KERNEL, OUTPUT, PADDING, PAPER, VERMILION, WINDOW, ramp
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import BYTE, Sheet, cell_size
from cnnkit.course.kit.words import counted, listed, minus

WIDTH, LEFT = 820, 12
MOST = 26  # pixels in a row, with the padding: more would be too small to read


def draw_row(n: int, k: int, s: int, p: int = 0) -> Picture:
    """Draw a row of `n` pixels with padding `p`, and below it each window of `k` pixels, `s` apart."""
    axis = lay_windows(n, k, s, p, 1, "floor")
    if axis.padded > MOST:
        raise ValueError(f"n + 2p must be at most {MOST}, so that the pixels can be read, got {axis.padded}")
    cell, step = cell_size(axis.padded, 560, most=46), 27
    sheet = Sheet(WIDTH, 92 + int(cell) + step * axis.count)
    sheet.text(LEFT, 22, f"n = {n}, k = {k}, s = {s}, p = {p}", size=15, bold=True)
    _draw_cells(sheet, axis, 40, cell)
    top = 40 + cell + 12
    for i in range(axis.count):
        x, y = LEFT + i * s * cell, top + i * step
        sheet.box(x + 1, y, k * cell - 2, 18, KERNEL)
        sheet.frame(x + 1, y, k * cell - 2, 18, WINDOW)
        words = f"window {i + 1} starts at {i * s - p}"
        sheet.text(LEFT + axis.padded * cell + 22, y + 14, minus(words))
    y = top + axis.count * step + 16
    sheet.text(LEFT, y, f"o = {axis.count}", size=15, bold=True)
    sheet.text(LEFT + 66, y, _left_words(axis))
    return sheet.picture(_row_sentence(axis, n, k, s, p))


def draw_leftover() -> Picture:
    """Draw three answers to a remainder: leave the last pixel out, let a window hang over, or pad until all fit."""
    n, k, s = 10, 3, 3
    rules = {
        "floor": "leave it out",
        "ceil": "let one more window hang over the edge",
        "TF-SAME": "pad until the windows fit",
    }
    sheet, cell, said = Sheet(WIDTH, 288), 38, []
    for i, (rounding, words) in enumerate(rules.items()):
        axis, y = lay_windows(n, k, s, 0, 1, rounding), 8 + 94 * i
        x = LEFT + cell * (1 - axis.before)
        _draw_cells(sheet, axis, y + 26, cell, left=x)
        sheet.text(LEFT, y + 16, f"{rounding}:", bold=True, size=14)
        sheet.text(LEFT + 88, y + 16, f"{words}; o = {axis.count}", size=14)
        for at in range(axis.count):
            sheet.box(x + at * s * cell + 3, y + 26 + cell + 6, k * cell - 6, 8, KERNEL)
            sheet.frame(x + at * s * cell + 3, y + 26 + cell + 6, k * cell - 6, 8, WINDOW)
        said.append(f"{rounding} gives {axis.count} windows ({_fate(axis)})")
    for i, (colour, word, hatched) in enumerate(
        [(INPUT, "pixel of the picture", False), (INPUT, "never read", True), (PADDING, "padding", False),
         (PAPER, "beyond the edge", False)]
    ):  # fmt: skip
        sheet.legend(600, 40 + 28 * i, colour, word, hatched=hatched)
    return sheet.picture(f"{n} pixels, a kernel of {k}, stride {s}: {'; '.join(said)}.")


def draw_channels() -> Picture:
    """Draw a layer in depth: each filter is as deep as the input and writes one map."""
    x, weight, bias = channels_example()
    y = conv2d(x[None], weight, bias)[0]
    (channels, n, _), (filters, _, k, _) = x.shape, weight.shape
    sheet = Sheet(WIDTH, 372)
    sheet.heading(LEFT, 20, f"input: {channels} channels", f"{channels} × {n} × {n} numbers")
    _draw_stack(sheet, LEFT, 96, 25, x, INPUT, window=k)
    sheet.heading(232, 20, f"{filters} filters, as deep as the input", f"each {channels} × {k} × {k} weights")
    sheet.heading(600, 20, f"output: {filters} maps", f"{filters} × {len(y[0])} × {len(y[0])} numbers")
    for i in range(filters):
        top = 76 + 134 * i
        _draw_stack(sheet, 232, top + 20, 22, weight[i], KERNEL, shift=10)
        sums = channel_sums(x, weight[i])
        total = " + ".join(map(str, sums)).replace("+ -", "− ")
        sheet.text(346, top + 34, "first window, channel by channel:", size=12)
        sheet.text(346, top + 56, minus(f"{total} and bias {bias[i]}"), size=14, bold=True)
        sheet.text(560, top + 58, "→", size=24, align="centre")
        cell = 28
        colours = np.full(y[i].shape, BYTE[OUTPUT])
        sheet.grid(600, top + 10, cell, colours, numbers=y[i])
        sheet.frame(600, top + 10, cell, cell, WINDOW, 2)
        sheet.text(600 + 3 * cell + 14, top + 56, f"map {i + 1}", size=14)
    one = channels * k * k
    sheet.text(LEFT, 356, f"weights: {channels} · {k} · {k} = {one} in each filter, and one bias", size=14)
    sheet.text(500, 356, f"in all ({one} + 1) · {filters} = {(one + 1) * filters} parameters", size=14, bold=True)
    return sheet.picture(
        f"An input of {channels} channels, {n} × {n} each. {filters} filters of {channels} × {k} × {k} weights, each "
        f"as "
        f"deep as the input, give {filters} maps of {len(y[0])} × {len(y[0])}. One number of a map is the sum over all "
        f"channels plus a bias: {minus(' + '.join(map(str, channel_sums(x, weight[0]))).replace('+ -', '- '))} and "
        f"bias {bias[0]} give {minus(str(y[0, 0, 0]))}. The layer has ({one} + 1) · {filters} = {(one + 1) * filters} "
        "parameters."
    )


def draw_stamping() -> Picture:
    """Draw two transposed convolutions: how many stamps each output receives, with kernels of 3 and of 4."""
    n, s = 3, 2
    counts = {k: stamps(n, k, s) for k in (3, 4)}
    palette = ramp("#ffffff", "#6cc9ae", steps=5, inked=True)
    sheet, cell = Sheet(WIDTH, 356, palette), 30
    sheet.heading(LEFT, 20, "input", f"{n} × {n} ones")
    sheet.grid(LEFT, 56, cell, INPUT, numbers=np.ones((n, n), int))
    lines = ["each pixel stamps", "the kernel, a k × k", f"block, {s} pixels apart;", "stamps add up"]
    for i, line in enumerate(lines):
        sheet.text(LEFT, 182 + 20 * i, line, size=13)
    for left, (k, count) in zip((214, 504), counts.items(), strict=True):
        sheet.heading(left, 20, f"kernel of {k}, stride {s}", f"output {len(count)} × {len(count)}: stamps received")
        sheet.grid(left, 56, cell, sheet.tint(count, palette, 4.0), numbers=count)
        for at in (0, s):
            sheet.frame(left + at * cell, 56, k * cell, k * cell, VERMILION if at == 0 else WINDOW, 2 if at == 0 else 1)
        divides = "the stride divides k: even" if k % s == 0 else "k is no multiple of s: a checkerboard"
        sheet.text(left, 56 + len(count) * cell + 22, divides, bold=True)
    inner = counts[4][s:-s, s:-s]
    values = listed(np.unique(counts[3]).tolist()).replace(" and ", " or ")
    return sheet.picture(
        f"A transposed convolution with stride {s}: each of {n} × {n} pixels stamps the kernel, and stamps add up. "
        f"With "
        f"a kernel of 3 an output receives {values} stamps, in a checkerboard. With a kernel of 4 every output away "
        f"from the border receives {inner.min()}."
    )


def stamps(n: int, k: int, s: int) -> np.ndarray:
    """How many stamps each output of a transposed convolution receives."""
    size = (n - 1) * s + k
    ones, kernel = np.ones((1, 1, n, n), int), np.ones((1, 1, k, k), int)
    return conv2d_backward(ones, np.zeros((1, 1, size, size), int), kernel, stride=s)[0][0, 0]


def channels_example() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Small numbers for a layer: input (3, 5, 5), weight (2, 3, 3, 3), bias (2,)."""
    rng = np.random.default_rng(4)
    return rng.integers(0, 3, (3, 5, 5)), rng.integers(-1, 2, (2, 3, 3, 3)), np.array([1, 0])


def channel_sums(x: np.ndarray, filter_: np.ndarray) -> list[int]:
    """What the first window of each channel adds to the output."""
    k = filter_.shape[-1]
    return (x[:, :k, :k] * filter_).sum(axis=(1, 2)).tolist()


def _draw_cells(sheet: Sheet, axis: Axis, top: float, cell: float, *, left: float = LEFT) -> None:
    """The pixels of a row with their numbers, the padding around them, and what no window reads, hatched."""
    at = np.arange(axis.padded + axis.over)
    inside = (at >= axis.before) & (at < axis.before + axis.size)
    colours = np.where(inside, BYTE[INPUT], np.where(at < axis.padded, BYTE[PADDING], BYTE[PAPER]))
    numbers = np.where(inside, at - axis.before, np.nan)
    numbers[~axis.read()] = np.nan
    sheet.grid(left, top, cell, colours[None], numbers=numbers[None], hatched=~axis.read()[None])


def _draw_stack(
    sheet: Sheet, x: float, y: float, cell: float, layers: np.ndarray, colour: str, *,
    shift: float = 16, window: int = 0,
) -> None:  # fmt: skip
    """Draw channels behind each other, the first in front; a window of so many cells is framed in each."""
    count = len(layers)
    for i in reversed(range(count)):
        left, top = x + i * shift, y - i * shift
        numbers = layers[i] if i == 0 else np.full(layers[i].shape, np.nan)  # those behind would be cut off
        sheet.grid(left, top, cell, colour, numbers=numbers)
        if window:
            sheet.frame(left, top, window * cell, window * cell, WINDOW, 2)


def _left_words(axis: Axis) -> str:
    unread = _unread(axis)
    return f"never read: pixel {listed(unread)}" if unread else "every pixel is read"


def _unread(axis: Axis) -> list[int]:
    return np.flatnonzero(~axis.read()[axis.before : axis.before + axis.size]).tolist()


def _fate(axis: Axis) -> str:
    """What becomes of the end of the row."""
    if axis.over:
        return f"the last one hangs over by {axis.over}"
    if axis.before + axis.after:
        return f"{axis.before} padded before and {axis.after} after"
    return f"pixel {listed(_unread(axis))} is never read"


def _row_sentence(axis: Axis, n: int, k: int, s: int, p: int) -> str:
    starts = listed(minus(str(i * s - p)) for i in range(axis.count))
    return (
        f"A row of {n} pixels with padding {p}; a kernel of {k} moves by {s}. {counted(axis.count, 'window')}, "
        f"starting "
        f"at {starts}; {_left_words(axis)}."
    )
