"""What can be said of layers without their weights: what comes out, what they learn, what they compute and see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any, NamedTuple

from cnnkit._arguments import given, size
from cnnkit.layers.images import AvgPool2d, Conv2d, Flatten, LocallyConnected2d, MaxPool2d
from cnnkit.layers.layer import Layer, Shape
from cnnkit.layers.norm_dropout import BatchNorm1d, BatchNorm2d, Dropout, Dropout2d
from cnnkit.layers.units import Activation, Linear
from cnnkit.sizes import ReceptiveField, field_behind, window_options

KINDS = (
    Conv2d, LocallyConnected2d, MaxPool2d, AvgPool2d, BatchNorm2d, BatchNorm1d, Activation, Dropout, Dropout2d, Flatten,
    Linear,
)  # fmt: skip
ALL = "all"  # the receptive field of what sees the whole input


def output_shape(layer: Any, input_shape: Any) -> Shape:
    """Return the shape of what `layer` makes of an input of shape `input_shape`, both without the batch.

    Errors: ValueError if the layer does not take such an input.

    >>> output_shape(Conv2d(3, 10, 5, stride=2, padding=1), (3, 32, 32))
    (10, 15, 15)
    """
    return _known(layer).output_shape(_shape(input_shape))


def count_parameters(layer: Any, input_shape: Any) -> int:
    r"""Return how many numbers a layer learns, biases included.

    A convolution learns :math:`K \left(\frac{C}{groups} k_h k_w + 1\right)` whatever the size of its input;
    without weight sharing (`LocallyConnected2d`) it is that many for each output pixel.

    Shapes: `input_shape` is (C, H, W), or (features,) for `Linear`.
    Errors: ValueError if the layer does not take such an input.

    >>> count_parameters(Conv2d(3, 10, 5), (3, 32, 32))  # 10 · (3·5·5 + 1)
    760
    >>> count_parameters(LocallyConnected2d(3, 10, 5), (3, 32, 32))  # 28·28 times as many
    595840
    """
    layer, shape = _known(layer), _shape(input_shape)
    layer.output_shape(shape)  # refuses what does not fit
    return sum(map(prod, layer.parameter_shapes(shape).values()))


def count_macs(layer: Any, input_shape: Any) -> int:
    r"""Return how many products a layer adds up (multiply-accumulate operations) for one example.

    A convolution makes :math:`K \cdot H_{out} W_{out} \cdot \frac{C}{groups} k_h k_w`, those with the zeros of the
    padding included; `conv2d_loops` shows where they are. Adding a bias, comparing, and dividing are not counted, so
    pooling costs 0. Batch norm counts one per value: at test time it is one factor and one shift per channel.

    Shapes: `input_shape` is (C, H, W), or (features,) for `Linear`.
    Errors: ValueError if the layer does not take such an input.

    >>> count_macs(Conv2d(3, 10, 5), (3, 32, 32))  # 10·28·28 output pixels, 3·5·5 products each
    588000

    Reference: Howard et al. (2017), MobileNets: Efficient Convolutional Neural Networks, section 3.1.
    """
    layer, shape = _known(layer), _shape(input_shape)
    layer.output_shape(shape)  # refuses what does not fit
    macs = layer.count_macs(shape)
    if macs is None:
        raise ValueError(f"layer must say how many products it adds up, in count_macs; {layer!r} does not")
    return macs


class Row(NamedTuple):
    """One layer of a chain: what goes in and comes out, what it learns, multiplies and sees, for one example.

    macs, field   None where nothing can be said; field is ALL for what sees the whole input of the chain. Where windows
                  leave pixels out, `Linear` sees those from the first to the last that are read, with a jump of 0
    """

    layer: Layer
    input_shape: Shape
    output_shape: Shape
    parameters: int
    macs: int | None
    field: ReceptiveField | str | None


def walk(chain: Iterable[Layer], input_shape: Any) -> Iterator[Row]:
    """Follow one example through a chain of layers, and say of each layer what `Row` holds.

    Errors: ValueError at the first layer that does not take what the one before puts out.

    >>> for row in walk([Conv2d(1, 8, 3, stride=2), MaxPool2d(2), Flatten(), Linear(8, 10)], (1, 8, 8)):
    ...     print(row.layer, row.output_shape, row.parameters, row.macs, getattr(row.field, "size", row.field))
    Conv2d(1, 8, 3, stride=2) (8, 3, 3) 80 648 3
    MaxPool2d(2) (8, 1, 1) 0 0 5
    Flatten() (8,) 0 0 5
    Linear(8, 10) (10,) 90 80 5
    """
    shape = _shape(input_shape)
    field: ReceptiveField | str | None = ReceptiveField(1, 1, 0)
    together: ReceptiveField | str | None = None  # of all outputs: the same for every row of units that follows
    passed: list[tuple[Layer, Shape, Shape]] = []
    for layer in chain:
        after = _known(layer).output_shape(shape)
        field = field_of(layer, shape, field)
        if field == ALL:
            field = together = together or _together(passed)
        passed.append((layer, shape, after))
        yield Row(layer, shape, after, count_parameters(layer, shape), layer.count_macs(shape), field)
        shape = after


def field_of(layer: Layer, shape: Shape, field: Any) -> ReceptiveField | str | None:
    """What an output of `layer` sees of the chain's input, when its own input has this shape and sees `field`."""
    if field is None:
        return None
    if isinstance(layer, Linear):
        return ALL if len(shape) == 1 else None
    if field == ALL or isinstance(layer, Flatten):
        return field
    return field_behind(layer, field) if hasattr(layer, "kernel_size") else None


def _together(passed: list[tuple[Layer, Shape, Shape]]) -> ReceptiveField | str:
    """What all outputs of a chain see together: ALL, unless windows leave pixels out."""
    windows = [step for step in passed if hasattr(step[0], "kernel_size") and len(step[1]) == 3]
    read = [_read(windows, axis) for axis in (0, 1)] if windows else []
    if all(len(pixels) == windows[0][1][1 + axis] for axis, pixels in enumerate(read)):
        return ALL
    rows, columns = ((max(pixels) - min(pixels) + 1, 0, min(pixels)) for pixels in read)
    return ReceptiveField(*(rows if rows == columns else zip(rows, columns, strict=True)))


def _read(windows: list[tuple[Layer, Shape, Shape]], axis: int) -> set[int]:
    """The rows (axis 0) or columns (1) of the first layer's input that any output of the last one sees."""
    read = set(range(windows[-1][2][1 + axis]))
    for layer, before, _ in reversed(windows):
        k, s, p, d = (option[axis] for option in window_options(layer)[:4])
        read = {i * s - p + j * d for i in read for j in range(k)} & set(range(before[1 + axis]))
    return read


def _known(layer: Any) -> Layer:
    if not isinstance(layer, Layer):
        raise ValueError(f"layer must be one of {', '.join(k.__name__ for k in KINDS)}, got {given(layer)}")
    return layer


def _shape(input_shape: Any) -> Shape:
    if not isinstance(input_shape, (tuple, list)) or not input_shape:
        raise ValueError(f"input_shape must be (C, H, W) or (features,), without the batch, got {given(input_shape)}")
    return tuple(size("every side of input_shape", side) for side in input_shape)
