"""MNIST, Fashion-MNIST and CIFAR-10: downloaded from a small server on the loopback address, and the real MNIST."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import pickle
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnkit.data import (
    DataError,
    cifar10,
    data_folder,
    downloaded,
    fashion_mnist,
    fetch,
    import_torchvision,
    load,
    mnist,
)
from cnnkit.data.idx import UNPACKED, IdxFile
from tests.server import Server, answering

REPOSITORY = Path(__file__).parents[1]
TINY = {"train": (2, 3, 1, 2, 2, 2, 2, 2, 2, 2), "test": (1, 1, 1, 1, 1, 1, 1, 1, 1, 2)}


@pytest.fixture(autouse=True)
def _nothing_outside(monkeypatch):
    monkeypatch.delenv("CNNKIT_DATA", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(fetch, "TIMEOUT", 5)


def tiny(split: str, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """A few pictures of noise whose labels occur as often as TINY says."""
    labels = np.repeat(np.arange(10), TINY[split])
    rng = np.random.default_rng(len(labels))
    return rng.integers(0, 256, (len(labels), *shape), dtype=np.uint8), rng.permutation(labels).astype(np.uint8)


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">{1 + array.ndim}i", 0x800 + array.ndim, *array.shape) + array.tobytes()


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


@pytest.fixture
def mnist_server(monkeypatch):
    """A server with a tiny MNIST, and torchvision told that it is the place to look."""
    files = {}
    for split, prefix in (("train", "train"), ("test", "t10k")):
        images, labels = tiny(split, (28, 28))
        files[f"{prefix}-images-idx3-ubyte.gz"] = gzip.compress(idx(images), mtime=0)
        files[f"{prefix}-labels-idx1-ubyte.gz"] = gzip.compress(idx(labels), mtime=0)
    with Server(files) as server:
        for name in ("MNIST", "FashionMNIST"):
            kind = getattr(import_torchvision().datasets, name)
            monkeypatch.setattr(kind, "mirrors", [server.url])
            monkeypatch.setattr(kind, "resources", [(file, md5(content)) for file, content in files.items()])
            for file, content in files.items():
                monkeypatch.setitem(UNPACKED, (name, file.removesuffix(".gz")), (md5(gzip.decompress(content)),))
        for name in ("mnist", "fashion_mnist"):
            monkeypatch.setitem(downloaded.SOURCES[name].counts, "train", TINY["train"])
            monkeypatch.setitem(downloaded.SOURCES[name].counts, "test", TINY["test"])
        yield server


@pytest.fixture
def cifar_server(monkeypatch):
    """A server with a tiny CIFAR-10, pickled as the published one is: by an old Python and an old numpy."""
    members, lists = {}, {}
    for split, names in (("train", ["data_batch_1"]), ("test", ["test_batch"])):
        images, labels = tiny(split, (3, 32, 32))
        batch = {"data": images.reshape(len(images), -1), "labels": labels.tolist()}
        pickled = pickle.dumps(batch, protocol=2)
        for new, old in (b"\x89\x88\x87", b"K\x00K\x01\x87"), (b"numpy._core.multiarray", b"numpy.core.multiarray"):
            assert new in pickled
            pickled = pickled.replace(new, old)  # dtype("u1", 0, 1), not (…, False, True); the module's old name
        members[names[0]] = pickled
        lists[split] = [[names[0], md5(members[names[0]])]]
    classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    members["batches.meta"] = pickle.dumps({"label_names": classes}, protocol=2)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    with Server({"cifar-10-python.tar.gz": packed.getvalue()}) as server:
        kind = import_torchvision().datasets.CIFAR10
        monkeypatch.setattr(kind, "url", server.url + "cifar-10-python.tar.gz")
        monkeypatch.setattr(kind, "tgz_md5", md5(packed.getvalue()))
        monkeypatch.setattr(kind, "train_list", lists["train"])
        monkeypatch.setattr(kind, "test_list", lists["test"])
        monkeypatch.setattr(kind, "meta", kind.meta | {"md5": md5(members["batches.meta"])})
        monkeypatch.setitem(downloaded.SOURCES["cifar10"].counts, "train", TINY["train"])
        monkeypatch.setitem(downloaded.SOURCES["cifar10"].counts, "test", TINY["test"])
        yield server


def raw(folder: Path, name: str = "train-images-idx3-ubyte") -> Path:
    return folder / "MNIST" / "raw" / name


# ---- the ordinary way ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_a_full_download_arrives_once_with_progress(mnist_server, tmp_path, name, capsys):
    train = load(name, "train", root=tmp_path)
    images, labels = tiny("train", (28, 28))
    assert np.array_equal(train.images, (images[:, None] / np.float32(255)).astype(np.float32))
    assert np.array_equal(train.labels, labels)
    assert train.classes[0] == {"mnist": "0", "fashion_mnist": "T-shirt/top"}[name]
    assert "train-images-idx3-ubyte.gz: 0.0 of 0.0 MB\n" in capsys.readouterr().out
    assert len(mnist_server.requests) == 4
    test, everything = (load(name, split, root=tmp_path, dtype="uint8") for split in ("test", "all"))
    assert len(mnist_server.requests) == 4, "the second and third time nothing is asked for"
    assert capsys.readouterr().out == ""
    assert (len(train), len(test), len(everything)) == (20, 11, 31)
    assert np.array_equal(everything.images[20:], test.images)
    assert not list(tmp_path.rglob("*.part"))


def test_cifar_arrives_with_channels_first(cifar_server, tmp_path):
    train, test = cifar10(root=tmp_path, dtype="uint8"), cifar10("test", root=tmp_path, n=3)
    images, labels = tiny("train", (3, 32, 32))
    assert np.array_equal(train.images, images)
    assert np.array_equal(train.labels, labels)
    assert train.images.flags.c_contiguous
    assert (train.classes[3], test.images.shape, len(train.mean)) == ("cat", (3, 3, 32, 32), 3)
    assert len(cifar_server.requests) == 1


def test_the_environment_names_the_folder(mnist_server, tmp_path, monkeypatch):
    assert data_folder() == Path.home() / ".cache" / "cnnkit"
    monkeypatch.setenv("CNNKIT_DATA", str(tmp_path / "chosen"))
    assert data_folder() == tmp_path / "chosen"
    assert data_folder(tmp_path) == tmp_path
    mnist("test")
    assert raw(tmp_path / "chosen").is_file()


# ---- what goes wrong on the way -----------------------------------------------------------------------------------


def test_a_broken_connection_is_continued_by_running_again(cifar_server, tmp_path):
    name, content = next(iter(cifar_server.files.items()))
    cifar_server.cut[name] = 10_000
    with pytest.raises(DataError, match=rf"connection closed after 10,000 of {len(content):,} bytes.*continues where"):
        cifar10(root=tmp_path)
    assert not (tmp_path / name).exists()
    assert len(cifar10(root=tmp_path)) == 20
    assert cifar_server.requests == [(name, 0), (name, 10_000)]


def test_a_server_that_cannot_continue_sends_everything_again(cifar_server, tmp_path):
    name = next(iter(cifar_server.files))
    cifar_server.cut[name], cifar_server.ranges = 10_000, False
    with pytest.raises(DataError, match="connection closed"):
        cifar10(root=tmp_path)
    assert len(cifar10(root=tmp_path)) == 20
    assert cifar_server.requests == [(name, 0), (name, 0)]


@pytest.mark.parametrize("left", ["a wrong beginning", "too much", "torchvision's half"])
def test_what_an_earlier_attempt_left_is_continued_or_replaced(cifar_server, tmp_path, left):
    name, content = next(iter(cifar_server.files.items()))
    if left == "torchvision's half":
        (tmp_path / name).write_bytes(content[:5000])
    else:
        (tmp_path / f"{name}.part").write_bytes({"a wrong beginning": b"x" * 5000, "too much": content + b"x"}[left])
    assert len(cifar10(root=tmp_path)) == 20
    starts = [start for _, start in cifar_server.requests]
    assert starts == {"a wrong beginning": [5000, 0], "too much": [len(content) + 1, 0]}.get(left, [5000])


def test_an_altered_archive_is_refused_and_not_kept(mnist_server, tmp_path):
    name = "t10k-images-idx3-ubyte.gz"
    good = mnist_server.files[name]
    mnist_server.files[name] = good[:100] + bytes([good[100] ^ 1]) + good[101:]
    with pytest.raises(DataError, match=r"t10k-images.*127.0.0.1:.*: what arrived is not the published file"):
        mnist("test", root=tmp_path)
    assert not list(tmp_path.rglob("t10k-images*"))
    mnist_server.files[name] = good
    assert len(mnist("test", root=tmp_path)) == 11
    assert [file for file, _ in mnist_server.requests].count("train-images-idx3-ubyte.gz") == 1


def test_the_second_mirror_is_asked_when_the_first_fails(mnist_server, tmp_path, monkeypatch):
    kind = import_torchvision().datasets.MNIST
    monkeypatch.setattr(kind, "mirrors", [mnist_server.url + "nowhere/", mnist_server.url])
    assert len(mnist(root=tmp_path)) == 20


OK = b"HTTP/1.1 200 OK\r\n"
FOUND = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"
NONSENSE = {
    "length abc": OK + b"Content-Length: abc\r\n\r\nx",
    "length below 0": OK + b"Content-Length: -5\r\n\r\nx",
    "length of 5,000 digits": OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nx",
    "length of a million gigabytes": OK + b"Content-Length: 1" + b"0" * 15 + b"\r\n\r\nx",
    "chunk of length abc": OK + b"Transfer-Encoding: chunked\r\n\r\nabc!\r\nx",
    "chunk below 0": OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nx",
    "redirect to half an address": FOUND + b"Location: http://[::bad/\r\n\r\n",
    "redirect to an empty label": FOUND + b"Location: http://a..b/\r\n\r\n",
    "redirect to no port": FOUND + b"Location: http://127.0.0.1:port/\r\n\r\n",
    "redirect to letters beyond ASCII": FOUND + "Location: http://127.0.0.1/ü\r\n\r\n".encode(),
    "redirect to itself": FOUND + b"Location: /\r\n\r\n",
    "redirect to a file": FOUND + b"Location: file:///etc/hostname\r\n\r\n",
    "redirect to nowhere": FOUND + b"\r\n",
    "status abc": b"HTTP/1.1 abc OK\r\n\r\n",
    "status of lines": b"HTTP/1.1 500 " + b"so sorry " * 900 + b"\r\n\r\n",
    "a header without end": OK + b"X: y\r\n" * 200 + b"\r\n",
    "no HTTP": b"220 ready\r\n",
    "nothing": b"",
    "a page": OK + b"\r\n<html>log in</html>",
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_from_a_server_is_one_sentence_and_the_next_is_asked(mnist_server, tmp_path, monkeypatch, answer):
    kind = import_torchvision().datasets.MNIST
    with answering(answer) as url:
        monkeypatch.setattr(kind, "mirrors", [url])
        with pytest.raises(DataError, match=rf"cannot be downloaded \({url[7:-1]}: .+\)") as one:
            mnist(root=tmp_path / "alone")
        assert "\n" not in str(one.value)
        assert len(str(one.value)) < 1000
        assert not list(tmp_path.rglob("*-ubyte"))
        monkeypatch.setattr(kind, "mirrors", [url, mnist_server.url])
        for root in ("alone", "both"):  # where the first attempt left something, and where it did not
            assert len(mnist(root=tmp_path / root)) == 20


def test_a_server_that_never_stops_is_stopped(mnist_server, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "LARGEST", 100_000)
    kind = import_torchvision().datasets.MNIST
    with answering(OK + b"\r\n" + bytes(1 << 16), times=1000) as url:
        monkeypatch.setattr(kind, "mirrors", [url])
        with pytest.raises(DataError, match="more than 100,000 bytes arrived"):
            mnist(root=tmp_path)
    assert not list(tmp_path.rglob("*.part"))


def test_a_right_file_with_a_wrong_length_is_right(mnist_server, tmp_path):
    files = dict(mnist_server.files)
    assert len(mnist(root=tmp_path / "as published")) == 20
    with pytest.MonkeyPatch.context() as patch:
        content = files["train-images-idx3-ubyte.gz"]
        kind = import_torchvision().datasets.MNIST
        with answering(OK + b"Content-Length: 999999\r\n\r\n" + content) as url:
            patch.setattr(kind, "mirrors", [url, mnist_server.url])
            assert len(mnist(root=tmp_path / "announced")) == 20
    asked = [name for name, _ in mnist_server.requests[4:]]
    assert "train-images-idx3-ubyte.gz" not in asked


def test_offline_is_one_sentence_with_what_works_instead(tmp_path, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    kinds = import_torchvision().datasets
    monkeypatch.setattr(kinds.MNIST, "mirrors", [f"http://127.0.0.1:{port}/"])
    monkeypatch.setattr(kinds.CIFAR10, "url", f"http://127.0.0.1:{port}/cifar.tar.gz")
    with pytest.raises(
        DataError, match=r"mnist is not ready in .* cannot be downloaded .*refused.*load\('digits'\)"
    ) as one:
        mnist(root=tmp_path)
    assert "\n" not in str(one.value)
    assert one.value.__suppress_context__, "no chain of tracebacks"
    with pytest.raises(DataError, match=r"cifar10 is not ready in .*load\('shapes'\) works offline"):
        cifar10(root=tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(DataError, match=r"mnist is not ready in .*file .*cannot be downloaded"):
        mnist(root=tmp_path / "file")


def test_a_silent_server_does_not_hold_one_up_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        kind = import_torchvision().datasets.MNIST
        monkeypatch.setattr(kind, "mirrors", [f"http://127.0.0.1:{silent.getsockname()[1]}/"])
        with pytest.raises(DataError, match="timed out"):
            mnist(root=tmp_path)


# ---- what is wrong with a file that is already there --------------------------------------------------------------


HARMS = ["cut short", "a byte altered", "wrong header", "empty", "too long", "reversed", "halves swapped"]


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"])
def test_a_damaged_file_is_mended_from_its_archive_without_the_network(mnist_server, tmp_path, name, harm):
    expected = mnist(root=tmp_path)
    content = bytearray(raw(tmp_path, name).read_bytes())
    raw(tmp_path, name).write_bytes(harmed(content, harm))
    again = mnist(root=tmp_path)
    assert np.array_equal(again.images, expected.images)
    assert np.array_equal(again.labels, expected.labels)
    assert len(mnist_server.requests) == 4


def test_a_damaged_file_without_its_archive_is_fetched_again(mnist_server, tmp_path):
    mnist(root=tmp_path)
    for archive in raw(tmp_path).parent.glob("*.gz"):
        archive.unlink()
    raw(tmp_path).write_bytes(raw(tmp_path).read_bytes()[:-1])
    assert len(mnist(root=tmp_path)) == 20
    assert [file for file, _ in mnist_server.requests[4:]] == ["train-images-idx3-ubyte.gz"]


@pytest.mark.parametrize(
    ("name", "harm", "sentence"),
    [
        ("train-images-idx3-ubyte", "cut short", "is cut short or altered: 15,695 bytes instead of 15,696"),
        ("train-images-idx3-ubyte", "wrong header", "train-images-idx3-ubyte is altered: its header is wrong"),
        ("train-images-idx3-ubyte", "a hole", "train-images-idx3-ubyte is not the published file: its checksum"),
        ("train-images-idx3-ubyte", "one pixel", "train-images-idx3-ubyte is not the published file: its checksum"),
        ("train-images-idx3-ubyte", "halves swapped", "train-images-idx3-ubyte is not the published file"),
        ("train-labels-idx1-ubyte", "cut short", "is cut short or altered: 27 bytes instead of 28"),
        ("train-labels-idx1-ubyte", "a byte altered", "train-labels-idx1-ubyte is not the published file"),
        ("train-labels-idx1-ubyte", "reversed", "train-labels-idx1-ubyte is not the published file: its checksum"),
        ("train-labels-idx1-ubyte", "halves swapped", "train-labels-idx1-ubyte is not the published file"),
    ],
)
def test_a_damaged_file_is_refused_when_it_cannot_be_mended(mnist_server, tmp_path, name, harm, sentence):
    mnist(root=tmp_path)
    for archive in raw(tmp_path).parent.glob("*.gz"):
        archive.unlink()
    mnist_server.files.clear()
    raw(tmp_path, name).write_bytes(harmed(bytearray(raw(tmp_path, name).read_bytes()), harm))
    with pytest.raises(DataError, match=sentence):
        mnist(root=tmp_path)


def harmed(content: bytearray, harm: str) -> bytes:
    if harm == "a byte altered":
        content[-1] ^= 4
    elif harm == "wrong header":
        content[7] ^= 1
    elif harm == "a hole":
        content[16 + 600 : 16 + 3 * 784] = bytes(3 * 784 - 600)
    elif harm == "one pixel":
        content[16 + len(content) // 2] ^= 1
    elif harm in ("reversed", "halves swapped"):  # every value occurs as often as before
        start = 16 if len(content) % 784 == 16 else 8
        values, half = content[start:], (len(content) - start) // 2
        content[start:] = values[::-1] if harm == "reversed" else values[half:] + values[:half]
    elif harm == "too long":
        content += b"\0"
    else:
        del content[{"cut short": -1, "empty": 0}[harm] :]
    return bytes(content)


@pytest.mark.parametrize("file", ["data_batch_1", "test_batch", "batches.meta"])
def test_a_damaged_cifar_file_is_never_unpickled(cifar_server, tmp_path, file):
    cifar10(root=tmp_path)
    path = tmp_path / "cifar-10-batches-py" / file
    path.write_bytes(path.read_bytes()[:-20])
    assert len(cifar10(root=tmp_path)) == 20, "mended from the archive"
    path.write_bytes(path.read_bytes()[:-20])
    (tmp_path / "cifar-10-python.tar.gz").unlink()
    cifar_server.files.clear()
    with pytest.raises(DataError, match=f"{file} missing, cut short or altered"):
        cifar10(root=tmp_path)


@given(data=st.data(), packed=st.booleans())
def test_whatever_byte_is_changed_the_file_is_refused(data, packed):
    """One file of pictures and one of labels, known by its own checksum or by that of its archive."""
    values = tiny("train", (28, 28))[data.draw(st.integers(0, 1))]
    name = "train-images-idx3-ubyte" if values.ndim == 3 else "train-labels-idx1-ubyte"
    content = bytearray(idx(values))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        file = IdxFile(Path(folder) / "MNIST" / "raw" / f"{name}.gz", md5(gzip.compress(content, mtime=0)), len(values))
        patch.setitem(UNPACKED, ("MNIST", name), () if packed else (md5(content),))
        file.path.parent.mkdir(parents=True)
        file.path.write_bytes(content)
        if packed:
            file.archive.write_bytes(gzip.compress(content, mtime=0))
        assert np.array_equal(file.values(), values)
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        file.path.write_bytes(content)
        with pytest.raises(DataError, match=rf"{name} is (altered: its header|not the published file: its checksum)"):
            file.values()


def test_what_an_old_torchvision_has_processed_is_not_taken_instead(mnist_server, tmp_path):
    mnist(root=tmp_path)
    processed = tmp_path / "MNIST" / "processed"
    processed.mkdir()
    for name in ("training.pt", "test.pt"):
        (processed / name).write_bytes(b"other pictures")
    assert np.array_equal(mnist(root=tmp_path).labels, tiny("train", (28, 28))[1])


def test_a_file_in_the_wrong_place_is_seen_from_the_sentence(mnist_server, tmp_path):
    mnist(root=tmp_path)
    mnist_server.files.clear()
    for root in (tmp_path / "MNIST", tmp_path / "MNIST" / "raw"):
        with pytest.raises(DataError, match=rf"\({raw(root)} is not there\)"):
            mnist(root=root)


@pytest.mark.parametrize("closed", ["", "MNIST/raw", "MNIST/raw/t10k-labels-idx1-ubyte"])
def test_what_may_not_be_read_is_named(mnist_server, foreign, closed):
    folder, without_rights = foreign
    mnist(root=folder / "data")
    (folder / "data" / closed).chmod(0)
    with without_rights, pytest.raises(DataError, match=r"cannot be read: Permission denied.*cannot be downloaded"):
        mnist("test", root=folder / "data")
    (folder / "data" / closed).chmod(0o755)


def test_an_archive_that_may_not_be_read_is_not_needed(mnist_server, foreign):
    folder, without_rights = foreign
    mnist(root=folder)
    for archive in raw(folder).parent.glob("*.gz"):
        archive.chmod(0)
    with without_rights:
        assert len(mnist("all", root=folder)) == 31


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10"])
def test_a_name_that_is_too_long_is_refused_in_a_sentence(tmp_path, name):
    with pytest.raises(DataError, match=rf"{name} is not ready in .*cannot be downloaded"):
        load(name, root=tmp_path / ("x" * 300))


# ---- several at once ----------------------------------------------------------------------------------------------

# What the processes import as torchvision, which takes seconds; nothing else of it is used for MNIST.
STANDS_IN = """
class datasets:
    class MNIST:
        mirrors, resources, classes = [{url!r}], {resources!r}, [str(digit) for digit in range(10)]
"""
LOADS = "from cnnkit.data import downloaded, mnist; downloaded.SOURCES['mnist'].counts.update({}); print(len(mnist()))"


@pytest.fixture
def start(mnist_server, tmp_path):
    """A function that starts a process which downloads MNIST into tmp_path / "data"."""
    stand_in = STANDS_IN.format(url=mnist_server.url, resources=import_torchvision().datasets.MNIST.resources)
    (tmp_path / "torchvision.py").write_text(stand_in, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(REPOSITORY)])
    environment = os.environ | {"PYTHONPATH": path, "CNNKIT_DATA": str(tmp_path / "data")}
    return lambda: subprocess.Popen(
        [sys.executable, "-W", "error", "-c", LOADS.format(TINY)], env=environment, stdout=subprocess.PIPE, text=True
    )


def test_three_processes_download_once_and_all_succeed(mnist_server, start):
    mnist_server.slow = 0.02
    processes = [start() for _ in range(3)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [output.split("\n")[-2] for output in outputs] == ["20"] * 3
    assert len(mnist_server.requests) == 4


def test_whoever_waits_for_another_process_is_told(start, tmp_path):
    folder = raw(tmp_path / "data").parent
    with fetch.one_at_a_time(folder):
        process = start()
        assert process.stdout.readline() == f"waiting for another process that downloads into {folder}\n"
    assert process.communicate(timeout=60)[0].endswith("20\n")


def test_three_threads_that_ask_for_cifar_download_it_once(cifar_server, tmp_path):
    cifar_server.slow = 0.005
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: len(cifar10(root=tmp_path)), range(3))) == [20] * 3
    assert len(cifar_server.requests) == 1


def test_a_killed_process_leaves_nothing_that_stops_the_next(mnist_server, start, tmp_path):
    mnist_server.slow = 0.05
    process, part = start(), raw(tmp_path / "data", "train-images-idx3-ubyte.gz.part")
    deadline = time.monotonic() + 60
    while not part.is_file():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    mnist_server.slow = 0.0
    assert len(mnist(root=tmp_path / "data")) == 20
    assert not part.exists()


# ---- torchvision --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["torchvision", "torch"])
def test_without_torchvision_one_sentence_says_so(tmp_path, monkeypatch, missing):
    for name in list(sys.modules):
        if name.split(".")[0] == "torchvision":
            monkeypatch.delitem(sys.modules, name)
    if missing == "torch":
        code = "raise ModuleNotFoundError('No module named torch', name='torch')"
        (tmp_path / "torchvision.py").write_text(code, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
    else:
        monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(
        DataError, match=rf"^{missing} is not installed.*pip install torch torchvision.*load\('digits'\)"
    ):
        fashion_mnist(root=tmp_path)


def in_a_fresh_python(code: str, *path: Path) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [*path, REPOSITORY]))}
    return subprocess.run([sys.executable, "-W", "error", "-c", code], env=environment, capture_output=True, text=True)


def test_the_missing_operator_is_mended(tmp_path):
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text(
        "import torch\n"
        "for name in ('nms', 'qnms'):\n"
        "    torch.library.register_fake(f'torchvision::{name}')(lambda dets, scores, iou_threshold: None)\n"
        "works = True\n",
        encoding="utf-8",
    )
    done = in_a_fresh_python("import torchvision", tmp_path)
    assert "operator torchvision::nms does not exist" in done.stderr
    done = in_a_fresh_python(
        "import gc; from cnnkit.data import import_torchvision; print(import_torchvision().works); gc.collect()\n"
        "import torch, torchvision; print(torch.ops.torchvision.nms, import_torchvision() is torchvision)",
        tmp_path,
    )
    assert done.stdout.split("\n")[:2] == ["True", "torchvision.nms True"], done.stderr


def test_the_installed_torchvision_imports_whatever_its_state():
    done = in_a_fresh_python(
        "from cnnkit.data import import_torchvision\n"
        "import numpy as np\n"
        "v = import_torchvision()\n"
        "picture = v.transforms.functional.to_tensor(np.zeros((4, 5, 3), np.uint8))\n"
        "print(v.datasets.MNIST.__name__, tuple(picture.shape))"
    )
    assert done.stdout == "MNIST (3, 4, 5)\n", done.stderr


def test_a_torchvision_that_imports_is_left_alone(tmp_path):
    (tmp_path / "torchvision.py").write_text("works = True", encoding="utf-8")
    done = in_a_fresh_python(
        "from cnnkit.data import import_torchvision\n"
        "import sys; print(import_torchvision().works, 'torch' in sys.modules)\n"
        "import torch; print(hasattr(torch.ops.torchvision, 'nms'))",
        tmp_path,
    )
    assert done.stdout == "True False\nFalse\n", done.stderr


def test_another_failure_of_torchvision_is_not_hidden(tmp_path):
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('something else')", encoding="utf-8")
    done = in_a_fresh_python("from cnnkit.data import import_torchvision; import_torchvision()", tmp_path)
    assert "RuntimeError: something else" in done.stderr


# ---- the real MNIST, where it is there ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real_mnist():
    """The folder of a real MNIST: CNNKIT_DATA, or one shared by several checkouts that stands beside this one."""
    for folder in (os.environ.get("CNNKIT_DATA"), REPOSITORY.parent / "shared" / "data"):
        if folder and (Path(folder) / "MNIST" / "raw" / "train-images-idx3-ubyte").is_file():
            return Path(folder)
    pytest.skip("MNIST is not here; CNNKIT_DATA names the folder that holds it")


def test_the_real_mnist(real_mnist):
    train, test = mnist(root=real_mnist, dtype="uint8"), mnist("test", root=real_mnist)
    assert repr(train) == "mnist (train): 60,000 pictures of 1x28x28, 10 classes"
    assert repr(test) == "mnist (test): 10,000 pictures of 1x28x28, 10 classes"
    assert train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert round(train.images.mean() / 255, 4) == train.mean[0] == 0.1307
    assert round(train.images.std() / 255, 4) == train.std[0] == 0.3081
    assert (test.images.dtype, test.images.min(), test.images.max()) == (np.float32, 0, 1)


def test_the_real_files_have_the_known_checksums(real_mnist):
    for (kind, name), known in UNPACKED.items():
        if kind == "MNIST":
            assert md5(raw(real_mnist, name).read_bytes()) in known


def test_each_file_that_torchvision_names_has_a_known_checksum():
    kinds = import_torchvision().datasets
    for name in ("MNIST", "FashionMNIST"):
        files = {file.removesuffix(".gz") for file, _ in getattr(kinds, name).resources}
        assert files == {file for kind, file in UNPACKED if kind == name}
    assert all(len(md5) == 32 for known in UNPACKED.values() for md5 in known)


@pytest.mark.parametrize("harm", ["cut short", "wrong header", "a hole", "one pixel", "reversed", "halves swapped"])
@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("kind", ["images-idx3", "labels-idx1"])
def test_a_damaged_real_mnist_is_refused(real_mnist, tmp_path, monkeypatch, split, kind, harm):
    for file in (real_mnist / "MNIST" / "raw").glob("*-ubyte"):
        raw(tmp_path, file.name).parent.mkdir(parents=True, exist_ok=True)
        raw(tmp_path, file.name).symlink_to(file)
    assert len(mnist(split, root=tmp_path, n=10)) == 10
    path = raw(tmp_path, f"{'train' if split == 'train' else 't10k'}-{kind}-ubyte")
    content = harmed(bytearray(path.read_bytes()), harm)
    path.unlink()
    path.write_bytes(content)
    monkeypatch.setattr(import_torchvision().datasets.MNIST, "mirrors", [])
    for asked in (split, "all"):
        with pytest.raises(DataError, match=rf"{path} is .*cannot be downloaded \(no address is known\)"):
            mnist(asked, root=tmp_path)
