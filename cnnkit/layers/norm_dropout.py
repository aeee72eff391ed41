"""Layers that are one thing in training and another afterwards: batch norm and dropout."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any, Self

import numpy as np

from cnnkit._arguments import generator, probability, real
from cnnkit.dropout import dropout, dropout2d, dropout_backward
from cnnkit.layers.images import check_image
from cnnkit.layers.layer import Pixelwise, Shape, positive
from cnnkit.normalization import batch_norm, batch_norm2d, batch_norm_backward


@dataclass(repr=False, unsafe_hash=True)
class BatchNorm2d(Pixelwise):
    """Batch norm, `batch_norm2d`: the batch's own mean and variance in training, the running ones otherwise.

    Shapes: x and y (N, num_features, H, W). Learnt: weight (1 at the start) and bias (0), one per channel. Each
    forward in training moves running_mean and running_var (0 and 1 at the start) by the share `momentum`.

    >>> layer = BatchNorm2d(1)
    >>> layer.forward(np.array([[[[1.0, 3.0]]]]), training=True).round(2), layer.buffers["running_mean"]
    (array([[[[-1.,  1.]]]]), array([0.2]))
    """

    num_features: int
    eps: float = 1e-5
    momentum: float = 0.1

    _norm = staticmethod(batch_norm2d)

    def __post_init__(self) -> None:
        super().__post_init__()
        positive(self, "num_features")
        self.eps, self.momentum = real("eps", self.eps), probability("momentum", self.momentum)
        one = np.ones(self.num_features)
        self.parameters = {"weight": one, "bias": 0 * one}
        self.buffers = {"running_mean": 0 * one, "running_var": one.copy()}

    def output_shape(self, shape: Shape) -> Shape:
        check_image(shape, self.num_features)
        return shape

    def count_macs(self, shape: Shape) -> int:
        return prod(shape)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.cache = x, self.buffers, training
        y, mean, var = self._norm(
            x, **self.buffers, **self.parameters, training=training, momentum=self.momentum, eps=self.eps
        )
        self.buffers = {"running_mean": mean, "running_var": var}
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        x, buffers, training = self.cached()
        dx, dweight, dbias = batch_norm_backward(
            dy, x, **buffers, weight=self.parameters["weight"], training=training, eps=self.eps
        )
        self.gradients = {"weight": dweight, "bias": dbias}
        return dx


class BatchNorm1d(BatchNorm2d):
    """Batch norm, `batch_norm`, of rows of features, (N, num_features), or of sequences, (N, num_features, L).

    >>> BatchNorm1d(1).forward(np.array([[1.0], [3.0]]), training=True).round(2).tolist()
    [[-1.0], [1.0]]
    """

    _norm = staticmethod(batch_norm)

    def output_shape(self, shape: Shape) -> Shape:
        if shape[0] != self.num_features or len(shape) > 2:
            raise ValueError(f"features do not match: the input has shape {shape}, but {self!r} takes rows of features")
        return shape


@dataclass(repr=False, unsafe_hash=True)
class Dropout(Pixelwise):
    """Dropout, `dropout`: p is the probability to DROP. Outside training it changes nothing.

    The masks are drawn from the network's `rng`, unless the layer is given its own.

    >>> Dropout(0.5, rng=np.random.default_rng(3)).forward(np.ones(6), training=True)
    array([0., 0., 2., 2., 0., 0.])
    """

    p: float = 0.5
    rng: Any = field(default=None, kw_only=True, repr=False, compare=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.p = probability("p", self.p)
        if self.rng is not None:
            generator("rng", self.rng)

    def draw(self, rng: np.random.Generator | None = None, *, dtype: Any = None, **start: Any) -> Self:
        if self.rng is None:
            self.rng = generator("rng", rng)
        return super().draw(dtype=dtype)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        y, self.cache = dropout(x, self.p, rng=self.rng, training=training)
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dropout_backward(dy, self.cached())


class Dropout2d(Dropout):
    """Dropout of whole channels, `dropout2d`.

    >>> y = Dropout2d(0.5, rng=np.random.default_rng(1)).forward(np.ones((1, 3, 1, 2)), training=True)
    >>> y.tolist()
    [[[[2.0, 2.0]], [[2.0, 2.0]], [[0.0, 0.0]]]]
    """

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        y, self.cache = dropout2d(x, self.p, rng=self.rng, training=training)
        return y
