"""The explorers of notebook 04 beyond what every explorer promises (tests/course/test_explorers.py)."""

import re
from io import BytesIO
from itertools import product

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from cnnkit.course.kit.explorer import Slider
from cnnkit.course.pooling.downsample_numbers import WAYS, WITH_KERNEL
from cnnkit.course.pooling.explorers import PICTURES, Downsample, PoolWindow, ReceptiveField, ShiftIt
from cnnkit.course.pooling.field_numbers import HELPS, build_stack
from cnnkit.course.pooling.shift_numbers import CHANGES, POOLINGS, WITH_STRIDE
from cnnkit.course.pooling.window_numbers import example_pixels
from cnnkit.sizes import conv_output_size, receptive_field


@pytest.mark.parametrize("kind", [PoolWindow, Downsample, ShiftIt, ReceptiveField], ids=lambda kind: kind.__name__)
def test_no_word_is_cut_at_the_right(kind):
    """Whatever is drawn, the last columns stay white."""
    explorer = kind()
    choices = [name for name, control in kind.controls.items() if not isinstance(control, Slider)]
    for values in product(*(kind.controls[name].values() for name in choices)):
        for edge in (0, -1):
            sliders = {name: c.values()[edge] for name, c in kind.controls.items() if isinstance(c, Slider)}
            values_now = explorer.values | dict(zip(choices, values, strict=True)) | sliders | {"position": 1}
            picture = explorer.draw(**{name: value for name, value in values_now.items() if name in kind.controls})
            assert (np.asarray(Image.open(BytesIO(picture.png)).convert("L"))[:, -6:] == 255).all(), values_now


# One window


def test_pool_window_says_torchs_size_and_value_at_every_setting():
    for start in ({}, {"kind": "average", "padding": 1, "kernel_size": 3}, {"ceil_mode": True, "size": 9}):
        for values, picture in PoolWindow(**start).frames():
            options = {name: values[name] for name in ("stride", "padding", "ceil_mode")}
            x = torch.tensor(example_pixels(values["size"]), dtype=torch.float64)[None]
            try:
                if values["kind"] == "max":
                    y = F.max_pool2d(x, values["kernel_size"], **options)[0]
                else:
                    include = values["count_include_pad"]
                    y = F.avg_pool2d(x, values["kernel_size"], **options, count_include_pad=include)[0]
            except RuntimeError:
                assert re.search("padding p must be at most half|does not fit", picture.sentence)
                continue
            if values["backward"]:
                assert f"Window {values['position']} of {len(y) ** 2} " in picture.sentence
            else:
                assert f"{len(y)} × {len(y)} outputs" in picture.sentence
                value = f"{y.flatten()[values['position'] - 1]:.2f}".rstrip("0").rstrip(".")
                assert re.search(rf"(is|=|≈) {re.escape(value)}[,.]", picture.sentence), picture.sentence


def test_pool_window_asks_what_counts_only_where_something_can():
    explorer = PoolWindow()
    assert "count_include_pad" in explorer.disabled
    explorer.set(kind="average")
    assert "count_include_pad" in explorer.disabled
    explorer.set(padding=1)
    assert "count_include_pad" not in explorer.disabled
    before = explorer.sentence
    explorer.set(count_include_pad=False)
    assert explorer.sentence != before
    explorer.set(kind="max")
    assert "count_include_pad" in explorer.disabled


def test_pool_window_rounds_up_only_where_there_is_a_stride():
    explorer = PoolWindow()
    assert "ceil_mode" not in explorer.disabled
    explorer.set(stride=1)
    assert "ceil_mode" in explorer.disabled


def test_pool_window_has_as_many_positions_as_windows():
    explorer = PoolWindow(position=9)
    with pytest.raises(ValueError, match="position must be at most 9"):
        explorer.set(position=10)
    explorer.set(stride=1)
    explorer.set(position=25)
    explorer.set(ceil_mode=True, stride=4)
    assert explorer.values["position"] == 4
    highest = PoolWindow.controls["position"].high
    sizes = [
        conv_output_size(11, k, stride=1, padding=p, ceil_mode=True) for k in (1, 2, 3, 4) for p in range(k // 2 + 1)
    ]
    assert max(sizes) ** 2 == highest


def test_pool_window_refuses_the_padding_that_torch_refuses_and_comes_back():
    explorer = PoolWindow()
    before = explorer.picture
    explorer.set(padding=2)
    assert explorer.sentence == (
        "padding p must be at most half of the kernel, got padding p = 2 for kernel size k = 2. Set “padding p” to 1."
    )
    explorer.set(padding=0)
    assert explorer.picture == before


# A smaller picture


def test_downsample_says_the_size_of_every_setting():
    explorer = Downsample()
    for way, size, stride in product(WAYS, (1, 2, 5, 8), (1, 2, 3, 8)):
        explorer.set(kind=way, kernel_size=size, stride=stride)
        k = {"every s-th pixel": 1, "bilinear": stride}.get(way, size)
        o = conv_output_size(180, k, stride=stride)
        assert f"size ⌊(180 − {k})/{stride}⌋ + 1 = {o}. {o * o:,} of 32,400" in explorer.sentence


def test_downsample_has_a_kernel_only_where_there_is_one():
    explorer = Downsample()
    for way in WAYS:
        explorer.set(kind=way)
        assert ("kernel_size" in explorer.disabled) == (way not in WITH_KERNEL)


def test_downsample_takes_the_learners_own_picture():
    explorer = Downsample(image=np.linspace(0, 1, 60).reshape(6, 10), stride=3)
    assert "height ⌊(6 − 2)/3⌋ + 1 = 2, width 3. 10 % of the numbers are left." in explorer.sentence
    explorer.set(kernel_size=8)
    assert explorer.sentence == (
        "kernel size k = 8 does not fit into the picture, whose shorter side has 6. Set “kernel size k” to 6."
    )
    explorer.set(kind="bilinear", stride=8)
    assert explorer.sentence == ("stride s must be at most 6, the picture's shorter side, got 8. Set “stride s” to 6.")
    for picture in PICTURES[1:]:
        explorer.set(picture=picture)
        assert "of 32,400 numbers" in explorer.sentence
    with pytest.raises(ValueError, match="there is no file"):
        Downsample(image="nowhere.png")


# Shifts


def test_shift_says_how_much_changes_at_every_amount():
    for what in CHANGES:
        for pooling in POOLINGS:
            explorer = ShiftIt(what=what, pooling=pooling)
            explorer.set(amount=0)
            assert "the output changes by 0 %" in explorer.sentence
            changes = []
            for amount in range(11):
                explorer.set(amount=amount)
                changes.append(int(re.search(r"the output changes by (\d+) %", explorer.sentence)[1]))
            global_shift = (what, pooling) == ("shift", "global average")
            assert (max(changes) == 0) == global_shift


def test_shift_says_what_the_colours_of_the_difference_mean():
    for options in ({}, {"pooling": "none"}, {"what": "scale"}):
        picture = ShiftIt(amount=4, **options).picture
        shown = np.asarray(Image.open(BytesIO(picture.png)).convert("RGB"))
        legend = {tuple(colour) for colour in shown[2 * 20 : 2 * 42, 2 * 672 :].reshape(-1, 3).tolist()}
        assert {(179, 74, 0), (0, 96, 160)} <= legend


def test_shift_has_a_blur_only_where_there_is_a_stride():
    explorer = ShiftIt()
    for pooling in POOLINGS:
        explorer.set(pooling=pooling)
        assert ("blur" in explorer.disabled) == (pooling not in WITH_STRIDE)


# Fields


@pytest.mark.parametrize("help_by", HELPS)
def test_field_says_the_formula_with_its_numbers(help_by):
    for layers in range(1, 6):
        for k in (1, 2, 3, 5):
            said = ReceptiveField(widened_by=help_by, layers=layers, kernel_size=k).sentence
            formula, field = re.match(r"r = (.*?) = (\d+)\. ", said).groups()
            assert eval(formula.replace("−", "-").replace("·", "*")) == int(field)
            assert int(field) == receptive_field(build_stack(layers, k, help_by))[-1].size
            if help_by in ("nothing", "average pooling"):
                assert f"spans {field} × {field} pixels: all of the field" in said


def test_field_asks_for_pictures_and_a_seed_only_where_they_matter():
    explorer = ReceptiveField()
    assert explorer.disabled == {"pictures", "seed"}
    explorer.set(weights="random")
    assert explorer.disabled == {"pictures"}
    explorer.set(weights="equal", widened_by="max pooling")
    assert explorer.disabled == set()


def test_field_of_most_settings_is_drawn_to_the_end():
    explorer = ReceptiveField()
    for help_by in HELPS:
        explorer.set(widened_by=help_by, layers=5, kernel_size=5, weights="random", pictures=12, seed=20)
        assert explorer.sentence.startswith("r = 1 + ")
        assert len(explorer.sentence) < 700
