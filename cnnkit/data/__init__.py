"""Pictures to learn from: two data sets that are always there, three that are downloaded when asked for.

    name              pictures          train    test    where it comes from
    "digits"          1 x  8 x  8       1,442     355    real handwriting, inside the package
    "shapes"          3 x 32 x 32       4,000   1,000    drawn by a seeded generator, any number on request
    "mnist"           1 x 28 x 28      60,000  10,000    downloaded once (11 MB)
    "fashion_mnist"   1 x 28 x 28      60,000  10,000    downloaded once (31 MB)
    "cifar10"         3 x 32 x 32      50,000  10,000    downloaded once (170 MB)

`load(name, split)` returns the same structure for all of them, so that one changed line changes the data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnnkit._arguments import choice
from cnnkit.data.dataset import SPLITS, DataError, Dataset
from cnnkit.data.downloaded import cifar10, data_folder, fashion_mnist, mnist
from cnnkit.data.drawn import SHAPES, shapes, shapes_split
from cnnkit.data.embedded import digits
from cnnkit.data.lazy_torchvision import import_torchvision

LOADERS = {
    "digits": digits,
    "shapes": shapes_split,
    "mnist": mnist,
    "fashion_mnist": fashion_mnist,
    "cifar10": cifar10,
}
"""What `load` calls for each name."""


def load(
    name: str, split: str = "train", *, n: int | None = None, dtype: Any = "float32", root: str | Path | None = None
) -> Dataset:
    """Return a data set by its name: "digits", "shapes", "mnist", "fashion_mnist" or "cifar10".

    Shape: images (N, C, H, W) and labels (N,), whatever the name; see `Dataset`.
    n: keep the first n pictures only; dtype: "float32" in [0, 1] or "uint8" in 0 … 255;
    root: the folder of the downloaded ones, see `data_folder`.
    Errors: ValueError for an unknown name, split, n or dtype; DataError when a data set cannot be downloaded or its
    files are damaged.

    >>> train = load("digits", "train")
    >>> train
    digits (train): 1,442 pictures of 1x8x8, 10 classes
    >>> train.images.shape, train.labels[:5], train.classes[:3]
    ((1442, 1, 8, 8), array([0, 1, 2, 3, 4]), ('0', '1', '2'))
    """
    choice("name", name, tuple(LOADERS))
    options: dict[str, Any] = {"n": n, "dtype": dtype}
    if name not in ("digits", "shapes"):
        options["root"] = root
    return LOADERS[name](split, **options)


__all__ = [
    "LOADERS",
    "SHAPES",
    "SPLITS",
    "DataError",
    "Dataset",
    "cifar10",
    "data_folder",
    "digits",
    "fashion_mnist",
    "import_torchvision",
    "load",
    "mnist",
    "shapes",
]
