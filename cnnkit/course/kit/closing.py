"""A box of widgets that leaves none behind when it is closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets


class Closing(ipywidgets.VBox):
    """A box that closes with all that it holds. ipywidgets' own boxes close alone, and what is in them stays alive."""

    def close(self) -> None:
        """Close the box, what is in it, on the screen or not, and the layout and style of each."""
        for widget in {id(each): each for each in _held_by(self)}.values():
            ipywidgets.Widget.close(widget)


def _held_by(value: Any) -> Iterator[ipywidgets.Widget]:
    """All widgets in a value: itself, those in its attributes, and so on."""
    if isinstance(value, ipywidgets.Widget):
        yield value
        value = vars(value)
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return
    for each in [*value]:
        yield from _held_by(each)
