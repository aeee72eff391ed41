"""cnnkit beside torch: forward + backward, float32, one thread each, in one process.

Only ratios are given, of processor time. The two run in turns and each figure is a median, because the speed of a
machine changes from one minute to the next by more than the difference that we want to see. Torch runs in its default
layout and in channels_last, which is often faster.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from math import exp, log
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

import cnnkit
from cnnkit._say import say
from cnnkit.course.kit.timing import in_turns

ROOT = Path(__file__).resolve().parent.parent
LAYOUTS = (torch.contiguous_format, torch.channels_last)


class Case(NamedTuple):
    """One line of the table: forward + backward of both, and how many times torch's time ours may take."""

    name: str
    target: float
    ours: Callable[[np.ndarray, np.ndarray], Any]  # (x, dy)
    torch: Callable[[torch.Tensor], torch.Tensor]
    shape: tuple[int, ...]
    parameters: tuple[torch.Tensor, ...] = ()


class Convolution(NamedTuple):
    """A layer of a network that people know, on a batch of its images."""

    layer: str
    shape: tuple[int, ...]  # (N, C, H, W)
    filters: int
    kernel_size: int
    stride: int = 1
    padding: int = 0
    groups: int = 1

    @property
    def name(self) -> str:
        n, c, h, w = self.shape
        k, s, p, g = self.kernel_size, self.stride, self.padding, self.groups
        options = f", stride {s}" * (s > 1) + f", padding {p}" * (p > 0) + f", {g} groups" * (g > 1)
        return f"conv2d, {self.layer}: N{n} C{c} {h}×{w}, {self.filters} filters {k}×{k}{options}"


def convolutions(layers: Iterable[Convolution]) -> Iterator[Case]:
    for layer in layers:
        weight = random(layer.filters, layer.shape[1] // layer.groups, layer.kernel_size, layer.kernel_size)
        bias = random(layer.filters)
        options: Any = {"stride": layer.stride, "padding": layer.padding, "groups": layer.groups}

        def ours(x, dy, weight=weight, bias=bias, options=options):
            return cnnkit.conv2d(x, weight, bias, **options), cnnkit.conv2d_backward(dy, x, weight, **options)

        parameters = tensor(weight), tensor(bias)

        def theirs(x, parameters=parameters, options=options):
            return F.conv2d(x, *parameters, **options)

        yield Case(layer.name, 2.5, ours, theirs, layer.shape, parameters)


def other_layers(shape: tuple[int, ...]) -> Iterator[Case]:
    """Pooling, dropout and batch norm on images of one shape."""
    rng, place = np.random.default_rng(0), "N{} C{} {}×{}".format(*shape)
    weight, bias, zeros, ones = random(shape[1]), random(shape[1]), np.zeros(shape[1]), np.ones(shape[1])
    parameters = tensor(weight), tensor(bias)

    def max_pool(x, dy):
        return cnnkit.max_pool2d(x, 2), cnnkit.max_pool2d_backward(dy, x, 2)

    def avg_pool(x, dy):
        return cnnkit.avg_pool2d(x, 2), cnnkit.avg_pool2d_backward(dy, x, 2)

    def dropout(x, dy):
        y, mask = cnnkit.dropout(x, 0.5, rng=rng)
        return y, cnnkit.dropout_backward(dy, mask)

    def batch_norm(x, dy):
        running = zeros.astype(x.dtype), ones.astype(x.dtype)
        y = cnnkit.batch_norm2d(x, *running, weight, bias, training=True)
        return y, cnnkit.batch_norm2d_backward(dy, x, *running, weight, training=True)

    def torch_norm(x):
        return F.batch_norm(x, torch.zeros(shape[1]), torch.ones(shape[1]), *parameters, training=True)

    yield Case(f"max_pool2d 2×2, {place}", 0.75, max_pool, lambda x: F.max_pool2d(x, 2), shape)
    yield Case(f"avg_pool2d 2×2, {place}", 0.75, avg_pool, lambda x: F.avg_pool2d(x, 2), shape)
    yield Case(f"dropout, {place}", 0.5, dropout, lambda x: F.dropout(x, 0.5), shape)
    yield Case(f"batch_norm2d, training, {place}", 1.5, batch_norm, torch_norm, shape, parameters)


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape, dtype=np.float32)


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.copy()).requires_grad_()


def ratios(case: Case, rounds: int) -> list[float]:
    """Our time divided by torch's, once for each of torch's layouts."""
    x = random(*case.shape)
    dy = random(*case.torch(tensor(x)).shape)
    runs: list[Callable[[], Any]] = [lambda: case.ours(x, dy)]
    for layout in LAYOUTS:
        theirs, upstream = (torch.from_numpy(a).to(memory_format=layout) for a in (x, dy))
        theirs = theirs.detach().clone(memory_format=torch.preserve_format).requires_grad_()

        def run(theirs=theirs, upstream=upstream):
            for leaf in (theirs, *case.parameters):
                leaf.grad = None
            case.torch(theirs).backward(upstream)

        runs.append(run)
    ours, *torchs = in_turns(runs, rounds)
    return [ours / t for t in torchs]


def import_ratio(rounds: int) -> float:
    """How much longer `import cnnkit` takes than `import numpy`, each in a fresh Python, both already compiled."""
    with TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled}

        def seconds(module: str) -> float:
            code = f"from time import process_time as t; a = t(); import {module}; print(t() - a)"
            command = [sys.executable, "-c", code]
            return float(subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment).stdout)

        pairs = [(seconds("cnnkit"), seconds("numpy")) for _ in range(rounds + 1)][1:]  # the first round compiles
    ours, numpys = zip(*pairs, strict=True)
    return statistics.median(ours) / statistics.median(numpys)


# Every kind of convolution that networks have: few channels or many, large maps or small, large kernels, strides,
# one pixel, one channel a group.
CONVOLUTIONS = (
    Convolution("LeNet-5 C1", (64, 1, 32, 32), 6, 5),
    Convolution("LeNet-5 C3", (64, 6, 14, 14), 16, 5),
    Convolution("AlexNet 1", (8, 3, 224, 224), 64, 11, stride=4, padding=2),
    Convolution("AlexNet 2", (4, 64, 27, 27), 192, 5, padding=2),
    Convolution("VGG-16 1.2", (1, 64, 224, 224), 64, 3, padding=1),
    Convolution("VGG-16 5.1", (4, 512, 14, 14), 512, 3, padding=1),
    Convolution("GoogLeNet 4a, 5×5", (16, 16, 14, 14), 48, 5, padding=2),
    Convolution("ResNet-18 1", (4, 3, 224, 224), 64, 7, stride=2, padding=3),
    Convolution("ResNet-18 3.1", (8, 64, 56, 56), 128, 3, stride=2, padding=1),
    Convolution("MobileNet 3, depthwise", (8, 128, 56, 56), 128, 3, padding=1, groups=128),
    Convolution("MobileNet 3, pointwise", (8, 128, 56, 56), 128, 1),
    Convolution("digits_cnn 2", (32, 16, 8, 8), 32, 3, padding=1),
)
CONVOLUTIONS_TARGET = 1.3  # of their geometric mean
IMAGES = (32, 16, 32, 32)


def table(
    convolution_layers: Iterable[Convolution] = CONVOLUTIONS, shape: tuple[int, ...] = IMAGES, rounds: int = 15
) -> str:
    """Measure everything, and return the Markdown table."""
    torch.set_num_threads(1)
    lines = [
        "| forward + backward, our time ÷ torch's | default layout | channels_last | at most |",
        "|---|---|---|---|",
    ]
    cases = list(convolutions(convolution_layers))
    measured = [ratios(case, rounds) for case in cases]
    lines += [row(case.name, values, case.target) for case, values in zip(cases, measured, strict=True)]
    means = [exp(statistics.fmean(log(v) for v in column)) for column in zip(*measured, strict=True)]
    lines.append(row("**conv2d, geometric mean**", means, CONVOLUTIONS_TARGET))
    lines += [row(case.name, ratios(case, rounds), case.target) for case in other_layers(shape)]
    lines.append(f"| `import cnnkit` ÷ `import numpy` | {import_ratio(max(2, rounds // 2)):.2f} | | 1.3 |")
    return "\n".join(lines) + "\n"


def row(name: str, values: list[float], target: float | None = None) -> str:
    return f"| {name} | {values[0]:.2f} | {values[1]:.2f} | {target or ''} |"


def put_into(path: Path, text: str, name: str = "bench") -> None:
    """Replace what stands between the markers of this name in a file, if it has them."""
    if path.exists():
        between = re.compile(rf"(<!-- {name}:start -->\n).*?(<!-- {name}:end -->)", re.DOTALL)
        path.write_text(between.sub(lambda m: m[1] + text + m[2], path.read_text(encoding="utf-8")), encoding="utf-8")


def main() -> None:
    text = table()
    say(text)
    versions = f"numpy {np.__version__}, torch {torch.__version__}, float32, one thread each, medians of 15 turns.\n"
    (ROOT / "benchmarks" / "results.md").write_text(f"{text}\n{versions}", encoding="utf-8")
    put_into(ROOT / "README.md", text)
