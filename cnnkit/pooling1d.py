"""Pooling along one axis: a sequence is an image of one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnkit._arguments import floats, integer, numbers, same_shape
from cnnkit.adaptive_pooling import (
    adaptive_avg_pool2d,
    adaptive_avg_pool2d_backward,
    adaptive_max_pool2d,
    adaptive_max_pool2d_backward,
)
from cnnkit.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from cnnkit.sizes import conv_output_size

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def max_pool1d(
    x: ArrayLike,
    kernel_size: int,
    *,
    stride: int | None = None,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    r"""Keep the largest value that each window sees, channel by channel.

    .. math:: y_{n,c,j} = \max_v \; x_{n,\,c,\; j s + v d - p}

    It is `max_pool2d` of images of one row.

    Shapes: x (N, C, L) or (C, L), y (N, C, L_out) by `conv_output_size`. All options are ints; stride is kernel_size
    unless given. With `return_indices` y and where each of its values stood.
    Errors: ValueError as `max_pool2d`.

    >>> max_pool1d([[1, 5, 2, 0, 9]], 2)
    array([[5, 2]])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    rows, options = _check_arguments(x, kernel_size, stride, padding, ceil_mode, dilation=dilation)
    pooled = max_pool2d(rows, **options, return_indices=return_indices)
    return tuple(part[..., 0, :] for part in pooled) if return_indices else pooled[..., 0, :]


def max_pool1d_backward(
    dy: ArrayLike,
    x: ArrayLike,
    kernel_size: int,
    *,
    stride: int | None = None,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> np.ndarray:
    """Return dx: each window hands its gradient to the value that won, as in `max_pool2d_backward`.

    Shapes: dy as y, dx as x.
    Errors: ValueError as `max_pool1d`, and if dy does not have the shape of y.

    >>> max_pool1d_backward([[1.0, 2.0]], [[1, 5, 2, 0, 9]], 2)
    array([[0., 1., 2., 0., 0.]])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    dy, rows, options = _check_backward(dy, x, kernel_size, stride, padding, ceil_mode, dilation=dilation)
    return max_pool2d_backward(dy, rows, **options)[..., 0, :]


def avg_pool1d(
    x: ArrayLike,
    kernel_size: int,
    *,
    stride: int | None = None,
    padding: int = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> np.ndarray:
    r"""Take the mean of what each window sees, channel by channel.

    .. math:: y_{n,c,j} = \frac{1}{m_j} \sum_v x_{n,\,c,\; j s + v - p}

    It is `avg_pool2d` of images of one row: m counts as there.

    Shapes: x (N, C, L) or (C, L), y (N, C, L_out) by `conv_output_size`. All options are ints; stride is kernel_size
    unless given. Integers are taken as float64.
    Errors: ValueError as `avg_pool2d`.

    >>> avg_pool1d([[1, 5, 2, 0, 9]], 2)
    array([[3., 1.]])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    rows, options = _check_arguments(x, kernel_size, stride, padding, ceil_mode)
    return avg_pool2d(rows, **options, count_include_pad=count_include_pad)[..., 0, :]


def avg_pool1d_backward(
    dy: ArrayLike,
    x: ArrayLike,
    kernel_size: int,
    *,
    stride: int | None = None,
    padding: int = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> np.ndarray:
    """Return dx: each window hands an equal share of its gradient to everything that it saw.

    Shapes: dy as y, dx as x.
    Errors: ValueError as `avg_pool1d`, and if dy does not have the shape of y.

    >>> avg_pool1d_backward([[4.0, 8.0]], [[1, 5, 2, 0, 9]], 2)
    array([[2., 2., 4., 4., 0.]])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 9.3.
    """
    dy, rows, options = _check_backward(dy, x, kernel_size, stride, padding, ceil_mode)
    return avg_pool2d_backward(dy, rows, **options, count_include_pad=count_include_pad)[..., 0, :]


def adaptive_avg_pool1d(x: ArrayLike, output_size: int) -> np.ndarray:
    """Take the mean of what each of `output_size` windows sees: `adaptive_avg_pool2d` of images of one row.

    Shapes: x (N, C, L) or (C, L), y (N, C, output_size).

    >>> adaptive_avg_pool1d([[1.0, 5.0, 3.0]], 2)
    array([[3., 4.]])
    """
    rows, size = _check_adaptive(x, output_size)
    return adaptive_avg_pool2d(rows, size)[..., 0, :]


def adaptive_avg_pool1d_backward(dy: ArrayLike, x: ArrayLike, output_size: int) -> np.ndarray:
    """Return dx, as `adaptive_avg_pool2d_backward`. Shapes: dy as y, dx as x."""
    dy, rows, size = _check_adaptive_backward(dy, x, output_size)
    return adaptive_avg_pool2d_backward(dy, rows, size)[..., 0, :]


def adaptive_max_pool1d(x: ArrayLike, output_size: int, *, return_indices: bool = False) -> Any:
    """Keep the largest value that each of `output_size` windows sees: `adaptive_max_pool2d` of images of one row.

    Shapes: x (N, C, L) or (C, L), y (N, C, output_size). With `return_indices` y and where each of its values stood.

    >>> adaptive_max_pool1d([[1, 5, 3, 4]], 3)
    array([[5, 5, 4]])
    """
    rows, size = _check_adaptive(x, output_size)
    pooled = adaptive_max_pool2d(rows, size, return_indices=return_indices)
    return tuple(part[..., 0, :] for part in pooled) if return_indices else pooled[..., 0, :]


def adaptive_max_pool1d_backward(dy: ArrayLike, x: ArrayLike, output_size: int) -> np.ndarray:
    """Return dx, as `adaptive_max_pool2d_backward`. Shapes: dy as y, dx as x."""
    dy, rows, size = _check_adaptive_backward(dy, x, output_size)
    return adaptive_max_pool2d_backward(dy, rows, size)[..., 0, :]


def _check_arguments(
    x: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: Any, **dilation: Any
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return x as images of one row, and the options for them; an average has no dilation."""
    rows, k = _rows(x), _one("kernel_size", kernel_size, 1)
    one = {"stride": k if stride is None else _one("stride", stride, 1), "padding": _one("padding", padding, 0)}
    one |= {name: _one(name, value, 1) for name, value in dilation.items()}
    conv_output_size(rows.shape[-1], k, **one, ceil_mode=ceil_mode)  # refuses a kernel that does not fit
    across = {name: (0 if name == "padding" else 1, value) for name, value in one.items()}
    return rows, {"kernel_size": (1, k), **across, "ceil_mode": ceil_mode}


def _check_backward(
    dy: Any, x: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: Any, **dilation: Any
) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """Return dy as images of one row, too."""
    rows, options = _check_arguments(x, kernel_size, stride, padding, ceil_mode, **dilation)
    _, length = conv_output_size(rows.shape[-2:], **options)
    return _dy_rows(dy, rows, length), rows, options


def _check_adaptive(x: Any, output_size: Any) -> tuple[np.ndarray, tuple[int, int]]:
    return _rows(x), (1, _one("output_size", output_size, 0))


def _check_adaptive_backward(dy: Any, x: Any, output_size: Any) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    rows, size = _check_adaptive(x, output_size)
    return _dy_rows(dy, rows, size[1]), rows, size


def _dy_rows(dy: Any, rows: np.ndarray, length: int) -> np.ndarray:
    dy = floats("dy", dy)
    same_shape("dy", dy, (*rows.shape[:-2], length), "that of the output")
    return dy[..., None, :]


def _rows(x: Any) -> np.ndarray:
    """Return x as images of one row each."""
    x = numbers("x", x, ndim=(2, 3), shape="(N, C, L) or (C, L)")
    if 0 in x.shape[-2:]:
        raise ValueError(f"x must have at least one channel of at least one value, got shape {x.shape}")
    return x[..., None, :]


def _one(name: str, value: Any, at_least: int) -> int:
    """Return an int, or the only one of a tuple."""
    return integer(name, value[0] if isinstance(value, (tuple, list)) and len(value) == 1 else value, at_least=at_least)
