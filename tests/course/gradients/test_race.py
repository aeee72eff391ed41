"""The race of initialisations: what is recorded is what running it gives, and a learner's start gets its place."""

import json
from pathlib import Path

import numpy as np
import pytest

from cnnkit.course.gradients import race_numbers, record_race
from cnnkit.course.gradients.race import draw_race, race_yours
from cnnkit.course.gradients.race_numbers import DEPTH, EPOCHS, KNOWN, RATES, Result, run_race
from cnnkit.course.kit.recorded import results


def test_the_record_is_of_these_settings():
    stored = results("gradients", "race")
    assert (stored["depth"], stored["epochs"], stored["rates"]) == (DEPTH, EPOCHS, list(RATES))
    assert set(stored["runs"]) == set(KNOWN)
    assert all(len(run["factors"]) == len(run["errors"]) == stored["seeds"] for run in stored["runs"].values())


def test_a_run_again_gives_the_factor_that_is_recorded(monkeypatch):
    monkeypatch.setattr(race_numbers, "RATES", (0.03,))
    monkeypatch.setattr(race_numbers, "EPOCHS", 1)
    for name in ("He", "PyTorch default"):
        assert run_race(KNOWN[name], 3).factor == pytest.approx(
            results("gradients", "race")["runs"][name]["factors"][3], abs=1e-4
        )


def test_what_the_lesson_says_of_the_race():
    """A factor near 1 is needed and not enough; each start's factor is what the variance rule says."""
    runs = results("gradients", "race")["runs"]
    for name, factor in (
        ("PyTorch default", (1 / 6) ** 0.5),
        ("half of He", 0.5),
        ("Xavier", 0.5**0.5),
        ("He", 1),
        ("twice He", 2),
    ):
        assert np.mean(runs[name]["factors"]) == pytest.approx(factor, rel=0.03)
    off = [error for name in ("PyTorch default", "half of He", "Xavier", "twice He") for error in runs[name]["errors"]]
    near = [error for name in ("He", "He, uniform", "orthogonal · √2") for error in runs[name]["errors"]]
    assert min(off) > max(near)
    assert max(near) > 0.5 > 0.1 > min(near)


def test_the_picture_names_every_start_and_yours():
    sentence = draw_race(Result(0.5612, 0.893)).sentence
    assert sentence.startswith("Yours: factor 0.56, error 89 %. ")
    assert all(f"{name}: factor" in sentence for name in KNOWN)
    assert "Yours" not in draw_race().sentence
    assert draw_race().width == 820


@pytest.mark.parametrize("factor", [0.0, 1e-9, 50.0])
def test_a_start_beyond_the_axis_is_drawn_at_its_end(factor):
    assert draw_race(Result(factor, 0.9)).png != draw_race().png


def test_zeros_learn_nothing(monkeypatch):
    monkeypatch.setattr(race_numbers, "RATES", (0.1,))
    monkeypatch.setattr(race_numbers, "EPOCHS", 1)
    picture = race_yours(lambda fan_in, fan_out, rng: np.zeros((fan_out, fan_in)))
    assert picture.sentence.startswith("Yours: factor 0, error")


def test_the_script_writes_a_file_like_the_stored_one(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(record_race, "FILE", tmp_path / "recorded_race.json")
    monkeypatch.setattr(record_race, "run_race", lambda init, seed: Result(1.0, 0.5))
    record_race.main(["He"])
    record_race.main(["Xavier"])
    written = json.loads(record_race.FILE.read_text(encoding="utf-8"))
    assert written.keys() == results("gradients", "race").keys()
    assert written["runs"] == {name: {"factors": [1.0] * 10, "errors": [0.5] * 10} for name in ("Xavier", "He")}
