"""The same network twice, in NumPy and in PyTorch: the same weights, batches and dropout masks, step by step."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from cnnkit._arguments import choice, integer
from cnnkit.course.kit.activations import TORCH
from cnnkit.course.kit.training import backpropagate
from cnnkit.layers import KINDS
from cnnkit.losses import cross_entropy
from cnnkit.network import Activation, Dropout, Layer, LocallyConnected2d, Network, adam, sgd, triangular

BATCH, SMOOTHING = 32, 0.1
SGD: dict[str, Any] = {"momentum": 0.9, "weight_decay": 5e-4}
STEPS: dict[str, Any] = {  # ours, theirs, the highest learning rate
    "sgd": (lambda net, lr: sgd(net, lr, **SGD), lambda torch, p: torch.SGD(p, **SGD), 0.1),
    "nesterov": (
        lambda net, lr: sgd(net, lr, nesterov=True, **SGD), lambda torch, p: torch.SGD(p, nesterov=True, **SGD), 0.1,
    ),
    "adam": (lambda net, lr: adam(net, lr), lambda torch, p: torch.Adam(p), 0.003),
}  # fmt: skip


def torch_twin(net: Network) -> Any:
    """Build the torch.nn.Sequential of the same layers with the same weights, in the same precision.

    Dropout takes the masks that `net` drew in its last forward, so run that first.
    Errors: ValueError for a layer that torch does not have.

    >>> from cnnkit.network import Conv2d, Network
    >>> torch_twin(Network([Conv2d(1, 8, 3, padding=1), Activation("relu")], rng=np.random.default_rng(0)))
    Sequential(
      (0): Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
      (1): ReLU()
    )
    """
    import torch

    model = torch.nn.Sequential(*map(_module, net.layers))
    weights = {name: torch.tensor(array) for name, array in net.state_dict().items()}
    model.to(next(iter(weights.values())).dtype if weights else torch.float64)
    model.load_state_dict(model.state_dict() | weights)
    return model


def _module(layer: Layer) -> Any:
    """torch's module of the same name and numbers."""
    from torch import nn

    if isinstance(layer, Dropout):
        return _masked(layer)
    if isinstance(layer, Activation) and layer.name in TORCH:
        slopes = {"num_parameters": layer.parameters["weight"].size} if layer.name == "prelu" else {}
        return getattr(nn, TORCH[layer.name])(**layer.options, **slopes)
    if isinstance(layer, (Activation, LocallyConnected2d)) or type(layer) not in KINDS:
        raise ValueError(f"torch has no layer like {layer!r}")
    return getattr(nn, type(layer).__name__)(**layer.arguments)


def _masked(layer: Dropout) -> Any:
    """Dropout that draws nothing: it uses the mask that `layer` drew last."""
    import torch

    class Masked(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            return x * torch.tensor(layer.cached(), dtype=x.dtype) if self.training else x

        def extra_repr(self) -> str:
            return repr(layer)

    return Masked()


class Agreement(NamedTuple):
    """The losses of both, step by step, and all that both ended with, by name."""

    ours: np.ndarray
    theirs: np.ndarray
    our_state: dict[str, np.ndarray]
    their_state: dict[str, np.ndarray]

    @property
    def loss_difference(self) -> float:
        """The largest relative difference between two losses of the same step."""
        return float(np.max(np.abs(self.ours / self.theirs - 1)))

    @property
    def state_difference(self) -> float:
        """The largest difference between two weights or running statistics."""
        return max(float(np.abs(array - self.their_state[name]).max()) for name, array in self.our_state.items())


def train_both(
    net: Network, x: np.ndarray, labels: np.ndarray, *, steps: int = 100, optimiser: str = "nesterov", seed: int = 0
) -> Agreement:
    """Train `net` and its twin on the same random batches of (x, labels), with a triangular learning rate.

    optimiser   "sgd" (momentum 0.9), "nesterov" or "adam"

    Label smoothing is 0.1. The two share nothing after the start but the batches and the dropout masks.
    """
    import torch

    from cnnkit import training

    our_step, their_optimiser, peak = STEPS[choice("optimiser", optimiser, tuple(STEPS))]
    twin, rng = torch_twin(net).train(), np.random.default_rng(seed)
    theirs = their_optimiser(torch.optim, twin.parameters())
    their_loss = partial(torch.nn.functional.cross_entropy, label_smoothing=SMOOTHING)
    losses = np.empty((integer("steps", steps, at_least=1), 2))
    for i in range(steps):
        some, lr = rng.choice(len(x), BATCH, replace=False), triangular(i, steps, peak)
        losses[i, 0] = _our_loss(net, x[some], labels[some])
        our_step(net, lr)
        training.set_rate(theirs, lr)
        losses[i, 1] = training.step(twin, theirs, torch.tensor(x[some]), torch.tensor(labels[some]), their_loss)
    state = {name: tensor.numpy() for name, tensor in twin.state_dict().items()}
    return Agreement(losses[:, 0], losses[:, 1], net.state_dict(), state)


def _our_loss(net: Network, x: np.ndarray, labels: np.ndarray) -> float:
    """Forward and backward; the loss."""
    logits = backpropagate(net, x, labels, label_smoothing=SMOOTHING)
    return float(cross_entropy(logits, labels, label_smoothing=SMOOTHING))
