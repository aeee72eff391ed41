"""The operations of torch by their own names, whoever calls them, and how many products each adds up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

VIEWS = ("view", "_unsafe_view", "reshape", "_reshape_alias", "unsqueeze", "squeeze", "detach", "alias")
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
POOLS = ("max_pool2d_with_indices", "max_pool3d_with_indices", "avg_pool1d", "avg_pool2d", "avg_pool3d")
ADAPTIVE = ("_adaptive_avg_pool2d", "_adaptive_avg_pool3d", "adaptive_max_pool2d", "adaptive_max_pool3d")
PADS = ("constant_pad_nd", *(f"{how}_pad{n}d" for how in ("reflection", "replication") for n in (1, 2, 3)))
NEAREST = tuple(f"{how}{n}d" for how in ("upsample_nearest", "_upsample_nearest_exact") for n in (1, 2, 3))
LINEAR = ("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d")
FRESH = ("empty", "zeros", "ones", "full", "rand", "randn")  # of the shape of another tensor, and nothing else of it
MADE = frozenset((*(f"{name}_like" for name in FRESH), *(f"new_{name}" for name in FRESH), "new_empty_strided"))
CUTS = (
    "expand", "as_strided", "slice", "select", "split", "split_with_sizes", "unbind",
    "chunk", "permute", "transpose", "t", "cat", "stack",
    "circular_pad",
)  # fmt: skip
FREE = frozenset((
    *VIEWS, *COPIES, *REDUCTIONS, *POOLS, *ADAPTIVE, *PADS, *NEAREST, *CUTS, *MADE, "_softmax", "_log_softmax",
    "_safe_softmax", "embedding", "repeat", "repeat_interleave", "unfold", "im2col", "col2im", "sort", "argsort",
    "pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "index", "index_select", "gather", "flip", "roll", "fill",
    "argmax", "topk",
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


def _normalised(args: Any, out: Any) -> int:
    """One factor per value; where the variance is not there, a square to be added up as well."""
    return prod(args[0].shape) * (2 if args[5] else 1)


def _normalised_itself(args: Any, out: Any) -> int:
    return 2 * prod(args[0].shape)


COUNTED: dict[str, Callable[[Any, Any], int | None]] = {
    "convolution": _convolved,
    "native_batch_norm": _normalised,
    "native_layer_norm": _normalised_itself,
    "native_group_norm": _normalised_itself,
    "mm": lambda args, out: prod(args[0].shape) * args[1].shape[-1],
    "bmm": lambda args, out: prod(args[0].shape) * args[1].shape[-1],
    "addmm": lambda args, out: prod(args[1].shape) * args[2].shape[-1],
    "baddbmm": lambda args, out: prod(args[1].shape) * args[2].shape[-1],
    "mv": lambda args, out: prod(args[0].shape),
    "addmv": lambda args, out: prod(args[1].shape),
    "dot": lambda args, out: prod(args[0].shape),
}
