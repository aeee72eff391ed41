"""The exercise of notebook 03 on the way back: it knows a mask that was drawn anew, whatever was drawn."""

from __future__ import annotations

import numpy as np

from cnnkit.course.dropout.exercises.draws import MaskedExercise
from cnnkit.course.kit.exercise import Mistake

FRESH = (
    "You draw a new mask. The gradient must pass where the forward let the number pass, and nowhere else: use the "
    "mask that the forward drew."
)


# The solution is printed in the notebook, so it looks like the stub: no type hints.


def dropout_backward(dy, mask, p):
    return dy * mask / (1 - p)


def backward_cases():
    """Masks that keep some and drop some; no zeros in dy; p = 0 keeps all; two twins of the last case."""
    rng = np.random.default_rng(34)
    cases = [(np.array([4.0, -2.0, 6.0]), np.array([1.0, 0.0, 1.0]), 0.5)]
    for shape, p in (((4,), 0.2), ((2, 3), 0.75), ((3, 4), 0.5), ((5, 5), 0.9), ((3,), 0.0), ((40,), 0.3)):
        mask = (rng.random(shape) >= p).astype(float)
        mask.flat[:1], mask.flat[1:2] = 1.0, float(p == 0)
        cases.append((rng.integers(1, 90, shape) * rng.choice([-0.1, 0.1], shape), mask, p))
    return [*cases, cases[-1], (cases[-1][0], cases[-1][1][::-1].copy(), cases[-1][2])]


def _fresh(dy, mask, p):
    return dy * (np.random.default_rng(0).random(dy.shape) >= p) / (1 - p)


def _in_place(dy, mask, p):
    dy *= mask / (1 - p)
    return dy


BACKWARD = MaskedExercise(
    key="03.4",
    title="Backward through the mask",
    name="dropout_backward",
    question=(
        "The forward was y = mask · x / (1 − p), entry by entry, with a `mask` of zeros and ones. Given `dy`, the "
        "gradient with respect to y, write `dropout_backward(dy, mask, p)`: the gradient with respect to x, in a new "
        "array."
    ),
    stub="def dropout_backward(dy, mask, p):\n    ...",
    hints=(
        "For one entry, y = c·x with a number c. What is dy/dx?",
        "c is 0 where the entry was dropped and 1/(1 − p) where it was kept. The gradient takes the same c.",
    ),
    solution=dropout_backward,
    praise="The forward once more, with dy for x. The weights that lead to a dropped unit get a gradient of exactly 0.",
    cases=backward_cases,
    neutral={"p": 0.0},
    through=lambda dy, mask, p: (dy, mask),
    drawn=FRESH,
    mistakes=(
        Mistake(
            lambda dy, mask, p: dy * mask,
            "The scale is missing: the forward divided by 1 − p, and a factor of the forward is one of the backward.",
        ),
        Mistake(
            lambda dy, mask, p: dy / (1 - p),
            "The mask is missing: where an entry was dropped, y does not depend on x, and nothing comes back.",
        ),
        Mistake(
            lambda dy, mask, p: dy * mask * (1 - p),
            "You undo the division. The backward is not the inverse: y = x/(1 − p) has the slope 1/(1 − p).",
        ),
        Mistake(
            lambda dy, mask, p: dy * mask / (1 - p) ** 2,
            "You scale twice. The forward divided by 1 − p once, and so does the backward.",
        ),
        Mistake(
            lambda dy, mask, p: dy * (1 - mask) / (1 - p),
            "You pass the gradient to what was dropped. A mask of 1 means kept.",
        ),
        Mistake(
            lambda dy, mask, p: dy * (1 - mask),
            "You pass the gradient to what was dropped, and without a scale. A mask of 1 means kept, and what is kept "
            "is divided by 1 − p.",
        ),
        Mistake(
            lambda dy, mask, p: dy * mask / p if p else dy,
            "You divide by p, the share dropped. The forward divided by the share kept, 1 − p.",
        ),
        Mistake(
            lambda dy, mask, p: dy * mask / mask.mean(),
            "You divide by the share that this mask happens to keep. The forward divided by 1 − p.",
        ),
        Mistake(
            lambda dy, mask, p: dy.copy(),
            "You pass everything on, as when testing. In training the forward had a mask and a scale.",
        ),
        Mistake(_fresh, FRESH),
        Mistake(_in_place, "Your function changes its input `dy`"),
    ),
)
