"""What a page says in another way than a notebook, because it has no kernel, and buttons where a notebook has cells."""

from __future__ import annotations

import re

INSTEAD = {  # a test holds that notebooks and documents still say what stands on the left, and pages never
    "An exercise has three cells: a question, a cell to fill in, and folded hints. "
    "Run the cell to check your answer.": (
        "An exercise has a question, a field to fill in, and folded hints. Press *Check* to hear about your answer."
    ),
    "`score()` counts what you predicted and solved in this notebook. It stays in the kernel: "
    "nothing is saved, nothing is sent.": (
        "What you predicted and solved is counted here. It stays in this browser, also when you come back; nothing is "
        "sent."
    ),
    "How you did in this notebook:": "How you did on this page:",
    "vote, run the cell below to see what came out, and open the verdict.": (
        "vote, open the measurement to see what came out, and then the verdict."
    ),
    "run the cell below the vote": "open the measurement below the vote",
    "run the folded cell below the vote": "open the measurement below the vote",
    "run the cell below your vote: its output is hidden until you do.": "open the measurement below your vote.",
    "Vote first, then run the cell below.": "Vote first, then open the measurement below.",
    "The table shows what you voted in this kernel.": "The table shows what you voted in this browser.",
    "Your votes stand beside the verdicts, as long as the kernel runs.": "Your votes stand beside the verdicts.",
    " `make layers` makes this page from the docstrings and the notebooks.": "",
}


def on_page(text: str) -> str:
    """A notebook's or a document's text as its page has it."""
    for there, here in INSTEAD.items():
        text = text.replace(there, here)
    return text


def unbroken(text: str) -> str:
    """A text whose numbers stay beside their % and ×, where a line of a phone ends: "82 %", "3 × 3".

    >>> unbroken("82 % of 7 × 7").split(" ")
    ['82\\xa0%', 'of', '7\\xa0×\\xa07']
    """
    return re.sub(r"(?<=\d) (?=%)|(?<=[\w)]) (?=× [\w(])|(?<=[\w)] ×) (?=[\w(])", "\u00a0", text)
