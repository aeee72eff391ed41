"""What a ReLU lets a network express: straight pieces of a function of one number, counted exactly."""

from __future__ import annotations

import numpy as np

from cnnkit.network import Activation, Linear, Network, mlp


def collapse(net: Network) -> tuple[np.ndarray, np.ndarray]:
    """The one weight and bias that a stack of Linear layers equals.

    >>> rng = np.random.default_rng(0)
    >>> weight, bias = collapse(Network([Linear(3, 9), Linear(9, 2)], rng=rng))
    >>> weight.shape, bias.shape
    ((2, 3), (2,))
    """
    weight, bias = np.eye(_shape(net)), np.zeros(_shape(net))
    for layer in net.layers:
        if not isinstance(layer, Linear):
            raise ValueError(f"only Linear layers can be multiplied together, got {layer!r}")
        w = layer.parameters["weight"]
        weight, bias = w @ weight, w @ bias + layer.parameters["bias"]
    return weight, bias


def _shape(net: Network) -> int:
    return net.layers[0].parameters["weight"].shape[1]


def breakpoints(net: Network, low: float, high: float) -> np.ndarray:
    """Where the function of one number that `net` computes may change its slope between `low` and `high`.

    Between two neighbours of `points` everything computed so far is straight. A ReLU bends each of its inputs where
    that crosses 0, and nowhere else; so each layer adds the crossings of its pre-activations.
    """
    points = np.array([low, high], dtype=float)
    values = points[:, None]
    for layer in net.layers:
        if isinstance(layer, Activation):
            crossings = _crossings(points, values)
            more = np.unique(np.concatenate([points, crossings]))
            values = np.stack([np.interp(more, points, column) for column in values.T], axis=1)
            points = more
        values = layer.forward(values)
    return points


def _crossings(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Where the straight pieces between neighbouring points pass through 0."""
    before, after = values[:-1], values[1:]
    at, _ = np.nonzero(before * after < 0)
    crossing = before * after < 0
    share = before[crossing] / (before[crossing] - after[crossing])
    return points[at] + share * (points[at + 1] - points[at])


def count_pieces(net: Network, low: float, high: float) -> int:
    """How many straight pieces, of different slope from one to the next, the net's function has in [low, high]."""
    points = breakpoints(net, low, high)
    points = points[np.concatenate([[True], np.diff(points) > 1e-12 * (high - low)])]
    y = net.forward(points[:, None])[:, 0]
    slopes = np.diff(y) / np.diff(points)
    return int(1 + (np.abs(np.diff(slopes)) > 1e-6 * np.abs(slopes).max()).sum())


def folding(depth: int) -> Network:
    """A net that folds [0, 1] in two, `depth` times: 2 units a layer, tent(x) = 2·relu(x) − 4·relu(x − 1/2).

    Reference: Telgarsky (2015), Representation benefits of deep feedforward networks, section 2.

    >>> [count_pieces(folding(depth), 0, 1) for depth in (1, 2, 3, 4)]
    [2, 4, 8, 16]
    """
    rng = np.random.default_rng(0)
    net = mlp([1, *[2] * depth, 1], "relu", rng=rng)
    for layer in net.layers[::2]:
        fan_out, fan_in = layer.parameters["weight"].shape
        incoming = np.array([[2.0, -4.0]]) if fan_in == 2 else np.array([[1.0]])
        layer.parameters["weight"] = np.repeat(incoming, fan_out, axis=0)
        layer.parameters["bias"] = np.array([0.0, -0.5]) if fan_out == 2 else np.zeros(1)
    return net


def random_pieces(depth: int, width: int, seed: int, *, reach: float = 3.0) -> int:
    """The pieces of a He-initialised net with random biases too, for inputs between −reach and reach."""
    rng = np.random.default_rng(seed)
    net = mlp([1, *[width] * depth, 1], "relu", rng=rng)
    for layer in net.layers[::2]:
        layer.parameters["bias"] = rng.standard_normal(layer.parameters["bias"].shape)
    return count_pieces(net, -reach, reach)
