"""The explorers of notebook 05 beyond what every explorer promises: filters and stacks."""

import re

import numpy as np
import pytest

from cnnkit.course.convolution.explorers import OWN, FilterPicture, Stack
from cnnkit.course.convolution.stack_numbers import KINDS, PRESETS, StackLayer, tabulate
from cnnkit.course.kit.explorer import Explorer
from cnnkit.course.kit.kernels import LARGEST, MEANING, PADDINGS, make_kernel
from cnnkit.course.kit.photo import hopper
from cnnkit.sizes import conv_output_size

LENET, ALEXNET = "LeNet-5, max pooling, full C3", "AlexNet, torchvision's"


def on_screen(explorer: Explorer) -> list[str]:
    """The descriptions of the controls that are shown."""
    return [widget.description for widget in explorer.children[0].children]


# Filter a picture


def test_filter_has_what_a_learner_may_want_to_slide():
    kernels, sizes, strides, modes, seeds = (control.values() for control in FilterPicture.controls.values())
    assert kernels == list(MEANING)
    assert sizes == list(range(1, LARGEST + 1))
    assert strides == list(range(1, 9))
    assert modes == list(PADDINGS) == ["none", "zeros", "reflect", "replicate", "circular"]
    assert len(seeds) > 10


def test_filter_says_the_size_of_every_setting():
    explorer = FilterPicture(kernel="identity")
    n = len(hopper())
    for values, picture in explorer.frames():
        k, s = values["kernel_size"], values["stride"]
        if values["kernel"] == "identity":
            added = 0 if values["padding_mode"] == "none" else k - 1
            size = re.search(r"Size: ⌊\((.*) − (\d+)\)/(\d+)⌋ \+ 1 = (\d+)\.", picture.sentence)
            assert size is not None
            assert eval(size[1].replace("·", "*")) == n + added  # the numbers put into the formula
            assert (int(size[2]), int(size[3])) == (k, s)
            assert int(size[4]) == conv_output_size(n + added, k, stride=s)


def test_filter_names_the_kernel_and_its_sum():
    explorer = FilterPicture()
    for name in MEANING:
        explorer.set(kernel=name, kernel_size=5)
        total = make_kernel(name, 5).weights.sum()
        assert f"{name[1:]}, 5 × 5: each output pixel is {MEANING[name]}." in explorer.sentence
        assert f"The weights sum to {round(total, 2) + 0.0:g}".replace("-", "−") in explorer.sentence
    explorer.set(kernel="Laplacian", kernel_size=1)
    assert explorer.sentence == "Laplacian compares a pixel with its neighbours: kernel_size must be at least 2, got 1"
    explorer.set(kernel_size=2)
    assert "Laplacian, 2 × 2" in explorer.sentence


def test_filter_takes_the_learners_own_picture(tmp_path):
    ramp = np.linspace(0, 1, 24).reshape(4, 6)
    explorer = FilterPicture(image=ramp, kernel="blur (mean)")
    assert "Height: ⌊(4 + 2·1 − 3)/1⌋ + 1 = 4; width: ⌊(6 + 2·1 − 3)/1⌋ + 1 = 6." in explorer.sentence
    assert "Mean: 0.50 →" in explorer.sentence
    explorer.set(padding_mode="none", kernel_size=5)
    assert "kernel does not fit in the height: it spans 5 pixels" in explorer.sentence
    explorer.set(padding_mode="reflect", kernel_size=11)
    assert "of 4 × 6 pixels it can pad at most 3 on a side, not 5 (kernel_size=11)" in explorer.sentence
    explorer.set(padding_mode="replicate")
    assert "Beyond the border the padding repeats the outermost pixel." in explorer.sentence
    with pytest.raises(ValueError, match="there is no file"):
        FilterPicture(image=tmp_path / "mine.png")
    with pytest.raises(ValueError, match="there is no control 'picture'"):
        FilterPicture(picture=ramp)


# Stack


def layers_of(values: dict) -> list[StackLayer]:
    fields = [[values[f"{name}{number}"] for name in StackLayer._fields] for number in range(1, 7)]
    return [StackLayer(*field) for field in fields][: values["layers"]]


def test_stack_starts_from_known_networks():
    explorer = Stack()
    for name, (size, channels, layers) in PRESETS.items():
        explorer.set(preset=name)
        values = explorer.values
        assert (values["size"], values["channels"], layers_of(values)) == (size, channels, layers)
        assert Stack(preset=name).values | {"layer": 1} == values | {"layer": 1}
        assert values["preset"] == name
    assert {layer.kind for layer in layers_of(explorer.values)} == set(KINDS)


def test_stack_moves_every_layer_with_the_preset_on_the_screen():
    explorer = Stack()
    explorer._widgets["preset"].value = LENET
    assert layers_of(explorer.values) == PRESETS[LENET][2]
    explorer._widgets["kernel_size3"].value = 3
    assert explorer.values["preset"] == OWN
    assert [row.size for row in tabulate(32, 1, layers_of(explorer.values))] == [32, 28, 14, 12, 6, 2]
    assert explorer.sentence.startswith("Sizes: 32 → 28 → 14 → 12 → 6 → 2.")


def test_stack_is_its_own_when_any_layer_is_changed_and_known_when_none_is():
    assert Stack(preset="VGG", size=64).values["preset"] == "VGG"
    assert Stack(preset="VGG", stride1=1).values["preset"] == "VGG"
    assert Stack(preset="VGG", stride1=2).values["preset"] == OWN
    assert Stack(layers=2, kernel_size2=5).values["preset"] == OWN
    assert Stack(layers=2, kernel_size2=5).sentence.startswith("Sizes: 32 → 30 → 26.")
    for name in PRESETS:
        values = Stack(preset=name).values
        assert Stack(**values).values == values  # what it says it is set to can be given back to it


def test_stack_shows_the_controls_of_one_layer():
    explorer = Stack()
    assert on_screen(explorer) == [
        "start from", "number of layers", "input size n", "input channels C", "change layer", "kind of layer 1",
        "kernel size k₁", "stride s₁", "padding p₁", "dilation d₁", "filters K₁",
    ]  # fmt: skip
    explorer.set(preset="VGG", layer=6)
    assert on_screen(explorer)[5:7] == ["kind of layer 6", "kernel size k₆"]
    explorer.set(layers=2)  # and with it the highest layer that can be changed
    assert explorer.values["layer"] == 2
    assert on_screen(explorer)[5:7] == ["kind of layer 2", "kernel size k₂"]
    with pytest.raises(ValueError, match="layer must be at most 2"):
        explorer.set(layer=3)
    explorer.set(preset=ALEXNET, layer=6)


def test_stack_frames_are_honest():
    for values, picture in Stack(preset=LENET).frames():
        if values["preset"] != OWN:
            assert layers_of(values) == PRESETS[values["preset"]][2]
        arguments = values["size"], values["channels"], layers_of(values)
        if picture.sentence.startswith("layer "):
            with pytest.raises(ValueError, match=re.escape(picture.sentence)):
                tabulate(*arguments)
            continue
        rows = tabulate(*arguments)
        assert picture.sentence.startswith(f"Sizes: {' → '.join(str(row.size) for row in rows)}.")
        formula = re.search(r"r = (.*?) = (\d+)\.", picture.sentence)
        assert formula is not None
        assert eval(formula[1].replace("−", "-").replace("·", "*")) == int(formula[2]) == rows[-1].field
        parameters, macs = sum(row.parameters for row in rows), sum(row.macs for row in rows)
        assert f"In total {parameters:,} parameters, with biases, and {macs:,} MACs" in picture.sentence


def test_stack_says_which_layer_cannot_be_and_comes_back():
    explorer = Stack(preset="three 3 × 3", size=6)
    assert explorer.sentence == (
        "layer 3: kernel does not fit: it spans 3 pixels (kernel_size=3, dilation=1) but the padded input has 2 "
        "(size=2, padding=0); sizes up to there: 6 → 4 → 2"
    )
    explorer.set(size=7)
    assert explorer.sentence.startswith("Sizes: 7 → 5 → 3 → 1.")
