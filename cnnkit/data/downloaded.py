"""MNIST, Fashion-MNIST and CIFAR-10: downloaded when first asked for, and checked every time they are read.

torchvision says where the files are published, with which MD5, and reads CIFAR-10. It is imported only in here, and
only when one of these data sets is asked for. Its own download is not used: it never compares a file that is unpacked
already, does not continue half a file, waits for a silent server without end, asks no second mirror when an address or
a redirect makes no sense, and two processes that download at once write into the same file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit._arguments import choice, given
from cnnkit.data.dataset import SPLITS, DataError, Dataset, count, dtype_name, keep
from cnnkit.data.fetch import fetch, is_whole, one_at_a_time, unpack_gzip, unpack_tar
from cnnkit.data.idx import IdxFile
from cnnkit.data.lazy_torchvision import import_torchvision


@dataclass(frozen=True)
class Source:
    """What is known about a published data set before a byte of it is read."""

    torchvision: str  # the name of torchvision's class, and of its folder
    instead: str  # the embedded data set to use when offline
    counts: dict[str, tuple[int, ...]]  # pictures of each class
    mean: tuple[float, ...]
    std: tuple[float, ...]


SOURCES = {
    "mnist": Source(
        "MNIST",
        "digits",
        {
            "train": (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
            "test": (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
        },
        mean=(0.1307,),
        std=(0.3081,),
    ),
    "fashion_mnist": Source(
        "FashionMNIST", "digits", {"train": (6000,) * 10, "test": (1000,) * 10}, mean=(0.2860,), std=(0.3530,)
    ),
    "cifar10": Source(
        "CIFAR10",
        "shapes",
        {"train": (5000,) * 10, "test": (1000,) * 10},
        mean=(0.4914, 0.4822, 0.4465),
        std=(0.2470, 0.2435, 0.2616),
    ),
}


def mnist(
    split: str = "train", *, n: int | None = None, dtype: Any = "float32", root: str | Path | None = None
) -> Dataset:
    """Return MNIST: handwritten digits, 28x28 grey, 60,000 to train with and 10,000 to test with.

    Shape: images (N, 1, 28, 28), float32 in [0, 1] (188 MB for all of train) or uint8 (47 MB); labels (N,).
    n: keep the first n; root: the folder, see `data_folder`. The first call downloads 11 MB.
    Errors: ValueError for an unknown split; DataError when offline, or when a file is not the published one (MD5) or
    may not be read.
    Reference: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner (1998), Gradient-based learning applied to document
    recognition, Proceedings of the IEEE 86.

    >>> mnist("test")                               # doctest: +SKIP
    mnist (test): 10,000 pictures of 1x28x28, 10 classes
    """
    return _load("mnist", split, n, dtype, root)


def fashion_mnist(
    split: str = "train", *, n: int | None = None, dtype: Any = "float32", root: str | Path | None = None
) -> Dataset:
    """Return Fashion-MNIST: ten kinds of clothing, the same format and numbers as `mnist`, harder to tell apart.

    The first call downloads 31 MB.
    Reference: H. Xiao, K. Rasul, R. Vollgraf (2017), Fashion-MNIST, arXiv:1708.07747.

    >>> fashion_mnist("test").classes[:3]           # doctest: +SKIP
    ('T-shirt/top', 'Trouser', 'Pullover')
    """
    return _load("fashion_mnist", split, n, dtype, root)


def cifar10(
    split: str = "train", *, n: int | None = None, dtype: Any = "float32", root: str | Path | None = None
) -> Dataset:
    """Return CIFAR-10: photographs of ten kinds of things, 32x32 in colour, 50,000 to train with, 10,000 to test with.

    Shape: images (N, 3, 32, 32), float32 in [0, 1] (614 MB for all of train) or uint8 (154 MB); labels (N,).
    The first call downloads 170 MB. Arguments and errors as for `mnist`.
    Reference: A. Krizhevsky (2009), Learning multiple layers of features from tiny images, technical report,
    University of Toronto.

    >>> cifar10("train", n=5000)                    # doctest: +SKIP
    cifar10 (train): 5,000 pictures of 3x32x32, 10 classes
    """
    return _load("cifar10", split, n, dtype, root)


def data_folder(root: str | Path | None = None) -> Path:
    """Return the folder of the downloaded data: `root`, else the environment's CNNKIT_DATA, else ~/.cache/cnnkit.

    It is laid out as torchvision does it, so a folder that torchvision has filled is used as it is.

    >>> str(data_folder("downloads"))
    'downloads'
    """
    if root is not None and not isinstance(root, (str, os.PathLike)):
        raise ValueError(f"root must be a folder's path, got {given(root)}")
    asked = root or os.environ.get("CNNKIT_DATA") or "~/.cache/cnnkit"
    try:
        folder = Path(asked).expanduser()
        if b"\0" not in os.fsencode(folder):
            return folder
    except (RuntimeError, TypeError, ValueError):  # ~somebody unknown here; bytes; letters that no file name can have
        pass
    raise ValueError(f"root (or CNNKIT_DATA) must be a folder's path, got {given(asked)}")


def _load(name: str, split: str, n: int | None, dtype: Any, root: str | Path | None) -> Dataset:
    choice("split", split, SPLITS)
    dtype_name(dtype)
    source, folder = SOURCES[name], data_folder(root)
    splits = ("train", "test") if split == "all" else (split,)
    number = count(n, sum(sum(source.counts[s]) for s in splits))
    kind = getattr(import_torchvision().datasets, source.torchvision)
    read = _read_cifar if name == "cifar10" else _read_idx
    parts, titles = read(name, kind, folder, splits)
    images = np.concatenate([part[0] for part in parts]) if len(parts) > 1 else parts[0][0]
    labels = np.concatenate([part[1] for part in parts])[:number].astype(np.int64)
    classes = tuple(title.split(" - ")[0] for title in titles)  # torchvision says "0 - zero"
    return Dataset(name, split, keep(images, number, dtype), labels, classes, source.mean, source.std)


Parts = list[tuple[np.ndarray, np.ndarray]]
"""Pictures (N, C, H, W) and labels (N,) of each split."""


def _read_idx(name: str, kind: Any, folder: Path, splits: tuple[str, ...]) -> tuple[Parts, list[str]]:
    """Return what the files of `splits` hold, and the class names. All four files are made ready; fetched if need be.

    They are read here and not by torchvision, which takes whatever lies in the folder, and takes pictures from
    "processed" before those in "raw".
    """
    found = {}
    for filename, md5 in kind.resources:
        split = "train" if filename.startswith("train") else "test"
        file = IdxFile(folder / kind.__name__ / "raw" / filename, md5, sum(SOURCES[name].counts[split]))
        look = file.values if split in splits else file.check
        found[split, "images" in filename] = _ready(name, folder, file, look, kind.mirrors)
    return [(found[split, True][:, None], found[split, False]) for split in splits], kind.classes


def _ready(name: str, folder: Path, file: IdxFile, look: Callable[[], Any], mirrors: list[str]) -> Any:
    """Return what `look` finds; where it finds the file damaged, after that has been fetched or unpacked again."""
    try:
        return look()
    except DataError as damage:
        with _explained(name, folder, str(damage)), one_at_a_time(file.path.parent):
            with suppress(DataError):  # another process may have been here in the meantime
                return look()
            fetch([mirror + file.archive.name for mirror in mirrors], file.archive, file.md5)
            unpack_gzip(file.archive, file.path)
            return look()


def _read_cifar(name: str, kind: Any, folder: Path, splits: tuple[str, ...]) -> tuple[Parts, list[str]]:
    """Return what torchvision reads once all files have the published MD5s, and the class names."""
    damage = _cifar_damage(kind, folder)
    if damage:
        with _explained(name, folder, damage), one_at_a_time(folder):
            if _cifar_damage(kind, folder):  # no other process has been here in the meantime
                archive = folder / kind.filename
                fetch([kind.url], archive, kind.tgz_md5)
                unpack_tar(archive, folder)
    data = [kind(folder, train=split == "train") for split in splits]
    parts = [(np.ascontiguousarray(d.data.transpose(0, 3, 1, 2)), np.asarray(d.targets)) for d in data]
    return parts, data[0].classes


def _cifar_damage(kind: Any, folder: Path) -> str:
    files = [*kind.train_list, *kind.test_list, (kind.meta["filename"], kind.meta["md5"])]
    wrong = [file for file, md5 in files if not is_whole(folder / kind.base_folder / file, md5)]
    place = f"in {folder / kind.base_folder}: {', '.join(wrong)}"
    return f"{place} missing, cut short or altered, or not to be read" if wrong else ""


@contextmanager
def _explained(name: str, folder: Path, damage: str) -> Iterator[None]:
    """Turn whatever stops a download into one sentence that says what to do."""
    try:
        yield
    except (OSError, DataError) as problem:
        raise DataError(
            f"{name} is not ready in {folder} ({damage}) and cannot be downloaded ({problem}). Run this again when you "
            f"are online, it continues where it stopped; load({SOURCES[name].instead!r}) works offline"
        ) from None
