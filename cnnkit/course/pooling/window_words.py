"""What a pooling window does, in words and numbers."""

from __future__ import annotations

from cnnkit.course.kit.words import counted, decimal
from cnnkit.course.pooling.window_numbers import Pooling


def size_sentence(pooling: Pooling) -> str:
    """The formula with the numbers in it."""
    axis, p = pooling.axis, pooling.axis.before
    quotient = f"({axis.size} + 2·{p} − {axis.kernel_size})/{axis.stride}"
    if not pooling.options["ceil_mode"]:
        return f"⌊{quotient}⌋ + 1 = {axis.count}: {axis.count} × {axis.count} outputs.{_unread(pooling)}"
    up = -((axis.kernel_size - axis.size - 2 * p) // axis.stride) + 1
    said = f"⌈{quotient}⌉ + 1 = {up}: {up} × {up} outputs."
    if pooling.dropped is not None:
        said = (
            f"⌈{quotient}⌉ + 1 = {up}, but window {up} of a row would start behind the last pixel, where there is "
            f"nothing to see: it is dropped, and {axis.count} × {axis.count} outputs remain."
        )
    return said + _unread(pooling)


def _unread(pooling: Pooling) -> str:
    axis = pooling.axis
    unread = int((~axis.read()[axis.before : axis.before + axis.size]).sum())
    if not unread:
        return ""
    return f" {unread} of the {axis.size} rows and columns {'is' if unread == 1 else 'are'} never read."


def forward_sentence(pooling: Pooling) -> str:
    """What the window makes of the numbers that it sees."""
    value, seen = decimal(pooling.y[pooling.place]), [int(pooling.x[pixel]) for pixel in pooling.pixels()]
    if pooling.kind == "max":
        what = f"the largest of its {len(seen)} pixels" if len(seen) > 1 else "its only pixel"
        ties = len(pooling.largest)
        tie = f" It stands there {_times(ties)}; the first, row by row, counts as the winner." if ties > 1 else ""
        return f"{_window(pooling)}: {what} is {value}, at {_at(pooling.largest[0])}.{tie}{_outside(pooling)}"
    terms = f"({' + '.join(map(str, seen))})" if 1 < len(seen) <= 9 else f"{sum(seen)}"
    total = f"/{pooling.divisor} = {sum(seen)}/{pooling.divisor}" if 1 < len(seen) <= 9 else f"/{pooling.divisor}"
    equals = _equals([float(pooling.y[pooling.place])])
    return f"{_window(pooling)}: {terms}{total} {equals} {value}.{_outside(pooling)}"


def gradient_sentence(pooling: Pooling) -> str:
    """Where the window's gradient goes, what one pixel gets in all, and what becomes of the whole."""
    dy = decimal(pooling.dy[pooling.place])
    first = (
        pooling.largest[0] if pooling.kind == "max" else max(pooling.pixels(), key=lambda p: len(pooling.windows(p)))
    )
    if pooling.kind == "max":
        goes = f"its whole gradient {dy} goes to the winner at {_at(first)}"
        if len(pooling.largest) > 1:
            goes += f", the first of {len(pooling.largest)} equals; the others get nothing"
    else:
        share = pooling.share(first)
        goes = (
            f"its gradient {dy} is shared out, {dy}/{pooling.divisor} {_equals([share])} {decimal(share)} to each cell"
        )
    return f"{_window(pooling)}: {goes}. {_overlap(pooling, first)} {_balance(pooling)}"


def _overlap(pooling: Pooling, pixel: tuple[int, int]) -> str:
    parts = pooling.parts(pixel)
    who = f"The pixel at {_at(pixel)}"
    if len(parts) == 1:
        return f"{who} gets nothing from any other window."
    terms = " + ".join(map(decimal, parts)) if len(parts) <= 9 else f"{len(parts)} parts, together"
    equals = f" {_equals([*parts, float(pooling.dx[pixel])])}" if len(parts) <= 9 else ""
    return (
        f"{who} gets a gradient from {len(parts)} windows, and adds up: {terms}{equals} {decimal(pooling.dx[pixel])}."
    )


def _equals(values: list[float]) -> str:
    """≈ where a number is written with fewer decimals than it has."""
    return "=" if all(abs(float(decimal(value).replace("−", "-")) - value) < 1e-9 for value in values) else "≈"


def _balance(pooling: Pooling) -> str:
    came, went = float(pooling.dy.sum()), float(pooling.dx.sum())
    if abs(came - went) < 1e-9:
        return f"In all {decimal(came)} come in and {decimal(went)} arrive: nothing is lost."
    return f"In all {decimal(came)} come in and {decimal(went)} arrive: the rest went to the zeros of the padding."


def _window(pooling: Pooling) -> str:
    row, column = pooling.place
    return f"Window {pooling.position} of {pooling.axis.count**2} (row {row + 1}, column {column + 1})"


def _outside(pooling: Pooling) -> str:
    """What becomes of the window's cells that lie outside the input."""
    k, seen = pooling.axis.kernel_size, len(pooling.pixels())
    if k * k == seen:
        return ""
    if pooling.kind == "max":
        return f" {k * k - seen} of its {k * k} cells lie outside the input and count as −∞: they never win."
    beyond = k * k - pooling.divisor
    if not pooling.counts_padding:
        return f" {beyond} of its {k * k} cells lie outside the input and are not counted."
    zeros, parts = pooling.divisor - seen, []
    if zeros:
        count = "counts" if zeros == 1 else "count"
        parts.append(f" {counted(zeros, 'cell')} of padding {count} as 0, in the divisor too.")
    if beyond:
        parts.append(f" {counted(beyond, 'cell')} beyond the edge {'is' if beyond == 1 else 'are'} not counted.")
    return "".join(parts)


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _at(pixel: tuple[int, int]) -> str:
    return f"row {pixel[0] + 1}, column {pixel[1] + 1}"
