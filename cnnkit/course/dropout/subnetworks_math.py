"""All sub-networks of a small layer with dropout: what each of them gives, their average, and its shortcuts.

A layer of n units, of which dropout keeps some, has 2ⁿ sub-networks, one for each mask. What follows the layer is one
linear map, and then nothing, a ReLU or a softmax.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import choice, floats, generator, integer, probability
from cnnkit.activations import relu
from cnnkit.losses import log_softmax, softmax

FOLLOWS = ("linear", "ReLU", "softmax")
MOST = 16  # units whose masks are counted out: 65,536 of them


class Average(NamedTuple):
    """A mean of drawn sub-networks, and the standard error of that mean; of each output."""

    mean: np.ndarray
    error: np.ndarray


def all_masks(n: int) -> np.ndarray:
    """The 2ⁿ masks of n units as rows of 0 (dropped) and 1 (kept): the one that drops everything first.

    >>> all_masks(2).tolist()
    [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    if integer("n", n, at_least=1) > MOST:
        raise ValueError(f"n must be at most {MOST}: {n} units have 2^{n} = {2**n:,} masks")
    return np.arange(2**n)[:, None] >> np.arange(n)[::-1] & 1


def chances(masks: Any, p: float) -> np.ndarray:
    r"""How likely dropout with probability p to drop draws each mask.

    .. math:: P(mask) = (1 - p)^{kept} \; p^{dropped}

    >>> chances(all_masks(2), 0.25)
    array([0.0625, 0.1875, 0.1875, 0.5625])
    """
    masks, p = floats("masks", masks, ndim=2, shape="(masks, n)"), _below_one(p)
    kept = masks.sum(axis=1)
    return (1 - p) ** kept * p ** (masks.shape[1] - kept)


def outputs(masks: Any, terms: Any, follows: str, p: float) -> np.ndarray:
    r"""What the sub-network of each mask gives, the kept units divided by 1 - p as in training.

    .. math:: z_c = \sum_i \frac{mask_i}{1 - p} \, terms_{ci}, \qquad y = z, \; \max(z, 0) \text{ or } softmax(z)

    terms   (classes, n): weight times unit, the part of unit i in output c

    Shapes: masks (masks, n), y (masks, classes).

    >>> outputs(all_masks(2), [[3, -1]], "ReLU", 0.5)
    array([[0.],
           [0.],
           [6.],
           [4.]])
    """
    masks, terms = floats("masks", masks, ndim=2, shape="(masks, n)"), _terms(terms, np.shape(masks)[-1])
    return _follow(masks @ terms.T / (1 - _below_one(p)), follows)


def mean_of_all(terms: Any, follows: str, p: float) -> np.ndarray:
    r"""The exact average over all 2ⁿ sub-networks: :math:`\sum_{masks} P(mask) \, y(mask)`, shape (classes,)."""
    masks = all_masks(np.shape(terms)[-1])
    return chances(masks, p) @ outputs(masks, terms, follows, p)


def weight_scaling(terms: Any, follows: str) -> np.ndarray:
    """What one pass with all units gives, as when testing: the shortcut for that average. Shape (classes,).

    Reference: Srivastava et al. (2014), Dropout, section 4; Goodfellow et al. (2016), Deep Learning, section 7.12.

    >>> weight_scaling([[3, -1]], "ReLU"), mean_of_all([[3, -1]], "ReLU", 0.5)
    (array([2.]), array([2.5]))
    """
    terms = _terms(terms, np.shape(terms)[-1])
    return _follow(terms.sum(axis=1)[None], follows)[0]


def geometric_mean(terms: Any, p: float) -> np.ndarray:
    r"""The normalised geometric mean of what all sub-networks predict with a softmax, shape (classes,).

    .. math:: y_c \propto \prod_{masks} y_c(mask)^{P(mask)}

    The logarithm of a softmax is linear in z, up to a number that all classes share and that the normalisation takes
    out again: so this mean is exactly what weight scaling gives.

    Reference: Goodfellow et al. (2016), Deep Learning, section 7.12.

    >>> terms = [[1.0, 2.0], [0.5, -1.0], [0.0, 0.0]]
    >>> bool(np.allclose(geometric_mean(terms, 0.3), weight_scaling(terms, "softmax")))
    True
    """
    masks = all_masks(np.shape(terms)[-1])
    z = masks @ _terms(terms, masks.shape[1]).T / (1 - _below_one(p))
    return softmax(chances(masks, p) @ log_softmax(z, 1), 0)


def monte_carlo(terms: Any, follows: str, p: float, samples: int, *, rng: np.random.Generator) -> Average:
    """Average `samples` sub-networks that are drawn as dropout draws them; at least 2, so that there is an error.

    >>> mean, error = monte_carlo([[3, -1]], "linear", 0.5, 1000, rng=np.random.default_rng(0))
    >>> bool(abs(mean[0] - 2) < 3 * error[0])
    True
    """
    n, samples = np.shape(terms)[-1], integer("samples", samples, at_least=2)
    kept = generator("rng", rng).random((samples, n)) >= _below_one(p)
    y = outputs(kept, terms, follows, p)
    return Average(y.mean(axis=0), y.std(axis=0, ddof=1) / np.sqrt(samples))


def _follow(z: np.ndarray, follows: str) -> np.ndarray:
    kind = choice("follows", follows, FOLLOWS)
    return relu(z) if kind == "ReLU" else softmax(z, 1) if kind == "softmax" else z


def _terms(terms: Any, n: int) -> np.ndarray:
    terms = floats("terms", terms, ndim=2, shape="(classes, n)")
    if terms.shape[1] != n:
        raise ValueError(f"terms must have shape (classes, {n}), one column for each unit, got {terms.shape}")
    return terms


def _below_one(p: float) -> float:
    if probability("p", p) == 1:
        raise ValueError("p must be below 1: nothing is kept, and the kept units are divided by 1 - p")
    return float(p)
