"""The drawings of lesson 06: the numbers in their sentences are those of torch's layers."""

import re

import numpy as np
import torch
import torch.nn.functional as F

from cnnkit.course.sharing.drawings import CHANNELS, MAPS, PIXELS, SIDE, WEIGHTS, draw_separable, draw_three_layers


def told(sentence: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", sentence)]


def test_the_three_layers_have_the_weights_that_are_told():
    row, kernel = torch.tensor([[PIXELS]], dtype=torch.float32), torch.tensor([[WEIGHTS]], dtype=torch.float32)
    y = F.conv1d(row, kernel).ravel()
    n, o, k = row.shape[2], len(y), kernel.shape[2]
    dense = torch.nn.Linear(n, o, bias=False).weight.numel()
    own = torch.zeros(o, k).numel()
    picture = draw_three_layers()
    outputs = y.to(int).tolist()
    assert told(picture.sentence) == [n, *PIXELS, o, dense, k, own, *WEIGHTS, kernel.numel(), *outputs]
    assert picture.width == 820


def test_the_separable_convolution_has_the_weights_that_are_told():
    whole = torch.nn.Conv2d(CHANNELS, MAPS, SIDE, bias=False).weight.numel()
    alone = torch.nn.Conv2d(CHANNELS, CHANNELS, SIDE, groups=CHANNELS, bias=False).weight.numel()
    mixed = torch.nn.Conv2d(CHANNELS, MAPS, 1, bias=False).weight.numel()
    picture = draw_separable()
    numbers = [CHANNELS, MAPS, SIDE, SIDE, whole, CHANNELS, SIDE, SIDE, alone, mixed, alone + mixed]
    assert told(picture.sentence) == numbers
    assert picture.width == 820


def test_a_separable_convolution_is_an_ordinary_one_with_one_pattern_a_channel():
    rng = np.random.default_rng(0)
    alone, mix = rng.normal(size=(CHANNELS, 1, 3, 3)), rng.normal(size=(MAPS, CHANNELS, 1, 1))
    x = torch.tensor(rng.normal(size=(1, CHANNELS, 8, 8)))
    steps = F.conv2d(F.conv2d(x, torch.tensor(alone), groups=CHANNELS), torch.tensor(mix))
    torch.testing.assert_close(steps, F.conv2d(x, torch.tensor(mix * alone.swapaxes(0, 1))))
