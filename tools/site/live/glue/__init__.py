"""The course's Python behind a page: questions come in as JSON, answers go out as JSON and the pixels of a picture.

    reply, pixels = await ask("open", '{"key": "x1", "module": "cnnkit.course.start.explorers", "name": "Row"}')

It runs in the browser, in a worker, and in a plain Python for tests; only the course and the standard library are
imported. What takes long is never pushed: the page asks "look" until nothing is under way. Where a package is missing
that can be had, the answer is {"needs": [its name]}: whoever asked brings it, and asks again.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import exercises, explorers, pasted, running
from .asked import Asked
from .needs import LOADABLE, Needs
from .outputs import display

COMMANDS: dict[str, Callable[..., Any]] = {
    "open": explorers.open_explorer, "move": explorers.move, "send": explorers.send, "act": explorers.act,
    "play": explorers.play, "look": explorers.look, "check": exercises.check, "run": running.run,
    "reset": running.reset, "code": pasted.read_code, "message": pasted.explain_message,
}  # fmt: skip


async def ask(command: str, question: str) -> tuple[str, bytes]:
    """Answer a question of the page: JSON, and the pixels of a picture (see `explorers.raw`) or b""."""
    try:
        reply, pixels = await COMMANDS[command](**json.loads(question))
    except Needs as need:
        reply, pixels = {"needs": need.packages}, b""
    except Exception as error:
        missing = (getattr(error, "name", None) or "").partition(".")[0] if isinstance(error, ImportError) else ""
        reply, pixels = (
            ({"needs": [missing]} if missing in LOADABLE else {"error": f"{type(error).__name__}: {error}"}),
            b"",
        )
    return json.dumps(reply), pixels


def begin() -> None:
    """Make this Python that of a page: questions and displays of the course go there, not to widgets."""
    if sys.platform == "emscripten":
        os.environ["MPLBACKEND"] = "agg"  # a worker has no window for pyplot
    shows = ModuleType("IPython.display")
    shows.display = display  # type: ignore[attr-defined]
    sys.modules["IPython.display"] = shows
    predictions = importlib.import_module("cnnkit.course.predictions")
    predictions.predict = lambda key: Asked("prediction", key)  # type: ignore[attr-defined]
    predictions.vote = lambda claim: Asked("vote", claim)  # type: ignore[attr-defined]
