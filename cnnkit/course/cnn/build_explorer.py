"""Put a small CNN together, see what it costs, and train it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterator
from typing import Any, ClassVar

from cnnkit._arguments import integer
from cnnkit.course.cnn.build import draw_build
from cnnkit.course.cnn.build_numbers import POOLINGS, Setting, lay_out
from cnnkit.course.cnn.build_training import LONG, MANY, Run, make_network, train_live, training
from cnnkit.course.kit.explorer import Choice, Explorer, Slider, Steps, Switch
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
        "p": Slider("dropout p", 0.0, 0.9, 0.0, 0.05, late=True),
        "seed": Slider("seed", 0, 20, 0, late=True),
    }
    actions: ClassVar = {"train": "Train", "stop": "Stop"}

    def __init__(self, **start: Any) -> None:
        self._runs: dict[Setting, Run] = {}
        self._net: Network | None = None  # the one in training, whose setting and last Run follow
        self._now: tuple[Setting, Run] | None = None
        self._training: asyncio.Task[None] | None = None
        self._before: dict[str, Any] = {}
        self._seen: tuple[Hashable, Run | None, Run | None] = None, None, None  # which run, itself, the one before
        super().__init__(**start)

    def draw(self, *, learn: bool = False, **values: Any) -> Picture | Steps:
        setting = Setting(**values)
        if learn and setting not in self._runs and self._run(setting) is None:
            return self._learn_live(setting)
        run = self._run(setting)
        running = self._now is not None and self._now[0] == setting
        return draw_build(setting, run, before=self._ghost(setting, run), running=running)

    def _run(self, setting: Setting) -> Run | None:
        """The training that goes on, or the last one."""
        return self._now[1] if self._now is not None and self._now[0] == setting else self._runs.get(setting)

    def _ghost(self, setting: Setting, run: Run | None) -> Run | None:
        """The run that was seen before this one."""
        which, last, before = self._seen
        ghost = before if run is not None and which == _which(setting, run) else last
        return ghost if ghost is not None and ghost.validation else None

    def _put(self, picture: Picture) -> None:
        setting = self.setting
        run = self._run(setting)
        if run is not None:
            self._seen = _which(setting, run), run, self._ghost(setting, run)
        super()._put(picture)

    def usable(self) -> set[str]:
        if self._net is not None:
            return {"stop"}
        return {"train"} if _can_be(self.setting) else set()

    def done(self) -> float:
        run = self._now[1] if self._now else self._runs.get(self.setting)
        return run.done / run.of if run is not None and run.examples == MANY else 0

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
            self._training = asyncio.get_running_loop().create_task(self._train_on(runs))
        except RuntimeError:  # plain Python
            try:
                for run in runs:
                    self._note(run)
            finally:
                self.stop()
        else:
            self._show()

    def stop(self) -> None:
        """Leave it at what the network has learnt so far."""
        if self._training is not None:
            self._training.cancel()
            self._training = None
        if self._net is None or self._now is None:
            return
        setting, run = self._now
        self._keep(setting, run._replace(state=self._net.state_dict()))
        self._net = self._now = None
        self._show()

    def close(self) -> None:
        super().close()
        self.stop()

    async def _train_on(self, runs: Iterator[Run]) -> None:
        try:
            for run in runs:
                self._note(run)
                await asyncio.sleep(0)  # the others' turn: a click on Stop, a slider
        finally:  # also after an error, which the loop then reports
            if self._training is asyncio.current_task():  # and not one that was stopped
                self._training = None
                self.stop()

    def _note(self, run: Run) -> None:
        """Show how far it is: the bar after each batch, the picture after each epoch."""
        now = self._now
        if now is None:  # it was stopped while this batch was at work: a front end may call from another thread
            return
        setting, before = now
        self._now = setting, run
        if len(run.validation) > len(before.validation):
            self._show()
        else:
            self._tell()

    def _keep(self, setting: Setting, run: Run) -> None:
        self._runs[setting] = run
        if len(self._runs) > KEPT:
            del self._runs[next(iter(self._runs))]

    def _redraw(self, *, live: bool = False) -> None:
        now, before = self.values, self._before
        if now != before:
            self._before = now
            self.stop()
        self._learns = not before or any(now[name] != before[name] for name in LIVE)
        super()._redraw(live=live)

    def _steps(self, values: dict[str, Any]) -> Steps:
        learn, self._learns = self._learns, False  # `frames` and a picture drawn again train nothing
        return super()._steps(values | ({"learn": True} if learn else {}))

    def _learn_live(self, setting: Setting) -> Steps:
        run = yield from train_live.steps(setting)
        self._keep(setting, run)
        return draw_build(setting, run, before=self._ghost(setting, run))


def _which(setting: Setting, run: Run) -> Hashable:
    """What tells one training from another."""
    return setting, run.examples, run.epochs


def _can_be(setting: Setting) -> bool:
    try:
        lay_out(setting)
    except ValueError:
        return False
    return True
