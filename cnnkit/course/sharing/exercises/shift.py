"""The exercise of notebook 06 on what moves along with the input, at the border and with a stride."""

from __future__ import annotations

from cnnkit.course.kit.exercise import FunctionExercise, Mistake

# The solution is printed in the notebook, so it looks like the stub: no type hints.


def followed(n, k, s, d):
    if d % s:
        return 0
    outputs = (n - k) // s + 1
    return max(outputs - abs(d) // s, 0)


def shift_cases():
    """Moves in both directions; by whole strides and not; so far that nothing is left."""
    plain = [(n, k, 1, d) for n, k in ((6, 3), (8, 1), (9, 4)) for d in (0, 1, 2, -1, -3, 7)]
    return plain + [
        (n, k, s, d) for n, k in ((8, 3), (9, 3), (12, 5)) for s in (2, 3) for d in (0, 2, 3, 4, -4, -6, 1, 12)
    ]


SHIFT = FunctionExercise(
    key="06.4",
    title="Which outputs move along",
    name="followed",
    question=(
        "A row of n pixels is moved by d places, to the right or (negative d) to the left; zeros come in. The same "
        "kernel of size k with stride s, without padding, reads it before and after. Write `followed(n, k, s, d)`: how "
        "many outputs of the moved row are those of the row before, moved on by d/s places, whatever the pixels and "
        "weights are? If d/s is not a whole number, none are."
    ),
    stub="def followed(n, k, s, d):\n    ...",
    hints=(
        "First stride 1: how many outputs are there? And at which end do windows see zeros that came in?",
        "Without padding there are n − k + 1 outputs. A move by d pushes d of them out at one end.",
        "Stride s: there are (n − k)//s + 1 outputs, and |d|/s of them are lost. No number of outputs is negative.",
    ),
    solution=followed,
    praise="Away from the border, a convolution with stride 1 follows every shift. Which shifts does s = 2 not follow?",
    cases=shift_cases,
    neutral={"s": 1, "d": 0},
    mistakes=(
        Mistake(
            lambda n, k, s, d: 0 if d % s else (n - k) // s + 1,
            "You count all outputs. At one end zeros come in: the outputs there have no partner before the move.",
        ),
        Mistake(
            lambda n, k, s, d: 0 if d % s else max(n - abs(d) // s, 0),
            "You take n for the number of outputs. Without padding there are (n − k)//s + 1.",
        ),
        Mistake(
            lambda n, k, s, d: max((n - k) // s + 1 - abs(d) // s, 0),
            "With a stride the windows stop at every s-th pixel only. After other moves no window sees what one saw.",
        ),
        Mistake(
            lambda n, k, s, d: 0 if d % s else max((n - k) // s + 1 - abs(d), 0),
            "The input moves by d pixels, but the output only by d/s places: so many are lost.",
        ),
        Mistake(
            lambda n, k, s, d: 0 if d % s else (n - k) // s + 1 - abs(d) // s,
            "Right until the row has moved out altogether: then your number is negative, and 0 outputs are left.",
        ),
        Mistake(
            lambda n, k, s, d: 0 if d % s else min(max((n - k) // s + 1 - d // s, 0), (n - k) // s + 1),
            "To the left outputs are lost as well: take |d|.",
        ),
        Mistake(
            lambda n, k, s, d: 0 if d % s or d < 0 else max((n - k) // s + 1 - d // s, 0),
            "To the left outputs move along as they do to the right: take |d|.",
        ),
        Mistake(
            lambda n, k, s, d: 0 if d % s else max(-(-(n - k) // s) + 1 - abs(d) // s, 0),
            "You round the number of outputs up. A last window that does not fit makes none: (n − k)//s + 1.",
        ),
        Mistake(
            lambda n, k, s, d: 0 if d % s else max((n - k) // s - abs(d) // s, 0),
            "One too few: the place where the window starts is an output too.",
        ),
        Mistake(
            lambda n, k, s, d: 0 if d % s else max((n - k) // s + 1 - 2 * (abs(d) // s), 0),
            "You take both ends away. Zeros come in at one end only; at the other end pixels leave, and what is still "
            "there is seen as before.",
        ),
    ),
)
