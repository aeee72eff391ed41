"""The cells of a notebook as its page has them: links, pictures, what is folded, what lives."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

from tools.site import evidence, links, paste, said, terms
from tools.site.live.cells import last_call, live_html
from tools.site.pictures import image_html
from tools.site.torch_cells import torch_cells

Cell = dict[str, Any]
NOT_HERE = [  # what a notebook says of JupyterLab and GitHub, which a page is not; a test holds that it still says so
    r"## Set-up\n\nRun this cell first\. .*?(?:\n\n|\Z)",
    r"\n\n\*\*Start now:\*\* click the grey cell .*",
    r"\n\n(?:\* \*\*You .*\n?|\* \*\*The picture is pale .*\n?)+",
    r"\n+On GitHub there are pictures only, .*",
    r"## \d · Is everything here\?\n\n.*",
]
ITS_PYTHON = "check_environment()"  # tells what is installed: nothing, here
FOLDED = {
    "setup": "Set-up: what this page imports",
    "evidence": "The measurement: its code and its result",
    "claims": "All claims of this lab: your votes beside the verdicts",
    "drawing": "The drawing: its code and what it shows",
}
HIDDEN = "Hidden until this cell is run.\n"
TORCH_NOTE = (  # once a page; below each cell stands the mark
    '<p class="needs-torch">No browser has PyTorch. Code that needs it is marked “PyTorch” and shown as it ran.</p>'
)
TORCH_MARK = '<p class="needs-torch">PyTorch: as it ran</p>'


def as_page(notebook: dict[str, Any], file: str, site: Path, home: str | None) -> dict[str, Any]:
    """A notebook, ready for Sphinx."""
    page = links.page_of(file) or ""
    with_torch = torch_cells(notebook)
    cells: list[Cell] = []
    claim = ""
    for number, stored in enumerate(notebook["cells"]):
        cell = deepcopy(stored)
        cell["source"] = "".join(cell["source"])
        claim = found[1] if (found := evidence.HEADING.search(cell["source"])) else claim
        if cell["cell_type"] == "markdown":
            cells.extend(prose(cell, file, page, home))
            if claim and "verdict" in tags(cell):
                more = evidence.behind(claim, site)
                cells[-1]["source"] = cells[-1]["source"].replace("</details>", f"{more}\n\n</details>")
        elif cell["source"] != ITS_PYTHON:
            with_files(cell, file, "../" * page.count("/"), site, home)
            cells.extend(code(cell, number, page, number in with_torch))
    terms.indexed(cells, page)
    if page in paste.LESSONS:
        cells.insert(1, {"cell_type": "markdown", "metadata": {}, "source": paste.INVITATION})
    if with_torch:
        cells.insert(1, raw(TORCH_NOTE))
    named = [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells)]
    return notebook | {"cells": named}


def tags(cell: Cell) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def prose(cell: Cell, file: str, page: str, home: str | None) -> list[Cell]:
    """A cell of Markdown; none if nothing of it is left."""
    text = cell["source"]
    for only_there in NOT_HERE:
        text = re.sub(only_there, "", text)
    text = said.on_page(text)
    text = terms.with_links(links.in_pages(text, file, home), page)
    for tag in ("reveal", "solution", "verdict"):
        if tag in tags(cell):
            text = text.replace("<details>", f'<details class="{tag}">')
    return [cell | {"source": text}] if text.strip() else []


def with_files(cell: Cell, file: str, root: str, site: Path, home: str | None) -> None:
    """Put a cell's pictures into files and its printed links onto pages; take out what JupyterLab needs to hide it."""
    for output in cell["outputs"]:
        data = output.get("data", {})
        for words in (output, data):
            for kind in words.keys() & {"text", "text/plain", "text/markdown"}:
                words[kind] = "".join(words[kind]).removeprefix(HIDDEN)
        if "image/png" in data:
            data["text/html"] = image_html(output, root, site)
        if "text/markdown" in data:
            data["text/markdown"] = links.in_pages("".join(data["text/markdown"]), file, home)


def code(cell: Cell, number: int, page: str, needs_torch: bool) -> list[Cell]:
    """A cell of code: what lives in its place, or its stored input and output, folded where they are to wait."""
    living = None if needs_torch else live_html(cell, number, page)
    stored = [as_stored(cell)]
    if needs_torch:
        stored = [*stored, raw(TORCH_MARK)]
    if living is not None:
        before, mark, after = living.partition("<!-- stored -->")
        stored = [raw(before), *stored, raw(after)] if mark else [raw(before)]
    kind = fold_of(cell)
    if not kind:
        return stored
    title = FOLDED["drawing" if "drawing" in tags(cell) else kind]
    return [raw(f'<details class="{kind}"><summary>{title}</summary>'), *stored, raw("</details>")]


def fold_of(cell: Cell) -> str:
    """What a cell is folded as; "" for one that stands open."""
    if is_setup(cell):
        return "setup"
    name, lab, _ = last_call(cell["source"])
    if name == "table" and lab:
        return "claims"  # it gives away what has not been voted on
    return "evidence" if "evidence" in tags(cell) else ""


def is_setup(cell: Cell) -> bool:
    return '"google.colab" in sys.modules' in cell["source"]


def as_stored(cell: Cell) -> Cell:
    """A cell whose stored output Sphinx shows: pictures as HTML, and no word that only JupyterLab needs."""
    outputs = []
    for output in cell["outputs"]:
        data = output.get("data", {})
        if "image/png" in data:
            output = output | {"data": {"text/html": picture(data["text/html"])}, "metadata": {}}
        elif output["output_type"] == "stream" and not "".join(output["text"]).strip():
            continue
        outputs.append(output)
    return cell | {"outputs": outputs, "metadata": {}}


def picture(image: str) -> str:
    """An image that leads to its file, where a phone shows it in full."""
    source = re.search(r'src="([^"]+)"', image)
    assert source
    return f'<a class="picture" href="{source[1]}">{image}</a>'


def raw(html: str) -> Cell:
    """A cell that puts HTML onto the page as it is."""
    return {"cell_type": "markdown", "metadata": {}, "source": f"``````{{raw}} html\n{html}\n``````"}
