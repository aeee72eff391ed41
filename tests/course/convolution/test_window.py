"""The window: as many places as PyTorch finds, every pixel that no window reads, and the sentence with its numbers."""

from itertools import product

import numpy as np
import pytest
import torch

from cnnkit.course.convolution.explorers import Window
from cnnkit.course.convolution.window import draw_window, example_input, example_kernel
from cnnkit.course.kit.axis import lay_windows

SWEEP = list(product([*range(1, 9), 13, 31, 32], range(1, 12), (1, 2, 3, 5, 8), (0, 1, 2, 5, 8), (1, 2, 3, 4)))


def ours(n, k, s, p, d, rounding):
    try:
        return lay_windows(n, k, s, p, d, rounding).count
    except ValueError:
        return None


def theirs(layer, n, *arguments, **options):
    try:
        return layer(torch.zeros(1, 1, n, n), *arguments, **options).shape[-1]
    except RuntimeError:
        return None


def test_window_floor_is_what_torch_convolutions_do():
    weights = {k: torch.zeros(1, 1, k, k) for k in range(1, 12)}
    conv2d = torch.nn.functional.conv2d
    for n, k, s, p, d in SWEEP:
        expected = theirs(conv2d, n, weights[k], stride=s, padding=p, dilation=d)
        assert ours(n, k, s, p, d, "floor") == expected, (n, k, s, p, d)


def test_window_ceil_is_what_torch_pooling_does():
    pool = torch.nn.functional.max_pool2d
    for n, k, s, p, d in SWEEP:
        if 2 * p <= k:  # torch's pooling takes no more padding
            expected = theirs(pool, n, k, stride=s, padding=p, dilation=d, ceil_mode=True)
            assert ours(n, k, s, p, d, "ceil") == expected, (n, k, s, p, d)


def test_window_strict_is_floor_where_nothing_remains():
    for n, k, s, p, d in SWEEP:
        fits = n + 2 * p >= d * (k - 1) + 1 and (n + 2 * p - d * (k - 1) - 1) % s == 0
        assert ours(n, k, s, p, d, "strict") == (ours(n, k, s, p, d, "floor") if fits else None)


def test_window_tf_same_is_tensorflows_formula():
    for n, k, s, p, d in SWEEP:
        axis = lay_windows(n, k, s, p, d, "TF-SAME")
        total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        assert (axis.count, axis.before, axis.after) == (-(-n // s), total // 2, -(-total // 2))
        assert axis.over == 0


@pytest.mark.parametrize("rounding", ["floor", "ceil", "strict", "TF-SAME"])
def test_window_draws_whatever_fits_and_says_why_when_it_does_not(rounding):
    for n, k, s, p, d in SWEEP[::331]:
        count = ours(n, k, s, p, d, rounding)
        options = {"stride": s, "padding": p, "dilation": d, "rounding": rounding}
        if count is None:
            with pytest.raises(ValueError, match=r"does not fit|remainder"):
                draw_window(n, k, **options)
            continue
        last = draw_window(n, k, position=count**2, **options)
        assert f"{count} × {count} outputs" in last.sentence
        assert f"Window {count**2} of {count**2} (row {count}, column {count})" in last.sentence
        with pytest.raises(ValueError, match="position must be between 1 and"):
            draw_window(n, k, position=count**2 + 1, **options)


@pytest.mark.parametrize("setting", [s for s in SWEEP[7::613] if ours(*s, "floor")], ids=str)
def test_window_hatches_what_gets_no_gradient(setting):
    _, k, s, _, d = setting
    axis = lay_windows(*setting, "floor")
    x = torch.zeros(1, 1, axis.padded, axis.padded, requires_grad=True)
    torch.nn.functional.conv2d(x, torch.ones(1, 1, k, k), stride=s, dilation=d).sum().backward()
    assert np.array_equal(x.grad[0, 0].numpy() > 0, np.outer(axis.read(), axis.read()))


def test_window_sum_is_torchs():
    for position in (1, 8, 16):
        axis = lay_windows(9, 3, 2, 2, 2, "floor")
        x, weight = (torch.tensor(a)[None, None] for a in (example_input(axis), example_kernel(3)))
        y = torch.nn.functional.conv2d(x, weight, stride=2, dilation=2).flatten()
        said = draw_window(9, 3, stride=2, padding=2, dilation=2, position=position).sentence
        assert said.endswith(f"its 9 products sum to {y[position - 1]}.".replace("-", "−"))


def test_window_sentences():
    explorer = Window(size=32, kernel_size=5, stride=2, position=5)
    assert explorer.sentence.startswith(
        "⌊(32 + 2·0 − 5)/2⌋ + 1 = 14: 14 × 14 outputs. The last row and the last column of the input are never read. "
        "Window 5 of 196 (row 1, column 5): its 25 products sum to "
    )
    explorer.set(rounding="strict")
    assert explorer.sentence == (
        "strict: (32 + 2·0 − 5) / 2 leaves a remainder of 1, so the windows do not end where the padded input ends. "
        "Sizes that fit: 31 or 33. Set “input size n” to 31."
    )
    explorer.set(rounding="TF-SAME", size=7, kernel_size=3, stride=2, position=1)
    assert "⌈7/2⌉ = 4" in explorer.sentence
    explorer.set(rounding="ceil", size=10, kernel_size=1)
    assert "⌈(10 + 2·0 − 1)/2⌉ + 1 = 6, but window 6 would start past the input and is dropped" in explorer.sentence


def test_window_number_follows_the_output_size():
    explorer = Window()
    slider = explorer.view.widgets["position"]
    assert slider.max == 25
    slider.value = 25
    explorer.view.widgets["kernel_size"].value = 7
    assert (slider.value, slider.disabled) == (1, True)
    explorer.view.widgets["kernel_size"].value = 8
    assert "does not fit" in explorer.sentence
    explorer.view.widgets["padding"].value = 8
    assert slider.max == 16**2
