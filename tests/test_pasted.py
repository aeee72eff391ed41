"""Models as they stand in somebody's code: read without running them, and held against PyTorch, which does run them."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnnkit.course.convolution.explorers import Stack
from cnnkit.course.convolution.stack_numbers import stack_of
from cnnkit.pasted import read

CHAINS = [  # code, and the shape of an input that it takes
    ("nn.Conv2d(3, 64, 7, stride=2, padding=3)", (3, 224, 224)),
    ("nn.Conv2d(in_channels=4, out_channels=8, kernel_size=(3, 5), groups=2, dilation=2, bias=False)", (4, 20, 21)),
    ("nn.MaxPool2d(3, 2, 1, ceil_mode=True)", (3, 20, 20)),
    ("nn.Sequential(nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(864, 10))", (1, 28, 28)),
    ("nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.PReLU(8), nn.MaxPool2d((7, 6)))", (3, 9, 8)),
    ("nn.Sequential(nn.Linear(12, 7, bias=False), nn.BatchNorm1d(7), nn.Dropout(0.2), nn.Softmax(dim=1))", (12,)),
    ("nn.Sequential(nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.ReLU()), nn.MaxPool2d(2))", (2, 8, 8)),
]  # fmt: skip
LENET = """
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    '''The network of many a tutorial.'''
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        return self.fc2(F.relu(self.fc1(x)))

net = Net()
"""
KERAS = """
model = keras.Sequential([
    keras.Input(shape=(28, 20, 1)),
    layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
    layers.MaxPooling2D(pool_size=(2, 2)),
    layers.Flatten(),
    layers.Dropout(0.5),
    layers.Dense(num_classes, activation="softmax"),
])
model.summary()
"""


@pytest.mark.parametrize(("code", "shape"), CHAINS)
def test_shapes_and_parameters_are_torchs(code, shape):
    model = eval(code, {"nn": nn}).eval()
    steps = [m for m in model.modules() if not list(m.children())]
    found = read(code, shape[1:] or None)
    x = torch.zeros(1, *shape)
    assert found.wrong == ""
    assert found.input_shape == shape
    for step, row in zip(steps, found.rows, strict=True):
        x = step(x)
        assert row.output_shape == tuple(x.shape[1:]), step
        assert row.parameters == sum(p.numel() for p in step.parameters()), step


@pytest.mark.parametrize(("code", "shape"), CHAINS)
def test_a_printed_model_is_read_like_its_code(code, shape):
    sizes = shape[1:] or None
    printed = read(repr(eval(code, {"nn": nn})), sizes)
    assert [row[1:] for row in printed.cells()] == [row[1:] for row in read(code, sizes).cells()]
    assert ("as they are printed" in "".join(printed.notes)) == ("Sequential" in code)


def test_a_class_is_read_in_the_order_of_its_forward():
    found = read(LENET)
    assert found.input_shape == (3, 32, 32)  # nothing else fits: 16 · 5 · 5
    assert found.notes == ["All layers fit if the input has 32 to 35 pixels a side: 32 is taken."]
    names = [label.partition("(")[0].removeprefix("nn.") for label in found.labels]
    assert names == [
        "Conv2d",
        "ReLU",
        "MaxPool2d",
        "Conv2d",
        "ReLU",
        "MaxPool2d",
        "Flatten",
        "Linear",
        "ReLU",
        "Linear",
    ]
    scope = {"nn": nn, "F": F, "torch": torch}
    exec(LENET, scope)
    assert sum(row.parameters for row in found.rows) == sum(p.numel() for p in scope["net"].parameters())


def test_keras_says_its_input_and_has_channels_last():
    found = read(KERAS)
    assert found.input_shape == (1, 28, 20)
    assert [row.output_shape for row in found.rows] == [(32, 26, 18), (32, 13, 9), (3744,), (3744,), (10,)]
    assert sum(row.parameters for row in found.rows) == 9 * 32 + 32 + 3744 * 10 + 10


@pytest.mark.parametrize(
    ("layer", "sides", "start"),  # ceil(n / s) windows; of an odd number of padded pixels one more at the end
    [
        ("Conv2D(8, 3, strides=2, padding='same'", (16, 16), 0),
        ("Conv2D(8, 4, padding='same'", (32, 31), -1),
        ("Conv2D(8, 5, strides=(1, 2), padding='same'", (32, 16), -2),
        ("MaxPooling2D(3, strides=2, padding='same'", (16, 16), 0),
        ("AveragePooling2D(2, padding='same'", (16, 16), 0),
        ("MaxPooling2D(3, strides=1, padding='same'", (32, 31), -1),
        ("Conv2D(8, 3, strides=2", (15, 15), 0),
    ],
)
def test_same_padding_is_tensorflows(layer, sides, start):
    row = read(f"layers.{layer}, input_shape=(32, 31, 3))").rows[0]
    assert row.output_shape[1:] == sides
    found = row.field.start
    assert (found[0] if isinstance(found, tuple) else found) == start


def test_functional_keras_is_a_chain_and_a_branch_is_refused():
    chain = "i = keras.Input((64, 64, 3))\nx = layers.Conv2D(8, 3)(i)\nx = layers.GlobalAveragePooling2D()(x)\n"
    assert read(chain + "o = layers.Dense(10)(x)\nmodel = keras.Model(i, o)").rows[-1].output_shape == (10,)
    with pytest.raises(ValueError, match=r"line 4: i is used again: .* no branches"):
        read(chain + "o = layers.Conv2D(8, 3)(i)")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("nn.Sequential(nn.Conv2d(1, 1, 1), nn.Flatten(), nn.Linear(400, 120))",
         "nn.Linear(400, 120) takes 400 numbers and gets 784 = 1 · 28 · 28. Write nn.Linear(784, 120)."),
        ("nn.Sequential(nn.Conv2d(1, 8, 3), nn.Conv2d(in_channels=16, out_channels=8, kernel_size=3))",
         "takes 16 channels and gets 8. Write nn.Conv2d(in_channels=8, out_channels=8, kernel_size=3)."),
        ("nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(4))", "takes 4 channels and gets 8. Write nn.BatchNorm2d("),
        ("nn.Sequential(nn.Conv2d(1, 8, 300))", "it spans 300 pixels"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_the_code_that_does(code, sentence):
    found = read(code, 28)
    assert sentence in found.wrong
    assert found.wrong in repr(found)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("", "no layer was found"),
        ("import torch", "no layer was found"),
        ("nn.Conv2d(3, 8, (", "line 1 is no Python"),
        ("nn.Conv2d(3, 8, 3", "line 1 is no Python"),
        ("x = 1\nfor i in range(3): pass", "no layer was found"),
        ("n = 3\nwhile n: n = f(nn.ReLU())", "line 2: only layers one after the other can be read, no while"),
        ("__import__('os').system('touch here')", "line 1: system cannot be read"),
        ("nn.LSTM(3, 4)", "line 1: LSTM cannot be read; 2-D convolutions"),
        ("nn.Conv2d(3)", r"line 1: nn.Conv2d\(3\) lacks an argument"),
        ("nn.Conv2d(3, 8, k)", "line 1: kernel_size must be a number, got k"),
        ("nn.Conv2d(3, 8, 3, activation='relu')", "line 1: Conv2d has no argument activation"),
        ("nn.MaxPool2d(2, bias=False)", "line 1: MaxPool2d has no argument bias"),
        ("nn.Linear(3, 8, affine=True)", "line 1: Linear has no argument affine"),
        ("nn.Conv2d(3, 8, 3, 1, 0, 1, 1, True, 'zeros', 5)", "more arguments than Conv2d takes"),
        ("nn.Conv2d(3, 8, 10 ** 9)", r"10 \*\* 9 is neither a number nor a name"),
        ("nn.Conv2d(3, 8, 99999 * 99999 * 99999)", "a number must be at most 1,000,000,000"),
        ("nn.Conv2d(3, 8, 4 // 0)", "divided by 0"),
        ("nn.Sequential(*[nn.ReLU() for _ in range(9 ** 9)])", "neither a number nor a name"),
        ("nn.Sequential(*[nn.ReLU() for _ in range(99999)])", "cannot be gone over"),
        ("x + y", "no sums or branches"),
        ("(" * 5000, "no Python|nested too deeply"),
        ("nn.Sequential(" * 150 + ")" * 150, "no layer was found|no Python|nested too deeply"),
        ("a" * 200_000, "at most 100,000 characters"),
        ("nn.Conv2d(0, 8, 3)", "in_channels"),
        ("\0", "no Python|no layer"),
        ("nn.Sequential(" + "nn.MaxPool2d(1), " * 5500 + ")", "at most 400 layers can be read, and these are 5,500"),
    ],
    ids=lambda v: v[:20],
)
def test_what_cannot_be_read_is_refused_with_its_line(code, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        read(code)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("size", "sentence"), [(0, "size must be at least 1"), ("a", "an int"), ((1, 2, 3), "a pair")])
def test_the_size_is_checked(size, sentence):
    with pytest.raises(ValueError, match=sentence):
        read("nn.ReLU()", size)


def test_the_stack_shows_what_was_read():
    found = read(
        "nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1), nn.Conv2d(64, 64, 3, padding=1))"
    )
    settings = stack_of(found.input_shape, [row.layer for row in found.rows])
    assert settings
    last = found.rows[-1]
    assert f"= {last.field.size} pixels across" in Stack(**settings).sentence.replace("**", "")
    assert f"become {last.output_shape[1]} × {last.output_shape[1]}" in Stack(**settings).sentence


@pytest.mark.parametrize(
    "code",
    ["nn.Conv2d(3, 8, (3, 5))", "nn.Conv2d(4, 8, 3, groups=2)", "nn.AvgPool2d(2)", "nn.Linear(3, 4)",
     "nn.Conv2d(3, 8, 13)", "nn.Conv2d(3, 600, 3)", "nn.MaxPool2d(3, ceil_mode=True)"],
)  # fmt: skip
def test_what_the_stack_cannot_show_has_no_settings(code):
    found = read(code, None if "Linear" in code else 64)
    assert stack_of(found.input_shape, [row.layer for row in found.rows]) is None


def test_a_convolution_without_bias_stands_in_the_stack_like_one_with():
    with_bias, without = (read(f"nn.Conv2d(3, 8, 3, bias={bias})", 32) for bias in (True, False))
    settings = [stack_of(found.input_shape, [row.layer for row in found.rows]) for found in (with_bias, without)]
    assert settings[0] == settings[1] is not None
    assert with_bias.rows[0].parameters == without.rows[0].parameters + 8


@pytest.mark.parametrize("pooling", ["GlobalAveragePooling2D()", "GlobalMaxPooling2D()"])
@pytest.mark.parametrize("chain", ["keras.Sequential([{}])", "{}"])
def test_what_its_writer_calls_one_layer_is_one_row(pooling, chain):
    code = chain.format(f"layers.Conv2D(8, 3, input_shape=(9, 7, 3)), layers.{pooling}, layers.Dense(10)")
    found = read(code if "Seq" in code else code.replace(", layers", "\nlayers"))
    assert [label.partition("(")[0] for label in found.labels] == [
        "layers.Conv2D",
        f"layers.{pooling[:-2]}",
        "layers.Dense",
    ]
    assert [row.output_shape for row in found.rows] == [(8, 7, 5), (8,), (10,)]
    assert found.cells()[1][4] == "9 × 7"
    assert found.rows[2].parameters == 90


def test_many_layers_are_tried_at_the_usual_sizes():
    found = read("nn.Sequential(" + "nn.MaxPool2d(1), " * 200 + "nn.Flatten(), nn.Linear(3 * 32 * 32, 10))")
    assert found.input_shape == (3, 32, 32)
    assert found.notes == [
        "The code does not say how many channels the image has: 3 are taken.",
        "All layers fit if the input has 32 … pixels a side: 32 is taken.",
    ]
    assert "takes 7 numbers" in read("nn.Sequential(" + "nn.MaxPool2d(1), " * 399 + "nn.Linear(7, 2))").wrong
