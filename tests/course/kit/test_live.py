"""The picture of a training that goes on: its sentence, its bar, and that it changes after each epoch."""

import io

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image
from traitlets.config import Config

from cnnkit.course.kit import live
from cnnkit.course.kit.live_picture import draw_progress
from cnnkit.network import Epoch

LOSSES, SHARES = [2.1, 1.0, 0.8], [0.7, 0.9, 0.955]


def blue(picture) -> int:
    """How many pixels of the uppermost rows, where the bar is, are blue."""
    pixels = np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB")).astype(int)[:28]
    return int(((pixels[..., 2] > pixels[..., 0] + 80) & (pixels[..., 1] < 140)).sum())


def test_the_sentence_has_the_numbers():
    assert draw_progress([], [], 8).sentence == "Epoch 0 of 8: nothing is learnt yet."
    picture = draw_progress(LOSSES, SHARES, 12)
    assert picture.sentence == "Epoch 3 of 12: the loss went from 2.10 to 0.80, and 95.5 % are read right."
    assert draw_progress(LOSSES, [], 12).sentence == "Epoch 3 of 12: the loss went from 2.10 to 0.80."
    assert picture.width == 820


def test_the_bar_grows_with_the_epochs():
    widths = np.array([blue(draw_progress(LOSSES * 2, [], of)) for of in (6, 12, 24)])
    np.testing.assert_allclose(widths / widths[0], [1, 1 / 2, 1 / 4], atol=0.01)
    assert blue(draw_progress([], [], 6)) == 0


def test_bad_losses_are_drawn_without_a_complaint():
    for losses in ([1e9], [float("inf")], [float("nan")], [0.0]):
        draw_progress(losses, [0.1], 1)


def test_more_epochs_than_there_are_is_refused():
    with pytest.raises(ValueError, match="losses must hold at most of=2 epochs, got 3"):
        draw_progress(LOSSES, [], 2)
    with pytest.raises(ValueError, match="of must be at least 1"):
        draw_progress([], [], 0)


class Shown:
    """Stands in for what IPython's display returns."""

    def __init__(self):
        self.pictures = []

    def update(self, picture):
        self.pictures.append(picture)


def test_the_picture_changes_after_each_epoch(monkeypatch):
    shown = Shown()
    monkeypatch.setattr(live, "display", lambda picture, display_id: shown.update(picture) or shown)
    shares = iter(SHARES)
    epochs = [Epoch(i + 1, 3, loss) for i, loss in enumerate(LOSSES)]
    seen = []
    for epoch in live.watch(iter(epochs), lambda: next(shares), of=3):
        seen.append((epoch, len(shown.pictures)))
    assert seen == [(epochs[0], 2), (epochs[1], 3), (epochs[2], 4)]
    assert [p.sentence.split(":")[0] for p in shown.pictures] == [f"Epoch {n} of 3" for n in range(4)]
    assert "95.5 %" in shown.pictures[-1].sentence


def test_a_watched_training_can_be_stopped(monkeypatch):
    shown = Shown()
    monkeypatch.setattr(live, "display", lambda picture, display_id: shown)
    for _ in live.watch((Epoch(i, 3, 1.0) for i in (1, 2, 3)), of=3):
        break
    assert [p.sentence for p in shown.pictures] == ["Epoch 1 of 3: the loss went from 1.00 to 1.00."]


def test_without_a_notebook_it_just_trains(capsys):
    assert len(list(live.watch([Epoch(1, 1, 0.5)], of=1))) == 1


def interrupted(after: int):
    """Epochs, and then the kernel is interrupted."""
    yield from (Epoch(i + 1, 8, 1.0) for i in range(after))
    raise KeyboardInterrupt


@pytest.fixture
def shell():
    """IPython as in a notebook, without its history; not the one that `display` would look for."""
    return InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (0, "Stopped in the first of 8 epochs; the network keeps what it has learnt."),
        (3, "Stopped after epoch 3 of 8; the network keeps what it has learnt."),
    ],
)
def test_an_interrupted_training_says_so_in_one_line(shell, capsys, monkeypatch, after, said):
    monkeypatch.setattr(live, "display", lambda picture, display_id: None)
    shell.push({"watch": live.watch, "epochs": interrupted(after)})
    seen = shell.run_cell("n = 0\nfor epoch in watch(epochs, of=8):\n    n += 1\nafterwards = True")
    assert shell.user_ns["n"] == after
    assert "afterwards" not in shell.user_ns  # the cell stops, and with it Run All
    assert seen.success is False
    assert isinstance(seen.error_in_exec, KeyboardInterrupt)
    shown = "".join(capsys.readouterr())
    assert [line for line in shown.splitlines() if line.strip()] == [said]


def test_an_interruption_while_the_right_ones_are_counted_is_told_the_same_way():
    def right():
        raise KeyboardInterrupt

    with pytest.raises(live.Stopped, match="after epoch 1 of 8"):
        list(live.watch(interrupted(1), right, of=8))


def test_an_error_of_the_training_itself_is_not_hidden():
    def epochs():
        yield Epoch(1, 8, 1.0)
        raise ValueError("no digits")

    with pytest.raises(ValueError, match="no digits"):
        list(live.watch(epochs(), of=8))
