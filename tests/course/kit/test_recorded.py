"""A file of the package that may not be read, or is damaged, is named in one sentence."""

import shutil
from pathlib import Path

import pytest

from cnnkit.course.cnn import digit_net
from cnnkit.course.kit import recorded
from cnnkit.course.kit.recorded import own_text, results
from cnnkit.data import DataError

TOPICS = recorded.TOPICS


def test_every_record_is_read_and_another_is_refused_with_what_there_is():
    for path in TOPICS.glob("*/recorded*.json"):
        assert results(path.parent.name, "_".join(path.stem.split("_")[1:]))
    with pytest.raises(ValueError, match="nothing is recorded for 'pooling race'; there are activations, cnn, "):
        results("pooling", "race")


@pytest.mark.parametrize("content", [b"", b'{"a": [1, 2', b"<html>", b"\xff\xfe\xff", b"[" * 100_000])
def test_a_damaged_record_is_named(content, tmp_path, monkeypatch):
    (tmp_path / "pooling").mkdir()
    path = tmp_path / "pooling" / "recorded.json"
    path.write_bytes(content)
    monkeypatch.setattr(recorded, "TOPICS", tmp_path)
    with pytest.raises(DataError, match=rf"^{path} was cut short or altered: .*Reinstall cnnkit") as error:
        results("pooling")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("closed", ["the file", "its folder"])
def test_a_record_that_may_not_be_read_is_named(closed, foreign, monkeypatch):
    folder, without_rights = foreign
    path = Path(shutil.copytree(TOPICS / "pooling", folder / "pooling", ignore=shutil.ignore_patterns("*.py")))
    monkeypatch.setattr(recorded, "TOPICS", folder)
    (path / "recorded.json" if closed == "the file" else path).chmod(0)
    with without_rights, pytest.raises(DataError, match=r"recorded\.json cannot be read: Permission denied\. Ask"):
        results("pooling")
    path.chmod(0o700)


def test_weights_and_texts_of_the_package_that_may_not_be_read_are_named(foreign, monkeypatch):
    folder, without_rights = foreign
    path = Path(shutil.copy(digit_net.FILE, folder / "digit_net.npz"))
    monkeypatch.setattr(digit_net, "FILE", path)
    path.chmod(0)
    with without_rights:
        for read in (digit_net.digit_net.__wrapped__, lambda: own_text(path)):
            with pytest.raises(DataError, match=f"^{path} cannot be read: Permission denied"):
                read()
