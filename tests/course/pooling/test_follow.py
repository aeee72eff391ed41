"""The figures and the table of how far trained networks follow a digit: they tell what was recorded."""

import json
import re

import numpy as np
import pytest

from cnnkit.course.kit.recorded import results
from cnnkit.course.pooling.experiments.networks import gaps, half_gone
from cnnkit.course.pooling.follow import draw_following, draw_moves
from cnnkit.course.pooling.follow_numbers import HEADS, KINDS, MOVES, NAMES, Staying, seeds, staying, there
from tests.course.claim_numbers import FOLDER

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


def lesson() -> str:
    """The prose of lesson 04, on one line."""
    found = json.loads((FOLDER / "04_pooling.ipynb").read_text(encoding="utf-8"))["cells"]
    return re.sub(r"\s+", " ", " ".join("".join(c["source"]) for c in found if c["cell_type"] == "markdown"))


def test_the_lesson_tells_what_was_recorded():
    text = lesson()
    gone = {d: np.array([half_gone(s) for s in RUNS["centred"][f"{d}, flat"]["agree"]]) for d in ("none", "max")}
    later, sooner = gone["max"].mean(), gone["none"].mean()
    assert f"half of the answers are gone after {later:.1f} pixels instead of {sooner:.1f}" in text
    assert f"with two max poolings half of the answers are gone {later - sooner:.2f} pixels later" in text
    bare, pooled = (100 * seeds("shifted", down, "flat")[:, 3].mean() for down in ("none", "max"))
    assert f"keeps {bare:.0f} % of its answers at three pixels, and one with pooling {pooled:.0f} %" in text
    ends = [seeds("shifted", down, "flat")[:, 8].mean() for down in ("none", "max")]
    assert ends[1] > 2 * ends[0]  # "Beyond five pixels … pooling does help"
    assert seeds("centred", "none", "global").min() == 1  # "every answer stays at every shift"
    still = seeds("centred", "max", "global").min(axis=0) == 1
    assert np.flatnonzero(still).tolist() == [0, 4, 8]  # "only at 4 and 8 pixels"
    zeros = seeds("centred", "zeros", "global")
    assert zeros[:, :3].min() == 1
    assert f"stay up to two pixels, and {100 * zeros[:, 8].mean():.0f} % stay at eight" in text
    wrong = [100 * np.mean(RUNS["centred"][f"none, {head}"]["test"]) for head in ("global", "flat")]
    told = "It gets {:.0f} % of them wrong; with every pixel in its last layer it was {:.0f} %".format(*wrong)
    assert told in text
    gap = {down: 100 * np.nanmean(gaps(RUNS["anywhere"][f"{down}, flat"])) for down in ("max", "late")}
    assert f"a gap of {gap['max']:.0f} % between test and training" in text
    assert f"as few parameters without pooling leave {gap['late']:.0f} %" in text
    off = [np.mean(RUNS["places"][f"{down}, flat"]["errors"]) for down in ("max", "stride")]
    assert [round(each, 1) for each in off] == [0.1, 0.1]  # "both were off by about 0.1 pixels"
