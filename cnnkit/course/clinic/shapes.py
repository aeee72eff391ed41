"""Case B: a small CNN whose first padding decides whether its shapes fit."""

from __future__ import annotations

import numpy as np

from cnnkit.network import Activation, Conv2d, Flatten, Linear, MaxPool2d, Network
from cnnkit.tracing import Trace, trace


def case_b(padding: int) -> Trace:
    """Build it and trace it; a ValueError where a layer is given another shape than it takes."""
    layers = [Conv2d(1, 8, 5, padding=padding), Activation("relu"), MaxPool2d(2), Flatten(), Linear(128, 10)]
    return trace(Network(layers, rng=np.random.default_rng(0)), (1, 1, 8, 8))
