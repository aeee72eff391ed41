"""Training with torch: the recipes, the loop, the progress, the interruption, and files that are never unpickled."""

import dataclasses
import os
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from cnnkit import network, training
from cnnkit.course.cnn.experiments.twin import torch_twin
from cnnkit.data import DataError, digits
from cnnkit.data.dataset import Dataset
from cnnkit.network import Epoch
from cnnkit.training import RECIPES, ExampleNet, Recipe, fit, load_weights, save_weights, tensors, train
from cnnkit.training.loop import varied


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def held_back(monkeypatch):
    """The last 290 of the training split in place of the test split, which is no test's business."""

    def load(name: str, split: str, n: int | None = None) -> Dataset:
        data = digits("train")
        some = slice(0, n or -290) if split == "train" else slice(-290, None)
        return dataclasses.replace(data, images=data.images[some], labels=data.labels[some])

    monkeypatch.setattr(training, "load", load)


def test_torch_reads_handwriting(held_back):
    """One seed; cnnkit/course/cnn/record_digits.py measures more, and the time."""
    trained = train("digits", progress=None, seed=1)
    assert trained.accuracy > 0.97
    assert trained.finished
    assert not trained.model.training
    assert trained.history[-1].number == trained.history[-1].of == RECIPES["digits"].epochs
    assert repr(trained) == f"Sequential: {100 * trained.accuracy:.2f} % of the test pictures are right"


def test_the_same_seed_gives_the_same_model_and_leaves_torchs_own_random_numbers_alone(held_back):
    recipe = RECIPES["digits"]._replace(epochs=1)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one = train("digits", recipe=recipe, n=200, progress=None)
    assert torch.equal(torch.rand(3), expected)
    two, other = (train("digits", recipe=recipe, n=200, progress=None, seed=s) for s in (0, 1))
    weights = [m.model.state_dict()["0.weight"] for m in (one, two, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_the_digits_network_is_that_of_numpy():
    ours = network.digits_cnn(np.random.default_rng(0))
    theirs = training.digits_net()
    shapes = {name: a.shape for name, a in ours.state_dict().items()}
    assert shapes == {n: tuple(t.shape) for n, t in theirs.state_dict().items() if "num_batches" not in n}
    x = digits("train").normalized()
    theirs.load_state_dict(torch_twin(ours).state_dict())
    np.testing.assert_allclose(ours.forward(x), theirs.eval()(torch.tensor(x)).detach().numpy(), rtol=1e-3, atol=1e-4)


def test_numpys_loop_and_torchs_are_the_same():
    """Without moves: each draws its own."""
    data, recipe = digits("train"), Recipe(training.digits_net, epochs=1, batch=64, peak=0.1)
    ours = network.digits_cnn(np.random.default_rng(0), dtype=np.float64)
    model = torch_twin(ours)
    x, labels = data.normalized()[:64].astype(np.float64), data.labels[:64]
    (mine,) = network.fit(ours, x, labels, epochs=1, rng=np.random.default_rng(0), peak=0.1, batch=64)
    (theirs,) = fit(model, torch.tensor(x), torch.tensor(labels), recipe)
    assert mine.loss == pytest.approx(theirs.loss, rel=1e-9)
    for name, array in ours.state_dict().items():
        np.testing.assert_allclose(array, model.state_dict()[name].numpy(), rtol=1e-6, atol=1e-9)


SHAPES = {"digits": (1, 8, 8), "mnist": (1, 28, 28), "fashion_mnist": (1, 28, 28), "cifar10": (3, 32, 32)}


def fake(name: str, split: str, **options) -> Dataset:
    """Ten pictures of each class, each class brighter than the one before; no download."""
    labels = np.arange(100) % 10
    images = np.random.default_rng(0).random((100, *SHAPES[name]), np.float32) / 10 + labels[:, None, None, None] / 10
    channels = SHAPES[name][0]
    return Dataset(
        name, split, images.astype(np.float32), labels, tuple("0123456789"), (0.5,) * channels, (0.3,) * channels
    )


@pytest.mark.parametrize("dataset", RECIPES)
def test_one_changed_line_changes_the_data(dataset, monkeypatch):
    monkeypatch.setattr(training, "load", fake)
    trained = train(dataset, recipe=RECIPES[dataset]._replace(epochs=1, batch=20), progress=None)
    assert trained.model(torch.zeros(2, *SHAPES[dataset])).shape == (2, 10)
    losses = [epoch.loss for epoch in trained.history]
    assert len(losses) == 5
    assert np.isfinite(losses).all()


def test_a_data_set_that_cannot_be_had_is_named(monkeypatch):
    def offline(name, split, **options):
        raise DataError("offline; load('digits') needs no network")

    monkeypatch.setattr(training, "load", offline)
    with pytest.raises(DataError, match="offline"):
        train("mnist", progress=None)
    with pytest.raises(ValueError, match=r"dataset must be one of 'digits', 'mnist', .*, got 'minst'"):
        train("minst")


def test_an_interrupted_training_leaves_a_usable_model(capsys, held_back):
    def stop(epoch: Epoch) -> None:
        if epoch.number > 2:
            raise KeyboardInterrupt

    trained = train("digits", progress=stop)
    assert not trained.finished
    assert 2 < trained.history[-1].number < 2.2
    assert trained.accuracy > 0.8
    assert not trained.model.training
    assert repr(trained).endswith("are right, interrupted")
    assert "what is learnt so far is kept" in capsys.readouterr().err


def test_progress_is_drawn_on_one_line(capsys, held_back):
    train("digits", recipe=RECIPES["digits"]._replace(epochs=2), n=300)
    written = capsys.readouterr().err
    lines = written.removesuffix("\n").split("\r")[1:]
    assert lines[0].startswith("█░")
    assert lines[-1].startswith("█" * 20 + " epoch 2.0 of 2, loss ")
    assert written.count("\n") == 1


def test_progress_comes_as_often_as_asked():
    x, labels = tensors(digits("train", n=320))
    recipe = RECIPES["digits"]._replace(epochs=2, batch=32)
    numbers = [e.number for e in fit(training.digits_net(), x, labels, recipe, parts=5)]
    np.testing.assert_allclose(numbers, np.arange(1, 11) / 5)
    assert [e.number for e in fit(training.digits_net(), x, labels, recipe)] == [1, 2]


def test_pictures_are_moved_one_by_one_and_mirrored_half_of_the_time():
    random = torch.Generator().manual_seed(0)
    picture = torch.arange(50.0).view(1, 2, 5, 5)
    wider = nn.functional.pad(picture, (1, 1, 1, 1), mode="replicate")[0]
    moved = varied(picture.expand(300, -1, -1, -1), Recipe(nn.Identity, 1, 1, 0.1, shift=1), random)
    windows = {(i, j): wider[:, i : i + 5, j : j + 5] for i in range(3) for j in range(3)}
    found = [next(place for place, window in windows.items() if torch.equal(window, m)) for m in moved]
    assert len(set(found)) == 9
    flipped = varied(picture.expand(300, -1, -1, -1), Recipe(nn.Identity, 1, 1, 0.1, flip=True), random)
    mirrored = [torch.equal(m, picture[0].flip(2)) for m in flipped]
    assert all(mirror or torch.equal(m, picture[0]) for mirror, m in zip(mirrored, flipped, strict=True))
    assert 100 < sum(mirrored) < 200


def test_the_example_network_has_the_size_of_pytorchs():
    """1,199,882 weights, as PyTorch's own example has; its 28 × 28 pictures give 9,216 features."""
    model = ExampleNet()
    assert sum(p.numel() for p in model.parameters()) == 1_199_882
    assert model(torch.zeros(3, 1, 28, 28)).shape == (3, 10)


def test_saved_weights_come_back_and_pass_between_numpy_and_torch(tmp_path, held_back):
    x, path = digits("train").normalized()[:20], tmp_path / "net.npz"
    model = train("digits", recipe=RECIPES["digits"]._replace(epochs=1), n=200, progress=None).model
    save_weights(model, path)
    again, ours = training.digits_net().eval(), network.digits_cnn(np.random.default_rng(1))
    load_weights(again, path)
    expected = model(torch.tensor(x)).detach()
    torch.testing.assert_close(again(torch.tensor(x)).detach(), expected)
    assert all(
        torch.equal(again.state_dict()[name], t) for name, t in model.state_dict().items() if "batches" not in name
    )

    network.load_weights(ours, path)
    np.testing.assert_allclose(ours.forward(x), expected.numpy(), rtol=1e-3, atol=1e-4)
    network.save_weights(ours, path)
    load_weights(again, path)
    torch.testing.assert_close(again(torch.tensor(x)).detach(), expected)


class Harmful:
    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_a_pickle_is_not_loaded_and_not_run(tmp_path):
    path, model = tmp_path / "net.npz", training.digits_net()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    path.write_bytes(pickle.dumps(Harmful(tmp_path / "harm")))
    with pytest.raises(ValueError, match="is not a file of arrays"):
        load_weights(model, path)
    torch.save(model.state_dict(), path)
    with pytest.raises(ValueError, match="is not a file of arrays"):
        load_weights(model, path)
    assert not (tmp_path / "harm").exists()
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


def test_weights_of_another_model_are_refused(tmp_path):
    path = tmp_path / "net.npz"
    save_weights(nn.Sequential(nn.Conv2d(1, 16, 3)), path)
    with pytest.raises(ValueError, match=r"must hold 0.weight, 1.weight, .* got 0.weight, 0.bias"):
        load_weights(training.digits_net(), path)
    save_weights(training.mnist_net(8, 8, 8), path)
    with pytest.raises(ValueError, match=r"1.weight must have shape \(24, 4, 3, 3\), got \(8, 4, 3, 3\)"):
        load_weights(training.mnist_net(), path)
