"""What happens to an image on its way through a network, layer by layer: shapes, counts, and what a unit sees."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from cnnkit._arguments import given, integer
from cnnkit.layers import walk
from cnnkit.network import Network
from cnnkit.tracing.modules import through_module
from cnnkit.tracing.table import Row, Trace, mult_adds, refused, rows

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

    >>> import numpy as np
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
        return Trace(_through_network(model, shape), shape)
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


def _through_network(net: Network, shape: tuple[int, ...]) -> Iterator[Row]:
    """A row for each layer; its counts are those of the whole batch."""
    examples, *before = shape
    found = walk(net.layers, before)
    for place, layer in enumerate(net.layers):
        try:
            row = next(found)
        except ValueError as problem:
            raise refused(str(place), repr(layer), (examples, *before), problem) from None
        after, macs = (examples, *row.output_shape), None if row.macs is None else examples * row.macs
        adds = mult_adds(repr(layer), after, {name: array.size for name, array in layer.parameters.items()})
        yield Row(str(place), repr(layer), after, row.parameters, macs, row.field, adds)
        before = list(row.output_shape)
