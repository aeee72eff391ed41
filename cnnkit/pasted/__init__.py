"""A model as it stands in somebody's code, PyTorch's or Keras's, read without either and without running it.

    read("nn.Conv2d(3, 64, 7, stride=2, padding=3)", size=224)
    explain("mat1 and mat2 shapes cannot be multiplied (32x400 and 120x84)")

`read` says what comes out of each layer, what it learns, multiplies and sees. It takes one layer or several, a
Sequential, a class with `__init__` and `forward`, a Keras model, or what `print(model)` shows: chains, one layer after
the other. `explain` takes the message of an error about shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

from cnnkit._arguments import integer
from cnnkit.layers import Flatten, Layer, Row, walk
from cnnkit.layers.layer import Shape
from cnnkit.pasted.code import Call, Source, Unreadable
from cnnkit.pasted.errors import explain
from cnnkit.pasted.layers import PIXELS, Torn, bound, first_shape, layer_of, nameless
from cnnkit.pasted.meant import mended
from cnnkit.pasted.mends import Mend, Misfit, check_axes, check_number, torn
from cnnkit.pasted.reader import calls

__all__ = ["Reading", "explain", "mended", "read"]

SIZE = 224  # pixels of an input that nobody gave, if all layers fit it
USUAL = (28, 32, 64, 96, 128, 227, 256, 299)  # of MNIST, CIFAR and others: tried before the smallest that fits
MOST_PIXELS = 300
MOST_LAYERS = 400
MANY_LAYERS = 100  # more than these are tried at the usual sizes only: each is made anew for each size
HEADS = ("layer", "output shape", "parameters", "MACs", "receptive field")


class Reading(NamedTuple):
    """What was read.

    rows     one for each layer, see `cnnkit.layers.Row`
    labels   the layers as they were written
    notes    what was taken for granted
    wrong    why the next layer does not fit, and what would; "" if all do
    mend     the code that fits; None if there is none
    """

    input_shape: Shape
    rows: list[Row]
    labels: list[str]
    notes: list[str]
    wrong: str = ""
    mend: Mend | None = None

    def cells(self) -> list[tuple[str, ...]]:
        """The table, row by row, as words."""
        return [
            (label, _sides(row.output_shape), f"{row.parameters:,}", _count(row.macs), _field(row.field))
            for label, row in zip(self.labels, self.rows, strict=True)
        ]

    def total(self) -> str:
        """One sentence about all of it."""
        learnt, macs = sum(row.parameters for row in self.rows), [row.macs for row in self.rows]
        work = f"{sum(m or 0 for m in macs):,} MACs"
        return f"Input {_sides(self.input_shape)}: {learnt:,} parameters, {'at least ' if None in macs else ''}{work}."

    def __repr__(self) -> str:
        table = [HEADS, *self.cells()]
        wide = [max(len(row[i]) for row in table) for i in range(len(HEADS))]
        lines = ["  ".join(_padded(cell, w, i) for i, (cell, w) in enumerate(zip(row, wide, strict=True))).rstrip()
                 for row in table]  # fmt: skip
        return "\n".join([*lines, self.total(), *self.notes, *([self.wrong] if self.wrong else [])])


def read(code: str, size: Any = None) -> Reading:
    """Read the layers in `code` and follow one input through them.

    size   height and width of the input, an int or a pair; without it what the code says or needs, or 224

    Errors: ValueError that names the line for what is no chain of layers that the course knows.

    >>> read("nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120))", 28)
    layer               output shape  parameters    MACs  receptive field
    nn.Conv2d(1, 6, 5)  6 × 24 × 24          156  86,400            5 × 5
    nn.ReLU()           6 × 24 × 24            0       0            5 × 5
    nn.MaxPool2d(2)     6 × 12 × 12            0       0            6 × 6
    nn.Flatten()        864                    0       0            6 × 6
    Input 1 × 28 × 28: 156 parameters, 86,400 MACs.
    nn.Linear(400, 120) takes 400 numbers and gets 864 = 6 · 12 · 12. Write nn.Linear(864, 120).
    """
    if not isinstance(code, str):
        raise ValueError(f"code must be the text of one or more layers, got a {type(code).__name__}")
    try:
        return _read(Source(code), size)
    except (ArithmeticError, LookupError, TypeError, MemoryError):
        raise Unreadable("a number in the code is none that a layer can have") from None


def _read(source: Source, size: Any) -> Reading:
    written, notes = calls(source)
    if len(written) > MOST_LAYERS:
        raise Unreadable(f"at most {MOST_LAYERS} layers can be read, and these are {len(written):,}")
    shape, taken = _input(written, None if size is None else _pair(size), source)
    notes += taken
    rows: list[Row] = []
    labels: list[str] = []
    shapes = [shape]
    chain = _chain(written, shapes, labels, notes, source)
    try:
        _fill(rows, labels, shapes, walk(chain, shape))
    except Unreadable:
        raise
    except Misfit as misfit:
        return Reading(shape, rows, labels[: len(rows)], notes, str(misfit), misfit.mend)
    except ValueError as error:
        return Reading(shape, rows, labels[: len(rows)], notes, f"{labels[-1]}: {error}.")
    return Reading(shape, rows, labels, notes)


def _chain(
    written: Sequence[Call], shapes: Sequence[Shape], labels: list[str], notes: list[str], source: Source
) -> Iterator[Layer]:
    """Each layer for the input that reaches it: the last of `shapes`, to which its output is added then."""
    for call in written:
        if call.name in PIXELS:
            continue
        if call.name == "Linear" and len(shapes[-1]) == 3 and call.loose:
            notes.append(f"The images are laid out as rows before {call.text}: the code does not show it.")
            labels.append(repr(Flatten()))
            yield Flatten()
        check_axes(call, shapes[-1], source)
        try:
            layers = layer_of(call, shapes[-1])
        except Torn as error:
            raise torn(call, error, shapes[-1], source) from None
        check_number(call, shapes, source, notes)
        notes += _remarks(call, shapes[-1])
        labels.append(call.text)
        for number, layer in enumerate(layers):
            layer.counted = not call.again  # type: ignore[attr-defined]
            if number:
                labels.append("")
            yield layer


def _remarks(call: Call, shape: Shape) -> list[str]:
    """What was taken for granted about one layer."""
    remarks = []
    if call.again:
        remarks.append(f"`{call.text}` is used again: its parameters are counted once.")
    units = bound(call).get("out_features", bound(call).get("units")) if call.name in ("Linear", "Dense") else None
    if nameless(units):
        remarks.append(f"{units} has no number here: 10 is taken.")
    if call.name == "Dense" and len(shape) == 3:
        remarks.append(
            f"`{call.text}` acts on the channels of each of {shape[1]} · {shape[2]} pixels. If it should see the whole "
            f"image, Flatten is missing before it, which makes {prod(shape)} = {_product(shape)} numbers of it."
        )
    return remarks


def _fill(rows: list[Row], labels: list[str], shapes: list[Shape], walked: Iterable[Row]) -> None:
    """One row for each label: a call that is two layers here, such as GlobalAveragePooling2D, is one to its writer."""
    for row in walked:
        shapes.append(row.output_shape)
        if not getattr(row.layer, "counted", True):
            row = row._replace(parameters=0)
        if labels[-1]:
            rows.append(row)
            continue
        labels.pop()
        macs = None if None in (row.macs, rows[-1].macs) else (row.macs or 0) + (rows[-1].macs or 0)
        learnt = rows[-1].parameters + row.parameters
        rows[-1] = rows[-1]._replace(output_shape=row.output_shape, parameters=learnt, macs=macs, field=row.field)


def _input(written: Sequence[Call], sides: tuple[int, int] | None, source: Source) -> tuple[Shape, list[str]]:
    """The input's shape, and how it was found where neither the code nor the learner says it."""
    shape, said, coloured = first_shape(written, sides, SIZE)
    if len(shape) == 1 or (coloured and (said or _fits(written, shape, source))):
        return shape, []
    colours = [shape[0]] if coloured else [3, 1]
    few = len(written) <= MANY_LAYERS
    for channels in colours:
        taken = [] if coloured else [_taken(channels)]
        if said and _fits(written, (channels, *shape[1:]), source):
            return (channels, *shape[1:]), taken
        if not said and _fits(written, (channels, SIZE, SIZE), source):
            return (channels, SIZE, SIZE), taken
        sizes = [] if said else _sizes(written, channels, few, source)
        if sizes:
            size = next((n for n in USUAL if n in sizes), sizes[0])
            return (channels, size, size), [*taken, _which(sizes, size, few)]
    channels = max(colours, key=lambda number: _reach(written, (number, *shape[1:]), source))
    notes = [] if coloured else [_taken(channels)]
    return (channels, *shape[1:]), [*notes, *([] if said else [f"{SIZE} pixels a side are taken: no size fits all."])]


def _taken(channels: int) -> str:
    are = "are" if channels > 1 else "is"
    return f"The code does not say how many channels the image has: {channels} {are} taken."


def _sizes(written: Sequence[Call], channels: int, few: bool, source: Source) -> list[int]:
    return [n for n in (range(1, MOST_PIXELS + 1) if few else USUAL) if _fits(written, (channels, n, n), source)]


def _which(sizes: Sequence[int], size: int, few: bool) -> str:
    run = list(sizes) == [*range(sizes[0], sizes[-1] + 1)]
    which = f"{sizes[0]} to {sizes[-1]}" if run and len(sizes) > 1 else ", ".join(map(str, sizes[:3]))
    more = "" if few and (run or len(sizes) <= 3) else " …"
    return f"All layers fit if the input has {which}{more} pixels a side: {size} is taken."


def _fits(written: Sequence[Call], shape: Shape, source: Source) -> bool:
    return _reach(written, shape, source) == MOST_LAYERS


def _reach(written: Sequence[Call], shape: Shape, source: Source) -> int:
    """How many layers take an input of this shape: MOST_LAYERS if all do."""
    shapes = [shape]
    try:
        for layer in _chain(written, shapes, [], [], source):
            shapes.append(layer.output_shape(shapes[-1]))
    except ValueError:
        return len(shapes) - 1
    return MOST_LAYERS


def _pair(size: Any) -> tuple[int, int]:
    both = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(both) != 2:
        raise ValueError(f"size must be an int or a pair (height, width), got {size!r}")
    height, width = (integer("size", side, at_least=1) for side in both)
    return height, width


def _sides(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))


def _product(shape: Sequence[int]) -> str:
    return " · ".join(map(str, shape))


def _count(macs: int | None) -> str:
    return "–" if macs is None else f"{macs:,}"


def _field(field: Any) -> str:
    if field is None or isinstance(field, str):
        return field or "–"
    size = field.size if isinstance(field.size, tuple) else (field.size, field.size)
    return _sides(size)


def _padded(cell: str, wide: int, column: int) -> str:
    return cell.ljust(wide) if column < 2 else cell.rjust(wide)
