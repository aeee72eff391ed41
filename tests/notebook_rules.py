"""What every notebook must keep to. A rule takes a notebook and its file name and yields what is wrong, in words."""

import ast
import importlib
import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from statistics import median

import nbformat
from nbformat import NotebookNode

from cnnkit.course import TOPICS
from cnnkit.course.exercises import exercise
from cnnkit.course.kit.explorer import Explorer
from tools import address, notebooks
from tools.notebooks import tagged

NAMES = list(TOPICS.values())
MEDIAN_LINES, MOST_LINES = 5, 20
MOST_CHARACTERS = 106  # what a cell shows without scrolling, 1280 pixels wide with the file list open (tests/browser)
PROSE_SHARE = 0.9  # of the code cells stand right below prose; the rest continue the cell above
COLABS_OWN = "torch|torchvision|numpy|matplotlib|ipywidgets|ipython|ipykernel"
OF_ONE_RUN = {
    "a time": r"\d\s?(ms|µs|us|ns|seconds)\b|[Ww]all time",
    "a progress bar": r"\d%\s?\||\bit/s\b|\bs/it\b|█|▏",
    "an address in memory": r"0x[0-9a-fA-F]{6,}",
    "a path of the machine": r"(/home|/root|/tmp|/work|/Users|site-packages)/|[A-Z]:\\",
}


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: NotebookNode) -> Iterator[NotebookNode]:
    for cell in code_cells(notebook):
        yield from cell.outputs


def prose(notebook: NotebookNode) -> str:
    """All Markdown, without code fences, whose # and []() mean something else."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.sub(r"(?ms)^\s*```.*?^\s*```", "", text)


def headings(notebook: NotebookNode) -> list[tuple[int, str]]:
    return [(len(marks), text) for marks, text in re.findall(r"(?m)^(#{1,6}) +(.+?)\s*$", prose(notebook))]


def valid_file(notebook: NotebookNode, name: str) -> Iterator[str]:
    ids = [cell.get("id") for cell in notebook.cells]
    if len(set(ids)) < len(ids):
        yield "two cells have the same id"
        return
    try:
        nbformat.validate(deepcopy(notebook))
    except nbformat.ValidationError as error:
        yield f"not a valid notebook: {error.message}"
    if Path(name).stem not in NAMES:
        yield f"{name} is none of the course's notebooks"


def stored_as_make_notebooks_stores_it(notebook: NotebookNode, name: str) -> Iterator[str]:
    if notebooks.stored(notebooks.normalise(deepcopy(notebook), name)) != notebooks.stored(notebook):
        yield f"not in the stored form: run `make notebooks NB=notebooks/{name}`"
    if "widgets" in notebook.metadata:
        yield "metadata.widgets: GitHub refuses to show it"


def code_cells_are_short(notebook: NotebookNode, name: str) -> Iterator[str]:
    lengths = [len([line for line in cell.source.splitlines() if line.strip()]) for cell in code_cells(notebook)]
    if median(lengths) > MEDIAN_LINES:
        yield f"code cells have {median(lengths)} lines in the median, more than {MEDIAN_LINES}"
    yield from (f"a code cell has {length} lines, more than {MOST_LINES}" for length in lengths if length > MOST_LINES)


def code_fits_on_a_screen(notebook: NotebookNode, name: str) -> Iterator[str]:
    for line in "\n".join(cell.source for cell in code_cells(notebook)).splitlines():
        if len(line) > MOST_CHARACTERS:
            yield f"a line of code has {len(line)} characters, more than {MOST_CHARACTERS}: {line.strip()[:60]}"


def prose_comes_before_code(notebook: NotebookNode, name: str) -> Iterator[str]:
    pairs = zip([None, *notebook.cells], notebook.cells, strict=False)
    told = [above is not None and above.cell_type == "markdown" for above, cell in pairs if cell.cell_type == "code"]
    if sum(told) < PROSE_SHARE * len(told):
        yield f"only {sum(told)} of {len(told)} code cells stand right below prose"


def imports(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """Each name that this notebook imports from cnnkit, with the module that it comes from."""
    for module, names in re.findall(r"(?m)^from (cnnkit\S*) import (.+)$", "\n".join(c.source for c in notebook.cells)):
        yield from ((module, name.split(" as ")[0].strip(" ()")) for name in names.split(","))


def explorer_names(notebook: NotebookNode) -> set[str]:
    """The explorers that this notebook imports."""
    found = {name: getattr(importlib.import_module(module), name, None) for module, name in imports(notebook)}
    return {name for name, value in found.items() if isinstance(value, type) and issubclass(value, Explorer)}


def the_course_is_imported_from_one_place(notebook: NotebookNode, name: str) -> Iterator[str]:
    topic = next((topic for topic, stem in TOPICS.items() if stem == Path(name).stem), "")
    for module in {module for module, _ in imports(notebook)}:
        if module.startswith("cnnkit.course") and module != f"cnnkit.course.{topic}":
            yield f"imports from {module}: what this notebook needs of the course stands in cnnkit.course.{topic}"


def shows_explorer(cell: NotebookNode, names: set[str]) -> bool:
    """Whether the last line of the cell makes an explorer, which the notebook then shows."""
    lines = cell.source.strip().splitlines()
    called = re.match(r"(?:cnnkit\.)?(?:explorers\.)?(\w+)\(", lines[-1]) if lines else None
    return bool(called) and (called[1] in names or "explorers." in called[0])


def prediction_before_each_explorer(notebook: NotebookNode, name: str) -> Iterator[str]:
    names = explorer_names(notebook)
    above = None
    for cell in notebook.cells:
        if cell.cell_type == "code" and shows_explorer(cell, names) and not tagged(cell, "explorer"):
            yield f"an explorer without the tag `explorer`: {cell.source.splitlines()[-1]}"
        if tagged(cell, "explorer") and not (above and tagged(above, "predict") and above.cell_type == "markdown"):
            yield "an explorer without a cell tagged `predict` right before it"
        if tagged(cell, "predict") and "?" not in cell.source:
            yield f"a prediction that asks nothing: {cell.source[:60]}"
        above = cell


def ran_clean_from_top_to_bottom(notebook: NotebookNode, name: str) -> Iterator[str]:
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}"
    for output in outputs(notebook):
        if output.output_type == "error":
            yield f"a cell failed: {output.ename}"
        if output.get("name") == "stderr":
            yield f"a cell wrote to stderr: {output.text[:80]}"


def outputs_are_the_same_in_every_run(notebook: NotebookNode, name: str) -> Iterator[str]:
    for cell in code_cells(notebook):
        for output in cell.outputs:
            text = output.get("text", "") or "".join(v for k, v in output.get("data", {}).items() if "text/" in k)
            for what, pattern in OF_ONE_RUN.items():
                found = re.search(pattern, text)
                if found and not tagged(cell, "nbval-ignore-output"):
                    yield f"{what} in an output: {found[0]!r}"


def figures_have_alternative_text(notebook: NotebookNode, name: str) -> Iterator[str]:
    for output in outputs(notebook):
        if "image/png" not in output.get("data", {}):
            continue
        sentence = output.data.get("text/plain", "")
        said = output.metadata.get("image/png", {}).get("alt") or output.metadata.get("alt")
        if sentence.startswith("<") or len(sentence.split()) < 4:
            yield f"a figure whose text is no sentence: {sentence!r}"
        if said != sentence:
            yield f"a figure whose metadata has alt={said!r} instead of its sentence"
    yield from (
        f"an image without alternative text: {link}" for link in re.findall(r"!\[\s*\]\(.*?\)", prose(notebook))
    )
    for tag in re.findall(r"<img\b.*?>", prose(notebook), re.DOTALL):
        if not re.search(r"alt=[\"'][^\"']{4,}", tag):
            yield f"an image without alternative text: {tag}"


def address_is_the_repositorys(notebook: NotebookNode, name: str) -> Iterator[str]:
    """The badge and the line that installs name the repository's address; without an address neither is there."""
    home = address.repository()
    badge = address.badge(home, name, "Open In Colab")
    if badge and (not notebook.cells or f"\n\n{badge}\n" not in notebook.cells[0].source):
        yield f"the first cell has no Colab badge {badge}"
    for i, cell in enumerate(notebook.cells):
        if address.in_cell(cell.source, home, name, first=i == 0) != cell.source:
            yield "an address that is not the repository's: run `make address`"
        if not badge and "colab.research.google.com" in cell.source:
            yield "a link to Colab, which cannot open this repository"


def setup_cell_leaves_colabs_own_packages_alone(notebook: NotebookNode, name: str) -> Iterator[str]:
    first, *others = [cell.source for cell in code_cells(notebook)]
    home = address.repository()
    install = f"    %pip install -q --no-deps git+{home}"
    line = install if home else f'    sys.exit("{address.NOT_YET}")'
    if f'\n\nif "google.colab" in sys.modules:\n{line}\n\n' not in first:
        yield f"the first code cell does not have, for Colab and only there, the line {line.strip()}"
    for found in re.findall(r"(?m)^.*\bpip3? install.*$", first):
        if not home or found != install or re.search(rf"\s({COLABS_OWN})\b", found):
            yield f"installs more than the package: {found.strip()}"
    if any(re.search(r"\b(pip3?|conda) install", source) for source in others):
        yield "a later cell installs something"


def exercises_are_the_packages(notebook: NotebookNode, name: str) -> Iterator[str]:
    """The question, the stub and what is folded are, letter by letter, what the package holds."""
    cells = [None, *notebook.cells, None]
    for above, cell, below in zip(cells, cells[1:], cells[2:], strict=False):
        if cell and tagged(cell, "solution") and not (above and tagged(above, "exercise")):
            yield f"a solution without its exercise: {cell.source[:60]!r}"
        if not (cell and tagged(cell, "exercise")):
            continue
        key = re.search(r'(?m)^check\("(\d\d\.\d+)", \w+\)\Z', cell.source)
        if not key:
            yield f"an exercise whose last line does not check it: {cell.source!r}"
            continue
        for part, text in zip((above, cell, below), exercise(key[1]).cells(), strict=True):
            if part is None or part.source != text:
                yield f"exercise {key[1]} is not as the package has it: run `make notebooks NB=notebooks/{name}`"
        if not (above and not above.metadata and below and below.metadata == {"tags": ["solution"]}):
            yield f"exercise {key[1]}: the cells around it do not have their tags"


def headings_form_an_outline(notebook: NotebookNode, name: str) -> Iterator[str]:
    levels = [level for level, _ in headings(notebook)]
    if levels[:1] != [1] or levels.count(1) != 1 or not notebook.cells[0].source.startswith("# "):
        yield "the notebook does not start with its one # heading"
    for above, level in pairwise(levels):
        if level > above + 1:
            yield f"a heading of level {level} right below one of level {above}"


def links_lead_somewhere(notebook: NotebookNode, name: str) -> Iterator[str]:
    text = prose(notebook)
    anchors = {heading.replace(" ", "-").lower() for _, heading in headings(notebook)}
    anchors |= {anchor.lower() for anchor in re.findall(r"\bid=[\"']([^\"']+)", text)}
    for link in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", re.sub(r"\[!\[.*?\]\(.*?\)\]", "[badge]", text)):
        target, _, anchor = link.partition("#")
        if re.match(r"https?://|mailto:", link):
            continue
        if target and not (notebooks.FOLDER / target).exists():
            yield f"a link to {target}, which is not there"
        if not target and anchor.lower() not in anchors:
            yield f"a link to #{anchor}, which is not in this notebook"


def minutes_are_stated(notebook: NotebookNode, name: str) -> Iterator[str]:
    """The first cells and the README's table say the same number of minutes."""
    top = "\n".join(cell.source for cell in notebook.cells[:2])
    said = re.search(r"(\d+) minutes", top)
    row = re.search(rf"(?m)^\|.*{re.escape(name)}.*$", (notebooks.ROOT / "README.md").read_text(encoding="utf-8"))
    listed = re.search(r"\| *(\d+) *\|", row[0]) if row else None
    if not (said and listed and said[1] == listed[1]):
        yield f"minutes: {said and said[1]} in the notebook, {listed and listed[1]} in the README's table"


def last_cell_leads_on(notebook: NotebookNode, name: str) -> Iterator[str]:
    number = int(name[:2])
    if number < len(NAMES) - 1 and not re.search(r"\bnext\b", notebook.cells[-1].source, re.IGNORECASE):
        yield "the last cell does not say which notebook comes next"


def code_stays_plain(notebook: NotebookNode, name: str) -> Iterator[str]:
    """No pyplot, no silenced warnings, no star imports, and every code cell is Python (or a pip line)."""
    for cell in code_cells(notebook):
        if found := re.search(
            r"pyplot|filterwarnings|simplefilter|import \*|^\s*%matplotlib", cell.source, re.MULTILINE
        ):
            yield f"{found[0]} in a cell"
        try:
            ast.parse(re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", cell.source))
        except SyntaxError as error:
            yield f"a cell is not Python: {error}"


RULES = [
    valid_file,
    stored_as_make_notebooks_stores_it,
    code_cells_are_short,
    code_fits_on_a_screen,
    prose_comes_before_code,
    the_course_is_imported_from_one_place,
    prediction_before_each_explorer,
    ran_clean_from_top_to_bottom,
    outputs_are_the_same_in_every_run,
    figures_have_alternative_text,
    address_is_the_repositorys,
    setup_cell_leaves_colabs_own_packages_alone,
    exercises_are_the_packages,
    headings_form_an_outline,
    links_lead_somewhere,
    minutes_are_stated,
    last_cell_leads_on,
    code_stays_plain,
]
