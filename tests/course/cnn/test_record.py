"""The benchmarks of training run, on sizes too small to say anything."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from cnnkit.course.cnn import record_digits as digits
from cnnkit.course.cnn import record_mnist as mnist
from cnnkit.network import Epoch
from cnnkit.training import RECIPES, ExampleNet


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    threads = torch.get_num_threads()
    monkeypatch.setattr(mnist, "THREADS", 1)
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def little() -> mnist.Batches:
    random = np.random.default_rng(0)
    labels = torch.tensor(np.arange(200) % 10)
    x = torch.tensor(random.random((200, 1, 28, 28), np.float32)) + labels.view(-1, 1, 1, 1) / 3
    return x[:80], labels[:80]


@pytest.mark.parametrize("name", mnist.CHOICES)
def test_every_choice_is_another_network_or_another_way_to_learn(name, little):
    recipe = mnist.CHOICES[name]
    model = mnist.start_of(recipe.network, 0)
    assert model(little[0][:2]).shape == (2, 10)
    others = [repr(c.network()) + repr(c[1:]) for n, c in mnist.CHOICES.items() if n != name]
    assert repr(model) + repr(recipe[1:]) not in others


def test_without_folding_and_without_batch_norm_are_what_they_say():
    kinds = {name: [type(m).__name__ for m in recipe.network()] for name, recipe in mnist.CHOICES.items()}
    assert "PixelUnshuffle" in kinds["the recipe"]
    assert "PixelUnshuffle" not in kinds["without folding"]
    assert "BatchNorm2d" in kinds["the recipe"]
    assert "BatchNorm2d" not in kinds["without batch norm"]
    weights = [
        sum(p.numel() for p in mnist.CHOICES[n].network().parameters()) for n in ("the recipe", "without folding")
    ]
    assert abs(weights[0] / weights[1] - 1) < 0.05


def test_a_race_ends_at_the_target_and_counts_training_only(little, monkeypatch):
    shares = iter([0.5, 0.97, 0.99, 1.0])
    monkeypatch.setattr(mnist, "accuracy", lambda model, x, labels: next(shares))
    epochs = (Epoch(i / 10, 1, 1.0) for i in range(1, 9))
    reached = mnist.until(0.985, epochs, nn.Identity(), little)
    assert reached["epochs"] == 0.3
    assert reached["accuracy"] == 0.99
    assert reached["seconds"] < 0.1


def test_the_example_learns_as_pytorchs_does(little):
    torch.manual_seed(0)
    model = ExampleNet()
    epochs = []
    for epoch in mnist.example_fit(model, *little, seed=0, parts=2):
        epochs.append(epoch)
        if epoch.number >= 2:
            break
    assert [e.number for e in epochs] == pytest.approx([0.5, 1, 1.5, 2])
    assert all(np.isfinite(e.loss) for e in epochs)


def test_all_parts_write_one_file(little, monkeypatch, tmp_path):
    monkeypatch.setattr(mnist, "FILE", tmp_path / "mnist.json")
    monkeypatch.setattr(mnist, "load", lambda name, split: split)
    monkeypatch.setattr(mnist, "tensors", lambda split: little)
    monkeypatch.setattr(mnist, "SEEDS", range(1))
    monkeypatch.setattr(mnist, "RACE_SEEDS", range(1))
    monkeypatch.setattr(mnist, "CHOICE_SEEDS", range(1))
    monkeypatch.setattr(mnist, "TARGET", 0.0)
    monkeypatch.setitem(mnist.RECIPES, "mnist", RECIPES["mnist"]._replace(epochs=1))
    mnist.main(["accuracy"])
    mnist.main(["race", "choices"])
    result = json.loads(mnist.FILE.read_text(encoding="utf-8"))
    assert set(result) == {"accuracy", "race", "choices", "where"}
    assert len(result["accuracy"]["seconds"]) == len(result["race"]["ratio"]) == 1
    assert set(result["choices"]) == set(mnist.CHOICES)
    assert result["accuracy"]["parameters"] == 44922


def test_the_digits_are_read_by_both(monkeypatch, tmp_path):
    monkeypatch.setattr(digits, "FILE", tmp_path / "digits.json")
    monkeypatch.setattr(digits, "SEEDS", range(1))
    monkeypatch.setitem(digits.RECIPES, "digits", RECIPES["digits"]._replace(epochs=1))
    digits.main()
    result = json.loads(digits.FILE.read_text(encoding="utf-8"))
    assert set(result) == {"end", "every fifth", "epochs", "where"}
    for name in ("end", "every fifth"):
        assert min(result[name][kind]["accuracy"][0] for kind in ("numpy", "torch")) > 0.5


def test_the_two_tests_of_the_digits_are_what_they_say():
    """The end is the package's own test; a nearest neighbour finds it harder (its figures stand in cnnkit.data)."""
    end, fifth = digits.splits().values()
    np.testing.assert_allclose(np.sort(end.x_test.sum(axis=(1, 2, 3))), np.sort(load("test").sum(axis=(1, 2, 3))))
    assert len(end.labels) == 1442
    for split in (end, fifth):
        assert len(split.labels) + len(split.labels_test) == 1797
        assert np.abs(np.bincount(split.labels_test) - 35.5).max() < 2
    assert digits.nearest(end) == pytest.approx(0.955, abs=0.0005)
    assert digits.nearest(fifth) == pytest.approx(0.986, abs=0.0005)


def test_the_readme_says_what_was_recorded():
    result = json.loads(digits.FILE.read_text(encoding="utf-8"))
    readme = " ".join((digits.FILE.parents[3] / "README.md").read_text(encoding="utf-8").split())
    share = {
        (name, kind): f"{100 * np.median(result[name][kind]['accuracy']):.1f} %"
        for name in ("every fifth", "end") for kind in ("numpy", "torch")
    }  # fmt: skip
    seconds = {
        kind: round(np.median([s for name in ("every fifth", "end") for s in result[name][kind]["seconds"]]))
        for kind in ("numpy", "torch")
    }
    numpys, torchs = f"it reads {share['every fifth', 'numpy']} of every", f"and {share['end', 'numpy']} of the end"
    assert f"in about {seconds['numpy']} seconds on one core {numpys}" in readme
    assert torchs in readme
    told = f"about {seconds['torch']} seconds, for {share['every fifth', 'torch']} and {share['end', 'torch']}"
    assert told in readme
    assert all(len(result[name][kind]["accuracy"]) == 5 for name, kind in share)


def load(split: str) -> np.ndarray:
    return digits.digits(split).normalized()
