"""The figures and the table of how far trained networks follow a digit: they tell what was recorded."""

import numpy as np
import pytest

from cnnkit.course.kit.recorded import results
from cnnkit.course.pooling.follow import draw_following, draw_moves
from cnnkit.course.pooling.follow_numbers import HEADS, KINDS, MOVES, NAMES, Staying, seeds, staying, there

RUNS = results("pooling")


def test_the_curves_are_the_recorded_ones():
    for kind, head in ((kind, head) for kind in KINDS for head in HEADS):
        for down in there(kind, head):
            mean, agree = staying(kind, down, head)["mean"], seeds(kind, down, head)
            np.testing.assert_allclose(mean, agree.mean(axis=0), atol=1e-3)
            for what, amounts in MOVES.items():
                assert len(staying(kind, down, head, what)["mean"]) == len(amounts)
    with pytest.raises(ValueError, match="kind must be one of 'centred', 'shifted', got 'moved'"):
        staying("moved", "max", "flat")


def test_the_sentences_tell_every_curve():
    flat, whole = draw_following("flat").sentence, draw_following("global").sentence
    for amount in (2, 8):
        for kind in KINDS:
            share = f"{100 * staying(kind, 'max', 'flat')['mean'][amount]:.0f}"
            assert f"{NAMES['max']} {share} %" in flat
            zeros = 100 * seeds(kind, "zeros", "global").mean(axis=0)[amount]
            assert f"zero padding {zeros:.0f} %" in whole
    assert "average" not in flat
    moves = draw_moves()
    turned = 100 * staying("shifted", "none", "flat", "angle")["mean"][MOVES["angle"].index(45)]
    assert f"Turned by 45°: no pooling {turned:.0f} %" in moves.sentence
    assert moves.width == draw_following("flat").width == 820


def test_the_table_has_a_row_for_every_network():
    shown = Staying()
    networks = [name for kind in KINDS for name in RUNS[kind] if "late" not in name]
    assert len(shown.rows) == len(networks) + len(RUNS["zeros"])
    assert all(len(row) == len(shown.HEAD) for row in shown.rows)
    lines = shown._repr_markdown_().splitlines()
    assert len(lines) == 2 + len(shown.rows) == 1 + len(repr(shown).splitlines())
    assert any("1.9 (1.3 to 2.4), +0.38 ± 0.09" in line for line in lines)
