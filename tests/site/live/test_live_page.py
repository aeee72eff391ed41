"""Stopping, links, the keyboard, what is cached, and the ways out."""

from __future__ import annotations

import re

import pytest

from tests.site.everyone import FOLDED, QUIET, WIDER, grave
from tests.site.live.conftest import PYTHON, TOLD, Quiet, settled
from tests.site.live.pages import having, places, text

LOOP = "n = 0\nwhile True:\n    n += 1"


def test_an_endless_loop_in_an_exercise_is_stopped_and_nothing_is_lost(visit):
    page = visit("00_start_here")
    row = page.locator(".live-explorer").first
    row.locator("input").first.press("ArrowLeft")
    settled(page)
    values = row.evaluate("({ explorer: e }) => e.values")
    box = page.locator(".live-exercise").first
    field = box.locator("textarea")
    field.fill(LOOP)
    box.get_by_role("button", name="Check").click()
    box.get_by_role("button", name="Stop").click()
    assert "Stopped. Your text is still here" in box.locator(".live-verdict").inner_text()
    assert field.input_value() == LOOP
    field.fill("n = 2")
    field.press("Control+Enter")
    box.locator(".live-verdict > div").wait_for()
    row.locator("input").first.press("ArrowLeft")
    page.wait_for_function("before => live.explorers[0].values.size === before - 1", arg=values["size"])
    settled(page)
    assert row.evaluate("({ explorer: e }) => e.sentence")


def test_an_endless_loop_in_a_cell_is_stopped_and_the_cells_run_again(visit):
    page = visit("04_pooling")
    cell = page.locator(".live-cell").nth(2)
    cell.get_by_role("button", name="Edit").click()
    cell.locator("textarea").fill(LOOP)
    cell.get_by_role("button", name="Run").click()
    page.wait_for_function("live.page.cells[1].ran === live.now()")
    cell.get_by_role("button", name="Stop").click()
    assert "Stopped" in cell.inner_text()
    cell.locator("textarea").fill("print(k, s)")
    cell.get_by_role("button", name="Run").click()
    page.wait_for_function("() => document.querySelectorAll('.live-cell')[2].textContent.includes('2 2')")


def test_a_link_that_is_cut_short_opens_its_page(visit):
    page = visit("05_convolution_output_sizes#window?n=%E0%A4%A")
    assert page.locator(".live-explorer").count()


def test_a_link_holds_a_setting(visit):
    page = visit("05_convolution_output_sizes#window?n=11&k=5&s=3")
    settled(page)
    page.wait_for_function("live.explorers[0].turn > 0")
    settled(page)
    values = page.evaluate("live.explorers[0].values")
    assert (values["size"], values["kernel_size"], values["stride"]) == (11, 5, 3)
    page.wait_for_function("Math.abs(live.explorers[0].div.getBoundingClientRect().y - 100) < 100")
    page.locator(".live-explorer").first.get_by_role("button", name="Link to this setting").click()
    page.wait_for_function("location.hash.includes('?')")
    assert re.search(r"#window\?n=11&k=5&s=3$", page.evaluate("location.href"))


def test_a_link_leads_to_its_explorer_at_once_and_never_away_from_where_the_reader_has_gone(visit):
    page = visit("05_convolution_output_sizes", service_workers="block")
    held = []
    page.route("**/worker.js*", lambda route: held.append(route))  # until it is let go
    page.evaluate("location.hash = 'window-2?n=20'")
    page.wait_for_function("Math.abs(live.explorers[2].div.getBoundingClientRect().y - 100) < 100")
    page.mouse.wheel(0, 2000)
    page.wait_for_function("live.explorers[2].div.getBoundingClientRect().y < -1000")
    before = page.evaluate("scrollY")
    held[0].continue_()
    page.wait_for_function("live.explorers[2].shown && live.explorers[2].values.size === 20")
    settled(page)
    assert abs(page.evaluate("scrollY") - before) < 900  # what opens above may push it, nothing brings it back
    assert page.evaluate("live.explorers[2].div.getBoundingClientRect().y") < -900


def test_what_cannot_be_moved_does_not_play(visit):
    name, number, _ = places()["ReceptiveField"]
    page = visit(name)
    page.evaluate("number => live.explorers[number].open()", number)
    settled(page)
    box = page.locator(".live-explorer").nth(number)
    rows = box.locator(".live-row:visible:has(.live-play)")
    dead = [row for row in rows.all() if row.locator("input").is_disabled()]
    assert dead
    assert all(row.locator(".live-play").is_disabled() for row in dead)


def test_no_control_moves_away_when_the_sentence_becomes_shorter(visit):
    page = visit("04_pooling", width=390)
    page.evaluate("live.explorers[0].open()")
    settled(page)
    said = page.locator(".live-explorer").first.locator(".cnnkit-said")
    said.evaluate("said => said.innerHTML += '<br>more<br>and more'")
    page.evaluate(QUIET)
    tall = said.bounding_box()["height"]
    said.evaluate("said => said.textContent = 'short'")
    page.evaluate(QUIET)
    assert said.bounding_box()["height"] == tall


def test_a_link_to_the_second_of_its_kind_and_a_senseless_one(visit):
    page = visit("04_pooling#pool-window-2?n=7&nonsense=1&k=x")
    page.wait_for_function("live.explorers[1].turn > 0")
    settled(page)
    assert page.evaluate("live.explorers[1].values.size") == 7
    assert page.evaluate("live.explorers[0].values.size") == 6


def test_everything_can_be_reached_by_the_keyboard(visit):
    page = visit("00_start_here")
    wanted = {"Commit", "Show me anyway", "Check", "Export", "Forget", "Link to this setting"}
    reached = set()
    for _ in range(60):
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.type"))
    assert reached >= {*wanted, "range"}


@pytest.mark.parametrize("which", having())
def test_a_page_that_lives_is_for_everyone_and_scrolls_down_only(visit, shots, which):
    page = visit(which)
    page.evaluate(FOLDED)
    if (question := page.locator(".live-asked")).count():
        question.first.get_by_role("button").last.click()  # what is said has to be for everyone, too
    all_alive(page)
    assert grave(page, lambda: page.evaluate("document.body.dataset.theme = 'dark'")) == []
    page.set_viewport_size({"width": 390, "height": 900})
    page.evaluate(QUIET)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(WIDER) == []
    if file := shots(f"live_phone_{which.replace('/', '_')}"):
        page.screenshot(path=file, full_page=True)


def all_alive(page) -> None:
    """Every explorer of the page has answered."""
    page.evaluate("Promise.all(live.explorers.map(explorer => explorer.open()))")
    settled(page)
    page.wait_for_function("live.explorers.every(explorer => explorer.div.matches('.live-alive'))")


def test_a_window_that_keeps_nothing_starts_all_the_same(visit):
    page = visit("04_pooling", service_workers="block")
    page.evaluate("void (caches.open = () => Promise.reject(new Error('the operation is insecure')))")
    page.evaluate("live.explorers[0].open()")
    page.wait_for_selector(".live-alive")


def test_the_start_is_seen_and_can_be_put_off(visit):
    page = visit("04_pooling", service_workers="block")
    page.route("**/worker.js*", lambda route: None)  # it never comes
    page.locator(".live-explorer input").first.focus()
    bar = page.locator(".live-bar")
    bar.wait_for()
    assert re.match(r"Python is starting in your browser, \d+ MB, once", bar.inner_text())
    assert bar.locator("progress").is_visible()
    bar.get_by_role("button", name="Not now").click()
    assert bar.is_hidden()
    assert page.locator(".live-explorer .cnnkit-plain").first.is_visible()


def test_without_webassembly_the_pictures_stay(visit):
    page = visit("04_pooling")
    page.evaluate("delete window.WebAssembly")
    page.locator(".live-explorer input").first.focus()
    page.locator(".live-bar").get_by_text("too old").wait_for()
    assert page.locator(".live-explorer .cnnkit-plain").first.is_visible()
    page.get_by_role("button", name="Close").click()
    assert page.locator(".live-bar").is_hidden()
    box = page.locator(".live-asked").first  # this needs no Python
    box.locator("input").first.check()
    box.get_by_role("button", name="Commit").click()
    assert box.locator(".live-verdict").inner_text()


def test_without_a_network_it_says_so_and_can_be_tried_again(visit):
    page = visit("04_pooling", fails="ERR_FAILED", service_workers="block")
    page.route("**/runtime.json", lambda route: route.abort())
    page.locator(".live-explorer input").first.focus()
    page.locator(".live-bar").get_by_text("could not be loaded").wait_for()
    page.unroute("**/runtime.json")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_function("document.querySelector('.live-bar').hidden")
    box = page.locator(".live-explorer").first
    box.locator("input").first.press("ArrowRight")
    page.wait_for_selector(".live-alive")


def test_a_page_older_than_its_site_asks_to_be_loaded_again_and_keeps_what_was_written(visit):
    page = visit("00_start_here", service_workers="block")
    renewed = TOLD | {"python": "pyodide", "build": "of tomorrow"}
    page.route("**/runtime.json", lambda route: route.fulfill(json=renewed))
    page.locator(".live-exercise textarea").fill("windows = 3")
    page.get_by_role("button", name="Check").click()
    page.locator(".live-bar").get_by_text("was renewed").wait_for()
    page.unroute("**/runtime.json")
    with page.expect_navigation():
        page.get_by_role("button", name="Reload").click()
    page.wait_for_function("document.documentElement.dataset.live")
    assert page.locator(".live-exercise textarea").input_value() == "windows = 3"
    page.get_by_role("button", name="Check").click()
    page.locator(".live-exercise .live-verdict > div").wait_for()


def test_a_copy_without_python_says_so(visit):
    page = visit("04_pooling", service_workers="block")
    page.route("**/runtime.json", lambda route: route.fulfill(json={"python": "none"}))
    page.locator(".live-explorer input").first.focus()
    page.locator(".live-bar").get_by_text("built without Python").wait_for()


@pytest.mark.skipif(PYTHON != "Pyodide", reason="the stand-in loads nothing")
def test_a_second_visit_transfers_no_python(visit):
    page = visit("00_start_here")
    page.evaluate("navigator.serviceWorker.ready")
    for _ in range(2):
        page.reload()
        page.wait_for_function("document.documentElement.dataset.live")
        Quiet.asked.clear()
        page.evaluate("live.explorers[0].open()")
        settled(page)
    assert not [path for path in Quiet.asked if "/pyodide/" in path or path.endswith(".zip")]


def test_the_dark_page_is_seen_by_the_pictures(visit):
    page = visit("04_pooling", color_scheme="dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_page_can_be_read_without_a_script():
    said = text("04_pooling.html")
    assert 'alt="⌊(6 + 2·0 − 2)/2⌋ + 1 = 3' in said
    assert "def pooled(n, k, s, p, ceil):" in said
    assert "<li>Four</li>" in said
