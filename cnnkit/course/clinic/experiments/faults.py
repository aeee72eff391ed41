"""The faults of the clinic, each in five strengths from none to strong; softmax twice is there or not."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnnkit.course.clinic.experiments.runs import Recipe


class Fault(NamedTuple):
    """A fault: the fields of a healthy recipe that it changes, at strength 0, 1 … 4."""

    name: str
    mended: str  # what to do about it, or which exercise asks for that
    strengths: tuple[dict[str, Any], ...]

    def recipe(self, strength: int) -> Recipe:
        return Recipe(**self.strengths[strength])


def _each(field: str, *values: Any, **others: Any) -> tuple[dict[str, Any], ...]:
    return tuple({field: value, **others} for value in values)


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("unscaled input", "divide the pixels by 255", _each("scale", 1.0, 4.0, 16.0, 64.0, 255.0)),
        Fault("dead units", "lower the learning rate", _each("lr", 0.3, 1.0, 1.5, 3.0, 6.0)),
        Fault(
            "vanishing gradient", "take tanh and a smaller rate",
            ({}, *(_each("hidden", 2, 4, 6, 8, activation="sigmoid", init="xavier"))),
        ),
        Fault("exploding start", "start with a gain of 1", _each("gain", 1.0, 2.0, 3.0, 4.0, 6.0, hidden=3)),
        Fault("softmax twice", "give the logits to the loss", _each("softmaxes", 0, 1, 1, 1, 1)),
        Fault("unshuffled batches", "mend it yourself as case G", _each("sorted_share", 0.0, 0.25, 0.5, 0.75, 1.0)),
        Fault(
            "forgotten eval", "mend it yourself as case H",
            _each("p", 0.0, 0.1, 0.2, 0.35, 0.5, evaluating=False),
        ),
        Fault(
            "leaking data", "mend it yourself as case I",
            _each("leaked", 0.0, 0.25, 0.5, 0.75, 1.0, digits=100, epochs=60)
        ),
    )
}  # fmt: skip
HEALTHY = Recipe()
