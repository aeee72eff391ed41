"""What the output of each operation of torch sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import repeat
from math import ceil, floor
from typing import Any

from cnnkit.tracing import reach
from cnnkit.tracing.operations import ADAPTIVE, COPIES, COUNTED, FREE, LINEAR, PADS, POOLS, REDUCTIONS, VIEWS
from cnnkit.tracing.reach import Seen


class Call:
    """One call of an operation: its tensors, and what they see."""

    def __init__(self, args: Sequence[Any], results: list[Any], tensors: list[Any], seen: list[Seen]) -> None:
        self.args, self.results, self.tensors, self.seen = args, results, tensors, seen
        self.out, self.x, self.state = results[0], tensors[0], seen[0]

    def option(self, at: int, usual: Any) -> Any:
        return self.args[at] if len(self.args) > at else usual

    def dim(self, at: int, usual: int = 0) -> int:
        return int(self.option(at, usual)) % max(self.x.dim(), 1)

    def constants(self) -> list[Any]:
        """Tensors that depend on no input."""
        return [x for x in _flat(self.args) if not any(x is y for y in self.tensors)]


def seen_by(name: str, pointwise: bool, call: Call) -> list[Seen | None]:
    """What each result of an operation sees; None if there is no rule for it."""
    try:
        if name in RULES:
            seen = RULES[name](call)
        elif pointwise or name in COPIES:
            seen = _one_by_one(call, name)
        elif name in FREE or name in COUNTED:
            seen = _everything(call)
        else:
            raise reach.Lost
    except reach.Lost:
        return [None] * len(call.results)
    return [*seen] if isinstance(seen, list) else [seen] * len(call.results)


def _flat(values: Any) -> Iterator[Any]:
    if isinstance(values, (tuple, list)):
        for value in values:
            yield from _flat(value)
    elif hasattr(values, "untyped_storage"):
        yield values


def _everything(call: Call) -> Seen:
    """Where every number sees the same, so does whatever is made of them."""
    if not all(axis.whole or axis.batch for state in call.seen for axis in state):
        raise reach.Lost
    return reach.merged([tuple(map(reach.wholly, state)) for state in call.seen], call.out.shape)


def _one_by_one(call: Call, name: str = "") -> Seen:
    """Tensors of different shapes are aligned at their last axes. What a mask hides is not seen, and which, unknown."""
    if name in ("where", "masked_fill") or any(_hides(name, x) for x in call.constants()):
        return _everything(call)
    if len(call.seen) == 1 and call.x.shape == call.out.shape:
        return call.state
    return reach.merged(list(map(_aligned, repeat(call), call.tensors, call.seen)), call.out.shape)


def _hides(name: str, constant: Any) -> bool:
    return bool(
        (name in ("mul", "div") and (constant == 0).any()) or (name in ("add", "sub") and constant.isinf().any())
    )


def _aligned(call: Call, tensor: Any, state: Seen) -> Seen:
    more = call.out.dim() - tensor.dim()
    repeats = [d for d in range(tensor.dim()) if tensor.shape[d] != call.out.shape[d + more]]
    state = tuple(reach.reduced(axis, repeats) if any(map(axis.on, repeats)) else axis for axis in state)
    return reach.moved(state, {d: d + more for d in range(tensor.dim())}) if more else state


def _viewed(call: Call) -> Seen:
    return reach.viewed(call.state, call.x.shape, call.out.shape)


def _strided(call: Call) -> Seen:
    """Axes in another order, as a view of the same memory."""
    x, out = call.x, call.out
    order = sorted(range(x.dim()), key=lambda d: (-x.stride(d), -x.shape[d], d))
    new = sorted(range(out.dim()), key=lambda d: (-out.stride(d), -out.shape[d], d))
    sides = [[(t.stride(d), t.shape[d]) for d in dims] for t, dims in ((x, order), (out, new))]
    if sides[0] != sides[1] or x.storage_offset() != out.storage_offset():
        raise reach.Lost
    return reach.moved(call.state, dict(zip(order, new, strict=True)))


def _along(
    call: Call, change: Callable[[Any, int, int], Any], dims: Iterable[int] | None = None, folded: bool = False
) -> Seen:
    """Change what lies along some axes of the tensor, or along those whose length changes."""
    if dims is None:
        dims = [d for d in range(call.x.dim()) if call.x.shape[d] != call.out.shape[d]]
    state = list(call.state)
    for dim in dims:
        if not folded and sum(axis.on(dim) for axis in state) > 1:  # folded into each other: no window is a rectangle
            raise reach.Lost
        for n, axis in enumerate(state):
            if axis.on(dim):
                state[n] = reach.neat(change(reach.straight(axis, dim, call.x.shape[dim]), dim, call.out.shape[dim]))
    return tuple(state)


def _windows(call: Call, kernel: Any, stride: Any, padding: Any, dilation: Any, through: Any = reach.windowed) -> Seen:
    sizes = (list(values) for values in (kernel, stride or kernel, padding, dilation))
    options = list(zip(*(v * len(kernel) if len(v) == 1 else v for v in sizes), strict=True))
    first = call.x.dim() - len(options)
    dims = [first + n for n, option in enumerate(options) if option != (1, 1, 0, 1)]
    return _along(call, lambda axis, dim, out: through(axis, out, *options[dim - first]), dims)


def _convolution(call: Call) -> Seen:
    weight, _, stride, padding, dilation, transposed, _, groups = call.args[1:9]
    if call.args[0] is not call.x or len(call.seen) > 1 or (groups > 1 and any(axis.on(1) for axis in call.state)):
        return _everything(call)
    call.state = tuple(reach.reduced(axis, [1]) for axis in call.state)
    through = reach.spread if transposed else reach.windowed
    return _windows(call, weight.shape[2:], stride, padding, dilation, through)


def _max_pool(call: Call) -> Seen:
    kernel = call.args[1]
    ones = [1] * len(kernel)
    return _windows(call, kernel, call.option(2, kernel), call.option(3, [0] * len(kernel)), call.option(4, ones))


def _avg_pool(call: Call) -> Seen:
    kernel = call.args[1]
    return _windows(call, kernel, call.option(2, kernel), call.option(3, [0] * len(kernel)), [1] * len(kernel))


def _adaptive(call: Call) -> Seen:
    ones = [d for d in range(1, call.x.dim()) if call.out.shape[d] == 1 < call.x.shape[d]]
    call.state = tuple(reach.reduced(axis, ones) for axis in call.state)
    return _along(call, lambda axis, dim, out: reach.adaptive(axis, out))


def _enlarged(call: Call) -> Seen:
    return _along(call, lambda axis, dim, out: reach.repeated(axis, out))


def _interpolated(taps: Callable[[int, Fraction, bool], list[int]], corners: bool) -> Callable[[Call], Seen]:
    def rule(call: Call) -> Seen:
        align = corners and bool(call.option(2, False))
        scales = [s if isinstance(s, float) else None for s in call.args[2 + corners :]]
        first = call.x.dim() - len(call.args[1])

        def change(axis: Any, dim: int, out: int) -> Any:
            n, scale = axis.reads.shape[-2], next(iter(scales[dim - first : dim - first + 1]), None)
            step = Fraction(n - 1, max(out - 1, 1)) if align else Fraction(1 / scale) if scale else Fraction(n, out)
            spans = [[min(max(i, 0), n - 1) for i in taps(o, step, align)] for o in range(out)]
            return reach.gathered(axis, spans, axis.jump * float(step))

        return _along(call, change, range(first, call.x.dim()))

    return rule


def _nearest(place: int, step: Fraction, align: bool) -> list[int]:
    return [floor(step * (2 * place + 1) / 2)]


def _linear(place: int, step: Fraction, align: bool) -> list[int]:
    """The neighbours on both sides, or the pixel itself."""
    at = place * step if align else max(step * (2 * place + 1) / 2 - Fraction(1, 2), Fraction(0))
    return [floor(at), ceil(at)]


def _cubic(place: int, step: Fraction, align: bool) -> list[int]:
    at = place * step if align else step * (2 * place + 1) / 2 - Fraction(1, 2)
    return [floor(at) + n for n in (-1, 0, 1, 2)] if at != floor(at) else [floor(at)]


def _smoothed(radius: int) -> Callable[[int, Fraction, bool], list[int]]:
    def taps(place: int, step: Fraction, align: bool) -> list[int]:
        """All pixels under the filter, which widens where the picture is made smaller."""
        at, reach = step * (2 * place + 1) / 2 - Fraction(1, 2), radius * max(step, Fraction(1))
        if align:
            at = place * step
        return [i for i in range(floor(at - reach), ceil(at + reach) + 1) if abs(i - at) < reach and i >= 0]

    return taps


def _folded(call: Call) -> Seen:
    r = call.args[1]
    return _along(call, lambda axis, dim, out: reach.windowed(axis, out, r, r, 0, 1), range(call.x.dim())[-2:])


def _windows_across(call: Call, sides: Sequence[int], at: int) -> list[tuple[int, int, int, int, int]]:
    """How many windows fit into a picture, and their kernel, stride, padding and dilation, for its height and width."""
    kernel, dilation, padding, stride = call.args[at : at + 4]
    return [
        ((n + 2 * p - d * (k - 1) - 1) // s + 1, k, s, p, d)
        for n, k, s, p, d in zip(sides, kernel, stride, padding, dilation, strict=True)
    ]


def _unfolded(call: Call) -> Seen:
    """All windows behind the channels, row by row; along the channels the places in a window, row by row."""
    first = call.x.dim() - 2
    rows, columns = _windows_across(call, call.x.shape[first:], 1)
    steps = [((first - 1, columns[1]), (first, columns[0])), ((first - 1, 1), (first, 1))]
    state = list(call.state)
    for n, axis in enumerate(state):
        here = [side for side in (0, 1) if axis.on(first + side)]
        if axis.on(first - 1) or len(here) > 1:
            raise reach.Lost
        for side in here:
            dim = first + side
            axis = reach.unfolded(reach.straight(axis, dim, call.x.shape[dim]), *(rows, columns)[side])
            state[n] = reach.neat(replace(axis, at=(*axis.at[:-1], *steps[side])))
    return tuple(state)


def _overlapping(call: Call) -> Seen:
    """`Tensor.unfold`: windows along the axis that is named, and what is in one of them along a new axis, the last."""
    dim, kernel, step = call.dim(1), call.args[2], call.args[3]

    def change(axis: Any, dim: int, out: int) -> Any:
        axis = reach.unfolded(axis, out, kernel, step, 0, 1)
        return replace(axis, at=(*axis.at[:-1], (call.out.dim() - 1, 1), axis.at[-1]))

    return _along(call, change, [dim])


def _laid_back(call: Call) -> Seen:
    """The windows of `_unfolded` are added up where they lie over each other."""
    first = call.x.dim() - 2
    across = _windows_across(call, call.args[1], 2)
    steps = [(across[1][0], across[0][0]), (1, across[1][0])]  # of the rows of windows and of the columns, how many
    state = list(call.state)
    for n, axis in enumerate(state):
        found = [(s, c) for (dim, s), c in zip(axis.at, axis.reads.shape, strict=False) if dim == first + 1]
        if axis.on(first) or len(found) > 1 or not {*found} <= {*steps}:
            raise reach.Lost
        for window in found:
            side = steps.index(window)
            at = tuple((first + 1 + side, 1) if dim > first else (dim, step) for dim, step in axis.at)
            rows = reach.straight(replace(axis, at=at), first + 1 + side, across[side][0])
            state[n] = reach.neat(reach.spread(rows, call.args[1][side], *across[side][1:]))
    return tuple(state)


def _padded(how: str) -> Callable[[Call], Seen]:
    def rule(call: Call) -> Seen:
        amounts = list(call.args[1])  # the last axis first
        sides = {call.x.dim() - 1 - n: amounts[2 * n : 2 * n + 2] for n in range(len(amounts) // 2)}
        dims = [dim for dim, (before, after) in sides.items() if before or after]
        return _along(
            call, lambda axis, dim, out: reach.padded(axis, sides[dim][0], sides[dim][1], how), dims, min(amounts) >= 0
        )

    return rule


def _reduced(at: int) -> Callable[[Call], Seen]:
    def rule(call: Call) -> Seen:
        """All places along the named axes go into one number."""
        dims = call.option(at, None)
        if hasattr(dims, "shape"):  # the larger of two tensors
            return _one_by_one(call)
        n = max(call.x.dim(), 1)
        gone = {dim % n for dim in (range(n) if dims in (None, []) else [dims] if isinstance(dims, int) else dims)}
        state = tuple(reach.reduced(axis, gone) for axis in call.state)
        left = [d for d in range(n) if d not in gone or call.out.dim() == n]
        return reach.moved(state, {dim: new for new, dim in enumerate(left)})

    return rule


def _over(dims: Callable[[Call], Iterable[int]]) -> Callable[[Call], Seen]:
    """Every number sees all along some axes of the tensor: statistics, softmax."""

    def rule(call: Call) -> Seen:
        if len(call.seen) > 1:
            return _everything(call)
        gone = set(dims(call))
        return tuple(reach.reduced(axis, gone) for axis in call.state)

    return rule


def _batch_norm(call: Call) -> Iterable[int]:
    return {*range(call.x.dim())} - {1} if call.args[5] else ()


def _group_norm(call: Call) -> Iterable[int]:
    if call.args[6] > 1 and any(axis.on(1) for axis in call.state):
        raise reach.Lost
    return range(1, call.x.dim())


def _multiplied(at: int) -> Callable[[Call], Seen]:
    def rule(call: Call) -> Seen:
        """Rows times columns: each number sees all of its row and all of its column."""
        states = []
        for tensor, state in zip(call.tensors, call.seen, strict=True):
            if tensor is call.args[at]:
                states.append(tuple(reach.reduced(axis, [tensor.dim() - 1]) for axis in state))
            if tensor is call.args[at + 1]:
                states.append(tuple(reach.reduced(axis, [max(tensor.dim() - 2, 0)]) for axis in state))
            if at and tensor is call.args[0]:
                states.append(_aligned(call, tensor, state))
        return reach.merged(states, call.out.shape)

    return rule


def _picked(call: Call, dim: int, places: Any) -> Seen:
    """Some places along an axis, in any order."""
    n = call.x.shape[dim]
    rows = [reach.straight(axis, dim, n) if axis.on(dim) else axis for axis in call.state]
    missing = sorted({*range(n)} - {*places})
    here = [axis for axis in rows if axis.on(dim)]
    if missing and len(places) > 1 and len(here) > 1 and any(axis.reads[..., missing, :].any() for axis in here):
        raise reach.Lost  # a part of what is folded into each other is no rectangle
    return tuple(
        reach.neat(replace(axis, reads=axis.reads[..., places, :], uneven=True)) if axis.on(dim) else axis
        for axis in rows
    )


def _sliced(call: Call) -> Seen:
    dim, step, n = call.dim(1), call.option(4, 1), call.x.shape[call.dim(1)]
    start = range(n)[slice(call.option(2, None), None)]
    first = start[0] if start else 0
    if call.x.shape == call.out.shape:
        return call.state
    if sum(axis.on(dim) for axis in call.state) == 1:
        return _along(call, lambda axis, dim, out: reach.taken(axis, first, step, out), [dim])
    return _picked(call, dim, list(range(n)[first::step][: call.out.shape[dim]]))


def _selected(call: Call) -> Seen:
    dim = call.dim(1)
    return _one_place(call, dim, range(call.x.shape[dim])[call.args[2]])


def _one_place(call: Call, dim: int, place: int) -> Seen:
    state = tuple(reach.reduced(axis, [dim]) if axis.on(dim) else axis for axis in _picked(call, dim, [place]))
    return reach.moved(state, {d: d - (d > dim) for d in range(call.x.dim()) if d != dim})


def _unbound(call: Call) -> list[Seen]:
    return [_one_place(call, call.dim(1), place) for place in range(len(call.results))]


def _parted(call: Call) -> list[Seen]:
    dim, parts, first = call.dim(2), [], 0
    for part in call.results:
        parts.append(_picked(call, dim, list(range(first, first + part.shape[dim]))))
        first += part.shape[dim]
    return parts


def _indexed(call: Call) -> Seen:
    """By one list of places along one axis."""
    dims = [dim for dim, places in enumerate(call.args[1]) if places is not None]
    if len(dims) != 1 or len(call.seen) > 1 or call.args[1][dims[0]].dim() != 1:
        return _everything(call)
    return _picked(call, dims[0], _places(call.args[1][dims[0]]))


def _places(index: Any) -> Any:
    return (index.nonzero()[:, 0] if str(index.dtype) == "torch.bool" else index).tolist()


def _rolled(call: Call) -> Seen:
    dims = call.option(2, None)
    if not dims:
        return _everything(call)
    for dim, shift in zip(dims, call.args[1], strict=True):
        dim, n = dim % call.x.dim(), call.x.shape[dim]
        call.state = _picked(call, dim, [(place - shift) % n for place in range(n)])
    return call.state


def _flipped(call: Call) -> Seen:
    for dim in call.args[1]:
        call.state = _picked(call, dim % call.x.dim(), list(range(call.x.shape[dim]))[::-1])
    return call.state


def _permuted(call: Call) -> Seen:
    return reach.moved(call.state, {old % call.x.dim(): new for new, old in enumerate(call.args[1])})


def _transposed(call: Call) -> Seen:
    a, b = (call.dim(1, 0), call.dim(2, 1)) if call.x.dim() > 1 else (0, 0)
    return reach.moved(call.state, {d: {a: b, b: a}.get(d, d) for d in range(call.x.dim())})


def _joined(call: Call) -> Seen:
    """Side by side: along channels the places stay; along an axis of places there are more of them."""
    dim = call.dim(1)
    if not any(axis.on(dim) for state in call.seen for axis in state):
        return reach.merged(call.seen, call.out.shape)
    shifted, first = [], 0
    for tensor in call.args[0]:
        last = first + tensor.shape[dim]
        state = next((s for x, s in zip(call.tensors, call.seen, strict=True) if x is tensor), None)
        if state is not None:
            shifted.append(tuple(_among(axis, dim, first, last, call.out.shape[dim]) for axis in state))
        first = last
    return reach.merged(shifted, call.out.shape)


def _among(axis: Any, dim: int, first: int, last: int, length: int) -> Any:
    """With places before and behind that see nothing."""
    rows = reach.straight(axis, dim, last - first)
    return replace(reach.neat(reach.padded(rows, first, length - last)), start=axis.start, uneven=True)


def placed(name: str, args: Sequence[Any], part: Any, state: Seen) -> Seen | None:
    """What a tensor sees that saw nothing until a part of it was filled: a `slice` of it, or what `select` gave."""
    whole, dim = args[0], int(args[1]) % args[0].dim()
    n, last = whole.shape[dim], part.shape[dim] if name == "slice" else 1
    start = range(n)[args[2]] if name == "select" else range(n)[slice(args[2] if len(args) > 2 else None, None)][0]
    try:
        if name == "select":
            state = reach.moved(state, {d: d + (d >= dim) for d in range(part.dim())})
        if last == n:
            return state
        if len(args) > 4 and args[4] != 1:
            raise reach.Lost
        along = any(axis.on(dim) for axis in state)
        return tuple(_among(axis, dim, start, start + last, n) if axis.on(dim) or not along else axis for axis in state)
    except reach.Lost:
        return None


def _stacked(call: Call) -> Seen:
    dim = int(call.option(1, 0)) % call.out.dim()
    dims = {d: d + (d >= dim) for d in range(call.x.dim())}
    return reach.merged([reach.moved(state, dims) for state in call.seen], call.out.shape)


def _copied(call: Call) -> Seen:
    """Of what was there before nothing is left."""
    if call.args[1] is not call.tensors[-1]:
        return _one_by_one(call)
    return reach.merged([_aligned(call, call.tensors[-1], call.seen[-1])], call.out.shape)


def _embedded(call: Call) -> Seen:
    return call.state if call.args[1] is call.x else _everything(call)


RULES: dict[str, Callable[[Call], Seen | list[Seen]]] = {
    **dict(zip(VIEWS, repeat(_viewed))),
    "expand": _one_by_one,
    "as_strided": _strided,
    **dict(zip(REDUCTIONS, repeat(_reduced(1)))),
    "linalg_vector_norm": _reduced(2),
    **{name: _avg_pool if "avg" in name else _max_pool for name in POOLS},
    **dict(zip(ADAPTIVE, repeat(_adaptive))),
    **{name: _padded({"c": "constant", "r": "reflect"}[name[0]]) for name in PADS},
    **{name: _padded("edge") for name in PADS if name.startswith("replication")},
    "circular_pad": _padded("wrap"),
    **{f"upsample_nearest{n}d": _interpolated(lambda o, step, _: [floor(o * step)], False) for n in (1, 2, 3)},
    **{f"_upsample_nearest_exact{n}d": _interpolated(_nearest, False) for n in (1, 2, 3)},
    **{name: _interpolated(_linear, True) for name in LINEAR},
    "upsample_bicubic2d": _interpolated(_cubic, True),
    "_upsample_bilinear2d_aa": _interpolated(_smoothed(1), True),
    "_upsample_bicubic2d_aa": _interpolated(_smoothed(2), True),
    "pixel_shuffle": _enlarged,
    "pixel_unshuffle": _folded,
    "channel_shuffle": lambda call: call.state,
    "im2col": _unfolded,
    "col2im": _laid_back,
    "unfold": _overlapping,
    "convolution": _convolution,
    "native_batch_norm": _over(_batch_norm),
    "native_group_norm": _over(_group_norm),
    "native_layer_norm": _over(lambda call: range(call.x.dim() - len(call.args[1]), call.x.dim())),
    **{name: _over(lambda call: [call.dim(1)]) for name in ("_softmax", "_log_softmax", "_safe_softmax", "glu")},
    "mm": _multiplied(0),
    "mv": _multiplied(0),
    "dot": _multiplied(0),
    "bmm": _multiplied(0),
    "addmm": _multiplied(1),
    "addmv": _multiplied(1),
    "baddbmm": _multiplied(1),
    "slice": _sliced,
    "select": _selected,
    "unbind": _unbound,
    "split": _parted,
    "split_with_sizes": _parted,
    "index": _indexed,
    "roll": _rolled,
    "flip": _flipped,
    "permute": _permuted,
    "transpose": _transposed,
    "t": _transposed,
    "cat": _joined,
    "stack": _stacked,
    "embedding": _embedded,
    "copy": _copied,
}
