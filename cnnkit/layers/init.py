"""What a layer's weights start with: random numbers, as spread out as the number of inputs asks for."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import choice, generator, integer, real

INITS = ("he", "xavier", "lecun", "normal")


def weight_std(init: str, fan_in: int, fan_out: int, *, gain: float = 1.0) -> float:
    r"""The standard deviation that an initialisation gives to weights with mean 0.

    .. math:: he: gain \sqrt{2 / fan_{in}} \qquad xavier: gain \sqrt{2 / (fan_{in} + fan_{out})} \qquad
              lecun: gain \sqrt{1 / fan_{in}} \qquad normal: gain

    `gain` = 1 is the paper's: he already holds the 2 that makes up for the half that a ReLU cuts off, which torch
    calls a gain of √2. Xavier's is the compromise between 1 / fan_in, which keeps the spread of the activations,
    and 1 / fan_out, which keeps that of the gradients.

    Errors: ValueError for an unknown name, a fan below 1 or a gain that is negative or not finite.

    >>> weight_std("he", 50, 200), weight_std("xavier", 50, 150), weight_std("lecun", 4, 1, gain=3)
    (0.2, 0.1, 1.5)

    References: He et al. (2015), Delving deep into rectifiers, equation 10; Glorot and Bengio (2010), Understanding
    the difficulty of training deep feedforward neural networks, equation 12; LeCun et al. (1998), Efficient
    BackProp, equation 16.
    """
    fan_in, fan_out = integer("fan_in", fan_in, at_least=1), integer("fan_out", fan_out, at_least=1)
    gain = real("gain", gain)
    if not 0 <= gain < np.inf:
        raise ValueError(f"gain must be 0 or more and finite, got {gain}")
    variances = {"he": 2 / fan_in, "xavier": 2 / (fan_in + fan_out), "lecun": 1 / fan_in, "normal": 1.0}
    return float(gain * np.sqrt(variances[choice("init", init, INITS)]))


def draw_weight(
    shape: tuple[int, ...], fan_in: int, fan_out: int, *,
    rng: np.random.Generator | None, init: str, gain: float, dtype: Any,
) -> np.ndarray:  # fmt: skip
    """A weight of this shape from a normal distribution with mean 0 and the spread of `weight_std`."""
    std = weight_std(init, fan_in, fan_out, gain=gain)
    return (std * generator("rng", rng).standard_normal(shape)).astype(float_type(dtype))


def float_type(dtype: Any) -> np.dtype:
    """`dtype` as a numpy type, if it is one of the three kinds of float."""
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = dtype
    return np.dtype(choice("dtype", name, ("float16", "float32", "float64")))
