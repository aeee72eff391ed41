"""Dropout beside its rivals, and MC dropout: small cases by hand, and what the lab says of them."""

import json

import numpy as np
import pytest

from cnnkit.course.dropout import record_rivals
from cnnkit.course.dropout.experiments.few_digits import held_digits
from cnnkit.course.dropout.experiments.rivals import RIVALS, Cure, cure_of, error_with, shift
from cnnkit.course.dropout.experiments.unsure import SHARES, errors_left, passes, unsure
from cnnkit.course.dropout.overfitting_numbers import WRONG
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.training import digits_task
from cnnkit.network import Activation, Linear, Network
from tests.course.claim_numbers import FOLDER

FOUND = results("dropout", "rivals")


def better(name: str, wrong: str) -> np.ndarray:
    """By how much a cure is better than nothing, seed by seed."""
    return np.array(FOUND[f"wrong {wrong}"]["nothing"]["test"]) - FOUND[f"wrong {wrong}"][name]["test"]


def surely(gain: np.ndarray) -> bool:
    return gain.mean() > 2 * gain.std(ddof=1) / np.sqrt(len(gain))


def text_of_the_lab(heading: str) -> str:
    cells = json.loads((FOLDER / "labs" / "03_dropout_lab.ipynb").read_text(encoding="utf-8"))["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return text.partition(f"## More · {heading}")[2].partition("\n## ")[0]


def test_a_moved_digit_is_the_same_digit_elsewhere():
    x = np.zeros((50, 64))
    x[:, 27] = 1.0  # row 3, column 3
    moved = shift(x, 1.0, np.random.default_rng(0)).reshape(-1, 8, 8)
    places = {tuple(int(i) for i in np.argwhere(picture)[0]) for picture in moved}
    assert places == {(i, j) for i in (2, 3, 4) for j in (2, 3, 4)}
    assert (moved.sum(axis=(1, 2)) == 1).all()
    half = shift(x, 0.5, np.random.default_rng(0))
    assert 0.3 < np.mean((half != x).any(axis=1)) < 0.6
    assert shift(x, 0.0, np.random.default_rng(0)) is x


def test_what_moves_out_is_gone_and_the_margin_is_paper():
    x = np.full((1, 64), -1.0)
    x[0, 0] = 2.0  # in the corner
    for seed in range(20):
        assert set(shift(x, 1.0, np.random.default_rng(seed)).ravel()) <= {-1.0, 2.0}


@pytest.mark.parametrize("name", RIVALS)
def test_every_strength_is_a_cure_of_its_own(name):
    cures = {cure_of(name, strength) for strength in RIVALS[name]}
    assert len(cures) == len(RIVALS[name])
    assert (cures == {Cure()}) == (name == "nothing")


def test_no_steps_is_a_network_that_has_learnt_nothing():
    assert error_with(Cure(steps=0), "none", seed=20) > 0.7
    assert error_with(Cure(steps=40), "none", seed=20) < 0.4


def test_live_runs_agree_with_the_recorded_ones():
    """Seeds that were not recorded: with wrong labels each cure helps, and with right labels augmentation does most."""
    cures = {name: [Cure(**cure) for cure in options] for name, options in {
        "1 in 5": ({}, {"p": 0.8}, {"weight_decay": 0.1}, {"steps": 20}),
        "none": ({}, {"p": 0.7}, {"shifted": 0.5}),
    }.items()}  # fmt: skip
    ends = {wrong: [np.mean([error_with(cure, wrong, seed=seed) for seed in (20, 21, 22)]) for cure in each]
            for wrong, each in cures.items()}  # fmt: skip
    assert ends["1 in 5"][0] > max(ends["1 in 5"][1:])
    assert ends["none"][2] == min(ends["none"])


def test_the_recorded_strengths_are_the_best_of_those_tried():
    for wrong in WRONG:
        for name, strengths in RIVALS.items():
            run = FOUND[f"wrong {wrong}"][name]
            assert set(run["tried"]) == {f"{strength:g}" for strength in strengths}
            assert run["tried"][f"{run['strength']:g}"] == min(run["tried"].values())
            assert len(run["test"]) == len(record_rivals.SEEDS) == 10
    assert not set(record_rivals.SEEDS) & set(record_rivals.CHOOSING)


def test_the_first_recorded_seed_is_what_the_function_gives():
    cure = Cure(p=FOUND["wrong none"]["dropout"]["strength"])
    assert error_with(cure, "none", seed=0) == pytest.approx(FOUND["wrong none"]["dropout"]["test"][0], abs=0.006)


def test_what_the_lab_says_of_the_rivals():
    text = text_of_the_lab("Dropout beside its rivals")
    right, wrong = ({name: better(name, kind) for name in list(RIVALS)[1:]} for kind in WRONG)
    best = right["augmentation"]
    assert f"{100 * best.mean():.1f} ± {100 * best.std(ddof=1) / np.sqrt(10):.1f} points" in text
    assert all(surely(best - right[name]) for name in ("dropout", "weight decay", "early stopping"))
    assert [round(100 * right[name].mean()) for name in ("dropout", "weight decay")] == [1, 1]
    assert not surely(right["early stopping"])
    assert all(surely(gain) for gain in wrong.values())
    apart = wrong["dropout"] - wrong["weight decay"]
    assert not surely(apart)
    assert not surely(-apart)
    assert all(round(100 * wrong[name].mean()) in (8, 9) for name in ("dropout", "weight decay"))
    assert all(round(100 * wrong[name].mean()) in (6, 7) for name in ("early stopping", "augmentation"))
    both = better("dropout and augmentation", WRONG[1])
    assert both.mean() < min(wrong["dropout"].mean(), wrong["augmentation"].mean())


# MC dropout


def test_without_dropout_all_passes_are_one():
    net = Network([Linear(64, 5), Activation("relu"), Linear(5, 10)], rng=np.random.default_rng(0))
    found = passes(net, held_digits()[0][:20], count=3)
    np.testing.assert_allclose(found.mean, found.single)


def test_errors_left_by_hand():
    """Four answers, sure to unsure: right, wrong, right, wrong."""
    p = np.array([[0.95, 0.05], [0.1, 0.9], [0.8, 0.2], [0.45, 0.55]])
    left = errors_left(p, np.array([0, 0, 0, 0]))
    assert left[0] == 0.5
    assert left[5] == pytest.approx(1 / 3)  # the unsurest fourth is read
    assert left[-1] == 0.5  # half of them: right and wrong are left
    assert SHARES[5] == pytest.approx(0.25)


def test_what_the_lab_says_of_mc_dropout():
    runs = [unsure(seed, task=digits_task()) for seed in range(10)]
    single, mean = (np.array([run[name] for run in runs]) for name in ("single", "mean"))
    fifth = int(np.flatnonzero(np.isclose(SHARES, 0.2))[0])
    assert (1 - 0.2) * single.mean(axis=0)[fifth] < 0.5 * single.mean(axis=0)[0]  # less than half of the errors
    fewer = [i for i in range(len(SHARES)) if surely(single[:, i] - mean[:, i])]
    assert SHARES[fewer] == pytest.approx([0.3])
    assert round(100 * (single - mean)[:, fewer[0]].mean(), 1) == 0.2
    assert not any(surely(mean[:, i] - single[:, i]) for i in range(len(SHARES)))
    assert "At 1 of the 11 places they leave fewer errors, by 0.2 points" in text_of_the_lab("MC dropout")
    assert len(SHARES) == 11
    assert round(100 * single.mean(axis=0)[0]) == 12
    assert max(single.mean(axis=0)[-1], mean.mean(axis=0)[-1]) < 0.01
