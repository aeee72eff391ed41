"""Real handwriting that is always there: no download, no account, 117 kB."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit._arguments import choice
from cnnkit.data.dataset import SPLITS, DataError, Dataset, count, keep

SHA256 = "6d672c82eb156775a2c26b18ee6bebb3149433697db1ed227be49bfb3457020f"
MEAN, STD = 0.3053, 0.3755
PLACES = (
    Path(__file__).parents[1] / "_data" / "digits.npz",  # in an installed wheel
    Path(__file__).parents[2] / "data" / "digits.npz",  # in the repository
)


def digits(split: str = "train", *, n: int | None = None, dtype: Any = "float32") -> Dataset:
    """Return the UCI optical digits that scikit-learn ships: 1,797 scanned digits of 8x8 pixels.

    Each pixel counts the ink in a 4x4 block of the original 32x32 scan, 0 … 16, here divided by 16.

    The split never changes: "test" is, for each digit, the last fifth of its scans in the file's order (355 in
    all), "train" the rest (1,442), "all" is train followed by test. The end of the file is a harder and more honest
    test than every fifth scan: a nearest neighbour gets 95.5 % of it right, but 98.6 % of every fifth scan. Neighbours
    in the file look alike, as if one person had written them.

    Shape: images (N, 1, 8, 8), labels (N,).
    Errors: ValueError for an unknown split; DataError when the file is missing, may not be read, was cut short or
    altered (SHA-256).
    Reference: E. Alpaydin, C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository, https://doi.org/10.24432/C50P49, CC BY 4.0.

    >>> train, test = digits("train"), digits("test")
    >>> train.images.shape, test.images.shape
    ((1442, 1, 8, 8), (355, 1, 8, 8))
    >>> print((train.images[0, 0] * 16).astype(int))        # a zero
    [[ 0  0  5 13  9  1  0  0]
     [ 0  0 13 15 10 15  5  0]
     [ 0  3 15  2  0 11  8  0]
     [ 0  4 12  0  0  8  8  0]
     [ 0  5  8  0  0  9  8  0]
     [ 0  4 11  0  1 12  7  0]
     [ 0  2 14  5 10 12  0  0]
     [ 0  0  6 13 10  0  0  0]]
    """
    choice("split", split, SPLITS)
    images, labels = _read()
    order = _split(labels)
    chosen = np.concatenate([order["train"], order["test"]]) if split == "all" else order[split]
    chosen = chosen[: count(n, len(chosen))]
    pictures = keep(images[chosen][:, None], None, dtype, highest=16)
    return Dataset(
        "digits", split, pictures, labels[chosen].astype(np.int64), tuple("0123456789"), mean=(MEAN,), std=(STD,)
    )


def _split(labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return the positions of "train" and "test", each in the file's order."""
    of_digit = [np.flatnonzero(labels == digit) for digit in range(10)]
    test = np.sort(np.concatenate([positions[-(len(positions) // 5) :] for positions in of_digit]))
    return {"train": np.setdiff1d(np.arange(len(labels)), test), "test": test}


def _read() -> tuple[np.ndarray, np.ndarray]:
    """Return images (1797, 8, 8) and labels (1797,) once the file's SHA-256 has been compared; nothing is unpickled."""
    path = next((place for place in PLACES if own_exists(place)), None)
    if path is None:
        raise DataError(
            f"the embedded digits are missing: {' and '.join(map(str, PLACES))} do not exist; reinstall cnnkit"
        )
    content = own_bytes(path)
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise DataError(
            f"{path} is not the file that was published: {len(content):,} bytes, and the SHA-256 is different. "
            "It was cut short or altered; it is not used. Reinstall cnnkit, or restore the file from the repository"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return arrays["images"], arrays["labels"]


def own_bytes(path: Path) -> bytes:
    """Return what a file of the package holds; a DataError that names it when it may not be read."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise DataError(
            f"{path} cannot be read: {problem.strerror}. Ask its owner for the right to read it, or reinstall cnnkit"
        ) from None


def own_exists(path: Path) -> bool:
    """Return whether a file of the package is there, or might be."""
    try:
        return path.is_file()
    except OSError:  # a folder that may not be entered: reading will give the reason
        return True
