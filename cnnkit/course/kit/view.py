"""An explorer as widgets in a notebook: its controls, its buttons, the picture, what it says.

Only widget classes and arguments that ipywidgets 7.7 and 8 share are used, because Colab brings 7.7. Where anywidget is
installed the picture can be touched (see `touch`); where it is not, or no page can load it, the plain one stays.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import ipywidgets
from traitlets import CFloat, CInt

from cnnkit.course.kit import statements, touch
from cnnkit.course.kit.closing import Closing
from cnnkit.course.kit.controls import Choice, Control, Numbers, Paint, Slider, Switch, Upload

LABEL, HALF, ROW, BESIDE = "150px", 400, 804, 70  # CSS pixels: two controls a row; BESIDE is for a Play button
WIDTH_OF_PLAY = {"width": f"{BESIDE - 8}px"}
STYLE = {"description_width": LABEL}
DARK_HANDLE = "#5c6670"
# High enough for three lines, so that what stands below does not jump while a slider moves.
SAID = (
    '<div style="max-width: {}px; min-height: 4.5em; font-size: var(--jp-content-font-size1, 14px); line-height: 1.5">'
    "{}</div>"
)
COMPUTING = "<i>Computing …</i>"


class WholeSlider(ipywidgets.IntSlider):
    """A slider of which the kernel does not repeat to the page what the page has just said."""

    value = CInt().tag(sync=True, echo_update=False)


class RealSlider(ipywidgets.FloatSlider):
    value = CFloat().tag(sync=True, echo_update=False)


class View(Closing):
    """The widgets of one explorer, made once; each time it is displayed they are shown again, until it is closed."""

    _ipython_display_ = None  # ipywidgets 7 would show itself with it, and leave out the picture and the sentence

    def __init__(self, explorer: Any) -> None:
        self.explorer = explorer
        self._quiet = False
        self._touched = False
        self._shown: tuple[str, ...] = ()
        self.widgets = {name: self._widget(name, control) for name, control in explorer.controls.items()}
        self.buttons = {name: self._button(name, label) for name, label in explorer.actions.items()}
        self.progress = ipywidgets.IntProgress(layout=ipywidgets.Layout(width="420px"))
        self.image = ipywidgets.Image(format="png")
        self.text = ipywidgets.HTML()
        self.plain = ipywidgets.VBox([self.image, self.text])
        self.plain.add_class("cnnkit-plain")
        self.screen = touch.screen(explorer, self._met)
        self.panel = ipywidgets.Box(layout=ipywidgets.Layout(flex_flow="row wrap", max_width="820px"))
        self.column = ipywidgets.Box(layout=ipywidgets.Layout(flex_flow="column", width=f"{HALF}px"))
        self._rows = {name: self._row(name, widget) for name, widget in self.widgets.items()}
        bar = [ipywidgets.Box([*self.buttons.values(), self.progress])] if self.buttons else []
        self.refresh()
        super().__init__([self.panel, *bar, self.plain, *([self.screen] if self.screen else [])])
        self.add_class("cnnkit-explorer")
        explorer.watch(self.refresh)

    def refresh(self) -> None:
        """Bring the widgets to what the explorer is at."""
        explorer, values = self.explorer, self.explorer.values
        if self.screen:
            self.screen.refresh()  # first, so that the picture waits for nothing
        if not self._touched:
            self._show_plain()
        disabled = explorer.disabled
        self._quiet = True
        try:
            for name, widget in self.widgets.items():
                if name in explorer.highest:
                    widget.max = max(explorer.highest[name], widget.min + 1)  # a slider needs two ends
                if isinstance(explorer.controls[name], (Slider, Choice, Switch, Paint)):
                    widget.value = values[name]
                else:
                    widget.adopt(values[name])
                for part in (widget, *getattr(self._rows[name], "children", ())):
                    if part.has_trait("disabled"):
                        part.disabled = name in disabled
        finally:
            self._quiet = False
        shown = tuple(explorer.shown(values))
        if shown != self._shown:
            self._shown, self.panel.children = shown, self._arranged(shown)
        usable = explorer.usable()
        for name, button in self.buttons.items():
            button.disabled = name not in usable
        self.progress.value = int(100 * explorer.done())

    def _arranged(self, names: tuple[str, ...]) -> list[Any]:
        """Two controls a row; beside a table or a field to draw on, which are high, others stand below one another."""
        controls = self.explorer.controls
        fields = [name for name in names if isinstance(controls[name], Paint)]
        if fields:
            self.column.children = [self._rows[name] for name in names if name not in fields]
            return [self.column, *(self._rows[name] for name in fields)]
        children: list[Any] = []
        rest = list(names)
        while rest:
            name = rest.pop(0)
            children.append(self._rows[name])
            control = controls[name]
            if isinstance(control, Numbers):
                beside, rest = rest[: len(control.start) + 1], rest[len(control.start) + 1 :]
                children.append(ipywidgets.VBox([self._rows[each] for each in beside]))
        return children

    def bundle(self) -> Any:
        """What IPython shows: the live view; for those who cannot run it the picture and the sentence."""
        data, metadata = self.explorer.picture._repr_mimebundle_()
        metadata = metadata | {"cnnkit": {"live": True}}  # a server that saves the notebook leaves the live view out
        if "google.colab" in sys.modules:  # Colab would show the picture and the widget
            data.pop("image/png")
            metadata = {}
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return data | {"application/vnd.jupyter.widget-view+json": view}, metadata

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return self.bundle()

    def _met(self) -> None:
        """The page shows the picture that can be touched: the plain one need not be kept up."""
        self._touched = True

    def _show_plain(self) -> None:
        picture = self.explorer.picture
        said = "" if picture.card else statements.html(picture.marked)
        with self.image.hold_sync():
            self.image.value = picture.png
            self.image.width = str(picture.width)
        self.text.value = SAID.format(picture.width, COMPUTING if self.explorer.computing else said)

    def _moved(self, name: str, change: Any) -> None:
        if not self._quiet:
            self.explorer.move(**{name: change["new"]})

    def _button(self, name: str, label: str) -> ipywidgets.Button:
        button = ipywidgets.Button(description=label)
        button.on_click(lambda _: getattr(self.explorer, name)())
        return button

    def _row(self, name: str, widget: ipywidgets.Widget) -> ipywidgets.Widget:
        control = self.explorer.controls[name]
        if not (isinstance(control, Slider) and control.play):
            return widget
        play = ipywidgets.Play(interval=500, min=0, max=10**6, show_repeat=False, layout=WIDTH_OF_PLAY)
        play.observe(partial(self._ticked, name), names="value")
        return ipywidgets.Box([widget, play])

    def _ticked(self, name: str, change: Any) -> None:
        """One value on, and from the last to the first."""
        if change["new"]:  # 0 when it is stopped
            explorer, control = self.explorer, self.explorer.controls[name]
            value = explorer.values[name] + control.step
            highest = explorer.highest.get(name, control.high)
            explorer.move(**{name: value if value < highest + control.step / 2 else control.low})

    def _widget(self, name: str, control: Control) -> Any:
        value = self.explorer.values[name]
        label: dict[str, Any] = {"description": control.label, "style": STYLE}
        half = {"width": f"{HALF}px"}
        widget: Any
        if isinstance(control, Slider):
            whole = isinstance(control.step, int)
            width = (ROW if control.wide else HALF) - (BESIDE if control.play else 0)
            decimals = len(f"{control.step:.10f}".rstrip("0").partition(".")[2])
            widget = (WholeSlider if whole else RealSlider)(
                value=value, min=control.low, max=control.high, step=control.step, description=control.label,
                style=STYLE | {"handle_color": DARK_HANDLE}, layout=ipywidgets.Layout(width=f"{width}px"),
                readout_format="d" if whole else f".{decimals}f", continuous_update=not control.late,
            )  # fmt: skip
        elif isinstance(control, Choice):
            widget = ipywidgets.Dropdown(options=control.options, value=value, **label, layout=half)
        elif isinstance(control, Switch):
            widget = ipywidgets.Checkbox(value=value, **label, layout=half)
        elif isinstance(control, Numbers):
            return Table(control, value, partial(self._set, name))
        elif isinstance(control, Paint):
            widget = touch.Pad(control, value, LABEL)
        else:
            return File(control, partial(self._set, name))
        widget.observe(partial(self._moved, name), names="value")
        return widget

    def _set(self, name: str, value: Any) -> None:
        if not self._quiet:
            self.explorer.move(**{name: value})


class Table(ipywidgets.VBox):
    """A field for each number of a small table."""

    def __init__(self, control: Numbers, value: Any, tell: Any) -> None:
        self._tell = tell
        size = ipywidgets.Layout(width="72px", margin="1px")
        self.fields = [
            [
                ipywidgets.BoundedFloatText(value=v, min=-control.most, max=control.most, step=0.25, layout=size)
                for v in row
            ]
            for row in value
        ]
        label = ipywidgets.Label(control.label)
        rows = [ipywidgets.Box(row, layout=ipywidgets.Layout(margin=f"0 0 0 {LABEL}")) for row in self.fields]
        super().__init__([label, *rows], layout=ipywidgets.Layout(width=f"{HALF + 2}px"))
        self.add_class("cnnkit-table")
        self._busy = False
        for row in self.fields:
            for field in row:
                field.observe(self._typed, names="value")

    @property
    def value(self) -> Any:
        return tuple(tuple(field.value for field in row) for row in self.fields)

    @value.setter
    def value(self, value: Any) -> None:
        self.adopt(value)
        self._tell(self.value)

    def adopt(self, value: Any) -> None:
        """Show these numbers."""
        self._busy = True
        try:
            for row, numbers in zip(self.fields, value, strict=True):
                for field, number in zip(row, numbers, strict=True):
                    field.value = number
        finally:
            self._busy = False

    @property
    def disabled(self) -> bool:
        return self.fields[0][0].disabled

    @disabled.setter
    def disabled(self, value: bool) -> None:
        for row in self.fields:
            for field in row:
                field.disabled = value

    def has_trait(self, name: str) -> bool:
        return name == "disabled" or super().has_trait(name)

    def _typed(self, change: Any) -> None:
        if not self._busy:
            self._tell(self.value)


class File(ipywidgets.FileUpload):
    """A button that takes one file."""

    def __init__(self, control: Upload, tell: Any) -> None:
        super().__init__(accept=control.kinds, multiple=False, description=control.label)
        self.layout.width = f"{HALF - 2}px"
        self.observe(lambda change: tell(_content(change["new"])), names="value")

    def adopt(self, value: Any) -> None:
        """The page does not take files back."""


def _content(value: Any) -> bytes:
    """The bytes of the file: ipywidgets 7 has a mapping by name, 8 a tuple."""
    files = list(value.values()) if isinstance(value, dict) else list(value)
    if not files:
        return b""
    return bytes(files[-1]["content"]) or b"\0"  # an empty file is no picture, but not the same as no file
