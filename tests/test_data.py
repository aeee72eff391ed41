"""The embedded digits, the drawn shapes, and what every data set has in common."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnkit import data
from cnnkit.course.kit.environment import check_environment
from cnnkit.data import DataError, Dataset, digits, embedded, load, shapes

REPOSITORY = Path(__file__).parents[1]


def test_digits_are_1797_scans_split_once_and_for_all():
    train, test, everything = digits("train"), digits("test"), digits("all")
    assert (len(train), len(test), len(everything)) == (1442, 355, 1797)
    for part in (train, test, everything):
        assert part.images.shape == (len(part), 1, 8, 8)
        assert (part.images.dtype, part.labels.dtype) == (np.float32, np.int64)
        assert part.images.min() == 0
        assert part.images.max() == 1
        assert len(part.classes) == 10
    assert np.array_equal(everything.images, np.concatenate([train.images, test.images]))
    assert np.array_equal(everything.labels, np.concatenate([train.labels, test.labels]))
    assert hashlib.sha256(test.labels.astype(np.uint8).tobytes()).hexdigest()[:16] == "dcdc7320ee1324a8"


def test_digits_split_is_stratified():
    train, test = (np.bincount(digits(split).labels) for split in ("train", "test"))
    assert np.array_equal(test, (train + test) // 5)


def test_no_digit_of_the_test_split_is_in_the_training_split():
    train = {picture.tobytes() for picture in digits("train").images}
    assert not any(picture.tobytes() in train for picture in digits("test").images)


def test_digits_are_scikit_learns_and_the_script_writes_the_same_bytes(tmp_path):
    pytest.importorskip("sklearn", reason="scikit-learn made the file; nothing else needs it")
    spec = importlib.util.spec_from_file_location("make_digits", REPOSITORY / "data" / "make_digits.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.make() == (REPOSITORY / "data" / "digits.npz").read_bytes()


def test_the_readme_beside_the_digits_states_their_checksum():
    text = (REPOSITORY / "data" / "README.md").read_text(encoding="utf-8")
    assert embedded.SHA256 in text
    assert "CC BY 4.0" in text


@pytest.mark.parametrize("harm", ["cut short", "altered", "empty", "another archive"])
def test_a_damaged_digits_file_is_refused(tmp_path, monkeypatch, harm):
    content = bytearray((REPOSITORY / "data" / "digits.npz").read_bytes())
    if harm == "altered":
        content[5000] ^= 1
    elif harm == "another archive":
        np.savez(tmp_path / "digits.npz", images=np.zeros((3, 8, 8), np.uint8), labels=np.zeros(3, np.uint8))
        content = (tmp_path / "digits.npz").read_bytes()
    else:
        del content[{"cut short": -1, "empty": 0}[harm] :]
    (tmp_path / "digits.npz").write_bytes(content)
    monkeypatch.setattr(embedded, "PLACES", (tmp_path / "digits.npz",))
    with pytest.raises(DataError, match=f"is not the file that was published: {len(content):,} bytes"):
        digits()


@pytest.mark.parametrize("closed", ["the file", "its folder"])
def test_digits_that_may_not_be_read_are_named(foreign, monkeypatch, closed):
    folder, without_rights = foreign
    path = folder / "data" / "digits.npz"
    path.parent.mkdir()
    path.write_bytes((REPOSITORY / "data" / "digits.npz").read_bytes())
    monkeypatch.setattr(embedded, "PLACES", (path,))
    (path if closed == "the file" else path.parent).chmod(0)
    with without_rights:
        with pytest.raises(DataError, match=rf"^{path} cannot be read: Permission denied\. Ask its owner") as one:
            digits()
        assert check_environment()[-1] == ("digits", "unreadable", "1797 images", str(one.value))
    path.parent.chmod(0o700)


def test_a_missing_digits_file_is_said_to_be_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "PLACES", (tmp_path / "digits.npz",))
    with pytest.raises(DataError, match="the embedded digits are missing"):
        digits()


@pytest.mark.parametrize(("name", "mean", "std"), [("digits", (0.3053,), (0.3755,)), ("shapes", None, None)])
def test_mean_and_standard_deviation_are_those_of_the_training_split(name, mean, std):
    train = load(name, "train")
    np.testing.assert_allclose(train.images.mean(axis=(0, 2, 3), dtype=float), train.mean, atol=5e-4)
    np.testing.assert_allclose(train.images.std(axis=(0, 2, 3), dtype=float), train.std, atol=5e-4)
    assert (load(name, "test", n=5).mean, load(name, "test", n=5).std) == (train.mean, train.std)
    x = train.normalized()
    assert x.dtype == np.float32
    np.testing.assert_allclose(x.mean(axis=(0, 2, 3), dtype=float), 0, atol=2e-3)
    np.testing.assert_allclose(x.std(axis=(0, 2, 3), dtype=float), 1, atol=2e-3)


@pytest.mark.parametrize("name", ["digits", "shapes"])
def test_whole_numbers_on_request(name):
    whole, real = load(name, "test", n=50, dtype=np.uint8), load(name, "test", n=50)
    assert whole.images.dtype == np.uint8
    assert whole.images.max() > 230
    np.testing.assert_allclose(whole.images / 255, real.images, atol=0.5 / 255)
    np.testing.assert_allclose(whole.normalized(), real.normalized(), atol=0.006)


def test_n_keeps_the_first_ones():
    assert np.array_equal(digits("test", n=7).images, digits("test").images[:7])
    assert np.array_equal(load("digits", n=7).labels, digits("train").labels[:7])


def test_a_dataset_can_be_changed_without_changing_the_next_one():
    digits().images[:] = 0
    assert digits().images.max() == 1


# ---- shapes -------------------------------------------------------------------------------------------------------


def test_shapes_are_the_same_pictures_everywhere():
    drawn = shapes(60, rng=np.random.default_rng(5), dtype="uint8")
    assert drawn.images.shape == (60, 3, 32, 32)
    assert hashlib.sha256(drawn.images.tobytes()).hexdigest()[:16] == "c6241217d871c45c"
    assert drawn.labels[:10].tolist() == [1, 0, 5, 1, 2, 4, 1, 5, 2, 2]


def test_shapes_come_equally_often_and_a_seed_decides_everything():
    first, again, other = (shapes(99, rng=np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert sorted(np.bincount(first.labels)) == [16, 16, 16, 17, 17, 17]
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)
    assert (first.images.dtype, first.labels.dtype) == (np.float32, np.int64)


def test_shapes_in_a_chosen_order_and_size():
    drawn = shapes(11, rng=np.random.default_rng(0), size=48, kinds=("circle", "square"), labels=[0] * 10 + [1])
    assert drawn.images.shape == (11, 3, 48, 48)
    assert drawn.labels.tolist() == [0] * 10 + [1]
    assert drawn.classes == ("circle", "square")


@pytest.mark.parametrize("kind", data.SHAPES)
def test_a_shape_stands_out_and_stays_inside_the_frame(kind):
    pictures = shapes(300, rng=np.random.default_rng(2), kinds=[kind]).images
    for picture in pictures:
        spread = picture.reshape(3, -1).max(axis=1) - picture.reshape(3, -1).min(axis=1)
        assert spread.max() > 0.35
        frame = [picture[:, 0], picture[:, -1], picture[:, :, 0], picture[:, :, -1]]
        assert abs(np.diff(frame, axis=2)).max() < 0.085, "only noise and the slope of the background"


def test_shapes_can_be_learnt_but_not_from_single_pixels():
    train, test = load("shapes", "train", n=1500), load("shapes", "test", n=300)
    a, b = (part.images.reshape(len(part), -1) for part in (train, test))
    nearest = ((a**2).sum(1) - 2 * b @ a.T).argmin(axis=1)
    assert 0.1 < np.mean(train.labels[nearest] == test.labels) < 0.6


# ---- what can be asked for ----------------------------------------------------------------------------------------

BAD_CALLS = [
    (
        lambda: load("imagenet"),
        "name must be one of 'digits', 'shapes', 'mnist', 'fashion_mnist', 'cifar10', got 'imagenet'",
    ),
    (lambda: load(None), "name must be one of"),
    (lambda: load("digits", "validation"), "split must be one of 'train', 'test', 'all', got 'validation'"),
    (lambda: load("mnist", "validation"), "split must be one of 'train', 'test', 'all', got 'validation'"),
    (lambda: load("cifar10", dtype="float16"), "dtype must be one of 'float32', 'uint8', got 'float16'"),
    (lambda: load("digits", dtype="colour"), "dtype must be one of 'float32', 'uint8', got 'colour'"),
    (lambda: load("digits", n=0), "n must be at least 1, got 0"),
    (lambda: load("digits", n=2.5), "n must be an int, got 2.5"),
    (lambda: load("digits", "test", n=356), "n must be at most 355, the number of pictures in this split, got 356"),
    (lambda: load("mnist", n=60001), "n must be at most 60,000"),
    (lambda: load("shapes", "all"), "split must be 'train' or 'test' for shapes"),
    (lambda: load("digits", n=10**400), r"n must be at most 1,442, .*, got 10{96}\.\.\.$"),
    (lambda: load("mnist", root=5), "root must be a folder's path, got 5"),
    (lambda: load("mnist", root="a\0b"), r"root .* must be a folder's path, got 'a\\x00b'"),
    (lambda: load("mnist", root="a\ud800b"), r"root .* must be a folder's path, got 'a\\ud800b'"),
    (lambda: load("mnist", root=os.fsencode("folder")), "root must be a folder's path, got b'folder'"),
    (lambda: load("mnist", root="~nobody-here/data"), "root .* must be a folder's path, got '~nobody-here/data'"),
    (lambda: shapes(3, rng=np.random.default_rng(0), kinds=None), "kinds must be names of shapes, got None"),
    (
        lambda: shapes(2, rng=np.random.default_rng(0), labels=[[0], [1, 2]]),
        "labels must hold real numbers in rows of equal length",
    ),
    (lambda: shapes(3, rng=0), "rng must be a numpy.random.Generator"),
    (lambda: shapes(0, rng=np.random.default_rng()), "n must be at least 1, got 0"),
    (lambda: shapes(3, rng=np.random.default_rng(), size=7), "size must be at least 8, got 7"),
    (lambda: shapes(3, rng=np.random.default_rng(), kinds=["heptagon"]), "kinds must be one of 'circle'"),
    (lambda: shapes(3, rng=np.random.default_rng(), kinds=[]), "kinds must name at least one shape"),
    (lambda: shapes(3, rng=np.random.default_rng(), kinds=["star", "star"]), "each only once"),
    (lambda: shapes(3, rng=np.random.default_rng(), labels=[0, 1]), "labels must be n=3 ints from 0 to 5"),
    (lambda: shapes(2, rng=np.random.default_rng(), labels=[0, 6]), "labels must be n=2 ints from 0 to 5"),
    (lambda: shapes(2, rng=np.random.default_rng(), labels=[0.0, 1.0]), "labels must be n=2 ints"),
]


@pytest.mark.parametrize(("call", "sentence"), BAD_CALLS, ids=[sentence[:40] for _, sentence in BAD_CALLS])
def test_what_cannot_be_asked_for(call, sentence):
    with pytest.raises(ValueError, match="^.*" + sentence.replace("(", r"\(")):
        call()


def test_a_dataset_says_what_it_is():
    assert repr(digits("test")) == "digits (test): 355 pictures of 1x8x8, 10 classes"
    assert isinstance(load("shapes", n=6), Dataset)


def test_importing_the_data_module_imports_numpy_only():
    heavy = ["torch", "torchvision", "PIL", "matplotlib", "ipywidgets", "sklearn", "pandas"]
    code = f"import sys; from cnnkit.data import load; load('digits'); print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
