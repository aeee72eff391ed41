"""Convolution along one axis: of sounds, of measurements over time, of rows of letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import given, is_int, like_torch_no_warnings, numbers, pair, same_shape
from cnnkit.convolution import Gradients, conv2d, conv2d_backward
from cnnkit.sizes import conv_output_size, paddings

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

IntOrOne = int | tuple[int]


@like_torch_no_warnings
def conv1d(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: IntOrOne = 1,
    padding: IntOrOne | str | tuple[tuple[int, int]] = 0,
    dilation: IntOrOne = 1,
    groups: int = 1,
) -> np.ndarray:
    r"""Slide each filter along the signals: `conv2d` of images that are one pixel wide.

    .. math:: y_{n,o,i} = b_o + \sum_{c,u} w_{o,c,u} \; x_{n,\,c,\; i s + u d - p}

    with x = 0 in the padding. With `groups` > 1 each part of the filters sees its own part of the channels only.

    Shapes: x (N, C, L) or (C, L), weight (out_channels, C / groups, length), bias (out_channels,),
    y (N, out_channels, L_out) by `conv_output_size`. stride, padding, dilation: an int or (int,); padding also 'valid'
    (none), 'same' (keeps the length at stride 1; an odd number goes behind), or what torch does not take,
    ((before, after),). Whole numbers stay whole numbers.
    Errors: ValueError if shapes and options do not go together.

    >>> conv1d([[1, 2, 4, 8]], [[[-1, 1]]])  # the differences of neighbours
    array([[1, 2, 4]])

    Reference: Waibel et al. (1989), Phoneme Recognition Using Time-Delay Neural Networks, section II.
    """
    x, weight, options = _check_arguments(x, weight, stride, padding, dilation, groups)
    y = conv2d(x[..., None], weight[..., None], bias, **options)
    return y[..., 0]


@like_torch_no_warnings
def conv1d_backward(
    dy: ArrayLike,
    x: ArrayLike,
    weight: ArrayLike,
    *,
    stride: IntOrOne = 1,
    padding: IntOrOne | str | tuple[tuple[int, int]] = 0,
    dilation: IntOrOne = 1,
    groups: int = 1,
) -> Gradients:
    r"""Return dx, dweight, dbias: those of `conv2d_backward`, for images that are one pixel wide.

    .. math:: dx_{n,\,c,\; i s + u d - p} \mathrel{+}= w_{o,c,u} \; dy_{n,o,i} \qquad
              dw_{o,c,u} = \sum_{n,i} dy_{n,o,i} \; x_{n,\,c,\; i s + u d - p} \qquad db_o = \sum_{n,i} dy_{n,o,i}

    Shapes: dy as y, dx as x, dweight as weight, dbias (out_channels,).
    Errors: ValueError as `conv1d`, and if dy does not have the shape of y.

    >>> dx, dweight, dbias = conv1d_backward([[1, 0, 10]], [[1, 2, 4, 8]], [[[-1, 1]]])
    >>> dx, dweight, dbias
    (array([[ -1,   1, -10,  10]]), array([[[41, 82]]]), array([11]))

    Reference: Waibel et al. (1989), Phoneme Recognition Using Time-Delay Neural Networks, section II.
    """
    dy, x, weight, options = _check_backward(dy, x, weight, stride, padding, dilation, groups)
    dx, dweight, dbias = conv2d_backward(dy[..., None], x[..., None], weight[..., None], **options)
    return dx[..., 0], dweight[..., 0], dbias


def _check_arguments(
    x: Any, weight: Any, stride: Any, padding: Any, dilation: Any, groups: Any
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Return x, weight, and the options of `conv2d`, whose checks see to the rest."""
    x = numbers("x", x, ndim=(2, 3), shape="(N, C, L) or (C, L)")
    weight = numbers("weight", weight, ndim=3, shape="(out_channels, C / groups, length)")
    if 0 in x.shape[-2:]:
        raise ValueError(f"x must have at least one channel and one number in it, got shape {x.shape}")
    if 0 in weight.shape:
        raise ValueError(f"weight must have at least one filter of at least one number, got shape {weight.shape}")
    length, stride, dilation = weight.shape[-1], _one("stride", stride), _one("dilation", dilation)
    before, after = _ends(padding, length, stride, dilation)
    conv_output_size(before + x.shape[-1] + after, length, stride=stride, dilation=dilation)  # refuses what is too long
    options = {"stride": stride, "padding": ((before, after), (0, 0)), "dilation": dilation, "groups": groups}
    return x, weight, options


def _check_backward(
    dy: Any, x: Any, weight: Any, stride: Any, padding: Any, dilation: Any, groups: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
    x, weight, options = _check_arguments(x, weight, stride, padding, dilation, groups)
    (before, after), _ = options["padding"]
    length, (*batch, _, size) = weight.shape[-1], x.shape
    windows = conv_output_size(before + size + after, length, stride=options["stride"], dilation=options["dilation"])
    dy = numbers("dy", dy)
    same_shape("dy", dy, (*batch, len(weight), windows), "that of the output")
    return dy, x, weight, options


def _one(name: str, value: Any) -> int:
    """An int, or the int in a tuple of one."""
    (one,) = value if isinstance(value, (tuple, list)) and len(value) == 1 else (value,)
    if not is_int(one):
        raise ValueError(f"{name} must be an int or a tuple of one int, got {given(value)}")
    return pair(name, one, at_least=1)[0]


def _ends(padding: Any, length: int, stride: int, dilation: int) -> tuple[int, int]:
    """How much to pad before and after."""
    if isinstance(padding, str):
        return paddings(padding, length, stride=stride, dilation=dilation)[0]
    ends = padding[0] if isinstance(padding, (tuple, list)) and len(padding) == 1 else padding
    both = tuple(ends) if isinstance(ends, (tuple, list)) and ends is not padding else (ends, ends)
    if len(both) != 2 or not all(map(is_int, both)):
        raise ValueError(f"padding must be an int, 'valid', 'same' or ((before, after),), got {given(padding)}")
    return pair("padding", both if both[0] != both[1] else both[0], at_least=0)
