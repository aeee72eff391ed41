"""Every notebook keeps to tests/notebook_rules.py, and every rule there notices a notebook that does not."""

import re
import sys
from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cnnkit.course import LABS, predictions
from cnnkit.course.exercises import exercise
from cnnkit.course.kit.prediction import Option, Prediction
from cnnkit.course.kit.term import Term
from tests import notebook_rules as rules
from tools import address, minutes, notebooks

FILES = notebooks.FILES
NAME = "05_convolution_output_sizes.ipynb"
README = (notebooks.ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_notebook(rule: Callable, path):
    assert list(rule(nbformat.read(path, as_version=4), notebooks.name_of(path))) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_is_byte_for_byte_what_is_stored(path):
    assert notebooks.is_stored(path)


def test_every_lesson_and_every_lab_is_there():
    there = {notebooks.name_of(path).removesuffix(".ipynb") for path in FILES}
    assert there == {*rules.NAMES, *LABS.values(), rules.ALL_CLAIMS}


def test_the_start_page_is_there():
    assert [path.name for path in FILES][:1] == ["00_start_here.ipynb"]


GITHUB, ELSEWHERE = "https://github.com/ada/cnnkit", "https://git.example.org/ada/cnnkit"
SETUP = """\
import sys

if "google.colab" in sys.modules:
    {}

from cnnkit.course.convolution import Window"""


QUESTIONS = {
    key: Prediction(
        key=key,
        question="How wide is it?",
        options=tuple(Option(f"{n} wide", n, "That is one possible answer.") for n in (1, wide, 99)),
        truth=lambda wide=wide: wide,
        reveal=f"It is {wide} wide.",
        spoilers=(f"is {wide} wide",),
    )
    for key, wide in {"05.a": 18, "05.b": 19, "05.c": 20}.items()
}
WORDS = (Term("stride", "How far.", topic="convolution"), Term("logit", "A score.", topic="cnn"))


@pytest.fixture
def home(monkeypatch, request, tmp_path):
    """The address that the repository has in this test: one on GitHub, where nothing else is asked for.

    The predictions, the terms and the README's minutes are those of the good notebook below.
    """
    given = getattr(request, "param", GITHUB)
    monkeypatch.setattr(address, "repository", lambda: given)
    monkeypatch.setattr(rules, "TERMS", WORDS)
    for key, question in QUESTIONS.items():
        monkeypatch.setitem(predictions.PREDICTIONS, key, question)
    page = tmp_path / "README.md"
    promised = " / ".join(re.findall(r"\d+", minutes.count(good(given)).promise))
    page.write_text(f"| [{NAME}](notebooks/{NAME}) | {promised} |\n", encoding="utf-8")
    monkeypatch.setattr(rules, "README", page)
    return given


def shown(text: str = "One red square on white.") -> NotebookNode:
    metadata = {"image/png": {"alt": text, "width": 50}}
    return new_output("execute_result", PNG | {"text/plain": text}, metadata=metadata, execution_count=3)


def drawing() -> list[NotebookNode]:
    cell = new_code_cell("draw()", metadata={"tags": ["drawing"]}, outputs=[shown()])
    return [new_markdown_cell("This is the idea."), cell]


def predicted(key: str, *explorer: NotebookNode) -> list[NotebookNode]:
    """A prediction, the explorer that it is about, and its folded answer."""
    asked = new_code_cell(f'predict("{key}")', metadata={"tags": ["predict"]})
    folded = new_markdown_cell(QUESTIONS[key].folded(), metadata={"tags": ["reveal"]})
    return [asked, *explorer, folded]


def good(home: str | None = GITHUB) -> NotebookNode:
    """A small lesson that keeps to every rule."""
    link = "https://colab.research.google.com/github/ada/cnnkit/blob/main/notebooks/" + NAME
    badge = f"[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)]({link})\n\n"
    install = f"%pip install -q --no-deps git+{home}" if home else f'sys.exit("{address.NOT_YET}")'
    time = "**Time:** 1 minutes, 1 with its exercises."
    lab = f"{LABS['convolution']}.ipynb"
    claims = "\n".join(f"* [C{i}]({lab}#Claim-C{i}) *It is {i}.*" for i in (1, 2, 5, 7))
    found = "\n".join(f"* **C{i}** So it is." for i in (1, 2, 5, 7))
    found = f"<details><summary>What the lab found</summary>\n\n{found}\n\n</details>"
    cells = [
        new_markdown_cell(f"# What size comes out?\n\n{badge if home == GITHUB else ''}{time}"),
        new_code_cell(SETUP.format(install)),
        new_markdown_cell("## Two\n\n[above](#Two)"),
        new_code_cell("print(1 + 1)", outputs=[new_output("stream", text="2\n")]),
        *predicted("05.a", new_code_cell("Window(size=32)", metadata={"tags": ["explorer"]}, outputs=[shown()])),
        *predicted("05.b"),
        *predicted("05.c"),
        *drawing(),
        *drawing(),
        *(cell for key in ("05.1", "05.2", "05.3") for cell in solved(key)),
        new_markdown_cell("The **stride** is how far it moves; a larger stride makes less."),
        new_markdown_cell(f"## 9 · What people say\n\nVote first.\n\n{claims}"),
        new_markdown_cell(found, metadata={"tags": ["verdict"]}),
        new_code_cell("score()"),
        new_markdown_cell(f"[The lab]({lab}). Next: [the table](../README.md)"),
    ]  # fmt: skip
    notebook = new_notebook(cells=cells)
    sources = [cell.source for cell in cells][1:]
    assert [cell.source for cell in notebooks.normalise(notebook, NAME).cells][1:] == sources
    return notebook


def solved(key: str = "05.1", question: str = "", stub: str = "", folded: str = "") -> list[NotebookNode]:
    """The cells of an exercise, as the package has them or with another text."""
    texts = [mine or text for mine, text in zip((question, stub, folded), exercise(key).cells(), strict=True)]
    return [
        new_markdown_cell(texts[0]),
        new_code_cell(texts[1], metadata={"tags": ["exercise"]}, outputs=[new_output("stream", text="not yet\n")]),
        new_markdown_cell(texts[2], metadata={"tags": ["solution"]}),
    ]


PNG = {"image/png": "iVBORw0KGgo="}


def complaints(notebook: NotebookNode) -> dict[str, list[str]]:
    found = {rule.__name__: list(rule(notebook, NAME)) for rule in rules.RULES}
    return {name: lines for name, lines in found.items() if lines}


@pytest.mark.parametrize("home", [GITHUB, ELSEWHERE, None], indirect=True)
def test_a_good_notebook_passes_every_rule(home):
    assert complaints(good(home)) == {}


def insert(index: int, *cells: NotebookNode):
    def change(notebook: NotebookNode) -> None:
        notebook.cells[index:index] = cells

    return change  # fmt: skip


def source(index: int, old: str, new: str):
    def change(notebook: NotebookNode) -> None:
        assert old in notebook.cells[index].source
        notebook.cells[index].source = notebook.cells[index].source.replace(old, new)

    return change  # fmt: skip


def code(source: str = "1", **output) -> NotebookNode:
    return new_code_cell(source, outputs=[new_output(**output)] if output else [])


def picture(**metadata) -> Callable:
    def change(notebook: NotebookNode) -> None:
        notebook.cells[5].outputs[0].update(metadata)

    return change  # fmt: skip


def count(index: int, value: int | None) -> Callable:
    def change(notebook: NotebookNode) -> None:
        notebook.cells[index].execution_count = value

    return change  # fmt: skip


def same_id(notebook: NotebookNode) -> None:
    notebook.cells[0].id = notebook.cells[1].id


def widget_state(notebook: NotebookNode) -> None:
    notebook.metadata["widgets"] = {}


def cell_times(notebook: NotebookNode) -> None:
    notebook.cells[1].metadata["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}


def untagged(index: int) -> Callable:
    def change(notebook: NotebookNode) -> None:
        notebook.cells[index].metadata.pop("tags")

    return change  # fmt: skip


def without(call: str, *, whole: bool = True) -> Callable:
    """Take out the cells with this text."""

    def change(notebook: NotebookNode) -> None:
        kept = [c for c in notebook.cells if call not in c.source or (whole and tagged_folded(c))]
        assert len(kept) < len(notebook.cells)
        notebook.cells = kept

    return change  # fmt: skip


def tagged_folded(cell: NotebookNode) -> bool:
    return "reveal" in cell.metadata.get("tags", [])


def everywhere(old: str, new: str) -> Callable:
    """Another text in every cell."""

    def change(notebook: NotebookNode) -> None:
        assert any(old in cell.source for cell in notebook.cells)
        for cell in notebook.cells:
            cell.source = cell.source.replace(old, new)

    return change  # fmt: skip


BROKEN = [
    ("valid_file", same_id),
    ("stored_as_make_notebooks_stores_it", widget_state),
    ("stored_as_make_notebooks_stores_it", cell_times),
    ("code_cells_are_short", insert(4, code("x = 1\n" * 21))),
    ("code_cells_are_short", insert(4, *[code("x = 1\n" * 6) for _ in range(20)])),
    ("code_fits_on_a_screen", insert(4, code("x = " + "1" * 103))),
    ("prose_comes_before_code", insert(4, code(), code())),
    ("prediction_before_each_explorer", untagged(4)),
    ("prediction_before_each_explorer", untagged(5)),
    ("prediction_before_each_explorer", source(4, "predict(", "print(")),
    ("prediction_before_each_explorer", insert(5, new_markdown_cell("Between."))),
    ("predictions_are_the_packages_and_folded", everywhere("05.a", "05.c")),
    ("predictions_are_the_packages_and_folded", everywhere("It is 18 wide.", "It is 17 wide.")),
    ("nothing_answers_a_prediction_before_it_is_made", source(2, "[above]", "It is 18 wide. [above]")),
    ("nothing_answers_a_prediction_before_it_is_made", picture(data=PNG | {"text/plain": "It is 18 wide."})),
    ("nothing_answers_a_prediction_before_it_is_made", insert(3, code("1", output_type="stream", text="is 18 wide"))),
    ("a_lesson_fits_its_time", insert(2, new_markdown_cell("word " * 2500))),
    ("a_lesson_fits_its_time", insert(4, *[code("x = 1\n" * 4) for _ in range(30)])),
    ("a_lesson_fits_its_time", without("draw()")),
    ("a_lesson_fits_its_time", without('predict("05.c")')),
    ("a_lesson_fits_its_time", without('check("05.2"')),
    ("a_lesson_fits_its_time", insert(4, *[code(output_type="stream", text="word " * 2000) for _ in range(4)])),
    ("a_lesson_needs_no_torch", insert(4, code("import torch"))),
    ("a_lesson_needs_no_torch", insert(4, code("from torchvision import models"))),
    ("a_lesson_tells_claims_and_leads_to_its_lab", everywhere("#Claim-C1", "#Claim-C2")),
    ("a_lesson_tells_claims_and_leads_to_its_lab", everywhere("#Claim-C1", "#Claim-C9")),
    ("a_lesson_tells_claims_and_leads_to_its_lab", everywhere("[The lab]", "[The lab](../README.md) [x]#")),
    ("claims_wait_for_their_vote", everywhere("*It is 5.*", "*It is 5.* Yes.")),
    ("claims_wait_for_their_vote", everywhere("*It is 5.*", "*It is 5.* [lab](x#Claim-C5)")),
    ("claims_wait_for_their_vote", everywhere("Vote first.", "The first one holds.")),
    ("claims_wait_for_their_vote", everywhere("Vote first.", "* It is so.")),
    ("claims_wait_for_their_vote", everywhere("<details><summary>What the lab found</summary>", "What the lab found")),
    ("claims_wait_for_their_vote", everywhere("* **C5** So it is.", "* **C9** So it is.")),
    ("terms_are_introduced_in_bold", everywhere("**stride**", "stride")),
    ("terms_are_introduced_in_bold", everywhere("stride", "step")),
    ("terms_are_introduced_in_bold", insert(2, new_markdown_cell("The logits are large."))),
    ("exercises_and_votes_stand_in_order", everywhere('check("05.2"', 'check("05.4"')),
    ("exercises_and_votes_stand_in_order", everywhere('check("05.1"', 'check("06.1"')),
    ("exercises_and_votes_stand_in_order", without('check("05.1"')),
    ("a_score_closes_it", without("score()")),
    ("figures_are_no_wider_than_a_page", picture(metadata={"image/png": {"alt": "One.", "width": 1080}})),
    ("the_course_is_imported_from_one_place", insert(4, code("from cnnkit.course.kit.source import source"))),
    ("the_course_is_imported_from_one_place", source(1, "convolution", "pooling")),
    ("ran_clean_from_top_to_bottom", count(3, 7)),
    ("ran_clean_from_top_to_bottom", count(3, None)),
    ("ran_clean_from_top_to_bottom", insert(4, code(output_type="error", ename="ValueError", evalue="", traceback=[]))),
    ("ran_clean_from_top_to_bottom", insert(4, code(output_type="stream", name="stderr", text="careful"))),
    ("outputs_are_the_same_in_every_run", insert(4, code(output_type="stream", text="took 3.1 ms"))),
    ("outputs_are_the_same_in_every_run", insert(4, code(output_type="stream", text=" 40%|████      | 4/10"))),
    ("outputs_are_the_same_in_every_run", insert(4, code(output_type="stream", text="<object at 0x7f3a1c2d3e4f>"))),
    ("outputs_are_the_same_in_every_run", insert(4, code(output_type="stream", text="/home/ada/cnnkit"))),
    ("figures_have_alternative_text", picture(metadata={})),
    ("figures_have_alternative_text", picture(data=PNG | {"text/plain": "<Figure size 640x480 with 1 Axes>"})),
    ("figures_have_alternative_text", picture(data=PNG)),
    ("figures_have_alternative_text", source(2, "[above](#Two)", "![](two.png)")),
    ("figures_have_alternative_text", source(2, "[above](#Two)", '<img src="two.png">')),
    ("address_is_the_repositorys", source(0, NAME, "04_pooling.ipynb")),
    ("address_is_the_repositorys", source(0, "/ada/", "/eve/")),
    ("address_is_the_repositorys", source(1, "/ada/", "/eve/")),
    ("setup_cell_leaves_colabs_own_packages_alone", source(1, "git+", "torch git+")),
    ("setup_cell_leaves_colabs_own_packages_alone", source(1, " --no-deps", "")),
    ("setup_cell_leaves_colabs_own_packages_alone", source(1, 'if "google.colab" in sys.modules:', "if True:")),
    ("setup_cell_leaves_colabs_own_packages_alone", insert(4, code("%pip install numpy"))),
    ("exercises_are_the_packages", insert(7, *solved(question=exercise("05.1").cells()[0] + " "))),
    (
        "exercises_are_the_packages",
        insert(7, *solved(stub='def output_size(n):\n    ...\n\ncheck("05.1", output_size)')),
    ),
    ("exercises_are_the_packages", insert(7, *solved(stub=exercise("05.1").stub))),
    ("exercises_are_the_packages", insert(7, *solved(folded=exercise("05.2").cells()[2]))),
    ("exercises_are_the_packages", insert(7, *solved()[:2])),
    ("exercises_are_the_packages", insert(7, solved()[2])),
    ("headings_form_an_outline", source(2, "## Two", "# Two")),
    ("headings_form_an_outline", source(2, "## Two", "### Two")),
    ("links_lead_somewhere", source(2, "#Two", "#Three")),
    ("links_lead_somewhere", source(-1, "README", "NOTHING")),
    ("minutes_are_what_it_takes", source(0, " minutes", "1 minutes")),
    ("minutes_are_what_it_takes", source(0, " minutes", "")),
    ("minutes_are_what_it_takes", insert(2, new_markdown_cell("word " * 2000))),
    ("last_cell_leads_on", source(-1, "Next", "End")),
    ("code_stays_plain", insert(4, code("import matplotlib.pyplot as plt"))),
    ("code_stays_plain", insert(4, code("from cnnkit import *"))),
    ("code_stays_plain", insert(4, code("x ="))),
]


@pytest.mark.parametrize(("rule", "change"), BROKEN, ids=[f"{i}-{rule}" for i, (rule, _) in enumerate(BROKEN)])
def test_a_broken_notebook_is_noticed(rule: str, change: Callable, home):
    notebook = good()
    change(notebook)
    assert list(getattr(rules, rule)(notebook, NAME)) != []


SANITIZE = notebooks.ROOT / "tests" / "nbval.cfg"
LAB = "labs/06_weight_sharing_lab.ipynb"


def good_lab() -> NotebookNode:
    """A small lab that keeps to the rule for labs."""
    cells = [new_markdown_cell("# Lab 06\n\n**Time:** 5 minutes a claim, in any order.")]
    for claim in (claim for claim in rules.CLAIMS.values() if claim.notebook == "06"):
        told = f"**Verdict: {claim.verdict}.** So it is.\n\nHeard in: {claim.heard}\n\n</details>"
        cells += [
            new_markdown_cell(f"## Claim {claim.id}\n\nWe count."),
            new_code_cell(f'vote("{claim.id}")', metadata={"tags": ["vote"]}),
            new_code_cell("draw()", metadata={"tags": ["evidence"]}, outputs=[shown(f"{notebooks.HIDDEN}\nSquare.")]),
            new_markdown_cell(f"<details><summary>Verdict</summary>\n\n{told}", metadata={"tags": ["verdict"]}),
        ]
    return new_notebook(cells=[*cells, new_code_cell('table("06")')])


BROKEN_LABS = [
    ("a_lab_holds_every_claim", without("## Claim W3")),
    ("a_lab_holds_every_claim", without('vote("W3")')),
    ("a_lab_holds_every_claim", everywhere('vote("W3")', 'vote("W2")')),
    ("a_lab_holds_every_claim", everywhere("<details>", "")),
    ("a_lab_holds_every_claim", everywhere("Heard in: ", "Read in: ")),
    ("a_lab_holds_every_claim", everywhere("**Verdict: ", "**Verdict: perhaps, ")),
    ("a_lab_holds_every_claim", everywhere("We count.", "We count. " * 120)),
    ("a_lab_holds_every_claim", everywhere("5 minutes a claim", "an hour")),
    ("a_lab_holds_every_claim", without("table(")),
    ("a_lab_holds_every_claim", lambda notebook: notebook.cells[3].outputs[0].data.update({"text/plain": "A result."})),
    ("a_lab_holds_every_claim", insert(3, new_code_cell("1", outputs=[new_output("stream", text="1")]))),
    ("a_lab_holds_every_claim", insert(3, new_code_cell("d", metadata={"tags": ["evidence"]}, outputs=[shown()]))),
]


def test_a_good_lab_passes_and_a_lesson_need_not():
    assert list(rules.a_lab_holds_every_claim(good_lab(), LAB)) == []
    assert list(rules.a_lab_holds_every_claim(new_notebook(), NAME)) == []


@pytest.mark.parametrize("change", [change for _, change in BROKEN_LABS], ids=range(len(BROKEN_LABS)))
def test_a_broken_lab_is_noticed(change: Callable):
    notebook = good_lab()
    change(notebook)
    assert list(rules.a_lab_holds_every_claim(notebook, LAB)) != []


BADGE = f"# What size comes out?\n\n{address.badge(GITHUB, NAME, 'Open In Colab')}"
BROKEN_WITHOUT_ADDRESS = [
    ("address_is_the_repositorys", source(0, "# What size comes out?", BADGE)),
    ("address_is_the_repositorys", source(2, "#Two", "https://colab.research.google.com/github/ada/cnnkit")),
    ("address_is_the_repositorys", source(1, f'sys.exit("{address.NOT_YET}")', f"%pip install git+{GITHUB}")),
    ("setup_cell_leaves_colabs_own_packages_alone", source(1, address.NOT_YET, "")),
    ("setup_cell_leaves_colabs_own_packages_alone", source(1, "\n\nfrom", f"\n\n%pip install git+{GITHUB}\nfrom")),
]


@pytest.mark.parametrize("home", [None], indirect=True)
@pytest.mark.parametrize(("rule", "change"), BROKEN_WITHOUT_ADDRESS)
def test_an_address_where_there_is_none_is_noticed(rule: str, change: Callable, home):
    notebook = good(home)
    change(notebook)
    assert list(getattr(rules, rule)(notebook, NAME)) != []


def test_every_rule_is_broken_above():
    assert {rule for rule, _ in [*BROKEN, *BROKEN_LABS]} == {rule.__name__ for rule in rules.RULES}


@pytest.mark.parametrize("name", [NAME, "02_vanishing_gradients.ipynb"])
def test_a_lessons_terms_are_those_of_its_topic_and_of_earlier_ones(name, home):
    """A lesson need not introduce what a later one does, and may use what an earlier one did."""
    notebook = new_notebook(cells=[new_markdown_cell("Nothing is said." if name != NAME else "The **stride**.")])
    assert list(rules.terms_are_introduced_in_bold(notebook, name)) == []


KEY = "05.4"  # the exercise that would follow in the good notebook
ANY = [
    solved(KEY)[1:2],
    solved(KEY, "### Exercise 05.9 · Old"),
    solved(KEY, folded="old"),
    solved(KEY),
]


@pytest.mark.parametrize("cells", ANY, ids=["stub", "question", "folded", "all"])
def test_make_notebooks_writes_the_cells_of_an_exercise(home, cells):
    cells[-1 if len(cells) == 1 else 1].source = f'check("{KEY}", "whatever was written here")'
    notebook = good()
    at = len(notebook.cells) - 5  # before what people say
    insert(at, *cells)(notebook)
    written = notebooks.normalise(notebook, NAME).cells
    assert len(written) == len(good().cells) + 3
    assert [cell.source for cell in written[at : at + 3]] == list(exercise(KEY).cells())
    assert [cell.metadata.get("tags", []) for cell in written[at : at + 3]] == [[], ["exercise"], ["solution"]]
    assert written[at + 1].outputs[0].text == "not yet\n"
    assert set(complaints(notebook)) <= {"minutes_are_what_it_takes"}  # an exercise more than the README says
    once = notebooks.stored(notebook)
    assert notebooks.stored(notebooks.normalise(notebook, NAME)) == once


def test_an_exercise_that_the_package_does_not_have_is_named(home):
    notebook = good()
    insert(7, *solved(stub='check("05.99", x)'))(notebook)
    with pytest.raises(ValueError, match=r"there is no exercise '05\.99'"):
        notebooks.normalise(notebook, NAME)


def test_a_second_run_changes_no_byte(tmp_path, home):
    notebook = good()
    for cell in rules.code_cells(notebook):
        cell.source = "1"
        cell.metadata.pop("tags", None)
    notebooks.run(notebook, tmp_path)
    first = notebooks.stored(notebooks.normalise(notebook, NAME))
    again = nbformat.reads(first, as_version=4)
    notebooks.run(again, tmp_path)
    assert notebooks.stored(notebooks.normalise(again, NAME)) == first


def test_the_check_before_a_commit_names_what_is_not_stored(tmp_path, home, monkeypatch, capsys):
    well, badly = tmp_path / NAME, tmp_path / "04_pooling.ipynb"
    well.write_text(notebooks.stored(good()), encoding="utf-8")
    badly.write_text(notebooks.stored(good()), encoding="utf-8")  # whose badge leads to the other notebook
    sentence = f"{badly}: not in the stored form, run `make notebooks NB={badly}`"
    for paths, said in ([well], None), ([badly, well], sentence):
        monkeypatch.setattr(sys, "argv", ["notebooks", "--check", *map(str, paths)])
        with pytest.raises(SystemExit) as caught:
            notebooks.main()
        assert caught.value.code == said


@pytest.mark.parametrize("quoted", ["", "> *What was said before.*\n> Twice.\n\n"])
def test_make_notebooks_writes_what_is_claimed(quoted):
    said = f"## Claim W3\n\n> *{rules.CLAIMS['W3'].said}*\n\nWe count."
    assert notebooks.with_claim(f"## Claim W3\n\n{quoted}We count.") == notebooks.with_claim(said) == said
    assert notebooks.with_claim("## Two\n\n> *Quoted.*\n") == "## Two\n\n> *Quoted.*\n"


def test_what_is_hidden_shows_none_of_its_text():
    """JupyterLab shows the first line of an output that it hides."""
    cell = new_code_cell("1", metadata={"tags": ["evidence"]}, outputs=[new_output("stream", text="It is 7.\n")])
    table = new_output("display_data", {"text/plain": "A 7.", "text/markdown": "| 7 |"})
    other = new_code_cell("2", metadata={"tags": ["evidence"]}, outputs=[table])
    notebook = new_notebook(cells=[cell, other])
    for _ in range(2):  # a second time changes nothing
        cells = notebooks.normalise(notebook, LAB).cells
        assert cells[0].outputs[0].text == f"{notebooks.HIDDEN}It is 7.\n"
        assert cells[1].outputs[0].data["text/markdown"] == f"{notebooks.HIDDEN}\n| 7 |"
        assert all(cell.metadata["jupyter"] == {"outputs_hidden": True, "source_hidden": True} for cell in cells)
    pattern, replaced = re.findall(r"(?m)^regex: (.*)$\n^replace: (.*)$", SANITIZE.read_text(encoding="utf-8"))[0]
    assert re.sub(pattern, replaced, cells[0].outputs[0].text) == "It is 7.\n"
    assert re.sub(pattern, replaced, cells[1].outputs[0].data["text/markdown"]) == "| 7 |"


def test_text_form_shows_sources_and_outputs(home):
    assert "--- code\nprint(1 + 1)\n> 2\n" in notebooks.as_text(good())


def test_readme_lists_the_notebooks_in_order():
    rows = [line for line in README.splitlines() if re.match(r"\| *[\[`]0\d_", line)]
    assert [re.search(r"0\d_\w+", row)[0] for row in rows] == rules.NAMES
    labs = dict(zip((rules.TOPICS[topic] for topic in LABS), LABS.values(), strict=True))
    for name, row in zip(rules.NAMES, rows, strict=True):
        assert f"notebooks/{name}.ipynb" in row
        assert name not in labs or f"notebooks/{labs[name]}.ipynb" in row
        badge = address.badge(address.repository(), f"{name}.ipynb", f"Open {name[:2]} in Colab")
        assert row.count("colab.research.google.com") == badge.count("colab.research.google.com")
        assert badge in row


def test_the_start_page_and_the_readme_tell_the_same():
    start = rules.prose(nbformat.read(FILES[0], as_version=4))
    for row in (line.split("|") for line in README.splitlines() if re.match(r"\| *[\[`]0\d_", line)):
        number, question, minutes = re.search(r"\d\d", row[1])[0], row[2].strip(), row[3].strip()
        told = re.search(rf"(?m)^\| *{number} .*$", start)[0]
        assert question in told
        title = rules.headings(nbformat.read(notebooks.FOLDER / f"{rules.NAMES[int(number)]}.ipynb", as_version=4))[0][
            1
        ]
        assert number == "00" or title == f"{number} · {question}"
        assert minutes in told
