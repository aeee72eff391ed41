"""A quick share of `make peers`: PyTorch's own samples and error inputs for the layers that the course is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import cnnkit
from tests.peers import calls, opinfo
from tests.peers.tally import NotExpressible, Tally, table

ROOT = Path(__file__).parent.parent
LAYERS = [
    "avg_pool2d", "batch_norm", "conv2d", "cross_entropy", "dropout", "elu", "gelu", "hardtanh", "leaky_relu",
    "linear", "log_softmax", "max_pool2d", "prelu", "relu", "sigmoid", "silu", "softmax", "softplus", "tanh",
]  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", LAYERS)
def test_samples(name: str):
    tally = opinfo.samples([name], at_most=20)
    assert tally.failed == []
    assert tally.passed[name] > 0


def test_error_inputs():
    tally = opinfo.errors(LAYERS)
    assert tally.failed == []
    assert tally.passed.total() >= 20


def test_calls_of_modules():
    tally = opinfo.modules(at_most=2)
    assert tally.failed == []
    assert tally.passed.total() >= 50


def shifted(y: Any) -> Any:
    return y + 1e-6


def in_float32(y: Any) -> Any:
    return y.astype(np.float32)


@pytest.mark.parametrize("wrong", [shifted, in_float32, lambda y: y[..., None]])
@pytest.mark.parametrize("name", ["relu", "relu_backward"])
def test_a_wrong_function_fails(name: str, wrong: Callable[[Any], Any], monkeypatch):
    right = getattr(cnnkit, name)

    def mistaken(*args, **options):
        return wrong(right(*args, **options))

    mistaken.__signature__ = calls.inspect.signature(right)  # type: ignore[attr-defined]
    monkeypatch.setattr(cnnkit, name, mistaken)
    assert len(opinfo.samples(["relu"]).failed) >= 4


def test_a_function_that_refuses_nothing_fails(monkeypatch):
    def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
        return x

    monkeypatch.setattr(cnnkit, "conv2d", conv2d)
    assert "cnnkit takes what torch refuses" in opinfo.errors(["conv2d"]).failed[0]


def test_a_function_that_is_missing_is_not_expressible(monkeypatch):
    monkeypatch.delattr(cnnkit, "relu")
    tally = opinfo.samples(["relu"])
    assert set(tally.not_expressible) == {("relu", "not written")}
    assert (tally.passed.total(), tally.failed) == (0, [])


def test_an_argument_that_is_missing_is_not_expressible():
    with pytest.raises(NotExpressible, match="no argument dtype"):
        calls.call("softmax", {"input": np.zeros(3), "dim": 0, "dtype": torch.float64})
    assert calls.call("softmax", {"input": np.zeros(2), "dim": 0, "dtype": None}).y.tolist() == [0.5, 0.5]


def test_torchs_flags_are_left_as_they_were():
    opinfo.databases()
    assert not torch.backends.flags_frozen()


def test_every_case_is_counted_once():
    def fails():
        raise TypeError("two\nlines")

    def not_expressible():
        raise NotExpressible("no word for it")

    tally = Tally("a suite")
    for case in (fails, not_expressible, not_expressible, lambda: None):
        tally.attempt("pool", "sample 1", case)
    assert tally.row == "| a suite | 4 | 1 | 1 | 2 |"
    assert tally.failed == ["pool, sample 1: TypeError: two lines"]
    assert "2  pool: no word for it" in tally.report()
    assert table([tally]).splitlines()[0] == "| suite | tried | pass | fail | not expressible |"


def test_the_readme_shows_the_table_without_a_failure():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    text = re.search(r"<!-- peers:start -->\n(.*?)<!-- peers:end -->", readme, re.DOTALL)
    assert text
    rows = [line.split("|")[1:-1] for line in text[1].splitlines() if line.startswith("|")][2:]
    counts = [[int(cell.replace(",", "")) for cell in row[1:]] for row in rows]
    assert len(rows) == 5
    assert all(tried == passed + failed + missing and failed == 0 for tried, passed, failed, missing in counts)
