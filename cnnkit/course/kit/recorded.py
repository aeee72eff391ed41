"""Reading what a topic's recorder measured: experiments that take too long for a notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cnnkit.data.dataset import DataError
from cnnkit.data.embedded import own_bytes, own_exists

TOPICS = Path(__file__).parents[1]


def results(topic: str, part: str = "") -> dict[str, Any]:
    """The numbers that `python -m cnnkit.course.<topic>.record` (or record_<part>) measured and wrote beside itself.

    Errors: ValueError for a topic or a part without such a file; DataError for one that cannot be read, or is damaged.
    """
    path = TOPICS / topic / f"recorded{'_' + part if part else ''}.json"
    if not own_exists(path):
        there = sorted(" ".join([p.parent.name, *p.stem.split("_")[1:]]) for p in TOPICS.glob("*/recorded*.json"))
        raise ValueError(
            f"nothing is recorded for {' '.join([topic, part]).strip()!r}; there are {', '.join(there) or 'none'}"
        )
    try:
        return json.loads(own_bytes(path))
    except (ValueError, RecursionError) as problem:
        raise DataError(f"{path} was cut short or altered: {problem}. Reinstall cnnkit, or record it again") from None


def own_text(path: Path) -> str:
    """The text of a file of the package; a DataError that names it when it may not be read."""
    return own_bytes(path).decode("utf-8")
