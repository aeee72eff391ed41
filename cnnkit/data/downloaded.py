"""MNIST, Fashion-MNIST and CIFAR-10: downloaded when first asked for, and checked every time they are read.

torchvision says where the files are published, with which MD5, and reads them. It is imported only in here, and only
when one of these data sets is asked for.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit._arguments import choice, given
from cnnkit.data.dataset import SPLITS, DataError, Dataset, count, dtype_name, keep
from cnnkit.data.fetch import fetch, is_whole, unpack_gzip, unpack_tar
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
    Errors: ValueError for an unknown split; DataError when offline, or when a file is damaged.
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
    folder = Path(root or os.environ.get("CNNKIT_DATA") or "~/.cache/cnnkit")
    try:
        return folder.expanduser()
    except RuntimeError:  # ~somebody, whom this machine does not know
        raise ValueError(f"root (or CNNKIT_DATA) must be a folder's path, got {given(str(folder))}") from None


def _load(name: str, split: str, n: int | None, dtype: Any, root: str | Path | None) -> Dataset:
    choice("split", split, SPLITS)
    dtype_name(dtype)
    source, folder = SOURCES[name], data_folder(root)
    splits = ("train", "test") if split == "all" else (split,)
    number = count(n, sum(sum(source.counts[s]) for s in splits))
    kind = getattr(import_torchvision().datasets, source.torchvision)
    prepare = _prepare_cifar if name == "cifar10" else _prepare_idx
    prepare(name, kind, folder)
    parts = [_read(name, kind, folder, s) for s in splits]
    images = np.concatenate([part[0] for part in parts]) if len(parts) > 1 else parts[0][0]
    labels = np.concatenate([part[1] for part in parts])[:number]
    return Dataset(name, split, keep(images, number, dtype), labels, parts[0][2], source.mean, source.std)


def _prepare_idx(name: str, kind: Any, folder: Path) -> None:
    """Make sure that the four files of MNIST or Fashion-MNIST are there and whole; fetch those that are not."""
    for filename, md5 in kind.resources:
        archive = folder / kind.__name__ / "raw" / filename
        target = archive.with_suffix("")
        counts = SOURCES[name].counts["train" if filename.startswith("train") else "test"]
        damage = _idx_damage(target, sum(counts)) or _differs(target, archive, md5)
        if damage:
            with _explained(name, folder, damage):
                fetch([mirror + filename for mirror in kind.mirrors], archive, md5)
                unpack_gzip(archive, target)


def _idx_damage(path: Path, number: int) -> str:
    """Return what is wrong with an idx file of `number` pictures of 28x28, or of `number` labels; "" if nothing is.

    The format: a magic number (2051 pictures, 2049 labels), the sizes as 32-bit integers, then one byte a value.
    """
    if not path.is_file():
        return f"{path.name} is not there"
    header = (2051, number, 28, 28) if "images" in path.name else (2049, number)
    packed = struct.pack(f">{len(header)}i", *header)
    length = len(packed) + int(np.prod(header[1:]))
    if path.stat().st_size != length:
        return f"{path.name} is cut short or altered: {path.stat().st_size:,} bytes instead of {length:,}"
    with path.open("rb") as file:
        return "" if file.read(len(packed)) == packed else f"{path.name} is altered: its header is wrong"


def _differs(path: Path, archive: Path, md5: str) -> str:
    """Return what is wrong if `path` is not what its archive holds; "" if it is, or if the archive is gone."""
    if not is_whole(archive, md5):
        return ""
    (expected,) = struct.unpack("<I", archive.read_bytes()[-8:-4])  # gzip ends in the content's CRC-32 and length
    return "" if zlib.crc32(path.read_bytes()) == expected else f"{path.name} is altered: its CRC-32 is wrong"


def _prepare_cifar(name: str, kind: Any, folder: Path) -> None:
    """Make sure that CIFAR-10's files are there and have the published MD5s; fetch and unpack the archive if not."""
    files = [*kind.train_list, *kind.test_list, (kind.meta["filename"], kind.meta["md5"])]
    wrong = [file for file, md5 in files if not is_whole(folder / kind.base_folder / file, md5)]
    if wrong:
        archive = folder / kind.filename
        with _explained(name, folder, f"{', '.join(wrong)} missing, cut short or altered"):
            fetch([kind.url], archive, kind.tgz_md5)
            unpack_tar(archive, folder)


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


def _read(name: str, kind: Any, folder: Path, split: str) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return pictures (N, C, H, W), labels (N,) and class names as torchvision reads them, checked."""
    data = kind(folder, train=split == "train")
    images, labels = np.asarray(data.data), np.asarray(data.targets, dtype=np.int64)
    images = images[:, None] if images.ndim == 3 else np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    wrong = _contents_damage(images, labels, SOURCES[name].counts[split])
    if wrong:
        raise DataError(f"{name} in {folder} is damaged: {wrong}. Delete {folder / kind.__name__} and run this again")
    return images, labels, tuple(title.split(" - ")[0] for title in data.classes)  # torchvision says "0 - zero"


def _contents_damage(images: np.ndarray, labels: np.ndarray, counts: tuple[int, ...]) -> str:
    found = tuple(np.bincount(labels, minlength=len(counts)).tolist())
    if found != counts:
        return f"its labels occur {found} times instead of {counts}"
    flat = images.reshape(len(images), -1)
    blank = flat.min(axis=1) == flat.max(axis=1)
    holes = np.flatnonzero(blank[1:] & blank[:-1])
    return f"pictures {holes[0]:,} and {holes[0] + 1:,} are empty" if len(holes) else ""
