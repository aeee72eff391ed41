"""numerical_gradient: how many digits are right, and what a test with dy = 1 cannot see."""

import numpy as np
import pytest

import cnnkit


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_about_ten_digits_are_right(scale):
    rng = np.random.default_rng(0)
    x, dy = scale * rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    ours = cnnkit.numerical_gradient(lambda x: np.sin(x / scale), x, dy)
    np.testing.assert_allclose(ours * scale, dy * np.cos(x / scale), atol=1e-3 if scale < 1 else 1e-9)


def test_the_result_has_the_shape_of_x_whatever_f_returns():
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(cnnkit.numerical_gradient(np.sum, x, 2.0), np.full((2, 3), 2.0))
    np.testing.assert_allclose(cnnkit.numerical_gradient(lambda x: x.sum(axis=1), x, [1.0, 10.0]), [[1] * 3, [10] * 3])
    assert cnnkit.numerical_gradient(np.sum, np.ones((0, 3)), 1.0).shape == (0, 3)
    assert cnnkit.numerical_gradient(np.square, 3, 1.0) == pytest.approx(6)


def test_x_is_never_changed_even_by_a_careless_f():
    def careless(x):
        x *= 2
        return x

    x = np.arange(3.0)
    np.testing.assert_allclose(cnnkit.numerical_gradient(careless, x, np.ones(3)), [2, 2, 2])
    np.testing.assert_array_equal(x, [0, 1, 2])


def test_float32_is_differentiated_in_float64():
    dx = cnnkit.numerical_gradient(np.exp, np.zeros(2, np.float32), np.ones(2, np.float32))
    assert dx.dtype == np.float64
    np.testing.assert_allclose(dx, 1, rtol=1e-9)


def test_dy_of_ones_does_not_see_a_batch_norm_backward_that_returns_zeros():
    """The reason why every gradient test here uses a random dy."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 2, 3, 3))

    def forward(x):
        return cnnkit.batch_norm2d(x, None, None, training=True)[0]

    zeros = np.zeros_like(x)
    np.testing.assert_allclose(cnnkit.numerical_gradient(forward, x, np.ones_like(x)), zeros, atol=1e-8)
    assert np.abs(cnnkit.numerical_gradient(forward, x, rng.normal(size=x.shape))).max() > 0.1
