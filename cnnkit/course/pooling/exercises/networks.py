"""The exercises of notebook 04 on whole networks: what they learn, and how far their units see."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import is_int
from cnnkit.course.kit.exercise import FunctionExercise, Mistake, ValueExercise
from cnnkit.course.kit.exercise_words import array, called, show

# Conv 3 → 16 and 16 → 32, 3 x 3 with biases, each with 2 x 2 pooling behind it; global average pooling; Linear 32 → 10
FIRST, SECOND, LAST = 3 * 16 * 9 + 16, 16 * 32 * 9 + 32, 32 * 10 + 10
RIGHT = FIRST + SECOND + LAST
KNOWN = {
    FIRST + SECOND + 8 * 8 * 32 * 10 + 10: "That is with flatten: 8·8·32 numbers into the last layer. Global average "
    "pooling leaves one number for each of the 32 channels.",
    FIRST + SECOND + 32 * 32 * 32 * 10 + 10: "That is with flatten and no pooling at all: 32·32·32 numbers. Global "
    "average pooling leaves one number for each of the 32 channels.",
    RIGHT - 16 - 32 - 10: "The biases are missing: one for each filter and for each of the ten outputs.",
    RIGHT - 16 - 32: "The biases of the convolutions are missing: one for each filter.",
    RIGHT - 10: "The biases of the last layer are missing: one for each of the ten outputs.",
    RIGHT + 2 * 4: "You count 2·2 weights for each pooling. A maximum has no weights, whatever the size of its window.",
    RIGHT + 4 * 16 + 4 * 32: "You count a 2·2 kernel per channel for each pooling. A maximum has no weights.",
    9 * 16 + 16 + 9 * 32 + 32 + LAST: "A filter has 3·3 weights for every channel of its input, not 3·3 in all.",
    FIRST + SECOND: "The last layer is missing: it has weights, too.",
    FIRST + SECOND + 20: "Global average pooling leaves one number per channel, 32 of them, not one in all.",
    LAST: "You count the last layer only. The convolutions have filters.",
}


def one_number(answer: Any) -> Any:
    """A whole float, or an array or a tensor of one whole number, as an int; everything else as it is."""
    numbers = array(answer)
    if isinstance(answer, (bool, str, list, tuple)) or numbers is None or numbers.size != 1:
        return answer
    value = numbers.reshape(-1)[0]
    whole = value.dtype.kind in "iuf" and bool(np.isfinite(value)) and value == np.rint(value)
    return int(value) if whole else answer


def judge_parameters(answer: Any) -> str:
    """How many numbers the small network of the question learns."""
    answer = one_number(answer)
    if isinstance(answer, (list, tuple)):
        return "One number is asked for, that of the whole network."
    if not is_int(answer):
        return f"A whole number is asked for; this is {called(answer)}."
    if answer == RIGHT:
        return ""
    if answer in KNOWN:
        return KNOWN[answer]
    number = show(int(answer)) if abs(answer) < 10**12 else "So many"
    return f"{number} is not it. Layer by layer: what does each filter see, and how many filters are there?"


PARAMETERS = ValueExercise(
    key="04.8",
    title="What a small network learns",
    name="parameters",
    question=(
        "A network for pictures of 32 × 32 pixels with 3 channels and for 10 classes, all its layers with biases:\n\n"
        "1. `Conv2d(3, 16, 3, padding=1)`, ReLU, `MaxPool2d(2)`\n"
        "2. `Conv2d(16, 32, 3, padding=1)`, ReLU, `MaxPool2d(2)`\n"
        "3. global average pooling, then `Linear(…, 10)`\n\n"
        "How many parameters does it have?"
    ),
    stub="parameters = ...",
    hints=(
        "A convolution has K·(C·k·k + 1) parameters. What of that depends on the size of the picture?",
        "What comes out of the global average pooling: which shape, for one picture?",
        "3·16·9 + 16 for the first, 16·32·9 + 32 for the second; the last one takes 32 numbers.",
    ),
    solution=RIGHT,
    praise=(
        "448 + 4,640 + 330. With flatten instead of the global average the last layer alone has 20,490. "
        "For pictures of 64 × 64, which of the two changes?"
    ),
    judge=judge_parameters,
    mistakes=(
        *(Mistake(number, words) for number, words in KNOWN.items()),
        Mistake([448, 4640, 330], "One number is asked for"),
        Mistake(5418.5, "A whole number is asked for"),
    ),
)


# The solution is printed in the notebook, so it looks like the stub: no type hints.


def field(layers):
    r, jump = 1, 1
    for k, s in layers:
        r = r + (k - 1) * jump
        jump = jump * s
    return r


def field_cases():
    """Stacks of convolutions (stride 1), strided ones, and poolings."""
    stacks = [[(3, 1)], [(2, 2)], [(3, 1), (3, 1)], [(3, 1), (2, 2)], [(2, 2), (3, 1)], [(5, 2), (3, 1)]]
    stacks += [[(3, 1), (2, 2)] * times for times in (2, 3, 4)]
    stacks += [[(7, 2), (3, 2), (3, 1), (3, 1)], [(11, 4), (3, 2), (5, 1), (3, 2)], [(1, 2), (3, 1)], [(3, 1)] * 6]
    stacks += [[(2, 2)] * 3, [(3, 2)] * 4, [(4, 3), (2, 1), (5, 2), (1, 1), (3, 1)]]
    return [(stack,) for stack in stacks]


def _jump_first(layers: list) -> int:
    r, jump = 1, 1
    for k, s in layers:
        jump *= s
        r += (k - 1) * jump
    return r


def _jumps_added(layers: list) -> int:
    r, jump = 1, 1
    for k, s in layers:
        r += (k - 1) * jump
        jump += s - 1
    return r


def _jump_is_the_stride(layers: list) -> int:
    r, jump = 1, 1
    for k, s in layers:
        r += (k - 1) * jump
        jump = s
    return r


def _product(layers: list) -> int:
    r = 1
    for k, _ in layers:
        r *= k
    return r


FIELD = FunctionExercise(
    key="04.5",
    title="How far a unit sees through poolings",
    name="field",
    question=(
        "Write `field(layers)`: how many input pixels, along one axis, one output of the last layer sees. `layers` is "
        "a list of pairs `(k, s)`, window size and stride, first layer first; a convolution and a pooling look the "
        "same here."
    ),
    stub="def field(layers):\n    ...",
    hints=(
        "Without strides every layer adds k − 1 pixels. What changes behind a layer with stride 2?",
        "Neighbours in the output of a stride-2 layer look 2 input pixels apart. Keep that distance: the jump.",
        "Start with r = 1 and jump = 1. For each layer: r grows by (k − 1)·jump, and then the jump by the factor s.",
    ),
    solution=field,
    praise="A pooling adds one jump itself; what it does to all layers behind it is more: it doubles what they add.",
    cases=field_cases,
    mistakes=(
        Mistake(
            lambda layers: 1 + sum(k - 1 for k, s in layers),
            "You leave the jump out: behind a layer with stride s, neighbours lie s input pixels apart, and every step "
            "of a kernel is that long.",
        ),
        Mistake(
            _jump_first,
            "A layer's own stride counts too early: its window still moves over the neighbours before it. First r, "
            "then the jump.",
        ),
        Mistake(
            lambda layers: field([(k + 1, s) for k, s in layers]),
            "You add k jumps for each layer. Between k pixels lie k − 1 steps; the first one is there already.",
        ),
        Mistake(
            lambda layers: field([(k, s) for k, s in layers if s == 1]),
            "You leave out the layers with a stride. A pooling has no weights, but it sees k pixels, and it sets the "
            "layers behind it further apart.",
        ),
        Mistake(
            lambda layers: field(layers[::-1]),
            "You go through the layers from the last to the first. With this rule the jump is that of all layers "
            "before: start at the input.",
        ),
        Mistake(
            _jumps_added,
            "You add the strides up. Two layers with stride 2 make a jump of 4 and three of 8: multiply.",
        ),
        Mistake(
            _jump_is_the_stride,
            "Your jump is the stride of the layer before alone. It is the product of all strides so far: "
            "`jump = jump * s`.",
        ),
        Mistake(
            lambda layers: sum(k for k, s in layers),
            "You add up the kernel sizes. A layer adds k − 1 steps, and each step is as long as the jump.",
        ),
        Mistake(
            lambda layers: field(layers) - 1,
            "Always one too few: before the first layer a unit sees one pixel, not none. Start with r = 1.",
        ),
        Mistake(
            _product,
            "You multiply the kernel sizes. Neighbouring windows overlap, so each layer adds (k − 1)·jump.",
        ),
    ),
)
