"""The explorers of notebook 01: what an activation does to one number, to many, and to a network that learns."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import cache
from typing import Any, ClassVar

from cnnkit.course.activations.dead_units import draw_dead_units
from cnnkit.course.activations.dead_units_numbers import Watched, watch_training
from cnnkit.course.activations.kinds import DEFAULTS, KINDS, LOWER
from cnnkit.course.activations.shape import REACH, STEP, draw_shape
from cnnkit.course.activations.sparsity import MEANS, SPREADS, draw_sparsity
from cnnkit.course.activations.zigzag import draw_zigzag
from cnnkit.course.activations.zigzag_numbers import STEPS
from cnnkit.course.kit.explorer import Choice, Explorer, Slider, Steps, Switch
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.stepwise import stepwise
from cnnkit.data import digits


class Shape(Explorer):
    """An activation, its slope, and the tangent at one point x.

    The option of the chosen activation is on the screen, if it has one: `Shape(activation="ELU", alpha=0.5, x=-1.0)`.
    Whoever chooses another activation there sees the last one behind it. `set` and `frames` draw without it.
    """

    controls: ClassVar = {
        "activation": Choice("activation", tuple(KINDS), "ReLU"),
        "x": Slider("point x", -REACH, REACH, 1.0, STEP, play=True),
        "negative_slope": Slider("negative slope", 0.0, 1.0, DEFAULTS["negative_slope"], 0.01),
        "weight": Slider("learnt slope w", 0.0, 1.0, DEFAULTS["weight"], 0.01),
        "upper": Slider(f"slope {LOWER} up to", 0.13, 1.0, DEFAULTS["upper"], 0.01),
        "alpha": Slider("alpha: lowest is −α", 0.1, 1.5, DEFAULTS["alpha"], 0.1),
        "beta": Slider("beta: sharpness", 0.5, 5.0, DEFAULTS["beta"], 0.1),
        "max_val": Slider("bound (max_val)", 0.5, 2.0, DEFAULTS["max_val"], 0.1),
    }

    _before: str | None = None

    def shown(self, values: dict[str, Any]) -> list[str]:
        return ["activation", "x", KINDS[values["activation"]].option or next(iter(DEFAULTS))]

    def idle(self, values: dict[str, Any]) -> set[str]:
        return set(DEFAULTS) - {KINDS[values["activation"]].option}

    def set(self, **values: Any) -> None:
        self._checked(values)  # what is refused changes nothing
        if self._before is not None:
            self._before, self._drawn = None, {}
        super().set(**values)

    def move(self, **values: Any) -> None:
        last = self.values["activation"]
        if values.get("activation", last) != last:
            self._before = last
        super().move(**values)

    def frames(self) -> Iterator[tuple[dict[str, Any], Picture]]:
        return super().frames() if self._before is None else Shape(**self.values).frames()

    def draw(self, *, activation: str, x: float, **options: float) -> Picture:
        return draw_shape(activation, x, before=self._before, **options)


class Sparsity(Explorer):
    """What an activation makes of 10,000 numbers around `mean`, and how many of them become exactly 0."""

    controls: ClassVar = {
        "activation": Choice("activation", tuple(KINDS), "ReLU"),
        "mean": Slider("mean of z", *MEANS, 0.0, STEP, play=True),
        "spread": Slider("spread of z", *SPREADS, 1.0, STEP),
    }

    def draw(self, *, activation: str, mean: float, spread: float) -> Picture:
        return draw_sparsity(activation, mean, spread)


class ZigZag(Explorer):
    """The way of two weights downhill: which quadrants may a step go to, for one example and for a batch?"""

    controls: ClassVar = {
        "batch": Slider("batch size", 1, 64, 1),
        "steps": Slider("steps taken", 0, STEPS, 40, play=True),
        "centred": Switch("inputs centred at 0"),
        "seed": Slider("seed of the batches", 0, 9, 0, play=True),
    }

    def draw(self, *, batch: int, steps: int, centred: bool, seed: int) -> Picture:
        return draw_zigzag(batch, steps=steps, centred=centred, seed=seed)


DIGITS = 150
LEARNERS = {
    "ReLU": "relu", "leaky ReLU": "leaky_relu", "PReLU": "prelu", "RReLU": "rrelu", "ELU": "elu", "SiLU": "silu",
    "sigmoid": "sigmoid", "tanh": "tanh",
}  # fmt: skip


class DeadUnits(Explorer):
    """A network of three hidden layers that is trained anew at every tick: which units are silent on which digits?"""

    controls: ClassVar = {
        "activation": Choice("activation", tuple(LEARNERS), "ReLU"),
        "lr": Slider("learning rate", 0.0, 1.0, 0.2, 0.05),
        "bias": Slider("bias at the start", -2.0, 2.0, 0.0, 0.1),
        "seed": Slider("seed of the start", 0, 9, 0, play=True),
        "digit": Slider("this digit", 1, DIGITS, 1, wide=True, play=True),
    }

    def draw(self, *, activation: str, digit: int, **training: Any) -> Steps:
        data = _data()
        watched = yield from _watched.steps(activation, **training)
        return draw_dead_units(activation, watched, data.images[:, 0], data.labels, digit=digit)


@cache
def _data() -> Any:
    return digits("train", n=DIGITS)


@stepwise(maxsize=64)
def _watched(activation: str, *, lr: float, bias: float, seed: int) -> Generator[None, None, Watched]:
    """A training, kept for when only the digit moves, or the setting comes back."""
    data, name = _data(), LEARNERS[activation]
    x = data.normalized().reshape(DIGITS, -1).astype(float)
    return (yield from watch_training(x, data.labels, name, lr=lr, bias=bias, seed=seed))
