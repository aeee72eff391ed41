"""One filter over one grey picture: what goes in, the weights, and what comes out."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.kernels import LARGEST, MEANING, Kernel, filter_grey, make_kernel
from cnnkit.course.kit.palette import GREY, INK, LINE, PAPER, SIGNED, swatches
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import SMALLEST, Sheet, cell_size, hairline, text_width
from cnnkit.course.kit.words import fixed

TOP, ROOM = 28, 285  # where the pictures begin, and the side of the square that each may fill with its padding
MIDDLE, BETWEEN, RIGHT = 311, 198, 535  # the kernel, its room, the output
EDGE = 8  # where a picture without padding begins: words line up with it
FOOT = TOP + ROOM + 19
BEYOND = swatches("#602800", "#96cdfa")  # below 0 dark orange, above 1 pale blue: they pass for black and white


def draw_filter(
    grey: np.ndarray, *, name: str, kernel_size: int, stride: int, padding_mode: str, seed: int = 0
) -> Picture:
    """Draw the picture with its padding, the weights, and the output.

    grey           (H, W) between 0 and 1, at most photo.SIDE pixels a side
    name           one of kernels.MEANING
    kernel_size    from 1 to kernels.LARGEST
    padding_mode   one of kernels.PADDINGS; with all but the first the output keeps the size at stride 1

    Where the weights sum to 1 the output is a picture again and is shown in grey, what leaves 0 … 1 in colour.
    Otherwise negative values are orange and positive ones blue. A pixel of the output is drawn `stride` times as large.
    Errors: ValueError where the kernel does not fit or the mode cannot pad that far.
    """
    kernel = make_kernel(name, kernel_size, seed=seed)
    padded, output, sides = filter_grey(grey, kernel, stride=stride, padding_mode=padding_mode)
    sheet = Sheet(820, 352, GREY, SIGNED, BEYOND)
    side = cell_size(max(grey.shape) + LARGEST - 1, ROOM, most=ROOM)
    _draw_input(sheet, grey, padded, sides, padding_mode, side)
    _draw_kernel(sheet, kernel)
    _draw_output(sheet, output, kernel, stride * side)
    return sheet.picture(_sentence(grey, output, kernel, name, stride, padding_mode, sides))


def _draw_input(
    sheet: Sheet, grey: np.ndarray, padded: np.ndarray, sides: tuple[int, int], mode: str, side: float
) -> None:
    height, width = grey.shape
    left, top = _middle(0, padded.shape[1] * side), _middle(TOP, padded.shape[0] * side)
    sheet.image(left, top, _as_grey(sheet, padded), side)
    sheet.text(EDGE, 18, f"input {height} × {width}", size=15, bold=True)
    before, after = sides
    if after:
        line = hairline()
        x, y = left + before * side - line / 2, top + before * side - line / 2
        sheet.frame(x, y, width * side, height * side, PAPER, line)  # one light and one dark line: seen on any picture
        sheet.frame(x - line, y - line, width * side + 2 * line, height * side + 2 * line, INK, line)
    words = f"{before} on each side" if before == after else f"{before} before, {after} after"
    sheet.text(EDGE, FOOT, "no padding" if mode == "none" else f"padding ({mode}): {words}")


def _draw_kernel(sheet: Sheet, kernel: Kernel) -> None:
    k = len(kernel.entries)
    cell = cell_size(k, BETWEEN, most=50)
    left, top, side = _middle(MIDDLE + (BETWEEN - ROOM) / 2, k * cell), _middle(TOP, k * cell), k * cell
    reach = 1.8 * np.abs(kernel.entries).max()  # pale enough for dark numbers
    pale = kernel.entries + 0.12 * reach * np.sign(kernel.entries)
    sheet.image(left, top, sheet.tint(pale, SIGNED, 1.2 * reach), cell, lines=True)
    sheet.box(left, top + side - hairline(), side, hairline(), LINE)
    sheet.box(left + side - hairline(), top, hairline(), side, LINE)
    words = [[_number(v) for v in row] for row in kernel.entries]
    longest = max((word for row in words for word in row), key=len)
    size = int(min(15, 10 * (cell - 4) / text_width(longest, 10)))
    if size >= SMALLEST:
        sheet.write(left, top, cell, words, size, over=True)
    centre = MIDDLE + BETWEEN / 2
    sheet.text(centre, 18, f"kernel {k} × {k}", size=15, bold=True, align="centre")
    scale = "" if kernel.divisor == 1 else f"all divided by {kernel.divisor:,}, "
    sheet.text(centre, FOOT, f"{scale}sum {_number(kernel.weights.sum())}", align="centre")


def _draw_output(sheet: Sheet, output: np.ndarray, kernel: Kernel, side: float) -> None:
    left = RIGHT + EDGE
    sheet.text(left, 18, f"output {output.shape[0]} × {output.shape[1]}", size=15, bold=True)
    if _is_picture(kernel):
        shown = _as_grey(sheet, output)
        _draw_legend(sheet, left, 70, sheet.colours(GREY), "0", "1")
        beyond = zip((left + 114, left + 198), sheet.colours(BEYOND), ("below 0", "above 1"), strict=True)
        for at, colour, words in beyond:
            if (shown == colour).any():
                _draw_legend(sheet, at, 11, np.array([colour]), "", words)
    else:
        reach = max(float(np.abs(output).max()), 0.01)  # no colours for the dust of rounding
        shown = sheet.tint(output, SIGNED, reach)
        _draw_legend(sheet, left + 45, 150, sheet.colours(SIGNED), _number(-reach), _number(reach))
    x, y = _middle(RIGHT, output.shape[1] * side), _middle(TOP, output.shape[0] * side)
    sheet.image(x, y, shown, side, framed=True)


def _draw_legend(sheet: Sheet, left: float, width: int, colours: np.ndarray, low: str, high: str) -> None:
    """Draw the colours as a strip, with what its two ends mean."""
    left += text_width(low, 13) + 5 if low == "0" else 0.0
    sheet.colour_bar(left, FOOT - 11, width, colours)
    sheet.text(left - 5, FOOT, low, align="right")
    sheet.text(left + width + 5, FOOT, high)


def _middle(start: float, length: float) -> float:
    """Where something so long begins in the middle of the room that begins at `start`."""
    return start + (ROOM - length) // hairline() // 2 * hairline()


def _is_picture(kernel: Kernel) -> bool:
    return abs(kernel.weights.sum() - 1) < 1e-9


def _as_grey(sheet: Sheet, values: np.ndarray) -> np.ndarray:
    shown, (below, above) = sheet.tint(values, GREY), sheet.colours(BEYOND)
    shown[values < -0.005] = below
    shown[values > 1.005] = above
    return shown


def _number(value: float) -> str:
    """A whole number as it is, any other with two decimals."""
    value = round(float(value), 2)
    return fixed(value, 0 if value.is_integer() else 2)


def _sentence(
    grey: np.ndarray, output: np.ndarray, kernel: Kernel, name: str, stride: int, mode: str, sides: tuple[int, int]
) -> str:
    k, total = len(kernel.entries), float(kernel.weights.sum())
    before, after = sides
    room = f"2·{before}" if before == after else f"{before} + {after}"
    sizes = [f"⌊({n} + {room} − {k})/{stride}⌋ + 1 = {o}" for n, o in zip(grey.shape, output.shape, strict=True)]
    size = f"Size: {sizes[0]}." if grey.shape[0] == grey.shape[1] else f"Height: {sizes[0]}; width: {sizes[1]}."
    parts = [f"{name[0].upper()}{name[1:]}, {k} × {k}: each output pixel is {MEANING[name]}.", size]
    parts += [_about_sum(total), *_about_border(mode, after, total)]
    parts += [
        f"Mean: {_number(grey.mean())} → {_number(output.mean())}. "
        f"Values: {_number(grey.min())} … {_number(grey.max())} → {_number(output.min())} … {_number(output.max())}."
    ]
    return " ".join(parts)


def _about_sum(total: float) -> str:
    if abs(total - 1) < 1e-9:
        return "The weights sum to 1, so a plain area keeps its brightness."
    if abs(total) < 1e-9:
        return "The weights sum to 0, so a plain area becomes 0."
    return f"The weights sum to {_number(total)}, so a plain area of brightness 0.5 becomes {_number(total / 2)}."


def _about_border(mode: str, after: int, total: float) -> list[str]:
    if mode == "none" or not after:
        return []
    if mode == "zeros" and abs(total) < 1e-9:
        return ["To this kernel the zeros around the picture are an edge: the border lights up."]
    if mode == "zeros" and abs(total - 1) < 1e-9:
        return ["The zeros around the picture darken its border."]
    said = {
        "reflect": "mirrors the picture",
        "replicate": "repeats the outermost pixel",
        "circular": "starts again on the other side",
    }
    return [f"Beyond the border the padding {said[mode]}."] if mode in said else []
