"""Recorders write what they measure at once, and all files in one layout."""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from cnnkit.course.kit import recorder
from cnnkit.course.kit.recorded import TOPICS
from cnnkit.course.kit.recorder import POOLS, brief, by_seed, command_line, record, rounded, stored, written
from cnnkit.course.kit.tune import Tuned

FILES = sorted(TOPICS.glob("*/recorded*.json"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "recorded.json"


def test_every_recorder_has_its_file():
    recorders = [path for path in TOPICS.glob("*/record*.py") if path.parent.name != "kit"]
    assert {path.with_name(path.stem.replace("record", "recorded", 1) + ".json") for path in recorders} == set(FILES)
    assert len(FILES) == 11


@pytest.mark.parametrize("path", FILES, ids=lambda path: "-".join(path.parts[-2:]))
def test_a_file_is_the_text_that_its_own_numbers_make(path: Path):
    text = path.read_text(encoding="utf-8")
    assert written(json.loads(text)) == text


def test_each_part_is_written_beside_what_is_there(file: Path):
    parts = {"b": lambda: {"two": [1, 2]}, "a": lambda: 1.5}
    record(file, parts, ["b"], seeds=3)
    assert json.loads(file.read_text(encoding="utf-8")) == {"b": {"two": [1, 2]}, "seeds": 3}
    record(file, parts | {"b": lambda: 7}, seeds=4)
    assert file.read_text(encoding="utf-8") == '{\n "a": 1.5,\n "b": 7,\n "seeds": 4\n}\n'


def test_what_was_measured_before_a_failure_is_kept(file: Path):
    def two():
        yield "first", {"rate": 0.1}
        raise ArithmeticError("the second")

    with pytest.raises(ArithmeticError, match="the second"):
        record(file, {"one": lambda: [0.5], "two": two, "three": lambda: 3})
    assert stored(file) == {"one": [0.5], "two": {"first": {"rate": 0.1}}}


def test_a_part_that_is_measured_again_leaves_nothing_of_before(file: Path):
    record(file, {"a": lambda: iter([("old", 1), ("both", 2)])})
    record(file, {"a": lambda: iter([("both", 3)])})
    assert stored(file) == {"a": {"both": 3}}


@pytest.mark.parametrize("processes", [1, 2])
def test_runs_stand_in_the_order_of_the_parts(file: Path, processes: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recorder, "ProcessPoolExecutor", ThreadPoolExecutor)
    parts = {"z": lambda: {"at": 0}, "m": lambda: {"at": 1}, "a": lambda: {"at": 2}}
    file.write_text('{"runs": {"gone": 1, "m": 5}, "command": "before"}', encoding="utf-8")
    record(file, parts, ["a", "z"], runs=True, processes=processes, command="now")
    assert stored(file)["command"] == "now"
    assert list(stored(file)["runs"].items()) == [("z", {"at": 0}), ("m", 5), ("a", {"at": 2})]
    record(file, parts, runs=True, processes=processes)
    assert stored(file)["runs"] == {"z": {"at": 0}, "m": {"at": 1}, "a": {"at": 2}}


def test_a_name_that_is_no_parts_is_refused_before_anything_is_measured(file: Path):
    measured = []
    with pytest.raises(ValueError, match="part must be one of 'a', 'b', got 'c'"):
        record(file, {"a": lambda: measured.append("a"), "b": lambda: None}, ["a", "c"])
    assert not measured
    assert not file.exists()


def test_the_screen_says_what_was_measured(file: Path, capsys: pytest.CaptureFixture[str]):
    record(
        file, {"a": lambda: iter([("x", {"rate": 0.25}), ("y", [[1, 2], [6]])]), "b": lambda: {"net": "CNN", "n": 2}}
    )
    assert capsys.readouterr().out == "a: x: rate 0.25\na: y: mean 3\nb: n 2\n"
    assert brief({"bands": {"mean": 1.0}, "net": "CNN"}) == ""


def test_numbers_are_rounded_however_deep_they_lie():
    assert rounded(np.float32(0.5)) == 0.5
    assert rounded(np.arange(6).reshape(2, 3) / 7, 2) == [[0.0, 0.14, 0.29], [0.43, 0.57, 0.71]]
    assert rounded(value / 3 for value in (1, 2)) == [0.3333, 0.6667]
    runs = [Tuned(0.12345, {0.1: 1.0}), Tuned(0.2, {0.5: 2.0})]
    assert by_seed(runs, "lr") == {"lr": [0.1235, 0.2]}
    assert by_seed(runs) == {"lr": [0.1235, 0.2], "tried": [[0.1], [0.5]]}


def test_a_recorder_starts_again_with_its_threads(monkeypatch: pytest.MonkeyPatch):
    started, measured = [], []
    monkeypatch.setattr(os, "execv", lambda program, words: started.append((program, words)))
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "cnnkit.course.dropout.record", "order"])
    monkeypatch.setattr(sys, "argv", ["record.py", "order"])
    for pool in POOLS:
        monkeypatch.setenv(pool, "2")
    command_line(measured.append, threads=2)
    assert (started, measured) == ([], [["order"]])
    command_line(measured.append)
    assert started == [(sys.executable, [sys.executable, "-m", "cnnkit.course.dropout.record", "order"])]
    assert {os.environ[pool] for pool in POOLS} == {"1"}
