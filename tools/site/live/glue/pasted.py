"""The page "Paste your layer": what was read in somebody's code, and what an error's message means, as HTML."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from .outputs import sent

Answer = tuple[dict[str, Any], bytes]
ERROR = re.compile(r"^Traceback \(most recent|^(?:\w+\.)*\w*(?:Error|Exception): ", re.MULTILINE)
LONGEST_MESSAGE = 10_000  # characters: what an error says stands at its end
SHOWN = "The explorer shows one to six square convolutions and max poolings, on images of up to 256 × 256"


async def read_code(code: str, size: str = "", before: str = "") -> Answer:
    """Read what was pasted. {"table": …} with all that goes with it; "refused" for no layers; "message" for an error's.

    size     what stands in the field for the image's size: "", "28", "240 × 320"
    before   the code that was read last: an error's message may speak of a layer in it
    """
    from cnnkit.pasted import read

    try:
        return told(read(code, sides(size))), b""
    except ValueError as error:
        meaning = explained(code)
        if meaning:
            return {"message": meaning, "mend": meant(code, before)}, b""
        unknown = UNKNOWN if ERROR.search(code) else f"<p>{marked(str(error))}.</p>"
        return {"refused": unknown}, b""


async def explain_message(message: str, code: str = "") -> Answer:
    """What an error's message means, as HTML, and the layer of the code that it speaks of, mended."""
    meaning = explained(message)
    return ({"meaning": meaning, "mend": meant(message, code)} if meaning else {"refused": UNKNOWN}), b""


def meant(message: str, code: str) -> dict[str, str] | None:
    """The layer of the code that a message speaks of, as it would fit."""
    from cnnkit.pasted import mended

    mend = mended(message[-LONGEST_MESSAGE:], code)
    return {"to": "\n".join(mend.lines), "code": mend.code} if mend else None


UNKNOWN = (
    "<p>This message is not known here. Known are PyTorch’s and Keras’s messages about shapes and types: "
    "the table below has some.</p>"
)


def explained(message: str) -> str:
    """The meaning of a message as HTML; "" where it is not known."""
    from cnnkit.course.kit.markup import html
    from cnnkit.pasted import explain

    try:
        return html(explain(message[-LONGEST_MESSAGE:]))
    except ValueError:
        return ""


def sides(text: str) -> Any:
    """The image's size as it was typed: None, one number, or (height, width)."""
    if not text.strip():
        return None
    found = re.fullmatch(r"\s*\(?\s*(\d{1,6})\s*(?:[×x*,; ]\s*(\d{1,6})\s*)?\)?\s*", text)
    if not found:
        raise ValueError("the size of the image must be a number of pixels, 224, or height and width, 240 × 320")
    height, width = found.groups()
    return int(height) if width is None else (int(height), int(width))


def told(reading: Any) -> dict[str, Any]:
    """All that the page shows of a reading."""
    from cnnkit.course.convolution.stack_numbers import stack_of

    mend = reading.mend
    why = reading.wrong.removesuffix(f" Write {mend}.")
    settings = None if other(reading) else stack_of(reading.input_shape, [row.layer for row in reading.rows])
    return {
        "table": table(reading),
        "total": ("Up to there: " if reading.wrong else "") + reading.total() if reading.rows else "",
        "wrong": f"<p>{marked(why)}</p>" if reading.wrong else "",
        "mend": {"to": "\n".join(mend.lines), "code": mend.code} if mend else None,
        "stack": settings and {name: sent(value) for name, value in settings.items()},
        "unshown": "" if settings else unshown(reading),
        "biases": biases(reading) if settings else "",
    }


def table(reading: Any) -> str:
    """Layers and their numbers, with what was taken for granted below. All words are escaped."""
    from cnnkit.pasted import HEADS

    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    rows = "".join(map(_row, reading.cells()))
    whole = f'<table class="paste-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    notes = "".join(f'<p class="live-note paste-note">{marked(note)}</p>' for note in reading.notes)
    return (whole if rows else "") + notes


def _row(cells: tuple[str, ...]) -> str:
    from cnnkit.pasted import HEADS

    rest = "".join(
        f'<td data-head="{head}">{escape(cell)}</td>' for head, cell in zip(HEADS[1:], cells[1:], strict=True)
    )
    return f'<tr><th scope="row"><code>{escape(cells[0])}</code></th>{rest}</tr>'


def marked(sentence: str) -> str:
    """A sentence with `code` in it as HTML; everything else is escaped."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(sentence))


def unshown(reading: Any) -> str:
    """Why the explorer cannot show what was read, in one sentence."""
    from cnnkit.course.convolution.stack_numbers import stack_of

    shape, named = reading.input_shape, list(zip(reading.labels, reading.rows, strict=False))
    if len(shape) != 3:
        return f"{SHOWN}: the input here is no image."
    channels, height, width = shape
    if height != width or height > 256 or channels > 512:
        return f"{SHOWN} and 512 channels: here it is {channels} × {height} × {width}."
    windows = [(label, row.layer) for label, row in named if _is_window(row.layer)]
    one = other(reading) or next((label for label, layer in windows if stack_of(shape, [layer]) is None), "")
    if one:
        return f"{SHOWN}: {one} is none of these."
    return f"{SHOWN}: here there are {len(windows) or 'none'}."


def other(reading: Any) -> str:
    """The first layer that changes height and width and that the course has no layer for; "" if there is none."""
    from cnnkit.pasted.more import Counted

    rows = zip(reading.labels, reading.rows, strict=False)
    return next((label for label, row in rows if isinstance(row.layer, Counted) and _resizes(row)), "")


def _resizes(row: Any) -> bool:
    return bool(row.output_shape[1:] != row.input_shape[1:])


def biases(reading: Any) -> str:
    """What the explorer counts that the layers do not have, in one sentence; "" if it counts what they have."""
    without = [row.layer for row in reading.rows if hasattr(row.layer, "in_channels") and not row.layer.bias]
    if not without:
        return ""
    more = sum(layer.out_channels for layer in without)
    counted = f"Its table counts a bias for each filter; bias=False leaves out {more:,} of them."
    return f"{counted} Sizes and fields are the same."


def _is_window(layer: Any) -> bool:
    """Whether the explorer would show it: what looks at one pixel and learns nothing is left out."""
    return getattr(layer, "kernel_size", 1) != 1 or hasattr(layer, "in_channels")
