"""Layers that do not fit: what is said of them, and the code with the mend in its place, which PyTorch then runs."""

import pytest
import torch
from torch import nn

from cnnkit.pasted import read
from tests.test_pasted_models import built

CLASS = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 5)
        self.fc = nn.Linear(16*5*5,  # a guess
                            10)
    def forward(self, x):
        return self.fc(F.relu(self.conv(x)))"""
MENDED = [  # code, what is said, the code that fits
    ("nn.Sequential(nn.Conv2d(1,6,5), nn.ReLU(), nn.Linear(864,10))",
     "Flatten is missing before it, which makes one row of 3456 = 6 · 24 · 24 numbers of them.",
     "nn.Sequential(nn.Conv2d(1,6,5), nn.ReLU(), nn.Flatten(), nn.Linear(3456,10))"),
    ("nn.Sequential(nn.Conv2d(1, 64, 3), nn.AdaptiveAvgPool2d(1), nn.Linear(64, 10))", "gets maps, 64 × 1 × 1",
     "nn.Sequential(nn.Conv2d(1, 64, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))"),
    (CLASS, "3456 = 6 · 24 · 24",
     CLASS.replace("16*5*5", "3456").replace("F.relu(self.conv(x))", "torch.flatten(F.relu(self.conv(x)), 1)")),
    ("nn.Sequential(\n    nn.Conv2d(1, 6, 5),  # ü\n    nn.Flatten(),\n    nn.Linear(\n        out_features=9,\n"
     "        in_features=16*5*5,\n    ),\n)", "takes 400 numbers and gets 3456 = 6 · 24 · 24.",
     "nn.Sequential(\n    nn.Conv2d(1, 6, 5),  # ü\n    nn.Flatten(),\n    nn.Linear(\n        out_features=9,\n"
     "        in_features=3456,\n    ),\n)"),
    ("nn.Sequential(nn.Conv2d(1,8,3), nn.Conv2d(4,8,3), nn.ReLU())", "takes 4 channels and gets 8.",
     "nn.Sequential(nn.Conv2d(1,8,3), nn.Conv2d(8,8,3), nn.ReLU())"),
    ("nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm1d(8))", "takes rows of features, and gets maps, 8 × 26 × 26.",
     "nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8))"),
    ("nn.Sequential(nn.Flatten(), nn.Linear(784, 8), nn.BatchNorm2d(4))", "gets a row of 8 numbers",
     "nn.Sequential(nn.Flatten(), nn.Linear(784, 8), nn.BatchNorm1d(8))"),
    ("nn.Sequential(nn.Conv2d(1, 8, 3), nn.PReLU(4))", "takes 4 channels and gets 8.",
     "nn.Sequential(nn.Conv2d(1, 8, 3), nn.PReLU(8))"),
    ("nn.Sequential(nn.Conv2d(1, 8, 3), nn.ConvTranspose2d(4, 8, 3, stride=2))", "takes 4 channels and gets 8.",
     "nn.Sequential(nn.Conv2d(1, 8, 3), nn.ConvTranspose2d(8, 8, 3, stride=2))"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "why", "mended"), MENDED)
def test_the_mend_stands_in_its_place_and_pytorch_runs_it(code, why, mended):
    found = read(code, 28)
    assert why in found.wrong
    assert found.mend.code == mended
    assert found.wrong.endswith(f" Write {found.mend}.")
    x = torch.zeros(2, 1, 28, 28)
    with pytest.raises((RuntimeError, ValueError)):
        built(code)(x)
    after = read(mended, 28)
    assert after.wrong == ""
    assert tuple(built(mended)(x).shape[1:]) == after.rows[-1].output_shape


def test_lines_of_their_own_get_a_line_more():
    found = read("nn.Conv2d(1,6,5)\nnn.ReLU()\nnn.Linear(864,10)", 28)
    assert found.mend.lines == ("nn.Flatten()", "nn.Linear(3456,10)")
    assert found.mend.code == "nn.Conv2d(1,6,5)\nnn.ReLU()\nnn.Flatten()\nnn.Linear(3456,10)"


@pytest.mark.parametrize(
    ("code", "mended"),
    [
        (">>> a = nn.Conv2d(3, 8, 3)\n>>> b = nn.Conv2d(4, 8, 3)",
         ">>> a = nn.Conv2d(3, 8, 3)\n>>> b = nn.Conv2d(8, 8, 3)"),
        ("self.a = nn.Conv2d(3, 8, 3)\n        self.b = nn.Conv2d(4, 8, 3)",
         "self.a = nn.Conv2d(3, 8, 3)\n        self.b = nn.Conv2d(8, 8, 3)"),
        ("  a = nn.Sequential(\n    nn.Conv2d(3, 8, 3),\n    nn.Linear(5, 8))",
         "  a = nn.Sequential(\n    nn.Conv2d(3, 8, 3),\n    nn.Flatten(),\n    nn.Linear(5408, 8))"),
    ],
)  # fmt: skip
def test_margins_and_prompts_stay(code, mended):
    assert read(code, 28).mend.code == mended


def test_linear_on_the_last_axis_is_pytorchs_and_said():
    found = read("nn.Sequential(nn.Conv2d(1, 6, 5), nn.Linear(24, 10))", 28)
    assert found.rows[-1].output_shape == (6, 24, 10)
    assert nn.Sequential(nn.Conv2d(1, 6, 5), nn.Linear(24, 10))(torch.zeros(1, 1, 28, 28)).shape == (1, 6, 24, 10)
    assert found.notes == [
        "`nn.Linear(24, 10)` acts on the last axis here, on each of 6 · 24 rows of 24. If it should see all of the "
        "6 × 24 × 24 maps, Flatten is missing before it: `nn.Flatten(), nn.Linear(3456, 10)`."
    ]


def test_kerass_dense_acts_on_the_channels_and_that_is_said():
    found = read("keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.Dense(10)])")
    assert found.rows[-1].output_shape == (10, 26, 26)
    assert found.rows[-1].parameters == 8 * 10 + 10
    assert "acts on the channels of each of 26 · 26 pixels" in found.notes[0]
    assert "5408 = 8 · 26 · 26" in found.notes[0]


@pytest.mark.parametrize("lay", ["x.view(x.size(0), -1)", "x.view(-1, 3456)", "torch.flatten(x, 1)", "x.flatten(1)",
                                 "x.reshape(len(x), -1)", "nn.Flatten()(x)"])  # fmt: skip
def test_what_lays_images_out_counts_as_flatten(lay):
    steps = f"x = self.conv(x)\n        x = {lay}\n        return self.fc(x)"
    code = CLASS.replace("16*5*5", "3456").replace("return self.fc(F.relu(self.conv(x)))", steps)
    assert read(code, 28).rows[-1].output_shape == (10,)
    assert built(code)(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_a_view_that_tears_images_is_said_and_mended():
    code = CLASS.replace("16*5*5", "256").replace("F.relu(self.conv(x))", "F.relu(self.conv(x)).view(-1, 256)")
    assert len(built(code)(torch.zeros(2, 1, 28, 28))) == 27  # not 2: the rows go across images
    found = read(code, 28)
    assert found.wrong.startswith("F.relu(self.conv(x)).view(-1, 256) lays out 256 numbers for each image, and one")
    assert "torch.flatten(F.relu(self.conv(x)), 1)" in found.mend.code


def test_a_mend_without_a_sure_place_is_only_said():
    found = read("nn.Sequential(*[nn.Conv2d(3, 8, 3) for _ in range(2)])", 28)
    assert found.mend == (("nn.Conv2d(8, 8, 3)",), "")
    printed = read(repr(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(4, 8, 3))), 28)
    assert printed.mend.code == ""
    assert "groups, 4, do not divide 6" in read("nn.Conv2d(1, 6, 3)\nnn.Conv2d(8, 8, 3, groups=4)", 28).wrong


def test_a_layer_that_is_used_twice_learns_once():
    code = "class N(nn.Module):\n def __init__(self):\n  super().__init__()\n  self.c = nn.Conv2d(3, 3, 3)\n" \
           " def forward(self, x):\n  return self.c(self.c(x))"  # fmt: skip
    found = read(code, 28)
    assert [row.parameters for row in found.rows] == [84, 0]
    assert found.notes == ["`nn.Conv2d(3, 3, 3)` is used again: its parameters are counted once."]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("class N(nn.Module):\n def __init__(self):\n  self.a = nn.Conv2d(3, 8, 3)\n  self.b = nn.Conv2d(3, 8, 1)\n"
         " def forward(self, x):\n  return torch.cat([self.a(x), self.b(x)], 1)", "line 6: cat joins branches"),
        ("class N(nn.Module):\n def __init__(self):\n  self.a = nn.Conv2d(3, 3, 1)\n"
         " def forward(self, x):\n  y = self.a(x)\n  y += x\n  return y", "line 6: .* no sums or branches"),
        ("class N(nn.Module):\n def __init__(self):\n  self.a = nn.Conv2d(3, 3, 1)\n"
         " def forward(self, x):\n  return self.a(x) + x", "line 5: .* no sums or branches"),
        ("class N(nn.Module):\n def __init__(self):\n  self.a = nn.Conv2d(3, 3, 1)\n"
         " def forward(self, x):\n  return self.a(x).permute(0, 2, 3, 1)", "line 5: permute cannot be read"),
        ("layers.Conv2D(8, 3, data_format='channels_first', input_shape=(3, 9, 9))", "channels_first' is not read"),
        ("  Layer (type)    Output Shape    Param #\n=====\n Conv2d-1  [-1, 6, 28, 28]  156", "this is a summary"),
        ("Net(\n  (a): ModuleList(\n    (0-1): 2 x Conv2d(3, 3, kernel_size=(3, 3))\n  )\n)", "not their order"),
        ("Net(\n  (a): Block(\n    (downsample): Conv2d(3, 3, kernel_size=(3, 3))\n  )\n)", "this model has branches"),
        ("Conv2D(32, 3, (2, 0), 'same', input_shape=(28, 27, 1))", "a number in the code is none"),
        ("Conv2D(32, 3, input_shape=(28, -1, 1))", "must have whole numbers of at least 1"),
        ("a = (1,)\n" + "a = (a, a)\n" * 40 + "nn.Conv2d(a, 1, 1)", "must be a whole number"),
        ("m = [nn.ReLU()]\n" + "m = [*m, *m]\n" * 40 + "nn.Sequential(*m)", "m is not known"),
        ("m = [nn.ReLU()]\n" + "m += m\n" * 40 + "nn.Sequential(*m)", "a list of layers is too long"),
        ("for i in range(5000):\n for j in range(5000):\n  x = nn.ReLU()", "more than 5,000 steps"),
        ("nn.Flatten(0)", "one row of the whole batch"),
        ("def f(n):\n return f(n)\nf(nn.ReLU())", "nested too deeply|steps|cannot be read"),
    ],
)  # fmt: skip
def test_what_would_give_a_wrong_number_is_refused(code, sentence):
    with pytest.raises(ValueError, match=sentence):
        read(code, 28)
