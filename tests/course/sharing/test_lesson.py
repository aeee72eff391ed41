"""The numbers in the prose of lesson 06 are those of the package and of the record."""

from functools import cache

import numpy as np
import torch

from cnnkit.course.kit.recorded import results
from cnnkit.course.sharing.experiments.nets import NETS
from cnnkit.course.sharing.experiments.settings import costs
from tests.course.claim_numbers import FOLDER


@cache
def prose() -> str:
    import nbformat

    cells = nbformat.read(FOLDER / "06_weight_sharing.ipynb", as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def test_the_counts_at_the_top_and_of_the_claims():
    dense, _, conv = costs(32).values()
    assert f"it has {dense.weights / 1e6:.0f} million weights. A convolution has {conv.weights}." in prose()
    assert f"Twice the side takes {costs(64)['fully connected'].weights // dense.weights} times" in prose()


def test_what_the_networks_read():
    runs = results("sharing")["runs"]
    fully, local, cnn = (
        100 * np.mean(runs[f"{name}, anywhere"]["mean"]) for name in ("fully connected", "locally connected", "CNN")
    )
    assert f"reads {fully:.0f} % of the moved digits, and the CNN reads {cnn:.0f} %" in prose()
    assert f"reads {local:.0f} % of the moved digits, the CNN {cnn:.0f} %" in prose()
    assert round(NETS["fully connected"].parameters / NETS["CNN"].parameters) == 8  # "an eighth"
    assert f"has {NETS['CNN, pooled, stride 1'].parameters:,} parameters" in prose()


def test_the_cost_of_a_separable_convolution():
    ordinary = torch.nn.Conv2d(64, 128, 3, bias=False).weight
    assert f"makes {ordinary.shape[0] * ordinary.shape[1]:,} filters" in prose()
    steps = torch.nn.Conv2d(64, 64, 3, groups=64, bias=False), torch.nn.Conv2d(64, 128, 1, bias=False)
    assert round(ordinary.numel() / sum(step.weight.numel() for step in steps)) == 8  # "about an eighth"


def test_the_trap_of_groups():
    depthwise, forgotten = torch.nn.Conv2d(64, 64, 3, groups=64, bias=False), torch.nn.Conv2d(64, 64, 3, bias=False)
    assert forgotten.weight.numel() == 64 * depthwise.weight.numel()
    two = torch.nn.Conv2d(64, 128, 3, groups=64, bias=False)
    x = torch.zeros(1, 64, 8, 8)
    x[:, 5] = 1
    assert torch.nonzero(two(x)[0].abs().sum(dim=(1, 2)))[:, 0].tolist() == [10, 11]  # two maps of channel 5
