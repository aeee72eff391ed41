"""Dropout: switch entries off at random while training, so that no unit can rely on one other unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import floats, generator, like_torch_no_warnings, probability, rounded_once, same_shape, switch

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@like_torch_no_warnings
@rounded_once
def dropout(
    x: ArrayLike, p: float = 0.5, *, rng: np.random.Generator, training: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    r"""Set each entry to 0 with probability p and divide the others by 1 - p; return y and the mask.

    .. math:: y = mask \cdot x, \qquad mask = \begin{cases} 0 & \text{with probability } p \\
              1 / (1 - p) & \text{with probability } 1 - p \end{cases}

    p is the probability to DROP. The division keeps the expectation, E[y] = x, so nothing needs to change when
    training is over: with `training=False`, y is x and the mask is 1 everywhere. p = 1 drops everything.

    Shapes: x any; y and mask alike. `rng` is a numpy.random.Generator.
    Errors: ValueError if p is not in [0, 1] (NaN included), or rng is not a Generator.
    For float16 and float32 the random numbers have 24 bits, so p is met to within 1/2²⁴ = 6e-8.

    >>> y, mask = dropout(np.ones(6), p=0.5, rng=np.random.default_rng(3))
    >>> y
    array([0., 0., 2., 2., 0., 0.])

    Reference: Srivastava et al. (2014), Dropout: a simple way to prevent neural networks from overfitting,
    section 10 (the division at training time).
    """
    x, p, draw_dtype = _check_arguments(x, p, rng, training)
    if not training:
        return x.copy(), np.ones_like(x)
    kept = rng.random(x.shape, draw_dtype) >= p
    mask = kept.astype(x.dtype)
    if p < 1:
        mask /= 1 - p
    return mask * x, mask


@like_torch_no_warnings
@rounded_once
def dropout_backward(dy: ArrayLike, mask: ArrayLike) -> np.ndarray:
    """dx = mask · dy, with the mask of the forward: it already holds the division by 1 - p. Serves dropout2d too."""
    dy, mask = _check_dy(dy, mask)
    return mask * dy


@like_torch_no_warnings
@rounded_once
def dropout2d(
    x: ArrayLike, p: float = 0.5, *, rng: np.random.Generator, training: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    r"""Like dropout, but switch off whole channels: one draw for each (image, channel).

    Neighbouring pixels say nearly the same thing, so dropping single pixels hides little from the next layer.

    Shapes: x (N, C, H, W); y and mask alike (the mask is a read-only view of one number per channel).
    Errors: as dropout, and ValueError if x does not have 4 dimensions.

    >>> y, mask = dropout2d(np.ones((1, 3, 1, 2)), p=0.5, rng=np.random.default_rng(1))
    >>> y
    array([[[[2., 2.]],
    <BLANKLINE>
            [[2., 2.]],
    <BLANKLINE>
            [[0., 0.]]]])

    Reference: Tompson et al. (2015), Efficient object localization using convolutional networks, section 3.2.
    """
    x = floats("x", x, ndim=4, shape="(N, C, H, W)")
    one_per_channel = np.ones((*x.shape[:2], 1, 1), x.dtype)
    _, mask = dropout(one_per_channel, p, rng=rng, training=training)
    return mask * x, np.broadcast_to(mask, x.shape)


def _check_arguments(x: Any, p: Any, rng: Any, training: Any) -> tuple[np.ndarray, float, Any]:
    """Return x, p and the type of the random numbers to draw for it."""
    x, p = floats("x", x), probability("p", p)
    generator("rng", rng)
    switch("training", training)
    return x, p, np.float64 if x.dtype == np.float64 else np.float32


def _check_dy(dy: Any, mask: Any) -> tuple[np.ndarray, np.ndarray]:
    dy, mask = floats("dy", dy), floats("mask", mask)
    same_shape("mask", mask, dy.shape, "that of dy")
    return dy, mask
