"""What all layers have in common, and the two that the smallest networks are made of: Linear and Activation."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from cnnkit import activations, layers
from cnnkit._arguments import choice, floats, generator
from cnnkit.linear import linear, linear_backward
from cnnkit.network.start import draw_weight

ACTIVATIONS = (
    "identity", "relu", "leaky_relu", "prelu", "rrelu", "elu", "gelu", "silu", "sigmoid", "tanh", "softplus",
    "hardtanh",
)  # fmt: skip


class Layer:
    """What a network is made of.

    parameters   what is learnt, by name
    gradients    of those, by the same names: there after `backward`
    buffers      what is kept but not learnt, such as the running mean of batch norm
    plan         the same layer as bare numbers, for `count_parameters`, `count_macs` and `receptive_field`
    """

    plan: Any = None

    def __init__(self, **parameters: np.ndarray) -> None:
        self.parameters = parameters
        self.gradients: dict[str, np.ndarray] = {}
        self.buffers: dict[str, np.ndarray] = {}
        self.memory: dict[str, Any] = {}  # what `sgd` and `adam` remember of each parameter
        self.seen: Any = None  # what `forward` leaves for `backward`

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """y of x. `training` matters to layers that behave differently then."""
        raise NotImplementedError

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dx of dy, for the x that `forward` saw last; the parameters' gradients go to `self.gradients`."""
        raise NotImplementedError

    def remembered(self) -> Any:
        """What `forward` left."""
        if self.seen is None:
            raise ValueError(f"backward needs what forward saw: call forward before backward ({self!r})")
        return self.seen

    def __repr__(self) -> str:
        return f"{type(self).__name__}()" if self.plan is None else layers.written(self.plan)


class Linear(Layer):
    r"""y = x · weightᵀ + bias, with weights drawn from a normal distribution and a bias that starts at 0.

    .. math:: weight_{oc} \sim N(0, \sigma^2), \qquad \sigma = weight\_std(init, fan_{in}, fan_{out})

    Shapes: x (N, fan_in), weight (fan_out, fan_in), bias (fan_out,), y (N, fan_out). Without `bias` there is none.

    >>> Linear(3, 2, rng=np.random.default_rng(0)).forward(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(
        self, fan_in: int, fan_out: int, bias: bool = True, *,
        rng: np.random.Generator, init: str = "he", gain: float = 1.0, dtype: Any = np.float64,
    ) -> None:  # fmt: skip
        weight = draw_weight((fan_out, fan_in), fan_in, fan_out, rng=rng, init=init, gain=gain, dtype=dtype)
        super().__init__(weight=weight, **({"bias": np.zeros(fan_out, weight.dtype)} if bias else {}))
        self.plan = layers.Linear(fan_in, fan_out, bias)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.seen = x
        return linear(x, **self.parameters)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx, dweight, dbias = linear_backward(dy, self.remembered(), self.parameters["weight"])
        self.gradients = dict(zip(self.parameters, (dweight, dbias), strict=False))  # no bias, no gradient of it
        return dx


class Activation(Layer):
    """An activation of `cnnkit.activations` by its name, with the options that it has there.

    prelu has one learnt slope, `weight`, for all units (0.25 at the start); rrelu needs `rng` when training.

    >>> Activation("leaky_relu", negative_slope=0.5).forward(np.array([-2.0, 3.0]))
    array([-1.,  3.])
    """

    def __init__(self, name: str, **options: Any) -> None:
        self.name = choice("name", name, ACTIVATIONS)
        learnt = {"weight": floats("weight", options.pop("weight", 0.25)).reshape(1)} if name == "prelu" else {}
        super().__init__(**learnt)
        self.plan = layers.PReLU() if learnt else layers.ReLU()
        home = _Identity if name == "identity" else activations
        self._forward, self._backward = getattr(home, name), getattr(home, f"{name}_backward")
        known = set(inspect.signature(self._forward).parameters) - {"x", "weight", "training"}
        for option in options:
            if option not in known:
                raise ValueError(f"{name} has no option {option!r}; it has {', '.join(sorted(known)) or 'none'}")
        if options.get("rng") is not None:
            generator("rng", options["rng"])
        self.options = options
        self.forward(np.zeros((1, 1)))  # refuses values that make no sense here, not at the first batch
        self.seen = None

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        options = self.options | self.parameters
        if self.name == "rrelu":
            y, self.seen = self._forward(x, **options, training=training)
            return y
        self.seen = x
        return self._forward(x, **options)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        if self.name == "rrelu":
            return self._backward(dy, self.remembered())
        dx = self._backward(dy, self.remembered(), **self.options, **self.parameters)
        if self.parameters:
            dx, self.gradients["weight"] = dx
        return dx

    def __repr__(self) -> str:
        return f"Activation({', '.join([repr(self.name), *(f'{k}={v!r}' for k, v in self.options.items())])})"


class _Identity:
    """No activation at all: what a network of Linear layers alone has."""

    @staticmethod
    def identity(x: Any) -> np.ndarray:
        return np.array(x)

    @staticmethod
    def identity_backward(dy: Any, x: Any) -> np.ndarray:
        return np.array(dy)
