"""Exercise 08.4: a split that is drawn twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnkit.course.clinic.exercises.mend import UNTOUCHED, Repair
from cnnkit.course.kit.exercise import Mistake

# The solution is printed in the notebook, so it looks like the stub: no type hints.
COUNT, HELD = 200, 40


def split(n, n_val, rng):
    order = rng.permutation(n)
    return order[n_val:], order[:n_val]


def split_as_it_came(n, n_val, rng):
    val = rng.permutation(n)[:n_val]
    return rng.permutation(n)[n_val:], val


def trial(answer: Callable) -> Any:
    """A split, the same one again from the same seed, and the one of another seed."""
    return [answer(COUNT, HELD, np.random.default_rng(seed)) for seed in (84, 84, 85)]


def judge(tried: Any) -> str:
    """What is wrong with these splits."""
    if tried is None or any(each is None for each in tried):
        return "Your function returns nothing: two arrays are asked for. Is there a `return`?"
    splits = [_lists(each) for each in tried]
    if any(each is None for each in splits):
        return "Two arrays of whole numbers are asked for: the numbers to train on, and those for validation."
    (train, val), again, other = splits  # type: ignore[misc]
    if splits[0] == _lists(split_as_it_came(COUNT, HELD, np.random.default_rng(84))):
        return UNTOUCHED
    both = len(set(train) & set(val))
    if not set(train) | set(val) <= set(range(COUNT)):
        return f"For n = {COUNT} the numbers 0 to {COUNT - 1} are asked for."
    if len(set(val)) < len(val) or len(set(train)) < len(train):
        return "A number comes twice in the same part. Draw without putting back: one permutation holds each once."
    if both == len(val):
        return "All validation digits are trained on, too. The training part must leave them out."
    if both:
        return f"Trained on, too: {both} of {len(val)} validation digits. Cut both parts from the same permutation."
    if (len(train), len(val)) == (HELD, COUNT - HELD):
        return f"The parts have changed places: {HELD} digits are for validation, and they come second."
    if left := COUNT - len(train) - len(val):
        return f"{left} {'digit' if left == 1 else 'digits'} in neither part. Each belongs to one of the two."
    if len(val) != HELD:
        return f"Your validation part has {len(val)} digits where n_val = {HELD} are asked for."
    if sorted(val) == val and splits[0] == other:
        return "You cut the file in its order. Its end is written by other people than its beginning: draw first."
    if splits[0] != again:
        return "The same `rng` gives another split each time. Draw with `rng`, so that a run can be repeated."
    return "Every `rng` gives the same split: `rng` is not used." if splits[0] == other else ""


def _lists(found: Any) -> tuple[list[int], list[int]] | None:
    """Both parts as lists of whole numbers; None if that is not what was given."""
    try:
        train, val = found
        parts = [np.asarray(part) for part in (train, val)]
        if any(part.ndim != 1 or part.dtype.kind not in "iu" or not part.size for part in parts):
            return None
        return parts[0].tolist(), parts[1].tolist()
    except Exception:  # whatever a strange object raises when it is asked for its items
        return None


def _order(n, n_val, rng):
    return np.arange(n_val, n), np.arange(n_val)


def _all(n, n_val, rng):
    order = rng.permutation(n)
    return order, order[:n_val]


def _one_more(n, n_val, rng):
    order = rng.permutation(n)
    return order[n_val - 1 :], order[:n_val]


def _gap(n, n_val, rng):
    order = rng.permutation(n)
    return order[n_val + 1 :], order[:n_val]


def _swapped(n, n_val, rng):
    train, val = split(n, n_val, rng)
    return val, train


def _replaced(n, n_val, rng):
    val = rng.integers(0, n, n_val)
    return np.setdiff1d(np.arange(n), val), val


def _fixed(n, n_val, rng):
    return split(n, n_val, np.random.default_rng(0))


def _global(n, n_val, rng):
    return split(n, n_val, np.random.default_rng())


SPLIT = Repair(
    key="08.4",
    title="Case I: too good to be true",
    name="split",
    question=(
        "`split(n, n_val, rng)` cuts the numbers 0 to n − 1 at random into those to train on and n_val for "
        "validation, and returns both as arrays, in this order. As it came in, some digits are in both parts. Mend it, "
        "so that each digit is in one part alone."
    ),
    stub=(
        "def split(n, n_val, rng):\n    val = rng.permutation(n)[:n_val]\n    return rng.permutation(n)[n_val:], val"
    ),
    hints=(
        "How often does it draw an order? Is it the same order each time?",
        "Draw one permutation and cut it: the first n_val numbers for validation, the rest to train on.",
    ),
    solution=split,
    praise="Each digit is in one part alone. What would leak if the same digit stood twice in the file?",
    trial=trial,
    judge=judge,
    mistakes=(
        Mistake(_order, "You cut the file in its order."),
        Mistake(_all, "All validation digits are trained on, too."),
        Mistake(_one_more, "Trained on, too: 1 of 40 validation digits."),
        Mistake(_gap, "1 digit in neither part."),
        Mistake(_swapped, "The parts have changed places"),
        Mistake(_replaced, "A number comes twice in the same part."),
        Mistake(_fixed, "Every `rng` gives the same split"),
        Mistake(_global, "The same `rng` gives another split each time."),
    ),
)
