"""Says in a sentence why a tag cannot be released; silent when it can: `python tools/release.py v0.1.0`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def version(root: Path = ROOT) -> str:
    """The version that cnnkit/__init__.py holds."""
    return re.findall(r'(?m)^__version__ = "(.+)"$', (root / "cnnkit" / "__init__.py").read_text(encoding="utf-8"))[0]


def released(root: Path = ROOT) -> list[str]:
    """The versions that CHANGELOG.md tells of, newest first."""
    return re.findall(r"(?m)^## \[?(\d[\w.]*)", (root / "CHANGELOG.md").read_text(encoding="utf-8"))


def reason(tag: str, root: Path = ROOT) -> str | None:
    """Why `tag` cannot be released, or None."""
    here = version(root)
    if tag != f"v{here}":
        return f"The tag is {tag}, but cnnkit/__init__.py holds version {here}: the tag should be v{here}."
    if here not in released(root)[:1]:
        return f"CHANGELOG.md does not begin with version {here}: put what is unreleased below a heading `## {here}`."
    return None


if __name__ == "__main__":
    sys.exit(reason(sys.argv[1]))
