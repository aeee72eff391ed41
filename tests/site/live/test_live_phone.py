"""Explorers and editors under a finger."""

from __future__ import annotations

import pytest

from tests.site.live.conftest import settled
from tests.site.live.pages import places

PHONE = {"width": 390, "has_touch": True, "is_mobile": True, "device_scale_factor": 3}


@pytest.fixture
def alive(visit):
    """A function that opens a page on a phone, with one of its explorers alive."""

    def open_page(name: str, number: int = 0):
        page = visit(name, **PHONE)
        box = page.locator(".live-explorer").nth(number)
        box.evaluate("box => box.explorer.open()")
        settled(page)
        page.wait_for_function("number => live.explorers[number].div.matches('.live-alive')", arg=number)
        return page, box

    return open_page


def drag(page, *places) -> None:
    """Put a finger down at the first place, move it to the others, lift it."""
    touch = page.context.new_cdp_session(page)
    for i, (x, y) in enumerate(places):
        kind = "touchMove" if i else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_tap_in_the_picture_sets_the_cell_and_the_picture_is_sharp_though_shrunk(alive):
    page, box = alive("04_pooling")
    canvas = box.locator("canvas").first
    told = "({ explorer: e }) => e.model.get('told')"
    assert canvas.evaluate("canvas => canvas.width") == 2 * box.evaluate(told)["width"]
    before = box.evaluate("({ explorer: e }) => e.values.position")
    touch = box.locator(".live-screen .cnnkit-touch")
    touch.scroll_into_view_if_needed()
    told, frame = box.evaluate(told), touch.bounding_box()
    left, top, wide, high = told["areas"][0]["box"]
    zoom = frame["width"] / told["width"]
    page.touchscreen.tap(frame["x"] + (left + wide / 2) * zoom, frame["y"] + (top + high / 2) * zoom)
    page.wait_for_function("before => live.explorers[0].values.position !== before", arg=before)


def test_the_picture_stays_in_sight_while_its_last_control_is_moved(alive):
    page, box = alive("05_convolution_output_sizes")
    page.wait_for_selector(".live-sticks")
    page.evaluate("""scrollBy({
        top: document.querySelector('.live-row:last-child').getBoundingClientRect().top - 500, behavior: 'instant',
    })""")
    picture = box.locator(".live-screen .cnnkit-touch").bounding_box()
    assert picture["y"] >= 0
    assert picture["y"] + picture["height"] < 500


def test_a_finger_draws_and_the_page_stays_where_it_is(alive):
    page, box = alive(*places()["Mistakes"][:2])
    field = box.locator(".live-pad .cnnkit-touch")
    field.scroll_into_view_if_needed()
    place, before = field.bounding_box(), page.evaluate("scrollY")
    drag(page, *((place["x"] + 60, place["y"] + down) for down in range(150, 20, -20)))
    settled(page)
    assert "something is drawn" in field.locator("canvas").first.get_attribute("aria-label")
    assert abs(page.evaluate("scrollY") - before) <= 1


def test_what_an_impossible_setting_says_stands_below_its_small_card(alive):
    page, box = alive("05_convolution_output_sizes")
    box.evaluate("({ explorer: e }) => e.move('kernel_size', 9)")
    settled(page)
    said = box.locator(".cnnkit-said")
    said.get_by_text("impossible").wait_for()
    page.set_viewport_size({"width": 1280, "height": 900})
    assert said.evaluate("said => getComputedStyle(said).visibility") == "hidden"  # the card says it large


def test_two_fingers_may_enlarge_the_page(alive):
    page, box = alive("04_pooling")
    assert "pinch-zoom" in box.locator(".live-screen .cnnkit-touch").evaluate("e => getComputedStyle(e).touchAction")
    said = page.locator("meta[name=viewport]").get_attribute("content")
    assert not any(word in said for word in ("user-scalable", "maximum-scale"))


def test_an_editor_is_not_enlarged_at_a_touch_and_keeps_plain_quotes(visit):
    page = visit("00_start_here", **PHONE)
    field = page.locator(".live-exercise textarea").first
    assert field.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 16
    field.fill("")
    field.focus()
    for letter in "x = “a’":
        page.keyboard.insert_text(letter)
    assert field.input_value() == "x = \"a'"


def test_the_bar_hides_nothing_of_the_page(visit):
    page = visit("04_pooling", width=390, service_workers="block")
    page.route("**/worker.js*", lambda route: None)
    page.evaluate("void live.start().catch(() => {})")
    page.locator(".live-bar").wait_for()
    page.wait_for_function("""() => {  // the page may still grow
        scrollTo(0, document.documentElement.scrollHeight);
        const [end, bar] = ["footer", ".live-bar"].map((name) => document.querySelector(name).getBoundingClientRect());
        return end.bottom <= bar.top && bar.bottom <= innerHeight;
    }""")
