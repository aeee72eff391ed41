"""How an answer is tried, and how a wrong one gets its name.

A function is called on many cases and compared with the reference. If it is wrong, every known mistake is called on
the same cases: the one that gives what the learner's function gives is what went wrong. A value goes to a `judge`.
Nothing that a learner hands in leads to a traceback.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from textwrap import dedent
from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter

import numpy as np

from cnnkit._arguments import is_int
from cnnkit.course.kit.exercise_trial import HEARD, Outcome, TooLong, at_most, attempt, first_lines
from cnnkit.course.kit.exercise_words import (
    TOO_LARGE,
    apart,
    array,
    asked,
    called,
    enormous,
    plain,
    same,
    show,
    too_large,
    wrong_form,
)
from cnnkit.course.kit.steady import NUMPYS_OWN

SHOWN = 12  # numbers of an array that a message shows
MARKS = {True: "✓ right", False: "✗ not yet", None: "… not attempted yet"}
NEARLY = 0.9  # of the results that are wrong here or with a known mistake, the share that must agree to suspect it


@dataclass(frozen=True)
class Verdict:
    """What `check` says about an answer: `passed` is True, False, or None when there is no answer yet.

    `printed` is what the learner's function printed while it was tried: its first lines.
    """

    key: str
    title: str
    passed: bool | None
    message: str
    printed: str = ""

    def __repr__(self) -> str:
        said = f"{MARKS[self.passed]}: {self.key} {self.title}. {self.message}"
        return f"{said}\nPrinted:\n{self.printed}" if self.printed else said

    def markdown(self) -> str:
        """The verdict alone."""
        return f"**{MARKS[self.passed]}: {self.key} {self.title}.** {self.message}"

    def _repr_markdown_(self) -> str:
        return f"{self.markdown()}\n\nPrinted:\n\n~~~text\n{self.printed}\n~~~" if self.printed else self.markdown()


class Mistake(NamedTuple):
    """A wrong answer that learners give, and what each of them should hear."""

    answer: Any
    diagnosis: str


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise. `name` is what the learner's function or value is called in the stub."""

    key: str
    title: str
    name: str
    question: str
    stub: str
    hints: tuple[str, ...]
    solution: Any
    praise: str
    mistakes: tuple[Mistake, ...]
    seconds: float = 5  # that an answer may take in all

    def check(self, answer: Any) -> Verdict:
        """Try the answer. How NumPy and Python warn outside has no influence on the verdict."""
        HEARD.clear()
        with np.errstate(**NUMPYS_OWN), catch_warnings():
            simplefilter("ignore")
            try:
                passed, message = (None, self.todo()) if answer is None or answer is ... else self.judged(answer)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # an object of the learner's own that fails when it is asked what it is
                passed, message = False, f"Your answer cannot be read: it stops with `{type(error).__name__}`."
        return Verdict(self.key, self.title, passed, message, first_lines())

    def judged(self, answer: Any) -> tuple[bool | None, str]:
        """Whether the answer passes, and what to say about it."""
        raise NotImplementedError

    def too_long(self, case: str = "") -> str:
        """What to say when the time is up."""
        return f"Your function was stopped after {self.seconds:g} seconds{case}. Does every loop come to an end?"

    def todo(self) -> str:
        """What to do when there is no answer yet."""
        return f"Replace the `...` in `{self.name} = ...` and run this cell again."

    def source(self) -> str:
        """The reference solution as a learner would write it."""
        return f"{self.name} = {self.solution!r}"

    def folded(self) -> str:
        """Hints and solution as Markdown, each one closed until it is clicked."""
        hints = [_details(f"Hint {i}", text) for i, text in enumerate(self.hints, 1)]
        return "\n\n".join([*hints, _details("Solution", f"```python\n{self.source()}\n```")])

    def cells(self) -> tuple[str, str, str]:
        """Its three cells in the notebook: the question, the stub with its check, and what is folded."""
        question = f"### Exercise {self.key} · {self.title}\n\n{self.question}"
        return question, f'{self.stub}\n\ncheck("{self.key}", {self.name})', self.folded()


def _finite(got: Any) -> bool:
    """Whether a result is neither inf nor nan anywhere."""
    numbers = array(got)
    return numbers is None or bool(np.isfinite(numbers).all())


def _details(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


@dataclass(frozen=True, kw_only=True)
class ValueExercise(Exercise):
    """Asks for a number or a list. `judge(answer)` returns the diagnosis, or "" when the answer is right.

    Whatever form an answer has, the judge gets Python's own numbers and lists.
    """

    judge: Callable[[Any], str]

    def judged(self, answer: Any) -> tuple[bool | None, str]:
        if callable(answer):
            return False, f"A value is asked for, and this is {called(answer)}: `check({self.key!r}, {self.name})`."
        if too_large(answer):
            return False, f"{TOO_LARGE.capitalize()} is not looked at. Is it the one you mean?"
        if enormous(answer):
            return False, "There is a number of more than 300 digits in your answer. It is far smaller."
        forms = [plain(answer)]
        if isinstance(forms[0], list) and len(forms[0]) == 1 and not isinstance(answer, (list, tuple)):
            forms.append(forms[0][0])  # an array of one is a number
        diagnoses = [self.judge(form) for form in forms]
        return (False, diagnoses[-1]) if all(diagnoses) else (True, self.praise)


@dataclass(frozen=True, kw_only=True)
class FunctionExercise(Exercise):
    """Asks for a function, which is called by position on every tuple that `cases` gives.

    `neutral` says at which value an argument has no influence (stride 1, padding 0): an answer that is right as long
    as some arguments are neutral hears which ones to look at. `stops` are pairs for errors that the function stops
    with: a regular expression that finds what is said of the error and its case, and the reason for it.
    """

    cases: Callable[[], Iterable[tuple]]
    neutral: Mapping[str, Any] = field(default_factory=dict)
    stops: tuple[tuple[str, str], ...] = ()

    def todo(self) -> str:
        return f"Nothing comes back from `{self.name}` so far. Write it; if it is written, is there a `return`?"

    def source(self) -> str:
        return dedent(inspect.getsource(self.solution)).rstrip()

    def judged(self, answer: Any) -> tuple[bool | None, str]:
        problem = self._cannot_call(answer)
        if problem:
            return False, problem
        mine: list[Outcome] = []
        try:
            with at_most(self.seconds):
                for args in self._cases:
                    mine.append(attempt(answer, args))
        except TooLong:
            return False, self.too_long(f", for {self._case(self._cases[len(mine)])}")
        if all(o.empty for o in mine):
            return None, self.todo()
        problem = self._misbehaves(mine)
        if problem:
            return False, problem
        expected = self._expected
        wrong = [i for i, o in enumerate(mine) if wrong_form(o.got, expected[i]) or not same(o.got, expected[i])]
        if not wrong:
            return True, f"All {len(mine)} cases agree. {self.praise}"
        return False, f"{self._diagnosis(mine, wrong)} {self._example(mine, wrong)}".strip()

    @cached_property
    def _cases(self) -> list[tuple]:
        return sorted(self.cases(), key=self._size)

    @cached_property
    def _expected(self) -> list[Any]:
        return [attempt(self.solution, args).got for args in self._cases]

    @cached_property
    def _theirs(self) -> list[list[Any]]:
        """What each known mistake makes of the cases."""
        return [[attempt(mistake.answer, args).got for args in self._cases] for mistake in self.mistakes]

    def names(self) -> list[str]:
        """The names of the arguments."""
        return list(inspect.signature(self.solution).parameters)

    def _cannot_call(self, answer: Any) -> str:
        wanted = f"`{self.name}({', '.join(self.names())})`"
        if not callable(answer):
            return f"The function itself is asked for, `check({self.key!r}, {self.name})`; this is {called(answer)}."
        try:
            signature = inspect.signature(answer)
        except Exception:  # some built-in functions have none
            return ""
        theirs = list(signature.parameters)
        if sorted(theirs) == sorted(self.names()) and theirs != self.names():
            return f"The arguments are in another order: {wanted} is asked for, yours is `({', '.join(theirs)})`."
        try:
            signature.bind(*self.names())
        except TypeError:
            return f"The arguments do not fit: {wanted} is asked for, yours takes `({', '.join(theirs)})`."
        return ""

    def _misbehaves(self, mine: list[Outcome]) -> str:
        for o, expected in zip(mine, self._expected, strict=True):
            if o.error:
                said = f"Your function stops with `{o.error}` for {self._case(o.args)}."
                return next((f"{said} {reason}" for pattern, reason in self.stops if re.search(pattern, said)), said)
            if o.changed:
                name = self.names()[o.changed[0]]
                return (
                    f"Your function changes its input `{name}`, and whoever called it still needs that: write the "
                    f"result into a new array. It happens for {self._case(o.args)}."
                )
            if o.got is None and o.printed and expected is not None:
                return "Your function prints and returns nothing. `check` needs the result: `return` it."
        return ""

    def _diagnosis(self, mine: list[Outcome], wrong: list[int]) -> str:
        if all(same(mine[i].got, self._expected[i]) for i in wrong):
            return wrong_form(mine[wrong[0]].got, self._expected[wrong[0]])
        suspect, share = None, 0.0
        told = [
            i for i in range(len(mine)) if i not in wrong or _finite(mine[i].got)
        ]  # x/0 tells no mistake from another
        for mistake, theirs in zip(self.mistakes, self._theirs, strict=True):
            alike = [same(mine[i].got, theirs[i]) for i in range(len(mine))]
            if all(alike) or (len(told) > len(mine) / 2 and set(wrong) & set(told) and all(alike[i] for i in told)):
                return mistake.diagnosis
            either = [i for i in told if i in wrong or not same(theirs[i], self._expected[i])]
            explained = sum(alike[i] for i in either) / max(len(either), 1)
            if explained > share:
                suspect, share = mistake, explained
        if suspect and share >= NEARLY:
            return f"Most of your wrong results are those of this mistake. {suspect.diagnosis}"
        got, none_is_allowed = mine[wrong[0]].got, any(e is None for e in self._expected)
        form = "" if got is None and none_is_allowed else wrong_form(got, self._expected[wrong[0]])
        return form or self._where(mine, set(wrong))

    def _where(self, mine: list[Outcome], wrong: set[int]) -> str:
        """Which arguments are to blame: the fewest that, once neutral, leave no wrong result."""
        for count in range(1, len(self.neutral) + 1):
            for chosen in combinations(self.neutral, count):
                positions = {self.names().index(name): self.neutral[name] for name in chosen}
                plain = [i for i, o in enumerate(mine) if all(o.args[at] == v for at, v in positions.items())]
                if len(plain) > 2 and not wrong & set(plain):
                    settings = asked(f"{name}={self.neutral[name]}" for name in chosen)
                    return f"Right in every case with {settings}, so look at what {asked(chosen)} should do."
        return ""

    def _example(self, mine: list[Outcome], wrong: list[int]) -> str:
        """The first small case of which both results can be read and look different; else the place of a difference."""
        right = len(mine) - len(wrong)
        i = next((i for i in wrong if self._readable(mine[i], self._expected[i])), wrong[0])
        first, expected = mine[i], self._expected[i]
        if same(first.got, expected):  # only the type is wrong, and that is said
            return ""
        return f"For {self._case(first.args)} {apart(first.got, expected)}. ({right} of {len(mine)} cases are right.)"

    def _readable(self, mine: Outcome, expected: Any) -> bool:
        """Whether a case can be shown in full, and shows a difference."""
        sizes = [
            np.size(numbers) for value in (*mine.args, mine.got, expected) if (numbers := array(value)) is not None
        ]
        return max(sizes, default=0) <= SHOWN and show(mine.got) != show(expected)

    def _size(self, args: tuple) -> tuple[int, int, int]:
        """Plain and small cases first: they are the ones to show."""
        unusual = sum(self.neutral.get(n, a) != a for n, a in zip(self.names(), args, strict=True) if is_int(a))
        return unusual, sum(np.size(a) for a in args), sum(abs(a) for a in args if is_int(a))

    def _case(self, args: tuple) -> str:
        return ", ".join(f"`{name}={show(value, ticks=False)}`" for name, value in zip(self.names(), args, strict=True))
