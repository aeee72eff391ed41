"""What learners are told about these layers, and what measuring it says.

`table("05")` shows the claims of one notebook, `table()` all of them. In a notebook each verdict links to the cell that
it comes from; `print(table("05"))` gives the whole path of each: the cell, the record that is read, and the test. The
claims lie with their topics, in `cnnkit/course/<topic>/claims.py`.
"""

from __future__ import annotations

from importlib import import_module

from cnnkit._arguments import given
from cnnkit.course import LABS, TOPICS
from cnnkit.course.kit.claim import Claim, Table

__all__ = ["CLAIMS", "NOTEBOOKS", "Claim", "Table", "table"]

NOTEBOOKS = {TOPICS[topic][:2]: lab for topic, lab in LABS.items()}  # the labs: they measure claims

CLAIMS: dict[str, Claim] = {
    claim.id: claim._replace(topic=topic)
    for topic in LABS
    for claim in import_module(f"cnnkit.course.{topic}.claims").CLAIMS
}


def table(notebook: str | None = None) -> Table:
    """The claims of one notebook ("05"), or all of them.

    >>> table("06").counts
    '6 claims: 2 “holds” · 3 “holds, if” · 1 “false as said”'
    """
    if notebook is not None and notebook not in NOTEBOOKS:
        raise ValueError(f"there is no notebook {given(notebook)} with claims; there are {', '.join(NOTEBOOKS)}")
    return Table(claim for claim in CLAIMS.values() if notebook in (None, claim.notebook))
