"""The explorers of lesson 08: an untrained network's first loss, one batch, and eight patients."""

from __future__ import annotations

from typing import Any, ClassVar

from cnnkit.course.clinic.experiments.runs import run
from cnnkit.course.clinic.first_loss import draw_first_loss
from cnnkit.course.clinic.one_batch import HEALTHY, STEPS, by_heart, draw_one_batch
from cnnkit.course.clinic.patient import PATIENTS, draw_patient, recipe_of
from cnnkit.course.kit.explorer import Choice, Explorer, Slider, Steps, Switch
from cnnkit.course.kit.picture import Picture

HIGHEST = ("1", "4", "16", "64", "255")


class FirstLoss(Explorer):
    """What an untrained network says of one digit, and the loss that it starts with."""

    controls: ClassVar = {
        "highest": Choice("highest pixel", HIGHEST, "1"),
        "gain": Slider("gain of the weights", 0.0, 4.0, 1.0, 0.1),
        "image": Slider("picture", 0, 99, 3, play=True),
        "seed": Slider("seed", 0, 20, 0, play=True),
    }

    def draw(self, *, highest: str, gain: float, image: int, seed: int) -> Picture:
        return draw_first_loss(float(highest), gain, image, seed)


RATES = ("0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3")


class OneBatch(Explorer):
    """How a network learns a few digits by heart, anew for each setting, and which it knows after so many steps."""

    controls: ClassVar = {
        "digits": Slider("digits in the batch", 10, 210, 50, 40, late=True),
        "lr": Choice("learning rate", RATES, "0.3"),
        "step": Slider("step", 1, STEPS, STEPS, play=True),
        "case_f": Switch("case F's step"),
    }

    def draw(self, *, digits: int, lr: str, step: int, case_f: bool) -> Steps:
        yield from by_heart.steps(digits, float(lr), int(case_f), 0)
        yield from by_heart.steps(digits, HEALTHY, 0, 0)
        return draw_one_batch(digits, float(lr), int(case_f), step)


class Clinic(Explorer):
    """A healthy network and eight patients, trained anew for each setting: what does each of them have?"""

    controls: ClassVar = {
        "patient": Choice("patient", tuple(PATIENTS), "healthy"),
        "strength": Slider("strength of the fault", 0, 4, 4, play=True),
        "named": Switch("name the fault"),
    }

    def idle(self, values: dict[str, Any]) -> set[str]:
        return set() if PATIENTS[values["patient"]] else {"strength", "named"}

    def draw(self, *, patient: str, strength: int, named: bool) -> Steps:
        for each in (strength, 0):  # at 0 it is well, which is drawn beside
            yield from run.steps(recipe_of(patient, each), 0)
        return draw_patient(patient, strength, named=named)
