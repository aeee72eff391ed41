"""What every explorer promises, without a browser. New explorers are found and held to it by themselves.

The same tests run on Colab's versions (`make colab`), so nothing here may need more than ipywidgets 7.7.
"""

import base64
import importlib
import json
import pkgutil
import subprocess
import sys
import tracemalloc
from itertools import product
from pathlib import Path

import ipywidgets
import pytest
import torch
from IPython.core.formatters import DisplayFormatter

import cnnkit
from cnnkit import explorers
from cnnkit.explorers.base import Choice, Explorer, Slider, Switch
from cnnkit.explorers.convolution import Window
from cnnkit.figures.message import draw_message
from cnnkit.figures.window import lay_windows

PNG = b"\x89PNG\r\n\x1a\n"
ROOT = Path(cnnkit.__file__).parent.parent


class Fussy(Explorer):
    """An explorer for these tests: odd sizes cannot be, and every kind of control is there."""

    controls = {  # noqa: RUF012
        "size": Slider("size", 1, 9, 4),
        "slope": Slider("slope", 0.0, 1.0, 0.5, 0.1),
        "place": Slider("place", 1, 9, 1),
        "kind": Choice("kind", ("a", "b"), "a"),
        "flipped": Switch("flipped"),
    }
    drawn = 0

    def limits(self, values):
        return {"place": values["size"]}

    def draw(self, **values):
        self.drawn += 1
        if values["size"] % 2:
            raise ValueError(f"size must be even, got {values['size']}")
        return draw_message(f"All well: {values}", width=300, height=100)


def found() -> list[type[Explorer]]:
    """Every explorer of the package."""
    modules = [importlib.import_module(f"cnnkit.explorers.{m.name}") for m in pkgutil.iter_modules(explorers.__path__)]
    classes = {v for m in modules for v in vars(m).values() if isinstance(v, type) and v.__module__ == m.__name__}
    return sorted((c for c in classes if issubclass(c, Explorer) and c is not Explorer), key=lambda c: c.__name__)


every = pytest.mark.parametrize("kind", [*found(), Fussy], ids=lambda kind: kind.__name__)


def ends_and_middle(explorer: Explorer, name: str) -> list:
    """The first, the middle and the last value that a control can take now."""
    widget, values = explorer._widgets[name], explorer.controls[name].values()
    if isinstance(explorer.controls[name], Slider):
        values = [v for v in values if v <= widget.max]
    return [values[0], values[len(values) // 2], values[-1]]


def state(explorer: Explorer) -> tuple:
    return explorer.values, explorer.picture, shown(explorer), explorer._text.value


def shown(explorer: Explorer) -> bytes:
    """The bytes that the picture's widget holds: a memoryview in ipywidgets 8."""
    return bytes(explorer._image.value)


# What every explorer promises


@every
def test_shows_a_picture_and_a_sentence_for_every_end_and_middle(kind):
    explorer = kind()
    for name in explorer.controls:
        start = explorer.values
        for value in ends_and_middle(explorer, name):
            explorer._widgets[name].value = value
            assert explorer.values[name] == value
            assert shown(explorer).startswith(PNG)
            assert shown(explorer) == explorer.picture.png
            assert explorer.sentence.strip() == explorer.sentence != ""
            assert len(explorer.sentence) < 700
        explorer.set(**start)


@every
def test_every_pair_of_ends_is_a_picture_or_a_sentence_never_a_traceback(kind):
    explorer = kind()
    ends = {name: (values[0], values[-1]) for name, c in kind.controls.items() if (values := c.values())}
    for (one, two), places in product(zip(ends, [*ends][1:], strict=False), product((0, 1), repeat=2)):
        for name, place in zip((one, two), places, strict=True):
            widget = explorer._widgets[name]
            value = ends[name][place]
            widget.value = min(value, widget.max) if hasattr(widget, "max") else value
            assert shown(explorer).startswith(PNG)


@every
def test_a_slider_keeps_the_size_of_the_picture(kind):
    explorer = kind()
    sizes = {(p.width, round(p.height)) for _, p in list(explorer.frames())[::7]}
    assert sizes == {(explorer.picture.width, round(explorer.picture.height))}
    assert explorer.picture.width <= 840


@every
def test_the_same_setting_gives_the_same_bytes(kind):
    assert kind().picture == kind().picture
    explorer = kind()
    before = state(explorer)
    name = next(iter(explorer.controls))
    for value in ends_and_middle(explorer, name):
        explorer._widgets[name].value = value
    explorer.set(**before[0])
    assert state(explorer) == before


@every
def test_shows_the_live_view_the_picture_and_the_sentence(kind):
    explorer = kind()
    data, metadata = DisplayFormatter().format(explorer)  # what IPython does with the last line of a cell
    assert data["text/plain"] == explorer.sentence
    assert base64.b64decode(data["image/png"]) == explorer.picture.png
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.model_id
    assert metadata["image/png"]["alt"] == explorer.sentence
    json.dumps([data, metadata])


@every
def test_colab_shows_the_live_view_only_once(kind, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    data, metadata = kind()._repr_mimebundle_()
    assert set(data) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
    assert metadata == {}


@every
def test_refuses_what_it_does_not_have_and_changes_nothing(kind):
    explorer = kind()
    before = state(explorer)
    name = next(name for name, control in kind.controls.items() if isinstance(control, Slider))
    low, high = kind.controls[name].low, kind.controls[name].high
    for wrong in (low - 1, high + 1, "2", None, True, float("nan")):
        with pytest.raises(ValueError, match=f"{name} must be"):
            explorer.set(**{name: wrong})
    with pytest.raises(ValueError, match="there is no control 'sise'"):
        explorer.set(**{name: high, "sise": 3})
    with pytest.raises(ValueError, match="there is no control 'sise'"):
        kind(sise=3)
    assert state(explorer) == before


@every
def test_frames_move_no_widget(kind):
    explorer = kind()
    before = state(explorer)
    frames = list(explorer.frames())
    assert state(explorer) == before
    assert all(set(values) == set(kind.controls) and picture.png.startswith(PNG) for values, picture in frames[::17])
    for name, control in kind.controls.items():
        seen = {values[name] for values, _ in frames}
        assert seen <= set(control.values())
        assert len(seen) > 1


@every
def test_uses_only_widgets_and_arguments_of_ipywidgets_7(kind):
    known = {"IntSlider", "FloatSlider", "Dropdown", "Checkbox", "Image", "HTML", "Box", "VBox", "Layout"}
    shared = {"description_width"}  # of the style: 8 has more

    def walk(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from walk(child)

    for widget in walk(kind()):
        assert type(widget).__name__ in known or isinstance(widget, Explorer)
        assert type(widget.layout).__name__ in known
        if getattr(widget, "description", ""):
            assert set(widget.style.get_state()) - {k for k in widget.style.get_state() if k.startswith("_")} >= shared


@every
def test_a_thousand_moves_leave_nothing_behind(kind):
    explorer = kind()
    moves = [(name, value) for name in kind.controls for value in ends_and_middle(explorer, name)]

    def move(times):
        for i in range(times):
            name, value = moves[i % len(moves)]
            widget = explorer._widgets[name]
            widget.value = min(value, widget.max) if hasattr(widget, "max") else value

    move(200)
    widgets = len(live_widgets())
    tracemalloc.start()
    try:
        move(100)
        before = tracemalloc.get_traced_memory()[0]
        move(700)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 1_000_000
    assert len(live_widgets()) == widgets
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


def live_widgets() -> dict:
    """All widgets of this process: ipywidgets 8 keeps them in another place than 7."""
    base = sys.modules["ipywidgets.widgets.widget"]
    return getattr(base, "_instances", None) or ipywidgets.Widget.__dict__.get("widgets") or {}
