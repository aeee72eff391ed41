"""What a torch model's weights start with: the initialisations of `cnnkit.network`, drawn by torch."""

from __future__ import annotations

import torch
from torch import nn

from cnnkit._arguments import choice

INITS = {
    "he": lambda weight, generator: nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator),
    "xavier": lambda weight, generator: nn.init.xavier_normal_(weight, generator=generator),
}


def draw_weights(model: nn.Module, generator: torch.Generator, init: str = "he") -> None:
    """Start every convolution and every linear layer of `model` anew: random weights, biases of 0.

    Two models whose layers have the same shapes start alike from generators of one seed, whatever lies between them.
    """
    draw = INITS[choice("init", init, tuple(INITS))]
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            draw(layer.weight, generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
