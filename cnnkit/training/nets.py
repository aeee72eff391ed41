"""The networks that are trained here, and how: one recipe for each data set."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor, nn


class Recipe(NamedTuple):
    """A network and how it learns."""

    network: Callable[[], nn.Module]
    epochs: int
    batch: int
    peak: float  # the highest learning rate
    shift: int = 0  # pixels by which a picture is moved at most, each time anew
    flip: bool = False  # whether it is mirrored half of the time
    weight_decay: float = 5e-4
    smoothing: float = 0.1  # of the labels


def block(inputs: int, outputs: int) -> list[nn.Module]:
    """Convolution 3×3 that keeps the size, batch norm, ReLU. The bias of the batch norm is enough."""
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


def digits_net() -> nn.Sequential:
    """For 1 × 8 × 8: the network of `cnnkit.network.digits_cnn`."""
    return nn.Sequential(*block(1, 16), *block(16, 32), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 10))


def mnist_net(a: int = 24, b: int = 48, c: int = 64) -> nn.Sequential:
    """For 1 × 28 × 28. Each 2 × 2 pixels are folded into 4 channels first: a quarter of the positions to compute."""
    return nn.Sequential(
        nn.PixelUnshuffle(2), *block(4, a), *block(a, b), nn.MaxPool2d(2), *block(b, c), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(9 * c, 10),
    )  # fmt: skip


def cifar_net() -> nn.Sequential:
    """For 3 × 32 × 32, folded like MNIST's."""
    return nn.Sequential(
        nn.PixelUnshuffle(2), *block(12, 64), *block(64, 96), nn.MaxPool2d(2), *block(96, 128), *block(128, 128),
        nn.MaxPool2d(2), *block(128, 192), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(192, 10),
    )  # fmt: skip


RECIPES = {
    "digits": Recipe(digits_net, epochs=12, batch=32, peak=0.15),
    "mnist": Recipe(mnist_net, epochs=4, batch=128, peak=0.3, shift=1),
    "fashion_mnist": Recipe(mnist_net, epochs=4, batch=128, peak=0.3, flip=True),
    "cifar10": Recipe(cifar_net, epochs=8, batch=128, peak=0.3, shift=3, flip=True),
}


class ExampleNet(nn.Module):
    """The network of PyTorch's own MNIST example (github.com/pytorch/examples, mnist), to compare with.

    Two convolutions 3×3 without padding to 32 and 64 maps, max pooling, two linear layers, dropout before each.
    """

    def __init__(self) -> None:
        super().__init__()
        self.maps = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2))
        self.classes = nn.Sequential(
            nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classes(self.maps(x))
