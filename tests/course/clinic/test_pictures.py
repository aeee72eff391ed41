"""The drawings and the explorers' pictures: their sentences hold computed numbers."""

import pytest

from cnnkit.course.clinic.drawings import GUIDE, draw_checklist, draw_field_guide
from cnnkit.course.clinic.experiments.faults import FAULTS, HEALTHY
from cnnkit.course.clinic.experiments.runs import EQUAL, first_loss, one_batch, run
from cnnkit.course.clinic.explorers import Clinic, FirstLoss, OneBatch
from cnnkit.course.clinic.first_loss import starting_loss
from cnnkit.course.clinic.one_batch import FLOOR, by_heart
from cnnkit.course.clinic.patient import PATIENTS, draw_patient

pytestmark = pytest.mark.slow  # they train


def test_the_checklist_holds_the_healthy_networks_numbers():
    picture, found = draw_checklist(), run(HEALTHY)
    assert picture.width == 820
    assert f"3 · first loss, {first_loss(HEALTHY):.2f} ≈ {EQUAL:.2f};" in picture.sentence
    assert f"4 · one batch, loss {one_batch(HEALTHY):.2f};" in picture.sentence
    assert f"{100 * found.training:.0f} and {100 * found.validation[-1]:.0f} %" in picture.sentence


def test_the_field_guide_has_a_picture_for_each_fault_but_one():
    picture = draw_field_guide()
    assert picture.width == 820
    drawn = {name for _, _, name in GUIDE} - {""}
    assert set(FAULTS) - drawn == {"exploding start"}  # it starts too high, as unscaled pixels do
    assert all(f"{seen} ({suspect})" in picture.sentence for seen, suspect, _ in GUIDE)
    assert picture.png == draw_field_guide().png


def test_every_fault_is_a_patient():
    assert set(PATIENTS.values()) - {""} == set(FAULTS)


@pytest.mark.parametrize("patient", list(PATIENTS))
def test_a_patient_has_its_name_only_when_it_is_asked_for(patient):
    hidden, named = draw_patient(patient, 4), draw_patient(patient, 4, named=True)
    assert hidden.width == named.width == 820
    name = PATIENTS[patient]
    assert not name or (name not in hidden.sentence and name in named.sentence)
    recipe = FAULTS[name].recipe(4) if name else HEALTHY
    assert f"Loss {first_loss(recipe):.2f} before the first step" in hidden.sentence
    assert f"unseen {100 * run(recipe).unseen:.0f} %" in hidden.sentence


def test_the_explorers_start_healthy():
    assert Clinic().sentence.startswith("Healthy.")
    assert f"first loss is {starting_loss(1, 1):.2f}" in FirstLoss().sentence
    assert starting_loss(1, 1) < 1.5 * EQUAL < 50 < starting_loss(255, 1)
    assert abs(starting_loss(1, 0) - EQUAL) < 1e-12


@pytest.mark.parametrize("lr", [0.03, 0.1, 0.3, 1, 3])
def test_no_learning_rate_takes_softmax_twice_below_its_floor(lr):
    losses, _ = by_heart(50, lr, 1, 0)
    assert losses.min() > FLOOR
    assert "never below 0.1" in OneBatch(lr=f"{lr:g}", case_f=True).sentence


def test_the_healthy_step_learns_a_batch():
    assert by_heart(50, 0.3, 0, 0)[0][-1] < 0.01
    assert "below 0.1 for the first time" in OneBatch().sentence
