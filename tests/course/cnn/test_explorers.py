"""The explorers of notebook 07 that look into a trained network, beyond what every explorer promises."""

import pytest

from cnnkit.course.cnn import build_explorer as build
from cnnkit.course.cnn import explorers as cnn
from cnnkit.course.cnn.digit_net import STAGES, read_digit, scans
from cnnkit.course.cnn.explorers import LAST, Mistakes, Occlusion, WalkThrough
from cnnkit.course.cnn.mistakes import find

EVERY = [WalkThrough, Occlusion, Mistakes]


def test_names_that_the_notebook_uses():
    assert list(WalkThrough.controls) == ["image", "layer", "channel", "row", "column", "drawn"]
    assert list(Occlusion.controls) == ["image", "size", "place", "stride", "grey"]
    assert list(Mistakes.controls) == ["true", "taken_for", "place", "right", "drawn"]
    assert cnn.BuildYourOwn is build.BuildYourOwn
    assert len(scans()[0]) == LAST + 1


# WalkThrough


@pytest.mark.parametrize("layer", STAGES)
def test_walk_through_reaches_every_value_of_a_layer_and_none_beyond(layer):
    explorer, shape = WalkThrough(), read_digit(0).outputs[STAGES.index(layer) + 1].shape
    explorer.set(layer=layer)
    flat = len(shape) == 1
    assert explorer.highest == dict(zip(("channel", "row", "column"), (*(n - 1 for n in shape), 0, 0), strict=False))
    assert explorer.disabled == ({"row", "column"} if flat else set())
    assert list(explorer.shown(explorer.values)) == list(explorer.controls)
    explorer.set(channel=shape[0] - 1)
    with pytest.raises(ValueError, match=f"channel must be (at most|between 0 and) {shape[0] - 1}"):
        explorer.set(channel=shape[0])


def test_walk_through_goes_down_the_layers_and_back():
    explorer = WalkThrough(channel=7, row=7, column=7)
    for layer in STAGES:
        explorer.set(layer=layer)
        assert explorer.sentence.startswith(layer.capitalize() if layer[0] != "R" else layer)
    assert explorer.values == {"image": 8, "layer": "softmax", "channel": 7, "row": 0, "column": 0, "drawn": b""}
    explorer.set(layer="convolution 1", channel=0, row=3, column=3)
    assert explorer.picture == WalkThrough().picture


def test_walk_through_shows_another_digit():
    explorer, read = WalkThrough(layer="softmax", channel=1), set()
    for image in (0, 111, 169, LAST):
        explorer.set(image=image)
        read.add(explorer.sentence.split("In the end it reads ")[1])
    assert len(read) == 4
    assert "a 1 with 65 %, but it is an 8. All is counted from 0." in read


# Occlusion


def test_occlusion_turns_a_five_into_a_nine():
    explorer = Occlusion()
    assert explorer.sentence == (
        "⌊(8 − 2)/1⌋ + 1 = 7: 7·7 = 49 places for a square of 2 × 2 pixels of grey 0.5. It is misread at 3 of 49. "
        "As it is, the 5 gets 94 %. "
        "It gets least, 8 %, with rows 2 to 3 and columns 5 to 6 covered (from 0); then it reads a 9 with 82 %."
    )
    explorer.set(size=8, stride=4, grey=1.0)
    assert "1·1 = 1 place for" in explorer.sentence
    assert "It is misread at 1 of 1." in explorer.sentence


# Mistakes


def test_mistakes_steps_through_those_of_the_pair_that_was_chosen():
    explorer = Mistakes()
    assert explorer.highest["place"] == 13
    explorer.set(place=13)
    explorer.set(true="3")
    assert explorer.highest["place"] == explorer.values["place"] == 4 == len(find("3", "any"))
    explorer.set(taken_for="8")
    assert "Number 2 of 2 threes taken for an 8: " in explorer.sentence
    explorer.set(taken_for="0")
    assert explorer.sentence.endswith("Threes taken for a 0: none.")
    assert "place" in explorer.disabled
    explorer.set(true="any", taken_for="any", place=1)
    assert explorer.picture == Mistakes().picture


def test_digits_that_moved_are_misread_far_more_often():
    explorer, counts = Mistakes(), []
    for right in range(-2, 3):
        explorer.set(right=right)
        counts.append(explorer.highest["place"])
    assert counts == [len(find("any", "any", right)) for right in range(-2, 3)]
    assert min(counts[1], counts[3]) > 5 * counts[2]
    assert counts[0] > counts[1]
    assert counts[4] > counts[3]
