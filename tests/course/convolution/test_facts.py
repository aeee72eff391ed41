"""What notebook 05 tells of known networks and of costs, computed; and the answers that its exercises accept."""

import re
from itertools import product

import numpy as np
import pytest
import torch

from cnnkit.course.claims import CLAIMS
from cnnkit.course.convolution.exercises import conv
from cnnkit.course.convolution.exercises import last_row_and_column_left_at_zero as short_loops
from cnnkit.course.convolution.predictions import field_of_six, hangs_over
from cnnkit.course.convolution.stack_numbers import PRESETS, tabulate
from cnnkit.course.exercises import check
from cnnkit.course.kit.axis import lay_windows
from cnnkit.layers import Conv2d, count_macs, count_parameters
from cnnkit.sizes import conv_output_size, receptive_field
from tests.course.claim_numbers import FOLDER, markdown

LESSON = (FOLDER / "05_convolution_output_sizes.ipynb").read_text(encoding="utf-8")


# AlexNet


def test_three_settings_lead_from_alexnets_input_to_55():
    assert conv_output_size(224, 11, stride=4, ceil_mode=True) == 55  # its author: padding 0, rounded up
    assert (227 - 11) % 4 == 0
    assert conv_output_size(227, 11, stride=4) == 55  # Caffe
    assert conv_output_size(224, 11, stride=4, padding=2) == 55  # torchvision
    assert conv_output_size(224, 11, stride=4) == 54
    assert 224 + hangs_over() == 227


def test_sixteen_pixels_are_the_end_of_alexnets_input():
    """The explorer has no room for 224 pixels: 16 leave the same remainder, and hang over as far."""
    for n, more in ((224, 52), (16, 0)):
        windows = lay_windows(n, 11, 4, 0, 1, "ceil")
        assert (windows.count - more, windows.over) == (3, hangs_over())
        assert lay_windows(n, 11, 4, 2, 1, "floor").count - more == 3
        assert lay_windows(n + 3, 11, 4, 0, 1, "strict").count - more == 3
        assert lay_windows(n, 11, 4, 0, 1, "floor").count - more == 2


def test_the_presets_have_the_shapes_of_the_networks_that_they_are_called_after():
    """Channels and sizes behind each layer, as torchvision's networks print them; LeNet-5's as its paper has them."""
    shapes = {
        "LeNet-5, max pooling, full C3": [(6, 28), (6, 14), (16, 10), (16, 5), (120, 1)],
        "AlexNet's first six layers": [(64, 55), (64, 27), (192, 27), (192, 13), (384, 13), (256, 13)],
        "VGG-16's first six layers": [(64, 224), (64, 224), (64, 112), (128, 112), (128, 112), (128, 56)],
        "ResNet-18's first six layers": [(64, 112), *[(64, 56)] * 5],
    }
    for name, expected in shapes.items():
        assert [(row.channels, row.size) for row in tabulate(*PRESETS[name])[1:]] == expected


# Numbers in the text of the lesson


def test_the_lesson_tells_computed_numbers():
    text = re.sub(r"\s+", " ", LESSON)
    wide, look = (Conv2d(c, c, 3, padding=1, bias=False) for c in (256, 64))
    squeeze, back = Conv2d(256, 64, 1, bias=False), Conv2d(64, 256, 1, bias=False)
    for number in (count_parameters, count_macs):
        plain = 2 * number(wide, (256, 14, 14))
        layers = {squeeze: 256, look: 64, back: 64}
        block = sum(number(layer, (channels, 14, 14)) for layer, channels in layers.items())
        assert f"costs {plain / block:.0f} times less" in text
        assert f"{plain:,} {'weights' if number is count_parameters else 'MACs'}" in text
    assert field_of_six(1) == 13
    dilated = tabulate(*PRESETS["dilation 1, 2, 4"])[-1]
    strided = receptive_field([Conv2d(1, 1, 3, stride=2)] * 3)[-1]
    assert (dilated.field, dilated.size, strided.size) == (15, 32, 15)
    n = 240
    for _ in range(10):
        n = conv_output_size(n, 5)
    assert f"make a picture {n} pixels wide out of one of 240" in text
    assert count_parameters(wide, (256, 14, 14)) / count_parameters(look, (64, 14, 14)) == 16  # "a sixteenth"
    both = [lay_windows(8, 3, 2, 1, 1, "floor"), lay_windows(8, 3, 2, 0, 1, "TF-SAME")]
    assert [(axis.count, -axis.before) for axis in both] == [(4, -1), (4, 0)]
    assert "first window starts at −1, Keras's at 0" in text


def test_what_people_say_in_the_lesson_has_the_numbers_of_the_ledger():
    said = re.sub(r"\s+", " ", LESSON)
    settings = list(product(range(1, 17), range(1, 6), range(1, 7), range(4), range(1, 5)))
    left = [n + 2 * p - d * (k - 1) - 1 for n, k, s, p, d in settings]
    remainders = [rest % s > 0 for rest, (_, _, s, _, _) in zip(left, settings, strict=True) if rest >= 0]
    assert f"in {100 * np.mean(remainders):.0f} % of the settings that we tried" in said
    odd = [(k, d) for k, d in product(range(1, 16, 2), range(1, 5))]
    assert f"in {len(odd)} settings with an odd kernel" in said
    assert f"gives {CLAIMS['C8'].because.split('falls to ')[1][:4]} at the edge" in said
    assert "agrees for 0 of them" in CLAIMS["C7"].because
    assert "0 of 100 random kernels" in said


def test_years_are_those_of_the_first_publication():
    papers = markdown("05")[-1]
    assert "Simonyan & Zisserman (2014)" in papers
    assert "Lin, Chen & Yan (2013)" in papers
    assert "VGG (2014)" in LESSON
    assert any("VGG-16 (2014)" in cell for cell in markdown("05"))


# Exercises


@pytest.mark.parametrize(
    "answer", [2, 2.0, np.array(2), np.array([2.0]), np.float32(2), (2, 2), torch.tensor(2), torch.tensor([2])]
)
def test_alexnets_padding_is_right_in_every_form(answer):
    assert check("05.3", answer).passed


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (0, "0 and rounding up is the author's own setting, and it gives 55"),
        ((0, "ceil"), "what the author's code does, and it does give 55"),
        ("2", "Write the number without quotation marks"),
        ("same", "PyTorch refuses even"),
        (2.5, "a whole number of pixels; this is `2.5`"),
        (float("nan"), "a whole number of pixels"),
        (True, "this is True or False"),
    ],
)
def test_a_wrong_padding_hears_what_is_wrong(answer, said):
    verdict = check("05.3", answer)
    assert verdict.passed is False
    assert said in verdict.message


BEST = [(3, 1), (3, 2), (3, 4), (3, 8)]


@pytest.mark.parametrize("answer", [BEST, np.array(BEST), torch.tensor(BEST), [(3, 1.0), (3, 2), (3, 4), (3, 8)]])
def test_a_stack_is_right_in_every_form(answer):
    assert check("05.5", answer).passed


def test_a_stack_with_its_pairs_the_other_way_round_is_named():
    assert "`(kernel_size, dilation)` is asked for" in check("05.5", [pair[::-1] for pair in BEST]).message
    assert "are whole numbers; in" in check("05.5", [(3, 1.5)]).message


def by_hand(product, sides=lambda w: w.shape):
    """A convolution by hand with some product of the window and the kernel."""

    def answer(x, w, s):
        k_h, k_w = sides(w)
        y = np.zeros(((x.shape[0] - k_h) // s + 1, (x.shape[1] - k_w) // s + 1))
        for i, j in np.ndindex(y.shape):
            y[i, j] = product(x[i * s : i * s + k_h, j * s : j * s + k_w], w).sum()
        return y

    return answer


def test_the_commonest_mistakes_of_a_convolution_by_hand_have_names():
    assert check("05.4", by_hand(np.multiply)).passed
    assert "`@` multiplies matrices" in check("05.4", by_hand(np.matmul)).message
    one_side = check("05.4", by_hand(np.multiply, lambda w: (w.shape[0],) * 2))
    assert "Does one k stand for both sides?" in one_side.message
    assert "the + 1 belongs into `range`" in check("05.4", short_loops).message
    assert "The last row and the last column are missing" in check("05.4", lambda *a: conv(*a)[:-1, :-1]).message
