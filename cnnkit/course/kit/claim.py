"""A claim: what is said, the verdict that measuring it gave, and the way from its lab to its test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from cnnkit.course import LABS, TOPICS
from cnnkit.course.kit import score

HOLDS, IF, FALSE, UNSUPPORTED, NAMING, SHOWN, OPEN = VERDICTS = (
    "holds",  # true as said
    "holds, if",  # true under a condition that is usually left out
    "false as said",  # and `because` says what is true instead
    "unsupported",  # measuring shows neither this nor its opposite
    "naming",  # two names, or two meanings of one name
    "shown here",  # not said by the texts, but needed
    "not measured yet",
)


class Claim(NamedTuple):
    """One claim in a learner's words, its verdict with the reason in one sentence, and where the evidence lies.

    `record` names the parts of the topic's recorded.json that the test reads: "deaths silenced". A part of another
    file stands behind that file's name: "mnist/race" is the part `race` of recorded_mnist.json. Without a record the
    test computes all of it. The topic is the folder that the claim lies in. `heard` is where it is said, in Markdown:
    manuals, courses, papers, each with its address.
    """

    id: str
    said: str
    verdict: str = OPEN
    because: str = ""
    record: str = ""
    topic: str = ""
    heard: str = ""

    @property
    def notebook(self) -> str:
        """The number of the notebook that measures it."""
        return TOPICS[self.topic][:2]

    @property
    def cell(self) -> str:
        """Where it is measured: the lab's file and the heading of the cell."""
        return f"{LABS[self.topic]}.ipynb#Claim-{self.id}"

    @property
    def records(self) -> dict[str, list[str]]:
        """The recorded files that its test reads, and which parts of each."""
        files: dict[str, list[str]] = {}
        for name in self.record.split():
            *other, part = name.split("/")
            file = "_".join(["recorded", *other])
            files.setdefault(f"cnnkit/course/{self.topic}/{file}.json", []).append(part)
        return files

    @property
    def test(self) -> str:
        """What fails when the verdict no longer holds."""
        return f"tests/course/{self.topic}/test_claims.py::test_{self.id}"

    @property
    def path(self) -> str:
        """From the notebook's cell over the record to the test."""
        records = [f"{file}: {', '.join(parts)}" for file, parts in self.records.items()]
        return " → ".join([f"notebooks/{self.cell}", *records, self.test])


class Table:
    """Claims, shown as a Markdown table in a notebook, and elsewhere as lines of text with the path of each."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.claims = tuple(claims)

    @property
    def counts(self) -> str:
        """How many claims got which verdict."""
        count = Counter(claim.verdict for claim in self.claims)
        return f"{len(self.claims)} claims: " + " · ".join(f"{count[v]} “{v}”" for v in VERDICTS if count[v])

    @property
    def measured(self) -> list[Claim]:
        """Those with a verdict."""
        return [claim for claim in self.claims if claim.verdict != OPEN]

    @property
    def waiting(self) -> str:
        """Those without one, by notebook, in one line; "" if there are none."""
        by_notebook: dict[str, list[str]] = {}
        for claim in self.claims:
            if claim.verdict == OPEN:
                by_notebook.setdefault(claim.notebook, []).append(claim.id)
        parts = [f"{_span(ids)} (notebook {notebook})" for notebook, ids in by_notebook.items()]
        return f"Not measured yet: {', '.join(parts)}." if parts else ""

    def __repr__(self) -> str:
        lines = [f"{c.id:<3}  {c.verdict:<16}  {c.said}\n{'':23}{c.because}\n{'':23}{c.path}" for c in self.measured]
        return "\n".join([*lines, *filter(None, [self.waiting]), self.counts])

    def _repr_markdown_(self) -> str:
        voted = score.seen(c.id for c in self.claims)
        head = ["| claim | what is said | verdict | because |", "|:--|:--|:--|:--|"]
        if voted:
            head = ["| claim | what is said | your vote | verdict | because |", "|:--|:--|:--|:--|:--|"]
        rows = []
        for c in self.measured:
            vote = f" {score.said(c.id) or '–'} |" if voted else ""
            place = c.cell.removeprefix("labs/")  # tables stand in labs, beside each other
            rows.append(f"| [{c.id}]({place}) | {c.said} |{vote} **{c.verdict}** | {c.because} |")
        below = "\n\n".join(filter(None, [self.waiting, self.counts]))
        return "\n".join([*head, *rows, "", below])


def _span(ids: list[str]) -> str:
    """A1–A13 for a whole row of ids, else each of them."""
    numbers = [int(key[1:]) for key in ids]
    whole = len(ids) > 2 and numbers == list(range(numbers[0], numbers[0] + len(ids)))
    return f"{ids[0]}–{ids[-1]}" if whole else ", ".join(ids)
