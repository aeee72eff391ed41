"""The unpacked files of MNIST and Fashion-MNIST: their format, idx, and how to tell that one is the published file."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnkit.data.dataset import DataError
from cnnkit.data.fetch import is_whole

SIZE = 28  # pixels a side

UNPACKED: dict[tuple[str, str], tuple[str, ...]] = {
    ("MNIST", "train-images-idx3-ubyte"): (
        "6bbc9ace898e44ae57da46a324031adb",
        "2120c626b3f721358a650005d9261aaf",  # a copy once kept as pictures: 1 has become 0 in 0.05 % of the pixels
    ),
    ("MNIST", "train-labels-idx1-ubyte"): ("a25bea736e30d166cdddb491f175f624",),
    ("MNIST", "t10k-images-idx3-ubyte"): ("2646ac647ad5339dbf082846283269ea",),
    ("MNIST", "t10k-labels-idx1-ubyte"): ("27ae3e4e09519cfbb04c329615203637",),
    ("FashionMNIST", "train-images-idx3-ubyte"): ("f4a8712d7a061bf5bd6d2ca38dc4d50a",),
    ("FashionMNIST", "train-labels-idx1-ubyte"): ("9018921c3c673c538a1fc5bad174d6f9",),
    ("FashionMNIST", "t10k-images-idx3-ubyte"): ("8181f5470baa50b63fa0f6fddb340f0a",),
    ("FashionMNIST", "t10k-labels-idx1-ubyte"): ("15d484375f8d13e6eb1aabb0c3f46965",),
}
"""MD5s of the unpacked files, by torchvision's class and file name. torchvision itself knows those of the archives."""

_COMPARED: set[tuple[str, int]] = set()
"""MD5 and CRC-32 of what was compared in this process: the CRC alone, ten times as fast, recognises it again."""


@dataclass(frozen=True)
class IdxFile:
    """One published file: `archive` holds it packed and has the MD5 `md5`; `number` pictures or labels are in it."""

    archive: Path
    md5: str
    number: int

    @property
    def path(self) -> Path:
        """Where the unpacked file lies."""
        return self.archive.with_suffix("")

    @property
    def header(self) -> bytes:
        """A magic number (2051 pictures, 2049 labels) and the sizes, as 32-bit integers; one byte a value follows."""
        numbers = (2051, self.number, SIZE, SIZE) if "images" in self.path.name else (2049, self.number)
        return struct.pack(f">{len(numbers)}i", *numbers)

    def check(self) -> None:
        """Raise DataError unless the unpacked file is there with the right size and header."""
        self._read(len(self.header))

    def values(self) -> np.ndarray:
        """Return pictures (N, 28, 28) or labels (N,), uint8, read-only, once the whole content has been compared.

        Errors: DataError when the file is missing, cut short, altered, or may not be read.
        """
        content = self._read(-1)
        if not (self._is_known(content) or self._is_what_the_archive_holds(content)):
            raise DataError(f"{self.path} is not the published file: its checksum is different")
        pixels = np.frombuffer(content, np.uint8, offset=len(self.header))
        return pixels.reshape(-1, SIZE, SIZE) if "images" in self.path.name else pixels

    def _read(self, amount: int) -> bytes:
        """Return the first `amount` bytes (-1: all) once the size and the header have been compared."""
        length = len(self.header) + self.number * (SIZE * SIZE if "images" in self.path.name else 1)
        try:
            if not self.path.is_file():
                raise DataError(f"{self.path} is not there")
            found = self.path.stat().st_size
            if found != length:
                raise DataError(f"{self.path} is cut short or altered: {found:,} bytes instead of {length:,}")
            with self.path.open("rb") as file:
                content = file.read(amount)
        except OSError as problem:
            raise DataError(f"{self.path} cannot be read: {problem.strerror}") from None
        if not content.startswith(self.header):
            raise DataError(f"{self.path} is altered: its header is wrong")
        return content

    def _is_known(self, content: bytes) -> bool:
        known, crc = UNPACKED.get((self.path.parts[-3], self.path.name), ()), zlib.crc32(content)
        if any((md5, crc) in _COMPARED for md5 in known):
            return True
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if md5 in known:
            _COMPARED.add((md5, crc))
        return md5 in known

    def _is_what_the_archive_holds(self, content: bytes) -> bool:
        """Whether the archive is here, is the published one, and was packed from this content."""
        if not is_whole(self.archive, self.md5):
            return False
        crc, length = struct.unpack("<II", self.archive.read_bytes()[-8:])  # what gzip ends in
        return (zlib.crc32(content), len(content)) == (crc, length)
