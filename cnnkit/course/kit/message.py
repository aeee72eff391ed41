"""The card that stands where the picture was when a setting cannot be."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image

from cnnkit.course.kit.palette import LINE, WINDOW
from cnnkit.course.kit.picture import Picture, from_pillow, scale
from cnnkit.course.kit.sheet import Sheet, text_width

TITLE = "This setting is impossible."
WIDE, FADED = 640, 0.15  # of the card, and how much is left of the picture behind it


def draw_message(
    sentence: str, *, title: str = TITLE, width: float = 820, height: float = 416, way_out: str = "",
    behind: Picture | None = None,
) -> Picture:  # fmt: skip
    """Draw a card with `title`, `sentence` and `way_out` on a picture of `width` x `height` CSS pixels.

    way_out   what to do about it
    behind    the picture that was there before; it is seen, faded, around the card
    """
    wide = min(width, WIDE) if behind else width
    lines = wrap(sentence, wide - 60, size=15)
    out = wrap(way_out, wide - 60, size=15) if way_out else []
    high = min(height, 84 + 26 * len(lines) + 26 * len(out) + 12) if behind else height
    card = Sheet(wide, high)
    card.box(0, 0, 6, high, WINDOW)
    card.text(30, 48, title, size=18, bold=True)
    for i, line in enumerate(lines):
        card.text(30, 84 + 26 * i, line, size=15)
    for i, line in enumerate(out, len(lines)):
        card.text(30, 90 + 26 * i, line, size=15, bold=True)
    marked = f"{sentence}\n**{way_out}**" if way_out else sentence
    if behind is None:
        return card.picture(marked, card=True)
    card.frame(0.5, 0.5, wide - 1, high - 1, LINE)
    ground = _faded(behind.png, (round(width * scale()), round(height * scale()))).copy()
    top = min(60, (height - high) / 2)
    ground.paste(card.image_of(), (round((width - wide) / 2 * scale()), round(top * scale())))
    return from_pillow(ground.quantize(96, method=Image.Quantize.FASTOCTREE), marked, card=True)


@lru_cache(maxsize=4)
def _faded(png: bytes, size: tuple[int, int]) -> Image.Image:
    """The picture, pale: the ground of all the cards that come one after the other."""
    picture = Image.open(BytesIO(png)).convert("RGB").resize(size)
    return Image.blend(Image.new("RGB", size, "white"), picture, FADED)


def wrap(sentence: str, room: float, *, size: float) -> list[str]:
    """Break `sentence` into lines that are no wider than `room` CSS pixels."""
    lines: list[str] = []
    for word in sentence.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
