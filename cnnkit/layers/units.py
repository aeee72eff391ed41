"""The two layers that the smallest networks are made of: Linear and Activation."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from math import prod
from typing import Any, Self

import numpy as np

from cnnkit import activations
from cnnkit._arguments import choice, floats, generator
from cnnkit.layers.layer import Pixelwise, Shape, WeightLayer, positive
from cnnkit.linear import linear, linear_backward

ACTIVATIONS = (
    "identity", "relu", "leaky_relu", "prelu", "rrelu", "elu", "gelu", "silu", "sigmoid", "tanh", "softplus",
    "hardtanh",
)  # fmt: skip


@dataclass(repr=False, unsafe_hash=True)
class Linear(WeightLayer):
    r"""y = x · weightᵀ + bias, with weights drawn from a normal distribution and a bias that starts at 0.

    .. math:: weight_{oc} \sim N(0, \sigma^2), \qquad \sigma = weight\_std(init, in\_features, out\_features)

    Shapes: x (N, in_features), weight (out_features, in_features), bias (out_features,), y (N, out_features).
    Without `bias` there is none.

    >>> Linear(3, 2).draw(np.random.default_rng(0)).forward(np.ones((5, 3))).shape
    (5, 2)
    """

    in_features: int
    out_features: int
    bias: bool = True

    def __post_init__(self) -> None:
        positive(self, "in_features", "out_features")
        super().__post_init__()

    @property
    def fans(self) -> tuple[int, int]:
        return self.in_features, self.out_features

    def output_shape(self, shape: Shape) -> Shape:
        if shape[-1] != self.in_features:
            raise ValueError(f"features do not match: the input has {shape[-1]}, but {self!r} takes {self.in_features}")
        return *shape[:-1], self.out_features

    def parameter_shapes(self, shape: Shape | None = None) -> dict[str, Shape]:
        bias: dict[str, Shape] = {"bias": (self.out_features,)} if self.bias else {}
        return {"weight": (self.out_features, self.in_features), **bias}

    def count_macs(self, shape: Shape) -> int:
        return prod(shape) * self.out_features

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.cache = x
        return linear(x, self.weight, self.parameters.get("bias"))

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx, dweight, dbias = linear_backward(dy, self.cached(), self.weight)
        self.gradients = dict(zip(self.parameters, (dweight, dbias), strict=False))  # no bias, no gradient of it
        return dx


class Activation(Pixelwise):
    """An activation of `cnnkit.activations` by its name, with the options that it has there.

    prelu learns its slope, `weight`: one for all units, or one per channel if several are given (0.25 at the start).
    rrelu draws slopes in training, from the network's `rng` unless it has its own.

    >>> Activation("leaky_relu", negative_slope=0.5).forward(np.array([-2.0, 3.0]))
    array([-1.,  3.])
    """

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__()
        self.name = choice("name", name, ACTIVATIONS)
        home = _Identity if name == "identity" else activations
        self._forward, self._backward = getattr(home, name), getattr(home, f"{name}_backward")
        known = set(inspect.signature(self._forward).parameters) - {"x", "training"}
        for option in options:
            if option not in known:
                raise ValueError(f"{name} has no option {option!r}; it has {', '.join(sorted(known)) or 'none'}")
        self.rng = options.pop("rng", None)
        if self.rng is not None:
            generator("rng", self.rng)
        self._written = ", ".join([repr(name), *(f"{option}={value!r}" for option, value in options.items())])
        if name == "prelu":
            self.parameters = {"weight": floats("weight", options.pop("weight", 0.25)).reshape(-1)}
        self.options = options
        self.forward(np.zeros((1, len(self.parameters.get("weight", "1")))))  # refuses values that make no sense
        self.cache = None

    def draw(self, rng: np.random.Generator | None = None, *, dtype: Any = None, **start: Any) -> Self:
        self.rng = rng if self.rng is None else self.rng
        return super().draw(dtype=dtype)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        if self.name == "rrelu":
            y, self.cache = self._forward(x, **self.options, rng=self.rng, training=training)
            return y
        self.cache = x
        return self._forward(x, **self.options, **self.parameters)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        if self.name == "rrelu":
            return self._backward(dy, self.cached())
        dx = self._backward(dy, self.cached(), **self.options, **self.parameters)
        if self.parameters:
            dx, self.gradients["weight"] = dx
        return dx

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._written})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


class _Identity:
    """No activation at all: what a network of Linear layers alone has."""

    @staticmethod
    def identity(x: Any) -> np.ndarray:
        return np.array(x)

    @staticmethod
    def identity_backward(dy: Any, x: Any) -> np.ndarray:
        return np.array(dy)
