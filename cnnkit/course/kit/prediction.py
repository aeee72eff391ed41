"""A prediction: a question that is answered before the explorer below it shows what happens.

The truth is computed, never written down: the right option is the one whose value is the truth. That is what a test
holds every prediction to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any, ClassVar, NamedTuple

from cnnkit._arguments import given
from cnnkit.course.kit.exercise_words import same


class Option(NamedTuple):
    """One choice: what it says, the value it stands for, and what someone who chose it should hear."""

    text: str
    value: Any
    reply: str


MARKS = {True: "**✓ Right.** ", False: "**✗ Not so.** ", None: ""}


class Reply(NamedTuple):
    """What a commitment gets: `right` is True, False, or None if that is not said yet; `text` is Markdown."""

    right: bool | None
    text: str

    def marked(self) -> str:
        """The text behind its mark."""
        return f"{MARKS[self.right]}{self.text}"


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A question with three to five options.

    key        "03.a": the notebook and a letter, in the order in which they stand
    question   one concrete question, in Markdown
    options    what can be chosen
    truth      computes the value of the right option, from the package or from a recorded measurement
    reveal     what happens and why, and what the explorer should have shown; Markdown
    spoilers   regular expressions that find the answer in a text: none may match before the commitment
    """

    key: str
    question: str
    options: tuple[Option, ...]
    truth: Callable[[], Any]
    reveal: str
    spoilers: tuple[str, ...]

    waits: ClassVar[bool] = False  # whether an answer is only noted, because something is to be looked at first

    def choices(self) -> tuple[str, ...]:
        """The texts of the options."""
        return tuple(option.text for option in self.options)

    def right(self) -> Option:
        """The option whose value is the truth; a ValueError unless there is exactly one."""
        truth = self.truth()
        found = [option for option in self.options if same(option.value, truth)]
        if len(found) != 1:
            raise ValueError(f"prediction {self.key} has {len(found)} options with the value {truth!r}, not one")
        return found[0]

    def reply(self, answer: str) -> Reply:
        """What someone hears who commits to the option with this text."""
        chosen = next((option for option in self.options if option.text == answer), None)
        if chosen is None:
            raise ValueError(f"answer must be one of {', '.join(map(repr, self.choices()))}, got {given(answer)}")
        right = self.right()
        return Reply(chosen is right, chosen.reply if chosen is right else f"{chosen.reply} {self.happens()}")

    def happens(self) -> str:
        """What happens, in one sentence."""
        return f"What happens: **{self.right().text.removesuffix('.')}**."

    def markdown(self) -> str:
        """The question with its options, for those who only read."""
        return "\n".join([f"**Predict {self.key}** · {self.question}", "", *(f"* {text}" for text in self.choices())])

    def folded(self) -> str:
        """The answer and what happens, closed until it is clicked: what a notebook stores."""
        answer = f"The answer: **{self.right().text}**"
        return _details(f"Answer to {self.key}: commit first, then open", f"{answer}\n\n{self.reveal}")


@dataclass(frozen=True, kw_only=True)
class NumberPrediction(Prediction):
    """A question whose answer is a number in a field.

    `options` are the tempting wrong numbers, with what each of them should hear; their texts are not shown.

    unit       what stands behind the field: "%", "units"
    within     how far off still counts as right, as a share of the truth: 0.1 is 10 %
    far        what someone hears who gave none of the tempting numbers
    """

    options: tuple[Option, ...] = ()
    unit: str = ""
    within: float = 0.1
    far: str

    def choices(self) -> tuple[str, ...]:
        """None: a field for a number stands in their place."""
        return ()

    def right(self) -> Option:
        """The true number, as an option."""
        value = self.truth()
        number = f"{value:,.0f}" if value == round(value) else f"{value:.4g}"
        return Option(f"{number} {self.unit}".strip(), value, "")

    def reply(self, answer: Any) -> Reply:
        """What someone hears who commits to this number."""
        try:
            number = float(answer)
        except (TypeError, ValueError, OverflowError):
            number = float("nan")
        if not isfinite(number):
            raise ValueError(f"answer must be a number, got {given(answer)}")
        right = self.right()
        if abs(number - right.value) <= self.within * abs(right.value):
            return Reply(True, f"It is **{right.text}**.")
        near = min(self.options, key=lambda option: abs(option.value - number), default=None)
        tempting = near is not None and abs(near.value - number) <= self.within * abs(near.value)
        said = near.reply if near is not None and tempting else self.far
        return Reply(False, f"{said} {self.happens()}")

    def markdown(self) -> str:
        """The question and the unit, for those who only read."""
        field = f"____ {self.unit}".strip()
        return f"**Predict {self.key}** · {self.question}\n\n* Your number: {field}"


def _details(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"
