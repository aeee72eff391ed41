"""The HTML that stands for a code cell whose output lives in the page.

Each is a <div class="live" data-live="KIND" data-spec="JSON">, and what it holds can be read without a script: the
stored picture, the question, the code. Where `<!-- stored -->` stands in it belong the cell's stored input and output.
"""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from html import escape
from importlib import import_module
from typing import Any

from cnnkit.course import LABS, TOPICS
from cnnkit.course.exercises import exercise
from cnnkit.course.kit.explorer import Explorer
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.prediction import Prediction
from cnnkit.course.predictions import prediction, voted
from tools.site.live.glue.asked import asked_spec
from tools.site.live.glue.outputs import spec
from tools.site.said import unbroken

STORED = "<!-- stored -->"
AS_STORED = ("check_environment",)  # what a cell that calls it says is about another Python than the page's
PAGES = {page: topic for pages in (TOPICS, LABS) for topic, page in pages.items()}


def live_html(cell: dict[str, Any], number: int, notebook: str) -> str | None:
    """HTML for a code cell of a notebook, or None where its stored output simply stands.

    notebook   the page: "04_pooling", "labs/04_pooling_lab"
    """
    source = "".join(cell["source"]).strip()
    tags = cell["metadata"].get("tags", [])
    if not source or any(f"{name}(" in source for name in AS_STORED):
        return None
    if "setup" in tags or '"google.colab" in sys.modules' in source:
        return placed("setup", {"code": source}, STORED)
    name, key, options = last_call(source)
    if name == "score":
        return placed("score", {}, "<p>How you do is counted here by the page’s script.</p>")
    if name == "table" and key:
        return placed("claims", {}, STORED)
    if name == "predict" and key in known_predictions():
        return asked_html("prediction", prediction(key))
    if name == "vote":
        return asked_html("vote", voted(key))
    if name == "check" and "exercise" in tags:
        return exercise_html(source, key)
    kind = explorer(name, notebook)
    if kind is not None and options is not None and not key:
        return explorer_html(cell, kind, options, number)
    return placed("cell", {"code": source, "number": number}, STORED)


def placed(kind: str, told: dict[str, Any], inside: str, more: str = "") -> str:
    """The <div> that the script finds."""
    return (
        f'<div class="live live-{kind}" data-live="{kind}" data-spec="{escape(json.dumps(told))}"{more}>{inside}</div>'
    )


def last_call(source: str) -> tuple[str, str, dict[str, Any] | None]:
    """The function that a cell calls last, its first argument if that is a text, and its options if they are plain."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return "", "", None
    last = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    if not isinstance(last, ast.Call) or not isinstance(last.func, ast.Name):
        return "", "", None
    first = last.args[0] if last.args else None
    key = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    try:
        options = {str(option.arg): ast.literal_eval(option.value) for option in last.keywords}
    except ValueError:
        options = None
    alone = len(body) == 1 and (not last.args or bool(key))
    return last.func.id, key, options if alone else None


@cache
def known_predictions() -> set[str]:
    from cnnkit.course.predictions import PREDICTIONS

    return set(PREDICTIONS)


def asked_html(kind: str, asked: Prediction) -> str:
    """A question, with its choices for those who only read."""
    from cnnkit.course.kit import markup

    def html(text: str) -> str:
        return unbroken(markup.html(text))

    told = asked_spec(kind, asked)
    number = told.get("number", {})
    for said in (*told["replies"], *number.get("near", ()), *(number[name] for name in ("right", "far") if number)):
        said["html"] = unbroken(said["html"])
    items = "".join(f"<li>{html(text)[3:-4]}</li>" for text in told["choices"])
    question = unbroken(told.pop("question"))
    place = f' id="predict-{asked.key.replace(".", "-")}"' if kind == "prediction" else ""
    inside = f'<div class="live-question">{question}</div><ul class="live-choices">{items}</ul>'
    return placed("asked", told, inside, place)


def exercise_html(source: str, key: str) -> str:
    """The code to begin with; the line that checks it is a button."""
    code = re.sub(r"\n*check\([^\n]*\)\s*$", "", source)
    told = {"key": key, "name": exercise(key).name, "title": exercise(key).title, "code": code}
    return placed("exercise", told, f"<pre class='live-stub'><code>{escape(code)}</code></pre>")


@cache
def explorer(name: str, page: str) -> type[Explorer] | None:
    """The explorer that a page calls so."""
    topic = PAGES.get(page)
    found = getattr(import_module(f"cnnkit.course.{topic}"), name, None) if topic and name[:1].isupper() else None
    return found if isinstance(found, type) and issubclass(found, Explorer) else None


def explorer_html(cell: dict[str, Any], kind: type[Explorer], start: dict[str, Any], number: int) -> str:
    """The stored picture and its sentence; the controls come with the script."""
    opened = kind(**start)
    told = spec(opened) | {"start": start, "key": f"{slug(kind.__name__)}-{number}"}
    image, sentence = stored(cell)
    drawing = f'<div class="drawing">{image}{kept(image, opened.picture)}</div>' if image else ""
    frame = f'<div class="live-frame">{drawing}</div>'  # where an enlarged one is moved sideways
    inside = f'<div class="cnnkit-plain">{frame}<p class="live-sentence">{unbroken(escape(sentence))}</p></div>'
    return placed("explorer", told, inside, f' id="{told["key"]}"')


def kept(image: str, picture: Picture) -> str:
    """The pixels of a stored picture that a dark page leaves as they are: the same file again, cut to their boxes."""
    if not picture.pixels:
        return ""
    corners = ["0 0"]
    for left, top, width, height in picture.pixels:  # one line around them all: from the corner to each, and back
        x, y = left / picture.width, top / picture.height
        right, bottom = x + width / picture.width, y + height / picture.height
        box = (x, y), (right, y), (right, bottom), (x, bottom), (x, y)
        corners += [*(f"{across:.3%} {down:.3%}" for across, down in box), "0 0"]
    source = image.partition(' src="')[2].partition('"')[0]
    shown = f"background-image: url('{source}'); clip-path: polygon({', '.join(corners)})"
    return f'<div class="kept" style="{shown}"></div>'


def slug(name: str) -> str:
    """'PoolWindow' -> 'pool-window'."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def stored(cell: dict[str, Any]) -> tuple[str, str]:
    """The picture of a cell's output as HTML, and its words."""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "image/png" in data:
            alt = " ".join("".join(data.get("text/plain", "")).split())
            if "text/html" in data:  # the builder has put the picture into a file
                return "".join(data["text/html"]), alt
            width = output.get("metadata", {}).get("image/png", {}).get("width", 820)
            png = "".join("".join(data["image/png"]).split())
            source = f'src="data:image/png;base64,{png}" width="{width}"'
            return f'<img {source} alt="{escape(alt)}" loading="lazy">', alt
    return "", ""
