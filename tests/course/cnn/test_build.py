"""The picture of a CNN that was put together: its table as `trace` counts, its steps as `fit`'s, its pixels."""

from io import BytesIO
from itertools import pairwise, product

import numpy as np
import pytest
import torch
from PIL import Image

import cnnkit
from cnnkit.course.cnn.build import BAR, BARS, FIRST, STEP, draw_build
from cnnkit.course.cnn.build_curve import HIGH, TOP
from cnnkit.course.cnn.build_numbers import POOLINGS, Setting, blocks, lay_out, order_layers, side
from cnnkit.course.cnn.build_training import (
    BATCH,
    BUDGET,
    FEW,
    FEWEST,
    LONG,
    MANY,
    PEAK,
    SHORT,
    learnt_from,
    live_epochs,
    make_network,
    train_live,
    training,
    validated_on,
)
from cnnkit.course.kit.palette import BLUE, KERNEL, VERMILION
from cnnkit.data import digits
from cnnkit.network import accuracy, fit

SETTINGS = [
    Setting(),
    Setting(blocks=0),
    Setting(blocks=1, filters=1, kernel_size=1, p=0.5),
    Setting(blocks=3, filters=16, kernel_size=5, pooling="none", batch_norm=True),
    Setting(blocks=2, filters=4, kernel_size=4, stride=2, pooling="none", batch_norm=True, p=0.25),
    Setting(blocks=1, filters=5, kernel_size=2, stride=3, pooling="average"),
    Setting(blocks=3, filters=7, kernel_size=3, pooling="average", p=0.9, batch_norm=True),
]
QUICK = Setting(blocks=1, filters=2, stride=3, pooling="none")


def colours(picture) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(picture.png)).convert("RGB")).astype(int)


def where(picture, colour: str) -> np.ndarray:
    """The pixels of this colour, (rows, columns), in CSS pixels."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return np.argwhere((colours(picture) == wanted).all(axis=2)) / 2


# The table


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_the_rows_are_those_of_trace(setting):
    rows, traced = lay_out(setting), cnnkit.trace(make_network(setting), (1, 1, 8, 8)).rows
    assert len(rows) == len(traced)
    for row, theirs in zip(rows, traced, strict=True):
        assert (1, *row.output_shape) == theirs.output_shape
        assert (row.parameters, row.macs, row.field) == (theirs.parameters, theirs.macs, theirs.receptive_field)
        assert str(side(row)) == theirs.sees.split(" × ")[0]


def test_the_blocks_are_numbered_and_what_follows_them_is_in_none():
    setting = Setting(blocks=2, pooling="none", batch_norm=True, p=0.5)
    assert (
        blocks(lay_out(setting)) == [block for block, _ in order_layers(setting)] + [0] == [1, 1, 1, 2, 2, 2, 0, 0, 0]
    )


def test_a_network_of_torchs_layers_has_the_same_shapes_and_parameters():
    setting = Setting(blocks=2, filters=6, kernel_size=3, stride=1, pooling="max", p=0.5, batch_norm=True)
    nn = torch.nn
    layers = [
        layer
        for channels in (1, 6)
        for layer in (nn.Conv2d(channels, 6, 3, 1, 1, bias=False), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2))
    ]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.5), nn.Linear(24, 10))
    traced = cnnkit.trace(model, (1, 1, 8, 8)).rows
    assert [(1, *row.output_shape) for row in lay_out(setting)] == [row.output_shape for row in traced]
    assert sum(row.parameters for row in lay_out(setting)) == sum(p.numel() for p in model.parameters())


def test_every_setting_is_a_network_or_names_the_block_that_does_not_fit():
    settings = [Setting(*given) for given in product(range(4), [2], range(1, 6), (1, 2, 3), POOLINGS)]
    problems = {setting: problem(setting) for setting in settings}
    assert 100 < sum(not said for said in problems.values()) < len(settings)
    for setting, said in problems.items():
        if said:
            assert said.startswith(tuple(f"block {block}: " for block in range(1, setting.blocks + 1)))
            assert "sizes up to there: 8 → " in said


def problem(setting: Setting) -> str:
    """Why it cannot be; "" for a network with ten outputs."""
    try:
        assert lay_out(setting)[-1].output_shape == (10,)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (Setting(blocks=2, stride=2, kernel_size=5), r"block 2: kernel does not fit.*there: 8 → 4 → 2 → 1"),
        (Setting(blocks=3, kernel_size=4), r"block 3: kernel does not fit.*there: 8 → 7 → 3 → 2 → 1"),
        (Setting(pooling="median"), "pooling must be one of"),
        (Setting(blocks=-1), "blocks must be at least 0"),
        (Setting(filters=0), "filters must be at least 1"),
        (Setting(p=1.5), "p must"),
        (Setting(batch_norm=2), "batch_norm must be one of True, False, got 2"),
    ],
)
def test_what_cannot_be_is_a_sentence(setting, words):
    with pytest.raises(ValueError, match=words):
        draw_build(setting)


def test_the_sentence_puts_the_numbers_into_the_formula():
    said = draw_build(Setting(blocks=2, filters=12, kernel_size=3)).sentence
    assert "Sizes: 8 → 8 → 4 → 4 → 2. A unit of the last map sees 1 + 2 + 1 + 4 + 2 = 10 pixels a side." in said
    assert "12 · 2 · 2 = 48 features are flattened." in said
    assert "Of 1,918 parameters 74 % sit in convolutions, 26 % in the linear layer." in said
    assert said.endswith("It has learnt nothing yet: its weights are random.")
    convolutions, linear = 12 * (9 + 1) + 12 * (12 * 9 + 1), 10 * (48 + 1)
    assert convolutions + linear == 1918
    assert [round(100 * count / 1918) for count in (convolutions, linear)] == [74, 26]
    assert "Of 650 parameters all sit in the linear layer" in draw_build(Setting(blocks=0)).sentence
    assert "16 · 8 · 8 = 1,024 features" in draw_build(Setting(filters=16, pooling="none")).sentence


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_the_bars_are_as_long_as_the_shares_of_the_parameters(setting):
    rows, picture = lay_out(setting), draw_build(setting)
    bars = where(picture, KERNEL)
    total = sum(row.parameters for row in rows)
    for number, row in enumerate(rows):
        middle = FIRST + 12 + number * STEP - 5
        across = bars[np.abs(bars[:, 0] - middle) < 0.5, 1]
        if not row.parameters:
            assert not len(across)
        else:
            assert across.min() == BAR
            assert across.max() + 0.5 - BAR == pytest.approx(max(0.5, BARS * row.parameters / total), abs=0.6)


# The training


def test_the_training_is_fits():
    setting = QUICK
    mine, theirs = make_network(setting), make_network(setting)
    *_, run = training(mine, 100, 2, seed=3)
    x, labels = learnt_from(100)
    epochs = list(fit(theirs, x, labels, epochs=2, rng=np.random.default_rng(3), peak=PEAK, batch=BATCH))
    assert len(epochs) == len(run.training) == len(run.validation) == 2
    for name, array in mine.state_dict().items():
        np.testing.assert_array_equal(array, theirs.state_dict()[name])
    assert run.training[-1] == pytest.approx(1 - accuracy(theirs, x, labels))
    assert run.validation[-1] == pytest.approx(1 - accuracy(theirs, *validated_on()))


def test_a_training_speaks_up_after_each_batch_and_the_bar_never_goes_back():
    runs = list(training(make_network(QUICK), 100, 3, seed=0))
    assert {run.done for run in runs} == set(range(1, 13))
    assert {run.of for run in runs} == {12}
    assert all(a.done <= b.done and len(a.validation) <= len(b.validation) for a, b in pairwise(runs))
    assert [run.finished for run in runs] == [False] * (len(runs) - 1) + [True]
    assert [runs[0].epoch, runs[-1].epoch] == [1, 3]


def test_a_training_that_is_left_alone_leaves_a_network():
    net = make_network(QUICK)
    runs = training(net, 100, 50, seed=0)
    for run in runs:
        if run.done == 7:
            break
    logits = net.forward(validated_on()[0])
    assert np.isfinite(logits).all()
    assert not np.array_equal(net.layers[0].parameters["weight"], make_network(QUICK).layers[0].parameters["weight"])


def test_no_digit_of_the_validation_is_learnt_from_and_the_test_split_is_left_alone():
    x, validation = learnt_from(MANY)[0], validated_on()[0]
    split = digits("train")
    assert len(x) + len(validation) == len(split)
    together = np.concatenate([x, validation])
    assert sorted(map(bytes, together)) == sorted(map(bytes, split.normalized()))
    assert np.array_equal(learnt_from(FEW)[0], x[:FEW])


def test_a_live_training_is_short_however_large_the_network_is():
    large = Setting(blocks=3, filters=16, kernel_size=5, pooling="none", batch_norm=True)
    assert live_epochs(Setting()) == SHORT
    assert live_epochs(large) == FEWEST
    middle = Setting(blocks=3, filters=16, kernel_size=3, pooling="none")
    assert live_epochs(middle) == BUDGET // sum(row.macs for row in lay_out(middle)) == 6


def test_live_results_are_those_of_the_weights_that_are_kept():
    run = train_live(QUICK)
    assert train_live(QUICK) is run
    net = make_network(QUICK)
    net.load_state_dict(run.state)
    assert run.training[-1] == pytest.approx(1 - accuracy(net, *learnt_from(FEW)))
    assert run.validation[-1] == pytest.approx(1 - accuracy(net, *validated_on()))


def test_the_small_network_learns_to_read():
    *_, run = training(make_network(Setting(batch_norm=True)), MANY, 6, seed=0)
    assert run.training[-1] < 0.01
    assert run.validation[-1] < 0.04
    assert run.validation[0] > 2 * run.validation[-1]


# The panel


def a_run(**changed):
    return train_live(QUICK)._replace(**changed)


def test_the_lines_end_where_the_errors_are():
    run = a_run(epochs=4, training=(0.5, 0.25, 0.04, 0.01), validation=(0.64, 0.36, 0.25, 0.16), done=48, of=48)
    picture = draw_build(QUICK, run)
    for colour, error in ((BLUE, 0.01), (VERMILION, 0.16)):
        drawn = where(picture, colour)
        drawn = drawn[drawn[:, 0] > TOP - 10]  # without the key
        last = drawn[drawn[:, 1] > drawn[:, 1].max() - 2, 0].mean()
        assert last == pytest.approx(TOP + HIGH * (1 - np.sqrt(error)), abs=1.5)
    assert "misreads 1.0 % of them and 16.0 % of 442 validation digits" in picture.sentence
    assert picture.sentence.count("After 4 epochs on 300 digits") == 1


def test_without_a_training_there_are_no_lines():
    for colour in (BLUE, VERMILION):
        drawn = where(draw_build(QUICK), colour)
        assert len(drawn)  # the key
        assert drawn[:, 0].max() < TOP


def test_what_is_going_on_is_said():
    beginning = a_run(examples=MANY, epochs=LONG, training=(), validation=(), done=5, of=800)
    assert draw_build(QUICK, beginning, running=True).sentence.endswith(
        "Training: it is in epoch 1 of 20, too early to measure."
    )
    assert draw_build(QUICK, beginning).sentence.endswith("Stopped in epoch 1 of 20, too early to measure.")
    later = beginning._replace(training=(0.2,), validation=(0.3,), done=60)
    now, stopped = draw_build(QUICK, later, running=True), draw_build(QUICK, later)
    words = "after 1 epoch on 1,000 digits it misreads 20.0 % of them and 30.0 % of 442 validation digits."
    assert now.sentence.endswith(f"Training: it is in epoch 2 of 20; {words}")
    assert stopped.sentence.endswith(f"Stopped in epoch 2 of 20; {words}")
    assert now.png != stopped.png
