"""The card that stands where the picture was when a setting cannot be."""

from __future__ import annotations

from textwrap import wrap

from PIL import Image, ImageDraw

from cnnkit.figures.picture import SCALE, Picture, from_pillow
from cnnkit.figures.pixels import INK, PAPER, WINDOW, font


def draw_message(sentence: str, *, width: int = 820, height: int = 260) -> Picture:
    """Draw `sentence` as a card of `width` x `height` CSS pixels."""
    image = Image.new("RGB", (width * SCALE, height * SCALE), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 6 * SCALE, height * SCALE), fill=WINDOW)
    pen.text((30 * SCALE, 30 * SCALE), "This setting cannot be.", INK, font(18, bold=True))
    pen.multiline_text((30 * SCALE, 70 * SCALE), "\n".join(wrap(sentence, 84)), INK, font(15), spacing=8 * SCALE)
    return from_pillow(image, sentence)
