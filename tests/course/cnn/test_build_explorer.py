"""BuildYourOwn: its table at once, its live training, and Train and Stop, with an event loop and without."""

import asyncio
import gc

import numpy as np
import pytest

from cnnkit.course.cnn import build_explorer as build
from cnnkit.course.cnn.build_explorer import KEPT, LIVE, BuildYourOwn
from cnnkit.course.cnn.build_numbers import Setting
from cnnkit.course.cnn.build_training import FEW, LONG, MANY, learnt_from, make_network, validated_on
from cnnkit.course.convolution.explorers import Window
from cnnkit.course.kit.explorer import Explorer, Slider
from cnnkit.course.kit.message import draw_message
from cnnkit.network import Network, accuracy

SMALL = {"blocks": 1, "filters": 2, "stride": 2}  # trains fast
MOVES = [
    ({"blocks": 3}, "Sizes: 8 → 8 → 4 → 4 → 2 → 2 → 1."),
    ({"filters": 16}, "16 · 2 · 2 = 64 features"),
    ({"kernel_size": 5}, "1 + 4 + 1 + 8 + 2 = 16 pixels"),
    ({"stride": 2}, "does not fit"),
    ({"pooling": "average"}, "Sizes: 8 → 8 → 4 → 4 → 2."),
    ({"batch_norm": True}, "Of 1,942 parameters"),
    ({"p": 0.5}, f"on {FEW} digits it misreads"),
    ({"seed": 3}, f"on {FEW} digits"),
]


@pytest.mark.parametrize(("move", "words"), MOVES, ids=[next(iter(move)) for move, _ in MOVES])
def test_every_control_changes_picture_and_sentence(move, words):
    explorer = BuildYourOwn()
    before = explorer.picture
    explorer.set(**move)
    assert explorer.picture.png != before.png
    assert explorer.sentence != before.sentence
    assert words in explorer.sentence


def test_every_control_is_among_those_moves_and_a_setting_has_the_same_names():
    assert [name for move, _ in MOVES for name in move] == list(BuildYourOwn.controls)
    assert set(BuildYourOwn.controls) == set(Setting._fields)
    assert BuildYourOwn().setting == Setting()


# Live


def counted(monkeypatch) -> list[Setting]:
    """The settings that are trained live from now on."""
    asked: list[Setting] = []
    live = build.train_live.steps
    monkeypatch.setattr(build.train_live, "steps", lambda setting: (asked.append(setting), live(setting))[1])
    return asked


def test_the_table_comes_without_training_and_live_controls_train(monkeypatch):
    asked = counted(monkeypatch)
    explorer = BuildYourOwn(**SMALL)
    assert len(asked) == 1
    for move in ({"filters": 3}, {"kernel_size": 5}, {"stride": 1}, {"pooling": "none"}, {"blocks": 2}, {"blocks": 1}):
        explorer.set(**move)
        assert "It has learnt nothing yet" in explorer.sentence
    assert len(asked) == 1
    for count, move in enumerate(({"p": 0.5}, {"batch_norm": True}, {"seed": 1}), start=2):
        explorer.set(**move)
        assert f"on {FEW} digits it misreads" in explorer.sentence
        assert len(asked) == count
        assert asked[-1] == explorer.setting
    explorer.set(seed=0)
    explorer.set(seed=1)  # known already
    assert len(asked) == 4


def test_sliders_that_train_wait_until_they_are_let_go_and_the_others_do_not():
    widgets = BuildYourOwn().view.widgets
    waits = {name for name, widget in widgets.items() if getattr(widget, "continuous_update", None) is False}
    assert waits == set(LIVE) - {"batch_norm"}  # a checkbox has nothing to wait for


def test_the_network_is_the_one_that_the_picture_is_about():
    explorer = BuildYourOwn(**SMALL)
    wrong = 1 - accuracy(explorer.network, *validated_on())
    assert f"and {100 * wrong:.1f} % of 442 validation digits" in explorer.sentence
    explorer.set(filters=4)
    fresh, start = explorer.network.state_dict(), make_network(explorer.setting).state_dict()
    assert all(np.array_equal(fresh[name], start[name]) for name in start)


def test_only_so_many_runs_are_kept():
    explorer = BuildYourOwn(**SMALL)
    run = next(iter(explorer._runs.values()))
    for seed in range(2 * KEPT):
        explorer._keep(explorer.setting._replace(seed=100 + seed), run)
    assert len(explorer._runs) == KEPT


# Without an event loop


def buttons(explorer) -> tuple[bool, bool]:
    """Whether Train and Stop can be pressed."""
    return tuple(not explorer.view.buttons[name].disabled for name in ("train", "stop"))


def test_train_without_an_event_loop_is_over_when_it_returns():
    explorer = BuildYourOwn(blocks=1, filters=8, batch_norm=True)
    live = explorer.sentence
    explorer.train(epochs=3)
    assert explorer.sentence != live
    assert f"After 3 epochs on {MANY:,} digits it misreads" in explorer.sentence
    assert accuracy(explorer.network, *validated_on()) > 0.9
    assert (explorer.view.progress.value, buttons(explorer)) == (100, (True, False))
    trained = explorer.picture
    explorer.set(filters=9)
    assert explorer.view.progress.value == 0
    explorer.set(filters=8)
    assert explorer.picture == trained


def test_the_same_training_twice_gives_the_same_weights():
    explorer = BuildYourOwn(**SMALL, p=0.5)
    explorer.train(epochs=1)
    first = explorer.network.state_dict()
    explorer.train(epochs=1)
    assert all(np.array_equal(first[name], array) for name, array in explorer.network.state_dict().items())


def test_an_interrupted_training_leaves_a_network(monkeypatch):
    explorer = BuildYourOwn(**SMALL)
    note, notes = explorer._note, []

    def interrupted(run):
        note(run)
        notes.append(run)
        if len(notes) == 60:
            raise KeyboardInterrupt

    monkeypatch.setattr(explorer, "_note", interrupted)
    with pytest.raises(KeyboardInterrupt):
        explorer.train()
    assert f"Stopped in epoch 2 of {LONG}; after 1 epoch" in explorer.sentence
    assert np.isfinite(explorer.network.forward(learnt_from(5)[0])).all()
    assert buttons(explorer) == (True, False)


def test_a_setting_that_cannot_be_has_no_training():
    explorer = BuildYourOwn(blocks=3, stride=3)
    assert "does not fit" in explorer.sentence
    assert buttons(explorer) == (False, False)
    explorer.set(p=0.5, seed=2, batch_norm=True)
    assert "does not fit" in explorer.sentence
    for ask in (explorer.train, lambda: explorer.network):
        with pytest.raises(ValueError, match="does not fit"):
            ask()
    explorer.set(blocks=1)
    assert buttons(explorer) == (True, False)
    with pytest.raises(ValueError, match="epochs must be at least 1, got 0"):
        explorer.train(epochs=0)
    explorer.stop()  # nothing to stop
    assert buttons(explorer) == (True, False)


# With one, as in a kernel


def with_loop(test):
    """Run the coroutine function `test` as a kernel would: in an event loop that is there already."""

    def run():
        asyncio.run(asyncio.wait_for(test(), 60))

    run.__name__ = test.__name__
    return run


async def until(condition):
    while not condition():
        await asyncio.sleep(0)


@with_loop
async def test_train_comes_back_at_once_and_others_have_their_turn_between_batches():
    explorer = BuildYourOwn(**SMALL)
    explorer.view.buttons["train"].click()
    assert "Training: it is in epoch 1" in explorer.sentence
    assert buttons(explorer) == (False, True)
    assert isinstance(explorer.network, Network)
    turns, seen = 0, [explorer.view.progress.value]
    while explorer._training is not None:
        await asyncio.sleep(0)
        turns += 1
        seen.append(explorer.view.progress.value)
    assert turns > LONG * MANY / 25  # a turn for each batch
    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert f"After {LONG} epochs on 1,000 digits" in explorer.sentence
    assert buttons(explorer) == (True, False)


@with_loop
async def test_stop_is_heard_between_two_batches_and_leaves_the_network_as_it_is():
    explorer = BuildYourOwn(**SMALL)
    explorer.view.buttons["train"].click()
    await until(lambda: "epoch 2 of" in explorer.sentence)
    net, before = explorer.network, explorer._now[1].done
    explorer.view.buttons["stop"].click()
    stopped = explorer.picture
    assert f"Stopped in epoch 2 of {LONG}; after 1 epoch" in explorer.sentence
    for _ in range(20):
        await asyncio.sleep(0)
    assert explorer.picture is stopped
    assert explorer._runs[explorer.setting].done == before
    kept = explorer.network.state_dict()
    assert all(np.array_equal(kept[name], array) for name, array in net.state_dict().items())
    assert buttons(explorer) == (True, False)


@with_loop
async def test_moving_a_control_stops_the_training_and_shows_the_new_setting():
    explorer = BuildYourOwn(**SMALL)
    for name, value in (("filters", 3), ("p", 0.5), ("pooling", "none")):
        explorer.train()
        await until(lambda: explorer.view.progress.value > 0)
        trained = explorer.setting
        explorer.view.widgets[name].value = value
        assert "Training" not in explorer.sentence
        assert explorer._training is None
        assert not explorer._runs[trained].finished
        assert getattr(explorer.setting, name) == value


@with_loop
async def test_training_anew_forgets_the_old_task():
    explorer = BuildYourOwn(**SMALL)
    explorer.train()
    await until(lambda: explorer.view.progress.value > 0)
    first = explorer._training
    explorer.train(epochs=1)
    assert "it is in epoch 1 of 1," in explorer.sentence
    await until(lambda: explorer._training is None)
    assert first.cancelled()
    assert "After 1 epoch on 1,000 digits" in explorer.sentence


@with_loop
async def test_closing_stops_the_training_and_keeps_what_it_has_learnt():
    explorer = BuildYourOwn(filters=2)
    view = explorer.view
    explorer.train()
    task = explorer._training
    await until(lambda: explorer.done() > 0.02)
    explorer.close()
    done, said = explorer.done(), explorer.sentence
    await asyncio.sleep(0.05)
    assert task.done()
    assert explorer.usable() == {"train"}
    assert (explorer.done(), explorer.sentence) == (done, said)
    assert explorer.view is not view
    explorer.close()


@with_loop
async def test_two_explorers_train_side_by_side():
    first, second = BuildYourOwn(**SMALL), BuildYourOwn(**SMALL, seed=1)
    first.train(epochs=2)
    second.train(epochs=2)
    await until(lambda: second.view.progress.value > 0)
    assert first._training is not None
    await until(lambda: first._training is None and second._training is None)
    weights = [e.network.state_dict()["0.weight"] for e in (first, second)]
    assert not np.array_equal(*weights)


# Buttons, in the base class


class Clicked(Explorer):
    controls = {"size": Slider("size", 1, 3, 1)}
    actions = {"press": "Press me"}
    pressed = 0

    def press(self):
        self.pressed += 1

    def draw(self, *, size):
        return draw_message(f"size {size}")


@with_loop
async def test_an_error_in_the_training_is_reported_and_the_buttons_come_back():
    def broken(*options):
        runs = training(*options)
        yield next(runs)
        yield next(runs)
        raise RuntimeError("broken")

    training, reported = build.training, []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: reported.append(context["exception"]))
    explorer = BuildYourOwn(**SMALL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "training", broken)
        explorer.train()
        await until(lambda: explorer._training is None)
    assert buttons(explorer) == (True, False)
    assert "Stopped in epoch 1" in explorer.sentence
    for _ in range(3):
        await asyncio.sleep(0)
    gc.collect()
    assert [str(error) for error in reported] == ["broken"]
    explorer.train(epochs=1)
    await until(lambda: explorer._training is None)
    assert "After 1 epoch on" in explorer.sentence


def test_an_action_is_a_button_that_calls_its_method():
    explorer = Clicked()
    panel, bar, plain, *_ = explorer.view.children
    button, _ = bar.children
    assert (button.description, explorer.pressed) == ("Press me", 0)
    button.click()
    assert explorer.pressed == 1
    assert (panel, plain) == (explorer.view.panel, explorer.view.plain)


def test_without_actions_there_is_no_bar():
    explorer = Window()
    assert explorer.view.children[:2] == (explorer.view.panel, explorer.view.plain)
