"""The view of an explorer: widgets, touches, one message a move, and the plain picture where anywidget is missing.

The same tests run on Colab's versions (`make colab`).
"""

import asyncio
import gc
import struct
from functools import wraps
from time import perf_counter

import ipywidgets
import numpy as np
import pytest

from cnnkit.course.convolution.explorers import Window
from cnnkit.course.gradients.explorers import TrainIt
from cnnkit.course.gradients.learning import train_digits
from cnnkit.course.kit import touch
from cnnkit.course.kit.commit import Commit
from cnnkit.course.kit.controls import Choice, Numbers, Paint, Slider, Upload
from cnnkit.course.kit.explorer import Explorer
from cnnkit.course.kit.sheet import Sheet
from cnnkit.course.predictions import PREDICTIONS
from tests.course.test_explorers import live_widgets

needs_anywidget = pytest.mark.skipif(touch.widget_class() is None, reason="anywidget is not installed")
with_echo = pytest.mark.skipif(int(ipywidgets.__version__[0]) < 8, reason="ipywidgets 7 sends nothing without a kernel")
LATE = 0.050  # seconds within which a picture says that it computes


class Everything(Explorer):
    """One of each control."""

    controls = {
        "size": Slider("size", 1, 9, 4, play=True),
        "weights": Numbers("weights", ((1.0, 0.0), (0.0, -1.0))),
        "drawn": Paint("your digit", 8),
        "file": Upload("your picture"),
        "kind": Choice("kind", ("a", "b"), "a"),
    }

    def draw(self, *, size, weights, drawn, file, kind):
        sheet = Sheet(200, 100)
        sheet.touch((0, 0, 90, 50), 1, 9, lambda row, column: {"size": column + 1}, here=(0, size - 1))
        sheet.touch((100, 0, 90, 50), 1, 2, lambda row, column: {"kind": "ab"[column]} if column else None)
        sheet.box(0, 0, 10 * size, 10, "#bfdcf2")
        return sheet.picture(f"**{size}** {weights} {len(drawn)} {len(file)} {kind}")


def from_page(widget, **values):
    """What the page says of a widget."""
    widget.set_state(values)


@pytest.fixture
def sent(monkeypatch) -> list:
    """The messages of all widgets to the page from now on: which widget, what of it, and how many buffers."""
    messages = []

    def send(self, message, buffers=None):
        state = sorted(message.get("state", {}))
        messages.append((type(self).__name__, message.get("method"), state, len(buffers or [])))

    monkeypatch.setattr(ipywidgets.Widget, "_send", send)
    return messages


@needs_anywidget
@with_echo
def test_one_message_a_move(sent):
    window = Window()
    view = window.view
    view.screen._handle_custom_msg({"ratio": [1]}, [])
    sent.clear()
    from_page(view.widgets["position"], value=9)
    assert window.values["position"] == 9
    assert sent == [("Touch", "update", ["told"], 1)]


@needs_anywidget
@with_echo
def test_a_touch_is_answered_with_its_picture_in_one_message(sent):
    window = Window()
    view = window.view
    view.screen._handle_custom_msg({"ratio": [1]}, [])
    sent.clear()
    view.screen._handle_custom_msg({"touch": [1, 1, 2]}, [])
    assert window.values["position"] == view.widgets["position"].value == 1 * 5 + 2 + 1
    ours = [message for message in sent if message[0] == "Touch"]
    assert ours == [("Touch", "update", ["answered", "told"], 1)]
    assert window.picture.areas[1].here == (1, 2)


@needs_anywidget
@pytest.mark.parametrize(
    ("ratio", "scale"), [(0.8, 1), (1, 1), (1.05, 1), (1.25, 2), (1.5, 2), (2, 2), (2.6, 3), (8, 3)]
)
def test_the_picture_is_drawn_for_the_screen(ratio, scale):
    window = Window()
    window.view.screen._handle_custom_msg({"ratio": [ratio]}, [])
    width, height = struct.unpack(">II", window.view.screen.png[16:24])
    assert (width, height) == (820 * scale, 416 * scale)
    assert (window.picture.width, window.picture.height) == (820, 416)


@needs_anywidget
def test_until_the_page_shows_the_other_the_plain_picture_is_kept_up():
    window = Window()
    window.set(position=4)
    assert bytes(window.view.image.value) == window.picture.png
    window.view.screen._handle_custom_msg({"ratio": [1]}, [])
    before = bytes(window.view.image.value)
    window.set(position=5)
    assert bytes(window.view.image.value) == before
    assert bytes(window.view.screen.png) == window.picture.png


def test_without_anywidget_the_plain_picture_follows_and_sliders_do_everything(monkeypatch):
    monkeypatch.setattr(touch, "widget_class", lambda: None)
    window = Window()
    assert window.view.screen is None
    assert len(window.view.children) == 2
    before = bytes(window.view.image.value)
    window.view.widgets["position"].value = 9
    assert bytes(window.view.image.value) == window.picture.png != before
    assert "Window\xa09" in window.view.text.value or "Window 9" in window.view.text.value
    explorer = Everything()
    assert touch.UNPAINTED in explorer.view.widgets["drawn"].children[1].value
    explorer.set(drawn=np.eye(8))
    assert explorer.sentence.split()[-3] == "64"


def test_numbers_are_typed_and_set():
    explorer = Everything()
    table = explorer.view.widgets["weights"]
    table.fields[0][1].value = 2.5
    assert explorer.values["weights"] == ((1.0, 2.5), (0.0, -1.0))
    explorer.set(weights=[[0, 1], [2, 3]])
    assert [[field.value for field in row] for row in table.fields] == [[0, 1], [2, 3]]
    with pytest.raises(ValueError, match="weights must be 2 x 2 numbers between -100 and 100, got"):
        explorer.set(weights=[[1, 2, 3]])


def test_a_file_is_taken_in_the_form_of_either_ipywidgets():
    explorer = Everything()
    seven = {"a.png": {"metadata": {}, "content": b"seven"}}
    eight = ({"name": "a.png", "content": memoryview(b"eight!")},)
    from cnnkit.course.kit.view import _content

    assert (_content(seven), _content(eight), _content(())) == (b"seven", b"eight!", b"")
    explorer.view._set("file", _content(eight))
    assert explorer.values["file"] == b"eight!"


@needs_anywidget
def test_what_is_drawn_by_hand_is_ink_and_can_be_wiped_off():
    explorer = Everything()
    pad = explorer.view.widgets["drawn"]._screen
    pad._handle_custom_msg({"paint": [[2.5, 2.5], [2.5, 3.5]]}, [])
    ink = np.frombuffer(explorer.values["drawn"], np.uint8).reshape(8, 8)
    assert ink[2, 2] == ink[2, 3] == 1
    assert ink.sum() < 20
    pad._handle_custom_msg({"paint": [[6.5, 6.5]]}, [])
    more = np.frombuffer(explorer.values["drawn"], np.uint8).reshape(8, 8)
    assert (more >= ink).all()
    assert more[6, 6] == 1
    pad._handle_custom_msg({"clear": []}, [])
    assert explorer.values["drawn"] == b""


def test_play_goes_on_from_where_the_slider_is_and_round():
    explorer = Everything(size=8)
    play = explorer.view._rows["size"].children[1]
    seen = []
    for tick in (1, 2, 3):
        play.value = tick
        seen.append(explorer.values["size"])
    assert seen == [9, 1, 2]
    assert explorer.view.widgets["size"].value == 2
    play.value = 0  # stopped
    assert explorer.values["size"] == 2


def test_touching_what_is_not_there_changes_nothing():
    explorer = Everything()
    before = explorer.values
    explorer.touch(1, 0, 0)  # a cell that sets nothing
    explorer.touch(7, 0, 0)  # an area of an older picture
    assert explorer.values == before
    explorer.touch(0, 5, 99)  # beyond the last cell is the last one
    assert explorer.values["size"] == 9


def with_loop(test):
    @wraps(test)
    def run(**given):
        asyncio.run(asyncio.wait_for(test(**given), 60))

    return run


@with_loop
async def test_what_trains_says_so_at_once_and_drops_what_is_outdated():
    train_digits.cache_clear()
    explorer = TrainIt(depth=2)
    view, before = explorer.view, explorer.picture
    said = []
    explorer.watch(lambda: said.append((explorer.computing, explorer.values["depth"])))
    start = perf_counter()
    view.widgets["depth"].value = 20
    assert perf_counter() - start < LATE * 4  # a busy machine
    assert said == [(True, 20)]
    assert explorer.picture is before
    for _ in range(5):
        await asyncio.sleep(0)
    view.widgets["depth"].value = 3  # before the other is there
    while explorer.computing:
        await asyncio.sleep(0)
    assert "3 hidden layers" in explorer.sentence
    assert [depth for computing, depth in said if not computing] == [3]
    explorer.set(depth=4)  # asked for in code it is there when the line is over
    assert "4 hidden layers" in explorer.sentence
    assert not explorer.computing


@needs_anywidget
def test_the_page_is_answered_though_a_touch_goes_wrong(monkeypatch):
    explorer = Everything()
    screen = explorer.view.screen
    monkeypatch.setattr(explorer, "draw", lambda **values: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        screen._msg_callbacks.callbacks[-1](screen, {"touch": [0, 0, 7]}, [])
    assert screen.answered == 1


@with_loop
async def test_after_an_error_nothing_says_that_it_computes():
    def broken(**values):
        yield
        yield
        raise RuntimeError("broken")

    reported = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: reported.append(context["exception"]))
    explorer = Everything()
    explorer.draw = broken
    explorer.move(size=7)
    assert explorer.computing
    while explorer.computing:
        await asyncio.sleep(0)
    gc.collect()
    await asyncio.sleep(0)
    assert [str(error) for error in reported] == ["broken"]


@with_loop
async def test_going_back_to_what_is_known_ends_what_is_under_way():
    train_digits.cache_clear()
    explorer = TrainIt(depth=2)
    explorer.move(depth=19)
    assert explorer.computing
    explorer.move(depth=2)  # known already
    assert not explorer.computing
    assert "2 hidden layers" in explorer.sentence
    for _ in range(300):
        await asyncio.sleep(0)
    assert "2 hidden layers" in explorer.sentence


def test_a_number_off_the_step_is_brought_back_to_it_on_the_page():
    explorer = Everything()
    explorer.move(size=3.4)
    assert explorer.values["size"] == 3


@with_loop
@pytest.mark.parametrize("shown", [True, False])
async def test_closing_stops_what_is_computed_and_it_goes_on_when_it_is_shown_again(shown):
    train_digits.cache_clear()
    explorer = TrainIt(depth=2)
    explorer.move(depth=17)
    if shown:
        assert explorer.view.widgets["depth"].value == 17
    explorer.move(depth=18)
    assert explorer.computing
    task = explorer._task
    explorer.close()
    await asyncio.sleep(0)
    assert task.cancelled()
    assert not explorer.computing
    assert explorer.view.widgets["depth"].value == 18
    while explorer.computing:
        await asyncio.sleep(0)
    assert "18 hidden layers" in explorer.sentence
    explorer.close()


def test_closing_a_prediction_closes_its_field_and_buttons():
    before = set(live_widgets())
    asked = Commit(PREDICTIONS[min(PREDICTIONS)])
    assert len(live_widgets()) > len(before) + 5
    asked.close()
    assert set(live_widgets()) == before
