"""Calls that must be refused, each with the sentence it gives: padding and interpolation."""

import numpy as np

import cnnkit as ck

X = np.ones((2, 3, 4, 5))

BAD_CALLS = [
    (lambda: ck.pad("x", (1, 1)), "x must hold real numbers, got 'x'"),
    (lambda: ck.pad(X, 1), r"pad must be a tuple of ints, \(before, after\) of the last axis first, got 1"),
    (lambda: ck.pad(X, (1,)), r"pad must be a tuple of ints, .*, got \(1,\)"),
    (lambda: ck.pad(X, (1, 1.0)), r"pad must be a tuple of ints, .*, got \(1, 1.0\)"),
    (lambda: ck.pad(X, (1, 2**31)), r"pad must be between -2\*\*31 and 2\*\*31, got \(1, 2147483648\)"),
    (
        lambda: ck.pad(X[0, 0, 0], (1, 1, 1, 1)),
        "pad must go with the 1 axes of x in mode 'constant', got",
    ),
    (
        lambda: ck.pad(X, (1, 1), "reflect"),
        r"pad must go with the 4 axes of x in mode 'reflect', got \(1, 1\) for 1 axes",
    ),
    (lambda: ck.pad(X, (), "circular"), r"pad must go with the 4 axes of x in mode 'circular', got \(\) for 0 axes"),
    (
        lambda: ck.pad(X, (1, 1), "mirror"),
        "mode must be one of 'constant', 'reflect', 'replicate', .*, got 'mir",
    ),
    (
        lambda: ck.pad(X, (5, 0, 0, 0), "reflect"),
        "pad must be at most 4 for 'reflect' of 5, got 5 before and 0",
    ),
    (
        lambda: ck.pad(X, (0, 6, 0, 0), "circular"),
        "pad must be at most 5 for 'circular' of 5, got 0 before and 6",
    ),
    (
        lambda: ck.pad(X, (-3, 4, 0, 0), "circular"),
        "pad must be at most 2 for 'circular' of 5, got -3 before and 4",
    ),
    (lambda: ck.pad(X, (-3, -3)), "pad must leave something of an axis of 5, got -3 before and -3 after it"),
    (lambda: ck.pad(X, (-6, 9)), "pad must leave something of an axis of 5, got -6 before and 9 after it"),
    (lambda: ck.pad(X, (-3, -2, 0, 0), "replicate"), "pad must leave something of an axis of 5, got -3 before and -2"),
    (lambda: ck.pad(X[..., :0], (1, 1, 0, 0), "replicate"), "pad must leave something of an axis of 0, got 1 before"),
    (lambda: ck.pad(X, (1, 1), value="0"), "value must be a real number, got '0'"),
    (
        lambda: ck.pad(X, (1, 1, 0, 0), "reflect", 0),
        "value must be None unless mode='constant', got 0",
    ),
    (lambda: ck.pad([1, 2], (1, 1), value=0.5), "value must be an int for an x of ints, got 0.5"),
    (lambda: ck.pad_backward(X, X, (1, 1)), r"dy must have shape \(2, 3, 4, 7\) \(that of the output\), got"),
    (lambda: ck.pad_backward(X, X, (1, 1), "reflect"), "pad must go with the 4 axes of x in mode 'reflect'"),
    # interpolation
    (
        lambda: ck.interpolate(X, 2, mode="bicubic"),
        "mode must be one of 'nearest', 'linear', .*, got 'bicubic'",
    ),
    (lambda: ck.interpolate(X, 2, mode="linear"), r"x must have 3 dimensions \(N, C, \.\.\.\), got 4"),
    (lambda: ck.interpolate(X[0], 2, mode="bilinear"), r"x must have 4 dimensions \(N, C, \.\.\.\), got 3"),
    (lambda: ck.interpolate(X[0, 0], 2), r"x must have 3 or 4 or 5 dimensions \(N, C, \.\.\.\), got 2"),
    (lambda: ck.interpolate(X[:, :0], 2), r"x must have at least one channel and one pixel, got shape \(2, 0, 4, 5\)"),
    (lambda: ck.interpolate(X), "either size or scale_factor must be given, got None and None"),
    (lambda: ck.interpolate(X, 2, 2.0), "either size or scale_factor must be given, got 2 and 2.0"),
    (lambda: ck.interpolate(X, (2,)), r"size must be an int or 2 of them, one for each axis, got \(2,\)"),
    (lambda: ck.interpolate(X, 2.0), "size must be an int or 2 of them, one for each axis, got 2.0"),
    (lambda: ck.interpolate(X, 0), r"size must be at least 1 and below 2\*\*31, got 0"),
    (lambda: ck.interpolate(X, scale_factor="2"), "scale_factor must be a number or 2 of them, got '2'"),
    (lambda: ck.interpolate(X, scale_factor=(2, 2, 2)), r"scale_factor must be a number or 2 of them, got \(2, 2, 2\)"),
    (lambda: ck.interpolate(X, scale_factor=0.2), r"scale_factor must leave at least 1 of \(4, 5\) pixels, got 0.2"),
    (lambda: ck.interpolate(X, scale_factor=-1), r"scale_factor must leave at least 1 of \(4, 5\) pixels, got -1"),
    (lambda: ck.interpolate(X, scale_factor=float("nan")), "scale_factor must leave at least 1 of .*, got nan"),
    (lambda: ck.interpolate(X, scale_factor=float("inf")), "scale_factor must leave at least 1 of .*, got inf"),
    (lambda: ck.interpolate(X, 2, align_corners=False), "align_corners must be None for mode='nearest', got False"),
    (
        lambda: ck.interpolate(X, 2, mode="bilinear", align_corners="no"),
        "align_corners must be one of True, False, got 'no'",
    ),
    (lambda: ck.interpolate_backward(X, X, 2), r"dy must have shape \(2, 3, 2, 2\) \(that of the output\), got"),
]
