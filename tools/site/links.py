"""Links of notebooks and Markdown files, turned into links between pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from posixpath import dirname, join, normpath, relpath

from docutils.nodes import make_id

from tools import address
from tools.site.said import unbroken

LINK = re.compile(r"(?<!!)\[((?:!\[[^\]]*\]\([^)]*\)|[^\[\]]|\[[^\[\]]*\])*)\]\(([^)\s]+)\)")
BADGE = re.compile(r"\[!\[[^\]]*Colab[^\]]*\]\(\S*?\)\]\((\S*?)\)")
FENCED = re.compile(r"(?ms)^ *```.*?^ *```|`[^`\n]+`")
OUTSIDE = "://", "mailto:"


def page_of(path: str) -> str | None:
    """The page that a file of the repository becomes, "labs/03_dropout_lab"; None if it becomes none."""
    found = re.fullmatch(r"notebooks/((?:labs/)?0\w+)\.ipynb|docs/(glossary|teaching|layers)\.md", path)
    return (found[1] or found[2]) if found else None


def anchor(jupyters: str) -> str:
    """The id of a heading on its page, from JupyterLab's anchor: `Claim-A10` is `claim-a10` here."""
    return make_id(jupyters.replace("-", " "))


def to(page: str, other: str, part: str = "") -> str:
    """The link from one page to another, or to its part: relative, so that the site may lie in any folder."""
    target = relpath(f"{other}.html", dirname(page) or ".") if other != page else ""
    return f"{target}#{part}" if part else target


def in_pages(text: str, file: str, home: str | None) -> str:
    """Markdown of a file of the repository, with the links that its page has, and with numbers that stay whole.

    home    the repository's address, for links to files that become no page; without it they are plain text
    """
    page = page_of(file) or ""

    def changed(found: re.Match[str]) -> str:
        says, target = found.groups()
        if any(mark in target for mark in OUTSIDE):
            return found[0]
        path, _, part = target.partition("#")
        goal = normpath(join(dirname(file), path)) if path else file
        other = page_of(goal)
        if other is not None:
            return f"[{says}]({to(page, other, anchor(part) if part else '')}){{.external}}"
        return f"[{says}]({home}/blob/main/{goal})" if home and home.startswith(address.GITHUB) else says

    text = BADGE.sub(r"[Open in Colab](\1)", text)  # the badge itself would be fetched from Google
    return outside_code(text, lambda prose: LINK.sub(changed, unbroken(prose)))


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """A text with its prose changed and its code left as it is."""
    code = FENCED.findall(text)
    held = iter(code)
    prose = FENCED.sub("\0", text)
    return re.sub("\0", lambda _: next(held), change(prose))
