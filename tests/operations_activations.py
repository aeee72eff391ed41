"""The rows for gates, and for curves of straight lines: glu, hardsigmoid, hardswish, mish, selu, softsign."""

import numpy as np
import torch.nn.functional as F
from hypothesis import strategies as st

import cnnkit
from tests.operations import Operation, rngs
from tests.operations_layers import activation, differ_by_x, elementwise, entries, shapes


def torch_hardsigmoid(x):
    """torch's own backward multiplies by 1/6 in float32, also in float64, which is 3e-8 off."""
    return F.relu6(x + 3) / 6


def is_flat_outside_only(dy, x):
    """hardsigmoid'(±3) = 1/6."""
    return {"x": np.where(np.abs(x) <= 3, dy / 6, 0)}


def forgets_the_product_rule_hardswish(dy, x):
    return {"x": dy * cnnkit.hardsigmoid(x)}


def forgets_the_product_rule_mish(dy, x):
    return {"x": dy * np.tanh(np.log1p(np.exp(x)))}


def scales_one_side_only(dy, x):
    return {"x": cnnkit.selu_backward(dy, x) / np.where(x > 0, 1.0507009873554805, 1)}


def forgets_the_square(dy, x):
    return {"x": dy / (1 + np.abs(x))}


def sums_to_one(data):
    x = data.draw(entries())
    np.testing.assert_allclose(cnnkit.hardsigmoid(x) + cnnkit.hardsigmoid(-x), 1, rtol=1e-15)


def is_odd(data):
    x = data.draw(entries())
    np.testing.assert_array_equal(cnnkit.softsign(-x), -cnnkit.softsign(x))


def keeps_mean_and_variance(data):
    """What the two numbers of selu are for: of normal numbers with mean 0 and variance 1 both stay (Gauss-Hermite)."""
    x, weights = np.polynomial.hermite_e.hermegauss(data.draw(st.integers(80, 150)))
    weights /= weights.sum()
    y = cnnkit.selu(x)
    np.testing.assert_allclose([weights @ y, weights @ y**2], [0, 1], atol=5e-3)  # the bend at 0 converges slowly


def lies_between_its_bounds(data):
    """mish is never below -0.309, and never above relu."""
    x = data.draw(entries())
    y = cnnkit.mish(x)
    assert (y > -0.3089).all()
    assert (y <= np.maximum(x, 0)).all()


CURVES = [
    activation(
        "hardsigmoid",
        elementwise(kinks=[-3.0, 3.0]),
        smooth=elementwise(smooth=[-3.0, 3.0]),
        hand=[({"x": np.array([-3.0, 0.0, 1.5, 9.0])}, {}, [0, 1 / 2, 3 / 4, 1], [6] * 4, {"x": [0, 1, 1, 0]})],
        theirs=torch_hardsigmoid,
        wrong=[is_flat_outside_only],
        property=sums_to_one,
    ),
    activation(
        "hardswish",
        elementwise(kinks=[-3.0, 3.0]),
        smooth=elementwise(smooth=[-3.0, 3.0]),
        hand=[
            (
                {"x": np.array([-3.0, -1.5, 0.0, 1.5, 3.0])},
                {},
                [0, -3 / 8, 0, 9 / 8, 3],
                [2, 2, 2, 2, 2],
                {"x": [0, 0, 1, 2, 2]},
            )
        ],
        wrong=[forgets_the_product_rule_hardswish],
        property=differ_by_x(cnnkit.hardswish),
    ),
    activation(
        "mish",
        elementwise(kinks=[0.0]),
        hand=[  # at 0: (2² - 1) / (2² + 1), which is the slope there, too
            ({"x": np.array([0.0, np.log(2), 1000.0])}, {}, [0, 4 / 5 * np.log(2), 1000], [5, 0, 7], {"x": [3, 0, 7]})
        ],
        wrong=[forgets_the_product_rule_mish],
        property=lies_between_its_bounds,
    ),
    activation(
        "selu",
        elementwise(kinks=[0.0]),
        smooth=elementwise(smooth=[0.0]),
        hand=[
            (
                {"x": np.array([-np.inf, 1.0, 0.0])},
                {},
                [-1.7580993408473766, 1.0507009873554805, 0],
                [1, 2, 1],
                {"x": [0, 2.101401974710961, 1.7580993408473766]},
            )
        ],
        wrong=[scales_one_side_only],
        property=keeps_mean_and_variance,
    ),
    activation(
        "softsign",
        elementwise(kinks=[0.0]),
        smooth=elementwise(smooth=[0.0]),
        hand=[({"x": np.array([-3.0, 0.0, 1.0])}, {}, [-3 / 4, 0, 1 / 2], [16, 5, 8], {"x": [1, 5, 2]})],
        wrong=[forgets_the_square],
        property=is_odd,
    ),
]


# --- glu -----------------------------------------------------------------------------------------------------------


@st.composite
def glu_cases(draw):
    shape = list(draw(shapes(least=1)))
    dim = draw(st.integers(-len(shape), len(shape) - 1))
    shape[dim] *= 2
    return {"x": draw(rngs).uniform(-4, 6, size=shape)}, {"dim": dim}


def glu_loops(x, *, dim):
    """Each number of the first half, and the one that lies half of the axis further on."""
    y = np.zeros([n // 2 if axis == dim % x.ndim else n for axis, n in enumerate(x.shape)])
    for place in np.ndindex(y.shape):
        gate = list(place)
        gate[dim] += y.shape[dim]
        y[place] = x[place] / (1 + np.exp(-x[tuple(gate)]))
    return y


def glu_backward(dy, x, **options):
    return {"x": cnnkit.glu_backward(dy, x, **options)}


def halves_change_places(dy, x, *, dim):
    da, db = np.split(glu_backward(dy, x, dim=dim)["x"], 2, axis=dim)
    return {"x": np.concatenate([db, da], axis=dim)}


def the_gate_learns_nothing(dy, x, *, dim):
    da, db = np.split(glu_backward(dy, x, dim=dim)["x"], 2, axis=dim)
    return {"x": np.concatenate([da, 0 * db], axis=dim)}


def an_open_gate_lets_all_pass(data):
    x = data.draw(entries(ndim=(1, 3)))
    for gate, expected in ((1000.0, x), (-1000.0, 0 * x)):
        np.testing.assert_array_equal(cnnkit.glu(np.concatenate([x, np.full_like(x, gate)], axis=-1)), expected)


GATES = [
    Operation(
        name="glu",
        forward=cnnkit.glu,
        backward=glu_backward,
        torch=lambda x, *, dim: F.glu(x, dim),
        cases=glu_cases(),
        loops=glu_loops,
        hand=[
            ({"x": np.array([2.0, 4.0, 0.0, np.log(3)])}, {}, [1, 3], [16, 16], {"x": [8, 12, 8, 12]}),
            ({"x": np.array([[2.0, 8.0], [0.0, 0.0]])}, {"dim": 0}, [[1, 4]], [[2, 4]], {"x": [[1, 2], [1, 8]]}),
        ],
        wrong=[halves_change_places, the_gate_learns_nothing],
        property=an_open_gate_lets_all_pass,
    ),
]

OPERATIONS = [*CURVES, *GATES]
