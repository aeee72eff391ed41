"""Weights come back from a file as they were; a file with anything else in it is refused and never run."""

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import zipfile

import numpy as np
import pytest

from cnnkit.network import Activation, BatchNorm2d, Conv2d, Flatten, Linear, Network, load_weights, save_weights, sgd
from cnnkit.network.saving import read_arrays, write_arrays


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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
    assert names(tmp_path) == ["net.npz"]


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
    whole, right = path.read_bytes(), cnn(0).state_dict()
    ends = [*range(400), *range(len(whole) - 60, len(whole))]  # the first array's header says its type and its shape
    for place in [*ends, *rng.integers(0, len(whole), 150)]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ rng.integers(1, 256)]) + whole[place + 1 :])
        net = cnn(1)
        before = net.state_dict()
        try:
            load_weights(net, path)
        except ValueError:
            assert all(array is before[name] for name, array in net.state_dict().items())
        else:
            assert all(np.array_equal(array, right[name]) for name, array in net.state_dict().items())


def test_an_array_is_read_to_its_end_and_its_checksum_compared(tmp_path):
    """A header that says float32 where float64 is stored leaves half of the bytes: other numbers, of the same shape."""
    path = tmp_path / "a.npz"
    write_arrays(path, {"a": np.arange(9000.0)})
    whole = path.read_bytes()
    assert whole.count(b"<f8") == 1
    path.write_bytes(whole.replace(b"<f8", b"<f4"))
    with np.load(path) as arrays:
        assert arrays["a"].shape == (9000,)  # NumPy does not notice
    with pytest.raises(ValueError, match="or it is damaged: nothing was loaded"):
        read_arrays(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a.npy", "a", "b.txt"])
def test_no_member_hides_another_and_none_is_anything_else(second, tmp_path):
    path = tmp_path / "a.npz"
    write_arrays(path, {"a": np.ones(3)})
    with zipfile.ZipFile(path) as file:
        content = file.read("a.npy")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(second, content)
    with pytest.raises(ValueError, match="is not a file of arrays"):
        read_arrays(path)


def test_names_that_end_like_a_members_come_back(tmp_path):
    arrays = {"a": np.zeros(1), "a.npy": np.ones(1), "b.npy.npy": np.full(1, 2.0)}
    write_arrays(tmp_path / "a.npz", arrays)
    assert read_arrays(tmp_path / "a.npz") == arrays


def test_the_file_holds_the_arrays_and_nothing_else(tmp_path):
    """np.savez before NumPy 2.2 would keep the option allow_pickle as one more array."""
    save_weights(cnn(0), tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz", allow_pickle=False) as arrays:
        assert arrays.files == list(cnn(0).state_dict())


KINDS = ["?", *"bhiqBHIQ", *"efdFD", ">i4", ">f2", ">f4", ">f8", ">c8", ">c16", "<u2", ">u2"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("write", [write_arrays, lambda path, arrays: np.savez(path, **arrays)])
def test_numbers_of_every_kind_come_back_to_the_last_bit_in_the_machines_byte_order(write, kind, tmp_path):
    values = [[0, 1, 0], [1, 1, 0]] if kind == "?" else [[0, 1, 100], [7, 3, 5]]
    special = [[np.nan, np.inf, -0.0], [1 / 3, -np.inf, 5e-8]] if np.dtype(kind).kind in "fc" else values
    arrays = {"a": np.array(special, kind), "one": np.array(1, kind), "none": np.zeros((0, 3), kind)}
    arrays |= {"turned": arrays["a"].T, "every second": arrays["a"][:, ::2]}
    write(tmp_path / "a.npz", arrays)
    found = read_arrays(tmp_path / "a.npz")
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == np.dtype(kind).newbyteorder("=")
        assert found[name].dtype.isnative
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.astype(found[name].dtype).tobytes()


OTHERS = {
    "text": np.array(["a", "b"]),
    "bytes": np.array([b"a", b"b"]),
    "dates": np.array(["2026-01-01", "2026-01-02"], "M8[s]"),
    "spans of time": np.array([1, 2], "m8[s]"),
    "objects": np.array([Harmful("b"), 2.0], dtype=object),
    "records": np.zeros(2, [("a", "f4")]),
    "records of objects": np.zeros(2, [("a", "O")]),
    "raw bytes": np.zeros(2, "V2"),
}
if np.dtype(np.longdouble) != np.float64:
    OTHERS |= {"long double": np.ones(2, np.longdouble), "complex long double": np.ones(2, np.clongdouble)}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_number_is_refused_by_name_in_both_directions(kind, tmp_path):
    path, (net, x) = tmp_path / "net.npz", trained()
    save_weights(net, path)
    before, kept = net.forward(x), path.read_bytes()
    with pytest.raises(ValueError, match=r"^1.b must hold real or complex numbers of at most 64 bits, got an array"):
        write_arrays(path, {"1.a": np.ones(2), "1.b": OTHERS[kind]})
    assert path.read_bytes() == kept
    right = net.layers[1].parameters["bias"]
    if kind != "long double":  # a network computes with it as float64, and that is stored
        net.layers[1].parameters["bias"] = OTHERS[kind]
        with pytest.raises(ValueError, match=r"^1.bias must hold real numbers"):
            save_weights(net, path)
    assert path.read_bytes() == kept
    assert names(tmp_path) == ["net.npz"]

    net.layers[1].parameters["bias"] = right
    np.savez(path, **(net.state_dict() | {"1.bias": OTHERS[kind]}))
    sentence = "is not a file of arrays" if "objects" in kind else r"^1.bias must hold real or complex numb.*net.npz$"
    with pytest.raises(ValueError, match=sentence):
        load_weights(net, path)
    assert np.array_equal(net.forward(x), before)


def test_a_network_takes_other_floats_and_whole_numbers_but_nothing_that_becomes_infinite(tmp_path):
    path, net, half = tmp_path / "net.npz", cnn(0), cnn(1, dtype=np.float16)
    for kind in (">f8", ">f4", "i1", "?"):
        np.savez(path, **{name: array.astype(kind) for name, array in net.state_dict().items()})
        load_weights(half, path)
        for name, array in half.state_dict().items():
            assert np.array_equal(array, net.state_dict()[name].astype(kind).astype(np.float16))
    before = half.state_dict()
    for kind, value in (("f8", -1e5), ("i4", 70_000)):
        other = {name: array.astype(kind) for name, array in net.state_dict().items()}
        other["4.bias"][2] = value
        np.savez(path, **other)
        with np.errstate(all="raise"), pytest.raises(ValueError, match=rf"4.bias must .* float16, got {int(value)}"):
            load_weights(half, path)
        assert all(array is before[name] for name, array in half.state_dict().items())
    np.savez(path, **(net.state_dict() | {"1.bias": np.ones(3, complex)}))
    with pytest.raises(ValueError, match=r"1.bias must hold real numbers, got an array of complex128"):
        load_weights(half, path)


def test_a_network_that_has_diverged_comes_back_as_it_is(tmp_path):
    """NaN and inf are what was learnt: the file is neither damaged nor another network's."""
    path, net, half = tmp_path / "net.npz", cnn(0), cnn(1, dtype=np.float16)
    net.layers[4].parameters["bias"] = np.array([np.nan, np.inf, -np.inf, 1e-300])
    save_weights(net, path)
    with np.errstate(all="raise"):
        load_weights(half, path)
    np.testing.assert_array_equal(half.layers[4].parameters["bias"], [np.nan, np.inf, -np.inf, 0])


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
    assert names(tmp_path) == ["net.npz"]


def of_one_number(number: int) -> dict[str, np.ndarray]:
    """So many that a write is often interrupted by another process; of another length for another number."""
    return {f"{n}.weight": np.full(3000 * (number + 1), number, np.float32) for n in range(8)}


def write_often(path, number: int) -> None:
    for _ in range(60):
        write_arrays(path, of_one_number(number))


def killed_while_writing(path) -> None:
    def half(file, array, **options):
        file.write(array.tobytes()[:100])
        os.kill(os.getpid(), signal.SIGKILL)

    np.lib.format.write_array = half
    write_arrays(path, of_one_number(2))


def numbers_found(path) -> set[float]:
    return set(np.concatenate(list(read_arrays(path).values())).tolist())


@pytest.mark.parametrize("kind", [threading.Thread, multiprocessing.get_context("spawn").Process])
def test_of_two_that_write_at_once_a_reader_always_sees_one_whole_file(kind, tmp_path):
    path = tmp_path / "net.npz"
    write_arrays(path, of_one_number(0))
    writers = [kind(target=write_often, args=(path, number)) for number in (0, 1)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert numbers_found(path) in ({0.0}, {1.0})
    for writer in writers:
        writer.join()
    assert [getattr(writer, "exitcode", 0) for writer in writers] == [0, 0]
    assert names(tmp_path) == ["net.npz"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_writer_leaves_the_old_file_and_is_in_nobodys_way(tmp_path):
    path = tmp_path / "net.npz"
    write_arrays(path, of_one_number(0))
    writer = multiprocessing.get_context("spawn").Process(target=killed_while_writing, args=(path,))
    writer.start()
    writer.join()
    assert writer.exitcode == -signal.SIGKILL
    assert numbers_found(path) == {0.0}
    left = [name for name in names(tmp_path) if name != path.name]
    assert [name[:8] + name[-5:] for name in left] == ["net.npz..part"]
    write_arrays(path, of_one_number(1))
    assert numbers_found(path) == {1.0}


def test_the_content_is_on_the_disk_before_it_has_the_name(tmp_path, monkeypatch):
    path, synced = tmp_path / "net.npz", []
    write_arrays(path, of_one_number(0))
    monkeypatch.setattr(os, "fsync", lambda file: synced.append((os.fstat(file).st_size, numbers_found(path))))
    write_arrays(path, of_one_number(1))
    assert synced == [(path.stat().st_size, {0.0})]


@pytest.mark.skipif(sys.platform == "win32", reason="no modes")
def test_the_file_has_the_rights_that_any_new_file_has_and_a_name_as_long_as_any(tmp_path):
    path, other = tmp_path / ("ü" * 125 + ".npz"), tmp_path / "other"  # 254 bytes
    write_arrays(path, {"a": np.ones(1)})
    other.touch()
    assert path.stat().st_mode == other.stat().st_mode
    with pytest.raises(OSError, match="directory"):
        write_arrays(tmp_path, {"a": np.ones(1)})
    assert names(tmp_path.parent).count(tmp_path.name) == 1
    assert not [name for name in names(tmp_path.parent) if name.endswith(".part")]


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
