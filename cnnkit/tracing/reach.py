"""Which pixels of a model's input a tensor on the way sees: one axis at a time, through windows, views and sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, prod
from typing import Any

import numpy as np

from cnnkit.layers import ALL
from cnnkit.sizes import ReceptiveField


@dataclass(frozen=True, eq=False)
class Axis:
    """What the places of a tensor see along one axis of the input.

    dim      the tensor's own axis along which these places lie; None where every number sees the same
    loose    whether other axes have been folded into that one, as Flatten does
    size, jump, start   as in `ReceptiveField`: what the formula says, the padding included
    reads    place × input pixel: whether it is seen; windows leave out what lies between and behind them
    """

    dim: int | None
    size: Any
    jump: Any
    start: Any
    reads: np.ndarray
    loose: bool = False
    uneven: bool = False

    @property
    def widest(self) -> Any:
        """The size, or what the place that sees most sees of the image, where the places do not lie at equal steps."""
        if not self.uneven or not self.reads.any():
            return self.size
        n = self.reads.shape[1]
        spans = n - self.reads[:, ::-1].argmax(1) - self.reads.argmax(1)
        return int(spans[self.reads.any(1)].max())

    @property
    def whole(self) -> bool:
        return self.dim is None


Seen = tuple[Axis, ...]


def pixels(shape: Sequence[int], dims: Iterable[int]) -> Seen:
    """What the input sees of itself."""
    return tuple(Axis(dim, 1, 1, 0, np.eye(shape[dim], dtype=bool)) for dim in dims)


def wholly(axis: Axis) -> Axis:
    """What a number sees that all places of an axis went into."""
    if axis.whole:
        return axis
    reads = np.asarray(axis.reads.any(0, keepdims=True))
    at = np.flatnonzero(reads)
    size, start = (int(at[-1] - at[0]) + 1, int(at[0])) if at.size else (0, 0)
    return Axis(None, size, 0, start, reads)


def windowed(axis: Axis, out: int, k: int, s: int, p: int, d: int) -> Axis:
    """Through windows of k pixels, `out` of them, as `receptive_field` has it."""
    reads = np.zeros((out, axis.reads.shape[1]), bool)
    for place in range(out):
        taken = [i for i in range(place * s - p, place * s - p + d * (k - 1) + 1, d) if 0 <= i < len(axis.reads)]
        reads[place] = axis.reads[taken].any(0)
    size, start = axis.size + d * (k - 1) * axis.jump, axis.start - p * axis.jump
    return replace(axis, size=size, jump=axis.jump * s, start=start, reads=reads)


def padded(axis: Axis, before: int, after: int) -> Axis:
    """With pixels added in front and behind, or taken away where the counts are negative."""
    n = len(axis.reads)
    zeros = np.zeros((max(before, 0), axis.reads.shape[1]), bool)
    behind = np.zeros((max(after, 0), axis.reads.shape[1]), bool)
    reads = np.concatenate([zeros, axis.reads[max(-before, 0) : n - max(-after, 0)], behind])
    return replace(axis, start=axis.start - before * axis.jump, reads=reads)


def taken(axis: Axis, start: int, step: int, out: int) -> Axis:
    """Every `step`-th place from `start` on."""
    reads = axis.reads[start::step][:out]
    return replace(axis, start=axis.start + start * axis.jump, jump=axis.jump * step, reads=reads)


def gathered(axis: Axis, spans: Sequence[range]) -> Axis:
    """Where each new place sees a run of old ones, not all at one distance: adaptive pooling, enlarging."""
    reads = np.stack([axis.reads[list(span)].any(0) for span in spans])
    jump, rest = divmod(len(axis.reads) * axis.jump, len(spans))
    jump = len(axis.reads) * axis.jump / len(spans) if rest else jump
    size, uneven = axis.size + (max(map(len, spans)) - 1) * axis.jump, axis.uneven or len(axis.reads) % len(spans) > 0
    return replace(axis, size=size, jump=jump, reads=reads, uneven=uneven)


def adaptive(axis: Axis, out: int) -> Axis:
    """Through as many windows as are asked for: from ⌊i·n/out⌋ to ⌈(i + 1)·n/out⌉."""
    n = len(axis.reads)
    if out == 1:
        return wholly(axis)
    return gathered(axis, [range(i * n // out, ceil((i + 1) * n / out)) for i in range(out)])


def repeated(axis: Axis, out: int) -> Axis:
    """Each place several times: the nearest one is copied."""
    n = len(axis.reads)
    return gathered(axis, [range(i * n // out, i * n // out + 1) for i in range(out)])


def merged(states: Sequence[Seen]) -> Seen | None:
    """What sees all that several tensors see that are added or joined: the widest. None where they do not match."""
    first, *others = states
    if not others:
        return first
    axes = tuple(_joined([state[a] for state in states]) for a in range(len(first)))
    if any(axis is None for axis in axes):
        return None
    totals = [axis.reads.any(0) for axis in axes]  # type: ignore[union-attr]
    # one rectangle: what the branches see together is no more than what one of them sees
    covers = (all(np.array_equal(axis.reads.any(0), t) for axis, t in zip(s, totals, strict=True)) for s in states)
    return axes if any(covers) else None  # type: ignore[return-value]


def _joined(axes: list[Axis]) -> Axis | None:
    if any(axis.whole for axis in axes):
        wide = [wholly(axis) for axis in axes]
        return wholly(replace(wide[0], dim=0, reads=np.concatenate([axis.reads for axis in wide])))
    first = axes[0]
    alike = {(axis.dim, axis.loose, axis.jump, axis.reads.shape) for axis in axes}
    if len(alike) > 1:
        return None
    start = min(axis.start for axis in axes)
    size = max(axis.start + axis.size for axis in axes) - start
    uneven = any(axis.uneven for axis in axes)
    return replace(first, size=size, start=start, uneven=uneven, reads=np.any([axis.reads for axis in axes], axis=0))


def moved(state: Seen, dims: dict[int, int]) -> Seen | None:
    """With the tensor's axes in other places."""
    if any(not axis.whole and axis.dim not in dims for axis in state):
        return None
    return tuple(axis if axis.whole else replace(axis, dim=dims[axis.dim]) for axis in state)  # type: ignore[index]


def viewed(state: Seen, before: Sequence[int], after: Sequence[int]) -> Seen | None:
    """After `view`: an axis stays one, or is folded into a larger one with its neighbours; a cut one is lost."""
    axes = [axis if axis.whole else _refolded(axis, before, after) for axis in state]
    return None if any(axis is None for axis in axes) else tuple(axes)  # type: ignore[arg-type]


def _refolded(axis: Axis, before: Sequence[int], after: Sequence[int]) -> Axis | None:
    dim = axis.dim
    assert dim is not None
    low, high = prod(before[:dim]), prod(before[: dim + 1])
    spans = [(new, prod(after[:new]), prod(after[: new + 1])) for new in range(len(after))]
    same = [new for new, a, b in spans if (a, b) == (low, high)]
    if same:  # among several axes of 1 pixel, the one as far from the end
        new = min(same, key=lambda new: abs((len(after) - new) - (len(before) - dim)))
        return replace(axis, dim=new)
    around = [new for new, a, b in spans if a <= low and high <= b]
    return replace(axis, dim=around[0], loose=True) if around else None


def field(state: Seen | None) -> ReceptiveField | str | None:
    """For the table: ALL only where every pixel is reached."""
    if state is None or not state:
        return None
    if all(axis.whole and axis.reads.all() for axis in state):
        return ALL
    sizes, jumps, starts = zip(*((axis.widest, axis.jump, axis.start) for axis in state), strict=True)
    if len(state) == 2 and all(len(set(values)) == 1 for values in (sizes, jumps, starts)):
        return ReceptiveField(sizes[0], jumps[0], starts[0])
    return ReceptiveField(sizes, jumps, starts)
