"""Networks with and without shared weights, of equal budgets, in torch: two windowed layers and ten outputs.

A locally connected layer and a convolution have the same windows and make the same number of products. They differ in
one thing: whether the places share their weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from cnnkit._arguments import choice
from cnnkit.layers import Conv2d, Linear, LocallyConnected2d, count_macs, count_parameters, output_shape

CANVAS, CLASSES = 16, 10
KINDS = ("dense", "local", "conv")


class Net(NamedTuple):
    """What a network is made of. Its input is a picture of 16×16 pixels, its output ten numbers.

    kind     dense: fully connected, 256 → widths → 10
             local: windows of 5×5, then of 3×3, with `widths` maps each; every place has weights of its own
             conv: the same, but all places of a map share their weights
    stride   of the first windows: 2 leaves 8×8 places, 1 leaves 16×16
    pooled   of each map only the largest value goes on to the ten outputs, not the value of every place
    """

    kind: str
    widths: tuple[int, ...]
    stride: int = 2
    pooled: bool = False

    def layers(self) -> Iterator[tuple[Any, tuple[int, ...]]]:
        """The layers that have weights, as `cnnkit.layers` describes them, each with the shape of its input."""
        if choice("kind", self.kind, KINDS) == "dense":
            yield from ((Linear(a, b), (a,)) for a, b in pairwise((CANVAS**2, *self.widths, CLASSES)))
            return
        (first, second), side = self.widths, CANVAS // self.stride
        windowed: Callable[..., Any] = Conv2d if self.kind == "conv" else LocallyConnected2d
        yield windowed(1, first, 5, stride=self.stride, padding=2), (1, CANVAS, CANVAS)
        yield windowed(first, second, 3, padding=1), (first, side, side)
        features = second if self.pooled else second * side**2
        yield Linear(features, CLASSES), (features,)

    @property
    def parameters(self) -> int:
        """How many numbers it learns.

        >>> Net("conv", (8, 16)).parameters, Net("local", (8, 16)).parameters
        (11626, 98314)
        """
        return sum(count_parameters(layer, shape) for layer, shape in self.layers())

    @property
    def macs(self) -> int:
        """How many products it adds up for one picture.

        >>> Net("conv", (8, 16)).macs, Net("local", (8, 16)).macs
        (96768, 96768)
        """
        return sum(count_macs(layer, shape) for layer, shape in self.layers())


NETS = {
    "fully connected": Net("dense", (363,)),
    "locally connected": Net("local", (8, 16)),
    "CNN": Net("conv", (8, 16)),
    "wide CNN": Net("conv", (32, 104)),  # as many parameters as the first two; 21 times the products
    "locally connected, pooled": Net("local", (8, 16), pooled=True),
    "CNN, pooled": Net("conv", (8, 16), pooled=True),
    "CNN, pooled, stride 1": Net("conv", (8, 16), stride=1, pooled=True),
}


def start(net: Net, generator: Any) -> list[Any]:
    """Weights with He's variance and biases of 0, as torch tensors: weight, bias, weight, bias …

    Those of a locally connected layer have a first axis for the places.
    """
    import torch

    parameters = []
    for layer, shape in net.layers():
        (out, *places), (fan_in, _) = output_shape(layer, shape), layer.fans
        own = (places[0] * places[1],) if isinstance(layer, LocallyConnected2d) else ()
        parameters.append((2 / fan_in) ** 0.5 * torch.randn(*own, out, fan_in, generator=generator))
        parameters.append(torch.zeros(*own, out))
    return [parameter.requires_grad_() for parameter in parameters]


def logits(net: Net, parameters: list[Any], x: Any) -> Any:
    """What the network says to pictures x (N, 1, 16, 16): a tensor (N, 10)."""
    import torch.nn.functional as F

    *hidden, last = zip(net.layers(), parameters[::2], parameters[1::2], strict=True)
    for (layer, _), weight, bias in hidden:
        x = F.linear(x.flatten(1), weight, bias) if net.kind == "dense" else windowed(layer, x, weight, bias)
        x = x.relu()
    x = x.amax(dim=(2, 3)) if net.pooled else x.flatten(1)
    return F.linear(x, *last[1:])


def windowed(layer: Any, x: Any, weight: Any, bias: Any) -> Any:
    """A convolution, or a locally connected layer, of x (N, C, side, side)."""
    import torch.nn.functional as F

    k, options = layer.kernel_size, {"stride": layer.stride, "padding": layer.padding}
    if isinstance(layer, Conv2d):
        return F.conv2d(x, weight.view(len(weight), -1, k, k), bias, **options)
    seen = F.unfold(x, k, **options).permute(2, 0, 1)  # places, pictures, what a window sees
    y = seen @ weight.mT + bias[:, None]  # one product of matrices for each place
    return y.permute(1, 2, 0).reshape(len(x), *output_shape(layer, tuple(x.shape[1:])))
