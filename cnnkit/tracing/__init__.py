"""What happens to an image on its way through a network, layer by layer: shapes, counts, and what a unit sees."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnnkit._arguments import given, integer
from cnnkit.network import Layer, Network
from cnnkit.tracing.modules import through_module
from cnnkit.tracing.table import Row, Step, Trace, refused, rows

__all__ = ["Row", "Trace", "trace"]


def trace(model: Any, input_shape: Any) -> Trace:
    """Send zeros through a network, and note for each layer the shape, the counts and the receptive field.

    model         a torch module (its innermost modules are the layers, in the order of their calls) or a `Network`
    input_shape   with the batch first, as in torchinfo: (1, 1, 28, 28)

    parameters are those that the layer holds; MACs are `count_macs` for the whole batch (torchinfo 1.8 counts biases
    too, and batch norm once per channel); the receptive field is that of `receptive_field`, or "all".
    A dash means that nothing can be said: the MACs of a layer that is not known, and the receptive field from where the
    layers are not a chain, because a layer was given anything but what the one before put out (a sum of two branches,
    or what a function made of it that is no module).
    The model is in evaluation mode meanwhile, and left as it was; lazy layers have their sizes then.
    Errors: ValueError for anything but a model, and for an input that a layer does not take.

    >>> from cnnkit.network import Activation, Conv2d, Flatten, Linear, MaxPool2d, Network
    >>> layers = [Conv2d(1, 8, 3), Activation("relu"), MaxPool2d(2), Flatten(), Linear(72, 10)]
    >>> trace(Network(layers, rng=np.random.default_rng(0)), (1, 1, 8, 8))
    layer                 output shape  parameters   MACs  receptive field
    0 Conv2d(1, 8, 3)     [1, 8, 6, 6]          80  2,592            3 × 3
    1 Activation('relu')  [1, 8, 6, 6]           0      0            3 × 3
    2 MaxPool2d(2)        [1, 8, 3, 3]           0      0            4 × 4
    3 Flatten()           [1, 72]                0      0            4 × 4
    4 Linear(72, 10)      [1, 10]              730    720              all
    Input [1, 1, 8, 8]: 810 parameters, 3,312 MACs (3,610 mult-adds as torchinfo counts them).

    Reference: Araujo, Norris and Sim (2019), Computing Receptive Fields of Convolutional Neural Networks, Distill.
    """
    shape = _batch_first(input_shape)
    if isinstance(model, Network):
        return Trace(rows(_through_network(model, shape)), shape)
    torch = sys.modules.get("torch")  # without it the model cannot be one of its modules
    if torch is None or not isinstance(model, torch.nn.Module):
        raise ValueError(f"model must be a torch.nn.Module or a cnnkit.network.Network, got {given(model)}")
    steps = through_module(model, shape)
    elsewhere = sum(p.numel() for p in model.parameters()) - sum(step.parameters for step in steps)
    rest = [Row("", "elsewhere in the model", None, elsewhere, None, None)] if elsewhere else []
    return Trace([*rows(steps), *rest], shape)


def _batch_first(input_shape: Any) -> tuple[int, ...]:
    if not isinstance(input_shape, (tuple, list)) or len(input_shape) < 2:
        raise ValueError(f"input_shape must be (N, C, H, W) or (N, features), batch first, got {given(input_shape)}")
    return tuple(integer("every side of input_shape", side, at_least=1) for side in input_shape)


def _through_network(net: Network, shape: tuple[int, ...]) -> Iterator[Step]:
    x = np.zeros(shape)
    for place, layer in enumerate(net.layers):
        y = _forward(layer, str(place), x)
        weights = {name: parameter.size for name, parameter in layer.parameters.items()}
        yield Step(str(place), repr(layer), layer, x.shape, y.shape, weights, sum(weights.values()))
        x = y


def _forward(layer: Layer, place: str, x: np.ndarray) -> np.ndarray:
    """y of x; what the layer remembers of its last real input is put back."""
    seen, buffers = layer.seen, layer.buffers
    try:
        return layer.forward(x)
    except ValueError as problem:
        raise refused(place, repr(layer), x.shape, problem) from None
    finally:
        layer.seen, layer.buffers = seen, buffers
