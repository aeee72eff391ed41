"""A row of small maps: arrays as coloured cells, with their numbers when there is room."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnnkit.course.kit.curves import points
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.words import minus

MAX_NUMBERED = 12  # cells a side; beyond it the numbers would be too small to read
ORANGE_TO_BLUE = LinearSegmentedColormap.from_list("orange to blue", ["#b34a00", "#ffffff", "#0060a0"], N=255)
WIDTH, PANEL, ROOM = 820, 240, 30  # CSS pixels: all maps of a row at most, one map, and between two
FILL = 0.92  # how much of a cell its number may take
SMALLEST, TITLE = 11, 15  # CSS pixels: a number at least, and a title


@steady()
def draw_maps(maps: Mapping[str, np.ndarray], sentence: str, *, digits: int | None = 0, columns: int = 3) -> Picture:
    """Draw each two-dimensional array as a map under its title, all on one colour scale.

    Zero is white, positive values are blue, negative ones orange.

    maps      title -> array (H, W)
    digits    decimals of the numbers in the cells; None for no numbers
    columns   maps in a row at most; fewer where numbers or titles would get too small to read
    """
    arrays = [np.asarray(array, dtype=float) for array in maps.values()]
    most = max(max(array.shape) for array in arrays)
    texts = [_texts(array, digits) for array in arrays]
    widest = max((text_width(text, 100) / 100 for each in texts for text in each.values()), default=0)
    across, panel, title_size = _layout(list(maps), min(columns, len(arrays)), SMALLEST * widest * most / FILL)
    rows = -(-len(arrays) // across)
    figure = Figure(figsize=(across * (panel + ROOM) / 100, rows * (panel + 2 * ROOM) / 100))
    figure.set_layout_engine("constrained", h_pad=0.1)
    axes = figure.subplots(rows, across, squeeze=False).ravel()
    reach = 1.7 * max(np.abs(array).max() for array in arrays) or 1.0  # pale enough for dark numbers
    size = min(18, FILL * panel / most / widest) if widest else 0
    for axis, title, array, words in zip(axes, maps, arrays, texts, strict=False):
        height, width = array.shape
        edges = {"edgecolors": "#cfd6dd", "linewidth": 0.6} if max(array.shape) <= MAX_NUMBERED else {}
        axis.pcolormesh(array, cmap=ORANGE_TO_BLUE, norm=Normalize(-reach, reach), **edges)
        across_room, down_room = (most - width) / 2, (most - height) / 2  # one size of cell in all maps
        axis.set(aspect="equal", xlim=(-across_room, width + across_room), ylim=(height + down_room, -down_room))
        axis.set_title(title, fontsize=points(title_size), pad=7)
        axis.axis("off")
        axis.add_patch(Rectangle((0, 0), width, height, fill=False, edgecolor="black", linewidth=0.8, clip_on=False))
        for (row, column), text in words.items():
            axis.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=points(size))
    for axis in axes[len(arrays) :]:
        axis.axis("off")
    return from_figure(figure, sentence)


def _texts(array: np.ndarray, digits: int | None) -> dict[tuple[int, ...], str]:
    """The numbers of the cells; none where there are too many cells."""
    if digits is None or max(array.shape) > MAX_NUMBERED:
        return {}
    return {at: minus(f"{value:.{digits}f}") for at, value in np.ndenumerate(array)}


def _layout(titles: list[str], columns: int, needed: float) -> tuple[int, float, float]:
    """How many maps stand in a row, the CSS pixels of one, and of its title's letters.

    needed   the pixels that a map must have for its numbers to be readable
    """
    longest = max(text_width(title, 100) / 100 for title in titles)
    for across in range(columns, 0, -1):
        panel = min(max(PANEL, needed), WIDTH / across - ROOM)
        title = min(TITLE, (panel + ROOM - 8) / longest) if longest else TITLE
        if across == 1 or (panel >= needed and title >= SMALLEST + 1):
            break
    return across, panel, max(title, SMALLEST)
