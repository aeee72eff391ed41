"""Calling a learner's function, on a copy of its input, whatever it does, and no longer than it may take."""

from __future__ import annotations

import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from copy import deepcopy
from inspect import iscoroutine
from io import StringIO
from time import perf_counter
from typing import Any, NamedTuple
from warnings import catch_warnings, simplefilter

from cnnkit.course.kit.exercise_words import TOO_LARGE, same, too_large


class Outcome(NamedTuple):
    """What a function made of one case."""

    args: tuple
    got: Any = None
    error: str = ""
    printed: str = ""
    changed: tuple[int, ...] = ()  # the positions of the arguments that are not what they were

    @property
    def empty(self) -> bool:
        """Whether nothing came back, not even a complaint: the stub."""
        return (self.got is None or self.got is ...) and not self.error and not self.printed


class Printed(StringIO):
    """Where an answer prints to; if it closes that, what it has printed is still known."""

    def close(self) -> None:
        pass


LINES, LONGEST = 10, 200  # of what answers print, the lines that are shown, and the characters of each
HEARD: list[str] = []  # the first lines that answers have printed since it was last cleared, and one more


def first_lines() -> str:
    """What answers have printed, as far as it is shown."""
    return "\n".join([line[:LONGEST] for line in HEARD[:LINES]] + ["…"] * (len(HEARD) > LINES))


class TooLong(BaseException):
    """The time is up. No `except Exception` of a learner catches it."""


AGAIN = 0.05  # seconds after which the signal comes once more, if an `except:` has caught it


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TooLong inside when it takes longer.

    By a signal where there are signals, in the main thread: that is JupyterLab and Colab. Elsewhere (a thread, Windows,
    Python in the browser) each line that runs looks at the clock.
    """

    ticks, caught = 0, False

    def stop(_: int, frame: Any) -> None:
        nonlocal ticks
        ticks += 1
        if ticks > 1:  # an `except:` has caught it: raise it in there, where the same `except:` cannot
            sys.settrace(in_the_handler)
            while frame is not None and frame.f_code is not attempt.__code__:
                frame.f_trace, frame = in_the_handler, frame.f_back
        raise TooLong

    def in_the_handler(frame: Any, event: str, argument: Any) -> Any:
        nonlocal caught
        if caught and event == "line":
            caught = False
            raise TooLong
        caught = event == "exception"
        return in_the_handler

    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        before, tracer = signal.signal(signal.SIGALRM, stop), sys.gettrace()

        def stop_the_clock() -> None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            sys.settrace(tracer)

        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
        try:
            yield
        finally:
            try:
                stop_the_clock()
            except TooLong:  # where much else runs, the signal can come once more just now
                stop_the_clock()
        return

    end, tracer = perf_counter() + seconds, sys.gettrace()

    def look(frame: Any, event: str, argument: Any) -> Any:
        if perf_counter() > end:
            raise TooLong
        return look

    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(tracer)


def attempt(function: Callable, args: tuple) -> Outcome:
    """Call `function` on a copy of `args`; what it prints goes to HEARD, what it raises becomes one line."""
    given, printed = deepcopy(args), Printed()
    try:
        with redirect_stdout(printed), catch_warnings():
            simplefilter("ignore")
            got = function(*given)
    except NotImplementedError:
        return Outcome(args)  # what a stub does
    except (KeyboardInterrupt, TooLong):  # meant for whoever waits for the answer
        raise
    except BaseException as error:  # exit() would end the notebook's kernel
        return Outcome(args, error=_in_one_line(error))
    finally:
        HEARD.extend(printed.getvalue().splitlines()[: LINES + 1 - len(HEARD)])
    if iscoroutine(got):
        got.close()  # nobody will await it
    if too_large(got):
        return Outcome(args, error=TOO_LARGE)
    changed = tuple(i for i, (a, b) in enumerate(zip(given, args, strict=True)) if not same(a, b))
    return Outcome(args, got, printed=printed.getvalue(), changed=changed)


def _in_one_line(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # an error of the learner's own, whose text fails in turn
        text = ""
    line = re.sub(r" at 0x[0-9a-fA-F]+", "", f"{type(error).__name__}: {text}".splitlines()[0])
    return line.replace("`", "'")[:160].strip()
