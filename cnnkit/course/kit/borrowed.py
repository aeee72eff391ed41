"""Files that come with matplotlib: the font of the pictures, and a photograph.

Where matplotlib is not installed, copies beside the package take their place: the web site carries them, because its
pictures of pixels need no matplotlib, which is the largest of all that a page would load.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

CARRIED = Path(__file__).parents[2] / "_data"  # where the site's archive has its copies


def borrowed(file: str) -> Path | None:
    """Where a file of matplotlib's data is, such as "fonts/ttf/DejaVuSans.ttf"; None if it is nowhere."""
    carried = CARRIED / Path(file).name
    if carried.is_file():
        return carried
    package = find_spec("matplotlib")
    if package is None or package.origin is None:
        return None
    place = Path(package.origin).parent / "mpl-data" / file
    return place if place.is_file() else None
