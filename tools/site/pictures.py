"""Stored pictures as files of their own, and the pictures that go with a link that somebody shares."""

from __future__ import annotations

import base64
import html
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

FOLDER = "_images"
SOCIAL, INK, PAPER = (1200, 630), "#14213d", "#ffffff"


def image_html(output: dict[str, Any], root: str, site: Path) -> str:
    """The <img> of a stored output, whose picture becomes a file: as WebP without loss, two thirds of the PNG's bytes.

    root    the way from the page to the site's folder, "" or "../"
    """
    data, size = output["data"], output["metadata"].get("image/png", {})
    png = base64.b64decode("".join(data["image/png"]))
    name = (
        f"{FOLDER}/{sha256(png).hexdigest()[:16]}.webp"  # another picture has another name: it may be cached for ever
    )
    with Image.open(BytesIO(png)) as picture:
        width = size.get("width", picture.width)
        height = round(picture.height * width / picture.width)
        write(picture, site / name)
    alt = html.escape(" ".join("".join(data["text/plain"]).split()))
    return f'<img src="{root}{name}" width="{width}" height="{height}" alt="{alt}" loading="lazy" decoding="async">'


def write(picture: Image.Image, file: Path) -> None:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.save(file, lossless=True, quality=100, method=4)


def social(title: str, below: str, png: bytes | None, file: Path) -> None:
    """What a link shows where it is shared: the title, the course, and the page's first picture."""
    card = Image.new("RGB", SOCIAL, PAPER)
    draw = ImageDraw.Draw(card)
    draw.rectangle((0, 0, SOCIAL[0], 14), fill=INK)
    face = ImageFont.load_default(56)
    lines = wrapped(title, face, SOCIAL[0] - 120)
    draw.multiline_text((60, 52), "\n".join(lines), font=face, fill=INK, spacing=14)
    top = 52 + 74 * len(lines) + 20
    draw.text((60, SOCIAL[1] - 62), below, font=ImageFont.load_default(28), fill=INK)
    if png:
        with Image.open(BytesIO(png)) as picture:
            shown = picture.convert("RGB")
        shown.thumbnail((SOCIAL[0] - 120, SOCIAL[1] - 90 - top), Image.Resampling.LANCZOS)
        card.paste(shown, (60, top))
    file.parent.mkdir(parents=True, exist_ok=True)
    card.quantize(64, dither=Image.Dither.NONE).save(file, optimize=True)


def wrapped(text: str, face: Any, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if face.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
