"""The rows for pooling beside `max_pool2d` and `avg_pool2d`: to a given size, along one axis, and back again."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import assume
from hypothesis import strategies as st

import cnnkit
from tests.operations import Arrays, Gradients, Operation, Options, assert_close, rngs
from tests.operations_convolution import int_or_pair, max_poolings, poolings


def gradients_of(name: str) -> Any:
    backward = getattr(cnnkit, f"{name}_backward")
    return lambda dy, x, **options: {"x": backward(dy, x, **options)}


def torchs(name: str) -> Any:
    return lambda x, **options: getattr(F, name)(x, **options)


# ---------------------------------------------------------------------------------------------------- to a given size


@st.composite
def adaptive_poolings(draw: st.DrawFn, axes: int, values: str = "any") -> tuple[Arrays, Options]:
    """Sizes that divide the image's and others, larger ones, too; `values` 'any', 'distinct', or with many 'ties'."""
    sizes = [st.integers(1, 9), *[st.none()] * (axes == 2)]
    wanted = draw(st.integers(1, 9) | st.tuples(*[st.one_of(sizes)] * axes))
    batch, sides = draw(st.sampled_from([(), (0,), (1,), (2,)])), [draw(st.integers(1, 9)) for _ in range(axes)]
    shape, rng = (*batch, draw(st.integers(1, 3)), *sides), draw(rngs)
    if values == "distinct":
        return {"x": rng.permutation(int(np.prod(shape))).reshape(shape) - 3.0}, {"output_size": wanted}
    ties = values == "ties" and draw(st.booleans())
    x = rng.integers(-2, 2, shape).astype(float) if ties else rng.normal(size=shape)
    return {"x": x}, {"output_size": wanted}


def adaptive_loops(x: np.ndarray, output_size: Any, of: Any) -> np.ndarray:
    """`of` all pixels from ⌊i·H/H_out⌋ to ⌈(i + 1)·H/H_out⌉, for each window; the same for the columns."""
    sizes = output_size if isinstance(output_size, tuple) else (output_size, output_size)
    sides = x.shape[-2:]
    rows, columns = (side if size is None else size for side, size in zip(sides, sizes, strict=True))
    y = np.empty((*x.shape[:-2], rows, columns))
    for i, j in np.ndindex(rows, columns):
        seen_rows = range(int(np.floor(i * sides[0] / rows)), int(np.ceil((i + 1) * sides[0] / rows)))
        seen_columns = range(int(np.floor(j * sides[1] / columns)), int(np.ceil((j + 1) * sides[1] / columns)))
        y[..., i, j] = of([x[..., r, q] for r in seen_rows for q in seen_columns], axis=0)
    return y


def the_mean_of_means(data: st.DataObject) -> None:
    """A size of 1 is the mean of all pixels; a size that divides the image's is `avg_pool2d`; <dy, y> = <dx, x>."""
    rng, (h, w) = data.draw(rngs), (data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4)))
    x = rng.normal(size=(2, 3, 2 * h, 3 * w))
    assert_close(cnnkit.adaptive_avg_pool2d(x, 1)[..., 0, 0], x.mean(axis=(2, 3)))
    assert_close(cnnkit.adaptive_avg_pool2d(x, (h, w)), cnnkit.avg_pool2d(x, (2, 3)))
    size = data.draw(int_or_pair(1, 9))
    y = cnnkit.adaptive_avg_pool2d(x, size)
    dy = rng.normal(size=y.shape)
    dx = cnnkit.adaptive_avg_pool2d_backward(dy, x, size)
    assert abs((dy * y).sum() - (dx * x).sum()) <= 1e-12 * (np.abs(dy * y).sum() + np.abs(dx * x).sum())


def adaptive_gradients_arrive_once(data: st.DataObject) -> None:
    arrays, options = data.draw(adaptive_poolings(2, "distinct"))
    y, places = cnnkit.adaptive_max_pool2d(**arrays, **options, return_indices=True)
    dy = 1 + data.draw(rngs).random(y.shape)
    dx = cnnkit.adaptive_max_pool2d_backward(dy, **arrays, **options)
    np.testing.assert_allclose(dx.sum(axis=(-1, -2)), dy.sum(axis=(-1, -2)), rtol=1e-12)
    pixels = arrays["x"].reshape(*y.shape[:-2], arrays["x"].shape[-2] * arrays["x"].shape[-1])
    found = np.take_along_axis(pixels, places.reshape(*y.shape[:-2], y.shape[-2] * y.shape[-1]), -1)
    np.testing.assert_array_equal(found.reshape(y.shape), y)


def windows_never_overlap(dy: np.ndarray, x: np.ndarray, *, output_size: Any) -> Gradients:
    """Each pixel belongs to the window ⌊r·H_out/H⌋ alone, and gets its share of that."""
    dx, (height, width) = np.zeros_like(x), x.shape[-2:]
    rows, columns = dy.shape[-2:]
    for r, q in np.ndindex(height, width):
        i, j = r * rows // height, q * columns // width
        dx[..., r, q] = dy[..., i, j] * rows * columns / (height * width)
    return {"x": dx}


def every_pixel_gets_all(dy: np.ndarray, x: np.ndarray, *, output_size: Any) -> Gradients:
    """Forgets to divide by the number of pixels."""
    pixels = x.shape[-2] * x.shape[-1] / (dy.shape[-2] * dy.shape[-1])
    return {"x": cnnkit.adaptive_avg_pool2d_backward(dy, x, output_size) * pixels}


def last_of_equals(dy: np.ndarray, x: np.ndarray, **options: Any) -> Gradients:
    nudge = np.arange(x.size).reshape(x.shape) * 1e-9
    return gradients_of("adaptive_max_pool2d")(dy, x + nudge, **options)


def a_winner_is_paid_once(dy: np.ndarray, x: np.ndarray, **options: Any) -> Gradients:
    """dx[places] = dy, where two windows may have the same winner."""
    _, places = cnnkit.adaptive_max_pool2d(x, **options, return_indices=True)
    dx = np.zeros_like(x)
    for place in np.ndindex(dy.shape):
        dx[(*place[:-2], *divmod(places[place], x.shape[-1]))] = dy[place]
    return {"x": dx}


ADAPTIVE = [
    Operation(
        name="adaptive_avg_pool2d",
        forward=cnnkit.adaptive_avg_pool2d,
        backward=gradients_of("adaptive_avg_pool2d"),
        torch=torchs("adaptive_avg_pool2d"),
        cases=adaptive_poolings(2),
        hand=[
            (  # two windows on three columns share the middle one, and each holds two
                {"x": [[[1, 5, 3], [1, 5, 3]]]},
                {"output_size": (None, 2)},
                [[[3, 4], [3, 4]]],
                [[[4, 8], [0, 2]]],
                {"x": [[[2, 2 + 4, 4], [0, 1, 1]]]},
            ),
            ({"x": [[[1, 5], [2, 4]]]}, {"output_size": 1}, [[[3]]], [[[8]]], {"x": [[[2, 2], [2, 2]]]}),
            ({"x": [[[1, 5]]]}, {"output_size": (1, 4)}, [[[1, 1, 5, 5]]], [[[1, 2, 3, 4]]], {"x": [[[3, 7]]]}),
        ],
        loops=lambda x, output_size: adaptive_loops(x, output_size, np.mean),
        wrong=(windows_never_overlap, every_pixel_gets_all),
        property=the_mean_of_means,
    ),
    Operation(
        name="adaptive_max_pool2d",
        forward=cnnkit.adaptive_max_pool2d,
        backward=gradients_of("adaptive_max_pool2d"),
        torch=torchs("adaptive_max_pool2d"),
        cases=adaptive_poolings(2, "ties"),
        smooth=adaptive_poolings(2, "distinct"),
        hand=[
            (  # windows [1 5], [5 3], [3 4]: the 5 wins twice
                {"x": [[[1, 5, 3, 4]]]},
                {"output_size": (1, 3)},
                [[[5, 5, 4]]],
                [[[1, 2, 4]]],
                {"x": [[[0, 3, 0, 4]]]},
            ),
            (  # a tie: the first row wins
                {"x": [[[1, 7], [7, 2]]]},
                {"output_size": 1},
                [[[7]]],
                [[[5]]],
                {"x": [[[0, 5], [0, 0]]]},
            ),
        ],
        loops=lambda x, output_size: adaptive_loops(x, output_size, np.max),
        wrong=(last_of_equals, a_winner_is_paid_once),
        property=adaptive_gradients_arrive_once,
    ),
]


# ------------------------------------------------------------------------------------------------------ along one axis


def along_one_axis(case: tuple[Arrays, Options]) -> tuple[Arrays, Options]:
    """A case of images, cut down to their first rows, with the options of the width."""
    arrays, options = case
    numbers = ("kernel_size", "stride", "padding", "dilation")
    one = {name: v[1] if isinstance(v, tuple) and name in numbers else v for name, v in options.items()}
    one.pop("divisor_override", None)
    return {"x": arrays["x"][..., 0, :]}, one


@st.composite
def lines(draw: st.DrawFn, *, largest: bool, values: str = "any") -> tuple[Arrays, Options]:
    return along_one_axis(draw(max_poolings(values) if largest else poolings(largest=False, values=values)))


def backwards(name: str) -> Any:
    """Gives each window's gradient to the values in the opposite order."""
    right = gradients_of(name)
    return lambda dy, x, **options: {"x": right(dy[..., ::-1], x, **options)["x"]}


def one_row_of_an_image(name: str, cases: st.SearchStrategy[tuple[Arrays, Options]]) -> Any:
    """All rows of an image pooled at once are each row pooled alone."""

    def holds(data: st.DataObject) -> None:
        arrays, options = data.draw(cases)
        x, two = arrays["x"], dict(options)
        for key, other in (("kernel_size", 1), ("stride", 1), ("padding", 0), ("dilation", 1)):
            if key in two:
                two[key] = (other, two["kernel_size"] if two[key] is None else two[key])
        two["kernel_size"] = (1, options["kernel_size"])
        if two.get("stride") == (1, (1, options["kernel_size"])):
            two["stride"] = (1, options["kernel_size"])
        image = np.stack([x, 2 * x], axis=-2)
        y = getattr(cnnkit, name)(x, **options)
        both = getattr(cnnkit, name.replace("1d", "2d"))(image, **two)
        np.testing.assert_array_equal(both, np.stack([y, 2 * y], axis=-2))

    return holds


def pooled_line(name: str, hand: Any, largest: bool) -> Operation:
    def shifted(dy: np.ndarray, x: np.ndarray, **options: Any) -> Gradients:
        """Hands every gradient to the window's neighbour."""
        return gradients_of(name)(np.roll(dy, 1, axis=-1), x, **options)

    return Operation(
        name=name,
        forward=getattr(cnnkit, name),
        backward=gradients_of(name),
        torch=torchs(name),
        cases=lines(largest=largest),
        smooth=lines(largest=largest, values="distinct"),
        hand=hand,
        wrong=(shifted,),
        property=one_row_of_an_image(name, lines(largest=largest)),
    )


def adaptive_line(name: str, hand: Any, values: str) -> Operation:
    def forgets_half(dy: np.ndarray, x: np.ndarray, **options: Any) -> Gradients:
        """Sees every second window only."""
        return gradients_of(name)(dy * (np.arange(dy.shape[-1]) % 2), x, **options)

    return Operation(
        name=name,
        forward=getattr(cnnkit, name),
        backward=gradients_of(name),
        torch=torchs(name),
        cases=adaptive_poolings(1, values).map(one_number),
        smooth=adaptive_poolings(1, "distinct").map(one_number),
        hand=hand,
        wrong=(forgets_half,),
    )


def one_number(case: tuple[Arrays, Options]) -> tuple[Arrays, Options]:
    arrays, options = case
    size = options["output_size"]
    return arrays, {"output_size": size[0] if isinstance(size, tuple) else size}


ONE_AXIS = [
    pooled_line(
        "max_pool1d",
        [
            ({"x": [[1, 5, 2, 0, 9]]}, {"kernel_size": 2}, [[5, 2]], [[1, 2]], {"x": [[0, 1, 2, 0, 0]]}),
            (  # dilation 2 over -inf 1 5 2: windows [. 5] and [1 2]
                {"x": [[1, 5, 2]]},
                {"kernel_size": 2, "stride": 1, "padding": 1, "dilation": 2},
                [[5, 2, 5]],
                [[1, 2, 4]],
                {"x": [[0, 5, 2]]},
            ),
        ],
        largest=True,
    ),
    pooled_line(
        "avg_pool1d",
        [
            ({"x": [[1, 5, 2, 0, 9]]}, {"kernel_size": 2}, [[3, 1]], [[4, 8]], {"x": [[2, 2, 4, 4, 0]]}),
            (  # windows [. 6], [12 18] and [24 .], of which the padding does not count
                {"x": [[6, 12, 18, 24]]},
                {"kernel_size": 2, "padding": 1, "count_include_pad": False},
                [[6, 15, 24]],
                [[2, 4, 6]],
                {"x": [[2, 2, 2, 6]]},
            ),
        ],
        largest=False,
    ),
    adaptive_line(
        "adaptive_avg_pool1d",
        [({"x": [[1, 5, 3]]}, {"output_size": 2}, [[3, 4]], [[4, 8]], {"x": [[2, 6, 4]]})],
        "any",
    ),
    adaptive_line(
        "adaptive_max_pool1d",
        [({"x": [[1, 5, 3, 4]]}, {"output_size": 3}, [[5, 5, 4]], [[1, 2, 4]], {"x": [[0, 3, 0, 4]]})],
        "ties",
    ),
]


# ---------------------------------------------------------------------------------------------------------- unpooling


@st.composite
def unpoolings(draw: st.DrawFn) -> tuple[Arrays, Options]:
    """Places all different: torch writes several values to one place in any order."""
    kernel, stride = draw(int_or_pair(1, 3)), draw(st.none() | int_or_pair(1, 4))
    ks = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    strides = ks if stride is None else stride if isinstance(stride, tuple) else (stride, stride)
    padding = draw(st.integers(0, min(ks) // 2))
    sides = [draw(st.integers(1, 4)) for _ in ks]
    least = [(n - 1) * s - 2 * padding + k for n, k, s in zip(sides, ks, strides, strict=True)]
    assume(min(least) > 0)
    size = None
    if draw(st.booleans()):
        size = tuple(max(1, low + draw(st.integers(1 - s, s - 1))) for low, s in zip(least, strides, strict=True))
    height, width = least if size is None else size
    assume(height * width >= sides[0] * sides[1])
    shape, rng = (*draw(st.sampled_from([(), (0,), (1,), (2,)])), draw(st.integers(1, 3)), *sides), draw(rngs)
    planes = [rng.permutation(height * width)[: sides[0] * sides[1]] for _ in range(int(np.prod(shape[:-2])))]
    options = {
        "indices": np.reshape(planes, shape).astype(np.int64),
        "kernel_size": kernel,
        "stride": stride,
        "padding": padding,
        "output_size": size,
    }
    return {"x": rng.normal(size=shape)}, options


def unpool_torch(x: torch.Tensor, *, indices: Any, **options: Any) -> torch.Tensor:
    return F.max_unpool2d(x, torch.tensor(indices), **options)


def unpool_loops(x: np.ndarray, *, indices: np.ndarray, **options: Any) -> np.ndarray:
    y = np.zeros(cnnkit.max_unpool2d(x, indices, **options).shape)
    for place in np.ndindex(x.shape):
        row, column = divmod(indices[place], y.shape[-1])
        y[(*place[:-2], row, column)] = x[place]
    return y


def pooled_again_it_is_what_it_was(data: st.DataObject) -> None:
    """Where windows do not overlap, unpooled maxima are the maxima again, as long as they are positive."""
    x, k = np.abs(data.draw(rngs).normal(size=(2, 3, 8, 12))), data.draw(st.sampled_from([1, 2, 4, (2, 3), (4, 1)]))
    y, indices = cnnkit.max_pool2d(x, k, return_indices=True)
    back = cnnkit.max_unpool2d(y, indices, k)
    np.testing.assert_array_equal(cnnkit.max_pool2d(back, k), y)
    np.testing.assert_array_equal(back[back != 0], x[back != 0])
    dy = np.ones_like(y)
    np.testing.assert_array_equal(cnnkit.max_unpool2d(dy, indices, k), cnnkit.max_pool2d_backward(dy, x, k))


def pools_the_gradient(dy: np.ndarray, x: np.ndarray, *, indices: Any, **options: Any) -> Gradients:
    """The largest gradient of all, where the one at the value's own place is asked for."""
    return {"x": np.broadcast_to(dy.max(axis=(-1, -2), keepdims=True, initial=-9), x.shape)}


def in_order(dy: np.ndarray, x: np.ndarray, *, indices: Any, **options: Any) -> Gradients:
    """Takes the places of a plane in ascending order."""
    ordered = np.sort(indices.reshape(*x.shape[:-2], -1 if x.size else 0)).reshape(x.shape)
    return {"x": cnnkit.max_unpool2d_backward(dy, x, ordered, **options)}


UNPOOLING = Operation(
    name="max_unpool2d",
    forward=cnnkit.max_unpool2d,
    backward=gradients_of("max_unpool2d"),
    torch=unpool_torch,
    cases=unpoolings(),
    hand=[
        (
            {"x": [[[5, 9]]]},
            {"indices": np.array([[[1, 6]]]), "kernel_size": 2},
            [[[0, 5, 0, 0], [0, 0, 9, 0]]],
            [[[1, 2, 3, 4], [5, 6, 7, 8]]],
            {"x": [[[2, 7]]]},
        ),
        (  # 5 columns, of which the last is in no window, are pooled to 2 as well
            {"x": [[[5, 9]]]},
            {"indices": np.array([[[0, 3]]]), "kernel_size": (1, 2), "output_size": (1, 5)},
            [[[5, 0, 0, 9, 0]]],
            [[[1, 2, 3, 4, 5]]],
            {"x": [[[1, 4]]]},
        ),
    ],
    loops=unpool_loops,
    wrong=(pools_the_gradient, in_order),
    property=pooled_again_it_is_what_it_was,
)

OPERATIONS = [*ADAPTIVE, *ONE_AXIS, UNPOOLING]
