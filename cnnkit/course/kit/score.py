"""What was done in this kernel: predictions, votes and exercises. Nothing is written to disk, nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

KINDS = {"prediction": "predictions", "vote": "votes", "exercise": "exercises"}


class Done(NamedTuple):
    """How one of them stands: `right` is True, False, or None as long as nothing was committed, and for a vote."""

    kind: str
    right: bool | None = None
    said: str = ""


_DONE: dict[str, Done] = {}


def met(kind: str, key: str) -> None:
    """Remember that this was shown; what was committed before stays."""
    _DONE.setdefault(key, Done(kind))


def committed(kind: str, key: str, right: bool | None, said: str = "") -> None:
    """Remember a commitment. Of predictions the first one counts, of votes the last; what is solved stays solved."""
    before = _DONE.get(key)
    if before is None or before.right is None or (kind == "exercise" and not before.right):
        _DONE[key] = Done(kind, right, said)


def said(key: str) -> str:
    """What was committed to; "" if nothing was."""
    return _DONE[key].said if key in _DONE else ""


def seen(keys: Iterable[str]) -> bool:
    """Whether any of these keys was shown in this kernel."""
    return any(key in _DONE for key in keys)


def forget() -> None:
    """Begin anew."""
    _DONE.clear()


class Score:
    """How many of each kind were met, committed, and right; of votes only how many were cast."""

    def __init__(self) -> None:
        self.done = dict(_DONE)

    def lines(self) -> list[str]:
        """One sentence a kind."""
        found = []
        for kind, name in KINDS.items():
            entries = [entry for entry in self.done.values() if entry.kind == kind]
            states = [entry.right for entry in entries]
            if entries and kind == "vote":
                found.append(f"{sum(bool(entry.said) for entry in entries)} of {len(entries)} votes cast.")
            elif entries:
                right, open_ = states.count(True), states.count(None)
                rest = f"{states.count(False)} wrong, {open_} open" if open_ else f"{states.count(False)} wrong"
                found.append(f"{right} of {len(states)} {name} right; {rest}.")
        return found or ["Nothing was predicted, voted on or solved in this kernel yet."]

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_markdown_(self) -> str:
        return "\n".join(f"* {line}" for line in self.lines())


def score() -> Score:
    """How you did in this notebook: predictions, votes and exercises, as long as the kernel runs."""
    return Score()
