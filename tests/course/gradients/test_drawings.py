"""The drawings of lesson 02: their numbers are the package's and torch's, and each is 820 wide."""

import re

import pytest
import torch

from cnnkit.course.gradients import drawings
from cnnkit.course.gradients.drawings import LAYERS, TARGET, W1, W2, X, draw_chain, draw_products, draw_skip
from cnnkit.course.kit.activations import slope
from cnnkit.course.kit.words import short


@pytest.mark.parametrize("draw", [draw_chain, draw_products, draw_skip])
def test_a_drawing_is_as_wide_as_the_page_and_repeatable(draw):
    assert draw().width == 820
    assert draw() == draw()


def test_the_chain_is_torchs():
    x, w1, w2 = (torch.tensor(float(v), requires_grad=True) for v in (X, W1, W2))
    z = w1 * x
    a = torch.relu(z)
    y = w2 * a
    loss = (y - TARGET) ** 2
    for middle in (z, a, y):
        middle.retain_grad()
    loss.backward()
    sentence = draw_chain().sentence
    for name, value in (("z", z), ("a", a), ("y", y)):
        assert f"{name} = {value.item():g}" in sentence
    for name, value in (("dy", y.grad), ("da", a.grad), ("dz", z.grad), ("dw₁", w1.grad)):
        assert f"{name} = {value.item():g}" in sentence
    assert f"is {loss.item():g}." in sentence


def test_ten_factors_are_a_power():
    sentence = draw_products((0.5, 1, 4, 7)).sentence
    for w in (0.5, 1, 4, 7):
        left = (w * slope("sigmoid", 0.0)) ** LAYERS
        assert f"w = {w:g}: factor {w / 4:g} per layer, {short(float(left), 2, mantissa=1)} in all" in sentence


def test_the_way_around_adds_one():
    numbers = re.findall(r"dx = ([\d.]+)", draw_skip().sentence)
    z = torch.zeros(1, requires_grad=True)
    torch.sigmoid(z).backward()
    assert [float(number) for number in numbers] == [z.grad.item(), 1 + z.grad.item()]
    assert f"layers {(1 + z.grad.item()) ** LAYERS:.2g}." in draw_skip().sentence


def test_no_number_of_a_drawing_is_small(monkeypatch):
    sizes = []
    text = drawings.Sheet.text

    def noted(self, x, y, words, *, size=13, **options):
        sizes.append(size)
        text(self, x, y, words, size=size, **options)

    monkeypatch.setattr(drawings.Sheet, "text", noted)
    for draw in (draw_chain, draw_products, draw_skip):
        draw()
    assert min(sizes) >= 11
