"""The explorers of lesson 08: an untrained network's first loss, and eight patients."""

from __future__ import annotations

from typing import Any, ClassVar

from cnnkit.course.clinic.first_loss import draw_first_loss
from cnnkit.course.clinic.patient import PATIENTS, draw_patient
from cnnkit.course.kit.explorer import Choice, Explorer, Slider, Switch
from cnnkit.course.kit.picture import Picture

HIGHEST = ("1", "4", "16", "64", "255")


class FirstLoss(Explorer):
    """What an untrained network says of one digit, and the loss that it starts with."""

    controls: ClassVar = {
        "highest": Choice("highest pixel", HIGHEST, "1"),
        "gain": Slider("gain of the weights", 0.0, 4.0, 1.0, 0.1),
        "image": Slider("digit", 0, 99, 3),
        "seed": Slider("seed", 0, 20, 0),
    }

    def draw(self, *, highest: str, gain: float, image: int, seed: int) -> Picture:
        return draw_first_loss(float(highest), gain, image, seed)


class Clinic(Explorer):
    """A healthy network and eight patients, trained anew for each setting: what does each of them have?"""

    controls: ClassVar = {
        "patient": Choice("patient", tuple(PATIENTS), "healthy"),
        "strength": Slider("strength of the fault", 0, 4, 4),
        "seed": Slider("seed", 0, 20, 0),
        "named": Switch("name the fault"),
    }

    def __init__(self, **start: Any) -> None:
        super().__init__(**start)
        for name in ("strength", "seed"):
            self._widgets[name].continuous_update = False

    def draw(self, *, patient: str, strength: int, seed: int, named: bool) -> Picture:
        return draw_patient(patient, strength, seed, named=named)
