"""The exercise of notebook 06 that counts a depthwise-separable convolution."""

from __future__ import annotations

from cnnkit.course.kit.exercise import FunctionExercise, Mistake

# The solution is printed in the notebook, so it looks like the stub: no type hints.


def count_separable(c, k, filters):
    depthwise = c * k * k
    pointwise = c * filters
    return depthwise + pointwise


def separable_cases():
    """Few channels and many, windows of one pixel and more; never as many maps as channels at first."""
    plain = [(3, 3, 4), (2, 3, 5), (64, 3, 128), (5, 2, 1), (1, 3, 6)]
    return plain + [(c, k, filters) for c in (1, 4, 32) for k in (1, 3, 5) for filters in (1, 8, 64)]


SEPARABLE = FunctionExercise(
    key="06.5",
    title="Count a depthwise-separable convolution",
    name="count_separable",
    question=(
        "Write `count_separable(c, k, filters)`: how many weights a depthwise-separable convolution has. The first "
        "step filters each of the c channels with a k×k filter of its own. The second makes `filters` maps, each a "
        "weighted sum of the c results. Neither has biases."
    ),
    stub="def count_separable(c, k, filters):\n    ...",
    hints=(
        "Look at the drawing above: how many lines has each of the two steps, and how many weights has a line?",
        "The first step has one k×k filter a channel. The second is a 1×1 convolution.",
        "c·k·k weights, then c·filters.",
    ),
    solution=count_separable,
    praise="For 3×3 windows and many maps it is about a ninth of an ordinary convolution. Why not less?",
    cases=separable_cases,
    mistakes=(
        Mistake(
            lambda c, k, filters: c * k * k * filters,
            "That is the ordinary convolution: a k×k filter for each pair of a channel and a map.",
        ),
        Mistake(
            lambda c, k, filters: k * k + c * filters,
            "You use one k×k filter for all channels. Each of the c channels has its own.",
        ),
        Mistake(
            lambda c, k, filters: c * k * k + filters,
            "The second step has a weight for each pair of a channel and a map: c·filters of them.",
        ),
        Mistake(
            lambda c, k, filters: c * k * k * c + c * filters,
            "Your first filters read all channels. A depthwise filter reads one channel only: k·k weights.",
        ),
        Mistake(
            lambda c, k, filters: c * k * k + c * k * k * filters,
            "Your second step has k×k windows. It is pointwise: one weight for each channel, 1×1.",
        ),
        Mistake(
            lambda c, k, filters: filters * k * k + c * filters,
            "You count a k×k filter for each map. The first step has one for each channel of the input.",
        ),
        Mistake(
            lambda c, k, filters: c * k * k * c * filters,
            "You multiply the two steps. Each has weights of its own: add them.",
        ),
        Mistake(
            lambda c, k, filters: c * k * k + c * filters + c + filters,
            "You count biases as well. Here neither step has any.",
        ),
        Mistake(
            lambda c, k, filters: c * k + c * filters,
            "A window has k·k weights, not k.",
        ),
        Mistake(
            lambda c, k, filters: c * k * k,
            "That is the first step alone. The 1×1 convolution behind it has weights, too.",
        ),
        Mistake(
            lambda c, k, filters: c * filters,
            "That is the second step alone. The filters of the first have weights, too.",
        ),
    ),
)
