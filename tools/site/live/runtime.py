"""What the browser needs to run the course's Python, put into a finished site."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from tools.site.live import distribution
from tools.site.live.archive import archive
from tools.site.live.slim import UNUSED, slim_python

HERE = Path(__file__).parent
KIT = HERE.parents[2] / "cnnkit" / "course" / "kit"
SHEETS = ((KIT, "touch.css"), (HERE, "live.css"), (HERE, "paste.css"))
WORKER = "service-worker.js"
ASKS = "python.js"  # it knows which build its page is from
NOT_FETCHED = ("pyodide.mjs", "pyodide.asm.mjs")  # the browser imports them: no progress is seen of these


def add_runtime(site: Path) -> None:
    """Put the scripts, Pyodide, its packages and ours into a finished site."""
    target = site / "_static" / "live"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for script in HERE.glob("*.js"):
        if script.name != WORKER:
            shutil.copy(script, target)
    shutil.copy(KIT / "touch.js", target)
    styles = [(folder / name).read_text(encoding="utf-8") for folder, name in SHEETS]
    (target / "live.css").write_text("\n".join(styles), encoding="utf-8")
    (target / "course.zip").write_bytes(archive())
    told = add_python(target)
    name = build(target)
    for script, place in ((HERE / WORKER, site / WORKER), (HERE / ASKS, target / ASKS)):
        place.write_text(script.read_text(encoding="utf-8").replace('BUILD"', f'{name}"'), encoding="utf-8")
    (target / "runtime.json").write_text(json.dumps(told | {"build": name}), encoding="utf-8")


def fetch_wheels() -> None:
    """Fetch Pyodide and its packages, where they are not yet."""
    print(f"Python for the browser is in {distribution.fetch()}")


def add_python(target: Path) -> dict[str, Any]:
    """Put Pyodide with its wheels there, where they are; what the page must know of them."""
    source = distribution.folder()
    if source is None:
        return {"python": "none"}
    folder = target / "pyodide"
    folder.mkdir()
    first = [*distribution.CORE, *distribution.wheels(source, distribution.AT_ONCE)]
    for name in {*first, *distribution.wheels(source, distribution.LATER, without=UNUSED)}:
        shutil.copy(source / name, folder)
    slim_python(folder)
    begins = [*(folder / name for name in first), target / "course.zip"]
    return {
        "python": "pyodide",
        "packages": list(distribution.AT_ONCE),
        "megabytes": round(sum(map(transferred, begins)) / 1e6),
        "bytes": sum(file.stat().st_size for file in begins if file.name not in NOT_FETCHED),
    }


def transferred(file: Path) -> int:
    """The bytes of a file on the way: a host packs what is not packed yet."""
    packed = file.suffix in (".zip", ".whl")
    return file.stat().st_size if packed else len(gzip.compress(file.read_bytes(), 6))


def build(target: Path) -> str:
    """A name for what the folder holds: of other content it is another."""
    found = hashlib.sha256()
    for file in sorted(target.rglob("*")):
        if file.is_file():
            found.update(file.relative_to(target).as_posix().encode() + file.read_bytes())
    return found.hexdigest()[:16]
