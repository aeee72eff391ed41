"""What comes back through new ReLU layers as PyTorch draws them, weights and biases."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from cnnkit.activations import relu, relu_backward
from cnnkit.course.gradients.inits_math import pytorch_default
from cnnkit.linear import linear


def default_gradient(depth: int = 50, width: int = 64, *, seed: int = 0, examples: int = 64) -> float:
    """The share of a random gradient's norm that arrives below `depth` new layers of torch.nn.Linear and ReLU.

    Weights and biases are those of PyTorch: both from U(−1/√width, 1/√width).

    >>> share = default_gradient()
    >>> 1e-21 < share < 1e-18, round(share ** (1 / 50), 1)
    (True, 0.4)
    """
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((examples, width))
    weights, sums = [], []
    for _ in range(depth):
        weights.append(pytorch_default(width, width, rng))
        sums.append(linear(a, weights[-1], rng.uniform(-1, 1, width) / np.sqrt(width)))
        a = relu(sums[-1])
    norms = [dy := rng.standard_normal(a.shape)]
    for weight, z in zip(reversed(weights), reversed(sums), strict=True):
        norms.append(dy := relu_backward(dy, z) @ weight)
    return float(np.prod([np.linalg.norm(below) / np.linalg.norm(above) for above, below in pairwise(norms)]))
