"""The rows for everything that slides a window: convolution, its unshared cousin, pooling."""

from __future__ import annotations

import warnings
from itertools import product
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import assume
from hypothesis import strategies as st

from cnnkit.convolution import (
    conv2d,
    conv2d_backward,
    locally_connected2d,
    locally_connected2d_backward,
)
from cnnkit.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from cnnkit.sizes import conv_output_size
from tests.operations import Arrays, Gradients, Operation, Options, assert_close, rngs


def int_or_pair(low: int, high: int) -> st.SearchStrategy[Any]:
    """An int, or a pair (height, width) of different ones."""
    return st.integers(low, high) | st.tuples(st.integers(low, high), st.integers(low, high))


def both(value: Any) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)


ends = st.tuples(st.integers(0, 3), st.integers(0, 3))


def each_side(padding: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """((top, bottom), (left, right)) of an int, a pair, or what is written so already."""
    height, width = both(padding)
    return (height, width) if isinstance(height, tuple) else ((height, height), (width, width))


def padded(x: torch.Tensor, padding: Any, sign: int = 1) -> torch.Tensor:
    """torch's `F.pad` with zeros on each side, or without what is there if sign is -1."""
    (top, bottom), (left, right) = each_side(padding)
    return F.pad(x, (sign * left, sign * right, sign * top, sign * bottom))


def fitting_size(draw: st.DrawFn, k: Any, p: Any, d: Any) -> tuple[int, ...]:
    """Draw a height and width, none at the smallest that the kernel fits on and up to 7 pixels more."""
    least = [max(1, dd * (kk - 1) + 1 - sum(pp)) for kk, pp, dd in zip(both(k), each_side(p), both(d), strict=True)]
    return tuple(draw(st.integers(low, low + 7)) for low in least)


# ------------------------------------------------------------------------------------------------------ convolution


GROUPS = st.integers(1, 3)


@st.composite
def convolutions(draw: st.DrawFn, groups: st.SearchStrategy[int] = GROUPS) -> tuple[Arrays, Options]:
    options: Options = {
        "stride": draw(int_or_pair(1, 3)),
        "padding": draw(int_or_pair(0, 3) | st.tuples(ends, ends)),
        "dilation": draw(int_or_pair(1, 3)),
        "groups": draw(groups),
    }
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    if draw(st.integers(0, 4)) == 0:
        options["padding"] = draw(st.sampled_from(["same", "valid"]))
        options["stride"] = 1 if options["padding"] == "same" else options["stride"]
    padding = 0 if isinstance(options["padding"], str) else options["padding"]
    size = fitting_size(draw, kernel, padding, options["dilation"])
    inside, outside = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    batch, count, rng = draw(st.sampled_from([(), (0,), (1,), (2,), (3,)])), options["groups"], draw(rngs)
    return {
        "x": rng.normal(size=(*batch, inside * count, *size)),
        "weight": rng.normal(size=(outside * count, inside, *kernel)),
        "bias": rng.normal(size=outside * count),
    }, options


def conv2d_gradients(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    return dict(zip(("x", "weight", "bias"), conv2d_backward(dy, x, weight, **options), strict=True))


def conv2d_torch(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, **options: Any) -> torch.Tensor:
    if not isinstance(options.get("padding", 0), str):
        x, options["padding"] = padded(x, options.get("padding", 0)), 0
    with warnings.catch_warnings():  # torch copies the input for padding='same' and an even kernel, and says so
        warnings.simplefilter("ignore", UserWarning)
        return F.conv2d(x, weight, bias, **options)


def conv2d_by_hand(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray, *, stride: Any, padding: Any, dilation: Any, groups: int = 1
) -> np.ndarray:
    """The formula for every output pixel, pixel by pixel and group by group, with nothing of the package in it.

    A window that starts in row r sees the rows r, r + d, … There is one for r = -p, -p + s, … as long as its last row
    is no more than p below the image. Rows and columns outside the image are zero.
    """
    (height, width), (kh, kw) = x.shape[-2:], weight.shape[2:]
    (sh, sw), (dh, dw) = both(stride), both(dilation)
    (top, bottom), (left, right) = each_side(0 if isinstance(padding, str) else padding)
    if padding == "same":  # as many rows as the image has; an odd one goes below, an odd column right
        (top, left), (bottom, right) = ([span // 2 for span in (dh * (kh - 1), dw * (kw - 1))] for _ in range(2))
        bottom, right = bottom + dh * (kh - 1) % 2, right + dw * (kw - 1) % 2
    first_rows = range(-top, height + bottom - dh * (kh - 1), sh)
    first_columns = range(-left, width + right - dw * (kw - 1), sw)
    inside, outside = x.shape[-3] // groups, len(weight) // groups
    y = np.zeros((*x.shape[:-3], len(weight), len(first_rows), len(first_columns)), np.result_type(x, weight, bias))
    for o, (i, r), (j, c) in product(range(len(weight)), enumerate(first_rows), enumerate(first_columns)):
        y[..., o, i, j] = bias[o]
        for k, u, v in np.ndindex(inside, kh, kw):
            row, column = r + u * dh, c + v * dw
            if 0 <= row < height and 0 <= column < width:
                y[..., o, i, j] += weight[o, k, u, v] * x[..., o // outside * inside + k, row, column]
    return y


def forgets_a_tap(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    weight = weight.copy()
    weight[..., -1, -1] = 0
    return conv2d_gradients(dy, x, weight, bias, **options)


def flips_the_kernel(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    return conv2d_gradients(dy, x, weight[..., ::-1, ::-1], bias, **options)


def averages_over_the_batch(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    gradients = conv2d_gradients(dy, x, weight, bias, **options)
    return gradients | {"weight": gradients["weight"] / max(1, len(x))}


def forgets_dy_in_the_bias(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    return conv2d_gradients(dy, x, weight, bias, **options) | {"bias": np.full_like(bias, dy.size / len(bias))}


def convolution_is_linear(data: st.DataObject) -> None:
    """<dy, conv(x)> = <dx, x> = <dweight, weight>: the backward passes are the adjoints of the forward."""
    arrays, options = data.draw(convolutions())
    x, weight = arrays["x"], arrays["weight"]
    y = conv2d(x, weight, **options)
    dy = data.draw(rngs).normal(size=y.shape)
    dx, dweight, _ = conv2d_backward(dy, x, weight, **options)
    scale = float(np.abs(dy * y).sum())
    assert abs((dy * y).sum() - (dx * x).sum()) <= 1e-12 * (scale + np.abs(dx * x).sum())
    assert abs((dy * y).sum() - (dweight * weight).sum()) <= 1e-12 * (scale + np.abs(dweight * weight).sum())


CONV2D = Operation(
    name="conv2d",
    forward=conv2d,
    backward=conv2d_gradients,
    torch=conv2d_torch,
    cases=convolutions(),
    hand=[
        (  # 1·1 + 2·0 + 4·0 - 5 = -4, and the same difference at each place; then the bias
            {"x": [[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]], "weight": [[[[1, 0], [0, -1]]]], "bias": [10]},
            {},
            [[[[6, 6], [6, 6]]]],
            [[[[1, 0], [0, 2]]]],
            {
                "x": [[[[1, 0, 0], [0, 1, 0], [0, 0, -2]]]],
                "weight": [[[[1 + 2 * 5, 2 + 2 * 6], [4 + 2 * 8, 5 + 2 * 9]]]],
                "bias": [3],
            },
        ),
        (  # stride 2, dilation 2 over the padded row 0 1 2 3 4 0: windows [0 . 2] and [2 . 4], the last 0 is never read
            {"x": [[[1, 2, 3, 4]]], "weight": [[[[1, 10]]]], "bias": [0]},
            {"stride": (1, 2), "padding": (0, 1), "dilation": (1, 2)},
            [[[20, 42]]],
            [[[1, 1]]],
            {"x": [[[0, 11, 0, 10]]], "weight": [[[[0 + 2, 2 + 4]]]], "bias": [2]},
        ),
        (  # two groups: the first filter sees the first channel only
            {"x": [[[[1]], [[2]]]], "weight": [[[[3]]], [[[5]]]], "bias": [0, 100]},
            {"groups": 2},
            [[[[3]], [[110]]]],
            [[[[1]], [[1]]]],
            {"x": [[[[3]], [[5]]]], "weight": [[[[1]]], [[[2]]]], "bias": [1, 1]},
        ),
    ],
    loops=conv2d_by_hand,
    property=convolution_is_linear,
    wrong=(forgets_a_tap, flips_the_kernel, averages_over_the_batch, forgets_dy_in_the_bias),
)


# ------------------------------------------------------------------------------------------------ locally connected


@st.composite
def local_connections(draw: st.DrawFn) -> tuple[Arrays, Options]:
    options = {
        "stride": draw(int_or_pair(1, 3)),
        "padding": draw(int_or_pair(0, 2) | st.tuples(ends, ends)),
        "dilation": draw(int_or_pair(1, 2)),
    }
    kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    size = fitting_size(draw, kernel, options["padding"], options["dilation"])
    places = conv_output_size(size, kernel, **options)
    channels, filters, rng = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(rngs)
    batch = draw(st.sampled_from([(), (0,), (1,), (2,), (3,)]))
    return {
        "x": rng.normal(size=(*batch, channels, *size)),
        "weight": rng.normal(size=(filters, *places, channels, *kernel)),
        "bias": rng.normal(size=(filters, *places)),
    }, options


def local_gradients(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    return dict(zip(("x", "weight", "bias"), locally_connected2d_backward(dy, x, weight, **options), strict=True))


def local_torch(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, **options: Any) -> torch.Tensor:
    """Torch has no such layer: unfold the windows, and multiply each with its own filter."""
    filters, rows, columns = weight.shape[:3]
    batch = x if x.ndim == 4 else x[None]
    if len(batch) == 0:  # unfold refuses an empty batch
        return x.sum() + weight.sum() * 0 + bias.new_zeros((0, filters, rows, columns)) * bias
    batch, options["padding"] = padded(batch, options.get("padding", 0)), 0
    seen = F.unfold(batch, weight.shape[4:], **options)  # (N, what a window sees, windows)
    own = weight.reshape(filters, rows * columns, -1)
    y = torch.einsum("nkl,olk->nol", seen, own).reshape(len(batch), filters, rows, columns) + bias
    return y if x.ndim == 4 else y[0]


def local_loops(x: Any, weight: Any, bias: Any, **options: Any) -> np.ndarray:
    """One convolution for each output pixel, of which only that pixel is kept."""
    y = np.zeros((*x.shape[:-3], *weight.shape[:3]))
    for i, j in np.ndindex(weight.shape[1:3]):
        y[..., i, j] = conv2d_by_hand(x, weight[:, i, j], bias[:, i, j], **options)[..., i, j]
    return y


def shares_the_weights(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    gradients = local_gradients(dy, x, weight, bias, **options)
    mean = gradients["weight"].mean(axis=(1, 2), keepdims=True)
    return gradients | {"weight": np.broadcast_to(mean, weight.shape)}


def sums_the_bias_over_places(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    gradients = local_gradients(dy, x, weight, bias, **options)
    return gradients | {"bias": np.broadcast_to(gradients["bias"].sum(axis=(1, 2), keepdims=True), bias.shape)}


def equal_filters_make_a_convolution(data: st.DataObject) -> None:
    """With the same filter at every place it is `conv2d`, whose weight gets the sum of all places' gradients."""
    arrays, options = data.draw(local_connections())
    x, weight = arrays["x"], arrays["weight"]
    shared = weight[:, 0, 0]
    everywhere = np.broadcast_to(shared[:, None, None], weight.shape)
    y = locally_connected2d(x, everywhere, **options)
    assert_close(y, conv2d(x, shared, **options))

    dy = data.draw(rngs).normal(size=y.shape)
    dx, dweight, dbias = locally_connected2d_backward(dy, x, everywhere, **options)
    expected = conv2d_backward(dy, x, shared, **options)
    for ours, theirs in zip((dx, dweight.sum(axis=(1, 2)), dbias.sum(axis=(1, 2))), expected, strict=True):
        assert_close(ours, theirs)


LOCALLY_CONNECTED2D = Operation(
    name="locally_connected2d",
    forward=locally_connected2d,
    backward=local_gradients,
    torch=local_torch,
    cases=local_connections(),
    hand=[
        (  # three places, three filters of two pixels: 1·1 + 2·2, 2·3 + 3·4, 3·5 + 4·6
            {
                "x": [[[1, 2, 3, 4]]],
                "weight": np.arange(1, 7).reshape(1, 1, 3, 1, 1, 2),
                "bias": [[[100, 200, 300]]],
            },
            {},
            [[[105, 218, 339]]],
            [[[1, 0, 2]]],
            {
                "x": [[[1, 2, 10, 12]]],
                "weight": np.reshape([1, 2, 0, 0, 6, 8], (1, 1, 3, 1, 1, 2)),
                "bias": [[[1, 0, 2]]],
            },
        ),
    ],
    loops=local_loops,
    property=equal_filters_make_a_convolution,
    wrong=(shares_the_weights, sums_the_bias_over_places),
)


# ---------------------------------------------------------------------------------------------------------- pooling


@st.composite
def poolings(draw: st.DrawFn, *, largest: bool, values: str = "any") -> tuple[Arrays, Options]:
    """Options of a pooling; `values` are normal ('any'), all different ('distinct'), or with many ties."""
    kernel, dilation = draw(int_or_pair(1, 4)), draw(int_or_pair(1, 3)) if largest else 1
    half = [k // 2 for k in both(kernel)]
    most, any_of_both = st.just(tuple(half)), st.tuples(*(st.integers(0, h) for h in half))
    padding = draw(st.integers(0, min(half)) | any_of_both | most)
    options: Options = {
        "kernel_size": kernel,
        "stride": draw(st.none() | int_or_pair(1, 4)),
        "padding": padding,
        "ceil_mode": draw(st.booleans()),
    }
    if largest:
        options["dilation"] = dilation
    else:
        options["count_include_pad"] = draw(st.booleans())
        options["divisor_override"] = draw(st.sampled_from([None, None, None, -3, 7]))
    size = fitting_size(draw, kernel, padding, dilation)
    if options["ceil_mode"] and draw(st.booleans()):  # a window may then be larger than the padded input
        strides = both(kernel if options["stride"] is None else options["stride"])
        size = tuple(max(1, n - draw(st.integers(0, s - 1))) for n, s in zip(size, strides, strict=True))
    shape = (*draw(st.sampled_from([(), (0,), (1,), (2,)])), draw(st.integers(1, 3)), *size)
    rng = draw(rngs)
    if values == "distinct":
        return {"x": rng.permutation(int(np.prod(shape))).reshape(shape) - 3.0}, options
    ties = largest and draw(st.booleans())
    return {"x": rng.integers(-2, 2, shape).astype(float) if ties else rng.normal(size=shape)}, options


@st.composite
def max_poolings(draw: st.DrawFn, values: str = "any") -> tuple[Arrays, Options]:
    """Without windows that lie in the padding with every tap: torch's index then points outside the image."""
    arrays, options = draw(poolings(largest=True, values=values))
    assume(np.isfinite(max_pool2d(**arrays, **options)).all())
    return arrays, options


def max_gradients(dy: np.ndarray, x: Any, **options: Any) -> Gradients:
    return {"x": max_pool2d_backward(dy, x, **options)}


def avg_gradients(dy: np.ndarray, x: Any, **options: Any) -> Gradients:
    return {"x": avg_pool2d_backward(dy, x, **options)}


def windows_of(x: np.ndarray, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool, dilation: Any = 1) -> Any:
    """Yield each output pixel, and the rows and the columns of the padded input that its window spans."""
    stride = kernel_size if stride is None else stride
    k, s, p, d = map(both, (kernel_size, stride, padding, dilation))
    rows, columns = conv_output_size(x.shape[-2:], k, stride=s, padding=p, dilation=d, ceil_mode=ceil_mode)
    for i, j in np.ndindex(rows, columns):
        yield (i, j), *([n * s[a] - p[a] + u * d[a] for u in range(k[a])] for a, n in enumerate((i, j)))


def max_loops(x: np.ndarray, **options: Any) -> np.ndarray:
    """The largest of the pixels that a window sees inside the image."""
    (height, width), found = x.shape[-2:], {}
    for place, rows, columns in windows_of(x, **options):
        inside = [x[..., r, c] for r in rows for c in columns if 0 <= r < height and 0 <= c < width]
        found[place] = np.max([np.full(x.shape[:-2], -np.inf), *inside], axis=0)
    return image_of(found)


def avg_loops(x: np.ndarray, *, count_include_pad: bool, divisor_override: Any, **options: Any) -> np.ndarray:
    """The sum of the pixels inside the image, divided by how many cells are in the image (or its padding)."""
    (height, width), (ph, pw) = x.shape[-2:], both(options["padding"])
    found = {}
    for place, rows, columns in windows_of(x, **options):
        cells = [(r, c) for r in rows for c in columns if r < height + ph and c < width + pw]
        inside = [(r, c) for r, c in cells if 0 <= r < height and 0 <= c < width]
        m = divisor_override or len(cells if count_include_pad else inside)
        found[place] = sum(x[..., r, c] for r, c in inside) / m
    return image_of(found)


def image_of(pixels: dict[tuple[int, int], np.ndarray]) -> np.ndarray:
    rows, columns = max(pixels)
    return np.stack([np.stack([pixels[i, j] for j in range(columns + 1)], -1) for i in range(rows + 1)], -2)


def every_gradient_arrives_once(data: st.DataObject) -> None:
    """What windows hand back adds up to what they were given, and only winners get any."""
    arrays, options = data.draw(max_poolings("distinct"))
    y = max_pool2d(**arrays, **options)
    dy = 1 + data.draw(rngs).random(y.shape)
    dx = max_pool2d_backward(dy, **arrays, **options)
    np.testing.assert_allclose(dx.sum(axis=(-1, -2)), dy.sum(axis=(-1, -2)), rtol=1e-12)
    np.testing.assert_array_equal(np.unique(arrays["x"][dx > 0]), np.unique(y))


def the_mean_of_ones_is_one(data: st.DataObject) -> None:
    """Without the padding in the count, a constant image stays constant; and <dy, pool(x)> = <dx, x> in any case."""
    arrays, options = data.draw(poolings(largest=False))
    x = arrays["x"]
    ones = avg_pool2d(np.ones_like(x), **options | {"count_include_pad": False, "divisor_override": None})
    np.testing.assert_allclose(ones, np.ones_like(ones), rtol=1e-15)
    y = avg_pool2d(x, **options)
    dy = data.draw(rngs).normal(size=y.shape)
    dx = avg_pool2d_backward(dy, x, **options)
    assert abs((dy * y).sum() - (dx * x).sum()) <= 1e-12 * (np.abs(dy * y).sum() + np.abs(dx * x).sum())


def the_last_of_equals_wins(dy: np.ndarray, x: np.ndarray, **options: Any) -> Gradients:
    nudge = np.arange(x.size).reshape(x.shape) * 1e-9
    return max_gradients(dy, x + nudge, **options)


def all_equals_win(dy: np.ndarray, x: np.ndarray, **options: Any) -> Gradients:
    """The mask x == y, which is written so often: each of two equal pixels gets the whole gradient."""
    dx, winners = np.zeros_like(x), max_pool2d(x, **options)
    for (i, j), rows, columns in windows_of(x, **options):
        for r in (r for r in rows if 0 <= r < x.shape[-2]):
            for c in (c for c in columns if 0 <= c < x.shape[-1]):
                dx[..., r, c] += dy[..., i, j] * (x[..., r, c] == winners[..., i, j])
    return {"x": dx}


def divides_by_the_kernel(dy: np.ndarray, x: np.ndarray, **options: Any) -> Gradients:
    return {"x": avg_pool2d_backward(dy, x, **options | {"count_include_pad": True})}


def ignores_the_divisor(dy: np.ndarray, x: np.ndarray, **options: Any) -> Gradients:
    return {"x": avg_pool2d_backward(dy, x, **options | {"divisor_override": None})}


def forgets_to_divide(dy: np.ndarray, x: np.ndarray, **options: Any) -> Gradients:
    return {"x": avg_pool2d_backward(dy * np.prod(both(options["kernel_size"])), x, **options)}


MAX_POOL2D = Operation(
    name="max_pool2d",
    forward=max_pool2d,
    backward=max_gradients,
    torch=lambda x, **options: F.max_pool2d(x, **options),
    cases=max_poolings(),
    smooth=max_poolings("distinct"),
    hand=[
        (
            {"x": [[[1, 5, 2, 0], [3, 4, 9, 6]]]},
            {"kernel_size": 2},
            [[[5, 9]]],
            [[[1, 2]]],
            {"x": [[[0, 1, 0, 0], [0, 0, 2, 0]]]},
        ),
        (  # a tie: the first one wins; the padding never does, although all pixels are negative
            {"x": [[[-1, -1, -3]]]},
            {"kernel_size": (1, 2), "stride": 1, "padding": (0, 1)},
            [[[-1, -1, -1, -3]]],
            [[[1, 10, 100, 1000]]],
            {"x": [[[11, 100, 1000]]]},
        ),
        (  # ceil_mode: windows start at 0, 2 and 4, the last one sees one pixel; a fourth would start at 6, outside
            {"x": [[[1, 2, 3, 4, 5]]]},
            {"kernel_size": (1, 2), "ceil_mode": True},
            [[[2, 4, 5]]],
            [[[1, 1, 1]]],
            {"x": [[[0, 1, 0, 1, 1]]]},
        ),
    ],
    loops=max_loops,
    property=every_gradient_arrives_once,
    wrong=(the_last_of_equals_wins, all_equals_win),
)

AVG_POOL2D = Operation(
    name="avg_pool2d",
    forward=avg_pool2d,
    backward=avg_gradients,
    torch=lambda x, **options: F.avg_pool2d(x, **options),
    cases=poolings(largest=False),
    hand=[
        (
            {"x": [[[1, 5, 2, 0], [3, 3, 4, 6]]]},
            {"kernel_size": 2},
            [[[3, 3]]],
            [[[4, 8]]],
            {"x": [[[1, 1, 2, 2], [1, 1, 2, 2]]]},
        ),
        (  # the padding counts: windows [0 6], [12 18], [24 0] are all divided by 2
            {"x": [[[6, 12, 18, 24]]]},
            {"kernel_size": (1, 2), "padding": (0, 1)},
            [[[3, 15, 12]]],
            [[[2, 4, 6]]],
            {"x": [[[1, 2, 2, 3]]]},
        ),
        (  # it does not count: the first and the last window are divided by 1
            {"x": [[[6, 12, 18, 24]]]},
            {"kernel_size": (1, 2), "padding": (0, 1), "count_include_pad": False},
            [[[6, 15, 24]]],
            [[[2, 4, 6]]],
            {"x": [[[2, 2, 2, 6]]]},
        ),
        (  # ceil_mode: windows [0 6 12], [12 18 24] and [24 0 .], whose last cell is beyond the padding: divided by 2
            {"x": [[[6, 12, 18, 24]]]},
            {"kernel_size": (1, 3), "stride": (1, 2), "padding": (0, 1), "ceil_mode": True},
            [[[6, 18, 12]]],
            [[[3, 6, 2]]],
            {"x": [[[1, 1 + 2, 2, 2 + 1]]]},
        ),
        (  # divisor_override: the sums 6 + 12 and 18 + 24 divided by 3, whatever the windows hold
            {"x": [[[6, 12, 18, 24]]]},
            {"kernel_size": (1, 2), "divisor_override": 3},
            [[[6, 14]]],
            [[[3, 6]]],
            {"x": [[[1, 1, 2, 2]]]},
        ),
    ],
    loops=avg_loops,
    property=the_mean_of_ones_is_one,
    wrong=(divides_by_the_kernel, ignores_the_divisor, forgets_to_divide),
)

OPERATIONS = [CONV2D, LOCALLY_CONNECTED2D, MAX_POOL2D, AVG_POOL2D]
