"""Weights in a file: plain arrays in NumPy's .npz format. Nothing is pickled, so loading a file never runs code."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit._arguments import given
from cnnkit.network.network import Network


def save_weights(net: Network, path: str | Path) -> None:
    """Write all that `net` has learnt into the file `path`, which is replaced only once the new one is complete.

    The file holds `net.state_dict()`; `cnnkit.training.load_weights` loads it into a torch model of the same layers.
    """
    write_arrays(path, _network(net).state_dict())


def load_weights(net: Network, path: str | Path) -> None:
    """Give `net` the weights that `save_weights` wrote.

    Errors: ValueError if the file holds anything but arrays, or the arrays of a network built otherwise; `net` keeps
    its weights then.
    """
    _network(net).load_state_dict(read_arrays(path))


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays; an interruption leaves the old file, if there is one."""
    path = _path(path)
    part = path.with_name(f"{path.name}.part")
    with zipfile.ZipFile(part, "w") as file:  # as np.savez does, which takes no allow_pickle before NumPy 2.2
        for name, array in arrays.items():
            with file.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    part.replace(path)


def read_arrays(path: str | Path) -> dict[str, np.ndarray]:
    """Read named arrays; a ValueError for a file with anything else in it."""
    path = _path(path)
    with path.open("rb") as file:
        try:
            with np.load(file, allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in arrays.files}
        except Exception:  # one flipped bit makes zipfile, zlib or NumPy raise anything, down to a MemoryError
            found = {"": None}
    if all(isinstance(array, np.ndarray) for array in found.values()):  # other members of a zip come as bytes
        return found
    raise ValueError(f"{path} is not a file of arrays (.npz), or it is damaged: nothing was loaded")


def _network(net: Any) -> Network:
    if not isinstance(net, Network):
        raise ValueError(f"net must be a Network, got {given(net)}")
    return net


def _path(path: Any) -> Path:
    if not isinstance(path, (str, os.PathLike)) or not str(path):
        raise ValueError(f"path must be a file's path, got {given(path)}")
    return Path(path)
