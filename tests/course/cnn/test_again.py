"""One training once more: the recorded seed gives the recorded number."""

import re

import pytest

from cnnkit.course.cnn.experiments.again import PARTS, again, prepare
from cnnkit.course.kit.recorded import results

STORED = results("cnn")


@pytest.mark.parametrize(("claim", "name"), [("F5", "200 digits, 0"), ("F6", "0 to 1, without")])
def test_a_recorded_seed_gives_what_was_recorded(claim, name):
    told = re.search(r"rate \S+: ([\d.]+)% of", again(claim, name, seed=0))
    assert told is not None
    assert float(told[1]) == pytest.approx(100 * STORED[PARTS[claim]][name]["test"][0], abs=2)


def test_the_epochs_are_those_of_the_record():
    said = again("F3", "middle, with batch norm", seed=0)
    assert said.startswith("middle, with batch norm, seed 0, rate 0.03: there after ")
    assert "recorded median 1.5 (1.25 to 2.25)" in said


def test_pixels_are_what_their_name_says():
    assert (float(prepare("0 to 255").x.min()), float(prepare("0 to 255").x.max())) == (0, pytest.approx(255))
    assert float(prepare("mean 0, variance 1").x.std()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("claim", "name"), [("F1", "x"), ("F4", "x")])
def test_what_is_not_recorded_is_refused(claim, name):
    with pytest.raises(ValueError, match="must be one of"):
        again(claim, name, seed=0)
