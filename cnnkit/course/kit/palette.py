"""The colours of all pictures, each with one meaning; and palettes, which have a colour for every value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import ImageColor

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
UNREAD = "#a8487f"  # what no window reads: purple, hatched
INPUT_READ = "#5fa6db"  # a pixel of the input that the window reads now
PADDING_READ = "#aab2bb"  # padding that the window reads now
OUTPUT_WRITTEN = "#6cc9ae"  # the output that is written now

# Okabe and Ito's colours, for lines.
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = "#0072b2", "#d55e00", "#009e73", "#a8487f", "#e69f00", "#56b4e9"

# Words need more contrast than a line does: the same hues, so dark that they can be read on white.
FOR_WORDS = {VERMILION: "#bb5300", GREEN: "#00825f", ORANGE: "#986900", SKY: "#39789b"}
READABLE = 4.5  # the least contrast of words (WCAG 2, level AA)

ORANGE_TO_BLUE = "#b34a00", "#ffffff", "#0060a0"  # of values below 0, at 0 and above


@dataclass(frozen=True, eq=False)
class Palette:
    """Colours that one picture needs beside those that every sheet has.

    rgb     their red, green and blue, (n, 3), from 0 to 255
    zero    the number of the one that stands for the value 0; those before it are for negative values
    inked   whether words may stand on them: a sheet then keeps a byte for every strength of ink on each
    """

    rgb: np.ndarray
    zero: int = 0
    inked: bool = False

    @property
    def step(self) -> int:
        """How many bytes a colour takes."""
        return 8 if self.inked else 1

    @cached_property
    def encoded(self) -> bytes:
        """Red, green and blue of each byte: of each colour alone, or of each under no ink, a seventh … all of it."""
        if not self.inked:
            return self.rgb.astype(np.uint8).tobytes()
        strength = np.arange(8)[None, :, None] / 7
        shades = self.rgb[:, None] * (1 - strength) + np.array(ImageColor.getrgb(INK)) * strength
        return np.rint(shades).astype(np.uint8).tobytes()


def contrast(colour: str, ground: str = PAPER) -> float:
    """The contrast of two colours, from 1 (none) to 21 (black on white), as WCAG 2 defines it.

    >>> round(contrast("#000000"), 1), round(contrast(VERMILION), 1), round(contrast(FOR_WORDS[VERMILION]), 1)
    (21.0, 3.9, 4.8)
    """
    dark, light = sorted(map(_luminance, (colour, ground)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    share = np.array(ImageColor.getrgb(colour)[:3]) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def swatches(*colours: str, inked: bool = False) -> Palette:
    """A palette of these colours."""
    return Palette(np.array([ImageColor.getrgb(colour) for colour in colours], float), inked=inked)


def ramp(*ends: str, steps: int, inked: bool = False) -> Palette:
    """A palette from one colour to another in so many steps; with a colour between them, that one stands for 0.

    >>> ramp("#000000", "#ffffff", steps=3).rgb[:, 0], ramp(*ORANGE_TO_BLUE, steps=5).zero
    (array([  0., 128., 255.]), 2)
    """
    places, at = np.linspace(0, 1, len(ends)), np.linspace(0, 1, steps)
    rgb = np.stack([np.interp(at, places, channel) for channel in swatches(*ends).rgb.T], axis=1)
    return Palette(np.rint(rgb), steps // 2 if len(ends) == 3 else 0, inked)


GREY = ramp("#000000", "#ffffff", steps=75)
SIGNED = ramp(*ORANGE_TO_BLUE, steps=75)
