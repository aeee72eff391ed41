"""The site for a classroom without a network: one file, and how to serve it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tools.site import serve

README = """This folder is a course on the layers of convolutional networks. It needs no network, only a web server.

1. Unpack all of it on one computer that has Python 3.8 or later (python.org).
2. Windows: double-click start.bat.   Mac: start.command.   Elsewhere: python3 serve.py in a terminal.
3. Open the address that it prints. Other computers in the room open the second one; the firewall may ask.

Ctrl + C, or closing the window, ends it. A double click on a page shows pictures only: no browser runs a file.
"""
STARTS = {  # a file to click, and what it holds
    "start.bat": '@cd /d "%~dp0"\r\n@py serve.py || python serve.py\r\n@pause\r\n',
    "start.command": '#!/bin/sh\ncd "$(dirname "$0")" && exec python3 serve.py\n',
}


def pack(site: Path, file: Path) -> None:
    """The site and how to serve it, in one file."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "course"
        shutil.copytree(site, course / "site")
        shutil.copy(str(serve.__file__), course / "serve.py")
        (course / "README.txt").write_text(README, encoding="utf-8")
        for name, text in STARTS.items():
            (course / name).write_text(text, encoding="utf-8", newline="")
            (course / name).chmod(0o755)
        file.parent.mkdir(exist_ok=True)
        shutil.make_archive(str(file.with_suffix("")), "zip", folder, "course")
