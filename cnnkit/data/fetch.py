"""Fetch one published file: with progress, checked, and continued where it stopped when run again."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import shutil
import sys
import tarfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from cnnkit._say import say
from cnnkit.data.dataset import DataError

TIMEOUT = 30  # seconds without a byte before a server counts as silent
LARGEST = 200_000_000  # bytes; the largest published archive, CIFAR-10's, has 170,498,071


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
    if part.exists() and not os.access(part, os.R_OK | os.W_OK):
        part.unlink()
    reasons = []
    for url in urls:
        try:
            _receive_checked(url, part, md5)
        except Exception as problem:  # nonsense from a server can raise anything; the next may know better
            reasons.append(f"{url.split('//')[-1].split('/')[0]}: {_why(problem)}")
        else:
            part.replace(target)
            return
    raise DataError("; ".join(reasons) or "no address is known")


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Let one process at a time change `folder`, the others wait; the system ends the lock of a process that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("ab") as file:
        if not _locked(file):
            say(f"waiting for another process that downloads into {folder}")
            while not _locked(file):
                time.sleep(0.1)
        yield


def _locked(file: IO[bytes]) -> bool:
    """Lock the file until it is closed, and return whether that worked; True where files cannot be locked at all."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        return True
    except OSError as problem:
        return problem.errno not in (errno.EAGAIN, errno.EACCES)
    return True


def is_whole(path: Path, md5: str) -> bool:
    """Whether the file exists, may be read, and has this MD5."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest() == md5
    except OSError:
        return False


def unpack_gzip(archive: Path, target: Path) -> None:
    """Unpack `archive` into the file `target`, which appears only once it is complete."""
    part = target.with_name(target.name + ".part")
    try:
        with gzip.open(archive) as packed, part.open("wb") as file:
            shutil.copyfileobj(packed, file)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def unpack_tar(archive: Path, folder: Path) -> None:
    """Unpack `archive` into `folder`, refusing members that would land outside it."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")


def _receive_checked(url: str, part: Path, md5: str) -> None:
    """Receive `part`. What is wrong is not kept; what is only cut short is, to be continued."""
    continued = part.exists()
    shortage = _receive(url, part)
    if is_whole(part, md5):
        return
    if shortage:
        raise DataError(shortage)
    part.unlink()
    if not continued:
        raise DataError("what arrived is not the published file (its MD5 is different)")
    _receive_checked(url, part, md5)  # the old beginning belonged to something else: once more, from the start


def _receive(url: str, part: Path) -> str:
    """Append to `part` what `url` still has, or write it anew where it cannot continue; return what is lacking."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "cnnkit"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        response = urlopen(Request(url, headers=headers), timeout=TIMEOUT)
    except HTTPError as problem:
        problem.close()
        if problem.code == 416 and have:  # nothing is left to send
            return ""
        raise
    with response, part.open("ab" if response.status == 206 else "wb") as file:
        have = have if response.status == 206 else 0
        rest = getattr(response, "length", None)  # None where the header is missing or no number
        total = None if rest is None else have + rest
        progress = _Progress(url.rsplit("/", 1)[-1], total)
        while have <= LARGEST and (block := response.read(1 << 16)):
            file.write(block)
            have += len(block)
            progress.show(have)
        progress.end(have)
    if have > LARGEST:
        part.unlink()
        raise DataError(f"more than {LARGEST:,} bytes arrived, which no published file has")
    return "" if total is None or have >= total else f"the connection closed after {have:,} of {total:,} bytes"


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
    words = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    line = " ".join(str(words).split())  # a server may put anything into its answer
    return line if len(line) <= 200 else f"{line[:197]}..."
