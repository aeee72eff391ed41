"""The base of every explorer: controls, one picture, one sentence.

A new explorer says which controls it has and how a picture is drawn from their values:

    class Halving(Explorer):
        controls = {"size": Slider("input size n", 1, 64, 32), "stride": Slider("stride s", 1, 8, 2)}

        def draw(self, *, size, stride):
            return draw_halving(size, stride)        # a Picture

A class with `actions = {"train": "Train"}` has a button that calls its method `train`.
Everything else is here: the widgets, the redrawing, the sentence, the error message, `set`, `values`, `frames`.
Only widget classes and arguments that ipywidgets 7.7 and 8 share are used, because Colab brings 7.7.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from html import escape
from typing import Any, ClassVar, NamedTuple

import ipywidgets
import numpy as np

from cnnkit._arguments import choice, given, is_real
from cnnkit.course.kit.message import draw_message
from cnnkit.course.kit.picture import Picture

FRAMES = 64  # about how many pictures `frames` gives of one control
LABEL, HALF, ROW = "150px", "400px", "804px"  # two controls a row, each with 2px of margin on either side
STYLE = {"description_width": LABEL}
# High enough for three lines, so that what stands below does not jump while a slider moves.
SENTENCE = (
    '<div style="max-width: {}px; min-height: 4.5em; font-size: var(--jp-content-font-size1, 14px); line-height: 1.5">'
    "{}</div>"
)


class Slider(NamedTuple):
    """A range of numbers: whole ones, or floats when `step` is a float; `wide` for a row of its own."""

    label: str
    low: float
    high: float
    start: float
    step: float = 1
    wide: bool = False

    def values(self) -> list[Any]:
        """Every value that the slider can take, smallest first."""
        count = round((self.high - self.low) / self.step) + 1
        return [self.clean(self.low + i * self.step) for i in range(count)]

    def clean(self, value: float) -> Any:
        """The value as the widget holds it: an int, or a float without rounding dust."""
        return round(value) if isinstance(self.step, int) else round(value, 10)

    def check(self, name: str, value: Any) -> Any:
        """Return `value` if the slider can take it."""
        if not is_real(value) or not self.low <= value <= self.high:
            raise ValueError(f"{name} must be between {self.low} and {self.high}, got {given(value)}")
        if isinstance(self.step, int) and value != int(value):
            raise ValueError(f"{name} must be a whole number between {self.low} and {self.high}, got {given(value)}")
        return self.clean(float(value))

    def widget(self, value: Any) -> ipywidgets.Widget:
        whole = isinstance(self.step, int)
        kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        return kind(
            value=value, min=self.low, max=self.high, step=self.step, description=self.label, style=STYLE,
            layout=ipywidgets.Layout(width=ROW if self.wide else HALF),
            readout_format="d" if whole else f".{len(f'{self.step:.10f}'.rstrip('0').partition('.')[2])}f",
        )  # fmt: skip


class Choice(NamedTuple):
    """One of a few named settings."""

    label: str
    options: tuple[str, ...]
    start: str

    def values(self) -> list[str]:
        return list(self.options)

    def check(self, name: str, value: Any) -> Any:
        return choice(name, value, self.options)

    def widget(self, value: Any) -> ipywidgets.Widget:
        return ipywidgets.Dropdown(
            options=self.options, value=value, description=self.label, style=STYLE,
            layout=ipywidgets.Layout(width=HALF),
        )  # fmt: skip


class Switch(NamedTuple):
    """On or off."""

    label: str
    start: bool = False

    def values(self) -> list[bool]:
        return [False, True]

    def check(self, name: str, value: Any) -> Any:
        if not isinstance(value, (bool, np.bool_)):
            raise ValueError(f"{name} must be True or False, got {given(value)}")
        return bool(value)

    def widget(self, value: Any) -> ipywidgets.Widget:
        return ipywidgets.Checkbox(
            value=value, description=self.label, style=STYLE, layout=ipywidgets.Layout(width=HALF)
        )


Control = Slider | Choice | Switch


class Explorer(ipywidgets.VBox):
    """Controls over one picture and one sentence.

    Keyword arguments set the controls at the start: `Window(size=32, kernel_size=5)`.
    A name that is not a control, or a value that its control cannot take, is a ValueError.
    """

    controls: ClassVar[Mapping[str, Control]] = {}
    actions: ClassVar[Mapping[str, str]] = {}  # methods that a button calls, and what stands on it: {"train": "Train"}
    _ipython_display_ = None  # ipywidgets 7 would show itself with it, and leave out the picture and the sentence

    def draw(self, *args: Any, **values: Any) -> Picture:
        """The picture for these values; a ValueError for a setting that cannot be."""
        raise NotImplementedError

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        """The highest value of each slider whose range depends on the others, such as a window's position."""
        return {}

    def implied(self, moved: dict[str, Any]) -> dict[str, Any]:
        """What other controls are set to when those in `moved` are, such as the layers of a known network."""
        return {}

    def shown(self, values: dict[str, Any]) -> Iterable[str]:
        """The controls on the screen, in their order."""
        return self.controls

    def bar(self) -> list[ipywidgets.Widget]:
        """What stands between the controls and the picture, if there are any actions: their buttons."""
        return [*self._buttons.values()]

    def __init__(self, **start: Any) -> None:
        values = {name: control.start for name, control in self.controls.items()}
        values |= self._checked(start, values)
        self._widgets = {name: control.widget(values[name]) for name, control in self.controls.items()}
        self._quiet = False
        self._buttons = {name: self._button(name, label) for name, label in self.actions.items()}
        self._image = ipywidgets.Image(format="png")
        self._text = ipywidgets.HTML()
        self._panel = ipywidgets.Box(layout=ipywidgets.Layout(flex_flow="row wrap", max_width="820px"))
        self._drawn: dict[str, Any] = {}
        self.picture = draw_message("")  # only its size counts: that of a card when the first setting cannot be
        self._redraw()
        for name, widget in self._widgets.items():
            widget.observe(partial(self._moved, name), names="value")
        bar = [ipywidgets.Box(self.bar())] if self.actions else []
        super().__init__([self._panel, *bar, self._image, self._text])

    @property
    def values(self) -> dict[str, Any]:
        """What every control is set to, by name."""
        return {name: self.controls[name].check(name, widget.value) for name, widget in self._widgets.items()}

    @property
    def sentence(self) -> str:
        """What the picture shows now, in words and numbers."""
        return self.picture.sentence

    def set(self, **values: Any) -> None:
        """Move controls as a learner would, and redraw once: `explorer.set(stride=2, padding=1)`."""
        self._move(self._checked(values, self.values))
        self._redraw()

    def frames(self) -> Iterator[tuple[dict[str, Any], Picture]]:
        """The settings of each control shown, the others as they are now, with their pictures: no widget is touched.

        A slider with many settings stops at some FRAMES of them, evenly spread, and at both ends.
        """
        now = self.values
        highest = self._limits(now)
        for name in self.shown(now):
            every: list[Any] = self.controls[name].values()
            settings = [v for v in every if name not in highest or v <= highest[name]]
            for value in [*settings[:-1][:: len(settings) // FRAMES + 1], settings[-1]]:
                values = now | {name: value} | self.implied({name: value})
                values |= {other: min(values[other], high) for other, high in self._limits(values).items()}
                yield values, self._picture(values)

    def _button(self, name: str, label: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=label)
        button.on_click(lambda _: getattr(self, name)())
        return button

    def _moved(self, name: str, change: Any) -> None:
        if not self._quiet:
            self._move(self.implied({name: change["new"]}))
            self._redraw()

    def _move(self, values: dict[str, Any]) -> None:
        self._quiet = True
        try:
            self._fit_limits(self.values | values)
            for name, value in values.items():
                self._widgets[name].value = value
        finally:
            self._quiet = False

    def _redraw(self) -> None:
        self._fit_limits(self.values)
        shown = tuple(self._widgets[name] for name in self.shown(self.values))
        if shown != self._panel.children:
            self._panel.children = shown
        if self.values == self._drawn:
            return
        self._drawn = self.values
        self._show()

    def _show(self) -> None:
        """Draw, though no control has moved."""
        self.picture = self._picture(self._drawn)
        with self._image.hold_sync():
            self._image.value = self.picture.png
            self._image.width = str(self.picture.width)
        self._text.value = SENTENCE.format(self.picture.width, escape(self.picture.sentence))

    def _picture(self, values: dict[str, Any]) -> Picture:
        try:
            return self.draw(**values)
        except ValueError as error:
            return draw_message(str(error), width=self.picture.width, height=self.picture.height)

    def _limits(self, values: dict[str, Any]) -> dict[str, int]:
        try:
            return self.limits(values)
        except ValueError:  # a setting that cannot be: the picture says so, the sliders stay as they are
            return {}

    def _fit_limits(self, values: dict[str, Any]) -> None:
        was, self._quiet = self._quiet, True
        try:
            for name, high in self._limits(values).items():
                widget = self._widgets[name]
                widget.max = max(high, widget.min + 1)  # a slider needs two ends
                widget.value = min(widget.value, high)
                widget.disabled = high <= widget.min
        finally:
            self._quiet = was

    def _checked(self, values: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
        for name in values:
            if name not in self.controls:
                raise ValueError(f"there is no control {name!r}; the controls are {', '.join(self.controls)}")
        checked = {name: self.controls[name].check(name, value) for name, value in values.items()}
        checked |= self.implied(checked)
        for name, high in self._limits(others | checked).items():
            if name in checked and checked[name] > high:
                raise ValueError(f"{name} must be at most {high} with these settings, got {checked[name]}")
        return checked

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """The live widget, and for those who cannot run it the picture and the sentence."""
        data, metadata = self.picture._repr_mimebundle_()
        if "google.colab" in sys.modules:  # Colab would show the picture and the widget
            data.pop("image/png")
            metadata = {}
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return data | {"application/vnd.jupyter.widget-view+json": view}, metadata
