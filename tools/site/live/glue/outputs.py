"""What a page is sent to show: values of cells, explorers, questions."""

from __future__ import annotations

from typing import Any

from .asked import Asked
from .colours import highlighted


def output(value: Any, key: str) -> dict[str, Any]:
    """The richest form of a value: an explorer or a question alive, HTML, Markdown, a picture, or its text."""
    if isinstance(value, Asked):
        return {"asked": value.spec}
    if hasattr(value, "controls") and hasattr(value, "watch"):
        from .explorers import keep  # it needs this module

        keep(key, value)
        return {"explorer": spec(value, key)}
    bundle = getattr(value, "_repr_mimebundle_", None)
    found = bundle() if bundle else {}
    data, metadata = found if isinstance(found, tuple) else (found, {})
    if "image/png" in data:
        more = metadata.get("image/png", {})
        return {
            "png": data["image/png"],
            "alt": more.get("alt", data.get("text/plain", "")),
            "width": more.get("width"),
        }
    for form, kind in (("_repr_html_", "html"), ("_repr_markdown_", "markdown")):
        if hasattr(value, form):
            text = getattr(value, form)()
            return {"html": text} if kind == "html" else {"html": _marked(text)}
    return {"text": f"{value!r}\n"}


def _marked(text: str) -> str:
    """Markdown as HTML: code, tables and what `markup` knows."""
    from cnnkit.course.kit.markup import html

    if text.startswith("```"):
        return highlighted(text.partition("\n")[2].removesuffix("```").rstrip())
    lines = text.strip().splitlines()
    if all(line.startswith("|") for line in lines) and len(lines) > 1:
        rows = [
            [html(cell.strip())[3:-4] for cell in line.strip("|").split("|")] for line in lines if "---" not in line
        ]
        head = "".join(f"<th>{cell}</th>" for cell in rows[0])
        body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows[1:])
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return html(text)


def spec(explorer: Any, key: str = "") -> dict[str, Any]:
    """All that a page needs to show an explorer's controls before it is open."""
    kind = type(explorer)
    return {
        "key": key,
        "module": kind.__module__,
        "name": kind.__name__,
        "controls": {name: _control(control) for name, control in explorer.controls.items()},
        "actions": dict(explorer.actions),
        "values": {name: sent(value) for name, value in explorer.values.items()},
        "highest": explorer.highest,
        "shown": list(explorer.shown(explorer.values)),
        "disabled": sorted(explorer.disabled),
        "usable": sorted(explorer.usable()),
    }


def _control(control: Any) -> dict[str, Any]:
    told = {name: sent(value) for name, value in control._asdict().items()}
    return {"kind": type(control).__name__, **told}


def sent(value: Any) -> Any:
    """A control's value as JSON has it; what is drawn or uploaded stays here."""
    return bool(value) if isinstance(value, bytes) else value


class displaying:
    """While a cell runs, `display` of the course shows in the page."""

    def __init__(self, shown: list[dict[str, Any]]) -> None:
        self.shown = shown

    def __enter__(self) -> None:
        DISPLAYS.append(self.shown)

    def __exit__(self, *_: object) -> None:
        DISPLAYS.pop()


DISPLAYS: list[list[dict[str, Any]]] = []


class _Handle:
    """What `display(…, display_id=True)` returns: a place whose output can be replaced."""

    def __init__(self, shown: list[dict[str, Any]]) -> None:
        self.shown, self.at = shown, len(shown) - 1

    def update(self, value: Any) -> None:
        self.shown[self.at] = output(value, "")


def display(*values: Any, display_id: Any = None, **_: Any) -> _Handle | None:
    """IPython's `display`, as far as the course uses it."""
    if not DISPLAYS:
        return None
    for value in values:
        DISPLAYS[-1].append(output(value, ""))
    return _Handle(DISPLAYS[-1]) if display_id else None
