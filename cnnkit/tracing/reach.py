"""Which pixels of a model's input a tensor on the way sees: one axis at a time, through windows, views and sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, prod
from typing import Any

import numpy as np

from cnnkit.layers import ALL
from cnnkit.sizes import ReceptiveField

MOST = 2**27  # entries of one `reads`; what would need more is not followed


class Lost(Exception):
    """What a tensor sees cannot be said."""


@dataclass(frozen=True, eq=False)
class Axis:
    """What the places of a tensor see along one axis of the input.

    at       for each axis of `reads` but the last, (dim, step): along which axis of the tensor these places lie, and
             how far apart. Several where they were folded or cut; none where every number sees the same
    reads    places × input pixel: whether it is seen; windows leave out what lies between and behind them
    size, jump, start   as in `ReceptiveField`: what the formula says, the padding included
    uneven   whether the places do not all see as much, or do not lie at equal steps: no formula says it then
    batch    whether it is the axis of the examples, whose "pixels" are they
    """

    at: tuple[tuple[int, int], ...]
    size: Any
    jump: Any
    start: Any
    reads: np.ndarray
    uneven: bool = False
    batch: bool = False

    @property
    def widest(self) -> Any:
        """The size, or what the place that sees most sees of the image where there is no formula."""
        rows = self.reads.reshape(-1, self.reads.shape[-1])
        rows = rows[rows.any(1)]
        if not self.uneven or not len(rows):
            return self.size
        return int((rows.shape[1] - rows[:, ::-1].argmax(1) - rows.argmax(1)).max())

    @property
    def whole(self) -> bool:
        return not self.at

    def on(self, dim: int) -> bool:
        return any(dim == d for d, _ in self.at)


Seen = tuple[Axis, ...]


def pixels(shape: Sequence[int], dims: Iterable[int], examples: int) -> Seen:
    """What the input sees of itself."""
    axes = [Axis(((dim, 1),), 1, 1, 0, np.eye(shape[dim], dtype=bool)) for dim in dims]
    batch = [Axis(((0, 1),), 1, 1, 0, np.eye(examples, dtype=bool), batch=True)] if examples > 1 else []
    return *batch, *axes


def wholly(axis: Axis) -> Axis:
    """What a number sees that all places of an axis went into."""
    if axis.whole:
        return axis
    reads = np.asarray(axis.reads.any(tuple(range(len(axis.at)))))
    at = np.flatnonzero(reads)
    size, start = (int(at[-1] - at[0]) + 1, int(at[0])) if at.size else (0, 0)
    return replace(axis, at=(), size=size, jump=0, start=start, reads=reads, uneven=False)


def reduced(axis: Axis, dims: Iterable[int]) -> Axis:
    """What a number sees that all places along some axes of the tensor went into."""
    gone = tuple(n for n, (dim, _) in enumerate(axis.at) if dim in dims)
    if len(gone) == len(axis.at):
        return wholly(axis)
    at = tuple(place for n, place in enumerate(axis.at) if n not in gone)
    return replace(axis, at=at, reads=np.asarray(axis.reads.any(gone)), uneven=True) if gone else axis


def straight(axis: Axis, dim: int, length: int) -> Axis:
    """With one row of `reads` for each place along an axis of the tensor, last of all places."""
    rest = [n for n, (d, _) in enumerate(axis.at) if d != dim]
    here = [n for n, (d, _) in enumerate(axis.at) if d == dim]
    reads = axis.reads.transpose([*rest, *here, len(axis.at)])
    whole = [axis.at[n][1] for n in here] == [1] and reads.shape[-2] == length
    if not whole:
        if prod(reads.shape[: len(rest)]) * length * reads.shape[-1] > MOST:
            raise Lost
        places = [np.arange(length) // axis.at[n][1] % axis.reads.shape[n] for n in here]
        reads = reads[(*[slice(None)] * len(rest), *places)] if here else np.repeat(reads[..., None, :], length, -2)
    at = (*(axis.at[n] for n in rest), (dim, 1))
    return replace(axis, at=at, reads=reads, uneven=axis.uneven or not whole)


def neat(axis: Axis) -> Axis:
    """With the places in the order of the tensor's axes, and those that follow each other in one."""
    order = sorted(range(len(axis.at)), key=lambda n: (axis.at[n][0], -axis.at[n][1]))
    reads, at = axis.reads.transpose([*order, len(order)]), [axis.at[n] for n in order]
    sizes = list(reads.shape[:-1])
    for n in reversed(range(len(at) - 1)):
        (dim, step), (next_dim, next_step) = at[n : n + 2]
        if dim == next_dim and step == next_step * sizes[n + 1]:
            at[n : n + 2], sizes[n : n + 2] = [(dim, next_step)], [sizes[n] * sizes[n + 1]]
    return replace(axis, at=tuple(at), reads=reads.reshape([*sizes, reads.shape[-1]]))


def windowed(axis: Axis, out: int, k: int, s: int, p: int, d: int) -> Axis:
    """Through windows of k pixels, `out` of them, along the last places: as `receptive_field` has it."""
    *before, n, image = axis.reads.shape
    wide = np.zeros((*before, max((out - 1) * s + d * (k - 1) + 1, p + n), image), bool)
    wide[..., p : p + n, :] = axis.reads
    taps = (wide[..., d * u :: s, :][..., :out, :] for u in range(k))
    size, start = axis.size + d * (k - 1) * axis.jump, axis.start - p * axis.jump
    return replace(axis, size=size, jump=axis.jump * s, start=start, reads=_any(taps))


def _any(several: Iterable[np.ndarray]) -> np.ndarray:
    first, *others = several
    reads = first.copy()
    for other in others:
        reads |= other
    return reads


def spread(axis: Axis, out: int, k: int, s: int, p: int, d: int) -> Axis:
    """Through the windows of a transposed convolution: place i reaches those from i·s - p on, in steps of d."""
    n = axis.reads.shape[-2]
    spans = [[(o + p - d * u) // s for u in range(k) if (o + p - d * u) % s == 0] for o in range(out)]
    return gathered(axis, [[i for i in span if 0 <= i < n] for span in spans], axis.jump / s, p)


def unfolded(axis: Axis, out: int, k: int, s: int, p: int, d: int) -> Axis:
    """As `windowed`, but with the k pixels of a window side by side: places of the window × windows."""
    wide = padded(axis, p, p)
    reads = np.stack([wide.reads[..., d * u :: s, :][..., :out, :] for u in range(k)], -3)
    return replace(wide, jump=axis.jump * s, reads=reads, uneven=True)


def padded(axis: Axis, before: int, after: int, how: str = "constant") -> Axis:
    """With pixels added in front and behind, or taken away where the counts are negative."""
    n = axis.reads.shape[-2]
    kept = np.arange(max(-before, 0), n - max(-after, 0))
    sides = (max(before, 0), max(after, 0))
    places = np.pad(kept, sides, constant_values=n) if how == "constant" else np.pad(kept, sides, mode=how)  # type: ignore[call-overload]
    reads = np.concatenate([axis.reads, np.zeros_like(axis.reads[..., :1, :])], -2)[..., places, :]
    return replace(axis, start=axis.start - before * axis.jump, reads=reads)


def taken(axis: Axis, start: int, step: int, out: int) -> Axis:
    """Every `step`-th place from `start` on."""
    reads = axis.reads[..., start::step, :][..., :out, :]
    return replace(axis, start=axis.start + start * axis.jump, jump=axis.jump * step, reads=reads)


def gathered(axis: Axis, spans: Sequence[Sequence[int]], jump: Any, before: int = 0) -> Axis:
    """Where each new place sees some of the old ones, not all at one distance: enlarging, adaptive pooling."""
    rows = [axis.reads[..., list(span), :].any(-2) for span in spans]
    start = axis.start - before * jump
    return replace(axis, jump=jump, start=start, reads=np.stack(rows, -2), uneven=True)


def adaptive(axis: Axis, out: int) -> Axis:
    """Through as many windows as are asked for: from ⌊i·n/out⌋ to ⌈(i + 1)·n/out⌉."""
    n = axis.reads.shape[-2]
    if n % out == 0:
        return windowed(axis, out, n // out, n // out, 0, 1)
    return gathered(axis, [range(i * n // out, ceil((i + 1) * n / out)) for i in range(out)], axis.jump * n / out)


def repeated(axis: Axis, out: int) -> Axis:
    """Each place several times: the nearest one is copied."""
    n = axis.reads.shape[-2]
    return gathered(axis, [[i * n // out] for i in range(out)], axis.jump * n / out)


def merged(states: Sequence[Seen], shape: Sequence[int]) -> Seen:
    """What sees all that several tensors see that are added or joined."""
    if len(states) == 1:
        return states[0]
    columns = [_aligned(axes, shape) for axes in zip(*states, strict=True)]
    result = tuple(_joined(axes) for axes in columns)
    # a row and a column are no rectangle: together they see all only where one of them does
    covers = (
        all((axis.reads == union.reads).all() for axis, union in zip(state, result, strict=True))
        for state in zip(*columns, strict=True)
    )
    if _everything(result) and not any(covers):
        raise Lost
    return result


def _aligned(axes: Sequence[Axis], shape: Sequence[int]) -> list[Axis]:
    """With the same axes of places in all of them, of length 1 where an axis does not depend on them."""
    alike = {(axis.at, axis.reads.shape) for axis in axes}
    if len(alike) == 1:
        return list(axes)
    dims = sorted({dim for axis in axes for dim, _ in axis.at})
    for dim in dims:
        folds = {tuple((s, n) for (d, s), n in zip(a.at, a.reads.shape, strict=False) if d == dim) for a in axes}
        if len(folds - {()}) > 1:
            axes = [straight(axis, dim, shape[dim]) if axis.on(dim) else axis for axis in axes]
    axes = [neat(axis) for axis in axes]
    at = tuple(sorted({place for axis in axes for place in axis.at}, key=lambda place: (place[0], -place[1])))
    return [replace(axis, reads=_with_places(axis, at), at=at, uneven=axis.uneven or axis.at != at) for axis in axes]


def _with_places(axis: Axis, places: Sequence[tuple[int, int]]) -> np.ndarray:
    sizes = dict(zip(axis.at, axis.reads.shape, strict=False))
    return axis.reads.reshape([*(sizes.get(place, 1) for place in places), axis.reads.shape[-1]])


def _joined(axes: list[Axis]) -> Axis:
    if prod(np.broadcast_shapes(*(axis.reads.shape for axis in axes))) > MOST:
        raise Lost
    reads = axes[0].reads
    for axis in axes[1:]:
        reads = reads | axis.reads
    start = min(axis.start for axis in axes)
    size = max(axis.start + axis.size for axis in axes) - start
    uneven = any(axis.uneven for axis in axes) or len({axis.jump for axis in axes}) > 1
    result = replace(axes[0], size=size, start=start, uneven=uneven, reads=reads)
    rows = reads.reshape(-1, reads.shape[-1])
    same = result.whole or (uneven and bool((rows[-1] == rows[0]).all() and (rows == rows[0]).all()))
    return wholly(replace(result, at=((0, 1),), reads=rows[:1])) if same else result


def _everything(state: Seen) -> bool:
    return all(axis.whole and axis.reads.all() for axis in state if not axis.batch)


def moved(state: Seen, dims: dict[int, int]) -> Seen:
    """With the tensor's axes in other places."""
    if any(dim not in dims for axis in state for dim, _ in axis.at):
        raise Lost
    return tuple(replace(axis, at=tuple((dims[dim], step) for dim, step in axis.at)) for axis in state)


def viewed(state: Seen, before: Sequence[int], after: Sequence[int]) -> Seen:
    """After `view`: axes are folded into larger ones and cut into smaller ones."""
    return tuple(axis if axis.whole else _refolded(axis, before, after) for axis in state)


def _refolded(axis: Axis, before: Sequence[int], after: Sequence[int]) -> Axis:
    at: list[tuple[int, int]] = []
    sizes: list[int] = []
    for (dim, step), n in zip(axis.at, axis.reads.shape, strict=False):
        if n == 1:
            pieces = [(_of_one(dim, before, after), 1, 1)]
        else:
            low = step * prod(before[dim + 1 :])
            pieces = _cut(low, low * n, after)
        at += [(new, s) for new, s, _ in pieces]
        sizes += [count for *_, count in pieces]
    cut = replace(axis, at=tuple(at), reads=axis.reads.reshape([*sizes, axis.reads.shape[-1]]))
    return neat(_fewer(cut) if len(at) > len(axis.at) else cut)


def _fewer(axis: Axis) -> Axis:
    """Without those places that do not matter: a row of pixels is the same all along it."""
    alike = [n for n in range(len(axis.at)) if (axis.reads == axis.reads.take([0], n)).all()]
    if len(alike) in (0, len(axis.at)):
        return axis
    at = tuple(place for n, place in enumerate(axis.at) if n not in alike)
    return replace(axis, at=at, reads=axis.reads[tuple(0 if n in alike else slice(None) for n in range(len(axis.at)))])


def _of_one(dim: int, before: Sequence[int], after: Sequence[int]) -> int:
    """Where an axis of one place is: among several of 1 pixel, that as far from the end, else in a larger one."""
    low, high = prod(before[:dim]), prod(before[: dim + 1])
    spans = [(new, prod(after[:new]), prod(after[: new + 1])) for new in range(len(after))]
    same = [new for new, a, b in spans if (a, b) == (low, high)] or [
        new for new, a, b in spans if a <= low and high <= b
    ]
    if not same:
        raise Lost
    return min(same, key=lambda new: abs((len(after) - new) - (len(before) - dim)))


def _cut(low: int, high: int, after: Sequence[int]) -> list[tuple[int, int, int]]:
    """The numbers of a flat tensor at distances from `low` to `high`, as (axis, step, how many) of a new shape."""
    pieces = []
    for new in range(len(after)):
        inner, outer = prod(after[new + 1 :]), prod(after[new:])
        a, b = max(low, inner), min(high, outer)
        if a < b:
            pieces.append((new, a, b, inner))
    edges = [high, *(a for _, a, _, _ in pieces)]
    if any(a % b for a, b in pairwise(edges)) or any(a % inner for _, a, _, inner in pieces) or edges[-1] != low:
        raise Lost
    return [(new, a // inner, b // a) for new, a, b, inner in pieces]


def field(state: Seen | None) -> ReceptiveField | str | None:
    """For the table: ALL only where every pixel is reached."""
    axes = [axis for axis in state or () if not axis.batch]
    if not axes:
        return None
    if _everything(tuple(axes)):
        return ALL
    if any(axis.batch and axis.whole for axis in state or ()):  # pixels of other examples, too
        return None
    sizes, jumps, starts = zip(*((axis.widest, axis.jump, axis.start) for axis in axes), strict=True)
    if len(axes) == 2 and all(len(set(values)) == 1 for values in (sizes, jumps, starts)):
        return ReceptiveField(sizes[0], jumps[0], starts[0])
    return ReceptiveField(sizes, jumps, starts)
