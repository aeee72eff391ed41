"""What the browser needs to run the course's Python."""

from __future__ import annotations

from pathlib import Path


def add_runtime(site: Path) -> None:
    """Put the scripts, Pyodide, its packages and ours into a finished site."""
