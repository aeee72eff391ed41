"""The little Markdown that questions and replies use, as HTML for a widget."""

from __future__ import annotations

import re
from html import escape

RULES = (
    (r"`([^`]+)`", r"<code>\1</code>"),
    (r"\*\*(.+?)\*\*", r"<b>\1</b>"),
    (r"(?<![\w*])\*([^*\n]+?)\*(?![\w*])", r"<i>\1</i>"),
    (r"\[([^\]]+)\]\((https?://[^)\s]+)\)", r'<a href="\2" target="_blank" rel="noopener">\1</a>'),
)


def html(text: str) -> str:
    """Paragraphs, `code`, **bold**, *italic* and [links](https://…); everything else is escaped.

    >>> html("Is **2** < `n`?")
    '<p>Is <b>2</b> &lt; <code>n</code>?</p>'
    """
    return "".join(f"<p>{_inline(paragraph)}</p>" for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph)


def _inline(text: str) -> str:
    written = escape(text, quote=False).replace("\n", "<br>")
    for pattern, replacement in RULES:
        written = re.sub(pattern, replacement, written)
    return written
