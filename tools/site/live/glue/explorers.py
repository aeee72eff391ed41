"""Explorers of a page: opened, moved, touched, looked at."""

from __future__ import annotations

import asyncio
import base64
import importlib
from math import ceil
from typing import Any

from .outputs import sent

Answer = tuple[dict[str, Any], bytes]
TICK = 0.02  # seconds between two looks at what is being computed
LONGEST_LOOK = 20  # seconds until "look" answers, though nothing is new


class Opened:
    """An explorer of a page; `count` tells its pictures apart, `turn` counts all that could be seen."""

    def __init__(self, explorer: Any) -> None:
        self.explorer, self.count, self.turn, self._shown = explorer, 0, 0, None
        self.changed()
        explorer.watch(self.changed)

    def changed(self) -> None:
        """Whatever the explorer has to tell."""
        self.turn += 1
        if self.explorer.picture is not self._shown:
            self._shown = self.explorer.picture
            self.count += 1

    def state(self, seen: int) -> Answer:
        """What it shows now; the picture only if the page has not seen it."""
        from cnnkit.course.kit.statements import html
        from cnnkit.course.kit.told import told

        explorer = self.explorer
        usable = explorer.usable()
        reply = {
            "count": self.count,
            "turn": self.turn,
            "values": {name: sent(value) for name, value in explorer.values.items()},
            "highest": explorer.highest,
            "shown": list(explorer.shown(explorer.values)),
            "disabled": sorted(explorer.disabled),
            "usable": sorted(usable),
            "done": explorer.done(),
            "busy": explorer.computing,
            "active": explorer.computing or "stop" in usable,
            "pads": self._pads(),
        }
        if self.count == seen:
            return reply, b""
        picture = explorer.picture
        reply |= {
            "told": told(picture) | {"count": self.count, "card": picture.card, "said": html(picture.marked)},
            "sentence": picture.sentence,
        }
        return reply | {"size": picture.image.size}, raw(picture)

    def _pads(self) -> dict[str, Any]:
        """Fields to draw on, each with its picture: they are small."""
        from cnnkit.course.kit.controls import Paint
        from cnnkit.course.kit.told import draw_pad, told

        pads = {}
        for name, control in self.explorer.controls.items():
            if isinstance(control, Paint):
                pad = draw_pad(control, self.explorer.values[name])
                pads[name] = {"told": told(pad, painted=True), "png": base64.b64encode(pad.png).decode()}
        return pads


def raw(picture: Any) -> bytes:
    """The pixels of a picture, row by row: a PNG would take longer to encode and decode than many a picture to draw.

    Each pixel is a byte, and behind all of them stand the colours that a byte means, of four bytes each. In a picture
    without a palette each pixel is four bytes.
    """
    image = picture.image
    if image.mode == "P":
        return image.tobytes() + bytes(image.getpalette("RGBA"))
    return image.convert("RGBA").tobytes()


OPENED: dict[str, Opened] = {}


def keep(key: str, explorer: Any) -> None:
    """Hold an explorer that a cell has made, for when the page opens it."""
    OPENED[key] = Opened(explorer)


async def open_explorer(
    key: str, module: str, name: str, start: dict | None = None, ratio: float = 2, values: dict | None = None
) -> Answer:
    """Open an explorer by its class, or one that a cell has returned under this key."""
    if key not in OPENED:
        kind = getattr(importlib.import_module(module), name)
        OPENED[key] = Opened(kind(**(start or {})))
    opened = OPENED[key]
    opened.explorer.show_on(_pixels(ratio))
    if values:
        _move(opened.explorer, values)
    return opened.state(0)


async def move(key: str, values: dict[str, Any], seen: int = 0) -> Answer:
    """Set controls as a learner does."""
    _move(OPENED[key].explorer, values)
    return OPENED[key].state(seen)


async def send(key: str, message: dict[str, Any], seen: int = 0, pad: str = "") -> Answer:
    """What `touch.js` sends of a picture, or of the field `pad`: a touch, a stroke, the screen's pixels."""
    explorer = OPENED[key].explorer
    for kind, values in message.items():
        if kind == "touch":
            explorer.touch(*values)
        elif kind == "ratio" and not pad:
            explorer.show_on(_pixels(*values))
        elif kind == "paint":
            from cnnkit.course.kit.told import stroke

            explorer.move(**{pad: stroke(explorer.controls[pad], explorer.values[pad], values)})
        elif kind == "clear":
            explorer.move(**{pad: b""})
    return OPENED[key].state(seen)


async def act(key: str, name: str, seen: int = 0) -> Answer:
    """Press one of an explorer's buttons."""
    explorer = OPENED[key].explorer
    if name in explorer.usable():
        getattr(explorer, name)()
    return OPENED[key].state(seen)


async def play(key: str, name: str, seen: int = 0) -> Answer:
    """A slider's next value, and from the last to the first."""
    explorer = OPENED[key].explorer
    control, value = explorer.controls[name], explorer.values[name]
    highest = explorer.highest.get(name, control.high)
    value += control.step
    explorer.move(**{name: value if value < highest + control.step / 2 else control.low})
    return OPENED[key].state(seen)


async def look(key: str, turn: int, seen: int = 0) -> Answer:
    """Wait until there is something new to see, or nothing is under way any more."""
    opened = OPENED[key]
    for _ in range(int(LONGEST_LOOK / TICK)):
        if opened.turn != turn or not opened.state(opened.count)[0]["active"]:
            break
        await asyncio.sleep(TICK)
    return opened.state(seen)


def _move(explorer: Any, values: dict[str, Any]) -> None:
    known = {name: _received(explorer.controls[name], value) for name, value in values.items()}
    explorer.move(**known)


def _pixels(ratio: float) -> int:
    return min(max(ceil(ratio - 0.1), 1), 3)


def _received(control: Any, value: Any) -> Any:
    """A value from the page: files and drawings come as base64."""
    if type(control).__name__ in ("Upload", "Paint"):
        return base64.b64decode(value) or (b"\0" if value != "" else b"")
    return value
