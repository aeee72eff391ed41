"""The rows for normalization beside `batch_norm2d`: batch norm of any shape, group norm, layer norm."""

from __future__ import annotations

from math import prod

import numpy as np
import torch.nn.functional as F
from hypothesis import strategies as st

import cnnkit
from tests.operations import Operation, rngs
from tests.operations_layers import torch_batch_norm


def parameters(draw, rng, shape):
    """weight, and with it bias, or neither."""
    names = draw(st.sampled_from([(), ("weight",), ("weight", "bias")]))
    return {name: rng.normal(size=shape) for name in names}


def named(gradients, arrays):
    """The gradients of what was given."""
    return {name: gradient for name, gradient in zip(("x", "weight", "bias"), gradients, strict=True) if name in arrays}


def given(weight, bias):
    return ["x"] + ["weight"] * (weight is not None) + ["bias"] * (bias is not None)


# ------------------------------------------------------------------------------------------------------- batch norm


@st.composite
def batch_norm_cases(draw):
    """(N, C) to (N, C, D, H, W). 2 entries per channel make a gradient that nearly cancels: 3 at least."""
    rng, channels = draw(rngs), draw(st.integers(1, 4))
    pixels = draw(st.lists(st.integers(1, 3), max_size=3))
    n = draw(st.integers(3 if prod(pixels) < 3 else 1, 5))
    x = rng.normal(rng.normal(scale=3), rng.uniform(0.5, 3), size=(n, channels, *pixels))
    options = {
        "running_mean": rng.normal(size=channels),
        "running_var": rng.uniform(0.1, 3, size=channels),
        "training": draw(st.booleans()),
        "eps": draw(st.sampled_from([1e-5, 1e-3, 0.1])),
    }
    return {"x": x, **parameters(draw, rng, channels)}, options


def batch_norm_forward(x, weight=None, bias=None, *, running_mean, running_var, **options):
    return cnnkit.batch_norm(x, running_mean, running_var, weight, bias, **options)[0]


def batch_norm_backward(dy, x, weight=None, bias=None, *, running_mean, running_var, **options):
    gradients = cnnkit.batch_norm_backward(dy, x, running_mean, running_var, weight, **options)
    return named(gradients, given(weight, bias))


def mixes_channels_and_pixels(dy, x, weight=None, bias=None, **options):
    """Sums over the last axis as if it were the channels'."""
    gradients = batch_norm_backward(dy, x, weight, bias, **options)
    if "bias" in gradients and x.shape[-1] == x.shape[1]:
        gradients["bias"] = dy.sum(axis=tuple(range(x.ndim - 1)))
    return gradients


def forgets_that_the_statistics_move(dy, x, weight=None, bias=None, **options):
    return batch_norm_backward(dy, x, weight, bias, **options | {"training": False})


def features_are_images_of_one_pixel(data):
    arrays, options = data.draw(batch_norm_cases())
    x = arrays.pop("x")
    images = x.reshape(*x.shape[:2], -1, 1)
    y = cnnkit.batch_norm(x, **arrays, **options)
    as_images = cnnkit.batch_norm2d(images, **arrays, **options)
    np.testing.assert_array_equal(y[0], as_images[0].reshape(x.shape))
    for statistic, same in zip(y[1:], as_images[1:], strict=True):
        np.testing.assert_array_equal(statistic, same)


# ------------------------------------------------------------------------------------------------------- group norm


@st.composite
def group_norm_cases(draw):
    rng, groups = draw(rngs), draw(st.integers(1, 3))
    pixels = draw(st.lists(st.integers(1, 3), max_size=3))
    each = draw(st.integers(3 if prod(pixels) < 3 else 1, 4))
    x = rng.normal(rng.normal(scale=3), rng.uniform(0.5, 3), size=(draw(st.integers(0, 3)), groups * each, *pixels))
    eps = draw(st.sampled_from([1e-5, 1e-3, 0.1]))
    return {"x": x, **parameters(draw, rng, x.shape[1])}, {"num_groups": groups, "eps": eps}


def group_norm_backward(dy, x, weight=None, bias=None, **options):
    return named(cnnkit.group_norm_backward(dy, x, weight=weight, **options), given(weight, bias))


def group_norm_loops(x, weight=None, bias=None, *, num_groups, eps):
    """One example and one group at a time."""
    y, size = np.empty_like(x), x.shape[1] // num_groups
    for n, g in np.ndindex(len(x), num_groups):
        channels = slice(g * size, (g + 1) * size)
        group = x[n, channels]
        y[n, channels] = (group - group.mean()) / np.sqrt(group.var() + eps)
    for c in range(x.shape[1]):
        y[:, c] = y[:, c] * (1 if weight is None else weight[c]) + (0 if bias is None else bias[c])
    return y


def forgets_the_groups_mean(dy, x, weight=None, bias=None, **options):
    """Gives back what the road through the mean took away: weight · dy / std, averaged over the group."""
    gradients, size = group_norm_backward(dy, x, weight, bias, **options), x.shape[1] // options["num_groups"]
    for n, g in np.ndindex(len(x), options["num_groups"]):
        channels = slice(g * size, (g + 1) * size)
        scale = np.ones(size) if weight is None else weight[channels]
        lost = np.mean([w * d for w, d in zip(scale, dy[n, channels], strict=True)])
        gradients["x"][n, channels] += lost / np.sqrt(x[n, channels].var() + options["eps"])
    return gradients


def takes_all_channels_for_one_group(dy, x, weight=None, bias=None, **options):
    return group_norm_backward(dy, x, weight, bias, **options | {"num_groups": 1})


def instance_norm_looks_at_one_channel(data):
    """With a group for each channel it is batch norm of each example alone; and scale and shift of x do not matter."""
    rng = data.draw(rngs)
    x = rng.normal(size=(3, 4, 2, 3))
    y = cnnkit.group_norm(x, 4)
    alone = [cnnkit.batch_norm(one[None], None, None, training=True)[0][0] for one in x]
    np.testing.assert_allclose(y, alone, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(cnnkit.group_norm(5 * x + 3, 2, eps=0), cnnkit.group_norm(x, 2, eps=0), atol=1e-11)


# ------------------------------------------------------------------------------------------------------- layer norm


@st.composite
def layer_norm_cases(draw):
    rng = draw(rngs)
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    shape = shape if prod(shape) >= 3 else (*shape, 3)
    examples = draw(st.lists(st.integers(0, 3), max_size=2))
    x = rng.normal(rng.normal(scale=3), rng.uniform(0.5, 3), size=(*examples, *shape))
    eps = draw(st.sampled_from([1e-5, 1e-3, 0.1]))
    return {"x": x, **parameters(draw, rng, shape)}, {"normalized_shape": shape, "eps": eps}


def layer_norm_backward(dy, x, weight=None, bias=None, **options):
    return named(cnnkit.layer_norm_backward(dy, x, weight=weight, **options), given(weight, bias))


def scales_after_the_roads(dy, x, weight=None, bias=None, **options):
    """weight differs from place to place, so it must meet dy before the means are taken."""
    gradients = layer_norm_backward(dy, x, weight, bias, **options)
    plain = layer_norm_backward(dy, x, None, None, **options)["x"]
    return gradients | {"x": plain * (1 if weight is None else weight)}


def sums_the_bias_over_the_last_axis(dy, x, weight=None, bias=None, **options):
    gradients = layer_norm_backward(dy, x, weight, bias, **options)
    return {
        name: g if name == "x" else np.broadcast_to(g.sum(axis=-1, keepdims=True), g.shape)
        for name, g in gradients.items()
    }


def one_group_is_one_layer(data):
    arrays, options = data.draw(group_norm_cases())
    x, eps = arrays["x"], options["eps"]
    np.testing.assert_allclose(
        cnnkit.layer_norm(x, x.shape[1:], eps=eps), cnnkit.group_norm(x, 1, eps=eps), rtol=1e-12, atol=1e-12
    )


OPERATIONS = [
    Operation(
        name="batch_norm",
        forward=batch_norm_forward,
        backward=batch_norm_backward,
        torch=torch_batch_norm,
        cases=batch_norm_cases(),
        hand=[
            (  # two features, means 2 and 40, variances 1 and 1600; eps = 3 makes the first std 2
                {"x": np.array([[1.0], [3.0]]), "weight": np.array([4.0])},
                {"running_mean": None, "running_var": None, "training": True, "eps": 3.0},
                [[-2], [2]],
                [[0], [1]],
                {"x": [[-0.75], [0.75]], "weight": [0.5]},
            ),
            (  # (N, C, L) with the running statistics
                {
                    "x": np.array([[[1.0, 3.0], [0.0, 80.0]]]),
                    "weight": np.array([2.0, 3.0]),
                    "bias": np.array([0.0, 7]),
                },
                {"running_mean": [1.0, 40.0], "running_var": [4.0, 1600.0], "eps": 0.0},
                [[[0, 2], [4, 10]]],
                [[[1, 2], [40, 80]]],
                {"x": [[[1, 2], [3, 6]]], "weight": [2, 40], "bias": [3, 120]},
            ),
        ],
        wrong=[mixes_channels_and_pixels, forgets_that_the_statistics_move],
        property=features_are_images_of_one_pixel,
    ),
    Operation(
        name="group_norm",
        forward=cnnkit.group_norm,
        backward=group_norm_backward,
        torch=lambda x, **options: F.group_norm(x, **options),
        cases=group_norm_cases(),
        hand=[
            (  # two groups of two channels: means 2 and 40, variances 1 and 1600; eps = 0 makes x_hat ±1
                {
                    "x": np.array([[1.0, 3.0, 0.0, 80.0]]),
                    "weight": np.array([1.0, 2.0, 3.0, 4.0]),
                    "bias": np.array([0.0, 0.0, 5.0, 5.0]),
                },
                {"num_groups": 2, "eps": 0.0},
                [[-1, 2, 2, 9]],
                [[1, 1, 1, 1]],  # two values can only be -1 and 1, whatever they were: no gradient reaches them
                {"x": [[0, 0, 0, 0]], "weight": [-1, 1, -1, 1], "bias": [1, 1, 1, 1]},
            ),
            (  # eps = 3 makes std 2: x_hat = ±1/2, and of dy = 0, 4 there goes 2 through the mean, 1/2 through var
                {"x": np.array([[[1.0, 3.0]]])},
                {"num_groups": 1, "eps": 3.0},
                [[[-0.5, 0.5]]],
                [[[0, 4]]],
                {"x": [[[(0 - 2 + 0.5) / 2, (4 - 2 - 0.5) / 2]]]},
            ),
        ],
        loops=group_norm_loops,
        wrong=[forgets_the_groups_mean, takes_all_channels_for_one_group],
        property=instance_norm_looks_at_one_channel,
    ),
    Operation(
        name="layer_norm",
        forward=cnnkit.layer_norm,
        backward=layer_norm_backward,
        torch=lambda x, **options: F.layer_norm(x, **options),
        cases=layer_norm_cases(),
        hand=[
            (  # eps = 3 makes std 2 in the first row, eps hardly matters in a row of equals
                {"x": np.array([[1.0, 3.0], [5.0, 5.0]]), "weight": np.array([2.0, 4.0]), "bias": np.array([0.0, 1.0])},
                {"normalized_shape": (2,), "eps": 3.0},
                [[-1, 3], [0, 1]],
                [[0, 1], [1, 1]],
                # dx_hat = 0, 4 and 2, 4; in the second row x_hat is 0 and std is √3
                {
                    "x": [[-0.75, 0.75], [-1 / np.sqrt(3), 1 / np.sqrt(3)]],
                    "weight": [0, 0.5],
                    "bias": [1, 2],
                },
            ),
        ],
        wrong=[scales_after_the_roads, sums_the_bias_over_the_last_axis],
        property=one_group_is_one_layer,
    ),
]
