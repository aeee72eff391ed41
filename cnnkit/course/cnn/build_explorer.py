"""Put a small CNN together, see what it costs, and train it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, ClassVar

import ipywidgets

from cnnkit._arguments import integer
from cnnkit.course.cnn.build import draw_build
from cnnkit.course.cnn.build_numbers import POOLINGS, Setting, lay_out
from cnnkit.course.cnn.build_training import LONG, MANY, Run, make_network, train_live, training
from cnnkit.course.kit.explorer import Choice, Explorer, Slider, Switch
from cnnkit.course.kit.picture import Picture
from cnnkit.network import Network

KEPT = 64  # runs, of as many settings
LIVE = ("p", "batch_norm", "seed")


class BuildYourOwn(Explorer):
    """A CNN from a few settings: its layers with shapes and counts at once, its training live or by a button.

    When p, batch norm or the seed is changed it learns from 300 digits for a part of a second, before the picture
    comes. Train goes on until all of its epochs on 1,000 digits are over, or until Stop, or until a control is moved.
    Meanwhile everything else stays alive: the training is a task of the kernel's own event loop, no thread, and after
    each batch it lets others have their turn.

    network    the network that the picture is about, trained as far as it is
    """

    controls: ClassVar = {
        "blocks": Slider("blocks", 0, 3, 2),
        "filters": Slider("filters K", 1, 16, 12),
        "kernel_size": Slider("kernel size k", 1, 5, 3),
        "stride": Slider("stride s", 1, 3, 1),
        "pooling": Choice("pooling", tuple(POOLINGS), "max"),
        "batch_norm": Switch("batch norm"),
        "p": Slider("dropout p", 0.0, 0.9, 0.0, 0.05),
        "seed": Slider("seed", 0, 20, 0),
    }
    actions: ClassVar = {"train": "Train", "stop": "Stop"}

    def __init__(self, **start: Any) -> None:
        self._runs: dict[Setting, Run] = {}
        self._net: Network | None = None  # the one in training, whose setting and last Run follow
        self._now: tuple[Setting, Run] | None = None
        self._task: asyncio.Task[None] | None = None
        self._progress = ipywidgets.IntProgress(layout=ipywidgets.Layout(width="420px"))
        super().__init__(**start)
        for name in ("p", "seed"):
            self._widgets[name].continuous_update = False

    def draw(self, **values: Any) -> Picture:
        setting = Setting(**values)
        if self._now is not None and self._now[0] == setting:
            return draw_build(*self._now, running=True)
        return draw_build(setting, self._runs.get(setting))

    def bar(self) -> list[ipywidgets.Widget]:
        return [*super().bar(), self._progress]

    @property
    def setting(self) -> Setting:
        """What the controls are set to."""
        return Setting(**self.values)

    @property
    def network(self) -> Network:
        """The network as it is now: in training, trained, or with the weights that it starts from.

        Errors: ValueError for a setting that cannot be.
        """
        if self._net is not None:
            return self._net
        net, run = make_network(self.setting), self._runs.get(self.setting)
        if run is not None:
            net.load_state_dict(run.state)
        return net

    def train(self, epochs: int = LONG) -> None:
        """Train anew on 1,000 digits: at once where no event loop runs, else as a task of that loop.

        Errors: ValueError for a setting that cannot be, or a number of epochs below 1.
        """
        self.stop()
        setting, net = self.setting, make_network(self.setting)
        runs = training(net, MANY, integer("epochs", epochs, at_least=1), setting.seed)
        self._net, self._now = net, (setting, next(runs))
        try:
            self._task = asyncio.get_running_loop().create_task(self._go_on(runs))
        except RuntimeError:  # plain Python
            try:
                for run in runs:
                    self._note(run)
            finally:
                self.stop()
        else:
            self._tell()

    def stop(self) -> None:
        """Leave it at what the network has learnt so far."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._net is None or self._now is None:
            return
        setting, run = self._now
        self._keep(setting, run._replace(state=self._net.state_dict()))
        self._net = self._now = None
        self._tell()

    async def _go_on(self, runs: Iterator[Run]) -> None:
        try:
            for run in runs:
                self._note(run)
                await asyncio.sleep(0)  # the others' turn: a click on Stop, a slider
        finally:  # also after an error, which the loop then reports
            if self._task is asyncio.current_task():  # and not one that was stopped
                self._task = None
                self.stop()

    def _note(self, run: Run) -> None:
        """Show how far it is: the bar after each batch, the picture after each epoch."""
        now = self._now
        if now is None:  # it was stopped while this batch was at work: a front end may call from another thread
            return
        setting, before = now
        self._now = setting, run
        self._progress.value = 100 * run.done // run.of
        if len(run.validation) > len(before.validation):
            self._show()

    def _keep(self, setting: Setting, run: Run) -> None:
        self._runs[setting] = run
        if len(self._runs) > KEPT:
            del self._runs[next(iter(self._runs))]

    def _redraw(self) -> None:
        now, before = self.values, self._drawn
        if now != before:
            self.stop()
            if not before or any(now[name] != before[name] for name in LIVE):
                self._learn_live(Setting(**now))
        super()._redraw()
        self._enable()

    def _learn_live(self, setting: Setting) -> None:
        if setting not in self._runs:
            try:
                self._keep(setting, train_live(setting))
            except ValueError:  # a setting that cannot be: the picture says so
                return

    def _tell(self) -> None:
        self._show()
        self._enable()

    def _enable(self) -> None:
        """Which button can be pressed, and how far the bar is."""
        run = self._now[1] if self._now else self._runs.get(self.setting)
        self._progress.value = 100 * run.done // run.of if run is not None and run.examples == MANY else 0
        self._buttons["train"].disabled = self._net is not None or not _can_be(self.setting)
        self._buttons["stop"].disabled = self._net is None


def _can_be(setting: Setting) -> bool:
    try:
        lay_out(setting)
    except ValueError:
        return False
    return True
