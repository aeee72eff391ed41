"""A share of `python -m tests.peers.models`: what `trace` says of small networks of torchvision's."""

import sys

import pytest
import torch

from cnnkit.data import import_torchvision
from tests.peers import models
from tests.peers.models import Found, chosen, compare, main, table, times, wrong

SMALL = ["squeezenet1_1", "shufflenet_v2_x0_5", "mnasnet0_5", "mobilenet_v3_small"]


@pytest.mark.parametrize("name", SMALL)
def test_a_small_network_is_counted_and_seen_as_torch_counts_and_differentiates_it(name):
    torch.manual_seed(0)
    found = compare(name, import_torchvision().models.get_model(name, weights=None), (1, 3, 96, 96))
    assert found.wrong == []
    assert found.parameters
    assert found.macs
    assert found.exact == (name != "mobilenet_v3_small")  # whose gates are products of two tensors
    assert (found.dashes, found.fields > 2) == (0, True)


def test_a_field_that_is_said_wrong_is_found(monkeypatch):
    from cnnkit.tracing import reach

    monkeypatch.setattr(reach.Axis, "widest", property(lambda axis: axis.size + 2))
    found = compare("wrong", import_torchvision().models.squeezenet1_1(weights=None), (1, 3, 96, 96))
    assert "said" in found.wrong[0]


def test_all_is_wrong_where_one_pixel_is_not_reached():
    (row,) = models.trace(torch.nn.Linear(3, 1), (1, 3)).rows
    assert wrong(row, [torch.tensor([True, True, True])]) == ""
    assert "not every pixel" in wrong(row, [torch.tensor([True, False, True])])


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    said = []
    assert main([], said.append) == 2
    assert said == ["timm is not installed; the comparison needs: pip install torchvision timm torchinfo"]


def test_the_table_has_a_line_for_each_family_and_the_sums():
    one = Found("one", exact=True, fields=3, seconds=(2, 3))
    two = Found("two", macs=False, wrong=["field"], skipped="several inputs", seconds=(1, 2))
    lines = table({"a": [one, two], "b": [one]}).splitlines()
    assert lines[2:] == [
        "| a | 2 | 2 | 1 | 1 | 3 | 1 | 1: several inputs |",
        "| b | 1 | 1 | 1 | 0 | 3 | 0 |  |",
        "| **all** | 3 | 3 | 2 | 1 | 6 | 1 | 1: several inputs |",
    ]
    assert times([one, two]) == "passes 3 s, traces 5 s; the slowest trace, of two: 2.0 passes"


def test_models_are_named_one_by_one_or_by_their_families():
    torchvision = import_torchvision()
    assert [*chosen(["resnet18", "optical_flow"], torchvision)] == ["resnet18", "raft_large", "raft_small"]
    assert [*chosen(["timm"], torchvision)] == [f"timm:{name}" for name in models.TIMM]
    assert [*chosen([], torchvision)] == [*chosen(["torchvision", "timm"], torchvision)]
