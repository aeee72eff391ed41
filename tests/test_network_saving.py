"""Weights come back from a file as they were; a file with anything else in it is refused and never run."""

import os
import pickle

import numpy as np
import pytest

from cnnkit.network import Activation, BatchNorm2d, Conv2d, Flatten, Linear, Network, load_weights, save_weights, sgd
from cnnkit.network.saving import write_arrays


def cnn(seed: int, channels: int = 3, dtype=np.float64) -> Network:
    conv, norm, dense = Conv2d(1, channels, 3), BatchNorm2d(channels), Linear(36 * channels, 4)
    rng = np.random.default_rng(seed)
    return Network([conv, norm, Activation("relu"), Flatten(), dense], rng=rng, dtype=dtype)


def trained(seed: int = 0) -> tuple[Network, np.ndarray]:
    net, x = cnn(seed), np.random.default_rng(9).standard_normal((5, 1, 8, 8))
    net.backward(net.forward(x, training=True))
    sgd(net, 0.1, momentum=0.9)
    return net, x


def test_a_loaded_network_is_the_saved_one_to_the_last_bit(tmp_path):
    net, x = trained()
    save_weights(net, tmp_path / "net.npz")
    other = cnn(seed=1)
    assert not np.array_equal(other.forward(x), net.forward(x))
    load_weights(other, str(tmp_path / "net.npz"))
    assert np.array_equal(other.forward(x), net.forward(x))
    assert list(other.state_dict()) == [
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "4.weight", "4.bias",
    ]  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["net.npz"]


def test_the_network_keeps_its_own_precision():
    net, other = cnn(0), cnn(1, dtype=np.float32)
    other.load_state_dict(net.state_dict())
    assert {a.dtype for a in other.state_dict().values()} == {np.dtype(np.float32)}


def test_what_was_loaded_is_a_copy():
    net, other = trained()[0], cnn(1)
    other.load_state_dict(net.state_dict())
    other.layers[0].parameters["weight"] += 1
    assert not np.array_equal(other.layers[0].parameters["weight"], net.layers[0].parameters["weight"])


class Harmful:
    """What a pickle can do when it is loaded."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return os.mkdir, (self.trace,)


def object_array(path, harmful):
    np.savez(path, allow_pickle=True, **{"0.weight": np.array([harmful], dtype=object)})


def one_array(path):
    with path.open("wb") as file:
        np.save(file, np.ones(3))


FILES = {
    "pickle": lambda path, harmful: path.write_bytes(pickle.dumps(harmful)),
    "arrays with a pickle inside": object_array,
    "one array": lambda path, harmful: one_array(path),
    "empty": lambda path, harmful: path.write_bytes(b""),
    "text": lambda path, harmful: path.write_text("weights", encoding="utf-8"),
    "no zip": lambda path, harmful: path.write_bytes(b"PK\x03\x04" + bytes(100)),
}


@pytest.mark.parametrize("kind", FILES)
def test_no_other_file_is_loaded_and_none_is_run(kind, tmp_path):
    path, harm = tmp_path / "net.npz", tmp_path / "harm"
    FILES[kind](path, Harmful(harm))
    net, x = trained()
    before = net.forward(x)
    with pytest.raises(ValueError, match=r"net.npz is not a file of arrays \(.npz\), or it is damaged"):
        load_weights(net, path)
    assert not harm.exists()
    assert np.array_equal(net.forward(x), before)


def test_a_file_that_was_cut_short_is_refused(tmp_path):
    path = tmp_path / "net.npz"
    save_weights(trained()[0], path)
    whole = path.read_bytes()
    for length in (10, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="is not a file of arrays"):
            load_weights(cnn(0), path)


@pytest.mark.parametrize("write", [np.savez, np.savez_compressed])
def test_a_file_with_wrong_bytes_is_loaded_whole_or_refused(write, tmp_path):
    """Whatever the bytes make zipfile, zlib or NumPy raise."""
    path, rng = tmp_path / "net.npz", np.random.default_rng(0)
    write(path, **cnn(0).state_dict())
    whole = path.read_bytes()
    ends = [*range(60), *range(len(whole) - 60, len(whole))]
    for place in [*ends, *rng.integers(0, len(whole), 150)]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ rng.integers(1, 256)]) + whole[place + 1 :])
        net = cnn(1)
        before = net.state_dict()
        try:
            load_weights(net, path)
        except ValueError:
            assert all(array is before[name] for name, array in net.state_dict().items())


def test_the_file_holds_the_arrays_and_nothing_else(tmp_path):
    """np.savez before NumPy 2.2 would keep the option allow_pickle as one more array."""
    save_weights(cnn(0), tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz", allow_pickle=False) as arrays:
        assert arrays.files == list(cnn(0).state_dict())
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write_arrays(tmp_path / "other.npz", {"a": np.array([Harmful("b")], dtype=object)})


def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch):
    path, (net, x) = tmp_path / "net.npz", trained()
    save_weights(net, path)

    def interrupted(file, array, **options):
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(np.lib.format, "write_array", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_weights(cnn(5), path)
    monkeypatch.undo()
    other = cnn(1)
    load_weights(other, path)
    assert np.array_equal(other.forward(x), net.forward(x))


def test_weights_of_another_network_are_refused_and_nothing_changes(tmp_path):
    net, other = trained()[0], cnn(0, channels=2)
    before = other.state_dict()
    with pytest.raises(ValueError, match=r"0.weight must have shape \(2, 1, 3, 3\) .* got \(3, 1, 3, 3\)"):
        other.load_state_dict(net.state_dict())
    with pytest.raises(ValueError, match=r"state must hold 0.weight, 0.bias, .* got 0.weight$"):
        other.load_state_dict({"0.weight": np.ones(1)})
    with pytest.raises(ValueError, match=r"1.bias must hold real numbers"):
        other.load_state_dict({**before, "1.bias": ["a", "b"]})
    assert all(np.array_equal(a, before[name]) for name, a in other.state_dict().items())
    with pytest.raises(FileNotFoundError):
        load_weights(net, tmp_path / "missing.npz")
    with pytest.raises(ValueError, match="path must be a file's path, got 3"):
        save_weights(net, 3)
    with pytest.raises(ValueError, match="net must be a Network, got 'net'"):
        save_weights("net", tmp_path / "net.npz")
    with pytest.raises(ValueError, match="state must be what state_dict gives, got None"):
        other.load_state_dict(None)
