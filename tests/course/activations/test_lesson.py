"""The numbers that lesson 01 tells in passing are computed here."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from cnnkit import rrelu, softplus
from cnnkit.course.activations.experiments.activity import sigmoid_is_one
from cnnkit.course.activations.kinds import DEFAULTS, KINDS
from cnnkit.course.activations.rivals_numbers import rivals
from cnnkit.course.activations.sparsity import standard
from cnnkit.course.claims import CLAIMS

LESSON = Path(__file__).parents[3] / "notebooks" / "01_activations.ipynb"
LAB = LESSON.parent / "labs" / "01_activations_lab.ipynb"
CELLS = nbformat.read(LESSON, as_version=4).cells
TEXT = "\n\n".join(cell.source for cell in CELLS if cell.cell_type == "markdown")


def off_centre(name: str) -> float:
    """The mean of the outputs for standard normal sums, in their own spreads."""
    kind = KINDS[name]
    y = kind.value(standard(), DEFAULTS.get(kind.option, 0.0))
    return abs(float(y.mean() / y.std()))


def test_how_far_off_centre_the_activations_are_and_how_the_race_ends():
    away = [f"{off_centre(name):.1f}" for name in ("sigmoid", "softplus", "ReLU")]
    assert round(off_centre("tanh"), 1) == 0
    assert f"The sigmoid gives {away[0]} and softplus {away[1]}. The ReLU gives {away[2]} and tanh 0" in TEXT
    race = [label.split(",")[0] for label in rivals()]
    ranks = [sorted(race, key=off_centre).index(name) for name in race]
    assert np.corrcoef(ranks, range(len(race)))[0, 1] > 0.85  # "nearly in that order"


def test_where_numbers_end():
    found = sigmoid_is_one(np.float32)
    assert f"exactly 1 in 32 bits from x = {found.correct} on" in TEXT
    assert softplus(-50.0) == pytest.approx(2e-22, rel=0.05)
    assert float(np.log(1 + np.exp(-50.0))) == 0


def test_the_slope_of_rrelu_after_training():
    _, slope = rrelu(np.array([-1.0]))
    assert f"in testing a = {slope[0]:.3f}" in LAB.read_text(encoding="utf-8")


def test_what_people_say_tells_numbers_of_the_claims():
    lines = re.findall(r"(?m)^\* \*\*A\d+\*\* .*$", TEXT)
    assert len(lines) == 7
    for line in lines:
        key = re.search(r"A\d+", line)[0]
        said = line.replace(key, "")
        for number in re.findall(r"\d+(?:\.\d+)?", said):
            assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.]\d)", CLAIMS[key].because), (key, number)
