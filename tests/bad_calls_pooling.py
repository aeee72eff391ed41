"""Calls that must be refused, each with the sentence it gives: pooling to a size, along one axis, and back again."""

import numpy as np

import cnnkit as ck
from cnnkit.layers import AvgPool2d

X = np.ones((2, 4, 6, 6))
ROWS = np.ones((2, 4, 6))
PLACES = np.zeros((2, 4, 6, 6), int)

BAD_CALLS = [
    (lambda: ck.max_pool2d(X, 2, return_indices="yes"), "return_indices must be one of True, False, got 'yes'"),
    (
        lambda: ck.avg_pool2d(X, 2, divisor_override=0),
        "divisor_override must be an int other than 0, or None, got 0",
    ),
    (lambda: ck.avg_pool2d(X, 2, divisor_override=2.0), "divisor_override must be an int other than 0, .* got 2.0"),
    (lambda: ck.avg_pool2d(X, 2, divisor_override=True), "divisor_override must be an int other than 0, .* got True"),
    (lambda: ck.avg_pool2d(X, 2, divisor_override=2**63), "divisor_override must be .*, got 9223372036854775808"),
    (
        lambda: ck.avg_pool2d_backward(X[..., :3, :3], X, 2, divisor_override="2"),
        "divisor_override must be an int other than 0, or None, got '2'",
    ),
    (lambda: AvgPool2d(2, divisor_override=0), "divisor_override must be an int other than 0, or None, got 0"),
    (lambda: AvgPool2d(2, count_include_pad=None), "count_include_pad must be one of True, False, got None"),
    # to a given size
    (lambda: ck.adaptive_avg_pool2d(X[0, 0], 2), r"x must have 3 or 4 dimensions \(N, C, H, W\) or \(C, H, W\), got 2"),
    (lambda: ck.adaptive_max_pool2d(X[:, :0], 2), "x must have at least one channel, one row and one column"),
    (
        lambda: ck.adaptive_avg_pool2d(X, None),
        r"output_size must be an int or a pair \(height, width\) of ints or None, got None",
    ),
    (lambda: ck.adaptive_avg_pool2d(X, (2,)), r"output_size must be an int or a pair .*, got \(2,\)"),
    (lambda: ck.adaptive_avg_pool2d(X, 2.0), "output_size must be an int or a pair .*, got 2.0"),
    (lambda: ck.adaptive_max_pool2d(X, (2, True)), r"output_size must be an int or a pair .*, got \(2, True\)"),
    (lambda: ck.adaptive_max_pool2d(X, -1), r"output_size must be at least 0 and below 2\*\*31, got -1"),
    (lambda: ck.adaptive_max_pool2d(X, 2**31), r"output_size must be at least 0 and below 2\*\*31, got 2147483648"),
    (lambda: ck.adaptive_max_pool2d(X, 2, return_indices=1.5), "return_indices must be one of True, False, got 1.5"),
    (
        lambda: ck.adaptive_avg_pool2d_backward(X, X, 2),
        r"dy must have shape \(2, 4, 2, 2\) \(that of the output\), got \(2, 4, 6, 6\)",
    ),
    (lambda: ck.adaptive_max_pool2d_backward(None, X, 2), "dy must hold real numbers, got None"),
    # along one axis
    (lambda: ck.max_pool1d(X, 2), r"x must have 2 or 3 dimensions \(N, C, L\) or \(C, L\), got 4"),
    (
        lambda: ck.max_pool1d(ROWS[..., :0], 2),
        r"x must have at least one channel of at least one value, got shape",
    ),
    (lambda: ck.max_pool1d(ROWS, (2, 2)), r"kernel_size must be an int, got \(2, 2\)"),
    (lambda: ck.max_pool1d(ROWS, 0), "kernel_size must be at least 1, got 0"),
    (lambda: ck.max_pool1d(ROWS, 7), r"kernel does not fit: it spans 7 pixels \(kernel_size=7, dilation=1\)"),
    (lambda: ck.max_pool1d(ROWS, 2, stride=0), "stride must be at least 1, got 0"),
    (lambda: ck.max_pool1d(ROWS, 2, dilation=None), "dilation must be an int, got None"),
    (lambda: ck.max_pool1d(ROWS, 2, padding=2), "padding must be at most half of the kernel, got padding=2 for kernel"),
    (lambda: ck.max_pool1d(ROWS, 2, ceil_mode=None), "ceil_mode must be one of True, False, got None"),
    (lambda: ck.max_pool1d(ROWS, 2, return_indices="no"), "return_indices must be one of True, False, got 'no'"),
    (lambda: ck.max_pool1d_backward(ROWS, ROWS, 2), r"dy must have shape \(2, 4, 3\) \(that of the output\), got"),
    (lambda: ck.avg_pool1d(ROWS, 2, padding=-1), "padding must be at least 0, got -1"),
    (lambda: ck.avg_pool1d(ROWS, 2, count_include_pad=None), "count_include_pad must be one of True, False, got None"),
    (lambda: ck.avg_pool1d_backward(ROWS, ROWS, 2), r"dy must have shape \(2, 4, 3\) \(that of the output\), got"),
    (lambda: ck.adaptive_avg_pool1d(ROWS, None), "output_size must be an int, got None"),
    (lambda: ck.adaptive_avg_pool1d_backward(ROWS, ROWS, 2), r"dy must have shape \(2, 4, 2\) .*, got \(2, 4, 6\)"),
    (lambda: ck.adaptive_max_pool1d(ROWS[0, 0], 2), r"x must have 2 or 3 dimensions \(N, C, L\) or \(C, L\), got 1"),
    (lambda: ck.adaptive_max_pool1d_backward(ROWS, ROWS, -2), "output_size must be at least 0, got -2"),
    # back again
    (
        lambda: ck.max_unpool2d(X, PLACES[0], 2),
        r"indices must have shape \(2, 4, 6, 6\) \(that of x\), got",
    ),
    (lambda: ck.max_unpool2d(X, X, 2), r"indices must hold whole numbers \(ints\), got an array of float64"),
    (
        lambda: ck.max_unpool2d(X, PLACES + 144, 2),
        r"indices must lie between 0 and 143 \(y has 12 × 12 pixels\), got 144",
    ),
    (lambda: ck.max_unpool2d(X, PLACES - 1, 2), "indices must lie between 0 and 143 .*, got -1"),
    (lambda: ck.max_unpool2d(X, PLACES, 0), "kernel_size must be at least 1, got 0"),
    (lambda: ck.max_unpool2d(X, PLACES, 2, stride=-1), "stride must be at least 1, got -1"),
    (lambda: ck.max_unpool2d(X, PLACES, 2, padding=6), "padding must leave at least one pixel of y, got padding=6"),
    (
        lambda: ck.max_unpool2d(X, PLACES, 2, output_size=12),
        r"output_size must be \(height, width\) or the shape of y, got 12",
    ),
    (
        lambda: ck.max_unpool2d(X, PLACES, 2, output_size=(12, 14)),
        r"output_size must be 11 to 13 and 11 to 13 for height and width, got \(12, 14\)",
    ),
    (
        lambda: ck.max_unpool2d_backward(X, X, PLACES, 2),
        r"dy must have shape \(2, 4, 12, 12\) \(that of the output\), got \(2, 4, 6, 6\)",
    ),
]
