"""What each operation of torch costs, and what its output sees: by the operation's own name, whoever calls it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from math import prod
from typing import Any

from cnnkit.tracing import reach
from cnnkit.tracing.reach import Seen

VIEWS = ("view", "_unsafe_view", "reshape", "_reshape_alias", "unsqueeze", "squeeze", "detach", "alias", "expand")
COPIES = (
    "clone",
    "_to_copy",
    "copy",
    "contiguous",
    "native_dropout",
    "_prelu_kernel",
    "rrelu_with_noise",
    "hardswish",
    "lift_fresh",
)
REDUCTIONS = ("mean", "sum", "amax", "amin", "max", "min")
NORMS = ("native_batch_norm", "native_group_norm", "native_layer_norm", "_softmax", "_log_softmax")
POOLS = ("max_pool2d_with_indices", "max_pool3d_with_indices", "avg_pool1d", "avg_pool2d", "avg_pool3d")
ADAPTIVE = ("_adaptive_avg_pool2d", "_adaptive_avg_pool3d", "adaptive_max_pool2d", "adaptive_max_pool3d")
PADS = ("constant_pad_nd", *(f"{how}_pad{n}d" for how in ("reflection", "replication") for n in (1, 2, 3)))
NEAREST = tuple(f"{how}{n}d" for how in ("upsample_nearest", "_upsample_nearest_exact") for n in (1, 2, 3))
CUTS = ("slice", "select", "split", "split_with_sizes", "unbind", "chunk", "permute", "transpose", "t", "cat", "stack")
FREE = frozenset((
    *VIEWS, *COPIES, *REDUCTIONS, *POOLS, *ADAPTIVE, *PADS, *NEAREST, *CUTS, "_softmax", "_log_softmax", "embedding",
    "pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "index", "index_select", "gather", "flip", "roll", "fill",
    "zeros_like", "ones_like", "empty_like", "full_like", "new_zeros", "new_ones", "new_empty", "argmax", "topk",
    "_local_scalar_dense", "max_unpool2d", "glu", "log_sigmoid_forward", "any", "all", "masked_fill", "where",
))  # fmt: skip
MULTIPLIES = ("mul", "addcmul", "addcdiv", "lerp", "pow", "square")  # one number at a time, and yet products


def products(name: str, pointwise: bool, args: Sequence[Any], out: Any) -> int | None:
    """How many products an operation adds up. None if there is no rule for it."""
    if name in COUNTED:
        return COUNTED[name](args, out)
    if name in MULTIPLIES:  # with a plain number it is a scale, as in dividing; with a tensor it is a product
        return None if sum(hasattr(value, "shape") for value in args) > 1 else 0
    return 0 if pointwise or name in FREE else None


def _convolved(args: Any, out: Any) -> int:
    x, weight, transposed = args[0], args[1], args[6]
    return prod((x if transposed else out).shape) * prod(weight.shape[1:])


def _normalised(args: Any, out: Any) -> int | None:
    """One factor per value, where the statistics are there; what computes them is no sum of that kind."""
    return None if args[5] else prod(args[0].shape)


COUNTED: dict[str, Callable[[Any, Any], int | None]] = {
    "convolution": _convolved,
    "native_batch_norm": _normalised,
    "mm": lambda args, out: prod(args[0].shape) * args[1].shape[-1],
    "bmm": lambda args, out: prod(args[0].shape) * args[1].shape[-1],
    "addmm": lambda args, out: prod(args[1].shape) * args[2].shape[-1],
    "baddbmm": lambda args, out: prod(args[1].shape) * args[2].shape[-1],
    "mv": lambda args, out: prod(args[0].shape),
    "addmv": lambda args, out: prod(args[1].shape),
    "dot": lambda args, out: prod(args[0].shape),
}


class Call:
    """One call of an operation: its tensors, and what they see."""

    def __init__(self, args: Sequence[Any], out: Any, tensors: list[Any], seen: list[Seen], examples: int) -> None:
        self.args, self.out, self.tensors, self.seen, self.examples = args, out, tensors, seen, examples
        self.x, self.state = tensors[0], seen[0]

    def option(self, at: int, usual: Any) -> Any:
        return self.args[at] if len(self.args) > at else usual

    def dim(self, at: int, usual: int = 0) -> int:
        return int(self.option(at, usual)) % max(self.x.dim(), 1)


def seen_by(name: str, pointwise: bool, call: Call) -> Seen | None:
    """What the output of an operation sees, or None if there is no rule for it."""
    if name in RULES:
        return RULES[name](call)
    if pointwise or name in COPIES:
        return _one_by_one(call)
    known = name in FREE or name in COUNTED or name in NORMS
    return reach.merged(call.seen) if known and all(axis.whole for state in call.seen for axis in state) else None


def _one_by_one(call: Call) -> Seen | None:
    """Tensors of different shapes are aligned at their last axes."""
    if len(call.seen) == 1 and call.x.shape == call.out.shape:
        return call.state
    aligned = []
    for tensor, state in zip(call.tensors, call.seen, strict=True):
        more = call.out.dim() - tensor.dim()
        fits = all(a.whole or tensor.shape[a.dim] == call.out.shape[a.dim + more] for a in state)
        aligned.append(reach.moved(state, {d: d + more for d in range(tensor.dim())}) if fits else None)
    return None if None in aligned else reach.merged(aligned)  # type: ignore[arg-type]


def _viewed(call: Call) -> Seen | None:
    if prod(call.x.shape) != prod(call.out.shape):  # `expand` repeats
        return None
    return reach.viewed(call.state, call.x.shape, call.out.shape)


def _windows(call: Call, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Seen | None:
    sizes = (list(values) for values in (kernel, stride or kernel, padding, dilation))
    options = list(zip(*(v * len(kernel) if len(v) == 1 else v for v in sizes), strict=True))
    first = call.x.dim() - len(options)
    axes = []
    for axis in call.state:
        if axis.whole:
            axes.append(axis)
        elif axis.loose or axis.dim < first:
            return None
        else:
            axes.append(reach.windowed(axis, call.out.shape[axis.dim], *options[axis.dim - first]))
    return tuple(axes)


def _convolution(call: Call) -> Seen | None:
    weight, _, stride, padding, dilation, transposed = call.args[1:7]
    if transposed or call.args[0] is not call.x or len(call.seen) > 1:
        return None
    return _windows(call, weight.shape[2:], stride, padding, dilation)


def _max_pool(call: Call) -> Seen | None:
    kernel = call.args[1]
    ones = [1] * len(kernel)
    return _windows(call, kernel, call.option(2, kernel), call.option(3, [0] * len(kernel)), call.option(4, ones))


def _avg_pool(call: Call) -> Seen | None:
    kernel = call.args[1]
    return _windows(call, kernel, call.option(2, kernel), call.option(3, [0] * len(kernel)), [1] * len(kernel))


def _each(call: Call, change: Callable[[Any, int], Any]) -> Seen | None:
    """Change those axes whose length changes; a loose one cannot be."""
    if any(axis.loose for axis in call.state):
        return None
    return tuple(axis if axis.whole else change(axis, call.out.shape[axis.dim]) for axis in call.state)


def _folded(call: Call) -> Seen | None:
    r = call.args[1]
    return _each(
        call, lambda axis, out: reach.windowed(axis, out, r, r, 0, 1) if axis.dim >= call.x.dim() - 2 else axis
    )


def _padded(call: Call) -> Seen | None:
    amounts = list(call.args[1])  # the last axis first
    sides = {call.x.dim() - 1 - n: (amounts[2 * n], amounts[2 * n + 1]) for n in range(len(amounts) // 2)}
    return _each(call, lambda axis, out: reach.padded(axis, *sides.get(axis.dim, (0, 0))))


def _reduced(call: Call) -> Seen | None:
    """All places along the named axes go into one number."""
    dims = call.option(1, None)
    dims = range(call.x.dim()) if dims in (None, []) else [dims] if isinstance(dims, int) else dims
    gone = {dim % max(call.x.dim(), 1) for dim in dims}
    if 0 in gone and call.x.dim() > 1 and call.examples > 1:  # other examples, too
        return None
    if any(axis.loose and axis.dim in gone and call.x.dim() > 2 for axis in call.state):
        return None
    left = [d for d in range(call.x.dim()) if d not in gone or call.option(2, False)]
    state = tuple(reach.wholly(axis) if axis.dim in gone else axis for axis in call.state)
    return reach.moved(state, {dim: new for new, dim in enumerate(left)})


def _normed(call: Call) -> Seen | None:
    """Statistics over all pixels of a channel."""
    if any(axis.loose for axis in call.state):
        return None
    return tuple(map(reach.wholly, call.state))


def _batch_norm(call: Call) -> Seen | None:
    return _normed(call) if call.args[5] else call.state


def _softmax(call: Call) -> Seen | None:
    dim = call.dim(1)
    return tuple(reach.wholly(axis) if axis.dim == dim else axis for axis in call.state)


def _layer_norm(call: Call) -> Seen | None:
    first = call.x.dim() - len(call.args[1])
    inside = [not axis.whole and axis.dim >= first for axis in call.state]
    return tuple(reach.wholly(axis) if within else axis for axis, within in zip(call.state, inside, strict=True))


def _multiplied(at: int) -> Callable[[Call], Seen | None]:
    def rule(call: Call) -> Seen | None:
        """A matrix whose rows are examples: every output of a row sees all of the row."""
        if len(call.seen) > 1 or call.args[at] is not call.x:
            return reach.merged(call.seen) if all(axis.whole for state in call.seen for axis in state) else None
        if call.x.shape[0] != call.examples or any(axis.dim == 0 for axis in call.state):
            return reach.merged(call.seen) if all(axis.whole for axis in call.state) else None
        return tuple(map(reach.wholly, call.state))

    return rule


def _sliced(call: Call) -> Seen | None:
    dim, start, step = call.dim(1), call.option(2, None) or 0, call.option(4, 1)
    start = start + call.x.shape[dim] if start < 0 else start
    if any(axis.loose and axis.dim == dim for axis in call.state):
        return None if call.x.shape != call.out.shape else call.state
    return tuple(
        reach.taken(axis, start, step, call.out.shape[dim]) if axis.dim == dim else axis for axis in call.state
    )


def _selected(call: Call) -> Seen | None:
    dim = call.dim(1)
    return reach.moved(call.state, {d: d - (d > dim) for d in range(call.x.dim()) if d != dim})


def _parted(call: Call) -> Seen | None:
    dim = call.dim(2)
    return None if any(axis.dim == dim for axis in call.state) else call.state


def _permuted(call: Call) -> Seen | None:
    return reach.moved(call.state, {old % call.x.dim(): new for new, old in enumerate(call.args[1])})


def _transposed(call: Call) -> Seen | None:
    a, b = (call.dim(1, 0), call.dim(2, 1)) if call.x.dim() > 1 else (0, 0)
    return reach.moved(call.state, {d: {a: b, b: a}.get(d, d) for d in range(call.x.dim())})


def _joined(call: Call) -> Seen | None:
    dim = call.dim(1)
    if (dim == 0 and call.x.dim() > 1) or any(axis.dim == dim for state in call.seen for axis in state):
        return None
    return reach.merged(call.seen)


def _embedded(call: Call) -> Seen | None:
    return call.state if call.args[1] is call.x else None


RULES: dict[str, Callable[[Call], Seen | None]] = {
    **dict(zip(VIEWS, repeat(_viewed))),
    **dict(zip(REDUCTIONS, repeat(_reduced))),
    **{name: _avg_pool if "avg" in name else _max_pool for name in POOLS},
    **dict(zip(ADAPTIVE, repeat(lambda call: _each(call, reach.adaptive)))),
    **dict(zip(PADS, repeat(_padded))),
    **dict(zip(NEAREST, repeat(lambda call: _each(call, reach.repeated)))),
    "pixel_shuffle": lambda call: _each(call, reach.repeated),
    "pixel_unshuffle": _folded,
    "channel_shuffle": lambda call: call.state,
    "convolution": _convolution,
    "native_batch_norm": _batch_norm,
    "native_group_norm": _normed,
    "native_layer_norm": _layer_norm,
    "_softmax": _softmax,
    "_log_softmax": _softmax,
    "mm": _multiplied(0),
    "addmm": _multiplied(1),
    "slice": _sliced,
    "select": _selected,
    "split": _parted,
    "split_with_sizes": _parted,
    "permute": _permuted,
    "transpose": _transposed,
    "t": _transposed,
    "cat": _joined,
    "embedding": _embedded,
}
