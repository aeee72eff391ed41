"""How large the signal is in each layer of a deep network, forward and backward: measured, and predicted."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import generator, integer
from cnnkit.network import Activation, Linear, Network, weight_std

Z = (np.arange(1000) + 0.5) / 1000 * 16 - 8  # a standard normal number: a thousand values of it …
P = np.exp(-(Z**2) / 2) / np.exp(-(Z**2) / 2).sum()  # … and their probabilities


class Flow(NamedTuple):
    """One number for each layer, from 0, the input, to the last.

    spread     standard deviation of the activations, over all units and examples
    gradient   norm of the gradient with respect to the activations; that of the last layer is 1
    """

    spread: np.ndarray
    gradient: np.ndarray

    @property
    def factor(self) -> float:
        """What the gradient is multiplied with per layer: the geometric mean."""
        return float(self.gradient[0] ** (1 / (len(self.gradient) - 1)))


def measure_flow(
    depth: int, activation: str, *,
    rng: np.random.Generator, width: int = 64, init: str = "he", gain: float = 1.0, examples: int = 64, **options: Any,
) -> Flow:  # fmt: skip
    r"""Send random numbers through a new network of `depth` layers of `width` units, and random ones back.

    Input and the gradient that enters at the top are drawn from N(0, 1); biases are 0.
    Errors: ValueError for counts below 1 and whatever `Linear` and `Activation` refuse.

    >>> flow = measure_flow(3, "identity", rng=np.random.default_rng(0), init="lecun", gain=0.5)
    >>> flow.gradient.round(1)
    array([0.1, 0.2, 0.5, 1. ])

    Reference: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks,
    section 4.2.
    """
    depth, examples = integer("depth", depth, at_least=1), integer("examples", examples, at_least=1)
    x = generator("rng", rng).standard_normal((examples, integer("width", width, at_least=1)))
    layers: list[Any] = []
    for _ in range(depth):
        layers += [Linear(width, width), Activation(activation, **options)]
    net = Network(layers, rng=rng, init=init, gain=gain)
    with np.errstate(over="ignore", invalid="ignore"):
        net.forward(x)
        net.backward(rng.standard_normal(x.shape))
        spread = np.array([y.std() for y in net.outputs[::2]])  # outputs[1::2] are the sums before the activations
        norm = np.array([np.linalg.norm(dy) for dy in net.doutputs[::2]])
    return Flow(spread, norm / norm[-1])


def predict_flow(
    depth: int, activation: str, *,
    width: int = 64, init: str = "he", gain: float = 1.0, **options: Any,
) -> Flow:  # fmt: skip
    r"""What `measure_flow` finds on average when layers are wide: the variance, followed from layer to layer.

    A sum of n inputs a with independent weights of mean 0 is normal, z ~ N(0, q), so

    .. math:: q_l = n \sigma^2 \, E[a_{l-1}^2], \qquad a_l = f(z_l), \qquad
              E[da_{l-1}^2] = n \sigma^2 \, E[f'(z_l)^2] \; E[da_l^2]

    With a ReLU E[f'²] = 1/2 and E[a²] = q/2, so He's σ² = 2/n keeps both; with no activation σ² = 1/n does.

    >>> predict_flow(50, "relu", init="he").gradient[0].round(6)
    np.float64(1.0)

    References: He et al. (2015), Delving deep into rectifiers, section 2.2; Schoenholz et al. (2017), Deep
    information propagation, section 3, for any activation.
    """
    n_variance = width * weight_std(init, width, width, gain=gain) ** 2
    layer, square = Activation(activation, **options), 1.0
    spread, factors = [1.0], []
    for _ in range(integer("depth", depth, at_least=1)):
        a = layer.forward(np.sqrt(n_variance * square) * Z)
        slope = layer.backward(np.ones_like(Z))
        square = P @ a**2
        spread.append(np.sqrt(max(square - (P @ a) ** 2, 0.0)))
        factors.append(np.sqrt(n_variance * (P @ slope**2)))
    return Flow(np.array(spread), np.append(np.cumprod(factors[::-1])[::-1], 1.0))
