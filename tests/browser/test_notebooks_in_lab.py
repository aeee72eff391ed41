"""Every notebook, opened in JupyterLab in Chromium: stored, run, every control moved, and looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from time import monotonic

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import NOTEBOOKS
from tests.browser.lab import Lab
from tests.browser.opened import OnPage, Opened

Shots = Callable[[str], Path | None]  # a screenshot's name to its file
FOUND = [path for path in NOTEBOOKS.rglob("[0-9]*.ipynb") if ".ipynb_checkpoints" not in path.parts]
NAMES = sorted(path.relative_to(NOTEBOOKS).as_posix() for path in FOUND)


def size(name: str) -> int:
    """How many explorers a notebook shows: what its tests here take their time for."""
    return (NOTEBOOKS / name).read_text(encoding="utf-8").count('"explorer"')


LONG = 60  # cells: a notebook of which JupyterLab can take most out of the page
PRESSES = 12  # timed key presses an explorer


# Each notebook's tests follow each other in one worker, with a JupyterLab and a browser of its own. The longest come
# first, so that the workers end together.
GROUPS = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in sorted(NAMES, key=size, reverse=True)]


@pytest.fixture(scope="module", params=GROUPS)
def notebook(request: pytest.FixtureRequest, browser: Browser, lab: Lab, measured: list[str]) -> Iterator[Opened]:
    """One notebook, opened and run once for all tests below."""
    start = monotonic()
    opened = Opened(browser, lab, request.param)
    ready = monotonic()
    opened.look_before_running()
    opened.run()
    measured.append(f"{opened.name}: open {ready - start:.1f} s, all cells {monotonic() - ready:.1f} s")
    yield opened
    opened.close()


def test_there_are_notebooks() -> None:
    assert NAMES, f"no notebook in {NOTEBOOKS}"


def test_stored_notebook_shows_a_picture_where_each_explorer_is(notebook: Opened) -> None:
    """What a reader sees who opens the file and runs nothing."""
    assert not notebook.said_before, f"before running, the page says {notebook.said_before}"
    for cell, images in notebook.stored.items():
        assert images, f"cell {cell} stores a picture that the page does not show"
        assert all(width > 0 for width, _ in images), f"cell {cell}: a stored picture is empty"
    missing = [explorer.name for explorer in notebook.explorers() if explorer.cell not in notebook.stored]
    assert not missing, f"no stored picture for {missing}: run `make notebooks`"


def test_every_cell_runs_and_nothing_is_red(notebook: Opened) -> None:
    for cell in notebook.cells():
        where = f"cell {cell['index']}: {cell['source'][:80]!r}"
        assert cell["ran"] or not cell["source"].strip(), f"{where} did not run"
        for output in cell["outputs"]:
            assert output["output_type"] != "error", f"{where}\n{output}"
            assert output.get("name") != "stderr", f"{where} writes to stderr: {output.get('text')}"
    assert not notebook.broken()
    red = '[data-mime-type="application/vnd.jupyter.stderr"], [data-mime-type="application/vnd.jupyter.error"]'
    assert notebook.page.locator(red).count() == 0


def test_nothing_is_asked_of_the_network_but_badges(notebook: Opened) -> None:
    assert [what for what in notebook.requests if not what.startswith("image ")] == []


def test_no_problem_in_the_console(notebook: Opened) -> None:
    blocked = "net::ERR_FAILED"  # a badge's picture, refused above
    assert [what for what in notebook.problems if blocked not in what] == []


def test_every_explorer_shows_picture_sentence_and_labels(notebook: Opened, shots: Shots) -> None:
    for explorer in notebook.explorers():
        explorer.box.scroll_into_view_if_needed()
        expect(explorer.box).to_have_count(1)
        state = explorer.state()
        assert state.wide > 0, f"{explorer.name}: the picture is empty"
        assert state.shown > 300, f"{explorer.name}: the picture is {state.shown} pixels wide"
        assert len(state.sentence) > 20, f"{explorer.name}: the sentence is {state.sentence!r}"
        labels = [control.label for control in explorer.controls()]
        assert all(labels), f"{explorer.name}: a control has no label: {labels}"
        explorer.shoot(shots(f"{stem(notebook)}_{explorer.name}_0_start"))


def test_every_control_moves_and_the_picture_stays_whole(notebook: Opened, shots: Shots, measured: list[str]) -> None:
    """That each control changes picture and sentence is tested without a browser, in tests/course/test_explorers.py."""
    for explorer in notebook.explorers():
        explorer.box.scroll_into_view_if_needed()
        start = explorer.controls()
        moved = 0
        for number, control in enumerate(start):
            if control.disabled:
                continue
            before = explorer.state()
            for how in control.moves():
                state = explorer.move(number, how)
                assert state.wide, f"{explorer.name}: {control.label} at {how} leads to an empty picture"
                assert state.sentence, f"{explorer.name}: {control.label} at {how} leads to an empty sentence"
                explorer.shoot(shots(f"{stem(notebook)}_{explorer.name}_{words(control.key)}_{words(how)}"))
                moved += state.picture != before.picture
            explorer.restore(start)
        assert moved >= len(start) / 2, f"{explorer.name}: {moved} of {len(start)} controls changed the picture"
        measured.append(f"{notebook.name} {explorer.name}: key press to new picture {timed(explorer):.0f} ms")
        explorer.restore(start)
    stray = notebook.page.evaluate("course.stray")
    assert not stray, "a control's callback wrote:\n" + "\n".join(stray)
    assert not notebook.broken()


ANSWERED = 2  # predictions or votes of each notebook that are answered here; tests/course has all of them


def test_what_happens_unfolds_after_a_commitment(notebook: Opened, shots: Shots) -> None:
    for number, asked in enumerate(islice(notebook.asked(), ANSWERED)):
        asked.box.scroll_into_view_if_needed()
        assert "first, then commit" in asked.press("Commit")
        asked.answer()
        if file := shots(f"{stem(notebook)}_asked_{number}"):
            asked.box.screenshot(path=file)
        vote = asked.source.startswith("vote")
        told = r"Noted: you say that " if vote else r"(✓ Right|✗ Not so)\."
        assert re.match(told, asked.press("Commit"))
        if file := shots(f"{stem(notebook)}_asked_{number}_answered"):
            asked.box.screenshot(path=file)
        if vote:  # its verdict stands below the measurement
            assert asked.box.get_by_role("button").all_inner_texts() == ["Commit"]
        else:
            assert asked.press("Show me anyway").startswith("What happens:")
        cut = asked.box.evaluate("box => course.cutOff(box)")
        assert not cut, f"{asked.source}: {cut} is cut off"
    assert not notebook.page.evaluate("course.stray")


def test_train_trains_until_stop_or_until_a_control_is_moved(
    notebook: Opened, shots: Shots, measured: list[str]
) -> None:
    """The buttons answer while the kernel trains, and so do the controls."""
    trainers = [explorer for explorer in notebook.explorers() if explorer.button("Train").count()]
    assert trainers or notebook.name != "07_full_cnn.ipynb", f"{notebook.name} has no explorer with a Train button"
    for explorer in trainers:
        explorer.box.scroll_into_view_if_needed()
        start = explorer.controls()
        pooling = explorer.find("pooling")
        assert pooling is not None
        explorer.move(pooling, "none")  # so that it takes its time
        train, stop, sentence = (
            explorer.button("Train"),
            explorer.button("Stop"),
            explorer.box.locator(".cnnkit-said").last,
        )
        expect(stop).to_be_disabled()
        train.click()
        expect(sentence).to_contain_text(re.compile(r"Training: it is in epoch\s([2-9]|1\d)\sof"), timeout=60_000)
        expect(train).to_be_disabled()
        explorer.shoot(shots(f"{stem(notebook)}_{explorer.name}_training"))
        pressed = monotonic()
        stop.click()
        expect(sentence).to_contain_text("Stopped in epoch")
        measured.append(f"{notebook.name} {explorer.name}: Stop answered after {1000 * (monotonic() - pressed):.0f} ms")
        explorer.shoot(shots(f"{stem(notebook)}_{explorer.name}_stopped"))
        stopped = explorer.state()
        train.click()
        expect(sentence).to_contain_text(re.compile(r"Training: it is in epoch\s\d+\sof"))
        moved = explorer.move(explorer.first_slider(), "Home")
        assert "Training" not in moved.sentence, f"{explorer.name}: a control was moved, and it trains on"
        assert moved.picture != stopped.picture
        expect(stop).to_be_disabled()
        explorer.restore(start)
    assert not notebook.page.evaluate("course.stray")


def timed(explorer: OnPage) -> float:
    """The median of some key presses on the first slider that can move, in milliseconds."""
    number = explorer.first_slider()
    explorer.move(number, "middle")
    explorer.box.evaluate("box => course.stopwatch(box)")
    for press in range(PRESSES):
        explorer.move(number, "ArrowLeft" if press % 2 else "ArrowRight")
    times = explorer.page.evaluate("course.times")
    label = explorer.control(number).label
    assert len(times) >= PRESSES // 2, f"{explorer.name}: {label} gave {len(times)} pictures in {PRESSES} presses"
    return median(times)


@pytest.mark.parametrize("width", [1280, 1000])
def test_nothing_is_cut_off(notebook: Opened, shots: Shots, width: int) -> None:
    page = notebook.page
    page.set_viewport_size({"width": width, "height": 900})
    cut = {}
    for explorer in notebook.explorers():
        explorer.box.scroll_into_view_if_needed()
        page.evaluate("course.settled()")
        parts = explorer.box.evaluate("box => course.cutOff(box)")
        if parts:
            cut[explorer.name] = parts
        if file := shots(f"{stem(notebook)}_{explorer.name}_at_{width}"):
            page.screenshot(path=file)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert not cut, f"at {width} pixels these do not fit: {cut}"


def test_code_fits_into_its_cell(notebook: Opened) -> None:
    """At 1280 pixels with the list of files open: nobody reads a line that runs out of the cell."""
    notebook.scroll_to(0)
    room = notebook.page.evaluate("course.room()")
    lines = [(cell["index"], line) for cell in notebook.cells() for line in cell["source"].splitlines()]
    long = [f"cell {index}, {len(line)}: {line.strip()[:60]} …" for index, line in lines if len(line) > room]
    assert not long, f"{room} characters fit; longer are\n" + "\n".join(long)


def test_whole_page(notebook: Opened, shots: Shots) -> None:
    """Screenshots of the whole notebook, some screens at a time, for a person to look at."""
    if not shots(""):
        pytest.skip("no screenshots are taken here")
    page = notebook.page
    page.set_viewport_size({"width": 1280, "height": 1800})
    outer = page.locator(".jp-NotebookPanel-notebook .jp-WindowedPanel-outer").first
    outer.evaluate("it => it.scrollTo(0, 0)")
    page.mouse.move(0, 0)  # no hover colours
    for number in range(60):
        page.evaluate("course.settled()")
        page.screenshot(path=shots(f"{stem(notebook)}_page_{number:02d}"))
        if outer.evaluate("it => { const was = it.scrollTop; it.scrollBy(0, 1600); return it.scrollTop === was; }"):
            break
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("mode", ["contentVisibility", "full"])
def test_explorers_survive_scrolling_away_and_back(notebook: Opened, mode: str) -> None:
    """`full` takes cells out of the page when they are out of sight; older JupyterLabs do so unasked."""
    notebook.page.evaluate("mode => course.windowing(mode)", mode)
    last = notebook.page.evaluate("course.panel().content.widgets.length - 1")
    gone = []
    for explorer in notebook.explorers():
        notebook.scroll_to(last if explorer.cell < last / 2 else 0)
        gone += [explorer.name] if not explorer.box.is_visible() else []
        notebook.scroll_to(explorer.cell)
        expect(explorer.box).to_be_visible()
        seen = [explorer.state()]
        seen += [explorer.move(explorer.first_slider(), how) for how in ("End", "Home", "middle")]
        assert len(set(seen)) > 1, f"{explorer.name}: nothing moves after scrolling away and back"
    lab = notebook.name.startswith("labs/")  # an explorer or none, and folded cells of which many fit on a screen
    assert gone or mode != "full" or last < LONG or lab, "no explorer was taken out of the page, so this shows nothing"


def stem(notebook: Opened) -> str:
    return notebook.name.removesuffix(".ipynb").replace("/", "_")


def words(label: str) -> str:
    """A label or value as part of a file's name."""
    return re.sub(r"[^\w.]+", "-", label).strip("-")
