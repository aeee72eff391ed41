"""The glossary's entries as places to link to, and the lessons' bold terms as links to them."""

from __future__ import annotations

import re
from typing import Any

from docutils.nodes import make_id

from cnnkit.course import TOPICS
from cnnkit.course.glossary import TERMS
from tools.site import links

Cell = dict[str, Any]
BOLD = re.compile(r"(?<![\[*\w])\*\*([^*\n]+)\*\*(?![\]*\w])")
IDS = {word.lower(): f"term-{make_id(term.term)}" for term in TERMS for word in term.words}


def with_places(glossary: str) -> str:
    """The glossary's page, each entry with an id."""
    return re.sub(
        r"(?m)^\| \*\*([^*]+)\*\* \|",
        lambda found: f"| [**{found[1]}**]{{#{IDS[found[1].lower()]}}} |",
        glossary,
    )


def with_links(text: str, page: str) -> str:
    """A lesson's text, whose bold terms lead to the glossary."""

    def changed(found: re.Match[str]) -> str:
        place = IDS.get(found[1].lower())
        return f"[{found[0]}]({links.to(page, 'glossary', place)}){{.external .term}}" if place else found[0]

    return links.outside_code(text, lambda prose: BOLD.sub(changed, prose))


def indexed(cells: list[Cell], page: str) -> None:
    """Let the search find each term of a lesson first where it is explained: in the first cell that links to it."""
    for term in TERMS:
        place = links.to(page, "glossary", IDS[term.term.lower()])
        explains = [cell for cell in cells if cell["cell_type"] == "markdown" and f"({place})" in cell["source"]]
        if TOPICS[term.topic] == page and explains:
            entries = "\n".join(f"   ! single: {word}" for word in term.words)
            explains[0]["source"] = f"```{{eval-rst}}\n.. index::\n{entries}\n```\n\n{explains[0]['source']}"
