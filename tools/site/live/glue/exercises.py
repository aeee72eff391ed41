"""Exercises of a page."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from . import running

Answer = tuple[dict[str, Any], bytes]
TRIED: dict[tuple[str, str], Any] = {}  # the last answer to an exercise of a page, which cells of the page see


async def check(page: str, key: str, code: str, setup: str = "") -> Answer:
    """Run what a learner wrote, and try it; an error of the code itself is told with its line.

    Only what stands in the field is judged: it sees the page's names, but the exercise's own is not among them, and
    what an earlier try made beside it was never there. Cells can use an answer by its name.
    """
    from cnnkit.course import exercises
    from cnnkit.course.kit.markup import html

    exercise, shared = exercises.exercise(key), running.names_of(page, setup)
    names = {name: value for name, value in shared.items() if name != exercise.name}
    printed, failed = running.execute(code, names, f"<exercise {key}>", last=False)[:2]
    if failed:
        return {"passed": None, "html": "", "printed": printed, "error": failed}, b""
    if exercise.name not in names:
        return {"passed": None, "html": html(_missing(exercise)), "printed": printed}, b""
    before = TRIED.get((page, key))
    if shared.get(exercise.name, before) is before:  # a cell that calls something else so keeps it
        shared[exercise.name] = TRIED[page, key] = names[exercise.name]
    while_tried = StringIO()
    with redirect_stdout(while_tried):  # a network's training tells its epochs
        verdict = exercises.check(key, names[exercise.name])
    told = "".join(part if part.endswith("\n") else f"{part}\n" for part in (printed, verdict.printed) if part)
    told += while_tried.getvalue()[: running.MOST_TEXT]
    said = verdict.markdown().replace("run this cell again", "press *Check* again")  # a page has that button
    return {"passed": verdict.passed, "html": html(said), "printed": told}, b""


def _missing(exercise: Any) -> str:
    """What to say to code without the name that is looked for."""
    name = exercise.name
    form = f"def {name}({', '.join(exercise.names())}):" if hasattr(exercise, "names") else f"{name} ="
    return f"There is no `{name}` in your code. Your answer begins with `{form}`."
