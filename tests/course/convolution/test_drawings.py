"""The drawings of notebook 05: their sentences tell computed numbers, and what is stamped is what torch stamps."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnkit.course.convolution.drawings import (
    channel_sums,
    channels_example,
    draw_channels,
    draw_leftover,
    draw_row,
    draw_stamping,
    stamps,
)


@pytest.mark.parametrize("draw", [draw_channels, draw_leftover, draw_stamping, lambda: draw_row(7, 3, 2)])
def test_fits_on_a_page_and_has_a_sentence(draw):
    picture = draw()
    assert picture.width <= 820
    assert picture.height < 420
    assert len(picture.sentence.split()) > 15


def test_a_row_says_where_its_windows_start_and_what_is_never_read():
    assert draw_row(7, 3, 2).sentence == (
        "A row of 7 pixels with padding 0; a kernel of 3 moves by 2. 3 windows, starting at 0, 2 and 4; every pixel is "
        "read."
    )
    assert "starting at −1, 1 and 3; every pixel is read" in draw_row(5, 3, 2, 1).sentence
    for n in range(3, 14):
        for k in range(1, 4):
            for s in range(1, 5):
                x = torch.ones(1, 1, n, requires_grad=True)
                y = F.conv1d(x, torch.ones(1, 1, k), stride=s)
                y.sum().backward()
                unread = np.flatnonzero(x.grad[0, 0].numpy() == 0).tolist()
                sentence = draw_row(n, k, s).sentence
                assert f" {y.shape[-1]} window" in sentence
                assert ("never read" in sentence) == bool(unread)
                assert not unread or sentence.endswith(f"{unread[-1]}.")


def test_a_row_that_cannot_be_drawn_says_why():
    with pytest.raises(ValueError, match="does not fit"):
        draw_row(3, 5, 1)
    with pytest.raises(ValueError, match=r"n \+ 2p must be at most 26"):
        draw_row(26, 3, 1, 1)


def test_three_answers_to_a_remainder():
    x, w = torch.zeros(1, 1, 10), torch.zeros(1, 1, 3)
    floor = F.conv1d(x, w, stride=3).shape[-1]
    ceil = F.max_pool1d(x, 3, stride=3, ceil_mode=True).shape[-1]
    padded = F.conv1d(F.pad(x, (1, 1)), w, stride=3).shape[-1]
    assert draw_leftover().sentence == (
        f"10 pixels, a kernel of 3, stride 3: floor gives {floor} windows (pixel 9 is never read); ceil gives {ceil} "
        f"windows (the last one hangs over by 2); TF-SAME gives {padded} windows (1 padded before and 1 after)."
    )


def test_the_layer_in_depth_is_torchs():
    x, weight, bias = channels_example()
    y = F.conv2d(torch.tensor(x)[None], torch.tensor(weight), torch.tensor(bias))[0]
    sums = channel_sums(x, weight[0])
    assert sum(sums) + bias[0] == y[0, 0, 0]
    sentence = draw_channels().sentence
    assert f"bias {bias[0]} give {y[0, 0, 0]}.".replace("-", "−") in sentence
    assert all(str(each).replace("-", "−") in sentence for each in sums)
    parameters = sum(p.numel() for p in torch.nn.Conv2d(3, 2, 3).parameters())
    assert sentence.endswith(f"= {parameters} parameters.")
    assert f"give {len(y)} maps of {y.shape[1]} × {y.shape[2]}" in sentence


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("s", [1, 2, 3])
def test_the_stamps_are_torchs(k, s):
    theirs = F.conv_transpose2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, k, k), stride=s)[0, 0]
    assert np.array_equal(stamps(3, k, s), theirs.numpy())


def test_stamps_are_even_where_the_stride_divides_the_kernel():
    assert "receives 1, 2 or 4 stamps, in a checkerboard" in draw_stamping().sentence
    assert draw_stamping().sentence.endswith("away from the border receives 4.")
    for k, s in [(4, 2), (2, 2), (6, 3), (3, 1)]:
        assert len(np.unique(stamps(8, k, s)[k:-k, k:-k])) == 1
    for k, s in [(3, 2), (5, 2), (4, 3)]:
        assert len(np.unique(stamps(8, k, s)[k:-k, k:-k])) > 1
