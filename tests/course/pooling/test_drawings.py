"""The drawings of lesson 04: the numbers on them are torch's, and their sentences tell them."""

from io import BytesIO

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from cnnkit.course.pooling.drawings import draw_aliasing, draw_pooling_by_hand, draw_way_back
from cnnkit.course.pooling.drawings_numbers import EXAMPLE, STRIPES, UPSTREAM
from cnnkit.course.pooling.experiments.feature_maps import halved

DRAWINGS = draw_pooling_by_hand, draw_way_back, draw_aliasing


def listed(values) -> str:
    *others, last = [f"{float(value):g}" for value in np.ravel(values)]
    return f"{', '.join(others)} and {last}"


def row(values) -> str:
    return " ".join(f"{float(value):g}" for value in np.ravel(values))


def test_forward_is_torchs():
    said, x = draw_pooling_by_hand().sentence, torch.tensor(EXAMPLE, dtype=torch.float64)[None]
    assert f"Max pooling keeps {listed(F.max_pool2d(x, 2))}," in said
    assert f"average pooling {listed(F.avg_pool2d(x, 2))}, row by row" in said
    assert said.endswith(f"The first window holds {listed(EXAMPLE[:2, :2])}.")


def test_the_way_back_is_torchs():
    said, found = draw_way_back().sentence, []
    for pool in (F.max_pool2d, F.avg_pool2d):
        x = torch.tensor(EXAMPLE, dtype=torch.float64)[None].requires_grad_()
        pool(x, 2).backward(torch.tensor(UPSTREAM, dtype=torch.float64)[None])
        found.append(x.grad[0].numpy())
    by_max, by_mean = found
    assert (EXAMPLE[2:, 2:] == 7).sum() == 2
    assert f"of the two sevens the first gets {by_max[2, 2]:g}, the second {by_max[3, 3]:g}" in said
    assert f"each pixel gets a quarter: {listed(by_mean[::2, ::2])}." in said


def test_the_stripes_are_pooled_and_blurred_as_the_experiments_do_it():
    said = draw_aliasing().sentence
    for shift in (0, 1):
        x = np.roll(STRIPES, shift).astype(float)
        square = np.stack([x] * 8)[None, None]
        assert row(x) in said
        assert row(halved(square, "max")[0, 0, 0]) in said
        assert row(4 * halved(square, "blurred max")[0, 0, 0]) in said


def test_they_fit_a_page_and_nothing_is_cut():
    for draw in DRAWINGS:
        picture = draw()
        shown = np.asarray(Image.open(BytesIO(picture.png)).convert("L"))
        assert picture.width == 820
        for edge in (shown[:4], shown[-4:], shown[:, :4], shown[:, -4:]):
            assert (edge == 255).all(), draw.__name__


def test_the_first_drawing_does_not_tell_which_of_the_two_sevens_wins():
    shown = np.asarray(Image.open(BytesIO(draw_pooling_by_hand().png)).convert("RGB"))
    corners = {(i, j): tuple(shown[2 * (74 + 44 * i) + 8, 2 * (20 + 44 * j) + 8]) for i, j in np.ndindex(4, 4)}
    assert corners[2, 2] == corners[3, 3] == corners[1, 1] != corners[2, 3]
