"""`make` tells in a sentence when Python is too old, too new, or incomplete."""

import importlib.util

import pytest

from tools.python_fits import reason


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13), (3, 14)])
def test_a_python_that_fits_is_passed_in_silence(version):
    assert reason(version) is None


@pytest.mark.parametrize(
    ("version", "said"), [((3, 9), "3.11 or later is needed, this is 3.9."), ((3, 15), "no build for Python 3.15.")]
)
def test_another_is_named(version, said):
    assert said in reason(version)


def test_debians_python_without_venv_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    assert "python3-venv" in reason((3, 11))
