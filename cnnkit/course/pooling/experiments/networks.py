"""Small convolutional networks with and without pooling, and how their answers change when the picture is moved.

The canvas is a ring: what leaves on the right comes in on the left, for the convolutions' padding as for the shifts.
So no border disturbs the measurement, and a convolution follows every shift exactly.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from cnnkit._arguments import choice
from cnnkit.course.pooling.experiments.pictures import KINDS, SIDE, Digits, drawn, on_canvas, relative_change, rolled
from cnnkit.network.fit import shuffled

DOWNS = ("none", "late", "stride", "max", "average", "blurred max")
HEADS = ("flat", "global")
CHANNELS = (6, 6, 16)
BATCH = 50
SHIFTS, ANGLES = tuple(range(9)), tuple(range(0, 181, 15))
SCALES = tuple(round(2.0 ** (i / 4), 3) for i in range(-4, 5))  # 1/2 … 2


def network(
    down: str,
    head: str,
    *,
    seed: int,
    outputs: int = 10,
    side: int = SIDE,
    padding: Literal["circular", "zeros"] = "circular",
) -> Any:
    """Three convolutions of 3×3 with ReLUs, the picture halved behind the first two, and one linear layer.

    down   how it is halved: "none" (not at all), "stride" (by the convolution's), "max", "average" (2×2, stride 2),
           "blurred max" (2×2 at stride 1, blurred, every second pixel kept), or "late" (not halved, but the last maps
           keep every fourth pixel: as many parameters as with pooling, as many products as without)
    head   "flat": the linear layer gets every pixel of the last maps; "global": the mean of each map
    padding   of the convolutions: "circular" (the canvas is a ring), or "zeros", as PyTorch's default has it

    References: "stride" is that of Springenberg et al. (2015), Striving for simplicity: the all convolutional net;
    "blurred max" that of Zhang (2019), Making convolutional networks shift-invariant again, section 3.
    """
    import torch
    from torch import nn

    from cnnkit import training

    choice("down", down, DOWNS), choice("head", head, HEADS)
    layers: list[Any] = []
    for i, (c_in, c_out) in enumerate(zip((1, *CHANNELS), CHANNELS, strict=False)):
        stride = 2 if i < 2 and down == "stride" else 1
        layers += [nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, padding_mode=padding), nn.ReLU()]
        layers += _halving(down) if i < 2 else []
    layers += [nn.AvgPool2d(1, 4)] if down == "late" else []  # windows of one pixel, four apart
    last = side if down == "none" else side // 4
    layers += [nn.AvgPool2d(last)] if head == "global" else []
    features = CHANNELS[-1] * (1 if head == "global" else last**2)
    net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(features, outputs))
    training.draw_weights(net, torch.Generator().manual_seed(seed))
    return net


def _halving(down: str) -> list[Any]:
    """What stands behind a convolution to halve its maps, if the convolution has not done so itself."""
    from torch import nn

    if down == "max":
        return [nn.MaxPool2d(2)]
    if down == "average":
        return [nn.AvgPool2d(2)]
    if down == "blurred max":
        # two means of two neighbours, one after the other, are [1 2 1] / 4
        return [nn.CircularPad2d((1, 2, 1, 2)), nn.MaxPool2d(2, 1), nn.AvgPool2d(2, 1), nn.AvgPool2d(2, 2)]
    return []


def trained(
    down: str,
    head: str,
    kind: str,
    seed: int,
    *,
    lr: float,
    count: int,
    pictures: Digits,
    batch: int = BATCH,
    padding: Literal["circular", "zeros"] = "circular",
) -> tuple[Any, float]:
    """A network after `count` epochs of Adam on pictures `drawn` as `kind`, and its error on the last of them.

    "anywhere" draws each digit at one place and keeps it there; "shifted" and "moved" draw all anew for each epoch.
    """
    import torch

    from cnnkit import training

    torch.set_num_threads(1)
    choice("kind", kind, KINDS)
    rng = np.random.default_rng(seed)
    net = network(down, head, seed=seed, padding=padding)
    x, labels = torch.tensor(drawn(pictures.images, kind, rng)), torch.tensor(pictures.labels)
    for epoch in training.epochs(
        net, x, labels, torch.optim.Adam(net.parameters(), lr),
        count=count, batches=lambda: shuffled(len(x), batch, rng),
    ):  # fmt: skip
        if kind in ("shifted", "moved") and epoch.number < count:
            x[:] = torch.tensor(drawn(pictures.images, kind, rng))
    return net, training.error(net, x, labels)


def answers(net: Any, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the linear layer is given, (N, features), and the class that comes out, (N,)."""
    import torch

    with torch.no_grad():
        features = net[:-1](torch.tensor(x))
        return features.numpy(), net[-1](features).argmax(dim=1).numpy()


class Following(NamedTuple):
    """For each amount of a movement, over all pictures."""

    agree: list[float]  # the share whose class is that of the unmoved picture
    right: list[float]  # the share whose class is right
    change: list[float]  # of what the linear layer is given; see `relative_change`


def following(net: Any, pictures: Digits, moved: list[np.ndarray]) -> Following:
    """Hold the answers to pictures that were moved (`movements`) against those to the same in the middle."""
    before, classes = answers(net, on_canvas(pictures.images))
    found = []
    for x in moved:
        after, now = answers(net, x)
        found.append(((now == classes).mean(), (now == pictures.labels).mean(), relative_change(before, after)))
    return Following(*(list(map(float, column)) for column in zip(*found, strict=True)))


def learnt(training: Any) -> np.ndarray:
    """Which networks know most of their training digits, from their training errors: the others always answer alike.

    Such an answer stays at every shift, and is as wrong in training as in testing: it would pass for an invariant
    network that does not overfit.

    >>> learnt([0.0, 0.9, 0.25])
    array([ True, False,  True])
    """
    return np.asarray(training) < 0.5


def gaps(run: dict[str, Any]) -> np.ndarray:
    """Test error minus training error of each seed; nan for a network that has not `learnt`.

    >>> gaps({"test": [0.5, 0.9], "training": [0.25, 0.9]})
    array([0.25,  nan])
    """
    return np.where(learnt(run["training"]), np.subtract(run["test"], run["training"]), np.nan)


def movements(what: str, images: np.ndarray) -> list[np.ndarray]:
    """The pictures in the middle of the canvas, moved by each of SHIFTS pixels to the right, ANGLES or SCALES."""
    choice("what", what, ("shift", "angle", "scale"))
    if what == "shift":
        centred = on_canvas(images)
        return [rolled(centred, (amount, 0)) for amount in SHIFTS]
    amounts = ANGLES if what == "angle" else SCALES
    return [on_canvas(images, **{what: amount}) for amount in amounts]


def half_gone(agree: Any) -> float:
    """The shift at which half of the answers are gone, with a straight line between whole pixels; infinity if never.

    >>> half_gone([1.0, 0.75, 0.25, 0.5])
    1.5
    """
    below = np.flatnonzero(np.asarray(agree) < 0.5)
    if not len(below):
        return float("inf")
    before, after = agree[below[0] - 1], agree[below[0]]
    return float(below[0] - 1 + (before - 0.5) / (before - after))
