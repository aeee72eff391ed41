"""Drawing cells, numbers and words with Pillow: about a millisecond a picture, which a slider needs."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

from cnnkit.figures.picture import SCALE

# Okabe and Ito's palette keeps its differences for colour-blind readers. One meaning each, in every notebook.
INK = "#1b1f24"
SOFT = "#6a737d"
PAPER = "#ffffff"
LINE = "#c4cad1"
INPUT = "#bfdcf2"  # the input: blue
OUTPUT = "#bfe8dc"  # the output: green-cyan
KERNEL = "#f7dfa8"  # the kernel: yellow
PADDING = "#eef0f2"  # what padding added: grey
WINDOW = "#d55e00"  # the window now: vermilion
UNREAD = "#cc79a7"  # what no window reads: purple, hatched  # fmt: skip


@cache
def font(size: float, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """DejaVu Sans (it comes with matplotlib, and has ⌊ ⌋ · −) at `size` CSS pixels."""
    package = find_spec("matplotlib")
    if package is None or package.origin is None:
        return ImageFont.load_default(size * SCALE)
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(package.origin).parent / "mpl-data/fonts/ttf" / name, size * SCALE)
