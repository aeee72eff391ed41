"""The source of the site: a folder of pages in their order, and what is known of each."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat

from tools import address
from tools.minutes import count
from tools.site import links, paste, pictures, said, teaching, terms
from tools.site.cells import as_page

ROOT = Path(__file__).resolve().parents[2]
NAME = "Convolutional networks, taken apart"
ABOUT = (
    "Eight short lessons take the layers of a convolutional network apart. Commit to an answer, try it on a picture, "
    "see what happens, and write the layer yourself. In the browser, with nothing to install."
)
MORE = ("teaching", "glossary", "layers")
LESS = 300  # letters that a description may have


@dataclass(frozen=True)
class Page:
    """What is known of a page: for the front page, for <head>, for the tests."""

    name: str  # "labs/03_dropout_lab"
    title: str
    description: str
    question: str = ""  # of a lesson
    minutes: str = ""  # "40 / 60": to read, with the exercises
    lab: str = ""  # the lab of a lesson
    claims: int = 0  # in a lab

    @property
    def number(self) -> str:
        return self.name.rpartition("/")[2][:2]


def write(source: Path, site: Path, root: Path = ROOT) -> list[Page]:
    """Write the source folder, and the pictures straight into the site's; the pages in their order."""
    home = address.repository(root)
    questions = asked(root)
    pages, texts = [], {}
    for path in notebooks(root):
        file = path.relative_to(root).as_posix()
        notebook = json.loads(path.read_text(encoding="utf-8"))
        page = known(notebook, links.page_of(file) or "", questions, root)
        pages.append(page)
        texts[page.name] = cells_text(notebook)
        save(source / f"{page.name}.ipynb", json.dumps(as_page(notebook, file, site, home)))
        pictures.social(page.title, NAME, first_picture(notebook), site / social(page))
    pages.append(Page(paste.NAME, heading(paste.TEXT), paste.ABOUT))
    save(source / f"{paste.NAME}.md", paste.page())
    pictures.social(pages[-1].title, NAME, None, site / social(pages[-1]))
    for name in MORE:
        markdown = root / "docs" / f"{name}.md"
        if markdown.exists():
            text = links.in_pages(said.on_page(markdown.read_text(encoding="utf-8")), f"docs/{name}.md", home)
            text = terms.with_places(text) if name == "glossary" else text
            text = teaching.with_places(text, texts) if name == teaching.PAGE else text
            save(source / f"{name}.md", text)
            pages.append(Page(name, heading(text), paragraph(text)))
            pictures.social(pages[-1].title, NAME, None, site / social(pages[-1]))
    front = Page("index", NAME, ABOUT)
    convolution = json.loads(notebooks(root)[5].read_text(encoding="utf-8"))
    pictures.social(NAME, "", first_picture(convolution), site / social(front))
    all_pages = {page.name: asdict(page) | {"social": social(page)} for page in (front, *pages)}
    save(source / "pages.json", json.dumps(all_pages))
    return pages


def notebooks(root: Path) -> list[Path]:
    folder = root / "notebooks"
    labs = sorted((folder / "labs").glob("0*.ipynb"))
    return [*sorted(folder.glob("0*.ipynb")), *labs[1:], *labs[:1]]  # all claims last: it gives the verdicts away


def save(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def social(page: Page) -> str:
    return f"{pictures.FOLDER}/social/{page.name.replace('/', '-')}.png"


def known(notebook: dict[str, Any], name: str, questions: dict[str, tuple[str, str]], root: Path) -> Page:
    """What a notebook says of itself, and what is computed from it."""
    texts = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    question, lab = questions.get(name, ("", ""))
    promise = count(nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4)).promise
    minutes = " / ".join(re.findall(r"\d+", promise)) if "/" not in name else ""
    claims = sum(text.count("## Claim ") for text in texts)
    return Page(name, heading(texts[0]), paragraph(said.on_page(texts[0])), question, minutes, lab, claims)


def asked(root: Path) -> dict[str, tuple[str, str]]:
    """The question and the lab of each lesson, from the table of the start page."""
    start = json.loads((root / "notebooks" / "00_start_here.ipynb").read_text(encoding="utf-8"))
    rows = re.findall(r"(?m)^\| (\d\d) \| ([^|]*) \| ([^|]*) \| [^|]* \| ([^|]*) \|$", cells_text(start))
    lessons = {path.stem[:2]: path.stem for path in notebooks(root) if path.parent.name == "notebooks"}
    lab = re.compile(r"\((labs/\w+)\.ipynb\)")
    return {lessons[no]: (question, ((found := lab.search(link)) and found[1]) or "") for no, _, question, link in rows}


def cells_text(notebook: dict[str, Any]) -> str:
    return "\n\n".join("".join(cell["source"]) for cell in notebook["cells"])


def heading(text: str) -> str:
    found = re.search(r"(?m)^# (.+)$", text)
    return plain(found[1]) if found else ""


def paragraph(text: str) -> str:
    """The first paragraph below the heading, as one line without marks."""
    blocks = [block for block in text.split("\n\n") if not block.startswith(("#", "[!["))]
    line = plain(" ".join(blocks[0].split())) if blocks else ""
    return line if len(line) <= LESS else line[:LESS].rpartition(" ")[0] + " …"


def plain(markdown: str) -> str:
    return re.sub(r"[*`]|\{\..*?\}", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown))


def first_picture(notebook: dict[str, Any]) -> bytes | None:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                return base64.b64decode("".join(output["data"]["image/png"]))
    return None
