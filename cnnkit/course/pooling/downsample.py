"""A picture, the same with fewer numbers, those made large again, and what is wrong then."""

from __future__ import annotations

import numpy as np

from cnnkit._arguments import choice
from cnnkit.course.kit.palette import GREY, SIGNED, WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet, cell_size, hairline, text_width
from cnnkit.course.kit.words import percent
from cnnkit.course.pooling.downsample_numbers import BAND, WITH_KERNEL, Shrunken, shrink

WIDTH, HEIGHT, TOP, ROOM = 820, 462, 48, 180
LEFTS = (8, 212, 416, 620)  # of the four pictures
DETAIL = TOP + ROOM + 32  # where the enlarged parts begin
PART = 20  # pixels of the picture, at most, in an enlarged part
SPOTS = {"photograph": (62, 69), "stripes": (26, 80), "rings": (152, 8), "dots": (80, 80)}  # its first row and column
FOOT = HEIGHT - 14
REACH = 0.5  # errors of this size, and larger ones, have the full colour


def draw_downsampling(
    grey: np.ndarray, *, way: str, kernel_size: int, stride: int, picture: str = "photograph",
    right: int | None = None, down: int | None = None,
) -> Picture:  # fmt: skip
    """Draw the picture, what `shrink` makes of it at the same scale, that made large again, and the difference.

    Below, a part of each is enlarged.

    grey          (H, W) between 0 and 1, at most photo.SIDE pixels a side
    picture       its name; of "stripes" and "dots" the sentence knows more
    right, down   the first column and row of the enlarged part; where there is something to see if None

    Errors: ValueError for a kernel or a stride that is larger than the picture.
    """
    spot = SPOTS[choice("picture", picture, tuple(SPOTS))]
    shrunken = shrink(grey, way, kernel_size, stride)
    error = shrunken.back - grey
    sheet = Sheet(WIDTH, HEIGHT, GREY, SIGNED)
    part = _part(grey, (spot[0] if down is None else down, spot[1] if right is None else right))
    _draw_pictures(sheet, grey, shrunken, error, part)
    _draw_parts(sheet, grey, shrunken, error, part, stride)
    _draw_frames(sheet, grey, shrunken, part, stride)
    _let_touch(sheet, grey, shrunken, part, stride)
    _write(sheet, grey, shrunken, error, part)
    return sheet.picture(_sentences(grey, shrunken, error, way, kernel_size, stride, picture, part))


Part = list[tuple[int, int]]  # the first row and the number of rows, the first column and the number of columns


def _part(grey: np.ndarray, first: tuple[int, int]) -> Part:
    """The part that is enlarged: PART pixels a side, or all where there are fewer."""
    sides = [(min(size, PART), size, at) for size, at in zip(grey.shape, first, strict=True)]
    return [(min(at, size - side), side) for side, size, at in sides]


def _colours(sheet: Sheet, grey: np.ndarray, shrunken: Shrunken, error: np.ndarray) -> list[np.ndarray]:
    """The four pictures, as bytes of the sheet."""
    greys = [sheet.tint(each, GREY) for each in (grey, shrunken.small, shrunken.back)]
    return [*greys, sheet.tint(error, SIGNED, REACH)]


def _side(grey: np.ndarray) -> float:
    """How wide a pixel of the upper row is, in CSS pixels."""
    return cell_size(max(grey.shape), ROOM, most=ROOM)


def _draw_pictures(sheet: Sheet, grey: np.ndarray, shrunken: Shrunken, error: np.ndarray, part: Part) -> None:
    for left, colours in zip(LEFTS, _colours(sheet, grey, shrunken, error), strict=True):
        sheet.image(left, TOP, colours, _side(grey), framed=True)


def _draw_frames(sheet: Sheet, grey: np.ndarray, shrunken: Shrunken, part: Part, stride: int) -> None:
    """Where the enlarged part lies."""
    side, ((top, height), (first, width)) = _side(grey), part
    if (height, width) == grey.shape:
        return
    for left in (LEFTS[0], *LEFTS[2:]):
        sheet.frame(left + first * side, TOP + top * side, width * side, height * side, WINDOW, 2)
    (above, below), (before, after) = (
        np.clip([(at - 0.5 - shrunken.centre) / stride + 0.5 for at in (start, start + length)], 0, count) * side
        for (start, length), count in zip(part, shrunken.small.shape, strict=True)
    )
    sheet.frame(LEFTS[1] + before, TOP + above, after - before, below - above, WINDOW, 2)


def _let_touch(sheet: Sheet, grey: np.ndarray, shrunken: Shrunken, part: Part, stride: int) -> None:
    """A pixel of a picture becomes the middle of the enlarged part; one of the small picture where its window lies."""
    side, (height, width) = _side(grey), grey.shape
    ends = [size - length for size, (_, length) in zip(grey.shape, part, strict=True)]
    if not any(ends):
        return
    middle = tuple(first + length // 2 for first, length in part)

    def sets(row: float, column: float) -> dict[str, int]:
        down, right = (
            min(max(round(at) - length // 2, 0), end)
            for at, (_, length), end in zip((row, column), part, ends, strict=True)
        )
        return {"down": down, "right": right}

    for left in (LEFTS[0], *LEFTS[2:]):
        sheet.touch((left, TOP, width * side, height * side), height, width, sets, here=middle, says="enlarge")
    rows, columns = shrunken.small.shape
    row, column = (
        min(max(round((at - shrunken.centre) / stride), 0), count - 1)
        for at, count in zip(middle, (rows, columns), strict=True)
    )
    sheet.touch(
        (LEFTS[1], TOP, columns * side, rows * side), rows, columns,
        lambda i, j: sets(*(at * stride + shrunken.centre for at in (i, j))), here=(row, column), says="enlarge",
    )  # fmt: skip


def _draw_parts(sheet: Sheet, grey: np.ndarray, shrunken: Shrunken, error: np.ndarray, part: Part, stride: int) -> None:
    """The same part of each, enlarged; of the small one each number where its window lies."""
    (top, height), (left, width) = part
    side = cell_size(max(height, width), ROOM, most=ROOM)
    zoom = round(side / hairline())  # pixels of the screen for one of the picture
    whole, small, *others = _colours(sheet, grey, shrunken, error)
    places = [
        np.rint((first + (np.arange(size * zoom) + 0.5) / zoom - 0.5 - shrunken.centre) / stride).astype(int)
        for first, size in part
    ]
    rows, columns = (at.clip(0, size - 1) for at, size in zip(places, small.shape, strict=True))
    for x, colours in zip((LEFTS[0], *LEFTS[2:]), (whole, *others), strict=True):
        sheet.image(x, DETAIL, colours[top : top + height, left : left + width], side, framed=True)
    sheet.image(LEFTS[1], DETAIL, small[np.ix_(rows, columns)], hairline(), framed=True)


def _write(sheet: Sheet, grey: np.ndarray, shrunken: Shrunken, error: np.ndarray, part: Part) -> None:
    """Titles above, what can be said in a number between the two rows."""
    images = (grey, shrunken.small, shrunken.back)
    titles = ("the picture", "made smaller", "made large again", "what is wrong now")
    sizes = [f"{image.shape[0]} × {image.shape[1]} numbers" for image in images[:2]]
    sizes += ["from the small one alone", "large again − picture"]
    means = [f"mean {image.mean():.3f}" for image in images]
    for left, title, size, mean in zip(
        LEFTS, titles, sizes, [*means, f"root mean square {_rms(error):.3f}"], strict=True
    ):
        sheet.heading(left, 18, title, size)
        sheet.text(left, TOP + ROOM + 19, mean)
    (_, height), (_, width) = part
    sheet.text(LEFTS[0], FOOT + 8, f"above: {height} × {width} of its pixels, enlarged", size=12, soft=True)
    _draw_legend(sheet)


def _draw_legend(sheet: Sheet) -> None:
    left, width = LEFTS[3] + text_width("too dark", 12) + 6, 60
    sheet.colour_bar(left, FOOT - 2, width, sheet.colours(SIGNED))
    sheet.text(LEFTS[3], FOOT + 8, "too dark", size=12)
    sheet.text(left + width + 6, FOOT + 8, "too bright", size=12)


def _rms(error: np.ndarray) -> float:
    return float(np.sqrt(np.square(error, dtype=np.float64).mean()))


def _sentences(
    grey: np.ndarray, shrunken: Shrunken, error: np.ndarray, way: str, kernel_size: int, stride: int, picture: str,
    part: Part,
) -> str:  # fmt: skip
    small = shrunken.small
    k = {"every s-th pixel": 1, "bilinear": stride}.get(way, kernel_size)
    size = f"⌊({grey.shape[0]} − {k})/{stride}⌋ + 1 = {len(small)}"
    left = percent(small.size, grey.size)
    if grey.shape[0] == grey.shape[1]:
        size = f"size {size}. {small.size:,} of {grey.size:,} numbers are left ({left})."
    else:
        size = f"height {size}, width {small.shape[1]}. {left} of the numbers are left."
    window = f", {k} × {k}" if way in WITH_KERNEL else ""
    (top, height), (first, width) = part
    detail = _rms(error[top : top + height, first : first + width])
    notes = [_alike(way, k, stride)]
    if picture == "stripes":
        notes.append(_about_stripes(shrunken, stride))
    if picture == "dots":
        notes.append(
            f"{int(grey.sum()):,} bright pixels leave {int((small > 0).sum()):,} numbers above 0, the largest "
            f"{small.max():.2f}."
        )
    lines = [
        f"{way[0].upper()}{way[1:]}{window}, stride {stride}: {size}",
        f"Made large again, the picture has an error of **{_rms(error):.3f}**, in the detail {detail:.3f}. "
        f"The mean goes from {grey.mean():.3f} to {small.mean():.3f}.",
        " ".join(filter(None, notes)),
    ]
    return "\n".join(filter(None, lines))


def _alike(way: str, k: int, stride: int) -> str:
    """Where one way is the same as another."""
    if stride == 1 and (way not in WITH_KERNEL or k == 1):
        return "This is the picture itself."
    if way in WITH_KERNEL and k == 1:
        return "A window of one pixel only takes every s-th pixel."
    if way == "strided convolution" and k == 2:
        return "Its four weights are ¼: this is average pooling."
    if way != "bilinear":
        return ""
    if stride % 2:
        return "With an odd stride nothing is averaged at all."
    return f"It reads 4 of the {stride * stride} pixels of a block" + (": all." if stride == 2 else ", no more.")


def _about_stripes(shrunken: Shrunken, stride: int) -> str:
    """What becomes of the finest stripes, which are one pixel wide."""
    rows = np.arange(len(shrunken.small)) * stride + shrunken.centre
    finest = shrunken.small[rows < BAND - 5]  # 5: so that the widest window stays within the band
    if finest.std() < 0.005:
        return f"Of the finest stripes nothing is left but a plain {finest.mean():.2f}."
    return f"The finest stripes, one pixel wide, keep {percent(finest.std(), 0.5)} of their contrast."
