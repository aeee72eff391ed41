"""What the layers of a network say: how many of their outputs are 0, how far they spread, what gradient arrives."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnnkit.course.kit.words import short
from cnnkit.losses import cross_entropy, cross_entropy_backward, softmax, softmax_backward
from cnnkit.network import Activation, Linear, Network


class Row(NamedTuple):
    """A Linear layer with the activation behind it."""

    layer: str
    zeros: float  # the share of the outputs that are exactly 0
    spread: float  # the outputs' standard deviation
    gradient: float  # the length of the weights' gradient


class Report(tuple[Row, ...]):
    """A row for each layer, from the input to the output."""

    def __repr__(self) -> str:
        words = [(row.layer, _percent(row.zeros), short(row.spread), short(row.gradient)) for row in self]
        lines = [("layer", "zeros", "spread", "gradient"), *words]
        width = max(len(line[0]) for line in lines)
        return "\n".join(f"{line[0]:<{width}}" + "".join(f"{word:>12}" for word in line[1:]) for line in lines)


def _percent(share: float) -> str:
    """A share in whole per cent; 100 % only where it is all."""
    return "> 99 %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"


def backpropagate(net: Network, x: np.ndarray, labels: np.ndarray, softmaxes: int = 0) -> float:
    """Send x forward and the error back; the loss. Each softmax before the loss is one more link of the chain."""
    with np.errstate(all="ignore"):
        scores = [net.forward(x, training=True)]
        for _ in range(softmaxes):
            scores.append(softmax(scores[-1], dim=1))
        dscores = cross_entropy_backward(1.0, scores[-1], labels)
        for before in scores[-2::-1]:
            dscores = softmax_backward(dscores, before, dim=1)
        net.backward(dscores)
        return float(cross_entropy(scores[-1], labels))


def report(net: Network, x: np.ndarray, labels: np.ndarray, softmaxes: int = 0) -> Report:
    """Send x forward and the error back, and look at each Linear layer and what its activation gives."""
    backpropagate(net, x, labels, softmaxes)
    rows = []
    for i, layer in enumerate(net.layers):
        if isinstance(layer, Linear):
            activated = i + 1 < len(net.layers) and isinstance(net.layers[i + 1], Activation)
            y = net.outputs[i + 1 + activated]  # outputs[0] is the input
            gradient = np.linalg.norm(layer.gradients["weight"])
            rows.append(Row(repr(layer), float((y == 0).mean()), float(y.std()), float(gradient)))
    return Report(rows)
