"""How large a layer's output is, what it sees of the input, what it has to learn and to compute."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from cnnkit._arguments import choice, given, pair, sides, switch

Pair = tuple[int, int]


def conv_output_size(
    size: Any, kernel_size: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False
) -> Any:
    r"""Return how many windows fit: the height or width of a convolution's or pooling's output.

    .. math:: \left\lfloor \frac{size + 2p - d(k - 1) - 1}{s} \right\rfloor + 1

    where 2p is the padding of both sides together.

    A kernel of k with dilation d spans d(k - 1) + 1 pixels. It starts at the first pixel of the padded input and
    moves on by s as long as it fits. With `ceil_mode` (pooling only) the quotient is rounded up: one more window may
    run past the end, provided that it starts inside the input or the padding before it.

    Every argument is an int, or a pair (height, width); with any pair among them the answer is a pair. padding is also
    'valid' (none), 'same' (what keeps the size, at stride 1), or ((top, bottom), (left, right)).
    Errors: ValueError if no window fits, and for padding='same' with a stride.

    >>> conv_output_size(32, 5, stride=2, padding=1)  # ⌊(32 + 2 - 4 - 1) / 2⌋ + 1 = ⌊14.5⌋ + 1
    15
    >>> conv_output_size((28, 20), 3, padding=1)
    (28, 20)
    >>> conv_output_size(32, 4, padding="same")
    32

    Reference: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, relationships 6 and 15.
    """
    sizes, kernels = pair("size", size, at_least=1), pair("kernel_size", kernel_size, at_least=1)
    strides, dilations = pair("stride", stride, at_least=1), pair("dilation", dilation, at_least=1)
    around = paddings(padding, kernel_size, stride=stride, dilation=dilation)
    switch("ceil_mode", ceil_mode)

    axes = list(zip(sizes, kernels, strides, around, dilations, strict=True))
    if any(isinstance(value, (tuple, list)) for value in (size, kernel_size, stride, padding, dilation)):
        height, width = axes
        return _count(*height, ceil_mode, " in the height"), _count(*width, ceil_mode, " in the width")
    return _count(*axes[0], ceil_mode, "")


def _count(size: int, k: int, s: int, p: Pair, d: int, ceil_mode: bool, where: str) -> int:
    (before, after), span = p, d * (k - 1) + 1
    room = before + size + after - span  # how far the first window can move
    windows = (-(-room // s) if ceil_mode else room // s) + 1
    if windows < 1:
        raise ValueError(
            f"kernel does not fit{where}: it spans {span} pixels (kernel_size={k}, dilation={d}) "
            f"but the padded input has {room + span} (size={size}, padding={before if before == after else p})"
        )
    if ceil_mode and (windows - 1) * s >= before + size:
        windows -= 1  # it would start in the padding after the input, where there is nothing to see
    return windows


def paddings(padding: Any, kernel_size: Any, *, stride: Any = 1, dilation: Any = 1) -> tuple[Pair, Pair]:
    """Return a convolution's padding, however it is written, as ((top, bottom), (left, right)).

    An int is meant for all four sides, a pair is (height, width), and 'valid' is none. 'same' is d(k - 1) pixels along
    each axis, what a convolution takes away: half before, half after, an odd one after, as in torch.
    Errors: ValueError for anything else, and for 'same' with a stride.

    >>> paddings(1, 3), paddings((0, 1), 3)
    (((1, 1), (1, 1)), ((0, 0), (1, 1)))
    >>> paddings("same", (3, 4))
    ((1, 1), (1, 2))
    """
    if not isinstance(padding, str):
        return sides("padding", padding, at_least=0)
    same = choice("padding", padding, ("valid", "same")) == "same"
    if same and pair("stride", stride, at_least=1) != (1, 1):
        raise ValueError(f"padding='same' needs stride 1, got stride={given(stride)}")
    kernels, dilations = pair("kernel_size", kernel_size, at_least=1), pair("dilation", dilation, at_least=1)
    height, width = (d * (k - 1) * same for k, d in zip(kernels, dilations, strict=True))
    return (height // 2, height - height // 2), (width // 2, width - width // 2)


def same_padding(kernel_size: Any, *, dilation: Any = 1) -> Any:
    r"""Return the padding that leaves the size as it is, at stride 1.

    .. math:: p = \frac{d(k - 1)}{2}

    The output is d(k - 1) pixels smaller than the input; half of that goes on each side. Both arguments are an int or
    a pair (height, width); with any pair the answer is a pair.
    Errors: ValueError if d(k - 1) is odd: no symmetric padding keeps the size then, but padding='same' does.

    >>> same_padding(5)
    2
    >>> same_padding((3, 7), dilation=2)
    (2, 6)

    Reference: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, relationship 3.
    """
    kernels, dilations = pair("kernel_size", kernel_size, at_least=1), pair("dilation", dilation, at_least=1)
    lost = [d * (k - 1) for k, d in zip(kernels, dilations, strict=True)]
    for k, d, total in zip(kernels, dilations, lost, strict=True):
        if total % 2:
            raise ValueError(
                f"no symmetric padding keeps the size: kernel_size={k} with dilation={d} takes {total} pixels, an odd "
                "number (PyTorch's padding='same' pads one more on the right and at the bottom: here "
                f"padding={paddings('same', kernel_size, dilation=dilation)})"
            )
    both = isinstance(kernel_size, (tuple, list)) or isinstance(dilation, (tuple, list))
    return (lost[0] // 2, lost[1] // 2) if both else lost[0] // 2


class ReceptiveField(NamedTuple):
    """Output pixel i sees the input pixels from start + i·jump to start + i·jump + size - 1."""

    size: Any
    jump: Any
    start: Any


def receptive_field(layers: Iterable[Any]) -> list[ReceptiveField]:
    r"""Return, for each layer of a chain, which pixels of the chain's input one of its output pixels sees.

    .. math:: r_l = r_{l-1} + d_l (k_l - 1) \, j_{l-1} \qquad j_l = j_{l-1} s_l \qquad
              start_l = start_{l-1} - p_l \, j_{l-1}

    from r = 1, j = 1, start = 0 on. The jump j is the distance, in input pixels, between two neighbours of a layer's
    output: the product of the strides so far. Each layer adds as many jumps as its kernel has steps. A negative start
    lies in the padding. With dilation or large strides not every pixel between first and last need be seen.

    `layers` holds anything with a kernel_size, such as the layers of `cnnkit.layers` and of torch; stride, padding and
    dilation are 1, 0 and 1 where it has none. p is the padding before the input: of 'same' the smaller half.
    Pairs (height, width) in a layer give pairs from there on; a layer with one axis, such as torch's Conv1d, counts
    like an int.
    Layers that look at one pixel at a time (`BatchNorm2d`) see what the one before sees.
    Errors: ValueError for a layer without a kernel (`Linear` sees everything) and for a transposed convolution.

    >>> from cnnkit.layers import Conv2d
    >>> for seen in receptive_field([Conv2d(1, 8, 3), Conv2d(8, 8, 3, stride=2), Conv2d(8, 8, 3)]):
    ...     print(seen)
    ReceptiveField(size=3, jump=1, start=0)
    ReceptiveField(size=5, jump=2, start=0)
    ReceptiveField(size=9, jump=2, start=0)

    Reference: Araujo, Norris and Sim (2019), Computing Receptive Fields of Convolutional Neural Networks, Distill.
    """
    if not isinstance(layers, Iterable):
        raise ValueError(f"layers must be a list of layers, got {given(layers)}")
    fields, field = [], ReceptiveField(1, 1, 0)
    for layer in layers:
        field = field_behind(layer, field)
        fields.append(field)
    return fields


def field_behind(layer: Any, field: ReceptiveField) -> ReceptiveField:
    """What an output of `layer` sees, when its inputs see `field`: one step of `receptive_field`."""
    k, s, p, d, pairs = window_options(layer)
    size, jump, start = (value if isinstance(value, tuple) else (value, value) for value in field)
    axes = [
        (size[a] + d[a] * (k[a] - 1) * jump[a], jump[a] * s[a], start[a] - p[a] * jump[a])
        for a in (0, 1)
    ]  # fmt: skip
    return ReceptiveField(*(zip(*axes, strict=True) if pairs or isinstance(field.size, tuple) else axes[0]))


def window_options(layer: Any) -> tuple[Any, Any, Any, Any, bool]:
    """Kernel size, stride, padding before the input and dilation as pairs, and whether any was given as a pair."""
    if not hasattr(layer, "kernel_size"):
        raise ValueError(f"a layer must have a kernel_size to have a receptive field, got {given(layer)}")
    if getattr(layer, "transposed", False):
        raise ValueError(f"a transposed convolution has no jump of whole pixels, got {given(layer)}")
    k, s, p, d = (getattr(layer, n, v) for n, v in (("kernel_size", 1), ("stride", 1), ("padding", 0), ("dilation", 1)))
    s = k if s is None else s  # pooling: one window beside the other
    pairs = any(isinstance(v, (tuple, list)) and len(v) > 1 for v in (k, s, p, d))
    k, s, p, d = (tuple(v) * 2 if isinstance(v, (tuple, list)) and len(v) == 1 else v for v in (k, s, p, d))  # Conv1d
    (top, _), (left, _) = paddings(p, k, stride=s, dilation=d)
    return (
        pair("kernel_size", k, at_least=1),
        pair("stride", s, at_least=1),
        (top, left),
        pair("dilation", d, at_least=1),
        pairs,
    )
