"""Reading what a topic's recorder measured: experiments that take too long for a notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TOPICS = Path(__file__).parents[1]


def results(topic: str, part: str = "") -> dict[str, Any]:
    """The numbers that `python -m cnnkit.course.<topic>.record` (or record_<part>) measured and wrote beside itself.

    Errors: ValueError for a topic or a part without such a file.
    """
    path = TOPICS / topic / f"recorded{'_' + part if part else ''}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    there = sorted(" ".join([path.parent.name, *path.stem.split("_")[1:]]) for path in TOPICS.glob("*/recorded*.json"))
    raise ValueError(
        f"nothing is recorded for {' '.join([topic, part]).strip()!r}; there are {', '.join(there) or 'none'}"
    )
