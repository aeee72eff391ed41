"""What an output depends on, found by torch's autograd."""

from typing import Any

import numpy as np
import torch
from torch import nn


def gradient_support(layer: nn.Module, shape: tuple[int, ...], output: Any = ...) -> np.ndarray:
    """Which pixels of an image of this shape the chosen outputs depend on: where the gradient is not 0."""
    x = torch.zeros(1, *shape, dtype=torch.float64, requires_grad=True)
    layer(x)[output].sum().backward()
    assert x.grad is not None
    return x.grad[0].abs().sum(0).numpy() > 0


def positive(layer: nn.Module) -> nn.Module:
    """The layer in float64 with positive weights, so that no gradient cancels."""
    layer.double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.uniform_(0.1, 1.0)
    return layer
