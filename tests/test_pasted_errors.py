"""PyTorch's messages about shapes: each is raised by PyTorch itself, so that a new wording is noticed."""

import warnings

import pytest
import torch
from torch import nn, zeros

from cnnkit.pasted import explain, mended

WRONG = [
    (lambda: nn.Linear(120, 84)(zeros(32, 400)), "made for **120** numbers was given **400**", "nn.Linear(400, 84)"),
    (lambda: nn.Linear(400, 84)(zeros(32, 16, 5, 5)), "never laid out as one row", "torch.flatten(x, 1)"),
    (lambda: nn.Linear(400, 84)(zeros(16, 5, 5).flatten(1)), "there is no batch", "x[None]"),
    (
        lambda: nn.Conv2d(3, 6, 5)(zeros(1, 1, 28, 28)),
        "made for **3** channels was given **1**",
        "nn.Conv2d(1, 6, 5, …)",
    ),
    (lambda: nn.Conv2d(3, 6, (3, 5))(zeros(1, 1, 9, 9)), "was given **1**", "nn.Conv2d(1, 6, (3, 5), …)"),
    (lambda: nn.Conv2d(4, 6, 3, groups=2)(zeros(1, 2, 9, 9)), "was given **2**", "nn.Conv2d(2, 6, 3, groups=2, …)"),
    (lambda: nn.Conv2d(3, 6, 5)(zeros(1, 28, 28, 3)), "The channels stand last", "x.permute(0, 3, 1, 2)"),
    (lambda: nn.Linear(128, 10)(zeros(32, 256)), "made for **128** numbers was given **256**", "nn.Linear(256, 10)"),
    (lambda: nn.Linear(3456, 10)(zeros(1, 6, 24, 24)), "maps of one image were never laid out", "nn.Flatten()"),
    (lambda: nn.Linear(864, 10)(zeros(1, 6, 24, 24)), "never laid out as one row", "nn.Flatten()"),
    (lambda: nn.Conv2d(1, 6, 5)(zeros(64, 28, 28)), "64 images without an axis", "x.unsqueeze(1)"),
    (lambda: nn.Conv1d(3, 6, 5)(zeros(1, 4, 28)), "made for **3** channels was given **4**", "nn.Conv1d(4, 6, 5, …)"),
    (lambda: nn.Conv1d(3, 6, 5)(zeros(1, 1, 9, 9)), "layer for sequences was given **4 axes**", "nn.Conv2d"),
    (lambda: nn.ConvTranspose2d(8, 6, 5)(zeros(1, 3, 9, 9)), "was given **3**", "nn.ConvTranspose2d(3, 6, 5, …)"),
    (lambda: nn.BatchNorm1d(6)(zeros(2, 3)), "made for **6** channels was given **3**", "nn.BatchNorm1d(3)"),
    (
        lambda: nn.LayerNorm(8)(zeros(2, 3)),
        "as the last axes was given **[2, 3]**",
        "normalized_shape",
    ),
    (lambda: nn.GroupNorm(4, 8)(zeros(2, 3, 4, 4)), "of **4** groups was given **3** channels", "divides 3"),
    (lambda: nn.PReLU(8)(zeros(1, 3, 2, 2)), "**8** slopes was given **3** channels", "nn.PReLU(3)"),
    (lambda: nn.Conv2d(10, 20, 3, groups=4), "must divide its in_channels", "another number"),
    (lambda: nn.Conv2d(3, 8, 3, 2, "same"), "for a stride above 1", "(k − 1)/2"),
    (lambda: nn.MaxPool2d(2, padding=2)(zeros(1, 1, 4, 4)), "pads by **2** pixels", "at most 1"),
    (lambda: torch.stack([zeros(3, 4), zeros(3, 5)]), "**[3, 4]** against **[3, 5]**", "DataLoader"),
    (lambda: zeros(2, 3, 4, 4).permute(0, 2, 3, 1).view(2, -1), "do not lie in order", "x.reshape"),
    (lambda: nn.CrossEntropyLoss()(zeros(2, 10), zeros(2, 1, dtype=torch.long)), "more axes", "target.squeeze(1)"),
    (lambda: nn.CrossEntropyLoss()(zeros(2, 10), zeros(2)), "whole numbers", "target.long()"),
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


KERAS = [
    ('Input 0 of layer "conv2d" is incompatible with the layer: expected axis -1 of input shape to have value 3, but '
     "received input with shape (None, 28, 28, 1)", "convolution built for **3** channels was given **1**", "Input("),
    ('Input 0 of layer "conv2d" is incompatible with the layer: expected min_ndim=4, found ndim=3. Full shape '
     "received: (None, 28, 28)", "takes **4** axes and was given **3**", "x[..., None]"),
    ('Input 0 of layer "sequential" is incompatible with the layer: expected shape=(None, 28, 28, 1), found '
     "shape=(None, 28, 28)", "(None, 28, 28, 1)** and was given", "adds the channel"),
    ("Shapes (None, 1) and (None, 10) are incompatible", "**None, 1** and **None, 10**", "sparse_categorical"),
    ("A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. Received: "
     "input_shape=[(None, 28, 28, 8), (None, 14, 14, 8)]", "(None, 28, 28, 8), (None, 14, 14, 8)", "same strides"),
    ("The total size of the tensor must be unchanged. Received: input_shape=(100,), target_shape=(7, 7, 4)",
     "**100** numbers cannot become 7 × 7 × 4 = **196**", "196"),
    ("Computed output size would be negative. Received `inputs.shape=(None, 2, 2, 64)`, `kernel_size=3`",
     "into **2 × 2** pixels", "larger image"),
    ("Received a label value of 10 which is outside the valid range of [0, 10).", "outputs 0 to 9", "at least 11"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "meaning", "mend"), KERAS)
def test_more_of_kerass_messages_are_explained(message, meaning, mend):
    said, change = explain(f"Epoch 1/5\nTraceback …\nValueError: \x1b[1m{message}\x1b[0m").split("\n\n")
    assert meaning in said
    assert mend in change


@pytest.mark.parametrize(
    "message",
    [
        "shapes cannot be multiplied (32x400 and 120x84)",
        "\x1b[31mRuntimeError\x1b[0m: mat1 and mat2 shapes\ncannot be multiplied (32x400 and\n120x84)",
        "Traceback (most recent call last):\n" + "  File x\n" * 3000 + "RuntimeError: mat1 … (32x400 and 120x84)",
    ],
    ids=["cut", "coloured", "long"],
)
def test_cut_coloured_and_long_messages_are_understood(message):
    assert "made for **120** numbers was given **400**" in explain(message)


CHANNELS = "weight of size [64, 3, 7, 7], expected input[1, 1, 28, 28] to have 3 channels, but got 1 channels instead"


@pytest.mark.parametrize(
    ("message", "code", "mended_code"),
    [
        (CHANNELS, "nn.Conv2d(3,64, 7,\n  stride=2, padding=3)", "nn.Conv2d(1,64, 7,\n  stride=2, padding=3)"),
        ("(32x400 and 120x84)", "nn.Linear(5*24, 84, bias=False)", "nn.Linear(400, 84, bias=False)"),
        ("running_mean should contain 3 elements not 6", "nn.BatchNorm1d(6, eps=1)", "nn.BatchNorm1d(3, eps=1)"),
    ],
)
def test_the_layer_that_is_meant_is_mended_with_all_its_arguments(message, code, mended_code):
    assert mended(message, code) == ((mended_code,), mended_code)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (CHANNELS, "nn.Conv2d(1, 64, 7)"),
        (CHANNELS, "nn.Conv2d(3, 64, 7), nn.Conv2d(3, 64, 7)"),
        (CHANNELS, "no code ("),
        ("(144x24 and 864x10)", "nn.Linear(864, 10)"),  # Flatten is missing
        ("weight of size [6, 3, 5, 5], expected input[1, 28, 28, 3] to have 3 channels, but got 28 channels",
         "nn.Conv2d(3, 6, 5)"),
        ("KeyError", "nn.ReLU()"),
    ],
)  # fmt: skip
def test_no_layer_is_mended_where_another_may_be_meant(message, code):
    assert mended(message, code) is None


@pytest.mark.parametrize("message", ["", "KeyError: 3", "mat1 and mat2", "x" * 10**6])
def test_other_messages_are_refused(message):
    with pytest.raises(ValueError, match="this message is not known here"):
        explain(message)


def test_only_text_is_explained():
    with pytest.raises(ValueError, match="the text of an error, got a int"):
        explain(3)
