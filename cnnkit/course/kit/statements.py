"""What an explorer says: a few statements, one a line, with the result in bold and no number torn from its unit.

A drawing writes it as one text. A line's end separates statements, ** and ** stand around the result:

    "⌊(7 + 2·0 − 3)/1⌋ + 1 = **5**: 5 × 5 outputs.\\nEvery pixel of the input is read."
"""

from __future__ import annotations

import re
from html import escape

# What a line may not break at: the spaces around a sign of a formula, and that between a number and its unit or noun.
TIED = re.compile(
    r" (?=[=+−–·×÷/≤≥<>≈→%°±])|(?<=[=+−–·×÷/≤≥<>≈→±]) |(?<=[\d½¼¾]) (?=[A-Za-zα-ωµ]{1,12}\b)"
    r"|(?<=\b[kKnNopsdCLwbxz]) (?=\d)"
)


def plain(marked: str) -> str:
    """The text without marks, on one line.

    >>> plain("1 + 1 = **2**.\\nThat is all.")
    '1 + 1 = 2. That is all.'
    """
    return marked.replace("**", "").replace("\n", " ")


def lines(marked: str) -> list[str]:
    """The statements, without marks."""
    return [plain(line) for line in marked.split("\n")]


def html(marked: str) -> str:
    """The text as HTML: a statement a line, results bold, numbers tied to their units.

    >>> html("k < **3 pixels**")
    '<div>k\\xa0&lt;\\xa0<b>3\\xa0pixels</b></div>'
    """
    bold = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(TIED.sub("\xa0", marked), quote=False))
    return "".join(f"<div>{line}</div>" for line in bold.split("\n"))
