"""Calls that must be refused, each with the sentence it gives: the relatives of the convolution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.bad_calls_convolution import call, ones, torch_call

X = ones(2, 4, 9)
WEIGHT = ones(8, 4, 3)  # fits X: y has shape (2, 8, 7)
IMAGES = ones(2, 4, 5, 6)
SPREAD = ones(4, 3, 3, 3)  # fits IMAGES: y has shape (2, 3, 7, 8)
COLUMNS = ones(2, 16, 20)  # of IMAGES, in windows of 2 × 2

# (arguments, sentence): refused by cnnkit with this sentence, and by torch with its own
BOTH: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    (("conv1d", ones(9), WEIGHT), {}, r"x must have 2 or 3 dimensions \(N, C, L\) or \(C, L\), got 1"),
    (("conv1d", X, ones(8, 4, 3, 3)), {}, r"weight must have 3 dimensions \(out_channels, C / groups, length\), got 4"),
    (("conv1d", X, ones(8, 4, 0)), {}, r"weight must have at least one filter of at least one number, got shape"),
    (("conv1d", ones(2, 4, 0), WEIGHT), {}, r"x must have at least one channel and one number in it, got shape \(2, 4"),
    (("conv1d", X, ones(8, 3, 3)), {}, "channels do not match: x has 4, but weight is made for 3"),
    (("conv1d", X, WEIGHT, ones(4)), {}, r"bias must have shape \(8,\) \(one per filter\), got \(4,\)"),
    (("conv1d", X, WEIGHT), {"groups": 3}, "groups=3 must divide the 4 channels of x and the 8 filters"),
    (("conv1d", X, WEIGHT), {"stride": 0}, "stride must be at least 1, got 0"),
    (("conv1d", X, WEIGHT), {"stride": (1, 2)}, r"stride must be an int or a tuple of one int, got \(1, 2\)"),
    (("conv1d", X, WEIGHT), {"dilation": 1.5}, "dilation must be an int or a tuple of one int, got 1.5"),
    (("conv1d", X, WEIGHT), {"padding": (1, 2)}, r"padding must be an int, 'valid', 'same' or .*, got \(1, 2\)"),
    (("conv1d", X, WEIGHT), {"padding": -1}, "padding must be at least 0, got -1"),
    (("conv1d", X, WEIGHT), {"padding": "full"}, "padding must be one of 'valid', 'same', got 'full'"),
    (("conv1d", X, WEIGHT), {"padding": "same", "stride": 2}, "padding='same' needs stride 1, got stride=2"),
    (("conv1d", X, WEIGHT), {"dilation": 5}, "kernel does not fit: it spans 11 pixels .* the padded input has 9"),
    (("conv_transpose2d", X[0], SPREAD), {}, r"x must have 3 or 4 dimensions .*, got 2: shape \(4, 9\)"),
    (("conv_transpose2d", IMAGES, SPREAD[0]), {}, r"weight must have 4 dimensions \(C, out_channels / groups, height"),
    (("conv_transpose2d", IMAGES, ones(3, 4, 3, 3)), {}, "channels do not match: x has 4, but weight is made for 3"),
    (("conv_transpose2d", IMAGES, ones(4, 3, 0, 3)), {}, "weight must have at least one filter of at least one pixel"),
    (("conv_transpose2d", IMAGES, SPREAD, ones(4)), {}, r"bias must have shape \(3,\) \(one per filter\), got \(4,\)"),
    (("conv_transpose2d", IMAGES, SPREAD), {"groups": 3}, "groups=3 must divide the 4 channels of x"),
    (("conv_transpose2d", IMAGES, SPREAD), {"groups": 0}, "groups must be at least 1, got 0"),
    (("conv_transpose2d", IMAGES, SPREAD), {"stride": 0}, "stride must be at least 1, got 0"),
    (("conv_transpose2d", IMAGES, SPREAD), {"padding": -1}, "padding must be at least 0, got -1"),
    (("conv_transpose2d", IMAGES, SPREAD), {"padding": "full"}, "padding must be one of 'valid', 'same', got 'full'"),
    (
        ("conv_transpose2d", IMAGES, SPREAD),
        {"stride": 2, "output_padding": (1, 2)},
        "output_padding must be smaller than stride or dilation, got 2 for stride=2, dilation=1",
    ),
    (("conv_transpose2d", IMAGES, SPREAD), {"output_padding": -1}, "output_padding must be at least 0, got -1"),
    (
        ("conv_transpose2d", IMAGES, SPREAD),
        {"padding": (0, 4)},
        "padding must leave something of the 8 pixels of the output's width, but takes 8",
    ),
    (("unfold", IMAGES, 6), {}, "kernel does not fit in the height: it spans 6 pixels"),
    (("unfold", IMAGES, 2.0), {}, "kernel_size must be an int or a pair .*, got 2.0"),
    (("unfold", IMAGES, 2), {"stride": 0}, "stride must be at least 1, got 0"),
    (
        ("fold", COLUMNS[0, 0], (5, 6), 2),
        {},
        r"x must have 2 or 3 dimensions \(N, C · height · width, windows\) or one",
    ),
    (("fold", COLUMNS, (5, 6), (2, 3)), {}, "x must have 6 rows a channel, one for each pixel of a window, got shape"),
    (("fold", COLUMNS, (5, 7), 2), {}, r"x must have a column for each of the 24 windows of the image, got shape"),
    (("fold", COLUMNS, (0, 6), 2), {}, r"output_size must be at least 1, got \(0, 6\)"),
    (("fold", COLUMNS, (1, 6), 2), {}, "kernel does not fit in the height: it spans 2 pixels"),
]

# What torch takes, or has no function for
OURS: list[tuple[Callable[[], Any], str]] = [
    (call("conv1d", X, "w"), "weight must hold real numbers, got 'w'"),
    (call("conv1d", X, WEIGHT, padding=((0, -1),)), r"padding must be at least 0, got \(0, -1\)"),
    (call("conv1d", X, WEIGHT, padding=((0, 1, 2),)), r"padding must be an int, .*, got \(\(0, 1, 2\),\)"),
    (call("conv1d_backward", ones(2, 8, 9), X, WEIGHT), r"dy must have shape \(2, 8, 7\) \(that of the output\), got"),
    (call("conv1d_backward", "dy", X, WEIGHT), "dy must hold real numbers, got 'dy'"),
    (call("conv_transpose2d", IMAGES, SPREAD, padding="same", stride=2), "padding='same' needs stride 1, got stride="),
    (
        call("conv_transpose2d_backward", IMAGES, IMAGES, SPREAD),
        r"dy must have shape \(2, 3, 7, 8\) \(that of the output\), got \(2, 4, 5, 6\)",
    ),
    (call("unfold", X[0], 2), r"x must have 3 or 4 dimensions .*, got 2: shape \(4, 9\)"),
    (call("unfold_backward", ones(2, 16, 21), IMAGES, 2), r"dy must have shape \(2, 16, 20\) \(that of the output\)"),
    (call("fold", np.array([["a"]]), 1, 1), "x must hold real numbers, got an array of <U1"),
    (
        call("fold_backward", ones(2, 4, 5, 5), COLUMNS, (5, 6), 2),
        r"dy must have shape \(2, 4, 5, 6\) \(that of the ou",
    ),
]

BAD_CALLS = [(call(*args, **options), sentence) for args, options, sentence in BOTH] + OURS
REFUSED_BY_TORCH = [(sentence, torch_call(*args, **options)) for args, options, sentence in BOTH]
