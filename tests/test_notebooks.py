"""Every notebook keeps to tests/notebook_rules.py, and every rule there notices a notebook that does not."""

import re
import sys
from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cnnkit.course.exercises import exercise
from tests import notebook_rules as rules
from tools import address, notebooks

FILES = sorted(notebooks.FOLDER.glob("*.ipynb"))
NAME = "05_convolution_output_sizes.ipynb"
README = (notebooks.ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_notebook(rule: Callable, path):
    assert list(rule(nbformat.read(path, as_version=4), path.name)) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_is_byte_for_byte_what_is_stored(path):
    assert notebooks.is_stored(path)


def test_the_start_page_is_there():
    assert [path.name for path in FILES][:1] == ["00_start_here.ipynb"]


GITHUB, ELSEWHERE = "https://github.com/ada/cnnkit", "https://git.example.org/ada/cnnkit"
SETUP = """\
import sys

if "google.colab" in sys.modules:
    {}

from cnnkit.course.convolution import Window"""


@pytest.fixture
def home(monkeypatch, request):
    """The address that the repository has in this test: one on GitHub, where nothing else is asked for."""
    given = getattr(request, "param", GITHUB)
    monkeypatch.setattr(address, "repository", lambda: given)
    return given


def minutes() -> str:
    """What the README's table says of NAME, so that the good notebook below is good whatever it says."""
    return re.search(rf"\|.*{NAME}.*?\| *(\d+) *\|", README)[1]


def good(home: str | None = GITHUB) -> NotebookNode:
    """A small notebook that keeps to every rule."""
    link = "https://colab.research.google.com/github/ada/cnnkit/blob/main/notebooks/" + NAME
    badge = f"[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)]({link})\n\n"
    install = f"%pip install -q --no-deps git+{home}" if home else f'sys.exit("{address.NOT_YET}")'
    picture = new_output(
        "execute_result",
        {"image/png": "iVBORw0KGgo=", "text/plain": "One red square on white."},
        metadata={"image/png": {"alt": "One red square on white.", "width": 50}},
        execution_count=3,
    )
    cells = [
        new_markdown_cell(f"# What size comes out?\n\n{badge if home == GITHUB else ''}{minutes()} minutes."),
        new_code_cell(SETUP.format(install)),
        new_markdown_cell("## Two\n\n[above](#Two)"),
        new_code_cell("print(1 + 1)", outputs=[new_output("stream", text="2\n")]),
        new_markdown_cell("How large is it?", metadata={"tags": ["predict"]}),
        new_code_cell("Window(size=32)", metadata={"tags": ["explorer"]}, outputs=[picture]),
        new_markdown_cell("Next: [the table](../README.md)"),
    ]  # fmt: skip
    notebook = new_notebook(cells=cells)
    sources = [cell.source for cell in cells]
    assert [cell.source for cell in notebooks.normalise(notebook, NAME).cells] == sources
    return notebook


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


def solved(question: str = "", stub: str = "", folded: str = "") -> list[NotebookNode]:
    """The cells of exercise 05.1, as the package has them or with another text."""
    texts = [mine or text for mine, text in zip((question, stub, folded), exercise("05.1").cells(), strict=True)]
    return [
        new_markdown_cell(texts[0]),
        new_code_cell(texts[1], metadata={"tags": ["exercise"]}, outputs=[new_output("stream", text="not yet\n")]),
        new_markdown_cell(texts[2], metadata={"tags": ["solution"]}),
    ]


PNG = {"image/png": "iVBORw0KGgo="}
BROKEN = [
    ("valid_file", same_id),
    ("stored_as_make_notebooks_stores_it", widget_state),
    ("stored_as_make_notebooks_stores_it", cell_times),
    ("code_cells_are_short", insert(4, code("x = 1\n" * 21))),
    ("code_cells_are_short", insert(4, *[code("x = 1\n" * 6) for _ in range(6)])),
    ("code_fits_on_a_screen", insert(4, code("x = " + "1" * 103))),
    ("prose_comes_before_code", insert(4, code(), code())),
    ("prediction_before_each_explorer", untagged(4)),
    ("prediction_before_each_explorer", untagged(5)),
    ("prediction_before_each_explorer", source(4, "?", ".")),
    ("prediction_before_each_explorer", insert(5, new_markdown_cell("Between."))),
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
    ("exercises_are_the_packages", insert(6, *solved(question=exercise("05.1").cells()[0] + " "))),
    (
        "exercises_are_the_packages",
        insert(6, *solved(stub='def output_size(n):\n    ...\n\ncheck("05.1", output_size)')),
    ),
    ("exercises_are_the_packages", insert(6, *solved(stub=exercise("05.1").stub))),
    ("exercises_are_the_packages", insert(6, *solved(folded=exercise("05.2").cells()[2]))),
    ("exercises_are_the_packages", insert(6, *solved()[:2])),
    ("exercises_are_the_packages", insert(6, solved()[2])),
    ("headings_form_an_outline", source(2, "## Two", "# Two")),
    ("headings_form_an_outline", source(2, "## Two", "### Two")),
    ("links_lead_somewhere", source(2, "#Two", "#Three")),
    ("links_lead_somewhere", source(6, "README", "NOTHING")),
    ("minutes_are_stated", source(0, " minutes", "1 minutes")),
    ("minutes_are_stated", source(0, " minutes", "")),
    ("last_cell_leads_on", source(6, "Next", "End")),
    ("code_stays_plain", insert(4, code("import matplotlib.pyplot as plt"))),
    ("code_stays_plain", insert(4, code("from cnnkit import *"))),
    ("code_stays_plain", insert(4, code("x ="))),
]


@pytest.mark.parametrize(("rule", "change"), BROKEN, ids=[f"{i}-{rule}" for i, (rule, _) in enumerate(BROKEN)])
def test_a_broken_notebook_is_noticed(rule: str, change: Callable, home):
    notebook = good()
    change(notebook)
    assert list(getattr(rules, rule)(notebook, NAME)) != []


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
    assert {rule for rule, _ in BROKEN} == {rule.__name__ for rule in rules.RULES}


def test_an_exercise_as_the_package_has_it_passes(home):
    notebook = good()
    insert(6, *solved())(notebook)
    assert complaints(notebooks.normalise(notebook, NAME)) == {}


@pytest.mark.parametrize("cells", [solved()[1:2], solved("### Exercise 05.9 · Old"), solved(folded="old"), solved()])
def test_make_notebooks_writes_the_cells_of_an_exercise(home, cells):
    cells[-1 if len(cells) == 1 else 1].source = 'check("05.1", "whatever was written here")'
    notebook = good()
    insert(6, *cells)(notebook)
    written = notebooks.normalise(notebook, NAME).cells
    assert len(written) == 10
    assert [cell.source for cell in written[6:9]] == list(exercise("05.1").cells())
    assert [cell.metadata.get("tags", []) for cell in written[6:9]] == [[], ["exercise"], ["solution"]]
    assert written[7].outputs[0].text == "not yet\n"
    assert complaints(notebook) == {}
    once = notebooks.stored(notebook)
    assert notebooks.stored(notebooks.normalise(notebook, NAME)) == once


def test_an_exercise_that_the_package_does_not_have_is_named(home):
    notebook = good()
    insert(6, *solved(stub='check("05.99", x)'))(notebook)
    with pytest.raises(ValueError, match=r"there is no exercise '05\.99'"):
        notebooks.normalise(notebook, NAME)


def test_a_second_run_changes_no_byte(tmp_path, home):
    notebook = good()
    notebook.cells[1].source = notebook.cells[5].source = "1"
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


def test_text_form_shows_sources_and_outputs(home):
    assert "--- code\nprint(1 + 1)\n> 2\n" in notebooks.as_text(good())


def test_readme_lists_the_notebooks_in_order():
    rows = [line for line in README.splitlines() if re.match(r"\| *[\[`]0\d_", line)]
    assert [re.search(r"0\d_\w+", row)[0] for row in rows] == rules.NAMES
    for name, row in zip(rules.NAMES, rows, strict=True):
        written = (notebooks.FOLDER / f"{name}.ipynb").exists()
        assert ("not written yet" in row) != written
        assert (f"notebooks/{name}.ipynb" in row) == written
        badge = address.badge(address.repository(), f"{name}.ipynb", f"Open {name[:2]} in Colab")
        assert row.count("colab.research.google.com") == badge.count("colab.research.google.com")
        assert badge in row


def test_the_start_page_and_the_readme_tell_the_same():
    start = rules.prose(nbformat.read(FILES[0], as_version=4))
    for row in (line.split("|") for line in README.splitlines() if re.match(r"\| *[\[`]0\d_", line)):
        number, question, minutes = re.search(r"\d\d", row[1])[0], row[2].strip(), row[3].strip()
        told = re.search(rf"(?m)^\| *{number} .*$", start)[0]
        assert question in told
        assert (f"{minutes} minutes" if minutes else "not written yet") in told
