"""What several topics say of an activation: its slope, where that is steepest, and PyTorch's class."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit.network import Activation

STEEPEST = {  # the greatest slope, with the options' defaults
    "identity": 1.0, "relu": 1.0, "leaky_relu": 1.0, "prelu": 1.0, "rrelu": 1.0, "elu": 1.0, "gelu": 1.1289,
    "silu": 1.0998, "sigmoid": 0.25, "tanh": 1.0, "softplus": 1.0, "hardtanh": 1.0,
    "hardsigmoid": 1 / 6, "hardswish": 1.5, "mish": 1.0885, "selu": 1.7581, "softsign": 1.0,
}  # fmt: skip
TORCH = {  # in torch.nn; not rrelu, which draws slopes of its own, nor hardsigmoid, whose slope is always a float32
    "identity": "Identity", "relu": "ReLU", "leaky_relu": "LeakyReLU", "prelu": "PReLU", "elu": "ELU", "gelu": "GELU",
    "silu": "SiLU", "sigmoid": "Sigmoid", "tanh": "Tanh", "softplus": "Softplus", "hardtanh": "Hardtanh",
    "hardswish": "Hardswish", "mish": "Mish", "selu": "SELU", "softsign": "Softsign",
}  # fmt: skip


def slope(activation: str, z: Any, **options: Any) -> np.ndarray:
    """f'(z): the factor that one unit multiplies the gradient with.

    >>> slope("relu", [-1.0, 2.0])
    array([0., 1.])
    """
    layer, z = Activation(activation, **options), np.asarray(z, float)
    layer.forward(z)
    return layer.backward(np.ones_like(z))
