"""Python for the browser: the core from npm, the wheels of its packages from where the core itself would get them.

Both are fetched once, into a folder that git ignores, and checked: the core by its pinned sha512, each wheel by the
sha256 in the core's own lock file. `PYODIDE_DIR` names a folder that already has both.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

VERSION = "314.0.7"
INTEGRITY = "sha512-0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
AT_ONCE = ("numpy", "pillow")  # before the first picture
LATER = ("matplotlib",)  # when something needs it
CACHE = Path(__file__).resolve().parents[3] / ".site-cache" / f"pyodide-{VERSION}"


class FetchError(RuntimeError):
    """Something could not be fetched, or is not what it should be."""


def folder() -> Path | None:
    """Where a core with all its wheels lies; None if it is nowhere."""
    named = os.environ.get("PYODIDE_DIR")
    places = [Path(named)] if named else [CACHE]
    return next((place for place in places if complete(place)), None)


def complete(place: Path) -> bool:
    return all((place / name).is_file() for name in CORE) and all(
        (place / name).is_file() for name in wheels(place, (*AT_ONCE, *LATER))
    )


def lock(place: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((place / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    return found


def wheels(place: Path, packages: Iterable[str], without: Iterable[str] = ()) -> list[str]:
    """The files of these packages and of all that they depend on, but for those that do without."""
    known, files, waiting = lock(place), [], [*packages]
    while waiting:
        package = known[waiting.pop()]
        if package["file_name"] not in files:
            files.append(package["file_name"])
            waiting += [name for name in package["depends"] if name not in without]
    return sorted(files)


def fetch() -> Path:
    """Fetch what is missing; the folder that holds it all."""
    CACHE.mkdir(parents=True, exist_ok=True)
    if not all((CACHE / name).is_file() for name in CORE):
        fetch_core(CACHE)
    known = {package["file_name"]: package["sha256"] for package in lock(CACHE).values()}
    for name in wheels(CACHE, (*AT_ONCE, *LATER)):
        if not (CACHE / name).is_file():
            fetch_wheel(CACHE / name, home_of_wheels(CACHE) + name, known[name])
    return CACHE


def fetch_core(place: Path) -> None:
    """Unpack the npm package, once it is known to be the pinned one."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"pyodide@{VERSION}", "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True, capture_output=True)
        [archive] = Path(folder).glob("*.tgz")
        found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode("ascii")
        if found != INTEGRITY:
            raise FetchError(f"pyodide {VERSION} from npm is not the pinned one: {found}")
        with tarfile.open(archive) as opened:
            for name in CORE:
                member = opened.extractfile(f"package/{name}")
                if member is None:
                    raise FetchError(f"pyodide {VERSION} from npm has no {name}")
                (place / name).write_bytes(member.read())


def home_of_wheels(place: Path) -> str:
    """The address that the core itself gets wheels from: it stands in its code."""
    found = re.search(r"`(https://[^`]*/)v\$\{\w+\}(/full/)`", (place / "pyodide.mjs").read_text(encoding="utf-8"))
    if found is None:
        raise FetchError("the core no longer says where its wheels are")
    return f"{found[1]}v{VERSION}{found[2]}"


def fetch_wheel(file: Path, address: str, sha256: str) -> None:
    try:
        with urllib.request.urlopen(address, timeout=120) as answer:
            content = answer.read()
    except OSError as error:
        raise FetchError(
            f"{file.name} cannot be fetched: {error}. PYODIDE_DIR may name a folder that has it"
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FetchError(f"{file.name} is not the file that the lock names")
    file.write_bytes(content)
