"""Layers, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from cnnkit._arguments import floats, given, same_shape
from cnnkit.layers import Activation, Layer, Linear


class Network:
    """Layers, one after the other. What they draw at random comes from `rng`: weights now, masks in training.

    Weights are drawn layer by layer, in this order, with mean 0 and the spread of `weight_std(init, …, gain=gain)`;
    biases start at 0. A layer that has weights keeps them. `dtype` is the float type of all parameters, float64 unless
    given.
    Errors: ValueError for anything but a list of layers, and without an `rng` if one of them draws.

    After `forward`, outputs[0] is the input and outputs[l] what layer l gave (counted from 1).
    After `backward`, doutputs[l] is the gradient with respect to outputs[l].
    """

    def __init__(
        self, layers: Sequence[Layer], *,
        rng: np.random.Generator | None = None, init: str = "he", gain: float = 1.0, dtype: Any = None,
    ) -> None:  # fmt: skip
        if not isinstance(layers, Iterable):
            raise ValueError(f"layers must be a list of layers, got {given(layers)}")
        self.layers = list(layers)
        for layer in self.layers:
            if not isinstance(layer, Layer):
                raise ValueError(f"layers must be layers such as Linear(2, 3), got {given(layer)}")
        if len({id(layer) for layer in self.layers}) < len(self.layers):
            raise ValueError("layers must be different ones, as each remembers one input; one stands there twice")
        if not self.layers:
            raise ValueError("layers must hold at least one layer, got none")
        for layer in self.layers:
            layer.draw(rng, init=init, gain=gain, dtype=dtype)
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

    def state_dict(self) -> dict[str, np.ndarray]:
        """All that was learnt or kept, by the names that a torch.nn.Sequential of the same layers gives: "0.weight"."""
        return {
            f"{n}.{name}": array
            for n, layer in enumerate(self.layers)
            for name, array in (layer.parameters | layer.buffers).items()
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` gave of a network built the same way; a ValueError for one built otherwise.

        The network keeps its dtype: numbers are rounded to it, and refused if one would become infinite.
        """
        own = self.state_dict()
        if not isinstance(state, Mapping):
            raise ValueError(f"state must be what state_dict gives, got {given(state)}")
        if set(state) != set(own):
            raise ValueError(f"state must hold {', '.join(own) or 'nothing'}, got {', '.join(map(str, state))}")
        new = {key: _cast(key, floats(key, value), own[key].dtype) for key, value in state.items()}
        for key, array in new.items():
            same_shape(key, array, own[key].shape, "that of the network")
        for n, layer in enumerate(self.layers):
            layer.parameters = {name: new[f"{n}.{name}"] for name in layer.parameters}
            layer.buffers = {name: new[f"{n}.{name}"] for name in layer.buffers}
            layer.optimizer_state = {}

    def __repr__(self) -> str:
        return f"Network([{', '.join(map(repr, self.layers))}])"


def _cast(name: str, array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if array.dtype == dtype:
        return array.copy()
    with np.errstate(all="ignore"):
        cast = array.astype(dtype)
    refuse_changed(name, array, cast, dtype)
    return cast


def refuse_changed(name: str, array: np.ndarray, cast: np.ndarray, dtype: Any) -> None:
    """A ValueError if `cast`, which is `array` as `dtype`, differs by more than rounding; integers are not rounded."""
    whole = cast.dtype.kind in "biu"
    changed = (array != cast) if whole else np.isfinite(array) & ~np.isfinite(cast)
    if changed.any():
        raise ValueError(f"{name} must hold numbers that fit into {dtype}, got {array[changed][0]}")


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
        layers += [Linear(fan_in, fan_out), Activation(activation, **options)]
    return Network(layers[:-1], rng=rng, init=init, gain=gain, dtype=dtype)
