"""Reading what `benchmarks/` measured: experiments that take too long for a notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PLACES = (
    Path(__file__).parents[1] / "_results",  # in an installed wheel
    Path(__file__).parents[2] / "benchmarks" / "results",  # in the repository
)


def results(name: str) -> dict[str, Any]:
    """The numbers in `benchmarks/results/<name>.json`, which `python -m benchmarks.<name>` measures again and writes.

    Errors: ValueError for a name without such a file.
    """
    for place in PLACES:
        path = place / f"{name}.json"
        if path.exists():
            return json.loads(path.read_text(encoding="utf-8"))
    there = sorted({path.stem for place in PLACES for path in place.glob("*.json")})
    raise ValueError(f"there are no results {name!r}; there are {', '.join(there) or 'none'}")
