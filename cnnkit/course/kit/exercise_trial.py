"""Calling a learner's function once, on a copy of its input, whatever it does."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import redirect_stdout
from copy import deepcopy
from io import StringIO
from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter

from cnnkit.course.kit.exercise_words import same


class Outcome(NamedTuple):
    """What a function made of one case."""

    args: tuple
    got: Any = None
    error: str = ""
    printed: bool = False
    changed: tuple[int, ...] = ()  # the positions of the arguments that are not what they were

    @property
    def empty(self) -> bool:
        """Whether nothing came back, not even a complaint: the stub."""
        return (self.got is None or self.got is ...) and not self.error and not self.printed


def attempt(function: Callable, args: tuple) -> Outcome:
    """Call `function` on a copy of `args`; what it prints is swallowed, what it raises becomes one line."""
    given, printed = deepcopy(args), StringIO()
    try:
        with redirect_stdout(printed), catch_warnings():
            simplefilter("ignore")
            got = function(*given)
    except NotImplementedError:
        return Outcome(args)  # what a stub does
    except (Exception, SystemExit) as error:  # exit() would end the notebook's kernel
        return Outcome(args, error=_in_one_line(error))
    changed = tuple(i for i, (a, b) in enumerate(zip(given, args, strict=True)) if not same(a, b))
    return Outcome(args, got, printed=bool(printed.getvalue()), changed=changed)


def _in_one_line(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # an error of the learner's own, whose text fails in turn
        text = ""
    line = re.sub(r" at 0x[0-9a-fA-F]+", "", f"{type(error).__name__}: {text}".splitlines()[0])
    return line.replace("`", "'")[:160].strip()
