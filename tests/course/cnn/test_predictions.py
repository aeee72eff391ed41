"""What is asked in notebook 07: the truths are those of torch, and what the replies tell is computed."""

import torch
from torch import nn

from cnnkit.course.cnn import predictions
from cnnkit.course.cnn.build_numbers import Setting, lay_out, side
from cnnkit.course.cnn.mistakes import read_all
from cnnkit.course.cnn.predictions import CHANGES, PREDICTIONS, parameters
from cnnkit.course.cnn.walk_cursor import look_back, multiply, put_cursor

BY_KEY = {prediction.key: prediction for prediction in PREDICTIONS}


def reply(key: str, value) -> str:
    return next(option.reply for option in BY_KEY[key].options if option.value == value)


def test_the_counts_are_those_of_torch():
    def count(filters=12, k=3, side=2, norm=False):
        convolutions = [nn.Conv2d(1, filters, k, bias=not norm), nn.Conv2d(filters, filters, k, bias=not norm)]
        norms = [nn.BatchNorm2d(filters)] * 2 if norm else []
        layers = [*convolutions, *norms, nn.Linear(filters * side * side, 10)]
        return sum(p.numel() for layer in layers for p in layer.parameters())

    found = {name: parameters(setting) for name, setting in CHANGES.items()}
    assert found == {
        "16 filters": count(filters=16),
        "5 × 5": count(k=5),
        "no pooling": count(side=8),
        "batch norm": count(norm=True),
    }
    assert f"{found['16 filters']:,}" in reply("07.a", "16 filters")
    assert f"{found['5 × 5']:,}" in reply("07.a", "5 × 5")
    reveal = BY_KEY["07.a"].reveal
    assert all(f"{n:,}" in reveal for n in (parameters(Setting()), *list(found.values())[:3]))
    assert f"{12 * 8 * 8} numbers" in reveal
    seen = [
        max(side(row) for row in lay_out(setting) if isinstance(side(row), int))
        for setting in (Setting(), CHANGES["5 × 5"], CHANGES["no pooling"])
    ]
    assert seen == [10, 16, 5]
    assert "10 pixels a side as it is, 16 with 5 × 5 kernels, and 5 without" in reveal


def test_after_one_batch_the_running_statistics_are_torchs():
    layer = nn.BatchNorm2d(1).double()
    layer.weight.data, layer.bias.data = torch.tensor([2.0]).double(), torch.tensor([5.0]).double()
    x = torch.tensor([1.0, 1, 7, 7]).double().reshape(4, 1, 1, 1)
    layer(x)
    y = layer.eval()(x).detach().numpy().ravel()
    assert predictions.after_one_batch() == round(float(y[0]), 1)
    assert BY_KEY["07.b"].right().text == ", ".join(f"{value:.1f}" for value in y)


def test_the_digits_that_are_read_when_moved_are_counted():
    moved, still = read_all(1), read_all(0)
    right = int((moved.read == moved.labels).sum())
    assert predictions.right_when_moved() == round(100 * right / len(moved.labels))
    assert f"reads {right} of {len(moved.labels)}" in BY_KEY["07.d"].reveal
    assert f"reads {(still.read == still.labels).sum()} of" in BY_KEY["07.d"].question


def test_where_a_cover_costs_most():
    assert predictions.worst_cover() == "paper"


def test_the_products_are_counted_by_the_walk():
    cursor = put_cursor(23, "convolution 2", 5, 1, 2)
    assert predictions.products_of_one() == multiply(cursor).each.size
    assert look_back(cursor).side == 1 + 2 + 1 + 2 * 2
    assert "sees 8 × 8" in BY_KEY["07.c"].reveal
