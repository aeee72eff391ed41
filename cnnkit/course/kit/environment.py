"""Is everything here that the course needs? What is missing, and what to do about it."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

NEEDED = {  # the oldest version known to work, which is what Colab brings
    "numpy": (2, 0),
    "matplotlib": (3, 10),
    "pillow": (10, 2),
    "ipywidgets": (7, 7),
    "anywidget": (0, 9),
    "torch": (2, 6),
    "torchvision": (0, 21),
}
FOR = {
    "torch": ", for the labs",
    "torchvision": ", for the labs",
    "anywidget": ", to touch pictures",
}  # the rest runs without
INSTALL = "python -m pip install -r requirements.txt"


class Environment(list[tuple[str, str, str, str]]):
    """Rows (what, found, needed, what to do); shows itself as a table."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing and nothing is too old."""
        return all(remedy == "" for *_, remedy in self)

    def __repr__(self) -> str:
        return "\n".join(f"{what} {found}, needed {needed}: {remedy or 'ok'}" for what, found, needed, remedy in self)

    def _repr_markdown_(self) -> str:
        rows = (f"| {what} | {found} | {needed} | {remedy or 'ok'} |" for what, found, needed, remedy in self)
        return "\n".join(["| what | found | needed | what to do |", "|---|---|---|---|", *rows])


def check_environment() -> Environment:
    """Compare Python, the packages and the embedded data with what the course needs; nothing heavy is imported."""
    python = ".".join(map(str, sys.version_info[:3]))
    rows = [("Python", python, "3.11 or later", "" if sys.version_info >= (3, 11) else "install Python 3.11 or later")]
    rows += [_package(name, oldest) for name, oldest in NEEDED.items()]
    return Environment([*rows, _digits()])


def _package(name: str, oldest: tuple[int, int]) -> tuple[str, str, str, str]:
    needed = f"{oldest[0]}.{oldest[1]} or later{FOR.get(name, '')}"
    try:
        found = version(name)
    except PackageNotFoundError:
        return name, "missing", needed, INSTALL
    enough = tuple(int(part) for part in found.split(".")[:2]) >= oldest
    return name, found.split("+")[0], needed, "" if enough else INSTALL


def _digits() -> tuple[str, str, str, str]:
    from cnnkit.data import DataError, digits

    try:
        count = sum(len(digits(split).labels) for split in ("train", "test"))
    except DataError as error:
        return "digits", "unreadable", "1797 images", str(error)
    return "digits", f"{count} images", "1797 images", ""
