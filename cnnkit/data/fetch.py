"""Fetch one published file: with progress, checked, and continued where it stopped when run again."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tarfile
import time
from collections.abc import Iterable
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from cnnkit.data.dataset import DataError

TIMEOUT = 30  # seconds without a byte before a server counts as silent


def fetch(urls: Iterable[str], target: Path, md5: str) -> None:
    """Put the file whose MD5 is `md5` at `target`, from the first of `urls` that has it.

    What has arrived so far is kept in `target` + ".part", so that running again asks only for the rest. Nothing is
    ever called `target` before its MD5 has been compared.
    Errors: DataError with one reason per address.
    """
    if is_whole(target, md5):
        return
    part = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.replace(part)  # another program was interrupted here: perhaps its bytes can be continued
    reasons = []
    for url in urls:
        try:
            _receive_checked(url, part, md5)
        except (OSError, HTTPException, DataError) as problem:
            reasons.append(f"{urlsplit(url).netloc}: {_why(problem)}")
        else:
            part.replace(target)
            return
    raise DataError("; ".join(reasons))


def is_whole(path: Path, md5: str) -> bool:
    """Whether the file exists and has this MD5."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest() == md5


def unpack_gzip(archive: Path, target: Path) -> None:
    """Unpack `archive` into the file `target`, which appears only once it is complete."""
    part = target.with_name(target.name + ".part")
    with gzip.open(archive) as packed, part.open("wb") as file:
        shutil.copyfileobj(packed, file)
    part.replace(target)


def unpack_tar(archive: Path, folder: Path) -> None:
    """Unpack `archive` into `folder`, refusing members that would land outside it."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")


def _receive_checked(url: str, part: Path, md5: str) -> None:
    continued = part.exists()
    _receive(url, part)
    if continued and not is_whole(part, md5):  # the old beginning belonged to something else: once more, from the start
        part.unlink()
        _receive(url, part)
    if not is_whole(part, md5):
        part.unlink()
        raise DataError("what arrived is not the published file (its MD5 is different)")


def _receive(url: str, part: Path) -> None:
    """Append to `part` what `url` still has, or write it anew when the server cannot continue."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "cnnkit"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        response = urlopen(Request(url, headers=headers), timeout=TIMEOUT)
    except HTTPError as problem:
        problem.close()
        if problem.code == 416 and have:  # nothing is left to send
            return
        raise
    with response, part.open("ab" if response.status == 206 else "wb") as file:
        have = have if response.status == 206 else 0
        rest = response.headers.get("Content-Length")
        total = None if rest is None else have + int(rest)
        progress = _Progress(url.rsplit("/", 1)[-1], total)
        while block := response.read(1 << 16):
            file.write(block)
            have += len(block)
            progress.show(have)
        progress.end(have)
    if total is not None and have < total:
        raise OSError(f"the connection closed after {have:,} of {total:,} bytes")


class _Progress:
    """One line that is overwritten twice a second: what has arrived, of how much."""

    def __init__(self, name: str, total: int | None) -> None:
        self.name, self.total, self.shown = name, total, -1.0

    def show(self, have: int, *, now: bool = False, end: str = "") -> None:
        if now or time.monotonic() > self.shown + 0.5:
            self.shown = time.monotonic()
            whole = "" if self.total is None else f" of {self.total / 1e6:.1f}"
            print(f"\r{self.name}: {have / 1e6:.1f}{whole} MB", end=end, flush=True)

    def end(self, have: int) -> None:
        self.show(have, now=True, end="\n")


def _why(problem: Exception) -> str:
    """Return the reason in words: "Connection refused" rather than "<urlopen error [Errno 111] Connection refused>"."""
    reason = problem.reason if isinstance(problem, URLError) and not isinstance(problem, HTTPError) else problem
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
