"""The table that `trace` returns: one row for each layer, and the sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any, NamedTuple

from cnnkit import layers
from cnnkit.sizes import ReceptiveField

HEAD = ("layer", "output shape", "parameters", "MACs", "receptive field")


class Step(NamedTuple):
    """One layer that an input went through."""

    place: str  # its name in the model, such as "features.0"
    kind: str  # how it is built, or its class
    layer: layers.Layer | None  # the same layer in `cnnkit.layers`, None if there is none
    before: tuple[int, ...]  # shapes, with the batch
    after: tuple[int, ...]
    weights: dict[str, int]  # how many numbers each of its parameters holds
    parameters: int  # how many there are in all, without those of an earlier step that are used again
    chained: bool = True  # whether it was given exactly what the layer before put out


class Row(NamedTuple):
    """One line of the table. None where nothing can be said."""

    place: str
    kind: str
    output_shape: tuple[int, ...] | None
    parameters: int
    macs: int | None
    receptive_field: ReceptiveField | str | None
    mult_adds: int = 0  # torchinfo's figure

    def cells(self) -> tuple[str, ...]:
        """As text."""
        shape = "–" if self.output_shape is None else str(list(self.output_shape))
        macs = "–" if self.macs is None else f"{self.macs:,}"
        return " ".join(filter(None, (self.place, self.kind))), shape, f"{self.parameters:,}", macs, self.sees

    @property
    def sees(self) -> str:
        """Height × width of the receptive field."""
        if not isinstance(self.receptive_field, ReceptiveField):
            return self.receptive_field or "–"
        size = self.receptive_field.size
        height, width = size if isinstance(size, tuple) else (size, size)
        return f"{height} × {width}"


class Trace:
    """The table; it shows itself as Markdown in a notebook and as text elsewhere."""

    def __init__(self, rows: Iterable[Row], input_shape: tuple[int, ...]) -> None:
        self.rows, self.input_shape = list(rows), input_shape

    @property
    def parameters(self) -> int:
        return sum(row.parameters for row in self.rows)

    @property
    def macs(self) -> int:
        """Of the layers whose products can be counted."""
        return sum(row.macs or 0 for row in self.rows)

    @property
    def mult_adds(self) -> int:
        """What torchinfo 1.8 reports for the same input: it counts biases too, and batch norm once per channel."""
        return sum(row.mult_adds for row in self.rows)

    @property
    def total(self) -> str:
        """The sums, in one sentence."""
        some = "at least " if any(row.macs is None for row in self.rows) else ""
        return (
            f"Input {list(self.input_shape)}: {self.parameters:,} parameters, {some}{self.macs:,} MACs "
            f"({self.mult_adds:,} mult-adds as torchinfo counts them)."
        )

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
    """Count what each step learns, multiplies and sees."""
    seen: ReceptiveField | str | None = ReceptiveField(1, 1, 0)
    for step in steps:
        seen = _sees(step, seen) if step.chained else None
        adds = mult_adds(step.kind, step.after, step.weights)
        yield Row(step.place, step.kind, step.after, step.parameters, _macs(step), seen, adds)


def _macs(step: Step) -> int | None:
    """Of the whole batch; None for a layer that is not known, or is used otherwise: BatchNorm1d after Conv1d."""
    if step.layer is None or not step.before:
        return None
    try:
        return step.before[0] * layers.count_macs(step.layer, step.before[1:])
    except ValueError:
        return None


def _sees(step: Step, seen: Any) -> Any:
    """What the step's output sees of the model's input, when its input sees `seen`."""
    if seen is not None and step.kind.startswith("Adaptive") and prod(step.after[2:]) == 1:
        return layers.ALL
    if step.layer is None:
        return seen if seen == layers.ALL else None
    return layers.field_of(step.layer, step.before[1:], seen)


def mult_adds(kind: str, after: tuple[int, ...], weights: dict[str, int]) -> int:
    """torchinfo's rule: each number of weight and bias once for each output pixel of a convolution, or once else."""
    numbers = sum(n for name, n in weights.items() if name in ("weight", "bias"))
    pixels = after[2:] if "Conv" in kind else ()
    return prod(after[:1]) * prod(pixels) * numbers


def refused(place: str, kind: str, shape: tuple[int, ...], problem: Exception) -> ValueError:
    """What to say when a layer does not take its input."""
    where = f"layer {' '.join(filter(None, (place, kind)))}" if kind else "the model"
    said = str(problem).strip()
    if not isinstance(problem, (RuntimeError, ValueError)) or not said:  # its words alone say little
        said = f"{type(problem).__name__}{': ' * bool(said)}{said}"
    return ValueError(f"{where} does not take an input of shape {list(shape)}: {said}")
