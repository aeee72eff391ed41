"""Every term has one home, and docs/glossary.md is what the package says."""

from collections import Counter
from pathlib import Path

from cnnkit.course import TOPICS
from cnnkit.course.glossary import TERMS, glossary

PAGE = Path(__file__).parents[2] / "docs" / "glossary.md"


def test_every_term_is_defined_once():
    words = Counter(word.lower() for term in TERMS for word in term.words)
    assert not [word for word, times in words.items() if times > 1]
    for term in TERMS:
        assert term.topic in TOPICS
        assert term.means.endswith("."), term.term
        assert "|" not in term.means


def test_the_page_is_what_the_package_says():
    assert PAGE.read_text(encoding="utf-8") == glossary(), "run `make glossary`"
