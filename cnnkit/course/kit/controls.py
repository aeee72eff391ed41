"""What an explorer can be set to: each control knows its values and refuses all others. A view makes the widgets."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import choice, given, is_real


class Slider(NamedTuple):
    """A range of numbers: whole ones, or floats when `step` is a float.

    wide   whether it has a row of its own
    play   whether a button beside it runs through its values
    late   whether the picture waits until the slider is let go
    """

    label: str
    low: float
    high: float
    start: float
    step: float = 1
    wide: bool = False
    play: bool = False
    late: bool = False

    def values(self) -> list[Any]:
        """Every value that the slider can take, smallest first."""
        count = int((self.high - self.low) / self.step + 1e-9) + 1
        return [self.clean(self.low + i * self.step) for i in range(count)]

    def clean(self, value: float) -> Any:
        """The nearest value that the slider can take: an int, or a float without rounding dust."""
        last = int((self.high - self.low) / self.step + 1e-9)
        at = self.low + self.step * min(max(round((value - self.low) / self.step), 0), last)
        return round(at) if isinstance(self.step, int) else round(at, 10)

    def nearest(self, value: float) -> Any:
        """The same for any number, also one beyond an end; what is no number is where the slider starts."""
        return self.clean(min(max(value, self.low), self.high) if value == value else self.start)

    def check(self, name: str, value: Any) -> Any:
        """Return `value` if it is in the slider's range; between two of its values it is the nearer one."""
        if not is_real(value) or not self.low <= value <= self.high:
            raise ValueError(f"{name} must be between {self.low} and {self.high}, got {given(value)}")
        if isinstance(self.step, int) and value != int(value):
            raise ValueError(f"{name} must be a whole number between {self.low} and {self.high}, got {given(value)}")
        return self.clean(float(value))


class Choice(NamedTuple):
    """One of a few named settings."""

    label: str
    options: tuple[str, ...]
    start: str

    def values(self) -> list[str]:
        return list(self.options)

    def check(self, name: str, value: Any) -> Any:
        return str(choice(name, value, self.options))


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


class Numbers(NamedTuple):
    """A small table of numbers to type into, such as the weights of a kernel: rows of floats."""

    label: str
    start: tuple[tuple[float, ...], ...]
    most: float = 100.0

    def values(self) -> list[Any]:
        """The start, and the same with every sign changed."""
        return [self.start, tuple(tuple(-number for number in row) for row in self.start)]

    def check(self, name: str, value: Any) -> Any:
        shape = np.shape(self.start)
        try:
            table = np.asarray(value, float)
        except (TypeError, ValueError):
            table = np.full(shape, np.nan)
        if table.shape != shape or not (abs(table) <= self.most).all():
            size = " x ".join(map(str, shape))
            raise ValueError(
                f"{name} must be {size} numbers between {-self.most:g} and {self.most:g}, got {given(value)}"
            )
        return tuple(tuple(row) for row in table.tolist())


class Paint(NamedTuple):
    """A square of `side` x `side` cells to draw on with mouse or finger: bytes, 1 where there is ink, row by row.

    What is drawn is "" (nothing) or such bytes; `set` takes an array of zeros and ones as well.
    """

    label: str
    side: int = 32
    start: bytes = b""

    def values(self) -> list[bytes]:
        """Nothing, and a stroke down the middle."""
        ink = np.zeros((self.side, self.side), np.uint8)
        ink[self.side // 8 : -self.side // 8, self.side // 2 - 1 : self.side // 2 + 2] = 1
        return [b"", ink.tobytes()]

    def check(self, name: str, value: Any) -> Any:
        flat = np.frombuffer(value, np.uint8) if isinstance(value, bytes) else np.asarray(value).reshape(-1)
        if flat.size == 0:
            return b""
        if flat.dtype.kind not in "biuf" or flat.size != self.side**2 or not np.isin(flat, (0, 1)).all():
            raise ValueError(f"{name} must be {self.side} x {self.side} zeros and ones, got {given(value)}")
        return flat.astype(np.uint8).tobytes() if flat.any() else b""


class Upload(NamedTuple):
    """A file of one's own: its bytes, or b"" for none.

    kinds   which files are offered: "image/*"
    """

    label: str
    kinds: str = "image/*"
    start: bytes = b""

    def values(self) -> list[bytes]:
        return [b""]

    def check(self, name: str, value: Any) -> Any:
        if not isinstance(value, (bytes, memoryview, bytearray)):
            raise ValueError(f"{name} must be the bytes of a file, got {given(value)}")
        return bytes(value)


Control = Slider | Choice | Switch | Numbers | Paint | Upload
