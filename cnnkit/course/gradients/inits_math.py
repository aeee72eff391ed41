"""Initialisations as functions (fan_in, fan_out, rng) -> weight (fan_out, fan_in): the known ones, and a learner's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnkit.network import Network, weight_std

Init = Callable[[int, int, np.random.Generator], Any]


def kaiming_uniform(fan_in: int, fan_out: int, rng: np.random.Generator, *, a: float = 0.0) -> np.ndarray:
    r"""What `torch.nn.init.kaiming_uniform_` draws for a leaky ReLU with slope `a` on its left.

    .. math:: \sigma^2 = \frac{2}{(1 + a^2) \, fan_{in}}, \qquad weight \sim U(-\sqrt 3 \, \sigma, \sqrt 3 \, \sigma)

    >>> bound = np.abs(kaiming_uniform(100, 5000, np.random.default_rng(0), a=5**0.5)).max()
    >>> round(float(bound), 3)                                          # 1 / √100
    0.1

    Reference: He et al. (2015), Delving deep into rectifiers, equation 15.
    """
    bound = np.sqrt(3) * np.sqrt(2 / ((1 + a**2) * fan_in))
    return rng.uniform(-bound, bound, (fan_out, fan_in))


def pytorch_default(fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    """The weights of a new `torch.nn.Linear`: kaiming_uniform with a = √5, which is U(−1/√fan_in, 1/√fan_in)."""
    return kaiming_uniform(fan_in, fan_out, rng, a=np.sqrt(5))


def normal(init: str, gain: float = 1.0) -> Init:
    """An initialisation of `cnnkit.network.weight_std`, as a function."""

    def draw(fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
        return weight_std(init, fan_in, fan_out, gain=gain) * rng.standard_normal((fan_out, fan_in))

    return draw


def orthogonal(fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    """√2 times rows (or columns) at right angles to each other, of length 1.

    Reference: Saxe, McClelland and Ganguli (2014), Exact solutions to the nonlinear dynamics of learning.
    """
    q, r = np.linalg.qr(rng.standard_normal((max(fan_in, fan_out), min(fan_in, fan_out))))
    q = q * np.sign(np.diag(r))
    return np.sqrt(2) * (q if fan_out >= fan_in else q.T)


def set_weights(net: Network, init: Init, rng: np.random.Generator) -> None:
    """Draw every weight of a network anew with `init`; a ValueError for one of another shape, or not of numbers."""
    for layer in net.layers:
        if "weight" in layer.parameters:
            layer.parameters["weight"] = _checked(init, layer.parameters["weight"].shape, rng)


def _checked(init: Init, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    fan_out, fan_in = shape
    try:
        weight = np.asarray(init(fan_in, fan_out, rng), float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"init(fan_in, fan_out, rng) must return an array of numbers: {error}") from error
    if weight.shape != shape:
        asked = f"shape (fan_out, fan_in) = {shape}"
        hint = "; is a `return` missing?" if weight.shape == () else ""
        raise ValueError(f"init({fan_in}, {fan_out}, rng) must return an array of {asked}, got {weight.shape}{hint}")
    if not np.all(np.isfinite(weight)):
        raise ValueError("init must return finite numbers, got nan or inf")
    return weight
