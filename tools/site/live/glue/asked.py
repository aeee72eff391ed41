"""Predictions and votes of a page: all that it needs to ask one, and to reply to every answer by itself."""

from __future__ import annotations

from typing import Any

FAR = 1e300  # no tempting number is near it
NEXT = "Now open the measurement, then the verdict."  # after a vote


class Asked:
    """A prediction or a vote that a cell asks: the page shows it."""

    def __init__(self, kind: str, key: str) -> None:
        from cnnkit.course.predictions import prediction, voted

        self.spec = asked_spec(kind, voted(key) if kind == "vote" else prediction(key))


def asked_spec(kind: str, asked: Any) -> dict[str, Any]:
    """A question with its replies, so that a commitment waits for nothing: not for Python, either."""
    from cnnkit.course.kit.markup import html

    told: dict[str, Any] = {
        "kind": kind, "key": asked.key, "question": html(asked.markdown().partition("\n\n* ")[0]),
        "choices": list(asked.choices()), "unit": getattr(asked, "unit", ""),
        "replies": [_reply(asked, text) for text in asked.choices()],
    }  # fmt: skip
    if not told["choices"]:
        told["number"] = _number(asked)
    if not asked.waits:
        told["anyway"] = html(f"{asked.happens()}\n\n{asked.reveal}")
    return told


def _number(asked: Any) -> dict[str, Any]:
    """What is said to a number: to a right one, to a known mistake, and to any other."""
    truth = float(asked.right().value)
    return {
        "truth": truth, "within": asked.within, "right": _reply(asked, truth), "far": _reply(asked, FAR),
        "near": [{"value": float(value), **_reply(asked, value)} for _, value, _ in asked.options],
    }  # fmt: skip


def _reply(asked: Any, answer: Any) -> dict[str, Any]:
    from cnnkit.course.kit.markup import html

    said = asked.reply(answer)
    below = f" {NEXT}" if asked.waits else f"\n\n{asked.reveal}"
    return {"right": said.right, "html": html(f"{said.marked()}{below}")}
