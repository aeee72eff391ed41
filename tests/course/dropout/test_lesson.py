"""The numbers that lesson 03 tells in its prose are those of the package and of the records."""

import json
import re

import numpy as np
import pytest

import cnnkit
from cnnkit.course.dropout.experiments.by_heart import learn, read_twice, with_dropout
from cnnkit.course.dropout.overfitting_numbers import recorded
from cnnkit.course.kit.recorded import results
from tests.course.claim_numbers import FOLDER
from tools.notebooks import HIDDEN

CELLS = json.loads((FOLDER / "03_dropout.ipynb").read_text(encoding="utf-8"))["cells"]
PROSE = "\n\n".join("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "markdown")
OVERFITTING, MEASURED = results("dropout", "overfitting"), results("dropout")


def said(claim: str) -> str:
    """What the lesson says of a claim."""
    return next(line for line in PROSE.splitlines() if f"* **{claim}** " in line)


def runs(p: float, wrong: str) -> dict[str, np.ndarray]:
    return {key: np.array(value) for key, value in recorded(OVERFITTING, p, "hidden", 200, wrong).items()}


def test_a_step_of_the_drawn_training_is_what_the_lesson_prints():
    printed = ["".join(o.get("text", "")) for cell in CELLS for o in cell.get("outputs", [])]
    first, second = (line for text in printed for line in text.splitlines() if line.startswith("wrong:"))
    own, new = (int(n) for n in re.findall(r"(\d+)%", first))
    assert own == 0
    assert new / 100 == pytest.approx(1 / 6, abs=0.01)
    assert "It gets none of its own digits wrong." in PROSE
    assert "gets one in six wrong" in PROSE
    assert int(re.findall(r"(\d+)%", second)[1]) < new  # with dropout


def test_the_package_trains_as_the_lesson_does():
    printed = ["".join(o.get("text", "")) for cell in CELLS for o in cell.get("outputs", [])]
    told = next(text.removeprefix(HIDDEN) for text in printed if "read differently" in text)
    net = learn(with_dropout(0.8, np.random.default_rng(1)))
    found = read_twice(net)
    assert told.split() == f"read differently: {found.differ:.0%}, wrong: {found.wrong:.0%}".split()


def test_with_right_labels_there_is_little_to_gain():
    for p, told in ((0.0, "6.4 %"), (0.5, "6.0 %")):
        assert f"{100 * runs(p, 'none')['validation_error'].mean():.1f} %" == told
        assert told.removesuffix(" %") in PROSE


def test_a_thousand_units():
    assert round(np.sqrt(1000 * 0.4 * 0.6), 1) == 15.5
    assert "400, give or take 15.5" in PROSE


def test_the_example_by_hand():
    h, mask, w = np.array([[6.0, 2, 4]]), np.array([[2.0, 0, 2]]), np.array([[1.0, 3, -1]])
    dy, dw, _ = cnnkit.linear_backward(np.array([[2.0]]), mask * h, w)
    assert "y = (12, 0, 8)" in PROSE
    np.testing.assert_array_equal((mask * h)[0], [12, 0, 8])
    assert (mask * h @ w.T).item() == 4
    assert "dy = dz·w = (2, 6, −2)" in PROSE
    np.testing.assert_array_equal(dy[0], [2, 6, -2])
    assert "dh = mask·dy = (4, 0, −4)" in PROSE
    np.testing.assert_array_equal(cnnkit.dropout_backward(dy, mask)[0], [4, 0, -4])
    assert "dw = dz·y = (24, 0, 16)" in PROSE
    np.testing.assert_array_equal(dw[0], [24, 0, 16])


def test_what_people_say():
    gaps = [np.mean(run["validation_loss"] - run["training_loss"]) for run in (runs(p, "1 in 5") for p in (0.0, 0.5))]
    assert f"from {gaps[0]:.2f} down to {gaps[1]:.2f}" in said("D7")
    plain = MEASURED["ensembles"]["p = 0"]
    gain = np.mean(np.mean(plain["alone"], axis=1) - plain["averaged"])
    assert f"get {100 * gain:.1f} points fewer digits wrong" in said("D8")
    rises = [np.mean(MEASURED["reliance"][key]["worst"]) for key in ("p = 0", "p = 0.5")]
    assert re.findall(r"(\d+) %", said("D9")) == [f"{100 * rise:.0f}" for rise in rises]
    assert f"{100 * 0.5**5:.0f} %" in said("D10")
    assert f"factor of {1 / (1 - 0.5) ** 2:g}" in said("D3")
    stays = 1.0
    for i in range(1, 501):  # 1000 over 500, halved a thousand times, without large numbers
        stays *= (500 + i) / i / 4
    assert f"{100 * stays:.1f} %" in said("D4")
