"""Training with torch: the recipes, the loop, the progress, the interruption, and files that are never unpickled."""

import copy
import dataclasses
import math
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


def test_epochs_are_steps_with_the_rate_asked_for():
    """Two epochs by hand, their pictures replaced in between, with another loss and an optimiser that remembers."""
    generator = torch.Generator().manual_seed(0)
    x, y, later = (torch.randn(7, n, generator=generator) for n in (3, 2, 3))
    ours, theirs = (nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    seen, optimiser = x.clone(), torch.optim.Adam(ours.parameters(), 123.0)
    said, loss = [], nn.functional.mse_loss
    batches = [[[0, 1, 2], [3, 4], [5, 6]], [[6, 5, 4], [3, 2], [1, 0]]]
    drawn = iter(batches)
    for epoch in training.epochs(
        ours, seen, y, optimiser,
        count=2, batches=lambda: next(drawn), every=2, rate=lambda i, n: 0.1 * (n - i), loss=loss,
    ):  # fmt: skip
        said.append(epoch)
        ours.eval()  # whoever looks at it in between does not change how it learns
        if epoch.number == 1:
            seen[:] = later
    optimiser, losses = torch.optim.Adam(theirs.parameters()), []
    for i, (images, some) in enumerate(
        (images, some) for images, e in zip((x, later), batches, strict=True) for some in e
    ):
        training.set_rate(optimiser, 0.1 * (6 - i))
        losses.append(training.step(theirs, optimiser, images[some], y[some], loss).item())
    assert [e.number for e in said] == pytest.approx([2 / 3, 1, 5 / 3, 2])
    assert [e.loss for e in said] == pytest.approx(
        [np.mean(losses[:2]), losses[2], np.mean(losses[3:5]), losses[5]], rel=1e-6
    )
    for name, array in ours.state_dict().items():
        assert torch.equal(array, theirs.state_dict()[name])


@pytest.mark.parametrize(("every", "said"), [(0, [6]), (1, [1, 2, 3, 4, 5, 6]), (1.5, [2, 3, 5, 6]), (4, [4, 6])])
def test_epochs_say_how_it_goes_as_often_as_asked(every: float, said: list[int]):
    net = nn.Linear(1, 2)
    numbers = training.epochs(
        net, torch.ones(6, 1), torch.zeros(6, dtype=int), torch.optim.SGD(net.parameters()),
        count=2, batches=lambda: torch.arange(6).split(1), every=every,
    )  # fmt: skip
    assert [epoch.number for epoch in numbers] == [e + i / 6 for e in range(2) for i in said]


def test_a_step_is_taken_in_training_mode_and_gives_the_loss_before_it():
    net = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5)).eval()
    x, labels, optimiser = torch.ones(6, 4), torch.arange(6) % 3, torch.optim.SGD(net.parameters(), 0.5)
    torch.manual_seed(0)
    found = training.step(net, optimiser, x, labels)
    assert net.training
    assert not found.requires_grad
    torch.manual_seed(0)
    assert training.step(net, optimiser, x, labels) < found


def test_shuffled_batches_hold_every_picture_once():
    batches = training.shuffled(10, 4, torch.Generator().manual_seed(0))
    assert [len(some) for some in batches] == [4, 3, 3]
    assert sorted(torch.cat(list(batches)).tolist()) == list(range(10))
    torch.manual_seed(0)
    assert all(torch.equal(a, b) for a, b in zip(batches, training.shuffled(10, 4), strict=True))


def test_errors_and_accuracy_are_counted_in_evaluation_mode():
    net = nn.Sequential(nn.Identity(), nn.Dropout(0.9))
    logits = np.array([[3.0, 1.0], [0.0, 1.0], [2.0, 1.0], [np.nan, 1.0], [np.inf, 1.0]])
    labels = np.array([0, 1, 1, 0, 0])
    for batch in (1, 2, 1000):
        assert training.accuracy(net.train(), logits, labels, batch=batch) == 0.4
        assert training.error(net.train(), torch.tensor(logits), torch.tensor(labels), batch=batch) == 0.6
    assert not net.training
    assert training.error(lambda x: -x, logits[:3], labels[:3]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(("init", "variance"), [("he", 2 / 300), ("xavier", 2 / 1200)])
def test_weights_are_drawn_anew_and_nothing_else_is(init: str, variance: float):
    def build(*between):
        return nn.Sequential(nn.Conv2d(3, 5, 3), *between, nn.Flatten(), nn.Linear(300, 900, bias=False))

    nets = build(), build(nn.BatchNorm2d(5), nn.ReLU())
    nets[1][1].weight.data.fill_(7)
    for net in nets:
        training.draw_weights(net, torch.Generator().manual_seed(1), init)
        assert not net[0].bias.any()
        assert net[-1].weight.var().item() == pytest.approx(variance, rel=0.02)
    for i in (0, -1):
        assert torch.equal(nets[0][i].weight, nets[1][i].weight)
    assert nets[1][1].weight.tolist() == [7] * 5
    with pytest.raises(ValueError, match="init must be one of 'he', 'xavier', got 'lecun'"):
        training.draw_weights(nets[0], torch.Generator(), "lecun")


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


def around(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 2, 3), *layers)


def loaded_as_saved(model: nn.Module, path) -> dict[str, torch.Tensor]:
    """The state of a model like `model` that has loaded what `model` has saved; what it holds before is another."""
    save_weights(model, path)
    other = copy.deepcopy(model)
    for tensor in other.state_dict().values():
        tensor.zero_()
    load_weights(other, path)
    return other.state_dict()


FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.float8_e4m3fn, torch.float8_e5m2]
OTHERS = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.uint16, torch.int32, torch.int64]


@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
@pytest.mark.parametrize("dtype", [*FLOATS, *OTHERS, torch.complex32, torch.complex64, torch.complex128], ids=str)
def test_weights_of_every_dtype_come_back_to_the_last_bit(dtype, tmp_path):
    model = around()
    bits = torch.arange(2 * 3 * 16 * dtype.itemsize, dtype=torch.uint8) % 120  # no NaN, whose bits may change
    values = (bits % 2 if dtype == torch.bool else bits).view(dtype).reshape(-1, 3)
    model.register_buffer("kept", values)
    model.register_buffer("turned", values.T)
    model.register_buffer("special", torch.tensor([math.nan, math.inf, -0.0]).to(torch.bfloat16))
    found = loaded_as_saved(model, tmp_path / "net.npz")
    for name, tensor in model.state_dict().items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name].contiguous().view(torch.uint8), tensor.contiguous().view(torch.uint8))


def test_a_conjugate_view_is_written_as_what_it_shows(tmp_path):
    model = around()
    model.register_buffer("turned", torch.tensor([1 + 2j, 3 - 4j]).conj())
    assert loaded_as_saved(model, tmp_path / "net.npz")["turned"].tolist() == [1 - 2j, 3 + 4j]


class Remembers(nn.Linear):
    def __init__(self, extra):
        super().__init__(2, 2)
        self.extra = extra

    def get_extra_state(self):
        return self.extra

    def set_extra_state(self, state):
        self.extra = state


def quantised() -> torch.Tensor:
    return torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8)


def test_extra_state_is_stored_if_it_is_a_tensor(tmp_path):
    model, other = (around(Remembers(torch.tensor(epoch))) for epoch in (3, 4))
    save_weights(model, tmp_path / "net.npz")
    load_weights(other, tmp_path / "net.npz")
    assert other[1].extra.tolist() == 3


UNFIT = {
    "extra state": (lambda: around(Remembers({"epoch": 3})), r"1._extra_state of the model .* got \{'epoch': 3\}"),
    "no extra state": (lambda: around(Remembers(None)), r"1._extra_state of the model .* got None"),
    "lazy": (lambda: around(nn.LazyLinear(2)), r"1.weight of the model .* got <UninitializedParameter>"),
    "meta": (lambda: around(nn.Linear(2, 2, device="meta")), r"1.weight of the model .* device='meta'"),
    "sparse": (lambda: buffered(torch.eye(2).to_sparse()), r"kept of the model .* got tensor\(indices="),
    "quantised": (lambda: buffered(quantised()), r"kept of the model .* got tensor\(.*quant"),
}


def buffered(tensor: torch.Tensor) -> nn.Module:
    model = around()
    model.register_buffer("kept", tensor)
    return model


@pytest.mark.filterwarnings("ignore")  # torch's, about lazy layers and quantisation
@pytest.mark.parametrize("kind", UNFIT)
def test_state_that_an_array_cannot_hold_is_refused_by_name(kind, tmp_path):
    path, (make, sentence) = tmp_path / "net.npz", UNFIT[kind]
    save_weights(around(), path)
    kept, model = path.read_bytes(), make()
    before = model[0].weight.detach().clone()
    with pytest.raises(ValueError, match=f"^{sentence}"):
        save_weights(model, path)
    assert path.read_bytes() == kept
    assert [file.name for file in tmp_path.iterdir()] == ["net.npz"]
    with pytest.raises(ValueError, match=f"^{sentence}"):
        load_weights(model, path)
    assert torch.equal(model[0].weight, before)


LOST = {  # dtype of the model, what the file holds instead, the sentence
    "complex": (torch.float32, np.full(2, 1 + 2j), "torch.float32, got an array of complex128"),
    "complex without an imaginary part": (torch.float64, np.ones(2, "c8"), "torch.float64, got an array of complex64"),
    "floats for integers": (torch.int64, np.full(2, 1.0), "torch.int64, got an array of float64"),
    "NaN for integers": (torch.int32, np.full(2, np.nan), "torch.int32, got an array of float64"),
    "numbers for booleans": (torch.bool, np.array([0, 2]), "torch.bool, got an array of int64"),
    "too large for float32": (torch.float32, np.array([1, -1e39]), r"torch.float32, got -1e\+39"),
    "too large for float16": (torch.float16, np.array([1, 70_000]), "torch.float16, got 70000"),
    "too large for bfloat16": (torch.bfloat16, np.array([1, 1e39]), r"torch.bfloat16, got 1e\+39"),
    "too large for complex64": (torch.complex64, np.array([1, 1e39j]), r"torch.complex64, got 1e\+39j"),
    "too large for int8": (torch.int8, np.array([1, 200]), "torch.int8, got 200"),
    "too large for int64": (torch.int64, np.array([1, 2**63], np.uint64), "torch.int64, got 9223372036854775808"),
    "negative": (torch.uint8, np.array([1, -1]), "torch.uint8, got -1"),
}


@pytest.mark.parametrize("kind", LOST)
def test_numbers_that_the_model_cannot_hold_are_refused_by_name(kind, tmp_path):
    path, (dtype, array, sentence) = tmp_path / "net.npz", LOST[kind]
    model = buffered(torch.ones(2).to(dtype))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    np.savez(path, **{name: tensor.numpy() + 1 for name, tensor in around().state_dict().items()}, kept=array)
    with np.errstate(all="raise"), pytest.raises(ValueError, match=f"^kept must hold numbers that fit into {sentence}"):
        load_weights(model, path)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize("kind", [">f4", ">f8", "f2", "i4", "?"])
def test_other_floats_and_whole_numbers_are_rounded_to_the_models_dtype(kind, tmp_path):
    model, array = buffered(torch.zeros(3).bfloat16()), np.array([0, 1, 257]).astype(kind)
    np.savez(tmp_path / "net.npz", **{name: t.numpy() for name, t in around().state_dict().items()}, kept=array)
    load_weights(model, tmp_path / "net.npz")
    assert model.kept.tolist() == ([0, 1, 1] if kind == "?" else [0, 1, 256])  # bfloat16 has eight bits


NOT_WEIGHTS = {
    "text": np.array(["a", "b"]),
    "bytes": np.array([b"a", b"b"]),
    "dates": np.zeros(2, "M8[s]"),
    "records": np.zeros(2, [("a", "f4")]),
}


@pytest.mark.parametrize("kind", NOT_WEIGHTS)
def test_a_file_of_anything_but_numbers_is_refused_by_name(kind, tmp_path):
    path, model = tmp_path / "net.npz", around()
    np.savez(path, **({name: t.numpy() for name, t in model.state_dict().items()} | {"0.bias": NOT_WEIGHTS[kind]}))
    with pytest.raises(ValueError, match=r"^0.bias must hold real or complex numbers .* got an array of .*net.npz$"):
        load_weights(model, path)


def test_the_names_that_data_parallel_gives_are_another_models(tmp_path):
    save_weights(nn.DataParallel(around()), tmp_path / "net.npz")
    with pytest.raises(ValueError, match=r"must hold 0.weight, 0.bias, got module.0.weight, module.0.bias"):
        load_weights(around(), tmp_path / "net.npz")


def saved_names(model: nn.Module, path) -> list[str]:
    save_weights(model, path)
    with np.load(path) as arrays:
        return arrays.files


def test_a_counter_of_batches_is_kept_where_something_depends_on_it(tmp_path):
    """Without a momentum, batch norm's running statistics are the mean over all batches so far."""
    path, x = tmp_path / "net.npz", torch.arange(12.0).reshape(4, 3)
    assert saved_names(nn.BatchNorm1d(3), path) == ["weight", "bias", "running_mean", "running_var"]
    model = nn.Sequential(nn.BatchNorm1d(3, momentum=None))
    model(x), model(x + 1)
    other = nn.Sequential(nn.BatchNorm1d(3, momentum=None))
    assert "0.num_batches_tracked" in saved_names(model, path)
    load_weights(other, path)
    model(x + 5), other(x + 5)
    torch.testing.assert_close(other[0].running_mean, model[0].running_mean)
    torch.testing.assert_close(other[0].running_mean, (x + 2).mean(0))


def test_what_only_sounds_like_a_counter_is_kept(tmp_path):
    norm, path = nn.BatchNorm1d(3), tmp_path / "net.npz"
    model = nn.ModuleDict({"a": norm, "b": norm})
    model.register_buffer("num_batches_tracked", torch.tensor(7))
    state = [name for name in model.state_dict() if not name.endswith(".num_batches_tracked")]
    assert saved_names(model, path) == state
    assert loaded_as_saved(model, path)["num_batches_tracked"] == 7
    np.savez(path, **{name: tensor.numpy() + 1 for name, tensor in model.state_dict().items()})  # all of them
    load_weights(model, path)
    assert norm.num_batches_tracked == 1


def test_only_a_torch_module_has_weights(tmp_path):
    save_weights(around(), tmp_path / "net.npz")
    for model in (network.digits_cnn(np.random.default_rng(0)), around().state_dict(), None):
        with pytest.raises(ValueError, match=r"model must be a torch.nn.Module, got "):
            save_weights(model, tmp_path / "other.npz")
        with pytest.raises(ValueError, match=r"model must be a torch.nn.Module, got "):
            load_weights(model, tmp_path / "net.npz")
