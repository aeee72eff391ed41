"""Calls of the losses that must be refused, each with the sentence it gives."""

import numpy as np

import cnnkit as ck

LOGITS = np.zeros((2, 3))
IMAGES = np.zeros((2, 3, 4, 5))
SHARES = np.full((2, 3), 1 / 3)

BAD_CALLS = [
    # cross entropy: weights, classes to ignore, probabilities, pixels
    (lambda: ck.cross_entropy(LOGITS, [0, 1], weight=[1, 2]), r"weight must have shape \(3,\) \(one entry per class\)"),
    (lambda: ck.cross_entropy(LOGITS, [0, 1], weight="balanced"), "weight must hold real numbers, got 'balanced'"),
    (lambda: ck.cross_entropy(LOGITS, [0, 1], ignore_index=1.0), "ignore_index must be an int, got 1.0"),
    (lambda: ck.cross_entropy(LOGITS, [0, 1], ignore_index=None), "ignore_index must be an int, got None"),
    (lambda: ck.cross_entropy(LOGITS, [0, 255], ignore_index=254), "target must lie between 0 and 2 .*, got 255"),
    (lambda: ck.cross_entropy(LOGITS, [0, -100], ignore_index=1), "target must lie between 0 and 2 .*, got -100"),
    (
        lambda: ck.cross_entropy(LOGITS, SHARES, ignore_index=0),
        "ignore_index must be below 0 if target holds probabilities, got 0",
    ),
    (
        lambda: ck.cross_entropy(LOGITS, SHARES[:, :2]),
        r"target must hold class numbers \(ints\), got an array of float64 with shape \(2, 2\); probabilities are "
        "floats in the shape of logits",
    ),
    (
        lambda: ck.cross_entropy(LOGITS, np.ones((2, 3), int)),
        r"target must have shape \(2,\) \(one class per row of logits\), got \(2, 3\)",
    ),
    (
        lambda: ck.cross_entropy(LOGITS[0], [1]),
        r"target must have shape \(\) \(one class per row of logits\), got \(1,\)",
    ),
    (
        lambda: ck.cross_entropy(IMAGES, np.zeros((2, 5, 4), int)),
        r"target must have shape \(2, 4, 5\) \(one class per row of logits\), got \(2, 5, 4\)",
    ),
    (lambda: ck.cross_entropy(IMAGES[:, :0], np.zeros((2, 4, 5), int)), "logits must have at least 1 class"),
    (
        lambda: ck.cross_entropy_backward(np.ones(2), IMAGES, np.zeros((2, 4, 5), int), reduction="none"),
        r"dy must have shape \(2, 4, 5\) .*, got \(2,\)",
    ),
    # yes or no
    (
        lambda: ck.binary_cross_entropy_with_logits(LOGITS, [0.0, 1.0, 1.0]),
        r"target must have shape \(2, 3\) \(that of logits\), got \(3,\)",
    ),
    (lambda: ck.binary_cross_entropy_with_logits("yes", 1), "logits must hold real numbers, got 'yes'"),
    (
        lambda: ck.binary_cross_entropy_with_logits(LOGITS, LOGITS, weight=[1, 2]),
        r"weight must have a shape that can be stretched to \(2, 3\), got \(2,\)",
    ),
    (
        lambda: ck.binary_cross_entropy_with_logits(LOGITS, LOGITS, pos_weight=np.ones((4, 2, 3))),
        r"pos_weight must have a shape that can be stretched to \(2, 3\), got \(4, 2, 3\)",
    ),
    (
        lambda: ck.binary_cross_entropy_with_logits(LOGITS, LOGITS, reduction=None),
        "reduction must be one of 'mean', 'sum', 'none', got None",
    ),
    (
        lambda: ck.binary_cross_entropy_with_logits_backward(LOGITS, LOGITS, LOGITS),
        r"dy must have shape \(\) \(that of the loss\), got \(2, 3\)",
    ),
    # distances
    (lambda: ck.mse_loss(LOGITS, LOGITS[0]), r"target must have shape \(2, 3\) \(that of x\), got \(3,\)"),
    (lambda: ck.mse_loss(LOGITS, None), "target must hold real numbers, got None"),
    (lambda: ck.mse_loss(LOGITS, LOGITS, reduction="average"), "reduction must be one of .*, got 'average'"),
    (
        lambda: ck.mse_loss_backward(1.0, LOGITS, LOGITS, reduction="none"),
        r"dy must have shape \(2, 3\) \(that of the loss\), got \(\)",
    ),
]
