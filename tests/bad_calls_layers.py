"""Calls that must be refused, each with the sentence it gives: everything that is not a sliding window."""

import numpy as np

import cnnkit as ck
from cnnkit import network

NAN = float("nan")
RNG = np.random.default_rng(0)
X = np.ones((2, 3))
IMAGES = np.ones((2, 3, 4, 4))
MEAN, VAR = np.zeros(3), np.ones(3)
LOGITS = np.zeros((2, 3))

BAD_CALLS = [
    # activations: what is not an array of real numbers, dy that does not fit, options that make no sense
    (lambda: ck.relu("warm"), "x must hold real numbers, got 'warm'"),
    (lambda: ck.relu(None), "x must hold real numbers, got None"),
    (lambda: ck.sigmoid(1 + 2j), r"x must hold real numbers, got \(1\+2j\)"),
    (lambda: ck.tanh(np.array(["1"])), "x must hold real numbers, got an array of <U1"),
    (lambda: ck.relu_backward(np.ones(3), X), r"dy must have shape \(2, 3\) \(that of x\), got \(3,\)"),
    (lambda: ck.gelu_backward(1.0, X), r"dy must have shape \(2, 3\) \(that of x\), got \(\)"),
    (lambda: ck.silu_backward(None, X), "dy must hold real numbers, got None"),
    (lambda: ck.leaky_relu(X, negative_slope="0.01"), "negative_slope must be a real number, got '0.01'"),
    (lambda: ck.leaky_relu_backward(X, X, negative_slope=None), "negative_slope must be a real number, got None"),
    (lambda: ck.elu(X, alpha=1j), "alpha must be a real number, got 1j"),
    (lambda: ck.gelu(X, approximate="erf"), "approximate must be one of 'none', 'tanh', got 'erf'"),
    (lambda: ck.gelu_backward(X, X, approximate=True), "approximate must be one of 'none', 'tanh', got True"),
    (lambda: ck.softplus(X, beta=0), "beta must not be 0, got 0: softplus divides by it"),
    (lambda: ck.softplus_backward(X, X, beta=0.0), "beta must not be 0"),
    (lambda: ck.softplus(X, threshold="20"), "threshold must be a real number, got '20'"),
    (
        lambda: ck.hardtanh(X, min_val=2, max_val=1),
        "min_val must not be greater than max_val, got min_val=2.0, max_val=1.0",
    ),
    (lambda: ck.hardtanh_backward(X, X, min_val=NAN), "min_val must not be greater than max_val, got min_val=nan"),
    (
        lambda: ck.prelu(X, np.ones(2)),
        r"weight must hold 1 slope or one per channel \(3\), got 2: x has shape \(2, 3\)",
    ),
    (lambda: ck.prelu(np.ones(3), np.ones(3)), r"weight must hold 1 slope or one per channel \(1\), got 3"),
    (lambda: ck.prelu(X, np.ones((3, 1))), r"weight must have 0 or 1 dimensions, got 2: shape \(3, 1\)"),
    (lambda: ck.rrelu(X, lower=0.5, upper=0.25), "lower must not be greater than upper, got lower=0.5, upper=0.25"),
    (lambda: ck.rrelu(X, training=True), "rng must be a numpy.random.Generator such as .*, got None"),
    (lambda: ck.rrelu_backward(X, np.ones(3)), r"slopes must have shape \(2, 3\) \(that of dy\), got \(3,\)"),
    # dropout: p is the probability to drop, and chance comes in as a Generator
    (lambda: ck.dropout(X, 1.5, rng=RNG), "p must be a probability between 0 and 1, got 1.5"),
    (lambda: ck.dropout(X, -0.1, rng=RNG), "p must be a probability between 0 and 1, got -0.1"),
    (lambda: ck.dropout(X, NAN, rng=RNG), "p must be a probability between 0 and 1, got nan"),
    (lambda: ck.dropout(X, NAN, rng=RNG, training=False), "p must be a probability between 0 and 1, got nan"),
    (lambda: ck.dropout(X, "half", rng=RNG), "p must be a probability between 0 and 1, got 'half'"),
    (lambda: ck.dropout(X, True, rng=RNG), "p must be a probability between 0 and 1, got True"),
    (lambda: ck.dropout(X, 0.5, rng=42), "rng must be a numpy.random.Generator such as .*default_rng.*, got 42"),
    (lambda: ck.dropout(X, 0.5, rng=None), "rng must be a numpy.random.Generator such as .*, got None"),
    (lambda: ck.dropout(X, 0.5, rng=np.random.RandomState(0)), "rng must be a numpy.random.Generator .*RandomState"),
    (lambda: ck.dropout("x", 0.5, rng=RNG), "x must hold real numbers, got 'x'"),
    (lambda: ck.dropout_backward(X, np.ones(3)), r"mask must have shape \(2, 3\) \(that of dy\), got \(3,\)"),
    (lambda: ck.dropout2d(X, rng=RNG), r"x must have 4 dimensions \(N, C, H, W\), got 2: shape \(2, 3\)"),
    (lambda: ck.dropout2d(IMAGES[0], rng=RNG), r"x must have 4 dimensions \(N, C, H, W\), got 3: shape \(3, 4, 4\)"),
    (lambda: ck.dropout2d(IMAGES, 2, rng=RNG), "p must be a probability between 0 and 1, got 2"),
    # linear
    (
        lambda: ck.linear(X, np.ones((5, 4))),
        r"x must have 4 entries on its last axis, as weight has, got shape \(2, 3\)",
    ),
    (lambda: ck.linear(1.0, np.ones((5, 4))), r"x must have 4 entries on its last axis, as weight has, got shape \(\)"),
    (lambda: ck.linear(X, np.ones(3)), r"weight must have 2 dimensions \(outputs, inputs\), got 1: shape \(3,\)"),
    (
        lambda: ck.linear(X, np.ones((5, 3)), np.ones(3)),
        r"bias must have shape \(5,\) \(one entry per row of weight\), got \(3,\)",
    ),
    (
        lambda: ck.linear_backward(X, X, np.ones((5, 3))),
        r"dy must have shape \(2, 5\) \(that of linear\(x, weight\)\), got \(2, 3\)",
    ),
    # batch norm
    (lambda: ck.batch_norm2d(X, MEAN, VAR), r"x must have 4 dimensions \(N, C, H, W\), got 2: shape \(2, 3\)"),
    (
        lambda: ck.batch_norm2d(IMAGES, np.zeros(2), VAR),
        r"running_mean must have shape \(3,\) \(one entry per channel of x\), got \(2,\)",
    ),
    (lambda: ck.batch_norm2d(IMAGES, MEAN, 1.0), r"running_var must have shape \(3,\) .*, got \(\)"),
    (lambda: ck.batch_norm2d(IMAGES, MEAN, VAR, np.ones(4)), r"weight must have shape \(3,\) .*, got \(4,\)"),
    (
        lambda: ck.batch_norm2d(IMAGES, MEAN, VAR, None, np.ones((1, 3))),
        r"bias must have shape \(3,\) .*, got \(1, 3\)",
    ),
    (
        lambda: ck.batch_norm2d(IMAGES, None, VAR),
        "running_mean and running_var must be given unless training=True, got None",
    ),
    (
        lambda: ck.batch_norm2d(np.ones((1, 3, 1, 1)), MEAN, VAR, training=True),
        r"more than 1 value per channel, got 1: x has shape \(1, 3, 1, 1\)",
    ),
    (lambda: ck.batch_norm2d(IMAGES, MEAN, VAR, eps=-1e-5), "eps must be at least 0, got -1e-05"),
    (lambda: ck.batch_norm2d(IMAGES, MEAN, VAR, training=True, eps=0), "eps must be greater than 0 in training, got 0"),
    (lambda: ck.batch_norm2d(IMAGES, MEAN, VAR, momentum=None), "momentum must be a real number, got None"),
    (
        lambda: ck.batch_norm2d_backward(X, IMAGES, MEAN, VAR),
        r"dy must have shape \(2, 3, 4, 4\) \(that of x\), got \(2, 3\)",
    ),
    (lambda: ck.batch_norm2d_backward(IMAGES, IMAGES, None, None), "must be given unless training=True"),
    # softmax and cross entropy
    (lambda: ck.softmax(X, 2), "dim must be one of the 2 dimensions of x, from -2 to 1, got 2"),
    (lambda: ck.softmax(X, None), "dim must be one of the 2 dimensions of x, from -2 to 1, got None"),
    (lambda: ck.log_softmax(X, 0.0), "dim must be one of the 2 dimensions of x, from -2 to 1, got 0.0"),
    (lambda: ck.softmax(3.0, 0), "x must have at least 1 dimension, got a single number"),
    (lambda: ck.softmax_backward(np.ones(3), X, 1), r"dy must have shape \(2, 3\) \(that of the result\), got \(3,\)"),
    (lambda: ck.cross_entropy(LOGITS, [0, 3]), r"target must lie between 0 and 2 \(logits has 3 classes\), got 3"),
    (lambda: ck.cross_entropy(LOGITS, [0, -1]), r"target must lie between 0 and 2 \(logits has 3 classes\), got -1"),
    (lambda: ck.cross_entropy(LOGITS, [0.0, 1.0]), r"target must hold class numbers \(ints\), got an array of float64"),
    (lambda: ck.cross_entropy(LOGITS, [True, False]), r"target must hold class numbers \(ints\), got an array of bool"),
    (lambda: ck.cross_entropy(LOGITS, "ab"), r"target must hold class numbers \(ints\), got"),
    (
        lambda: ck.cross_entropy(LOGITS, [0, 1, 2]),
        r"target must have shape \(2,\) \(one class per row of logits\), got \(3,\)",
    ),
    (lambda: ck.cross_entropy(LOGITS[0, 0], 0), r"logits must have at least 1 class, got shape \(\)"),
    (
        lambda: ck.cross_entropy(LOGITS, [0, 1], reduction="average"),
        "reduction must be one of 'mean', 'sum', 'none', got 'average'",
    ),
    (
        lambda: ck.cross_entropy(LOGITS, [0, 1], label_smoothing=1.1),
        "label_smoothing must be a probability between 0 and 1, got 1.1",
    ),
    (lambda: ck.cross_entropy(np.ones((2, 0)), [0, 0]), "logits must have at least 1 class"),
    (
        lambda: ck.cross_entropy_backward(1.0, LOGITS, [0, 1], reduction="none"),
        r"dy must have shape \(2,\) .*, got \(\)",
    ),
    (lambda: ck.cross_entropy_backward([1.0, 1.0], LOGITS, [0, 1]), r"dy must have shape \(\) .*, got \(2,\)"),
    # the centred difference
    (
        lambda: ck.numerical_gradient(ck.relu, X, np.ones(3)),
        r"dy must have shape \(2, 3\) \(that of f\(x\)\), got \(3,\)",
    ),
    (lambda: ck.numerical_gradient(ck.relu, "x", X), "x must hold real numbers, got 'x'"),
    # what no array of numbers can be made of, and values whose text is long: the sentence stays one short line
    (lambda: ck.relu([[1], [1, 2]]), r"x must hold real numbers in rows of equal length, got \[\[1\], \[1, 2\]\]$"),
    (
        lambda: ck.relu(np.array([2**63], np.uint64)),
        r"x must hold integers of at most 2\*\*63 - 1, got 9223372036854775808",
    ),
    (
        lambda: ck.leaky_relu(X, negative_slope=X),
        r"negative_slope must be a real number, got an array of float64 with shape \(2, 3\)$",
    ),
    (
        lambda: ck.leaky_relu(X, negative_slope=10**400),
        r"negative_slope must not be larger than a float can hold, got 10{96}\.\.\.$",
    ),
    (lambda: ck.elu(X, alpha=np.timedelta64(1)), "alpha must be a real number, got np.timedelta64"),
    (lambda: ck.gelu(X, approximate=X), "approximate must be one of 'none', 'tanh', got an array of float64"),
    (lambda: ck.dropout(X, np.timedelta64(1), rng=RNG), "p must be a probability between 0 and 1, got np.timedelta64"),
    (lambda: ck.dropout(X, rng=RNG, training="False"), "training must be one of True, False, got 'False'"),
    (lambda: ck.dropout2d(IMAGES, rng=RNG, training=X), "training must be one of True, False, got an array of float64"),
    (lambda: ck.rrelu(X, rng=RNG, training=None), "training must be one of True, False, got None"),
    (lambda: ck.batch_norm2d(IMAGES, MEAN, VAR, training="no"), "training must be one of True, False, got 'no'"),
    (
        lambda: ck.cross_entropy(LOGITS, [[0], [1, 2]]),
        r"target must hold real numbers in rows of equal length, got \[\[0\]",
    ),
    (lambda: ck.numerical_gradient(X, X, X), r"f must be a function, got an array of float64 with shape \(2, 3\)"),
    # networks and data
    (
        lambda: network.Linear(2, 3).draw(RNG, dtype=int),
        "dtype must be one of 'float16', 'float32', 'float64', got 'int64'",
    ),
    (lambda: network.Linear(2, 3).draw(RNG, dtype="banana"), "dtype must be one of 'float16', .*, got 'banana'"),
    (lambda: network.Activation("rrelu", rng=3), "rng must be a numpy.random.Generator such as .*, got 3"),
    (lambda: network.Network(None), "layers must be a list of layers, got None"),
    (lambda: network.mlp(5, rng=RNG), "sizes must hold at least the input's and the output's, got 5"),
    (lambda: network.sgd([X], 0.1), r"net must be a Network, got \[array"),
]
