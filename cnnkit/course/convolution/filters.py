"""One filter over one grey picture: what goes in, the weights, and what comes out."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.kernels import LARGEST, MEANING, Kernel, filter_grey, make_kernel
from cnnkit.course.kit.picture import SCALE, Picture
from cnnkit.course.kit.sheet import BYTE, FREE, INK, LINE, PAPER, Sheet, text_width

TOP, ROOM = 28, 285  # where the pictures begin, and the side of the square that each may fill with its padding
MIDDLE, BETWEEN, RIGHT = 311, 198, 535  # the kernel, its room, the output
EDGE = 8  # where a picture without padding begins: words line up with it
FOOT = TOP + ROOM + 19

# The bytes of this picture's own colours: greys from black to white, orange over white to blue, and what lies beyond.
GREYS = TINTS = (256 - FREE) // 4 * 2 - 1
BLACK, ZERO = FREE, FREE + GREYS + TINTS // 2
BELOW, ABOVE = 254, 255


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
    sheet, zoom = Sheet(820, 352), ROOM * SCALE // (max(grey.shape) + LARGEST - 1)
    _draw_input(sheet, grey, padded, sides, padding_mode, zoom)
    _draw_kernel(sheet, kernel)
    _draw_output(sheet, output, kernel, stride * zoom)
    return sheet.picture(_sentence(grey, output, kernel, name, stride, padding_mode, sides), _colours())


def _draw_input(
    sheet: Sheet, grey: np.ndarray, padded: np.ndarray, sides: tuple[int, int], mode: str, zoom: int
) -> None:
    height, width = grey.shape
    left, top = _place(sheet, _spread(_as_grey(padded), zoom), 0)
    sheet.text(EDGE, 18, f"input {height} × {width}", size=15, bold=True)
    before, after = sides
    if after:
        side, line = zoom / SCALE, 1 / SCALE
        x, y = left + before * side - line / 2, top + before * side - line / 2
        sheet.frame(x, y, width * side, height * side, PAPER, line)  # one light and one dark line: seen on any picture
        sheet.frame(x - line, y - line, width * side + 2 * line, height * side + 2 * line, INK, line)
    words = f"{before} on each side" if before == after else f"{before} before, {after} after"
    sheet.text(EDGE, FOOT, "no padding" if mode == "none" else f"padding ({mode}): {words}")


def _draw_kernel(sheet: Sheet, kernel: Kernel) -> None:
    k = len(kernel.entries)
    side = min(BETWEEN * SCALE // k, 50 * SCALE)
    reach = 1.8 * np.abs(kernel.entries).max()  # pale enough for dark numbers
    block = _spread(_tint(kernel.entries + 0.12 * reach * np.sign(kernel.entries), 1.2 * reach), side)
    block[::side] = block[:, ::side] = block[-1] = block[:, -1] = BYTE[LINE]
    words = [[_number(v) for v in row] for row in kernel.entries]
    longest = max((word for row in words for word in row), key=len)
    size = next((s for s in (15, 14, 13, 12, 11, 10, 9) if text_width(longest, s) <= side / SCALE - 4), None)
    if size is not None:
        _write_numbers(block, words, size, side)
    _place(sheet, block, MIDDLE + (BETWEEN - ROOM) / 2)
    centre = MIDDLE + BETWEEN / 2
    sheet.text(centre, 18, f"kernel {k} × {k}", size=15, bold=True, align="centre")
    scale = "" if kernel.divisor == 1 else f"all divided by {kernel.divisor:,}, "
    sheet.text(centre, FOOT, f"{scale}sum {_number(kernel.weights.sum())}", align="centre")


def _write_numbers(block: np.ndarray, words: list[list[str]], size: float, side: int) -> None:
    """Write one word into each cell, dark on whatever colour is there."""
    paper, cell = Sheet(len(block) / SCALE, len(block) / SCALE), side / SCALE
    for (i, j), word in np.ndenumerate(np.array(words)):
        paper.text((j + 0.5) * cell, (i + 0.5) * cell + 0.36 * size, str(word), size=size, align="centre")
    strong = (paper.bytes & 7) > 2
    block[strong] = paper.bytes[strong]


def _draw_output(sheet: Sheet, output: np.ndarray, kernel: Kernel, zoom: int) -> None:
    left = RIGHT + EDGE
    sheet.text(left, 18, f"output {output.shape[0]} × {output.shape[1]}", size=15, bold=True)
    if _is_picture(kernel):
        shown = _as_grey(output)
        _draw_legend(sheet, left, 70, BLACK + np.arange(GREYS), "0", "1")
        for x, colour, words in ((left + 114, BELOW, "below 0"), (left + 198, ABOVE, "above 1")):
            if (shown == colour).any():
                _draw_legend(sheet, x, 11, np.array([colour]), "", words)
    else:
        reach = max(float(np.abs(output).max()), 0.01)  # no colours for the dust of rounding
        shown = _tint(output, reach)
        _draw_legend(sheet, left + 45, 150, ZERO - TINTS // 2 + np.arange(TINTS), _number(-reach), _number(reach))
    x, y = _place(sheet, _spread(shown, zoom), RIGHT)
    sheet.frame(x - 0.25, y - 0.25, output.shape[1] * zoom / SCALE, output.shape[0] * zoom / SCALE, LINE, 1 / SCALE)


def _draw_legend(sheet: Sheet, left: float, width: int, ramp: np.ndarray, low: str, high: str) -> None:
    """Draw the bytes `ramp` as a strip, with what its two ends mean."""
    left += text_width(low, 13) + 5 if low == "0" else 0.0
    columns = ramp[np.linspace(0, len(ramp) - 1, width * SCALE).round().astype(int)]
    at = round(left * SCALE)
    sheet.bytes[(FOOT - 11) * SCALE : FOOT * SCALE, at : at + width * SCALE] = columns
    sheet.frame(at / SCALE, FOOT - 11, width, 11, LINE, 1 / SCALE)
    sheet.text(left - 5, FOOT, low, align="right")
    sheet.text(left + width + 5, FOOT, high)


def _place(sheet: Sheet, block: np.ndarray, left: float) -> tuple[float, float]:
    """Put a block of bytes into the middle of the room that begins at `left`; return where its corner came to lie."""
    x = round(left * SCALE) + (ROOM * SCALE - block.shape[1]) // 2
    y = TOP * SCALE + (ROOM * SCALE - block.shape[0]) // 2
    sheet.bytes[y : y + block.shape[0], x : x + block.shape[1]] = block
    return x / SCALE, y / SCALE


def _spread(values: np.ndarray, side: int) -> np.ndarray:
    return np.repeat(np.repeat(values, side, axis=0), side, axis=1)


def _is_picture(kernel: Kernel) -> bool:
    return abs(kernel.weights.sum() - 1) < 1e-9


def _as_grey(values: np.ndarray) -> np.ndarray:
    shown = (BLACK + np.rint(values.clip(0, 1) * (GREYS - 1))).astype(np.uint8)
    shown[values < -0.005] = BELOW
    shown[values > 1.005] = ABOVE
    return shown


def _tint(values: np.ndarray, reach: float) -> np.ndarray:
    return (ZERO + np.rint(values / reach * (TINTS // 2))).astype(np.uint8)


def _colours() -> bytes:
    grey = np.repeat(np.linspace(0, 255, GREYS)[:, None], 3, axis=1)
    ends = np.array([[179, 74, 0], [255, 255, 255], [0, 96, 160]])
    tint = np.stack([np.interp(np.linspace(-1, 1, TINTS), [-1, 0, 1], channel) for channel in ends.T], axis=1)
    beyond = np.array([[96, 40, 0], [150, 205, 250]])  # dark orange, pale blue: they pass for black and white
    return np.rint(np.concatenate([grey, tint, beyond])).astype(np.uint8).tobytes()


def _number(value: float) -> str:
    """A whole number as it is, any other with two decimals."""
    value = round(float(value), 2) + 0.0
    return (f"{value:.0f}" if value == int(value) else f"{value:.2f}").replace("-", "−")


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
