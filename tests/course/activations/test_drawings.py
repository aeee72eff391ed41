"""The drawings of lesson 01 and the figures of its lab: their sentences tell computed numbers."""

import numpy as np
import pytest

from cnnkit import relu, relu_backward
from cnnkit.course.activations import draw_death, draw_dots, draw_folds, draw_pieces, draw_unit, drawings, folds
from cnnkit.course.activations.experiments.linear_regions import count_pieces, folding

WIDEST = 820


def test_the_unit_shows_its_sum_and_its_output():
    picture = draw_unit()
    z = float(np.dot(drawings.UNIT_X, drawings.UNIT_W) + drawings.UNIT_B)
    assert z > 0
    assert f"the sum is z = {z:g}. The ReLU makes y = {float(relu(z)):g} of it" in picture.sentence
    assert picture.width == WIDEST


def test_the_step_kills_the_unit_for_every_input():
    before, after = (drawings.DEAD_X + bias for bias in (drawings.BEFORE, drawings.AFTER))
    assert (relu_backward(np.ones(3), before) == 1).all()
    assert (relu_backward(np.ones(3), after) == 0).all()
    assert "moves them to −9, −8 and −7" in draw_death().sentence
    assert draw_death().width == WIDEST


@pytest.mark.parametrize("depth", [1, 2, 8])
def test_the_folds_are_counted(depth):
    pieces = count_pieces(folding(depth), 0, 1)
    assert pieces == 2**depth
    said = draw_folds(depth).sentence
    assert f"{2 * depth} units: {pieces} straight pieces" in said
    assert f"at most {2 * depth + 1}" in said


def test_folds_that_cannot_be_told_apart_are_refused():
    with pytest.raises(ValueError, match="depth must be at most 8, got 9"):
        draw_folds(9)
    with pytest.raises(ValueError, match="depth"):
        draw_folds(0)


def test_the_pieces_of_the_lab_are_those_of_the_networks():
    found = folds.pieces()
    folded, *others = (values[:, -1] for values in found.values())
    said = draw_pieces().sentence
    assert f"has {folded[0]} pieces from 16 units" in said
    for values in others:
        assert f"{values.mean():.0f} ({values.min()} to {values.max()})" in said


def test_dots_tell_recorded_and_live_runs_apart():
    picture = draw_dots(
        {"a": [0.1, 0.3], "b": [0.5]}, "Shares.", live={"b": [0.75], "new": [1.0]}, beside={"a": [0.2]},
        names=("first", "second"), percent=True, digits=0,
    )  # fmt: skip
    assert picture.sentence == (
        "Shares. first: a 20 % (10 to 30); b 50 % (50 to 50). second: a 20 % (20 to 20). "
        "Run here: b 75 % (75 to 75); new 100 % (100 to 100)."
    )
    assert picture.width == WIDEST


def test_dots_have_a_row_for_each_group():
    low, high = (draw_dots({str(i): [1.0] for i in range(n)}, "Runs.").height for n in (2, 5))
    assert high - low == pytest.approx(3 * 28, abs=1)
