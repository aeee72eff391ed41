"""The exercises of notebook 06 that count parameters: without sharing, and with every input joined to every output."""

from __future__ import annotations

from cnnkit.course.kit.exercise import FunctionExercise, Mistake

# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def count_local(n, c, k, filters, p):
    o = n + 2 * p - k + 1
    return filters * o * o * (c * k * k + 1)


def count_dense(n, c, k, filters, p):
    o = n + 2 * p - k + 1
    return filters * o * o * (c * n * n + 1)


def count_cases():
    """Layers that shrink the image, keep it and enlarge it; grey and coloured ones."""
    plain = [(n, 1, k, 1, 0) for n, k in ((3, 2), (4, 3), (5, 3), (7, 3), (6, 2))]
    some = [
        (n, c, k, f, p) for n, k in ((5, 3), (8, 3), (9, 4), (32, 5)) for c in (1, 3) for f in (1, 4) for p in (0, 1, 2)
    ]
    return [*plain, *some, (32, 3, 5, 10, 2), (6, 2, 1, 3, 0), (6, 2, 1, 3, 1)]


def _side(n, k, p):
    return n + 2 * p - k + 1


def _once(n, k, p):
    """The side of a map if the padding were on one side only."""
    return n + p - k + 1


LOCAL = FunctionExercise(
    key="06.7",
    title="Count a layer without sharing",
    name="count_local",
    question=(
        "Write `count_local(n, c, k, filters, p)`: how many parameters, with biases, a locally connected layer has. It "
        "reads c channels of n×n pixels through k×k windows, with stride 1 and padding p, and makes as many maps as "
        "`filters` says. Each output pixel has a filter and a bias of its own."
    ),
    stub="def count_local(n, c, k, filters, p):\n    ...",
    hints=(
        "How large is a map? Lesson 05 has the formula: n + 2p − k + 1 at stride 1.",
        "One output pixel: a window in every channel, and a bias. How many numbers is that?",
        "filters · o · o pixels, each with c·k·k weights and 1 bias.",
    ),
    solution=count_local,
    praise="That is 778,240 for the layer of exercise 06.6, and 10,240 of them are biases. The convolution has 760.",
    cases=count_cases,
    neutral={"c": 1, "filters": 1, "p": 0},
    mistakes=(
        Mistake(
            lambda n, c, k, filters, p: filters * _side(n, k, 0) ** 2 * (c * k * k + 1),
            "You leave the padding out: with it a map has n + 2p − k + 1 pixels a side.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _once(n, k, p) ** 2 * (c * k * k + 1),
            "You add the padding once. It stands on both sides: n + 2p − k + 1.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * (_side(n, k, p) ** 2 * c * k * k + 1),
            "You count one bias for each map. Nothing is shared here: each place has a bias of its own.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _side(n, k, p) ** 2 * c * k * k,
            "The weights are right, the biases are missing: one for each output pixel.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _side(n, k, p) ** 2 * c * (k * k + 1),
            "You count one bias for each channel. A pixel's sum runs over all channels, and its one bias comes once.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _side(n, k, p) ** 2 * (k * k + 1),
            "You leave the channels out: a window reads k·k pixels in each of the c channels.",
        ),
        Mistake(
            lambda n, c, k, filters, p: _side(n, k, p) ** 2 * (c * k * k + 1),
            "That is one map. Each of the `filters` maps has filters of its own.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * n * n * (c * k * k + 1),
            "You count a filter for each pixel of the input. There is one for each of the output: fewer, or more.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * (c * k * k + 1),
            "That is the convolution: one filter for a whole map. Here each place of the map has its own.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * c * k * k,
            "That is the convolution, and without its biases: one filter for a whole map. Here each place has its own.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _side(n, k, p) ** 2 * (c * n * n + 1),
            "Your units read the whole image, as in a fully connected layer. Here each reads a window: c·k·k pixels.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _side(n, k, p) ** 2 * c * k * k + 1,
            "You add one bias for the whole layer. Each output pixel has a bias of its own.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * (_side(n, k, p) - 1) ** 2 * (c * k * k + 1),
            "Your maps are one pixel too small: the place where the window starts is an output too, n + 2p − k + 1.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _side(n, k, p) * (c * k * k + 1),
            "You take one side of the map. A map has o·o places.",
        ),
    ),
)

DENSE = FunctionExercise(
    key="06.8",
    title="Count a fully connected layer",
    name="count_dense",
    question=(
        "The same output, now from a fully connected layer. Write `count_dense(n, c, k, filters, p)`: how many "
        "parameters, biases included, if every number of the output is joined with every number of the input, and "
        "the output is as large as that of the convolution with these settings?"
    ),
    stub="def count_dense(n, c, k, filters, p):\n    ...",
    hints=(
        "The convolution's settings only say how large the output is: filters · o · o numbers.",
        "How many numbers does the input have? Padding is no input: zeros need no weights.",
        "Each output has c·n·n weights and 1 bias.",
    ),
    solution=count_dense,
    praise="That is 31,467,520 for the layer of exercise 06.6. Does such a layer know which pixels are neighbours?",
    cases=count_cases,
    neutral={"c": 1, "filters": 1, "p": 0},
    mistakes=(
        Mistake(
            lambda n, c, k, filters, p: filters * n * n * (c * n * n + 1),
            "You take n·n for the size of a map. The output is as large as the convolution's: n + 2p − k + 1 a side.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _side(n, k, 0) ** 2 * (c * n * n + 1),
            "You leave the padding out: it makes the output larger, n + 2p − k + 1 a side.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _once(n, k, p) ** 2 * (c * n * n + 1),
            "You add the padding once. It stands on both sides: n + 2p − k + 1.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _side(n, k, p) ** 2 * (c * (n + 2 * p) ** 2 + 1),
            "You give weights to the padding. It is always 0 and no part of the input: c·n·n numbers come in.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _side(n, k, p) ** 2 * (n * n + 1),
            "You leave the channels out: the input has c·n·n numbers.",
        ),
        Mistake(
            lambda n, c, k, filters, p: _side(n, k, p) ** 2 * (c * n * n + 1),
            "That is the output of one filter. There are `filters` maps of o·o numbers.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _side(n, k, p) ** 2 * c * n * n,
            "The weights are right, the biases are missing: one for each output.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * (_side(n, k, p) ** 2 * c * n * n + 1),
            "You count one bias for each map, as a convolution has them. Here each output has its own.",
        ),
        Mistake(
            lambda n, c, k, filters, p: count_local(n, c, k, filters, p),
            "That is the locally connected layer. Here an output reads all of the image, not a window.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * (c * k * k + 1),
            "That is the convolution: windows, and one filter for a map. Here every output reads all of the image.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * (c * n * n + 1),
            "That is one output for each filter. The convolution makes a map of o·o outputs with each.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * (_side(n, k, p) - 1) ** 2 * (c * n * n + 1),
            "Your maps are one pixel too small: the place where the window starts is an output too, n + 2p − k + 1.",
        ),
        Mistake(
            lambda n, c, k, filters, p: filters * _side(n, k, p) ** 2 * c * n * n + 1,
            "You add one bias for the whole layer. Each output has a bias of its own.",
        ),
        Mistake(
            lambda n, c, k, filters, p: c * n * n * filters * _side(n, k, p) ** 2 + c * n * n,
            "You count a bias for each input. A bias is added to a sum, and there is one sum for each output.",
        ),
    ),
)
