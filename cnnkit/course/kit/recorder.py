"""What recorders share: measurements that take minutes, on one thread, written beside their topic as they are made."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit._arguments import choice
from cnnkit._say import say

POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
RUNS = "runs"  # the key that holds the runs of a recorder whose parts are many alike


def record(
    file: Path, parts: Mapping[str, Callable[[], Any]], names: Sequence[str] = (), *,
    runs: bool = False, processes: int = 1, **head: Any,
) -> None:  # fmt: skip
    """Measure parts of an experiment, and write each into `file`, beside what is there, as soon as it is measured.

    parts       by name: what returns a measurement, or yields (name, measurement) one after the other
    names       of those to measure; none: all
    runs        whether the parts are kept together under "runs", in their order
    processes   how many parts are measured at the same time
    head        what else the file says: the command, the seeds …

    Errors: ValueError for a name that is no part's.
    """
    for name in names:
        choice("part", name, tuple(parts))
    for name, found in _measured(parts, names or list(parts), processes):
        result = stored(file) | head
        if runs:
            every = result.get(RUNS, {}) | {name: found}
            found = {each: every[each] for each in parts if each in every}
        result[RUNS if runs else name] = found
        file.write_text(written(result), encoding="utf-8")


def _measured(
    parts: Mapping[str, Callable[[], Any]], names: Sequence[str], processes: int
) -> Iterator[tuple[str, Any]]:
    """Each part with what it has measured so far; says on the screen what is new."""
    if processes > 1:
        with ProcessPoolExecutor(processes) as pool:
            waiting = {name: pool.submit(parts[name]) for name in names}
            yield from ((name, _logged(name, each.result())) for name, each in waiting.items())
        return
    for name in names:
        found = parts[name]()
        if not isinstance(found, Iterator):
            yield name, _logged(name, found)
            continue
        so_far: dict[str, Any] = {}
        for key, value in found:
            so_far[key] = _logged(f"{name}: {key}", value)
            yield name, so_far


def _logged(name: str, found: Any) -> Any:
    say(f"{name}: {brief(found)}")
    return found


def brief(found: Any) -> str:
    """Of each number its value, and of several the mean; words and what has names inside are left out.

    >>> brief({"net": "CNN", "rate": 0.03, "test": [[0.25, 0.5], [0.75]]})
    'rate 0.03, test 0.5'
    """
    named = found if isinstance(found, dict) else {"mean": found}
    means = {name: np.mean(numbers) for name, value in named.items() if (numbers := [*_numbers(value)])}
    return ", ".join(f"{name} {mean:.4g}" for name, mean in means.items())


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, (int, float)):
        yield value
    elif isinstance(value, (list, tuple, range)):
        for each in value:
            yield from _numbers(each)


def rounded(values: Any, digits: int = 4) -> Any:
    """A number as a float with so many decimals, and numbers within numbers as lists of them.

    >>> rounded(np.array([[0.123456, 1], [2, 3]]))
    [[0.1235, 1.0], [2.0, 3.0]]
    """
    if isinstance(values, Iterable):
        return [rounded(value, digits) for value in values]
    return round(float(values), digits)


def by_seed(runs: Sequence[Any], *names: str) -> dict[str, Any]:
    """Of runs with other seeds, each field by its name, or those named: one number, or a list, for each run.

    >>> from cnnkit.course.kit.tune import Tuned
    >>> by_seed([Tuned(0.1, {}), Tuned(0.2, {})], "lr")
    {'lr': [0.1, 0.2]}
    """
    return {name: rounded(getattr(run, name) for run in runs) for name in names or runs[0]._fields}


def stored(file: Path) -> dict[str, Any]:
    """What a recorder has written; nothing if it has not."""
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def written(result: Mapping[str, Any]) -> str:
    """The text of a file: a line for each key, in their order, and one for each run.

    >>> print(written({"seeds": 2, "a": [1.0, 2.0], "runs": {"second": 2, "first": 1}}), end="")
    {
     "a": [1.0, 2.0],
     "runs": {
      "second": 2,
      "first": 1
     },
     "seeds": 2
    }
    """
    texts = {key: json.dumps(result[key]) for key in sorted(result)}
    if RUNS in result:
        texts[RUNS] = _lines({key: json.dumps(run) for key, run in result[RUNS].items()}, "  ")
    return _lines(texts, " ") + "\n"


def _lines(texts: Mapping[str, str], indent: str) -> str:
    lines = ",\n".join(f"{indent}{json.dumps(key)}: {text}" for key, text in texts.items())
    return f"{{\n{lines}\n{indent[1:]}}}"


def command_line(main: Callable[[list[str]], None], threads: int = 1) -> None:
    """Call `main` with the words of the command line, on so many threads.

    NumPy and torch ask for their number when they are imported: the program starts again if it is another.
    """
    if any(os.environ.get(pool) != str(threads) for pool in POOLS):
        os.environ.update(dict.fromkeys(POOLS, str(threads)))
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    main(sys.argv[1:])
