"""An explorer on the whole screen, as a lecture shows it."""

from __future__ import annotations

import pytest

from tests.site.live.conftest import settled

SHOWN = "live.explorers[0].div.querySelector('.live-screen .cnnkit-touch')"


@pytest.mark.parametrize(("width", "height", "least", "beside"), [(1440, 900, 1100, False), (853, 480, 420, True)])
def test_the_picture_fills_what_controls_and_words_leave(visit, shots, width, height, least, beside):
    page = visit("05_convolution_output_sizes", width=width)
    page.set_viewport_size({"width": width, "height": height})
    box = page.locator(".live-explorer").first
    box.get_by_role("button", name="Full screen").click()
    page.wait_for_function(f"least => {SHOWN}?.offsetWidth > least", arg=least)
    settled(page)
    assert ("live-beside" in box.get_attribute("class")) == beside
    assert box.evaluate("box => box.scrollHeight <= box.clientHeight && box.scrollWidth <= box.clientWidth")
    if least > 820:  # drawn as sharp as it is large
        page.wait_for_function("live.explorers[0].div.querySelector('canvas').width === 1640")
    if file := shots(f"live_stage_{width}"):
        page.screenshot(path=file)
    before = box.evaluate("({ explorer: e }) => e.values.size")
    box.locator("input").first.press("ArrowRight")
    page.wait_for_function("before => live.explorers[0].values.size === before + 1", arg=before)
    box.get_by_role("button", name="Leave the full screen").click()
    page.wait_for_function(f"{SHOWN}.offsetWidth <= 820 && !document.fullscreenElement")
