"""Calls that must be refused, each with the sentence it gives: everything that slides a window, and its sizes.

`REFUSED_BY_TORCH` are those whose arguments torch's function of the same name takes too; it must refuse them as well.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

import cnnkit as ck
from cnnkit.layers import BatchNorm2d, Conv2d, Linear, LocallyConnected2d

X = np.ones((2, 4, 6, 6))
WEIGHT = np.ones((8, 4, 3, 3))  # fits X: y has shape (2, 8, 4, 4)
LOCAL = np.ones((8, 4, 4, 4, 3, 3))  # fits X: a filter for each of 8 · 4 · 4 output pixels
DY = np.ones((2, 8, 4, 4))


def call(name: str, *args: Any, **options: Any) -> Callable[[], Any]:
    return lambda: getattr(ck, name)(*args, **options)


def torch_call(name: str, *args: Any, **options: Any) -> Callable[[], Any]:
    """The same call of torch.nn.functional."""
    args = tuple(torch.from_numpy(a.copy()) if isinstance(a, np.ndarray) else a for a in args)
    return lambda: getattr(F, name)(*args, **options)


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape)


# (arguments, sentence): refused by cnnkit with this sentence, and by torch with its own
BOTH: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    # what is not an image
    (("conv2d", ones(6, 6), WEIGHT), {}, r"x must have 3 or 4 dimensions \(N, C, H, W\) or \(C, H, W\), got 2: shape"),
    (("conv2d", ones(1, 2, 4, 6, 6), WEIGHT), {}, r"x must have 3 or 4 dimensions .*, got 5: shape \(1, 2, 4, 6, 6\)"),
    (("conv2d", "image", WEIGHT), {}, "x must hold real numbers, got 'image'"),
    (("conv2d", None, WEIGHT), {}, "x must hold real numbers, got None"),
    (("max_pool2d", ones(6, 6), 2), {}, r"x must have 3 or 4 dimensions \(N, C, H, W\) or \(C, H, W\), got 2"),
    (("avg_pool2d", ones(1, 2, 4, 6, 6), 2), {}, r"x must have 3 or 4 dimensions .*, got 5"),
    (("max_pool2d", "image", 2), {}, "x must hold real numbers, got 'image'"),
    # empty images; an empty batch is fine
    (("conv2d", ones(2, 4, 0, 6), WEIGHT), {}, r"x must have at least one channel, one row and one column, got shape"),
    (("max_pool2d", ones(2, 0, 6, 6), 2), {}, r"x must have at least one channel, .* got shape \(2, 0, 6, 6\)"),
    (("max_pool2d", ones(2, 4, 6, 0), 2), {}, r"x must have at least one channel, .* got shape \(2, 4, 6, 0\)"),
    (("avg_pool2d", ones(2, 0, 6, 6), 2), {}, r"x must have at least one channel, .* got shape \(2, 0, 6, 6\)"),
    (("avg_pool2d", ones(0, 6, 6), 2), {}, r"x must have at least one channel, .* got shape \(0, 6, 6\)"),
    # weight and bias
    (
        ("conv2d", X, ones(4, 3, 3)),
        {},
        r"weight must have 4 dimensions \(out_channels, C / groups, height, width\), got 3",
    ),
    (("conv2d", X, ones(0, 4, 3, 3)), {}, r"weight must have at least one filter .* got shape \(0, 4, 3, 3\)"),
    (("conv2d", X, ones(8, 4, 0, 3)), {}, r"weight must have at least one filter .* got shape \(8, 4, 0, 3\)"),
    (("conv2d", X, ones(8, 3, 3, 3)), {}, r"channels do not match: x has 4, but weight is made for 3 \(weight.shape"),
    (("conv2d", X, WEIGHT, ones(4)), {}, r"bias must have shape \(8,\) \(one per filter\), got \(4,\)"),
    (("conv2d", X, WEIGHT, ones(8, 1)), {}, r"bias must have shape \(8,\) \(one per filter\), got \(8, 1\)"),
    (("conv2d", X, WEIGHT, "bias"), {}, "bias must hold real numbers, got 'bias'"),
    # groups
    (("conv2d", X, WEIGHT), {"groups": 3}, "groups=3 must divide the 4 channels of x and the 8 filters"),
    (("conv2d", X, ones(5, 2, 3, 3)), {"groups": 2}, "groups=2 must divide the 4 channels of x and the 5 filters"),
    (("conv2d", X, WEIGHT), {"groups": 2}, r"x has 4, but weight is made for 8 \(weight.shape\[1\]=4, groups=2\)"),
    (("conv2d", X, WEIGHT), {"groups": 0}, "groups must be at least 1, got 0"),
    (("conv2d", X, WEIGHT), {"groups": -1}, "groups must be at least 1, got -1"),
    (("conv2d", X, WEIGHT), {"groups": 1.0}, "groups must be an int, got 1.0"),
    # stride, padding, dilation
    (("conv2d", X, WEIGHT), {"stride": 0}, "stride must be at least 1, got 0"),
    (("conv2d", X, WEIGHT), {"stride": (1, -2)}, r"stride must be at least 1, got \(1, -2\)"),
    (("conv2d", X, WEIGHT), {"stride": 1.5}, r"stride must be an int or a pair \(height, width\) of ints, got 1.5"),
    (("conv2d", X, WEIGHT), {"stride": "2"}, r"stride must be an int or a pair \(height, width\) of ints, got '2'"),
    (("conv2d", X, WEIGHT), {"stride": (1, 2, 3)}, r"stride must be an int or a pair .*, got \(1, 2, 3\)"),
    (("conv2d", X, WEIGHT), {"stride": None}, r"stride must be an int or a pair .*, got None"),
    (("conv2d", X, WEIGHT), {"padding": -1}, "padding must be at least 0, got -1"),
    (("conv2d", X, WEIGHT), {"padding": 1.0}, r"padding must be an int or a pair .*, got 1.0"),
    (("conv2d", X, WEIGHT), {"padding": "full"}, "padding must be one of 'valid', 'same', got 'full'"),
    (("conv2d", X, WEIGHT), {"padding": "same", "stride": 2}, "padding='same' needs stride 1, got stride=2"),
    (("conv2d", X, WEIGHT), {"dilation": 0}, "dilation must be at least 1, got 0"),
    (("conv2d", X, WEIGHT), {"dilation": (2, 2.0)}, r"dilation must be an int or a pair .*, got \(2, 2.0\)"),
    # the kernel does not fit
    (
        ("conv2d", ones(2, 4, 4, 4), ones(8, 4, 5, 5)),
        {"dilation": 2},
        r"kernel does not fit in the height: it spans 9 pixels \(kernel_size=5, dilation=2\) "
        r"but the padded input has 4 \(size=4, padding=0\)",
    ),
    (
        ("conv2d", ones(2, 4, 9, 4), ones(8, 4, 5, 5)),
        {"dilation": (2, 1)},
        r"kernel does not fit in the width: it spans 5 pixels \(kernel_size=5, dilation=1\) but the padded input has 4",
    ),
    (("conv2d", ones(0, 4, 2, 2), WEIGHT), {}, "kernel does not fit in the height: it spans 3 pixels"),
    (("max_pool2d", X, 7), {}, r"it spans 7 pixels \(kernel_size=7, dilation=1\) but the padded input has 6"),
    (
        ("max_pool2d", X, 3),
        {"dilation": 3},
        r"it spans 7 pixels \(kernel_size=3, dilation=3\) but the padded input has 6",
    ),
    (("avg_pool2d", X, (1, 7)), {}, "kernel does not fit in the width: it spans 7 pixels"),
    (("avg_pool2d", X, 9), {"stride": 2, "ceil_mode": True}, "kernel does not fit in the height: it spans 9 pixels"),
    # pooling
    (("max_pool2d", X, 0), {}, "kernel_size must be at least 1, got 0"),
    (("max_pool2d", X, 2.0), {}, r"kernel_size must be an int or a pair .*, got 2.0"),
    (("max_pool2d", X, True), {}, r"kernel_size must be an int or a pair .*, got True"),
    (("avg_pool2d", X, "2"), {}, r"kernel_size must be an int or a pair .*, got '2'"),
    (("avg_pool2d", X, None), {}, r"kernel_size must be an int or a pair .*, got None"),
    (("max_pool2d", X, 2), {"stride": 0}, "stride must be at least 1, got 0"),
    (("avg_pool2d", X, 2), {"stride": 0}, "stride must be at least 1, got 0"),
    (
        ("max_pool2d", X, 2),
        {"padding": 2},
        "padding must be at most half of the kernel, got padding=2 for kernel_size=2",
    ),
    (("avg_pool2d", X, 3), {"padding": (1, 2)}, "padding must be at most half of the kernel, got padding=2 for kernel"),
    (("max_pool2d", X, 3), {"padding": 2, "dilation": 2}, "padding must be at most half of the kernel, got padding=2"),
    (("max_pool2d", X, 2), {"padding": -1}, "padding must be at least 0, got -1"),
    (("max_pool2d", X, 2), {"dilation": 0}, "dilation must be at least 1, got 0"),
    (("max_pool2d", X, 2), {"ceil_mode": "yes"}, "ceil_mode must be one of True, False, got 'yes'"),
    (("avg_pool2d", X, 2), {"ceil_mode": None}, "ceil_mode must be one of True, False, got None"),
    (("avg_pool2d", X, 2), {"count_include_pad": "no"}, "count_include_pad must be one of True, False, got 'no'"),
]

# What torch takes, or has no function for
OURS: list[tuple[Callable[[], Any], str]] = [
    (
        call("conv2d", X, WEIGHT, padding=((0, 1), (1,))),
        r"padding must be an int or a pair or \(\(top, bottom\), \(left",
    ),
    (call("conv2d", X, WEIGHT, padding=((0, 1), (0, -1))), r"padding must be at least 0, got \(\(0, 1\), \(0, -1\)\)"),
    (
        call("conv2d", X, WEIGHT, padding=((0, 1.5), 2)),
        r"padding must be an int or a pair or .*, got \(\(0, 1.5\), 2\)",
    ),
    (call("conv2d_loops", X, WEIGHT, padding="same", stride=2), "padding='same' needs stride 1, got stride=2"),
    (call("conv_output_size", 9, 3, padding="same", stride=2), "padding='same' needs stride 1, got stride=2"),
    (
        call("conv_output_size", 2, 5, padding=((0, 1), (0, 1))),
        r"it spans 5 pixels .* but the padded input has 3 \(size=2, padding=\(0, 1\)\)",
    ),
    (call("conv2d", 1j * X, WEIGHT), "x must hold real numbers, got an array of complex128"),
    (call("conv2d", X, WEIGHT, stride=True), r"stride must be an int or a pair .*, got True"),
    (call("conv2d_loops", X, ones(8, 3, 3, 3)), "channels do not match: x has 4, but weight is made for 3"),
    (call("conv2d_loops", X, WEIGHT, ones(4)), r"bias must have shape \(8,\)"),
    (call("conv2d_loops", X, WEIGHT, stride=(1, 2)), r"stride must be an int, got \(1, 2\)"),
    (call("conv2d_loops", X, WEIGHT, padding="full"), "padding must be one of 'valid', 'same', got 'full'"),
    (call("conv2d_loops", X[0], WEIGHT), r"x must have 4 dimensions \(N, C, H, W\), got 3: shape \(4, 6, 6\)"),
    (call("conv2d_backward", ones(2, 8, 6, 6), X, WEIGHT), r"dy must have shape \(2, 8, 4, 4\) \(that of the output\)"),
    (call("conv2d_backward", ones(8, 4, 4), X, WEIGHT), r"dy must have shape \(2, 8, 4, 4\) .*, got \(8, 4, 4\)"),
    (call("conv2d_backward", "dy", X, WEIGHT), "dy must hold real numbers, got 'dy'"),
    (call("conv2d_backward", DY, X, WEIGHT, stride=0), "stride must be at least 1, got 0"),
    (call("max_pool2d_backward", ones(2, 4, 6, 6), X, 2), r"dy must have shape \(2, 4, 3, 3\) \(that of the output\)"),
    (call("avg_pool2d_backward", ones(2, 4, 2, 2), X, 2), r"dy must have shape \(2, 4, 3, 3\) .*, got \(2, 4, 2, 2\)"),
    (call("avg_pool2d_backward", None, X, 2), "dy must hold real numbers, got None"),
    (call("locally_connected2d", X, WEIGHT), r"weight must have 6 dimensions \(out_channels, H_out, W_out, C, height"),
    (
        call("locally_connected2d", X, ones(8, 4, 4, 3, 3, 3)),
        "channels do not match: x has 4, but weight is made for 3",
    ),
    (
        call("locally_connected2d", X, LOCAL, padding=1),
        r"weight must have shape \(8, 6, 6, 4, 3, 3\) \(one filter per output pixel\), got \(8, 4, 4, 4, 3, 3\)",
    ),
    (
        call("locally_connected2d", X, LOCAL, ones(8)),
        r"bias must have shape \(8, 4, 4\) \(one per filter\), got \(8,\)",
    ),
    (call("locally_connected2d", X, LOCAL[:0]), "weight must have at least one filter of at least one pixel"),
    (
        call("locally_connected2d_backward", DY[:1], X, LOCAL),
        r"dy must have shape \(2, 8, 4, 4\) .*, got \(1, 8, 4, 4\)",
    ),
    # sizes
    (
        call("conv_output_size", 4, 5, dilation=2),
        r"kernel does not fit: it spans 9 pixels \(kernel_size=5, dilation=2\) "
        r"but the padded input has 4 \(size=4, padding=0\)",
    ),
    (call("conv_output_size", (32, 2), 5), "kernel does not fit in the width: it spans 5 pixels"),
    (call("conv_output_size", 0, 1), "size must be at least 1, got 0"),
    (call("conv_output_size", 32.0, 5), r"size must be an int or a pair \(height, width\) of ints, got 32.0"),
    (call("conv_output_size", 32, 5, stride=0), "stride must be at least 1, got 0"),
    (call("conv_output_size", 32, 5, padding="both"), "padding must be one of 'valid', 'same', got 'both'"),
    (call("conv_output_size", 32, 5, ceil_mode=2), "ceil_mode must be one of True, False, got 2"),
    (
        call("same_padding", 4),
        "no symmetric padding keeps the size: kernel_size=4 with dilation=1 takes 3 pixels, an odd",
    ),
    (
        call("same_padding", (3, 2), dilation=3),
        "kernel_size=2 with dilation=3 takes 3 pixels, .*PyTorch's padding='same'",
    ),
    (call("same_padding", 0), "kernel_size must be at least 1, got 0"),
    (call("receptive_field", [SimpleNamespace(kernel_size=3, stride=0)]), "stride must be at least 1, got 0"),
    (
        call("receptive_field", [Linear(3, 4)]),
        r"a layer must have a kernel_size to have a receptive field, got Linear\(",
    ),
    (call("receptive_field", [3]), "a layer must have a kernel_size to have a receptive field, got 3"),
    (call("count_parameters", "conv", (3, 32, 32)), "layer must be one of Conv2d, LocallyConnected2d, .*, got 'conv'"),
    (call("count_parameters", Conv2d(3, 10, 5), (1, 32, 32)), "the input has 1, but the layer is made for 3"),
    (call("count_macs", Conv2d(3, 10, 5), (3, 4, 4)), "kernel does not fit in the height: it spans 5 pixels"),
    (
        call("count_macs", Conv2d(3, 10, 5), (3, 32)),
        r"input_shape must be \(C, H, W\), without the batch, got \(3, 32\)",
    ),
    (
        lambda: ck.count_macs(Conv2d(3, 10, 5, groups=2), (3, 8, 8)),
        "groups=2 must divide in_channels=3 and out_channels=10",
    ),
    (lambda: ck.count_macs(Conv2d(3, 0, 5), (3, 8, 8)), "out_channels must be at least 1, got 0"),
    (
        call("count_macs", LocallyConnected2d(3, 4, 9), (3, 8, 8)),
        "kernel does not fit in the height: it spans 9 pixels",
    ),
    (call("count_macs", Linear(3, 4), (5,)), r"features do not match: the input has 5, but Linear\(.*\) takes 3"),
    (
        call("count_macs", Linear(3, 4), 3),
        r"input_shape must be \(C, H, W\) or \(features,\), without the batch, got 3",
    ),
    (call("count_macs", Linear(3, 4), (2.5,)), "every side of input_shape must be an int, got 2.5"),
    (
        call("output_shape", BatchNorm2d(3), (4, 8, 8)),
        "channels do not match: the input has 4, but the layer is made for 3",
    ),
    (lambda: ck.count_parameters(BatchNorm2d(None), (4, 8, 8)), "num_features must be an int, got None"),
    (lambda: ck.output_shape(Conv2d(3, 4, 3, stride=None), (3, 8, 8)), "stride must be an int or a pair .*, got None"),
    (call("output_shape", X, (3, 8, 8)), r"layer must be one of Conv2d, .*, got an array of float64 with shape \(2, 4"),
    (call("receptive_field", 3), "layers must be a list of layers, got 3"),
    (call("receptive_field", [torch.nn.ConvTranspose2d(1, 1, 3)]), "a transposed convolution has no jump of whole pix"),
    (call("max_pool2d", X, 2, ceil_mode=X), "ceil_mode must be one of True, False, got an array of float64 with shape"),
    (call("max_pool2d", X, np.ones((3, 2))), r"kernel_size must be an int or a pair .*, got an array of float64 with"),
    (call("avg_pool2d", X, 2, stride=2**63), r"stride must be below 2\*\*63, got 9223372036854775808"),
    (call("conv2d", X, WEIGHT, groups=np.timedelta64(1)), "groups must be an int, got np.timedelta64"),
]

BAD_CALLS = [(call(*args, **options), sentence) for args, options, sentence in BOTH] + OURS
REFUSED_BY_TORCH = [(sentence, torch_call(*args, **options)) for args, options, sentence in BOTH]
