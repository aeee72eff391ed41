"""Write digits.npz from the copy of the UCI optical digits that scikit-learn ships: the same bytes on every run.

    python data/make_digits.py        # prints the SHA-256 that cnnkit/data/embedded.py and data/README.md hold

Needs scikit-learn, which nothing else here does. The archive is stored, not compressed, so that the bytes do not
depend on the compression library; every entry carries the zip format's earliest date.
"""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np


def make() -> bytes:
    """Return the file's bytes: `images` (1797, 8, 8), 0 … 16, and `labels` (1797,), both uint8."""
    from sklearn.datasets import load_digits  # type: ignore[import-untyped]

    scans = load_digits()
    arrays = {"images": scans.images.astype(np.uint8), "labels": scans.target.astype(np.uint8)}
    assert np.array_equal(arrays["images"], scans.images)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            entry = io.BytesIO()
            np.lib.format.write_array(entry, array, version=(1, 0), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 3  # the same byte on Windows as elsewhere
            archive.writestr(info, entry.getvalue())
    return file.getvalue()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("digits.npz")
    content = make()
    target.write_bytes(content)
    print(f"{target}: {len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")
