"""Weights in a file: plain arrays in NumPy's .npz format. Nothing is pickled, so loading a file never runs code."""

from __future__ import annotations

import os
import secrets
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from cnnkit._arguments import floats, given
from cnnkit.network.network import Network

# What means the same on every machine: a long double has 64, 80 or 128 bits. Text, dates and objects are no weights.
NUMBERS = (
    *(np.dtype(f"{kind}{size}") for kind in "iu" for size in (1, 2, 4, 8)),
    *map(np.dtype, ("bool", "float16", "float32", "float64", "complex64", "complex128")),
)


def save_weights(net: Network, path: str | Path) -> None:
    """Write all that `net` has learnt into the file `path`, which is replaced only once the new one is complete.

    The file holds `net.state_dict()`; `cnnkit.training.load_weights` loads it into a torch model of the same layers.

    Errors: ValueError if a weight holds anything but real numbers; nothing is written then.
    """
    write_arrays(path, {name: floats(name, array) for name, array in _network(net).state_dict().items()})


def load_weights(net: Network, path: str | Path) -> None:
    """Give `net` the weights that `save_weights` wrote.

    Errors: ValueError if the file holds anything but arrays, or the arrays of a network built otherwise; `net` keeps
    its weights then. OSError if the file cannot be opened.
    """
    _network(net).load_state_dict(read_arrays(path))


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays of numbers; whoever reads meanwhile finds the old file whole, or the new one.

    Each call writes a file of its own beside `path`, so that two at once do not mix, and gives it the name `path` once
    the disk has it. A call that is interrupted takes its file away; one that is killed leaves it there, and nobody
    reads it: `….part`.

    Errors: ValueError for an array of anything but numbers; nothing is written then.
    """
    path, arrays = _path(path), {name: _numbers(name, array) for name, array in arrays.items()}
    part = path.with_name(f"{path.name[:40]}.{secrets.token_hex(8)}.part")  # a file's name has at most 255 bytes
    try:
        with part.open("xb") as file:
            _write(file, arrays)
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the new name with half the content
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read_arrays(path: str | Path) -> dict[str, np.ndarray]:
    """Read named arrays, in this machine's byte order; a ValueError for a file with anything else in it."""
    path = _path(path)
    with path.open("rb") as file:
        try:
            found = _read(file)
        except Exception:  # one flipped bit makes zipfile, zlib or NumPy raise anything, down to a MemoryError
            raise ValueError(f"{path} is not a file of arrays (.npz), or it is damaged: nothing was loaded") from None
    return {name: _numbers(name, array, f" in {path}") for name, array in found.items()}


def _write(file: IO[bytes], arrays: Mapping[str, np.ndarray]) -> None:
    with zipfile.ZipFile(file, "w") as members:  # as np.savez does, which takes no allow_pickle before NumPy 2.2
        for name, array in arrays.items():
            with members.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _read(file: IO[bytes]) -> dict[str, np.ndarray]:
    """As np.load, but each member is read to its end, where its checksum is compared, and none may hide another."""
    found: dict[str, np.ndarray] = {}
    with zipfile.ZipFile(file) as members:
        for info in members.infolist():
            name = info.filename.removesuffix(".npy")
            with members.open(info) as member:
                array, rest = np.lib.format.read_array(member, allow_pickle=False), member.read(1)
            if rest or name == info.filename or name in found:
                raise ValueError(f"{info.filename} is no array, or not the only one of its name")
            found[name] = array
    return found


def _numbers(name: str, array: np.ndarray, where: str = "") -> np.ndarray:
    dtype = array.dtype.newbyteorder("=")
    if dtype not in NUMBERS:
        raise ValueError(f"{name} must hold real or complex numbers of at most 64 bits, got {given(array)}{where}")
    return array.astype(dtype, copy=False)


def _network(net: Any) -> Network:
    if not isinstance(net, Network):
        raise ValueError(f"net must be a Network, got {given(net)}")
    return net


def _path(path: Any) -> Path:
    if not isinstance(path, (str, os.PathLike)) or not str(path):
        raise ValueError(f"path must be a file's path, got {given(path)}")
    return Path(path)
