"""The terms of the course: what each means, which lesson introduces it, and what PyTorch and Keras call it.

They lie with their topics, in `cnnkit/course/<topic>/terms.py`; `docs/glossary.md` is written from here.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from cnnkit.course import TOPICS
from cnnkit.course.kit.term import Term

__all__ = ["TERMS", "Term", "glossary"]

TERMS: tuple[Term, ...] = tuple(
    term._replace(topic=topic)
    for topic in TOPICS
    if find_spec(f"cnnkit.course.{topic}.terms")
    for term in import_module(f"cnnkit.course.{topic}.terms").TERMS
)


def glossary() -> str:
    """All terms in alphabetical order, as a page of Markdown."""
    rows = [_row(term) for term in sorted(TERMS, key=lambda term: term.term.lower())]
    head = ["# Glossary", "", "Each term links to the lesson that introduces it.", ""]
    return "\n".join([*head, "| term | what it means | lesson | PyTorch | Keras |", "|:--|:--|:--|:--|:--|", *rows, ""])


def _row(term: Term) -> str:
    lesson = TOPICS[term.topic]
    link = f"[{lesson[:2]}](../notebooks/{lesson}.ipynb)"
    names = " | ".join(f"`{name}`" if name else "" for name in (term.pytorch, term.keras))
    return f"| **{term.term}** | {term.means[:1].upper()}{term.means[1:]} | {link} | {names} |"
