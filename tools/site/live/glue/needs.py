"""What is brought only when something needs it."""

from __future__ import annotations

LOADABLE = ("matplotlib",)


class Needs(Exception):
    """A package must be brought before this can be done."""

    def __init__(self, *packages: str) -> None:
        self.packages = packages
