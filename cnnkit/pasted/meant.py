"""Which layer of somebody's code an error's message speaks of, and that layer as it would fit."""

from __future__ import annotations

import re

from cnnkit.pasted.code import Call, Source
from cnnkit.pasted.errors import plain
from cnnkit.pasted.layers import bound
from cnnkit.pasted.mends import Mend, rewritten
from cnnkit.pasted.reader import calls

CHANNELS = re.compile(
    r"weight of size \[([\d, ]+)\], expected input\[([\d, ]+)\] to have (\d+) channels, but got (\d+)"
)
RUNNING = re.compile(r"should contain (\d+) elements not (\d+)")
PRODUCT = re.compile(r"\((\d+)x(\d+) and (\d+)x(\d+)\)")


def mended(message: str, code: str) -> Mend | None:
    """The layer that the message means, changed, if exactly one layer of the code can be meant.

    >>> message = "weight of size [64, 3, 7, 7], expected input[1, 1, 28, 28] to have 3 channels, but got 1 channels"
    >>> print(mended(message, "nn.Conv2d(3, 64, 7, stride=2, padding=3)"))
    nn.Conv2d(1, 64, 7, stride=2, padding=3)
    """
    text = plain(message)
    try:
        source = Source(code)
        found = calls(source)[0]
    except ValueError:
        return None
    if match := CHANNELS.search(text):
        weight, shape = ([int(side) for side in re.findall(r"\d+", sides)] for sides in match.groups()[:2])
        wanted, got = int(match[3]), int(match[4])
        if shape[-1] == wanted or (wanted == 1 and shape[0] == 1 and got > 4):  # the axes are wrong, not the layer
            return None
        return _only(found, source, "Conv2d", "in_channels", got, in_channels=wanted, out_channels=weight[0])
    if match := RUNNING.search(text):
        kinds = ("BatchNorm1d", "BatchNorm2d")
        mends = [
            _only(found, source, kind, "num_features", int(match[1]), num_features=int(match[2])) for kind in kinds
        ]
        return mends[0] or mends[1] if None in mends else None
    if match := PRODUCT.search(text):
        rows, given, taken, out = map(int, match.groups())
        if given < taken and rows * given % taken == 0:
            return None  # Flatten may be missing
        return _only(found, source, "Linear", "in_features", given, in_features=taken, out_features=out)
    return None


def _only(found: list[Call], source: Source, kind: str, name: str, value: int, **has: int) -> Mend | None:
    alike = [call for call in found if call.name == kind and not call.again]
    alike = [call for call in alike if all(bound(call).get(key) == number for key, number in has.items())]
    return rewritten(alike[0], source, name, value) if len(alike) == 1 else None
