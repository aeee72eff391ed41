"""The exercises of notebook 01: their references held against torch and enumeration, their checks against odd answers.

What every exercise promises is tested in test_exercises.py.
"""

import sys
from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnkit import check, relu
from cnnkit.course.activations import exercises as ex
from cnnkit.course.activations.exercises import units


def said(key: str, answer) -> str:
    """The message for a wrong answer."""
    verdict = check(key, answer)
    assert verdict.passed is False, verdict
    return verdict.message


# The references


def test_the_slope_of_the_sigmoid_is_that_of_torch():
    for (x,) in ex.slope_cases():
        tensor = torch.tensor(x, requires_grad=True)
        torch.sigmoid(tensor).sum().backward()
        np.testing.assert_allclose(ex.sigmoid_slope(x), tensor.grad, rtol=1e-9)


def test_the_stable_sigmoid_is_that_of_torch_in_every_type():
    for (x,) in ex.stable_cases():
        y = ex.stable_sigmoid(x)
        assert y.dtype == x.dtype
        exact = torch.sigmoid(torch.tensor(x.astype(np.float64))).numpy()
        precision = np.finfo(x.dtype)
        np.testing.assert_allclose(y, exact, rtol=4 * float(precision.eps), atol=min(float(precision.tiny), 1.2e-7))


def test_dead_units_are_those_without_a_gradient_on_every_input():
    for (y,) in units.dead_cases():
        if (y < 0).any():
            continue  # not of a ReLU
        z = torch.tensor(np.where(y > 0, y, -1.0), requires_grad=True)
        F.relu(z).sum().backward()
        assert units.dead_share(y) == (z.grad == 0).all(dim=0).double().mean().item()


def test_the_backward_is_that_of_torch_also_at_zero():
    zeros = 0
    for dy, x, slope in ex.backward_cases():
        tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        F.leaky_relu(tensor, slope).backward(torch.tensor(dy))
        np.testing.assert_allclose(ex.leaky_relu_backward(dy, x, slope), tensor.grad, rtol=1e-12)
        zeros += (x == 0).sum()
    assert zeros > 5


def test_the_share_of_active_paths_is_that_of_all_paths_tried_one_by_one():
    for (masks,) in units.path_cases():
        layers, width = masks.shape
        if width**layers > 5000:
            continue
        paths = [
            all(masks[layer, unit] for layer, unit in enumerate(path)) for path in product(range(width), repeat=layers)
        ]
        assert units.active_paths(masks) == pytest.approx(np.mean(paths))


def test_three_tents_have_eight_pieces_and_one_layer_of_six_units_at_most_seven():
    def tent(x):
        return 2 * relu(x) - 4 * relu(x - 0.5)

    x = np.linspace(0, 1, 2**10 + 1)  # every kink is a multiple of 1/8 and so on this grid
    slopes = np.diff(tent(tent(tent(x)))) * 2**10
    assert 1 + (np.abs(np.diff(slopes)) > 1e-6).sum() == ex.FOLDS.solution == 8
    assert np.allclose(np.abs(slopes), 8)
    rng = np.random.default_rng(0)
    for _ in range(20):
        w, b, v = rng.normal(size=(3, 6))
        kinks = -b / w
        x = np.sort(np.concatenate([kinks - 1e-4, kinks + 1e-4, [-1e3, 1e3]]))
        slopes = np.diff(relu(np.outer(x, w) + b) @ v)[::2] / np.diff(x)[::2]
        assert len(np.unique(slopes.round(6))) <= 7


# The sigmoid that must survive


def by_mask(x):
    y = np.zeros_like(x)
    y[x >= 0] = 1 / (1 + np.exp(-x[x >= 0]))
    e = np.exp(x[x < 0])
    y[x < 0] = e / (1 + e)
    return y


@pytest.mark.parametrize(
    "answer",
    [
        by_mask,
        lambda x: np.exp(-np.logaddexp(x.dtype.type(0), -x)),
        lambda x: np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x))),
        lambda x: np.array([1 / (1 + np.exp(-v)) if v > 0 else np.exp(v) / (1 + np.exp(v)) for v in x], x.dtype),
    ],
    ids=["mask", "logaddexp", "minimum", "loop"],
)
def test_other_stable_sigmoids_pass(answer):
    assert check("01.2", answer).passed is True


def test_hiding_the_warnings_does_not_help():
    def hides(x):
        with np.errstate(all="ignore"):
            return ex.naive(x)

    message = said("01.2", hides)
    assert message.startswith("This is the formula as it stands in books.")
    assert "For `x=[-12, 12]` in float16 you say `[0, 1]`; it is `[6.13928e-06, 1]`." in message


def by_block(x):
    with np.errstate(all="ignore"):
        return wide(x)


def by_seterr(x):
    np.seterr(all="ignore")
    return wide(x)


def by_call(x):
    with np.errstate(all="call", call=lambda kind, flag: None):
        return wide(x)


def wide(x):
    """Right values, with an overflow on the way."""
    return (1 / (1 + np.exp(-x.astype(np.float64)))).astype(x.dtype)


@pytest.mark.parametrize("hides", [by_block, by_seterr, by_call, np.errstate(all="ignore")(lambda x: wide(x))])
def test_a_hidden_warning_counts_however_it_is_hidden(hides):
    before = np.geterr(), np.geterrcall(), sys.getprofile(), np.errstate
    assert "the values are right, but NumPy warns: overflow." in said("01.2", hides)
    assert (np.geterr(), np.geterrcall(), sys.getprofile(), np.errstate) == before


def test_values_warnings_and_types_are_told_apart():
    assert "the values are right, but NumPy warns: invalid value and overflow" in said("01.2", ex.both_branches)
    assert "the values are right, but they come back in float64" in said("01.2", ex.by_mask)
    assert check("01.2", lambda x: ex.stable_sigmoid(x).tolist()).passed is True  # a right answer in another form
    assert "has shape (1, 2); it should have shape (2,)" in said("01.2", lambda x: ex.stable_sigmoid(x)[None])
    assert "complex64; real numbers are asked for" in said("01.2", lambda x: ex.stable_sigmoid(x) + 0j)
    assert "changes its input `x`" in said("01.2", lambda x: np.multiply(x, 2, out=x))


@pytest.mark.parametrize("far", [100, 500, 700])
def test_a_clip_that_saves_float64_only_is_named(far):
    message = said("01.2", lambda x: 1 / (1 + np.exp(-np.clip(x, -far, far))))
    assert message.startswith(f"Clipping x at ±{far} saves float64 only.")


def test_what_overflows_on_the_way_is_not_said_to_be_where():
    message = said("01.2", lambda x: np.nan_to_num(np.exp(x) / (1 + np.exp(x)), nan=1.0))
    assert "something overflows on the way" in message
    assert "forget the type of x" in said("01.2", lambda x: np.array([ex.stable_sigmoid(v) for v in x], float))


def test_likely_mistakes_on_dead_units_have_a_name():
    assert "in per cent" in said("01.3", lambda y: 100 * units.dead_share(y))
    assert "whether the largest output is 0" in said("01.3", lambda y: (y.max(0) == 0).mean())
    assert check("01.3", lambda y: np.float32(units.dead_share(y))).passed is True


def test_no_warning_leaves_a_check(recwarn):
    check("01.2", ex.naive)
    assert not recwarn.list


# Answers of the right kind that are wrong in a way no one foresaw


def test_an_unforeseen_mistake_is_shown_by_its_case():
    assert said("01.3", lambda y: 0.5).startswith("For `y=[[0, 2, 0], [0, 0, 1]]` you say `0.5`; it is `0.3333`.")
    assert said("01.5", lambda masks: 2.0).startswith("For `masks=[[0, 1, 1, 1, 1]]` you say `2.0`; it is `0.8`.")
    assert "Draw tent(tent(x))" in said("01.6", 12)
    assert "A whole number is asked for" in said("01.6", 8.5)
    assert check("01.6", 8.0).passed is True


def test_the_derivative_by_other_roads_passes():
    assert check("01.1", lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2).passed is True
    assert check("01.1", lambda x: 0.25 * (1 - np.tanh(x / 2) ** 2)).passed is True
    assert check("01.4", lambda dy, x, slope: dy * ((x > 0) + slope * (x <= 0))).passed is True
