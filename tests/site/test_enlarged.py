"""A picture on a phone: seen whole, or enlarged and moved sideways within its frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.site.conftest import WAIT_MS
from tests.site.everyone import grave
from tests.site.pages import SITE
from tools.site.live.standin import serving

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
POOLING, STACK, DRAWN = ("04_pooling", 0), ("05_convolution_output_sizes", 3), ("07_full_cnn", 2)
ENLARGE, WHOLE = "Enlarge the picture", "Show the whole picture"
SETTLED = "live.explorers.every(e => !e.moving && !e.asking) && !document.querySelector('[data-drawing]')"
FULL = 820  # CSS pixels that a picture is wide


@pytest.fixture(scope="module")
def course() -> Iterator[str]:
    with serving(SITE) as address:
        yield address


@pytest.fixture
def shown(browser: Browser, course: str) -> Iterator[Callable[..., tuple[Page, Locator]]]:
    """A function that opens a page on a phone, and brings one of its explorers into view, alive or as it was stored."""
    contexts = []

    def open_page(which: tuple[str, int], *, alive: bool = True, **options: object) -> tuple[Page, Locator]:
        contexts.append(browser.new_context(**(PHONE | options)))
        page = contexts[-1].new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(f"{course}{which[0]}.html")
        page.wait_for_function("document.documentElement.dataset.live")
        box = page.locator(".live-explorer").nth(which[1])
        if alive:
            box.evaluate("box => box.explorer.open()")
            page.wait_for_function("number => live.explorers[number].div.matches('.live-alive')", arg=which[1])
            page.wait_for_function(SETTLED)
        box.evaluate("box => box.scrollIntoView({ behavior: 'instant' })")
        return page, box

    yield open_page
    for context in contexts:
        context.close()


def width(box: Locator) -> float:
    picture = box.locator(".live-frame img, .live-screen .cnnkit-touch").locator("visible=true")
    place = picture.bounding_box()
    assert place
    return place["width"]


@pytest.mark.parametrize("alive", [False, True], ids=["stored", "live"])
@pytest.mark.parametrize("which", [POOLING, STACK, DRAWN], ids=str)
def test_a_button_enlarges_a_picture_and_the_page_stays_as_wide_as_it_is(which, alive, shown):
    page, box = shown(which, alive=alive)
    assert width(box) < 390
    box.get_by_role("button", name=ENLARGE).click()
    assert width(box) == FULL
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    said = box.locator(".live-sentence, .cnnkit-said").locator("visible=true").bounding_box()
    assert 0 <= said["x"] < said["x"] + said["width"] <= 390
    box.get_by_role("button", name=WHOLE).click()
    assert width(box) < 390


def test_a_finger_moves_an_enlarged_picture_and_a_tap_chooses_in_it(shown):
    page, box = shown(POOLING)
    box.get_by_role("button", name=ENLARGE).click()
    picture, frame = box.locator(".live-screen .cnnkit-touch"), box.locator(".live-screen .cnnkit-scroll")
    values, areas = "({ explorer: e }) => e.values.position", "({ explorer: e }) => e.model.get('told').areas"
    before = box.evaluate(values)
    left, top, wide, high = min(area["box"] for area in box.evaluate(areas))  # the input, which is in view
    x, y = (picture.bounding_box()[side] for side in "xy")
    x, y = x + left + wide - 10, y + top + high - 10
    drag(page, *((x - back, y) for back in range(0, 160, 20)))
    page.wait_for_function("document.querySelector('.live-alive .cnnkit-scroll').scrollLeft > 80")
    page.wait_for_function(SETTLED)
    assert box.evaluate(values) == before
    frame.evaluate("frame => (frame.scrollLeft = 100)")
    page.touchscreen.tap(x - 100, y)
    page.wait_for_function("before => live.explorers[0].values.position !== before", arg=before)
    page.wait_for_function(SETTLED)
    assert frame.evaluate("frame => frame.scrollLeft") == 100


def drag(page: Page, *places: tuple[float, float]) -> None:
    """Put a finger down at the first place, move it to the others, let it rest, lift it."""
    touch = page.context.new_cdp_session(page)
    for i, (x, y) in enumerate(places):
        kind = "touchMove" if i else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    page.wait_for_timeout(300)  # or what it let go of glides on, and a tap only stops that
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_the_live_picture_stands_where_the_stored_one_was_moved_to(shown):
    page, box = shown(STACK, alive=False)
    box.get_by_role("button", name=ENLARGE).click()
    box.locator(".live-frame").evaluate("frame => (frame.scrollLeft = 300)")
    box.evaluate("box => box.explorer.open()")
    page.wait_for_selector(".live-alive")
    assert width(box) == FULL
    assert box.locator(".live-screen .cnnkit-scroll").evaluate("frame => frame.scrollLeft") == 300


def test_the_keyboard_enlarges_and_scrolls(shown):
    page, box = shown(POOLING, is_mobile=False, has_touch=False)  # a desk's page at 400 %
    box.get_by_role("button", name=ENLARGE).focus()
    page.keyboard.press("Enter")
    frame = box.locator(".live-screen .cnnkit-scroll")
    frame.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")
    assert frame.get_attribute("aria-label")
    assert grave(page, lambda: page.evaluate("document.body.dataset.theme = 'dark'")) == []


def test_where_there_is_room_no_button_is_seen(shown):
    page, box = shown(POOLING, viewport={"width": 1280, "height": 900}, is_mobile=False)
    assert box.get_by_role("button", name=ENLARGE).count() == 0
    page.set_viewport_size({"width": 390, "height": 844})
    box.get_by_role("button", name=ENLARGE).click()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_function("!document.querySelector('.cnnkit-large')")


def test_paper_has_the_whole_picture(shown):
    page, box = shown(POOLING)
    box.get_by_role("button", name=ENLARGE).click()
    page.emulate_media(media="print")
    assert width(box) < 390
    assert not box.locator(".live-enlarger").is_visible()


def test_the_button_that_clears_a_drawing_can_be_pressed(shown):
    _, box = shown(DRAWN)
    place = box.get_by_role("button", name="Clear").bounding_box()
    assert place["x"] + place["width"] <= 390 - 16
