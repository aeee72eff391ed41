"""The site for a classroom without a network: one file, and how to serve it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

README = """This folder is a course on the layers of convolutional networks. It needs no network, only a web server.
Windows: open a terminal in this folder, and type   py -m http.server      elsewhere:   python3 -m http.server
Then open http://localhost:8000/site/ in a browser; other computers in the room take this computer's name instead.
"""


def pack(site: Path, file: Path) -> None:
    """The site and how to serve it, in one file."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(site, Path(folder) / "course" / "site")
        (Path(folder) / "course" / "README.txt").write_text(README, encoding="utf-8")
        file.parent.mkdir(exist_ok=True)
        shutil.make_archive(str(file.with_suffix("")), "zip", folder, "course")
