"""Interpolation: the same image with more or fewer pixels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cnnkit._arguments import (
    choice,
    floats,
    given,
    is_int,
    is_real,
    like_torch_no_warnings,
    numbers,
    real,
    rounded_once,
    same_shape,
    switch,
)
from cnnkit._sums import added_up

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MODES = {"nearest": (3, 4, 5), "linear": (3,), "bilinear": (4,)}  # and how many axes x may have


class Source(NamedTuple):
    """Where along one axis each pixel of the output comes from, and the share that it gets of that."""

    pixel: np.ndarray
    share: np.ndarray


@like_torch_no_warnings
@rounded_once
def interpolate(
    x: ArrayLike,
    size: int | tuple[int, ...] | None = None,
    scale_factor: float | tuple[float, ...] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> np.ndarray:
    r"""Draw images at another size.

    .. math:: y_i = (1 - t) \, x_{\lfloor s \rfloor} + t \, x_{\lfloor s \rfloor + 1}, \qquad
              s = \frac{n}{n_{out}} \left(i + \frac{1}{2}\right) - \frac{1}{2}, \quad t = s - \lfloor s \rfloor

    along each axis, of n pixels, for "bilinear" (images) and "linear" (one axis); s is at least 0, and beyond the last
    pixel stands the last once more. With `align_corners` the first and the last pixels lie on each other:
    s = i (n - 1) / (n_out - 1). For "nearest" y_i = x_⌊s⌋ with s = i n / n_out: the pixel above and to the left, in
    float32 as in torch.

    Shapes: x (N, C, H, W), y (N, C, H_out, W_out); "linear" and "nearest" take (N, C, L), too, and "nearest" also
    (N, C, D, H, W). Either size, an int or one for each axis, or scale_factor: then n_out = ⌊n · scale_factor⌋, and
    n / n_out is 1 / scale_factor (but 1 where the size stays what it is). "nearest" leaves whole numbers whole, the
    others take them as float64.
    Errors: ValueError if neither or both are given, or a size is less than 1.

    >>> interpolate([[[[1.0, 3.0]]]], (1, 4), mode="bilinear")
    array([[[[1. , 1.5, 2.5, 3. ]]]])
    >>> interpolate([[[[1, 3]]]], scale_factor=2)
    array([[[[1, 1, 3, 3],
             [1, 1, 3, 3]]]])

    Reference: Dumoulin and Visin (2016), A guide to convolution arithmetic for deep learning, chapter 4 (upsampling).
    """
    x, sources = _check_interpolate(x, size, scale_factor, mode, align_corners)
    y: Any = 0
    for index, share in _corners(sources):  # 1 for "nearest", 2 · 2 for "bilinear"
        y = y + share * x[index]
    return y


@like_torch_no_warnings
@rounded_once
def interpolate_backward(
    dy: ArrayLike,
    x: ArrayLike,
    size: int | tuple[int, ...] | None = None,
    scale_factor: float | tuple[float, ...] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> np.ndarray:
    """Return dx: each pixel gets, of the gradient of every pixel that it had a share in, that share.

    Only the shape and the type of x matter.

    Shapes: dy as y, dx as x.
    Errors: ValueError as `interpolate`, and if dy does not have the shape of y.

    >>> interpolate_backward([[[[1.0, 2.0, 4.0, 8.0]]]], [[[[1.0, 3.0]]]], (1, 4), mode="bilinear")
    array([[[[ 3.5, 11.5]]]])

    Reference: Goodfellow, Bengio and Courville (2016), Deep Learning, section 6.5.2.
    """
    dy, x, sources = _check_interpolate_backward(dy, x, size, scale_factor, mode, align_corners)
    places, dx = np.arange(x.size).reshape(x.shape), np.zeros(x.shape)  # in float64
    for index, share in _corners(sources):
        dx += added_up(places[index], share * dy, x.shape)
    return dx.astype(np.result_type(dy, x), copy=False)


def _corners(sources: list[list[Source]]) -> Iterator[tuple[tuple[Any, ...], np.ndarray]]:
    """Yield each combination of one source from every axis: an index for their pixels, the product of their shares."""
    for corner in product(*sources):
        share = np.ones((), corner[0].share.dtype)
        for source in corner:
            share = np.multiply.outer(share, source.share)
        yield (..., *np.ix_(*(source.pixel for source in corner))), share


def _check_interpolate(
    x: Any, size: Any, scale_factor: Any, mode: Any, align_corners: Any
) -> tuple[np.ndarray, list[list[Source]]]:
    """Return x and, for each axis of its images, the sources of a pixel: one, or two between which it lies."""
    choice("mode", mode, tuple(MODES))
    x = (numbers if mode == "nearest" else floats)("x", x, ndim=MODES[mode], shape="(N, C, ...)")
    if 0 in x.shape[1:]:
        raise ValueError(f"x must have at least one channel and one pixel, got shape {x.shape}")
    if align_corners is not None and mode == "nearest":
        raise ValueError(f"align_corners must be None for mode='nearest', got {given(align_corners)}")
    aligned = align_corners is not None and switch("align_corners", align_corners)
    sides = x.shape[2:]
    if (size is None) == (scale_factor is None):
        raise ValueError(f"either size or scale_factor must be given, got {given(size)} and {given(scale_factor)}")
    sizes, steps = _sizes(sides, size) if scale_factor is None else _scaled(sides, scale_factor)
    if mode == "nearest":
        dtype: Any = x.dtype if x.dtype.kind == "i" else np.float32  # 1 makes no float wider
        return x, [[_nearest(*axis, dtype)] for axis in zip(sides, sizes, steps, strict=True)]
    return x, [_linear(*axis, aligned, x.dtype) for axis in zip(sides, sizes, steps, strict=True)]


def _sizes(sides: tuple[int, ...], size: Any) -> tuple[tuple[int, ...], list[float]]:
    """Return the sizes asked for, and the steps from pixel to pixel in x."""
    sizes = tuple(size) if isinstance(size, (tuple, list)) else (size,) * len(sides)
    if len(sizes) != len(sides) or not all(map(is_int, sizes)):
        raise ValueError(f"size must be an int or {len(sides)} of them, one for each axis, got {given(size)}")
    if not all(1 <= n < 2**31 for n in sizes):
        raise ValueError(f"size must be at least 1 and below 2**31, got {given(size)}")
    return tuple(map(int, sizes)), [n / int(out) for n, out in zip(sides, sizes, strict=True)]


def _scaled(sides: tuple[int, ...], scale_factor: Any) -> tuple[tuple[int, ...], list[float]]:
    """Return the sizes that the factors make, and the steps from pixel to pixel in x."""
    factors = tuple(scale_factor) if isinstance(scale_factor, (tuple, list)) else (scale_factor,) * len(sides)
    if len(factors) != len(sides) or not all(map(is_real, factors)):
        raise ValueError(f"scale_factor must be a number or {len(sides)} of them, got {given(scale_factor)}")
    factors = tuple(real("scale_factor", factor) for factor in factors)
    if not all(1 <= n * factor < 2**31 for n, factor in zip(sides, factors, strict=True)):
        raise ValueError(f"scale_factor must leave at least 1 of {sides} pixels, got {given(scale_factor)}")
    return tuple(int(n * factor) for n, factor in zip(sides, factors, strict=True)), [1 / f for f in factors]


def _nearest(n: int, out: int, step: float, dtype: Any) -> Source:
    if out in (n, 2 * n):  # each pixel once, or twice, whatever factor came to this size
        step = n / out
    pixel = np.floor(np.arange(out, dtype=np.float32) * np.float32(step)).astype(np.int64)
    return Source(np.minimum(pixel, n - 1), np.ones(out, dtype))


def _linear(n: int, out: int, step: float, aligned: bool, dtype: np.dtype) -> list[Source]:
    i = np.arange(out, dtype=np.float64)
    s = i * ((n - 1) / max(1, out - 1)) if aligned else np.maximum((i + 0.5) * step - 0.5, 0)
    if out == n:  # each pixel itself, whatever factor came to this size
        s = i
    first = np.minimum(s.astype(np.int64), n - 1)
    second = np.minimum(first + (out != n), n - 1)
    t = s - first
    return [Source(first, (1 - t).astype(dtype)), Source(second, t.astype(dtype))]


def _check_interpolate_backward(
    dy: Any, x: Any, size: Any, scale_factor: Any, mode: Any, align_corners: Any
) -> tuple[np.ndarray, np.ndarray, list[list[Source]]]:
    """Return dy, and what `_check_interpolate` returns."""
    x, sources = _check_interpolate(floats("x", x), size, scale_factor, mode, align_corners)
    dy = floats("dy", dy)
    same_shape("dy", dy, (*x.shape[:2], *(len(axis[0].pixel) for axis in sources)), "that of the output")
    return dy, x, sources
