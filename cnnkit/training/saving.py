"""A torch model's weights in a file of plain arrays, as `cnnkit.network.save_weights` writes them: never a pickle."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from cnnkit.network.saving import read_arrays, write_arrays

COUNTER = "num_batches_tracked"  # torch's batch norm counts its batches; nothing here depends on it


def save_weights(model: nn.Module, path: str | Path) -> None:
    """Write `model.state_dict()`; a file that is already there is replaced only once the new one is complete."""
    kept = {name: tensor for name, tensor in model.state_dict().items() if not name.endswith(COUNTER)}
    write_arrays(path, {name: tensor.detach().cpu().numpy() for name, tensor in kept.items()})


def load_weights(model: nn.Module, path: str | Path) -> None:
    """Give `model` the weights of a file, one that a `Network` of the same layers has written included.

    Errors: ValueError if the file holds anything but arrays, or the weights of another model.
    """
    arrays, own = read_arrays(path), model.state_dict()
    needed = [name for name in own if not name.endswith(COUNTER)]
    missing = [name for name in needed if name not in arrays] + [name for name in arrays if name not in own]
    if missing:
        raise ValueError(f"{path} must hold {', '.join(needed)}, got {', '.join(arrays) or 'nothing'}")
    for name, array in arrays.items():
        if array.shape != tuple(own[name].shape):
            raise ValueError(f"{name} must have shape {tuple(own[name].shape)}, got {array.shape} in {path}")
    model.load_state_dict(own | {name: torch.as_tensor(array) for name, array in arrays.items()})
