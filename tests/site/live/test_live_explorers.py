"""Every explorer, opened on a page and moved: it shows what the kernel shows."""

from __future__ import annotations

import json
import re
from base64 import b64decode

import numpy as np
import pytest

from cnnkit.course.kit.controls import Choice, Slider, Switch
from tests.course.test_explorers import found
from tests.site.live.conftest import PYTHON, settled
from tests.site.live.pages import places

KINDS = sorted(found(), key=lambda kind: places().get(kind.__name__, ("", 0)))
NEAR = 0.06  # the share of pixels that may differ in the browser, whose FreeType and matplotlib are others

LEARN = {"OneBatch"}  # hundreds of steps: the last bits of a sum, which no two processors share, come to the surface


def shown(box) -> tuple[np.ndarray, str]:
    """The picture's pixels, in red, green and blue, and the sentence on the page."""
    picture, size, sentence = box.evaluate(
        """({ explorer: e }) => new Promise((done) => {
            const reader = new FileReader();  // as one text: a list of numbers takes seconds to come over
            const { data, width, height } = e.model.get("image");
            reader.onload = () => done([reader.result, [height, width], e.sentence]);
            reader.readAsDataURL(new Blob([data]));
        })"""
    )
    pixels = np.frombuffer(b64decode(picture.partition(",")[2]), np.uint8).reshape(*size, 4)
    assert (pixels[:, :, 3] == 255).all()
    return pixels[:, :, :3].astype(int), sentence


def values_of(box) -> dict:
    return box.evaluate("({ explorer: e }) => e.values")


def compare(box, own) -> float:
    """The share of pixels that differ; sentences and, in the stand-in, all pixels are equal."""
    theirs, sentence = shown(box)
    if PYTHON == "Pyodide" and type(own).__name__ in LEARN:
        sentence, expected = (re.sub(r"[\d.]+", "·", text) for text in (sentence, own.sentence))
        assert sentence == expected
    else:
        assert sentence == own.sentence
    ours = np.asarray(own.picture.image.convert("RGB")).astype(int)
    if PYTHON != "Pyodide":
        assert np.array_equal(theirs, ours)
        return 0.0
    wide = min(theirs.shape[1], ours.shape[1])  # matplotlib 3.10 makes 819 pixels of 8.2 inches
    assert theirs.shape[0] == ours.shape[0]
    assert wide >= ours.shape[1] - 1
    return float((abs(theirs[:, :wide] - ours[:, :wide]).max(axis=2) > 48).mean())


def sent(values: dict) -> dict:
    """Values as a page gets them."""
    return json.loads(json.dumps({name: bool(v) if isinstance(v, bytes) else v for name, v in values.items()}))


def press(box, name: str, control) -> None:
    """Move a control by the keyboard."""
    part = box.locator(f'[id="{box.get_attribute("id")}.{name}"]')
    if isinstance(control, Slider):
        before = part.input_value()
        part.press("ArrowRight")
        if part.input_value() == before:
            part.press("ArrowLeft")
        if control.late:
            part.evaluate("input => input.dispatchEvent(new Event('change'))")
    elif isinstance(control, Choice):
        part.select_option(index=(part.evaluate("select => select.selectedIndex") + 1) % len(control.options))
    else:
        part.press(" ")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_explorer_is_moved_on_its_page_and_shows_what_the_kernel_shows(turned, measured, kind):
    name, number, start = places()[kind.__name__]
    page = turned(name)
    box = page.locator(".live-explorer").nth(number)
    own = kind(**start)
    own.show_on(1)
    box.evaluate("box => box.explorer.open()")
    settled(page)
    differ = [compare(box, own)]
    for sort in (Slider, Choice, Switch):
        for name, control in kind.controls.items():
            values = values_of(box)
            usable = name in own.shown(own.values) and name not in own.disabled
            if not isinstance(control, sort) or not usable:
                continue
            press(box, name, control)
            page.wait_for_function(
                "([number, name, before]) => JSON.stringify(live.explorers[number].values[name]) !== before",
                arg=[number, name, json.dumps(values[name], ensure_ascii=False)],
            )
            settled(page)
            own.move(**{name: values_of(box)[name]})
            differ.append(compare(box, own))
            assert values_of(box) == sent(own.values)
            break
    assert box.locator(".cnnkit-plain").is_hidden()
    assert max(differ) <= NEAR
    if PYTHON == "Pyodide":
        times = page.evaluate("live.times.splice(0).map(Math.round)")
        measured.append(f"{kind.__name__}: answers in {times} ms, {max(differ):.2%} of the pixels differ")


def test_a_touch_in_the_picture_moves_it(visit):
    page = visit("04_pooling")
    box = page.locator(".live-explorer").first
    box.evaluate("box => box.explorer.open()")
    settled(page)
    page.wait_for_selector(".live-alive")
    before = values_of(box)
    touch = box.locator(".cnnkit-touch").last
    left, top, *_ = box.evaluate("({ explorer: e }) => e.model.get('told').areas[0].box")
    touch.click(position={"x": left + 60, "y": top + 60})
    page.wait_for_function("before => live.explorers[0].values.position !== before", arg=before["position"])
    touch.press("ArrowRight")
    settled(page)
    assert page.locator(".live-explorer").first.locator("[role=status]").count() >= 1


def test_a_field_to_draw_on(visit):
    name, number, _ = places()["Mistakes"]
    page = visit(name)
    box = page.locator(".live-explorer").nth(number)
    box.evaluate("box => box.explorer.open()")
    settled(page)
    field = box.locator(".live-pad .cnnkit-touch")
    field.scroll_into_view_if_needed()
    place = field.bounding_box()
    page.mouse.move(place["x"] + 60, place["y"] + 40)
    page.mouse.down()
    page.mouse.move(place["x"] + 90, place["y"] + 140, steps=5)
    page.mouse.up()
    settled(page)
    assert "something is drawn" in field.locator("canvas").first.get_attribute("aria-label")
    box.locator(".live-pad + button").click()
    page.wait_for_function(
        "() => document.querySelector('.live-pad canvas').getAttribute('aria-label').includes('empty')"
    )


def test_a_slider_that_plays_goes_on_by_itself(visit):
    page = visit("04_pooling")
    box = page.locator(".live-explorer").first
    button = box.get_by_role("button", name="Play: window")
    before = values_of(box)["position"]
    button.click()
    page.wait_for_function("before => live.explorers[0].values.position > before + 1", arg=before)
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert button.get_attribute("aria-pressed") == "false"


def test_a_training_shows_how_far_it_is(visit):
    page = visit("07_full_cnn")
    box = page.locator(".live-explorer").first
    box.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function("live.explorers[0].div.querySelector('progress').value > 0")
    stop = box.get_by_role("button", name="Stop", exact=True)
    if stop.count():
        stop.click()
    settled(page)
    assert page.evaluate("live.explorers[0].turn") > 3
