"""A site of a few plain pages whose live parts are those of the real one: what the tests here open."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from tools.site.live.cells import STORED, explorer_html, live_html
from tools.site.live.runtime import add_runtime

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root}_static/live/live.css">
<style>:root {{ color-scheme: light }}
body {{ font: 16px/1.5 sans-serif; margin: 0; padding: 1rem; max-width: 52rem; background: Canvas; color: CanvasText }}
body[data-theme=dark] {{ color-scheme: dark; background: #131416; color: #ced4da }}</style>
<script type="module" src="{root}_static/live/live.js"></script></head>
<body data-theme="{theme}"><main><h1>{title}</h1>
{body}
</main></body></html>"""


def page(title: str, parts: Iterable[str], *, root: str = "", theme: str = "auto") -> str:
    return PAGE.format(title=title, body="\n".join(parts), root=root, theme=theme)


def stored(cell: dict[str, Any]) -> str:
    """A cell's input and output as Sphinx writes them."""
    texts = ["".join(output.get("text", output.get("data", {}).get("text/plain", ""))) for output in cell["outputs"]]
    code = f'<div class="cell_input docutils container"><pre>{escape("".join(cell["source"]))}</pre></div>'
    shown = "".join(f'<div class="output"><pre>{escape(text)}</pre></div>' for text in texts)
    return f'<div class="cell docutils container">{code}<div class="cell_output docutils container">{shown}</div></div>'


def notebook_page(name: str, **look: str) -> str:
    """All that lives on the page of a notebook."""
    notebook = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))
    parts = []
    for number, cell in enumerate(notebook["cells"]):
        living = live_html(cell, number, name) if cell["cell_type"] == "code" else None
        if living is not None:
            parts.append(living.replace(STORED, stored(cell)))
    return page(name, parts, root="../" * name.count("/"), **look)


def explorers_page(kinds: Iterable[type]) -> str:
    """A page with one of each explorer."""
    nothing: dict[str, Any] = {"source": "", "outputs": []}
    return page("Explorers", [explorer_html(nothing, kind, {}, i) for i, kind in enumerate(kinds)])


def write_site(folder: Path, pages: dict[str, str]) -> Path:
    """Write the pages, and all that their Python needs; the site's folder lies in another, as on many hosts."""
    site = folder / "course"
    for name, text in pages.items():
        file = site / f"{name}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    add_runtime(site)
    return site
