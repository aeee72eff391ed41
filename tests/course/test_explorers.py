"""What every explorer promises, without a browser. New explorers are found and held to it by themselves.

The same tests run on Colab's versions (`make colab`), so nothing here may need more than ipywidgets 7.7.
"""

import base64
import gc
import importlib
import json
import pkgutil
import re
import sys
import tracemalloc
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from itertools import cycle, islice, product
from statistics import median
from time import perf_counter, process_time

import ipywidgets
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from cnnkit import course
from cnnkit.course.convolution.explorers import FilterPicture, Window
from cnnkit.course.kit import statements
from cnnkit.course.kit.controls import Choice, Numbers, Slider, Switch, Upload
from cnnkit.course.kit.explorer import Explorer
from cnnkit.course.kit.sheet import Sheet, text_width
from cnnkit.course.pooling.explorers import Downsample, PoolWindow, ReceptiveField, ShiftIt

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
        return Sheet(300, 100).picture(f"All well: {values}")


def found() -> list[type[Explorer]]:
    """Every explorer of the package."""
    names = [m.name for m in pkgutil.walk_packages(course.__path__, "cnnkit.course.") if "explorer" in m.name]
    modules = [importlib.import_module(name) for name in names]
    classes = {v for m in modules for v in vars(m).values() if isinstance(v, type) and v.__module__ == m.__name__}
    return sorted((c for c in classes if issubclass(c, Explorer) and c is not Explorer), key=lambda c: c.__name__)


# Settings in which a control is on the screen that is not there at the start; each control must move there, too.
STARTS = [
    partial(FilterPicture, kernel="random"),
    partial(Window, dilation=2, padding=1),
    partial(PoolWindow, kind="average", padding=1),
    partial(PoolWindow, kind="average", padding=1, count_include_pad=False, position=6),
    partial(PoolWindow, backward=True, stride=1),
    partial(PoolWindow, size=7, kernel_size=3, padding=1),
    partial(PoolWindow, size=5, kernel_size=3, stride=2, padding=1, kind="average"),
    partial(PoolWindow, size=5, kernel_size=3, stride=2, backward=True),
    partial(Downsample, picture="stripes"),
    partial(ShiftIt, what="angle", amount=3),
    partial(ReceptiveField, widened_by="max pooling"),
    partial(ReceptiveField, weights="random"),
]
TRAINS = {"BuildYourOwn", "Clinic", "DeadUnits", "OneBatch", "Overfitting", "TrainIt"}  # these train for each setting
ONLY_THE_PICTURE = {("Stack", "layer")}  # it chooses the layer that the other controls change
LIMITS = {"Counter": 35, "FilterPicture": 30}  # milliseconds of a move on a quiet machine; 15 for all others


def start_name(start) -> str:
    return getattr(start, "func", start).__name__


every = pytest.mark.parametrize("kind", [*found(), Fussy], ids=lambda kind: kind.__name__)


def ends_and_middle(explorer: Explorer, name: str) -> list:
    """The first, the middle and the last value that a control can take now."""
    widget, values = explorer.view.widgets[name], explorer.controls[name].values()
    if isinstance(explorer.controls[name], Slider):
        values = [v for v in values if v <= widget.max]
    return [values[0], values[len(values) // 2], values[-1]]


def put(explorer: Explorer, name: str, value: object) -> None:
    """Move a control by its widget; what a test cannot put into one, such as a file, as the widget would."""
    if not isinstance(explorer.controls[name], (Slider, Choice, Switch)):
        explorer.move(**{name: value})
        return
    widget = explorer.view.widgets[name]
    widget.value = min(value, widget.max) if hasattr(widget, "max") else value


def state(explorer: Explorer) -> tuple:
    return explorer.values, explorer.picture, shown(explorer), explorer.view.text.value


def shown(explorer: Explorer) -> bytes:
    """The bytes that the picture's widget holds: a memoryview in ipywidgets 8."""
    return bytes(explorer.view.image.value)


# What every explorer promises


@every
def test_shows_a_picture_and_a_sentence_for_every_end_and_middle(kind):
    explorer = kind()
    for name in explorer.controls:
        start = explorer.values
        for value in ends_and_middle(explorer, name):
            put(explorer, name, value)
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
            put(explorer, name, ends[name][place])
            assert shown(explorer).startswith(PNG)


@pytest.mark.parametrize("explorer", [*(kind for kind in found()), *STARTS], ids=start_name)
def test_every_control_on_the_screen_changes_picture_and_sentence(explorer):
    """If not at the start, then with one other control at one of its ends, as in the browser."""
    explorer = explorer()
    start = explorer.values
    for name in on_screen(explorer):
        others = [(other, end) for other in on_screen(explorer) if other != name for end in ends(explorer, other)]
        assert any(moves(explorer, name, start | {other: end}) for other, end in [(name, start[name]), *others]), name
        explorer.set(**start)


def on_screen(explorer: Explorer) -> list[str]:
    """The names of the controls that are shown, and can be moved without a file."""
    idle, files = explorer.idle(explorer.values), {n for n, c in explorer.controls.items() if isinstance(c, Upload)}
    return [name for name in explorer.shown(explorer.values) if name not in idle | files]


def ends(explorer: Explorer, name: str) -> tuple:
    """The lowest and the highest value that a control can take now."""
    first, _, last = ends_and_middle(explorer, name)
    return first, last


def moves(explorer: Explorer, name: str, values: dict) -> bool:
    """Whether a control changes picture and sentence when all else is set to `values`."""
    try:
        explorer.set(**values)
    except ValueError:  # a position that is not there
        return False
    seen = []
    for value in (*ends(explorer, name), values[name]):
        put(explorer, name, value)
        seen.append((explorer.picture.png, explorer.sentence))
    pictures, sentences = (len(set(each)) for each in zip(*seen, strict=True))
    says_nothing = (type(explorer).__name__, name) in ONLY_THE_PICTURE
    return pictures > 1 and (sentences > 1 or says_nothing) and name in on_screen(explorer)


@pytest.mark.parametrize("kind", [kind for kind in found() if kind.__name__ not in TRAINS], ids=lambda k: k.__name__)
def test_a_move_costs_little(kind, record_property):
    explorer, times = kind(), []
    for name in islice(cycle(on_screen(explorer)), 40):
        control, widget = kind.controls[name], explorer.view.widgets[name]
        values = [v for v in control.values() if not isinstance(control, Slider) or v <= widget.max]
        start = process_time()
        put(explorer, name, values[len(times) % len(values)])
        times.append((process_time() - start) * 1000)
    record_property("median milliseconds", median(times))
    assert median(times) < 3 * LIMITS.get(kind.__name__, 15)  # a busy machine is not a slow explorer


@every
def test_a_slider_keeps_the_size_of_the_picture(kind):
    explorer = kind()
    size = explorer.picture.width, explorer.picture.height
    assert size[0] <= 840
    for name in explorer.controls:
        for value in ends_and_middle(explorer, name):
            put(explorer, name, value)
            assert (explorer.picture.width, explorer.picture.height) == size


@every
def test_the_same_setting_gives_the_same_bytes(kind):
    assert kind().picture == kind().picture
    explorer = kind()
    before = state(explorer)
    name = next(iter(explorer.controls))
    for value in ends_and_middle(explorer, name):
        put(explorer, name, value)
    explorer.set(**{name: before[0][name]})
    assert state(explorer) == before


@every
def test_shows_the_live_view_the_picture_and_the_sentence(kind):
    explorer = kind()
    data, metadata = DisplayFormatter().format(explorer)  # what IPython does with the last line of a cell
    assert data["text/plain"] == explorer.sentence
    stored, drawn = (Image.open(BytesIO(png)) for png in (base64.b64decode(data["image/png"]), explorer.picture.png))
    assert stored.convert("RGB").tobytes() == drawn.convert("RGB").tobytes()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.view.model_id
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
    for name in on_screen(explorer):
        seen = {values[name] for values in settings}
        assert seen <= set(kind.controls[name].values()) or isinstance(kind.controls[name], Numbers)
        assert {ends_and_middle(explorer, name)[0], ends_and_middle(explorer, name)[-1]} <= seen


@every
def test_uses_only_widgets_and_arguments_of_ipywidgets_7(kind):
    known = {"IntSlider", "FloatSlider", "Dropdown", "Checkbox", "Image", "HTML", "Box", "VBox", "Layout"}
    known |= {"Button", "IntProgress", "Play", "WholeSlider", "RealSlider", "View", "Touch", "Label"}
    known |= {"BoundedFloatText", "Table", "File", "Pad"}
    shared = {"description_width"}  # of the style: 8 has more

    def walk(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from walk(child)

    for widget in walk(kind().view):
        assert type(widget).__name__ in known
        assert type(widget.layout).__name__ in known
        if getattr(widget, "description", "") and not isinstance(widget, (ipywidgets.Button, ipywidgets.FileUpload)):
            assert set(widget.style.get_state()) - {k for k in widget.style.get_state() if k.startswith("_")} >= shared


@every
def test_hundreds_of_moves_leave_nothing_behind(kind):
    """Hundreds where a move is QUICK; curves as often as fits into SECONDS, each setting at least once."""
    explorer = kind()
    moves = [(name, value) for name in kind.controls for value in ends_and_middle(explorer, name)]

    def move(times, seconds=float("inf")):
        end = perf_counter() + seconds
        for i in range(times):
            if i >= len(moves) and perf_counter() > end:  # every setting once, however long it takes
                break
            put(explorer, *moves[i % len(moves)])

    start = process_time()
    move(20)
    limit = float("inf") if process_time() - start < 20 * QUICK else SECONDS
    move(80, limit)
    widgets = len(live_widgets())
    move(200, limit)
    tracemalloc.start()  # it makes everything slow, so only for the last moves
    try:
        move(len(moves), 0)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        move(40, limit)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 150_000  # one picture a move would be over 400 kB; curves leave less than one picture's pixels
    assert len(live_widgets()) == widgets
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


def live_widgets() -> dict:
    """All widgets of this process: ipywidgets 8 keeps them in another place than 7."""
    base = sys.modules["ipywidgets.widgets.widget"]
    return base._instances if hasattr(base, "_instances") else ipywidgets.Widget.__dict__.get("widgets", {})


@every
def test_closing_leaves_no_widget_and_showing_it_again_makes_new_ones(kind):
    explorer = kind()
    explorer.close()  # nothing is shown yet
    before = set(live_widgets())
    for _ in range(2):
        explorer._repr_mimebundle_()
        view, name = explorer.view, next(iter(kind.controls))
        assert len(live_widgets()) > len(before) + 5
        put(explorer, name, ends_and_middle(explorer, name)[-1])
        explorer.close()
        assert set(live_widgets()) == before
        explorer.close()
    explorer.set(**{name: ends_and_middle(explorer, name)[0]})  # the old view hears of nothing any more
    assert explorer.view is not view
    assert explorer.view.widgets.keys() == explorer.controls.keys()
    assert shown(explorer) == explorer.picture.png
    explorer.close()


@every
def test_a_number_typed_beside_a_slider_becomes_the_nearest_that_it_can_take(kind):
    rng = np.random.default_rng(0)
    for name, control in kind.controls.items():
        if not isinstance(control, Slider) or name in kind().idle(kind().values):
            continue
        for typed in (
            *rng.uniform(control.low, control.high, 20),
            control.low - 1,
            control.high + 1e9,
            np.inf,
            -np.inf,
        ):
            nearest = control.nearest(typed)
            assert nearest in control.values()
            assert abs(nearest - min(max(typed, control.low), control.high)) <= control.step / 2 * (1 + 1e-9)
            assert type(nearest) is type(control.values()[0])
        assert [control.clean(value) for value in control.values()] == control.values()
        assert control.nearest(float("nan")) in control.values()
        explorer, typed = kind(), control.low + 0.377 * (control.high - control.low)
        explorer.move(**{name: typed})
        assert explorer.values[name] in control.values()
        assert explorer.view.widgets[name].value == explorer.values[name]
        explorer.close()


# What every picture promises: what it says, and what can be touched


MOST_LINES, WIDEST, SIZE = 3, 800, 14  # of what stands below a picture, in CSS pixels


def settings(kind) -> Iterator[Explorer]:
    """An explorer at its start, then with each control at its ends and in its middle, wherever there is a picture."""
    explorer = kind()
    start = explorer.values
    for name in [None, *explorer.controls]:
        for value in ends_and_middle(explorer, name) if name else [None]:
            if name:
                explorer.set(**{name: value})
            if not explorer.picture.card:
                yield explorer
        explorer.set(**start)


of_the_package = pytest.mark.parametrize("kind", found(), ids=lambda kind: kind.__name__)


@of_the_package
def test_a_picture_says_at_most_three_lines_with_one_or_two_results(kind):
    for explorer in settings(kind):
        marked = explorer.picture.marked
        said = statements.lines(marked)
        assert len(said) <= MOST_LINES, said
        for line in said:
            assert text_width(line, SIZE) <= WIDEST, line
        assert 1 <= len(re.findall(r"\*\*(.+?)\*\*", marked)) <= 2, marked
        assert marked.count("**") % 2 == 0
        assert all(line.count("**") % 2 == 0 for line in marked.split("\n"))  # no result runs over a line's end


@of_the_package
def test_the_controls_fill_the_same_number_of_rows(kind):
    assert len({rows_of(explorer) for explorer in settings(kind)}) == 1


def rows_of(explorer: Explorer) -> int:
    """How many rows the controls take: two of them side by side, a wide one alone."""
    rows, free = 0, 0
    for name in explorer.shown(explorer.values):
        wide = getattr(explorer.controls[name], "wide", False)
        if wide or not free:
            rows += 1
        free = 0 if wide or free else 1
    return rows


@of_the_package
def test_every_picture_can_be_touched_and_every_area_sets_what_the_controls_take(kind):
    assert kind().picture.areas
    for explorer in settings(kind):
        picture = explorer.picture
        for area in picture.areas:
            left, top, width, height = area.box
            assert width > 0
            assert height > 0
            assert min(left, top) >= -1
            assert left + width <= picture.width + 1
            assert top + height <= picture.height + 1
            if area.here is not None:
                assert 0 <= area.here[0] < area.rows
                assert 0 <= area.here[1] < area.columns
            area.says.format(row=1, column=1, number=1)  # it knows no other names
            for row, column in product((0, area.rows - 1), (0, area.columns - 1)):
                for name, value in (area.sets(row, column) or {}).items():
                    explorer.controls[name].check(name, value)


@of_the_package
def test_touching_what_is_chosen_leaves_it_chosen(kind):
    for explorer in settings(kind):
        values = explorer.values
        for number, area in enumerate(explorer.picture.areas):
            if area.here is not None:
                explorer.touch(number, *area.here)
                assert explorer.picture.areas[number].here == area.here
                explorer.set(**values)


@of_the_package
def test_corners_can_be_touched(kind):
    explorer = kind()
    start, areas = explorer.values, explorer.picture.areas
    assert areas
    changed = 0
    for number, area in enumerate(areas):
        for row, column in product((0, area.rows - 1), (0, area.columns - 1)):
            explorer.touch(number, row, column)
            changed += explorer.values != start
            explorer.set(**start)
    assert changed


# The base class


def test_what_cannot_be_is_said_where_the_picture_was_and_sliding_back_restores_it():
    explorer = Fussy()
    before, slider = state(explorer), explorer.view.widgets["size"]
    slider.value = 5
    assert explorer.sentence == "size must be even, got 5. Set “size” to 4."
    assert explorer.picture.card
    assert "even" not in explorer.view.text.value  # the card says it
    assert (explorer.picture.width, explorer.picture.height) == (300, 100)
    slider.value = 4
    assert state(explorer) == before


def test_an_explorer_may_start_with_a_setting_that_cannot_be():
    explorer = Fussy(size=3)
    assert explorer.sentence == "size must be even, got 3. Set “size” to 2."
    explorer.set(size=2)
    assert explorer.sentence.startswith("All well")


def test_draws_once_for_a_move_and_not_at_all_for_none():
    explorer = Fussy()
    assert explorer.drawn == 1
    explorer.set(size=6, slope=0.3, kind="b", flipped=True)
    assert explorer.drawn == 2
    explorer.set(size=6, slope=0.3)
    explorer.view.widgets["size"].value = 6
    assert explorer.drawn == 2
    explorer.view.widgets["place"].value = 6
    explorer.view.widgets["size"].value = 2  # and with it the highest place
    assert explorer.drawn == 4
    assert explorer.values["place"] == 2


def test_a_slider_follows_its_limit():
    explorer = Fussy(size=6, place=6)
    slider = explorer.view.widgets["place"]
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
    explorer.draw = lambda **values: Sheet(300, 100).picture("1 < 2 & <b>3</b>")
    explorer.set(size=2)
    assert "1\xa0&lt;\xa02 &amp;\xa0&lt;b&gt;3&lt;/b&gt;" in explorer.view.text.value
    assert explorer._repr_mimebundle_()[0]["text/plain"] == "1 < 2 & <b>3</b>"
