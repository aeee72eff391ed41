"""A notebook after a learner saved it: opened again without a kernel, with a new one, in Notebook 7, and as HTML."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, expect

from cnnkit.lab import VIEW
from tests.browser.every import classes, write_notebook
from tests.browser.lab import Lab, running_lab
from tests.browser.opened import BROKEN, OnPage, Opened

NAMES = [kind.__name__ for kind in classes()]
QUESTION = 'from cnnkit.course.start import predict\npredict("00.a")'
WAKE = "The controls are asleep"
pytestmark = pytest.mark.xdist_group("saved")


@pytest.fixture(scope="module")
def own_lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("saved")
    write_notebook(folder / "notebooks" / "every.ipynb", QUESTION)
    with running_lab(folder / "home", folder / "notebooks") as lab:
        yield lab


@pytest.fixture(scope="module")
def saved(browser: Browser, own_lab: Lab) -> Path:
    """Run All, save, shut down: the file."""
    opened = Opened(browser, own_lab, "every.ipynb")
    opened.run()
    assert opened.page.locator(".cnnkit-screen").count() >= 1
    opened.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    opened.page.wait_for_function("!course.panel().context.model.dirty")
    assert opened.page.locator(".cnnkit-screen").count() >= 1, "saving takes the live views from the page"
    opened.page.evaluate("course.panel().sessionContext.shutdown()")
    opened.context.close()
    return own_lab.log.parent / "course" / "notebooks" / "every.ipynb"


def test_the_file_holds_pictures_and_words_and_no_live_view(saved: Path) -> None:
    cells = nbformat.read(saved, as_version=4).cells
    for cell, name in zip(cells, [*NAMES, "question"], strict=True):
        first, asleep = cell.outputs
        assert VIEW not in first.data, name
        assert ("image/png" in first.data) == (name != "question")
        assert WAKE in asleep.data["text/markdown"]


def test_opened_again_it_shows_every_picture_and_how_to_wake_the_controls(
    browser: Browser, own_lab: Lab, saved: Path
) -> None:
    opened = Opened(browser, own_lab, "every.ipynb")
    stored = dict(opened.page.evaluate("course.stored()"))
    assert sorted(stored) == list(range(len(NAMES)))
    assert all(width > 0 for images in stored.values() for width, _ in images)
    number = NAMES.index("Window")
    expect(opened.page.locator(f'[data-windowed-list-index="{number}"]').get_by_text("outputs").first).to_be_visible()
    assert not opened.broken()
    expect(opened.page.get_by_text(WAKE).first).to_be_visible()
    opened.run_cell(number)  # with the new kernel
    window = OnPage(opened.page, number, "Window")
    assert window.state() != window.click(1, 0.9, 0.9)
    expect(window.page.locator(f'[data-windowed-list-index="{number}"]').get_by_text(WAKE)).to_have_count(0)
    opened.close()


def test_notebook_7_shows_every_picture_and_runs_them(browser: Browser, own_lab: Lab, saved: Path) -> None:
    opened = Opened(
        browser, own_lab, "every.ipynb", address=f"{own_lab.url}/notebooks/notebooks/every.ipynb?token={own_lab.token}"
    )
    stored = dict(opened.page.evaluate("course.stored()"))
    assert sorted(stored) == list(range(len(NAMES)))
    assert not opened.broken()
    number = NAMES.index("Window")
    opened.run_cell(number)
    window = OnPage(opened.page, number, "Window")
    assert window.state() != window.click(1, 0.9, 0.9)
    stride = window.find("stride s")
    row = window.roots.nth(stride)
    row.locator(".widget-label").click()
    for key, value in (("ArrowRight", "2"), ("ArrowUp", "3"), ("ArrowLeft", "2"), ("ArrowDown", "1")):
        window.page.keyboard.press(key)
        window.state()
        assert window.control(stride).value == value, key
    window.press("ArrowLeft")
    assert opened.page.evaluate("course.panel().content.activeCellIndex") == number, "the arrow keys leave the cell"
    opened.close()


def test_an_html_export_shows_every_picture(saved: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--output-dir", str(tmp_path), str(saved)]
    subprocess.run(command, check=True, capture_output=True)
    html = (tmp_path / "every.html").read_text(encoding="utf-8")
    assert len(re.findall(r'<img[^>]+src="data:image/png', html)) == len(NAMES)
    assert not [words for words in BROKEN if words in html]
    assert html.count(WAKE) == len(NAMES) + 1
