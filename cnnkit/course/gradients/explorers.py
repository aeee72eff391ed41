"""The explorers of notebook 02: what a deep network does to a gradient."""

from __future__ import annotations

from typing import Any, ClassVar

from cnnkit.course.gradients.depth import ACTIVATIONS, DEEPEST, SPREADS, draw_depth
from cnnkit.course.gradients.learning import INITS as STARTS
from cnnkit.course.gradients.learning import RATES, draw_training, train_digits
from cnnkit.course.gradients.unit import HEAVIEST, REACH, STEP, draw_unit
from cnnkit.course.kit.explorer import Choice, Explorer, Slider, Steps
from cnnkit.course.kit.picture import Picture

INITS = tuple(SPREADS)


class Depth(Explorer):
    """The spread of the activations and the norm of the gradient, layer by layer, in a new network."""

    controls: ClassVar = {
        "depth": Slider("depth L", 1, DEEPEST, 10, play=True),
        "activation": Choice("activation", ACTIVATIONS, "sigmoid"),
        "init": Choice("initialisation", INITS, "xavier"),
        "gain": Slider("gain", 0.1, 16.0, 1.0, 0.1),
        "width": Slider("width n", 8, 128, 64, 8),
        "seed": Slider("seed", 0, 20, 0, play=True),
    }

    def draw(self, *, depth: int, activation: str, **options: Any) -> Picture:
        return draw_depth(depth, activation, **options)


class OneUnit(Explorer):
    """One unit: its curve and slope at z = w·x + b, and the factor w·f′(z) that the gradient is multiplied with."""

    controls: ClassVar = {
        "activation": Choice("activation", ACTIVATIONS, "sigmoid"),
        "x": Slider("input x", -REACH, REACH, 1.0, STEP, play=True),
        "weight": Slider("weight w", -HEAVIEST, HEAVIEST, 1.0, STEP),
        "bias": Slider("bias b", -8.0, 8.0, 0.0, STEP),
    }

    def draw(self, *, activation: str, x: float, weight: float, bias: float) -> Picture:
        return draw_unit(activation, x, weight, bias)


class TrainIt(Explorer):
    """A network of up to 20 layers trained on 200 digits, anew for each setting, once the slider is let go."""

    compares = True
    controls: ClassVar = {
        "depth": Slider("hidden layers", 1, 20, 5, late=True),
        "activation": Choice("activation", ACTIVATIONS, "sigmoid"),
        "init": Choice("initialisation", tuple(STARTS), "xavier"),
        "lr": Choice("learning rate", RATES, "0.1"),
        "seed": Slider("seed", 0, 20, 0, play=True, late=True),
    }

    def draw(self, *, before: dict[str, Any] | None = None, **values: Any) -> Steps:
        now, old = _with_rate(values), _with_rate(before) if before else None
        for options in (now, old):
            if options:
                yield from train_digits.steps(**options)
        return draw_training(**now, before=old)


def _with_rate(values: dict[str, Any]) -> dict[str, Any]:
    """The values with the learning rate as a number."""
    return values | {"lr": float(values["lr"])}
