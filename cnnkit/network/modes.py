"""Layers that are one thing in training and another afterwards: batch norm and dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit import layers
from cnnkit._arguments import generator, integer, probability, real
from cnnkit.dropout import dropout, dropout2d, dropout_backward
from cnnkit.network.layer import Layer
from cnnkit.network.start import float_type
from cnnkit.normalization import batch_norm2d, batch_norm2d_backward


class BatchNorm2d(Layer):
    """Batch norm, `batch_norm2d`: the batch's own mean and variance in training, the running ones otherwise.

    Shapes: x and y (N, num_features, H, W). Learnt: weight (1 at the start) and bias (0), one per channel. Each
    forward in training moves running_mean and running_var (0 and 1 at the start) by the share `momentum`.

    >>> layer = BatchNorm2d(1)
    >>> layer.forward(np.array([[[[1.0, 3.0]]]]), training=True).round(2), layer.buffers["running_mean"]
    (array([[[[-1.,  1.]]]]), array([0.2]))
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, *, dtype: Any = np.float64) -> None:
        one = np.ones(integer("num_features", num_features, at_least=1), float_type(dtype))
        super().__init__(weight=one, bias=0 * one)
        self.plan = layers.BatchNorm2d(num_features)
        self.buffers = {"running_mean": 0 * one, "running_var": one.copy()}
        self.eps, self.momentum = real("eps", eps), probability("momentum", momentum)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.seen = x, self.buffers, training
        y, mean, var = batch_norm2d(
            x, **self.buffers, **self.parameters, training=training, momentum=self.momentum, eps=self.eps
        )
        self.buffers = {"running_mean": mean, "running_var": var}
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        x, buffers, training = self.remembered()
        dx, dweight, dbias = batch_norm2d_backward(
            dy, x, **buffers, weight=self.parameters["weight"], training=training, eps=self.eps
        )
        self.gradients = {"weight": dweight, "bias": dbias}
        return dx


class BatchNorm1d(BatchNorm2d):
    """Batch norm of rows of features, (N, num_features): each feature is a channel of one pixel.

    >>> BatchNorm1d(1).forward(np.array([[1.0], [3.0]]), training=True).round(2).tolist()
    [[-1.0], [1.0]]
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, *, dtype: Any = np.float64) -> None:
        super().__init__(num_features, eps, momentum, dtype=dtype)
        self.plan = layers.BatchNorm1d(num_features)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        return super().forward(x[..., None, None], training=training)[..., 0, 0]

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return super().backward(dy[..., None, None])[..., 0, 0]


class Dropout(Layer):
    """Dropout, `dropout`: p is the probability to DROP. Outside training it changes nothing.

    >>> Dropout(0.5, rng=np.random.default_rng(3)).forward(np.ones(6), training=True)
    array([0., 0., 2., 2., 0., 0.])
    """

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator) -> None:
        super().__init__()
        self.plan = layers.Dropout(probability("p", p))
        self.rng = generator("rng", rng)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        y, self.seen = dropout(x, self.plan.p, rng=self.rng, training=training)
        return y

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dropout_backward(dy, self.remembered())


class Dropout2d(Dropout):
    """Dropout of whole channels, `dropout2d`.

    >>> y = Dropout2d(0.5, rng=np.random.default_rng(1)).forward(np.ones((1, 3, 1, 2)), training=True)
    >>> y.tolist()
    [[[[2.0, 2.0]], [[2.0, 2.0]], [[0.0, 0.0]]]]
    """

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator) -> None:
        super().__init__(p, rng=rng)
        self.plan = layers.Dropout2d(self.plan.p)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        y, self.seen = dropout2d(x, self.plan.p, rng=self.rng, training=training)
        return y
