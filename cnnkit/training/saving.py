"""A torch model's weights in a file of plain arrays, as `cnnkit.network.save_weights` writes them: never a pickle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from cnnkit._arguments import given
from cnnkit.network.network import refuse_changed
from cnnkit.network.saving import read_arrays, write_arrays

IN_NUMPY = (torch.float16, torch.float32, torch.float64)


def save_weights(model: nn.Module, path: str | Path) -> None:
    """Write `model.state_dict()`; a file that is already there is replaced only once the new one is complete.

    Floats that NumPy has no type for, such as bfloat16, are written as float32, which holds each of them. The counter
    of batches that batch norm keeps is left out where nothing depends on it: unless momentum is None.

    Errors: ValueError if the state holds anything but tensors of numbers: sparse or quantised ones, a model's extra
    state. Nothing is written then.
    """
    idle = _idle_counters(_module(model))
    write_arrays(path, {name: _array(name, value) for name, value in model.state_dict().items() if name not in idle})


def load_weights(model: nn.Module, path: str | Path) -> None:
    """Give `model` the weights of a file, one that a `Network` of the same layers has written included.

    The model keeps its dtypes: floats are rounded to them. What is not a number is loaded as it was saved.

    Errors: ValueError if the file holds anything but arrays, or the weights of another model, or numbers that the
    model's dtype cannot hold (complex for real, 1.5 for an integer, 1e5 for a float16); `model` keeps its weights then.
    OSError if the file cannot be opened.
    """
    idle, own = _idle_counters(_module(model)), model.state_dict()
    shapes = {name: _array(name, value).shape for name, value in own.items()}
    arrays, needed = read_arrays(path), [name for name in own if name not in idle]
    if [name for name in needed if name not in arrays] + [name for name in arrays if name not in own]:
        raise ValueError(f"{path} must hold {', '.join(needed)}, got {', '.join(arrays) or 'nothing'}")
    for name, array in arrays.items():
        if array.shape != shapes[name]:
            raise ValueError(f"{name} must have shape {shapes[name]}, got {array.shape} in {path}")
    own.update({name: _cast(name, array, own[name].dtype, path) for name, array in arrays.items()})
    model.load_state_dict(own)


def _module(model: Any) -> nn.Module:
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be a torch.nn.Module, got {given(model)}")
    return model


def _idle_counters(model: nn.Module) -> set[str]:
    """The names of batch norm's counters that change nothing: without a momentum they weigh the running statistics."""
    modules = model.named_modules(remove_duplicate=False)  # a shared module has two names, and its state too
    norms = [name for name, module in modules if isinstance(module, _NormBase) and module.momentum is not None]
    return {f"{name}.num_batches_tracked".lstrip(".") for name in norms}


def _array(name: str, value: Any) -> np.ndarray:
    """The tensor `value` as an array of its own type, or of the next wider one that NumPy has."""
    try:
        dtype = value.dtype
        if dtype.is_floating_point and dtype not in IN_NUMPY:
            dtype = torch.float32
        elif dtype == torch.complex32:
            dtype = torch.complex64
        return value.to(dtype).numpy(force=True)
    except Exception:  # no tensor, or a sparse, quantised, lazy or empty ("meta") one: torch raises four kinds of error
        raise ValueError(f"{name} of the model must be a dense tensor of numbers, got {given(value)}") from None


def _cast(name: str, array: np.ndarray, dtype: torch.dtype, path: str | Path) -> Tensor:
    tensor = torch.as_tensor(array)
    if not torch.can_cast(tensor.dtype, dtype):
        raise ValueError(f"{name} must hold numbers that fit into {dtype}, got {given(array)} in {path}")
    cast = tensor.to(dtype)
    if cast.dtype != tensor.dtype:
        refuse_changed(name, array, _array(name, cast), dtype)
    return cast
