"""Work that takes long, done piece by piece, so that whoever waits for it can do something else, or stop."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Stepwise(Generic[P, R]):
    """A function that is written as a generator: it yields after each piece of work, and returns what comes of it.

        @stepwise(maxsize=8)
        def add_up(n):
            total = 0
            for i in range(n):
                total += i
                yield
            return total

        add_up(4)                           # 6: all of it at once
        total = yield from add_up.steps(4)  # in another generator, piece by piece

    The last `maxsize` results are kept: asked for again they come at once. Before any work there is one yield.
    """

    def __init__(self, work: Callable[P, Generator[Any, None, R]], maxsize: int) -> None:
        self._work, self._most = work, maxsize
        self._known: OrderedDict[Hashable, R] = OrderedDict()
        wraps(work)(self)

    def __call__(self, *args: P.args, **options: P.kwargs) -> R:
        return whole(self.steps(*args, **options))

    def steps(self, *args: P.args, **options: P.kwargs) -> Generator[None, None, R]:
        """The work, piece by piece; the generator's value is the result."""
        key = args, tuple(sorted(options.items()))
        if key not in self._known:
            yield
            work = self._work(*args, **options)
            while True:
                try:
                    next(work)
                except StopIteration as end:
                    self._known[key] = end.value
                    break
                yield
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def cache_clear(self) -> None:
        """Forget all results."""
        self._known.clear()


def stepwise(*, maxsize: int) -> Callable[[Callable[P, Generator[Any, None, R]]], Stepwise[P, R]]:
    """Make a generator function a `Stepwise`."""
    return lambda work: Stepwise(work, maxsize)


def whole(steps: Generator[Any, None, R]) -> R:
    """Do all of the work, and return what comes of it.

    >>> def three():
    ...     yield
    ...     return 3
    >>> whole(three())
    3
    """
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
