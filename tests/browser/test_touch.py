"""Explorers under the hand: touched, played, drawn on, zoomed, in the dark, and for everyone (axe)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.every import classes, write_notebook
from tests.browser.lab import Lab, running_lab
from tests.browser.opened import OnPage, Opened

Shots = Callable[[str], Path | None]
NAMES = [kind.__name__ for kind in classes()]
SMALLEST = 0.8 * 820  # CSS pixels: narrower than this no picture gets
BAD = {"serious", "critical"}
pytestmark = pytest.mark.xdist_group("touch")


@pytest.fixture(scope="module")
def own_lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("every")
    write_notebook(folder / "notebooks" / "every.ipynb")
    with running_lab(folder / "home", folder / "notebooks") as lab:
        yield lab


@pytest.fixture(scope="module")
def opened(browser: Browser, own_lab: Lab) -> Iterator[Opened]:
    """All explorers, run."""
    opened = Opened(browser, own_lab, "every.ipynb")
    opened.run()
    yield opened
    opened.close()


@pytest.fixture(params=NAMES)
def explorer(request: pytest.FixtureRequest, opened: Opened) -> OnPage:
    """One explorer, on the screen."""
    return shown(opened, request.param)


def test_touching_sets_what_is_touched(explorer: OnPage, opened: Opened) -> None:
    """Each area: a click at two of its corners, then arrow keys; something must change, and nothing may break."""
    areas = explorer.areas()
    assert areas, f"{explorer.name} has nothing to touch"
    seen = {explorer.state()}
    for number in range(len(areas)):
        for corner in ((0.02, 0.02), (0.98, 0.98), (0.5, 0.5)):
            if number < len(explorer.areas()):
                seen.add(explorer.click(number, *corner))
    assert len(seen) > 1, f"{explorer.name}: no click changes anything"
    if any(area["here"] for area in explorer.areas()):
        keys = {explorer.press(key) for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp")}
        assert len(keys) > 1, f"{explorer.name}: the arrow keys move nothing"
    assert not opened.page.evaluate("course.stray")


def test_everyone_can_use_it(explorer: OnPage, opened: Opened, measured: list[str]) -> None:
    """axe-core finds nothing serious; names and words for those who do not see."""
    assert explorer.canvas.get_attribute("aria-label") == explorer.alt()
    sliders = explorer.box.locator("[role=slider]")
    names = [sliders.nth(i).get_attribute("aria-label") for i in range(sliders.count())]
    assert all(names), f"{explorer.name}: sliders are called {names}"
    assert explorer.box.locator('[title="null"]').count() == 0
    where = f'.jp-Notebook-cell[data-windowed-list-index="{explorer.cell}"] .cnnkit-explorer'
    violations = Axe().run(opened.page, context=where).response["violations"]
    bad = [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in violations if v["impact"] in BAD]
    assert not bad, f"{explorer.name}:\n" + "\n".join(bad)


# One explorer is enough for the rest: the component is the same for all.


@pytest.fixture
def window(opened: Opened) -> OnPage:
    return shown(opened, "Window")


def position(explorer: OnPage) -> int:
    return int(explorer.control(explorer.find("window")).value)


def test_a_click_chooses_the_cell_and_the_arrow_keys_go_on_from_there(window: OnPage) -> None:
    window.click(1, 0.5, 0.5)
    here = window.areas()[1]["here"]
    window.press("ArrowLeft")
    assert window.areas()[1]["here"] == [here[0], here[1] - 1]
    window.press("ArrowUp")
    assert window.areas()[1]["here"] == [here[0] - 1, here[1] - 1]
    for _ in range(9):
        state = window.press("ArrowUp")
    assert window.areas()[1]["here"] == [0, here[1] - 1]
    assert f"Window {position(window)} of" in state.sentence


def test_pointing_at_a_cell_frames_it_and_names_it(window: OnPage) -> None:
    told, frame = window.told(), window.touch.bounding_box()
    left, top, width, _ = told["areas"][1]["box"]
    zoom = frame["width"] / told["width"]
    window.page.mouse.move(frame["x"] + (left + width - 4) * zoom, frame["y"] + (top + 4) * zoom)
    mark, tip = window.box.locator(".cnnkit-mark").last, window.box.locator(".cnnkit-tip").last
    expect(mark).to_be_visible()
    assert mark.bounding_box()["width"] == pytest.approx(width / told["areas"][1]["columns"] * zoom, abs=1)
    expect(tip).to_contain_text(str(told["areas"][1]["columns"]))
    window.page.mouse.move(2, 2)
    expect(mark).to_be_hidden()


def test_dragging_over_the_picture_leaves_no_backlog(window: OnPage) -> None:
    frame, told = window.touch.bounding_box(), window.told()
    left, top, width, height = told["areas"][1]["box"]
    zoom = frame["width"] / told["width"]
    mouse = window.page.mouse
    start = monotonic()
    window.click(1, 0.5, 0.5)
    one = monotonic() - start
    mouse.move(frame["x"] + (left + 3) * zoom, frame["y"] + (top + 3) * zoom)
    mouse.down()
    mouse.move(frame["x"] + (left + width - 3) * zoom, frame["y"] + (top + height - 3) * zoom, steps=60)
    mouse.up()
    start = monotonic()
    window.state()
    rows, columns = told["areas"][1]["rows"], told["areas"][1]["columns"]
    assert position(window) == rows * columns
    assert monotonic() - start < max(1.0, 15 * one)  # of 60 moves


def test_play_moves_on_and_stops(window: OnPage) -> None:
    window.click(1, 0.01, 0.01)
    play = window.box.locator(".widget-play button").first
    play.click()
    window.page.wait_for_function(
        "([box, first]) => +[...box.querySelectorAll('.widget-readout')].at(-1).textContent > first + 1",
        arg=[window.box.element_handle(), position(window)],
    )
    play.click()
    window.state()
    stopped = position(window)
    window.page.wait_for_timeout(700)
    assert position(window) == stopped


def test_the_arrow_keys_work_after_a_click_anywhere_on_a_row(window: OnPage) -> None:
    row = window.roots.nth(window.find("stride s"))
    for part in (".widget-label", ".slider-container"):
        window.move(window.find("stride s"), "Home")
        row.locator(part).click(position={"x": 5, "y": 8})
        window.state()
        before = window.control(window.find("stride s")).value
        window.page.keyboard.press("ArrowRight")
        window.state()
        assert window.control(window.find("stride s")).value == str(int(before) + 1)
    window.move(window.find("stride s"), "Home")


def test_a_screen_reader_hears_the_result_once_when_all_is_quiet(window: OnPage) -> None:
    live = window.box.locator(".cnnkit-live").last
    window.page.evaluate(
        """live => { window.heard = []; new MutationObserver(() => window.heard.push(live.textContent))
                     .observe(live, { childList: true, characterData: true, subtree: true }); }""",
        live.element_handle(),
    )
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        window.touch.press(key)
    state = window.state()
    window.page.wait_for_function("window.heard.length > 0")
    window.page.wait_for_timeout(1200)  # for a second time, which would be one too many
    heard = window.page.evaluate("window.heard")
    assert heard == [window.alt()]
    assert state.sentence.split()[0] in heard[0]


def shown(opened: Opened, name: str) -> OnPage:
    """One explorer, on the screen."""
    number = NAMES.index(name)
    opened.scroll_to(number)
    found = OnPage(opened.page, number, name)
    found.box.scroll_into_view_if_needed()
    found.state()
    return found


def test_a_digit_is_drawn_by_mouse_and_by_keys_and_wiped_off(opened: Opened, shots: Shots) -> None:
    walk = shown(opened, "WalkThrough")
    before = walk.state()
    pad = walk.box.locator(".cnnkit-paint")
    frame = pad.bounding_box()
    x, y, side = frame["x"], frame["y"], frame["width"]
    mouse = opened.page.mouse
    mouse.move(x + 0.3 * side, y + 0.2 * side)
    mouse.down()
    for across, down in ((0.7, 0.2), (0.45, 0.85)):  # a seven
        mouse.move(x + across * side, y + down * side, steps=12)
    mouse.up()
    drawn = walk.state()
    walk.shoot(shots("touch_drawn_by_hand"))
    assert drawn.picture != before.picture
    assert "7" in drawn.sentence.split("reads")[-1]
    pad.press("Escape")
    assert walk.state() == before
    for key in ("Space", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown"):
        pad.press(key)
    assert walk.state().picture != before.picture
    walk.button("Clear").click()
    assert walk.state() == before


def test_a_picture_of_ones_own(opened: Opened, tmp_path: Path) -> None:
    filtered = shown(opened, "FilterPicture")
    before = filtered.state()
    file = tmp_path / "own.png"
    Image.fromarray((np.arange(80 * 120) % 256).astype(np.uint8).reshape(80, 120)).save(file)
    shown_before = filtered.canvas.get_attribute("data-count")
    with opened.page.expect_file_chooser() as chooser:
        filtered.box.locator(".widget-upload, .jupyter-widget-upload").click()
    chooser.value.set_files(file)
    expect(filtered.canvas).not_to_have_attribute("data-count", shown_before)
    after = filtered.state()
    assert after.picture != before.picture
    assert "120" in after.sentence


def test_a_kernel_is_typed(opened: Opened) -> None:
    filtered = shown(opened, "FilterPicture")
    before = filtered.state()
    field = filtered.box.locator(".cnnkit-table input").first
    field.fill("9")
    field.press("Enter")
    after = filtered.state()
    assert after.picture != before.picture
    assert filtered.control(filtered.find("kernel")).value.replace("\u00a0", " ") == "your own"


def test_what_trains_says_so_at_once(opened: Opened, measured: list[str]) -> None:
    trained = shown(opened, "TrainIt")
    opened.page.evaluate(
        """box => { const { screen } = course.screen(box), busy = screen.querySelector(".cnnkit-busy");
                    window.said = null; let pressed = 0;
                    box.addEventListener("keydown", () => (pressed = performance.now()), true);
                    new MutationObserver(() => { if (!busy.hidden) window.said ??= performance.now() - pressed; })
                      .observe(busy, { attributes: true }); }""",
        trained.box.element_handle(),
    )
    trained.move(trained.find("hidden layers"), "End")
    said = opened.page.evaluate("window.said")
    assert said is not None, "no mark says that it computes"
    measured.append(f"TrainIt says that it computes after {said:.0f} ms")
    assert said < 500  # 50 on a quiet machine


@pytest.mark.parametrize(("width", "ratio"), [(1280, 1), (800, 1), (853, 1.5), (1920, 2)])
def test_the_picture_scrolls_instead_of_shrinking(
    browser: Browser, own_lab: Lab, shots: Shots, width: int, ratio: float
) -> None:
    """853 CSS pixels at a ratio of 1.5 are a window of 1280 pixels zoomed to 150 %."""
    opened = Opened(browser, own_lab, "every.ipynb", width=width, ratio=ratio)
    number = NAMES.index("Window")
    opened.run_cell(number)
    window = OnPage(opened.page, number, "Window")
    state = window.state()
    assert state.shown >= SMALLEST - 1
    assert state.wide == 820 * {1: 1, 1.5: 2, 2: 2}[ratio]  # drawn for the screen
    scroll = window.box.locator(".cnnkit-scroll").last
    fits = scroll.evaluate("it => it.scrollWidth <= it.clientWidth + 1")
    assert fits == (state.shown <= scroll.bounding_box()["width"] + 1)
    window.click(1, 0.5, 0.5)
    assert window.areas()[1]["here"] == [2, 2]
    window.shoot(shots(f"touch_at_{width}_{ratio}"))
    opened.close()


def test_in_the_dark_paper_is_dark_and_pixels_are_as_they_are(browser: Browser, own_lab: Lab, shots: Shots) -> None:
    opened = Opened(browser, own_lab, "every.ipynb")
    number = NAMES.index("Downsample")
    opened.page.evaluate("jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Dark' })")
    opened.run_cell(number)
    downsample = OnPage(opened.page, number, "Downsample")
    downsample.state()
    opened.page.wait_for_function("document.body.dataset.jpThemeLight === 'false'")
    assert "invert" in downsample.canvas.evaluate("it => getComputedStyle(it).filter")
    kept = downsample.box.locator(".cnnkit-kept").last
    expect(kept).to_be_visible()
    drawn = kept.evaluate("it => it.getContext('2d').getImageData(0, 0, it.width, it.height).data.some((byte) => byte)")
    assert drawn, "the photograph is not kept"
    downsample.shoot(shots("touch_dark"))
    opened.close()


def test_after_a_restart_a_dead_explorer_says_so(browser: Browser, own_lab: Lab) -> None:
    opened = Opened(browser, own_lab, "every.ipynb")
    number = NAMES.index("Window")
    opened.run_cell(number)
    window = OnPage(opened.page, number, "Window")
    dead = window.box.locator(".cnnkit-dead").last
    expect(dead).to_be_hidden()
    opened.page.evaluate("course.kernel().restart()")
    expect(dead).to_be_visible(timeout=30_000)
    expect(dead).to_contain_text("run this cell again")
    opened.run_cell(number)
    expect(OnPage(opened.page, number, "Window").box.locator(".cnnkit-dead").last).to_be_hidden()
    opened.close()
