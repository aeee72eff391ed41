"""What is touched in the pictures of notebook 03: a place on an axis, a coin to toss again, a word of a list."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnnkit.course.kit.palette import INK
from cnnkit.course.kit.sheet import Sheet, text_width


def outward(places: Sequence[int] | np.ndarray, now: int, wanted: int) -> int:
    """Which of `places` to go to from number `now` when `wanted` is touched: the first at `wanted` or beyond.

    Beyond it, and not only near it, so that an arrow key always leads to another place, unless there is none.

    >>> outward([3, 8, 5], 0, 4), outward([3, 8, 5], 1, 7), outward([3, 8, 5], 0, 9)
    (2, 2, 1)
    """
    away = np.asarray(places) - places[now]
    step = int(np.sign(wanted - places[now]))
    if step == 0:
        return now
    reached = step * away >= abs(wanted - places[now])
    return int(np.argmin(np.where(reached, abs(away), np.inf)) if reached.any() else np.argmax(step * away))


def next_toss(kept: np.ndarray, now: int) -> int | None:
    """The next draw, from number `now` on and round to the first, in which a unit's coin falls the other way.

    kept   whether the unit is kept, for each draw

    >>> next_toss(np.array([True, False, True, True]), 2), next_toss(np.array([True, True]), 0)
    (1, None)
    """
    others = (now + 1 + np.arange(len(kept))) % len(kept)
    different = others[kept[others] != kept[now]]
    return int(different[0]) if len(different) else None


def put_options(
    sheet: Sheet, x: float, y: float, width: float, control: str, options: Sequence[str], chosen: str, *,
    down: float = 0, words: Sequence[str] = (),
) -> None:  # fmt: skip
    """Put down what `control` can be set to, the chosen one bold and underlined; each can be touched.

    width   of an option
    down    from one to the next, where they stand below each other; else side by side
    words   what to write, if not the options themselves
    """
    at = options.index(chosen)
    for i, word in enumerate(words or options):
        left, base = (x, y + i * down) if down else (x + i * width, y)
        sheet.text(left, base, word, bold=i == at, soft=i != at)
        if i == at:
            sheet.box(left, base + 4, text_width(word, 13, bold=True), 1, INK)
    rows, columns = (len(options), 1) if down else (1, len(options))
    box = x - 4, y - 15, width * columns, (down or 22) * rows
    here = (at, 0) if down else (0, at)
    sheet.touch(box, rows, columns, lambda i, j: {control: options[max(i, j)]}, here=here)
