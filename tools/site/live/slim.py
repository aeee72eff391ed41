"""Python and its wheels without what no page needs: fonts, samples, servers, debuggers, docstrings of what draws.

What was fetched is checked before, by its pinned sums; the site gets a lock file that names what it has.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.site.live.archive import DATED, subset, written
from tools.site.live.bare import without_docstrings
from tools.site.live.left_out import BARE, LEFT_OUT

UNUSED = ("fonttools", "pytz")  # the one writes PDFs, the other is of old: matplotlib draws without them
WRITTEN_WITH = re.compile(r"matplotlib/mpl-data/fonts/ttf/.*\.ttf$")
MATHEMATICS = "∑∏∫√∂∇∞≈≠≤≥±×·⋅∗∘⊙⊗⊕∈∉∀∃∝→←↔⇒⇔↦‖⟨⟩⌊⌋⌈⌉…ℝℕℤℂℚℒℓ𝔼ℙ"  # that a learner may write at a curve


def slim(name: str, packed: bytes, letters: set[int], cut: Callable[[bytes, set[int]], bytes]) -> bytes:
    """The same zip or wheel with what a page needs, its fonts with these letters only.

    name   the file's: it says what is left out
    """
    left_out = next(pattern for ending, pattern in LEFT_OUT.items() if name.endswith(ending))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as whole, zipfile.ZipFile(buffer, "w") as thin:
        for inside in whole.namelist():
            if inside.endswith("/") or left_out.match(inside):
                continue
            content = whole.read(inside)
            if WRITTEN_WITH.match(inside):
                content = cut(content, letters)
            elif BARE.match(inside):
                content = without_docstrings(content)
            thin.writestr(zipfile.ZipInfo(inside, DATED), content, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def slim_python(folder: Path) -> None:
    """Make Python and the wheels in a site's folder slim, and let its lock file name them and nothing else."""
    lock, letters = folder / "pyodide-lock.json", written() | set(map(ord, MATHEMATICS))
    told: dict[str, Any] = json.loads(lock.read_text(encoding="utf-8"))
    here = {key: package for key, package in told["packages"].items() if (folder / package["file_name"]).is_file()}
    for file in (*folder.glob("*.zip"), *folder.glob("*.whl")):
        if zipfile.is_zipfile(file):
            file.write_bytes(slim(file.name, file.read_bytes(), letters, subset))
    for package in here.values():
        package["sha256"] = hashlib.sha256((folder / package["file_name"]).read_bytes()).hexdigest()
        package["depends"] = [name for name in package["depends"] if name not in UNUSED]
    told["packages"] = here
    lock.write_text(json.dumps(told), encoding="utf-8")
