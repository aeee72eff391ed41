"""Pictures on a dark page: drawn on dark paper before Python is there, and as they are once it is; printed on white."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator

from tests.site.conftest import WAIT_MS
from tests.site.everyone import QUIET
from tests.site.pages import SITE
from tools.site.live.standin import serving

DESK = {"viewport": {"width": 1280, "height": 900}}
WINDOWS, PHOTO, CURVES = "04_pooling.html", "05_convolution_output_sizes.html", "labs/03_dropout_lab.html"
WHITE, DARK = 255, 18  # of the paper
THEMES = [
    ("light", "auto", WHITE), ("light", "light", WHITE), ("light", "dark", DARK),
    ("dark", "auto", DARK), ("dark", "light", WHITE), ("dark", "dark", DARK),
]  # fmt: skip
THERE = """images => Promise.all(images.map(async (image) => {
    image.loading = "eager";
    if (!image.complete) await new Promise((done) => image.addEventListener("load", done));
    image.decoding = "sync";
}))"""
SETTLED = "live.explorers.every(e => !e.moving && !e.asking) && document.querySelector('.live-alive')"


def pixels(shown: Locator) -> np.ndarray:
    """What is on the screen."""
    shown.scroll_into_view_if_needed()
    shown.locator("img").evaluate_all(THERE)
    shown.evaluate(QUIET)
    with Image.open(BytesIO(shown.screenshot())) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def paper(shown: Locator) -> int:
    """How bright most of a picture is."""
    return int(np.bincount(pixels(shown)[..., 1].ravel()).argmax())


@pytest.mark.parametrize(("system", "theme", "bright"), THEMES)
def test_a_stored_picture_has_the_paper_of_its_page(system, theme, bright, opened):
    page = opened(WINDOWS, color_scheme=system, **DESK)
    page.evaluate("theme => (document.body.dataset.theme = theme)", theme)
    assert paper(page.locator(".cnnkit-plain .drawing").first) == bright
    assert paper(page.locator(".cell_output a.picture").first) == bright


def test_it_needs_no_script(opened):
    page = opened(WINDOWS, color_scheme="dark", java_script_enabled=False, **DESK)
    with Image.open(BytesIO(page.locator(".drawing").first.screenshot())) as image:
        assert np.bincount(np.asarray(image.convert("L")).ravel()).argmax() == DARK


def test_a_stored_photograph_is_no_negative(opened):
    page = opened(PHOTO, color_scheme="light", **DESK)
    drawing = page.locator(".drawing:has(.kept)").first
    light = pixels(drawing)
    page.emulate_media(color_scheme="dark")
    dark = pixels(drawing)
    assert paper(drawing) == DARK
    photograph = slice(60, 260), slice(20, 260)
    assert light[photograph].std() > 40
    assert abs(light[photograph] - dark[photograph]).max() <= 2


@pytest.mark.parametrize(("which", "number"), [(WINDOWS, 0), (WINDOWS, 2), (PHOTO, 1), ("08_bug_clinic.html", 0)])
def test_a_live_picture_is_dark_as_the_stored_one_was(which, number, browser):
    with serving(SITE) as address:
        context = browser.new_context(color_scheme="dark", device_scale_factor=2, **DESK)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(f"{address}{which}")
        page.wait_for_function("document.documentElement.dataset.live")
        box = page.locator(".live-explorer").nth(number)
        stored = pixels(box.locator(".drawing"))
        box.evaluate("box => box.explorer.open()")
        page.wait_for_function(SETTLED)
        live = pixels(box.locator(".live-screen .cnnkit-touch"))
        context.close()
    assert stored.shape == live.shape
    assert (abs(stored - live).max(axis=2) > 24).mean() < 0.01


@pytest.mark.parametrize("which", [WINDOWS, CURVES])
def test_paper_is_white_also_from_a_dark_page(which, opened):
    page = opened(which, color_scheme="dark", **DESK)
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    page.emulate_media(media="print", color_scheme="dark")
    for picture in page.locator(":is(.drawing, a.picture):visible").all():
        assert paper(picture) == WHITE
    for look, plain in (("filter", "none"), ("colorScheme", "light")):
        every = f"[...document.querySelectorAll('article *')].map((part) => getComputedStyle(part).{look})"
        assert set(page.evaluate(every)) == {plain}
