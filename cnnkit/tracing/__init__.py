"""What happens to an image on its way through a network, layer by layer: shapes, counts, and what a unit sees."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from cnnkit._arguments import given, size
from cnnkit.layers import KINDS, LocallyConnected2d, walk
from cnnkit.network import Network
from cnnkit.tracing.modules import through_module
from cnnkit.tracing.table import Row, Trace, mult_adds, refused, rows

IN_TORCH = set(KINDS) - {LocallyConnected2d}  # what torchinfo can count

__all__ = ["Row", "Trace", "trace"]


def trace(model: Any, input_shape: Any, *, dtype: Any = None) -> Trace:
    """Send zeros through a network, and note for each layer the shape, the counts and the receptive field.

    model         a torch module (its innermost modules are the layers, in the order of their calls) or a `Network`
    input_shape   with the batch first, as in torchinfo: (1, 1, 28, 28); a list of shapes for several inputs
    dtype         the inputs' type in torch, or a list of them: the model's own without it, whole numbers for indices

    parameters are those that the layer holds; MACs are `count_macs` for the whole batch (torchinfo 1.8 counts biases
    too, and batch norm once per channel), and for a norm that computes its own variance two a value; the receptive
    field is that of `receptive_field`, or "all" where every pixel of the input is reached. Where branches are added or
    joined, and where not all places see as much (resizing, windows of attention), it is the widest.
    In a torch model every operation is followed, whether a module or a function makes it. A dash means that there is
    no rule for what was computed; then the sum is "at least", and names it; a row says ≥. What the weights alone
    decide, as in weight_norm, is not counted. A module that computes without calling those inside it is a layer.
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
    if isinstance(model, Network):
        shape = _batch_first(input_shape)
        return Trace(_through_network(model, shape), shape)
    torch = sys.modules.get("torch")  # without it the model cannot be one of its modules
    if torch is None or not isinstance(model, torch.nn.Module):
        raise ValueError(f"model must be a torch.nn.Module or a cnnkit.network.Network, got {given(model)}")
    several = isinstance(input_shape, (tuple, list)) and any(isinstance(side, (tuple, list)) for side in input_shape)
    shapes = [_sides(shape) for shape in (input_shape if several else [input_shape])]
    notes = through_module(model, shapes, _types(torch, dtype, len(shapes)))
    return Trace([*rows(notes.steps), *_elsewhere(model, notes)], tuple(shapes) if several else shapes[0])


def _elsewhere(model: Any, notes: Any) -> list[Row]:
    """What no row holds: parameters, and what is computed between the layers."""
    left = sum(p.numel() for p in model.parameters()) - sum(step.parameters for step in notes.steps)
    frame = notes.frames[0]
    if not (left or frame.macs or frame.unknown):
        return []
    macs = None if frame.unknown and not frame.macs else frame.macs
    return [Row("", "elsewhere in the model", None, left, macs, None, None, tuple(sorted(frame.unknown)))]


def _types(torch: Any, dtype: Any, inputs: int) -> list[Any] | None:
    if dtype is None:
        return None
    types = list(dtype) if isinstance(dtype, (tuple, list)) else [dtype] * inputs
    if len(types) != inputs or not all(isinstance(t, torch.dtype) for t in types):
        raise ValueError(f"dtype must be a type of torch's, or a list with one for each input, got {given(dtype)}")
    return types


def _sides(shape: Any) -> tuple[int, ...]:
    if not isinstance(shape, (tuple, list)) or not shape:
        return _batch_first(shape)
    return tuple(size("every side of input_shape", side) for side in shape)


def _batch_first(input_shape: Any) -> tuple[int, ...]:
    if not isinstance(input_shape, (tuple, list)) or len(input_shape) < 2:
        raise ValueError(f"input_shape must be (N, C, H, W) or (N, features), batch first, got {given(input_shape)}")
    return tuple(size("every side of input_shape", side) for side in input_shape)


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
        weights = {name: array.size for name, array in layer.parameters.items()}
        adds = mult_adds(repr(layer), after, weights) if type(layer) in IN_TORCH else None
        yield Row(str(place), repr(layer), after, row.parameters, macs, row.field, adds)
        before = list(row.output_shape)
