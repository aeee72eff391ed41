"""What every drawing function returns: the picture, and the sentence that says what it shows."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any

from cnnkit.course.kit import statements

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

Box = tuple[float, float, float, float]  # left, top, width and height in CSS pixels
STORED = 2  # what a notebook stores is drawn for dense screens, so that lines and digits stay sharp there
_scale = ContextVar("scale", default=STORED)


def scale() -> int:
    """How many pixels of the screen, side by side, a CSS pixel has where pictures are drawn for now."""
    return _scale.get()


@contextmanager
def drawn_at(pixels: int) -> Iterator[None]:
    """Draw with so many pixels of the screen to a CSS pixel: `with drawn_at(1): draw_window(7, 3)`."""
    token = _scale.set(pixels)
    try:
        yield
    finally:
        _scale.reset(token)


@dataclass(frozen=True)
class Area:
    """A rectangle of a picture that can be touched: cells side by side, each of which sets some controls.

    box       where it is
    rows, columns   of how many cells
    sets      from a cell's row and column (from 0) to the controls that it sets; None for a cell that sets nothing
    here      the cell that is chosen now, if one is: the arrow keys go on from there
    says      words beside the mouse; {row}, {column} and {number} count from 1, {number} in reading order
    follows   whether pointing at a cell is enough to set it
    """

    box: Box
    rows: int
    columns: int
    sets: Callable[[int, int], Mapping[str, Any] | None]
    here: tuple[int, int] | None = None
    says: str = ""
    follows: bool = False


@dataclass(frozen=True)
class Picture:
    """What was drawn and its sentence.

    In a notebook it shows itself; the sentence is its alternative text, what a screen reader says, and what a
    test of the notebook compares.

    image     what was drawn; nobody draws on it any more
    marked    what the picture shows, with its numbers: a statement a line, the result between ** and **
    width     in CSS pixels (the image may have more: it is drawn for dense screens)
    areas     what can be touched
    pixels    where it shows pixels whose brightness means something: a dark page leaves them as they are
    card      whether it is a card with words, which need not stand below it as well
    """

    image: Image
    marked: str
    width: int
    areas: tuple[Area, ...] = field(default=(), compare=False)
    pixels: tuple[Box, ...] = ()
    card: bool = False

    @property
    def sentence(self) -> str:
        """What the picture shows, in words and numbers."""
        return statements.plain(self.marked)

    @property
    def height(self) -> float:
        """In CSS pixels, too."""
        return self.image.height * self.width / self.image.width

    @cached_property
    def png(self) -> bytes:
        """A file's bytes: encoded when they are first asked for, as quickly as can be."""
        buffer = BytesIO()
        self.image.save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()

    def small(self) -> bytes:
        """The same pixels in fewer bytes: a slider needs a quick file, a stored notebook a small one."""
        from PIL import Image

        buffer = BytesIO()
        Image.open(BytesIO(self.png)).save(buffer, "PNG", optimize=True)
        return buffer.getvalue()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        data = {"image/png": base64.b64encode(self.small()).decode("ascii"), "text/plain": self.sentence}
        return data, {"image/png": {"width": self.width, "alt": self.sentence}}


def from_pillow(
    image: Image, sentence: str, *, areas: tuple[Area, ...] = (), pixels: tuple[Box, ...] = (), card: bool = False
) -> Picture:
    """A Pillow image that was drawn at `scale()` device pixels per CSS pixel."""
    return Picture(image, sentence, image.width // scale(), areas, pixels, card)


def from_figure(figure: Figure, sentence: str, *, colours: int | None = None) -> Picture:
    """Draw a matplotlib Figure; its size in inches times 100 is its width in CSS pixels.

    colours   how many to keep; with 96 what a notebook stores is a fourth as large, and looks the same
    """
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=100 * scale(), pil_kwargs={"compress_level": 1})
    from PIL import Image

    image = Image.open(buffer)
    if colours is None:
        return Picture(image, sentence, round(figure.get_size_inches()[0] * 100))
    return from_pillow(image.convert("RGB").quantize(colours), sentence)
