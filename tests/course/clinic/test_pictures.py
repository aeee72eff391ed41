"""The drawings and the explorers' pictures: their sentences hold computed numbers."""

import re
from io import BytesIO
from time import process_time

import numpy as np
import pytest
from PIL import Image, ImageColor

from cnnkit.course.clinic.drawings import GUIDE, draw_checklist, draw_field_guide
from cnnkit.course.clinic.experiments.cases import ink
from cnnkit.course.clinic.experiments.faults import FAULTS, HEALTHY
from cnnkit.course.clinic.experiments.runs import EQUAL, first_loss, one_batch, run
from cnnkit.course.clinic.explorers import Clinic, FirstLoss, OneBatch
from cnnkit.course.clinic.first_loss import starting_loss
from cnnkit.course.clinic.one_batch import FLOOR, STEPS, _layout, by_heart
from cnnkit.course.clinic.patient import PATIENTS, draw_patient, recipe_of
from cnnkit.course.kit.palette import BLUE, SOFT, VERMILION
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.statements import lines

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
    assert f"The loss is {first_loss(recipe):.2f} before the first step" in hidden.sentence
    assert f"unseen {100 * run(recipe).unseen:.0f} %" in hidden.sentence


def test_the_explorers_start_healthy():
    assert Clinic().sentence.startswith("Healthy.")
    assert f"first loss is {starting_loss(1, 1):.2f}" in FirstLoss().sentence
    assert starting_loss(1, 1) < 1.5 * EQUAL < 50 < starting_loss(255, 1)
    assert abs(starting_loss(1, 0) - EQUAL) < 1e-12


@pytest.mark.parametrize("lr", [0.03, 0.1, 0.3, 1, 3])
def test_no_learning_rate_takes_softmax_twice_below_its_floor(lr):
    lesson = by_heart(50, lr, 1, 0)
    assert lesson.losses.min() > FLOOR
    assert "never below 0.1" in OneBatch(lr=f"{lr:g}", case_f=True).sentence


def test_the_healthy_step_learns_a_batch():
    lesson = by_heart(50, 0.3, 0, 0)
    assert lesson.losses[-1] < 0.01
    first = next(i for i, loss in enumerate(lesson.losses, start=1) if loss < 0.1)
    assert f"below 0.1 for the first time at step {first}" in OneBatch().sentence


@pytest.mark.parametrize("work", [run.steps(recipe_of("patient 1", 4), 7), by_heart.steps(210, 0.3, 0, 7)])
def test_nothing_keeps_a_page_waiting(work):
    longest, pieces = 0.0, 0
    next(work)
    for pieces, start in enumerate(iter(process_time, None)):  # noqa: B007
        try:
            next(work)
        except StopIteration:
            break
        longest = max(longest, process_time() - start)
    assert pieces >= 200
    assert longest < 0.06  # of processor time; 0.02 on a machine that does nothing else


def test_steps_give_what_the_whole_gives():
    recipe = recipe_of("patient 8", 3)
    whole, steps = run(recipe, 5), run.steps(recipe, seed=5)  # another key, so it is trained again
    found = None
    while found is None:
        try:
            next(steps)
        except StopIteration as end:
            found = end.value
    assert found is not whole
    assert (found.losses == whole.losses).all()
    assert (found.validation == whole.validation).all()
    assert (found.training, found.unseen, found.start, found.end) == whole[2:4] + whole[4:]


@pytest.mark.parametrize("image", [0, 9, 42, 90, 99])
def test_a_digit_is_chosen_where_it_stands(image):
    explorer = FirstLoss(image=3)
    explorer.touch(0, *divmod(image, 10))
    assert explorer.values["image"] == image
    assert explorer.picture.areas[0].here == divmod(image, 10)
    assert f"Picture {image} is a" in explorer.sentence


@pytest.mark.parametrize("image", [0, 3, 50, 99])
def test_a_bar_chooses_the_next_picture_of_its_class(image):
    labels = ink(count=100).labels.tolist()
    for digit in range(10):
        explorer = FirstLoss(image=image)
        assert explorer.picture.areas[1].here == (labels[image], 0)
        explorer.touch(1, digit, 0)
        chosen = explorer.values["image"]
        assert labels[chosen] == digit
        passed = (labels + labels)[image : chosen + 100 * (chosen < image)]
        assert digit not in passed


def test_the_loss_has_one_scale_for_all_settings():
    for highest, gain in (("1", 0.0), ("1", 4.0), ("255", 4.0)):
        for seed in (0, 20):
            assert EQUAL / 1.1 < starting_loss(float(highest), gain, seed) < 100_000


@pytest.mark.parametrize("digits", [10, 50, 210])
@pytest.mark.parametrize("number", [1, 44, STEPS])
def test_a_step_is_chosen_on_its_curve(digits, number):
    explorer = OneBatch(digits=digits, step=7)
    explorer.touch(0, 0, number - 1)
    assert explorer.values["step"] == number
    assert explorer.picture.areas[0].here == (0, number - 1)
    lesson = by_heart(digits, 0.3, 0, 0)
    right = lesson.right[number - 1].sum()
    assert (
        f"In step {number} it is {lesson.losses[number - 1]:.3f}, and {right} of {digits} digits" in explorer.sentence
    )


def test_the_digits_read_right_are_blue_and_the_others_are_not():
    explorer = OneBatch(digits=10, step=1)
    blue, vermilion = (np.array(ImageColor.getrgb(colour)) for colour in (BLUE, VERMILION))
    at = pixels(explorer)[2 * 66 : 2 * 250, 2 * 572 :]
    columns, size = _layout(10)
    right = by_heart(10, 0.3, 0, 0).right[0]
    assert 0 < right.sum() < 10
    for i in range(10):
        row, column = (int(2 * 9 * size * n) for n in divmod(i, columns))
        tile = at[max(row - 8, 0) : row + 80, column : column + 100]
        near = [(abs(tile - colour).sum(axis=-1) < 30).sum() for colour in (blue, vermilion)]
        assert (near[0] > near[1]) == right[i]


@pytest.mark.parametrize("count", [10, 50, 90, 130, 170, 210])
def test_all_digits_of_a_batch_have_room(count):
    columns, size = _layout(count)
    assert 9 * columns * size <= 236
    assert 9 * -(-count // columns) * size <= 200
    assert size >= 1.5


def pixels(explorer) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(explorer.picture.png)).convert("RGB")).astype(int)


def test_the_healthy_training_is_a_ghost_unless_it_is_the_one_shown():
    def grey(explorer):  # dashes, below the line of 0.1 where the axes' own lines are paler
        return (
            (abs(pixels(explorer)[2 * 180 : 2 * 240, 2 * 100 : 2 * 500] - ImageColor.getrgb(SOFT)) < 12)
            .all(axis=-1)
            .sum()
        )

    assert grey(OneBatch()) == 0
    assert grey(OneBatch(case_f=True)) > 100


def test_patients_and_strengths_are_chosen_by_touch():
    explorer = Clinic()
    assert len(explorer.picture.areas) == 1
    for i, patient in enumerate(PATIENTS):
        explorer.touch(0, 0, i)
        assert explorer.values["patient"] == patient
        assert explorer.picture.areas[0].here == (0, i)
    for strength in range(5):
        explorer.touch(1, 0, strength)
        assert explorer.values["strength"] == strength
        assert explorer.picture.areas[1].here == (0, strength)


def test_a_healthy_patient_has_no_strength_and_no_name():
    assert Clinic().disabled == {"strength", "named"}
    assert Clinic(patient="patient 1").disabled == set()
    healthy = [Clinic(strength=strength, named=named).picture for strength in (0, 4) for named in (False, True)]
    assert len({picture.png for picture in healthy}) == len({picture.marked for picture in healthy}) == 1


@pytest.mark.parametrize("patient", list(PATIENTS))
def test_the_run_without_the_fault_is_drawn_beside_it(patient):
    def ghost(strength):
        area = pixels(Clinic(patient=patient, strength=strength))[2 * 98 : 2 * 282, 2 * 330 : 2 * 410]  # no words there
        return (abs(area - ImageColor.getrgb(SOFT)) < 12).all(axis=-1).sum()

    assert ghost(0) == 0
    assert (ghost(4) > 50) == bool(PATIENTS[patient])


MENDS_OF_LATER_CASES = r"shuffl(e|ing) (before|each)|training=False|permutation|random order"


@pytest.mark.parametrize("patient", list(PATIENTS))
def test_a_name_does_not_tell_how_a_later_case_is_mended(patient):
    said = Clinic(patient=patient, named=True).sentence
    assert not re.search(MENDS_OF_LATER_CASES, said)
    if PATIENTS[patient] in ("unshuffled batches", "forgotten eval", "leaking data"):
        assert re.search(r"mend it yourself as case [GHI]\.", said)


def test_no_line_is_too_long():
    every = [Clinic(patient=p, strength=s, named=n) for p in PATIENTS for s in (0, 2, 4) for n in (False, True)]
    every += [
        OneBatch(digits=d, lr=lr, case_f=f, step=n)
        for d in (10, 210)
        for lr in ("0.001", "3")
        for f in (False, True)
        for n in (1, 300)
    ]
    every += [FirstLoss(highest=h, gain=g, image=i) for h in ("1", "255") for g in (0.0, 4.0) for i in (0, 99)]
    for explorer in every:
        said = lines(explorer.picture.marked)
        assert len(said) == 3
        assert max(text_width(line, 14) for line in said) <= 800
        assert 1 <= explorer.picture.marked.count("**") / 2 <= 2
