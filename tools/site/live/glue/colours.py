"""Python in the colours that the site gives to stored code. Pygments is not here; its class names are."""

from __future__ import annotations

import builtins
import keyword
import tokenize
from html import escape
from io import StringIO

KINDS = {tokenize.COMMENT: "c1", tokenize.NUMBER: "mi", tokenize.STRING: "s2", tokenize.OP: "o"}
KINDS |= {getattr(tokenize, f"FSTRING_{part}", -1): "s2" for part in ("START", "MIDDLE", "END")}  # from Python 3.12
CONSTANTS, IN_WORDS = ("None", "True", "False"), ("and", "in", "is", "not", "or")


def highlighted(code: str) -> str:
    """Code as HTML; where it cannot be read, without colours."""
    try:
        tokens = [*tokenize.generate_tokens(StringIO(code).readline)]
    except (tokenize.TokenError, SyntaxError):
        return f"<pre>{escape(code)}</pre>"
    lines, parts, at, before = [*code.splitlines(keepends=True), ""], [], (1, 0), ""
    for token in tokens:
        kind = _kind(token, before)
        if kind and token.start >= at:
            word = escape(_between(lines, token.start, token.end))
            parts += [escape(_between(lines, at, token.start)), f'<span class="{kind}">{word}</span>']
            at, before = token.end, token.string
    parts.append(escape(_between(lines, at, (len(lines), 0))))
    return f'<div class="highlight"><pre>{"".join(parts)}</pre></div>'


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    """What stands between two places; lines count from 1."""
    if start[0] == end[0]:
        return lines[start[0] - 1][start[1] : end[1]]
    first, *middle = lines[start[0] - 1 : end[0] - 1]
    return "".join([first[start[1] :], *middle, lines[end[0] - 1][: end[1]]])


def _kind(token: tokenize.TokenInfo, before: str) -> str:
    """Pygments' class for a token; "" for line breaks and indents."""
    if token.type != tokenize.NAME:
        return KINDS.get(token.type, "")
    word = token.string
    if word in CONSTANTS:
        return "kc"
    if word in IN_WORDS:
        return "ow"
    if keyword.iskeyword(word):
        return "k"
    if before in ("def", "class"):
        return "nf" if before == "def" else "nc"
    return "nb" if hasattr(builtins, word) and before != "." else "n"
