"""The page "Paste your layer": what was read in somebody's code, and what an error's message means, as HTML."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from .outputs import sent

Answer = tuple[dict[str, Any], bytes]
LONGEST_MESSAGE = 10_000  # characters: what an error says stands at its end
SHOWN = "The explorer shows one to six square convolutions and max poolings, on images of up to 256 × 256"


async def read_code(code: str, size: str = "") -> Answer:
    """Read what was pasted. {"table": …} with all that goes with it; "refused" for no layers; "message" for an error's.

    size   what stands in the field for the image's size: "", "28", "240 × 320"
    """
    from cnnkit.pasted import read

    try:
        return told(read(code, sides(size))), b""
    except ValueError as error:
        meaning = explained(code)
        return ({"message": meaning} if meaning else {"refused": f"<p>{marked(str(error))}.</p>"}), b""


async def explain_message(message: str) -> Answer:
    """What an error's message means, as HTML."""
    meaning = explained(message)
    return ({"meaning": meaning} if meaning else {"refused": UNKNOWN}), b""


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

    why, _, mend = reading.wrong.rpartition(" Write ")
    settings = stack_of(reading.input_shape, [row.layer for row in reading.rows])
    return {
        "table": table(reading),
        "total": ("Up to there: " if reading.wrong else "") + reading.total() if reading.rows else "",
        "wrong": f"<p>{marked(why or reading.wrong)}</p>" if reading.wrong else "",
        "mend": {"from": why.partition(" takes ")[0], "to": mend.removesuffix(".")} if why else None,
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
    other = next((label for label, layer in windows if stack_of(shape, [layer]) is None), "")
    if other:
        return f"{SHOWN}: {other} is none of these."
    return f"{SHOWN}: here there are {len(windows) or 'none'}."


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
