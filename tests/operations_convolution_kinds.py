"""The rows for the relatives of the convolution: along one axis, transposed, and windows as columns."""

from __future__ import annotations

import warnings
from itertools import product
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

from cnnkit.convolution import conv2d, conv2d_backward
from cnnkit.convolution1d import conv1d, conv1d_backward
from cnnkit.convolution_transposed import conv_transpose2d, conv_transpose2d_backward
from cnnkit.folding import fold, fold_backward, unfold, unfold_backward
from tests.operations import Arrays, Gradients, Operation, Options, assert_close, rngs
from tests.operations_convolution import both, convolutions, each_side, ends, int_or_pair, padded

BATCHES = st.sampled_from([(), (1,), (2,), (3,)])


def assert_adjoint(y: np.ndarray, dy: np.ndarray, *pairs: tuple[np.ndarray, np.ndarray]) -> None:
    """<dy, y> = <da, a> for each array a in which y is linear."""
    for a, da in pairs:
        assert abs((dy * y).sum() - (da * a).sum()) <= 1e-12 * (np.abs(dy * y).sum() + np.abs(da * a).sum())


# -------------------------------------------------------------------------------------------------------- one axis


@st.composite
def signals(draw: st.DrawFn) -> tuple[Arrays, Options]:
    k, stride, d, groups = (draw(st.integers(1, high)) for high in (4, 3, 3, 3))
    padding = draw(st.integers(0, 3) | st.sampled_from(["same", "valid"]) | st.tuples(ends))
    stride = 1 if padding == "same" else stride
    length = draw(st.integers(0, 7)) + max(1, d * (k - 1) + 1 - sum(before_and_after(padding, d * (k - 1))))
    inside, outside, rng = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(rngs)
    batch = draw(BATCHES | st.just((0,)))
    return {
        "x": rng.normal(size=(*batch, inside * groups, length)),
        "weight": rng.normal(size=(outside * groups, inside, k)),
        "bias": rng.normal(size=outside * groups),
    }, {"stride": stride, "padding": padding, "dilation": d, "groups": groups}


def conv1d_gradients(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    return dict(zip(("x", "weight", "bias"), conv1d_backward(dy, x, weight, **options), strict=True))


def conv1d_torch(x: Any, weight: Any, bias: Any, *, padding: Any = 0, **options: Any) -> torch.Tensor:
    if isinstance(padding, tuple):
        x, padding = F.pad(x, padding[0]), 0
    with warnings.catch_warnings():  # torch copies the input for padding='same' and an even kernel, and says so
        warnings.simplefilter("ignore", UserWarning)
        return F.conv1d(x, weight, bias, padding=padding, **options)


def before_and_after(padding: Any, lost: int) -> tuple[int, int]:
    """How much is padded at the two ends, if a convolution takes away `lost`."""
    if isinstance(padding, str):
        return (lost // 2, lost - lost // 2) if padding == "same" else (0, 0)
    return padding[0] if isinstance(padding, tuple) else (padding, padding)


def conv1d_loops(
    x: Any, weight: Any, bias: Any, *, stride: int, padding: Any, dilation: int, groups: int
) -> np.ndarray:
    """The formula, number by number; what lies outside the signal is 0."""
    length, (filters, inside, k) = x.shape[-1], weight.shape
    span, (before, after) = dilation * (k - 1), before_and_after(padding, dilation * (k - 1))
    starts = range(-before, length + after - span, stride)
    y = np.zeros((*x.shape[:-2], filters, len(starts)))
    for o, (i, start) in product(range(filters), enumerate(starts)):
        y[..., o, i] = bias[o]
        for c, u in np.ndindex(inside, k):
            place = start + u * dilation
            if 0 <= place < length:
                y[..., o, i] += weight[o, c, u] * x[..., o // (filters // groups) * inside + c, place]
    return y


def a_signal_is_an_image_of_one_row(data: st.DataObject) -> None:
    """Whatever stands along the other axis; and the backward passes are the adjoints of the forward."""
    arrays, options = data.draw(signals())
    x, weight = arrays["x"], arrays["weight"]
    y = conv1d(x, weight, **options)
    around = (0, 0), before_and_after(options["padding"], options["dilation"] * (weight.shape[-1] - 1))
    image = conv2d(x[..., None, :], weight[..., None, :], **options | {"padding": around})
    assert_close(y, image[..., 0, :])
    dy = data.draw(rngs).normal(size=y.shape)
    dx, dweight, _ = conv1d_backward(dy, x, weight, **options)
    assert_adjoint(y, dy, (x, dx), (weight, dweight))


def turns_the_filter_round(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    return conv1d_gradients(dy, x, weight[..., ::-1], bias, **options)


def sums_the_bias_over_the_batch_only(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    return conv1d_gradients(dy, x, weight, bias, **options) | {"bias": dy[..., 0].reshape(-1, len(bias)).sum(axis=0)}


CONV1D = Operation(
    name="conv1d",
    forward=conv1d,
    backward=conv1d_gradients,
    torch=conv1d_torch,
    cases=signals(),
    hand=[
        (  # the differences of neighbours, and 100
            {"x": [[1, 2, 4, 8]], "weight": [[[-1, 1]]], "bias": [100]},
            {},
            [[101, 102, 104]],
            [[1, 0, 10]],
            {"x": [[-1, 1, -10, 10]], "weight": [[[1 + 40, 2 + 80]]], "bias": [11]},
        ),
        (  # over 0 1 2 3 4 0: windows 0 . 2 and 2 . 4; the last 0 is never read
            {"x": [[1, 2, 3, 4]], "weight": [[[1, 10]]], "bias": [0]},
            {"stride": 2, "padding": 1, "dilation": 2},
            [[20, 42]],
            [[1, 1]],
            {"x": [[0, 1 + 10, 0, 10]], "weight": [[[0 + 2, 2 + 4]]], "bias": [2]},
        ),
        (  # an even filter: the 0 that 'same' needs goes behind
            {"x": [[1, 2, 3]], "weight": [[[1, 10]]], "bias": [0]},
            {"padding": "same"},
            [[21, 32, 3]],
        ),
        ({"x": [[1, 2, 3]], "weight": [[[1, 10]]], "bias": [0]}, {"padding": ((1, 0),)}, [[10, 21, 32]]),
    ],
    loops=conv1d_loops,
    property=a_signal_is_an_image_of_one_row,
    wrong=(turns_the_filter_round, sums_the_bias_over_the_batch_only),
)


# ------------------------------------------------------------------------------------------------------ transposed


@st.composite
def transposed(draw: st.DrawFn) -> tuple[Arrays, Options]:
    stride, dilation = draw(int_or_pair(1, 3)), draw(int_or_pair(1, 3))
    padding, groups = draw(int_or_pair(0, 2) | st.tuples(ends, ends)), draw(st.integers(1, 3))
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    more = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(both(stride), both(dilation), strict=True))
    size = []
    for k, s, d, p in zip(kernel, both(stride), both(dilation), each_side(padding), strict=True):
        least = -(-max(0, sum(p) - d * (k - 1)) // s) + 1  # so many pixels leave something of the output
        size.append(draw(st.integers(least, least + 4)))
    inside, outside, rng = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(rngs)
    return {
        "x": rng.normal(size=(*draw(BATCHES), inside * groups, *size)),
        "weight": rng.normal(size=(inside * groups, outside, *kernel)),
        "bias": rng.normal(size=outside * groups),
    }, {"stride": stride, "padding": padding, "output_padding": more, "groups": groups, "dilation": dilation}


def transposed_gradients(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    return dict(zip(("x", "weight", "bias"), conv_transpose2d_backward(dy, x, weight, **options), strict=True))


def transposed_torch(x: Any, weight: Any, bias: Any, **options: Any) -> torch.Tensor:
    """For more padding on one side: the output without, of which padding cuts off and output_padding adds."""
    padding = options.get("padding", 0)
    if not isinstance(both(padding)[0], tuple):
        return F.conv_transpose2d(x, weight, bias, **options)
    high, wide = both(options["output_padding"])
    y = F.conv_transpose2d(x, weight, **options | {"padding": 0, "output_padding": 0})
    return padded(F.pad(y, (0, wide, 0, high)), padding, -1) + bias[:, None, None]


def transposed_loops(
    x: Any, weight: Any, bias: Any, *, stride: Any, padding: Any, output_padding: Any, groups: int, dilation: Any
) -> np.ndarray:
    """Every pixel of x adds its filter to y, where that is not padding."""
    (height, width), (channels, outside, kh, kw) = x.shape[-2:], weight.shape
    (sh, sw), (dh, dw), (mh, mw) = both(stride), both(dilation), both(output_padding)
    (top, bottom), (left, right) = each_side(padding)
    high = (height - 1) * sh - top - bottom + dh * (kh - 1) + 1 + mh
    wide = (width - 1) * sw - left - right + dw * (kw - 1) + 1 + mw
    y = np.zeros((*x.shape[:-3], len(bias), high, wide)) + bias[:, None, None]
    for c, o, i, j, u, v in np.ndindex(channels, outside, height, width, kh, kw):
        row, column = i * sh + u * dh - top, j * sw + v * dw - left
        if 0 <= row < high and 0 <= column < wide:
            y[..., c // (channels // groups) * outside + o, row, column] += weight[c, o, u, v] * x[..., c, i, j]
    return y


def it_is_the_backward_pass_of_a_convolution(data: st.DataObject) -> None:
    """dx of `conv2d`, for the size among several that x had; and its own backward passes are adjoints."""
    arrays, options = data.draw(convolutions())
    x, weight = arrays["x"], arrays["weight"]
    y = conv2d(x, weight, **options)
    dy = data.draw(rngs).normal(size=y.shape)
    dx, _, _ = conv2d_backward(dy, x, weight, **options)
    s, d, padding = both(options["stride"]), both(options["dilation"]), options["padding"]
    lost = [d[a] * (weight.shape[a + 2] - 1) for a in (0, 1)]
    sides = [before_and_after(padding, n) for n in lost] if isinstance(padding, str) else each_side(padding)
    more = tuple(
        x.shape[a - 2] + sum(sides[a]) - lost[a] - 1 - s[a] * (dy.shape[a - 2] - 1) for a in (0, 1)
    )  # that no window reads
    again = conv_transpose2d(dy, weight, output_padding=more, **options)
    assert_close(again, dx)
    ddx = data.draw(rngs).normal(size=dx.shape)
    ddy, dweight, _ = conv_transpose2d_backward(ddx, dy, weight, output_padding=more, **options)
    assert_close(ddy, conv2d(ddx, weight, **options))
    assert_adjoint(again, ddx, (dy, ddy), (weight, dweight))


def takes_the_weights_for_a_convolutions(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    """The kernel turned round, as one must who pads with zeros and convolves."""
    return transposed_gradients(dy, x, weight[..., ::-1, ::-1], bias, **options)


def gives_the_turned_gradient(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    gradients = transposed_gradients(dy, x, weight, bias, **options)
    return gradients | {"weight": gradients["weight"][..., ::-1, ::-1]}


def forgets_the_last_row_in_the_bias(dy: np.ndarray, x: Any, weight: Any, bias: Any, **options: Any) -> Gradients:
    rest = dy[..., :-1, :].sum(axis=(-2, -1)).reshape(-1, len(bias))
    return transposed_gradients(dy, x, weight, bias, **options) | {"bias": rest.sum(axis=0)}


CONV_TRANSPOSE2D = Operation(
    name="conv_transpose2d",
    forward=conv_transpose2d,
    backward=transposed_gradients,
    torch=transposed_torch,
    cases=transposed(),
    hand=[
        (  # 1 2 3, and one place on 10 20 30; then the bias
            {"x": [[[1, 10]]], "weight": [[[[1, 2, 3]]]], "bias": [100]},
            {},
            [[[101, 112, 123, 130]]],
            [[[1, 0, 0, 2]]],
            {"x": [[[1, 3 * 2]]], "weight": [[[[1, 0, 10 * 2]]]], "bias": [3]},
        ),
        (  # stride 2: 1 2 3 at 0 and 10 20 30 at 2, without the first and the last, and one more at the end
            {"x": [[[1, 10]]], "weight": [[[[1, 2, 3]]]], "bias": [0]},
            {"stride": (1, 2), "padding": (0, 1), "output_padding": (0, 1)},
            [[[2, 13, 20, 30]]],
            [[[1, 1, 1, 1]]],
            {"x": [[[2 + 3, 1 + 2 + 3]]], "weight": [[[[10, 1 + 10, 1 + 10]]]], "bias": [4]},
        ),
        (  # dilation 2: 1 . 2 and . 10 . 20; two groups, each with a channel in and one out
            {"x": [[[1, 10]], [[1, 0]]], "weight": [[[[1, 2]]], [[[5, 6]]]], "bias": [0, 0]},
            {"dilation": (1, 2), "groups": 2},
            [[[1, 10, 2, 20]], [[5, 0, 6, 0]]],
        ),
    ],
    loops=transposed_loops,
    property=it_is_the_backward_pass_of_a_convolution,
    wrong=(takes_the_weights_for_a_convolutions, gives_the_turned_gradient, forgets_the_last_row_in_the_bias),
)


# ------------------------------------------------------------------------------------------------- windows as columns


@st.composite
def windows_of_images(draw: st.DrawFn) -> tuple[np.ndarray, Options]:
    """Images, and the options of `unfold`."""
    kernel, dilation = draw(int_or_pair(1, 3)), draw(int_or_pair(1, 3))
    padding, stride = draw(int_or_pair(0, 2) | st.tuples(ends, ends)), draw(int_or_pair(1, 3))
    sides = zip(both(kernel), both(dilation), each_side(padding), strict=True)
    size = [draw(st.integers(0, 5)) + max(1, d * (k - 1) + 1 - sum(p)) for k, d, p in sides]
    x = draw(rngs).normal(size=(*draw(BATCHES), draw(st.integers(1, 3)), *size))
    return x, {"kernel_size": kernel, "dilation": dilation, "padding": padding, "stride": stride}


def unfold_torch(x: torch.Tensor, **options: Any) -> torch.Tensor:
    return F.unfold(padded(x, options.get("padding", 0)), **options | {"padding": 0})


def fold_torch(x: torch.Tensor, *, output_size: Any, **options: Any) -> torch.Tensor:
    padding = options.get("padding", 0)
    size = [side + sum(p) for side, p in zip(both(output_size), each_side(padding), strict=True)]
    return padded(F.fold(x, size, **options | {"padding": 0}), padding, -1)


def reads(size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> np.ndarray:
    """The rows and columns (2, height, width, H_out, W_out) of the pixels that each window sees."""
    axes = zip(both(size), both(kernel_size), both(dilation), each_side(padding), both(stride), strict=True)
    places = [
        np.array([[-p[0] + i * s + u * d for i in range((n + sum(p) - d * (k - 1) - 1) // s + 1)] for u in range(k)])
        for n, k, d, p, s in axes
    ]
    rows, columns = places[0][:, None, :, None], places[1][None, :, None, :]
    return np.stack(np.broadcast_arrays(rows, columns))


def unfold_loops(x: np.ndarray, **options: Any) -> np.ndarray:
    where, (height, width) = reads(x.shape[-2:], **options), x.shape[-2:]
    y = np.zeros((*x.shape[:-2], *where.shape[1:]))
    for place in np.ndindex(where.shape[1:]):
        row, column = where[:, *place]
        if 0 <= row < height and 0 <= column < width:
            y[..., *place] = x[..., row, column]
    return y.reshape(*x.shape[:-3], -1, where.shape[3] * where.shape[4])


def fold_loops(x: np.ndarray, *, output_size: Any, **options: Any) -> np.ndarray:
    where, (height, width) = reads(output_size, **options), both(output_size)
    x = x.reshape(*x.shape[:-2], -1, *where.shape[1:])
    y = np.zeros((*x.shape[:-4], height, width))
    for place in np.ndindex(where.shape[1:]):
        row, column = where[:, *place]
        if 0 <= row < height and 0 <= column < width:
            y[..., row, column] += x[..., *place]
    return y


def a_convolution_is_a_product_of_matrices(data: st.DataObject) -> None:
    x, options = data.draw(windows_of_images())
    weight = data.draw(rngs).normal(size=(2, x.shape[-3], *both(options["kernel_size"])))
    y = conv2d(x, weight, **{name: value for name, value in options.items() if name != "kernel_size"})
    columns = unfold(x, **options)
    assert_close((weight.reshape(2, -1) @ columns).reshape(y.shape), y)
    dy = data.draw(rngs).normal(size=columns.shape)
    assert_adjoint(columns, dy, (x, unfold_backward(dy, x, **options)))


def each_pixel_comes_back_as_often_as_it_was_seen(data: st.DataObject) -> None:
    x, options = data.draw(windows_of_images())
    size = x.shape[-2:]
    seen = fold(unfold(np.ones_like(x), **options), size, **options)
    assert_close(fold(unfold(x, **options), size, **options), x * seen)
    assert np.array_equal(seen, seen.round())


def the_last_window_wins(dy: np.ndarray, x: np.ndarray, **options: Any) -> Gradients:
    """Written with = instead of +=."""
    where, (height, width) = reads(x.shape[-2:], **options), x.shape[-2:]
    dy, dx = dy.reshape(*x.shape[:-2], *where.shape[1:]), np.zeros_like(x)
    for place in np.ndindex(where.shape[1:]):
        row, column = where[:, *place]
        if 0 <= row < height and 0 <= column < width:
            dx[..., row, column] = dy[..., *place]
    return {"x": dx}


def takes_the_mean_of_the_windows(dy: np.ndarray, x: np.ndarray, **options: Any) -> Gradients:
    seen = unfold_backward(np.ones_like(dy), x, **options)
    return {"x": unfold_backward(dy, x, **options) / np.maximum(seen, 1)}


def shares_the_gradient_among_windows(dy: np.ndarray, x: np.ndarray, **options: Any) -> Gradients:
    """As if fold took the mean where windows overlap."""
    seen = fold(np.ones_like(x), **options)
    return {"x": fold_backward(dy / np.maximum(seen, 1), x, **options)}


UNFOLD = Operation(
    name="unfold",
    forward=unfold,
    backward=lambda dy, x, **options: {"x": unfold_backward(dy, x, **options)},
    torch=unfold_torch,
    cases=windows_of_images().map(lambda case: ({"x": case[0]}, case[1])),
    hand=[
        (
            {"x": [[[1, 2, 3], [4, 5, 6]]]},
            {"kernel_size": 2},
            [[1, 2], [2, 3], [4, 5], [5, 6]],
            [[1, 10], [2, 20], [3, 30], [4, 40]],
            {"x": [[[1, 2 + 10, 20], [3, 4 + 30, 40]]]},
        ),
        (  # over 0 1 2 3 4 0, two channels: windows 0 . 2 and 2 . 4
            {"x": [[[1, 2, 3, 4]], [[5, 6, 7, 8]]]},
            {"kernel_size": (1, 2), "padding": (0, 1), "dilation": 2, "stride": 2},
            [[0, 2], [2, 4], [0, 6], [6, 8]],
            [[1, 2], [3, 4], [5, 6], [7, 8]],
            {"x": [[[0, 2 + 3, 0, 4]], [[0, 6 + 7, 0, 8]]]},
        ),
    ],
    loops=unfold_loops,
    property=a_convolution_is_a_product_of_matrices,
    wrong=(the_last_window_wins, takes_the_mean_of_the_windows),
)


@st.composite
def columns_of_images(draw: st.DrawFn) -> tuple[Arrays, Options]:
    x, options = draw(windows_of_images())
    columns = draw(rngs).normal(size=unfold(x, **options).shape)
    return {"x": columns}, {"output_size": x.shape[-2:], **options}


FOLD = Operation(
    name="fold",
    forward=fold,
    backward=lambda dy, x, **options: {"x": fold_backward(dy, x, **options)},
    torch=fold_torch,
    cases=columns_of_images(),
    hand=[
        (
            {"x": [[1, 10], [2, 20], [3, 30], [4, 40]]},
            {"output_size": (2, 3), "kernel_size": 2},
            [[[1, 2 + 10, 20], [3, 4 + 30, 40]]],
            [[[1, 2, 3], [4, 5, 6]]],
            {"x": [[1, 2], [2, 3], [4, 5], [5, 6]]},
        ),
        (
            {"x": [[1, 2], [3, 4], [5, 6], [7, 8]]},
            {"output_size": (1, 4), "kernel_size": (1, 2), "padding": (0, 1), "dilation": 2, "stride": 2},
            [[[0, 2 + 3, 0, 4]], [[0, 6 + 7, 0, 8]]],
            [[[1, 2, 3, 4]], [[5, 6, 7, 8]]],
            {"x": [[0, 2], [2, 4], [0, 6], [6, 8]]},
        ),
    ],
    loops=fold_loops,
    property=each_pixel_comes_back_as_often_as_it_was_seen,
    wrong=(shares_the_gradient_among_windows,),
)

OPERATIONS = [CONV1D, CONV_TRANSPOSE2D, UNFOLD, FOLD]
