"""Wheels without what no page needs: seven of matplotlib's nine megabytes on the way are fonts, samples and tools.

What was fetched is checked before, by the core's own lock file; the site gets a lock file that names what it has.
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

UNUSED = ("fonttools", "pytz")  # the one writes PDFs, the other is of old: matplotlib draws without them
LEFT_OUT = re.compile(  # of every wheel: types, tests, builders; what draws into windows and PDFs
    r".*\.(pyi|c|h|a|lib|pxd|npz|afm)$|.*/(tests|testing/data|include)/|numpy/(f2py|typing|_pyinstaller)/|mpl_toolkits/ax"
    r"|matplotlib/mpl-data/(sample_data|images|plot_directive)/|matplotlib/(sphinxext|testing)/"
    r"|matplotlib/backends/(_tkagg|qt_editor/|web_backend/|backend_(gtk|macosx|nbagg|pdf|pgf|ps|qt|tk|webagg|wx))"
    r"|matplotlib/mpl-data/fonts/ttf/(?!DejaVuSans(-|Display|\.)|STIX).*\.ttf$|dateutil/zoneinfo/.*\.gz$"
)
WRITTEN_WITH = re.compile(r"matplotlib/mpl-data/fonts/ttf/.*\.ttf$")


def slim(wheel: bytes, letters: set[int], cut: Callable[[bytes, set[int]], bytes]) -> bytes:
    """The same wheel with what a page needs, its fonts with these letters only."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(wheel)) as whole,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed,
    ):
        for name in whole.namelist():
            if not LEFT_OUT.match(name):
                content = whole.read(name)
                content = cut(content, letters) if WRITTEN_WITH.match(name) else content
                packed.writestr(zipfile.ZipInfo(name, DATED), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def slim_python(folder: Path) -> None:
    """Make the wheels in a site's folder slim, and let its lock file name them and nothing else."""
    file, letters = folder / "pyodide-lock.json", written()
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    here = {key: package for key, package in told["packages"].items() if (folder / package["file_name"]).is_file()}
    for package in here.values():
        wheel = folder / package["file_name"]
        if zipfile.is_zipfile(wheel):
            wheel.write_bytes(slim(wheel.read_bytes(), letters, subset))
        package["sha256"] = hashlib.sha256(wheel.read_bytes()).hexdigest()
        package["depends"] = [name for name in package["depends"] if name not in UNUSED]
    told["packages"] = here
    file.write_text(json.dumps(told), encoding="utf-8")
