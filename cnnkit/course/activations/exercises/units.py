"""The exercises of notebook 01 on units: which are dead, and how many paths are active."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.exercise import FunctionExercise, Mistake

# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def dead_share(y):
    return (y == 0).all(axis=0).mean()


def dead_cases():
    """Outputs of ReLU with dead units, and of leaky ReLU: with negative ones, and with units that add up to 0."""
    rng = np.random.default_rng(13)
    cases = [(np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 1.0]]),), (np.array([[-0.5, 0.0], [0.5, 0.0], [-0.25, 0.0]]),)]
    for inputs, units in ((3, 4), (5, 4), (6, 7), (20, 30)):
        y = np.maximum(rng.integers(-6, 4, size=(inputs, units)), 0).astype(float)
        y[:, rng.integers(units)] = 0.0
        y[rng.integers(inputs)] = 0.0  # an input on which every unit is silent
        cases += [(y,)]
        leaky = rng.integers(-4, 1, size=(inputs, units)) / 8
        leaky[:2, 0], leaky[2:, 0] = (0.5, -0.5), 0.0
        cases += [(leaky,)]
    return cases


DEAD = FunctionExercise(
    key="01.3",
    title="Count the dead units",
    name="dead_share",
    question=(
        "`y` holds the outputs of one layer, a row for each input and a column for each unit: shape (N, units). Write "
        "`dead_share(y)`: the share of units, from 0 to 1, that are exactly 0 on every input."
    ),
    stub="def dead_share(y):\n    ...",
    hints=(
        "A unit that is 0 on this input may fire on the next one. Which of NumPy's `any` and `all` do you need?",
        "`y == 0` is a table of True and False. Dead is a column in which all are True.",
        "`all(axis=0)` goes down the columns and gives one True or False for each unit. Then their share.",
    ),
    solution=dead_share,
    praise="A unit that is dead on the training set gets no gradient from it. Could it still fire on the test set?",
    cases=dead_cases,
    mistakes=(
        Mistake(
            lambda y: (y == 0).mean(),
            "That is the share of zeros, over all units and inputs: sparsity. A unit that is 0 on some inputs only is "
            "not dead.",
        ),
        Mistake(
            lambda y: (y == 0).any(axis=0).mean(),
            "You count units that are 0 on at least one input. Dead are those that are 0 on all of them.",
        ),
        Mistake(
            lambda y: (y == 0).all(axis=1).mean(),
            "The axes have changed places: this is the share of inputs on which every unit is silent.",
        ),
        Mistake(
            lambda y: (y == 0).all(axis=0).sum(),
            "That is how many units are dead. Their share is asked for: divide by the number of units.",
        ),
        Mistake(
            lambda y: (y == 0).all(axis=0).sum() / len(y),
            "You divide by the number of inputs, `len(y)`. The units are the columns: `y.shape[1]`.",
        ),
        Mistake(
            lambda y: (y <= 0).all(axis=0).mean(),
            "You count units that are never positive. A leaky ReLU gives small negative numbers: such a unit still "
            "says something and still learns. Dead is exactly 0.",
        ),
        Mistake(
            lambda y: (y.max(axis=0) == 0).mean(),
            "You ask whether the largest output is 0. That is enough for a ReLU. A leaky unit may be negative on some "
            "inputs and 0 on one: it is not dead.",
        ),
        Mistake(
            lambda y: 100 * (y == 0).all(axis=0).mean(),
            "That is the share in per cent. Asked for is the share itself, from 0 to 1.",
        ),
        Mistake(
            lambda y: (y.sum(axis=0) == 0).mean(),
            "You ask whether the column adds up to 0. Numbers of both signs can cancel; look at each of them.",
        ),
        Mistake(
            lambda y: (np.abs(y).mean(axis=0) < 1).mean(),
            "You count units that are small on average. Dead means exactly 0 on every input, nothing less.",
        ),
        Mistake(lambda y: (y[0] == 0).mean(), "You look at the first input only: these units are silent on that one."),
        Mistake(
            lambda y: 1 - (y == 0).all(axis=0).mean(),
            "That is the share of units that are alive. One minus it is asked for.",
        ),
    ),
)


def active_paths(masks):
    return masks.mean(axis=1).prod()


def path_cases():
    """Layers of equal width, some nearly silent, one with a layer that is silent altogether."""
    rng = np.random.default_rng(15)
    cases = [(np.array([[1, 1], [1, 0], [0, 1]]),), (np.array([[1, 0, 0], [1, 1, 0]]),)]
    for layers, units in ((1, 5), (3, 4), (4, 3), (5, 8), (6, 10)):
        share = rng.uniform(0.4, 0.9)
        cases += [((rng.random((layers, units)) < share).astype(int),)]
    return [*cases, (np.array([[1, 1, 1], [0, 0, 0], [1, 0, 1]]),)]


PATHS = FunctionExercise(
    key="01.5",
    title="Units and paths",
    name="active_paths",
    question=(
        "For one input, `masks` says which ReLUs are active: a row for each layer, a column for each unit, 1 for "
        "active and 0 for silent. Every unit is connected to every unit of the next layer. A path takes one unit of "
        "each layer, from the first to the last. Write `active_paths(masks)`: the share of all paths on which every "
        "unit is active."
    ),
    stub="def active_paths(masks):\n    ...",
    hints=(
        "With 2 layers of 2 units there are 4 paths. How many are active if one unit of each layer is?",
        "The number of active paths is the product of the numbers of active units. And of all paths?",
        "The share of paths is the product over the layers of the share of active units.",
    ),
    solution=active_paths,
    praise="Half of the units active in each of 10 layers: that is still half of all units, but 1 path in 1024.",
    cases=path_cases,
    mistakes=(
        Mistake(
            lambda masks: masks.mean(),
            "That is the share of active units. A path needs an active unit in every layer, so the shares multiply.",
        ),
        Mistake(
            lambda masks: 0.5 ** len(masks),
            "You take one half for each layer. That is what random weights give on average; here the masks say how "
            "many units are active.",
        ),
        Mistake(
            lambda masks: masks.mean() ** len(masks),
            "You take the average share to the power of the number of layers. It is the product of the layers' own "
            "shares, and those differ.",
        ),
        Mistake(
            lambda masks: masks.all(axis=0).mean(),
            "You follow only the paths that stay in one column. A path may take any unit in each layer.",
        ),
        Mistake(
            lambda masks: masks.mean(axis=0).prod(),
            "The axes have changed places: you multiply the shares of the columns. The layers are the rows.",
        ),
        Mistake(
            lambda masks: masks.sum(axis=1).prod(),
            "That is the number of active paths. Divide by the number of all paths, units to the power of layers.",
        ),
        Mistake(
            lambda masks: masks.mean(axis=1).min(),
            "You take the narrowest layer. Each further layer takes away paths as well: multiply.",
        ),
        Mistake(
            lambda masks: masks[-1].mean(),
            "You look at the last layer only. A path also needs an active unit in each layer before it.",
        ),
        Mistake(
            lambda masks: 1 - (1 - masks.mean(axis=1)).prod(),
            "This counts paths with at least one active unit. One silent unit is enough to stop the gradient.",
        ),
    ),
)
