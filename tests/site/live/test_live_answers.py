"""Exercises, predictions, votes, cells and the score on their pages."""

from __future__ import annotations

import json

import pytest

from cnnkit.course import LABS, TOPICS
from cnnkit.course.exercises import EXERCISES
from cnnkit.course.kit.markup import html
from cnnkit.course.predictions import PREDICTIONS
from tests.site.live.pages import having
from tests.site.pages import ROOT
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


def test_a_vote_is_cast_by_the_keyboard(visit):
    page = visit("labs/04_pooling_lab")
    box = page.locator(".live-asked").first
    box.locator("input").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "Verdict:" in box.locator(".live-verdict").inner_text()
    assert page.evaluate("JSON.parse(localStorage.cnnkit).done").popitem()[1]["kind"] == "vote"


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
    page.get_by_role("button", name="Run all").click()
    page.wait_for_function("live.page.cells.every(cell => cell.ran === live.now())")
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
    page.reload()
    page.wait_for_function("document.documentElement.dataset.live")
    assert cell.locator("textarea").input_value() == "print(k, s)\nx.shape"
    page.get_by_role("button", name="Reset the cells").click()
    assert not cell.locator("textarea").count()
    assert cell.locator(".cell_output").is_visible()
