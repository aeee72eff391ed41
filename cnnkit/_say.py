"""Printing that no code page can stop."""

from __future__ import annotations

import sys


def say(text: str, end: str = "\n") -> None:
    """Print `text`, with a ? for each letter that standard output cannot write.

    On Windows that has a code page of some 200 letters where it is no screen: an × or a folder's name would end a
    download, or a measurement of an hour.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), end=end, flush=True)
