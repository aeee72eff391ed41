"""The picture of an explorer on a page where it can be touched: one widget, `touch.js`, on anywidget.

It needs anywidget in the kernel and in the page. Without it in the kernel `screen` is None; a page that cannot load it
goes on showing the plain picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import Any

import ipywidgets
from traitlets import Bytes

from cnnkit.course.kit.controls import Paint
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.recorded import own_text
from cnnkit.course.kit.told import draw_pad, stroke, told

HERE = Path(__file__).parent
UNPAINTED = "Drawing by hand needs the package anywidget."


@cache
def widget_class() -> Any:
    """The class of the widget; None where anywidget is not installed."""
    if find_spec("anywidget") is None:
        return None
    import anywidget
    from traitlets import Bool, Dict, Int

    class Touch(anywidget.AnyWidget):
        """A picture on the page. All that a new picture brings goes there in one message."""

        _esm = own_text(HERE / "touch.js")
        _css = own_text(HERE / "touch.css")
        png = Bytes().tag(sync=True)
        told = Dict().tag(sync=True)  # see kit/told.py
        busy = Bool(False).tag(sync=True)
        answered = Int(0).tag(sync=True)  # how many touches have been dealt with

        def show(self, picture: Picture, busy: bool = False, *, painted: bool = False) -> None:
            with self.hold_sync():
                if picture is not getattr(self, "_shown", None):
                    self._shown, self.png = picture, picture.png
                    self.told = told(picture, painted=painted) | {"count": self.told.get("count", 0) + 1}
                self.busy = busy

        def hear(self, **answers: Callable[..., None]) -> None:
            """Call `answers[kind](*values)` for each message {kind: values} of the page."""

            def heard(_: Any, message: dict[str, Any], buffers: Any) -> None:
                with self.hold_sync():
                    try:
                        for kind, values in message.items():
                            if kind in answers:
                                answers[kind](*values)
                    finally:  # the page waits for it, whatever went wrong
                        self.answered += 1

            self.on_msg(heard)

    return Touch


def screen(explorer: Any, met: Callable[[], None]) -> Any:
    """The explorer's picture to touch, or None; `met` is called once the page shows it."""
    kind = widget_class()
    if kind is None:
        return None
    widget = kind()
    widget.refresh = lambda: widget.show(explorer.picture, explorer.computing)

    def show_on(ratio: float) -> None:
        met()
        explorer.show_on(min(max(ceil(ratio - 0.1), 1), 3))

    widget.hear(ratio=show_on, touch=explorer.touch)
    return widget


class Pad(ipywidgets.Box):
    """A field to draw on with mouse or finger, beside it its name and a button that empties it.

    value   what is drawn: bytes as `Paint` has them
    """

    value = Bytes()

    def __init__(self, control: Paint, value: bytes, label_width: str) -> None:
        self._control = control
        label = ipywidgets.Label(control.label)
        clear = ipywidgets.Button(description="Clear", layout=ipywidgets.Layout(width="70px"))
        clear.on_click(lambda _: self._clear())
        beside = ipywidgets.Layout(width=label_width, align_items="flex-end", margin="0 6px 0 2px")
        kind = widget_class()
        self._screen = kind() if kind else None
        if self._screen:
            self._screen.hear(paint=self._paint, clear=self._clear)
        field = self._screen or ipywidgets.HTML(UNPAINTED)
        super().__init__([ipywidgets.VBox([label, clear], layout=beside), field], value=value)
        self.observe(lambda _: self._show(), names="value")
        self._show()

    def _show(self) -> None:
        if self._screen:
            self._screen.show(draw_pad(self._control, self.value), painted=True)

    def _paint(self, *cells: Iterable[float]) -> None:
        self.value = stroke(self._control, self.value, cells)

    def _clear(self) -> None:
        self.value = b""
