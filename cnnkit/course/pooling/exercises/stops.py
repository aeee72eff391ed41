"""An exercise that says in words why a function stops with an error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cnnkit.course.kit.exercise import FunctionExercise


@dataclass(frozen=True, kw_only=True)
class NamedStops(FunctionExercise):
    """`stops` are pairs: what the message about an error looks like (a regular expression), and the reason for it."""

    stops: tuple[tuple[str, str], ...] = ()

    def judged(self, answer: Any) -> tuple[bool | None, str]:
        """As every exercise, with the reason behind an error that is known."""
        passed, message = super().judged(answer)
        if passed is False and "function stops with" in message:
            reasons = [reason for pattern, reason in self.stops if re.search(pattern, message)]
            message = " ".join([message, *reasons[:1]])
        return passed, message
