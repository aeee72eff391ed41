"""Tables of the lab of notebook 07: what was measured, one row a setting; and two methods without any layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.words import spread


class Rows:
    """A table: Markdown in a notebook, lines of text elsewhere."""

    def __init__(self, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        self.head, self.rows = tuple(head), [tuple(row) for row in rows]

    def __repr__(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.head))]
        return "\n".join(
            "  ".join(f"{cell:{w}}" for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines
        )

    def _repr_markdown_(self) -> str:
        return "\n".join(f"| {' | '.join(row)} |" for row in (self.head, [":--"] * len(self.head), *self.rows))


def norm_table() -> Rows:
    """Epochs to the target with and without batch norm, as the network is and with its first layer louder or softer."""
    stored = results("cnn")
    runs = {name.replace("middle", "digits in the middle").replace("shifted", "moved digits"): run
            for name, run in stored["norm"].items()}  # fmt: skip
    runs |= {f"first layer times {name}": run for name, run in stored["gains"].items()}
    rows = []
    for setting in dict.fromkeys(name.rpartition(", ")[0] for name in runs):
        found = [_reached(runs[f"{setting}, {kind}"]) for kind in ("with batch norm", "without")]
        rows.append((setting, *found))
    angles = {name: np.degrees(np.arccos(np.mean(each, axis=0)[-1])) for name, each in stored["turned"].items()}
    for rate in ("0.01", "0.03"):
        found = [f"{angles[f'{kind}, rate {rate}']:.0f}°" for kind in ("with batch norm", "without")]
        rows.append((f"last layer's gradient turned, rate {rate}", *found))
    return Rows(("setting", "with batch norm", "without"), rows)


def _reached(run: dict[str, Any]) -> str:
    epochs, late = np.array(run["epochs"]), len(run["curves"][0]) // 2  # late: twice the run
    there = np.sort(epochs[epochs < late])
    if not len(there):
        return "not in time at any rate"
    missed = f", {len(epochs) - len(there)} of 10 not in time" if len(there) < len(epochs) else ""
    return f"{np.median(epochs):.1f} epochs ({there[0]} to {there[-1]}){missed}"


def orders_table() -> Rows:
    """Each order of batch norm, ReLU and dropout: its error, what batch norm gets, its error after re-estimation."""
    rows = []
    for name, run in results("cnn")["orders"].items():
        shares = " and ".join(f"{share:.2f}" for share in np.mean(run["shift"], axis=0))
        again = f"{100 * np.mean(run['repaired']):.1f} %"
        rows.append((name, spread(run["test"], percent=True), shares, again))
    return Rows(("order", "test error, ten seeds", "variance it gets, of 1 expected", "error, re-estimated"), rows)


def baselines(x: Any, labels: Any, x_new: Any, labels_new: Any, width: float = 0.03) -> tuple[float, float]:
    """What two methods without layers read: the nearest training picture, and kernel ridge regression.

    width   of the kernel exp(−width·distance²); it and the ridge 0.001 were chosen on training digits
    """
    x, x_new = (np.asarray(each).reshape(len(each), -1).astype(float) for each in (x, x_new))
    labels, labels_new = np.asarray(labels), np.asarray(labels_new)
    nearest = labels[_distances(x_new, x).argmin(axis=1)]
    kernel = np.exp(-width * _distances(x, x)) + 0.001 * np.eye(len(x))
    scores = np.exp(-width * _distances(x_new, x)) @ np.linalg.solve(kernel, 2.0 * np.eye(10)[labels] - 1)
    return float((nearest == labels_new).mean()), float((scores.argmax(axis=1) == labels_new).mean())


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a**2).sum(axis=1)[:, None] - 2 * a @ b.T + (b**2).sum(axis=1)
