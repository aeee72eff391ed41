"""Steps downhill: how the gradients that `backward` left change the parameters.

float16 parameters are moved in float32 and rounded once, and what an optimizer remembers of them stays float32: squares
of gradients, and eps = 1e-8, are 0 in float16 (with torch.optim the parameters become NaN). A step that is smaller than
half of a parameter's last digit is still lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnkit._arguments import given, integer, like_torch_no_warnings, real, switch
from cnnkit.layers import Layer
from cnnkit.network.network import Network


@like_torch_no_warnings
def sgd(net: Network, lr: float, *, momentum: float = 0.0, weight_decay: float = 0.0, nesterov: bool = False) -> None:
    r"""Take one step downhill with the gradients that `backward` left: changes the parameters of `net`.

    .. math:: g = dparameter + weight\_decay \cdot parameter, \qquad v \leftarrow momentum \cdot v + g, \qquad
              parameter \leftarrow parameter - lr \cdot v

    v starts at 0 and stays with the layer. With `nesterov` the last step is lr · (g + momentum · v): v as it will be
    once it has moved on. Gradients are replaced by the next `backward`, never added up.
    Errors: ValueError if backward has not run, lr or weight_decay is negative or momentum is not in [0, 1).

    Reference: Sutskever et al. (2013), On the importance of initialization and momentum in deep learning, section 2,
    in torch.optim.SGD's form, where the velocity does not hold the learning rate.
    """
    lr, momentum, weight_decay = _check_sgd(net, lr, momentum, weight_decay, nesterov)
    for layer in net.layers:
        velocity = layer.optimizer_state.setdefault("velocity", {})
        for name, parameter, g in _parameters(layer, weight_decay):
            v = velocity[name] = momentum * velocity.get(name, 0.0) + g
            step = g + momentum * v if nesterov else v
            layer.parameters[name] = parameter - lr * step


@like_torch_no_warnings
def adam(
    net: Network, lr: float = 1e-3, *,
    betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.0,
) -> None:  # fmt: skip
    r"""Take one step of Adam: every parameter moves by about lr, whatever the size of its gradient.

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \qquad
              parameter \leftarrow parameter - lr \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + eps}

    m and v are running means of the gradient g and of its square; both start at 0, and the division by 1 − βᵗ at step
    t = 1, 2, … makes up for that. weight_decay · parameter is added to g, as in torch.optim.Adam.
    Errors: ValueError if backward has not run, lr, eps or weight_decay is negative or a beta is not in [0, 1).

    Reference: Kingma and Ba (2015), Adam: A method for stochastic optimization, algorithm 1.
    """
    lr, betas, eps, weight_decay = _check_adam("adam", net, lr, betas, eps, weight_decay)
    for layer in net.layers:
        for name, parameter, g in _parameters(layer, weight_decay):
            m_hat, v_hat = _moments(layer, "adam", name, g, betas)
            layer.parameters[name] = parameter - lr * m_hat / (np.sqrt(v_hat) + eps)


@like_torch_no_warnings
def adamw(
    net: Network, lr: float = 1e-3, *,
    betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.01,
) -> None:  # fmt: skip
    r"""Take one step of Adam, and shrink every parameter by the share lr · weight_decay, whatever its gradient.

    .. math:: parameter \leftarrow (1 - lr \cdot weight\_decay) \, parameter
              - lr \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + eps}

    m and v are those of `adam`, where the decay is part of g: there the division by √v makes it weak for parameters
    with large gradients. Here it is not divided ("decoupled"), and so the same for all.
    Errors: ValueError if backward has not run, lr, eps or weight_decay is negative or a beta is not in [0, 1).

    Reference: Loshchilov and Hutter (2019), Decoupled weight decay regularization, algorithm 2, with the decay times
    lr, as in torch.optim.AdamW.
    """
    lr, betas, eps, weight_decay = _check_adam("adamw", net, lr, betas, eps, weight_decay)
    for layer in net.layers:
        for name, parameter, g in _parameters(layer):
            m_hat, v_hat = _moments(layer, "adamw", name, g, betas)
            layer.parameters[name] = (1 - lr * weight_decay) * parameter - lr * m_hat / (np.sqrt(v_hat) + eps)


@like_torch_no_warnings
def rmsprop(
    net: Network, lr: float = 0.01, *,
    alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0.0, momentum: float = 0.0, centered: bool = False,
) -> None:  # fmt: skip
    r"""Take one step of RMSprop: gradients are divided by their own size, which is a running mean.

    .. math:: v \leftarrow \alpha v + (1 - \alpha) g^2, \qquad
              u \leftarrow momentum \cdot u + \frac{g}{\sqrt{v} + eps}, \qquad
              parameter \leftarrow parameter - lr \cdot u

    v and u start at 0; weight_decay · parameter is added to g. With `centered` v is not the mean of g² but the variance
    of g: how far g is from its own running mean.
    Errors: ValueError if backward has not run, lr, eps or weight_decay is negative, alpha or momentum not in [0, 1).

    Reference: Tieleman and Hinton (2012), Lecture 6.5: RMSprop (COURSERA, Neural networks for machine learning);
    centered: Graves (2013), Generating sequences with recurrent neural networks, equations 38 to 45.
    """
    lr, alpha, eps, weight_decay, momentum = _check_rmsprop(net, lr, alpha, eps, weight_decay, momentum, centered)
    for layer in net.layers:
        kept = layer.optimizer_state.setdefault("rmsprop", {})
        for name, parameter, g in _parameters(layer, weight_decay):
            v, u, mean = kept.get(name, (0.0, 0.0, 0.0))
            # mean(g²) - mean(g)² would lose its digits; step by step it is a sum of squares
            square = alpha * (g - mean) ** 2 if centered else g * g
            v = alpha * v + (1 - alpha) * square
            u = momentum * u + g / (np.sqrt(v) + eps)
            kept[name] = v, u, alpha * mean + (1 - alpha) * g
            layer.parameters[name] = parameter - lr * u


def triangular(step: int, steps: int, peak: float, *, rise: float = 0.25) -> float:
    """The learning rate of step 0, 1, … steps − 1: straight up to `peak` for the share `rise` of them, then down to 0.

    Small steps first, while the running means of batch norm and momentum settle; large ones to get far; small ones to
    come to rest. Each step takes the rate of its middle, so none is 0.

    >>> [triangular(step, 4, 1.0, rise=0.5) for step in range(4)]
    [0.25, 0.75, 0.75, 0.25]

    Reference: Howard and Ruder (2018), Universal language model fine-tuning for text classification, section 3.2.
    """
    steps = integer("steps", steps, at_least=1)
    if integer("step", step, at_least=0) >= steps:
        raise ValueError(f"step must be below steps={steps}, got {step}")
    if not 0 < real("rise", rise) < 1:
        raise ValueError(f"rise must be above 0 and below 1, got {rise}")
    return float(np.interp(step + 0.5, [0, rise * steps, steps], [0, _positive("peak", peak), 0]))


def _check_sgd(net: Any, lr: Any, momentum: Any, weight_decay: Any, nesterov: Any) -> tuple[float, float, float]:
    lr, weight_decay, momentum = _positive("lr", lr), _positive("weight_decay", weight_decay), _share(momentum)
    if switch("nesterov", nesterov) and not momentum:
        raise ValueError(f"nesterov needs a momentum above 0, got {momentum}")
    _check_gradients(net, "sgd")
    return lr, momentum, weight_decay


def _check_adam(
    caller: str, net: Any, lr: Any, betas: Any, eps: Any, weight_decay: Any
) -> tuple[float, tuple[float, float], float, float]:  # fmt: skip
    lr, eps, weight_decay = _positive("lr", lr), _positive("eps", eps), _positive("weight_decay", weight_decay)
    if not isinstance(betas, (tuple, list)) or len(betas) != 2:
        raise ValueError(f"betas must be a pair of numbers, got {given(betas)}")
    beta1, beta2 = (_share(beta, "betas") for beta in betas)
    _check_gradients(net, caller)
    return lr, (beta1, beta2), eps, weight_decay


def _check_rmsprop(
    net: Any, lr: Any, alpha: Any, eps: Any, weight_decay: Any, momentum: Any, centered: Any
) -> tuple[float, float, float, float, float]:  # fmt: skip
    lr, eps, weight_decay = _positive("lr", lr), _positive("eps", eps), _positive("weight_decay", weight_decay)
    alpha, momentum = _share(alpha, "alpha"), _share(momentum)
    switch("centered", centered)
    _check_gradients(net, "rmsprop")
    return lr, alpha, eps, weight_decay, momentum


def _parameters(layer: Layer, weight_decay: float = 0.0) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Each parameter and its gradient, decay added; float16 as float32, and rounded to it when the loop goes on."""
    for name, parameter in layer.parameters.items():
        half, g = parameter.dtype.type is np.float16, layer.gradients[name]
        if half:
            parameter, g = parameter.astype(np.float32), g.astype(np.float32)
        yield name, parameter, g + weight_decay * parameter if weight_decay else g
        if half:
            layer.parameters[name] = layer.parameters[name].astype(np.float16)


def _moments(
    layer: Layer, optimizer: str, name: str, g: np.ndarray, betas: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The running means of g and g², without their start at 0."""
    kept = layer.optimizer_state.setdefault(optimizer, {})
    (beta1, beta2), (t, m, v) = betas, kept.get(name, (0, 0.0, 0.0))
    t, m, v = kept[name] = t + 1, beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
    return m / (1 - beta1**t), v / (1 - beta2**t)


def _check_gradients(net: Any, caller: str) -> None:
    """Refuse a network in which a gradient is missing, before the first parameter moves."""
    if not isinstance(net, Network):
        raise ValueError(f"net must be a Network, got {given(net)}")
    for layer in net.layers:
        for name in layer.parameters:
            if name not in layer.gradients:
                raise ValueError(f"there is no gradient of {name} yet: call backward before {caller} ({layer!r})")


def _positive(name: str, value: Any) -> float:
    if not 0 <= (number := real(name, value)) < np.inf:
        raise ValueError(f"{name} must be 0 or more and finite, got {number}")
    return number


def _share(value: Any, name: str = "momentum") -> float:
    if not 0 <= (number := real(name, value)) < 1:
        raise ValueError(f"{name} must be 0 or more and below 1, got {number}")
    return number
