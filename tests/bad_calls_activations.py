"""Calls of gates and curves that must be refused, each with the sentence it gives."""

import numpy as np

import cnnkit as ck

X = np.ones((2, 4))

BAD_CALLS = [
    (lambda: ck.mish("warm"), "x must hold real numbers, got 'warm'"),
    (lambda: ck.selu(1j), "x must hold real numbers, got 1j"),
    (lambda: ck.softsign([[1], [1, 2]]), "x must hold real numbers in rows of equal length"),
    (lambda: ck.hardswish(None), "x must hold real numbers, got None"),
    (lambda: ck.hardsigmoid_backward(np.ones(3), X), r"dy must have shape \(2, 4\) \(that of x\), got \(3,\)"),
    (lambda: ck.mish_backward(1.0, X), r"dy must have shape \(2, 4\) \(that of x\), got \(\)"),
    (lambda: ck.glu("warm"), "x must hold real numbers, got 'warm'"),
    (lambda: ck.glu(3.0), r"dim must be one of the 0 dimensions of x, got -1: x has shape \(\)"),
    (lambda: ck.glu(X, 2), r"dim must be one of the 2 dimensions of x, got 2: x has shape \(2, 4\)"),
    (lambda: ck.glu(X, None), "dim must be one of the 2 dimensions of x, got None"),
    (lambda: ck.glu(X[:, :3]), r"x must have an even number of entries along dim=-1, got 3: shape \(2, 3\)"),
    (lambda: ck.glu_backward(X, X), r"dy must have shape \(2, 2\) \(that of half of x\), got \(2, 4\)"),
]
