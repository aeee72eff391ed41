"""Calls that must be refused, each with the sentence it gives: normalization beside `batch_norm2d`."""

import numpy as np

import cnnkit as ck

X = np.ones((2, 4, 3))
MEAN, VAR = np.zeros(4), np.ones(4)

BAD_CALLS = [
    (lambda: ck.batch_norm(np.ones(4), MEAN, VAR), r"x must have at least 2 dimensions \(N, C, \.\.\.\), got 1"),
    (lambda: ck.batch_norm("x", MEAN, VAR), "x must hold real numbers, got 'x'"),
    (
        lambda: ck.batch_norm(np.ones((1, 4)), MEAN, VAR, training=True),
        r"more than 1 value per channel, got 1: x has shape \(1, 4\)",
    ),
    (lambda: ck.batch_norm(X, VAR[:3], VAR), r"running_mean must have shape \(4,\) .*, got \(3,\)"),
    (lambda: ck.batch_norm_backward(X[0], X, MEAN, VAR), r"dy must have shape \(2, 4, 3\) \(that of x\), got \(4, 3\)"),
    (lambda: ck.batch_norm2d(X, MEAN, VAR), r"x must have 4 dimensions \(N, C, H, W\), got 3"),
    (lambda: ck.batch_norm2d_backward(X, X, MEAN, VAR), r"x must have 4 dimensions \(N, C, H, W\), got 3"),
    (lambda: ck.group_norm(X, 3), "num_groups must divide the 4 channels of x, got 3"),
    (lambda: ck.group_norm(X, 0), "num_groups must be at least 1, got 0"),
    (lambda: ck.group_norm(X, 2.0), "num_groups must be an int, got 2.0"),
    (lambda: ck.group_norm(X[0, 0], 1), r"x must have at least 2 dimensions \(N, C, \.\.\.\), got 1"),
    (
        lambda: ck.group_norm(X, 2, np.ones(2)),
        r"weight must have shape \(4,\) \(one entry per .*\), got \(2,\)",
    ),
    (lambda: ck.group_norm(X, 2, None, 1.0), r"bias must have shape \(4,\) \(one entry per channel of x\), got \(\)"),
    (lambda: ck.group_norm(X, 2, eps=-1), "eps must be at least 0, got -1"),
    (lambda: ck.group_norm(X, 2, eps=None), "eps must be a real number, got None"),
    (
        lambda: ck.group_norm(np.ones((1, 2)), 2),
        r"x must hold more than 1 value for each group, got 1: x has shape \(1, 2\)",
    ),
    (lambda: ck.group_norm_backward(X[0], X, 2), r"dy must have shape \(2, 4, 3\) \(that of x\), got \(4, 3\)"),
    (lambda: ck.layer_norm(X, 4), r"x must end in normalized_shape=\(4,\), got shape \(2, 4, 3\)"),
    (lambda: ck.layer_norm(X, (9, 2, 4, 3)), r"x must end in normalized_shape=\(9, 2, 4, 3\), got shape \(2, 4, 3\)"),
    (lambda: ck.layer_norm(X, ()), r"normalized_shape must have at least 1 side, got \(\)"),
    (lambda: ck.layer_norm(X, 3.0), "every side of normalized_shape must be an int, got 3.0"),
    (lambda: ck.layer_norm(X, None), "every side of normalized_shape must be an int, got None"),
    (lambda: ck.layer_norm(X, 3, np.ones(4)), r"weight must have shape \(3,\) \(normalized_shape\), got \(4,\)"),
    (
        lambda: ck.layer_norm(X, (4, 3), None, np.ones(3)),
        r"bias must have shape \(4, 3\) .*, got \(3,\)",
    ),
    (lambda: ck.layer_norm(X, 3, eps=float("nan")), "eps must be at least 0, got nan"),
    (lambda: ck.layer_norm_backward(X[0], X, 3), r"dy must have shape \(2, 4, 3\) \(that of x\), got \(4, 3\)"),
]
