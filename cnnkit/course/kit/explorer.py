"""The base of every explorer: controls, one picture, what it says. Plain Python: a view puts it on a screen.

A new explorer says which controls it has and how a picture is drawn from their values:

    class Halving(Explorer):
        controls = {"size": Slider("input size n", 1, 64, 32), "stride": Slider("stride s", 1, 8, 2)}

        def draw(self, *, size, stride):
            return draw_halving(size, stride)        # a Picture

The picture says what can be touched (see `Area`). A class with `actions = {"train": "Train"}` has a button that calls
its method `train`. What takes long is drawn by a generator: it yields after each small piece of work, and returns the
picture. A class with `compares = True` draws from one argument more: `before`, what was set before the control moved
that was moved last, or None. Everything else is here: values, limits, the error's card, `set`, `values`, `sentence`,
`frames`, `close`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from cnnkit.course.kit.controls import Choice, Control, Numbers, Paint, Slider, Switch, Upload
from cnnkit.course.kit.message import draw_message
from cnnkit.course.kit.picture import STORED, Picture, drawn_at
from cnnkit.course.kit.steady import steady
from cnnkit.course.kit.stepwise import whole

__all__ = ["Choice", "Control", "Explorer", "Numbers", "Paint", "Slider", "Steps", "Switch", "Upload"]

FRAMES = 64  # about how many pictures `frames` gives of one control
NEAR = 40  # how many values are tried around one that cannot be
Steps = Generator[None, None, Picture]


class BadSetting(ValueError):
    """What `set` is refused for; a notebook shows it in one line."""

    def _render_traceback_(self) -> list[str]:
        return [f"ValueError: {self}"]


class Explorer:
    """Controls over one picture and what it says.

    Keyword arguments set the controls at the start: `Window(size=32, kernel_size=5)`.
    A name that is not a control, or a value that its control cannot take, is a ValueError.

    picture     what it shows now
    highest     the highest value of each slider whose range depends on the others
    computing   whether a new picture is under way
    """

    controls: ClassVar[Mapping[str, Control]] = {}
    compares: ClassVar[bool] = False  # whether `draw` takes `before`, too: what to compare with, or None
    actions: ClassVar[Mapping[str, str]] = {}  # methods that a button calls, and what stands on it: {"train": "Train"}

    def draw(self, *args: Any, **values: Any) -> Picture | Steps:
        """The picture for these values; a ValueError for a setting that cannot be."""
        raise NotImplementedError

    def limits(self, values: dict[str, Any]) -> dict[str, int]:
        """The highest value of each slider whose range depends on the others, such as a window's position."""
        return {}

    def implied(self, moved: dict[str, Any]) -> dict[str, Any]:
        """What other controls are set to when those in `moved` are, such as the layers of a known network."""
        return {}

    def shown(self, values: dict[str, Any]) -> Iterable[str]:
        """The controls on the screen, in their order: always as many rows of them."""
        return self.controls

    def idle(self, values: dict[str, Any]) -> set[str]:
        """Controls that could change nothing now: they stay where they are, disabled."""
        return set()

    def usable(self) -> set[str]:
        """The actions that are possible now."""
        return set(self.actions)

    def done(self) -> float:
        """How far the action is that was started last, from 0 to 1."""
        return 0

    def __init__(self, **start: Any) -> None:
        self.computing = False
        self._views: list[Callable[[], None]] = []
        self._view: Any = None
        self._task: asyncio.Task[None] | None = None
        self._pixels = STORED
        self._good: Picture | None = None  # the last picture that was no card
        self._moved: set[str] = set(start)
        self._from: dict[str, Any] | None = None
        self._values: dict[str, Any] = {name: control.start for name, control in self.controls.items()}
        self._values |= self._checked(start)
        self._fit()
        self._drawn: dict[str, Any] = {}
        self.picture = draw_message("")  # only its size counts: that of a card when the first setting cannot be
        self._redraw()

    @property
    def values(self) -> dict[str, Any]:
        """What every control is set to, by name."""
        return dict(self._values)

    @property
    def sentence(self) -> str:
        """What the picture shows now, in words and numbers."""
        return self.picture.sentence

    @property
    def disabled(self) -> set[str]:
        """The controls that cannot be moved now."""
        stuck = {name for name, high in self.highest.items() if high <= self._lowest(name)}
        return stuck | self.idle(self.values)

    def set(self, **values: Any) -> None:
        """Move controls as a learner would, and redraw once: `explorer.set(stride=2, padding=1)`.

        Errors: ValueError for what is no control, or a value that its control cannot take now; nothing moves then.
        """
        before = self.values
        self._values |= self._checked(values)
        self._fit()
        self._remember(values, before)
        self._redraw()

    def move(self, **values: Any) -> None:
        """The same from a view: a value beyond its limit stops there, and what takes long is computed bit by bit."""
        before = self.values
        for name, value in values.items():
            control = self.controls[name]
            self._values[name] = control.nearest(value) if isinstance(control, Slider) else control.check(name, value)
        self._values |= self.implied(values)
        self._fit()
        self._remember(values, before)
        self._redraw(live=True)

    def touch(self, area: int, row: int, column: int) -> None:
        """Set what a cell of one of the picture's areas stands for."""
        if area < len(self.picture.areas):
            chosen = self.picture.areas[area]
            values = chosen.sets(min(max(row, 0), chosen.rows - 1), min(max(column, 0), chosen.columns - 1))
            if values:
                self.move(**values)

    def show_on(self, pixels: int) -> None:
        """Draw for a screen with so many pixels, side by side, to a CSS pixel."""
        if pixels != self._pixels:
            self._pixels, self._drawn = pixels, {}
            self._redraw(live=True)

    def watch(self, view: Callable[[], None]) -> None:
        """Call `view` after every change."""
        self._views.append(view)

    def frames(self) -> Iterator[tuple[dict[str, Any], Picture]]:
        """The settings of each control shown, the others as they are now, with their pictures; nothing moves.

        A slider with many settings stops at some FRAMES of them, evenly spread, and at both ends.
        """
        now = self.values
        highest = self._limits(now)
        for name in self.shown(now):
            if name in self.idle(now):
                continue
            every: list[Any] = self.controls[name].values()
            settings = [v for v in every if name not in highest or v <= highest[name]]
            for value in [*settings[:-1][:: len(settings) // FRAMES + 1], settings[-1]]:
                values = now | {name: value} | self.implied({name: value})
                values |= self._within(values)
                yield values, whole(self._steps(values))

    def _remember(self, moved: Iterable[str], before: dict[str, Any]) -> None:
        """Note what has moved, and what was set before it began to: on its way that stays the same."""
        if self._values != before:
            if self._moved != {*moved} or self._from is None:
                self._from = before
            self._moved = {*moved}

    @property
    def _told(self) -> dict[str, Any]:
        """What the picture is drawn from; there is nothing to compare with once a control is back where it was."""
        before = None if self._from == self._values else self._from
        return self.values | ({"before": before} if self.compares else {})

    def _redraw(self, *, live: bool = False) -> None:
        """Draw what the controls are set to; what is under way and outdated is dropped."""
        if self._values == self._drawn:
            self._tell()
            return
        self._drawn = self.values
        self._drop()
        steps = self._steps(self._told)
        if live:
            try:
                next(steps)
            except StopIteration as end:
                self._put(end.value)
                return
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:  # plain Python
                pass
            else:
                self.computing = True
                self._tell()
                self._task = loop.create_task(self._go_on(steps))
                return
        self._put(whole(steps))

    async def _go_on(self, steps: Steps) -> None:
        while True:
            await asyncio.sleep(0)  # the others' turn: a slider that is moved on drops this task
            try:
                next(steps)
            except StopIteration as end:
                self._task = None
                self._put(end.value)
                return
            except Exception:  # the loop reports it; nothing goes on being computed
                self._task, self.computing = None, False
                self._tell()
                raise

    def _drop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.computing = False

    def _put(self, picture: Picture) -> None:
        self.picture, self.computing = picture, False
        if not picture.card:
            self._good = picture
        self._tell()

    def _show(self) -> None:
        """Draw, though no control has moved."""
        self._put(whole(self._steps(self._told)))

    def _tell(self) -> None:
        for view in self._views:
            view()

    def _steps(self, values: dict[str, Any]) -> Steps:
        """The work for a picture, piece by piece."""
        try:
            with drawn_at(self._pixels), steady():
                work = self.draw(**values)
            while isinstance(work, Generator):
                try:
                    with drawn_at(self._pixels), steady():
                        next(work)
                except StopIteration as end:
                    work = end.value
                else:
                    yield
            return work
        except ValueError as error:
            return self._card(values, str(error))

    def _card(self, values: dict[str, Any], error: str) -> Picture:
        """What stands on the screen for a setting that cannot be: why, and which way leads out."""
        way_out = self._way_out(values)
        with drawn_at(self._pixels), steady():
            return draw_message(
                self._in_labels(error), way_out=way_out, behind=self._good,
                width=self.picture.width, height=self.picture.height,
            )  # fmt: skip

    def _in_labels(self, error: str) -> str:
        """The error in the words on the controls: "kernel size k = 11" instead of "kernel_size=11"."""
        for name in sorted(self.controls, key=len, reverse=True):
            label = self.controls[name].label
            error = re.sub(rf"\b{name}=(?=[\d'])", f"{label} = ", error)
            error = re.sub(rf"\b{name}\b(?= must )", label, error)
        return error if error.endswith((".", "?")) else f"{error}."

    def _way_out(self, values: dict[str, Any]) -> str:
        """The slider that was moved last, or else another one, at the nearest value with which there is a picture."""
        names = [n for n in self.shown(values) if isinstance(self.controls[n], Slider) and n not in self.idle(values)]
        for name in sorted(names, key=lambda name: name not in self._moved):
            control = self.controls[name]
            assert isinstance(control, Slider)
            for value in sorted(control.values(), key=lambda value: abs(value - values[name]))[1:NEAR]:
                if self._can_be(values | {name: value}):
                    return f"Set “{control.label}” to {value}."
        return ""

    def _can_be(self, values: dict[str, Any]) -> bool:
        try:
            with steady():
                work = self.draw(**(values | self._within(values)))
                return not isinstance(work, Generator) or _begins(work)
        except ValueError:
            return False

    def _within(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: min(values[name], high) for name, high in self._limits(values).items()}

    def _limits(self, values: dict[str, Any]) -> dict[str, int]:
        try:
            return self.limits(values)
        except ValueError:  # a setting that cannot be: the picture says so, the sliders stay as they are
            return {}

    def _fit(self) -> None:
        """Bring every value below its limit."""
        self.highest = self._limits(self._values)
        for name, high in self.highest.items():
            self._values[name] = max(min(self._values[name], high), self._lowest(name))

    def _lowest(self, name: str) -> float:
        control = self.controls[name]
        assert isinstance(control, Slider)  # only they have limits
        return control.low

    def _checked(self, values: dict[str, Any]) -> dict[str, Any]:
        for name in values:
            if name not in self.controls:
                raise BadSetting(f"there is no control {name!r}; the controls are {', '.join(self.controls)}")
        try:
            checked = {name: self.controls[name].check(name, value) for name, value in values.items()}
        except ValueError as error:
            raise BadSetting(str(error)) from None
        checked |= self.implied(checked)
        for name, high in self._limits(self._values | checked).items():
            if name in checked and checked[name] > max(high, self._lowest(name)):
                raise BadSetting(f"{name} must be at most {high} with these settings, got {checked[name]}")
        return checked

    @property
    def view(self) -> Any:
        """Its widgets in a notebook, made when they are first asked for."""
        if self._view is None:
            from cnnkit.course.kit.view import View

            self._view = View(self)
            if self._values != self._drawn:  # it was closed before the picture was there
                self._redraw(live=True)
        return self._view

    def close(self) -> None:
        """Stop what is computed and close all widgets, which takes it off the page; shown again it has new ones."""
        if self.computing:
            self._drop()
            self._drawn = {}
        if self._view is not None:
            self._views.remove(self._view.refresh)
            self._view.close()
            self._view = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.sentence}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """The live view, and for those who cannot run it the picture and the sentence."""
        return self.view.bundle()


def _begins(work: Steps) -> bool:
    """Whether work that takes long finds nothing wrong with its setting."""
    try:
        next(work)
        next(work)
    except StopIteration:
        return True
    except ValueError:
        return False
    finally:
        work.close()
    return True
