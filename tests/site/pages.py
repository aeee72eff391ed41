"""What stands in the pages' files, read without a browser."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).parents[2]
SITE = Path(os.environ.get("CNNKIT_SITE", ROOT / "_site"))


def names() -> list[str]:
    """All pages: "index.html", "labs/03_dropout_lab.html"."""
    return sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if "_static" not in path.parts)


@dataclass
class Read(HTMLParser):
    """The ids, links, files and pictures of a page."""

    name: str
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    pictures: list[dict[str, str]] = field(default_factory=list)
    metas: dict[str, str] = field(default_factory=dict)
    folded: int = 0
    open: int = 0
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = (SITE / self.name).read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.ids.update(has[name] for name in ("id", "name") if name in has)
        if tag in ("a", "area"):
            self.links += [has["href"]] if "href" in has else []
        elif tag in ("img", "script", "source", "link", "iframe") and has.get("rel") != "canonical":
            self.files += [has[name] for name in ("src", "href") if has.get(name)]
        if tag == "img":
            self.pictures.append(has)
        if tag == "meta":
            self.metas[has.get("property") or has.get("name", "")] = has.get("content", "")
        self.folded += tag == "details"
        self.open += tag == "details" and "open" in has


@cache
def read(name: str) -> Read:
    return Read(name)
