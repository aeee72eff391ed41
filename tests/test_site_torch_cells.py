"""A page says which cells need PyTorch: those that use it, and those that use what was made with it."""

import json
from pathlib import Path

import pytest

from tools.site.torch_cells import needs_torch, torch_cells

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def cells(*sources: str) -> dict:
    return {"cells": [{"cell_type": "code", "source": source} for source in sources]}


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        (["import torch", "x = torch.ones(3)", "y = x + 1", "z = 1", "print(z)", "print(y)"], {1, 2, 5}),
        (["import torch.nn.functional as F", "def f(x):\n    return F.relu(x)", "f(2)", "g = 3"], {1, 2}),
        (["import torch\nimport numpy as np", "x = torch.ones(3)", "x = np.ones(3)", "print(x)"], {1}),
        (["from cnnkit.training import train", "train('digits')"], {1}),
        (["from cnnkit import conv2d", "conv2d(1, 2)"], set()),
        (["from cnnkit.course.cnn import again", "again('F3', 'x', seed=1)"], {1}),  # its module is called so, too
        (["import torch\nx = torch.ones(3)", "[x for x in range(3)]", "print(x)"], {0, 2}),  # another x in between
        (["%pip install torch\nimport numpy as np", "np.ones(3)"], set()),
    ],
)
def test_what_is_made_with_torch_needs_it(sources, found):
    assert torch_cells(cells(*sources)) == found


@pytest.mark.parametrize(
    ("module", "name", "needs"),
    [
        ("cnnkit.course.activations.experiments.convergence", "train_cnn", True),  # imports it in its body
        ("cnnkit.course.activations.experiments.convergence", "epochs_to", False),
        ("cnnkit.course.convolution", "Window", False),
        ("cnnkit.course.cnn", "again", True),  # by a part of a module that it imports
        ("cnnkit.training", "train", True),
        ("numpy", "ones", False),
    ],
)
def test_a_function_of_the_package_needs_torch_where_its_definition_does(module, name, needs):
    assert needs_torch(module, name) is needs


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("0*.ipynb")), ids=lambda path: path.stem)
def test_a_lesson_runs_whole_without_torch(path):
    assert torch_cells(json.loads(path.read_text(encoding="utf-8"))) == set()
