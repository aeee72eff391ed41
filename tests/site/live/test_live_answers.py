"""Exercises, predictions, votes, cells and the score on their pages."""

from __future__ import annotations

import json

import pytest

from cnnkit.course import LABS, TOPICS
from cnnkit.course.exercises import EXERCISES
from cnnkit.course.kit.markup import html
from cnnkit.course.predictions import PREDICTIONS
from tests.site.live.conftest import PYTHON
from tests.site.live.pages import having
from tests.site.pages import ROOT
from tests.test_site_slim import LEARNERS
from tools.site.live.cells import last_call

NOTEBOOKS = ROOT / "notebooks"
NAMES = [*TOPICS.values(), *LABS.values()]


def keys(name: str, called: str) -> list[str]:
    """The keys that a notebook calls a function with, in their order."""
    cells = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    calls = [last_call("".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]
    return [key for function, key, _ in calls if function == called and key]


def check(page, number: int, code: str) -> str:
    """Put code into an exercise, press Check, and read what is said."""
    box = page.locator(".live-exercise").nth(number)
    box.locator("textarea").fill(code)
    box.get_by_role("button", name="Check").click()
    box.locator(".live-verdict > div").wait_for()
    return box.locator(".live-verdict").inner_html()


@pytest.mark.parametrize("which", [name for name in NAMES if keys(name, "check")])
def test_solutions_pass_and_a_known_mistake_is_named(visit, which):
    page = visit(which)
    for number, key in enumerate(keys(which, "check")):
        exercise = EXERCISES[key]
        said = check(page, number, f"import numpy as np\n{exercise.source()}")
        assert "✓ right" in said, (key, said)
        wrong = f"from cnnkit.course.exercises import exercise\n{exercise.name} = exercise({key!r}).mistakes[0].answer"
        said = check(page, number, wrong)
        assert "✗ not yet" in said, key
        first = html(exercise.mistakes[0].diagnosis)[3:-4].split("<")[0][:40]
        assert first.replace("&gt;", ">") in said.replace("&gt;", ">"), (key, said)


@pytest.mark.parametrize("which", list(TOPICS.values()))
def test_a_prediction_commits_and_reveals(visit, which):
    page = visit(which)
    for number, key in enumerate(keys(which, "predict")):
        asked = PREDICTIONS[key]
        box = page.locator(".live-asked").nth(number)
        said = box.locator(".live-verdict")
        assert not said.inner_text()
        box.get_by_role("button", name="Commit").click()
        assert "first, then commit" in said.inner_text()
        right = asked.right()
        if asked.choices():
            box.locator("input").nth(asked.choices().index(right.text)).check()
        else:
            box.locator("input").fill(str(right.value))
        box.get_by_role("button", name="Commit").click()
        box.locator(".live-right").wait_for()
        assert "✓ Right." in said.inner_text()
        assert html(asked.reveal)[3:23] in said.inner_html().replace("&nbsp;", " ")
    texts = page.locator(".live-score li").all_inner_texts()
    count = len(keys(which, "predict"))
    assert texts[0] == f"{count} of {count} predictions right; 0 wrong."


NUMBERS = [asked for asked in PREDICTIONS.values() if not asked.choices()]


@pytest.mark.parametrize("asked", NUMBERS, ids=lambda asked: asked.key)
def test_a_number_is_judged_at_once_and_as_in_a_notebook(visit, asked):
    page = visit(next(name for name in NAMES if asked.key in keys(name, "predict")))
    page.route("**/worker.js*", lambda route: None)  # Python never comes
    box = page.locator(".live-asked").filter(has_text=f"Predict {asked.key}")
    truth = asked.right().value
    edges = [v * (1 + asked.within * f) for v in (truth, *(o.value for o in asked.options)) for f in (0, 0.99, -1.01)]
    for typed in [*map(str, edges), "1e12", "-3", " 12 ", f"{truth:.1f}".replace(".", ",")]:
        box.locator("input").fill(typed)
        box.get_by_role("button", name="Commit").click()
        reply = asked.reply(typed.replace(",", "."))
        assert box.locator(".live-verdict").inner_html().endswith(f"{html(asked.reveal)}</div>")
        assert html(reply.marked()) in box.locator(".live-verdict").inner_html(), typed
    for typed in ("", "many", "0x10", "nan", "1e999", "3 4"):
        box.locator("input").fill(typed)
        box.get_by_role("button", name="Commit").click()
        assert box.locator(".live-verdict").inner_text() == "Type a number first, then commit."


def test_a_vote_is_cast_by_the_keyboard_and_is_only_noted(visit):
    page = visit("labs/04_pooling_lab")
    box = page.locator(".live-asked").first
    said = box.locator(".live-verdict")
    assert box.get_by_role("button").all_inner_texts() == ["Commit"]
    box.locator("input").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    noted = "Noted: you say that it holds, if something is added that it leaves out. "
    assert said.inner_text() == f"{noted}Now open the measurement, then the verdict."
    assert page.locator(".live-right, .live-wrong").count() == 0
    [done] = page.evaluate("JSON.parse(localStorage.cnnkit).done").values()
    assert (done["kind"], done["right"]) == ("vote", None)
    assert "1 of 7 votes cast." in page.locator(".live-score li").all_inner_texts()
    assert page.locator(".live-score li").last.inner_text() == "In the whole course: 0 right so far."
    box.get_by_label("It is false as said.").check()
    box.get_by_role("button", name="Commit").click()
    page.reload()
    page.wait_for_function("document.documentElement.dataset.live")
    assert said.inner_text().startswith("Noted: you say that it is false as said. Now")
    assert box.get_by_label("It is false as said.").is_checked()
    assert page.locator(".live-claims tr").nth(1).locator("[data-head='your vote']").text_content().strip() == (
        "It is false as said."
    )


def test_an_empty_field_is_no_answer(visit):
    page = visit("00_start_here")
    assert "✓ right" in check(page, 0, "windows = 3")
    assert page.locator(".live-score li").nth(1).inner_text() == "1 of 1 exercises right; 0 wrong."
    for code in ("", "hello = 1", "5 - 3 + 1"):
        said = check(page, 0, code)
        assert "There is no <code>windows</code> in your code." in said
        assert "right" not in said
    code = page.locator(".live-verdict code").first
    assert code.evaluate("e => getComputedStyle(e).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert "✗ not yet" in check(page, 0, "windows = 2")
    assert page.locator(".live-score li").nth(1).inner_text() == "1 of 1 exercises right; 0 wrong.", "it was solved"


def test_what_was_answered_stands_here_again(visit):
    page = visit("00_start_here")
    asked, exercise = page.locator(".live-asked").first, page.locator(".live-exercise").first
    score = page.locator(".live-score li")
    asked.get_by_role("button", name="Show me anyway").click()
    looked = asked.locator(".live-verdict").inner_html()
    assert "What happens" in looked
    assert score.first.inner_text() == "0 of 1 predictions right; 0 wrong, 1 open; 1 looked up."
    check(page, 0, "windows = 2")
    again(page)
    assert asked.locator(".live-verdict").inner_html() == looked
    assert exercise.locator(".live-verdict").inner_text() == "✗ not yet, press Check again."
    asked.locator("input").fill("7")
    asked.locator("input").press("Enter")
    said = asked.locator(".live-verdict").inner_html()
    assert "✗ Not so." in said
    check(page, 0, "windows = 3")
    again(page)
    assert asked.locator(".live-verdict").inner_html() == said
    assert exercise.locator(".live-verdict .live-right").inner_text().startswith("✓ right")
    assert score.first.inner_text() == "0 of 1 predictions right; 1 wrong; 1 looked up."


def again(page) -> None:
    """Leave the page and come back."""
    page.reload()
    page.wait_for_function("document.documentElement.dataset.live")


def test_what_a_function_prints_is_shown(visit):
    page = visit("05_convolution_output_sizes")
    said = check(page, 0, "def output_size(n, k, s, p, d):\n    print('n is', n)\n    return n")
    assert "✗ not yet" in said
    printed = page.locator(".live-exercise").first.locator("pre").inner_text().splitlines()
    assert printed[0].startswith("n is ")
    assert (len(printed), printed[-1]) == (11, "…")
    assert ">Printed</p>" in said


def test_the_score_stays_in_this_browser_until_it_is_forgotten(visit):
    page = visit("00_start_here")
    box = page.locator(".live-asked").first
    box.locator("input").fill("9")
    box.get_by_role("button", name="Commit").click()
    box.locator(".live-verdict > div").wait_for()
    before = page.locator(".live-score li").first.inner_text()
    page.reload()
    page.wait_for_function("document.documentElement.dataset.live")
    assert page.locator(".live-score li").first.inner_text() == before
    assert page.locator(".live-asked input").input_value() == "9"
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert json.loads(download.value.path().read_text(encoding="utf-8"))["done"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator(".live-exercise textarea").fill("windows = 3")
    page.get_by_role("button", name="Forget").click()
    assert (
        page.locator(".live-asked input").input_value() == page.locator(".live-asked .live-verdict").inner_text() == ""
    )
    assert page.locator(".live-exercise textarea").input_value() == "windows = ..."
    assert page.evaluate("localStorage.cnnkit === undefined || !('00.1' in JSON.parse(localStorage.cnnkit).code)")
    assert "0 of 1 predictions right; 0 wrong, 1 open." in page.locator(".live-score").inner_text()


def test_code_is_indented_kept_and_started_over(visit):
    page = visit("04_pooling")
    field = page.locator(".live-exercise textarea").first
    stub = field.input_value()
    field.fill("")
    field.press_sequentially("def pooled(n):\nreturn 1")
    assert field.input_value() == "def pooled(n):\n    return 1"
    field.press("Tab")
    assert field.input_value().endswith("return 1    ")
    field.press("Shift+Tab")
    assert field.input_value() == "def pooled(n):\nreturn 1    "
    field.press("Control+z")
    page.reload()
    page.wait_for_function("document.documentElement.dataset.live")
    assert field.input_value().startswith("def pooled(n):")
    field.press("Escape")
    field.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Check"
    page.locator(".live-exercise").first.get_by_role("button", name="Start over").click()
    assert field.input_value() == stub


def test_an_error_in_an_exercise_has_its_line(visit):
    page = visit("00_start_here")
    said = check(page, 0, "x = 1\nx / 0")
    assert "line 2" in said
    assert "ZeroDivisionError" in said


@pytest.mark.parametrize("which", [name for name in TOPICS.values() if name in having("cell")])
def test_the_cells_of_a_lesson_run_and_give_what_is_stored(visit, which):
    page = visit(which)
    bar, count = page.locator(".live-all"), page.locator(".live-cell").count()
    bar.get_by_role("button", name="Run all").click()
    assert bar.get_by_role("status").inner_text() == f"Cell 1 of {count} …"
    page.wait_for_function("live.page.cells.every(cell => cell.ran === live.now())")
    bar.get_by_text(f"All {count} cells ran.").wait_for()
    assert not page.locator(".live-output .live-error").count()
    for cell in page.locator(".live-cell").all():
        stored, shown = cell.locator(".cell_output pre"), cell.locator(".live-output pre")
        if shown.count() and stored.count() and "answers stay" not in stored.first.text_content():
            assert shown.first.text_content().strip() == stored.first.text_content().strip()


def test_a_changed_cell_runs_with_what_stands_above_it(visit):
    page = visit("04_pooling")
    cell = page.locator(".live-cell").nth(2)
    cell.get_by_role("button", name="Edit").click()
    cell.locator("textarea").fill("print(k, s)\nx.shape")
    cell.locator("textarea").press("Control+Enter")
    page.wait_for_function("() => document.querySelectorAll('.live-cell')[2].textContent.includes('(4, 4)')")
    assert cell.locator(".live-output pre").all_text_contents() == ["2 2\n", "(4, 4)\n"]
    stored, note = cell.locator(".cell_output"), cell.locator(".live-note").first
    assert note.is_hidden()
    cell.locator("textarea").fill("print(k, s)")
    assert note.inner_text() == "This is the output of the code before your last change. Run it again."
    cell.locator("textarea").fill("print(k, s)\nx.shape")
    assert note.is_hidden()
    again(page)
    assert cell.locator("textarea").input_value() == "print(k, s)\nx.shape"
    assert note.inner_text() == "This is the output of the code as it was stored. Run it again."
    assert stored.evaluate("e => getComputedStyle(e).opacity") < "0.6"
    cell.get_by_role("button", name="Undo my changes").click()
    assert page.evaluate("document.activeElement.textContent") == "Edit"
    assert note.is_hidden()
    assert stored.evaluate("e => getComputedStyle(e).opacity") == "1"
    assert page.evaluate("JSON.parse(localStorage.cnnkit).code") == {}
    cell.get_by_role("button", name="Edit").click()
    assert cell.get_by_role("button", name="Undo my changes").is_hidden()
    cell.locator("textarea").fill("nothing")
    page.get_by_role("button", name="Reset the cells").click()
    assert not cell.locator("textarea").count()
    assert cell.locator(".cell_output").is_visible()


def test_where_the_cells_stopped_is_said(visit):
    page = visit("04_pooling")
    count = page.locator(".live-cell").count()
    cell, below = page.locator(".live-cell").nth(1), page.locator(".live-cell").nth(2)
    cell.get_by_role("button", name="Edit").click()
    cell.locator("textarea").fill("1 / 0")
    page.get_by_role("button", name="Run all").click()
    page.get_by_text(f"Stopped at cell 2 of {count}: those below it have not run.").wait_for()
    assert cell.locator(".live-error").inner_text().startswith("cell 2, line 1")
    cell.locator("textarea").fill("2 / 0")
    below.get_by_role("button", name="Run").click()
    below.get_by_text("This cell has not run: cell 2, above it, stopped.").wait_for()
    assert below.locator(".cell_output").is_visible()


def test_that_cells_are_gone_is_said_only_where_some_have_run(visit):
    page = visit("04_pooling")
    cell = page.locator(".live-cell").nth(1)
    cell.get_by_role("button", name="Edit").click()
    cell.locator("textarea").fill("while True: pass")
    for ran in (False, True):
        if ran:
            page.locator(".live-cell").first.get_by_role("button", name="Run").click()
            page.wait_for_function("live.page.cells[0].ran === live.now()")
        else:
            page.evaluate("live.page.cells[0].work = async () => true")  # nothing runs but what is stopped
        cell.get_by_role("button", name="Run").click()
        cell.get_by_role("button", name="Stop").click()
        said = cell.locator(".live-output").inner_text()
        assert said.startswith("Stopped. Your text is still here.")
        assert ("gone" in said) is ran
        page.evaluate("delete live.page.cells[0].work")


def test_code_that_a_cell_shows_looks_as_it_was_stored(visit):
    page = visit("04_pooling")
    page.get_by_role("button", name="Run all").click()
    page.get_by_text("cells ran.").wait_for()
    looks = page.evaluate(
        """() => [...document.querySelectorAll(".live-cell")].flatMap((cell) => {
          const look = (part) => {
            const pre = cell.querySelector(`${part} .highlight pre`), words = pre?.querySelectorAll(".k, .nf");
            cell.querySelector(".cell_output")?.removeAttribute("hidden");
            return pre && [pre, ...words].map((e) => {
              const { color, fontSize } = getComputedStyle(e);
              return [e.textContent.trim(), color, fontSize].join();
            });
          };
          const [stored, shown] = [look(".cell_output"), look(".live-output")];
          return shown ? [[stored, shown]] : [];
        })"""
    )
    assert looks
    for stored, shown in looks:
        assert shown == stored


def outputs(page, code: str) -> list:
    """What a cell of this code shows."""
    question = {"page": "a page", "setup": "", "code": code, "number": "1"}
    return page.evaluate("async (question) => (await live.ask('run', question)).reply.outputs", question)


def test_a_cell_imports_what_a_learner_may_use(visit):
    page = visit("00_start_here")
    assert outputs(page, f"import {', '.join(LEARNERS)}\n'é'.encode('cp1252')") == [{"text": "b'\\xe9'\n"}]
    draws = "import matplotlib.pyplot as plt, io\nfigure, axes = plt.subplots()\naxes.semilogy([1, 10])\n"
    draws += "axes.set_title(r'$\\sum_i x_i \\in \\mathbb{R}$')\nfigure.savefig(io.BytesIO())"
    draws += "\nplt.close()"
    assert outputs(page, draws) == []
    if PYTHON == "Pyodide":
        [said] = outputs(page, "import pdb")
        assert "no debuggers, servers" in said["error"]
