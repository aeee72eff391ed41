"""What every explorer promises, without a browser. New explorers are found and held to it by themselves.

The same tests run on Colab's versions (`make colab`), so nothing here may need more than ipywidgets 7.7.
"""

import base64
import gc
import importlib
import json
import pkgutil
import sys
import tracemalloc
from io import BytesIO
from itertools import product
from time import perf_counter, process_time

import ipywidgets
import numpy as np
import pytest
import torch
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from cnnkit import course
from cnnkit.course.convolution.explorers import Window
from cnnkit.course.convolution.window import draw_window, example_input, example_kernel
from cnnkit.course.kit.axis import lay_windows
from cnnkit.course.kit.explorer import Choice, Explorer, Slider, Switch
from cnnkit.course.kit.message import draw_message

SECONDS = 2.0  # at most for the moves of one explorer, before and again while memory is traced
QUICK = 0.012  # of processor time a move: pictures of pixels are quicker, curves are not
PNG = b"\x89PNG\r\n\x1a\n"


class Fussy(Explorer):
    """An explorer for these tests: odd sizes cannot be, and every kind of control is there."""

    controls = {
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
    names = [m.name for m in pkgutil.walk_packages(course.__path__, "cnnkit.course.") if "explorer" in m.name]
    modules = [importlib.import_module(name) for name in names]
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
    size = explorer.picture.width, explorer.picture.height
    assert size[0] <= 840
    for name in explorer.controls:
        for value in ends_and_middle(explorer, name):
            explorer._widgets[name].value = value
            assert (explorer.picture.width, explorer.picture.height) == size


@every
def test_the_same_setting_gives_the_same_bytes(kind):
    assert kind().picture == kind().picture
    explorer = kind()
    before = state(explorer)
    name = next(iter(explorer.controls))
    for value in ends_and_middle(explorer, name):
        explorer._widgets[name].value = value
    explorer.set(**{name: before[0][name]})
    assert state(explorer) == before


@every
def test_shows_the_live_view_the_picture_and_the_sentence(kind):
    explorer = kind()
    data, metadata = DisplayFormatter().format(explorer)  # what IPython does with the last line of a cell
    assert data["text/plain"] == explorer.sentence
    stored, drawn = (Image.open(BytesIO(png)) for png in (base64.b64decode(data["image/png"]), explorer.picture.png))
    assert stored.convert("RGB").tobytes() == drawn.convert("RGB").tobytes()
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
def test_frames_run_through_every_setting_and_move_no_widget(kind, monkeypatch):
    explorer = kind()
    before = state(explorer)
    _, picture = next(explorer.frames())
    assert picture.png.startswith(PNG)
    monkeypatch.setattr(explorer, "draw", lambda **values: explorer.picture)
    settings = [values for values, _ in explorer.frames()]
    assert state(explorer) == before
    for name in explorer.shown(before[0]):
        seen = {values[name] for values in settings}
        assert seen <= set(kind.controls[name].values())
        assert {ends_and_middle(explorer, name)[0], ends_and_middle(explorer, name)[-1]} <= seen


@every
def test_uses_only_widgets_and_arguments_of_ipywidgets_7(kind):
    known = {"IntSlider", "FloatSlider", "Dropdown", "Checkbox", "Image", "HTML", "Box", "VBox", "Layout"}
    known |= {"Button", "IntProgress"}
    shared = {"description_width"}  # of the style: 8 has more

    def walk(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from walk(child)

    for widget in walk(kind()):
        assert type(widget).__name__ in known or isinstance(widget, Explorer)
        assert type(widget.layout).__name__ in known
        if getattr(widget, "description", "") and not isinstance(widget, ipywidgets.Button):
            assert set(widget.style.get_state()) - {k for k in widget.style.get_state() if k.startswith("_")} >= shared


@every
def test_a_thousand_moves_leave_nothing_behind(kind):
    """A thousand where a move is QUICK; curves as often as fits into SECONDS, each setting at least once."""
    explorer = kind()
    moves = [(name, value) for name in kind.controls for value in ends_and_middle(explorer, name)]

    def move(times, seconds=float("inf")):
        end = perf_counter() + seconds
        for i in range(times):
            if i >= len(moves) and perf_counter() > end:  # every setting once, however long it takes
                break
            name, value = moves[i % len(moves)]
            widget = explorer._widgets[name]
            widget.value = min(value, widget.max) if hasattr(widget, "max") else value

    start = process_time()
    move(20)
    limit = float("inf") if process_time() - start < 20 * QUICK else SECONDS
    move(80, limit)
    widgets = len(live_widgets())
    move(800, limit)
    tracemalloc.start()  # it makes everything slow, so only for the last moves
    try:
        move(len(moves), 0)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        move(100, limit)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 300_000  # one picture a move would be over 1 MB; curves leave less than one picture's pixels
    assert len(live_widgets()) == widgets
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


def live_widgets() -> dict:
    """All widgets of this process: ipywidgets 8 keeps them in another place than 7."""
    base = sys.modules["ipywidgets.widgets.widget"]
    return getattr(base, "_instances", None) or ipywidgets.Widget.__dict__.get("widgets") or {}


# The base class


def test_what_cannot_be_is_said_where_the_picture_was_and_sliding_back_restores_it():
    explorer = Fussy()
    before, slider = state(explorer), explorer._widgets["size"]
    slider.value = 5
    assert explorer.sentence == "size must be even, got 5"
    assert "size must be even, got 5" in explorer._text.value
    assert shown(explorer) == draw_message("size must be even, got 5", width=300, height=100).png
    slider.value = 4
    assert state(explorer) == before


def test_an_explorer_may_start_with_a_setting_that_cannot_be():
    explorer = Fussy(size=3)
    assert explorer.sentence == "size must be even, got 3"
    explorer.set(size=2)
    assert explorer.sentence.startswith("All well")


def test_draws_once_for_a_move_and_not_at_all_for_none():
    explorer = Fussy()
    assert explorer.drawn == 1
    explorer.set(size=6, slope=0.3, kind="b", flipped=True)
    assert explorer.drawn == 2
    explorer.set(size=6, slope=0.3)
    explorer._widgets["size"].value = 6
    assert explorer.drawn == 2
    explorer._widgets["place"].value = 6
    explorer._widgets["size"].value = 2  # and with it the highest place
    assert explorer.drawn == 4
    assert explorer.values["place"] == 2


def test_a_slider_follows_its_limit():
    explorer = Fussy(size=6, place=6)
    slider = explorer._widgets["place"]
    assert (slider.max, slider.disabled) == (6, False)
    explorer.set(size=8)
    assert (slider.max, slider.value) == (8, 6)
    with pytest.raises(ValueError, match="place must be at most 8 with these settings, got 9"):
        explorer.set(place=9)
    explorer.set(size=4, place=4)
    assert (slider.max, slider.value) == (4, 4)
    explorer.set(size=1)
    assert (slider.value, slider.disabled) == (1, True)


def test_values_are_python_numbers_without_rounding_dust():
    explorer = Fussy(slope=np.float32(0.5), size=np.int8(6), kind=np.str_("a"), flipped=np.False_)
    assert explorer.values == {"size": 6, "slope": 0.5, "place": 1, "kind": "a", "flipped": False}
    explorer.set(slope=0.1 + 0.2, size=np.float64(6), place=1)
    assert explorer.values == {"size": 6, "slope": 0.3, "place": 1, "kind": "a", "flipped": False}
    assert {type(value) for value in explorer.values.values()} == {int, float, str, bool}
    assert Slider("slope", 0.0, 1.0, 0.5, 0.1).values() == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    with pytest.raises(ValueError, match="kind must be one of 'a', 'b', got 'c'"):
        explorer.set(kind="c")
    with pytest.raises(ValueError, match="flipped must be True or False, got 1"):
        explorer.set(flipped=1)
    for none, said in ((10**400, r"10{96}\.\.\."), (np.ones((2, 2)), "an array of float64"), (None, "None")):
        with pytest.raises(ValueError, match=f"size must be between 1 and 9, got {said}"):
            explorer.set(size=none)
    with pytest.raises(ValueError, match="kind must be one of 'a', 'b', got an array of int64"):
        explorer.set(kind=np.array([1, 2]))
    with pytest.raises(ValueError, match=r"size must be a whole number between 1 and 9, got 2\.5"):
        explorer.set(size=2.5)


def test_the_sentence_is_text_not_markup():
    explorer = Fussy()
    explorer.draw = lambda **values: draw_message("1 < 2 & <b>3</b>")
    explorer.set(size=2)
    assert "1 &lt; 2 &amp; &lt;b&gt;3&lt;/b&gt;" in explorer._text.value
    assert explorer._repr_mimebundle_()[0]["text/plain"] == "1 < 2 & <b>3</b>"


# The window

SWEEP = list(product([*range(1, 9), 13, 31, 32], range(1, 12), (1, 2, 3, 5, 8), (0, 1, 2, 5, 8), (1, 2, 3, 4)))


def ours(n, k, s, p, d, rounding):
    try:
        return lay_windows(n, k, s, p, d, rounding).count
    except ValueError:
        return None


def theirs(layer, n, *arguments, **options):
    try:
        return layer(torch.zeros(1, 1, n, n), *arguments, **options).shape[-1]
    except RuntimeError:
        return None


def test_window_floor_is_what_torch_convolutions_do():
    weights = {k: torch.zeros(1, 1, k, k) for k in range(1, 12)}
    conv2d = torch.nn.functional.conv2d
    for n, k, s, p, d in SWEEP:
        expected = theirs(conv2d, n, weights[k], stride=s, padding=p, dilation=d)
        assert ours(n, k, s, p, d, "floor") == expected, (n, k, s, p, d)


def test_window_ceil_is_what_torch_pooling_does():
    pool = torch.nn.functional.max_pool2d
    for n, k, s, p, d in SWEEP:
        if 2 * p <= k:  # torch's pooling takes no more padding
            expected = theirs(pool, n, k, stride=s, padding=p, dilation=d, ceil_mode=True)
            assert ours(n, k, s, p, d, "ceil") == expected, (n, k, s, p, d)


def test_window_strict_is_floor_where_nothing_remains():
    for n, k, s, p, d in SWEEP:
        fits = n + 2 * p >= d * (k - 1) + 1 and (n + 2 * p - d * (k - 1) - 1) % s == 0
        assert ours(n, k, s, p, d, "strict") == (ours(n, k, s, p, d, "floor") if fits else None)


def test_window_tf_same_is_tensorflows_formula():
    for n, k, s, p, d in SWEEP:
        axis = lay_windows(n, k, s, p, d, "TF-SAME")
        total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        assert (axis.count, axis.before, axis.after) == (-(-n // s), total // 2, -(-total // 2))
        assert axis.over == 0


@pytest.mark.parametrize("rounding", ["floor", "ceil", "strict", "TF-SAME"])
def test_window_draws_whatever_fits_and_says_why_when_it_does_not(rounding):
    for n, k, s, p, d in SWEEP[::331]:
        count = ours(n, k, s, p, d, rounding)
        options = {"stride": s, "padding": p, "dilation": d, "rounding": rounding}
        if count is None:
            with pytest.raises(ValueError, match=r"does not fit|remainder"):
                draw_window(n, k, **options)
            continue
        last = draw_window(n, k, position=count**2, **options)
        assert f"{count} × {count} outputs" in last.sentence
        assert f"Window {count**2} of {count**2} (row {count}, column {count})" in last.sentence
        with pytest.raises(ValueError, match="position must be between 1 and"):
            draw_window(n, k, position=count**2 + 1, **options)


@pytest.mark.parametrize("setting", [s for s in SWEEP[7::613] if ours(*s, "floor")], ids=str)
def test_window_hatches_what_gets_no_gradient(setting):
    _, k, s, _, d = setting
    axis = lay_windows(*setting, "floor")
    x = torch.zeros(1, 1, axis.padded, axis.padded, requires_grad=True)
    torch.nn.functional.conv2d(x, torch.ones(1, 1, k, k), stride=s, dilation=d).sum().backward()
    assert np.array_equal(x.grad[0, 0].numpy() > 0, np.outer(axis.read(), axis.read()))


def test_window_sum_is_torchs():
    for position in (1, 8, 16):
        axis = lay_windows(9, 3, 2, 2, 2, "floor")
        x, weight = (torch.tensor(a)[None, None] for a in (example_input(axis), example_kernel(3)))
        y = torch.nn.functional.conv2d(x, weight, stride=2, dilation=2).flatten()
        said = draw_window(9, 3, stride=2, padding=2, dilation=2, position=position).sentence
        assert said.endswith(f"its 9 products sum to {y[position - 1]}.".replace("-", "−"))


def test_window_sentences():
    explorer = Window(size=32, kernel_size=5, stride=2, position=5)
    assert explorer.sentence.startswith(
        "⌊(32 + 2·0 − 5)/2⌋ + 1 = 14: 14 × 14 outputs. The last row and the last column of the input are never read. "
        "Window 5 of 196 (row 1, column 5): its 25 products sum to "
    )
    explorer.set(rounding="strict")
    assert explorer.sentence == (
        "strict: (32 + 2·0 − 5) / 2 leaves a remainder of 1, so the windows do not end where the padded input ends. "
        "Sizes that fit: 31 or 33."
    )
    explorer.set(rounding="TF-SAME", size=7, kernel_size=3, stride=2, position=1)
    assert "⌈7/2⌉ = 4" in explorer.sentence
    explorer.set(rounding="ceil", size=10, kernel_size=1)
    assert "⌈(10 + 2·0 − 1)/2⌉ + 1 = 6, but window 6 would start past the input and is dropped" in explorer.sentence


def test_window_number_follows_the_output_size():
    explorer = Window()
    slider = explorer._widgets["position"]
    assert slider.max == 25
    slider.value = 25
    explorer._widgets["kernel_size"].value = 7
    assert (slider.value, slider.disabled) == (1, True)
    explorer._widgets["kernel_size"].value = 8
    assert "does not fit" in explorer.sentence
    explorer._widgets["padding"].value = 8
    assert slider.max == 16**2
