"""What the answers to the predictions of lesson 06 say beside the truth, which is computed already."""

import re

import numpy as np
import pytest

from cnnkit.course.kit.recorded import results
from cnnkit.course.predictions import prediction
from cnnkit.course.sharing.count import count_three
from cnnkit.course.sharing.matrix import number_weights
from cnnkit.course.sharing.shift import FILTERS, follow


def test_the_keys_are_in_order():
    assert [prediction(f"06.{letter}").key[-1] for letter in "abcde"] == list("abcde")
    with pytest.raises(ValueError, match="there is no prediction"):
        prediction("06.f")


def test_the_counts_that_are_told():
    said = prediction("06.a").reveal
    for padding, places in ((2, 32), (0, 28)):
        _, local, conv = count_three(32, 3, 5, 10, padding).parameters
        assert local // conv == places**2
        assert f"{places**2:,}" in said
    _, local, conv = count_three(32, 3, 5, 10, 2).macs
    assert local == conv == 768_000
    assert "768,000" in said


def test_the_rows_that_are_left():
    assert len(number_weights(4, 2, 2).matrices[2]) == 4
    assert {number_weights(n, 2, 2).counts[2] for n in range(2, 7)} == {4}


def test_the_pixels_that_differ():
    said = prediction("06.d").reveal
    conv, local = follow(3, FILTERS[0], 3, right=3, down=0)
    assert not conv.differs.any()
    assert f"{local.differs.sum()} of the locally connected" in said
    conv, _ = follow(3, FILTERS[0], 3, right=6, down=0)
    assert f"differs in {conv.differs.sum()} pixels" in said
    assert not conv.differs[1:-1, 1:-1].any()


def test_what_the_networks_read():
    runs = results("sharing")["runs"]
    read = {name: np.array(run["right"]).mean(axis=0) for name, run in runs.items()}
    middle = {name: shares for name, shares in read.items() if re.search(", middle$", name)}
    above = {name for name, shares in middle.items() if shares[7] > 0.5}
    assert above == {"CNN, pooled, middle", "CNN, pooled, stride 1, middle"}
    assert round(10 * read["CNN, pooled, middle"][8]) == 9
    assert read["fully connected, anywhere"].min() > 0.85
