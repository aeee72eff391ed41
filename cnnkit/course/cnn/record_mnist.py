"""`python -m cnnkit.course.cnn.record_mnist`: the real MNIST, beside the network of PyTorch's own example.

Writes recorded_mnist.json, which notebook 07 reads. The recipe was chosen on 10,000 pictures of the training split;
here it sees all 60,000, and the test pictures only say how good it is. Parts can be measured one by one:
`python -m cnnkit.course.cnn.record_mnist accuracy race choices`.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from cnnkit.course.kit.recorder import command_line, record, rounded
from cnnkit.data import load
from cnnkit.network import Epoch
from cnnkit.training import RECIPES, ExampleNet, Recipe, accuracy, epochs, fit, mnist_net, tensors
from cnnkit.training.nets import block

FILE = Path(__file__).with_name("recorded_mnist.json")
THREADS, SEEDS = 2, range(5)
RACE_SEEDS, CHOICE_SEEDS = range(2), range(3)  # a race takes minutes: the example's network is slow to test
TARGET = 0.985
QUICK = RECIPES["mnist"]._replace(epochs=1, batch=64, peak=0.2)
QUICK_N = 30_000  # pictures of the training split that are seen, once
VALIDATION = 10_000  # the last ones of the training split
Batches = tuple[Tensor, Tensor]


def full_accuracy(train: Batches, test: Batches) -> dict[str, Any]:
    """The whole recipe on all 60,000 pictures: time to train, and the test accuracy at its end."""
    seconds, busy, right = [], [], []
    for seed in SEEDS:
        model, start, work = start_of(RECIPES["mnist"].network, seed), time.perf_counter(), time.process_time()
        for _ in fit(model, *train, RECIPES["mnist"], seed=seed):
            pass
        seconds.append(round(time.perf_counter() - start, 1))
        busy.append(round(time.process_time() - work, 1))
        right.append(round(accuracy(model, *test), 4))
    parameters = sum(p.numel() for p in model.parameters())
    found = {"parameters": parameters, "epochs": RECIPES["mnist"].epochs, "accuracy": right}
    return found | {"seconds": seconds, "processor seconds": busy}


def race(train: Batches, test: Batches) -> dict[str, Any]:
    """Seconds of training until TARGET of the test pictures are right, ours and the example's in turns."""
    found: dict[str, Any] = {"ours": [], "example": [], "ratio": []}
    few = train[0][:QUICK_N], train[1][:QUICK_N]
    for seed in RACE_SEEDS:
        model = start_of(QUICK.network, seed)
        ours = until(TARGET, fit(model, *few, QUICK, seed=seed, parts=20), model, test)
        model = start_of(ExampleNet, seed)
        example = until(TARGET, example_fit(model, *train, seed=seed, parts=20), model, test)
        found["ours"].append(ours)
        found["example"].append(example)
        found["ratio"].append(round(ours["seconds"] / example["seconds"], 3))
    return found | {"target": TARGET, "pictures": QUICK_N}


def until(target: float, epochs: Iterable[Epoch], model: nn.Module, test: Batches) -> dict[str, Any]:
    """Train until the share `target` is right; only the training counts, and no more of it than there is."""
    seconds, reached, start = 0.0, {}, time.perf_counter()
    for epoch in epochs:
        seconds += time.perf_counter() - start
        right = accuracy(model, *test)
        reached = {"seconds": round(seconds, 2), "epochs": round(epoch.number, 2), "accuracy": round(right, 4)}
        if right >= target:
            break
        start = time.perf_counter()
    return reached


def example_fit(model: nn.Module, x: Tensor, labels: Tensor, *, seed: int, parts: int) -> Iterable[Epoch]:
    """As PyTorch's MNIST example trains: Adadelta at 1, times 0.7 each epoch, batches of 64; at most 5 epochs here."""
    random = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adadelta(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, step_size=1, gamma=0.7)
    every = max(1, -(-len(x) // 64) // parts)
    for epoch in epochs(
        model, x, labels, optimiser,
        count=5, batches=lambda: torch.randperm(len(x), generator=random).split(64), every=every,
    ):  # fmt: skip
        yield epoch
        if epoch.number % 1 == 0:
            schedule.step()


def unfolded() -> nn.Sequential:
    """The same network without folding: four times as many positions, and one more pooling."""
    net = mnist_net()
    return nn.Sequential(*block(1, 24), nn.MaxPool2d(2), *list(net)[4:])


def plain() -> nn.Sequential:
    """The same network without batch norm."""
    layers: list[nn.Module] = []
    for module in mnist_net():
        if isinstance(module, nn.Conv2d):
            module = nn.Conv2d(module.in_channels, module.out_channels, 3, padding=1)
        if not isinstance(module, nn.BatchNorm2d):
            layers.append(module)
    return nn.Sequential(*layers)


CHOICES: dict[str, Recipe] = {
    "the recipe": QUICK,
    "without folding": QUICK._replace(network=unfolded),
    "without batch norm": QUICK._replace(network=plain, peak=0.05),
    "without label smoothing": QUICK._replace(smoothing=0.0),
    "without moving the pictures": QUICK._replace(shift=0),
    "without weight decay": QUICK._replace(weight_decay=0.0),
}


def choices(train: Batches, test: Batches) -> Iterator[tuple[str, Any]]:
    """What each choice buys: one pass over QUICK_N pictures, tried on VALIDATION others of the training split."""
    few = train[0][:QUICK_N], train[1][:QUICK_N]
    held = train[0][-VALIDATION:], train[1][-VALIDATION:]
    for name, recipe in CHOICES.items():
        right = []
        for seed in CHOICE_SEEDS:
            model = start_of(recipe.network, seed)
            for _ in fit(model, *few, recipe, seed=seed):
                pass
            right.append(rounded(accuracy(model, *held)))
        yield name, {"accuracy": right}


def start_of(network: Callable[[], nn.Module], seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return network().to(memory_format=torch.channels_last)  # type: ignore[call-overload]


PARTS = {"accuracy": full_accuracy, "race": race, "choices": choices}


def main(names: Sequence[str] = ()) -> None:
    """Measure the parts named, or all."""
    torch.set_num_threads(THREADS)
    train, test = tensors(load("mnist", "train")), tensors(load("mnist", "test"))
    where = {"threads": THREADS, "cores": os.cpu_count(), "torch": torch.__version__}
    record(FILE, {name: partial(part, train, test) for name, part in PARTS.items()}, names, where=where)


if __name__ == "__main__":
    command_line(main, THREADS)
