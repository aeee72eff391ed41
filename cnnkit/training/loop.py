"""The training loop: SGD with Nesterov momentum, a triangular learning rate, pictures moved and mirrored."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from cnnkit._arguments import integer
from cnnkit.network import Epoch, triangular
from cnnkit.training.nets import Recipe

MOMENTUM = 0.9


def fit(
    model: nn.Module, x: Tensor, labels: Tensor, recipe: Recipe, *, seed: int = 0, parts: int = 1
) -> Iterator[Epoch]:
    """Train `model` by the recipe; say `parts` times an epoch how far it is and what the loss was since.

        for epoch in fit(model, x, labels, RECIPES["digits"]):
            print(epoch.number, epoch.loss)

    Stop whenever you like: the model is whole at any time. `seed` decides on the batches and the moves, not on the
    weights that the model starts with.
    """
    random = torch.Generator().manual_seed(seed)
    batches = -(-len(x) // recipe.batch)
    steps, tell = recipe.epochs * batches, -(-batches // integer("parts", parts, at_least=1))
    optimiser = torch.optim.SGD(
        model.parameters(), recipe.peak, momentum=MOMENTUM, weight_decay=recipe.weight_decay, nesterov=True
    )
    for epoch in range(recipe.epochs):
        losses = []
        for i, some in enumerate(torch.randperm(len(x), generator=random).tensor_split(batches), start=1):
            optimiser.param_groups[0]["lr"] = triangular(epoch * batches + i - 1, steps, recipe.peak)
            model.train()
            loss = cross_entropy(model(varied(x[some], recipe, random)), labels[some], label_smoothing=recipe.smoothing)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
            if i % tell == 0 or i == batches:
                yield Epoch(epoch + i / batches, recipe.epochs, float(torch.stack(losses).mean()))
                losses = []


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


@torch.no_grad()
def accuracy(model: nn.Module, x: Tensor, labels: Tensor, *, batch: int = 1000) -> float:
    """The share of x whose largest logit is that of its label, in evaluation mode."""
    model.eval()
    right = [(model(a).argmax(dim=1) == b) for a, b in zip(x.split(batch), labels.split(batch), strict=True)]
    return float(torch.cat(right).double().mean())
