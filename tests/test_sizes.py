"""Sizes, receptive fields and counts, held against torch: its output shapes, its gradients, its parameters."""

import warnings
from functools import partial
from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from cnnkit import (
    conv2d,
    conv2d_loops,
    conv_output_size,
    count_macs,
    max_pool2d,
    output_shape,
    receptive_field,
    same_padding,
)
from cnnkit.layers import Activation, BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, walk
from cnnkit.sizes import ReceptiveField


def test_every_small_convolution_has_torchs_size():
    """All sizes to 12, kernels to 5, strides to 4, paddings to 3, dilations to 3; what torch refuses we refuse."""
    for size, k, s, p, d in product(range(1, 13), range(1, 6), range(1, 5), range(4), range(1, 4)):
        try:
            expected = F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, k), stride=s, padding=p, dilation=d).shape[2]
        except RuntimeError:
            with pytest.raises(ValueError, match="kernel does not fit"):
                conv_output_size(size, k, stride=s, padding=p, dilation=d)
        else:
            assert conv_output_size(size, k, stride=s, padding=p, dilation=d) == expected


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_every_small_pooling_has_torchs_size(ceil_mode):
    for size, k, s, d in product(range(1, 13), range(1, 6), range(1, 5), range(1, 4)):
        for p in range(k // 2 + 1):
            options = {"stride": s, "padding": p, "dilation": d, "ceil_mode": ceil_mode}
            try:
                expected = F.max_pool1d(torch.zeros(1, 1, size), k, **options).shape[2]
            except RuntimeError:
                with pytest.raises(ValueError, match="kernel does not fit"):
                    conv_output_size(size, k, **options)
            else:
                assert conv_output_size(size, k, **options) == expected, (size, k, options)


def test_pairs():
    assert conv_output_size((7, 9), 3, stride=(2, 3)) == (3, 3)
    assert conv_output_size(7, (3, 1)) == (5, 7)
    assert conv_output_size([7, 9], 3) == (5, 7)
    assert same_padding(3, dilation=(1, 2)) == (1, 2)


@given(k=st.integers(1, 15), d=st.integers(1, 5), size=st.integers(1, 40))
def test_same_padding_keeps_the_size(k, d, size):
    if d * (k - 1) % 2:
        with pytest.raises(ValueError, match="no symmetric padding"):
            same_padding(k, dilation=d)
    else:
        assert conv_output_size(size, k, padding=same_padding(k, dilation=d), dilation=d) == size


ends = st.tuples(st.integers(0, 2), st.integers(0, 2))
windows = st.builds(
    partial(Conv2d, 1, 1),
    st.integers(1, 4) | st.tuples(st.integers(1, 3), st.integers(1, 4)),
    st.integers(1, 2) | st.tuples(st.integers(1, 2), st.integers(1, 2)),
    st.integers(0, 2) | st.tuples(ends, ends),
    st.integers(1, 2),
)
worded = st.builds(partial(Conv2d, 1, 1), st.integers(1, 4), st.just(1), st.sampled_from(["same", "valid"]))
layers = st.lists(windows | worded, min_size=1, max_size=4)


@given(sizes=st.tuples(st.integers(7, 12), st.integers(7, 12)), layer=windows | worded)
def test_a_layer_has_torchs_size_and_position_whatever_its_padding(sizes, layer):
    """torch pads an image with more on one side by `F.pad`, and knows the two words."""
    options = {"stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}
    size = conv_output_size(sizes, layer.kernel_size, **options)
    y = padded_conv2d(torch.ones(1, 1, *sizes), layer)
    assert tuple(y.shape[2:]) == size == output_shape(layer, (1, *sizes))[1:]
    ours = conv2d(np.ones((1, 1, *sizes)), np.ones((1, 1, *kernel_of(layer))), **options)
    np.testing.assert_array_equal(ours, y)
    if layer.stride == 1:
        loops = conv2d_loops(np.ones((1, 1, *sizes)), np.ones((1, 1, *kernel_of(layer))), **options)
        np.testing.assert_array_equal(loops, y)


def kernel_of(layer: Conv2d) -> tuple[int, int]:
    return layer.kernel_size if isinstance(layer.kernel_size, tuple) else (layer.kernel_size,) * 2


def padded_conv2d(x: torch.Tensor, layer: Conv2d) -> torch.Tensor:
    """torch's conv2d with a weight of ones; ((top, bottom), (left, right)), which it does not take, goes to `F.pad`."""
    padding = layer.padding
    if isinstance(padding, tuple):
        (top, bottom), (left, right) = padding
        x, padding = F.pad(x, (left, right, top, bottom)), 0
    with warnings.catch_warnings():  # torch copies the input for padding='same' and an even kernel, and says so
        warnings.simplefilter("ignore", UserWarning)
        return F.conv2d(x, torch.ones(1, 1, *kernel_of(layer)), None, layer.stride, padding, layer.dilation)


@given(layers)
def test_receptive_fields_are_where_the_gradient_arrives(layers):
    """Set one gradient of 1 at the last output's centre, walk back, and see which input pixels get something."""
    seen = receptive_field(layers)[-1]
    size, jump, start = (pair if isinstance(pair, tuple) else (pair, pair) for pair in seen)
    n = max(size) + 8 * max(jump) + 2 * max(abs(v) for v in start)
    x = torch.zeros(1, 1, n, n, requires_grad=True)
    y = x
    for layer in layers:
        y = padded_conv2d(y, layer)
    place = y.shape[2] // 2, y.shape[3] // 2
    y[0, 0, *place].backward()
    for axis, i in enumerate(place):
        reached = np.flatnonzero(x.grad[0, 0].sum(1 - axis))
        first = start[axis] + i * jump[axis]
        assert (reached[0], reached[-1]) == (first, first + size[axis] - 1)


def test_receptive_field_of_known_networks():
    window = partial(Conv2d, 1, 1)
    assert receptive_field([window(3)] * 3)[-1].size == receptive_field([window(7)])[-1].size == 7
    assert receptive_field([window(3, dilation=d) for d in (1, 2, 4)])[-1].size == 15
    alexnet = [window(11, 4, 2), window(3, 2), window(5, 1, 2), window(3, 2), *[window(3, 1, 1)] * 3, window(3, 2)]
    assert [seen.size for seen in receptive_field(alexnet)] == [11, 19, 51, 67, 99, 131, 163, 195]
    vgg16 = [layer for n in (2, 2, 3, 3, 3) for layer in [*[window(3, 1, 1)] * n, window(2, 2)]]
    assert receptive_field(vgg16)[-1] == ReceptiveField(212, 32, -90)
    assert receptive_field([]) == []


def test_stride_none_means_the_kernel_size():
    chain = [Conv2d(1, 4, 3), BatchNorm2d(4), Activation("relu"), MaxPool2d(2), Conv2d(4, 4, 3)]
    assert [tuple(seen) for seen in receptive_field(chain)] == [(3, 1, 0)] * 3 + [(4, 2, 0), (8, 2, 0)]


def test_conv2d_has_the_size_that_the_formula_says():
    for size, k, s, p, d in product((5, 8), (1, 3), (1, 2, 3), (0, 1), (1, 2)):
        x, weight = np.ones((1, 1, size, size)), np.ones((1, 1, k, k))
        n = conv_output_size(size, k, stride=s, padding=p, dilation=d)
        for function in (conv2d, conv2d_loops):
            assert function(x, weight, stride=s, padding=p, dilation=d).shape == (1, 1, n, n)


def test_receptive_fields_along_one_axis():
    chain = [torch.nn.Conv1d(1, 1, 3, dilation=d) for d in (1, 2, 3)]
    assert [field.size for field in receptive_field(chain)] == [3, 7, 13]
    chain = [torch.nn.Conv1d(1, 1, 4, padding="same"), torch.nn.Conv1d(1, 1, 3, stride=2, padding="valid")]
    assert [tuple(field) for field in receptive_field(chain)] == [(4, 1, -1), (6, 2, -1)]


def test_the_words_for_padding_in_torchs_layers_and_in_ours():
    for nn in (torch.nn.Conv2d, Conv2d):
        chain = [nn(1, 1, 3, padding="same"), nn(1, 1, (2, 5), padding="same"), nn(1, 1, 3, padding="valid")]
        fields = [tuple(field) for field in receptive_field(chain)]
        assert fields[1:] == [((4, 7), (1, 1), (-1, -3)), ((6, 9), (1, 1), (-1, -3))]
        assert fields[0] in [(3, 1, -1), ((3, 3), (1, 1), (-1, -1))]
    layer = Conv2d(2, 3, 4, padding="same", rng=np.random.default_rng(0))
    assert repr(layer) == "Conv2d(2, 3, 4, padding='same')"
    assert output_shape(layer, (2, 6, 7)) == layer.forward(np.ones((1, 2, 6, 7))).shape[1:] == (3, 6, 7)
    assert count_macs(layer, (2, 6, 7)) == 3 * 6 * 7 * 2 * 4 * 4
    assert layer.backward(np.ones((1, 3, 6, 7))).shape == (1, 2, 6, 7)
    with pytest.raises(ValueError, match="padding='same' needs stride 1, got stride=2"):
        Conv2d(2, 3, 4, stride=2, padding="same")


def test_a_walk_knows_which_pixels_a_window_with_uneven_padding_reads():
    """Rows -1 to 2 and 2 to 5 of rows 0 to 4: all are read; without the pixel above, the first row is not."""
    chain = [Conv2d(1, 1, 4, stride=3, padding=((1, 1), (1, 1))), Flatten(), Linear(4, 2)]
    assert [row.field for row in walk(chain, (1, 5, 5))][-1] == "all"
    chain[0] = Conv2d(1, 1, 1, stride=3, padding=((2, 0), (2, 0)))  # rows -2, 1 and 4
    chain[2] = Linear(9, 2)
    assert tuple([row.field for row in walk(chain, (1, 5, 5))][-1]) == (4, 0, 1)


def test_pooling_is_not_padded_in_words_or_on_one_side():
    for padding in ("same", "valid", ((0, 1), (0, 1))):
        for refused in (lambda p: MaxPool2d(2, padding=p), lambda p: max_pool2d(np.ones((1, 4, 4)), 2, padding=p)):
            with pytest.raises(ValueError, match="padding must be an int or a pair"):
                refused(padding)
