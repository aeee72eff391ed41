"""A row of small maps: arrays as coloured cells, with their numbers when there is room."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.words import minus

MAX_NUMBERED = 12  # cells a side; beyond it the numbers would be too small to read
ORANGE_TO_BLUE = LinearSegmentedColormap.from_list("orange to blue", ["#b34a00", "#ffffff", "#0060a0"], N=255)
PANEL = 2.4  # inches a map may take, so that three stand beside each other in a notebook


def draw_maps(maps: Mapping[str, np.ndarray], sentence: str, *, digits: int | None = 0, columns: int = 3) -> Picture:
    """Draw each two-dimensional array as a map under its title, all on one colour scale.

    Zero is white, positive values are blue, negative ones orange.

    maps      title -> array (H, W)
    digits    decimals of the numbers in the cells; None for no numbers
    columns   maps in a row
    """
    arrays = [np.asarray(array, dtype=float) for array in maps.values()]
    rows, across = -(-len(arrays) // columns), min(columns, len(arrays))
    figure = Figure(figsize=(across * (PANEL + 0.3), rows * (PANEL + 0.6)))
    figure.set_layout_engine("constrained", h_pad=0.1)
    axes = figure.subplots(rows, across, squeeze=False).ravel()
    reach = 1.7 * max(np.abs(array).max() for array in arrays) or 1.0  # pale enough for dark numbers
    most = max(max(array.shape) for array in arrays)
    for axis, title, array in zip(axes, maps, arrays, strict=False):
        height, width = array.shape
        edges = {"edgecolors": "#cfd6dd", "linewidth": 0.6} if max(array.shape) <= MAX_NUMBERED else {}
        axis.pcolormesh(array, cmap=ORANGE_TO_BLUE, norm=Normalize(-reach, reach), **edges)
        across_room, down_room = (most - width) / 2, (most - height) / 2  # one size of cell in all maps
        axis.set(aspect="equal", xlim=(-across_room, width + across_room), ylim=(height + down_room, -down_room))
        axis.set_title(title, fontsize=11, pad=7)
        axis.axis("off")
        axis.add_patch(Rectangle((0, 0), width, height, fill=False, edgecolor="black", linewidth=0.8, clip_on=False))
        if digits is not None and max(array.shape) <= MAX_NUMBERED:
            _write_numbers(axis, array, digits, most)
    for axis in axes[len(arrays) :]:
        axis.axis("off")
    return from_figure(figure, sentence)


def _write_numbers(axis: Axes, array: np.ndarray, digits: int, most: int) -> None:
    texts = {at: minus(f"{value:.{digits}f}") for at, value in np.ndenumerate(array)}
    cell = PANEL * 72 / most  # points
    size = min(13, 1.35 * cell / max(map(len, texts.values())))
    for (i, j), text in texts.items():
        axis.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=size)
