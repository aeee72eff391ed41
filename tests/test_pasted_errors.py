"""PyTorch's messages about shapes: each is raised by PyTorch itself, so that a new wording is noticed."""

import warnings

import pytest
import torch
from torch import nn, zeros

from cnnkit.pasted.errors import explain

WRONG = [
    (lambda: nn.Linear(120, 84)(zeros(32, 400)), "made for **120** numbers was given **400**", "nn.Linear(400, 84)"),
    (lambda: nn.Linear(400, 84)(zeros(32, 16, 5, 5)), "never laid out as one row", "torch.flatten(x, 1)"),
    (lambda: nn.Linear(400, 84)(zeros(16, 5, 5).flatten(1)), "there is no batch", "x[None]"),
    (lambda: nn.Conv2d(3, 6, 5)(zeros(1, 1, 28, 28)), "made for **3** channels was given **1**", "nn.Conv2d(1, 6, 5)"),
    (lambda: nn.Conv2d(3, 6, (3, 5))(zeros(1, 1, 9, 9)), "was given **1**", "nn.Conv2d(1, 6, (3, 5))"),
    (lambda: nn.Conv2d(4, 6, 3, groups=2)(zeros(1, 2, 9, 9)), "was given **2**", "nn.Conv2d(2, 6, 3, groups=2)"),
    (lambda: nn.Conv2d(3, 6, 5)(zeros(1, 28, 28, 3)), "The channels stand last", "x.permute(0, 3, 1, 2)"),
    (lambda: nn.Conv2d(3, 6, 5)(zeros(28, 28)), "**2 axes**", "x[None, None]"),
    (lambda: nn.Conv2d(3, 6, 5)(zeros(2, 4, 3, 28, 28)), "**5 axes**", "x.flatten(0, 1)"),
    (lambda: nn.Conv2d(3, 6, 5)(zeros(1, 3, 2, 2)), "**5 × 5** does not fit into **2 × 2**", "larger"),
    (lambda: nn.MaxPool2d(2)(zeros(1, 16, 1, 1)), "maps of **1 × 1** pixels", "pooling out"),
    (lambda: nn.BatchNorm2d(6)(zeros(1, 3, 2, 2)), "made for **6** channels was given **3**", "nn.BatchNorm2d(3)"),
    (lambda: nn.BatchNorm2d(3)(zeros(1, 3, 1, 1)), "more than one number for each channel", "model.eval()"),
    (lambda: nn.BatchNorm2d(3)(zeros(1, 3)), "**2 axes**; it takes **4**", "nn.BatchNorm1d"),
    (lambda: zeros(1, 3, 28, 28) + zeros(1, 3, 26, 26), "axis 3, the width, **28** against **26**", "one shape"),
    (lambda: torch.cat([zeros(1, 3, 28, 28), zeros(1, 3, 26, 26)], 1), "**28** against **26**", "height and width"),
    (lambda: nn.CrossEntropyLoss()(zeros(2, 10), torch.tensor([1, 10])), "class **10**", "at least 11 outputs"),
    (lambda: nn.CrossEntropyLoss()(zeros(2, 10), torch.tensor([1])), "**2** outputs and **1** targets", "shapes"),
    (lambda: nn.BCELoss()(zeros(2, 1), zeros(2)), "[2], the output [2, 1]", "squeeze(1)"),
    (lambda: nn.Conv2d(3, 6, 5)(zeros(1, 3, 9, 9, dtype=torch.uint8)), "different types", "x.float()"),
    (lambda: nn.Linear(3, 6)(zeros(1, 3, dtype=torch.float64)), "different types", "x.float()"),
    (lambda: zeros(2, 16, 6, 6).view(-1, 400), "1,152 is no multiple of 400", "torch.flatten(x, 1)"),
]


@pytest.mark.parametrize(("wrong", "meaning", "mend"), WRONG, ids=lambda v: v if isinstance(v, str) else "")
def test_pytorchs_message_is_explained(wrong, meaning, mend):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises((RuntimeError, ValueError, IndexError)) as error:
            wrong()
    said, change = explain(f"Traceback …\n{type(error.value).__name__}: {error.value}").split("\n\n")
    assert meaning in said
    assert mend in change


def test_kerass_messages_are_explained():
    said = explain("Negative dimension size caused by subtracting 3 from 2 for '{{node conv2d/Conv2D}}'")
    assert "kernel of **3** pixels does not fit into **2**" in said
    text = (
        'Input 0 of layer "dense" is incompatible with the layer: expected axis -1 of input shape to have value 400, '
        "but received input with shape (None, 576)"
    )
    assert "built for **400** numbers was given **576**" in explain(text)


@pytest.mark.parametrize("message", ["", "KeyError: 3", "mat1 and mat2", "x" * 10**6])
def test_other_messages_are_refused(message):
    with pytest.raises(ValueError, match="this message is not known here"):
        explain(message)


def test_only_text_is_explained():
    with pytest.raises(ValueError, match="the text of an error, got a int"):
        explain(3)
