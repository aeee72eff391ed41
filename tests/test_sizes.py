"""Sizes, receptive fields and counts, held against torch: its output shapes, its gradients, its parameters."""

from functools import partial
from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from cnnkit import conv2d, conv2d_loops, conv_output_size, receptive_field, same_padding
from cnnkit.layers import Activation, BatchNorm2d, Conv2d, MaxPool2d
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


layers = st.lists(
    st.builds(
        partial(Conv2d, 1, 1),
        st.integers(1, 4) | st.tuples(st.integers(1, 3), st.integers(1, 4)),
        st.integers(1, 2) | st.tuples(st.integers(1, 2), st.integers(1, 2)),
        st.integers(0, 2),
        st.integers(1, 2),
    ),
    min_size=1,
    max_size=4,
)


@given(layers)
def test_receptive_fields_are_where_the_gradient_arrives(layers):
    """Set one gradient of 1 at the last output's centre, walk back, and see which input pixels get something."""
    seen = receptive_field(layers)[-1]
    size, jump, start = (pair if isinstance(pair, tuple) else (pair, pair) for pair in seen)
    n = max(size) + 8 * max(jump) + 2 * max(abs(v) for v in start)
    x = torch.zeros(1, 1, n, n, requires_grad=True)
    y = x
    for layer in layers:
        kernel = layer.kernel_size if isinstance(layer.kernel_size, tuple) else (layer.kernel_size,) * 2
        y = F.conv2d(y, torch.ones(1, 1, *kernel), None, layer.stride, layer.padding, layer.dilation)
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
