"""The one table of operations: what every layer of `cnnkit` must survive. `test_operations.py` runs it.

The rows are written in the files `operations_….py`; this file says what a row is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

Arrays = dict[str, np.ndarray]  # what is differentiated, by torch's argument name, in float64
Options = dict[str, Any]  # everything else: stride, p, class indices, running statistics …
Gradients = dict[str, np.ndarray]  # one gradient per array, under the array's name


@dataclass(frozen=True)
class Operation:
    """One operation and the five ways in which it is proved.

    name      torch.nn.functional's name
    forward   forward(**arrays, **options) -> y
    backward  backward(dy, **arrays, **options) -> gradients
    torch     the same forward on float64 tensors; autograd gives its gradients
    cases     draws (arrays, options): random shapes, options and parameters, nothing left at its default
    hand      (arrays, options, y) or (arrays, options, y, dy, gradients), worked out with pencil and paper
    loops     the definition in plain loops, called like forward
    property  property(data) draws from hypothesis' `data` and asserts what must always hold
    wrong     backwards with one deliberate mistake each; the comparison with torch must catch every one
    smooth    cases without kinks or ties, for the centred difference, where `cases` has them
    """

    name: str
    forward: Callable[..., np.ndarray]
    backward: Callable[..., Gradients]
    torch: Callable[..., Any]
    cases: st.SearchStrategy[tuple[Arrays, Options]]
    hand: Sequence[tuple[Any, ...]]
    loops: Callable[..., np.ndarray] | None = None
    property: Callable[[st.DataObject], None] | None = None
    wrong: Sequence[Callable[..., Gradients]] = ()
    smooth: st.SearchStrategy[tuple[Arrays, Options]] | None = None


# A seeded generator: hypothesis draws the seed, so that a failing case can be repeated and made smaller.
rngs: st.SearchStrategy[np.random.Generator] = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def assert_close(actual: np.ndarray, expected: np.ndarray, what: str = "") -> None:
    """Ours and torch's agree to rtol 1e-9, in shape and in value.

    The absolute tolerance is 1e-12 of the largest entry: where large terms cancel, the two orders of summation leave
    different last digits behind, and an entry that is "zero" is so only beside its neighbours. NaN and inf must agree.
    """
    finite = expected[np.isfinite(expected)]
    atol = 1e-12 * float(np.abs(finite).max(initial=0.0))
    assert np.shape(actual) == expected.shape, f"{what}: shape {np.shape(actual)}, expected {expected.shape}"
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=atol, err_msg=what)


def collect() -> list[Operation]:
    """All rows of the table: those of each file named `operations_….py` beside this one."""
    files = sorted(Path(__file__).parent.glob("operations_*.py"))
    return [row for file in files for row in import_module(f"tests.{file.stem}").OPERATIONS]  # they import this file
