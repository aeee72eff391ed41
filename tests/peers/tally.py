"""What became of the cases of one suite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


class NotExpressible(Exception):
    """The case asks for something that cnnkit has no word for, or means otherwise; says why."""


@dataclass
class Tally:
    """How many cases of a suite passed, which failed, and why others could not be expressed, each by its operator."""

    suite: str
    passed: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    not_expressible: Counter[tuple[str, str]] = field(default_factory=Counter)

    def attempt(self, operator: str, label: str, case: Callable[[], None]) -> None:
        """Run a case that raises if something is wrong. Whatever is raised is a failure: the harness has no excuse."""
        try:
            case()
        except NotExpressible as reason:
            self.not_expressible[operator, str(reason)] += 1
        except Exception as error:
            self.failed.append(f"{operator}, {label}: {type(error).__name__}: {' '.join(str(error).split())[:300]}")
        else:
            self.passed[operator] += 1

    @property
    def row(self) -> str:
        passed, missing = self.passed.total(), self.not_expressible.total()
        tried = passed + len(self.failed)
        return f"| {self.suite} | {tried + missing:,} | {passed:,} | {len(self.failed):,} | {missing:,} |"

    def report(self) -> str:
        """The reasons, most frequent first, then the failures."""
        reasons = [f"  {n:5}  {operator}: {reason}" for (operator, reason), n in self.not_expressible.most_common()]
        failures = [f"  FAIL   {failure}" for failure in self.failed]
        return "\n".join([f"{self.suite}: not expressible or failed", *reasons, *failures])


def table(tallies: Iterable[Tally]) -> str:
    """What the README shows."""
    head = ["| suite | tried | pass | fail | not expressible |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(tally.row for tally in tallies)])
