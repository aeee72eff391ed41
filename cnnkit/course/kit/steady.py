"""Drawing that no setting of the learner's changes, and that changes none of theirs.

A style of matplotlib's, a matplotlibrc, `np.seterr`: a picture looks the same and is drawn without an error whatever
they are, and they are what they were when it is there. Charts are kept and used again, so one thread draws at a time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from threading import RLock
from typing import Any

import numpy as np

DRAWING = RLock()
NUMPYS_OWN: dict[str, Any] = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}


@contextmanager
def steady() -> Iterator[None]:
    """Draw with NumPy's and matplotlib's own settings, and alone: around a block, or `@steady()` on a function."""
    with DRAWING, np.errstate(**NUMPYS_OWN), _plain_style():
        yield


def _plain_style() -> Any:
    """matplotlib's own style, where it is loaded and another is set."""
    library = sys.modules.get("matplotlib")
    if library is None:
        return nullcontext()
    own = _own_style()
    changed = {name: own[name] for name, value in dict.items(library.rcParams) if value != own.get(name, value)}
    return library.rc_context(changed) if changed else nullcontext()


@cache
def _own_style() -> dict[str, Any]:
    """All settings but the backend, which draws windows: no picture here depends on it."""
    own = dict.items(sys.modules["matplotlib"].rcParamsDefault)
    return {name: value for name, value in own if name != "backend"}
