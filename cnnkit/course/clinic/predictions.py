"""The predictions of lesson 08: which fault does a patient have, and which change heals it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cnnkit.course.clinic.experiments.cases import CASES
from cnnkit.course.clinic.experiments.faults import FAULTS
from cnnkit.course.clinic.experiments.runs import Recipe, learns_one_batch, passes, run, starts_well
from cnnkit.course.kit.prediction import Option, Prediction

SHARE_OFF, SHRUNK = 1.0, 1e-3  # all outputs 0; the first layer's gradient over the last one's


def _healer(recipe: Recipe, changes: Mapping[str, dict[str, Any]], healthy: Callable[[Recipe], bool]) -> str:
    """The one change after which the check passes; "" unless there is exactly one."""
    healed = [name for name, change in changes.items() if healthy(recipe._replace(**change))]
    return healed[0] if len(healed) == 1 else ""


MENDS_A: dict[str, dict[str, Any]] = {
    "pixels": {"scale": 1.0},
    "rate": {"lr": 0.003},
    "start": {"gain": 0.5},
    "epochs": {"epochs": 50},
}
MENDS_E: dict[str, dict[str, Any]] = {
    "init": {"init": "he"},
    "rate": {"lr": 0.003},
    "pixels": {"scale": 1 / 16},
    "shuffle": {"sorted_share": 0.0, "epochs": 20},
}
MENDS_F: dict[str, dict[str, Any]] = {
    "logits": {"softmaxes": 0},
    "longer": {"lr": 0.1},
    "larger": {"gain": 1.5},
    "shuffle": {"sorted_share": 0.0},
}


def ailment(recipe: Recipe) -> str:
    """What the layers say after a few steps: "dead", "vanishing" or "well"."""
    end = run(recipe._replace(epochs=3)).end
    if any(row.zeros >= SHARE_OFF for row in end[:-1]):
        return "dead"
    return "vanishing" if end[0].gradient < SHRUNK * end[-1].gradient else "well"


def silent() -> str:
    """Which of four faults, in full strength, passes the three checks that look at training digits alone."""
    passed = [name for name in QUIET if passes(FAULTS[name].recipe(4))]
    return passed[0] if len(passed) == 1 else ""


QUIET = ("exploding start", "dead units", "softmax twice", "leaking data")

PREDICTIONS = (
    Prediction(
        key="08.a",
        question=(
            "Case A starts with a loss far above 2.30, before a single step has been taken. Which one change brings "
            "its first loss down to about 2.3?"
        ),
        options=(
            Option("a learning rate of 0.003 in place of 0.3", "rate",
                   "A rate that is too large makes a loss grow, so the suspicion is a good one. This loss is measured "
                   "before the first step, and no learning rate has acted yet."),
            Option("other pixel values: a smaller scale", "pixels",
                   "Every sum of the first layer is proportional to the pixels, so logits of several hundred "
                   "come from pixels of several hundred."),
            Option("a start with weights half as large", "start",
                   "It goes the right way: three layers with half the weights make the logits 8 times smaller. Here "
                   "they are some hundred times too large, and the weights are not the reason."),
            Option("50 epochs in place of 10", "epochs",
                   "More training can repair a slow start. The first loss comes before all epochs, so it stays."),
        ),
        truth=lambda: _healer(CASES["A"], MENDS_A, starts_well),
        reveal=(
            "The scanner of case A delivers bytes from 0 to 255. The network expects ink from 0 to 1, so its logits "
            "come out about 255 times too large. Softmax puts nearly all probability on one class, which is wrong "
            "nine times in ten. The cure is one division by 255. In the explorer, set the highest pixel to 255, and "
            "the ten bars become one."
        ),
        spoilers=(r"(?i)bytes from 0 to 255", r"(?i)division by 255", r"(?i)\bunscaled\b|logits come out"),
    ),
    Prediction(
        key="08.b",
        question=(
            "Cases C and D end on the same flat curve. Look at the two tables. What is wrong with each?"
        ),
        options=(
            Option("C: its units are dead. D: its gradient vanishes.", "dead, vanishing",
                   "Zeros everywhere and a gradient of exactly 0 are the sign of dead units. A gradient that "
                   "shrinks from layer to layer, with no zeros at all, is the sign of a vanishing one."),
            Option("C: its gradient vanishes. D: its units are dead.", "vanishing, dead",
                   "C's gradient is 0, which looks like the end of vanishing. It is exactly 0, though, and in all "
                   "layers. Vanishing makes it small, layer by layer, as in D."),
            Option("Both have dead units.", "dead, dead",
                   "The curves are the same, but D has no zeros: all of its units still answer. Only the error does "
                   "not reach its first layers."),
            Option("Both have a vanishing gradient.", "vanishing, vanishing",
                   "In D it vanishes, layer by layer. In C nothing shrinks step by step. Its units put out 0, and "
                   "the gradient is exactly 0 in all layers."),
        ),
        truth=lambda: f"{ailment(CASES['C'])}, {ailment(CASES['D'])}",
        reveal=(
            "Case C has **dead units**, because steps ten times too large threw its ReLUs onto the flat side. Case D "
            "has a **vanishing gradient**. It is a chain of eight sigmoids, and the slope of each is a quarter at "
            "most. The loss cannot tell the two apart, because both networks end up giving every digit the same "
            "logits. A table of layers tells them apart at a glance. C needs a smaller learning rate. D needs tanh, "
            "or ReLUs with He's start, and a rate of 0.1."
        ),
        spoilers=(r"(?i)onto the flat side", r"(?i)chain of eight sigmoids", r"(?i)tells them apart at a glance"),
    ),
    Prediction(
        key="08.c",
        question=(
            "Case E starts with a loss in the hundreds, too, and its pixels are fine. Which one change brings its "
            "first loss down to about 2.3?"
        ),
        options=(
            Option("a learning rate of 0.003 in place of 0.3", "rate",
                   "A small rate is the first aid for losses that blow up *during* training. This one is large before "
                   "the first step."),
            Option("He's initialisation in place of \"normal\"", "init",
                   "\"normal\" draws weights with a standard deviation of 1. With 32 inputs a unit, He's start "
                   "takes 0.25, four times less."),
            Option("pixels that are 16 times smaller", "pixels",
                   "It makes the logits 16 times smaller, and that is not enough. The spread grows in every layer, "
                   "so the cause lies in the layers."),
            Option("new random order before each epoch, and 20 epochs", "shuffle",
                   "The order decides which digits come first, not what the untrained network says of them."),
        ),
        truth=lambda: _healer(CASES["E"], MENDS_E, starts_well),
        reveal=(
            "Weights with a standard deviation of 1 give every layer's outputs about four times the spread of its "
            "inputs. Four layers multiply that, so the first loss is in the hundreds. This is an **exploding** start. "
            "The column *spread* grows from row to row. With He's start it stays about the same."
        ),
        spoilers=(r"(?i)\bexplo(d|s)", r"(?i)standard deviation of 1\b"),
    ),
    Prediction(
        key="08.d",
        question=(
            "Case F cannot learn 50 digits by heart: its loss comes to rest near 1.56. Which one change brings it "
            "below 0.1?"
        ),
        options=(
            Option("a smaller learning rate, 0.1", "longer",
                   "A rate that is too large makes a loss jump around. This one comes to rest, and smaller steps only "
                   "make it slower."),
            Option("larger weights at the start: a gain of 1.5", "larger",
                   "Wider logits would help a network that is too unsure. Here the loss has a floor that no logits "
                   "can get below."),
            Option("logits, not probabilities, for the loss", "logits",
                   "`cross_entropy` applies softmax itself, so case F applies it twice."),
            Option("batches in a new random order", "shuffle",
                   "There is only one batch, so there is nothing to shuffle."),
        ),
        truth=lambda: _healer(CASES["F"], MENDS_F, learns_one_batch),
        reveal=(
            "**Softmax twice.** `cross_entropy` expects logits, and case F hands it probabilities. These lie between "
            "0 and 1, so the second softmax can never be sure. At best it sees a 1 and nine zeros. That gives the "
            "right class e/(e + 9) = 23.2 %, and the loss −log 0.232 = 1.46. Most digits are read right all the same, "
            "so this fault can stay unnoticed. In the explorer, tick *case F's step*: no learning rate brings the "
            "curve down to 0.1."
        ),
        spoilers=(r"(?i)softmax twice", r"(?i)expects logits", r"\b1\.46\b"),
    ),
    Prediction(
        key="08.e",
        question=(
            "Take three checks: the first loss, one batch, and the curve of the training loss. Which of these four "
            "faults, at full strength, passes all three?"
        ),
        options=(
            Option("weights that start far too large", "exploding start",
                   "Its training may recover by luck, but the very first check stops it: the first loss is in the "
                   "hundreds."),
            Option("units that die", "dead units",
                   "The first loss is fine, since the units are still alive then. The second check stops it: dead "
                   "units learn nothing, not even one batch."),
            Option("softmax applied once more", "softmax twice",
                   "Its first loss is 2.30, as it should be. On one batch it cannot get to 0, and there it is caught."),
            Option("validation digits among the training digits", "leaking data",
                   "All three checks look at training digits alone, and on those nothing is wrong. Only the "
                   "number that you report is."),
        ),
        truth=silent,
        reveal=(
            "Leaking data makes the validation curve *better*. These three checks cannot find it, because the "
            "training is not broken. Only the measurement is. In the explorer, one of the patients 1 to 8 reads its "
            "validation digits better than *unseen* ones, which are in neither part. That gap is the only sign."
        ),
        spoilers=(r"(?i)leaking data makes", r"(?i)only sign", r"(?i)only the measurement is\b"),
    ),
)  # fmt: skip
