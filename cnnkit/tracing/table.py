"""The table that `trace` returns: one row for each layer, and the sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any, NamedTuple

from cnnkit.sizes import ReceptiveField

NAMED = 4  # of the operations that are not counted
HEAD = ("layer", "output shape", "parameters", "MACs", "receptive field")


class Step(NamedTuple):
    """One layer that an input went through."""

    place: str  # its name in the model, such as "features.0"
    kind: str  # how it is built, or its class
    before: tuple[int, ...]  # shapes, with the batch
    after: tuple[int, ...]
    weights: dict[str, int] | None  # how many numbers each of its parameters holds; None: torchinfo has another rule
    parameters: int  # how many there are in all, without those of an earlier step that are used again
    macs: int | None
    seen: ReceptiveField | str | None
    unknown: list[str]  # what it computes that is not counted


class Row(NamedTuple):
    """One line of the table. None where nothing can be said."""

    place: str
    kind: str
    output_shape: tuple[int, ...] | None
    parameters: int
    macs: int | None  # of what can be counted; what cannot is named in `unknown`
    receptive_field: ReceptiveField | str | None
    mult_adds: int | None = 0  # torchinfo's figure
    unknown: tuple[str, ...] = ()  # operations whose products are not counted

    def cells(self) -> tuple[str, ...]:
        """As text."""
        shape = "–" if self.output_shape is None else str(list(self.output_shape))
        macs = "–" if self.macs is None else f"{'≥ ' * bool(self.unknown)}{self.macs:,}"
        return " ".join(filter(None, (self.place, self.kind))), shape, f"{self.parameters:,}", macs, self.sees

    @property
    def sees(self) -> str:
        """Height × width of the receptive field, or its length along the only axis."""
        if not isinstance(self.receptive_field, ReceptiveField):
            return self.receptive_field or "–"
        size = self.receptive_field.size
        return " × ".join(map(str, size if isinstance(size, tuple) else (size, size)))


class Trace:
    """The table; it shows itself as Markdown in a notebook and as text elsewhere."""

    def __init__(self, rows: Iterable[Row], input_shape: tuple[Any, ...]) -> None:
        self.rows, self.input_shape = list(rows), input_shape

    @property
    def parameters(self) -> int:
        return sum(row.parameters for row in self.rows)

    @property
    def macs(self) -> int:
        """Of the layers whose products can be counted."""
        return sum(row.macs or 0 for row in self.rows)

    @property
    def mult_adds(self) -> int | None:
        """What torchinfo 1.8 reports for the same input: it counts biases too, and batch norm once per channel.

        None where a layer is none of torch's own, for which its rule is another.
        """
        found = [row.mult_adds for row in self.rows]
        return None if None in found else sum(filter(None, found))

    @property
    def uncounted(self) -> list[str]:
        """What was computed, too, and is not in `macs`: operations of torch, or layers without a rule."""
        rows = (row for row in self.rows if row.macs is None or row.unknown)
        return list(dict.fromkeys(name for row in rows for name in row.unknown or (row.kind,)))

    @property
    def total(self) -> str:
        """The sums, in one sentence."""
        sums = f"Input {self._input}: {self.parameters:,} parameters, "
        if self.uncounted:
            shown, more = ", ".join(self.uncounted[:NAMED]), len(self.uncounted) - NAMED
            notes = [f"not counted: {shown}{f' and {more} more' if more > 0 else ''}"]
        else:
            notes = []
        if self.mult_adds is not None:
            notes.append(f"{self.mult_adds:,} mult-adds as torchinfo counts them")
        said = f" ({'; '.join(notes)})" if notes else ""
        return f"{sums}{'at least ' * bool(self.uncounted)}{self.macs:,} MACs{said}."

    @property
    def _input(self) -> str:
        several = self.input_shape and isinstance(self.input_shape[0], tuple)
        return " and ".join(str(list(shape)) for shape in (self.input_shape if several else [self.input_shape]))

    def __repr__(self) -> str:
        cells = [HEAD, *(row.cells() for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
            for row in cells
        ]
        return "\n".join([*lines, self.total])

    def _repr_markdown_(self) -> str:
        lines = ["| " + " | ".join(row.cells()) + " |" for row in self.rows]
        return "\n".join([f"| {' | '.join(HEAD)} |", "|:--|:--|--:|--:|--:|", *lines, "", self.total])


def rows(steps: Iterable[Step]) -> Iterator[Row]:
    """A row for each step."""
    for step in steps:
        adds = None if step.weights is None else mult_adds(step.kind, step.after, step.weights)
        yield Row(step.place, step.kind, step.after, step.parameters, step.macs, step.seen, adds, tuple(step.unknown))


def mult_adds(kind: str, after: tuple[int, ...], weights: dict[str, int]) -> int:
    """torchinfo's rule: weights and biases once for each output pixel of a convolution, or once for each example.

    Those with longer names, such as weight_ih_l0 of a recurrent layer, once for each example and time step.
    """
    plain = sum(n for name, n in weights.items() if name in ("weight", "bias"))
    longer = sum(weights.values()) - plain
    pixels = after[2:] if "Conv" in kind else ()
    return prod(after[:1]) * prod(pixels) * plain + prod(after[:2]) * longer


def refused(place: str, kind: str, shape: tuple[int, ...], problem: Exception) -> ValueError:
    """What to say when a layer does not take its input."""
    where = f"layer {' '.join(filter(None, (place, kind)))}" if kind else "the model"
    said = str(problem).strip()
    if not isinstance(problem, (RuntimeError, ValueError)) or not said:  # its words alone say little
        said = f"{type(problem).__name__}{': ' * bool(said)}{said}"
    return ValueError(f"{where} does not take an input of shape {list(shape)}: {said}")
