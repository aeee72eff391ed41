"""Training with PyTorch: the same few lines for every data set.

    from cnnkit.training import train

    dataset = "digits"                      # or "mnist", "fashion_mnist", "cifar10"
    trained = train(dataset)                # with a progress bar
    trained.accuracy, trained.model

A GPU is used if there is one. Interrupting the kernel stops the training: what is learnt so far is kept.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

try:
    import torch
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f"cnnkit.training needs PyTorch, and Python says: {missing}. `pip install torch torchvision` brings it; "
        "cnnkit.network trains without",
        name=missing.name,
    ) from None
from torch import Tensor, nn

from cnnkit._arguments import choice
from cnnkit.data import Dataset, load
from cnnkit.network import Epoch
from cnnkit.training.init import draw_weights
from cnnkit.training.loop import accuracy, epochs, error, fit, set_rate, shuffled, step
from cnnkit.training.nets import RECIPES, ExampleNet, Recipe, cifar_net, digits_net, mnist_net
from cnnkit.training.saving import load_weights, save_weights

__all__ = [
    "RECIPES",
    "ExampleNet",
    "Recipe",
    "Trained",
    "accuracy",
    "cifar_net",
    "digits_net",
    "draw_weights",
    "epochs",
    "error",
    "fit",
    "load_weights",
    "mnist_net",
    "save_weights",
    "set_rate",
    "show",
    "shuffled",
    "step",
    "tensors",
    "train",
]


class Trained(NamedTuple):
    """A model, how many of the test pictures it gets right, and how it came about."""

    model: nn.Module
    accuracy: float  # on the test split
    seconds: float  # of training
    history: list[Epoch]
    finished: bool  # False after an interruption

    def __repr__(self) -> str:
        stopped = "" if self.finished else ", interrupted"
        return f"{type(self.model).__name__}: {100 * self.accuracy:.2f} % of the test pictures are right{stopped}"


def show(epoch: Epoch) -> None:
    """Draw a progress bar on one line."""
    done = round(20 * epoch.number / epoch.of)
    bar, end = "█" * done + "░" * (20 - done), "\n" if epoch.number == epoch.of else ""
    print(
        f"\r{bar} epoch {epoch.number:.1f} of {epoch.of}, loss {epoch.loss:.3f}", end=end, file=sys.stderr, flush=True
    )


def train(
    dataset: str = "digits", *,
    recipe: Recipe | None = None, seed: int = 0, n: int | None = None, progress: Callable[[Epoch], None] | None = show,
) -> Trained:  # fmt: skip
    """Train the data set's network on its training split, and try it on its test split, once, at the end.

    recipe     another network, or another way to learn; RECIPES[dataset] unless given
    n          use only the first n training pictures
    progress   called about ten times an epoch; None for silence

    Errors: ValueError for an unknown data set; cnnkit.data.DataError when it cannot be had.
    """
    recipe = recipe or RECIPES[choice("dataset", dataset, tuple(RECIPES))]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    x, labels = tensors(load(dataset, "train", n=n), device)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = recipe.network().to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    history, finished, start = [], False, time.perf_counter()
    try:
        for epoch in fit(model, x, labels, recipe, seed=seed, parts=10):
            history.append(epoch)
            if progress is not None:
                progress(epoch)
        finished = True
    except KeyboardInterrupt:
        print("\ninterrupted: what is learnt so far is kept", file=sys.stderr)
    seconds = time.perf_counter() - start
    return Trained(model.eval(), accuracy(model, *tensors(load(dataset, "test"), device)), seconds, history, finished)


def tensors(data: Dataset, device: str = "cpu") -> tuple[Tensor, Tensor]:
    """The normalised pictures and the labels of a data set, laid out as convolutions like them best."""
    x = torch.from_numpy(np.asarray(data.normalized()))
    return x.to(device, memory_format=torch.channels_last), torch.from_numpy(data.labels).to(device)
