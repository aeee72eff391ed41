"""The training loop: one step, epochs of steps, and `fit`, which follows a recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad
from torch.optim import Optimizer

from cnnkit._arguments import integer
from cnnkit.network import Epoch, triangular
from cnnkit.training.nets import Recipe

MOMENTUM = 0.9
Model = Callable[[Tensor], Tensor]  # a module, or a function that ends in one
Loss = Callable[[Tensor, Tensor], Tensor]


def step(model: Model, optimiser: Optimizer, x: Tensor, labels: Tensor, loss: Loss = cross_entropy) -> Tensor:
    """One step on one batch: forward in training mode, backward, downhill. Returns the loss before the step."""
    if isinstance(model, nn.Module):
        model.train()
    value = loss(model(x), labels)
    optimiser.zero_grad()
    value.backward()
    optimiser.step()
    return value.detach()


def epochs(
    model: Model, x: Tensor, labels: Tensor, optimiser: Optimizer, *,
    count: int, batches: Callable[[], Sequence[Any]], every: float = 0,
    rate: Callable[[int, int], float] | None = None, loss: Loss = cross_entropy,
) -> Iterator[Epoch]:  # fmt: skip
    """Train `model` for `count` epochs; say after each, or every so many steps, how far it is and the mean loss since.

        for epoch in epochs(model, x, labels, optimiser, count=8, batches=lambda: torch.randperm(len(x)).split(50)):
            print(epoch.number, epoch.loss)

    batches   gives the batches of an epoch, anew for each: the indices of their pictures
    every     so many steps, 1.5 after the second, third, fifth, sixth …; 0: only at the end of an epoch, as always
    rate      rate(i, n) is the learning rate of step i = 0, 1, … n − 1; unless given it stays the optimiser's own

    Stop whenever you like: the model is whole at any time. What `x` holds may be replaced between two epochs.
    """
    for epoch in range(count):
        order, losses = batches(), []
        for i, some in enumerate(order, start=1):
            if rate is not None:
                set_rate(optimiser, rate(epoch * len(order) + i - 1, count * len(order)))
            losses.append(step(model, optimiser, x[some], labels[some], loss))
            if i == len(order) or (every and i // every > (i - 1) // every):
                yield Epoch(epoch + i / len(order), count, float(torch.stack(losses).mean()))
                losses = []


def set_rate(optimiser: Optimizer, lr: float) -> None:
    """The learning rate of all steps to come."""
    for group in optimiser.param_groups:
        group["lr"] = lr


def shuffled(n: int, batch: int, generator: torch.Generator | None = None) -> Sequence[Tensor]:
    """The numbers 0 … n − 1 in random order, cut into batches of about equal length, `batch` at most."""
    return torch.randperm(n, generator=generator).tensor_split(-(-n // batch))


def fit(
    model: nn.Module, x: Tensor, labels: Tensor, recipe: Recipe, *, seed: int = 0, parts: int = 1
) -> Iterator[Epoch]:
    """Train `model` by the recipe; say `parts` times an epoch how far it is and what the loss was since.

        for epoch in fit(model, x, labels, RECIPES["digits"]):
            print(epoch.number, epoch.loss)

    SGD with Nesterov momentum, a triangular learning rate, pictures moved and mirrored.
    Stop whenever you like: the model is whole at any time. `seed` decides on the batches and the moves, not on the
    weights that the model starts with.
    """
    random = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.SGD(
        model.parameters(), recipe.peak, momentum=MOMENTUM, weight_decay=recipe.weight_decay, nesterov=True
    )
    yield from epochs(
        lambda x: model.train()(varied(x, recipe, random)), x, labels, optimiser,
        count=recipe.epochs,
        batches=lambda: shuffled(len(x), recipe.batch, random),
        every=-(-len(x) // recipe.batch // integer("parts", parts, at_least=1)),
        rate=lambda i, n: triangular(i, n, recipe.peak),
        loss=lambda logits, labels: cross_entropy(logits, labels, label_smoothing=recipe.smoothing),
    )  # fmt: skip


def varied(x: Tensor, recipe: Recipe, random: torch.Generator) -> Tensor:
    """Move each picture by up to recipe.shift pixels, its border repeated, and mirror half of them if told to."""
    if recipe.shift:
        n, _, height, width = x.shape
        s = recipe.shift
        i, j = torch.randint(0, 2 * s + 1, (2, n, 1), generator=random)
        rows, columns = i + torch.arange(height), j + torch.arange(width)
        wider = pad(x, (s, s, s, s), mode="replicate").permute(0, 2, 3, 1)
        pictures = torch.arange(n)[:, None, None]
        x = wider[pictures, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    if recipe.flip:
        mirrored = torch.rand(len(x), generator=random) < 0.5
        x = torch.where(mirrored[:, None, None, None].to(x.device), x.flip(3), x)
    return x


def accuracy(model: Model, x: Any, labels: Any, *, batch: int = 1000) -> float:
    """The share of x whose largest logit is that of its label, in evaluation mode."""
    return float(right(model, x, labels, batch).double().mean())


def error(model: Model, x: Any, labels: Any, *, batch: int = 1000) -> float:
    """The share of x that is taken for another class, in evaluation mode; an output that is not a number is wrong."""
    return float((~right(model, x, labels, batch)).double().mean())


@torch.no_grad()
def right(model: Model, x: Any, labels: Any, batch: int = 1000) -> Tensor:
    """For each of x whether it is taken for its class; tensors or arrays, `batch` of them at a time."""
    if isinstance(model, nn.Module):
        model.eval()
    logits = torch.cat([model(some) for some in torch.as_tensor(x).split(batch)])
    found = logits.argmax(dim=1) == torch.as_tensor(labels, device=logits.device)
    return found & logits.isfinite().all(dim=1)
