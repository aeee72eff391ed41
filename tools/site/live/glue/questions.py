"""Predictions, votes and exercises of a page."""

from __future__ import annotations

from typing import Any

from . import running

Answer = tuple[dict[str, Any], bytes]


async def reply(kind: str, key: str, answer: Any = None) -> Answer:
    """What a commitment gets; without an answer: what happens. Markdown becomes HTML."""
    from cnnkit.course.kit.markup import html
    from cnnkit.course.predictions import prediction, voted

    asked = voted(key) if kind == "vote" else prediction(key)
    if answer is None:
        text, right = f"What happens: **{asked.right().text}**.", None
    else:
        try:
            said = asked.reply(answer)
        except ValueError:
            return {"refused": True}, b""
        text, right = f"**{'✓ Right.' if said.right else '✗ Not so.'}** {said.text}", said.right
    return {"right": right, "html": html(f"{text}\n\n{asked.reveal}")}, b""


async def check(page: str, key: str, code: str, setup: str = "") -> Answer:
    """Run what a learner wrote, and try it; an error of the code itself is told with its line."""
    from cnnkit.course import exercises
    from cnnkit.course.kit.markup import html

    names = running.names_of(page, setup)
    printed, failed = running.execute(code, names, f"<exercise {key}>", last=False)[:2]
    if failed:
        return {"passed": None, "html": "", "printed": printed, "error": failed}, b""
    exercise = exercises.exercise(key)
    if exercise.name not in names:
        missing = f"Your code does not define `{exercise.name}`. The exercise needs this name."
        return {"passed": None, "html": html(missing), "printed": printed}, b""
    verdict = exercises.check(key, names[exercise.name])
    text = verdict._repr_markdown_().replace("run this cell again", "press *Check* again")  # a page has that button
    return {"passed": verdict.passed, "html": html(text), "printed": printed}, b""
