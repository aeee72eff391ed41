"""What lives on the built pages, read from their files."""

from __future__ import annotations

import json
import re
from functools import cache
from html import unescape
from typing import Any, NamedTuple

from tests.site.pages import SITE, names

EXPLORER = re.compile(r'data-live="explorer" data-spec="([^"]*)"')


class Place(NamedTuple):
    """Where an explorer stands, and what it begins with there."""

    page: str  # "labs/04_pooling_lab"
    number: int  # among the explorers of its page, from 0
    start: dict[str, Any]


@cache
def places() -> dict[str, Place]:
    """The first place of each explorer, by its name."""
    found: dict[str, Place] = {}
    for name in names():
        for number, spec in enumerate(specs(name)):
            found.setdefault(spec["name"], Place(name.removesuffix(".html"), number, spec["start"]))
    return found


def specs(name: str) -> list[dict[str, Any]]:
    """What the page says of each of its explorers."""
    return [json.loads(unescape(told)) for told in EXPLORER.findall(text(name))]


def text(name: str) -> str:
    return (SITE / name).read_text(encoding="utf-8")


def having(kind: str = "") -> list[str]:
    """The pages that hold a live thing of a kind, or of any."""
    return [name.removesuffix(".html") for name in names() if f'data-live="{kind}' in text(name)]
