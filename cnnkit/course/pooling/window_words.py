"""What a pooling window does, in words and numbers."""

from __future__ import annotations

from cnnkit.course.kit.words import counted, decimal
from cnnkit.course.pooling.window_numbers import Pooling

MOST_SIGNS = 36  # of a sum that is written out


def forward_sentences(pooling: Pooling) -> str:
    """How many windows there are, what this one makes of the numbers that it sees, and what is special about it."""
    value, seen = decimal(pooling.y[pooling.place]), [int(pooling.x[pixel]) for pixel in pooling.pixels()]
    if pooling.kind == "max":
        what = f"the largest of its {len(seen)} pixels" if len(seen) > 1 else "its only pixel"
        result = f"{what} is **{value}**, at {_at(pooling.largest[0])}."
        notes = [_tie(pooling), _outside(pooling)]
    else:
        few = 1 < len(seen) <= 9
        terms = f"({' + '.join(map(str, seen))})/{pooling.divisor} = " if few else ""
        equals = _equals([float(pooling.y[pooling.place])])
        result = f"{terms}{sum(seen)}/{pooling.divisor} {equals} **{value}**."
        notes = [_outside(pooling)]
    return "\n".join(filter(None, (_size(pooling), f"{_window(pooling)}: {result}", " ".join(filter(None, notes)))))


def gradient_sentences(pooling: Pooling) -> str:
    """Where the window's gradient goes, what one pixel gets in all, and what becomes of the whole."""
    dy, most = decimal(pooling.dy[pooling.place]), max(pooling.pixels(), key=lambda p: len(pooling.windows(p)))
    pixel = pooling.largest[0] if pooling.kind == "max" else most
    if pooling.kind == "max":
        ties = len(pooling.largest)
        first = f", the first of {ties} equals" if ties > 1 else ""
        goes = f"its gradient {dy} goes to the winner at {_at(pixel)}{first}."
    else:
        share = pooling.share(pixel)
        equals = _equals([share])
        goes = f"its gradient {dy} is shared out, {dy}/{pooling.divisor} {equals} {decimal(share)} to each cell."
    return f"{_window(pooling)}: {goes}\n{_overlap(pooling, pixel)}\n{_balance(pooling)}"


def _size(pooling: Pooling) -> str:
    """The formula with the numbers in it."""
    axis, p = pooling.axis, pooling.axis.before
    quotient, outputs = f"({axis.size} + 2·{p} − {axis.kernel_size})/{axis.stride}", f"{axis.count} × {axis.count}"
    if not pooling.options["ceil_mode"]:
        return f"⌊{quotient}⌋ + 1 = {axis.count}: {outputs} outputs.{_unread(pooling)}"
    up = -((axis.kernel_size - axis.size - 2 * p) // axis.stride) + 1
    if pooling.dropped is None:
        return f"⌈{quotient}⌉ + 1 = {up}: {outputs} outputs.{_unread(pooling)}"
    return f"⌈{quotient}⌉ + 1 = {up}, but window {up} of a row would see nothing and is dropped: {outputs} outputs."


def _unread(pooling: Pooling) -> str:
    axis = pooling.axis
    unread = int((~axis.read()[axis.before : axis.before + axis.size]).sum())
    if not unread:
        return ""
    return f" {unread} of the {axis.size} rows and columns {'is' if unread == 1 else 'are'} never read."


def _tie(pooling: Pooling) -> str:
    ties = len(pooling.largest)
    return f"It stands there {_times(ties)}; the first, row by row, counts as the winner." if ties > 1 else ""


def _overlap(pooling: Pooling, pixel: tuple[int, int]) -> str:
    """What the pixel gets from all windows together."""
    parts, total = pooling.parts(pixel), decimal(pooling.dx[pixel])
    who = f"The pixel at {_at(pixel)}"
    if len(parts) == 1:
        return f"{who} gets nothing from any other window: **{total}** in all."
    terms, equals = " + ".join(map(decimal, parts)), _equals([*parts, float(pooling.dx[pixel])])
    added = f": {terms} {equals} **{total}**" if len(terms) <= MOST_SIGNS else f", together to **{total}**"
    return f"{who} adds up the gradients of {len(parts)} windows{added}."


def _equals(values: list[float]) -> str:
    """≈ where a number is written with fewer decimals than it has."""
    return "=" if all(abs(float(decimal(value).replace("−", "-")) - value) < 1e-9 for value in values) else "≈"


def _balance(pooling: Pooling) -> str:
    came, went = float(pooling.dy.sum()), float(pooling.dx.sum())
    rest = "nothing is lost" if abs(came - went) < 1e-9 else "the rest went to the zeros of the padding"
    return f"In all {decimal(came)} come in and {decimal(went)} arrive: {rest}."


def _window(pooling: Pooling) -> str:
    row, column = pooling.place
    return f"Window {pooling.position} of {pooling.axis.count**2} (row {row + 1}, column {column + 1})"


def _outside(pooling: Pooling) -> str:
    """What becomes of the window's cells that lie outside the input."""
    k, seen = pooling.axis.kernel_size, len(pooling.pixels())
    if k * k == seen:
        return ""
    if pooling.kind == "max":
        return f"{k * k - seen} of its {k * k} cells are outside and count as −∞."
    beyond = k * k - pooling.divisor
    if not pooling.counts_padding:
        return f"{beyond} of its {k * k} cells are outside and not counted."
    zeros, parts = pooling.divisor - seen, []
    if zeros:
        count = "counts" if zeros == 1 else "count"
        parts.append(f"{counted(zeros, 'cell')} of padding {count} as 0, in the divisor too.")
    if beyond:
        parts.append(f"{counted(beyond, 'cell')} beyond the edge {'is' if beyond == 1 else 'are'} not counted.")
    return " ".join(parts)


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _at(pixel: tuple[int, int]) -> str:
    return f"row {pixel[0] + 1}, column {pixel[1] + 1}"
