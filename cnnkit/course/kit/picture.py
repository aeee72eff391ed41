"""What every drawing function returns: the picture, and the sentence that says what it shows."""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

SCALE = 2  # device pixels per CSS pixel, so that lines and digits stay sharp on a dense screen


@dataclass(frozen=True)
class Picture:
    """A PNG and its sentence.

    In a notebook it shows itself; the sentence is its alternative text, what a screen reader says, and what a
    test of the notebook compares.

    png       the file's bytes
    sentence  what the picture shows, with its numbers
    width     in CSS pixels (the file may hold more: it is drawn for dense screens)
    """

    png: bytes
    sentence: str
    width: int

    @property
    def height(self) -> float:
        """In CSS pixels, too: the file's own width and height stand in its first bytes."""
        across, down = struct.unpack(">II", self.png[16:24])
        return down * self.width / across

    def small(self) -> bytes:
        """The same pixels in fewer bytes: a slider needs a quick file, a stored notebook a small one."""
        from PIL import Image

        buffer = BytesIO()
        Image.open(BytesIO(self.png)).save(buffer, "PNG", optimize=True)
        return buffer.getvalue()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        data = {"image/png": base64.b64encode(self.small()).decode("ascii"), "text/plain": self.sentence}
        return data, {"image/png": {"width": self.width, "alt": self.sentence}}


def from_pillow(image: Image, sentence: str) -> Picture:
    """Encode a Pillow image that was drawn at SCALE device pixels per CSS pixel."""
    buffer = BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return Picture(buffer.getvalue(), sentence, image.width // SCALE)


def from_figure(figure: Figure, sentence: str, *, colours: int | None = None) -> Picture:
    """Encode a matplotlib Figure; its size in inches times 100 is its width in CSS pixels.

    colours   how many to keep; with 96 what a notebook stores is a fourth as large, and looks the same
    """
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=100 * SCALE, pil_kwargs={"compress_level": 1})
    if colours is None:
        return Picture(buffer.getvalue(), sentence, round(figure.get_size_inches()[0] * 100))
    from PIL import Image

    return from_pillow(Image.open(buffer).convert("RGB").quantize(colours), sentence)
