"""The card that stands where the picture was when a setting cannot be."""

from __future__ import annotations

from cnnkit.course.kit.palette import WINDOW
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import Sheet, text_width


def draw_message(
    sentence: str, *, title: str = "This setting is impossible.", width: float = 820, height: float = 416
) -> Picture:
    """Draw `sentence` below `title` as a card of `width` x `height` CSS pixels."""
    sheet = Sheet(width, height)
    sheet.box(0, 0, 6, height, WINDOW)
    sheet.text(30, 48, title, size=18, bold=True)
    for i, line in enumerate(wrap(sentence, width - 60, size=15)):
        sheet.text(30, 84 + 26 * i, line, size=15)
    return sheet.picture(sentence)


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
