"""The exercises of notebook 06 that ask for a value: what sharing saves, and what grows with the image."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from cnnkit.course.kit.exercise import Mistake, ValueExercise
from cnnkit.course.kit.exercise_words import array, called, show

# 3x32x32 pixels to 10 maps of 32x32 by windows of 5x5 with padding 2: 10·32·32·(75 + 1) against 10·(75 + 1).
FACTOR = 32 * 32
FACTORS = {
    1: "Sharing does save: without it, each of the 32·32 places of a map learns a filter of its own.",
    10: "10 is the number of filters, and both layers have 10 maps. Within a map, how many places share one filter?",
    32: "That is one side of a map. The filter is shared along both: how many places does a map have?",
    75: "75 weights make one output pixel in both layers. How often does the layer without sharing have them?",
    76: "75 weights and a bias make one output pixel in both layers. How often does each layer have those 76?",
    784: "28·28 places are what is left without padding. With padding 2 a map is 32·32.",
    3072: "That counts the numbers of the input, 3·32·32. What is shared is a filter, by all places of a map.",
    10240: "You count the places of all 10 maps. The convolution has 10 filters as well, one a map: the 10 cancels.",
    1011: "You leave the biases of one layer out: 768,000/760. With them it is 778,240/760; without any, 768,000/750.",
    1038: "You leave the biases of one layer out: 778,240/750. With them it is 778,240/760; without any, 768,000/750.",
    40: "That is what small windows save, 31,467,520/778,240. What does sharing save after that?",
    41: "That is what small windows save, 31,457,280/768,000. What does sharing save after that?",
    1023: "By what factor, not by how much more: divide one count by the other, and take nothing off.",
    **dict.fromkeys((750, 760, 768_000, 778_240), "That is one of the counts. The factor is one count over the other."),
    41405: "That is the fully connected layer, 31,467,520 parameters. The locally connected one has windows of 5×5.",
}


def judge_factor(answer: Any) -> str:
    """How many times as many parameters a locally connected layer has."""
    value = _number(answer)
    if value is None:
        return f"One finite number is asked for, such as `factor = 100`; this is {called(answer)}."
    if abs(value - FACTOR) < 1e-6:
        return ""
    if abs(value * FACTOR - 1) < 1e-6:
        return "That is the share that is left. How many times as many does the layer without sharing have?"
    nearest = round(value) if abs(value) < 1e9 else 0
    if nearest in FACTORS and (nearest in NOT_WHOLE or abs(value - nearest) < 1e-6):
        return FACTORS[nearest]
    return f"{show(answer)} is not it. Write both counts down: 10·32·32·(…) and 10·(…). What stands in both brackets?"


NOT_WHOLE = 40, 41, 1011, 1038, 41405  # ratios that are rounded above


def _number(answer: Any) -> float | None:
    """The answer as a float; None if it is not one finite real number."""
    if isinstance(answer, Real) and not isinstance(answer, bool):  # a Fraction, too
        try:
            value = float(answer)
        except OverflowError:
            return None
    else:
        number = array(answer)
        if number is None or number.ndim or number.dtype.kind not in "iuf":
            return None
        value = float(number)
    return value if np.isfinite(value) else None


# The layer's side becomes twice as long: fully connected C·n²·K·n², locally connected K·n²·C·k², convolution K·C·k².
GROWTH = [16, 4, 1]
GROWTHS = {
    (4, 4, 1): "The fully connected layer has four times as many inputs and four times as many outputs: 4·4.",
    (8, 4, 1): "Fully connected: n² inputs times n² outputs is n⁴, and 2⁴ is not 8.",
    (
        16,
        4,
        4,
    ): "The products of a convolution grow four times, as there are four times as many places. And its weights?",
    (16, 16, 1): "A locally connected layer reads windows of k×k however large the image is: only the places grow.",
    (
        16,
        16,
        16,
    ): "Only a fully connected layer joins everything with everything. What do the other two read at a place?",
    (16, 1, 1): "A locally connected layer has a filter for each place, and there are four times as many places.",
    (4, 4, 4): "Four times the pixels: but what has a weight for each of them, or for each pair of them, and what not?",
    (4, 2, 1): "Twice the side is four times the pixels: an image has two directions.",
    (2, 2, 1): "Twice the side is four times the pixels: an image has two directions.",
    (1, 4, 16): "These are the right numbers from back to front: fully connected first, convolution last.",
}


def judge_growth(answer: Any) -> str:
    """By which factors the parameters of three layers grow when the side doubles."""
    wanted = "A list of three whole numbers is asked for, such as `growth = [1, 2, 3]`"
    numbers = None if isinstance(answer, str) else array(answer)
    if numbers is None or numbers.shape != (3,) or numbers.dtype.kind not in "iuf":
        return f"{wanted}; {_not_three(answer)}."
    if not np.all(np.isfinite(numbers)) or np.any(numbers != np.round(numbers)) or np.any(np.abs(numbers) > 10**6):
        return f"{wanted}; all three factors are whole and small, and this is {show(answer)}."
    given = tuple(int(number) for number in numbers)
    if list(given) == GROWTH:
        return ""
    if given in GROWTHS:
        return GROWTHS[given]
    names = "fully connected", "locally connected", "convolution"
    wrong = [name for name, mine, right in zip(names, given, GROWTH, strict=True) if mine != right]
    return f"Not yet right: {', '.join(wrong)}. Write its number of weights with n in it, and put 2n in its place."


def _not_three(answer: Any) -> str:
    """Why an answer is no list of three numbers."""
    if isinstance(answer, (list, tuple)) and any(isinstance(each, str) for each in answer):
        return "this list holds texts: leave the quotation marks out"
    if isinstance(answer, (list, tuple)) and len(answer) != 3:
        return f"this one has {len(answer)}"
    return f"this is {called(answer) if array(answer) is None or np.ndim(answer) == 0 else show(answer)}"


SAVED = ValueExercise(
    key="06.6",
    title="What sharing saves",
    name="factor",
    question=(
        "A layer turns an image of 3×32×32 numbers into 10 maps of 32×32, with windows of 5×5 and padding 2. By "
        "what factor has a locally connected layer more parameters than a convolution? Count the biases: each filter "
        "has one."
    ),
    stub="factor = ...",
    hints=(
        "One filter has 3·5·5 weights and a bias. How many filters has the convolution, and how many the other layer?",
        "The convolution has one filter for each of 10 maps. Without sharing it is one for each place of each map.",
        "10·32·32·(75 + 1) over 10·(75 + 1): what is left when you cancel?",
    ),
    solution=1024,
    praise="It is the number of places, 32·32, whatever the channels, filters and windows are. Bias and all.",
    judge=judge_factor,
    mistakes=(
        Mistake(784, FACTORS[784]),
        Mistake(10240, FACTORS[10240]),
        Mistake(768_000 / 760, FACTORS[1011]),
        Mistake(778_240 / 750, FACTORS[1038]),
        Mistake(75, FACTORS[75]),
        Mistake(31_467_520 / 760, FACTORS[41405]),
        Mistake(1 / 1024, "That is the share that is left."),
        Mistake(32, FACTORS[32]),
        Mistake(1023, FACTORS[1023]),
        Mistake(778_240, FACTORS[778_240]),
        Mistake(31_457_280 / 768_000, FACTORS[41]),
        Mistake(10, FACTORS[10]),
        Mistake([768_000, 750], "One finite number is asked for"),
    ),
)

GROWS = ValueExercise(
    key="06.1",
    title="Twice the side",
    name="growth",
    question=(
        "The image gets twice as wide and twice as high, and the padding is such that input and output have the same "
        "size. By which factor does the number of weights grow in a fully connected layer, in a locally connected "
        "layer, and in a convolution? Give a list of three whole numbers, biases left out."
    ),
    stub="growth = ...",
    hints=(
        "Twice as wide and twice as high: how many times as many pixels come in, and how many go out?",
        "Fully connected: inputs times outputs. Locally connected: outputs times window. Convolution: the window.",
        "With o = n the weights are C·K·n⁴, C·K·k²·n² and C·K·k². Put 2n in for n.",
    ),
    solution=GROWTH,
    praise="n⁴, n² and a constant: that is polynomial, however steep. By what do the products of the three grow?",
    judge=judge_growth,
    mistakes=(
        Mistake([4, 4, 1], GROWTHS[4, 4, 1]),
        Mistake([16, 4, 4], GROWTHS[16, 4, 4]),
        Mistake([16, 16, 1], GROWTHS[16, 16, 1]),
        Mistake([16, 1, 1], GROWTHS[16, 1, 1]),
        Mistake([2, 2, 1], GROWTHS[2, 2, 1]),
        Mistake([1, 4, 16], GROWTHS[1, 4, 16]),
        Mistake([8, 4, 1], GROWTHS[8, 4, 1]),
        Mistake([4, 4, 4], GROWTHS[4, 4, 4]),
        Mistake([16, 4, 2], "Not yet right: convolution."),
        Mistake(["16", "4", "1"], "leave the quotation marks out"),
        Mistake([16, 4], "this one has 2"),
        Mistake(16, "A list of three whole numbers is asked for, such as `growth = [1, 2, 3]`; this is a"),
    ),
)
