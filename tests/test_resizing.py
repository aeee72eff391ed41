"""What the table of operations does not say about padding and interpolation: cropping, other types, rounding."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st

import cnnkit

NAN, INF = float("nan"), float("inf")
SIDE = st.integers(-4, 5)


def theirs_or_none(function):
    """What torch makes of it, or None if it refuses."""
    try:
        return function()
    except (RuntimeError, NotImplementedError):
        return None


@given(n=st.integers(1, 5), before=SIDE, after=SIDE, mode=st.sampled_from(["constant", "reflect", "replicate"]))
def test_padding_and_cropping_one_axis_as_torch_and_refused_where_torch_refuses(n, before, after, mode):
    x = np.arange(1.0, n + 1)[None]
    theirs = theirs_or_none(lambda: F.pad(torch.tensor(x), (before, after), mode=mode))
    if theirs is None:
        with pytest.raises(ValueError, match="pad must"):
            cnnkit.pad(x, (before, after), mode)
    else:
        np.testing.assert_array_equal(cnnkit.pad(x, (before, after), mode), theirs)


@given(n=st.integers(1, 5), before=SIDE, after=SIDE)
def test_a_circle_is_closed_after_cropping_as_in_torch(n, before, after):
    """Where less is left than is asked for, torch reads memory that nobody wrote; here it is refused."""
    x = np.arange(1.0, n + 1)[None]
    left = n + min(0, before) + min(0, after)
    if left < 0 or max(before, after) > left:
        with pytest.raises(ValueError, match="pad must"):
            cnnkit.pad(x, (before, after), "circular")
    else:
        theirs = F.pad(torch.tensor(x), (before, after), mode="circular")
        np.testing.assert_array_equal(cnnkit.pad(x, (before, after), "circular"), theirs)


@pytest.mark.parametrize("value", [NAN, INF, -INF, 1e10])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_any_number_may_stand_outside(value, dtype):
    x = np.ones((1, 2), dtype)
    y = cnnkit.pad(x, (1, 0), value=value)
    assert y.dtype == dtype
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(y, [[np.float64(value).astype(dtype), 1, 1]])


def test_whole_numbers_stay_whole():
    x = np.arange(4, dtype=np.uint8).reshape(1, 1, 2, 2)
    for y in (cnnkit.pad(x, (1, 1)), cnnkit.pad(x, (1, 1), value=-7), cnnkit.interpolate(x, 3)):
        assert y.dtype == np.int64
    assert cnnkit.interpolate(x, 3, mode="bilinear").dtype == np.float64
    assert cnnkit.pad_backward(np.ones((1, 1, 2, 4), int), x, (1, 1)).dtype == np.float64


def test_nothing_to_pad_is_a_copy():
    x = np.ones((2, 3))
    for y in (cnnkit.pad(x, ()), cnnkit.pad(x, (0, 0)), cnnkit.pad(x, (0, 0), "reflect")):
        y[:] = 5
    assert x.max() == 1


@pytest.mark.parametrize("shape", [(0, 3, 4), (0, 2, 3, 4), (2, 0), (2, 3, 0)])
def test_empty_arrays(shape):
    x = np.zeros(shape)
    for pad in ((1, 2), (1, 0, 0, 2)):
        y = cnnkit.pad(x, pad, value=3)
        np.testing.assert_array_equal(y, F.pad(torch.tensor(x), pad, value=3))
        assert cnnkit.pad_backward(y, x, pad).shape == shape


@given(n=st.integers(1, 80), out=st.integers(1, 200))
def test_the_nearest_pixel_is_that_of_torch_to_the_last_rounding(n, out):
    """i · n / n_out in float32: 5 · (41 / 205), say, is 1 or a little less."""
    x = np.arange(n, dtype=np.float32).reshape(1, 1, 1, n)
    np.testing.assert_array_equal(cnnkit.interpolate(x, (1, out)), F.interpolate(torch.tensor(x), (1, out)))


@given(n=st.integers(1, 20), factor=st.floats(0.1, 7), mode=st.sampled_from(["nearest", "bilinear"]))
def test_scale_factors_as_torch(n, factor, mode):
    assume(n * factor >= 1)
    x = np.random.default_rng(n).normal(size=(1, 2, 1, n)).astype(np.float32)
    ours = cnnkit.interpolate(x, scale_factor=(1, factor), mode=mode)
    theirs = F.interpolate(torch.tensor(x), scale_factor=(1.0, factor), mode=mode)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("align_corners", [True, False])
def test_infinities_spoil_what_lies_beside_them_only(align_corners):
    x = np.array([1, 2, INF, 3, 4, NAN, 5, 6]).reshape(1, 1, 1, 8)
    for size in (8, 15):
        options = {"size": (1, size), "mode": "bilinear", "align_corners": align_corners}
        ours, theirs = cnnkit.interpolate(x, **options), F.interpolate(torch.tensor(x), **options)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
        assert np.isfinite(ours).any()


def test_gradients_are_added_up_wide_and_rounded_once():
    x, dy = np.ones((1, 1, 1), np.float32), np.random.default_rng(0).random((1, 1, 300_001), np.float32)
    right = np.float32(dy.sum(dtype=np.float64))
    assert cnnkit.pad_backward(dy, x, (300_000, 0), "replicate") == right
    assert cnnkit.interpolate_backward(dy, x, 300_001) == right
