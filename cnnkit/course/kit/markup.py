"""The little Markdown that questions and replies use, as HTML for a widget."""

from __future__ import annotations

import re
from html import escape

RULES = (
    (r"`([^`]+)`", r"<code>\1</code>"),
    (r"\*\*(.+?)\*\*", r"<b>\1</b>"),
    (r"(?<![\w*])\*([^*\s](?:[^*\n]*[^*\s])?)\*(?![\w*])", r"<i>\1</i>"),
    (r"\[([^\]]+)\]\((https?://[^)\s]+)\)", r'<a href="\2" target="_blank" rel="noopener">\1</a>'),
)


def html(text: str) -> str:
    """Paragraphs, lists, `code`, **bold**, *italic* and [links](https://…); everything else is escaped.

    >>> html("Is **2** < `n`?")
    '<p>Is <b>2</b> &lt; <code>n</code>?</p>'
    """
    return "".join(_paragraph(part) for part in re.split(r"\n\s*\n", text.strip()) if part)


def _paragraph(text: str) -> str:
    if all(line.startswith("* ") for line in text.splitlines()):
        return f"<ul>{''.join(f'<li>{_inline(line[2:])}</li>' for line in text.splitlines())}</ul>"
    return f"<p>{_inline(text)}</p>"


def _inline(text: str) -> str:
    written = escape(text, quote=False).replace("\n", "<br>")
    for pattern, replacement in RULES:
        written = re.sub(pattern, replacement, written)
    return written
