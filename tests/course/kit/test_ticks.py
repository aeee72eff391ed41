"""The numbers at an axis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.ticks import GAP, SIZE, label_measured, log_ticks


@given(st.floats(-9, 9), st.floats(0.02, 12))
def test_a_logarithmic_axis_has_a_few_numbers_all_inside(low, decades):
    low, high = 10.0**low, 10.0 ** (low + decades)
    ticks = log_ticks(low, high)
    assert 2 <= len(ticks) <= 20
    assert all(low * (1 - 1e-6) <= tick <= high * (1 + 1e-6) for tick in ticks)


@pytest.mark.parametrize("places", [np.arange(21.0), np.array([1, 1.01, 1.02, 1.5, 2, 9]), np.arange(10) / 10])
@pytest.mark.parametrize("width", [200, 400, 760])
def test_the_numbers_of_measured_places_do_not_touch(places, width):
    figure = Figure(figsize=(width / 100, 2))
    axis = figure.add_axes((0, 0, 1, 1))
    axis.plot(places, places)
    label_measured(axis, list(places))
    ticks, words = axis.get_xticks(), [label.get_text() for label in axis.get_xticklabels()]
    low, high = axis.get_xlim()
    at = (ticks - low) / (high - low) * width
    half = np.array([text_width(word, SIZE) / 2 for word in words])
    assert set(ticks) <= set(places)
    assert (np.diff(at) >= half[:-1] + half[1:] + GAP - 1e-6).all()
