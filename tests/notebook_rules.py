"""What every notebook must keep to. A rule takes a notebook and its file name and yields what is wrong, in words.

A name is that in the folder of the notebooks: "03_dropout.ipynb" for a lesson, "labs/03_dropout_lab.ipynb" for a lab.
"""

import ast
import importlib
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import wraps
from itertools import pairwise
from pathlib import Path
from statistics import median

import nbformat
from nbformat import NotebookNode

from cnnkit.course import LABS, TOPICS
from cnnkit.course.claims import CLAIMS
from cnnkit.course.exercises import exercise
from cnnkit.course.glossary import TERMS, Term
from cnnkit.course.kit.claim import OPEN, VERDICTS
from cnnkit.course.kit.explorer import Explorer
from cnnkit.course.kit.picture import STORED
from cnnkit.course.predictions import prediction
from tools import address, notebooks
from tools.minutes import count
from tools.notebooks import tagged

README = notebooks.ROOT / "README.md"
NAMES = list(TOPICS.values())  # the start page and the lessons
ALL_CLAIMS = "labs/00_all_claims"
LESSONS = [name for topic, name in TOPICS.items() if topic != "start"]
MOST_WORDS, MOST_CODE, LEAST_DRAWINGS = 2500, 120, 2  # of a lesson
MOST_MINUTES, WITH_EXERCISES = 45, 60  # of a lesson
PREDICTIONS, EXPLORERS, EXERCISES, CLAIMS_TOLD = (3, 5), (1, 4), (3, 5), (4, 8)  # how many a lesson has
CLAIM_WORDS = 250  # at most for a claim in a lab
WIDEST = 820  # of a figure, in CSS pixels
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


Rule = Callable[[NotebookNode, str], Iterator[str]]


def of_lessons(rule: Rule) -> Rule:
    """A rule that only lessons keep to."""

    @wraps(rule)
    def only(notebook: NotebookNode, name: str) -> Iterator[str]:
        return rule(notebook, name) if name.removesuffix(".ipynb") in LESSONS else iter(())

    return only


def of_labs(rule: Rule) -> Rule:
    """A rule that only labs keep to."""

    @wraps(rule)
    def only(notebook: NotebookNode, name: str) -> Iterator[str]:
        return rule(notebook, name) if name.removesuffix(".ipynb") in LABS.values() else iter(())

    return only


def number(name: str) -> str:
    """'labs/03_dropout_lab.ipynb' -> '03'."""
    return Path(name).name[:2]


def valid_file(notebook: NotebookNode, name: str) -> Iterator[str]:
    ids = [cell.get("id") for cell in notebook.cells]
    if len(set(ids)) < len(ids):
        yield "two cells have the same id"
        return
    try:
        nbformat.validate(deepcopy(notebook))
    except nbformat.ValidationError as error:
        yield f"not a valid notebook: {error.message}"
    if name.removesuffix(".ipynb") not in [*NAMES, *LABS.values(), ALL_CLAIMS]:
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
    told = [
        above is not None and (above.cell_type == "markdown" or tagged(above, "predict") or tagged(above, "vote"))
        for above, cell in pairs
        if cell.cell_type == "code"
    ]
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
    stems = {stem: topic for topic, stem in [*TOPICS.items(), *LABS.items(), ("start", ALL_CLAIMS)]}
    topic = stems.get(name.removesuffix(".ipynb"), "")
    for module in {module for module, _ in imports(notebook)}:
        if module.startswith("cnnkit.course") and module != f"cnnkit.course.{topic}":
            yield f"imports from {module}: what this notebook needs of the course stands in cnnkit.course.{topic}"


def shows_explorer(cell: NotebookNode, names: set[str]) -> bool:
    """Whether the last line of the cell makes an explorer, which the notebook then shows."""
    lines = cell.source.strip().splitlines()
    called = re.match(r"(?:cnnkit\.)?(?:explorers\.)?(\w+)\(", lines[-1]) if lines else None
    return bool(called) and (called[1] in names or "explorers." in called[0])


def asked(cell: NotebookNode | None, tag: str, call: str) -> str:
    """The key that a code cell with this tag asks for: predict("03.a") -> '03.a'; "" if it does not."""
    found = re.fullmatch(rf'{call}\("([^"]+)"\)', cell.source.strip()) if cell and tagged(cell, tag) else None
    return found[1] if found and cell.cell_type == "code" else ""


def prediction_before_each_explorer(notebook: NotebookNode, name: str) -> Iterator[str]:
    names = explorer_names(notebook)
    above = None
    for cell in notebook.cells:
        if cell.cell_type == "code" and shows_explorer(cell, names) and not tagged(cell, "explorer"):
            yield f"an explorer without the tag `explorer`: {cell.source.splitlines()[-1]}"
        if tagged(cell, "explorer") and not asked(above, "predict", "predict"):
            yield "an explorer without a prediction right before it"
        if tagged(cell, "predict") and not asked(cell, "predict", "predict"):
            yield f"a cell tagged `predict` that is not one prediction: {cell.source[:60]}"
        above = cell


def predictions_are_the_packages_and_folded(notebook: NotebookNode, name: str) -> Iterator[str]:
    """Each prediction is this notebook's, in order; its folded answer stands below it, or below its explorer."""
    keys = [key for cell in notebook.cells if (key := asked(cell, "predict", "predict"))]
    if keys != sorted(set(keys)) or any(not key.startswith(number(name)) for key in keys):
        yield f"the predictions are {keys}"
    folded = [cell.source for cell in notebook.cells if tagged(cell, "reveal")]
    if folded != [prediction(key).folded() for key in keys]:
        yield f"the folded answers are not as the package has them: run `make notebooks NB=notebooks/{name}`"


def nothing_answers_a_prediction_before_it_is_made(notebook: NotebookNode, name: str) -> Iterator[str]:
    """Neither a text nor an output above it, nor the first picture of the explorer below it."""
    for i, cell in enumerate(notebook.cells):
        key = asked(cell, "predict", "predict")
        if not key:
            continue
        below = notebook.cells[i + 1] if i + 1 < len(notebook.cells) else None
        explorer = [below] if below is not None and tagged(below, "explorer") else []
        text = "\n".join(all_text(each) for each in [*notebook.cells[: i + 1], *explorer])
        for spoiler in prediction(key).spoilers:
            if found := re.search(spoiler, text):
                yield f"prediction {key} is answered before it is made: {found[0]!r}"


def all_text(cell: NotebookNode) -> str:
    """The source of a cell and what it prints or shows, in words."""
    texts = [cell.source]
    for output in cell.get("outputs", []):
        texts += [output.get("text", ""), *(v for k, v in output.get("data", {}).items() if k.startswith("text/"))]
    return "\n".join(texts)


@of_lessons
def a_lesson_fits_its_time(notebook: NotebookNode, name: str) -> Iterator[str]:
    found = count(notebook)
    if found.words > MOST_WORDS:
        yield f"{found.words} words of prose, more than {MOST_WORDS}"
    if found.lines > MOST_CODE:
        yield f"{found.lines} lines of code, more than {MOST_CODE}"
    if found.drawings < LEAST_DRAWINGS:
        yield f"{found.drawings} drawings, fewer than {LEAST_DRAWINGS}"
    for what, (low, high) in {"predictions": PREDICTIONS, "explorers": EXPLORERS, "exercises": EXERCISES}.items():
        if not low <= getattr(found, what) <= high:
            yield f"{getattr(found, what)} {what}, not from {low} to {high}"
    if found.reading > MOST_MINUTES or found.everything > WITH_EXERCISES:
        yield f"{found.reading:.0f} minutes, {found.everything:.0f} with the exercises: more than it may take"


@of_lessons
def a_lesson_needs_no_torch(notebook: NotebookNode, name: str) -> Iterator[str]:
    """tests/test_lessons_without_torch.py runs it without; here only what its cells say."""
    for cell in code_cells(notebook):
        if found := re.search(r"\b(import|from) torch\w*", cell.source):
            yield f"a lesson that says {found[0]!r}: torch belongs into the lab"


@of_lessons
def a_lesson_tells_claims_and_leads_to_its_lab(notebook: NotebookNode, name: str) -> Iterator[str]:
    topic = next(topic for topic, stem in TOPICS.items() if stem == Path(name).stem)
    if topic not in LABS:
        return
    told = re.findall(rf"\]\({LABS[topic]}\.ipynb#Claim-([A-Z]\d+)\)", prose(notebook))
    once = list(dict.fromkeys(told))
    if not CLAIMS_TOLD[0] <= len(once) <= CLAIMS_TOLD[1]:
        yield f"tells {len(once)} claims, not from {CLAIMS_TOLD[0]} to {CLAIMS_TOLD[1]}"
    if once != sorted(once, key=lambda claim: int(claim[1:])):
        yield f"tells its claims in the order {once}"
    if f"]({LABS[topic]}.ipynb)" not in notebook.cells[-1].source:
        yield "the last cell does not lead to the lab"


@of_lessons
def claims_wait_for_their_vote(notebook: NotebookNode, name: str) -> Iterator[str]:
    """Where a lesson asks for votes, what the lab found is folded: open stand the claims alone, each with its link."""
    cells = under(notebook, r"\d+ · What people say")
    if not cells:
        return
    shown = "\n".join(cell.source for cell in cells if not tagged(cell, "verdict"))
    claim = r"\* \[([A-Z]\d+)\]\(\S+#Claim-\1\)"
    lines = re.findall(r"(?m)^\* .*$|^.*#Claim-.*$", shown)
    yield from (
        f"says more than the claim: {line[:60]}"
        for line in lines
        if not re.fullmatch(rf"{claim} \*(?!\*)(?:[^*]|\*\*[^*]+\*\*)+\*", line)
    )
    if found := re.search(rf"\b({'|'.join(verdict for verdict in VERDICTS if verdict != OPEN)})\b", shown):
        yield f"a verdict before the vote: {found[0]!r}"
    folded = [cell.source for cell in cells if tagged(cell, "verdict")]
    if len(folded) != 1 or not re.fullmatch(r"(?s)<details><summary>[^<]+</summary>\n\n[^<]*\n\n</details>", folded[0]):
        yield "what the lab found does not stand in one folded cell tagged `verdict`"
    elif re.findall(r"(?m)^\* \*\*([A-Z]\d+)\*\* ", folded[0]) != re.findall(rf"(?m)^{claim}", shown):
        yield "the folded answers are not those to the claims above"


@of_lessons
def terms_are_introduced_in_bold(notebook: NotebookNode, name: str) -> Iterator[str]:
    """Where a term of the glossary first stands in a lesson, it is bold, unless an earlier lesson introduced it."""
    here = list(TOPICS.values()).index(Path(name).stem)
    text = re.sub(r"\[[^\]]*\]\((?:labs/)?\w+\.ipynb[^)]*\)", "", lesson_prose(notebook))  # names of other notebooks
    text = re.sub(r"(?m)^#.*$|`[^`]*`|\]\([^)]*\)", "", text)
    for term in TERMS:
        introduced = list(TOPICS).index(term.topic)
        first = first_use(term, text)
        if introduced == here and first is None:
            yield f"the term {term.term!r} is not introduced"
        if introduced >= here and first is not None and not first[1]:
            yield f"the term {term.term!r} is used before it is introduced in bold: …{first[0]}…"


def lesson_prose(notebook: NotebookNode) -> str:
    """The text that a learner reads in order: no exercises, no folded answers."""
    cells = [*notebook.cells, None]
    shown = [
        cell.source
        for cell, below in pairwise(cells)
        if cell.cell_type == "markdown"
        and not (tagged(cell, "reveal") or tagged(cell, "solution"))
        and not (below is not None and tagged(below, "exercise"))
    ]
    return re.sub(r"(?ms)^\s*```.*?^\s*```", "", "\n\n".join(shown))


def first_use(term: Term, text: str) -> tuple[str, bool] | None:
    """The words around the first use of a term, and whether it is bold there; None if it is not used."""
    words = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(term.words, key=len, reverse=True))
    found = re.search(rf"(?i)(?<![\w-])(?:{words})(?:s|es)?(?![\w-])", text)
    if not found:
        return None
    start, end = found.span()
    bold = text.count("**", 0, start) % 2 == 1
    return re.sub(r"\s+", " ", text[max(0, start - 40) : end + 20]), bold


def exercises_and_votes_stand_in_order(notebook: NotebookNode, name: str) -> Iterator[str]:
    keys = re.findall(r'(?m)^check\("(\d\d\.\d+)"', "\n".join(c.source for c in code_cells(notebook)))
    numbers = [int(key.partition(".")[2]) for key in keys]
    if any(key[:2] != number(name) for key in keys):
        yield f"the exercises are {keys}"
    if numbers != sorted(set(numbers)) or (numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers)))):
        yield f"the exercises stand in the order {keys}"
    if "labs/" not in name and numbers[:1] not in ([], [1]):
        yield f"the first exercise is {keys[0]}"


@of_labs
def a_lab_holds_every_claim(notebook: NotebookNode, name: str) -> Iterator[str]:
    """Each in the ledger's order, with a vote, a verdict, where it is heard, one figure at most, and few words."""
    wanted = [claim for claim in CLAIMS.values() if claim.notebook == number(name)]
    there = [text.removeprefix("Claim ") for _, text in headings(notebook) if text.startswith("Claim ")]
    if there != [claim.id for claim in wanted]:
        yield f"the claims are {there}"
        return
    for claim in wanted:
        cells = under(notebook, f"Claim {claim.id}")
        first = next((i for i, c in enumerate(cells) if asked(c, "vote", "vote") == claim.id), None)
        told = [i for i, cell in enumerate(cells) if "**Verdict: " in cell.source]
        if first is None or len(told) != 1 or told[0] < first:
            yield f"{claim.id}: no vote before its one verdict"
            continue
        verdict = cells[told[0]]
        if not (tagged(verdict, "verdict") and verdict.source.startswith("<details><summary>")):
            yield f"{claim.id}: the verdict is not folded in a cell tagged `verdict`"
        if not claim.heard or f"Heard in: {claim.heard}" not in verdict.source:
            yield f"{claim.id}: its verdict does not say where it is heard, as the package does"
        if f"**Verdict: {claim.verdict}" not in verdict.source:
            yield f"{claim.id}: another verdict than the package's, {claim.verdict!r}"
        words = sum(len(cell.source.split()) for cell in cells if cell.cell_type == "markdown")
        if words > CLAIM_WORDS:
            yield f"{claim.id}: {words} words, more than {CLAIM_WORDS}"
        figures = [cell for cell in cells if any("image/png" in o.get("data", {}) for o in cell.get("outputs", []))]
        if len(figures) > 1:
            yield f"{claim.id}: {len(figures)} figures"
        first = [c.outputs[0] for c in cells if tagged(c, "evidence") and c.outputs]
        told = [o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in first]
        if not all(text.startswith(notebooks.HIDDEN) for text in told):
            yield f"{claim.id}: the first line of what is hidden shows: run `make notebooks NB=notebooks/{name}`"
        open_ones = [c for c in cells if c.cell_type == "code" and c.outputs and not shown_or_hidden(c)]
        if open_ones:
            yield f"{claim.id}: what is measured shows before the vote: tag it `evidence`: {open_ones[0].source[:50]!r}"
    if not any(cell.source.strip() == f'table("{number(name)}")' for cell in code_cells(notebook)):
        yield "no table of its claims"
    if "5 minutes a claim" not in notebook.cells[0].source:
        yield "the first cell does not say: 5 minutes a claim"


def under(notebook: NotebookNode, heading: str) -> list[NotebookNode]:
    """The cells from a heading, a regular expression, to the next one."""
    found, inside = [], False
    for cell in notebook.cells:
        for text in re.findall(r"(?m)^#+ +(.+?)\s*$", cell.source) if cell.cell_type == "markdown" else []:
            inside = bool(re.fullmatch(heading, text))
        found += [cell] if inside else []
    return found


def shown_or_hidden(cell: NotebookNode) -> bool:
    """Whether the outputs of a cell are hidden until it is run, or asked for: a vote, a prediction, an exercise."""
    return any(tagged(cell, tag) for tag in ("vote", "evidence", "predict", "explorer", "exercise"))


def a_score_closes_it(notebook: NotebookNode, name: str) -> Iterator[str]:
    if any(tagged(cell, tag) for cell in notebook.cells for tag in ("predict", "vote")) and not any(
        cell.source.strip() == "score()" for cell in code_cells(notebook)
    ):
        yield "predictions or votes without a cell `score()`"


def figures_are_no_wider_than_a_page(notebook: NotebookNode, name: str) -> Iterator[str]:
    for output in outputs(notebook):
        png = output.get("data", {}).get("image/png")
        if not png:
            continue
        wide = output.metadata.get("image/png", {}).get("width")
        wide = wide or int.from_bytes(b64decode(png)[16:20], "big") / STORED
        if wide > WIDEST:
            yield f"a figure {wide} pixels wide, more than {WIDEST}"


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
        sentence = output.data.get("text/plain", "").removeprefix(notebooks.HIDDEN).strip()
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
        if target and not ((notebooks.FOLDER / name).parent / target).exists():
            yield f"a link to {target}, which is not there"
        if not target and anchor.lower() not in anchors:
            yield f"a link to #{anchor}, which is not in this notebook"


def minutes_are_what_it_takes(notebook: NotebookNode, name: str) -> Iterator[str]:
    """The first cell and the README's table promise the minutes that are computed."""
    if "labs/" in name:
        return
    promise = count(notebook).promise
    if promise not in notebook.cells[0].source:
        yield f"the first cell does not say {promise!r}: run `make notebooks NB=notebooks/{name}`"
    row = re.search(rf"(?m)^\|.*{re.escape(name)}.*$", README.read_text(encoding="utf-8"))
    minutes = " / ".join(re.findall(r"\d+", promise))
    if not row or f"| {minutes} |" not in row[0]:
        yield f"the README's table does not say {minutes}"


def last_cell_leads_on(notebook: NotebookNode, name: str) -> Iterator[str]:
    if not re.search(r"\bnext\b", notebook.cells[-1].source, re.IGNORECASE):
        yield "the last cell does not say what comes next"


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
    predictions_are_the_packages_and_folded,
    nothing_answers_a_prediction_before_it_is_made,
    a_lesson_fits_its_time,
    a_lesson_needs_no_torch,
    a_lesson_tells_claims_and_leads_to_its_lab,
    claims_wait_for_their_vote,
    terms_are_introduced_in_bold,
    exercises_and_votes_stand_in_order,
    a_lab_holds_every_claim,
    a_score_closes_it,
    figures_are_no_wider_than_a_page,
    ran_clean_from_top_to_bottom,
    outputs_are_the_same_in_every_run,
    figures_have_alternative_text,
    address_is_the_repositorys,
    setup_cell_leaves_colabs_own_packages_alone,
    exercises_are_the_packages,
    headings_form_an_outline,
    links_lead_somewhere,
    minutes_are_what_it_takes,
    last_cell_leads_on,
    code_stays_plain,
]
