"""A term of the field, as the glossary has it."""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """A term, what it means in one sentence, and what libraries call it. Its topic's lesson introduces it in bold.

    term      "depthwise convolution", in the singular
    means     one sentence
    forms     other forms that count as the term: "depthwise convolutions", "regularise"
    pytorch   its name in PyTorch, as code; "" for none
    keras     its name in Keras
    """

    term: str
    means: str
    forms: tuple[str, ...] = ()
    pytorch: str = ""
    keras: str = ""
    topic: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """All forms that a text may use."""
        return (self.term, *self.forms)
