"""The page "Paste your layer": what it says without a script, and the place where it comes alive."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import Any
from unittest.mock import patch

from cnnkit.course.convolution.explorers import Stack
from cnnkit.course.kit.markup import html
from cnnkit.pasted import explain, read
from tools.site.live.cells import placed
from tools.site.live.glue.outputs import spec
from tools.site.live.glue.pasted import sides, told

NAME = "paste"
SHORT = "Paste your layer"
ABOUT = (
    "Conv2d output size, parameters and receptive field calculator: paste your PyTorch or Keras layer or model, or an "
    "error about shapes, and see what comes out of each layer, what does not fit, and the code that does."
)
LESSONS = ("05_convolution_output_sizes", "07_full_cnn")  # their pages lead here
INVITATION = (
    "Have you a layer or a model of your own? [Paste it](paste.html){.external}, of PyTorch or of Keras, and see its "
    "output sizes, its parameters and its receptive field."
)
LENET = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)"""
KERAS = """model = keras.Sequential([
    keras.Input(shape=(32, 32, 3)),
    layers.Conv2D(32, 3, padding="same", activation="relu"),
    layers.MaxPooling2D(2),
    layers.Conv2D(64, 3, activation="relu"),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
])"""
PRINTED = """Sequential(
  (0): Conv2d(3, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
  (1): ReLU()
  (2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  (3): Conv2d(16, 32, kernel_size=(3, 3), stride=(2, 2), dilation=(2, 2))
)"""
STEM = """nn.Sequential(
    nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
    nn.BatchNorm2d(64),
    nn.ReLU(inplace=True),
    nn.MaxPool2d(3, stride=2, padding=1),
)"""
EXAMPLES = (  # what its button says, the code, the image's size
    ("One Conv2d", "nn.Conv2d(3, 64, 7, stride=2, padding=3)", "224"),
    ("A LeNet class", LENET, "28"),
    ("A Keras model", KERAS, ""),
    ("A printed model", PRINTED, "64"),
    ("A ResNet’s stem", STEM, "224"),
    ("One that does not fit", LENET.replace("5, padding=2", "5"), "28"),
)
MESSAGES = (
    "mat1 and mat2 shapes cannot be multiplied (32x400 and 120x84)",
    "mat1 and mat2 shapes cannot be multiplied (114688x7 and 25088x1000)",
    "Given groups=1, weight of size [6, 3, 5, 5], expected input[1, 1, 28, 28] to have 3 channels, "
    "but got 1 channels instead",
    "Given groups=1, weight of size [6, 3, 5, 5], expected input[1, 28, 28, 3] to have 3 channels, "
    "but got 28 channels instead",
    "Calculated padded input size per channel: (2 x 2). Kernel size: (5 x 5). "
    "Kernel size can't be greater than actual input size",
    "Given input size: (16x1x1). Calculated output size: (16x0x0). Output size is too small",
    "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [28, 28]",
    "shape '[-1, 400]' is invalid for input of size 1152",
    "The size of tensor a (28) must match the size of tensor b (26) at non-singleton dimension 3",
    "Expected more than 1 value per channel when training, got input size torch.Size([1, 3, 1, 1])",
    "Target 10 is out of bounds.",
    "Negative dimension size caused by subtracting 3 from 2 for '{{node conv2d/Conv2D}}'",
)
TEXT = r"""# Paste your layer: Conv2d output size, parameters, receptive field

Paste a layer or a whole model from your code, of PyTorch or Keras, or what `print(model)` shows. You see what comes out
of each layer, how many parameters it has, how many numbers it multiplies (MACs), and how many pixels of the input it
sees: its receptive field. Where two layers do not fit you get the code that does. Your code is read, not run, and it
stays in your browser.

{live}

## The three formulas

All three hold for height and for width alike. $k$ is the kernel's size, $s$ the stride, $p$ the padding on each side,
$d$ the dilation; convolutions and poolings count their windows in the same way.

### Output size

$$o = \left\lfloor \frac{n + 2p - d\,(k - 1) - 1}{s} \right\rfloor + 1$$

`nn.Conv2d(3, 64, 7, stride=2, padding=3)` on an image of 224 pixels: ⌊(224 + 2 · 3 − 6 − 1)/2⌋ + 1 = ⌊223/2⌋ + 1 =
**112**. [Lesson 05](05_convolution_output_sizes.html){.external} shows why.

### Parameters

$$C_\text{out} \cdot \left( \frac{C_\text{in}}{g} \cdot k \cdot k + 1 \right)$$

Each of the $C_\text{out}$ filters has one $k \times k$ kernel for each channel that it reads, and one bias; $g$ is the
number of groups. The same layer has 64 · (3 · 7 · 7 + 1) = **9,472** parameters. The image's size does not matter: that
is [lesson 06](06_weight_sharing.html){.external}. The weights alone, times the 112 · 112 places where they are used,
are its **118,013,952** MACs.

### Receptive field

$$r_l = r_{l-1} + d\,(k - 1) \cdot j_{l-1} \qquad j_l = j_{l-1} \cdot s$$

$r$ is how many input pixels one unit sees across, $j$ how far apart on the input two neighbours look; both begin at 1.
After the layer above, $r$ is 1 + 6 · 1 = 7 and $j$ is 2. After `nn.MaxPool2d(3, stride=2, padding=1)` it is
7 + 2 · 2 = **11**, and $j$ is 4: the stem of a ResNet. [Lesson 07](07_full_cnn.html){.external} puts whole networks
together.

## What errors about shapes mean

{errors}
"""


def page() -> str:
    """The page as Markdown."""
    return TEXT.replace("{live}", raw(live())).replace("{errors}", raw(errors()))


def raw(markup: str) -> str:
    return f"``````{{raw}} html\n{markup}\n``````"


def live() -> str:
    """The place that comes alive. Without a script it holds the first example, read."""
    _, code, size = EXAMPLES[0]
    reading = told(read(code, sides(size)))
    inside = (
        f'<pre class="paste-code">{escape(code)}</pre><div class="paste-said"><div class="live-verdict">'
        f'<p class="paste-total">{escape(reading["total"])}</p></div></div>'
        f'<div class="paste-result">{reading["table"]}</div>'
    )
    return placed("paste", {"examples": named(), "message": MESSAGES[0], "stack": stack()}, inside)


def named() -> list[dict[str, str]]:
    return [{"name": name, "code": code, "size": size} for name, code, size in EXAMPLES]


@cache
def stack() -> dict[str, Any]:
    """The explorer's controls."""
    with patch.object(Stack, "_redraw", lambda self, **_: None):  # no picture is drawn for what the controls say
        return spec(Stack())


def errors() -> str:
    """A table of messages and what they mean."""
    rows = "".join(
        f'<tr><th scope="row"><code>{escape(message)}</code></th><td>{html(explain(message))}</td></tr>'
        for message in MESSAGES
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("The message", "What it means"))
    return f'<table class="paste-errors"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
