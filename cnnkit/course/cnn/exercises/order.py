"""The exercise of notebook 07 on the order of layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit.course.kit.exercise import Mistake, ValueExercise
from cnnkit.course.kit.exercise_words import called

LAYERS = ("linear", "ReLU", "dropout", "convolution", "flatten", "max pooling")  # as they are shuffled in the question
RIGHT = ["convolution", "ReLU", "max pooling", "flatten", "dropout", "linear"]

# Who must come before whom, and what happens otherwise; the first that is broken is said.
RULES = (
    (
        "convolution",
        "flatten",
        "The convolution cannot follow `flatten`: it needs an image, and gets a row of numbers.",
    ),
    ("max pooling", "flatten", "The pooling cannot follow `flatten`: windows of 2×2 need an image, not a row."),
    (
        "flatten",
        "linear",
        "The linear layer stands before `flatten`: it would take each row of the image for an example. It needs one "
        "row of C·H·W numbers per image.",
    ),
    (
        "ReLU",
        "linear",
        "ReLU stands after the last layer: it would cut off the scores below 0. The loss takes the scores as they are.",
    ),
    (
        "dropout",
        "linear",
        "Dropout stands after the last layer: it would drop the scores themselves, and with them the right class.",
    ),
    (
        "convolution",
        "ReLU",
        "ReLU stands before the convolution: pixels from 0 to 1 pass it unchanged, so it does nothing there.",
    ),
    (
        "convolution",
        "max pooling",
        "The pooling stands before the convolution: three quarters of the pixels are gone before a filter sees them.",
    ),
    (
        "convolution",
        "dropout",
        "Dropout stands before the convolution: it would delete pixels. The usual place is among the features.",
    ),
    (
        "max pooling",
        "dropout",
        "Dropout stands before the pooling: where the largest of four is dropped, the next one takes its place.",
    ),
)


def judge_order(answer: Any) -> str:
    """Whether the layers stand in the usual order, or in one that computes the same."""
    wanted = "A list of all six names is asked for, each once"
    if not isinstance(answer, (list, tuple, np.ndarray)):
        return f"{wanted}; this is {called(answer)}."
    names = answer.ravel().tolist() if isinstance(answer, np.ndarray) else list(answer)
    if not all(isinstance(name, str) for name in names):
        return f"{wanted}; not everything in yours is a text."
    unknown = [name for name in names if name not in LAYERS]
    if unknown:
        return f"{wanted}: {', '.join(LAYERS)}. `{unknown[0][:40].replace('`', '')}` is none of them."
    if sorted(names) != sorted(LAYERS):
        wrong = next(name for name in LAYERS if names.count(name) != 1)
        return f"{wanted}; in yours `{wrong}` stands {names.count(wrong)} times."
    place = {name: names.index(name) for name in names}
    return next((said for first, then, said in RULES if place[first] > place[then]), "")


ORDER = ValueExercise(
    key="07.6",
    title="The usual order",
    name="order",
    question=(
        'Put these layers in the order in which a small CNN uses them: "linear", "ReLU", "dropout", "convolution", '
        '"flatten", "max pooling". The input is an image with pixels from 0 to 1, the output one score per class, and '
        "the loss is cross entropy. Give a list of the six names."
    ),
    stub="order = ...",
    hints=(
        "Which layers need an image, which one makes a row of it, and which one needs a row?",
        "The scores go to the loss as they are. What must not come after the last linear layer?",
        "A block is convolution, ReLU, pooling. What follows the blocks?",
    ),
    solution=RIGHT,
    praise=(
        "There is no softmax in it: cross entropy brings its own. Some neighbours may change places, such as ReLU and "
        "max pooling, or flatten and dropout: the result is the same."
    ),
    judge=judge_order,
    mistakes=(
        Mistake(["flatten", "convolution", "ReLU", "max pooling", "dropout", "linear"], RULES[0][2]),
        Mistake(["convolution", "ReLU", "flatten", "max pooling", "dropout", "linear"], RULES[1][2]),
        Mistake(["convolution", "ReLU", "max pooling", "linear", "flatten", "dropout"], RULES[2][2]),
        Mistake(["convolution", "max pooling", "flatten", "dropout", "linear", "ReLU"], RULES[3][2]),
        Mistake(["convolution", "ReLU", "max pooling", "flatten", "linear", "dropout"], RULES[4][2]),
        Mistake(["ReLU", "convolution", "max pooling", "flatten", "dropout", "linear"], RULES[5][2]),
        Mistake(["max pooling", "convolution", "ReLU", "flatten", "dropout", "linear"], RULES[6][2]),
        Mistake(["dropout", "convolution", "ReLU", "max pooling", "flatten", "linear"], RULES[7][2]),
        Mistake(["convolution", "ReLU", "dropout", "max pooling", "flatten", "linear"], RULES[8][2]),
    ),
)
