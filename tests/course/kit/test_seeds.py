"""Dots for seeds, and what joins those of the same seed."""

import pytest

from cnnkit.course.kit.seeds import draw_seeds


def test_the_sentence_says_how_paired_groups_differ_seed_by_seed():
    groups = {"plain": [0.10, 0.20, 0.30], "dropout": [0.08, 0.19, 0.24]}
    alone, paired = (draw_seeds(groups, "Two.", percent=True, paired=each) for each in (False, True))
    assert alone.sentence == "Two. Mean and range: plain 20.0 % (10.0 to 30.0); dropout 17.0 % (8.0 to 24.0)."
    assert paired.sentence == f"{alone.sentence} Seed by seed, less plain: dropout −3.0 (−6.0 to −1.0) points."
    assert alone.png != paired.png


def test_unequal_groups_are_no_pairs():
    with pytest.raises(ValueError, match=r"equally long, got \[2, 1\] values"):
        draw_seeds({"a": [1.0, 2.0], "b": [1.0]}, "Two.", paired=True)
