"""The environment check says what is missing and what to do; its floors are those of pyproject.toml."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from cnnkit.course.kit import environment
from cnnkit.course.kit.environment import INSTALL, NEEDED, check_environment
from cnnkit.data import DataError


def test_here_everything_is_fine() -> None:
    found = check_environment()
    assert found.complete, found
    assert [row[0] for row in found] == ["Python", *NEEDED, "digits"]


def test_a_missing_package_gets_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "torch":
            raise PackageNotFoundError(name)
        return "99.0"

    monkeypatch.setattr(environment, "version", version)
    found = check_environment()
    assert not found.complete
    assert ("torch", "missing", "2.6 or later, for the labs", INSTALL) in found
    assert f"| torch | missing | 2.6 or later, for the labs | {INSTALL} |" in found._repr_markdown_()


def test_an_old_package_gets_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "version", lambda name: "2.5.9+cpu" if name == "torch" else "99.0")
    assert ("torch", "2.5.9", "2.6 or later, for the labs", INSTALL) in check_environment()


def test_unreadable_digits_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(split: str) -> None:
        raise DataError("the file was altered")

    monkeypatch.setattr("cnnkit.data.digits", refuse)
    assert check_environment()[-1] == ("digits", "unreadable", "1797 images", "the file was altered")


def test_the_floors_are_those_of_pyproject() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ranges = dict(line.split(">=") for line in project["dependencies"] + project["optional-dependencies"]["course"])
    for name, floor in NEEDED.items():
        assert tuple(int(part) for part in ranges[name].split(".")[:2]) == floor
