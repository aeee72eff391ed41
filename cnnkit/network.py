"""A network: layers chained forward, the same layers walked back, and a step downhill.

    rng = np.random.default_rng(0)
    net = Network([Linear(64, 32, rng=rng), Activation("relu"), Linear(32, 10, rng=rng)])
    logits = net.forward(x)
    net.backward(cross_entropy_backward(1.0, logits, labels))      # fills layer.gradients
    sgd(net, lr=0.1, momentum=0.9)                                 # changes layer.parameters

A new kind of layer derives from `Layer`: it remembers in `forward` what its `backward` needs.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from cnnkit import activations
from cnnkit._arguments import choice, floats, generator, given, integer, real
from cnnkit.linear import linear, linear_backward

INITS = ("he", "xavier", "lecun", "normal")
ACTIVATIONS = (
    "identity", "relu", "leaky_relu", "prelu", "rrelu", "elu", "gelu", "silu", "sigmoid", "tanh", "softplus",
    "hardtanh",
)  # fmt: skip


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


class Layer:
    """What a network is made of.

    parameters   what is learnt, by name
    gradients    of those, by the same names: there after `backward`
    """

    def __init__(self, **parameters: np.ndarray) -> None:
        self.parameters = parameters
        self.gradients: dict[str, np.ndarray] = {}
        self.velocities: dict[str, np.ndarray] = {}  # what `sgd` with momentum remembers
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


class Linear(Layer):
    r"""y = x · weightᵀ + bias, with weights drawn from a normal distribution and a bias that starts at 0.

    .. math:: weight_{oc} \sim N(0, \sigma^2), \qquad \sigma = weight\_std(init, fan_{in}, fan_{out})

    Shapes: x (N, fan_in), weight (fan_out, fan_in), bias (fan_out,), y (N, fan_out).

    >>> Linear(3, 2, rng=np.random.default_rng(0)).forward(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(
        self, fan_in: int, fan_out: int, *,
        rng: np.random.Generator, init: str = "he", gain: float = 1.0, dtype: Any = np.float64,
    ) -> None:  # fmt: skip
        std = weight_std(init, fan_in, fan_out, gain=gain)
        dtype = _float_type(dtype)
        weight = std * generator("rng", rng).standard_normal((fan_out, fan_in))
        super().__init__(weight=weight.astype(dtype), bias=np.zeros(fan_out, dtype))

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        self.seen = x
        return linear(x, self.parameters["weight"], self.parameters["bias"])

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dx, dweight, dbias = linear_backward(dy, self.remembered(), self.parameters["weight"])
        self.gradients = {"weight": dweight, "bias": dbias}
        return dx

    def __repr__(self) -> str:
        fan_out, fan_in = self.parameters["weight"].shape
        return f"Linear({fan_in}, {fan_out})"


def _float_type(dtype: Any) -> np.dtype:
    """`dtype` as a numpy type, if it is one of the three kinds of float."""
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = dtype
    return np.dtype(choice("dtype", name, ("float16", "float32", "float64")))


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


class Network:
    """Layers, one after the other.

    After `forward`, outputs[0] is the input and outputs[l] what layer l gave (counted from 1).
    After `backward`, doutputs[l] is the gradient with respect to outputs[l].
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        if not isinstance(layers, Iterable):
            raise ValueError(f"layers must be a list of layers, got {given(layers)}")
        self.layers = list(layers)
        for layer in self.layers:
            if not isinstance(layer, Layer):
                raise ValueError(f"layers must be layers such as Linear(2, 3, rng=rng), got {given(layer)}")
        if not self.layers:
            raise ValueError("layers must hold at least one layer, got none")
        self.outputs: list[np.ndarray] = []
        self.doutputs: list[np.ndarray] = []

    def forward(self, x: Any, *, training: bool = False) -> np.ndarray:
        """Each layer's output is the next one's input."""
        self.outputs = [floats("x", x)]
        for layer in self.layers:
            self.outputs.append(layer.forward(self.outputs[-1], training=training))
        return self.outputs[-1]

    def backward(self, dy: Any) -> np.ndarray:
        """The same in reverse: each layer's dx is the dy of the one before it. Returns the gradient of the input."""
        self.doutputs = [floats("dy", dy)]
        for layer in reversed(self.layers):
            self.doutputs.insert(0, layer.backward(self.doutputs[0]))
        return self.doutputs[0]

    def __repr__(self) -> str:
        return f"Network([{', '.join(map(repr, self.layers))}])"


def mlp(
    sizes: Sequence[int], activation: str = "relu", *,
    rng: np.random.Generator, init: str = "he", gain: float = 1.0, dtype: Any = np.float64, **options: Any,
) -> Network:  # fmt: skip
    """A fully connected network: Linear layers between `sizes`, an activation after each but the last.

    >>> mlp([64, 32, 10], "tanh", rng=np.random.default_rng(0), init="xavier")
    Network([Linear(64, 32), Activation('tanh'), Linear(32, 10)])
    """
    if not isinstance(sizes, (Sequence, np.ndarray)) or len(sizes) < 2:
        raise ValueError(f"sizes must hold at least the input's and the output's, got {given(sizes)}")
    layers: list[Layer] = []
    for fan_in, fan_out in pairwise(sizes):
        layers.append(Linear(fan_in, fan_out, rng=rng, init=init, gain=gain, dtype=dtype))
        layers.append(Activation(activation, **options))
    return Network(layers[:-1])


def sgd(net: Network, lr: float, *, momentum: float = 0.0) -> None:
    r"""Take one step downhill with the gradients that `backward` left: changes the parameters of `net`.

    .. math:: v \leftarrow momentum \cdot v + dparameter, \qquad parameter \leftarrow parameter - lr \cdot v

    v starts at 0 and stays with the layer. Gradients are replaced by the next `backward`, never added up.
    Errors: ValueError if backward has not run, lr is negative or momentum is not in [0, 1).

    Reference: Sutskever et al. (2013), On the importance of initialization and momentum in deep learning, section 2,
    in torch.optim.SGD's form, where the velocity does not hold the learning rate.
    """
    if not isinstance(net, Network):
        raise ValueError(f"net must be a Network, got {given(net)}")
    lr, momentum = real("lr", lr), real("momentum", momentum)
    if not 0 <= lr < np.inf:
        raise ValueError(f"lr must be 0 or more and finite, got {lr}")
    if not 0 <= momentum < 1:
        raise ValueError(f"momentum must be 0 or more and below 1, got {momentum}")
    for layer in net.layers:
        for name, parameter in layer.parameters.items():
            if name not in layer.gradients:
                raise ValueError(f"there is no gradient of {name} yet: call backward before sgd ({layer!r})")
            velocity = momentum * layer.velocities.get(name, 0.0) + layer.gradients[name]
            layer.velocities[name] = velocity
            layer.parameters[name] = parameter - lr * velocity
