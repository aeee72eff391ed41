"""Exercise 08.2: batches that come in the order of the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnkit.course.clinic.exercises.mend import UNTOUCHED, Repair
from cnnkit.course.kit.exercise import Mistake
from cnnkit.course.kit.exercise_words import show

# The solution is printed in the notebook, so it looks like the stub: no type hints.
COUNT, SIZE = 103, 20


def batches(n, size, rng):
    order = rng.permutation(n)
    return [order[i : i + size] for i in range(0, n, size)]


def trial(answer: Callable) -> Any:
    """Two epochs in a row, and the first one again from the same seed."""
    rng = np.random.default_rng(8)
    first = answer(COUNT, SIZE, rng)
    return first, answer(COUNT, SIZE, rng), answer(COUNT, SIZE, np.random.default_rng(8))


def judge(tried: Any) -> str:
    """What is wrong with these batches."""
    if tried is None or any(each is None for each in tried):
        return "Your function returns nothing: a list of arrays is asked for. Is there a `return`?"
    epochs = [flat for each in tried if (flat := _flat(each)) is not None]
    if len(epochs) < len(tried):
        return "A list of arrays of whole numbers is asked for, one array for each batch."
    first, second, again = epochs
    lengths = [len(batch) for batch in tried[0]]
    if problem := _missing(first, lengths):
        return problem
    blocks = [sorted(map(int, batch)) for batch in tried[0]]
    if first == list(range(COUNT)) and second == first:
        return UNTOUCHED
    if all(block == list(range(block[0], block[0] + len(block))) for block in blocks):
        inside = [list(map(int, batch)) for batch in tried[0]] != blocks
        return INSIDE if inside else OUTSIDE
    if first != again:
        return "The same `rng` gives another order each time, so nobody can repeat your run. Draw the order with `rng`."
    return (
        "The order is the same in every epoch. It has to be drawn anew with `rng` each time." if first == second else ""
    )


INSIDE = (
    "You shuffle inside each batch. The batch still holds the same neighbours of the file; only their order differs."
)
OUTSIDE = "You shuffle the batches and leave each as it was: neighbours in the file still share a batch."


def _missing(order: list[int], lengths: list[int]) -> str:
    seen = set(order)
    if not seen <= set(range(COUNT)):
        given = f"{show(min(seen), ticks=False)} to {show(max(seen), ticks=False)}"
        return f"For n = {COUNT} the numbers 0 to {COUNT - 1} are asked for; you give {given}."
    if len(order) > len(seen):
        return f"Some digits come twice in an epoch: {len(order)} numbers, and only {len(seen)} different ones."
    if len(seen) < COUNT:
        left = COUNT - len(seen)
        return f"Of {COUNT} digits {left} are never seen in this epoch. Each should come once."
    if max(lengths) > SIZE:
        return f"A batch has {max(lengths)} digits where {SIZE} at most are asked for."
    return ""


def _flat(epoch: Any) -> list[int] | None:
    """All numbers of an epoch's batches; None if it is no list of batches of whole numbers."""
    try:
        numbers = [number for batch in epoch for number in np.asarray(batch).tolist()]
        return [int(number) for number in numbers] if numbers and all(n == int(n) for n in numbers) else None
    except Exception:  # whatever a strange object raises when it is asked for its items
        return None


def _fixed(n, size, rng):
    return batches(n, size, np.random.default_rng(0))


def _global(n, size, rng):
    return batches(n, size, np.random.default_rng())


def _twice(n, size, rng):
    order = rng.integers(0, n, n)
    return [order[i : i + size] for i in range(0, n, size)]


def _one(n, size, rng):
    return [rng.permutation(size)]


def _whole(n, size, rng):
    return [rng.permutation(n)[:size] for _ in range(0, n, size)]


def _outside(n, size, rng):
    found = np.array_split(np.arange(n), -(-n // size))
    return [found[i] for i in rng.permutation(len(found))]


def _inside(n, size, rng):
    return [rng.permutation(np.arange(n)[i : i + size]) for i in range(0, n, size)]


def _dropped(n, size, rng):
    return batches(n, size, rng)[: n // size]


BATCHES = Repair(
    key="08.2",
    title="Case G: batches in the order of the file",
    name="batches",
    question=(
        "`batches(n, size, rng)` is called once an epoch. It returns a list of batches: the numbers 0 to n − 1, cut "
        "into pieces of `size`, the last one shorter. As it came in, every epoch walks through the file in its order. "
        "Mend one line, so that each epoch has a new random order, drawn with `rng`."
    ),
    stub=(
        "def batches(n, size, rng):\n    order = list(range(n))\n"
        "    return [order[i : i + size] for i in range(0, n, size)]"
    ),
    hints=(
        "The second line cuts well. Which line decides the order?",
        "`rng.permutation(n)` gives the numbers 0 to n − 1 in random order, each of them once.",
    ),
    solution=batches,
    praise="Each digit comes once an epoch, in a new order. Why must images and labels be indexed with the same array?",
    trial=trial,
    judge=judge,
    mistakes=(
        Mistake(_fixed, "The order is the same in every epoch."),
        Mistake(_global, "so nobody can repeat your run"),
        Mistake(_twice, "Some digits come twice in an epoch: 103 numbers"),
        Mistake(_whole, "Some digits come twice in an epoch: 120 numbers"),
        Mistake(_one, "Of 103 digits 83 are never seen in this epoch."),
        Mistake(_dropped, "Of 103 digits 3 are never seen in this epoch."),
        Mistake(_outside, OUTSIDE),
        Mistake(_inside, INSIDE),
    ),
)
